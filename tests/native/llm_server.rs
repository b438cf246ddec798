//! A real server with a real (small) model plays sessions as the user, as the recommender and as both. `cargo xtask test
//! --only llm` starts it and says where it is; without it there is nothing to test against.

use crate::llm;

use llm::stage;
use recoworld::{
    cli::{
        llm_http::Server,
        llm_play::{Network, Replayed, answer_all, play, probe},
        llm_read::ModelReader,
    },
    llm::{
        budget::Prices,
        calibrate::{Fitting, Plan, Played},
        card::Check,
        dialect::{Dialect, SchemaField},
        driver::{Ask, Driver},
        fault::Fault,
        prompt::estimate_tokens,
        secret::Secret,
        settings::{Mode, Settings},
        tape::Tape,
    },
    recommender::understand::{Lexicon, Reader, Understanding},
    session::player::Player,
};
use std::rc::Rc;

/// The variable that names the server's base address.
const URL: &str = "RECOWORLD_LLM_URL";

fn connected() -> Option<Server> {
    let Ok(url) = std::env::var(URL) else {
        eprintln!("skipped: {URL} names no server; run `cargo xtask test --only llm`");
        return None;
    };
    let mut server = Server::new(&url, "default", Secret::default(), Dialect::COMMON, false);
    let found = probe(&server, 120_000).expect("the server answers");
    assert!(found.enforced, "{found:?}");
    assert_eq!(found.dialect.schema, SchemaField::ObjectWithSchema, "{found:?}");
    server.dialect = found.dialect;
    Some(server)
}

fn session(server: &Server, name: &str, settings: Settings) {
    let (mut player, mut driver) = (stage::sized(7, 4, 2), Driver::new(settings.clone()));
    let mut tape = Tape::new(server.model(), player.session().scenario(), &settings);
    play(&mut player, &mut driver, &mut Network::new(server), Some(&mut tape), &mut |_, _| {})
        .expect("plays to its end");
    let (u, r) = (*driver.user(), *driver.recommender());
    println!(
        "{name}: the model answered {}/{} turns as user and {}/{} as recommender; {} places chosen, {} filled; {:?}",
        u.by_model,
        u.turns,
        r.by_model,
        r.turns,
        r.chosen,
        r.filled,
        driver.spent()
    );
    for remark in player.remarks().iter().filter(|r| !r.stood_in.is_empty()) {
        println!("answer {}: stood in: {}", remark.at, remark.stood_in);
    }
    if u.share() < 0.9 || r.share() < 0.9 {
        println!("{:#?}", tape.exchanges.iter().map(|e| &e.outcome).collect::<Vec<_>>());
    }
    assert!(player.session().end().is_some() && u.turns + r.turns > 0);
    assert!(!settings.user || u.turns > 0 && u.share() >= 0.9, "{u:?}");
    assert!(!settings.recommender || r.turns > 0 && r.share() >= 0.9, "{r:?}");
    // The tape plays it again without the server, to the same bytes.
    let tape = Tape::from_json(&tape.to_json(&Secret::default())).expect("reads back");
    let (mut again, mut second) = (stage::sized(7, 4, 2), Driver::new(tape.settings.clone()));
    play(&mut again, &mut second, &mut Replayed::new(&tape), None, &mut |_, _| {}).expect("replays");
    let json = |p: &Player| serde_json::to_string(&p.trajectory().expect("replays")).expect("writes");
    assert_eq!(json(&player), json(&again));
}

#[test]
fn a_real_model_plays_the_user() {
    let Some(server) = connected() else { return };
    session(&server, "user", Settings::default());
}

#[test]
fn a_real_model_recommends() {
    let Some(server) = connected() else { return };
    session(&server, "recommender", Settings { user: false, recommender: true, steps: 2, ..Settings::default() });
}

#[test]
fn a_real_model_plays_both_sides() {
    let Some(server) = connected() else { return };
    session(&server, "both", Settings { recommender: true, steps: 2, ..Settings::default() });
}

#[test]
fn a_real_model_is_scored() {
    let Some(server) = connected() else { return };
    if !server.dialect.logprobs {
        panic!("the server gives no log-probabilities; start it with --logits_all true");
    }
    session(&server, "scored", Settings { mode: Mode::Scored, interview: false, ..Settings::default() });
}

#[test]
fn the_temperature_of_a_real_model_is_fitted_to_what_the_built_in_user_did() {
    let Some(server) = connected() else { return };
    let player = stage::sized(7, 4, 4);
    let settings = Settings { mode: Mode::Scored, ..Settings::default() };
    let sessions = Played::by_builtin(player.session().scenario(), player.session().world()).expect("plays");
    let plan = Plan::new(&sessions, &settings, 16).expect("plans");
    let calls = plan.calls();
    let mut fitting = Fitting::new(plan, "SmolLM2-135M", &settings);
    answer_all(&mut fitting, &mut Network::new(&server), &mut |_, _| {}).expect("is answered");
    let found = fitting.calibration().expect("the model gives letters");
    println!("{}", found.to_text());
    assert!(found.actions as f64 >= 0.9 * calls as f64, "{found:?}");
    assert!(found.temperature.low <= found.temperature.value, "{found:?}");
}

