//! What can go wrong with a call: told apart, in a person's words, each with what to do, and how long to wait.

use super::{dialect::Preset, shape::clip};
use crate::math::Stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a call did not bring an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fault")]
pub enum Fault {
    /// Nothing listens at the address, or its name is unknown, or the connection broke before an answer began.
    Refused {
        /// What the system says.
        said: String,
    },
    /// The browser forbids the page to read the answer (told by a request without CORS getting through).
    Cors,
    /// The key is missing, wrong, or not allowed to do this (401, 403).
    Key {
        /// What the server says.
        said: String,
    },
    /// There is no such model, or no such address on the server (404, or a 400 that says so).
    Model {
        /// What the server says.
        said: String,
    },
    /// No answer within the time allowed.
    Slow {
        /// The time allowed, ms.
        after_ms: u64,
    },
    /// Too many requests (429).
    Busy {
        /// How long the server asks to wait, ms.
        wait_ms: Option<u64>,
    },
    /// The account's money or allowance is used up (402, or a 429 that says so).
    Quota {
        /// What the server says.
        said: String,
    },
    /// The server failed (5xx).
    Server {
        /// The status.
        status: u16,
        /// What the server says.
        said: String,
    },
    /// The answer broke off before its end.
    Cut,
    /// What came is no chat completion.
    Garbage {
        /// Its beginning.
        said: String,
    },
    /// The prompt is longer than the model's context.
    TooLong {
        /// What the server says.
        said: String,
    },
    /// The server does not take the request as it is (other 4xx).
    Rejected {
        /// The status.
        status: u16,
        /// What the server says.
        said: String,
    },
    /// The person cancelled.
    Cancelled,
    /// The tape holds no answer to this request.
    Untaped {
        /// The request's digest.
        digest: String,
    },
}

