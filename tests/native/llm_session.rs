//! Language models in a session, played by stand-ins that answer as a server would: whole sessions, faults, repairs,
//! budgets and tapes.

use crate::llm;

use llm::{
    fake::{self, Fake},
    stage,
};
use recoworld::{
    cli::llm_play::{Line, Replayed, play},
    llm::{
        budget::{Budget, Prices},
        chat::Reply,
        driver::{Ask, Driver, Held},
        exchange::Call,
        fault::{Fault, Retry},
        prompt::estimate_messages,
        secret::Secret,
        settings::{Debias, Mode, Settings},
        tape::{Outcome, Tape},
        task::Purposed,
    },
    session::{Answer, Author, player::Player},
};

fn settings(user: bool, recommender: bool, mode: Mode) -> Settings {
    Settings { user, recommender, mode, ..Settings::default() }
}

fn run(line: &mut dyn Line, settings: &Settings, tape: Option<&mut Tape>) -> (Player, Driver, Result<(), Held>) {
    let (mut player, mut driver) = (stage::player(7, 8), Driver::new(settings.clone()));
    let ended = play(&mut player, &mut driver, line, tape, &mut |_, _| {});
    (player, driver, ended)
}

#[test]
fn a_model_plays_the_user_in_writing_and_says_why() {
    let settings = settings(true, false, Mode::Written);
    let (player, driver, ended) = run(&mut Fake::good(1), &settings, None);
    assert_eq!(ended, Ok(()));
    assert!(driver.user().turns >= 3 && driver.user().share() == 1.0);
    let reviews = player.answers().iter().filter(|a| matches!(a, Answer::Review { by: Author::Model, .. })).count();
    assert_eq!(reviews, player.remarks().iter().filter(|r| !r.reason.is_empty()).count());
    assert!(player.answers().iter().all(|a| !matches!(a, Answer::Review { by: Author::Builtin, .. })));
    assert_eq!(player.interview().map(|i| i.rating), Some(4));
    // What it did went into memory, as a built-in user's actions do.
    assert!(!player.session().memories().is_empty());
    let run = player.trajectory().expect("replays");
    assert!(!run.remarks.is_empty() && run.interview.is_some());
    let text = serde_json::to_string(&run).expect("writes");
    assert_eq!(serde_json::from_str::<recoworld::session::player::Trajectory>(&text).expect("reads"), run);
}

#[test]
fn scored_answers_leave_a_distribution_for_every_item() {
    for debias in [Debias::Permute, Debias::Prior] {
        let settings = Settings { debias, ..settings(true, false, Mode::Scored) };
        let (player, driver, ended) = run(&mut Fake::good(2), &settings, None);
        assert_eq!((ended, driver.user().share()), (Ok(()), 1.0));
        let chances: Vec<_> = player.remarks().iter().filter(|r| r.distribution.len() == 7).collect();
        assert!(chances.len() >= 8);
        for remark in chances {
            assert!((remark.distribution.iter().map(|d| d.1).sum::<f32>() - 1.0).abs() < 1e-4);
            // The stand-in likes the meaning "stays for most of it" best, whatever letter it stands at.
            let best = remark.distribution.iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("seven");
            assert_eq!(best.0, "watch");
        }
    }
}

#[test]
fn a_model_recommends_by_tools_and_its_slate_is_checked() {
    let settings = settings(false, true, Mode::Written);
    let (player, driver, ended) = run(&mut Fake::good(3), &settings, None);
    assert_eq!((ended, driver.recommender().share()), (Ok(()), 1.0));
    assert_eq!(driver.recommender().filled, 0);
    for turn in player.session().turns() {
        assert_eq!(turn.slate_by, Author::Model);
        let trace = turn.trace.as_ref().expect("says how");
        assert!(
            !trace.perceive.is_empty() && !trace.plan.is_empty() && !trace.act.is_empty() && !trace.remember.is_empty()
        );
        assert!(trace.act.iter().any(|s| s.text.starts_with("search")));
    }
}

