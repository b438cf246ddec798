//! A language model in the seat of the lab's session desk: what the page and the worker say to each other, natively.

use crate::llm;

use llm::fake;
use recoworld::{
    cli::llm_play::{Replayed, play},
    llm::{
        budget::{Budget, Prices},
        chat::{Message, Reply, Request, Role, Usage},
        dialect::Dialect,
        driver::{Driver, Held},
        exchange::Call,
        fault::{Fault, Retry},
        settings::Settings,
        tape::{Outcome, Tape, Taped},
    },
    math::{Purpose, Source},
    recommender::{self, Knowledge},
    scenario::{Scenario, registry},
    session::player::{Make, Player, Trajectory},
    worker::{
        Command, Event, Export, HumanAnswer, Save, Side, Snapshot, Speed, guests,
        model::{Calling, ModelSits, Resumed, Says, Sits, Standing, Tell},
        runner::{Runner, Wake},
        snapshot::{Mark, NeedView},
    },
};
use std::{cell::Cell, rc::Rc};

/// What the page does with a call.
type Line = Box<dyn FnMut(&Calling) -> Option<Result<Reply, Fault>>>;

/// The page and the worker in one, with a clock of its own.
struct Page {
    runner: Runner,
    clock: f64,
    wake: Wake,
    line: Line,
    waiting: Vec<Calling>,
    snapshot: Option<Snapshot>,
    save: Option<Save>,
    standing: Standing,
    tape: Option<String>,
    file: Option<String>,
    refused: Vec<String>,
    dropped: Vec<u32>,
}

impl Page {
    fn new(line: Line) -> Self {
        Self {
            runner: Runner::with_guests(guests::make),
            clock: 1000.0,
            wake: Wake::Idle,
            line,
            waiting: vec![],
            snapshot: None,
            save: None,
            standing: Standing::default(),
            tape: None,
            file: None,
            refused: vec![],
            dropped: vec![],
        }
    }

    /// A model has sat down at a session that was open.
    fn seated(settings: Settings, line: Line) -> Self {
        let mut page = Self::new(line);
        let save = opened();
        page.tell(guest(settings));
        page.tell(Command::Resume(Box::new(save)));
        page.tell(Command::SetSpeed(Speed::Top));
        page
    }

    fn tell(&mut self, command: Command) {
        let mut out = Vec::new();
        self.clock += 1.0;
        self.wake = self.runner.handle(command, self.clock, &mut out);
        self.hear(out);
    }

    fn say(&mut self, tell: &Tell) {
        self.tell(Command::Guest { json: serde_json::to_string(tell).expect("writes") });
    }

    fn hear(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Snapshot(s) => self.snapshot = Some(*s),
                Event::Save(s) => self.save = Some(*s),
                Event::Exported { text, .. } => self.file = Some(text),
                Event::Refused(p) | Event::GuestGone(p) => self.refused.push(p.to_string()),
                Event::Guest { json } => match serde_json::from_str(&json).expect("reads") {
                    Says::Call(call) => self.waiting.push(*call),
                    Says::Drop { id } => {
                        self.dropped.push(id);
                        self.waiting.retain(|c| c.id != id);
                    }
                    Says::Standing(s) => self.standing = *s,
                    Says::Tape { text } | Says::Kept { text } => self.tape = Some(text),
                },
                _ => {}
            }
        }
    }

    /// Lets things happen until nothing more does.
    fn rest(&mut self) {
        for _ in 0..20_000 {
            let outcome = self.waiting.first().and_then(|call| (self.line)(call));
            if let Some(outcome) = outcome {
                let id = self.waiting.remove(0).id;
                self.say(&Tell::Reply { id, outcome, ms: 40 });
                continue;
            }
            match self.wake {
                Wake::Idle => return,
                Wake::Soon => self.clock += 0.1,
                Wake::After(ms) => self.clock += f64::from(ms),
            }
            let mut out = Vec::new();
            let now = self.clock;
            self.wake = self.runner.slice(&move || now, &mut out);
            self.hear(out);
        }
        panic!("it never comes to rest");
    }

    fn play(&mut self) -> &Snapshot {
        self.tell(Command::Play);
        self.rest();
        self.now()
    }

    fn now(&self) -> &Snapshot {
        self.snapshot.as_ref().expect("a snapshot")
    }

    fn run_json(&mut self) -> String {
        self.tell(Command::Export(Export::RunJson));
        self.file.take().expect("a file")
    }

    fn tape(&mut self) -> String {
        self.say(&Tell::Tape);
        self.tape.take().unwrap_or_else(|| panic!("{:?}", self.refused))
    }
}

