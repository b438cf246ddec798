//! Greedy and ε-greedy: the highest predicted click chance, now.

use super::act;
use crate::{
    catalog::ItemIx,
    math::{Stream, sigmoid},
    recommender::{
        Learnt, Observation, ReasoningTrace, Recommender,
        knowledge::spoke,
        pick::{self, Scored},
        signals::Moment,
        tally::Tally,
    },
};
use std::rc::Rc;

/// Ranks by the fitted chance of a click, with the session so far among its features; with probability ε a place is
/// filled at random instead (Sutton and Barto, 2018, section 2.2).
pub(crate) struct Greedy {
    learnt: Rc<Learnt>,
    tally: Tally,
    epsilon: f32,
}

impl Greedy {
    pub(crate) fn new(learnt: Rc<Learnt>, epsilon: f32) -> Self {
        Self { learnt, tally: Tally::default(), epsilon }
    }
}

impl Recommender for Greedy {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        random: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        let basics = &self.learnt.basics;
        self.tally.catch_up(obs, basics, |_, _, _| ());
        let moment = Moment::of(&self.tally, basics, spoke(obs));
        let scorer = self.learnt.click.scorer(&self.tally, &moment, obs.features, basics);
        let ranked = pick::best(obs.candidates.iter().map(|&i| (scorer.score(i), i)), obs.slate_size);
        let drawn = mix(&ranked, obs, self.epsilon, random, slate);
        act(trace, || {
            let (n, top) = (obs.candidates.len(), ranked.first().map_or(0.0, |s| sigmoid(s.0)));
            let data = vec![
                ("candidates".into(), n as f64),
                ("highest click chance".into(), f64::from(top)),
                ("drawn at random".into(), drawn as f64),
            ];
            let best = slate.len() - drawn;
            let mut text = format!("Took the {best} of {n} items with the highest predicted chance of a click now");
            if self.epsilon > 0.0 {
                text += &format!(", and {drawn} at random");
            }
            (text + ".", data)
        });
    }

    fn reset(&mut self) {
        self.tally.reset();
    }
}

/// Fills each place with the next best, or with probability ε at random; returns how many were drawn at random.
fn mix(ranked: &[Scored], obs: &Observation<'_>, epsilon: f32, random: &mut Stream, slate: &mut Vec<ItemIx>) -> usize {
    let mut next = ranked.iter().map(|s| s.1);
    let mut drawn = 0;
    while slate.len() < ranked.len() {
        if epsilon > 0.0 && random.chance(epsilon) {
            let item = obs.candidates[random.below(obs.candidates.len())];
            if !slate.contains(&item) {
                slate.push(item);
                drawn += 1;
                continue;
            }
        }
        if let Some(item) = next.by_ref().find(|i| !slate.contains(i)) {
            slate.push(item);
        }
    }
    drawn
}
