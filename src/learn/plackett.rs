//! Slates drawn without replacement: the Plackett–Luce distribution (Plackett, "The analysis of permutations", 1975; Luce,
//! "Individual choice behavior", 1959).
//!
//! The first place goes to candidate i with probability softmax(s)_i; each further place likewise among those left. So the
//! log-probability of a slate is the sum of its places' conditionals, exactly. The entropy and the divergence given here
//! are sums of the conditionals *along the slate that was drawn*: unbiased estimates of those of the whole distribution,
//! whose own sums run over all orders.
//!
//! Scores more than [`SPREAD`] below the best count as [`SPREAD`] below, when drawing and when judging alike, so that no
//! conditional is ever 0 / 0.

use crate::math::{
    Stream, greater,
    lanes::{self, LANES},
};

/// The widest that scores count.
pub const SPREAD: f32 = 30.0;

/// Room for the work on one slate, kept between calls.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// Score less the best score, padded.
    below: Vec<f32>,
    /// e to that; 0 where taken or padding.
    left: Vec<f32>,
    /// Each place's normaliser, and the same with each term times its score.
    places: Vec<(f32, f32)>,
    taken: Vec<f32>,
}

/// What a slate is worth to a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Judged {
    /// Its log-probability.
    pub log_prob: f32,
    /// The sum of its conditionals' entropies.
    pub entropy: f32,
}

/// Draws a slate of `k` candidates: Gumbel noise on the scores, the highest first (Yellott, 1977; Kool, van Hoof and
/// Welling, "Stochastic beams and where to find them", ICML 2019).
pub fn draw(scores: &[f32], k: usize, random: &mut Stream, work: &mut Work, slate: &mut Vec<usize>) {
    work.lay(scores);
    for chunk in work.below.as_chunks_mut::<LANES>().0 {
        let uniform = core::array::from_fn(|_| random.open());
        let once = lanes::ln(uniform).map(|v| -v);
        let twice = lanes::ln(once);
        for l in 0..LANES {
            chunk[l] -= twice[l];
        }
    }
    top(&mut work.below[..scores.len()], k, slate);
}

/// The `k` candidates with the highest scores, the highest first; of equals the first.
pub fn best(scores: &[f32], k: usize, work: &mut Work, slate: &mut Vec<usize>) {
    work.below.clear();
    work.below.extend_from_slice(scores);
    top(&mut work.below, k, slate);
}

fn top(keys: &mut [f32], k: usize, slate: &mut Vec<usize>) {
    slate.clear();
    for _ in 0..k.min(keys.len()) {
        let mut at = 0;
        for (i, key) in keys.iter().enumerate() {
            if *key > keys[at] {
                at = i;
            }
        }
        // Where scores are no numbers, a slate of different candidates still comes of it.
        if slate.contains(&at) {
            at = (0..keys.len()).find(|i| !slate.contains(i)).unwrap_or(0);
        }
        keys[at] = f32::NEG_INFINITY;
        slate.push(at);
    }
}

impl Work {
    fn lay(&mut self, scores: &[f32]) {
        let best = scores.iter().fold(f32::NEG_INFINITY, |b, &s| greater(s, b));
        self.below.clear();
        self.below.extend(scores.iter().map(|s| greater(s - best, -SPREAD)));
        self.below.resize(scores.len().div_ceil(LANES) * LANES, 0.0);
    }

    /// Judges a slate under some scores, and keeps what [`gradient`](Self::gradient) needs.
    pub fn judge(&mut self, scores: &[f32], slate: &[u16]) -> Judged {
        self.lay(scores);
        self.left.clear();
        for chunk in self.below.as_chunks::<LANES>().0 {
            self.left.extend_from_slice(&lanes::exp(*chunk));
        }
        self.left[scores.len()..].fill(0.0);
        self.places.clear();
        self.taken.clear();
        let mut judged = Judged::default();
        for &chosen in slate {
            let (mut z, mut t) = ([0.0f32; LANES], [0.0f32; LANES]);
            for (e, d) in self.left.as_chunks::<LANES>().0.iter().zip(self.below.as_chunks::<LANES>().0) {
                for l in 0..LANES {
                    z[l] += e[l];
                    t[l] += e[l] * d[l];
                }
            }
            let (z, t) = (lanes::sum(z), lanes::sum(t));
            let ln_z = lanes::ln([z; LANES])[0];
            judged.log_prob += self.below[chosen as usize] - ln_z;
            judged.entropy += ln_z - t / z;
            self.places.push((z, t));
            self.taken.push(self.left[chosen as usize]);
            self.left[chosen as usize] = 0.0;
        }
        judged
    }

    /// Adds to `out` the gradient by the scores of `log_prob · by_log_prob + entropy · by_entropy` of the slate that was
    /// judged last.
    pub fn gradient(&self, slate: &[u16], by_log_prob: f32, by_entropy: f32, out: &mut [f32]) {
        let (mut a, mut b) = (0.0f32, 0.0f32);
        let share = |e: f32, d: f32, a: f32, b: f32| -e * (by_log_prob * a + by_entropy * (d * a - b));
        for (&chosen, (&e, &(z, t))) in slate.iter().zip(self.taken.iter().zip(&self.places)) {
            a += 1.0 / z;
            b += t / (z * z);
            out[chosen as usize] += by_log_prob + share(e, self.below[chosen as usize], a, b);
        }
        for ((o, &e), &d) in out.iter_mut().zip(&self.left).zip(&self.below) {
            *o += share(e, d, a, b);
        }
    }
}

