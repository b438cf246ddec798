//! Environments by letter, from another language and over pipes; and recommenders behind an address.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_recoworld");

struct Pipe {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Pipe {
    fn open(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("env")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child, input, output: BufReader::new(output) }
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }

    fn send(&mut self, bytes: &[u8]) -> Value {
        self.input.write_all(bytes).expect("it reads");
        self.input.write_all(b"\n").expect("it reads");
        self.read()
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.send(request.to_string().as_bytes())
    }
}

fn schema() -> jsonschema::Validator {
    let output = Command::new(PROGRAM).args(["schema", "env"]).output().expect("the program starts");
    jsonschema::validator_for(&serde_json::from_slice(&output.stdout).expect("JSON")).expect("a schema")
}

#[test]
fn episodes_by_letter_are_as_the_schema_says_and_repeat() {
    let schema = schema();
    for scenario in ["recsim/InterestEvolution-v0", "recsim/LongTermSatisfaction-v0", "recoworld/FewWords-v0"] {
        let mut pipe = Pipe::open(&["--scenario", scenario, "--set", "slate_size=3"]);
        let hello = pipe.read();
        assert_eq!(hello["protocol"], "recoworld/env-v1");
        assert_eq!((&hello["space"]["id"], &hello["space"]["slate_size"]), (&json!(scenario), &json!(3)));
        let episode = |pipe: &mut Pipe| {
            let mut all = vec![pipe.ask(&json!({ "op": "reset", "seed": "7", "id": 1 }))];
            loop {
                let last = all.last().expect("one");
                if last["terminated"] == true || last["truncated"] == true {
                    return all;
                }
                let slate = &last["observation"]["candidates"].as_array().expect("candidates")[..3];
                let request = json!({ "op": "step", "slate": slate });
                assert!(schema.is_valid(&request));
                let reply = pipe.ask(&request);
                let wrong = schema.iter_errors(&reply).next().map(|e| e.to_string());
                assert_eq!(wrong, None, "{scenario}: {reply:#}");
                all.push(reply);
            }
        };
        let (first, second) = (episode(&mut pipe), episode(&mut pipe));
        assert_eq!(first[0]["id"], 1);
        assert!(first.len() > 2 && first == second, "{scenario}: {} and {} replies", first.len(), second.len());
        let items = pipe.ask(&json!({ "op": "items" }));
        assert!(schema.is_valid(&items) && schema.is_valid(&hello), "{scenario}");
        assert_eq!(items["items"]["items"].as_array().is_some(), scenario.starts_with("recoworld/"));
        assert_eq!(pipe.ask(&json!({ "op": "close" })), json!({ "closed": true }));
        assert!(pipe.child.wait().expect("it ends").success());
    }
    assert!(!schema.is_valid(&json!({ "op": "leap" })), "the schema takes anything");
}

