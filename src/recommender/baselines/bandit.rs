//! What LinUCB and Thompson sampling share: this user's difference from what the logs predict, learnt in the session.
//!
//! The payoff of an item is modelled as p(x) + δ·x: p is the click chance that the logs predict, x the item's public row
//! with a 1 before it, and δ this user's own difference, a ridge regression of (click − p) on x that starts at 0.

use super::online::Online;
use crate::{
    catalog::ItemIx,
    math::sigmoid,
    recommender::{
        FEATURES, Learnt, Observation, PastTurn,
        fit::dot,
        knowledge::{place_of, spoke},
        signals::{Moment, signals},
        tally::Tally,
    },
};
use std::rc::Rc;

/// The intercept and the item's row.
pub(crate) const ARM: usize = 1 + FEATURES;

pub(crate) struct Bandit {
    pub(crate) learnt: Rc<Learnt>,
    pub(crate) tally: Tally,
    pub(crate) own: Online<ARM>,
}

impl Bandit {
    pub(crate) fn new(learnt: Rc<Learnt>, lambda: f64) -> Self {
        Self { learnt, tally: Tally::default(), own: Online::new(lambda) }
    }

    pub(crate) fn reset(&mut self) {
        self.tally.reset();
        self.own.reset();
    }

    /// Learns from the turns not seen yet.
    pub(crate) fn catch_up(&mut self, obs: &Observation<'_>) {
        if !self.tally.follows(obs.history) {
            self.reset();
        }
        let (own, learnt) = (&mut self.own, &self.learnt);
        self.tally.catch_up(obs, &learnt.basics, |tally, then, turn| learn_turn(own, learnt, tally, then, turn));
    }

    /// The logs' click chance of every candidate.
    pub(crate) fn prior(&self, obs: &Observation<'_>) -> Vec<f32> {
        let basics = &self.learnt.basics;
        let moment = Moment::of(&self.tally, basics, spoke(obs));
        let scorer = self.learnt.click.scorer(&self.tally, &moment, obs.features, basics);
        obs.candidates.iter().map(|&i| scorer.chance(i)).collect()
    }
}

fn learn_turn(own: &mut Online<ARM>, learnt: &Learnt, tally: &Tally, then: &Observation<'_>, turn: &PastTurn) {
    let moment = Moment::of(tally, &learnt.basics, spoke(then));
    for (n, (&item, r)) in turn.items.iter().zip(&turn.reactions).enumerate() {
        if !r.examined {
            break;
        }
        let place = place_of(item, &turn.items[..n], then.features, &learnt.basics);
        let x = signals(item, tally, &moment, then.features, &learnt.basics, place);
        let expected = sigmoid(dot(&x, &learnt.click.weights));
        let got = if r.clicked { 1.0 } else { 0.0 };
        own.learn(&arm(then, item), f64::from(got - expected));
    }
}

/// An item as the bandit sees it.
pub(crate) fn arm(obs: &Observation<'_>, item: ItemIx) -> [f32; ARM] {
    let mut x = [1.0; ARM];
    x[1..].copy_from_slice(&obs.features.rows[item as usize]);
    x
}
