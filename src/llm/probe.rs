//! Tests a connection and finds out what the server understands: asks small questions and looks at what comes back,
//! instead of guessing from the server's name.

use super::{
    chat::{Message, Reply, Request, Role},
    dialect::{Dialect, LimitField, SchemaField},
    fault::Fault,
    shape::{Shape, parse},
};
use serde::{Deserialize, Serialize};

/// Ways to ask for JSON, the strictest first.
const WAYS: [(SchemaField, bool); 5] = [
    (SchemaField::JsonSchema, false),
    (SchemaField::JsonSchema, true),
    (SchemaField::ObjectWithSchema, false),
    (SchemaField::Object, true),
    (SchemaField::None, true),
];

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What the server understands.
    pub dialect: Dialect,
    /// Whether the server holds the model to the schema.
    pub enforced: bool,
    /// How long a small call took, ms.
    pub ms: u64,
    /// The calls made.
    pub calls: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Schema(usize),
    Logprobs,
    Done,
}

/// The probe. [`poll`](Self::poll) gives the next question and the dialect to write it in.
#[derive(Clone, Debug)]
pub struct Probe {
    dialect: Dialect,
    stage: Stage,
    enforced: bool,
    ms: u64,
    calls: u32,
    failed: Option<Fault>,
}

/// The shape asked for: words that no model says to such a question of its own accord.
fn shape() -> Shape {
    Shape::Object(vec![
        ("colour", Shape::choice(["teal", "ochre"])),
        ("count", Shape::Number(vec![41, 43])),
        ("note", Shape::Text { max: 8 }),
    ])
}

impl Probe {
    /// A probe that starts from what is known of the server, if anything.
    #[must_use]
    pub fn new(start: Option<Dialect>) -> Self {
        let mut dialect = start.unwrap_or(Dialect::COMMON);
        dialect.logprobs = true;
        Self { dialect, stage: Stage::Schema(0), enforced: false, ms: 0, calls: 0, failed: None }
    }

    /// The next question with the dialect to write it in; `None` when done.
    #[must_use]
    pub fn poll(&self) -> Option<(Request, Dialect)> {
        if self.failed.is_some() {
            return None;
        }
        let ask = |text: &str, shape, max_tokens, top_logprobs| Request {
            messages: vec![Message::new(Role::User, text)],
            shape,
            max_tokens,
            temperature: 0.0,
            seed: 1,
            top_logprobs,
        };
        match self.stage {
            Stage::Schema(way) => {
                let (schema, plain_schema) = WAYS[way];
                let dialect = Dialect { schema, plain_schema, ..self.dialect };
                Some((ask("Answer with JSON: greet me.", Some(shape()), 60, 0), dialect))
            }
            Stage::Logprobs => Some((ask("Is water wet? Answer yes or no.", None, 1, 5), self.dialect)),
            Stage::Done => None,
        }
    }

    /// Takes what the question brought, and how long it took.
    pub fn answer(&mut self, outcome: Result<Reply, Fault>, took_ms: u64) {
        self.calls += 1;
        if let Err(Fault::Rejected { said, .. }) = &outcome
            && self.adapt(&said.to_lowercase())
        {
            return;
        }
        match (self.stage, outcome) {
            (Stage::Done, _) => {}
            (Stage::Schema(way), Ok(reply)) => {
                self.ms = took_ms;
                let obeyed = parse(&reply.text, &shape()).is_ok();
                if obeyed || way + 1 == WAYS.len() {
                    (self.dialect.schema, self.dialect.plain_schema) = WAYS[way];
                    self.enforced = obeyed && WAYS[way].0 != SchemaField::None;
                    self.stage = Stage::Logprobs;
                } else {
                    self.stage = Stage::Schema(way + 1);
                }
            }
            (Stage::Schema(way), Err(Fault::Rejected { .. } | Fault::Server { .. })) if way + 1 < WAYS.len() => {
                self.stage = Stage::Schema(way + 1);
            }
            (Stage::Schema(_), Err(fault)) => self.failed = Some(fault),
            (Stage::Logprobs, outcome) => {
                self.dialect.logprobs = outcome.is_ok_and(|r| r.tokens.iter().any(|t| t.top.len() > 1));
                self.stage = Stage::Done;
            }
        }
    }

