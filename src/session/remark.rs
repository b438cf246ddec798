//! What a language model says beside its answers: kept with the run, never read by the engine.

use serde::{Deserialize, Serialize};

/// What goes with one answer of the tape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The moment before whose answer it stands: the answer's place on the tape.
    pub at: usize,
    /// Why, in the model's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The chance of each action where the model gave one; they sum to 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distribution: Vec<(String, f32)>,
    /// The mindset that the model states at the end of a slate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mindset: Option<StatedMindset>,
    /// Whether the model was asked a second time before its answer could be used.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub repaired: bool,
    /// Why the built-in side stood in for the model; empty where the model itself answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stood_in: String,
    /// Who answered, where it was no language model: "your recommender at 127.0.0.1:8000".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
}

/// A mindset as a model states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedMindset {
    /// What it wants now, a topic or its own words.
    pub wants: String,
    /// Satisfaction, 0 to 10.
    pub satisfaction: u8,
    /// Boredom, 0 to 10.
    pub boredom: u8,
}

/// What the user said after the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interview {
    /// Why it stayed.
    pub stay: String,
    /// Why it left, or what would have made it leave.
    pub leave: String,
    /// From 1 (bad) to 5 (very good).
    pub rating: u8,
}
