//! The recommenders that the agent is measured against.

mod bandit;
mod greedy;
mod knn;
mod linucb;
mod mmr;
mod online;
mod popular;
mod random;
mod thompson;

pub(crate) use greedy::Greedy;
pub(crate) use knn::Knn;
pub(crate) use linucb::LinUcb;
pub(crate) use mmr::Mmr;
pub(crate) use popular::Popular;
pub(crate) use random::Random;
pub(crate) use thompson::Thompson;

use super::{ReasoningTrace, Step};

/// Notes one step of a trace, if one is kept. The sentence is only made then.
pub(crate) fn act(trace: Option<&mut ReasoningTrace>, step: impl FnOnce() -> (String, Vec<(String, f64)>)) {
    if let Some(trace) = trace {
        let (text, data) = step();
        trace.act.push(Step { text, data });
    }
}
