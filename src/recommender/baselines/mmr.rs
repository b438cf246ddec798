//! Maximal marginal relevance: Carbonell and Goldstein, "The use of MMR, diversity-based reranking for reordering
//! documents and producing summaries", SIGIR 1998.

use super::act;
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{
        Learnt, Observation, ReasoningTrace, Recommender, fit::dot, knowledge::spoke, signals::Moment, tally::Tally,
    },
};
use std::rc::Rc;

/// Takes, one after the other, the item with the highest λ·relevance − (1 − λ)·(greatest cosine to those taken), relevance
/// being the predicted click chance as a share of the highest one.
pub(crate) struct Mmr {
    learnt: Rc<Learnt>,
    tally: Tally,
    lambda: f32,
}

impl Mmr {
    pub(crate) fn new(learnt: Rc<Learnt>, lambda: f32) -> Self {
        Self { learnt, tally: Tally::default(), lambda }
    }
}

/// The order of MMR over items given by their relevance; `alike` gives the similarity of two. Returns positions.
pub(crate) fn rerank(relevance: &[f32], k: usize, lambda: f32, alike: impl Fn(usize, usize) -> f32) -> Vec<usize> {
    let mut nearest = vec![0.0f32; relevance.len()];
    let mut taken: Vec<usize> = Vec::with_capacity(k);
    let mut free = vec![true; relevance.len()];
    for _ in 0..k.min(relevance.len()) {
        let mut best: Option<(f32, usize)> = None;
        for i in 0..relevance.len() {
            let score = lambda * relevance[i] - (1.0 - lambda) * nearest[i];
            if free[i] && best.is_none_or(|b| score > b.0) {
                best = Some((score, i));
            }
        }
        // A score that is not a number beats nothing; then the first free one is taken.
        let Some(i) = best.map(|b| b.1).or_else(|| free.iter().position(|f| *f)) else { break };
        free[i] = false;
        let first = taken.is_empty();
        taken.push(i);
        for (j, n) in nearest.iter_mut().enumerate() {
            let likeness = alike(i, j);
            *n = if first { likeness } else { n.max(likeness) };
        }
    }
    taken
}

impl Recommender for Mmr {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        let basics = &self.learnt.basics;
        self.tally.catch_up(obs, basics, |_, _, _| ());
        let moment = Moment::of(&self.tally, basics, spoke(obs));
        let scorer = self.learnt.click.scorer(&self.tally, &moment, obs.features, basics);
        let mut relevance: Vec<f32> = obs.candidates.iter().map(|&i| scorer.chance(i)).collect();
        let top = relevance.iter().fold(1e-9f32, |a, &b| a.max(b));
        relevance.iter_mut().for_each(|r| *r /= top);
        let row = |i: usize| &obs.features.rows[obs.candidates[i] as usize];
        let order = rerank(&relevance, obs.slate_size, self.lambda, |i, j| dot(row(i), row(j)));
        slate.extend(order.iter().map(|&i| obs.candidates[i]));
        act(trace, || {
            let n = obs.candidates.len();
            let mean = order.iter().map(|&i| relevance[i] * top).sum::<f32>() / order.len().max(1) as f32;
            let data = vec![
                ("candidates".into(), n as f64),
                ("lambda".into(), f64::from(self.lambda)),
                ("mean click chance".into(), f64::from(mean)),
            ];
            let text = format!(
                "Took {} of {n} items one by one, weighing each one's click chance against its likeness to those before.",
                slate.len()
            );
            (text, data)
        });
    }

    fn reset(&mut self) {
        self.tally.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_picks_what_a_hand_picks() {
        // Two near twins (0, 1) and a different item (2). After 0, twin 1 scores 0.5·0.9 − 0.5·0.95 = −0.025 and item 2
        // scores 0.5·0.4 − 0.5·0.1 = 0.15.
        let alike = [[1.0, 0.95, 0.1], [0.95, 1.0, 0.2], [0.1, 0.2, 1.0]];
        let order = |lambda| rerank(&[1.0, 0.9, 0.4], 3, lambda, |i, j| alike[i][j]);
        assert_eq!(order(0.5), [0, 2, 1]);
        assert_eq!(order(1.0), [0, 1, 2]);
        // Below λ = 0.85/1.35 = 0.63 the different item comes second, above it the twin.
        assert_eq!((order(0.62)[1], order(0.64)[1]), (2, 1));
        assert_eq!(rerank(&[f32::NAN, f32::NAN], 2, 0.5, |_, _| 0.0), [0, 1]);
    }
}
