//! A streamed answer: server-sent events, taken in whatever pieces the network brings.

use super::{
    chat::{Finish, Reply, TokenScore, Usage, finish, read_tokens, read_usage},
    fault::Fault,
    shape::clip,
};
use serde_json::Value;

/// The most bytes of one answer that are read: a runaway stream is cut here.
pub const MOST_BYTES: usize = 4 << 20;

/// How fast an answer comes, where the server says so (llama.cpp does).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// Tokens of the prompt that have been read, those found in the cache included, and how many there are.
    pub read: Option<(u32, u32)>,
    /// Tokens written so far, and how many come in a second.
    pub written: Option<(u32, f64)>,
}

impl Pace {
    fn take(&mut self, chunk: &Value) {
        let whole = |path: &str| chunk.pointer(path).and_then(Value::as_u64).map(|n| n as u32);
        let read = whole("/prompt_progress/processed").zip(whole("/prompt_progress/total"));
        self.read = read.or(self.read);
        let rate = chunk.pointer("/timings/predicted_per_second").and_then(Value::as_f64);
        self.written = whole("/timings/predicted_n").zip(rate).or(self.written);
    }

    /// In words; none where nothing is known.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.written, self.read) {
            (Some((n, rate)), _) if n > 1 => format!("{n} tokens written, {rate:.1} a second"),
            (_, Some((read, all))) => format!("{read} of {all} tokens of the prompt read"),
            _ => String::new(),
        }
    }
}

/// Puts a streamed answer together.
#[derive(Debug, Default)]
pub struct Stream {
    /// Bytes of a line that has not ended yet.
    line: Vec<u8>,
    /// The data lines of an event that has not ended yet.
    data: String,
    taken: usize,
    text: String,
    tokens: Vec<TokenScore>,
    finish: Option<Finish>,
    usage: Option<Usage>,
    pace: Pace,
    done: bool,
}

impl Stream {
    /// A stream of which nothing has come.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The text so far, to be shown while it grows.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How fast it comes.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Whether the server has said that nothing more will come.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Takes the next bytes, cut anywhere (in the middle of a character too).
    ///
    /// # Errors
    /// Where an event is no chat-completion chunk, carries an error, or the whole grows over [`MOST_BYTES`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.taken += bytes.len();
        if self.taken > MOST_BYTES {
            return Err(Fault::Garbage { said: format!("more than {MOST_BYTES} bytes") });
        }
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take_line(&String::from_utf8_lossy(&line))?;
            } else {
                self.line.push(byte);
            }
        }
        Ok(())
    }

    /// The whole answer, once the connection has ended.
    ///
    /// # Errors
    /// [`Fault::Cut`] where neither a finish reason nor `[DONE]` has come.
    pub fn end(mut self) -> Result<Reply, Fault> {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.take_line(&String::from_utf8_lossy(&line)).map_err(cut)?;
        }
        self.close_event().map_err(cut)?;
        if !self.done && self.finish.is_none() {
            return Err(Fault::Cut);
        }
        let usage = self.usage.unwrap_or_default();
        Ok(Reply { text: self.text, finish: self.finish.unwrap_or_default(), tokens: self.tokens, usage })
    }

    fn take_line(&mut self, line: &str) -> Result<(), Fault> {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            return self.close_event();
        }
        if let Some(data) = line.strip_prefix("data:") {
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            return Ok(());
        }
        // Comments (keep-alives), ids and event names say nothing; anything else is not a stream of events.
        let known = line.starts_with(':') || ["event", "id", "retry"].iter().any(|n| line.starts_with(n));
        if known { Ok(()) } else { Err(Fault::Garbage { said: clip(line, 200) }) }
    }

    fn close_event(&mut self) -> Result<(), Fault> {
        let data = std::mem::take(&mut self.data);
        match data.trim() {
            "" => Ok(()),
            "[DONE]" => {
                self.done = true;
                Ok(())
            }
            json => self.take_chunk(json),
        }
    }

    fn take_chunk(&mut self, json: &str) -> Result<(), Fault> {
        let chunk: Value = serde_json::from_str(json).map_err(|_| Fault::Garbage { said: clip(json, 200) })?;
        if let Some(error) = chunk.get("error").filter(|e| !e.is_null()) {
            return Err(Fault::of_error(error));
        }
        if let Some(usage) = read_usage(chunk.get("usage")) {
            self.usage = Some(usage);
        }
        self.pace.take(&chunk);
        let Some(choice) = chunk.pointer("/choices/0") else { return Ok(()) };
        if let Some(text) = choice.pointer("/delta/content").and_then(Value::as_str) {
            self.text.push_str(text);
        }
        if let Some(logprobs) = choice.get("logprobs") {
            self.tokens.extend(read_tokens(logprobs));
        }
        if let Some(reason) = choice.get("finish_reason").filter(|r| !r.is_null()) {
            self.finish = Some(finish(Some(reason)));
        }
        Ok(())
    }
}

/// What is left when the connection ends is the beginning of an event that did not arrive whole.
fn cut(fault: Fault) -> Fault {
    if matches!(fault, Fault::Garbage { .. }) { Fault::Cut } else { fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = ": hello\r\n\r\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\"Grüß\"}}]}\n\n\
        data: {\"choices\":[{\"delta\":{\"content\":\" Gott\"},\"finish_reason\":\"stop\"}]}\n\n\
        data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";

    #[test]
    fn pieces_of_any_size_give_the_same_answer() {
        for size in 1..=WHOLE.len() {
            let mut stream = Stream::new();
            for piece in WHOLE.as_bytes().chunks(size) {
                stream.push(piece).expect("a chunk");
            }
            assert!(stream.is_done());
            let reply = stream.end().expect("is whole");
            assert_eq!((reply.text.as_str(), reply.usage.prompt), ("Grüß Gott", 7));
        }
    }

    #[test]
    fn how_fast_it_comes_is_told_where_the_server_says_so() {
        let mut stream = Stream::new();
        let mut said = |chunk: &str| {
            stream.push(format!("data: {chunk}\n\n").as_bytes()).expect("a chunk");
            stream.pace().words()
        };
        assert_eq!(said(r#"{"choices":[{"delta":{"role":"assistant"}}]}"#), "");
        let read = said(r#"{"choices":[],"prompt_progress":{"total":618,"cache":0,"processed":64,"time_ms":9}}"#);
        assert_eq!(read, "64 of 618 tokens of the prompt read");
        let timings = r#""timings":{"predicted_n":12,"predicted_per_second":9.84}"#;
        let written = said(&format!(r#"{{"choices":[{{"delta":{{"content":"a"}}}}],{timings}}}"#));
        assert_eq!(written, "12 tokens written, 9.8 a second");
    }

    #[test]
    fn a_stream_that_breaks_off_is_told_from_one_that_ends() {
        let cut = &WHOLE[..WHOLE.find(" Gott").expect("is there")];
        let mut stream = Stream::new();
        stream.push(cut.as_bytes()).expect("chunks");
        assert_eq!(stream.end(), Err(Fault::Cut));
        let mut stream = Stream::new();
        stream
            .push(
                &WHOLE.as_bytes()[..WHOLE.find("data: {\"choices\":[{\"delta\":{\"content\":\" Gott").expect("there")],
            )
            .expect("chunks");
        assert_eq!(stream.end(), Err(Fault::Cut));
        let mut stream = Stream::new();
        assert!(matches!(stream.push(b"<html>\n"), Err(Fault::Garbage { .. })));
        let mut stream = Stream::new();
        let error = stream.push(b"data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n");
        assert!(matches!(error, Err(Fault::Server { status: 503, .. })));
    }
}
