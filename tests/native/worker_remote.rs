//! A recommender of the person's own at the session desk: letters out, slates in, faults in words, the built-in one
//! falling in.

use crate::support;

use recoworld::{
    recommender::remote::PROTOCOL,
    scenario::registry,
    session::Author,
    worker::{
        Command, Event, ForkChange, Save, Snapshot,
        guests::remote::{RemoteSits, Says, Standing, Tell, Words},
        protocol::Side,
        snapshot::Mark,
    },
};
use serde_json::{Value, json};
use support::Clocked;

/// What the person's program answers to a letter.
type Program = Box<dyn FnMut(&Value) -> Result<String, String>>;

/// The page and the worker in one.
struct Desk {
    desk: Clocked,
    program: Program,
    letters: Vec<Value>,
    snapshot: Option<Snapshot>,
    save: Option<Save>,
    standing: Standing,
}

impl Desk {
    fn new(program: impl FnMut(&Value) -> Result<String, String> + 'static) -> Self {
        let mut opened = Self::empty(Box::new(|_| Err("nobody".into())));
        opened.tell(Command::Open(Box::new(registry::default_preset())));
        let mut desk = Self::empty(Box::new(program));
        desk.tell(Command::Guest { json: RemoteSits::new("127.0.0.1:8000".into()).to_json() });
        desk.tell(Command::Resume(Box::new(opened.save.expect("kept"))));
        desk
    }

    fn empty(program: Program) -> Self {
        Self {
            desk: Clocked::default(),
            program,
            letters: Vec::new(),
            snapshot: None,
            save: None,
            standing: Standing::default(),
        }
    }

    /// Gives a command, and carries letters until all rests.
    fn tell(&mut self, command: Command) -> &mut Self {
        let mut commands = vec![command];
        while let Some(command) = commands.pop() {
            for event in self.desk.tell(command) {
                match event {
                    Event::Snapshot(s) => self.snapshot = Some(*s),
                    Event::Save(s) => self.save = Some(*s),
                    Event::Guest { json } => match serde_json::from_str::<Words>(&json).expect("its words").recommender
                    {
                        Says::Post { id, body } => {
                            let letter: Value = serde_json::from_str(&body).expect("JSON");
                            let outcome = (self.program)(&letter);
                            self.letters.push(letter);
                            let tell = Tell::Answered { id, outcome };
                            commands.push(Command::Guest { json: serde_json::to_string(&tell).expect("JSON") });
                        }
                        Says::Standing(standing) => self.standing = standing,
                        Says::Drop { .. } => {}
                    },
                    other => assert!(!matches!(other, Event::Refused(_)), "{other:?}"),
                }
            }
        }
        self
    }

    fn now(&self) -> &Snapshot {
        self.snapshot.as_ref().expect("a snapshot")
    }
}

/// A program that shows the last candidates, and says so.
fn last_first(letter: &Value) -> Result<String, String> {
    let o = &letter["observation"];
    let size = o["slate_size"].as_u64().expect("a size") as usize;
    let slate: Vec<&Value> = o["candidates"].as_array().expect("candidates").iter().rev().take(size).collect();
    Ok(json!({ "slate": slate, "trace": { "plan": ["the newest first"] } }).to_string())
}

#[test]
fn it_is_posted_what_a_recommender_sees_and_its_slate_is_shown_with_its_reasons() {
    let mut desk = Desk::new(last_first);
    desk.tell(Command::StepTurn).tell(Command::StepTurn);
    let letter = &desk.letters[0];
    assert_eq!((letter["protocol"].as_str(), letter["episode"].as_u64()), (Some(PROTOCOL), Some(0)));
    assert!(letter["items"]["items"].as_array().is_some_and(|items| items.len() > 100));
    assert!(desk.letters[1].get("items").is_none(), "items come once");
    assert_eq!(desk.letters[1]["observation"]["history"].as_array().map(Vec::len), Some(1));
    let s = desk.now();
    assert_eq!((s.slate_by, s.composed_by, s.slate_mark), (Side::Guest, Author::Model, Mark::Own));
    let trace = s.trace.as_ref().expect("explained");
    assert_eq!(trace.plan[0].text, "the newest first");
    assert!(trace.act[0].text.contains("Asked your recommender at 127.0.0.1:8000 for 8 items."), "{trace:?}");
    assert_eq!((desk.standing.composed, desk.standing.stood_in), (2, 0));
    desk.tell(Command::StepBack).tell(Command::Seek(1));
    assert!(
        desk.now().happening.starts_with("Your recommender at 127.0.0.1:8000 laid out"),
        "{}",
        desk.now().happening
    );
}

