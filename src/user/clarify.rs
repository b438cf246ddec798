//! A short question back, and what the user answers to it.
//!
//! A recommender may ask once after something was said, before its next slate. The user understands what each answer
//! offered would mean, compares it with the secret meaning of its own words, and answers in words of the same grammar. To be
//! asked costs time and a little patience, whether or not it is answered.

use super::{
    Ask, Frame, Specificity, Term,
    grammar::{Grammar, tidy},
    state::User,
    words::{self, Saying},
};
use crate::{
    catalog::{Mood, Shelf, TopicIx},
    math::{Purpose, Source},
};
use serde::{Deserialize, Serialize};

/// The most characters of a question or of one of the answers offered.
pub const MOST_WORDS: usize = 300;
/// The most answers that a question may offer.
pub const MOST_OPTIONS: usize = 4;
/// Seconds that reading a question takes, and satisfaction that it costs the least patient.
const READING_S: f32 = 3.0;
const ASKED_COSTS: f32 = 0.01;

/// What one answer to a question would mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offer {
    /// More of a topic.
    More(TopicIx),
    /// A rest from a topic.
    Rest(TopicIx),
    /// Shorter items.
    Shorter,
    /// Better items.
    Better,
    /// Another feel.
    Mood(Mood),
    /// Something new.
    New,
}

/// An answer that a question offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// As the question says it.
    pub words: String,
    /// What it would mean.
    pub offer: Offer,
}

/// A short question back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub text: String,
    /// The answers that it offers, the likeliest first.
    pub options: Vec<Choice>,
    /// What asking is expected to be worth, less what it costs, in units of reward.
    pub worth: f32,
}

/// A question that was asked, and what came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// The answer, in the user's words; empty where the user let it pass, `None` while it is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

impl Offer {
    /// Whether it is what was meant.
    #[must_use]
    pub fn fits(self, meant: &Frame) -> bool {
        match self {
            Self::More(t) => meant.toward.contains(&t),
            Self::Rest(t) => meant.away.contains(&t),
            Self::Shorter => meant.ask == Ask::Shorter,
            Self::Better => meant.ask == Ask::Better,
            Self::Mood(m) => meant.mood == Some(m),
            Self::New => meant.ask == Ask::Surprise,
        }
    }
}

impl User {
    /// To be asked takes time, and tries the patience of the impatient.
    pub(crate) fn be_asked(&mut self) {
        self.left_s = (self.left_s - READING_S).max(0.0);
        self.satisfaction = (self.satisfaction - ASKED_COSTS * (1.4 - 0.8 * self.traits.patience)).max(0.0);
    }

    /// What the user answers, in words of a grammar; nothing where the question is let pass. People who speak up often
    /// answer often, and those of exact words say what they want where nothing offered is it.
    #[must_use]
    pub fn reply(
        &self,
        question: &Question,
        meant: (&Frame, Term),
        grammar: &Grammar,
        shelf: &Shelf,
        source: Source,
    ) -> String {
        let mut random = source.stream(Purpose::Reply);
        if !random.chance(0.3 + 0.6 * self.traits.expressiveness) {
            return String::new();
        }
        let (frame, reason) = meant;
        if let Some(n) = question.options.iter().position(|c| c.offer.fits(frame)) {
            let form = grammar.draw(if n == 0 { "reply-first" } else { "reply-second" }, &mut random);
            return tidy(&form.replace("{option}", &question.options[n].words));
        }
        let none = grammar.draw("reply-neither", &mut random);
        if !random.chance(self.traits.precision) {
            return none;
        }
        let frame = &Frame { holds: None, ..frame.clone() };
        let saying = Saying { frame, reason, specificity: Specificity::Specific, pointing: false };
        tidy(&format!("{none} {}", words::realise(&saying, grammar, shelf, &mut random)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_fits_what_was_meant_and_nothing_else() {
        let travel = Frame { toward: vec![2], away: vec![0], ..Frame::of(Ask::Switch) };
        assert!(Offer::More(2).fits(&travel) && Offer::Rest(0).fits(&travel));
        for other in [Offer::More(0), Offer::Rest(2), Offer::Shorter, Offer::Better, Offer::New] {
            assert!(!other.fits(&travel), "{other:?}");
        }
        let calm = Frame { mood: Some(Mood::Calm), ..Frame::of(Ask::Mood) };
        assert!(Offer::Mood(Mood::Calm).fits(&calm) && !Offer::Mood(Mood::Funny).fits(&calm));
        assert!(Offer::Shorter.fits(&Frame::of(Ask::Shorter)) && Offer::New.fits(&Frame::of(Ask::Surprise)));
    }
}
