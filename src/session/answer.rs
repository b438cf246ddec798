//! What drivers answer. A list of answers, with the scenario and seed, is a whole session: replaying it gives the same bytes.

use crate::{
    catalog::ItemIx,
    recommender::ReasoningTrace,
    user::{Instruction, Reaction, clarify::Question},
};
use serde::{Deserialize, Serialize};

/// Who gave an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    /// The built-in user or recommender.
    #[default]
    Builtin,
    /// A person at the page.
    Person,
    /// A language model.
    Model,
}

/// What the user does at the end of a slate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Asks for the next slate.
    Continue,
    /// Asks for the next slate and says what should change.
    Instruct(Box<Instruction>),
    /// Ends the session.
    Leave,
}

impl Answer {
    /// Who answered.
    #[must_use]
    pub fn by(&self) -> Author {
        match self {
            Self::Slate { by, .. }
            | Self::Ask { by, .. }
            | Self::Reply { by, .. }
            | Self::Review { by, .. }
            | Self::Verdict { by, .. } => *by,
        }
    }
}

/// One answer to what the session asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// To `Need::Slate`: the items, best first.
    Slate {
        /// The items, all different.
        items: Vec<ItemIx>,
        /// How the recommender came to them, where it says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace: Option<Box<ReasoningTrace>>,
        /// Who answered.
        #[serde(default)]
        by: Author,
    },
    /// To `Need::Slate`, once after something was said: a short question before the slate comes.
    Ask {
        /// The question.
        question: Question,
        /// Who asks.
        #[serde(default)]
        by: Author,
    },
    /// To `Need::Reply`: what the user answers.
    Reply {
        /// The answer's words; empty where the question is let pass.
        words: String,
        /// Who answered.
        #[serde(default)]
        by: Author,
    },
    /// To `Need::Review`: what the user did with the item.
    Review {
        /// What was done.
        reaction: Reaction,
        /// Who answered.
        #[serde(default)]
        by: Author,
    },
    /// To `Need::Verdict`: whether the user goes on.
    Verdict {
        /// The decision.
        verdict: Verdict,
        /// Who answered.
        #[serde(default)]
        by: Author,
    },
}