#[test]
fn where_it_fails_the_built_in_one_falls_in_and_is_marked_until_patience_ends() {
    let faults = ["it did not answer within 10 s", "", r#"{"slate":[1]}"#, r#"{"slate":[1,1,2,3,4,5,6,7]}"#];
    for (fault, words) in faults.into_iter().zip(["within 10 s", "is not {", "has 1 items; 8 were asked", "twice"]) {
        let late = fault.starts_with("it ");
        let answer = move |_: &Value| if late { Err(fault.to_owned()) } else { Ok(fault.to_owned()) };
        let mut desk = Desk::new(answer);
        desk.tell(Command::StepTurn);
        assert_eq!((desk.now().composed_by, desk.now().slate_mark), (Author::Builtin, Mark::Builtin), "{fault}");
        assert!(desk.standing.fault.contains(words), "{:?}", desk.standing);
        assert!(!desk.standing.stuck && desk.standing.stood_in == 1);
    }
    let mut desk = Desk::new(|_| Err("it cannot be reached".into()));
    for _ in 0..4 {
        desk.tell(Command::StepTurn);
    }
    assert!(desk.standing.stuck && desk.standing.stood_in == 3, "{:?}", desk.standing);
    let (turns, asked) = (desk.now().branches[0].turns.len(), desk.letters.len());
    // Tried again when a person presses Play, and it goes on where it works.
    desk.program = Box::new(last_first);
    desk.tell(Command::SetSpeed(recoworld::worker::Speed::Top)).tell(Command::Play);
    assert!(
        !desk.standing.stuck && desk.standing.composed > 0 && desk.standing.fault.is_empty(),
        "{:?}",
        desk.standing
    );
    assert!(desk.now().branches[0].turns.len() > turns);
    assert!(desk.letters[asked].get("items").is_some(), "one that failed may have been started anew");
}

#[test]
fn it_may_ask_for_the_items_once_and_forks_are_other_episodes() {
    let mut asked = 0;
    let mut desk = Desk::new(move |letter| {
        asked += 1;
        if asked == 3 { Ok(r#"{"need":"items"}"#.to_owned()) } else { last_first(letter) }
    });
    desk.tell(Command::StepTurn).tell(Command::StepTurn).tell(Command::StepTurn);
    assert!(desk.letters[2].get("items").is_none() && desk.letters[3].get("items").is_some());
    assert_eq!(desk.standing.composed, 3);
    desk.tell(Command::Fork { moment: 0, change: ForkChange::Seed("9".into()) }).tell(Command::RunToEnd);
    assert!(desk.letters.last().expect("letters")["episode"].as_u64() >= Some(1));
}

#[test]
fn what_it_showed_is_kept_and_comes_back_without_it() {
    let mut desk = Desk::new(last_first);
    desk.tell(Command::StepTurn).tell(Command::StepTurn);
    let (save, slates) = (desk.save.clone().expect("kept"), desk.now().branches[0].turns.clone());
    assert!(!serde_json::to_string(&save).expect("JSON").contains("http"), "no address is kept");
    let mut again = Desk::empty(Box::new(|_| Err("nobody".into())));
    again.desk = Clocked::small();
    again.tell(Command::Resume(Box::new(save)));
    assert_eq!(again.now().branches[0].turns, slates);
    assert_eq!(again.now().slate_by, Side::Builtin);
}
