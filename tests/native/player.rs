//! Playing, scrubbing, forking and replaying one tape of answers.

use recoworld::{
    recommender::{self, Knowledge},
    scenario::{RecommenderSpec, Scenario, World, registry},
    session::{
        Answer, AnswerError, Author, Keep, Need, Session, Verdict,
        player::{Change, Make, PlayError, Player},
    },
    user::Reaction,
};
use std::rc::Rc;

fn parts(seed: u64) -> (Rc<Scenario>, Rc<World>, Make) {
    let mut scenario = registry::default_preset();
    scenario.seed = seed.to_string();
    scenario.recommender = spec("popular");
    let scenario = Rc::new(scenario);
    let world = recoworld::scenario::build(&scenario, None).expect("the preset builds");
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let make: Make = Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
    (scenario, world, make)
}

fn spec(name: &str) -> RecommenderSpec {
    RecommenderSpec { name: name.to_owned(), settings: Default::default() }
}

fn player(seed: u64) -> Player {
    let (scenario, world, make) = parts(seed);
    Player::new(scenario, world, make).expect("the preset plays")
}

/// A player whose session is over and took at least `turns` turns.
fn played(turns: usize) -> Player {
    for seed in 0.. {
        let mut p = player(seed);
        p.run().expect("built-in answers fit");
        if p.session().turns().len() >= turns {
            return p;
        }
    }
    unreachable!("some seed plays long enough")
}

fn json(p: &Player) -> String {
    serde_json::to_string(p.session().turns()).expect("turns serialise")
}

#[test]
fn every_moment_can_be_returned_to_and_looks_the_same() {
    let mut p = played(3);
    let end = json(&p);
    let mut seen = Vec::new();
    for moment in 0..=p.moments() {
        p.seek(moment).expect("a moment of the tape");
        seen.push((json(&p), p.session().memories(), p.session().interests()));
    }
    for moment in (0..=p.moments()).rev().step_by(5) {
        p.seek(moment).expect("a moment of the tape");
        assert_eq!((json(&p), p.session().memories(), p.session().interests()), seen[moment], "moment {moment}");
    }
    p.seek(usize::MAX).expect("past the end is the end");
    assert_eq!(json(&p), end);
}

#[test]
fn a_fork_shares_the_past_and_leaves_the_original_alone() {
    let p = played(4);
    let before = json(&p);
    // The moment at which the third slate is asked for.
    let third = p.answers().iter().enumerate().filter(|(_, a)| matches!(a, Answer::Slate { .. })).nth(2);
    let (moment, _) = third.expect("four turns were played");
    let mut fork = p.fork(moment, Change::Recommender(spec("random"))).expect("random is known");
    fork.run().expect("built-in answers fit");
    assert_eq!(fork.session().turns()[..2], p.session().turns()[..2]);
    assert_ne!(fork.session().turns()[2].slate, p.session().turns()[2].slate);
    assert_eq!(json(&p), before);
}

#[test]
fn luck_with_an_item_is_the_same_whatever_was_shown_around_it() {
    // The first slate again with its last two items exchanged: what comes before them is felt and done the same.
    let p = played(1);
    let Answer::Slate { items, .. } = &p.answers()[0] else { panic!("a session begins with a slate") };
    let mut other = items.clone();
    other.swap(6, 7);
    let mut q = p.fork(0, Change::Instructions(true)).expect("a fork at the start");
    q.answer(Answer::Slate { items: other, trace: None, by: Author::Person }).expect("the same items");
    q.step_turn().expect("built-in answers fit");
    for i in 0..6 {
        assert_eq!(p.session().turns()[0].slate[i].reaction, q.session().turns()[0].slate[i].reaction);
    }
}

