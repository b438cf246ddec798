//! Thompson sampling with linear payoffs: Agrawal and Goyal, "Thompson sampling for contextual bandits with linear
//! payoffs", ICML 2013, with the logs' prediction as its prior mean.

use super::{
    act,
    bandit::{ARM, Bandit, arm},
};
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{
        Learnt, Observation, ReasoningTrace, Recommender,
        fit::{Factor, dot},
        pick,
    },
};
use std::rc::Rc;

/// Draws δ from N(θ, v²·A⁻¹) once a slate and ranks by p + δ·x.
pub(crate) struct Thompson {
    bandit: Bandit,
    v: f32,
}

impl Thompson {
    pub(crate) fn new(learnt: Rc<Learnt>, lambda: f64, v: f32) -> Self {
        Self { bandit: Bandit::new(learnt, lambda), v }
    }

    fn draw(&self, random: &mut Stream) -> [f32; ARM] {
        let own = &self.bandit.own;
        draw(&own.inverse, &own.theta, self.v, random)
    }
}

/// A draw from N(mean, v²·covariance): with covariance = L·Lᵀ, mean + v·L·e of a standard normal e.
fn draw<const N: usize>(covariance: &[[f64; N]; N], mean: &[f64; N], v: f32, random: &mut Stream) -> [f32; N] {
    let factor = Factor::new(covariance.iter().flatten().copied().collect(), N);
    let mut e: Vec<f64> = (0..N).map(|_| f64::from(random.normal())).collect();
    factor.widen(&mut e);
    core::array::from_fn(|i| (mean[i] + f64::from(v) * e[i]) as f32)
}

impl Recommender for Thompson {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        random: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        self.bandit.catch_up(obs);
        let prior = self.bandit.prior(obs);
        let delta = self.draw(random);
        let scored = obs.candidates.iter().zip(&prior).map(|(&i, p)| (p + dot(&delta, &arm(obs, i)), i));
        let ranked = pick::best(scored, obs.slate_size);
        slate.extend(ranked.iter().map(|s| s.1));
        act(trace, || {
            let (n, top) = (obs.candidates.len(), ranked.first().map_or(0.0, |s| s.0));
            let learnt = self.bandit.tally.examined;
            let data = vec![
                ("candidates".into(), n as f64),
                ("looks learnt from".into(), f64::from(learnt)),
                ("highest drawn payoff".into(), f64::from(top)),
            ];
            let text = format!(
                "Drew one taste that {learnt} looks leave possible and took the {} of {n} items that it likes best.",
                slate.len()
            );
            (text, data)
        });
    }

    fn reset(&mut self) {
        self.bandit.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn draws_have_the_mean_and_covariance_asked_for() {
        let covariance = [[4.0, 1.2], [1.2, 1.0]];
        let mut random = Source::new(9).stream(Purpose::Other);
        let n = 40_000;
        let (mut mean, mut second) = ([0.0f64; 2], [0.0f64; 3]);
        for _ in 0..n {
            let d = draw(&covariance, &[1.0, -2.0], 0.5, &mut random);
            let (a, b) = (f64::from(d[0]) - 1.0, f64::from(d[1]) + 2.0);
            mean = [mean[0] + a, mean[1] + b];
            second = [second[0] + a * a, second[1] + a * b, second[2] + b * b];
        }
        let n = f64::from(n);
        assert!(mean.iter().all(|m| (m / n).abs() < 0.02), "{mean:?}");
        // v² times the covariance: 1, 0.3 and 0.25.
        let expected = [1.0, 0.3, 0.25];
        assert!(second.iter().zip(expected).all(|(s, e)| (s / n - e).abs() < 0.03), "{second:?}");
        assert_eq!(draw(&covariance, &[1.0, -2.0], 0.0, &mut random), [1.0, -2.0]);
    }
}