#[test]
fn invented_items_are_refused_once_and_empty_places_filled_and_marked() {
    let settings = settings(false, true, Mode::Written);
    let (player, driver, ended) = run(&mut Fake { invent: true, ..Fake::good(4) }, &settings, None);
    assert_eq!(ended, Ok(()));
    let r = driver.recommender();
    assert!(r.turns > 0 && r.by_model == r.turns && r.repaired == r.turns && r.filled > 0 && r.chosen > 0);
    for turn in player.session().turns() {
        let marked = turn
            .trace
            .as_ref()
            .expect("a trace")
            .act
            .iter()
            .any(|s| s.text.contains("filled by the recommender in force"));
        assert!(marked);
    }
}

#[test]
fn an_answer_that_cannot_be_used_is_repaired_once_and_then_stood_in_for_and_marked() {
    let settings = settings(true, false, Mode::Written);
    let (_, driver, ended) = run(&mut Fake { bad_first: true, ..Fake::good(5) }, &settings, None);
    let u = *driver.user();
    assert!(ended.is_ok() && u.turns > 0 && u.by_model == u.turns && u.repaired == u.turns, "{u:?}");
    let (player, driver, ended) = run(&mut Fake { always_bad: true, ..Fake::good(5) }, &settings, None);
    assert!(ended.is_ok() && driver.user().by_model == 0 && driver.user().turns > 0);
    assert_eq!(driver.user().share(), 0.0);
    assert!(player.answers().iter().all(|a| !matches!(a, Answer::Review { by: Author::Model, .. })));
    let marks = player.remarks().iter().filter(|r| r.stood_in.contains("could not be used")).count();
    assert!(marks > 0 && marks == player.answers().iter().filter(|a| !matches!(a, Answer::Slate { .. })).count());
}

#[test]
fn a_tape_plays_the_session_again_bit_for_bit() {
    for (user, recommender, mode) in [(true, true, Mode::Written), (true, false, Mode::Scored)] {
        let settings = settings(user, recommender, mode);
        let mut tape = Tape::new("m", stage::player(7, 8).session().scenario(), &settings);
        let mut line = Fake { bad_first: true, faults: 0.3, ..Fake::good(6) };
        let (player, driver, ended) = run(&mut line, &settings, Some(&mut tape));
        assert_eq!(ended, Ok(()));
        let text = tape.to_json(&Secret::default());
        let tape = Tape::from_json(&text).expect("reads back");
        assert_eq!(tape.to_json(&Secret::default()), text);
        let mut replayed = Replayed::new(&tape);
        let (again, second, ended) = run(&mut replayed, &settings, None);
        assert_eq!((ended, replayed.unplayed()), (Ok(()), 0));
        let json = |p: &Player| serde_json::to_string(&p.trajectory().expect("replays")).expect("writes");
        assert_eq!(json(&player), json(&again));
        assert_eq!((driver.user(), driver.spent()), (second.user(), second.spent()));
    }
}

#[test]
fn a_tape_that_lacks_an_exchange_says_so() {
    let settings = settings(true, false, Mode::Written);
    let mut tape = Tape::new("m", stage::player(7, 8).session().scenario(), &settings);
    run(&mut Fake::good(1), &settings, Some(&mut tape)).2.expect("plays");
    tape.exchanges.remove(1);
    let held = run(&mut Replayed::new(&tape), &settings, None).2.expect_err("lacks one");
    let Held::Fault(fault @ Fault::Untaped { .. }) = held else { panic!("{held:?}") };
    assert!(
        fault.words().contains("The tape holds no answer")
            && fault.fix(None, "").contains("scenario, prompts and settings")
    );
    for (text, words) in [
        ("{", "this is no tape"),
        ("{\"schema\":\"recoworld/tape-v9\"}", "written by another version"),
        ("{\"schema\":\"recoworld/trajectory-v1\"}", "not a tape"),
        ("{}", "no field schema"),
    ] {
        assert!(Tape::from_json(text).expect_err("is none").contains(words), "{text}");
    }
}