#[test]
fn another_seed_for_the_rest_keeps_the_user_and_changes_luck() {
    let p = played(3);
    let moment = p.answers().iter().position(|a| matches!(a, Answer::Verdict { .. })).expect("a turn ended") + 1;
    let mut a = p.fork(moment, Change::Seed(99)).expect("a fork");
    assert_eq!(a.session().user().taste, p.session().user().taste);
    a.run().expect("built-in answers fit");
    assert_eq!(a.session().turns()[0], p.session().turns()[0]);
    assert_ne!(json(&a), json(&p));
}

#[test]
fn a_trajectory_read_back_is_the_same_to_the_byte() {
    let p = played(3);
    let mut fork = p.fork(p.moments() / 2, Change::Recommender(spec("random"))).expect("a fork");
    fork.run().expect("built-in answers fit");
    let trajectory = fork.trajectory().expect("it replays");
    let text = serde_json::to_string(&trajectory).expect("it serialises");
    let read: recoworld::session::player::Trajectory = serde_json::from_str(&text).expect("it reads back");
    assert_eq!(read, trajectory);
    let (_, world, make) = parts(0);
    let again = Player::replay(Rc::new(read.scenario), world, make, read.changes, read.answers).expect("it replays");
    assert_eq!(serde_json::to_string(&again.trajectory().expect("it replays")).expect("it serialises"), text);
}

#[test]
fn a_tape_that_does_not_fit_says_which_answer() {
    let p = played(2);
    let mut answers = p.answers().to_vec();
    answers.swap(3, 4);
    answers[4] = Answer::Verdict { verdict: Verdict::Continue, by: Author::Builtin };
    let (scenario, world, make) = parts(0);
    match Player::replay(scenario, world, make, vec![], answers) {
        Err(PlayError::Answer { at, .. }) => assert!(at <= 4),
        _ => panic!("the tape cannot fit"),
    }
}

#[test]
fn answers_that_cannot_be_are_refused_and_change_nothing() {
    let (scenario, world, _) = parts(1);
    let mut s = Session::new(scenario.clone(), world, 1, Keep::Everything);
    let Need::Slate(o) = s.poll() else { panic!("a session begins with a slate") };
    let good: Vec<u32> = o.candidates[..8].to_vec();
    let slate = |items: Vec<u32>| Answer::Slate { items, trace: None, by: Author::Person };
    let review = |reaction: Reaction| Answer::Review { reaction, by: Author::Person };
    let before = serde_json::to_string(&s.state()).unwrap();

    assert_eq!(s.answer(slate(good[..7].to_vec())), Err(AnswerError::SlateLength { given: 7, needed: 8 }));
    let mut twice = good.clone();
    twice[7] = twice[0];
    assert_eq!(s.answer(slate(twice.clone())), Err(AnswerError::Twice(good[0])));
    twice[7] = 1_000_000;
    assert_eq!(s.answer(slate(twice)), Err(AnswerError::NotACandidate(1_000_000)));
    assert!(matches!(s.answer(review(Reaction::default())), Err(AnswerError::Unexpected { .. })));
    assert_eq!(serde_json::to_string(&s.state()).unwrap(), before);

    s.answer(slate(good.clone())).expect("a good slate");
    let seen = Reaction { examined: true, ..Reaction::default() };
    for bad in [
        Reaction { liked: true, ..seen },
        Reaction { seconds: f32::NAN, ..seen },
        Reaction { seconds: -1.0, ..seen },
        Reaction { clicked: true, seconds: 1e9, ..seen },
        Reaction { clicked: true, ..Reaction::default() },
    ] {
        assert!(matches!(s.answer(review(bad)), Err(AnswerError::Impossible(_))), "{bad:?}");
    }
    assert_eq!(serde_json::to_string(&s.state()).unwrap(), before);
    s.answer(review(seen)).expect("a skip");
    // Shown once, an item is no candidate again.
    s.answer(review(Reaction::default())).expect("enough of this slate");
    s.answer(Answer::Verdict { verdict: Verdict::Continue, by: Author::Person }).expect("it goes on");
    assert_eq!(s.answer(slate(good.clone())), Err(AnswerError::NotACandidate(good[0])));
}
