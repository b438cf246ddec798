//! Off-policy evaluation: what a policy would earn, from sessions that another one served.
//!
//! Every place of a slate that the user looked at is a decision: its state is the session so far and the items above, its
//! action the item put there. Under the cascade what was never examined moved nobody, so its chances are left out. (It
//! also leaves the later candidates, which this ignores: exact where candidates are drawn anew, and next to nothing in a
//! catalogue of hundreds.) With ρ_t = Π_{j≤t} π(a_j)/b(a_j) over the decisions of a session, reward r_t after each, and
//! fitted values q, v = Σ_a π(a) q(a):
//!
//! * **IPS**, per decision (Precup, Sutton and Singh, 2000; by position McInerney et al., 2020): mean of Σ_t ρ_t r_t.
//! * **SNIPS**: Σ_t Σ_i ρ_{it} r_{it} / Σ_i ρ_{it}, a session that has ended keeping its last weight (Swaminathan and
//!   Joachims, 2015; Thomas, 2015). A little biased, far calmer.
//! * **DR**: mean of Σ_t ρ_t (r_t − q_t) + ρ_{t−1} v_t (Jiang and Li, 2016; under the cascade Kiyohara et al., 2022).
//!   Unbiased whatever q is, as long as it was fitted on other sessions.
//!
//! Beside each: the effective sample size (Σ ρ)² / Σ ρ² of the weights at the end of the sessions (Kish, 1965), and a
//! 95 % interval by bootstrap over sessions.

mod dr;
mod ips;
mod snips;
#[cfg(test)]
mod tests;
pub mod trails;

use crate::{
    lab::Estimate,
    math::{Purpose, Source},
};
use serde::Serialize;

/// One decision of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decision {
    /// π(a) / b(a): how much likelier the target takes this action here than the policy that logged.
    pub ratio: f64,
    /// What was earned between this decision and the next.
    pub reward: f64,
    /// The fitted value of the action taken.
    pub q: f64,
    /// The fitted value of what the target would do here.
    pub v: f64,
}

/// The decisions of one session, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    /// The decisions.
    pub decisions: Vec<Decision>,
}

impl Trail {
    /// ρ at the end.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.decisions.iter().fold(1.0, |w, d| w * d.ratio)
    }
}

/// An estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// Inverse propensity scores.
    Ips,
    /// The same, self-normalised.
    Snips,
    /// Doubly robust.
    Dr,
}

/// All of them.
pub const ESTIMATORS: [Estimator; 3] = [Estimator::Ips, Estimator::Snips, Estimator::Dr];

impl Estimator {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ips => "ips",
            Self::Snips => "snips",
            Self::Dr => "dr",
        }
    }

    /// The estimate from sessions, each counted as often as `counts` says.
    #[must_use]
    pub fn of(self, trails: &[Trail], counts: &[u32]) -> f64 {
        match self {
            Self::Ips => mean(trails, counts, ips::term),
            Self::Dr => mean(trails, counts, dr::term),
            Self::Snips => snips::estimate(trails, counts),
        }
    }
}

fn mean(trails: &[Trail], counts: &[u32], term: impl Fn(&Trail) -> f64) -> f64 {
    let n: u32 = counts.iter().sum();
    trails.iter().zip(counts).fold(0.0, |s, (t, &c)| if c == 0 { s } else { s + f64::from(c) * term(t) })
        / f64::from(n.max(1))
}

/// (Σ w)² / Σ w²; 0 where no weight is left.
#[must_use]
pub fn effective(weights: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) = weights.fold((0.0, 0.0), |(s, q), w| (s + w, q + w * w));
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

/// How many times sessions are drawn anew for an interval.
pub const RESAMPLES: usize = 500;

/// An estimate with standard error and 95 % interval by bootstrap over sessions (percentiles; Efron, 1979). The same
/// sessions and seed give the same interval.
#[must_use]
pub fn estimate(estimator: Estimator, trails: &[Trail], resamples: usize, seed: u64) -> Estimate {
    let point = estimator.of(trails, &vec![1; trails.len()]);
    let mut draw = Source::new(seed).stream(Purpose::Other);
    let mut drawn: Vec<f64> = (0..resamples)
        .map(|_| {
            let mut counts = vec![0u32; trails.len()];
            for _ in 0..trails.len() {
                counts[draw.below(trails.len())] += 1;
            }
            estimator.of(trails, &counts)
        })
        .collect();
    if drawn.len() < 2 || trails.len() < 2 {
        return Estimate { mean: point, se: 0.0, low: point, high: point };
    }
    drawn.sort_unstable_by(f64::total_cmp);
    let n = drawn.len() as f64;
    let mean = drawn.iter().fold(0.0, |s, v| s + v) / n;
    let spread = drawn.iter().fold(0.0, |s, v| s + (v - mean) * (v - mean));
    let at = |q: f64| drawn[((q * (n - 1.0)).round() as usize).min(drawn.len() - 1)];
    Estimate { mean: point, se: (spread / (n - 1.0)).sqrt(), low: at(0.025), high: at(0.975) }
}

/// One estimator's result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which, and over what: `ips`, `snips`, `dr`, `slate_ips`.
    pub estimator: String,
    /// The estimate; `None` where it was refused.
    pub estimate: Option<Estimate>,
    /// The effective sample size, sessions.
    pub effective_sessions: f64,
    /// Why it should not be relied on, or was refused; empty where nothing speaks against it.
    pub caution: String,
}

/// The longest product of chances that whole-slate weighting is allowed: so many ordered slates may there be.
pub const MOST_SLATES: f64 = 1000.0;

/// All estimates: under the cascade, and (where slates are few) with the weights of whole slates.
#[must_use]
pub fn rows(cascade: &[Trail], whole: &[Trail], slates: f64, seed: u64) -> Vec<Row> {
    let row = |name: &str, estimator: Estimator, trails: &[Trail]| {
        let effective_sessions = effective(trails.iter().map(Trail::weight));
        let share = effective_sessions / trails.len().max(1) as f64;
        let caution = if effective_sessions < 30.0 || share < 0.01 {
            format!(
                "{effective_sessions:.0} of {} sessions carry the weight: the policies differ too much for this log",
                trails.len()
            )
        } else {
            String::new()
        };
        let estimate = Some(estimate(estimator, trails, RESAMPLES, seed));
        Row { estimator: name.into(), estimate, effective_sessions, caution }
    };
    let mut out: Vec<Row> = ESTIMATORS.iter().map(|e| row(e.name(), *e, cascade)).collect();
    out.push(if slates <= MOST_SLATES {
        row("slate_ips", Estimator::Ips, whole)
    } else {
        let how_many = if slates < 1e15 { format!("{slates:.0}") } else { format!("{slates:.1e}") };
        let caution = format!(
            "refused: there are {how_many} ordered slates a turn, more than {MOST_SLATES:.0}, and the weight of a whole one means nothing"
        );
        Row { estimator: "slate_ips".into(), estimate: None, effective_sessions: effective(whole.iter().map(Trail::weight)), caution }
    });
    out
}
