//! RecoWorld: a simulated user and an agentic recommender meet over many turns.

pub mod catalog;
pub mod math;
pub mod recommender;
pub mod scenario;
pub mod session;
pub mod user;
pub mod worker;
