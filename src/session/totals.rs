//! Running totals of a session, of which [`Metrics`] are made.

use super::{
    Metrics, RewardParts, RewardSpec,
    measure::{apart, centre, return_days},
};
use crate::{
    catalog::ItemIx,
    math::Vector,
    scenario::World,
    user::{Channel, Instruction, Reaction},
};

#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub(super) parts: RewardParts,
    counts: Metrics,
    closed: u32,
    across: f64,
    last_centre: Option<Vector>,
    topics_shown: Vec<bool>,
}

impl Totals {
    pub(super) fn new(topics: usize) -> Self {
        Self { topics_shown: vec![false; topics], ..Self::default() }
    }

    /// Counts a slate and the fate of the instruction before it.
    pub(super) fn slate(&mut self, world: &World, items: &[ItemIx], ndcg: f32, diversity: f32, met: Option<bool>) {
        self.counts.turns += 1;
        self.counts.ndcg += f64::from(ndcg);
        self.counts.diversity += f64::from(diversity);
        let here = centre(world, items);
        if let Some(before) = &self.last_centre {
            self.across += f64::from(apart(before, &here));
        }
        self.last_centre = Some(here);
        for &i in items {
            self.topics_shown[world.shelf().topic(i) as usize] = true;
        }
        self.counts.answered += u32::from(met.is_some());
        self.counts.met += u32::from(met == Some(true));
    }

    pub(super) fn reaction(&mut self, r: &Reaction) {
        let c = &mut self.counts;
        c.clicks += u32::from(r.clicked);
        c.likes += u32::from(r.liked);
        c.shares += u32::from(r.shared);
        c.comments += u32::from(r.commented);
        c.follows += u32::from(r.followed);
        if r.clicked {
            c.seconds += f64::from(r.seconds);
        }
    }

    pub(super) fn instruction(&mut self, i: &Instruction) {
        self.counts.issued += 1;
        self.counts.explicit += u32::from(i.channel == Channel::Explicit);
    }

    pub(super) fn turn(&mut self, parts: &RewardParts, satisfaction: f64) {
        self.parts.add(parts);
        self.closed += 1;
        self.counts.satisfaction += satisfaction;
    }

    /// The totals as measures; `open` holds the parts of a turn that is not closed yet.
    pub(super) fn metrics(&self, weights: &RewardSpec, open: Option<&RewardParts>, return_chance: f64) -> Metrics {
        let mut m = self.counts.clone();
        m.parts = self.parts;
        if let Some(open) = open {
            m.parts.add(open);
        }
        m.reward = m.parts.total(weights);
        let turns = f64::from(m.turns.max(1));
        m.ndcg /= turns;
        m.diversity /= turns;
        m.satisfaction /= f64::from(self.closed.max(1));
        m.diversity_across = self.across / f64::from(m.turns.saturating_sub(1).max(1));
        let shown = self.topics_shown.iter().filter(|s| **s).count();
        m.coverage = shown as f64 / self.topics_shown.len().max(1) as f64;
        m.return_chance = return_chance;
        m.return_days = return_days(return_chance);
        m
    }
}
