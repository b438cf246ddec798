//! Many vectors against one: rows stored eight abreast, so that eight inner products run at once in fixed lanes.

use crate::math::order;

/// Rows of equal length, eight abreast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blocks {
    dim: usize,
    rows: usize,
    /// Block by block, dimension by dimension, the eight rows' values.
    values: Vec<[f32; 8]>,
}

impl Blocks {
    /// Of rows laid end to end; the last block is filled up with zeros.
    #[must_use]
    pub fn of(rows: &[f32], dim: usize) -> Self {
        let dim = dim.max(1);
        let n = rows.len() / dim;
        let mut values = vec![[0.0; 8]; n.div_ceil(8) * dim];
        for (r, row) in rows.chunks_exact(dim).enumerate() {
            for (d, x) in row.iter().enumerate() {
                values[r / 8 * dim + d][r % 8] = *x;
            }
        }
        Self { dim, rows: n, values }
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many blocks of eight.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.div_ceil(8)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The inner products of `x` with the eight rows of a block, each summed from the first dimension to the last.
    #[inline]
    #[must_use]
    pub fn dots(&self, block: usize, x: &[f32]) -> [f32; 8] {
        let mut sums = [0.0; 8];
        for (column, &k) in self.values[block * self.dim..(block + 1) * self.dim].iter().zip(x) {
            for (s, c) in sums.iter_mut().zip(column) {
                *s += k * c;
            }
        }
        sums
    }
}

/// The inner product of two rows of equal length, in eight lanes.
#[inline]
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a.iter().zip(b) {
        for ((s, p), q) in sums.iter_mut().zip(x).zip(y) {
            *s += p * q;
        }
    }
    crate::math::lanes::sum(sums) + a_rest.iter().zip(b_rest).fold(0.0, |s, (p, q)| s + p * q)
}

/// Centres with what finding the nearest needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Centres {
    dim: usize,
    rows: Vec<f32>,
    blocks: Blocks,
    /// Half of each centre's square; infinite where a block is only filled up.
    half: Vec<[f32; 8]>,
}

impl Centres {
    /// Of centres laid end to end.
    #[must_use]
    pub fn of(rows: Vec<f32>, dim: usize) -> Self {
        let blocks = Blocks::of(&rows, dim);
        let mut half = vec![[f32::INFINITY; 8]; blocks.len()];
        for (k, row) in rows.chunks_exact(dim.max(1)).enumerate() {
            half[k / 8][k % 8] = 0.5 * dot(row, row);
        }
        Self { dim, rows, blocks, half }
    }

    /// How many centres.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.rows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// One centre.
    #[must_use]
    pub fn row(&self, k: usize) -> &[f32] {
        &self.rows[k * self.dim..(k + 1) * self.dim]
    }

    /// All centres, end to end.
    #[must_use]
    pub fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// The nearest centre (of equals the first), and x·c − |c|²/2 of it: |x|²/2 less that is half the squared distance.
    #[inline]
    #[must_use]
    pub fn nearest(&self, x: &[f32]) -> (usize, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        for (b, half) in self.half.iter().enumerate() {
            let dots = self.blocks.dots(b, x);
            for l in 0..8 {
                let score = dots[l] - half[l];
                if score > best.1 {
                    best = (b * 8 + l, score);
                }
            }
        }
        best
    }

    /// The `n` nearest centres, nearest first; of equals the first.
    #[must_use]
    pub fn nearest_few(&self, x: &[f32], n: usize) -> Vec<u32> {
        let mut all: Vec<(f32, u32)> = Vec::with_capacity(self.len());
        for (b, half) in self.half.iter().enumerate() {
            let dots = self.blocks.dots(b, x);
            all.extend((0..8).filter(|l| b * 8 + l < self.len()).map(|l| (dots[l] - half[l], (b * 8 + l) as u32)));
        }
        order::best_first(&mut all, n);
        all.into_iter().map(|c| c.1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn blocks_and_rows_agree_and_the_nearest_is_the_nearest() {
        let mut draw = Source::new(3).stream(Purpose::Other);
        let dim = 24;
        let rows: Vec<f32> = (0..21 * dim).map(|_| draw.normal()).collect();
        let centres = Centres::of(rows.clone(), dim);
        for _ in 0..50 {
            let x: Vec<f32> = (0..dim).map(|_| draw.normal()).collect();
            let far = |k: usize| centres.row(k).iter().zip(&x).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
            let mut by_distance: Vec<usize> = (0..21).collect();
            by_distance.sort_by(|a, b| far(*a).total_cmp(&far(*b)));
            assert_eq!(centres.nearest(&x).0, by_distance[0]);
            let few: Vec<usize> = centres.nearest_few(&x, 5).into_iter().map(|k| k as usize).collect();
            assert_eq!(few, by_distance[..5]);
            let dots = Blocks::of(&rows, dim).dots(2, &x);
            assert!((dots[4] - dot(centres.row(20), &x)).abs() < 1e-4);
            assert_eq!(dots[5], 0.0);
        }
    }
}