impl Fault {
    /// From a status that is no success. `retry_after` is the header of that name; `unix_s` the time now, seconds since
    /// 1970, for a header that names a date (0 where it is not known: such a date is then not heeded).
    #[must_use]
    pub fn of_status(status: u16, retry_after: Option<&str>, body: &str, unix_s: u64) -> Self {
        let said = said(body);
        let low = said.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|w| low.contains(w));
        match status {
            401 | 403 => Self::Key { said },
            402 => Self::Quota { said },
            404 | 405 | 410 => Self::Model { said },
            408 | 504 => Self::Server { status, said },
            429 if has(&["quota", "billing", "credit", "balance"]) => Self::Quota { said },
            429 => Self::Busy { wait_ms: retry_after.and_then(|h| wait_of(h, unix_s)) },
            400 | 413 | 422
                if has(&["context length", "context window", "maximum context", "too long", "too many tokens"]) =>
            {
                Self::TooLong { said }
            }
            400 | 422 if has(&["api key", "api_key"]) => Self::Key { said },
            400 | 422
                if has(&["model"])
                    && has(&["not found", "not exist", "unknown", "invalid model", "not a valid model"]) =>
            {
                Self::Model { said }
            }
            400..=499 => Self::Rejected { status, said },
            503 if retry_after.is_some() => Self::Busy { wait_ms: retry_after.and_then(|h| wait_of(h, unix_s)) },
            _ => Self::Server { status, said },
        }
    }

    /// From an error object inside an answer of status 200, as some servers send them.
    #[must_use]
    pub fn of_error(error: &Value) -> Self {
        let code = error.get("code").or_else(|| error.get("status")).and_then(Value::as_u64);
        let status = code.and_then(|c| u16::try_from(c).ok()).filter(|c| (400..600).contains(c)).unwrap_or(500);
        Self::of_status(status, None, &error.to_string(), 0)
    }

    /// Whether trying the same again may help.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Slow { .. }
                | Self::Busy { .. }
                | Self::Server { .. }
                | Self::Cut
                | Self::Garbage { .. }
        )
    }

    /// What happened, in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let quote = |said: &str| if said.is_empty() { String::new() } else { format!(" It says: \"{said}\"") };
        match self {
            Self::Refused { said } => format!(
                "The server cannot be reached.{}",
                if said.is_empty() { String::new() } else { format!(" ({said})") }
            ),
            Self::Cors => "The server is there, but does not let this page read its answers (CORS).".into(),
            Self::Key { said } => format!("The server does not accept the key.{}", quote(said)),
            Self::Model { said } => format!("The server does not know this model or address.{}", quote(said)),
            Self::Slow { after_ms } => format!("No answer came within {} seconds.", after_ms.div_ceil(1000)),
            Self::Busy { wait_ms: Some(ms) } => {
                format!("The server has had too many requests and asks to wait {} seconds.", ms.div_ceil(1000))
            }
            Self::Busy { wait_ms: None } => "The server has had too many requests.".into(),
            Self::Quota { said } => format!("The account's allowance is used up.{}", quote(said)),
            Self::Server { status, said } => format!("The server failed (status {status}).{}", quote(said)),
            Self::Cut => "The answer broke off before its end.".into(),
            Self::Garbage { said } => format!("What came back is no answer of OpenAI's API.{}", quote(said)),
            Self::TooLong { said } => format!("The prompt is longer than this model can read.{}", quote(said)),
            Self::Rejected { status, said } => {
                format!("The server does not take this request (status {status}).{}", quote(said))
            }
            Self::Cancelled => "Cancelled.".into(),
            Self::Untaped { digest } => format!("The tape holds no answer to this request ({digest})."),
        }
    }

    /// What to do about it, in a sentence.
    #[must_use]
    pub fn fix(&self, preset: Option<&Preset>, origin: &str) -> String {
        match self {
            Self::Refused { .. } => match preset.filter(|p| !p.key) {
                Some(p) => format!("Start {}, or check the address and port.", p.title),
                None => "Check the address, and that this machine is online.".into(),
            },
            Self::Cors => match preset {
                Some(p) => p.allow.replace("{origin}", origin),
                None => format!("Let the server allow the origin {origin}."),
            },
            Self::Key { .. } => {
                "Check that the whole key was entered, that it belongs to this server, and that it may use this model."
                    .into()
            }
            Self::Model { .. } => match preset {
                Some(p) => {
                    format!("Check the model's name (for instance {}) and the address ({}).", p.models[0], p.base)
                }
                None => {
                    "Check the model's name, and that the address ends where chat/completions begins, often in /v1."
                        .into()
                }
            },
            Self::Slow { .. } => {
                "Choose a smaller model, allow more time, or use scored mode, which writes less.".into()
            }
            Self::Busy { .. } => {
                "Wait a little; the session goes on by itself. If it happens often, choose a slower pace.".into()
            }
            Self::Quota { .. } => "Add to the account, or use another model.".into(),
            Self::Server { .. } => "Nothing is wrong here: try again in a while, or use another server.".into(),
            Self::Cut | Self::Garbage { .. } => {
                "Try again. If it happens each time, check that the address is of a server that speaks OpenAI's API."
                    .into()
            }
            Self::TooLong { .. } => "Choose a model with a longer context, a smaller slate, or shorter prompts.".into(),
            Self::Rejected { .. } => "Test the connection: it finds out what this server understands.".into(),
            Self::Cancelled => "Play on when you like.".into(),
            Self::Untaped { .. } => {
                "The session differs from the taped one: its scenario, prompts and settings must be those on the tape."
                    .into()
            }
        }
    }
}

/// What a server says in the body of an error: its message, cut.
fn said(body: &str) -> String {
    let value: Value = match serde_json::from_str(body) {
        Ok(value) => value,
        // A page of HTML says nothing to a person.
        Err(_) if body.trim_start().starts_with('<') => return String::new(),
        Err(_) => return clip(body.trim(), 200),
    };
    let paths = ["/error/message", "/message", "/detail", "/detail/0/msg", "/error", "/0/error/message"];
    let text = paths.iter().find_map(|p| value.pointer(p).and_then(Value::as_str));
    clip(text.map_or_else(|| value.to_string(), str::to_owned).trim(), 200)
}

