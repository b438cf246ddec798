//! An environment by letter: requests and replies as JSON, one a line, for agents in any language. No pipes here: text
//! in, text out.
//!
//! ```
//! use recoworld::scenario::{recsim::{Family, Spec}, wire::Desk};
//! let mut desk = Desk::new(Spec::new(Family::InterestExploration).env()?, serde_json::json!([]));
//! assert!(desk.hello().contains("recoworld/env-v1"));
//! let reply = desk.answer(r#"{"op":"reset","seed":7}"#);
//! assert!(reply.contains(r#""observation":"#));
//! assert!(desk.answer("nonsense").contains(r#""kind":"json""#));
//! # Ok::<(), recoworld::scenario::ScenarioError>(())
//! ```
//! **A line that cannot be read is answered, not fatal**: the environment is as it was before it.

use super::{
    env::{EnvError, Environment, Options},
    error::{did_you_mean, excerpt},
};
use crate::catalog::ItemIx;
use serde_json::{Map, Value, json};

/// The protocol's name and version.
pub const PROTOCOL: &str = "recoworld/env-v1";

/// The longest line that is read, bytes.
pub const MOST_LINE: usize = 1 << 20;

/// What can be asked.
const OPS: [&str; 4] = ["reset", "step", "items", "close"];

/// An environment that answers letters.
#[derive(Debug)]
pub struct Desk<E> {
    env: E,
    items: Value,
    closed: bool,
}

/// Why a request was not done: a short name for programs, and words for people.
struct Refusal {
    kind: &'static str,
    message: String,
}

fn refuse(kind: &'static str, message: impl Into<String>) -> Refusal {
    Refusal { kind, message: message.into() }
}

impl From<EnvError> for Refusal {
    fn from(e: EnvError) -> Self {
        let kind = match e {
            EnvError::NotReset => "not_reset",
            EnvError::Over => "over",
            EnvError::Slate(_) => "slate",
            EnvError::Option(_) => "option",
        };
        Self { kind, message: e.to_string() }
    }
}

impl<E: Environment> Desk<E> {
    /// An environment behind a desk; `items` is what `items` is answered with: all that is public of what can be shown.
    #[must_use]
    pub fn new(env: E, items: Value) -> Self {
        Self { env, items, closed: false }
    }

    /// The first line: who this is, before anything is asked.
    #[must_use]
    pub fn hello(&self) -> String {
        json!({ "protocol": PROTOCOL, "space": self.env.space() }).to_string()
    }

    /// Whether the other side said `close`.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The reply to a line; one line without its end.
    pub fn answer(&mut self, line: &str) -> String {
        let (id, done) = match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(mut request)) => {
                let id = request.remove("id");
                (id, self.perform(&request))
            }
            Ok(_) => (None, Err(refuse("request", "a request is a JSON object such as {\"op\":\"reset\",\"seed\":7}"))),
            Err(e) => (None, Err(refuse("json", format!("the line is not JSON: {e}")))),
        };
        let mut reply = done.unwrap_or_else(|r| {
            let error = json!({ "kind": r.kind, "message": r.message });
            Map::from_iter([("error".to_owned(), error)])
        });
        if let Some(id) = id {
            reply.insert("id".to_owned(), id);
        }
        Value::Object(reply).to_string()
    }

    /// The reply to a line that is too long or not UTF-8 and so was not kept.
    #[must_use]
    pub fn unreadable(&self, why: &str) -> String {
        json!({ "error": { "kind": "json", "message": why } }).to_string()
    }

    fn perform(&mut self, request: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
        let op = request
            .get("op")
            .and_then(Value::as_str)
            .ok_or_else(|| refuse("request", format!("the request has no `op`; it is one of {}", OPS.join(", "))))?;
        let allowed: &[&str] = match op {
            "reset" => &["op", "seed", "options"],
            "step" => &["op", "slate"],
            _ => &["op"],
        };
        if let Some(stranger) = request.keys().find(|k| !allowed.contains(&k.as_str())) {
            let hint = did_you_mean(stranger, allowed.iter().copied(), &format!("It takes {}.", allowed.join(", ")));
            return Err(refuse("request", format!("`{op}` has no field `{}`. {hint}", excerpt(stranger))));
        }
        let value = match op {
            "reset" => self.reset(request)?,
            "step" => self.step(request)?,
            "items" => json!({ "items": self.items }),
            "close" => {
                self.closed = true;
                json!({ "closed": true })
            }
            other => {
                let hint = did_you_mean(other, OPS, &format!("There are {}.", OPS.join(", ")));
                return Err(refuse("request", format!("there is no op `{}`. {hint}", excerpt(other))));
            }
        };
        match value {
            Value::Object(reply) => Ok(reply),
            _ => Err(refuse("request", "the reply is no object")),
        }
    }

    fn reset(&mut self, request: &Map<String, Value>) -> Result<Value, Refusal> {
        let seed = request.get("seed").map_or(Ok(None), seed)?;
        let options = request.get("options").map_or_else(|| Ok(Options::default()), options)?;
        let (observation, info) = self.env.reset(seed, &options)?;
        Ok(json!({ "observation": observation, "info": info }))
    }

    fn step(&mut self, request: &Map<String, Value>) -> Result<Value, Refusal> {
        let slate = request.get("slate").and_then(Value::as_array).and_then(|s| s.iter().map(item).collect());
        let slate: Vec<ItemIx> = slate.ok_or_else(|| {
            refuse("request", "`slate` must be a list of candidates by number, the first on top, such as [4, 0]")
        })?;
        let step = self.env.step(&slate)?;
        serde_json::to_value(&step).map_err(|e| refuse("request", e.to_string()))
    }
}

fn item(value: &Value) -> Option<ItemIx> {
    value.as_u64().and_then(|n| n.try_into().ok())
}

/// A seed as a number, or as text where a language would round it; null is none.
fn seed(value: &Value) -> Result<Option<u64>, Refusal> {
    let read = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    read.map(Some).ok_or_else(|| refuse("request", format!("`seed` must be a whole number from 0 to {}", u64::MAX)))
}

/// Options: fields of the scenario by path, their values as JSON or as `--set` takes them; null is none.
fn options(value: &Value) -> Result<Options, Refusal> {
    let fields = match value {
        Value::Null => return Ok(Options::default()),
        Value::Object(fields) => fields,
        _ => return Err(refuse("request", "`options` must be an object such as {\"slate_size\": 3}")),
    };
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    Ok(Options { set: fields.iter().map(|(path, v)| (path.clone(), text(v))).collect() })
}
