//! The temperature of scored mode is fitted to what users did: what is asked, what counts, and what comes of it.

use crate::llm;

use llm::{fake::Fake, stage};
use recoworld::{
    cli::llm_play::{answer_all, play},
    llm::{
        battery::{Ask, Battery as _},
        calibrate::{Fitting, LEAST, Plan, Played},
        chat::{Reply, TokenScore},
        driver::{self, Driver, Held},
        fault::Fault,
        settings::{Debias, Mode, Settings},
    },
    math,
    scenario::{Scenario, World},
    session::{Answer, Author, player::Player},
    worker::scores::{Event, Wanted, plan},
};
use std::rc::Rc;

fn scored(debias: Debias) -> Settings {
    Settings { mode: Mode::Scored, debias, ..Settings::default() }
}

fn scenario() -> Scenario {
    (**stage::player(7, 8).session().scenario()).clone()
}

fn world() -> Rc<World> {
    stage::player(7, 8).session().world().clone()
}

fn builtin() -> Vec<Played> {
    Played::by_builtin(&scenario(), &world()).expect("plays")
}

fn played(player: &Player) -> Played {
    Played {
        scenario: player.session().scenario().clone(),
        world: player.session().world().clone(),
        changes: player.changes().to_vec(),
        answers: player.answers().to_vec(),
    }
}

/// A model that holds the user's true tendency, the same for every item, `sureness` times too strongly.
fn told(question: &str, sureness: f32) -> Reply {
    let chance = |meaning: &str| match meaning {
        "passes over it" => 0.6,
        "opens it and stays for most of it" => 0.2,
        "opens it and soon closes it" => 0.1,
        _ => 0.025,
    };
    let lines = question.lines().filter_map(|l| l.split_once(") ").filter(|l| l.0.len() == 1));
    let top = lines.map(|(letter, meaning)| (letter.to_owned(), sureness * math::ln(chance(meaning)))).collect();
    Reply { text: "A".into(), tokens: vec![TokenScore { token: "A".into(), top }], ..Reply::default() }
}

#[test]
fn the_questions_are_those_of_scored_mode() {
    for debias in [Debias::Permute, Debias::Prior] {
        let settings = scored(debias);
        let mut player = stage::player(7, 8);
        let mut driver = Driver::new(settings.clone());
        let mut of_session = Vec::new();
        while of_session.len() < 8 {
            match driver.poll(&mut player, 0) {
                driver::Ask::Send(call) => {
                    let call = call.clone();
                    of_session.push(call.request.clone());
                    let question = call.request.messages.last().expect("asks").content.clone();
                    driver.reply(&mut player, call.id, Ok(told(&question, 1.0)), 1, 0);
                }
                driver::Ask::Other => assert!(player.step().expect("plays")),
                _ => {}
            }
        }
        let plan = Plan::new(&builtin()[..1], &settings, 2000).expect("plans");
        let mut fitting = Fitting::new(plan, "m", &settings);
        let mut same = 0;
        while let Ask::Send(call) = fitting.poll(0) {
            let (id, request) = (call.id, call.request.clone());
            let question = request.messages.last().expect("asks").content.clone();
            // Later turns are others in the session that the model played.
            if question.starts_with("Turn 1.") {
                assert!(of_session.contains(&request), "{debias:?}: {question}");
                same += 1;
            }
            fitting.reply(id, Ok(told(&question, 1.0)), 1, 0);
        }
        assert!(same >= 3, "{debias:?}: {same} questions are compared");
    }
}

#[test]
fn what_a_model_did_is_nothing_to_learn_from() {
    let settings = scored(Debias::Permute);
    let mut player = stage::player(7, 8);
    let mut driver = Driver::new(Settings { interview: false, ..settings.clone() });
    play(&mut player, &mut driver, &mut Fake::good(2), None, &mut |_, _| {}).expect("plays");
    let why = Plan::new(&[played(&player)], &settings, 64).expect_err("there is nothing");
    assert!(why.contains("0 actions"), "{why}");
    // With a session of the built-in user beside it, only that one is asked about.
    let both = [vec![played(&player)], builtin()].concat();
    let (both, alone) = (Plan::new(&both, &settings, 64), Plan::new(&builtin(), &settings, 64));
    assert_eq!(both.expect("plans").calls(), alone.expect("plans").calls());
}

#[test]
fn slates_are_spread_over_the_sessions_and_as_many_as_are_wanted() {
    let settings = scored(Debias::Permute);
    let sessions = builtin();
    let reviews = |p: &Played| p.answers.iter().filter(|a| matches!(a, Answer::Review { .. })).count();
    let in_all: usize = sessions.iter().map(reviews).sum();
    let few = Plan::new(&sessions, &settings, 32).expect("plans");
    assert!((24..=48).contains(&few.calls()) && few.calls() < in_all, "{}", few.calls());
    let all = Plan::new(&sessions, &settings, 2000).expect("plans");
    assert_eq!(all.calls(), all.actions);
    assert!(all.prompt_tokens() > 100 * all.calls() as u64);
    let divided = Plan::new(&sessions, &scored(Debias::Prior), 2000).expect("plans");
    assert!(divided.calls() > all.calls(), "one more question a slate");
}

