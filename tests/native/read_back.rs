//! What is exported, read back by the Python libraries that others use. They are installed once, into the target folder.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_recoworld");
const PACKAGES: [&str; 2] = ["safetensors==0.8.0", "numpy>=1.26"];

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A Python that reads safetensors.
fn python() -> PathBuf {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let reads =
        || Command::new(&python).args(["-c", "import safetensors.numpy"]).output().is_ok_and(|o| o.status.success());
    if !reads() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).output();
        let made = made.expect("python3 is installed, which the tests need");
        assert!(made.status.success(), "no environment; is python3-venv installed? {}", said(&made));
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let installed = Command::new(&python).args(pip).args(PACKAGES).output().expect("pip starts");
        assert!(installed.status.success(), "needs the network, once: {}", said(&installed));
    }
    python
}

fn run(arguments: &[&str]) -> Value {
    let output = Command::new(PROGRAM).args(arguments).arg("--json").output().expect("it starts");
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn weights_pairs_and_transitions_are_read_by_the_libraries_of_others() {
    let folder = tempfile();
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let on = ["--set", "catalog.items=200"];
    let train = |more: &[&str]| run(&[&["train", "--steps", "600", "--eval-episodes", "4"], &on[..], more].concat());
    train(&["--out", &file("run")]);
    let policy = file("run/seed-1/policy.safetensors");
    let (pairs, transitions) = (file("pairs.jsonl"), file("transitions.jsonl"));
    let made =
        run(&[&["pairs", "--pairs", "12", "--continuations", "2", "--out", &pairs, "--policy", &policy], &on[..]]
            .concat());
    let met = run(&[&["transitions", "--episodes", "5", "--out", &transitions, "--policy", &policy], &on[..]].concat());
    assert!(met["env_steps"].as_u64() >= Some(5), "{met}");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/read_back.py");
    let output =
        Command::new(python()).args(["-B", script, &policy, &pairs, &transitions]).output().expect("it starts");
    assert!(output.status.success(), "{}", said(&output));
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&read["pairs"], &read["episodes"], &read["algorithm"]), (&made["pairs"], &5.into(), &"ppo".into()));
    assert!(read["parameters"].as_u64() > Some(1000), "{read}");
    // And the pairs are learnt from.
    let learnt = train(&["--algo", "dpo", "--pairs", &pairs]);
    assert_eq!(learnt["algorithm"], "dpo");
    let elsewhere =
        Command::new(PROGRAM).args(["train", "--algo", "dpo", "--pairs", &pairs, "--steps", "100"]).output();
    let elsewhere = elsewhere.expect("it starts");
    assert!(
        elsewhere.status.code() == Some(2) && said(&elsewhere).contains("made on another scenario"),
        "{}",
        said(&elsewhere)
    );
}

/// A folder for a test's files.
fn tempfile() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("read-back");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}
