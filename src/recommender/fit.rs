//! Ridge and logistic regression, in a fixed order of operations: the same data give the same bits everywhere.

use crate::math::exp;

/// A symmetric positive definite system, factored once (Cholesky, A = L·Lᵀ) and solved often.
#[derive(Clone, Debug)]
pub struct Factor {
    n: usize,
    lower: Vec<f64>,
}

impl Factor {
    /// Factors the `n × n` matrix `a` (row by row). A pivot that is not positive is raised to 1e-9, so that a singular
    /// matrix gives a bounded answer instead of none.
    #[must_use]
    pub fn new(mut a: Vec<f64>, n: usize) -> Self {
        for j in 0..n {
            for k in 0..j {
                let l = a[j * n + k];
                for i in j..n {
                    a[i * n + j] -= a[i * n + k] * l;
                }
            }
            let pivot = a[j * n + j].max(1e-9).sqrt();
            for i in j..n {
                a[i * n + j] = if i == j { pivot } else { a[i * n + j] / pivot };
            }
        }
        Self { n, lower: a }
    }

    /// Solves A·x = b in place.
    pub fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        self.back(b);
    }

    /// Solves L·y = b in place.
    pub fn forward(&self, b: &mut [f64]) {
        for i in 0..self.n {
            for k in 0..i {
                b[i] -= self.lower[i * self.n + k] * b[k];
            }
            b[i] /= self.lower[i * self.n + i];
        }
    }

    /// Solves Lᵀ·x = b in place.
    pub fn back(&self, b: &mut [f64]) {
        for i in (0..self.n).rev() {
            for k in i + 1..self.n {
                b[i] -= self.lower[k * self.n + i] * b[k];
            }
            b[i] /= self.lower[i * self.n + i];
        }
    }

    /// x ← L·x: where x is standard normal, the result is normal with covariance A.
    pub fn widen(&self, x: &mut [f64]) {
        for i in (0..self.n).rev() {
            x[i] *= self.lower[i * self.n + i];
            for k in 0..i {
                x[i] += self.lower[i * self.n + k] * x[k];
            }
        }
    }

    /// A⁻¹, row by row.
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        let n = self.n;
        let mut out = vec![0.0; n * n];
        let mut column = vec![0.0; n];
        for j in 0..n {
            column.fill(0.0);
            column[j] = 1.0;
            self.solve(&mut column);
            for i in 0..n {
                out[i * n + j] = column[i];
            }
        }
        out
    }
}

/// XᵀX of rows of length `N`. Sums of 256 rows run in single precision, the rest in double.
#[must_use]
pub fn gram<const N: usize>(rows: &[[f32; N]]) -> Vec<f64> {
    let mut total = vec![0.0f64; N * N];
    let mut part = vec![[0.0f32; N]; N];
    for block in rows.chunks(256) {
        part.fill([0.0; N]);
        for x in block {
            for (sums, &k) in part.iter_mut().zip(x) {
                if k != 0.0 {
                    for (s, v) in sums.iter_mut().zip(x) {
                        *s += k * v;
                    }
                }
            }
        }
        for (t, p) in total.iter_mut().zip(part.iter().flatten()) {
            *t += f64::from(*p);
        }
    }
    total
}

/// Xᵀy.
#[must_use]
pub fn moments<const N: usize>(rows: &[[f32; N]], y: &[f32]) -> Vec<f64> {
    let mut total = vec![0.0f64; N];
    for (x, &y) in rows.iter().zip(y) {
        for (t, v) in total.iter_mut().zip(x) {
            *t += f64::from(y * v);
        }
    }
    total
}

fn penalised(gram: &[f64], n: usize, scale: f64, ridge: f64) -> Factor {
    let mut a: Vec<f64> = gram.iter().map(|g| g * scale).collect();
    for i in 0..n {
        a[i * n + i] += ridge;
    }
    Factor::new(a, n)
}

/// Ridge regression: (XᵀX + ridge·I)⁻¹ Xᵀy.
#[must_use]
pub fn ridge<const N: usize>(rows: &[[f32; N]], y: &[f32], ridge: f64) -> [f32; N] {
    let mut w = moments(rows, y);
    penalised(&gram(rows), N, 1.0, ridge).solve(&mut w);
    core::array::from_fn(|i| w[i] as f32)
}

