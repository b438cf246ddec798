//! The loop between user and recommender, without input or output.
//!
//! **The session asks, drivers answer.** `Session::poll` says what is needed next; whoever
//! plays that side (the built-in model, a language model, a trained policy, a person) gives an [`Answer`].

mod answer;
mod record;

pub use answer::{Answer, Author, Verdict};
pub use record::{Appraisal, Metrics, RewardParts, RewardSpec, SlateRecord, StateView, TurnRecord};
