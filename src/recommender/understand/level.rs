//! The levels of understanding, and the one door to them.

use super::{Intent, Lexicon, reason, semantic::Semantic};
use crate::{catalog::Shelf, recommender::Observation};

/// How far words are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Words, names and numbers as they stand.
    #[default]
    Lexical,
    /// And what is like them: other words, slips of the pen, exceptions, comparisons, what was taken back.
    Semantic,
    /// And what the session makes likely: a belief over what people may mean, from words and from what was shown.
    Reasoning,
}

impl Level {
    /// All levels, the plainest first: their order is the number that settings give them.
    pub const ALL: [Self; 3] = [Self::Lexical, Self::Semantic, Self::Reasoning];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Semantic => "semantic",
            Self::Reasoning => "reasoning",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// A reader of one shelf's words at one level.
#[derive(Clone, Debug)]
pub struct Understanding {
    pub(super) level: Level,
    pub(super) lexicon: std::rc::Rc<Lexicon>,
    pub(super) semantic: Option<Semantic>,
}

impl Understanding {
    /// A reader of a shelf. The levels above the lexical one read the shelf's texts first, some milliseconds for
    /// thousands of items.
    #[must_use]
    pub fn new(level: Level, lexicon: std::rc::Rc<Lexicon>, shelf: &Shelf) -> Self {
        let semantic = (cfg!(feature = "whole") && level != Level::Lexical).then(|| Semantic::of(shelf));
        Self { level, lexicon, semantic }
    }

    /// Its level.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// What words mean, said after the last turn of `obs.history`. Never fails: what cannot be read is reported as
    /// unread.
    #[must_use]
    pub fn read(&self, words: &str, obs: &Observation<'_>) -> Intent {
        // A small program has no other level; said so, the compiler leaves their code out of it.
        let semantic = self.semantic.as_ref().filter(|_| cfg!(feature = "whole"));
        let Some(semantic) = semantic else { return self.lexicon.parse(words, obs) };
        let literal = semantic.literal(&self.lexicon, words, obs);
        if words.trim().is_empty() {
            return literal;
        }
        if self.level != Level::Reasoning {
            return semantic.weighed(literal, words, obs);
        }
        let literal = reason::taken(literal, obs);
        let likely = semantic.senses_of(words);
        if reason::direct(&literal, &likely, obs) {
            return literal;
        }
        reason::infer(semantic.weighed(literal, words, obs), &likely, obs)
    }

    /// What behaviour alone means after the last turn: only the reasoning level reads it. `shown` says that the user was
    /// seen to be impatient; otherwise it takes a slate that nearly all was skipped of.
    #[must_use]
    pub fn read_behaviour(&self, obs: &Observation<'_>, shown: bool) -> Option<Intent> {
        if cfg!(not(feature = "whole")) || self.level != Level::Reasoning || !(shown || reason::impatient(obs)) {
            return None;
        }
        let mut intent = reason::infer(Intent { holds_turns: 2, vague: true, ..Intent::default() }, &[1.0; 6], obs);
        intent.question = None;
        Some(intent)
    }
}
