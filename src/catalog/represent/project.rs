//! The directions in which rows vary most: a truncated singular value decomposition through the matrix of second
//! moments, whose eigenvectors Jacobi's rotations find (Golub and Van Loan, "Matrix computations", section 8.5).

use super::text::hash;
use crate::math::order;

/// Directions of length one, the strongest first, with the share of the rows' squares that each holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Directions {
    dim: usize,
    /// Laid end to end.
    rows: Vec<f32>,
    /// Shares, adding up to at most 1.
    pub shares: Vec<f32>,
}

/// The most rows that moments are taken over; of more, evenly spaced ones.
const MOST_ROWS: usize = 20_000;
/// The same for long rows.
const MOST_LONG: usize = 2000;
/// How often directions of long rows are brought nearer to the strongest.
const ROUNDS: usize = 12;

impl Directions {
    /// The `keep` strongest directions of rows laid end to end, each of length `dim`. Rows are taken as they are; centre
    /// them before where variance is meant.
    #[must_use]
    pub fn of(rows: &[f32], dim: usize, keep: usize) -> Self {
        let (values, vectors) = jacobi(second_moments(rows, dim), dim);
        let total: f64 = values.iter().map(|v| v.max(0.0)).sum::<f64>().max(1e-30);
        let mut order: Vec<usize> = (0..dim).collect();
        order::sort_by(&mut order, |a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
        order.truncate(keep);
        let mut out = Vec::with_capacity(keep * dim);
        for k in &order {
            let column = |d: usize| vectors[d * dim + k] as f32;
            // An eigenvector's sign is arbitrary: its largest entry is made positive.
            let largest = (0..dim).map(column).fold(0.0f32, |b, x| if x.abs() > b.abs() { x } else { b });
            let sign = if largest < 0.0 { -1.0 } else { 1.0 };
            out.extend((0..dim).map(|d| sign * column(d)));
        }
        Self { dim, rows: out, shares: order.iter().map(|k| (values[*k].max(0.0) / total) as f32).collect() }
    }

    /// The same for long rows, of which the matrix of moments would be too large: by orthogonal iteration (Golub and Van
    /// Loan, section 8.2.4) over at most a few thousand evenly spaced rows.
    #[must_use]
    pub fn of_long(rows: &[f32], dim: usize, keep: usize) -> Self {
        let n = rows.len() / dim.max(1);
        let step = n.div_ceil(MOST_LONG).max(1);
        let taken: Vec<&[f32]> = rows.chunks_exact(dim).step_by(step).collect();
        let keep = keep.min(dim);
        // Any beginning does that is the same everywhere: the signs of a hash.
        let sign = |i: usize| if hash(&(i as u64).to_le_bytes()) >> 17 & 1 == 1 { 1.0 } else { -1.0 };
        let mut basis: Vec<f32> = (0..keep * dim).map(sign).collect();
        let mut squares = vec![0.0f32; keep];
        for _ in 0..ROUNDS {
            orthonormal(&mut basis, dim);
            let mut next = vec![0.0f32; keep * dim];
            squares.fill(0.0);
            for row in &taken {
                for ((b, sum), square) in basis.chunks_exact(dim).zip(next.chunks_exact_mut(dim)).zip(&mut squares) {
                    let along = super::blocks::dot(b, row);
                    *square += along * along;
                    sum.iter_mut().zip(*row).for_each(|(s, x)| *s += along * x);
                }
            }
            basis = next;
        }
        orthonormal(&mut basis, dim);
        let total: f32 = taken.iter().map(|row| super::blocks::dot(row, row)).sum::<f32>().max(1e-30);
        Self { dim, rows: basis, shares: squares.iter().map(|s| s / total).collect() }
    }

    /// How many directions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shares.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// A row along the directions, into the front of `out`; what is behind them becomes 0.
    pub fn apply(&self, row: &[f32], out: &mut [f32]) {
        out.fill(0.0);
        for (o, direction) in out.iter_mut().zip(self.rows.chunks_exact(self.dim)) {
            *o = super::blocks::dot(direction, row);
        }
    }
}

/// Makes directions orthonormal, each to those before it; what vanishes is left zero.
fn orthonormal(basis: &mut [f32], dim: usize) {
    for k in 0..basis.len() / dim {
        let (before, rest) = basis.split_at_mut(k * dim);
        let own = &mut rest[..dim];
        // Twice, since rounding leaves a little the first time.
        for _ in 0..2 {
            for b in before.chunks_exact(dim) {
                let along = super::blocks::dot(b, own);
                own.iter_mut().zip(b).for_each(|(x, b)| *x -= along * b);
            }
        }
        let length = super::blocks::dot(own, own).sqrt();
        own.iter_mut().for_each(|x| *x = if length > 1e-9 { *x / length } else { 0.0 });
    }
}

fn second_moments(rows: &[f32], dim: usize) -> Vec<f64> {
    let n = rows.len() / dim.max(1);
    let step = n.div_ceil(MOST_ROWS).max(1);
    let mut m = vec![0.0f64; dim * dim];
    for row in rows.chunks_exact(dim).step_by(step) {
        for i in 0..dim {
            let x = f64::from(row[i]);
            for (sum, y) in m[i * dim + i..(i + 1) * dim].iter_mut().zip(&row[i..]) {
                *sum += x * f64::from(*y);
            }
        }
    }
    for i in 0..dim {
        for j in 0..i {
            m[i * dim + j] = m[j * dim + i];
        }
    }
    m
}

/// Eigenvalues and eigenvectors (as columns) of a symmetric matrix, by cyclic rotations.
fn jacobi(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut v = vec![0.0f64; n * n];
    (0..n).for_each(|i| v[i * n + i] = 1.0);
    let scale: f64 = a.iter().map(|x| x * x).sum::<f64>().max(1e-300);
    for _ in 0..30 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j] * a[i * n + j]).sum();
        if off <= 1e-18 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, n, p, q);
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), v)
}

