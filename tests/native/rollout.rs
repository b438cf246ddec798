//! Statistics over many sessions.

use recoworld::{
    lab::{Comparison, MEASURES, Rollout},
    recommender::Knowledge,
    scenario::{RecommenderSpec, Scenario, World, build, registry},
};
use std::rc::Rc;

fn stage() -> (Rc<Scenario>, Rc<World>, Rc<Knowledge>) {
    let mut scenario = registry::default_preset();
    scenario.set("catalog.items", "300").expect("settable");
    let world = build(&scenario, None).expect("a world");
    let scenario = Rc::new(scenario);
    (scenario.clone(), world.clone(), Knowledge::new(scenario, world))
}

fn spec(name: &str) -> RecommenderSpec {
    RecommenderSpec { name: name.into(), settings: Default::default() }
}

#[test]
fn slices_do_not_change_the_result() {
    let (_, world, knowledge) = stage();
    let mut whole = Rollout::new(&knowledge, &world, &spec("random"), 9).expect("a rollout");
    let mut slices = Rollout::new(&knowledge, &world, &spec("random"), 9).expect("a rollout");
    whole.step(30);
    for n in [1, 7, 2, 20] {
        slices.step(n);
    }
    assert_eq!(whole.summary(), slices.summary());
    assert_eq!(whole.returns(), slices.returns());
}

#[test]
fn an_episode_does_not_depend_on_those_before_it() {
    let (_, world, knowledge) = stage();
    let mut from_start = Rollout::new(&knowledge, &world, &spec("epsilon-greedy"), 100).expect("a rollout");
    let mut from_middle = Rollout::new(&knowledge, &world, &spec("epsilon-greedy"), 110).expect("a rollout");
    from_start.step(15);
    from_middle.step(5);
    assert_eq!(&from_start.returns()[10..], from_middle.returns());
}

#[test]
fn the_mean_and_its_error_are_those_of_the_returns() {
    let (_, world, knowledge) = stage();
    let mut r = Rollout::new(&knowledge, &world, &spec("random"), 1).expect("a rollout");
    r.step(40);
    let n = r.returns().len() as f64;
    let mean = r.returns().iter().sum::<f64>() / n;
    let variance = r.returns().iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let e = r.summary().get("return");
    assert!((e.mean - mean).abs() < 1e-9 && (e.se - (variance / n).sqrt()).abs() < 1e-9);
    assert!(e.low < e.mean && e.mean < e.high);
    assert_eq!(r.summary().estimates.len(), MEASURES.len());
}

#[test]
fn a_recommender_differs_from_itself_by_nothing_and_pairs_are_sharper() {
    let (_, world, knowledge) = stage();
    let specs = [spec("random"), spec("random"), spec("greedy")];
    let mut c = Comparison::new(&knowledge, &world, &specs, 0, 1).expect("a comparison");
    while c.episodes() < 60 {
        c.step(5);
    }
    let rows = c.rows();
    assert_eq!(rows[0].difference, None);
    let itself = rows[1].difference.expect("a difference");
    assert_eq!((itself.mean, itself.se), (0.0, 0.0));
    let greedy = rows[2].difference.expect("a difference");
    let apart = rows[2].summary.get("return").mean - rows[0].summary.get("return").mean;
    assert!((greedy.mean - apart).abs() < 1e-9);
}

#[test]
fn every_workload_runs_and_does_something() {
    for w in recoworld::lab::bench::WORKLOADS {
        let mut unit = (w.prepare)();
        let times = if w.name.starts_with("import") { 1 } else { 20 };
        let total: f64 = (0..times).map(|_| unit()).sum();
        assert!(total.is_finite() && total != 0.0, "{}: {total}", w.name);
    }
}
