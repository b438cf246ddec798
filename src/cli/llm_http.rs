//! The command line's network: makes the calls that the engine asks for.

use crate::llm::{
    chat::{Reply, Request, read_reply},
    dialect::{Dialect, completions_url},
    embed,
    fault::Fault,
    secret::Secret,
    sse,
};
use std::{
    io::Read,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// The most bytes of an answer that holds embeddings.
const MOST_EMBEDDED: usize = 64 << 20;

/// A server with its model and key.
pub struct Server {
    agent: ureq::Agent,
    base: String,
    model: String,
    secret: Secret,
    stream: bool,
    /// What the server understands; a probe may set it.
    pub dialect: Dialect,
}

impl Server {
    /// A server at a base address. Nothing is sent yet.
    #[must_use]
    pub fn new(base: &str, model: &str, secret: Secret, dialect: Dialect, stream: bool) -> Self {
        let agent = ureq::Agent::config_builder()
            // A redirect would take the key to a host that the person did not name.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .build()
            .into();
        Self { agent, base: base.to_owned(), model: model.to_owned(), secret, stream, dialect }
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The key, for taking it out of what is written.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Makes a call.
    ///
    /// # Errors
    /// Every way in which it can fail, the key taken out of what the server says.
    pub fn call(&self, request: &Request, dialect: &Dialect, timeout_ms: u64) -> Result<Reply, Fault> {
        self.secret.clean(self.send(request, dialect, timeout_ms))
    }

    /// Asks for embeddings: posts a body, and gives the answer's text.
    ///
    /// # Errors
    /// As [`Server::call`].
    pub fn embed(&self, body: String, timeout_ms: u64) -> Result<String, Fault> {
        let read = |answer: &mut dyn Read, _: &str| read_text(answer, MOST_EMBEDDED, timeout_ms);
        let outcome = self.ask(&embed::url(&self.base), body, timeout_ms, read);
        outcome.map(|text| self.secret.redact(text)).map_err(|fault| self.secret.clean_fault(fault))
    }

    fn send(&self, request: &Request, dialect: &Dialect, timeout_ms: u64) -> Result<Reply, Fault> {
        let read = |answer: &mut dyn Read, kind: &str| {
            if kind.contains("event-stream") {
                return read_stream(answer, timeout_ms);
            }
            read_reply(&self.secret.redact(read_text(answer, sse::MOST_BYTES, timeout_ms)?))
        };
        let body = request.body(&self.model, dialect, self.stream);
        self.ask(&completions_url(&self.base), body, timeout_ms, read)
    }

    /// Posts a body and reads the answer, where it is a good one.
    fn ask<T>(
        &self,
        url: &str,
        body: String,
        timeout_ms: u64,
        read: impl FnOnce(&mut dyn Read, &str) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let fault = |e: ureq::Error| fault_of(&e, timeout_ms);
        let mut call = self
            .agent
            .post(url)
            .config()
            .timeout_global(Some(Duration::from_millis(timeout_ms)))
            .build()
            .header("content-type", "application/json");
        if let Some(key) = self.secret.reveal() {
            call = call.header("authorization", format!("Bearer {key}"));
        }
        let mut answer = call.send(body).map_err(fault)?;
        let status = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (retry_after, kind) = (header("retry-after"), header("content-type").unwrap_or_default());
        let mut body = answer.body_mut().as_reader();
        if (200..300).contains(&status) {
            return read(&mut body, &kind);
        }
        let text = self.secret.redact(read_text(&mut body, sse::MOST_BYTES, timeout_ms)?);
        if (300..400).contains(&status) {
            let said = "it sends on to another address".to_owned();
            return Err(Fault::Rejected { status, said });
        }
        Err(Fault::of_status(status, retry_after.as_deref(), &text, unix_s()))
    }
}

/// Seconds since 1970: a Retry-After header may name a date.
#[expect(clippy::disallowed_methods, reason = "the command line has a clock; the engine is given its time")]
fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn read_text(body: &mut dyn Read, most: usize, timeout_ms: u64) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    body.take(most as u64).read_to_end(&mut bytes).map_err(|e| broken(&e, timeout_ms))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_stream(body: &mut dyn Read, timeout_ms: u64) -> Result<Reply, Fault> {
    let mut stream = sse::Stream::new();
    let mut piece = [0; 4096];
    while !stream.is_done() {
        match body.read(&mut piece).map_err(|e| broken(&e, timeout_ms))? {
            0 => break,
            n => stream.push(&piece[..n])?,
        }
    }
    stream.end()
}

/// A connection that broke after the answer had begun.
fn broken(e: &std::io::Error, timeout_ms: u64) -> Fault {
    let slow = matches!(e.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock)
        || e.get_ref()
            .and_then(|e| e.downcast_ref::<ureq::Error>())
            .is_some_and(|e| matches!(e, ureq::Error::Timeout(_)));
    if slow { Fault::Slow { after_ms: timeout_ms } } else { Fault::Cut }
}

fn fault_of(e: &ureq::Error, timeout_ms: u64) -> Fault {
    match e {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            Fault::Refused { said: "no connection within 10 seconds".into() }
        }
        ureq::Error::Timeout(_) => Fault::Slow { after_ms: timeout_ms },
        // The kind alone: the text of an error may hold the address, and so what a person typed into it.
        ureq::Error::Io(e) => Fault::Refused { said: e.kind().to_string() },
        ureq::Error::HostNotFound => Fault::Refused { said: "the name is unknown".into() },
        ureq::Error::Protocol(_) => Fault::Garbage { said: "no HTTP".into() },
        other => Fault::Refused { said: other.to_string() },
    }
}
