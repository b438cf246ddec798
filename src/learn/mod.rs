//! Recommenders that learn from sessions.
//!
//! **A learner sees a [`task::View`] and a reward, never the state behind them.** Everything that can be learnt from, the
//! session scenarios and the published environments alike, is a [`task::Task`].

pub mod task;
