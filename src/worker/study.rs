//! Recommenders compared: on one seed, and over many.

pub use crate::lab::Estimate;
use serde::{Deserialize, Serialize};

/// Every recommender on the same scenario, seed and random numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The seed.
    pub seed: String,
    /// The rows so far, the highest reward first.
    pub rows: Vec<ComparisonRow>,
    /// Whether all have run.
    pub done: bool,
}

/// One recommender's session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The recommender's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whether it sees what a recommender cannot.
    pub oracle: bool,
    /// Whether it is the one of the scenario.
    pub current: bool,
    /// The sum of rewards.
    pub reward: f64,
    /// Turns.
    pub turns: u32,
    /// Clicks.
    pub clicks: u32,
    /// Instructions met, and those whose fate is known.
    pub met: (u32, u32),
    /// Chance to return.
    pub return_chance: f64,
    /// Mean NDCG.
    pub ndcg: f64,
    /// Mean diversity.
    pub diversity: f64,
}

/// Every recommender over the same many seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rollouts {
    /// How many seeds were asked for.
    pub seeds: u32,
    /// Sessions done, of `seeds` × recommenders.
    pub done: u32,
    /// Sessions to do in all.
    pub total: u32,
    /// The time left, seconds, once it can be told.
    pub seconds_left: Option<f64>,
    /// Whether it is still running.
    pub running: bool,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Turns simulated a second.
    pub turns_per_second: f64,
    /// The rows so far, the highest mean reward first.
    pub rows: Vec<RolloutRow>,
}

/// One recommender over many seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RolloutRow {
    /// The recommender's name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whether it sees what a recommender cannot.
    pub oracle: bool,
    /// Whether it is the one of the scenario.
    pub current: bool,
    /// How many sessions went into it.
    pub n: u32,
    /// The reward.
    pub reward: Estimate,
    /// Its difference to the scenario's own recommender on the same seeds; `None` for that one.
    pub difference: Option<Estimate>,
    /// Turns a session.
    pub turns: Estimate,
    /// Clicks a session.
    pub clicks: Estimate,
    /// Instructions issued a session.
    pub issued: Estimate,
    /// Instructions met a session.
    pub met: Estimate,
    /// NDCG.
    pub ndcg: Estimate,
    /// Diversity.
    pub diversity: Estimate,
    /// Chance to return.
    pub retention: Estimate,
}
