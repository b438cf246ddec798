//! LinUCB: Li, Chu, Langford and Schapire, "A contextual-bandit approach to personalized news article recommendation",
//! WWW 2010, with one model shared by all arms and the logs' prediction as its prior mean.

use super::{
    act,
    bandit::{Bandit, arm},
    online::spread,
};
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{Learnt, Observation, ReasoningTrace, Recommender, fit::dot, pick},
};
use std::rc::Rc;

/// Ranks by the upper confidence bound p + δ·x + α·√(xᵀA⁻¹x).
pub(crate) struct LinUcb {
    bandit: Bandit,
    alpha: f32,
    /// The greatest spread that there can be.
    widest: f32,
}

impl LinUcb {
    pub(crate) fn new(learnt: Rc<Learnt>, lambda: f64, alpha: f32) -> Self {
        Self { bandit: Bandit::new(learnt, lambda), alpha, widest: 1.001 * (2.0 / lambda as f32).sqrt() }
    }
}

impl Recommender for LinUcb {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        self.bandit.catch_up(obs);
        let prior = self.bandit.prior(obs);
        let (theta, covariance) = (self.bandit.own.weights(), self.bandit.own.covariance());
        let mean = |(&item, &p): (&ItemIx, &f32)| (p + dot(&theta, &arm(obs, item)), item);
        let means: Vec<(f32, ItemIx)> = obs.candidates.iter().zip(&prior).map(mean).collect();
        // No spread exceeds |x|/√λ, |x| being √2: who stays below the last place even so needs no closer look.
        let reach = self.alpha * self.widest;
        let last = pick::best(means.iter().copied(), obs.slate_size).last().map_or(f32::NEG_INFINITY, |s| s.0);
        let contenders = means.into_iter().filter(|m| m.0 + reach >= last);
        let bound = |(m, item)| (m + self.alpha * spread(&covariance, &arm(obs, item)), item);
        let ranked = pick::best(contenders.map(bound), obs.slate_size);
        slate.extend(ranked.iter().map(|s| s.1));
        act(trace, || {
            let n = obs.candidates.len();
            let (top, width) = ranked.first().map_or((0.0, 0.0), |s| (s.0, spread(&covariance, &arm(obs, s.1))));
            let data = vec![
                ("candidates".into(), n as f64),
                ("highest bound".into(), f64::from(top)),
                ("its standard deviation".into(), f64::from(width)),
            ];
            let text = format!(
                "Took the {} of {n} items with the highest upper bound; the first could reach {top:.2}.",
                slate.len()
            );
            (text, data)
        });
    }

    fn reset(&mut self) {
        self.bandit.reset();
    }
}
