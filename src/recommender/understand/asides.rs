//! What is said of something after it was named ("cooking? No."), beside something else ("nature rather than travel") and
//! by its place ("the second one").

use super::{
    lexical::{Reader, Way},
    lexicon::tokens,
    naming::put,
};
use crate::catalog::{ItemIx, TopicIx};

/// What people call an item that they have just seen.
pub(super) const THINGS: [&str; 9] = ["one", "thing", "clip", "video", "film", "song", "story", "article", "item"];

const PLACES: [(&str, usize); 16] = [
    ("first", 1),
    ("1st", 1),
    ("second", 2),
    ("2nd", 2),
    ("third", 3),
    ("3rd", 3),
    ("fourth", 4),
    ("4th", 4),
    ("fifth", 5),
    ("5th", 5),
    ("sixth", 6),
    ("6th", 6),
    ("seventh", 7),
    ("7th", 7),
    ("eighth", 8),
    ("8th", 8),
];

/// What says that nothing should change.
const PLEASED: &str = "loving this, love this, love it, love these, keep it up, keep going, carry on, more of this, \
    more of these, more like this, more like these, more of the same, just like that, exactly this, not bad, \
    not bored, don't change anything, don't change a thing, all good, good job, nice one, spot on, well done, \
    happy with this, this is great, this is good, this is fine, this is perfect, never mind, nevermind, \
    thanks, thank you, perfect, awesome, great, brilliant";

