//! Random: the floor that everything else must beat.

use super::act;
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{Observation, ReasoningTrace, Recommender, pick},
};

/// Draws uniformly among the candidates.
pub(crate) struct Random;

impl Recommender for Random {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        random: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        pick::draw(obs.candidates, obs.slate_size, random, slate);
        act(trace, || {
            let (k, n) = (slate.len(), obs.candidates.len());
            let data = vec![("candidates".into(), n as f64), ("slate".into(), k as f64)];
            (format!("Drew {k} of {n} items at random."), data)
        });
    }

    fn reset(&mut self) {}
}