fn scenario() -> Scenario {
    let mut scenario = registry::default_preset();
    (scenario.slate_size, scenario.horizon, scenario.seed) = (4, 4, "11".into());
    scenario
}

/// What the small worker keeps of a session.
fn opened() -> Save {
    let mut out = Vec::new();
    Runner::default().handle(Command::Open(Box::new(scenario())), 0.0, &mut out);
    let save = out.into_iter().find_map(|e| if let Event::Save(s) = e { Some(*s) } else { None });
    save.expect("a save")
}

fn guest(settings: Settings) -> Command {
    let sits = ModelSits { model: "m".into(), dialect: Dialect::COMMON, stream: true, settings };
    Command::Guest { json: serde_json::to_string(&Sits::Model(Box::new(sits))).expect("writes") }
}

/// A willing model.
fn willing(call: &Calling, luck: u64) -> Result<Reply, Fault> {
    let body: serde_json::Value = serde_json::from_str(&call.body).expect("is JSON");
    let role = |r: &str| match r {
        "system" => Role::System,
        "assistant" => Role::Assistant,
        _ => Role::User,
    };
    let messages = body["messages"].as_array().expect("messages").iter();
    let messages =
        messages.map(|m| Message::new(role(m["role"].as_str().expect("a role")), m["content"].as_str().expect("text")));
    let request = Request {
        messages: messages.collect(),
        shape: None,
        max_tokens: 1,
        temperature: 0.0,
        seed: 1,
        top_logprobs: 0,
    };
    let call = Call { id: call.id, purpose: call.purpose, turn: call.turn, request, timeout_ms: 1 };
    fake::answer(&call, luck)
}

fn good() -> Line {
    let mut random = Source::new(5).stream(Purpose::Other);
    Box::new(move |call| Some(willing(call, random.bits())))
}

fn both() -> Settings {
    Settings { user: true, recommender: true, ..Settings::default() }
}

#[test]
fn a_model_sits_down_and_plays_to_the_end_on_the_same_seed() {
    for settings in [Settings::default(), Settings { user: false, ..both() }, both()] {
        let mut page = Page::seated(settings.clone(), good());
        let now = page.now();
        assert!(now.cursor <= 1 && now.scenario == scenario(), "it begins anew: {}", now.cursor);
        let side = |by_model| if by_model { Side::Guest } else { Side::Builtin };
        assert_eq!((now.user_by, now.slate_by), (side(settings.user), side(settings.recommender)));
        let end = page.play();
        assert!(matches!(end.need, NeedView::Left | NeedView::Truncated) && !end.playing, "{:?}", page.refused);
        let s = &page.standing;
        assert!(s.over && s.user.share() == 1.0 && s.recommender.share() == 1.0, "{s:?}");
        assert_eq!((s.user.turns > 0, s.recommender.turns > 0), (settings.user, settings.recommender));
        let marks = |wanted| page.now().slate.iter().all(|i| i.mark == wanted);
        assert!(marks(if settings.user { Mark::Model } else { Mark::None }));
        assert_eq!(page.now().slate_mark, if settings.recommender { Mark::Model } else { Mark::None });
        if settings.user {
            assert!(page.now().slate.iter().all(|i| i.why.starts_with("reason ")));
            assert_eq!(s.interview.as_ref().map(|i| i.rating), Some(4));
        }
    }
}

#[test]
fn a_model_that_sits_down_takes_its_side_from_a_person() {
    let mut before = Page::new(good());
    before.tell(Command::Open(Box::new(scenario())));
    before.tell(Command::PlayUser(Side::Person));
    before.rest();
    let mut page = Page::new(good());
    page.tell(guest(Settings::default()));
    page.tell(Command::Resume(Box::new(before.save.clone().expect("a save"))));
    assert_eq!((page.now().user_by, page.now().slate_by), (Side::Guest, Side::Builtin));
    page.tell(Command::SetSpeed(Speed::Top));
    page.play();
    assert!(page.standing.over && page.standing.user.share() == 1.0, "{:?}", page.refused);
    // One that recommends leaves the person the user's side.
    let mut page = Page::new(good());
    page.tell(guest(Settings { user: false, ..both() }));
    page.tell(Command::Resume(Box::new(before.save.expect("a save"))));
    assert_eq!((page.now().user_by, page.now().slate_by), (Side::Person, Side::Guest));
}

