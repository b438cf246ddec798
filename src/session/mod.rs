//! The loop between user and recommender, without input or output.
//!
//! **The session asks, drivers answer.** [`Session::poll`] says what is needed next; whoever plays that side (the built-in
//! model, a language model, a trained policy, a person) gives an [`Answer`] through the same door.

mod answer;
mod machine;
pub mod measure;
mod need;
mod place;
pub mod player;
mod record;
mod remark;
mod totals;
mod voices;

pub use answer::{Answer, Author, Verdict};
pub use machine::{MemoryView, Session};
pub use need::{AnswerError, End, Keep, Need};
pub use place::{Place, Tape};
pub use record::{Appraisal, Metrics, RewardParts, RewardSpec, SlateRecord, StateView, TurnRecord};
pub use remark::{Interview, Remark, StatedMindset};
pub use voices::{Voice, Voices, voices};
