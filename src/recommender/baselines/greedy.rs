//! Greedy and ε-greedy: the highest predicted click chance, now.

use super::act;
use crate::{
    catalog::ItemIx,
    math::{Stream, sigmoid},
    recommender::{
        Learnt, Observation, ReasoningTrace, Recommender,
        basics::Basics,
        fit::dot,
        knowledge::spoke,
        pick::{self, Scored},
        signals::{Moment, Place},
        tally::Tally,
    },
};
use std::rc::Rc;

/// How many of the best at first sight compete for each place.
const SHORTLIST: usize = 64;

/// Fills the slate from the top with the highest fitted chance of a click in that place, the session so far and the items
/// above among its features; with probability ε a place is filled at random instead (Sutton and Barto, 2018, section 2.2).
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
        let shortlist =
            pick::best(obs.candidates.iter().map(|&i| (scorer.score(i), i)), SHORTLIST.max(2 * obs.slate_size));
        let ranked = from_the_top(shortlist, obs, |place| scorer.placed(place), basics);
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

/// Orders items from the top, each place going to the highest score there.
fn from_the_top(
    mut shortlist: Vec<Scored>,
    obs: &Observation<'_>,
    placed: impl Fn(Place) -> f32,
    basics: &Basics,
) -> Vec<Scored> {
    let mut likeness = vec![0.0f32; shortlist.len()];
    let mut ranked: Vec<Scored> = Vec::with_capacity(obs.slate_size);
    let kind = |i: ItemIx| obs.features.kind(i, basics.items[i as usize].topic);
    while ranked.len() < obs.slate_size && !shortlist.is_empty() {
        let n = ranked.len();
        let at = |k: usize| {
            let (score, item) = shortlist[k];
            let own = kind(item);
            let same_topic = ranked.iter().filter(|r| kind(r.1) == own).count() as u32;
            score + placed(Place { position: n, likeness: likeness[k] / n.max(1) as f32, same_topic })
        };
        let (score, k) =
            (1..shortlist.len()).map(|k| (at(k), k)).fold((at(0), 0), |b, s| if s.0 > b.0 { s } else { b });
        let item = shortlist.remove(k).1;
        likeness.remove(k);
        let row = &obs.features.rows[item as usize];
        for (l, s) in likeness.iter_mut().zip(&shortlist) {
            *l += dot(row, &obs.features.rows[s.1 as usize]).max(0.0);
        }
        ranked.push((score, item));
    }
    ranked
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
