//! Choosing a few of many: at random, or the best.

use crate::{
    catalog::ItemIx,
    math::{Stream, order},
};

/// Puts `k` different candidates, drawn uniformly, behind what `slate` holds, without copying the candidates: a
/// Fisher–Yates shuffle of which only the swapped places are written down.
pub(crate) fn draw(candidates: &[ItemIx], k: usize, random: &mut Stream, slate: &mut Vec<ItemIx>) {
    let n = candidates.len();
    let k = k.min(n);
    let mut swapped: Vec<(usize, usize)> = Vec::with_capacity(k);
    let at =
        |swapped: &[(usize, usize)], place: usize| swapped.iter().rev().find(|s| s.0 == place).map_or(place, |s| s.1);
    for i in 0..k {
        let j = i + random.below(n - i);
        let (here, there) = (at(&swapped, i), at(&swapped, j));
        slate.push(candidates[there]);
        swapped.push((j, here));
    }
}

/// A candidate with its score.
pub(crate) type Scored = (f32, ItemIx);

/// The `k` best of `items` by score, best first; of equals the one that comes first. NaN counts as the worst.
pub(crate) fn best(items: impl Iterator<Item = Scored>, k: usize) -> Vec<Scored> {
    let mut all: Vec<Scored> = items.map(|(s, i)| (if s.is_nan() { f32::NEG_INFINITY } else { s }, i)).collect();
    order::best_first(&mut all, k);
    all
}

/// Fills the slate with the `k` best of `candidates`.
pub(crate) fn fill(candidates: &[ItemIx], k: usize, score: impl Fn(ItemIx) -> f32, slate: &mut Vec<ItemIx>) {
    slate.extend(best(candidates.iter().map(|&i| (score(i), i)), k).into_iter().map(|s| s.1));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn every_candidate_is_drawn_as_often_in_every_place() {
        let candidates = [10, 11, 12, 13, 14];
        let mut random = Source::new(3).stream(Purpose::Other);
        let mut counts = [[0u32; 5]; 3];
        for _ in 0..20_000 {
            let mut slate = Vec::new();
            draw(&candidates, 3, &mut random, &mut slate);
            assert!(slate[0] != slate[1] && slate[1] != slate[2] && slate[0] != slate[2]);
            for (place, item) in slate.iter().enumerate() {
                counts[place][*item as usize - 10] += 1;
            }
        }
        // 4,000 expected in each cell, standard deviation 57.
        assert!(counts.iter().flatten().all(|c| (3_750..4_250).contains(c)), "{counts:?}");
    }

    #[test]
    fn the_best_come_first_and_ties_go_to_the_first() {
        let scores = [0.5, f32::NAN, 0.9, 0.5, 0.1];
        let got = best((0..5).map(|i| (scores[i as usize], i)), 3);
        assert_eq!(got.iter().map(|s| s.1).collect::<Vec<_>>(), [2, 0, 3]);
        assert!(best((0..5).map(|i| (0.0, i)), 0).is_empty());
    }
}
