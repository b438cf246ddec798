//! A world to recommend in, for the tests of recommenders.
#![allow(dead_code)]

use recoworld::{
    catalog::{represent::text, synthetic},
    recommender::{self, Knowledge, Recommender},
    scenario::{CatalogSpec, CatalogStyle, RecommenderSpec, Scenario, World},
    session::{Answer, Author, Keep, Metrics, Need, RewardSpec, Session},
    user::{Context, Persona, Profile},
};
use std::rc::Rc;

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
