//! Sorting that is small: for what is sorted seldom or is short.
//!
//! The standard library's sorts are fast and large, and the compiler makes a copy of them for every type and order: in the
//! first-load worker they weighed as much as the engine. Here the work is done once, on places in the list, and only the
//! comparing and the moving are made for each type. All sorts are stable, so the result is that of any other stable sort.
//! What is sorted at every turn goes through [`best_first`], whose one order of whole numbers the standard sort has.

use core::cmp::Ordering;

/// Runs of this length are sorted by insertion before runs are merged.
const RUN: usize = 8;

/// Sorts by `compare`, in O(n log n); equal items keep their order.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = order_of(items.len(), &|a, b| compare(&items[a as usize], &items[b as usize]) == Ordering::Greater);
    // Along each cycle of the permutation, every swap puts one item where it belongs.
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = order[at] as usize;
            order[at] = at as u32;
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Sorts by a key; equal items keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// The places of `n` items in ascending order, where `is_after(a, b)` says whether the one at `a` comes after that at `b`.
fn order_of(n: usize, is_after: &dyn Fn(u32, u32) -> bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    for run in order.chunks_mut(RUN) {
        for i in 1..run.len() {
            let mut j = i;
            while j > 0 && is_after(run[j - 1], run[j]) {
                run.swap(j - 1, j);
                j -= 1;
            }
        }
    }
    let mut other = Vec::with_capacity(n);
    let mut width = RUN;
    while width < n {
        other.clear();
        for pair in order.chunks(2 * width) {
            merge(pair, width, is_after, &mut other);
        }
        core::mem::swap(&mut order, &mut other);
        width *= 2;
    }
    order
}

/// Merges the two sorted halves of `pair`, of which the first is `width` long.
fn merge(pair: &[u32], width: usize, is_after: &dyn Fn(u32, u32) -> bool, into: &mut Vec<u32>) {
    let (a, b) = pair.split_at(width.min(pair.len()));
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if is_after(a[i], b[j]) {
            into.push(b[j]);
            j += 1;
        } else {
            into.push(a[i]);
            i += 1;
        }
    }
    into.extend_from_slice(&a[i..]);
    into.extend_from_slice(&b[j..]);
}

/// Keeps the `k` of the highest score, best first; of equals the one of the lower number. The order is
/// [`f32::total_cmp`]'s.
pub fn best_first(items: &mut Vec<(f32, u32)>, k: usize) {
    let keys = first(items.iter().map(|&(score, number)| key(score, number)).collect(), k);
    items.clear();
    items.extend(keys.into_iter().map(|key| (score(!((key >> 32) as u32)), key as u32)));
}

/// The places of the `k` highest scores, best first; of equals the lower place.
#[must_use]
pub fn best(scores: &[f32], k: usize) -> Vec<u32> {
    let keys = scores.iter().zip(0..).map(|(&score, place)| key(score, place));
    first(keys.collect(), k).into_iter().map(|key| key as u32).collect()
}

/// Descending in score, then ascending in number.
fn key(score: f32, number: u32) -> u64 {
    u64::from(!ascending(score)) << 32 | u64::from(number)
}

/// The `k` lowest, in order.
fn first(mut keys: Vec<u64>, k: usize) -> Vec<u64> {
    if k == 0 {
        keys.clear();
    } else if keys.len() > k {
        keys.select_nth_unstable(k - 1);
        keys.truncate(k);
    }
    keys.sort_unstable();
    keys
}

/// A whole number whose order is the score's.
fn ascending(score: f32) -> u32 {
    let bits = score.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// Undoes [`ascending`].
fn score(ascending: u32) -> f32 {
    f32::from_bits(if ascending >> 31 == 1 { ascending & !(1 << 31) } else { !ascending })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn the_order_is_that_of_the_standard_stable_sort() {
        let mut random = Source::new(5).stream(Purpose::Other);
        for n in (0..70).chain([500, 1_000, 1_023, 4_097]) {
            // Few values, so that many are equal.
            let items: Vec<(usize, usize)> = (0..n).map(|i| (random.below(1 + n / 3), i)).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by(&mut ours, |a, b| b.0.cmp(&a.0));
            theirs.sort_by_key(|x| std::cmp::Reverse(x.0));
            assert_eq!(ours, theirs, "of {n}");
            sort_by_key(&mut ours, |x| x.0);
            theirs.sort_by_key(|x| x.0);
            assert_eq!(ours, theirs, "of {n}");
        }
    }

    #[test]
    fn the_best_are_those_of_a_full_sort_whatever_the_scores() {
        let odd = [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1.5, -1.5, f32::MIN_POSITIVE, 1.5];
        let all: Vec<(f32, u32)> = odd.iter().copied().zip(0..).collect();
        let mut sorted = all.clone();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for k in 0..=all.len() + 1 {
            let mut best = all.clone();
            best_first(&mut best, k);
            let bits = |of: &[(f32, u32)]| of.iter().map(|x| (x.0.to_bits(), x.1)).collect::<Vec<_>>();
            assert_eq!(bits(&best), bits(&sorted[..k.min(sorted.len())]), "{k}");
            let numbers = best.iter().map(|x| x.1).collect::<Vec<_>>();
            assert_eq!(super::best(&odd, k), numbers, "{k}");
        }
    }
}
