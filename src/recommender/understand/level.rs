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
    /// What a language model makes of them: whoever asks it is a [`Reader`].
    LanguageModel,
}

/// Reads words in the place of the rules here: a language model, behind whoever makes its calls.
pub trait Reader: std::fmt::Debug {
    /// What words mean, said after the last turn of `obs.history`; `None` where it has no answer. The same words after the
    /// same turns must be read alike, since what is believed of a session is read again from its beginning.
    fn read(&self, words: &str, obs: &Observation<'_>) -> Option<Intent>;
}

impl Level {
    /// The levels that need no model, the plainest first: their order is the number that settings give them.
    pub const ALL: [Self; 3] = [Self::Lexical, Self::Semantic, Self::Reasoning];
    /// As [`Self::ALL`], and the language model's.
    pub const WITH_MODEL: [Self; 4] = [Self::Lexical, Self::Semantic, Self::Reasoning, Self::LanguageModel];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Semantic => "semantic",
            Self::Reasoning => "reasoning",
            Self::LanguageModel => "language model",
        }
    }

    /// The level of that name, blanks written as such or as hyphens.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::WITH_MODEL.into_iter().find(|l| l.name() == name.replace('-', " "))
    }
}

/// A reader of one shelf's words at one level.
#[derive(Clone, Debug)]
pub struct Understanding {
    pub(super) level: Level,
    pub(super) lexicon: std::rc::Rc<Lexicon>,
    pub(super) semantic: Option<Semantic>,
    #[cfg(feature = "whole")]
    reader: Option<std::rc::Rc<dyn Reader>>,
}

impl Understanding {
    /// A reader of a shelf. The levels above the lexical one read the shelf's texts first, some milliseconds for
    /// thousands of items. [`Level::LanguageModel`] has no model here and reads lexically: see [`Self::read_by`].
    #[must_use]
    pub fn new(level: Level, lexicon: std::rc::Rc<Lexicon>, shelf: &Shelf) -> Self {
        let above = matches!(level, Level::Semantic | Level::Reasoning);
        let semantic = (cfg!(feature = "whole") && above).then(|| Semantic::of(shelf));
        Self {
            level,
            lexicon,
            semantic,
            #[cfg(feature = "whole")]
            reader: None,
        }
    }

    /// What a language model reads; where it has no answer, words are read lexically, and a note says so.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn read_by(reader: std::rc::Rc<dyn Reader>, lexicon: std::rc::Rc<Lexicon>) -> Self {
        Self { level: Level::LanguageModel, lexicon, semantic: None, reader: Some(reader) }
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
        #[cfg(feature = "whole")]
        if let Some(reader) = self.reader.as_ref().filter(|_| !words.trim().is_empty()) {
            return reader.read(words, obs).unwrap_or_else(|| {
                let mut literal = self.lexicon.parse(words, obs);
                literal.notes.push("the model gave no answer that can be used, so the words as they stand".to_owned());
                literal
            });
        }
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
