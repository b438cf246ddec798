//! Fitted memories as files: `recoworld/memory-v1`.

use super::weights::{COUNT, SCALAR_NAMES, SCALARS, Weights};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The format's name and version.
pub const SCHEMA: &str = "recoworld/memory-v1";
/// The largest file read, bytes.
pub const MOST_BYTES: usize = 1_000_000;

/// A fitted memory with where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryFile {
    /// `recoworld/memory-v1`.
    pub schema: String,
    /// The command that made it.
    pub made_by: String,
    /// The scenario whose sessions, or over whose catalogue, it was fitted.
    pub scenario: String,
    /// Whose sessions: a process's name, or `log`.
    pub process: String,
    /// Sessions to train, validate, judge.
    pub sessions: [usize; 3],
    /// Log-likelihood an action on held-out sessions, nats.
    pub held_out: f64,
    /// The scalars by name.
    pub scalars: BTreeMap<String, f64>,
    /// p (16), C (16 × 8), β (20), A (16 × 32), row by row, rounded to six digits.
    pub rest: Vec<f64>,
}

/// Why a file is no memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryFileError(String);

impl fmt::Display for MemoryFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MemoryFileError {}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

impl MemoryFile {
    /// Puts fitted weights in, rounded to six digits behind the point: what is written is what is read.
    #[must_use]
    pub fn new(
        w: &Weights,
        made_by: String,
        scenario: String,
        process: String,
        sessions: [usize; 3],
        held_out: f64,
    ) -> Self {
        let round = |v: f64| (v * 1e6).round() / 1e6;
        Self {
            schema: SCHEMA.into(),
            made_by,
            scenario,
            process,
            sessions,
            held_out: round(held_out),
            scalars: SCALAR_NAMES.iter().zip(&w.flat).map(|(n, v)| ((*n).to_owned(), round(*v))).collect(),
            rest: w.flat[SCALARS..].iter().map(|v| round(*v)).collect(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`MemoryFileError`]: no JSON, another schema, a scalar that is missing or unknown, the wrong number of weights, or
    /// one that is beyond ±1000.
    pub fn from_json(text: &str) -> Result<Self, MemoryFileError> {
        let head: Head =
            serde_json::from_str(text).map_err(|e| MemoryFileError(format!("is no fitted memory: {e}")))?;
        if head.schema != SCHEMA {
            let given: String = head.schema.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(MemoryFileError(format!("`schema` is \"{given}\"; this program reads {SCHEMA}")));
        }
        let file: Self =
            serde_json::from_str(text).map_err(|e| MemoryFileError(format!("is no fitted memory: {e}")))?;
        for name in SCALAR_NAMES {
            if !file.scalars.contains_key(name) {
                return Err(MemoryFileError(format!("`scalars.{name}` is missing")));
            }
        }
        if let Some(name) = file.scalars.keys().find(|n| !SCALAR_NAMES.contains(&n.as_str())) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            return Err(MemoryFileError(format!(
                "`scalars.{name}` is no parameter; there are {}",
                SCALAR_NAMES.join(", ")
            )));
        }
        if file.rest.len() != COUNT - SCALARS {
            return Err(MemoryFileError(format!(
                "`rest` holds {} numbers; there must be {}",
                file.rest.len(),
                COUNT - SCALARS
            )));
        }
        if file.scalars.values().chain(&file.rest).any(|v| v.abs() > 1000.0) {
            return Err(MemoryFileError("a weight lies beyond ±1000: the fit that made it had come apart".into()));
        }
        Ok(file)
    }

    /// The file's text, one line a group.
    ///
    /// # Errors
    /// Never in practice: every field has a place in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|t| t + "\n")
    }

    /// The weights.
    #[must_use]
    pub fn weights(&self) -> Weights {
        let mut flat: Vec<f64> = SCALAR_NAMES.iter().map(|n| self.scalars.get(*n).copied().unwrap_or(0.0)).collect();
        flat.extend_from_slice(&self.rest);
        Weights { flat }
    }
}
