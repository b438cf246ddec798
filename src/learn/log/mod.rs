//! Logs of sessions: what was shown, with which chance, and what was done with it. Nothing that a platform could not have
//! written down.

mod places;
pub mod play;
pub mod policy;
mod read;
mod write;

pub use places::Places;
pub use read::{LogError, MOST_LOG_BYTES, read};
pub use write::write;

use crate::{catalog::ItemIx, recommender::PastTurn, user::Context};

/// What a log adds to a turn beside what was shown and done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// The chance, at each place, with which the logging policy put the item there, given those above it; empty where
    /// nobody wrote it down.
    pub propensities: Vec<f64>,
    /// What could have been shown, ascending; empty where it was everything not yet shown in the session.
    pub candidates: Vec<ItemIx>,
    /// What the turn earned, where that was written down.
    pub reward: Option<f64>,
}

/// One logged session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoggedSession {
    /// Its name.
    pub name: String,
    /// The circumstances.
    pub context: Context,
    /// The turns as a recommender sees them.
    pub turns: Vec<PastTurn>,
    /// What goes with each turn, in the same order.
    pub given: Vec<Given>,
}

/// Logged sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// The sessions, in the order of the log.
    pub sessions: Vec<LoggedSession>,
}
