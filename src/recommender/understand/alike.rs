//! What the semantic level adds to the pass over the words: exceptions, comparisons with what was shown, words that are
//! like known ones.

use super::{
    asides::THINGS,
    lexical::{Reader, Way},
    senses::Sense,
    words::EMPTY,
};
use crate::catalog::ItemIx;

/// After something that is not wanted, what these name stays.
const EXCEPTIONS: [&[&str]; 8] = [
    &["except"],
    &["apart", "from"],
    &["save", "for"],
    &["other", "than"],
    &["though"],
    &["yet"],
    &["exception"],
    &["only", "keep"],
];
impl Reader<'_> {
    /// "No more cooking, except Mia's": after something named that is not wanted, what follows is.
    pub(super) fn exception(&mut self) -> Option<usize> {
        self.semantic?;
        if !(self.negative() && self.named) {
            return None;
        }
        let phrase = EXCEPTIONS.into_iter().find(|p| self.says(p))?;
        self.turn(Way::More);
        Some(phrase.len())
    }

    /// "Like the ferry one", "the Istanbul ferry one", "the one about the ferry": the newest item shown whose title has the
    /// words, and so its topic.
    pub(super) fn like_one(&mut self) -> Option<usize> {
        self.semantic?;
        if !matches!(self.word(0), "the" | "that") {
            return None;
        }
        let thing = |ahead: usize| THINGS.contains(&self.word(ahead));
        let (from, named, taken) = if thing(2) {
            (1, 1, 3)
        } else if thing(3) {
            (1, 2, 4)
        } else if thing(1) && matches!(self.word(2), "about" | "on" | "with" | "of" | "from") {
            let article = usize::from(matches!(self.word(3), "the" | "a" | "an"));
            let two = usize::from(self.shown_with(3 + article, 2).is_some());
            (3 + article, 1 + two, 4 + article + two)
        } else {
            return None;
        };
        let item = self.shown_with(from, named)?;
        let words = self.raw[self.at + from..self.at + from + named].join(" ");
        self.point_at(item, &format!("“the {words} one”"));
        Some(taken)
    }

    /// The newest item shown whose title has so many words from that one on; words of less than three letters name nothing.
    fn shown_with(&self, from: usize, count: usize) -> Option<ItemIx> {
        let words = self.raw.get(self.at + from..self.at + from + count)?;
        if words.iter().any(|w| w.chars().count() < 3 || EMPTY.contains(&w.as_str())) {
            return None;
        }
        let shelf = self.obs.shelf;
        let mut shown = self.obs.history.iter().rev().flat_map(|t| t.items.iter().copied());
        shown.find(|&i| {
            let title = shelf.items[i as usize].title.chars().take(160).collect::<String>().to_lowercase();
            let has = |word: &String| title.split(|c: char| !c.is_alphabetic() && c != '-').any(|w| w == word);
            words.iter().all(has)
        })
    }

    /// A word that is like a known one; of words that carry no meaning of their own only those with a sense.
    pub(super) fn alike(&mut self, empty: bool) -> Option<usize> {
        let semantic = self.semantic?;
        if empty {
            return None;
        }
        let (sense, weight) = semantic.sense(&self.stems[self.at])?;
        match sense {
            Sense::Topic(t) => {
                self.place(t, weight);
                self.last_topic = Some(t);
                self.just = Some((t, self.at + 1));
            }
            Sense::Mood(m) => {
                self.intent.mood = Some(m);
                self.named = true;
            }
            Sense::Shorter => self.shorter(),
            Sense::Better => self.intent.better = true,
            Sense::New => self.intent.surprise = self.intent.surprise.max(weight),
            Sense::Way(way) => self.turn(way),
        }
        self.read += weight;
        Some(1)
    }
}
