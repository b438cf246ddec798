//! A world to recommend in, for the tests of recommenders.
#![allow(dead_code)]

pub mod desk;

use recoworld::{
    catalog::{represent::text, synthetic},
    recommender::{self, Knowledge, Recommender},
    scenario::{CatalogSpec, CatalogStyle, RecommenderSpec, Scenario, World},
    session::{Answer, Author, Keep, Metrics, Need, RewardSpec, Session},
    user::{Context, Persona, Profile},
    worker::{
        Command, Event, guests,
        runner::{Runner, Wake},
    },
};
use std::rc::Rc;

/// The session desk of the lab with a clock of its own.
pub struct Clocked {
    runner: Runner,
    now_ms: f64,
}

impl Default for Clocked {
    fn default() -> Self {
        Self { runner: Runner::with_guests(guests::make), now_ms: 0.0 }
    }
}

impl Clocked {
    /// The desk of the small worker, which has no guests.
    pub fn small() -> Self {
        Self { runner: Runner::small(), now_ms: 0.0 }
    }

    /// Gives a command and lets it work until it rests: what it said.
    pub fn tell(&mut self, command: Command) -> Vec<Event> {
        let mut out = Vec::new();
        self.now_ms += 1000.0;
        let mut wake = self.runner.handle(command, self.now_ms, &mut out);
        while wake != Wake::Idle {
            self.now_ms += if let Wake::After(ms) = wake { f64::from(ms) } else { 1.0 };
            let now = self.now_ms;
            wake = self.runner.slice(&|| now, &mut out);
        }
        out
    }
}

pub fn scenario(items: usize, slate_size: usize) -> Rc<Scenario> {
    Rc::new(Scenario {
        schema: "recoworld/scenario-v1".into(),
        id: "test/Clips-v0".into(),
        title: "Clips".into(),
        about: "Clips on the way home.".into(),
        catalog: CatalogSpec::Synthetic { style: CatalogStyle::Clips, items, seed: "1".into() },
        profile: Profile {
            name: "Mia".into(),
            age: 31,
            about: "Short trips, weekends.".into(),
            declared: vec!["Travel".into(), "Comedy".into()],
        },
        persona: Persona {
            interests: [("Travel", 0.9), ("Comedy", 0.7), ("Science", 0.4), ("Fitness", -0.6)]
                .map(|(t, v)| (t.to_owned(), v))
                .into(),
            variety: 0.4,
            ..Persona::default()
        },
        context: Context::default(),
        minutes: 30.0,
        representation: Default::default(),
        slate_size,
        candidates: 0,
        horizon: 40,
        instructions: true,
        heard_bonus: 0.0,
        recommender: spec("random"),
        reward: RewardSpec::default(),
        seed: "7".into(),
    })
}

pub fn spec(name: &str) -> RecommenderSpec {
    RecommenderSpec { name: name.into(), settings: Default::default() }
}

pub fn world(items: usize) -> Rc<World> {
    let catalog = synthetic::make(CatalogStyle::Clips, items, 1);
    let features = text::features(&catalog.shelf);
    Rc::new(World::new(catalog, features))
}

pub fn knowledge(items: usize, slate_size: usize) -> (Rc<Scenario>, Rc<World>, Rc<Knowledge>) {
    let (scenario, world) = (scenario(items, slate_size), world(items));
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    (scenario, world, knowledge)
}

/// Plays until a slate is needed again (or the session is over), serving one slate.
pub fn turn(session: &mut Session, recommender: &mut dyn Recommender) -> Vec<u32> {
    let mut slate = Vec::new();
    recommender::serve(recommender, session, &mut slate, None);
    take(session, slate.clone());
    slate
}

pub fn take(session: &mut Session, slate: Vec<u32>) {
    session.answer(Answer::Slate { items: slate, trace: None, by: Author::Builtin }).expect("a slate fits");
    loop {
        let answer = match session.poll() {
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by: Author::Builtin },
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by: Author::Builtin },
            Need::Slate(_) | Need::Reply { .. } | Need::Over(_) => break,
        };
        session.answer(answer).expect("the built-in answer fits");
    }
}

pub fn play(scenario: &Rc<Scenario>, world: &Rc<World>, recommender: &mut dyn Recommender, seed: u64) -> Metrics {
    recommender.reset();
    let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
    while session.end().is_none() {
        turn(&mut session, recommender);
    }
    session.metrics()
}