#[test]
fn bad_lines_are_answered_and_change_nothing() {
    let mut pipe = Pipe::open(&["--scenario", "recsim/InterestExploration-v0"]);
    pipe.read();
    assert_eq!(pipe.ask(&json!({ "op": "step", "slate": [0, 1] }))["error"]["kind"], "not_reset");
    pipe.ask(&json!({ "op": "reset", "seed": 4 }));
    let long = vec![b'x'; 3 << 20];
    for (line, kind, part) in [
        (&b"nonsense"[..], "json", "not JSON"),
        (b"[1]", "request", "JSON object"),
        (b"\xff\xfe", "json", "UTF-8"),
        (&long, "json", "megabyte"),
        (b"{}", "request", "no `op`"),
        (br#"{"op":"stpe"}"#, "request", "Did you mean `step`?"),
        (br#"{"op":"step"}"#, "request", "`slate` must be"),
        (br#"{"op":"step","slate":["a","b"]}"#, "request", "`slate` must be"),
        (br#"{"op":"step","slate":[0,1],"sead":1}"#, "request", "`sead`"),
        (br#"{"op":"step","slate":[0]}"#, "slate", "a slate of 1 items"),
        (br#"{"op":"step","slate":[0,0]}"#, "slate", "twice"),
        (br#"{"op":"step","slate":[0,99]}"#, "slate", "item 99"),
        (br#"{"op":"reset","seed":-1}"#, "request", "`seed` must be"),
        (br#"{"op":"reset","seed":1,"options":{"slate_size":0}}"#, "option", "allowed are"),
        (br#"{"op":"reset","seed":1,"options":{"budget":1}}"#, "option", "`budget`"),
        (br#"{"op":"reset","seed":1,"options":7}"#, "request", "`options` must be"),
    ] {
        let reply = pipe.send(line);
        let message = reply["error"]["message"].as_str().unwrap_or_default();
        let shown = String::from_utf8_lossy(&line[..line.len().min(60)]);
        assert_eq!(reply["error"]["kind"], kind, "{shown}: {reply}");
        assert!(message.contains(part), "{shown}: {message}");
    }
    let after = pipe.ask(&json!({ "op": "step", "slate": [0, 1] }));
    let mut fresh = Pipe::open(&["--scenario", "recsim/InterestExploration-v0"]);
    fresh.read();
    fresh.ask(&json!({ "op": "reset", "seed": 4 }));
    assert_eq!(after, fresh.ask(&json!({ "op": "step", "slate": [0, 1] })));
    // Who closes the pipe has ended it.
    drop(fresh.input);
    assert!(fresh.child.wait().expect("it ends").success());
    drop((pipe.input, pipe.output));
    pipe.child.wait().expect("it ends");
}

#[test]
fn python_drives_it_as_it_drives_gymnasium() {
    let code = r#"
import sys
from recoworld_env import RecoWorldEnv
def run(program):
    env = RecoWorldEnv("recsim/LongTermSatisfaction-v0", program=program, sensitivity=0.3)
    observation, info = env.reset(seed=7, options={"slate_size": 1})
    assert info["seed"] == "7" and observation["slate_size"] == 1, (observation, info)
    total, steps = 0.0, 0
    while True:
        best = sorted(observation["candidates"], key=lambda i: observation["documents"][i]["clickbait_score"])
        observation, reward, terminated, truncated, info = env.step(best[: observation["slate_size"]])
        total, steps = total + reward, steps + 1
        if terminated or truncated:
            break
    try:
        env.step(best[:1])
        raise SystemExit("a step after the end was taken")
    except ValueError as e:
        assert "after the end" in str(e), e
    assert terminated and not truncated and steps == 60
    env.close()
    session = RecoWorldEnv(program=program)
    observation, _ = session.reset(seed=1)
    assert session.items()["items"][observation["candidates"][0]]["title"]
    assert session.step(observation["candidates"][:8])[1] is not None
    session.close()
    return total
print(run(sys.argv[1]))
"#;
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let run = || {
        let output = Command::new("python3")
            .args(["-B", "-c", code, PROGRAM])
            .env("PYTHONPATH", docs)
            .output()
            .expect("python3 is installed, which the tests need");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let total: f64 = run().trim().parse().expect("a number");
    assert!(total > 500.0, "{total}");
    assert_eq!(run(), run());
    let client = std::fs::read_to_string(format!("{docs}/recoworld_env.py")).expect("the client");
    assert!(client.lines().count() < 60, "the client has grown");
}

/// Answers each post with what `reply` makes of its body and its number; a reply is the whole of what is sent.
fn server(reply: impl Fn(Value, usize) -> Vec<u8> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let count = AtomicUsize::new(0);
        let reply = Arc::new(reply);
        for stream in listener.incoming().flatten() {
            // One letter a connection: simple, and every answer ends.
            let Some(body) = receive(&stream) else { continue };
            let answer = reply(body, count.fetch_add(1, Ordering::SeqCst));
            let _ = (&stream).write_all(&answer);
        }
    });
    format!("http://user:hush@{address}/slate?key=hush")
}

fn receive(stream: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn ok(body: &Value) -> Vec<u8> {
    http("200 OK", &body.to_string())
}

fn http(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

/// The first candidates.
fn first(post: &Value) -> Value {
    let o = &post["observation"];
    let size = usize::try_from(o["slate_size"].as_u64().expect("a size")).expect("small");
    json!(o["candidates"].as_array().expect("candidates")[..size])
}

fn recoworld(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().expect("the program starts")
}

#[test]
fn a_recommender_behind_an_address_serves_sessions_and_is_explained() {
    let schema = schema();
    let url = server(move |post, n| {
        if let Some(e) = schema.iter_errors(&post).next() {
            return http("400 Bad Request", &e.to_string());
        }
        // It has forgotten the items after its second answer.
        if n == 2 && post["items"].is_null() {
            return ok(&json!({ "need": "items" }));
        }
        if (n == 0 || n == 3) && post["items"]["items"].as_array().is_none_or(Vec::is_empty) {
            return http("400 Bad Request", "no items");
        }
        ok(&json!({ "slate": first(&post), "trace": { "plan": ["The first ones, as ever."] } }))
    });
    let output = recoworld(&["session", "--seed", "3", "--recommender-url", &url, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(!text.contains("hush"), "what the address holds is in the file");
    let run: Value = serde_json::from_str(&text).expect("JSON");
    let turns = run["turns"].as_array().expect("turns");
    assert!(turns.len() > 2, "enough turns to have asked for the items again");
    assert_eq!(turns[0]["slate"][0]["item"], 0);
    assert_eq!(turns[1]["trace"]["plan"][0]["text"], "The first ones, as ever.");
    let told = turns[1]["trace"]["act"][0]["text"].as_str().expect("a step");
    assert!(told.starts_with("Asked your recommender at 127.0.0.1:"), "{told}");
}

#[test]
fn a_recommender_behind_an_address_is_measured_as_ours_are() {
    let episodes = Arc::new(AtomicUsize::new(0));
    let seen = episodes.clone();
    let url = server(move |post, _| {
        seen.fetch_max(post["episode"].as_u64().map_or(0, |e| e as usize), Ordering::SeqCst);
        assert!(!post.to_string().contains("seed"), "the seed is not told");
        ok(&json!({ "slate": first(&post) }))
    });
    for scenario in ["recoworld/CommuteFeed-v0", "recsim/LongTermSatisfaction-v0"] {
        let output = recoworld(&[
            "rollout",
            "--scenario",
            scenario,
            "--recommender-url",
            &url,
            "--episodes",
            "3",
            "--seed",
            "1",
            "--json",
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let r: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(r["recommender"].as_str().is_some_and(|n| n.starts_with("url 127.0.0.1:")), "{r}");
        assert!(r["return_mean"].as_f64().is_some_and(f64::is_finite) && r["episodes"] == 3);
        assert_eq!(episodes.swap(0, Ordering::SeqCst), 2, "{scenario}");
    }
}

#[test]
fn a_recommender_behind_an_address_is_compared_with_ours_on_the_same_seeds() {
    let url = server(|post, _| ok(&json!({ "slate": first(&post) })));
    for (scenario, episodes) in [("recoworld/CommuteFeed-v0", "2"), ("recsim/LongTermSatisfaction-v0", "3")] {
        let compare = |more: &[&str]| {
            let all = [&["compare", "--scenario", scenario, "--episodes", episodes, "--seed", "1"][..], more].concat();
            let output = recoworld(&all);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let all: Value = serde_json::from_slice(&compare(&["--recommender-url", &url, "--json"])).expect("JSON");
        let own = all["base"].as_str().expect("a base");
        assert!(own.starts_with("url 127.0.0.1:"), "{all}");
        let rows = all["rows"].as_array().expect("rows");
        let of = |name: &str| rows.iter().find(|r| r["recommender"] == name).expect("a row");
        assert!(of(own)["difference"].is_null() && of(own)["oracle"] == false);
        let (mean, mine) = (of("random")["return_mean"].as_f64(), of(own)["return_mean"].as_f64());
        let apart = mean.zip(mine).map(|(a, b)| a - b).expect("means");
        assert!((of("random")["difference"]["mean"].as_f64().expect("paired") - apart).abs() < 1e-9);
        let alone: Value = serde_json::from_slice(&compare(&["--json"])).expect("JSON");
        let before = alone["rows"].as_array().expect("rows");
        assert_eq!(before.len() + 1, rows.len(), "all of ours and one more");
        let random = before.iter().find(|r| r["recommender"] == "random").expect("a row");
        assert_eq!(random["return_mean"], of("random")["return_mean"], "the same seeds");
        let told = String::from_utf8(compare(&["--recommender-url", &url])).expect("UTF-8");
        assert!(told.contains("url 127.0.0.1:") && !told.contains("hush"), "{told}");
    }
}

#[test]
fn a_trained_policy_is_held_against_a_recommender_behind_an_address() {
    let url = server(|post, _| ok(&json!({ "slate": first(&post) })));
    let dir = std::env::temp_dir().join(format!("recoworld-evaluated-{}", std::process::id()));
    let (folder, file) = (dir.to_str().expect("UTF-8"), dir.join("seed-1/policy.safetensors"));
    let json = |arguments: &[&str]| {
        let output = recoworld(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let on = ["--set", "slate_size=2", "--set", "candidates=12", "--set", "horizon=4"];
    let short = ["--steps", "600", "--seeds", "1", "--eval-episodes", "2", "--out", folder, "--json"];
    json(&[&["train", "--algo", "ppo"][..], &on, &short].concat());
    let own = ["--recommender-url", &url, "--episodes", "3", "--seed", "1", "--json"];
    let policy = ["evaluate", "--policy", file.to_str().expect("UTF-8"), "--against", "random"];
    let found = json(&[&policy[..], &on, &own].concat());
    let against = found["against"].as_object().expect("an object");
    let mine = against.iter().find(|(name, _)| name.starts_with("url 127.0.0.1:")).expect("mine among them").1;
    let (policy, own) = (&found["eval_return_mean"], &mine["return_mean"]);
    let apart = policy.as_f64().zip(own.as_f64()).map(|(a, b)| a - b).expect("means");
    let told = mine["difference"]["mean"].as_f64().expect("paired");
    assert!(apart.abs() > 1e-3 && (told - apart).abs() < 1e-9, "{found}");
    assert!(mine["retention_difference"]["mean"].is_f64(), "{found}");
    std::fs::remove_dir_all(&dir).expect("removes");
}

#[test]
fn a_comparison_ends_with_the_recommender_that_fails() {
    let posts = Arc::new(AtomicUsize::new(0));
    let seen = posts.clone();
    let url = server(move |_, _| {
        seen.fetch_add(1, Ordering::SeqCst);
        ok(&json!({ "slate": [0] }))
    });
    for scenario in ["recoworld/CommuteFeed-v0", "recsim/LongTermSatisfaction-v0"] {
        let output = recoworld(&["compare", "--scenario", scenario, "--recommender-url", &url, "--episodes", "50"]);
        let e = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{e}");
        assert!(e.contains("The recommender at 127.0.0.1:") && e.contains("asked for"), "{e}");
        assert_eq!(posts.swap(0, Ordering::SeqCst), 1, "nothing more is asked of it");
    }
}

#[test]
fn two_recommenders_for_one_seat_are_refused() {
    let refused = |arguments: &[&str]| {
        let output = recoworld(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let url = "http://127.0.0.1:9/";
    for command in ["session", "rollout", "compare"] {
        let e = refused(&[command, "--recommender", "greedy", "--recommender-url", url]);
        assert!(e.contains("cannot be used with"), "{e}");
    }
    let tape = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tapes/example-tape.json");
    let e = refused(&["session", "--tape", tape, "--recommender-url", url]);
    assert!(e.contains("the model recommends already"), "{e}");
}

#[test]
fn a_recommender_that_fails_is_named_with_what_was_wrong() {
    type Reply = fn(Value, usize) -> Vec<u8>;
    let cases: [(Reply, &str); 7] = [
        (|_, _| http("500 Internal Server Error", "{}"), "HTTP status 500"),
        (|_, _| http("302 Found", ""), "HTTP status 302"),
        (|_, _| ok(&json!({ "slate": [0] })), "its slate has 1 items; 8 were asked for"),
        (|_, _| ok(&json!({ "slate": [0, 0, 1, 2, 3, 4, 5, 6] })), "item 0 stands twice"),
        (|_, _| http("200 OK", "<html>no</html>"), "It begins with: <html>no</html>"),
        (|_, _| ok(&json!({ "need": "items" })), "it asks for the items although"),
        (|post, n| if n == 0 { ok(&json!({ "slate": first(&post) })) } else { Vec::new() }, "failed: it"),
    ];
    for (reply, part) in cases {
        let url = server(reply);
        let output = recoworld(&["rollout", "--recommender-url", &url, "--episodes", "2", "--json"]);
        let e = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{part}: {e}");
        assert!(
            output.stdout.is_empty() && e.contains("The recommender at 127.0.0.1:") && e.contains(part),
            "{part}: {e}"
        );
        assert!(!e.contains("hush"), "{e}");
    }
}

#[test]
fn a_recommender_that_is_late_or_absent_is_not_waited_for() {
    let url = server(|_, _| {
        thread::sleep(Duration::from_secs(5));
        Vec::new()
    });
    let output = recoworld(&["session", "--recommender-url", &url, "--recommender-timeout", "1"]);
    let e = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.code() == Some(2) && e.contains("did not answer within 1 s"), "{e}");
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let output = recoworld(&["session", "--recommender-url", &format!("http://{free}/")]);
    let e = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.code() == Some(2) && e.contains("cannot be reached"), "{e}");
    for (url, part) in [("ftp://there/", "write it as http://"), ("http:///", "write it as http://")] {
        let output = recoworld(&["session", "--recommender-url", url]);
        let e = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(output.status.code() == Some(2) && e.contains(part), "{url}: {e}");
    }
}
