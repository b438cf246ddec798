//! What the Train page and its workers say to each other. One worker trains one run.

pub use crate::learn::verdict::{Line, Point, Sign, Urgency, Verdict};
use crate::{
    learn::algorithm::{self, Setup},
    scenario::{CatalogSpec, Scenario},
    worker::{data::protocol::File, import::bytes},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The lab's desk that trains.
pub const TRAIN_DESK: &str = "train";

/// The format of [`Kept`].
pub const KEPT_SCHEMA: &str = "recoworld/training-v1";

/// The most seeds of a run.
pub const MOST_SEEDS: usize = 20;

/// The most environment steps of each seed.
pub const MOST_STEPS: f64 = 1e9;

/// What is trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chosen {
    /// A published environment.
    Published {
        /// Its id.
        id: String,
        /// Fields that differ from its own, as `--set` takes them.
        set: BTreeMap<String, String>,
    },
    /// A session scenario.
    Session(Box<Scenario>),
}

impl Chosen {
    /// The name and the digest of its catalogue, where that is an imported one: its files are no part of a plan.
    #[must_use]
    pub fn imported(&self) -> Option<(&str, &str)> {
        let Self::Session(scenario) = self else { return None };
        match &scenario.catalog {
            CatalogSpec::Imported { name, digest } => Some((name, digest)),
            CatalogSpec::Synthetic { .. } => None,
        }
    }
}

/// What a run is: all that its results depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What is trained on.
    pub scenario: Chosen,
    /// The algorithm's name.
    pub algorithm: String,
    /// Settings that differ from its defaults.
    pub settings: BTreeMap<String, f64>,
    /// The seeds, as text: JavaScript would round them.
    pub seeds: Vec<String>,
    /// Environment steps of each seed.
    pub steps: f64,
}

impl Plan {
    /// The algorithm with its settings, and the seeds.
    ///
    /// # Errors
    /// The field that cannot be so, and why.
    pub fn check(&self) -> Result<(Setup, Vec<u64>), Problem> {
        let at = |field: &str, what: String| Problem { field: field.to_owned(), what };
        let algorithm = algorithm::find(&self.algorithm).map_err(|e| at("algorithm", e.to_string()))?;
        let mut setup = Setup::new(algorithm);
        if !(1.0..=MOST_STEPS).contains(&self.steps) {
            return Err(at("steps", format!("Train for 1 to {MOST_STEPS} steps.")));
        }
        if setup.has("total_timesteps") {
            // The learning rate falls over the run, whatever its length, unless it is set otherwise.
            setup.set("total_timesteps", self.steps).map_err(|e| at("steps", e.to_string()))?;
        }
        for (name, value) in &self.settings {
            setup.set(name, *value).map_err(|e| at(name, e.to_string()))?;
        }
        if self.seeds.is_empty() || self.seeds.len() > MOST_SEEDS {
            return Err(at("seeds", format!("Give 1 to {MOST_SEEDS} seeds.")));
        }
        let mut seeds = Vec::new();
        for text in &self.seeds {
            let seed = text.parse().map_err(|_| {
                at(
                    "seeds",
                    format!("“{}” is not a whole number from 0 to {}.", crate::scenario::excerpt(text), u64::MAX),
                )
            })?;
            if seeds.contains(&seed) {
                return Err(at("seeds", format!("The seed {seed} is there twice.")));
            }
            seeds.push(seed);
        }
        Ok((setup, seeds))
    }
}

/// What cannot be, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field of the form; empty where it concerns the whole.
    pub field: String,
    /// Why, and what to do.
    pub what: String,
}

/// What the page asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// The files of an imported catalogue, before the run on it is begun, gone on with or judged. What is wrong with them
    /// is told then.
    Bring(Box<Bringing>),
    /// Begins a run; answered by [`Event::Told`] again and again, or [`Event::Refused`].
    Begin(Box<Plan>),
    /// Goes on with a run that was kept.
    Resume(Box<Kept>),
    /// Judges a policy that was made elsewhere, and lets it be used.
    Import {
        /// What to judge it on.
        plan: Box<Plan>,
        /// The safetensors file.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// Begins a run that learns from preferences that were brought along.
    Learn {
        /// What the run is.
        plan: Box<Plan>,
        /// The pairs, JSON lines.
        pairs: String,
    },
    /// Rests.
    Pause,
    /// Goes on.
    GoOn,
    /// Ends the run where it is; what was best stays.
    Stop,
    /// Something to take along; answered by [`Event::Exported`].
    Export(Export),
    /// The best policy, for the Session page; answered by [`Event::Serves`].
    Serve,
    /// Two slates, for a person to choose between; answered by [`Event::Asked`].
    Ask,
    /// The person would rather have the second one, or the first.
    Prefer {
        /// Whether it is the second.
        second: bool,
    },
    /// The preferences that were stated; answered by [`Event::Picked`].
    Picked,
}

/// An imported catalogue as it was kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bringing {
    /// What the scenario calls it.
    pub name: String,
    /// Its files.
    pub files: Vec<File>,
    /// The mapping, as it was accepted.
    pub mapping: BTreeMap<String, String>,
    /// The items' own pictures; empty where there are none.
    #[serde(with = "bytes")]
    pub pictures: Vec<u8>,
}

