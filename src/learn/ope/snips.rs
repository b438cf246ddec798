//! Self-normalised inverse propensity scores, per decision: the t-th rewards of all sessions as a weighted mean.

use super::Trail;

/// Σ_t Σ_i ρ_{it} r_{it} / Σ_i ρ_{it}; a session that has ended earns nothing more and keeps its last weight.
pub(super) fn estimate(trails: &[Trail], counts: &[u32]) -> f64 {
    let longest = trails.iter().map(|t| t.decisions.len()).max().unwrap_or(0);
    let mut earned = vec![0.0; longest];
    let mut weights = vec![0.0; longest];
    // What ended sessions weigh from their end on.
    let mut ended = vec![0.0; longest + 1];
    for (trail, &count) in trails.iter().zip(counts) {
        if count == 0 {
            continue;
        }
        let mut weight = f64::from(count);
        for (t, d) in trail.decisions.iter().enumerate() {
            weight *= d.ratio;
            earned[t] += weight * d.reward;
            weights[t] += weight;
        }
        ended[trail.decisions.len()] += weight;
    }
    let (mut sum, mut gone) = (0.0, 0.0);
    for t in 0..longest {
        gone += ended[t];
        if weights[t] + gone > 0.0 {
            sum += earned[t] / (weights[t] + gone);
        }
    }
    sum
}
