//! A trained policy brought along to the session desk: it serves, forks, is kept and compared as the built-in
//! recommenders are.

use crate::support;

use recoworld::{
    learn::{
        algorithm::{Setup, find, policy_file},
        policy::Policy,
        session::SessionTask,
        task::Shape,
    },
    math::Source,
    recommender::TRAINED,
    scenario::{RecommenderSpec, Scenario, build, recsim::Spec, registry},
    worker::{Command, Event, Export, ForkChange, Save, Snapshot, guests::policy::PolicySits},
};

use support::Clocked;

/// A desk that keeps what was told.
struct Desk {
    desk: Clocked,
    snapshot: Option<Snapshot>,
    save: Option<Save>,
    others: Vec<Event>,
}

impl Desk {
    fn new() -> Self {
        Self { desk: Clocked::default(), snapshot: None, save: None, others: Vec::new() }
    }

    /// A desk where a policy serves.
    fn served_by(weights: Vec<u8>) -> Self {
        let mut desk = Self::new();
        desk.tell(Command::Guest { json: PolicySits::new("PPO, from a test".into(), weights).to_json() });
        desk.tell(Command::Resume(Box::new(opened())));
        desk.tell(Command::Open(Box::new(served())));
        desk
    }

    fn tell(&mut self, command: Command) -> &mut Self {
        for event in self.desk.tell(command) {
            match event {
                Event::Snapshot(s) => self.snapshot = Some(*s),
                Event::Save(s) => self.save = Some(*s),
                other => self.others.push(other),
            }
        }
        self
    }

    fn now(&self) -> &Snapshot {
        self.snapshot.as_ref().expect("a snapshot")
    }

    /// The whole run as it is exported.
    fn run(&mut self) -> String {
        self.tell(Command::Export(Export::RunJson));
        let text =
            self.others.iter().rev().find_map(|e| if let Event::Exported { text, .. } = e { Some(text) } else { None });
        text.expect("a file").clone()
    }

    fn gone(&self) -> Option<String> {
        self.others.iter().find_map(|e| if let Event::GuestGone(p) = e { Some(p.to_string()) } else { None })
    }
}

/// The scenario, served by what was brought along.
fn served() -> Scenario {
    let recommender = RecommenderSpec { name: TRAINED.to_owned(), settings: Default::default() };
    Scenario { recommender, ..registry::default_preset() }
}

/// A session as the page keeps it before anything was brought along.
fn opened() -> Save {
    let mut desk = Desk::new();
    desk.tell(Command::Open(Box::new(registry::default_preset())));
    desk.save.expect("it is kept")
}

/// A policy's file; what it would show is up to chance, which is enough here.
fn weights(shape: Shape) -> Vec<u8> {
    let setup = Setup::new(find("ppo").expect("there"));
    policy_file(&setup, &Policy::new(shape, 16, Source::new(3)), 3)
}

fn of_sessions() -> Vec<u8> {
    let scenario = registry::default_preset();
    weights(SessionTask::shape_of(&scenario, &build(&scenario, None).expect("builds")))
}

#[test]
fn it_serves_from_the_first_slate_and_says_why() {
    let mut desk = Desk::served_by(of_sessions());
    desk.tell(Command::StepTurn);
    let s = desk.now();
    assert_eq!(desk.others, []);
    assert_eq!((s.branches[0].serving.as_str(), s.turn), ("PPO, from a test", 1));
    let trace = s.trace.as_ref().expect("explained");
    for part in [&trace.perceive, &trace.plan, &trace.act, &trace.remember] {
        assert!(!part.is_empty() && !part[0].text.is_empty(), "{trace:?}");
    }
    assert!(trace.act[0].text.contains(&s.slate[0].card.item.title), "{:?}", trace.act[0]);
}

