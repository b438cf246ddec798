//! Off-policy estimates of session policies, beside what the policy really earns.

use serde_json::Value;
use std::process::{Command, Output};

fn recoworld(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_recoworld")).args(arguments).output().expect("the program starts")
}

fn json(arguments: &[&str]) -> Value {
    let output = recoworld(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(text.lines().count(), 1, "one object on one line");
    serde_json::from_str(&text).expect("JSON")
}

fn refused(arguments: &[&str]) -> String {
    let output = recoworld(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).expect("UTF-8")
}

/// Short sessions of small slates, so that weights stay in bounds.
const SMALL: [&str; 8] =
    ["--set", "catalog.items=200", "--set", "slate_size=2", "--set", "candidates=8", "--set", "horizon=4"];

fn ope(more: &[&str]) -> Value {
    json(&[&["ope"][..], &SMALL, &["--json", "--sessions", "600"], more].concat())
}

fn row<'a>(v: &'a Value, name: &str) -> &'a Value {
    v["estimates"].as_array().expect("rows").iter().find(|r| r["estimator"] == name).expect("an estimator")
}

#[test]
fn estimates_hold_the_true_value_of_a_policy_near_the_one_that_logged() {
    let found = ope(&["--behaviour", "softmax:1", "--target", "softmax:0.8", "--truth", "1500"]);
    let truth = &found["true_value"];
    for name in ["ips", "snips", "dr", "slate_ips"] {
        let e = &row(&found, name)["estimate"];
        let apart = (e["mean"].as_f64().expect("a mean") - truth["mean"].as_f64().expect("a mean")).abs();
        let se = |v: &Value| v["se"].as_f64().expect("an error");
        let both = (se(e) * se(e) + se(truth) * se(truth)).sqrt();
        assert!(apart < 4.0 * both, "{name}: {e} and {truth}");
    }
    let effective = row(&found, "ips")["effective_sessions"].as_f64().expect("a number");
    assert!(effective > 100.0 && effective < 600.0, "{effective}");
    assert!(row(&found, "dr")["estimate"]["se"].as_f64() < row(&found, "ips")["estimate"]["se"].as_f64());
    let whole = row(&found, "slate_ips")["effective_sessions"].as_f64();
    assert!(whole < Some(effective), "{whole:?}");
}

#[test]
fn the_policy_that_logged_is_worth_what_it_earned() {
    let found = ope(&["--behaviour", "softmax:1", "--target", "softmax:1", "--truth", "0"]);
    let earned = found["behaviour_value"]["mean"].as_f64().expect("a mean");
    for name in ["ips", "snips"] {
        let e = row(&found, name)["estimate"]["mean"].as_f64().expect("a mean");
        assert!((e - earned).abs() < 1e-9, "{name}: {e} and {earned}");
    }
    assert!(found["true_value"].is_null());
    assert_eq!(row(&found, "ips")["caution"], "");
}

#[test]
fn a_trained_policy_is_judged_from_a_log_beside_what_it_really_earns() {
    let dir = std::env::temp_dir().join(format!("recoworld-ope-trained-{}", std::process::id()));
    let folder = dir.to_str().expect("UTF-8");
    let budget = ["--steps", "30000", "--seeds", "1", "--eval-episodes", "200"];
    let trained = json(&[&["train", "--algo", "ppo", "--out", folder, "--json"][..], &SMALL, &budget].concat());
    let file = dir.join("seed-1/policy.safetensors");
    let path = file.to_str().expect("UTF-8");
    // Drawn a little wider than it was trained, so that it stays near the policy that logs.
    let found = ope(&["--policy", path, "--temperature", "3", "--behaviour", "softmax:1", "--truth", "1500"]);
    assert_eq!(found["target"], "a policy by ppo, temperature 3");
    let truth = &found["true_value"];
    let (mean, se) = (|v: &Value| v["mean"].as_f64().expect("a mean"), |v: &Value| v["se"].as_f64().expect("an error"));
    for name in ["ips", "snips", "dr"] {
        let e = &row(&found, name)["estimate"];
        let both = (se(e) * se(e) + se(truth) * se(truth)).sqrt();
        assert!((mean(e) - mean(truth)).abs() < 4.0 * both, "{name}: {e} and {truth}");
    }
    assert!(row(&found, "ips")["effective_sessions"].as_f64() > Some(30.0), "{found}");
    // At temperature 0 it shows what it serves: its true value is what whole episodes gave after training.
    let served = ope(&["--policy", path, "--temperature", "0", "--truth", "1500"]);
    let (truth, after) = (&served["true_value"], &trained["seeds"][0]);
    let (m, s) = (after["eval_return_mean"].as_f64().expect("a mean"), after["eval_return_se"].as_f64().expect("one"));
    assert!((mean(truth) - m).abs() < 4.0 * (s * s + se(truth) * se(truth)).sqrt(), "{truth} and {after}");
    let e = refused(&["ope", "--policy", path, "--target", "random"]);
    assert!(e.contains("cannot be used with"), "{e}");
    let e = refused(&["ope", "--policy", path, "--temperature", "-1"]);
    assert!(e.contains("0 to 100") || e.contains("unexpected argument"), "{e}");
    assert!(refused(&["ope"]).contains("--target"));
    std::fs::remove_dir_all(&dir).expect("removes");
}

#[test]
fn weights_that_are_none_are_refused_by_their_file() {
    let e = refused(&["ope", "--policy", "Cargo.toml"]);
    assert!(e.contains("Cargo.toml: it is no safetensors file"), "{e}");
}

#[test]
fn what_means_nothing_is_refused_or_warned_of() {
    let found = json(&["ope", "--target", "greedy", "--sessions", "40", "--truth", "0", "--json"]);
    assert!(row(&found, "slate_ips")["estimate"].is_null());
    assert!(row(&found, "slate_ips")["caution"].as_str().is_some_and(|c| c.contains("ordered slates")));
    assert!(row(&found, "ips")["caution"].as_str().is_some_and(|c| c.contains("differ too much")));
    assert!(refused(&["ope", "--target", "softmax:1", "--behaviour", "greedy"]).contains("never shows anything"));
    assert!(refused(&["ope", "--target", "nobody"]).contains("--target: there is no policy"));
}

#[test]
fn a_log_that_was_written_gives_the_estimate_of_the_sessions_themselves() {
    let dir = std::env::temp_dir().join(format!("recoworld-ope-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("log.jsonl");
    let path = file.to_str().expect("UTF-8");
    json(&[&["logs"][..], &SMALL, &["--sessions", "60", "--out", path, "--json"]].concat());
    let of = |more: &[&str]| {
        json(&[&["ope"][..], &SMALL, &["--target", "softmax:0.7", "--truth", "0", "--json"], more].concat())
    };
    let (read, played) = (of(&["--log", path]), of(&["--sessions", "60"]));
    assert_eq!(read["estimates"], played["estimates"]);
    let bare = std::fs::read_to_string(&file).expect("reads").replace("\"propensities\"", "\"propensity\"");
    std::fs::write(&file, bare).expect("writes");
    let e = refused(&[&["ope"][..], &SMALL, &["--target", "random", "--log", path]].concat());
    assert!(e.contains("line 2") && e.contains("propensity"), "{e}");
    std::fs::remove_dir_all(&dir).expect("removes");
}
