//! What must emerge: facts about people that no line of code states, shown over thousands of seeded sessions.
//!
//! Slates are random here, and the user alone is under test; what recommenders make of these users is in
//! `tests/native/lookahead.rs`.

use recoworld::{
    catalog::{ItemIx, TopicIx, represent, synthetic},
    math::{Purpose, Source, Stream},
    recommender::Observation,
    scenario::{CatalogStyle, Scenario, World},
    session::{Answer, Author, Keep, Metrics, Need, Session, Verdict},
};
use std::rc::Rc;

fn world() -> Rc<World> {
    world_of(1200)
}

fn world_of(items: usize) -> Rc<World> {
    let catalog = synthetic::make(CatalogStyle::Clips, items, 7);
    let features = represent::text::features(&catalog.shelf);
    Rc::new(World::new(catalog, features))
}

/// Somebody on the way home with 25 minutes; who, the seed says.
fn scenario() -> Rc<Scenario> {
    let json = r#"{
        "schema": "recoworld/scenario-v1", "id": "test/Commute-v0", "title": "A commute", "about": "",
        "catalog": {"kind": "synthetic", "style": "clips", "items": 1200, "seed": "7"},
        "profile": {"name": "Somebody", "age": 30, "about": ""}, "persona": {"variety": 1.0},
        "context": {"device": "phone", "place": "commute", "company": "alone", "minute": 1090},
        "minutes": 25, "slate_size": 8, "horizon": 100, "instructions": true, "heard_bonus": 0.0,
        "recommender": {"name": "random"}, "seed": "1"
    }"#;
    Rc::new(serde_json::from_str(json).expect("the scenario reads"))
}

fn random_slate(o: &Observation<'_>, random: &mut Stream) -> Vec<ItemIx> {
    let mut items = o.candidates.to_vec();
    random.sample_front(&mut items, o.slate_size);
    items.truncate(o.slate_size);
    items
}

/// Plays a session to its end with random slates.
fn play(session: &mut Session) -> Metrics {
    loop {
        let by = Author::Builtin;
        let answer = match session.poll() {
            Need::Slate(o) => {
                Answer::Slate { items: random_slate(&o, &mut session.recommender_stream()), trace: None, by }
            }
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
            Need::Reply { .. } => unreachable!("nobody asks here"),
            Need::Over(_) => return session.metrics(),
        };
        session.answer(answer).expect("a built-in answer fits");
    }
}

fn sessions(n: u64) -> impl Iterator<Item = Session> {
    let (world, scenario) = (world(), scenario());
    (0..n).map(move |seed| {
        let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
        play(&mut session);
        session
    })
}