#[test]
fn a_real_model_reads_words() {
    let Some(server) = connected() else { return };
    let model = Rc::new(ModelReader::new("SmolLM2-135M", Box::new(Network::new(server)), 120_000, Prices::default()));
    let mut player = stage::sized(7, 4, 2);
    while player.session().history().is_empty() && player.step().expect("plays") {}
    let obs = player.session().observation();
    let reader: Rc<dyn Reader> = model.clone();
    let understanding = Understanding::read_by(reader, Rc::new(Lexicon::of(obs.shelf)));
    for words in ["No more cooking, but keep the travel clips", "I'm bored", "The second one, under three minutes"] {
        println!("{words}: {}", understanding.read(words, &obs).read_as(obs.shelf));
    }
    let told = model.told();
    println!("{:.0} % read by the model itself: {told:?}", 100.0 * told.share());
    assert_eq!((told.asked, model.held()), (3, None));
    assert!(told.share() >= 0.9, "{told:?}");
}

#[test]
#[ignore = "minutes long: `cargo xtask test --full`"]
fn a_real_model_gets_its_report_card() {
    let Some(server) = connected() else { return };
    let mut check = Check::new("SmolLM2-135M", &Settings::default());
    answer_all(&mut check, &mut Network::new(&server), &mut |_, _| {}).expect("is checked");
    let card = check.card();
    println!("{}", card.to_text());
    assert_eq!(card.calls, 8);
    assert!(card.valid >= 0.9 && card.prompt_tokens > 100.0 && card.seconds > 0.0, "{card:?}");
}

#[test]
fn token_estimates_are_within_a_quarter_of_a_real_tokenizer() {
    let Some(server) = connected() else { return };
    let (mut player, mut driver) = (stage::sized(7, 8, 12), Driver::new(Settings::default()));
    let (mut seen, mut most) = (0, 0);
    while seen < 3 {
        match driver.poll(&mut player, 0) {
            Ask::Send(call) => {
                let call = call.clone();
                let text: String =
                    call.request.messages.iter().map(|m| m.content.as_str()).collect::<Vec<_>>().join("\n");
                let (real, guess) = (count(&text), estimate_tokens(&text));
                println!("turn {}: {real} tokens, {guess} estimated", call.turn);
                assert!((0.75..=1.25).contains(&(f64::from(guess) / f64::from(real))), "{guess} for {real}");
                if call.turn > 0 {
                    most = most.max(real);
                }
                seen += 1;
                let outcome: Result<_, Fault> = llm::fake::answer(&call, 0b0101_1001_0111 + 5 * u64::from(call.turn));
                driver.reply(&mut player, call.id, outcome, 1, 1);
            }
            Ask::Moved => {}
            Ask::Other => assert!(player.step().expect("plays")),
            other => panic!("{other:?}"),
        }
    }
    assert!((1..=900).contains(&most), "{most} tokens for a slate of 8");
    drop(server);
}

/// The comparison of representations with the texts embedded by the server, as a person runs it.
#[test]
fn a_real_server_embeds_the_texts_and_stands_in_the_same_table() {
    let Ok(url) = std::env::var(URL) else {
        eprintln!("skipped: {URL} names no server; run `cargo xtask test --only llm`");
        return;
    };
    let study = |more: &[&str]| {
        let arguments = ["lab", "representations", "--set", "catalog.items=40", "--set", "candidates=20"];
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_recoworld"))
            .args(arguments)
            .args(["--episodes", "3", "--seed", "4", "--json"])
            .args(more)
            .output()
            .expect("the program starts");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{err}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let plain = study(&[]);
    let table = study(&["--embeddings", &url, "--embeddings-model", "default"]);
    let rows = table["rows"].as_array().expect("rows");
    assert_eq!((plain["rows"].as_array().map(Vec::len), rows.len()), (Some(3), 4));
    // The others play as they did: the same users, the same random numbers.
    for (before, after) in plain["rows"].as_array().expect("rows").iter().zip(rows) {
        assert_eq!((&before["reward"], &before["clicks"]), (&after["reward"], &after["clicks"]));
    }
    let own = &rows[3];
    println!("embedded by the server: {own}");
    assert_eq!((&own["model"], &own["episodes"]), (&"default".into(), &3.into()));
    let cost = |name: &str| own["cost"][name].as_f64().expect("a number");
    assert!(cost("embedded") > 5.0 && cost("ms") > 0.0 && cost("bytes") > 4.0 * 500.0, "{own}");
    assert!(own["reward_gain"].is_object());
}

/// Counts tokens as the server's own tokenizer does.
fn count(text: &str) -> u32 {
    let url = std::env::var(URL).expect("is set");
    let url = format!("{}/extras/tokenize/count", url.trim_end_matches("/v1"));
    let body = serde_json::json!({ "input": text }).to_string();
    let mut answer = ureq::post(&url).header("content-type", "application/json").send(body).expect("counts");
    let text = answer.body_mut().read_to_string().expect("reads");
    let value: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
    value["count"].as_u64().expect("a number") as u32
}