/// A Retry-After header in ms: seconds (with a fraction, as some send) or an HTTP date; at most a day.
fn wait_of(header: &str, unix_s: u64) -> Option<u64> {
    const DAY_MS: f64 = 86_400_000.0;
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0).then(|| (seconds * 1000.0).min(DAY_MS) as u64);
    }
    let then = http_date(header).filter(|_| unix_s > 0)?;
    Some(then.saturating_sub(unix_s).saturating_mul(1000).min(DAY_MS as u64))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` as seconds since 1970 (RFC 9110, 5.6.7; days by Howard Hinnant's `days_from_civil`).
fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(',')?.1.split_whitespace();
    let day: u64 = words.next()?.parse().ok().filter(|d| (1..=31).contains(d))?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|m| *m == name)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok().filter(|y| (1970..=9999).contains(y))?;
    let clock: Vec<u64> =
        words.next()?.split(':').map(|x| x.parse().ok().filter(|n| *n < 61)).collect::<Option<_>>()?;
    let [hour, minute, second] = clock[..] else { return None };
    let y = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (y / 400, y % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some((days.checked_sub(719_468)?) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// How often and how long to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// The most tries of one call, the first included.
    pub tries: u32,
    /// The wait before the second try, ms; it doubles with each.
    pub base_ms: u64,
    /// The longest wait, ms. A server that asks for longer is not waited for: the session pauses.
    pub most_ms: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 5, base_ms: 500, most_ms: 60_000 }
    }
}

impl Retry {
    /// How long to wait after the `tried`-th try (from 1) ended in `fault`; `None` when it is not worth it. The wait is
    /// what the server asks for, or else drawn from half to the whole of a doubling delay, so that many clients do
    /// not come back at once.
    #[must_use]
    pub fn wait_ms(&self, tried: u32, fault: &Fault, random: &mut Stream) -> Option<u64> {
        if tried >= self.tries || !fault.passes() {
            return None;
        }
        let doubled = self.base_ms.saturating_mul(1 << (tried.saturating_sub(1)).min(20)).min(self.most_ms);
        let jittered = doubled / 2 + (f64::from(random.uniform()) * (doubled as f64 / 2.0)) as u64;
        match fault {
            Fault::Busy { wait_ms: Some(asked) } if *asked > self.most_ms => None,
            // Never earlier than asked, and still not all at the same moment.
            Fault::Busy { wait_ms: Some(asked) } => Some(asked + jittered / 4),
            _ => Some(jittered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn statuses_are_told_apart() {
        let of = |status, body: &str| Fault::of_status(status, None, body, 0);
        assert!(matches!(of(401, r#"{"error":{"message":"bad key"}}"#), Fault::Key { said } if said == "bad key"));
        assert!(matches!(of(404, ""), Fault::Model { .. }));
        assert!(matches!(of(400, r#"{"error":{"message":"The model `x` does not exist"}}"#), Fault::Model { .. }));
        assert!(matches!(of(400, r#"{"detail":"maximum context length is 2048"}"#), Fault::TooLong { .. }));
        assert!(
            matches!(of(422, r#"{"detail":[{"msg":"bad field"}]}"#), Fault::Rejected { said, .. } if said == "bad field")
        );
        assert!(matches!(of(429, r#"{"error":{"message":"You exceeded your current quota"}}"#), Fault::Quota { .. }));
        assert_eq!(of(429, ""), Fault::Busy { wait_ms: None });
        assert_eq!(of(502, "<html>"), Fault::Server { status: 502, said: String::new() });
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(wait_of("2", 0), Some(2000));
        assert_eq!(wait_of("0.25", 0), Some(250));
        assert_eq!(wait_of("-1", 0), None);
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        assert_eq!(wait_of("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770), Some(7000));
        assert_eq!(wait_of("Sun, 06 Nov 1994 08:49:37 GMT", 0), None);
        assert_eq!(wait_of("soon", 5), None);
    }

    #[test]
    fn waits_double_are_spread_and_end() {
        let retry = Retry { tries: 5, base_ms: 100, most_ms: 350 };
        let server = Fault::Server { status: 500, said: String::new() };
        for seed in 0..50 {
            let mut random = Source::new(seed).stream(Purpose::Other);
            for (tried, whole) in [(1, 100), (2, 200), (3, 350), (4, 350)] {
                let wait = retry.wait_ms(tried, &server, &mut random).expect("tries again");
                assert!((whole / 2..=whole).contains(&wait), "{wait} after try {tried}");
            }
            assert_eq!(retry.wait_ms(5, &server, &mut random), None);
            let busy = |ms| Fault::Busy { wait_ms: Some(ms) };
            assert!(retry.wait_ms(1, &busy(300), &mut random).is_some_and(|w| (300..=350).contains(&w)));
            assert_eq!(retry.wait_ms(1, &busy(351), &mut random), None);
            assert_eq!(retry.wait_ms(1, &Fault::Key { said: String::new() }, &mut random), None);
        }
    }
}
