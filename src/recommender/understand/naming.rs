//! Names in words: topics, creators, and what "this" and "that" stand for.

use super::{
    lexical::{Reader, Way},
    words::{BETTER, EMPTY, LONGER, MOODS, NEW, SHORTER, VAGUE},
};
use crate::catalog::{CreatorIx, TopicIx};

impl Reader<'_> {
    /// "Enough of that", "no more of this": what was shown most in the last slate.
    pub(super) fn referent(&mut self) -> Option<usize> {
        let pronoun = matches!(self.word(0), "that" | "this" | "these" | "those" | "it" | "them");
        let ends = matches!(self.word(1), "" | "." | "," | "for" | "now" | "please" | "again" | "today");
        if !(pronoun && ends && self.negative() && !self.named) {
            return None;
        }
        let topic = self.shown_most()?;
        self.place(topic, 0.7);
        self.read += 0.7;
        Some(1)
    }

    /// "Like this, but funnier": what was shown most in the last slate, and something beside.
    pub(super) fn like_this(&mut self) -> Option<usize> {
        let more = usize::from(matches!(self.word(0), "more" | "something" | "just"));
        if self.word(more) != "like" || !matches!(self.word(more + 1), "that" | "this" | "these" | "those" | "it") {
            return None;
        }
        let one = usize::from(matches!(self.word(more + 2), "one" | "ones"));
        let comma = usize::from(self.word(more + 2 + one) == ",");
        if self.negative() || !matches!(self.word(more + 2 + one + comma), "but" | "only") {
            return None;
        }
        let topic = self.shown_most()?;
        self.turn(Way::More);
        self.place(topic, 0.7);
        self.read += 0.7;
        Some(more + 2 + one)
    }

    /// The commonest topic of the last slate's items that were looked at.
    fn shown_most(&self) -> Option<TopicIx> {
        let last = self.obs.history.last()?;
        let mut counts = vec![0u32; self.obs.shelf.topics.len()];
        for (&i, _) in last.items.iter().zip(&last.reactions).filter(|x| x.1.examined) {
            counts[self.obs.shelf.topic(i) as usize] += 1;
        }
        let (topic, n) = counts.iter().enumerate().fold((0, 0), |b, (t, &n)| if n > b.1 { (t, n) } else { b });
        (n > 1).then_some(topic as TopicIx)
    }

    /// Whose "Mia's" is: of several with the name the one shown last.
    pub(super) fn owner(&self) -> Option<CreatorIx> {
        let named = self.lexicon.owners(self.word(0));
        let shown = self.obs.history.iter().rev().flat_map(|turn| turn.items.iter().rev());
        let mut creators = shown.map(|&item| self.obs.shelf.items[item as usize].creator);
        match named[..] {
            [] => None,
            [one] => Some(one),
            _ => creators.find(|creator| named.contains(creator)),
        }
    }

    pub(super) fn creator(&mut self) -> Option<usize> {
        let owner = self.owner().map(|owner| (owner, 1));
        let handle = || self.lexicon.handle(&self.raw[self.at..]);
        let named = || self.lexicon.creator(&self.stems[self.at..]);
        let (creator, words) = owner.or_else(handle).or_else(named)?;
        // A creator of one plain word is too easily another word; such a one is named with @.
        if words == 1 && !self.word(0).starts_with('@') && self.lexicon.topic(&self.stems[self.at..]).is_some() {
            return None;
        }
        if words == 1 && !self.word(0).starts_with('@') && !self.negative() && EMPTY.contains(&self.word(0)) {
            return None;
        }
        let list = if self.negative() { &mut self.intent.avoid_creators } else { &mut self.intent.keep_creators };
        if !list.contains(&creator) {
            list.push(creator);
        }
        self.read += 1.0;
        self.named = true;
        Some(words)
    }

    pub(super) fn topic(&mut self) -> Option<usize> {
        let (topic, words, weight) = self.lexicon.topic(&self.stems[self.at..])?;
        // A word of a feel or of quality is one before it is anything that titles suggest.
        if weight < 0.65 && self.is_sign(&self.stems[self.at]) {
            return None;
        }
        self.place(topic, weight);
        self.read += weight;
        self.last_topic = Some(topic);
        self.just = Some((topic, self.at + words));
        Some(words)
    }

    pub(super) fn is_sign(&self, word: &str) -> bool {
        MOODS.iter().any(|m| m.1.contains(&word))
            || [BETTER, SHORTER, LONGER, VAGUE, EMPTY].iter().any(|l| l.contains(&word))
            || NEW.iter().any(|n| n.0 == word)
    }

    pub(super) fn place(&mut self, topic: TopicIx, weight: f32) {
        self.named = true;
        let i = &mut self.intent;
        match self.way {
            Way::Open | Way::More if !i.avoid.iter().any(|a| a.0 == topic && a.1 > weight) => {
                put(&mut i.more, topic, weight);
                if self.way == Way::More {
                    // What is said last holds: "No cooking. Actually, I want cooking."
                    i.avoid.retain(|a| a.0 != topic);
                    i.less.retain(|l| l.0 != topic);
                } else if self.asks_nothing {
                    i.open.push(topic);
                }
            }
            Way::Open | Way::More => {}
            // A word from its titles takes nothing back that was asked for by name: "I love travel, but not these hostels".
            Way::Less | Way::Avoid if weight < 0.65 && i.more.iter().any(|m| m.0 == topic && m.1 > weight) => {}
            Way::Less => {
                // "More cooking and less cooking": what is said last holds.
                if i.more.iter().any(|m| m.0 == topic) {
                    i.more.retain(|m| m.0 != topic);
                    i.notes.push(format!(
                        "{} was both asked for and refused; the last holds",
                        self.obs.shelf.topics[usize::from(topic)]
                    ));
                }
                put(&mut i.less, topic, weight);
            }
            Way::Avoid => {
                i.more.retain(|m| m.0 != topic);
                put(&mut i.avoid, topic, weight);
            }
        }
    }
}

/// Adds a topic, or makes it weigh more.
pub(super) fn put(list: &mut Vec<(TopicIx, f32)>, topic: TopicIx, weight: f32) {
    match list.iter_mut().find(|t| t.0 == topic) {
        Some(t) => t.1 = t.1.max(weight),
        None => list.push((topic, weight)),
    }
}
