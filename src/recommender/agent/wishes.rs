//! What the user asked for, for as long as it holds.

use crate::{
    catalog::{Item, Mood, TopicIx},
    recommender::understand::Intent,
};

/// How sure a guess must be to be obeyed as if it had been said.
const NEARLY_SURE: f32 = 0.8;
/// The most wishes kept; the oldest goes first.
const WISHES: usize = 8;

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::recommender) struct Wish {
    /// The words, shortened.
    pub(in crate::recommender) words: String,
    pub(in crate::recommender) intent: Intent,
    /// The turn at whose end it was said.
    pub(in crate::recommender) said_at: usize,
}

impl Wish {
    /// The last turn that it holds in.
    pub(in crate::recommender) fn until(&self) -> usize {
        self.said_at + self.intent.holds_turns as usize
    }
}

/// All wishes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::recommender) struct Wishes(pub(in crate::recommender) Vec<Wish>);

impl Wishes {
    pub(in crate::recommender) fn keep(&mut self, wish: Wish) {
        if self.0.len() == WISHES {
            self.0.remove(0);
        }
        self.0.push(wish);
    }

    /// What holds in a turn, later wishes overruling earlier ones.
    pub(in crate::recommender) fn at(&self, turn: usize) -> Terms {
        let mut terms = Terms::default();
        for wish in self.0.iter().filter(|w| w.until() >= turn) {
            terms.overrule(&wish.intent, turn - wish.said_at);
        }
        terms
    }
}

/// What items must be and should be now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::recommender) struct Terms {
    /// Topics wanted: the weight fades as the wish ages.
    pub(in crate::recommender) more: Vec<(TopicIx, f32)>,
    /// Topics to show less of.
    pub(in crate::recommender) less: Vec<(TopicIx, f32)>,
    /// Topics to leave out.
    pub(in crate::recommender) avoid: Vec<TopicIx>,
    pub(in crate::recommender) keep_creators: Vec<u32>,
    pub(in crate::recommender) avoid_creators: Vec<u32>,
    pub(in crate::recommender) max_s: Option<f32>,
    pub(in crate::recommender) min_s: Option<f32>,
    pub(in crate::recommender) mood: Option<Mood>,
    pub(in crate::recommender) better: bool,
    /// Whether something new was asked for at the end of the last turn.
    pub(in crate::recommender) surprise: bool,
    /// Turns since the newest wish; 1 is the turn right after it.
    pub(in crate::recommender) age: usize,
}

impl Terms {
    fn overrule(&mut self, i: &Intent, age: usize) {
        self.age = age;
        let fade = if age <= 1 { 1.0 } else { 3.0 / (age as f32 + 2.0) };
        // Which topic is missed is guessed wrong too often to fill a slate with it: what was not shown lately serves better.
        let guessed = !i.beliefs.is_empty();
        for &(t, w) in i.more.iter().filter(|m| !guessed || m.1 >= NEARLY_SURE) {
            self.avoid.retain(|a| *a != t);
            self.less.retain(|l| l.0 != t);
            self.more.retain(|m| m.0 != t);
            self.more.push((t, w * fade));
        }
        for &(t, w) in &i.less {
            self.more.retain(|m| m.0 != t);
            self.less.push((t, w * fade));
        }
        for &(t, w) in &i.avoid {
            self.more.retain(|m| m.0 != t);
            if w >= 0.5 {
                self.avoid.push(t);
            } else {
                self.less.push((t, w * fade));
            }
        }
        self.keep_creators.extend(&i.keep_creators);
        self.avoid_creators.extend(&i.avoid_creators);
        // A newer bound that an older one of the other kind leaves no room for takes its place.
        self.min_s = self.min_s.filter(|min| i.max_s.is_none_or(|max| *min <= max));
        self.max_s = self.max_s.filter(|max| i.min_s.is_none_or(|min| min <= *max));
        self.max_s = i.max_s.or(self.max_s);
        self.min_s = i.min_s.or(self.min_s);
        self.mood = i.mood.or(self.mood);
        self.better |= i.better;
        self.surprise = (i.surprise > 0.0 || guessed || i.vague && !i.is_specific()) && age <= 1;
    }

    /// Whether an item may be shown at all; `slack` stretches limits of length (1 is as said).
    pub(in crate::recommender) fn allow(&self, item: &Item, slack: f32) -> bool {
        // "No more cooking, but keep Mia's clips": who is named as welcome is welcome in any topic.
        (!self.avoid.contains(&item.topics[0]) || self.keep_creators.contains(&item.creator))
            && !self.avoid_creators.contains(&item.creator)
            && self.max_s.is_none_or(|m| item.duration_s <= m * slack)
            && self.min_s.is_none_or(|m| item.duration_s * slack >= m)
    }

    /// Whether it asks for nothing.
    pub(in crate::recommender) fn is_empty(&self) -> bool {
        *self == Self { age: self.age, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_bound_of_length_takes_the_place_of_an_older_one_that_leaves_no_room() {
        let at_most = |s| Intent { max_s: Some(s), ..Intent::default() };
        let at_least = |s| Intent { min_s: Some(s), ..Intent::default() };
        let after = |wishes: &[Intent]| {
            let mut terms = Terms::default();
            wishes.iter().for_each(|w| terms.overrule(w, 1));
            (terms.min_s, terms.max_s)
        };
        assert_eq!(after(&[at_most(60.0), at_least(180.0)]), (Some(180.0), None));
        assert_eq!(after(&[at_least(180.0), at_most(60.0)]), (None, Some(60.0)));
        assert_eq!(after(&[at_most(300.0), at_least(60.0)]), (Some(60.0), Some(300.0)), "both can be kept");
    }
}
