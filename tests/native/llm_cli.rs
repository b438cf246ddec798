//! The command line with a language model, over a real connection: what is kept, what is told, what is refused.
#![allow(clippy::disallowed_methods, reason = "what waits for another program needs a clock")]

use crate::llm;

use llm::willing::{Failing, Willing};
use recoworld::llm::tape::Tape;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

const KEY: &str = "sk-test-0123456789abcdef";

/// A small scenario.
const SMALL: [&str; 12] = [
    "--recommender",
    "popular",
    "--set",
    "catalog.items=200",
    "--set",
    "slate_size=3",
    "--set",
    "horizon=6",
    "--set",
    "minutes=60",
    "--seed",
    "7",
];

/// A folder of one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("recoworld-llm-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("reads");
        let mut names: Vec<String> =
            entries.map(|e| e.expect("reads").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recoworld"));
    command.args(arguments).env("RECOWORLD_TEST_KEY", KEY).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A session with the model of a server.
fn with(server: &Willing, more: &[&str]) -> Output {
    run(&[&["session", "--llm", &server.address, "--model", "m", "--key-env", "RECOWORLD_TEST_KEY"][..], more].concat())
}

fn played(server: &Willing, more: &[&str]) -> (String, String) {
    let output = with(server, &[&SMALL[..], more].concat());
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{err}");
    (out, err)
}

fn refused(output: &Output) -> String {
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(!err.contains("panicked"), "{err}");
    err
}

fn tape(path: &str) -> Tape {
    let text = fs::read_to_string(path).expect("there is a tape");
    assert!(!text.contains(&KEY[..10]));
    Tape::from_json(&text).expect("a whole tape")
}

#[test]
fn a_tape_that_cannot_be_written_is_refused_before_any_call() {
    let folder = Folder::new("refused");
    let server = Willing::start();
    for (path, why) in [(folder.path("no/such/tape.json"), "cannot be written"), (folder.path(""), "is a folder")] {
        let err = refused(&with(&server, &["--tape-out", &path]));
        assert!(err.contains("--tape-out") && err.contains(why), "{err}");
    }
    assert_eq!(server.count("react"), 0);
    // Where the server is not there, what the file held stays, and nothing lies beside it.
    let kept = folder.path("kept.json");
    fs::write(&kept, "before").expect("writes");
    refused(&run(&["session", "--llm", "http://127.0.0.1:9/v1", "--model", "m", "--tape-out", &kept]));
    assert_eq!(
        (fs::read_to_string(&kept).expect("reads").as_str(), folder.names()),
        ("before", vec!["kept.json".into()])
    );
}

#[test]
fn a_killed_session_leaves_a_whole_tape_and_goes_on_from_it_as_if_nothing_had_been() {
    let folder = Folder::new("killed");
    let (one, two, whole) = (folder.path("one.json"), folder.path("two.json"), folder.path("whole.json"));
    let silent = Willing::failing(|n| (n == 2).then_some(Failing::Silent));
    let arguments = ["session", "--llm", &silent.address, "--model", "m", "--key-env", "RECOWORLD_TEST_KEY"];
    let mut child = command(&[&arguments[..], &SMALL[..], &["--tape-out", &one]].concat()).spawn().expect("starts");
    wait_for(&silent, 3);
    kill(&mut child);
    assert_eq!(tape(&one).exchanges.len(), 2);

    let server = Willing::start();
    let output = with(&server, &["--resume-tape", &one, "--tape-out", &two, "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rest = server.asked.lock().expect("not poisoned").len();
    let (run, _) = played(&server, &["--tape-out", &whole, "--json"]);
    let all = server.asked.lock().expect("not poisoned").len() - rest;
    assert!(rest == all - 2 && rest > 1, "{rest} of {all}");
    assert_eq!(text(&output.stdout), run);
    let outcomes = |path: &str| tape(path).exchanges.into_iter().map(|e| (e.digest, e.outcome)).collect::<Vec<_>>();
    assert_eq!(outcomes(&two), outcomes(&whole));
    let again = self::run(&["session", "--tape", &two, "--json"]);
    assert_eq!(text(&again.stdout), run);
    // Another model would be another user.
    let other = ["session", "--llm", &server.address, "--model", "other", "--resume-tape", &one];
    assert!(refused(&self::run(&other)).contains("Use --model m"));
}

#[test]
fn a_session_that_stopped_at_a_fault_or_a_budget_goes_on_in_the_same_file() {
    let folder = Folder::new("stopped");
    let file = folder.path("tape.json");
    let locked = Willing::failing(|n| (n >= 1).then_some(Failing::Status(401)));
    let err = refused(&with(&locked, &[&SMALL[..], &["--tape-out", &file]].concat()));
    assert!(err.contains("does not accept the key") && err.contains("--resume-tape"), "{err}");
    assert!(err.contains("2 calls (1 without an answer)"), "{err}");
    assert_eq!(tape(&file).exchanges.len(), 2);
    let server = Willing::start();
    // 12 tokens a call: the replayed one and one more.
    let err = refused(&with(&server, &["--resume-tape", &file, "--tape-out", &file, "--most-tokens", "20"]));
    assert!(err.contains("budget of 20 tokens") && server.count("react") == 1, "{err}");
    assert_eq!(tape(&file).exchanges.len(), 2);
    let output = with(&server, &["--resume-tape", &file, "--tape-out", &file, "--turns", "1"]);
    assert!(output.status.success());
    assert_eq!(
        (server.count("react"), tape(&file).exchanges.len()),
        (1, 2),
        "a tape that was not played on stays whole"
    );
    let output = with(&server, &["--resume-tape", &file, "--tape-out", &file]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(folder.names(), ["tape.json"]);
    assert_eq!(tape(&file).exchanges.len(), server.asked.lock().expect("not poisoned").len() + 1);
}

#[test]
fn turns_are_as_many_as_were_asked_for_and_nothing_is_asked_beyond() {
    for (part, choices) in [("user", 0), ("both", 2)] {
        let server = Willing::start();
        let (run, err) = played(&server, &["--turns", "2", "--llm-as", part, "--json"]);
        let run: Value = serde_json::from_str(&run).expect("JSON");
        assert_eq!((&run["metrics"]["turns"], run["turns"].as_array().map(Vec::len)), (&2.into(), Some(2)), "{err}");
        assert_eq!((server.count("react"), server.count("choose")), (2, choices), "{part}: {err}");
        assert_eq!(server.count("interview"), 0);
        assert!(err.contains("2 of 2 turns"), "{err}");
    }
    let server = Willing::start();
    let (out, err) = played(&server, &["--turns", "1"]);
    assert!(out.contains("TURN 1") && !out.contains("TURN 2") && out.contains("would go on"), "{out}");
    assert!(err.contains("1 of 1 turn itself") && err.contains("1 call,"), "{err}");
    let (out, err) = played(&server, &["--turns", "0"]);
    assert!(!out.contains("TURN") && err.contains("0 calls"), "{out}{err}");
}

#[test]
fn a_model_gives_its_own_reasons_and_who_stood_in_for_it_is_marked() {
    // The second turn's answer cannot be used, nor can its repair.
    let server = Willing::failing(|n| [1, 2].contains(&n).then_some(Failing::Nonsense));
    let (out, _) = played(&server, &["--turns", "3"]);
    let turns: Vec<&str> = out.split("TURN ").skip(1).collect();
    assert_eq!(turns.len(), 3, "{out}");
    for (i, turn) in turns.iter().enumerate() {
        let own = i != 1;
        assert_eq!(turn.contains("the model: “reason 0”"), own, "{turn}");
        assert_eq!(turn.contains("chance of a click"), !own, "{turn}");
        assert_eq!(turn.contains("The built-in user answered this turn: its answer could not be used"), !own, "{turn}");
    }
    let server = Willing::failing(|n| [1, 2].contains(&n).then_some(Failing::Nonsense));
    let (table, _) = played(&server, &["--turns", "3", "--csv", "items"]);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let at = |name: &str| head.iter().position(|h| h == name).expect("a column");
    let (turn, place, by, reason) = (at("turn"), at("position"), at("by"), at("reason"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 9);
    for row in rows {
        if &row[turn] == "1" {
            assert!(["builtin", ""].contains(&&row[by]) && row[reason].is_empty(), "{row:?}");
        } else {
            assert_eq!((&row[by], &row[reason]), ("model", format!("reason {}", &row[place]).as_str()));
        }
    }
}

#[test]
fn what_a_tape_or_a_saved_session_brings_is_not_passed_over_in_silence() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tapes/example-tape.json");
    let shipped = shipped.to_str().expect("UTF-8");
    for given in [
        ["--scenario", "filmnight"],
        ["--seed", "3"],
        ["--set", "slate_size=3"],
        ["--recommender", "random"],
        ["--instructions", "off"],
        ["--timeout", "5"],
        // What it says by itself is refused as well where a person says it.
        ["--scenario", "recoworld/CommuteFeed-v0"],
    ] {
        let err = refused(&run(&[&["session", "--tape", shipped][..], &given].concat()));
        assert!(err.contains(&format!("{}: the tape brings its own scenario", given[0])), "{err}");
    }
    assert!(refused(&run(&["session", "--tape", shipped, "--policy", "x.json"])).contains("--policy"));
    assert!(refused(&run(&["session", "--tape", shipped, "--catalog", "Cargo.toml"])).contains("--catalog"));
    let resumed = ["session", "--llm", "ollama", "--model", "m", "--resume-tape", shipped, "--llm-as", "both"];
    assert!(refused(&run(&resumed)).contains("--llm-as: the tape brings"));
    let folder = Folder::new("saved");
    let saved = folder.path("run.json");
    fs::write(&saved, run(&["session", "--seed", "3", "--turns", "1", "--json"]).stdout).expect("writes");
    for given in [["--scenario", "filmnight"], ["--seed", "3"], ["--set", "slate_size=3"]] {
        let err = refused(&run(&[&["understand", "less of this", "--session", &saved][..], &given].concat()));
        assert!(err.contains(&format!("{}: the saved session brings its own scenario", given[0])), "{err}");
    }
    assert!(run(&["understand", "less of this", "--session", &saved]).status.success());
    assert!(run(&["session", "--tape", shipped]).status.success());
}

#[test]
fn keys_and_addresses_that_cannot_be_right_are_told_apart_from_servers_that_are_away() {
    let server = Willing::start();
    for (key, why) in [
        ("sk-one\nsk-two", "the key holds a line break"),
        ("sk-\u{201c}one\u{201d}", "the key holds a letter that no key has"),
    ] {
        let arguments = ["session", "--llm", &server.address, "--model", "m", "--key-env", "RECOWORLD_TEST_KEY"];
        let output = command(&arguments).env("RECOWORLD_TEST_KEY", key).output().expect("starts");
        let err = refused(&output);
        assert!(err.contains(why) && !err.contains("sk-"), "{err}");
    }
    let err = refused(&run(&["session", "--llm", "localhost:11434", "--model", "m"]));
    assert!(err.contains("--llm: ") && err.contains("add http:// (http://localhost:11434)"), "{err}");
    let loud = format!(" {} ", server.address.replacen("http", "HTTP", 1));
    let output = run(&[&["session", "--llm", &loud, "--model", "m", "--turns", "1"][..], &SMALL].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    // The command line ends where the page would wait.
    let busy = Willing::failing(|_| Some(Failing::Status(429)));
    let slow = Instant::now();
    let err = refused(&with(&busy, &SMALL));
    assert!(err.contains("run it again") && !err.contains("by itself"), "{err}");
    assert!(err.contains("5 calls (5 without an answer)") && slow.elapsed() < Duration::from_secs(60), "{err}");
}

fn wait_for(server: &Willing, calls: usize) {
    let began = Instant::now();
    while server.asked.lock().expect("not poisoned").len() < calls {
        assert!(began.elapsed() < Duration::from_secs(30), "it never asks");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kill(child: &mut Child) {
    child.kill().expect("is killed");
    child.wait().expect("ends");
}