fn cube(x: f64) -> f64 {
    x * x * x
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn deviation(x: &[f64]) -> f64 {
    let m = mean(x);
    (x.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (x.len() - 1) as f64).sqrt()
}

#[test]
fn clicks_fall_with_position_though_slates_are_random() {
    let mut clicks = [0.0f64; 8];
    let mut shown = 0.0;
    for s in sessions(3000) {
        for turn in s.history() {
            shown += 1.0;
            for (position, r) in turn.reactions.iter().enumerate() {
                clicks[position] += f64::from(u8::from(r.clicked));
            }
        }
    }
    let rates = clicks.map(|c| c / shown);
    // Each step down is small against its standard error (about 0.003), so neighbours may tie; two steps may not.
    assert!(rates.windows(3).all(|w| w[2] < w[0]), "{rates:?}");
    assert!(rates[7] < 0.7 * rates[0], "{rates:?}");
}

#[test]
fn dwell_is_right_skewed() {
    let mut dwell: Vec<f64> = Vec::new();
    for s in sessions(1500) {
        for turn in s.history() {
            dwell.extend(turn.reactions.iter().filter(|r| r.clicked).map(|r| f64::from(r.seconds)));
        }
    }
    dwell.sort_by(f64::total_cmp);
    let (m, sd) = (mean(&dwell), deviation(&dwell));
    let skew = dwell.iter().map(|x| cube((x - m) / sd)).sum::<f64>() / dwell.len() as f64;
    assert!(m > 1.2 * dwell[dwell.len() / 2], "mean {m}, median {}", dwell[dwell.len() / 2]);
    assert!(skew > 1.0, "skew {skew}");
}

#[test]
fn session_length_has_a_long_tail() {
    let mut turns: Vec<f64> = sessions(3000).map(|s| f64::from(s.metrics().turns)).collect();
    turns.sort_by(f64::total_cmp);
    let at = |q: f64| turns[(q * turns.len() as f64) as usize];
    assert!(mean(&turns) > at(0.5), "mean {}, median {}", mean(&turns), at(0.5));
    assert!(at(0.99) >= 3.0 * at(0.5), "99th percentile {}, median {}", at(0.99), at(0.5));
    assert!(at(0.1) >= 1.0 && at(0.5) >= 3.0);
}

/// The share of examined items clicked in each turn, for users who are kept from leaving and shown their favourite topic
/// in the turns where `shows` says so, and no item of it in the others.
fn click_share(users: u64, shows: &[bool]) -> Vec<f64> {
    let (world, scenario) = (world_of(4000), scenario());
    let mut clicked = vec![0.0; shows.len()];
    let mut seen = vec![0.0; shows.len()];
    for seed in 0..users {
        let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
        let mut random = Source::new(seed).stream(Purpose::Other);
        let interests = session.interests();
        let favourite = (0..interests.len()).max_by(|&a, &b| interests[a].total_cmp(&interests[b])).unwrap_or(0);
        for (turn, shows) in shows.iter().enumerate() {
            let (c, n) = one_slate(&mut session, favourite as TopicIx, *shows, &mut random);
            clicked[turn] += c;
            seen[turn] += n;
        }
    }
    clicked.iter().zip(&seen).map(|(c, n)| c / n).collect()
}

/// Plays a slate of (or without) a topic and keeps the user from leaving; clicks and items seen.
fn one_slate(session: &mut Session, topic: TopicIx, wanted: bool, random: &mut Stream) -> (f64, f64) {
    let by = Author::Builtin;
    let (mut clicks, mut seen) = (0.0, 0.0);
    loop {
        let answer = match session.poll() {
            Need::Slate(o) => {
                let mut items: Vec<ItemIx> =
                    o.candidates.iter().copied().filter(|&i| (o.shelf.topic(i) == topic) == wanted).collect();
                random.sample_front(&mut items, o.slate_size);
                items.truncate(o.slate_size);
                Answer::Slate { items, trace: None, by }
            }
            Need::Review { .. } => {
                let mut reaction = session.builtin_reaction();
                reaction.left = false;
                clicks += f64::from(u8::from(reaction.clicked));
                seen += f64::from(u8::from(reaction.examined));
                Answer::Review { reaction, by }
            }
            Need::Verdict { .. } => {
                session.answer(Answer::Verdict { verdict: Verdict::Continue, by }).expect("it goes on");
                return (clicks, seen);
            }
            Need::Reply { .. } => unreachable!("nobody asks here"),
            Need::Over(_) => unreachable!("nobody leaves here"),
        };
        session.answer(answer).expect("a built-in answer fits");
    }
}

#[test]
fn the_same_topic_again_and_again_loses_clicks_and_a_break_brings_them_back() {
    // The same turn 8 in three lives: the topic all along, after a break of four turns, and for the first time. So
    // tiredness and the running clock, which no break mends, are alike in all three.
    let all_along = click_share(1500, &[true; 9]);
    let after_break = click_share(1500, &[true, true, true, true, false, false, false, false, true]);
    let first_time = click_share(1500, &[false, false, false, false, false, false, false, false, true]);
    assert!(all_along[4] < 0.75 * all_along[0], "{all_along:?}");
    let (never, lost, regained) = (first_time[8], all_along[8], after_break[8]);
    assert!(regained > lost + 0.5 * (never - lost), "lost {lost}, regained {regained}, never lost {never}");
}

#[test]
fn users_differ_by_more_than_luck() {
    // The same user twice, with other luck: what correlates is the user.
    let (world, scenario) = (world(), scenario());
    let pairs: Vec<(f64, f64)> = (0..2000)
        .map(|seed| {
            let length = |luck| {
                let mut s = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
                s.reseed(luck);
                libm::log(f64::from(play(&mut s).turns))
            };
            (length(seed + 100_000), length(seed + 200_000))
        })
        .collect();
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let (ma, mb) = (mean(&a), mean(&b));
    let covariance = a.iter().zip(&b).map(|(x, y)| (x - ma) * (y - mb)).sum::<f64>() / (a.len() - 1) as f64;
    let correlation = covariance / deviation(&a) / deviation(&b);
    // Three standard errors of no correlation in 2,000 pairs are 0.067.
    assert!(correlation > 0.15, "{correlation}");
    // And everything is somebody's favourite.
    let favourite = |seed| {
        let i = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals).interests();
        (0..i.len()).max_by(|&a, &b| i[a].total_cmp(&i[b])).unwrap_or(0)
    };
    let mut seen = vec![0u32; world.shelf().topics.len()];
    (0..500).for_each(|seed| seen[favourite(seed)] += 1);
    assert!(seen.iter().all(|n| *n > 5), "{seen:?}");
}

#[test]
fn the_reason_of_an_instruction_is_the_term_that_fell_most() {
    let (world, scenario) = (world(), scenario());
    let mut reasons = std::collections::BTreeMap::new();
    for seed in 0..600 {
        let mut s = Session::new(scenario.clone(), world.clone(), seed, Keep::Everything);
        play(&mut s);
        for turn in s.turns() {
            let Some(i) = &turn.instruction else { continue };
            *reasons.entry(i.reason.expect("the built-in user knows why")).or_insert(0u32) += 1;
            assert!(i.frame.is_some());
            assert_eq!(i.words.is_empty(), i.channel == recoworld::user::Channel::Implicit);
        }
    }
    // Several reasons occur, and none is nearly all.
    let total: u32 = reasons.values().sum();
    assert!(reasons.len() >= 5 && reasons.values().all(|n| *n < total * 7 / 10), "{reasons:?}");
}
