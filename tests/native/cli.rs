//! The command line as people and scripts meet it.

use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

fn recoworld(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_recoworld")).args(arguments).output().expect("the program starts")
}

fn out(arguments: &[&str]) -> String {
    let output = recoworld(arguments);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {err}");
    assert_eq!(err, "", "{arguments:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(arguments: &[&str]) -> Value {
    let text = out(arguments);
    assert_eq!(text.lines().count(), 1, "one object on one line");
    serde_json::from_str(&text).expect("JSON")
}

/// Standard error of what must fail with exit code 2, and nothing on standard output.
fn refused(arguments: &[&str]) -> String {
    let output = recoworld(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

fn replay(text: &str, arguments: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_recoworld"))
        .args(["replay", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A refusal may come before all was written.
    let _ = child.stdin.take().expect("a pipe").write_all(text.as_bytes());
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_session_reads_like_a_story_and_hides_no_escape_codes() {
    let text = out(&["session", "--seed", "7", "--recommender", "random"]);
    for part in ["Bored on the commute", "seed 7", "TURN 1", "Random", "against usual", "Reward", "Chance to return"] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "colour without a terminal");
    assert_eq!(text, out(&["session", "--seed", "7", "--recommender", "random"]));
    assert_ne!(text, out(&["session", "--seed", "8", "--recommender", "random"]));
}

#[test]
fn a_session_in_json_is_the_trajectory_of_the_schema() {
    let run = json(&["session", "--seed", "7", "--scenario", "filmnight", "--recommender", "greedy", "--json"]);
    assert_eq!(run["schema"], "recoworld/trajectory-v1");
    assert_eq!(run["scenario"]["seed"], "7");
    assert!(run["turns"].as_array().is_some_and(|t| !t.is_empty()));
    let schema = serde_json::from_str(&out(&["schema", "trajectory"])).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(&run).map(|e| format!("{}: {e}", e.instance_path())).take(5).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut broken = run;
    broken["turns"][0]["mood"] = Value::from("bright");
    assert!(!validator.is_valid(&broken), "the schema takes anything");
}

#[test]
fn a_rollout_in_json_holds_what_is_promised() {
    let r = json(&["rollout", "--recommender", "random", "--episodes", "20", "--seed", "5", "--json"]);
    for name in [
        "return_mean",
        "return_se",
        "turns_mean",
        "clicks_mean",
        "instructions_issued_mean",
        "instructions_met_mean",
        "ndcg_mean",
        "diversity_mean",
        "retention_mean",
        "steps_per_second",
    ] {
        assert!(r[name].as_f64().is_some_and(f64::is_finite), "{name}: {}", r[name]);
    }
    assert_eq!((r["episodes"].as_u64(), r["seed"].as_str()), (Some(20), Some("5")));
    assert!(r["return_se"].as_f64() > Some(0.0));
    let table = out(&["rollout", "--recommender", "random", "--episodes", "20", "--seed", "5"]);
    assert!(table.contains("95 % interval") && table.contains("user turns"), "{table}");
}

#[test]
fn a_rollout_of_one_is_the_session_of_that_seed() {
    let session = json(&["session", "--recommender", "popular", "--seed", "31", "--json"]);
    let rollout = json(&["rollout", "--recommender", "popular", "--seed", "31", "--episodes", "1", "--json"]);
    assert_eq!(session["metrics"]["reward"], rollout["return_mean"]);
    assert_eq!(session["metrics"]["turns"].as_f64(), rollout["turns_mean"].as_f64());
}

#[test]
fn set_reaches_the_session_and_later_ones_win() {
    let run = json(&[
        "session",
        "--set",
        "slate_size=3",
        "--set",
        "persona.traits.patience=0.2",
        "--set",
        "slate_size=4",
        "--set",
        "context.place=work",
        "--set",
        "reward.time=1",
        "--recommender",
        "random",
        "--instructions",
        "off",
        "--json",
    ]);
    assert_eq!(run["scenario"]["slate_size"], 4);
    assert_eq!(run["turns"][0]["slate"].as_array().map(Vec::len), Some(4));
    assert_eq!(run["scenario"]["persona"]["traits"]["patience"], 0.2);
    assert_eq!(run["scenario"]["instructions"], false);
}

#[test]
fn a_comparison_has_every_recommender_once_and_pairs_them() {
    let c = json(&["compare", "--episodes", "6", "--recommender", "popular", "--json"]);
    let rows = c["rows"].as_array().expect("rows");
    let listed = json(&["recommenders", "--json"]);
    assert_eq!(rows.len(), listed.as_array().map_or(0, Vec::len));
    for row in rows {
        assert_eq!(row["episodes"], 6);
        assert_eq!(row["difference"].is_null(), row["recommender"] == "popular");
    }
}

#[test]
fn lists_name_what_there_is() {
    let scenarios = json(&["scenarios", "--json"]);
    assert!(scenarios.as_array().is_some_and(|s| s.len() >= 6));
    assert_eq!(scenarios[0]["id"], "recoworld/CommuteFeed-v0");
    assert!(out(&["scenarios"]).contains("Film night"));
    assert!(out(&["recommenders"]).contains("epsilon"));
    assert!(out(&["schema", "fields"]).contains("persona.traits.patience"));
    assert!(json(&["schema", "fields", "--json"]).as_array().is_some_and(|f| f.len() > 30));
}

#[test]
fn a_check_of_a_preset_passes() {
    let c = json(&["check", "recoworld/ColdStart-v0", "--json"]);
    assert_eq!(c["passed"], true, "{c:#}");
    assert!(out(&["check", "Film night"]).contains("keeps all its promises"));
}

#[test]
fn a_saved_session_replays_to_the_same_bytes_or_says_where_it_differs() {
    let text = out(&["session", "--recommender", "random", "--seed", "12", "--json"]);
    let same = replay(&text, &[]);
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stderr));
    assert!(String::from_utf8_lossy(&same.stdout).contains("same to the last byte"));
    let mut run: Value = serde_json::from_str(&text).expect("JSON");
    run["turns"][0]["ndcg"] = Value::from(0.123);
    let other = replay(&run.to_string(), &[]);
    assert_eq!(other.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&other.stdout).contains("turns[0].ndcg: 0.123 in the file"));
    run["schema"] = Value::from("recoworld/trajectory-v2");
    let newer = replay(&run.to_string(), &[]);
    assert_eq!(newer.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&newer.stderr).contains("newer version"));
    for garbage in ["", "{}", "[]", "{\"schema\":\"recoworld/trajectory-v1\"}", "\u{0}\u{ff}"] {
        assert_eq!(replay(garbage, &[]).status.code(), Some(2), "{garbage:?}");
    }
}

#[test]
fn exports_are_tables_with_one_line_each() {
    let run = json(&["session", "--recommender", "random", "--seed", "3", "--json"]);
    let turns = run["turns"].as_array().expect("turns");
    let mut reader = csv::Reader::from_reader(std::io::Cursor::new(out(&[
        "session",
        "--recommender",
        "random",
        "--seed",
        "3",
        "--csv",
        "turns",
    ])));
    let rewards: Vec<f64> = {
        let at = reader.headers().expect("a head").iter().position(|h| h == "reward").expect("a reward");
        reader.records().map(|r| r.expect("a row")[at].parse().expect("a number")).collect()
    };
    assert_eq!(rewards, turns.iter().map(|t| t["reward"].as_f64().expect("a number")).collect::<Vec<_>>());
    let items = out(&["session", "--recommender", "random", "--seed", "3", "--csv", "items"]);
    let shown: usize = turns.iter().map(|t| t["slate"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(csv::Reader::from_reader(items.as_bytes()).records().filter(|r| r.is_ok()).count(), shown);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    for (arguments, part) in [
        (&["session", "--scenario", "Comute"][..], "Did you mean `recoworld/CommuteFeed-v0`?"),
        (&["session", "--set", "slate=3"], "Did you mean `slate_size`?"),
        (&["session", "--set", "slate_size"], "write it as field=value"),
        (&["session", "--set", "slate_size=0"], "from 1 to 20"),
        (&["session", "--set", "catalog.items=20", "--set", "candidates=30"], "more than the 20 items"),
        (&["session", "--recommender", "radnom"], "random"),
        (&["session", "--instructions", "maybe"], "on or off"),
        (&["session", "--set", "persona.interests.Cookin=1"], "Did you mean `Cooking`?"),
        (&["session", "--scenario", "missing.json"], "could not be read"),
        (&["session", "--seed", "-1"], "whole number from 0 to 18446744073709551615"),
        (&["session", "--seed", "18446744073709551616"], "whole number from 0 to 18446744073709551615"),
        (&["session", "--turns", "-1"], "--turns"),
        (&["rollout", "--episodes", "-3"], "1..=1000000"),
        (&["session", "--scenario", "src"], "src is a folder"),
        (&["session", "--catalog", "src"], "Name a file in it"),
        (&["session", "--catalog", "missing.csv"], "Check how it is spelled"),
        (&["rollout", "--episodes", "0"], "--episodes"),
        (&["check", "nothing at all"], "There are recoworld/CommuteFeed-v0"),
        (&["nothing"], "nothing"),
        (&[], "Usage"),
    ] {
        let e = refused(arguments);
        assert!(e.contains(part), "{arguments:?}: {e}");
        assert!(!e.contains("panicked"), "{arguments:?}: {e}");
    }
}

#[test]
fn items_of_ones_own_make_a_session_that_replays_over_them() {
    let dir = std::env::temp_dir().join(format!("recoworld-items-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("clips.csv");
    let mut text = "title,genre,minutes\n".to_owned();
    for i in 0..60 {
        text.push_str(&format!("Clip \u{1b}[31m{i},{},{}\n", ["Travel", "Cooking", "Chess"][i % 3], 1 + i % 4));
    }
    std::fs::write(&file, &text).expect("writes");
    let path = file.to_str().expect("UTF-8");
    let run = out(&["session", "--catalog", path, "--recommender", "random", "--json"]);
    assert!(run.contains("\"kind\":\"imported\",\"name\":\"clips.csv\""));
    assert!(replay(&run, &["--catalog", path]).status.success());
    let without = replay(&run, &[]);
    assert!(String::from_utf8_lossy(&without.stderr).contains("Use --catalog FILE"));
    std::fs::write(&file, text.replace("Chess", "Go")).expect("writes");
    let other = replay(&run, &["--catalog", path]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("other items"));
    let told = out(&["session", "--catalog", path, "--recommender", "random"]);
    assert!(told.contains("Clip") && !told.contains('\u{1b}'), "{told}");
    std::fs::remove_dir_all(&dir).expect("removes");
}

#[test]
fn a_bad_scenario_file_is_named_with_its_line() {
    let dir = std::env::temp_dir().join(format!("recoworld-cli-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("bad.json");
    let path = file.to_str().expect("UTF-8");
    let good = recoworld::scenario::registry::default_preset().to_json();
    std::fs::write(&file, good.replace("\"horizon\": 60", "\"horizon\": 6000")).expect("writes");
    let e = refused(&["session", "--scenario", path]);
    assert!(e.contains("bad.json: line ") && e.contains("`horizon` is 6000"), "{e}");
    std::fs::write(&file, [0xff, 0xfe, b'{']).expect("writes");
    assert!(refused(&["check", path]).contains("not UTF-8"));
    std::fs::write(&file, good).expect("writes");
    assert!(out(&["session", "--scenario", path, "--recommender", "random"]).contains("Bored on the commute"));
    std::fs::remove_dir_all(&dir).expect("removes");
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_recoworld"))
        .args(["session", "--recommender", "random", "--set", "minutes=600", "--set", "persona.traits.patience=1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn silence_after_a_session_is_read_in_what_was_done() {
    let mut run = json(&["session", "--recommender", "random", "--seed", "3", "--turns", "2", "--json"]);
    let last = run["turns"].as_array_mut().and_then(|t| t.last_mut()).expect("turns");
    last["instruction"] = serde_json::Value::Null;
    for shown in last["slate"].as_array_mut().expect("a slate") {
        shown["reaction"]["examined"] = true.into();
        shown["reaction"]["clicked"] = false.into();
        shown["reaction"]["seconds"] = 0.4.into();
    }
    let file = std::env::temp_dir().join(format!("recoworld-silence-{}.json", std::process::id()));
    std::fs::write(&file, run.to_string()).expect("writes");
    let read = |more: &[&str]| {
        let path = file.to_str().expect("a path");
        json(&[&["understand", "", "--json", "--session", path][..], more].concat())
    };
    let silence = read(&[]);
    assert!(silence["read_as"].as_str().is_some_and(|r| r.starts_with("read in what was done: ")), "{silence}");
    assert!(silence["beliefs"].as_array().is_some_and(|b| !b.is_empty()), "{silence}");
    assert_eq!(read(&["--level", "lexical"])["read_as"], "read as: nothing asked");
    std::fs::remove_file(&file).expect("removes");
    assert_eq!(json(&["understand", "", "--json"])["read_as"], "read as: nothing asked");
}