#[test]
fn it_is_taken_up_again_to_the_byte_with_its_forks() {
    let mut desk = Desk::served_by(of_sessions());
    desk.tell(Command::RunToEnd).tell(Command::Seek(3));
    desk.tell(Command::Fork { moment: 3, change: ForkChange::Instructions(false) });
    assert_eq!(desk.now().branches[1].serving, "PPO, from a test");
    let by_greedy = RecommenderSpec { name: "greedy".into(), settings: Default::default() };
    desk.tell(Command::Fork { moment: 9, change: ForkChange::Recommender(by_greedy) });
    let (before, save) = (desk.run(), desk.save.clone().expect("kept"));
    let mut again = Desk::new();
    again.tell(Command::Guest { json: PolicySits::new("PPO, from a test".into(), of_sessions()).to_json() });
    again.tell(Command::Resume(Box::new(save)));
    assert_eq!(again.now().branches, desk.now().branches);
    assert_eq!(again.run(), before);
}

#[test]
fn it_may_take_over_in_a_fork_of_another_recommenders_session() {
    let mut desk = Desk::new();
    desk.tell(Command::Guest { json: PolicySits::new("PPO".into(), of_sessions()).to_json() });
    desk.tell(Command::Resume(Box::new(opened())));
    assert_eq!(desk.now().scenario.recommender.name, "agent");
    let takes_over = RecommenderSpec { name: TRAINED.into(), settings: Default::default() };
    desk.tell(Command::Fork { moment: 0, change: ForkChange::Recommender(takes_over) });
    assert_eq!(desk.now().branches[1].serving, "PPO");
    assert_ne!(desk.now().branches[1].turns, desk.now().branches[0].turns);
}

#[test]
fn it_is_compared_with_the_built_in_ones() {
    let mut desk = Desk::served_by(of_sessions());
    desk.tell(Command::Compare);
    let all = desk.others.iter().rev().find_map(|e| if let Event::Compared(c) = e { Some(c.clone()) } else { None });
    let own = all.expect("compared").rows.into_iter().find(|r| r.name == TRAINED).expect("a row of its own");
    assert!(own.current && own.title == "PPO, from a test" && own.turns > 0, "{own:?}");
    desk.tell(Command::CompareMany { seeds: 2 });
    let all = desk.others.iter().rev().find_map(|e| if let Event::Rollouts(r) = e { Some(r.clone()) } else { None });
    let all = all.expect("compared");
    let own = all.rows.iter().find(|r| r.name == TRAINED).expect("a row of its own");
    assert!(own.current && own.n == 2 && own.difference.is_none(), "{own:?}");
    assert!(all.rows.iter().filter(|r| r.name != TRAINED).all(|r| r.difference.is_some()));
}

#[test]
fn where_it_is_gone_the_session_begins_anew_with_a_built_in_one_and_says_so() {
    let mut desk = Desk::served_by(of_sessions());
    desk.tell(Command::StepTurn);
    let save = desk.save.clone().expect("kept");
    let mut small = Desk { desk: Clocked::small(), ..Desk::new() };
    small.tell(Command::Resume(Box::new(save)));
    assert_eq!(small.now().scenario.recommender, registry::default_preset().recommender);
    assert!(matches!(&small.others[..], [Event::Notice(said)] if said.contains("not there")), "{:?}", small.others);
}

#[test]
fn a_policy_for_another_shape_says_which_and_gives_its_seat_up() {
    let spec = Spec::find("recsim/LongTermSatisfaction-v0").expect("there").expect("there");
    let desk = Desk::served_by(weights(spec.task().shape()));
    let why = desk.gone().expect("told");
    assert!(why.contains("numbers of an observation: it has") && why.contains("the scenario"), "{why}");
    assert!(why.contains("trained on a session scenario"), "{why}");
    assert_eq!(desk.now().scenario.recommender.name, "agent");
}

#[test]
fn a_damaged_file_is_refused_and_the_session_goes_on() {
    let mut bytes = of_sessions();
    *bytes.last_mut().expect("bytes") ^= 1;
    let desk = Desk::served_by(bytes);
    assert!(desk.gone().expect("told").contains("damaged"));
    assert_eq!(desk.now().scenario.recommender.name, "agent");
}