/// What can be taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Export {
    /// The best policy's weights, safetensors.
    Weights,
    /// The curves, CSV.
    Curves,
    /// Steps of the best policy, exploring, with their log-probabilities: JSON lines.
    Transitions,
    /// Preference pairs of slates that the best policy draws, JSON lines as TRL reads them.
    Pairs,
    /// The preferences that a person stated, in the same form.
    Picked,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// All that there is to draw.
    Told(Box<View>),
    /// The run was not begun.
    Refused(Problem),
    /// The run, to be kept: a reload goes on from it.
    Keep(Box<Kept>),
    /// The best policy, ready to serve sessions.
    Serves {
        /// What it is called.
        title: String,
        /// What it was trained on.
        scenario: Box<Scenario>,
        /// Its file, safetensors.
        #[serde(with = "bytes")]
        weights: Vec<u8>,
    },
    /// Two slates to choose between.
    Asked(Box<Asked>),
    /// The preferences that were stated, JSON lines.
    Picked(String),
    /// A file.
    Exported {
        /// Its name.
        name: String,
        /// Its media type.
        mime: String,
        /// Its bytes.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
        /// What there is to say about it; may be empty.
        note: String,
    },
}

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// The lines to compare with are being measured.
    #[default]
    Preparing,
    /// It trains.
    Training,
    /// It rests.
    Paused,
    /// It has done its steps, or was ended.
    Done,
    /// It stopped by itself: why.
    Stopped(String),
}

/// One of the algorithm's own values over steps, the mean over seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Its name.
    pub name: String,
    /// What it means.
    pub about: String,
    /// Steps and value.
    pub values: Vec<[f64; 2]>,
}

/// An item of the slate for the fixed user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// What it is.
    pub title: String,
    /// What matters of it: "quality +2.4".
    pub detail: String,
    /// Whether that is good (1), bad (−1) or neither.
    pub tone: i8,
}

/// Two slates for the same user in the same moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The moment, in words.
    pub situation: String,
    /// The items of each, from the top.
    pub slates: [Vec<String>; 2],
}

/// The best policy so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Of which seed.
    pub seed: String,
    /// After how many steps.
    pub env_steps: f64,
    /// Its mean return.
    pub mean: f64,
}

/// All that there is to draw of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// What the run is.
    pub plan: Plan,
    /// The algorithm's title.
    pub title: String,
    /// The scenario's title.
    pub scenario: String,
    /// What a return is the sum of: "a session", "an episode".
    pub unit: String,
    /// How far it is.
    pub phase: Phase,
    /// Environment steps of all seeds so far.
    pub done: f64,
    /// Of as many.
    pub total: f64,
    /// Environment steps a second lately.
    pub speed: f64,
    /// Seconds left, where that can be told.
    pub seconds_left: Option<f64>,
    /// The lines to compare with.
    pub lines: Vec<Line>,
    /// The curve.
    pub points: Vec<Point>,
    /// The algorithm's own values.
    pub diagnostics: Vec<Diagnostic>,
    /// The slate for the fixed user before any training.
    pub then: Vec<Shown>,
    /// And now.
    pub now: Vec<Shown>,
    /// Is it learning?
    pub verdict: Verdict,
    /// The best policy so far.
    pub best: Option<Best>,
    /// What was mended on the way: a checkpoint that was damaged, for instance.
    pub notes: Vec<String>,
    /// Preferences that it learns from, where they were brought along.
    pub given: usize,
    /// Preferences that a person stated here.
    pub picked: usize,
    /// Whether the policy came from a file: it is judged, not trained.
    #[serde(default)]
    pub imported: bool,
}

/// A run as it is kept in the browser's database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// [`KEPT_SCHEMA`].
    pub schema: String,
    /// What the run is.
    pub plan: Plan,
    /// Each seed.
    pub seeds: Vec<KeptSeed>,
    /// The lines to compare with, once measured.
    pub lines: Vec<Line>,
    /// The slate before any training.
    pub then: Vec<Shown>,
    /// Whether it was ended.
    pub ended: bool,
    /// The preferences that it learns from, JSON lines; empty where it makes its own.
    #[serde(default)]
    pub pairs: String,
    /// The preferences that a person stated, JSON lines.
    #[serde(default)]
    pub picked: String,
}

/// What is measured of a seed after some steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Environment steps.
    pub env_steps: f64,
    /// The mean return of the evaluation.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// The mean chance of return, where the scenario has it.
    pub retention: Option<f64>,
    /// The algorithm's own values at the last iteration.
    pub diagnostics: Vec<f64>,
}

/// A seed of a run that is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptSeed {
    /// What was measured.
    pub curve: Vec<Measured>,
    /// The newest checkpoint.
    #[serde(with = "bytes")]
    pub newest: Vec<u8>,
    /// The one before: where the newest is damaged, the run goes on from there.
    #[serde(with = "bytes")]
    pub before: Vec<u8>,
    /// The best policy so far.
    #[serde(with = "bytes")]
    pub best: Vec<u8>,
    /// Where in the curve it was made.
    pub best_at: Option<usize>,
}
