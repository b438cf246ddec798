//! How a language model takes part in a session.

use super::{budget::Budget, fault::Retry, prompt::Prompts};
use serde::{Deserialize, Serialize};

/// How the model that plays the user is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One structured reaction a slate, with reasons.
    #[default]
    Written,
    /// The distribution over actions, item by item, from the log-probabilities of one token.
    Scored,
}

/// How the bias of labels and positions is taken out of scored answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Debias {
    /// The actions are put to the letters in another order for each item.
    #[default]
    Permute,
    /// The distribution over an item without content is divided out (Zhao et al., "Calibrate before use", 2021).
    Prior,
}

/// All settings. They are part of a tape: with others, the requests are others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the model plays the user.
    pub user: bool,
    /// Whether the model recommends.
    pub recommender: bool,
    /// How the user is asked.
    pub mode: Mode,
    /// How bias is taken out in scored mode.
    pub debias: Debias,
    /// What log-probabilities are divided by in scored mode: above 1 flattens the distribution, below sharpens it.
    pub score_temperature: f32,
    /// The sampling temperature of written answers, 0 to 2.
    pub temperature: f32,
    /// The most steps of the recommender before it must choose, 0 to 12.
    pub steps: u32,
    /// Whether the user is interviewed after the session.
    pub interview: bool,
    /// Whether the model sees: under the representation of text and picture, the slate's pictures go along.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub sees: bool,
    /// Hosts that the person agreed to have pictures fetched from, by the model's server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub picture_hosts: Vec<String>,
    /// The prompts.
    pub prompts: Prompts,
    /// When to stop.
    pub budget: Budget,
    /// How often to try again.
    pub retry: Retry,
    /// The time allowed for one call, ms.
    pub timeout_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user: true,
            recommender: false,
            mode: Mode::Written,
            debias: Debias::Permute,
            score_temperature: 1.0,
            temperature: 0.7,
            steps: 3,
            interview: true,
            sees: false,
            picture_hosts: Vec::new(),
            prompts: Prompts::default(),
            budget: Budget::default(),
            retry: Retry::default(),
            timeout_ms: 120_000,
        }
    }
}
