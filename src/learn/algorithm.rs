//! What all learners have in common: a table of fields each, a trainer that is stepped, reports, files.

use super::{
    files::{Contents, FileError},
    pairs::Pair,
    policy::Policy,
    task::{Shape, Task},
};
use crate::recommender::Setting;
use std::{collections::BTreeMap, fmt};

/// One algorithm.
pub struct Algorithm {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does, in a sentence or two.
    pub about: &'static str,
    /// The publication that it follows.
    pub paper: &'static str,
    /// Its fields: the command line's `--set`, the form and the tooltips are made from them.
    pub fields: &'static [Setting],
    /// What its reports tell beside the return: name and meaning, in the reports' order.
    pub diagnostics: &'static [(&'static str, &'static str)],
    /// Makes a trainer.
    pub make: fn(Setup, &dyn Task, u64) -> Box<dyn Trainer>,
}

/// All algorithms, the simplest first.
pub static ALGORITHMS: &[&Algorithm] = &[
    &super::bandit::EPSILON_GREEDY,
    &super::bandit::LINUCB,
    &super::bandit::THOMPSON,
    &super::reinforce::REINFORCE,
    &super::ppo::PPO,
    &super::slateq::SLATEQ,
    &super::dpo::DPO,
];

/// The algorithm of that name.
///
/// # Errors
/// Where there is none.
pub fn find(name: &str) -> Result<&'static Algorithm, SetupError> {
    let unknown = || {
        let near = ALGORITHMS.iter().map(|a| (strsim::jaro_winkler(name, a.name), a.name));
        let near = near.fold((0.75, None), |b, n| if n.0 > b.0 { (n.0, Some(n.1)) } else { b }).1;
        SetupError::Algorithm { given: name.chars().take(60).collect(), suggestion: near }
    };
    ALGORITHMS.iter().find(|a| a.name == name).copied().ok_or_else(unknown)
}

/// An algorithm with its settings, checked.
#[derive(Clone)]
pub struct Setup {
    /// Which.
    pub algorithm: &'static Algorithm,
    /// What is trained on, where that is to be written into files: a checkpoint is not gone on with elsewhere.
    pub scenario: Option<String>,
    values: Vec<f64>,
}

impl Setup {
    /// The defaults.
    #[must_use]
    pub fn new(algorithm: &'static Algorithm) -> Self {
        Self { algorithm, scenario: None, values: algorithm.fields.iter().map(|f| f.default).collect() }
    }

    /// The defaults, with what suits a task better where it says so.
    #[must_use]
    pub fn suited(algorithm: &'static Algorithm, task: &dyn Task) -> Self {
        let mut setup = Self::new(algorithm);
        setup.suit(task, &[]);
        setup
    }

    /// Takes what a task says suits it better, but for the fields in `keep`.
    pub fn suit(&mut self, task: &dyn Task, keep: &[&str]) {
        for (name, value) in task.hints() {
            if self.has(name) && !keep.contains(name) {
                // A hint that a field cannot hold is no reason not to learn.
                let _ = self.set(name, *value);
            }
        }
    }

    /// Whether the algorithm has a field of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.algorithm.fields.iter().any(|f| f.name == name)
    }

    /// Sets a field.
    ///
    /// # Errors
    /// Where there is no such field or it cannot hold that; nothing has changed then.
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), SetupError> {
        let fields = self.algorithm.fields;
        let at = fields
            .iter()
            .position(|f| f.name == name)
            .ok_or_else(|| SetupError::Field { algorithm: self.algorithm, given: name.chars().take(60).collect() })?;
        let field = &fields[at];
        if !(field.min..=field.max).contains(&value) || field.whole && value.fract() != 0.0 {
            return Err(SetupError::Value { field, given: value.to_string() });
        }
        self.values[at] = value;
        Ok(())
    }

    /// Sets a field from text, `on` and `off` standing for 1 and 0.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_text(&mut self, name: &str, text: &str) -> Result<(), SetupError> {
        let value = match text.trim() {
            "on" | "true" => Ok(1.0),
            "off" | "false" => Ok(0.0),
            number => number.parse().map_err(|_| number),
        };
        match (value, self.algorithm.fields.iter().find(|f| f.name == name)) {
            (Err(given), Some(field)) => Err(SetupError::Value { field, given: given.chars().take(60).collect() }),
            (value, _) => self.set(name, value.unwrap_or(f64::NAN)),
        }
    }

    /// A field's value; NaN where the algorithm has no such field.
    #[must_use]
    pub fn get(&self, name: &str) -> f64 {
        self.algorithm.fields.iter().position(|f| f.name == name).map_or(f64::NAN, |i| self.values[i])
    }

    /// All fields with their values.
    #[must_use]
    pub fn values(&self) -> BTreeMap<&'static str, f64> {
        self.algorithm.fields.iter().map(|f| f.name).zip(self.values.iter().copied()).collect()
    }

    /// A trainer for a task.
    #[must_use]
    pub fn trainer(&self, task: &dyn Task, seed: u64) -> Box<dyn Trainer> {
        (self.algorithm.make)(self.clone(), task, seed)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.algorithm.name, self.values())
    }
}

