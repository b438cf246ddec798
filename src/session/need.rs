//! What a session asks for, how it ends and why an answer is not taken.

use crate::{catalog::ItemIx, recommender::Observation, user::clarify::Question};
use std::fmt;

/// What the session needs next.
#[derive(Debug)]
pub enum Need<'a> {
    /// A slate for this observation.
    Slate(Observation<'a>),
    /// The user's answer to a question about what was said.
    Reply {
        /// The turn that waits for it, from 0.
        turn: u32,
        /// The question.
        question: &'a Question,
    },
    /// The user's reaction to one item.
    Review {
        /// The turn, from 0.
        turn: u32,
        /// The item's place in the slate, from 0.
        position: usize,
        /// The item.
        item: ItemIx,
    },
    /// Whether the user goes on.
    Verdict {
        /// The turn, from 0.
        turn: u32,
    },
    /// Nothing: the session is over.
    Over(End),
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The user left (Gym's `terminated`).
    Left,
    /// The horizon was reached (Gym's `truncated`).
    Truncated,
}

/// How much a session keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Every turn with every cause.
    Everything,
    /// Only what recommenders may see and the totals: the fast way.
    Totals,
}

/// Why an answer was not taken. The session is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// The answer was to another question than the one asked.
    Unexpected {
        /// What was needed.
        needed: &'static str,
    },
    /// The slate has the wrong number of items.
    SlateLength {
        /// As given.
        given: usize,
        /// As needed.
        needed: usize,
    },
    /// The slate names an item that is not a candidate now (unknown, or shown already).
    NotACandidate(ItemIx),
    /// The slate names an item twice.
    Twice(ItemIx),
    /// The reaction cannot be (a like without a click, negative or not finite seconds, longer than the item).
    Impossible(&'static str),
    /// The question cannot be asked, or the reply not taken.
    Question(&'static str),
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { needed } => write!(f, "the session is waiting for {needed}, not for this answer"),
            Self::SlateLength { given, needed } => {
                write!(f, "a slate of {given} items was given; this scenario shows {needed}")
            }
            Self::NotACandidate(i) => write!(f, "item {i} is not a candidate: it is unknown or was shown already"),
            Self::Twice(i) => write!(f, "item {i} stands twice in the slate"),
            Self::Impossible(why) => write!(f, "the reaction cannot be: {why}"),
            Self::Question(why) => write!(f, "the question cannot be asked: {why}"),
        }
    }
}

impl std::error::Error for AnswerError {}