#[test]
fn the_tape_of_the_page_plays_natively_and_in_the_seat_to_the_same_bytes() {
    let mut page = Page::seated(both(), good());
    page.play();
    let (run, text) = (page.run_json(), page.tape());
    let tape = Tape::from_json(&text).expect("a tape");
    let scenario = Rc::new(tape.scenario.clone());
    let world = recoworld::scenario::build(&scenario, None).expect("builds");
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let make: Make = Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
    let mut player = Player::new(scenario, world, make).expect("plays");
    let mut driver = Driver::new(tape.settings.clone());
    play(&mut player, &mut driver, &mut Replayed::new(&tape), None, &mut |_, _| {}).expect("replays");
    assert_eq!(serde_json::to_string(&player.trajectory().expect("replays")).expect("writes"), run);

    let mut seat = Page::new(Box::new(|_| panic!("a tape calls nobody")));
    seat.tell(Command::Guest { json: serde_json::to_string(&Sits::Tape(Box::new(tape))).expect("writes") });
    seat.tell(Command::Resume(Box::new(opened())));
    seat.tell(Command::SetSpeed(Speed::Top));
    seat.play();
    assert_eq!(seat.run_json(), run);
    assert!(seat.standing.taped && seat.standing.over && seat.standing.spent.calls > 0);
    // And once more, from the beginning.
    seat.tell(Command::Reset);
    seat.play();
    assert_eq!(seat.run_json(), run);
    // What was read back from a file keeps what was said.
    seat.tell(Command::LoadRun { json: run.clone() });
    assert_eq!(seat.run_json(), run);
}

#[test]
fn a_session_that_broke_off_goes_on_where_its_tape_ends_to_the_same_bytes_as_a_whole_one() {
    let mut whole = Page::seated(both(), good());
    whole.play();
    let all = Tape::from_json(&whole.tape()).expect("a tape");
    let n = all.exchanges.len();
    for kept in [0, 1, n / 2, n - 1, n] {
        // Luck goes on where it was.
        let mut luck = Source::new(5).stream(Purpose::Other);
        for _ in 0..kept {
            luck.bits();
        }
        let asked = Rc::new(Cell::new(0));
        let count = asked.clone();
        let line: Line = Box::new(move |call| {
            count.set(count.get() + 1);
            Some(willing(call, luck.bits()))
        });
        let mut page = Page::new(line);
        let mut tape = Tape { exchanges: all.exchanges[..kept].to_vec(), ..all.clone() };
        // It broke off at a fault, which is not played again.
        let fault = Outcome::Fault(Fault::Cut);
        tape.exchanges.extend(all.exchanges.get(kept).map(|e| Taped { outcome: fault.clone(), ..e.clone() }));
        let settings = Settings { timeout_ms: 7_000, user: false, ..Settings::default() };
        let model = ModelSits { model: "m".into(), dialect: Dialect::COMMON, stream: true, settings };
        page.tell(Command::Guest {
            json: serde_json::to_string(&Sits::Resumed(Box::new(Resumed { model, tape }))).expect("writes"),
        });
        page.tell(Command::Resume(Box::new(opened())));
        page.tell(Command::SetSpeed(Speed::Top));
        page.play();
        assert!(page.standing.over && !page.standing.taped, "{kept}: {:?} {:?}", page.standing, page.refused);
        assert_eq!(asked.get(), n - kept, "what is on the tape is not paid for again");
        assert_eq!(page.run_json(), whole.run_json(), "{kept} of {n}");
        page.say(&Tell::Keep);
        let again = Tape::from_json(page.tape.as_ref().expect("is kept")).expect("a tape");
        assert_eq!(again.exchanges, all.exchanges, "the new tape is whole");
        assert_eq!(again.settings.timeout_ms, 7_000, "limits are those of now");
        // On another seed there is nothing on the tape: the model plays alone.
        page.tell(Command::SetSeed("12".into()));
        page.play();
        assert!(page.standing.over && page.standing.user.share() == 1.0, "{:?}", page.standing);
    }
}

#[test]
fn before_the_first_answer_there_is_nothing_to_keep() {
    let mut page = Page::seated(Settings::default(), Box::new(|_| None));
    page.say(&Tell::Keep);
    assert_eq!((page.tape.as_ref(), &page.refused), (None, &vec![]));
}

