//! Adam, and the clipping of gradients.

use crate::math::lanes::{self, LANES};

/// Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015) with β₁ = 0.9 and β₂ = 0.999, as
/// PyTorch's `torch.optim.Adam` computes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// The running mean of gradients.
    pub m: Vec<f32>,
    /// The running mean of their squares.
    pub v: Vec<f32>,
    /// Steps taken.
    pub t: u64,
    /// What is added to the root, so that nothing is divided by 0.
    pub eps: f32,
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;

impl Adam {
    /// For `n` parameters; no step has been taken.
    #[must_use]
    pub fn new(n: usize, eps: f32) -> Self {
        Self { m: vec![0.0; n], v: vec![0.0; n], t: 0, eps }
    }

    /// One step against the gradient.
    pub fn step(&mut self, params: &mut [f32], grads: &[f32], learning_rate: f32) {
        self.t += 1;
        let t = self.t as f64;
        let correction1 = 1.0 - libm::pow(f64::from(BETA1), t);
        let correction2 = 1.0 - libm::pow(f64::from(BETA2), t);
        let rate = (f64::from(learning_rate) / correction1) as f32;
        let scale = (1.0 / correction2.sqrt()) as f32;
        let both = self.m.iter_mut().zip(&mut self.v);
        for ((p, &g), (m, v)) in params.iter_mut().zip(grads).zip(both) {
            *m = BETA1 * *m + (1.0 - BETA1) * g;
            *v = BETA2 * *v + (1.0 - BETA2) * g * g;
            *p -= rate * *m / (v.sqrt() * scale + self.eps);
        }
    }
}

/// Scales gradients so that their common Euclidean length is at most `most`; returns the length that it was.
/// (PyTorch's `clip_grad_norm_`.)
pub fn clip_norm(grads: &mut [&mut [f32]], most: f32) -> f32 {
    let mut squares = 0.0f64;
    for part in grads.iter() {
        let (chunks, rest) = part.as_chunks::<LANES>();
        // Blocks are summed in single precision, what they come to in double.
        for block in chunks.chunks(64) {
            let mut acc = [0.0f32; LANES];
            for c in block {
                for l in 0..LANES {
                    acc[l] += c[l] * c[l];
                }
            }
            squares += f64::from(lanes::sum(acc));
        }
        squares += f64::from(rest.iter().fold(0.0f32, |s, g| s + g * g));
    }
    let length = squares.sqrt() as f32;
    // A length that is no number is told to whoever asked, and nothing is scaled by it.
    if length > most && length.is_finite() {
        let k = most / (length + 1e-6);
        for g in grads.iter_mut().flat_map(|part| part.iter_mut()) {
            *g *= k;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_the_learning_rate_along_the_sign() {
        let (mut p, mut adam) = ([1.0f32, -2.0, 0.5], Adam::new(3, 1e-8));
        adam.step(&mut p, &[0.3, -40.0, 0.0], 0.01);
        assert!((p[0] - 0.99).abs() < 1e-6 && (p[1] + 1.99).abs() < 1e-6 && p[2] == 0.5, "{p:?}");
    }

    #[test]
    fn it_finds_the_bottom_of_a_bowl() {
        let (mut p, mut adam) = ([3.0f32, -2.0], Adam::new(2, 1e-8));
        for _ in 0..2000 {
            let g = [2.0 * (p[0] - 1.0), 20.0 * (p[1] - 0.5)];
            adam.step(&mut p, &g, 0.01);
        }
        assert!((p[0] - 1.0).abs() < 1e-3 && (p[1] - 0.5).abs() < 1e-3, "{p:?}");
    }

    #[test]
    fn clipping_keeps_the_direction_and_short_gradients() {
        let (mut a, mut b) = (vec![3.0f32; 9], vec![4.0f32; 9]);
        assert!((clip_norm(&mut [&mut a, &mut b], 1.0) - 15.0).abs() < 1e-5);
        assert!((a[8] - 0.2).abs() < 1e-5 && (b[0] - 4.0 / 15.0).abs() < 1e-5);
        let before = a.clone();
        clip_norm(&mut [&mut a], 10.0);
        assert_eq!(a, before);
    }
}
