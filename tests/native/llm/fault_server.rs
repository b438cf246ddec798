//! A server on loopback that answers as bad servers do.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// What it does with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends this, a whole HTTP answer, and closes.
    Raw(String),
    /// Closes without a word.
    Reset,
    /// Waits longer than anybody would.
    Stall,
    /// Answers with the Authorization header of the request in the text of the answer.
    EchoKey(u16),
}

/// A whole answer of a status with extra header lines.
pub fn status(code: u16, headers: &str, body: &str) -> Act {
    Act::Raw(format!(
        "HTTP/1.1 {code} Status\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// A good chat completion of a text.
pub fn completion(text: &str) -> String {
    let text = serde_json::to_string(text).expect("text");
    format!(
        r#"{{"choices":[{{"message":{{"content":{text}}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":9,"completion_tokens":3}}}}"#
    )
}

/// A stream of events, cut after so many bytes.
pub fn stream(text: &str, most: usize) -> Act {
    let text = serde_json::to_string(text).expect("text");
    let events = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"content\":{text}}}}}]}}\n\ndata: {{\"choices\":[{{\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n"
    );
    let cut = &events[..most.min(events.len())];
    Act::Raw(format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{cut}"))
}

/// The server. It stops when dropped.
pub struct FaultServer {
    pub address: String,
    stop: Arc<AtomicBool>,
    pub served: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl FaultServer {
    /// A server that decides what to do from the number of the request (from 0).
    pub fn start(act: impl Fn(usize) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}/v1", listener.local_addr().expect("has one"));
        let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stopping, counter) = (stop.clone(), served.clone());
        let thread = std::thread::spawn(move || {
            let mut held = Vec::new();
            for connection in listener.incoming() {
                if stopping.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(connection) = connection else { continue };
                let n = counter.fetch_add(1, Ordering::SeqCst);
                // A stalled connection stays open while others are served.
                held.extend(serve(connection, &act(n)));
            }
        });
        Self { address, stop, served, thread: Some(thread) }
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address.trim_start_matches("http://").trim_end_matches("/v1"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut connection: TcpStream, act: &Act) -> Option<TcpStream> {
    connection.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let (mut length, mut key) = (0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 || line.trim().is_empty() {
            break;
        }
        let low = line.to_lowercase();
        if let Some(n) = low.strip_prefix("content-length:") {
            length = n.trim().parse().unwrap_or(0);
        }
        if low.starts_with("authorization:") {
            key = line["authorization:".len()..].trim().to_owned();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    match act {
        Act::Raw(text) => {
            let _ = connection.write_all(text.as_bytes());
        }
        Act::Reset => {}
        Act::Stall => return Some(connection),
        Act::EchoKey(code) => {
            // Far into the text, so that shortening it would cut the key in two.
            let said = format!("{}you sent {key}", "x".repeat(180));
            let body = if *code == 200 { completion(&said) } else { format!(r#"{{"error":{{"message":"{said}"}}}}"#) };
            let Act::Raw(text) = status(*code, "", &body) else { return None };
            let _ = connection.write_all(text.as_bytes());
        }
    }
    None
}