/// The divergence KL(p ‖ q) of the conditionals of two policies along a slate, summed over its places.
#[must_use]
pub fn divergence(p: &[f32], q: &[f32], slate: &[u16]) -> f32 {
    let (mut wp, mut wq) = (Work::default(), Work::default());
    wp.judge(p, &[]);
    wq.judge(q, &[]);
    let mut sum = 0.0;
    for &chosen in slate {
        let (zp, zq) = (wp.left.iter().sum::<f32>(), wq.left.iter().sum::<f32>());
        let between = crate::math::ln(zq) - crate::math::ln(zp);
        sum += (0..p.len()).fold(0.0, |s, j| s + wp.left[j] / zp * (wp.below[j] - wq.below[j] + between));
        wp.left[chosen as usize] = 0.0;
        wq.left[chosen as usize] = 0.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    const SCORES: [f32; 4] = [0.3, -1.2, 1.4, 0.0];

    fn all_slates() -> Vec<[u16; 2]> {
        (0..4u16).flat_map(|a| (0..4u16).filter(move |b| *b != a).map(move |b| [a, b])).collect()
    }

    /// The probability of a slate by the definition, in double precision.
    fn probability(scores: &[f32], slate: &[u16]) -> f64 {
        let e: Vec<f64> = scores.iter().map(|s| libm::exp(f64::from(*s))).collect();
        let mut left: f64 = e.iter().sum();
        let mut p = 1.0;
        for &c in slate {
            p *= e[c as usize] / left;
            left -= e[c as usize];
        }
        p
    }

    #[test]
    fn probabilities_are_exact_and_sum_to_one() {
        let mut work = Work::default();
        let mut sum = 0.0;
        for slate in all_slates() {
            let got = f64::from(work.judge(&SCORES, &slate).log_prob);
            assert!((got - libm::log(probability(&SCORES, &slate))).abs() < 1e-6);
            sum += libm::exp(got);
        }
        assert!((sum - 1.0).abs() < 1e-6);
    }

    #[test]
    fn slates_are_drawn_as_often_as_their_probability_says() {
        let (mut work, mut random) = (Work::default(), Source::new(5).stream(Purpose::Other));
        let n = 60_000;
        let mut counts = std::collections::BTreeMap::new();
        let mut slate = Vec::new();
        for _ in 0..n {
            draw(&SCORES, 2, &mut random, &mut work, &mut slate);
            *counts.entry([slate[0] as u16, slate[1] as u16]).or_insert(0u32) += 1;
        }
        for slate in all_slates() {
            let p = probability(&SCORES, &slate);
            let got = f64::from(counts.get(&slate).copied().unwrap_or(0)) / f64::from(n);
            assert!((got - p).abs() < 4.0 * (p * (1.0 - p) / f64::from(n)).sqrt(), "{slate:?}: {got} and {p}");
        }
    }

    #[test]
    fn the_entropy_along_drawn_slates_has_the_mean_of_the_true_entropy() {
        let mut work = Work::default();
        let (mut truth, mut mean, mut kl, mut kl_truth) = (0.0, 0.0, 0.0, 0.0);
        let other = [0.0f32, 0.4, 0.9, -0.7];
        for slate in all_slates() {
            let (p, q) = (probability(&SCORES, &slate), probability(&other, &slate));
            truth -= p * libm::log(p);
            mean += p * f64::from(work.judge(&SCORES, &slate).entropy);
            kl_truth += p * libm::log(p / q);
            kl += p * f64::from(divergence(&SCORES, &other, &slate));
        }
        assert!((truth - mean).abs() < 1e-5, "{truth} and {mean}");
        assert!((kl - kl_truth).abs() < 1e-5, "{kl} and {kl_truth}");
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let mut work = Work::default();
        let slate = [2u16, 0, 3];
        let mut grad = [0.0f32; 4];
        work.judge(&SCORES, &slate);
        work.gradient(&slate, 0.7, -1.3, &mut grad);
        for j in 0..4 {
            let h = 1e-2;
            let mut at = |d: f32| {
                let mut s = SCORES;
                s[j] += d;
                let judged = work.judge(&s, &slate);
                0.7 * f64::from(judged.log_prob) - 1.3 * f64::from(judged.entropy)
            };
            let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
            assert!((slope - f64::from(grad[j])).abs() < 1e-4, "score {j}: {} and {slope}", grad[j]);
        }
    }

    #[test]
    fn scores_far_apart_or_no_numbers_give_slates_all_the_same() {
        let mut work = Work::default();
        let judged = work.judge(&[1e6, 0.0, -1e6], &[2, 1, 0]);
        assert!(judged.log_prob.is_finite() && judged.entropy.is_finite(), "{judged:?}");
        let mut slate = Vec::new();
        draw(&[f32::NAN; 5], 3, &mut Source::new(1).stream(Purpose::Other), &mut work, &mut slate);
        slate.sort_unstable();
        slate.dedup();
        assert_eq!(slate.len(), 3);
        best(&[0.5, 0.9, 0.5], 2, &mut work, &mut slate);
        assert_eq!(slate, [1, 0]);
    }
}