    /// Changes a field that the server names in its refusal; false where it names none that can be changed.
    fn adapt(&mut self, said: &str) -> bool {
        let d = &mut self.dialect;
        let before = *d;
        if said.contains("max_completion_tokens") && d.limit == LimitField::MaxTokens {
            d.limit = LimitField::MaxCompletionTokens;
        } else if said.contains("max_tokens") && d.limit == LimitField::MaxCompletionTokens {
            d.limit = LimitField::MaxTokens;
        } else if said.contains("temperature") {
            d.temperature = false;
        } else if said.contains("seed") {
            d.seed = false;
        }
        // A server that refuses either name of the limit would be asked for ever.
        *d != before && self.calls < 12
    }

    /// What was found, once there is no further question.
    ///
    /// # Errors
    /// The fault that ended the probe.
    pub fn finish(self) -> Result<Found, Fault> {
        match self.failed {
            Some(fault) => Err(fault),
            None => Ok(Found { dialect: self.dialect, enforced: self.enforced, ms: self.ms, calls: self.calls }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::chat::TokenScore;

    const OBEYED: &str = r#"{"colour":"teal","count":43,"note":"hi"}"#;

    fn reply(text: &str) -> Reply {
        Reply { text: text.into(), ..Reply::default() }
    }

    fn refused(said: &str) -> Result<Reply, Fault> {
        Err(Fault::Rejected { status: 422, said: said.into() })
    }

    fn run(server: impl Fn(&Request, &Dialect) -> Result<Reply, Fault>) -> Result<Found, Fault> {
        let mut probe = Probe::new(None);
        while let Some((request, dialect)) = probe.poll() {
            probe.answer(server(&request, &dialect), 10);
        }
        probe.finish()
    }

    #[test]
    fn the_schema_field_that_works_is_found() {
        let found = run(|_, d| match d.schema {
            SchemaField::JsonSchema => refused("Input should be 'text' or 'json_object'"),
            SchemaField::ObjectWithSchema => Ok(reply(OBEYED)),
            _ => Ok(reply("Hello!")),
        })
        .expect("connects");
        assert_eq!(found.dialect.schema, SchemaField::ObjectWithSchema);
        assert!(found.enforced && !found.dialect.logprobs);
    }

    #[test]
    fn a_server_that_ignores_schemas_is_told_from_one_that_obeys() {
        let found = run(|_, _| Ok(reply("Hello!"))).expect("connects");
        assert_eq!((found.dialect.schema, found.enforced), (SchemaField::None, false));
    }

    #[test]
    fn fields_that_a_server_refuses_are_changed_and_log_probabilities_noticed() {
        let found = run(|r, d| {
            if d.limit == LimitField::MaxTokens {
                return refused("Unsupported parameter: use max_completion_tokens");
            }
            if d.temperature {
                return refused("temperature is not supported with this model");
            }
            let top = vec![("yes".to_owned(), -0.1), ("no".to_owned(), -2.0)];
            let tokens = if r.top_logprobs > 0 { vec![TokenScore { token: "yes".into(), top }] } else { vec![] };
            Ok(Reply { tokens, ..reply(OBEYED) })
        })
        .expect("connects");
        assert_eq!(found.dialect.limit, LimitField::MaxCompletionTokens);
        assert!(!found.dialect.temperature && found.dialect.seed && found.dialect.logprobs);
    }

    #[test]
    fn what_no_other_question_would_cure_ends_it() {
        let fault = run(|_, _| Err(Fault::Key { said: "no".into() })).expect_err("fails");
        assert_eq!(fault, Fault::Key { said: "no".into() });
        // One that refuses everything is not asked for ever.
        assert!(run(|_, _| refused("temperature seed max_tokens max_completion_tokens")).is_err());
    }
}
