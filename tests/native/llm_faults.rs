//! What a person reads when a server fails, for each way of failing, over a real connection.

use crate::llm;

use llm::{
    fault_server::{Act, FaultServer, completion, status, stream},
    stage,
};
use recoworld::{
    cli::{
        llm_http::Server,
        llm_play::{Network, play, probe},
    },
    llm::{
        chat::{Message, Reply, Request, Role},
        dialect::{Dialect, preset},
        driver::{Driver, Held},
        fault::{Fault, Retry},
        secret::Secret,
        settings::Settings,
        tape::Tape,
    },
};

const KEY: &str = "sk-test-0123456789abcdef";

fn request() -> Request {
    Request {
        messages: vec![Message::new(Role::User, "Hello")],
        shape: None,
        max_tokens: 10,
        temperature: 0.0,
        seed: 1,
        top_logprobs: 0,
    }
}

fn server(at: &FaultServer, streaming: bool) -> Server {
    Server::new(&at.address, "m", Secret::new(KEY), Dialect::COMMON, streaming)
}

fn call(act: Act) -> Result<Reply, Fault> {
    let faulty = FaultServer::start(move |_| act.clone());
    server(&faulty, false).call(&request(), &Dialect::COMMON, 1500)
}

#[test]
fn each_way_of_failing_has_its_words_and_its_fix() {
    let html = "<html><body>Bad Gateway</body></html>";
    let cases: Vec<(Act, &str, &str)> = vec![
        (
            status(401, "", r#"{"error":{"message":"Incorrect API key"}}"#),
            "does not accept the key. It says: \"Incorrect API key\"",
            "whole key was entered",
        ),
        (status(403, "", "{}"), "does not accept the key", "may use this model"),
        (
            status(404, "", r#"{"error":{"message":"model not found"}}"#),
            "does not know this model",
            "Check the model's name",
        ),
        (status(429, "retry-after: 7\r\n", ""), "asks to wait 7 seconds", "goes on by itself"),
        (status(429, "", ""), "too many requests.", "goes on by itself"),
        (
            status(429, "", r#"{"error":{"message":"insufficient_quota"}}"#),
            "allowance is used up",
            "Add to the account",
        ),
        (
            status(500, "", r#"{"error":{"message":"boom"}}"#),
            "failed (status 500). It says: \"boom\"",
            "try again in a while",
        ),
        (status(502, "", html), "failed (status 502).", "try again in a while"),
        (
            status(400, "", r#"{"error":{"message":"maximum context length is 512"}}"#),
            "longer than this model can read",
            "longer context",
        ),
        (
            status(422, "", r#"{"detail":[{"msg":"bad field"}]}"#),
            "does not take this request (status 422). It says: \"bad field\"",
            "Test the connection",
        ),
        (
            status(302, "location: http://elsewhere.invalid/\r\n", ""),
            "does not take this request (status 302)",
            "Test the connection",
        ),
        (status(200, "", html), "no answer of OpenAI's API", "speaks OpenAI's API"),
        (status(200, "", r#"{"hello":1}"#), "no answer of OpenAI's API", "speaks OpenAI's API"),
        (status(200, "", r#"{"choices":[{"message":{"content":"Hel"#), "broke off before its end", "Try again"),
        (
            Act::Raw(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\":".into(),
            ),
            "broke off before its end",
            "Try again",
        ),
        (Act::Raw("SSH-2.0-OpenSSH\r\n\r\n".into()), "no answer of OpenAI's API", "speaks OpenAI's API"),
        (Act::Reset, "cannot be reached", "Check the address"),
        (Act::Stall, "No answer came within 2 seconds", "allow more time"),
        (stream("Hello", 60), "broke off before its end", "Try again"),
        (stream("Hello", 0), "broke off before its end", "Try again"),
    ];
    for (act, words, fix) in cases {
        let fault = call(act.clone()).expect_err("fails");
        let (said, done) = (fault.words(), fault.fix(None, "http://page.example"));
        assert!(said.contains(words), "{act:?}: {said}");
        assert!(done.contains(fix), "{act:?}: {done}");
        assert!(!said.contains("xml") && !said.contains('<'), "{said}");
    }
    let fix = Fault::Cors.fix(preset("ollama"), "http://page.example");
    assert_eq!(fix, "Start it with: OLLAMA_ORIGINS=http://page.example ollama serve");
}

#[test]
fn nobody_listening_is_refused() {
    let gone = FaultServer::start(|_| Act::Reset).address.clone();
    let server = Server::new(&gone, "m", Secret::default(), Dialect::COMMON, false);
    let fault = server.call(&request(), &Dialect::COMMON, 2000).expect_err("nobody is there");
    assert!(matches!(fault, Fault::Refused { .. }), "{fault:?}");
    assert!(fault.fix(preset("ollama"), "").contains("Start Ollama"));
    assert!(matches!(probe(&server, 2000), Err(Fault::Refused { .. })));
}

#[test]
fn a_whole_stream_is_an_answer() {
    let good = FaultServer::start(|_| stream("Grüß Gott", usize::MAX));
    let reply = server(&good, true).call(&request(), &Dialect::COMMON, 2000).expect("is whole");
    assert_eq!(reply.text, "Grüß Gott");
}

#[test]
fn a_key_that_is_echoed_back_is_nowhere_to_be_read() {
    for code in [200, 401, 500] {
        let outcome = call(Act::EchoKey(code));
        let shown = format!("{outcome:?}");
        assert!(!shown.contains(&KEY[..10]), "{shown}");
        if let Ok(reply) = outcome {
            assert!(reply.text.contains("[key removed]"));
        }
    }
    // On a tape neither, whichever part of the file it would stand in.
    let echoing = FaultServer::start(|n| Act::EchoKey(if n % 2 == 0 { 200 } else { 500 }));
    let server = server(&echoing, false);
    let settings = Settings { retry: Retry { tries: 2, base_ms: 1, most_ms: 5 }, ..Settings::default() };
    let (mut player, mut driver) = (stage::sized(7, 4, 2), Driver::new(settings.clone()));
    let mut tape = Tape::new("m", player.session().scenario(), &settings);
    let _ = play(&mut player, &mut driver, &mut Network::new(&server), Some(&mut tape), &mut |_, _| {});
    let text = tape.to_json(server.secret());
    assert!(tape.exchanges.len() > 2 && text.contains("[key removed]") && !text.contains(&KEY[..10]));
    let run = serde_json::to_string(&player.trajectory().expect("replays")).expect("writes");
    assert!(!run.contains(&KEY[..10]));
}

#[test]
fn a_server_that_recovers_is_waited_for_and_one_that_does_not_holds_the_session() {
    let retry = Retry { tries: 4, base_ms: 2, most_ms: 2000 };
    let settings = Settings { retry, interview: false, ..Settings::default() };
    let good = r#"{"items":[{"action":"watch","watched":50,"reason":"fine"},{"action":"skip","watched":0,"reason":"no"}],"mindset":{"wants":"Travel","satisfaction":5,"boredom":5},"leave":false,"instruction":{"channel":"none","specificity":"vague","words":""}}"#;
    let recovering = FaultServer::start(move |n| match n % 5 {
        0 => status(429, "retry-after: 0.01\r\n", ""),
        1 => status(503, "", ""),
        2 => Act::Reset,
        _ => status(200, "", &completion(good)),
    });
    let (mut player, mut driver) = (stage::sized(7, 2, 4), Driver::new(settings.clone()));
    play(&mut player, &mut driver, &mut Network::new(&server(&recovering, false)), None, &mut |_, _| {})
        .expect("recovers");
    assert!(driver.user().turns > 0 && driver.user().share() == 1.0);

    let locked = FaultServer::start(|_| status(401, "", "{}"));
    let (mut player, mut driver) = (stage::sized(7, 2, 4), Driver::new(settings.clone()));
    let held = play(&mut player, &mut driver, &mut Network::new(&server(&locked, false)), None, &mut |_, _| {});
    assert!(matches!(held, Err(Held::Fault(Fault::Key { .. }))));
    assert_eq!(locked.served.load(std::sync::atomic::Ordering::SeqCst), 1, "a wrong key is not tried again");
    // The person mends it (here: another server), and the session goes on where it stood.
    let before = player.moment();
    driver.resume();
    play(&mut player, &mut driver, &mut Network::new(&server(&recovering, false)), None, &mut |_, _| {})
        .expect("goes on");
    assert!(player.moment() > before && driver.user().share() == 1.0);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for() {
    let busy = FaultServer::start(|_| status(429, "retry-after: 3600\r\n", ""));
    let (mut player, mut driver) = (stage::sized(7, 2, 4), Driver::new(Settings::default()));
    let held = play(&mut player, &mut driver, &mut Network::new(&server(&busy, false)), None, &mut |_, _| {});
    assert_eq!(held, Err(Held::Fault(Fault::Busy { wait_ms: Some(3_600_000) })));
}
