//! What recommenders make of these users: instructions help by better items alone, and who looks only at the next click
//! wins the first turn and loses the session. All on the default scenario, paired by seed.

use recoworld::{
    lab::{Estimate, paired, play},
    recommender::{self, Knowledge},
    scenario::{self, RecommenderSpec, Scenario},
    session::Metrics,
};
use std::rc::Rc;

const SEEDS: u64 = 1500;
/// The oracle weighs every item at every slate, so it plays fewer.
const ORACLE_SEEDS: u64 = 250;

/// The metrics of each seed's session, under a scenario changed by `set`.
fn play_all(recommender: &str, set: &[(&str, &str)]) -> Vec<Metrics> {
    play_first(SEEDS, recommender, set)
}

fn play_first(seeds: u64, recommender: &str, set: &[(&str, &str)]) -> Vec<Metrics> {
    let mut scenario: Scenario = scenario::registry::default_preset();
    for (path, value) in set {
        scenario.set(path, value).expect("a field of the scenario");
    }
    let scenario = Rc::new(scenario);
    let world = scenario::build(&scenario, None).expect("the preset builds");
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let spec = RecommenderSpec { name: recommender.to_owned(), settings: Default::default() };
    let mut recommender = recommender::make(&spec, &knowledge).expect("a known recommender");
    // Seeds that the logs, which recommenders are fitted on, do not use.
    (0..seeds).map(|s| play(&scenario, &world, recommender.as_mut(), 1_000_000 + s).metrics).collect()
}

fn difference(a: &[Metrics], b: &[Metrics], of: fn(&Metrics) -> f64) -> Estimate {
    let values = |m: &[Metrics]| m.iter().map(of).collect::<Vec<f64>>();
    paired(&values(a), &values(b))
}

fn mean(m: &[Metrics], of: fn(&Metrics) -> f64) -> f64 {
    m.iter().map(of).sum::<f64>() / m.len() as f64
}

#[test]
fn following_instructions_lengthens_sessions_even_when_being_heard_earns_nothing() {
    for bonus in ["0", "0.05"] {
        let on = play_all("agent", &[("heard_bonus", bonus), ("instructions", "true")]);
        let off = play_all("agent", &[("heard_bonus", bonus), ("instructions", "false")]);
        let turns = difference(&on, &off, |m| f64::from(m.turns));
        let reward = difference(&on, &off, |m| m.reward);
        println!("heard_bonus {bonus}: turns {turns:?}, reward {reward:?}");
        assert!(turns.mean - 1.96 * turns.se > 0.0, "heard_bonus {bonus}: {turns:?}");
        assert!(reward.mean - 1.96 * reward.se > 0.0, "heard_bonus {bonus}: {reward:?}");
    }
}

#[test]
fn greedy_for_clicks_wins_the_first_turn_and_loses_the_session_to_one_that_looks_ahead() {
    let clicks: fn(&Metrics) -> f64 = |m| f64::from(m.clicks);
    let first = |name| play_all(name, &[("horizon", "1")]);
    let greedy = first("greedy");
    for other in ["random", "popular", "agent"] {
        let by = difference(&greedy, &first(other), clicks);
        println!("first turn, greedy over {other}: {by:?}");
        assert!(by.mean > 0.0, "{other} has more clicks in the first turn: {by:?}");
    }
    let reward: fn(&Metrics) -> f64 = |m| m.reward;
    let (greedy, agent) = (play_all("greedy", &[]), play_all("agent", &[]));
    let oracle = play_first(ORACLE_SEEDS, "oracle", &[]);
    println!(
        "reward: greedy {}, agent {}, oracle {}",
        mean(&greedy, reward),
        mean(&agent, reward),
        mean(&oracle, reward)
    );
    let margin = difference(&agent, &greedy, reward);
    assert!(margin.mean - 1.96 * margin.se > 0.15 * mean(&greedy, reward), "{margin:?}");
    let ceiling = difference(&oracle, &agent[..oracle.len()], reward);
    assert!(ceiling.mean - 1.96 * ceiling.se > 0.0, "{ceiling:?}");
    // The longer session is not bought with the user's return.
    let retention = difference(&agent, &greedy, |m| m.return_chance);
    assert!(retention.mean > 0.0, "{retention:?}");
}
