//! What the user's words mean. Three levels can be compared; the lexical one, by words and attributes, lives here.

pub mod lexical;
mod lexicon;
mod limits;
mod words;

pub use lexicon::Lexicon;

use crate::catalog::{CreatorIx, Mood, TopicIx};

/// What was understood of the user's words. Weights are in (0, 1], from a guess to certain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intent {
    /// Topics wanted.
    pub more: Vec<(TopicIx, f32)>,
    /// Topics wanted less of.
    pub less: Vec<(TopicIx, f32)>,
    /// Topics not wanted at all.
    pub avoid: Vec<(TopicIx, f32)>,
    /// Creators wanted.
    pub keep_creators: Vec<CreatorIx>,
    /// Creators not wanted.
    pub avoid_creators: Vec<CreatorIx>,
    /// The longest duration wanted, seconds.
    pub max_s: Option<f32>,
    /// The shortest duration wanted, seconds.
    pub min_s: Option<f32>,
    /// The mood wanted.
    pub mood: Option<Mood>,
    /// Whether better items are wanted: what titles promise, items should hold.
    pub better: bool,
    /// How much something new is wanted, in [0, 1].
    pub surprise: f32,
    /// Whether the user is dissatisfied without saying with what ("I'm bored").
    pub vague: bool,
    /// For how many turns this holds.
    pub holds_turns: u32,
    /// How much of what was said was understood, in [0, 1].
    pub confidence: f32,
    /// The words that were not understood, at most 12.
    pub unread: Vec<String>,
}

impl Intent {
    /// Whether nothing at all was understood.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.vague && !self.is_specific()
    }

    /// Whether it says what should change.
    #[must_use]
    pub fn is_specific(&self) -> bool {
        let topics = self.more.len() + self.less.len() + self.avoid.len();
        topics + self.keep_creators.len() + self.avoid_creators.len() > 0
            || self.max_s.is_some()
            || self.min_s.is_some()
            || self.mood.is_some()
            || self.better
            || self.surprise > 0.0
    }
}
