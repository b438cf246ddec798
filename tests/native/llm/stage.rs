//! A small scenario to play in.

use recoworld::{
    recommender::{self, Knowledge},
    scenario::{CatalogSpec, CatalogStyle, RecommenderSpec, Scenario, registry},
    session::player::{Make, Player},
};
use std::rc::Rc;

/// The default preset over a small catalogue, served by what is popular.
pub fn player(seed: u64, slate_size: usize) -> Player {
    sized(seed, slate_size, 12)
}

/// As [`player`], with the most turns.
pub fn sized(seed: u64, slate_size: usize, horizon: u32) -> Player {
    let mut scenario = registry::default_preset();
    scenario.catalog = CatalogSpec::Synthetic { style: CatalogStyle::Clips, items: 200, seed: "1".into() };
    scenario.recommender = RecommenderSpec { name: "popular".into(), settings: Default::default() };
    (scenario.slate_size, scenario.horizon, scenario.seed) = (slate_size, horizon, seed.to_string());
    of(Rc::new(scenario))
}

/// A player of a scenario.
pub fn of(scenario: Rc<Scenario>) -> Player {
    let world = recoworld::scenario::build(&scenario, None).expect("the scenario builds");
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let make: Make = Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
    Player::new(scenario, world, make).expect("the scenario plays")
}
