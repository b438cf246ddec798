//! The tape of a session with a language model: every exchange, without keys, so that the session plays again bit for bit
//! without a network.

use super::{
    chat::{Reply, Request},
    exchange::Call,
    fault::Fault,
    secret::Secret,
    settings::Settings,
    shape::clip,
    task::Purposed,
    user::thin,
};
use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// The format's name and version.
pub const TAPE: &str = "recoworld/tape-v1";
/// The longest tape that is read, bytes.
pub const MOST_BYTES: usize = 64 << 20;

/// One exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taped {
    /// The turn, from 0.
    pub turn: u32,
    /// What the call was for.
    pub purpose: Purposed,
    /// The request's digest.
    pub digest: String,
    /// How long it took, ms.
    pub ms: u64,
    /// What came back.
    pub outcome: Outcome,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A reply.
    Reply(Reply),
    /// A fault.
    Fault(Fault),
}

/// A tape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tape {
    /// The format's name and version, [`TAPE`].
    pub schema: String,
    /// The model's name, as the server was asked for it.
    pub model: String,
    /// The scenario, seed included.
    pub scenario: Scenario,
    /// How the model took part, prompts included.
    pub settings: Settings,
    /// Every exchange, in order.
    pub exchanges: Vec<Taped>,
}

impl Tape {
    /// An empty tape.
    #[must_use]
    pub fn new(model: &str, scenario: &Scenario, settings: &Settings) -> Self {
        Self {
            schema: TAPE.to_owned(),
            model: model.to_owned(),
            scenario: scenario.clone(),
            settings: settings.clone(),
            exchanges: Vec::new(),
        }
    }

    /// Without the faults at its end, at which the session stopped: who goes on from there asks again.
    #[must_use]
    pub fn to_go_on(mut self) -> Self {
        while self.exchanges.last().is_some_and(|e| matches!(e.outcome, Outcome::Fault(_))) {
            self.exchanges.pop();
        }
        self
    }

    /// Records an exchange. The outcome must have been [cleaned](Secret::clean) of the key, as a transport does.
    pub fn record(&mut self, call: &Call, outcome: &Result<Reply, Fault>, ms: u64) {
        let outcome = match outcome {
            Ok(reply) => {
                let mut reply = reply.clone();
                thin(&mut reply.tokens);
                Outcome::Reply(reply)
            }
            Err(fault) => Outcome::Fault(fault.clone()),
        };
        let digest = call.request.digest();
        self.exchanges.push(Taped { turn: call.turn, purpose: call.purpose, digest, ms, outcome });
    }

    /// The tape as a file. Should the key stand anywhere in it after all, it is taken out here.
    #[must_use]
    pub fn to_json(&self, secret: &Secret) -> String {
        // Fails only on keys that are not text, which the type does not have.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        secret.redact(text)
    }

    /// Reads a tape.
    ///
    /// # Errors
    /// Where the text is no tape, of another version, or too long: what is wrong, where, and what to do.
    pub fn from_json(text: &str) -> Result<Self, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("the tape is {} bytes long; at most {MOST_BYTES} are read", text.len()));
        }
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }
        let place = |e: serde_json::Error| format!("line {}, column {}: {e}", e.line(), e.column());
        let head: Head = serde_json::from_str(text).map_err(|e| format!("this is no tape: {}", place(e)))?;
        match head.schema.as_deref() {
            Some(TAPE) => {}
            Some(other) if other.starts_with("recoworld/tape-") => {
                return Err(format!(
                    "the tape was written by another version ({}); this one reads {TAPE}",
                    clip(other, 40)
                ));
            }
            Some(other) => {
                return Err(format!("this is a file of the kind {}, not a tape ({TAPE})", clip(other, 40)));
            }
            None => return Err(format!("this is no tape: it has no field schema (a tape's is {TAPE})")),
        }
        let tape: Self = serde_json::from_str(text).map_err(|e| format!("the tape cannot be read: {}", place(e)))?;
        tape.scenario.validate().map_err(|e| format!("the tape's scenario is not valid: {e}"))?;
        Ok(tape)
    }
}

/// Plays a tape in the place of a network.
#[derive(Clone, Debug)]
pub struct Playback<T> {
    tape: T,
    used: Vec<bool>,
}

impl<T: Borrow<Tape>> Playback<T> {
    /// From the tape's beginning; the tape may be borrowed or its own.
    #[must_use]
    pub fn new(tape: T) -> Self {
        let used = vec![false; tape.borrow().exchanges.len()];
        Self { tape, used }
    }

    /// The tape.
    #[must_use]
    pub fn tape(&self) -> &Tape {
        self.tape.borrow()
    }

    /// What came back for this request, and how long it took: the next exchange of it that was not played yet, else (after
    /// a step back) the last one.
    ///
    /// # Errors
    /// [`Fault::Untaped`] where the tape has none; whatever fault is on the tape.
    pub fn answer(&mut self, request: &Request) -> (Result<Reply, Fault>, u64) {
        let digest = request.digest();
        match self.unplayed_of(&digest).or_else(|| self.all_of(&digest).next_back()) {
            Some(at) => self.play(at),
            None => (Err(Fault::Untaped { digest }), 0),
        }
    }

    /// As [`answer`](Self::answer), only what was not played yet.
    pub fn next(&mut self, request: &Request) -> Option<(Result<Reply, Fault>, u64)> {
        let at = self.unplayed_of(&request.digest())?;
        Some(self.play(at))
    }

    fn all_of(&self, digest: &str) -> impl DoubleEndedIterator<Item = usize> {
        let exchanges = &self.tape.borrow().exchanges;
        exchanges.iter().enumerate().filter(move |(_, e)| e.digest == digest).map(|(i, _)| i)
    }

    fn unplayed_of(&self, digest: &str) -> Option<usize> {
        self.all_of(digest).find(|i| !self.used[*i])
    }

    fn play(&mut self, at: usize) -> (Result<Reply, Fault>, u64) {
        self.used[at] = true;
        let taped = &self.tape.borrow().exchanges[at];
        let outcome = match &taped.outcome {
            Outcome::Reply(reply) => Ok(reply.clone()),
            Outcome::Fault(fault) => Err(fault.clone()),
        };
        (outcome, taped.ms)
    }

    /// How many exchanges were not played.
    #[must_use]
    pub fn unplayed(&self) -> usize {
        self.used.iter().filter(|u| !**u).count()
    }
}