#[test]
fn a_session_stops_at_its_budget_and_goes_on_when_it_is_raised() {
    let prices = Prices { prompt: 1.0, cached: None, completion: 4.0 };
    let budget = Budget { prices, most_cost: Some(0.002), most_tokens: None };
    let settings = Settings { budget, ..settings(true, false, Mode::Written) };
    let (mut player, mut driver) = (stage::player(7, 8), Driver::new(settings));
    let mut line = Fake::good(1);
    let held = play(&mut player, &mut driver, &mut line, None, &mut |_, _| {}).expect_err("is spent");
    assert!(matches!(&held, Held::Budget(words) if words.contains("budget of 0.002")));
    let turns = driver.user().turns;
    assert!(turns >= 1 && driver.spent().cost >= 0.002);
    let estimate = driver.estimate(10 * turns);
    assert!((estimate.cost - 10.0 * driver.spent().cost).abs() < 1e-9);
    driver.set_limits(Budget { prices, ..Budget::default() }, Retry::default());
    driver.resume();
    play(&mut player, &mut driver, &mut line, None, &mut |_, _| {}).expect("goes on");
    assert!(driver.user().turns > turns && driver.user().share() == 1.0);
}

#[test]
fn every_call_that_was_sent_is_counted_and_what_a_broken_one_took_is_estimated() {
    let settings = Settings { interview: false, ..settings(true, false, Mode::Written) };
    let mut tape = Tape::new("m", stage::player(7, 8).session().scenario(), &settings);
    let mut line = Fake { faults: 0.3, ..Fake::good(6) };
    let (_, driver, ended) = run(&mut line, &settings, Some(&mut tape));
    assert_eq!(ended, Ok(()));
    let faults: Vec<&Fault> =
        tape.exchanges.iter().filter_map(|e| if let Outcome::Fault(f) = &e.outcome { Some(f) } else { None }).collect();
    let spent = driver.spent();
    assert_eq!((spent.calls as usize, spent.failed as usize), (tape.exchanges.len(), faults.len()));
    assert!(spent.failed > 0 && spent.ms == 40 * u64::from(spent.calls));
    // The stand-in tells no tokens: all are estimated, those of prompts whose answers broke off among them.
    assert_eq!(spent.estimated, spent.tokens());
    // A budget is used up by calls that bring nothing as well.
    let settings = Settings {
        budget: Budget { most_tokens: Some(1500), ..Budget::default() },
        retry: Retry { tries: 100, ..Retry::default() },
        ..settings
    };
    let (mut player, mut driver) = (stage::player(7, 8), Driver::new(settings));
    let held = play(&mut player, &mut driver, &mut Broken(0), None, &mut |_, _| {}).expect_err("is spent");
    assert!(matches!(&held, Held::Budget(words) if words.contains("1500 tokens")), "{held:?}");
    assert!(driver.spent().calls > 1 && driver.spent().calls == driver.spent().failed);
}

/// A line on which every answer breaks off.
struct Broken(u64);

impl Line for Broken {
    fn call(&mut self, _: &Call) -> (Result<Reply, Fault>, u64) {
        (Err(Fault::Cut), 10)
    }

    fn now(&mut self) -> u64 {
        self.0
    }

    fn wait(&mut self, until_ms: u64) {
        self.0 = until_ms;
    }
}

#[test]
fn a_session_of_one_slate_is_asked_about_and_an_older_tape_of_one_plays_on() {
    let settings = settings(true, false, Mode::Written);
    let mut tape = Tape::new("m", stage::sized(7, 4, 1).session().scenario(), &settings);
    let (mut player, mut driver) = (stage::sized(7, 4, 1), Driver::new(settings.clone()));
    play(&mut player, &mut driver, &mut Fake::good(1), Some(&mut tape), &mut |_, _| {}).expect("plays");
    assert_eq!((player.session().turns().len(), player.interview().map(|i| i.rating)), (1, Some(4)));
    tape.exchanges.retain(|e| e.purpose != Purposed::Interview);
    let (mut player, mut driver) = (stage::sized(7, 4, 1), Driver::new(settings));
    play(&mut player, &mut driver, &mut Replayed::new(&tape), None, &mut |_, _| {}).expect("plays on");
    assert!(player.session().end().is_some() && player.interview().is_none());
}

