//! Ridge regression that learns one observation at a time.

/// A = λ·I + Σ x·xᵀ and b = Σ r·x, kept as A⁻¹ (Sherman and Morrison, 1950) and θ = A⁻¹·b.
#[derive(Clone, Debug)]
pub(crate) struct Online<const N: usize> {
    pub(crate) inverse: Box<[[f64; N]; N]>,
    pub(crate) theta: [f64; N],
    b: [f64; N],
    lambda: f64,
}

impl<const N: usize> Online<N> {
    pub(crate) fn new(lambda: f64) -> Self {
        let mut online = Self { inverse: Box::new([[0.0; N]; N]), theta: [0.0; N], b: [0.0; N], lambda };
        online.reset();
        online
    }

    pub(crate) fn reset(&mut self) {
        for (i, row) in self.inverse.iter_mut().enumerate() {
            *row = [0.0; N];
            row[i] = 1.0 / self.lambda;
        }
        (self.theta, self.b) = ([0.0; N], [0.0; N]);
    }

    /// Learns that `x` earned `r`.
    pub(crate) fn learn(&mut self, x: &[f32; N], r: f64) {
        let ax = self.times(x);
        let k = 1.0 / (1.0 + x.iter().zip(ax).fold(0.0, |s, (x, a)| s + f64::from(*x) * a));
        for (row, a) in self.inverse.iter_mut().zip(ax) {
            for (v, c) in row.iter_mut().zip(ax) {
                *v -= k * a * c;
            }
        }
        for (b, x) in self.b.iter_mut().zip(x) {
            *b += r * f64::from(*x);
        }
        for (t, row) in self.theta.iter_mut().zip(self.inverse.iter()) {
            *t = row.iter().zip(&self.b).fold(0.0, |s, (a, b)| s + a * b);
        }
    }

    fn times(&self, x: &[f32; N]) -> [f64; N] {
        let mut out = [0.0; N];
        for (column, &x) in self.inverse.iter().zip(x) {
            for (o, a) in out.iter_mut().zip(column) {
                *o += f64::from(x) * a;
            }
        }
        out
    }

    /// θ in single precision, for scoring.
    pub(crate) fn weights(&self) -> [f32; N] {
        self.theta.map(|t| t as f32)
    }

    /// A⁻¹ in single precision, for scoring.
    pub(crate) fn covariance(&self) -> Box<[[f32; N]; N]> {
        let mut out = Box::new([[0.0; N]; N]);
        for (o, row) in out.iter_mut().zip(self.inverse.iter()) {
            *o = row.map(|v| v as f32);
        }
        out
    }
}

/// √(xᵀ·A⁻¹·x): the standard deviation of what is believed of x.
pub(crate) fn spread<const N: usize>(covariance: &[[f32; N]; N], x: &[f32; N]) -> f32 {
    let mut ax = [0.0f32; N];
    for (row, &x) in covariance.iter().zip(x) {
        for (o, a) in ax.iter_mut().zip(row) {
            *o += x * a;
        }
    }
    crate::recommender::fit::dot(&ax, x).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_learns_what_a_hand_computes() {
        let mut o = Online::<2>::new(1.0);
        o.learn(&[1.0, 0.0], 1.0);
        o.learn(&[1.0, 1.0], 0.0);
        // A = [[3,1],[1,2]], A⁻¹ = [[2,-1],[-1,3]]/5, b = [1,0], θ = [0.4,-0.2].
        let expected = [[0.4, -0.2], [-0.2, 0.6]];
        for (row, e) in o.inverse.iter().zip(expected) {
            assert!(row.iter().zip(e).all(|(a, b)| (a - b).abs() < 1e-12), "{:?}", o.inverse);
        }
        assert!((o.theta[0] - 0.4).abs() < 1e-12 && (o.theta[1] + 0.2).abs() < 1e-12, "{:?}", o.theta);
        // xᵀA⁻¹x of x = [1,1] is 0.4 - 0.4 + 0.6 = 0.6.
        assert!((spread(&o.covariance(), &[1.0, 1.0]) - 0.6f32.sqrt()).abs() < 1e-6);
        o.reset();
        assert_eq!(o.theta, [0.0; 2]);
        assert_eq!(o.inverse[0], [1.0, 0.0]);
    }
}