/// Logistic regression with a ridge penalty, by Böhning and Lindsay's bound (1988): every step solves with the fixed
/// matrix XᵀX/4 + ridge·I, so the matrix is factored once and the likelihood never falls. At most `steps` steps, fewer
/// once no weight moves by more than 1e-3.
#[must_use]
pub fn logistic<const N: usize>(rows: &[[f32; N]], y: &[bool], gram: &[f64], ridge: f64, steps: usize) -> [f32; N] {
    let factor = penalised(gram, N, 0.25, ridge);
    let mut w = [0.0f64; N];
    let mut w32 = [0.0f32; N];
    for _ in 0..steps {
        let mut step = gradient(rows, y, &w32);
        for (s, w) in step.iter_mut().zip(&w) {
            *s -= ridge * w;
        }
        factor.solve(&mut step);
        let mut moved = 0.0f64;
        for i in 0..N {
            w[i] += step[i];
            w32[i] = w[i] as f32;
            moved = moved.max(step[i].abs());
        }
        if moved < 1e-3 {
            break;
        }
    }
    w32
}

/// Xᵀ(y − σ(Xw)), summed in double precision in blocks of 64 rows.
fn gradient<const N: usize>(rows: &[[f32; N]], y: &[bool], w: &[f32; N]) -> Vec<f64> {
    let mut total = vec![0.0f64; N];
    for (xs, ys) in rows.chunks(64).zip(y.chunks(64)) {
        let mut part = [0.0f32; N];
        for (x, &y) in xs.iter().zip(ys) {
            let miss = if y { 1.0 } else { 0.0 } - 1.0 / (1.0 + exp(-dot(x, w)));
            for (p, v) in part.iter_mut().zip(x) {
                *p += miss * v;
            }
        }
        for (t, p) in total.iter_mut().zip(part) {
            *t += f64::from(p);
        }
    }
    total
}

/// The inner product, in eight lanes where the length allows.
#[inline]
#[must_use]
pub fn dot<const N: usize>(a: &[f32; N], b: &[f32; N]) -> f32 {
    let (a8, a1) = a.as_chunks::<8>();
    let (b8, b1) = b.as_chunks::<8>();
    let mut lanes = [0.0f32; 8];
    for (x, y) in a8.iter().zip(b8) {
        for l in 0..8 {
            lanes[l] += x[l] * y[l];
        }
    }
    a1.iter().zip(b1).fold(crate::math::lanes::sum(lanes), |s, (x, y)| s + x * y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ridge_gives_what_a_hand_computes() {
        // XᵀX = [[2,1],[1,2]], Xᵀy = [4,5]; with ridge 1 the system is [[3,1],[1,3]] w = [4,5], so w = [7/8, 11/8].
        let w = ridge(&[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], &[1.0, 2.0, 3.0], 1.0);
        assert!((w[0] - 0.875).abs() < 1e-6 && (w[1] - 1.375).abs() < 1e-6, "{w:?}");
    }

    #[test]
    fn logistic_without_signal_finds_the_log_odds() {
        let rows = vec![[1.0f32]; 400];
        let y: Vec<bool> = (0..400).map(|i| i % 4 == 0).collect();
        let w = logistic(&rows, &y, &gram(&rows), 1e-6, 200);
        // ln(0.25 / 0.75) = -1.0986.
        assert!((w[0] + 1.0986).abs() < 0.02, "{w:?}");
    }

    #[test]
    fn logistic_recovers_the_weights_that_made_the_data() {
        use crate::math::{Purpose, Source, sigmoid};
        let mut random = Source::new(2).stream(Purpose::Other);
        let truth = [-0.5, 1.2, -0.8];
        let rows: Vec<[f32; 3]> = (0..20_000).map(|_| [1.0, random.normal(), random.normal()]).collect();
        let y: Vec<bool> = rows.iter().map(|x| random.chance(sigmoid(dot(x, &truth)))).collect();
        let w = logistic(&rows, &y, &gram(&rows), 0.1, 100);
        assert!(w.iter().zip(truth).all(|(a, b)| (a - b).abs() < 0.06), "{w:?}");
    }

    #[test]
    fn a_factor_inverts_its_matrix() {
        let f = Factor::new(vec![4.0, 2.0, 2.0, 3.0], 2);
        let inverse = f.inverse();
        let expected = [0.375, -0.25, -0.25, 0.5];
        assert!(inverse.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{inverse:?}");
        let flat = Factor::new(vec![0.0; 4], 2);
        let mut b = [1.0, 1.0];
        flat.solve(&mut b);
        assert!(b.iter().all(|x| x.is_finite()));
    }
}