#[test]
fn a_thousand_turns_under_random_faults_lose_none() {
    let (mut turns, mut holds, mut stood_in) = (0, 0, 0);
    for seed in 0.. {
        let settings = Settings { interview: false, ..settings(true, seed % 2 == 0, Mode::Written) };
        let (mut player, mut driver) = (stage::player(seed, 5), Driver::new(settings));
        let mut line = Fake { faults: 0.45, ..Fake::good(seed) };
        while let Err(held) = play(&mut player, &mut driver, &mut line, None, &mut |_, _| {}) {
            assert!(matches!(held, Held::Fault(_)));
            holds += 1;
            driver.resume();
        }
        let session = player.session();
        assert!(session.end().is_some());
        // Every turn has its slate and its end, and each was asked of the model.
        assert_eq!(driver.user().turns as usize, session.turns().len());
        assert!(session.turns().iter().all(|t| t.slate.len() == 5 && t.slate[0].reaction.is_some()));
        stood_in += driver.user().turns - driver.user().by_model;
        turns += driver.user().turns;
        if turns >= 1000 {
            break;
        }
    }
    assert!(holds > 0, "the faults were too few to test anything");
    assert!(f64::from(stood_in) < 0.05 * f64::from(turns), "{stood_in} of {turns} stood in for");
}

#[test]
fn after_the_first_turn_a_slate_of_eight_takes_at_most_900_tokens() {
    for mode in [Mode::Written, Mode::Scored] {
        let settings = settings(true, false, mode);
        let (mut player, mut driver) = (stage::player(7, 8), Driver::new(settings));
        let mut line = Fake::good(1);
        let (mut most, mut stable) = (0, Vec::new());
        loop {
            match driver.poll(&mut player, 0) {
                Ask::Over => break,
                Ask::Send(call) => {
                    let call = call.clone();
                    if call.turn > 0 && player.session().end().is_none() {
                        most = most.max(estimate_messages(&call.request.messages));
                    }
                    if player.session().end().is_none() && call.request.max_tokens != 120 {
                        stable.push(call.request.messages[0].content.clone());
                    }
                    let parts = driver.parts(player.session());
                    assert!(parts[0].stable && parts.iter().all(|p| p.tokens > 0));
                    let (outcome, ms) = line.call(&call);
                    driver.reply(&mut player, call.id, outcome, ms, 0);
                }
                Ask::Moved => {}
                Ask::Other => assert!(player.step().expect("plays")),
                other => panic!("{other:?}"),
            }
        }
        assert!((300..=900).contains(&most), "{most} tokens in {mode:?}");
        stable.dedup();
        assert_eq!(stable.len(), 1, "the prefix changes, so no cache would hit");
    }
}

#[test]
fn a_late_reply_to_a_cancelled_call_is_not_heeded_and_stepping_back_asks_anew() {
    let settings = settings(true, false, Mode::Written);
    let (mut player, mut driver) = (stage::player(7, 8), Driver::new(settings));
    assert!(player.step().expect("a slate"));
    let Ask::Send(call) = driver.poll(&mut player, 0) else { panic!("asks") };
    let first = call.clone();
    driver.cancel();
    driver.reply(&mut player, first.id, fake::answer(&first, 1), 5, 5);
    assert_eq!(driver.spent().calls, 0);
    let Ask::Send(call) = driver.poll(&mut player, 6) else { panic!("asks again") };
    let second = call.clone();
    assert!(second.id > first.id && second.request == first.request);
    driver.reply(&mut player, second.id, fake::answer(&second, 1), 5, 5);
    assert_eq!(driver.poll(&mut player, 7), Ask::Moved);
    assert_eq!(driver.poll(&mut player, 7), Ask::Moved);
    player.seek(1).expect("back");
    let Ask::Send(_) = driver.poll(&mut player, 8) else { panic!("asks anew") };
    assert!(player.session().turns()[0].slate[0].reaction.is_none());
}

/// The same file is what a journey in the browser holds the page's export against. Where a change is meant,
/// `BLESS=1 cargo test --test native example` writes it anew.
#[test]
fn the_example_that_ships_plays_to_the_run_that_is_kept() {
    let tape = Tape::from_json(include_str!("../../data/tapes/example-tape.json")).expect("a tape");
    let scenario = std::rc::Rc::new(tape.scenario.clone());
    let mut player = stage::of(scenario);
    let mut driver = Driver::new(tape.settings.clone());
    play(&mut player, &mut driver, &mut Replayed::new(&tape), None, &mut |_, _| {}).expect("replays");
    assert!(driver.user().share() >= 0.9 && driver.recommender().share() >= 0.9, "the model itself plays on it");
    let run = serde_json::to_string(&player.trajectory().expect("replays")).expect("writes");
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/example-tape-run.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&kept, &run).expect("writes");
    }
    assert_eq!(run, std::fs::read_to_string(&kept).expect("is kept"));
}
