//! OpenAI's chat completions: what is asked, what is answered, and how both look on the wire in each [`Dialect`].

use super::{
    dialect::{Dialect, LimitField, SchemaField},
    fault::Fault,
    picture::{self, Picture},
    shape::{Schema, Shape, clip},
};
use crate::math;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::Value;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// What is shown beside it, to a model that sees.
    pub pictures: Vec<Picture>,
}

impl Serialize for Message {
    /// As chat completions take it: text alone as text, with pictures as parts.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        struct Parts<'a>(&'a Message);
        impl Serialize for Parts<'_> {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                picture::parts(&self.0.content, &self.0.pictures, s)
            }
        }
        let mut message = s.serialize_struct("Message", 2)?;
        message.serialize_field("role", &self.role)?;
        if self.pictures.is_empty() {
            message.serialize_field("content", &self.content)?;
        } else {
            message.serialize_field("content", &Parts(self))?;
        }
        message.end()
    }
}

impl Message {
    /// A message.
    #[must_use]
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), pictures: Vec::new() }
    }

    /// The same, with what is shown beside it.
    #[must_use]
    pub fn showing(self, pictures: Vec<Picture>) -> Self {
        Self { pictures, ..self }
    }
}

/// What a model is asked, in no dialect and of no model: the same for every server, and so what a tape knows it by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// The conversation, what stays the same from call to call first.
    pub messages: Vec<Message>,
    /// The shape of the answer; none for free text.
    #[serde(serialize_with = "write_shape")]
    pub shape: Option<Shape>,
    /// The most tokens to answer in.
    pub max_tokens: u32,
    /// The sampling temperature, 0 to 2.
    pub temperature: f32,
    /// The sampling seed, where the server takes one.
    pub seed: u32,
    /// How many alternatives of each token are wanted with their log-probabilities; 0 for none.
    pub top_logprobs: u8,
}

fn write_shape<S: Serializer>(shape: &Option<Shape>, s: S) -> Result<S::Ok, S::Error> {
    shape.as_ref().map(|x| x.schema(false)).serialize(s)
}

impl Request {
    /// The request's [digest](math::digest), the same everywhere.
    #[must_use]
    pub fn digest(&self) -> String {
        // Fails only on keys that are not text, which the type does not have.
        math::digest(&serde_json::to_string(self).unwrap_or_default())
    }

    /// The body to send to `…/chat/completions`.
    #[must_use]
    pub fn body(&self, model: &str, dialect: &Dialect, stream: bool) -> String {
        let logprobs = (dialect.logprobs && self.top_logprobs > 0).then_some(true);
        let body = Body {
            model,
            messages: &self.messages,
            max_tokens: (dialect.limit == LimitField::MaxTokens).then_some(self.max_tokens),
            max_completion_tokens: (dialect.limit == LimitField::MaxCompletionTokens).then_some(self.max_tokens),
            temperature: dialect.temperature.then_some(self.temperature),
            seed: dialect.seed.then_some(self.seed),
            logprobs,
            top_logprobs: logprobs.map(|_| self.top_logprobs.min(dialect.most_logprobs)),
            response_format: self.shape.as_ref().and_then(|s| format(s, dialect)),
            stream: stream.then_some(true),
            stream_options: (stream && dialect.stream_usage).then_some(StreamOptions { include_usage: true }),
        };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

fn format<'a>(shape: &'a Shape, dialect: &Dialect) -> Option<Format<'a>> {
    let schema = shape.schema(dialect.plain_schema);
    match dialect.schema {
        SchemaField::JsonSchema => Some(Format {
            kind: "json_schema",
            json_schema: Some(Named { name: "answer", strict: true, schema }),
            schema: None,
        }),
        SchemaField::ObjectWithSchema => Some(Format { kind: "json_object", json_schema: None, schema: Some(schema) }),
        SchemaField::Object => Some(Format { kind: "json_object", json_schema: None, schema: None }),
        SchemaField::None => None,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Format<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<Schema<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'static str,
    strict: bool,
    schema: Schema<'a>,
}

/// Why a model stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// It had said all.
    #[default]
    Stop,
    /// It reached the limit of tokens.
    Length,
    /// The server says something else (a filter, a tool call).
    Other,
}

/// Tokens that a call took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the prompt, the cached ones included.
    pub prompt: u32,
    /// Of the prompt, those found in the server's cache, where it says.
    #[serde(default)]
    pub cached: u32,
    /// Of the answer.
    pub completion: u32,
    /// Whether the numbers are estimates because the server gave none.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub estimated: bool,
}

/// One token of an answer with its likeliest alternatives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenScore {
    /// The token's text.
    pub token: String,
    /// The likeliest tokens at its place with their natural log-probabilities, the token itself among them.
    pub top: Vec<(String, f32)>,
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Why it ends.
    #[serde(default)]
    pub finish: Finish,
    /// The text's tokens with alternatives, where asked for and given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<TokenScore>,
    /// What it took.
    #[serde(default)]
    pub usage: Usage,
}