#[test]
fn steps_go_as_far_as_they_say_even_when_the_model_thinks() {
    let mut page = Page::seated(Settings::default(), good());
    page.tell(Command::StepItem);
    page.rest();
    let one = page.now().cursor;
    assert!(!page.now().playing);
    page.tell(Command::StepItem);
    page.rest();
    assert_eq!(page.now().cursor, one + 1);
    page.tell(Command::StepTurn);
    page.rest();
    assert!(!page.now().playing && page.now().branches[0].turns.iter().filter(|t| t.finished).count() == 1);
    page.tell(Command::StepBack);
    page.rest();
    page.tell(Command::RunToEnd);
    page.rest();
    page.play();
    assert!(page.standing.over, "{:?}", page.standing);
}

#[test]
fn a_cancelled_call_is_dropped_and_its_late_reply_not_heeded() {
    let mut page = Page::seated(Settings::default(), Box::new(|_| None));
    page.play();
    assert!(page.now().playing && page.standing.call.is_some());
    let call = page.waiting[0].clone();
    page.say(&Tell::Cancel);
    page.rest();
    assert!(!page.now().playing && page.standing.call.is_none() && page.dropped == [call.id]);
    let cursor = page.now().cursor;
    page.say(&Tell::Reply { id: call.id, outcome: willing(&call, 1), ms: 9 });
    page.rest();
    assert_eq!(page.now().cursor, cursor);
    page.line = good();
    page.play();
    assert!(page.standing.over && page.standing.user.share() == 1.0);
}

#[test]
fn a_fault_holds_the_session_until_a_person_goes_on_or_lets_the_builtin_user_answer() {
    let mut page = Page::seated(Settings::default(), Box::new(|_| Some(Err(Fault::Key { said: "no".into() }))));
    page.play();
    assert!(!page.now().playing);
    assert_eq!(page.standing.held, Some(Held::Fault(Fault::Key { said: "no".into() })));
    page.say(&Tell::Builtin);
    page.rest();
    let first = page.now().branches[0].turns.first().cloned().expect("a turn");
    assert!(first.finished && page.standing.user.by_model == 0 && page.standing.user.turns == 1);
    page.tell(Command::Seek(first.to));
    page.rest();
    assert_eq!(page.now().slate[0].mark, Mark::Builtin);
    page.tell(Command::Seek(usize::MAX));
    page.line = good();
    page.say(&Tell::Resume);
    page.rest();
    assert!(page.standing.over && page.standing.held.is_none());
    assert!(page.standing.user.by_model + 1 == page.standing.user.turns);
}

#[test]
fn a_budget_stops_the_session_and_a_larger_one_lets_it_go_on() {
    let prices = Prices { prompt: 1.0, cached: None, completion: 1.0 };
    let budget = Budget { prices, most_cost: Some(0.001), most_tokens: None };
    let usage = Usage { prompt: 900, cached: 0, completion: 100, estimated: false };
    let mut random = Source::new(5).stream(Purpose::Other);
    let line = move |c: &Calling| Some(willing(c, random.bits()).map(|r| Reply { usage, ..r }));
    let mut page = Page::seated(Settings { budget, ..Settings::default() }, Box::new(line));
    page.play();
    assert!(matches!(&page.standing.held, Some(Held::Budget(w)) if w.contains("0.001")), "{:?}", page.standing);
    assert!((page.standing.spent.cost - 0.001).abs() < 1e-9);
    page.say(&Tell::Limits { budget: Budget { most_cost: Some(1.0), ..budget }, retry: Retry::default() });
    page.say(&Tell::Resume);
    page.rest();
    assert!(page.standing.over);
}

#[test]
fn with_a_person_as_the_user_the_model_serves_and_is_spoken_to() {
    let mut page = Page::seated(Settings { user: false, ..both() }, good());
    page.tell(Command::PlayUser(Side::Person));
    page.rest();
    for _ in 0..3 {
        while let NeedView::Review(_) = page.now().need {
            page.tell(Command::Answer(HumanAnswer::EnoughOfThis));
            page.rest();
        }
        assert_eq!(page.now().need, NeedView::Verdict, "{:?}", page.refused);
        assert_eq!(page.now().slate_mark, Mark::Model);
        page.tell(Command::Answer(HumanAnswer::Say("Something about travel".into())));
        page.rest();
    }
    assert!(page.now().turn >= 3 && page.standing.recommender.share() == 1.0);
    // Both sides are what the snapshot says; a tape would not make this session again.
    assert_eq!((page.now().user_by, page.now().slate_by), (Side::Person, Side::Guest));
}

