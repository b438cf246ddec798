//! Where a saved run stood in its session: its branch, the moment looked at, and the branches beside it.

use super::{Answer, Interview, Remark, player::Changed};
use serde::{Deserialize, Serialize};

/// Where a run stood when it was saved. A run that is whole and alone needs none of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The branch that the run is of; 0 is the original.
    pub branch: u32,
    /// The branch that it left, and at which moment; none for the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<(u32, usize)>,
    /// The moment looked at: the number of answers before it.
    pub moment: usize,
    /// The other branches of the session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Tape>,
}

/// A branch beside the run: what it needs to be played again over the run's scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tape {
    /// Its name; 0 is the original.
    pub branch: u32,
    /// The branch that it left, and at which moment; none for the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<(u32, usize)>,
    /// What was changed on the way, in order.
    #[serde(default)]
    pub changes: Vec<Changed>,
    /// Every answer, in order.
    pub answers: Vec<Answer>,
    /// What a language model said beside its answers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// What the user said after the session, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview: Option<Interview>,
}
