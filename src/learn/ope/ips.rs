//! Inverse propensity scores, per decision: each reward weighed by the decisions that led to it, and no later ones.

use super::Trail;

/// Σ_t ρ_t r_t of one session.
pub(super) fn term(trail: &Trail) -> f64 {
    let (mut weight, mut sum) = (1.0, 0.0);
    for d in &trail.decisions {
        weight *= d.ratio;
        sum += weight * d.reward;
    }
    sum
}
