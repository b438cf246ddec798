//! Training on the command line: what it is held against, and going on with it.

use serde_json::Value;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_recoworld")).args(arguments).output().expect("the program starts")
}

fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

const ON: [&str; 7] =
    ["train", "--scenario", "recsim/InterestEvolution-v0", "--algo", "reinforce", "--eval-episodes", "20"];

#[test]
fn a_run_goes_on_where_it_was_made_and_a_published_environment_brings_its_own_opponents() {
    let dir = std::env::temp_dir().join(format!("recoworld-train-{}", std::process::id()));
    let folder = dir.to_str().expect("UTF-8");
    fn train<'a>(folder: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&ON[..], &["--out", folder], more].concat()
    }
    let begun = json(&train(folder, &["--steps", "3000", "--json"]));
    let against = begun["seeds"][0]["against"].as_object().expect("opponents");
    assert!(against.contains_key("greedy") && !against.contains_key("random"), "{against:?}");
    assert!(against["greedy"].get("retention_difference").is_none(), "these users do not come back");
    assert!(begun["seeds"][0]["verdict"].as_str().expect("words").contains("than greedy"), "{begun}");
    let iterations = begun["seeds"][0]["iterations"].as_u64().expect("a number");

    // Nothing is left to do: no step was taken in no time, and the iterations are those of before.
    let same = json(&train(folder, &["--steps", "3000", "--resume", "--json"]));
    assert_eq!(same["seeds"][0]["iterations"], iterations);
    assert_eq!(same["seeds"][0]["env_steps_per_second"], 0.0);
    let e = refused(&train(folder, &["--steps", "6000", "--resume", "--set", "slate_size=1"]));
    assert!(e.contains("shape") || e.contains("scenario"), "{e}");
    let e = refused(&train(folder, &["--steps", "6000", "--resume", "--set", "num_candidates=12"]));
    assert!(e.contains("its scenario is recsim/InterestEvolution-v0 (settings "), "{e}");

    let file = dir.join("seed-1/policy.safetensors");
    let evaluate = ["evaluate", "--policy", file.to_str().expect("UTF-8"), "--scenario", ON[2], "--episodes", "20"];
    let named = json(&[&evaluate[..], &["--against", "greedy", "--json"]].concat());
    assert_eq!(named["against"].as_object().expect("opponents").len(), 1);
    let e = refused(&[&evaluate[..], &["--against", "agent"]].concat());
    assert!(e.contains("--against: ") && e.contains("recsim/InterestEvolution-v0"), "{e}");
    std::fs::remove_dir_all(dir).expect("it is there");
}

#[test]
fn what_learns_from_pairs_that_a_trained_policy_drew_says_so() {
    let dir = std::env::temp_dir().join(format!("recoworld-drawn-{}", std::process::id()));
    let file = |name: &str| dir.join(name).to_str().expect("UTF-8").to_owned();
    let (folder, policy, pairs) = (file("run"), file("run/seed-1/policy.safetensors"), file("pairs.jsonl"));
    let on = ["--scenario", "recsim/LongTermSatisfaction-v0"];
    let train = ["train", "--steps", "600", "--eval-episodes", "4", "--json"];
    json(&[&train[..], &on[..], &["--out", &folder]].concat());
    let make = ["pairs", "--pairs", "12", "--continuations", "1", "--out", &pairs, "--json"];
    let learn = || {
        let learnt = json(&[&train[..], &on[..], &["--algo", "dpo", "--pairs", &pairs]].concat());
        (learnt["pairs_drawn_by"].clone(), learnt["seeds"][0]["notes"].clone())
    };
    let made = json(&[&make[..], &on[..], &["--policy", &policy]].concat());
    assert_eq!(made["drawn_by"], "ppo");
    let (drawn_by, notes) = learn();
    assert_eq!(drawn_by, serde_json::json!({ "ppo": made["pairs"] }));
    assert!(notes[0].as_str().is_some_and(|n| n.contains("a policy that PPO had trained")), "{notes}");
    let made = json(&[&make[..], &on[..]].concat());
    let (drawn_by, notes) = learn();
    assert_eq!((drawn_by, notes), (serde_json::json!({ "fresh": made["pairs"] }), Value::Null));
    std::fs::remove_dir_all(dir).expect("it is there");
}

#[test]
fn a_seed_that_would_do_nothing_is_refused() {
    assert!(refused(&[&ON[..], &["--seed", "9"]].concat()).contains("--seeds 9"));
}
