//! One thing that a model is asked to do for a session: a few calls that end in answers for the session.

use super::{
    chat::{Reply, Request},
    prompt::Part,
    settings::Settings,
};
use crate::{
    math::{Purpose, Source, Stream},
    session::{Answer, Interview, Remark, Session, player::Player},
};
use serde::{Deserialize, Serialize};

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purposed {
    /// The user's reaction to a slate.
    React,
    /// The user's action on one item, scored.
    Score,
    /// The user's decision at the end of a slate, scored.
    Decide,
    /// The words of an instruction.
    Instruct,
    /// The questions after the session.
    Interview,
    /// A step of the recommender.
    Step,
    /// The recommender's choice.
    Choose,
    /// The reading of a user's words.
    Read,
    /// A test of the connection.
    Probe,
    /// A test of the model.
    Check,
}

/// What a task gives.
#[derive(Clone, Debug)]
// There is one at a time.
#[allow(clippy::large_enum_variant)]
pub enum Given {
    /// An answer for the session with what was said beside it.
    Answer(Answer, Remark),
    /// The interview.
    Interview(Interview),
}

/// What a task makes of a reply.
#[derive(Clone, Debug)]
pub enum Taken {
    /// It has a further question.
    More,
    /// It has all it needs.
    Done(Vec<Given>),
    /// The reply cannot be used, in words for the model and a person.
    Refused(String),
}

/// A task. What it asks depends on the session and on the replies taken so far, and on nothing else.
pub trait Task {
    /// What its present question is for.
    fn purpose(&self) -> Purposed;
    /// Gets the present question ready, where that needs the recommender in force.
    fn prepare(&mut self, _player: &mut Player) {}
    /// Its present question.
    fn request(&self, session: &Session, settings: &Settings) -> Request;
    /// The present question part by part, for a view.
    fn parts(&self, session: &Session, settings: &Settings) -> Vec<Part>;
    /// Takes the reply to the present question.
    fn take(&mut self, player: &mut Player, settings: &Settings, reply: &Reply) -> Taken;
}

/// The key of what is drawn for a model in a turn. The session's own draws have keys of other purposes.
#[must_use]
pub fn source(session: &Session, turn: u32) -> Source {
    Source::new(session.scenario().seed.parse().unwrap_or(0)).keyed(u64::from(turn))
}

/// A stream for one part of a turn's task.
#[must_use]
pub fn stream(session: &Session, turn: u32, part: u64) -> Stream {
    source(session, turn).keyed(part).stream(Purpose::Model)
}

/// The sampling seed of a turn's call.
#[must_use]
pub fn sampling_seed(session: &Session, turn: u32, part: u64) -> u32 {
    // 31 bits: some servers read a signed number.
    (stream(session, turn, part).bits() >> 33) as u32
}
