//! What holds for every recommender on the list.

use crate::support;

use recoworld::{
    recommender::{LIST, Observation, UnknownRecommender, make},
    scenario::RecommenderSpec,
    session::{Keep, Need, Session},
};
use support::{knowledge, play, spec, take, turn};

#[test]
fn every_recommender_gives_as_many_different_candidates_as_asked_for() {
    for (items, slate_size) in [(60, 1), (60, 8), (60, 20), (400, 8)] {
        let (scenario, world, knowledge) = knowledge(items, slate_size);
        for listing in LIST {
            let mut recommender = make(&spec(listing.name), &knowledge).unwrap();
            for seed in 0..3 {
                recommender.reset();
                let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
                while session.end().is_none() {
                    let candidates = session.observation().candidates.to_vec();
                    let slate = turn(&mut session, &mut *recommender);
                    assert_eq!(slate.len(), slate_size, "{}", listing.name);
                    assert!(slate.iter().all(|i| candidates.contains(i)), "{}", listing.name);
                    let mut sorted = slate.clone();
                    sorted.sort_unstable();
                    sorted.dedup();
                    assert_eq!(sorted.len(), slate_size, "{}", listing.name);
                }
            }
        }
    }
}

#[test]
fn taking_over_in_mid_session_equals_having_been_there_from_the_start() {
    let (scenario, world, knowledge) = knowledge(400, 8);
    for listing in LIST.iter().filter(|l| !l.is_oracle) {
        let mut compared = 0;
        for seed in 0..6 {
            let mut there = make(&spec(listing.name), &knowledge).unwrap();
            let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
            while session.end().is_none() {
                let mut newcomer = make(&spec(listing.name), &knowledge).unwrap();
                let (mut a, mut b) = (Vec::new(), Vec::new());
                let obs = session.observation();
                newcomer.recommend(&obs, &mut session.recommender_stream(), &mut b, None);
                there.recommend(&obs, &mut session.recommender_stream(), &mut a, None);
                assert_eq!(a, b, "{} in turn {}", listing.name, session.turn());
                compared += 1;
                take(&mut session, a);
            }
        }
        assert!(compared > 12, "{}: only {compared} turns were compared", listing.name);
    }
}

#[test]
fn a_recommender_that_served_another_session_starts_afresh_even_without_a_reset() {
    let (scenario, world, knowledge) = knowledge(400, 8);
    for listing in LIST.iter().filter(|l| !l.is_oracle) {
        let mut used = make(&spec(listing.name), &knowledge).unwrap();
        play(&scenario, &world, &mut *used, 3);
        let session = Session::new(scenario.clone(), world.clone(), 4, Keep::Totals);
        let mut fresh = make(&spec(listing.name), &knowledge).unwrap();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        used.recommend(&session.observation(), &mut session.recommender_stream(), &mut a, None);
        fresh.recommend(&session.observation(), &mut session.recommender_stream(), &mut b, None);
        assert_eq!(a, b, "{}", listing.name);
    }
}

#[test]
fn keeping_a_trace_changes_no_slate() {
    let (scenario, world, knowledge) = knowledge(400, 8);
    for listing in LIST {
        let mut plain = make(&spec(listing.name), &knowledge).unwrap();
        let mut traced = make(&spec(listing.name), &knowledge).unwrap();
        let mut session = Session::new(scenario.clone(), world.clone(), 5, Keep::Totals);
        while session.end().is_none() {
            let mut trace = Default::default();
            let (mut a, mut b) = (Vec::new(), Vec::new());
            recoworld::recommender::serve(&mut *plain, &session, &mut a, None);
            recoworld::recommender::serve(&mut *traced, &session, &mut b, Some(&mut trace));
            assert_eq!(a, b, "{}", listing.name);
            assert!(!trace.act.is_empty(), "{} says nothing", listing.name);
            let steps = [&trace.perceive, &trace.plan, &trace.act, &trace.remember];
            for step in steps.into_iter().flatten() {
                assert!(step.text.ends_with('.') && step.data.iter().all(|d| d.1.is_finite()), "{step:?}");
            }
            take(&mut session, a);
        }
    }
}

#[test]
fn unknown_names_and_values_are_explained() {
    let (_, _, knowledge) = knowledge(60, 4);
    let said = |name: &str, settings: &[(&str, f64)]| {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
        match make(&RecommenderSpec { name: name.into(), settings }, &knowledge) {
            Ok(_) => String::new(),
            Err(e) => e.to_string(),
        }
    };
    assert!(said("gredy", &[]).contains("did you mean \"greedy\"?"), "{}", said("gredy", &[]));
    assert!(said("zzz", &[]).contains("The recommenders are random, popular"), "{}", said("zzz", &[]));
    assert!(said("epsilon-greedy", &[("epsilom", 0.1)]).contains("did you mean \"epsilon\"?"));
    assert!(said("epsilon-greedy", &[("epsilon", 1.5)]).contains("from 0 to 1, not 1.5"));
    assert!(said("epsilon-greedy", &[("epsilon", f64::NAN)]).contains("not NaN"));
    assert!(said("greedy", &[("log_sessions", 20.5)]).contains("a whole number"));
    assert!(said("random", &[("k", 1.0)]).contains("It has no settings"));
    assert!(said(&"x".repeat(1_000_000), &[]).len() < 400);
    assert!(matches!(make(&spec("agnet"), &knowledge), Err(UnknownRecommender::Name { .. })));
}

#[test]
fn every_setting_is_documented_and_its_default_is_allowed() {
    for listing in LIST {
        assert!(listing.about.ends_with('.') && !listing.title.is_empty());
        for s in listing.settings {
            assert!((s.min..=s.max).contains(&s.default) && s.doc.ends_with('.'), "{} {}", listing.name, s.name);
        }
    }
}

#[test]
fn random_draws_no_two_slates_alike_and_popular_none_different() {
    let (scenario, world, knowledge) = knowledge(400, 8);
    let first = |name: &str, seed: u64| {
        let session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
        let Need::Slate(obs) = session.poll() else { panic!("a slate is needed first") };
        let obs: Observation<'_> = obs;
        let mut slate = Vec::new();
        make(&spec(name), &knowledge).unwrap().recommend(&obs, &mut session.recommender_stream(), &mut slate, None);
        slate
    };
    assert_ne!(first("random", 1), first("random", 2));
    assert_eq!(first("popular", 1), first("popular", 2));
}
