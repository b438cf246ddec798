//! A model of the next item's code given the codes of what was liked before: counts with back-off, level by level.
//!
//! p(n | beginning, liked) for the next number n of a code is an interpolation in the manner of Witten and Bell (1991):
//! what followed this beginning after likes of the same two first numbers, backed by the same first number, backed by any
//! session, backed by how many items lie there. The contexts of the last few likes are mixed, the newest weighing most.

use crate::{
    catalog::represent::{
        codes::{CODE, Code, SemanticIds},
        quantise::LEVELS,
    },
    recommender::Logs,
    user::memory::valence,
};
use std::{collections::BTreeMap, rc::Rc};

/// How many of the last likes count.
pub(crate) const CONTEXT: usize = 5;
/// What a like weighs beside the next newer one.
const FADE: f32 = 0.8;
/// A valence above this is a like.
const LIKED: f32 = 0.15;
/// How many observations the counts are held against before they outweigh the shorter context.
const HOLD: f32 = 2.0;

/// A context: its order (0: any session, 1 or 2: how many numbers of a liked code), those numbers, and the beginning of
/// the code to come, its unused numbers [`NONE`].
type Key = (u8, [u16; 2], [u16; LEVELS]);

const NONE: u16 = u16::MAX;

/// What followed in a context.
#[derive(Clone, Debug, Default)]
struct Followed {
    total: f32,
    /// By number, ascending.
    numbers: Vec<(u16, f32)>,
}

impl Followed {
    fn add(&mut self, number: u16, weight: f32) {
        self.total += weight;
        match self.numbers.binary_search_by_key(&number, |n| n.0) {
            Ok(at) => self.numbers[at].1 += weight,
            Err(at) => self.numbers.insert(at, (number, weight)),
        }
    }

    fn of(&self, number: u16) -> f32 {
        self.numbers.binary_search_by_key(&number, |n| n.0).map_or(0.0, |at| self.numbers[at].1)
    }
}

/// The model.
#[derive(Clone, Debug)]
pub struct Model {
    ids: Rc<SemanticIds>,
    followed: BTreeMap<Key, Followed>,
    /// Likes learnt from.
    pub likes: usize,
}

fn key(order: usize, liked: &Code, beginning: &[u16]) -> Key {
    let mut context = [NONE; 2];
    context[..order].copy_from_slice(&liked[..order]);
    let mut so_far = [NONE; LEVELS];
    so_far[..beginning.len()].copy_from_slice(beginning);
    (order as u8, context, so_far)
}

impl Model {
    /// Learns from logged sessions. `duration` gives an item's length in seconds.
    #[must_use]
    pub fn train(ids: Rc<SemanticIds>, logs: &Logs, duration: impl Fn(u32) -> f32) -> Self {
        let mut model = Self { ids, followed: BTreeMap::new(), likes: 0 };
        let mut liked: Vec<Code> = Vec::new();
        for session in &logs.sessions {
            liked.clear();
            for turn in &session.turns {
                for (&item, r) in turn.items.iter().zip(&turn.reactions) {
                    if r.clicked && valence(r, duration(item)) > LIKED {
                        let code = model.ids.codes()[item as usize];
                        model.learn(&code, &liked);
                        liked.push(code);
                    }
                }
            }
        }
        model
    }

    fn learn(&mut self, code: &Code, before: &[Code]) {
        self.likes += 1;
        for level in 0..LEVELS {
            let (beginning, number) = (&code[..level], code[level]);
            self.followed.entry(key(0, code, beginning)).or_default().add(number, 1.0);
            for (earlier, weight) in before.iter().rev().zip(fading()) {
                for order in [1, 2] {
                    self.followed.entry(key(order, earlier, beginning)).or_default().add(number, weight);
                }
            }
        }
    }

    /// The codes.
    #[must_use]
    pub fn ids(&self) -> &Rc<SemanticIds> {
        &self.ids
    }

    /// How many contexts it holds counts of.
    #[must_use]
    pub fn contexts(&self) -> usize {
        self.followed.len()
    }

    /// The chance that `number` comes next after `beginning`, `under` being the share of the beginning's items that lie
    /// there: what is said where nothing was seen.
    #[must_use]
    pub fn chance(&self, beginning: &[u16], number: u16, under: f32, liked: &[Code]) -> f32 {
        // The last number only tells items of one path apart: they are equal to the model.
        if beginning.len() >= LEVELS {
            return under;
        }
        let none = [NONE; CODE];
        let any = self.back_off(&key(0, &none, beginning), number, under);
        if liked.is_empty() {
            return any;
        }
        let (mut mixed, mut weights) = (0.0, 0.0);
        for (code, weight) in liked.iter().rev().zip(fading()) {
            let one = self.back_off(&key(1, code, beginning), number, any);
            mixed += weight * self.back_off(&key(2, code, beginning), number, one);
            weights += weight;
        }
        mixed / weights
    }

    fn back_off(&self, key: &Key, number: u16, shorter: f32) -> f32 {
        let Some(f) = self.followed.get(key) else { return shorter };
        // Witten and Bell: the more kinds of things followed, the less the counts are trusted.
        let hold = HOLD + f.numbers.len() as f32;
        (f.of(number) + hold * shorter) / (f.total + hold)
    }

    /// The mean log-likelihood of a number of the codes liked in logs, given the likes before: what training is judged by.
    #[must_use]
    pub fn log_likelihood(&self, logs: &Logs, duration: impl Fn(u32) -> f32) -> f64 {
        let (mut sum, mut n) = (0.0f64, 0u32);
        let mut liked: Vec<Code> = Vec::new();
        for session in &logs.sessions {
            liked.clear();
            for turn in &session.turns {
                for (&item, r) in turn.items.iter().zip(&turn.reactions) {
                    if r.clicked && valence(r, duration(item)) > LIKED {
                        let code = self.ids.codes()[item as usize];
                        sum += self.log_chance(&code, &liked);
                        n += LEVELS as u32;
                        liked.push(code);
                    }
                }
            }
        }
        sum / f64::from(n.max(1))
    }

    fn log_chance(&self, code: &Code, liked: &[Code]) -> f64 {
        (0..LEVELS)
            .map(|level| {
                let all = self.ids.range(&code[..level]).len().max(1) as f32;
                let under = self.ids.range(&code[..=level]).len() as f32 / all;
                libm::log(f64::from(self.chance(&code[..level], code[level], under, liked).max(1e-9)))
            })
            .sum()
    }
}

fn fading() -> impl Iterator<Item = f32> {
    std::iter::successors(Some(1.0f32), |w| Some(w * FADE)).take(CONTEXT)
}