fn rotate(a: &mut [f64], v: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq.abs() < 1e-300 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y);
    }
    for k in 0..n {
        let (x, y) = (v[k * n + p], v[k * n + q]);
        (v[k * n + p], v[k * n + q]) = (c * x - s * y, s * x + c * y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn the_strongest_directions_of_a_known_cloud_are_found() {
        // Two orthogonal directions with deviations 3 and 1, and a little noise everywhere.
        let mut draw = Source::new(4).stream(Purpose::Other);
        let (u, w) = ([0.6f32, 0.8, 0.0, 0.0], [0.0f32, 0.0, 0.8, -0.6]);
        let mut rows = Vec::new();
        for _ in 0..5000 {
            let (a, b) = (3.0 * draw.normal(), draw.normal());
            rows.extend((0..4).map(|d| a * u[d] + b * w[d] + 0.05 * draw.normal()));
        }
        let found = Directions::of(&rows, 4, 2);
        let mut along = [0.0; 2];
        found.apply(&u, &mut along);
        assert!(along[0].abs() > 0.999 && along[1].abs() < 0.03, "{along:?}");
        found.apply(&w, &mut along);
        assert!(along[1].abs() > 0.999, "{along:?}");
        assert!((found.shares[0] - 0.9).abs() < 0.02 && (found.shares[1] - 0.1).abs() < 0.02, "{:?}", found.shares);
    }

    #[test]
    fn empty_and_constant_rows_do_no_harm() {
        let found = Directions::of(&[], 3, 2);
        let mut out = [1.0; 2];
        found.apply(&[1.0, 2.0, 3.0], &mut out);
        assert!(out.iter().all(|x| x.is_finite()));
        assert!(Directions::of(&[0.0; 30], 3, 3).shares.iter().all(|s| *s == 0.0));
    }
}
