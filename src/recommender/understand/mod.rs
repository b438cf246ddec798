//! What the user's words mean, at levels that can be compared: lexical (the words as they stand), semantic (and what is like
//! them) and reasoning (and what the session makes likely); and what a language model makes of them.
//!
//! **Words are data.** Whatever an instruction or a title says, it becomes an [`Intent`] or nothing: there is no order in it
//! that the agent could follow beyond those fields.

mod alike;
mod asides;
mod level;
pub mod lexical;
mod lexicon;
mod limits;
mod naming;
mod reason;
mod reply;
mod semantic;
mod senses;
mod signs;
mod spans;
mod tongues;
mod words;

pub use level::{Level, Reader, Understanding};
pub use lexicon::Lexicon;

use crate::{
    catalog::{CreatorIx, Mood, Shelf, TopicIx},
    user::{clarify::Question, words::mood_word},
};

/// What was understood of the user's words. Weights are in (0, 1], from a guess to certain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intent {
    /// Topics wanted.
    pub more: Vec<(TopicIx, f32)>,
    /// Topics wanted less of.
    pub less: Vec<(TopicIx, f32)>,
    /// Topics not wanted at all.
    pub avoid: Vec<(TopicIx, f32)>,
    /// Those of the topics wanted that were named without a word for or against them: "Sport, again".
    pub open: Vec<TopicIx>,
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
    /// Whether the words are of praise or thanks alone: nothing should change.
    pub content: bool,
    /// Whether something was pointed at that is not here: a maker, a place on the slate.
    pub absent: bool,
    /// Whether any word was one that is known here, though it may say nothing by itself.
    pub familiar: bool,
    /// Whether it was said in another language, of which nothing is taken.
    pub foreign: bool,
    /// For how many turns this holds.
    pub holds_turns: u32,
    /// How much of what was said was understood, in [0, 1].
    pub confidence: f32,
    /// The words that were not understood, at most 12.
    pub unread: Vec<String>,
    /// How the words were read, where more than their letter was: sentences without a full stop.
    pub notes: Vec<String>,
    /// What is believed to be complained of, each with its chance; empty where the words left nothing to guess.
    pub beliefs: Vec<(String, f32)>,
    /// What would be worth asking.
    pub question: Option<Question>,
}

impl Intent {
    /// Whether nothing at all was understood.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.vague && !self.is_specific()
    }

    /// What it was read as, in a sentence; where nothing was understood, that is said, with what happens then.
    #[must_use]
    pub fn read_as(&self, shelf: &Shelf) -> String {
        let topic = |t: &(TopicIx, f32)| shelf.topics.get(usize::from(t.0)).cloned().unwrap_or_default();
        let maker = |c: &CreatorIx| shelf.creators.get(*c as usize).cloned().unwrap_or_default();
        let mut parts: Vec<String> = Vec::new();
        let mut put = |word: &str, names: Vec<String>| {
            if !names.is_empty() {
                parts.push(format!("{word} {}", names.join(" and ")));
            }
        };
        put("more", self.more.iter().map(topic).collect());
        put("less", self.less.iter().map(topic).collect());
        put("no", self.avoid.iter().map(topic).collect());
        put("keep", self.keep_creators.iter().map(maker).collect());
        put("nothing by", self.avoid_creators.iter().map(maker).collect());
        put("at most", self.max_s.map(|s| format!("{s:.0} s")).into_iter().collect());
        put("at least", self.min_s.map(|s| format!("{s:.0} s")).into_iter().collect());
        put("something", self.mood.map(|m| mood_word(m).to_owned()).into_iter().collect());
        if self.better {
            parts.push("better items".into());
        }
        if self.surprise > 0.0 {
            parts.push("something new".into());
        }
        match (parts.is_empty(), self.vague) {
            (false, _) => format!("read as: {}", parts.join("; ")),
            (true, false) if self.content => "read as: pleased; nothing should change".into(),
            (true, true) => "read as: something is wrong, not said what".into(),
            (true, false) if self.unread.is_empty() => "read as: nothing asked".into(),
            (true, false) => {
                "read as: nothing known (another language or other words); behaviour alone is followed".into()
            }
        }
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
