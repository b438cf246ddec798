//! Measures beside the reward: NDCG against the user's true utility, and diversity.

use crate::{
    catalog::ItemIx,
    math::{Vector, ZERO, add_scaled, dot, length, order, scale, sigmoid},
    scenario::World,
    user::state::User,
};

/// How many of the best items are kept sorted, for the ideal slate.
const BEST: usize = 128;

/// What each item is worth to this user in the long run (a gain in (0, 1)), and the best of them in order.
#[derive(Clone, Debug)]
pub struct Worth {
    worth: Vec<f32>,
    best: Vec<ItemIx>,
}

impl Worth {
    /// Computes the worth of every item.
    #[must_use]
    pub fn new(user: &User, world: &World) -> Self {
        let worth = user.lasting_worths(world);
        let best = order::best(&worth, BEST);
        Self { worth, best }
    }

    /// The gain of one item, in (0, 1): the logistic of its lasting worth less 1.5, so that ordinary items gain little.
    #[must_use]
    pub fn of(&self, item: ItemIx) -> f32 {
        sigmoid(self.worth[item as usize] - 1.5)
    }

    /// NDCG (Järvelin and Kekäläinen, 2002) with gain/log2(rank + 1) of a slate among the candidates (ascending), in
    /// [0, 1].
    #[must_use]
    pub fn ndcg(&self, slate: &[ItemIx], candidates: &[ItemIx]) -> f32 {
        let got = dcg(slate.iter().map(|&i| self.of(i)));
        let mut ideal: Vec<ItemIx> =
            self.best.iter().copied().filter(|i| candidates.binary_search(i).is_ok()).take(slate.len()).collect();
        if ideal.len() < slate.len() {
            ideal = candidates.to_vec();
            order::sort_by(&mut ideal, |a, b| self.worth[*b as usize].total_cmp(&self.worth[*a as usize]));
        }
        let ideal = dcg(ideal.into_iter().take(slate.len()).map(|i| self.of(i)));
        if ideal > 0.0 { (got / ideal).min(1.0) } else { 1.0 }
    }
}

/// Discounted cumulative gain; the discounts are 1/log2(rank + 1) to single precision.
fn dcg(gains: impl Iterator<Item = f32>) -> f32 {
    gains.zip(DISCOUNTS).map(|(g, d)| g * d).sum()
}

/// 1/log2(rank + 1) for ranks 1 to 20, the longest slate.
#[rustfmt::skip]
const DISCOUNTS: [f32; 20] = [
    1.0, 0.630_929_75, 0.5, 0.430_676_56, 0.386_852_8, 0.356_207_2, 0.333_333_34, 0.315_464_88, core::f32::consts::LOG10_2, 0.289_064_82,
    0.278_942_94, 0.270_238_16, 0.262_649_54, 0.255_958_02, 0.25, 0.244_650_54, 0.239_812_46, 0.235_408_91,
    0.231_378_21, 0.227_670_25,
];

/// The mean of (1 − cosine)/2 over pairs of items, in [0, 1]; 0 for fewer than two. By the length of the sum of unit
/// vectors: Σ_{i≠j} x_i·x_j = |Σx|² − n.
#[must_use]
pub fn diversity(world: &World, items: &[ItemIx]) -> f32 {
    let n = items.len() as f32;
    if n < 2.0 {
        return 0.0;
    }
    let total = centre(world, items);
    let cosine = (dot(&total, &total) * n * n - n) / (n * (n - 1.0));
    ((1.0 - cosine) / 2.0).clamp(0.0, 1.0)
}

/// The mean of the items' vectors.
#[must_use]
pub fn centre(world: &World, items: &[ItemIx]) -> Vector {
    let mut total = ZERO;
    for &i in items {
        add_scaled(&mut total, 1.0, &world.truth().vectors[i as usize]);
    }
    scale(&mut total, 1.0 / items.len().max(1) as f32);
    total
}

/// (1 − cosine)/2 between two centres, in [0, 1]; 0 where one is the zero vector.
#[must_use]
pub fn apart(a: &Vector, b: &Vector) -> f32 {
    let n = length(a) * length(b);
    if n < 1e-12 { 0.0 } else { ((1.0 - dot(a, b) / n) / 2.0).clamp(0.0, 1.0) }
}

/// The expected days until the user is back, where each day has the same chance, at least a day and at most 30
/// (KuaiSim's return day has the same cap).
#[must_use]
pub fn return_days(chance: f64) -> f64 {
    (1.0 / chance.max(1.0 / 30.0)).clamp(1.0, 30.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discounts_are_what_they_say() {
        for (i, d) in DISCOUNTS.iter().enumerate() {
            assert!((d - 1.0 / libm::log2f(i as f32 + 2.0)).abs() < 1e-6);
        }
    }
}
