//! Doubly robust: what a fitted value expects, corrected by weighted differences from it.

use super::Trail;

/// Σ_t ρ_t (r_t − q_t) + ρ_{t−1} v_t of one session.
pub(super) fn term(trail: &Trail) -> f64 {
    let (mut weight, mut sum) = (1.0, 0.0);
    for d in &trail.decisions {
        sum += weight * d.v;
        weight *= d.ratio;
        sum += weight * (d.reward - d.q);
    }
    sum
}
