//! Recommenders that learn from sessions.
//!
//! **A learner sees a [`task::View`] and a reward, never the state behind them.** Everything that can be learnt from, the
//! session scenarios and the published environments alike, is a [`task::Task`].

pub mod algorithm;
pub mod bandit;
pub mod choice;
pub mod dpo;
pub mod evaluate;
mod fields;
pub mod files;
mod lanes;
pub mod log;
pub mod memory;
pub mod nn;
pub mod ope;
pub mod pairs;
pub mod plackett;
pub mod policy;
pub mod ppo;
pub mod reinforce;
pub mod rollout;
mod run;
pub mod serve;
pub mod session;
pub mod slateq;
pub mod task;
pub mod transitions;
pub mod verdict;
