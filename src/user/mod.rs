//! Who looks: the simulated user (model.md's sections 2 and 3 are the study behind it).

mod appraise;
mod choice;
pub mod clarify;
pub mod context;
pub mod grammar;
pub mod instruct;
pub mod memory;
pub mod mindset;
pub mod opinions;
mod profile;
pub mod state;
mod wish;
pub mod words;

pub use appraise::{MINDSET_WORTH, fit, worst_term};
pub use context::{CONTEXT, Company, Context, Device, Place};
pub use profile::{Persona, Profile, Remembering, Traits};
pub use wish::Wish;

use crate::catalog::{CreatorIx, ItemIx, Mood, TopicIx};
use serde::{Deserialize, Serialize};

/// A reason: one term of the utility of an item, kept apart because it is the reason that the user gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(usize)]
pub enum Term {
    /// How well the item matches the mindset.
    Mindset = 0,
    /// How good it is (before consumption: how good it looks).
    Quality,
    /// How new it is against memory.
    Novelty,
    /// How tired the user is of its kind.
    Satiation,
    /// How well its feel fits the circumstances.
    Context,
    /// Whether its length is comfortable now.
    Length,
    /// What its creator has earned, and wears out.
    Creator,
    /// What others think of it.
    Social,
    /// Tiredness.
    Fatigue,
    /// Whether it fits into the time left.
    Budget,
}

/// The number of terms.
pub const TERMS: usize = 10;

/// All terms, in the order of their discriminants.
pub const ALL_TERMS: [Term; TERMS] = [
    Term::Mindset,
    Term::Quality,
    Term::Novelty,
    Term::Satiation,
    Term::Context,
    Term::Length,
    Term::Creator,
    Term::Social,
    Term::Fatigue,
    Term::Budget,
];

/// One value a [`Term`], in the order of [`ALL_TERMS`]; the unit is that of a logit.
pub type Terms = [f32; TERMS];

/// What the user did with one item of a slate. This is all that a recommender sees of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reaction {
    /// Whether the user looked at the item at all. If not, neither did they at any later one of the slate.
    pub examined: bool,
    /// Whether the user opened it; examined and not clicked is a skip.
    pub clicked: bool,
    /// Seconds spent on it: watching when clicked (at most [`PASSES`] times its duration: it may be watched again), looking
    /// when skipped.
    pub seconds: f32,
    /// Whether the user liked it (needs a click, as do the next three).
    pub liked: bool,
    /// Whether the user shared it.
    pub shared: bool,
    /// Whether the user commented on it.
    pub commented: bool,
    /// Whether the user followed its creator.
    pub followed: bool,
    /// Whether the user left the session here, in the middle of the slate.
    pub left: bool,
}

/// The most times over that an item is watched.
pub const PASSES: f32 = 3.0;

impl Reaction {
    /// How far the item was watched again once it had been watched, in [0, 1]: 1 is a second time to its end.
    #[must_use]
    pub fn again(&self, duration_s: f32) -> f32 {
        if self.clicked { (self.seconds / duration_s.max(1e-3) - 1.0).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// How an instruction is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// In words.
    Explicit,
    /// Shown by behaviour alone: fast skips and silence.
    Implicit,
}

/// How exactly an instruction is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Specificity {
    /// It names what it is about.
    Specific,
    /// It does not.
    Vague,
}

/// What an instruction asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// More of a topic.
    More,
    /// Less of a topic.
    Less,
    /// None of a topic or creator.
    Avoid,
    /// Something else than a topic, and towards another.
    Switch,
    /// Shorter items.
    Shorter,
    /// Longer items.
    Longer,
    /// Another mood.
    Mood,
    /// Better items, less clickbait.
    Better,
    /// Something new.
    Surprise,
}

/// For how long a wish is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// For the next slate.
    Moment,
    /// For a few slates.
    While,
    /// For the rest of the session.
    Session,
}

/// What an instruction means: the user's secret, which the words carry more or less exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// What is asked.
    pub ask: Ask,
    /// Topics wanted.
    #[serde(default)]
    pub toward: Vec<TopicIx>,
    /// Topics not wanted.
    #[serde(default)]
    pub away: Vec<TopicIx>,
    /// Creator not wanted.
    #[serde(default)]
    pub creator: Option<CreatorIx>,
    /// Longest duration wanted, seconds.
    #[serde(default)]
    pub max_s: Option<f32>,
    /// Mood wanted.
    #[serde(default)]
    pub mood: Option<Mood>,
    /// A creator who stays welcome where the topic is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<CreatorIx>,
    /// An item seen before that what is wanted should be like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<ItemIx>,
    /// For how long it is meant; `None` where the user does not think of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
    /// How much it matters, in (0, 1].
    pub strength: f32,
}

/// An instruction: what the user says, or shows, on the verge of leaving.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instruction {
    /// How it is given.
    pub channel: Channel,
    /// How exactly.
    pub specificity: Specificity,
    /// The words; empty when implicit.
    pub words: String,
    /// What it means; `None` for a person's own words, whose meaning only the person knows.
    #[serde(default)]
    pub frame: Option<Frame>,
    /// The term that fell most below its usual value, and so the reason; `None` for a person's own words.
    #[serde(default)]
    pub reason: Option<Term>,
}
