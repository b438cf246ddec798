//! What the semantic level adds to the pass over the words: exceptions, comparisons with what was shown, words that are
//! like known ones.

use super::{
    asides::THINGS,
    lexical::{Reader, Way},
    senses::Sense,
};

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

    /// "Like the ferry one": the newest item shown whose title has the word, and so its topic.
    pub(super) fn like_one(&mut self) -> Option<usize> {
        self.semantic?;
        if !(matches!(self.word(0), "the" | "that") && THINGS.contains(&self.word(2))) {
            return None;
        }
        let (word, shelf) = (self.word(1).to_owned(), self.obs.shelf);
        if word.chars().count() < 3 {
            return None;
        }
        let shown = self.obs.history.iter().rev().flat_map(|t| t.items.iter().copied());
        let item = shown.into_iter().find(|&i| {
            let title = shelf.items[i as usize].title.chars().take(160).collect::<String>().to_lowercase();
            title.split(|c: char| !c.is_alphabetic() && c != '-').any(|w| w == word)
        })?;
        self.point_at(item, &format!("“the {word} one”"));
        Some(3)
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