impl Reader<'_> {
    /// Whether the clause ends at that word.
    fn ends(&self, ahead: usize) -> bool {
        matches!(self.word(ahead), "" | "." | ",")
    }

    /// "Cooking, no thanks." "Cooking? No. Travel? Yes." "My sister likes fashion, I don't."
    pub(super) fn verdict(&mut self) -> Option<usize> {
        let (topic, end) = self.just?;
        let only_stops = self.words_from(end).iter().all(|w| w == "." || w == ",");
        let thanks = usize::from(matches!(self.word(1), "thanks" | "thank"));
        match self.word(0) {
            "no" | "nope" | "nah" if only_stops && self.ends(1 + thanks) => {
                self.spoil_topic(topic);
                Some(1 + thanks)
            }
            // "Cooking no more."
            "no" if only_stops && self.word(1) == "more" && self.ends(2) => {
                self.spoil_topic(topic);
                Some(2)
            }
            "yes" | "yeah" | "yep" if only_stops && self.ends(1) => {
                self.turn(Way::More);
                self.place(topic, 1.0);
                self.intent.open.retain(|t| *t != topic);
                Some(1)
            }
            "i" if matches!(self.word(1), "don't" | "dont") && self.ends(2) => {
                self.spoil_topic(topic);
                Some(2)
            }
            _ => None,
        }
    }

    /// Takes a topic out of what is wanted.
    pub(super) fn refuse(&mut self, topic: TopicIx) {
        self.intent.more.retain(|m| m.0 != topic);
        self.intent.open.retain(|t| *t != topic);
        put(&mut self.intent.avoid, topic, 0.9);
    }

    fn spoil_topic(&mut self, topic: TopicIx) {
        self.just = None;
        self.refuse(topic);
        self.read += 0.5;
        self.turn(Way::Open);
    }

    /// "Swap cooking for science", "instead of cooking, science", "rather nature than travel", "nature over travel".
    pub(super) fn exchange(&mut self) -> Option<usize> {
        let names = |ahead: usize| self.lexicon.topic(self.stems.get(self.at + ahead..).unwrap_or_default()).is_some();
        let soon = (1..4).any(names);
        match self.word(0) {
            "swap" | "replace" | "exchange" | "trade" | "substitute" => {
                self.turn(Way::Avoid);
                self.swapping = true;
                Some(1)
            }
            "instead" if self.word(1) == "of" => {
                self.turn(Way::Avoid);
                self.swapping = true;
                Some(2)
            }
            "for" | "with" | "by" | "," if self.swapping && self.named && soon => {
                self.turn(Way::More);
                self.swapping = false;
                Some(1)
            }
            "than" if !self.negative() && self.named && soon => {
                self.turn(Way::Less);
                Some(1)
            }
            "over" if !self.negative() && self.named && soon && self.has_any(&["prefer", "preferred", "rather"]) => {
                self.turn(Way::Less);
                Some(1)
            }
            _ => None,
        }
    }

    /// "More of the second one", "number 3 was great": the item at that place of the last slate, and so its topic.
    pub(super) fn placed(&mut self) -> Option<usize> {
        let last = self.obs.history.last()?;
        let the = usize::from(self.word(0) == "the");
        let (n, taken) = if self.word(0) == "number" {
            (self.word(1).parse().ok()?, 2)
        } else {
            let word = self.word(the);
            let place = PLACES.iter().find(|p| p.0 == word).map(|p| p.1);
            let n = place.or_else(|| (word == "last").then_some(last.items.len()))?;
            let thing = usize::from(THINGS.contains(&self.word(the + 1)));
            // "First, no cooking" and "a second" point at nothing.
            if thing == 0 && !(the == 1 && (self.ends(2) || matches!(self.word(2), "was" | "is"))) {
                return None;
            }
            (n, the + 1 + thing)
        };
        match usize::checked_sub(n, 1).and_then(|n| last.items.get(n)) {
            Some(&item) => self.point_at(item, &format!("number {n}")),
            None => {
                self.intent.absent = true;
                self.intent.notes.push(format!("there was no number {n} on the last slate"));
            }
        }
        Some(taken)
    }

    /// Places the topic of an item that was pointed at.
    pub(super) fn point_at(&mut self, item: ItemIx, by: &str) {
        let (topic, shelf) = (self.obs.shelf.topic(item), self.obs.shelf);
        if self.negative() && !self.named {
            put(&mut self.intent.less, topic, 0.7);
        } else {
            put(&mut self.intent.more, topic, 0.8);
        }
        let title: String = shelf.items[item as usize].title.chars().take(60).collect();
        self.intent.notes.push(format!("{by} is “{title}”"));
        self.named = true;
        self.read += 1.0;
    }

    /// Words of praise and thanks: where nothing else is said, nothing should change.
    pub(super) fn pleased(&mut self) -> Option<usize> {
        let said = |p: &&str| p.split(' ').enumerate().all(|(i, w)| self.word(i) == w);
        let phrase = PLEASED.split(", ").find(said)?;
        let words = phrase.split(' ').count();
        // "More of this? Really?"
        let doubted = self.word(words) == "." && matches!(self.word(words + 1), "really" | "seriously");
        if doubted || (self.negative() && !phrase.starts_with("thank")) {
            return None;
        }
        self.intent.content = true;
        Some(words)
    }

    /// Whether the next word is one for what a maker makes: "Mia's clips".
    fn owns_things(&self) -> bool {
        THINGS.contains(&self.word(1).trim_end_matches('s'))
            || matches!(self.word(1), "stories" | "stuff" | "work" | "ones")
    }

    /// A maker who is not here.
    pub(super) fn nobody(&mut self) -> Option<usize> {
        let word = self.word(0);
        // "Keep Mia's clips", where there is no Mia.
        let after = self.at.checked_sub(1).map_or("", |b| self.raw[b].as_str());
        let owns =
            || word.strip_suffix("'s").filter(|_| matches!(after, "keep" | "except" | "only") && self.owns_things());
        let name = word.strip_prefix('@').or_else(owns).filter(|n| !n.is_empty())?;
        let name = name.chars().take(40).collect::<String>();
        let told: String = word.chars().take(40).collect();
        self.intent.absent = true;
        self.intent.notes.push(format!("nobody here is called {}{name}", if told.starts_with('@') { "@" } else { "" }));
        self.intent.unread.push(told);
        Some(1)
    }
}

/// Words by which people ask for something: what is named beside one of them is wanted.
#[rustfmt::skip]
const ASKING: [&str; 27] = [
    "please", "plz", "pls", "could", "how", "would", "some", "lovely", "nice", "great", "cool", "fun", "still", "something", "only",
    "until", "mostly", "bit", "love", "like", "want", "enjoy", "more", "yes", "welcome", "fine", "minutes",
];

/// Whether words ask for nothing, so that a topic named without a word for or against it may be one too many.
pub(super) fn asks_nothing(words: &str) -> bool {
    let said = tokens(words, 60);
    let may = |w: &[String]| w[0] == "can" && matches!(w[1].as_str(), "we" | "you" | "i");
    said.iter().all(|w| !ASKING.contains(&w.as_str())) && !said.windows(2).any(may)
}