#[test]
fn a_lost_worker_is_taken_up_with_everything_that_was_said() {
    let mut page = Page::seated(both(), good());
    page.tell(Command::StepTurn);
    page.rest();
    let (save, run) = (page.save.clone().expect("a save"), page.run_json());
    let mut other = Page::new(good());
    other.tell(guest(both()));
    other.tell(Command::Resume(Box::new(save)));
    assert_eq!(other.run_json(), run);
    assert!(run.contains("reason "));
    other.play();
    assert!(other.standing.over && !other.standing.tape_is_broken.is_empty());
    let whole: Trajectory = serde_json::from_str(&other.run_json()).expect("reads");
    assert!(whole.interview.is_some() && whole.remarks.len() > 4);
    other.say(&Tell::Tape);
    assert!(other.tape.is_none() && other.refused.iter().any(|r| r.contains("in the middle")), "{:?}", other.refused);
}

#[test]
fn on_another_branch_the_model_is_asked_about_that_branch() {
    let mut page = Page::seated(Settings::default(), good());
    page.tell(Command::StepTurn);
    page.rest();
    let change = recoworld::worker::ForkChange::Seed("77".into());
    page.tell(Command::Fork { moment: page.now().cursor, change });
    page.rest();
    page.play();
    assert!(page.refused.is_empty(), "{:?}", page.refused);
    assert!(page.now().selected > 0 && page.standing.over && page.standing.user.share() == 1.0);
    // A fork's tape alone would not make it: nothing is kept of it, and nobody is told so each turn.
    page.say(&Tell::Keep);
    assert_eq!((page.tape.as_ref(), &page.refused), (None, &vec![]));
    // Each branch is asked about itself afterwards, once.
    assert!(page.standing.interview.is_some());
    page.tell(Command::SelectBranch(0));
    page.rest();
    assert_eq!(page.standing.interview, None);
    page.tell(Command::Seek(usize::MAX));
    page.play();
    assert!(page.standing.over && page.standing.interview.is_some(), "{:?}", page.standing);
}

#[test]
fn who_steps_back_and_plays_on_is_interviewed_about_what_then_happened() {
    let mut page = Page::seated(Settings::default(), good());
    page.play();
    assert!(page.standing.interview.is_some());
    page.tell(Command::StepBack);
    page.tell(Command::SetInstructions(false));
    page.play();
    assert!(page.standing.over && page.standing.interview.is_some(), "{:?}", page.standing);
}

#[test]
fn random_faults_lose_no_turn() {
    let mut scenario = scenario();
    scenario.horizon = 40;
    let mut random = Source::new(3).stream(Purpose::Other);
    let line = move |c: &Calling| {
        let said = String::new();
        Some(match random.below(12) {
            0 => Err(Fault::Refused { said }),
            1 => Err(Fault::Busy { wait_ms: Some(500) }),
            2 => Err(Fault::Cut),
            3 => Err(Fault::Server { status: 500, said }),
            4 => Ok(Reply { text: "what?".into(), ..Reply::default() }),
            _ => willing(c, 1 | random.bits()),
        })
    };
    let retry = Retry { tries: 3, base_ms: 1, most_ms: 4000 };
    let mut page = Page::seated(Settings { retry, ..both() }, Box::new(line));
    page.tell(Command::Open(Box::new(scenario)));
    let mut held = 0;
    page.play();
    while page.standing.held.is_some() && held < 200 {
        held += 1;
        page.say(&Tell::Resume);
        page.rest();
    }
    let s = &page.standing;
    let turns = page.now().branches[0].turns.len() as u32;
    assert!(s.over && s.user.turns == turns && s.recommender.turns == turns, "{s:?} for {turns}");
}

#[test]
fn without_a_guest_the_seat_says_so() {
    let mut out = Vec::new();
    let mut small = Runner::default();
    small.handle(Command::Open(Box::new(scenario())), 0.0, &mut out);
    out.clear();
    small.handle(Command::PlayUser(Side::Guest), 1.0, &mut out);
    assert!(out.iter().any(|e| matches!(e, Event::Refused(p) if p.why.contains("Models page"))), "{out:?}");
    // A session that a model played goes on with the built-in sides where the model is gone.
    let mut save = opened();
    save.user_by = Side::Guest;
    small.handle(Command::Resume(Box::new(save)), 900.0, &mut out);
    let last = out.iter().rev().find_map(|e| if let Event::Snapshot(s) = e { Some(s.user_by) } else { None });
    assert_eq!(last, Some(Side::Builtin));
    let mut page = Page::new(good());
    page.tell(Command::Guest { json: "{}".into() });
    assert!(page.refused[0].contains("not understood"), "{:?}", page.refused);
}