#[test]
fn a_model_that_is_too_sure_gets_a_temperature_above_one_and_one_that_is_not_sure_below() {
    for (sureness, wanted) in [(3.0, 2.0..6.0), (0.4, 0.2..0.8)] {
        let settings = scored(Debias::Permute);
        let plan = Plan::new(&builtin(), &settings, 2000).expect("plans");
        let mut fitting = Fitting::new(plan, "m", &settings);
        while let Ask::Send(call) = fitting.poll(0) {
            let (id, question) = (call.id, call.request.messages.last().expect("asks").content.clone());
            fitting.reply(id, Ok(told(&question, sureness)), 1, 0);
        }
        let found = fitting.calibration().expect("fits");
        assert!(wanted.contains(&found.temperature.value), "{sureness}: {found:?}");
        assert!(found.helps() && found.scores.fitted > found.scores.equal, "{found:?}");
        assert!(found.unread == 0 && found.actions > 50, "{found:?}");
    }
}

#[test]
fn an_item_without_content_takes_the_lean_to_letters_out() {
    let settings = scored(Debias::Prior);
    let plan = Plan::new(&builtin(), &settings, 64).expect("plans");
    let mut fitting = Fitting::new(plan, "m", &settings);
    // It says the same of everything: all of it is lean.
    while let Ask::Send(call) = fitting.poll(0) {
        let (id, question) = (call.id, call.request.messages.last().expect("asks").content.clone());
        fitting.reply(id, Ok(told(&question, 1.0)), 1, 0);
    }
    let found = fitting.calibration().expect("fits");
    assert!((found.scores.as_told - found.scores.equal).abs() < 1e-6, "{found:?}");
}

#[test]
fn questions_without_a_letter_are_counted_and_too_few_are_no_fit() {
    let settings = scored(Debias::Permute);
    let plan = Plan::new(&builtin(), &settings, 64).expect("plans");
    let answered = |every: usize| {
        let mut fitting = Fitting::new(plan.clone(), "m", &settings);
        while let Ask::Send(call) = fitting.poll(0) {
            let (id, question) = (call.id, call.request.messages.last().expect("asks").content.clone());
            let n = fitting.progress().0;
            let reply = if n.is_multiple_of(every) { told(&question, 1.0) } else { Reply::default() };
            fitting.reply(id, Ok(reply), 1, 0);
        }
        fitting.calibration()
    };
    let half = answered(2).expect("fits");
    assert_eq!(half.actions + half.unread, plan.calls());
    assert!(half.unread > LEAST);
    let why = answered(plan.calls()).expect_err("one is too few");
    assert!(why.contains("gave a letter for 1 actions"), "{why}");
}

#[test]
fn a_fault_is_tried_again_and_one_that_stays_stops_with_its_reason() {
    let settings = scored(Debias::Permute);
    let plan = Plan::new(&builtin(), &settings, 32).expect("plans");
    let mut fitting = Fitting::new(plan.clone(), "m", &settings);
    answer_all(&mut fitting, &mut Fake { faults: 0.2, ..Fake::good(3) }, &mut |_, _| {}).expect("is answered");
    assert_eq!(fitting.progress().0, plan.calls());
    let mut refused = Fitting::new(plan, "m", &settings);
    let Ask::Send(call) = refused.poll(0) else { panic!("it asks") };
    let id = call.id;
    refused.reply(id, Err(Fault::Key { said: String::new() }), 1, 0);
    assert!(matches!(refused.poll(0), Ask::Held(Held::Fault(Fault::Key { .. }))));
}

#[test]
fn the_worker_words_the_same_questions_for_a_scenario_and_for_an_exported_run() {
    let settings = scored(Debias::Permute);
    let wanted = |run: String| Wanted {
        scenario: Box::new(scenario()),
        run,
        files: Vec::new(),
        mapping: Default::default(),
        pictures: Vec::new(),
        settings: settings.clone(),
        most: 64,
    };
    let natively = Plan::new(&builtin(), &settings, 64).expect("plans");
    assert_eq!(plan(wanted(String::new())), Event::Planned(Box::new(natively)));
    let mut player = stage::player(7, 8);
    player.run().expect("plays");
    let text = serde_json::to_string(&player.trajectory().expect("replays")).expect("writes");
    let of_run = Plan::new(&[played(&player)], &settings, 64).expect("plans");
    assert_eq!(plan(wanted(text.clone())), Event::Planned(Box::new(of_run)));
    for (bad, words) in [
        ("{".to_owned(), "not an exported run"),
        (text.replace("recoworld/trajectory-v1", "recoworld/trajectory-v9"), "of this version"),
    ] {
        assert!(matches!(plan(wanted(bad)), Event::Refused(why) if why.contains(words)));
    }
}

#[test]
fn a_person_counts_as_a_user() {
    let mut player = stage::player(7, 8);
    player.run().expect("plays");
    let mut by_person = played(&player);
    for answer in &mut by_person.answers {
        if let Answer::Review { by, .. } = answer {
            *by = Author::Person;
        }
    }
    let settings = scored(Debias::Permute);
    let (person, builtin) = (Plan::new(&[by_person], &settings, 64), Plan::new(&[played(&player)], &settings, 64));
    assert_eq!(person.expect("plans").calls(), builtin.expect("plans").calls());
}
