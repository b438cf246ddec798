//! The chances of a slate that fills from the top.

use super::policy::PolicySpec;

/// The chances of the next place of a slate, as it fills from the top.
#[derive(Clone, Debug, Default)]
pub struct Places {
    scores: Vec<f64>,
    weights: Vec<f64>,
    taken: Vec<bool>,
    left: usize,
    total: f64,
    best: usize,
    temperature: f64,
    epsilon: f64,
}

impl Places {
    /// Begins a slate over candidates with these scores. A score that is no number counts as the worst.
    pub fn begin(&mut self, spec: &PolicySpec, scores: impl Iterator<Item = f64>) {
        self.scores.clear();
        self.scores.extend(scores.map(|s| if s.is_finite() { s } else { -1e6 }));
        self.left = self.scores.len();
        self.taken.clear();
        self.taken.resize(self.left, false);
        (self.temperature, self.epsilon) = (spec.temperature, spec.epsilon);
        self.weigh();
    }

    /// Weighs those left anew, by the best of them.
    fn weigh(&mut self) {
        let left = (0..self.scores.len()).filter(|&i| !self.taken[i]);
        self.best =
            left.fold(usize::MAX, |b, i| if b == usize::MAX || self.scores[i] > self.scores[b] { i } else { b });
        self.weights.clear();
        if self.temperature > 0.0 && self.best != usize::MAX {
            let top = self.scores[self.best];
            let weigh = |(s, t): (&f64, &bool)| if *t { 0.0 } else { libm::exp((s - top) / self.temperature) };
            self.weights.extend(self.scores.iter().zip(&self.taken).map(weigh));
        }
        self.total = self.weights.iter().fold(0.0, |s, w| s + w);
    }

    /// The chance that the next place goes to the candidate at `at`.
    #[must_use]
    pub fn chance(&self, at: usize) -> f64 {
        if self.taken[at] {
            return 0.0;
        }
        let own = if self.temperature > 0.0 {
            self.weights[at] / self.total
        } else if at == self.best {
            1.0
        } else {
            0.0
        };
        (1.0 - self.epsilon) * own + self.epsilon / self.left as f64
    }

    /// The chances of all candidates.
    pub fn chances(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.scores.len()).map(|i| self.chance(i))
    }

    /// Gives the place to a candidate.
    pub fn take(&mut self, at: usize) {
        self.taken[at] = true;
        self.left -= 1;
        if self.temperature > 0.0 && at != self.best {
            self.weights[at] = 0.0;
            self.total = self.weights.iter().fold(0.0, |s, w| s + w);
        } else if at == self.best {
            self.weigh();
        }
    }

    /// The candidate that a uniform number in (0, 1) falls on.
    pub(super) fn draw(&self, u: f64) -> usize {
        let (mut sum, mut last) = (0.0, 0);
        for (i, p) in self.chances().enumerate() {
            if p > 0.0 {
                (sum, last) = (sum + p, i);
                if u < sum {
                    break;
                }
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_sum_to_one_at_every_place_whatever_was_taken() {
        for name in ["random", "greedy", "epsilon-greedy:0.3", "softmax:0.01", "softmax:1"] {
            let mut places = Places::default();
            let scores = [1.0, -800.0, f64::NAN, 3.0, 2.5, 700.0];
            places.begin(&PolicySpec::parse(name).expect("a policy"), scores.into_iter());
            for at in [3, 5, 0, 4] {
                let total: f64 = places.chances().sum();
                assert!((total - 1.0).abs() < 1e-12, "{name}: {total}");
                places.take(at);
                assert_eq!(places.chance(at), 0.0);
            }
        }
    }
}