/// Why an algorithm could not be set up.
#[derive(Clone)]
pub enum SetupError {
    /// There is none of this name.
    Algorithm {
        /// As given.
        given: String,
        /// The nearest name, if any is near.
        suggestion: Option<&'static str>,
    },
    /// It has no such field.
    Field {
        /// The algorithm.
        algorithm: &'static Algorithm,
        /// As given.
        given: String,
    },
    /// The field cannot hold that.
    Value {
        /// The field.
        field: &'static Setting,
        /// As given.
        given: String,
    },
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm { given, suggestion } => {
                write!(f, "There is no algorithm \"{given}\". ")?;
                if let Some(s) = suggestion {
                    write!(f, "Did you mean \"{s}\"? ")?;
                }
                let names: Vec<&str> = ALGORITHMS.iter().map(|a| a.name).collect();
                write!(f, "The algorithms are {}.", names.join(", "))
            }
            Self::Field { algorithm, given } => {
                let names: Vec<&str> = algorithm.fields.iter().map(|f| f.name).collect();
                write!(f, "{} has no field \"{given}\". Its fields are {}.", algorithm.title, names.join(", "))
            }
            Self::Value { field, given } => {
                let kind = if field.whole { "a whole number" } else { "a number" };
                let (name, min, max) = (field.name, field.min, field.max);
                write!(f, "{name} must be {kind} from {min} to {max}, not {given}.")
            }
        }
    }
}

impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SetupError {}

/// What one iteration came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Which iteration, from 1.
    pub iteration: u64,
    /// Environment steps so far.
    pub env_steps: u64,
    /// Episodes that ended in this iteration.
    pub episodes: u32,
    /// Their mean return, exploration included; `None` where none ended.
    pub return_mean: Option<f64>,
    /// The means of their measures, by name.
    pub measures: Vec<(&'static str, f64)>,
    /// The algorithm's own values, in the order of [`Algorithm::diagnostics`].
    pub diagnostics: Vec<f64>,
}

/// Why training stopped. The trainer is as it was before the step; its last checkpoint is good.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// Environment steps until then.
    pub env_steps: u64,
    /// What happened and what it is likely from.
    pub cause: String,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "training stopped after {} environment steps: {}", self.env_steps, self.cause)
    }
}

impl std::error::Error for Stopped {}

/// Something that learns, one iteration at a time.
///
/// A trainer reads no clock and draws only from streams keyed by its seed: the same setup, task and seed give the same
/// reports, policies and checkpoints to the byte, wherever the iterations are cut into slices.
pub trait Trainer {
    /// Learns from these preferences in the place of its own, where it learns from preferences at all: false where not.
    fn learn_from(&mut self, pairs: Vec<Pair>) -> bool {
        let _ = pairs;
        false
    }

    /// One iteration: gather experience, learn from it.
    ///
    /// # Errors
    /// Where the numbers ran away. The policy is the one before the step then.
    fn step(&mut self) -> Result<Report, Stopped>;

    /// Environment steps so far.
    fn env_steps(&self) -> u64;

    /// The policy as it is now.
    fn policy(&self) -> &Policy;

    /// All that going on needs, as a file: a policy file too.
    fn checkpoint(&self) -> Vec<u8>;

    /// Goes on from a checkpoint of the same setup, task and seed; what follows is what would have followed there.
    ///
    /// # Errors
    /// Where the file is damaged or of another run; nothing has changed then.
    fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError>;
}

/// The words that say what a file is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The algorithm's name.
    pub algorithm: String,
    /// Its settings as JSON.
    pub settings: String,
    /// What it was trained on, where that is told.
    pub scenario: Option<String>,
    /// The task's sizes.
    pub shape: Shape,
    /// The policy's width.
    pub hidden: usize,
    /// The run's seed.
    pub seed: u64,
}

