//! What the user wishes for: on the verge of leaving the mindset turns, towards what was missed and away from what was too
//! much. The wish colours what is seen until it is granted or fades, whether or not anybody heard of it; so a recommender
//! that hears can serve what is wanted now, and one that does not must find out.

use super::{Ask, Frame, Holds, Term, Terms};
use crate::catalog::Item;

/// A wish: what an instruction means, and how much of it is left.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// What is wished for.
    pub frame: Frame,
    /// How much of it is left, from 1 when it arises.
    pub left: f32,
}

impl Wish {
    /// Adds to the terms of an item what the wish makes of it (`new` is the item's novelty and `lure` its promise):
    /// up to ±1.2 a term, in the unit of a logit.
    pub(super) fn colour(&self, terms: &mut Terms, item: &Item, new: f32, lure: f32) {
        let f = &self.frame;
        let k = self.left * (0.5 + 0.5 * f.strength);
        if item.topics.iter().any(|t| f.toward.contains(t)) {
            terms[Term::Mindset as usize] += 1.1 * k;
        } else if f.leaves_out(item) {
            terms[Term::Mindset as usize] -= 1.2 * k;
        }
        if f.creator == Some(item.creator) {
            terms[Term::Creator as usize] -= 1.2 * k;
        }
        if let Some(limit) = f.max_s {
            terms[Term::Length as usize] += if item.duration_s > limit { -0.9 * k } else { 0.3 * k };
        }
        if let Some(mood) = f.mood {
            terms[Term::Context as usize] += if item.mood == Some(mood) { 0.8 * k } else { -0.3 * k };
        }
        match f.ask {
            Ask::Better => terms[Term::Quality as usize] -= 0.5 * k * lure,
            Ask::Surprise => terms[Term::Novelty as usize] += 1.2 * k * (new - 0.5),
            _ => {}
        }
    }

    /// What remains of it after a further item looked at, and after one that was opened and granted it: what is meant
    /// for the evening outlasts what is meant for the moment.
    pub(super) fn kept(&self, granted: bool) -> f32 {
        match (self.frame.holds, granted) {
            (Some(Holds::Moment), false) => 0.93,
            (Some(Holds::Moment), true) => 0.65,
            (Some(Holds::Session), false) => 0.98,
            (Some(Holds::Session), true) => 0.85,
            (_, false) => 0.96,
            (_, true) => 0.75,
        }
    }

    /// Whether an item is what was wished for, as far as it names anything.
    pub(super) fn grants(&self, item: &Item) -> bool {
        let f = &self.frame;
        match f.ask {
            Ask::More | Ask::Switch => item.topics.iter().any(|t| f.toward.contains(t)),
            Ask::Less | Ask::Avoid => !f.leaves_out(item) && f.creator.is_none_or(|c| c != item.creator),
            Ask::Shorter => f.max_s.is_none_or(|m| item.duration_s <= m),
            Ask::Longer => f.max_s.is_none_or(|m| item.duration_s >= m),
            Ask::Mood => f.mood.is_none_or(|m| item.mood == Some(m)),
            Ask::Better | Ask::Surprise => true,
        }
    }
}