/// Reads the body of a whole (not streamed) answer.
///
/// # Errors
/// [`Fault::Cut`] where it ends too soon, [`Fault::Garbage`] where it is something else than a chat completion, and
/// whatever error it carries instead of an answer.
pub fn read_reply(body: &str) -> Result<Reply, Fault> {
    let value: Value = serde_json::from_str(body).map_err(|e| match e.is_eof() && !body.trim().is_empty() {
        true => Fault::Cut,
        false => garbage(body),
    })?;
    if let Some(error) = value.get("error").filter(|e| !e.is_null()) {
        return Err(Fault::of_error(error));
    }
    let garbage = || garbage(body);
    let choice = value.pointer("/choices/0").ok_or_else(garbage)?;
    let message = choice.get("message").ok_or_else(garbage)?;
    let text = message.get("content").and_then(Value::as_str).unwrap_or_default();
    Ok(Reply {
        text: text.to_owned(),
        finish: finish(choice.get("finish_reason")),
        tokens: choice.get("logprobs").map(read_tokens).unwrap_or_default(),
        usage: read_usage(value.get("usage")).unwrap_or_default(),
    })
}

/// What is no chat completion, by its beginning; of a web page, which says nothing to a person, only that it is one.
fn garbage(body: &str) -> Fault {
    let body = body.trim();
    let said = if body.starts_with('<') { "(a web page)".to_owned() } else { clip(body, 200) };
    Fault::Garbage { said }
}

/// A finish reason; none given counts as having said all.
pub(crate) fn finish(reason: Option<&Value>) -> Finish {
    match reason.and_then(Value::as_str) {
        None | Some("stop" | "eos" | "end_turn") => Finish::Stop,
        Some("length" | "max_tokens") => Finish::Length,
        Some(_) => Finish::Other,
    }
}

/// The usage that a server reports, where it does.
pub(crate) fn read_usage(usage: Option<&Value>) -> Option<Usage> {
    let usage = usage?;
    let number = |path: &str| usage.pointer(path).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    Some(Usage {
        prompt: number("/prompt_tokens")?,
        cached: number("/prompt_tokens_details/cached_tokens").unwrap_or(0),
        completion: number("/completion_tokens").unwrap_or(0),
        estimated: false,
    })
}

/// Log-probabilities in either of the two forms in use: a list of tokens each with its alternatives, or parallel lists.
pub(crate) fn read_tokens(logprobs: &Value) -> Vec<TokenScore> {
    let text = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |v: &Value| v.as_f64().map_or(f32::NEG_INFINITY, |x| x as f32);
    if let Some(content) = logprobs.get("content").and_then(Value::as_array) {
        let read = |t: &Value| TokenScore {
            token: text(t, "token"),
            top: (t.get("top_logprobs").and_then(Value::as_array).into_iter().flatten())
                .map(|a| (text(a, "token"), a.get("logprob").map_or(f32::NEG_INFINITY, number)))
                .collect(),
        };
        return content.iter().map(read).collect();
    }
    let (Some(tokens), Some(tops)) =
        (logprobs.get("tokens").and_then(Value::as_array), logprobs.get("top_logprobs").and_then(Value::as_array))
    else {
        return Vec::new();
    };
    let read = |(token, top): (&Value, &Value)| TokenScore {
        token: token.as_str().unwrap_or_default().to_owned(),
        top: top.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), number(v))).collect(),
    };
    tokens.iter().zip(tops).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::dialect::preset;

    fn request() -> Request {
        Request {
            messages: vec![Message::new(Role::User, "Hello")],
            shape: Some(Shape::Object(vec![("word", Shape::Text { max: 9 })])),
            max_tokens: 50,
            temperature: 0.5,
            seed: 3,
            top_logprobs: 5,
        }
    }

    #[test]
    fn each_dialect_writes_its_own_fields() {
        let body = |name: &str| request().body("m", &preset(name).expect("is listed").dialect, false);
        let openai = body("openai");
        assert!(openai.contains(r#""max_completion_tokens":50"#) && openai.contains(r#""type":"json_schema""#));
        assert!(openai.contains(r#""logprobs":true"#) && !openai.contains("maxLength"));
        let local = body("llama-cpp-python");
        assert!(local.contains(r#""max_tokens":50"#) && local.contains(r#"{"type":"json_object","schema":{"#));
        assert!(local.contains(r#""maxLength":9"#));
    }

    #[test]
    fn a_request_is_known_by_its_content_alone() {
        let mut other = request();
        assert_eq!(request().digest(), other.digest());
        other.seed = 4;
        assert_ne!(request().digest(), other.digest());
        assert_eq!(request().digest().len(), 16);
    }

    #[test]
    fn replies_are_read_and_what_is_none_is_told_apart() {
        let reply = read_reply(
            r#"{"choices":[{"message":{"content":"A"},"finish_reason":"length","logprobs":{"content":[
                {"token":"A","logprob":-0.1,"top_logprobs":[{"token":"A","logprob":-0.1},{"token":"B","logprob":-2.5}]}]}}],
                "usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":4}}}"#,
        )
        .expect("a reply");
        assert_eq!((reply.text.as_str(), reply.finish), ("A", Finish::Length));
        assert_eq!(reply.tokens[0].top[1], ("B".to_owned(), -2.5));
        assert_eq!(reply.usage, Usage { prompt: 9, cached: 4, completion: 1, estimated: false });
        assert_eq!(read_reply(r#"{"choices":[{"mess"#), Err(Fault::Cut));
        assert!(matches!(read_reply("<html>Bad gateway</html>"), Err(Fault::Garbage { .. })));
        assert!(matches!(read_reply("{}"), Err(Fault::Garbage { .. })));
        assert!(matches!(read_reply(""), Err(Fault::Garbage { .. })));
    }
}