impl Label {
    /// The label of a run's policy.
    #[must_use]
    pub fn of(setup: &Setup, policy: &Policy, seed: u64) -> Self {
        Self {
            algorithm: setup.algorithm.name.into(),
            settings: serde_json::to_string(&setup.values()).unwrap_or_default(),
            scenario: setup.scenario.clone(),
            shape: policy.shape(),
            hidden: policy.hidden(),
            seed,
        }
    }
}

/// The format that files of learners name.
pub const FORMAT: &str = "recoworld/policy-v1";

/// Writes a label and a policy into a file.
pub fn put_policy(to: &mut Contents, label: &Label, policy: &Policy) {
    let Shape { observation, features, candidates, slate } = label.shape;
    let sizes = [("observation", observation), ("features", features), ("candidates", candidates), ("slate", slate)];
    let mut words: Vec<(&str, String)> = sizes.map(|(k, v)| (k, v.to_string())).to_vec();
    words.push(("schema", FORMAT.into()));
    words.push(("algorithm", label.algorithm.clone()));
    words.push(("settings", label.settings.clone()));
    words.extend(label.scenario.clone().map(|s| ("scenario", s)));
    words.push(("hidden", label.hidden.to_string()));
    words.push(("seed", label.seed.to_string()));
    to.words.extend(words.into_iter().map(|(k, v)| (k.to_owned(), v)));
    for (name, shape, data) in policy.named() {
        to.put(format!("policy.{name}"), shape, data);
    }
}

/// A policy alone, as a file: what serving and evaluating need.
#[must_use]
pub fn policy_file(setup: &Setup, policy: &Policy, seed: u64) -> Vec<u8> {
    let mut file = Contents::default();
    put_policy(&mut file, &Label::of(setup, policy, seed), policy);
    file.to_bytes()
}

/// Reads a label and a policy from a file.
///
/// # Errors
/// Where the file is of a newer version or lacks something.
pub fn get_policy(from: &Contents) -> Result<(Label, Policy), FileError> {
    let schema = from.word("schema")?;
    if schema != FORMAT {
        let what =
            format!("it says \"{schema}\"; this program reads \"{FORMAT}\". A newer version may have written it");
        return Err(FileError::Mismatch(what));
    }
    let number = |name: &str| {
        let text = from.word(name)?;
        text.parse::<usize>()
            .ok()
            .filter(|n| *n <= 1 << 16)
            .ok_or_else(|| FileError::Missing(format!("size \"{name}\"")))
    };
    let shape = Shape {
        observation: number("observation")?,
        features: number("features")?,
        candidates: number("candidates")?,
        slate: number("slate")?,
    };
    let label = Label {
        algorithm: from.word("algorithm")?.to_owned(),
        settings: from.word("settings")?.to_owned(),
        scenario: from.words.get("scenario").cloned(),
        shape,
        hidden: number("hidden")?,
        seed: from.word("seed")?.parse().map_err(|_| FileError::Missing("seed".into()))?,
    };
    let parts = from.tensors.iter().filter(|t| t.name.starts_with("policy.")).map(|t| t.data.clone()).collect();
    let policy = Policy::from_named(shape, label.hidden, parts)
        .ok_or_else(|| FileError::Mismatch("its arrays do not fit the sizes that it states".into()))?;
    if !policy.is_finite() {
        return Err(FileError::Mismatch("it holds parameters that are no numbers".into()));
    }
    Ok((label, policy))
}

/// Checks that a policy fits a task.
///
/// # Errors
/// Which sizes differ.
pub fn fits(policy: Shape, task: Shape) -> Result<(), FileError> {
    let sizes = [
        ("numbers of an observation", policy.observation, task.observation),
        ("features of a candidate", policy.features, task.features),
        ("items of a slate", policy.slate, task.slate),
        // With features any number of candidates can be scored.
        ("candidates", policy.candidates, if task.features > 0 { policy.candidates } else { task.candidates }),
    ];
    let differ = sizes.iter().filter(|(_, a, b)| a != b);
    let told: Vec<String> = differ.map(|(what, a, b)| format!("{what}: it has {a}, the scenario {b}")).collect();
    if told.is_empty() {
        return Ok(());
    }
    Err(FileError::Mismatch(format!("the policy is for another shape ({})", told.join("; "))))
}
