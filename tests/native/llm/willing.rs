//! A server on loopback with a willing model behind it, which can be made to fail in mid-session.

use super::fault_server::{completion, status};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// With this status.
    Status(u16),
    /// It says nothing and keeps the line open.
    Silent,
    /// What it says cannot be used.
    Nonsense,
}

/// The server. Its thread lives as long as the program.
pub struct Willing {
    pub address: String,
    /// What it was asked for in sessions: react, choose, step or interview.
    pub asked: Arc<Mutex<Vec<&'static str>>>,
}

impl Willing {
    /// A server that never fails.
    pub fn start() -> Self {
        Self::failing(|_| None)
    }

    /// A server that fails at some of a session's calls (from 0).
    pub fn failing(fails: impl Fn(usize) -> Option<Failing> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}/v1", listener.local_addr().expect("has one"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let asking = asked.clone();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for connection in listener.incoming().flatten() {
                open.extend(serve(connection, &fails, &asking));
            }
        });
        Self { address, asked }
    }

    /// How often it was asked for something.
    pub fn count(&self, what: &str) -> usize {
        self.asked.lock().expect("not poisoned").iter().filter(|w| **w == what).count()
    }
}

fn serve(
    mut connection: TcpStream,
    fails: &impl Fn(usize) -> Option<Failing>,
    asked: &Mutex<Vec<&'static str>>,
) -> Option<TcpStream> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(n) = line.to_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let text: Vec<&str> = body["messages"].as_array()?.iter().filter_map(|m| m["content"].as_str()).collect();
    let text = text.join("\n");
    let (what, said) = answer(&text);
    let mut failing = None;
    if what != "probe" {
        let mut asked = asked.lock().ok()?;
        failing = fails(asked.len());
        asked.push(what);
    }
    let act = match failing {
        Some(Failing::Silent) => return Some(connection),
        Some(Failing::Status(code)) => status(code, "", r#"{"error":{"message":"boom"}}"#),
        Some(Failing::Nonsense) => status(200, "", &completion("I would rather not say.")),
        None => status(200, "", &completion(&said)),
    };
    let super::fault_server::Act::Raw(text) = act else { return None };
    let _ = connection.write_all(text.as_bytes());
    None
}

fn answer(text: &str) -> (&'static str, String) {
    let number = |after: &str| -> Option<usize> {
        let digits: String = text.split(after).nth(1)?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    if text.contains("The session is over") {
        return ("interview", r#"{"stay":"It was fun.","leave":"I had to go.","rating":4}"#.to_owned());
    }
    if let Some(n) = number("Choose the slate: ") {
        let list = text.lines().filter_map(|l| l.split_once(": \"")?.0.parse::<u32>().ok());
        let chosen: Vec<String> = list.take(n).map(|i| i.to_string()).collect();
        return ("choose", format!(r#"{{"why":"varied","slate":[{}],"remember":"likes travel"}}"#, chosen.join(",")));
    }
    if let Some(n) = number("Slate of ") {
        let items: Vec<String> =
            (0..n).map(|i| format!(r#"{{"action":"watch","watched":40,"reason":"reason {i}"}}"#)).collect();
        let rest = r#""mindset":{"wants":"Travel","satisfaction":6,"boredom":3},"leave":false,"instruction":{"channel":"none","specificity":"vague","words":""}"#;
        return ("react", format!(r#"{{"items":[{}],{rest}}}"#, items.join(",")));
    }
    let step = r#"{"why":"looks fit","tool":"slate","words":"travel","topic":"any","minutes":0,"item":0}"#.to_owned();
    (if text.contains("slate") { "step" } else { "probe" }, step)
}
