//! Matrix products, blocked for registers: a tile of 4 rows × 8 columns is accumulated over the whole inner dimension.
//!
//! A matrix B of `k` rows and `n` columns is kept in *panels*: for every 8 columns, `k` chunks of 8. A tile then reads its
//! panel from front to back, and nothing needs a bounds check.

use crate::math::lanes::LANES;

/// Eight columns of a matrix, row by row.
pub type Panels = [[f32; LANES]];

/// Rows of a tile. Four rows of eight are eight registers of SSE2 or of WebAssembly, which leaves eight for the operands.
const ROWS: usize = 4;

/// One tile: `R` rows of A, each as long as the panel, times the panel.
#[inline(always)]
fn tile<const R: usize>(a: [&[f32]; R], panel: &Panels) -> [[f32; LANES]; R] {
    let mut acc = [[0.0f32; LANES]; R];
    let a = a.map(|row| &row[..panel.len()]);
    for (k, b) in panel.iter().enumerate() {
        for r in 0..R {
            let x = a[r][k];
            for l in 0..LANES {
                acc[r][l] += x * b[l];
            }
        }
    }
    acc
}

/// `out = A·B`: A has rows of `stride` of which the first `k` numbers count, B is in panels of `k` chunks. `out` has one
/// row of whole panels for each row of A.
///
/// # Panics
/// Where the sizes do not fit.
pub fn rows_by_panels(a: &[f32], stride: usize, k: usize, panels: &Panels, out: &mut [f32]) {
    let width = panels.len() / k.max(1) * LANES;
    let rows = a.len() / stride.max(1);
    assert!(k <= stride && out.len() == rows * width, "the sizes of a product must fit");
    let whole = rows - rows % ROWS;
    for (p, panel) in panels.chunks_exact(k).enumerate() {
        let at = p * LANES;
        for r in (0..whole).step_by(ROWS) {
            let row = |i: usize| &a[(r + i) * stride..(r + i) * stride + k];
            let acc = tile([row(0), row(1), row(2), row(3)], panel);
            for (i, lanes) in acc.iter().enumerate() {
                out[(r + i) * width + at..][..LANES].copy_from_slice(lanes);
            }
        }
        for r in whole..rows {
            let [lanes] = tile([&a[r * stride..r * stride + k]], panel);
            out[r * width + at..][..LANES].copy_from_slice(&lanes);
        }
    }
}

/// `Aᵀ·D` in panels, added to `out`: A and D have as many rows, of `a_stride` and `d_stride` (whole lanes) numbers; the
/// first `k` columns of A count. The gradient of a layer's weights.
///
/// # Panics
/// Where the sizes do not fit.
pub fn outer(
    a: &[f32],
    a_stride: usize,
    k: usize,
    d: &[f32],
    d_stride: usize,
    out: &mut Panels,
    scratch: &mut Vec<f32>,
) {
    let rows = d.len() / d_stride.max(1);
    assert!(a.len() == rows * a_stride && d_stride.is_multiple_of(LANES) && k <= a_stride, "the sizes must fit");
    assert!(out.len() == k * d_stride / LANES && a_stride.is_multiple_of(ROWS), "the sizes must fit");
    let groups = k.div_ceil(ROWS);
    // Columns of A four by four and of D eight by eight, so that a tile reads both from front to back.
    scratch.clear();
    for g in 0..groups {
        for row in a.chunks_exact(a_stride) {
            scratch.extend_from_slice(&row[g * ROWS..(g + 1) * ROWS]);
        }
    }
    let split = scratch.len();
    for p in 0..d_stride / LANES {
        for row in d.chunks_exact(d_stride) {
            scratch.extend_from_slice(&row[p * LANES..(p + 1) * LANES]);
        }
    }
    let (fours, eights) = scratch.split_at(split);
    let (fours, eights) = (fours.as_chunks::<ROWS>().0, eights.as_chunks::<LANES>().0);
    for (d_panel, out_panel) in eights.chunks_exact(rows).zip(out.chunks_exact_mut(k)) {
        for (g, a_panel) in fours.chunks_exact(rows).enumerate() {
            let acc = tile_outer(a_panel, d_panel);
            for (o, lanes) in out_panel[g * ROWS..].iter_mut().zip(acc) {
                for (o, l) in o.iter_mut().zip(lanes) {
                    *o += l;
                }
            }
        }
    }
}

/// One tile of Aᵀ·D.
#[inline(always)]
fn tile_outer(a: &[[f32; ROWS]], d: &Panels) -> [[f32; LANES]; ROWS] {
    let mut acc = [[0.0f32; LANES]; ROWS];
    for (a, d) in a.iter().zip(d) {
        for r in 0..ROWS {
            for l in 0..LANES {
                acc[r][l] += a[r] * d[l];
            }
        }
    }
    acc
}

/// The sums of the columns of `d`, added to `out`: the gradient of a layer's bias.
pub fn columns(d: &[f32], stride: usize, out: &mut [f32]) {
    for row in d.chunks_exact(stride) {
        for (o, v) in out.iter_mut().zip(row) {
            *o += v;
        }
    }
}

/// The panels of Bᵀ from those of B (`k` rows, `n` columns): what carries a gradient back through a layer.
pub fn transpose_panels(b: &Panels, k: usize, n: usize, out: &mut Vec<[f32; LANES]>) {
    out.clear();
    out.resize(n * k.div_ceil(LANES), [0.0; LANES]);
    for (p, panel) in b.chunks_exact(k.max(1)).enumerate() {
        for (row, lanes) in panel.iter().enumerate() {
            for (l, v) in lanes.iter().enumerate().take(n.saturating_sub(p * LANES)) {
                out[row / LANES * n + p * LANES + l][row % LANES] = *v;
            }
        }
    }
}

/// Panels from an ordinary matrix of `k` rows and `n` columns, row by row; lanes beyond `n` are 0.
#[must_use]
pub fn into_panels(matrix: &[f32], k: usize, n: usize) -> Vec<[f32; LANES]> {
    let mut out = vec![[0.0; LANES]; k * n.div_ceil(LANES)];
    for row in 0..k {
        for column in 0..n {
            out[column / LANES * k + row][column % LANES] = matrix[row * n + column];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        learn::nn::padded,
        math::{Purpose, Source},
    };

    fn noise(n: usize, key: u64) -> Vec<f32> {
        let mut random = Source::new(key).stream(Purpose::Other);
        (0..n).map(|_| random.normal()).collect()
    }

    /// Rows padded with zeros to whole lanes.
    fn pad(matrix: &[f32], rows: usize, n: usize) -> Vec<f32> {
        let mut out = vec![0.0; rows * padded(n)];
        for r in 0..rows {
            out[r * padded(n)..][..n].copy_from_slice(&matrix[r * n..][..n]);
        }
        out
    }

    #[test]
    fn products_are_those_of_the_plain_triple_loop_to_the_bit() {
        for (m, k, n) in [(1, 1, 1), (3, 5, 7), (8, 32, 50), (9, 64, 64), (256, 33, 17)] {
            let (a, b) = (noise(m * k, 1), noise(k * n, 2));
            let mut out = vec![f32::NAN; m * padded(n)];
            rows_by_panels(&pad(&a, m, k), padded(k), k, &into_panels(&b, k, n), &mut out);
            for r in 0..m {
                for c in 0..n {
                    let plain = (0..k).fold(0.0f32, |s, i| s + a[r * k + i] * b[i * n + c]);
                    assert_eq!(out[r * padded(n) + c].to_bits(), plain.to_bits(), "{m}×{k}×{n}: row {r}, column {c}");
                }
            }
        }
    }

    #[test]
    fn transposed_products_are_those_of_the_plain_triple_loop_to_the_bit() {
        for (rows, k, n) in [(1, 1, 1), (5, 3, 9), (256, 64, 50), (10, 22, 8)] {
            let (a, d) = (noise(rows * k, 3), noise(rows * n, 4));
            let mut out = vec![[0.0; LANES]; k * n.div_ceil(LANES)];
            outer(&pad(&a, rows, k), padded(k), k, &pad(&d, rows, n), padded(n), &mut out, &mut Vec::new());
            for i in 0..k {
                for c in 0..n {
                    let plain = (0..rows).fold(0.0f32, |s, r| s + a[r * k + i] * d[r * n + c]);
                    assert_eq!(out[c / LANES * k + i][c % LANES].to_bits(), plain.to_bits());
                }
            }
        }
    }

    #[test]
    fn transposing_twice_gives_the_same_panels() {
        let (k, n) = (13, 21);
        let b = into_panels(&noise(k * n, 5), k, n);
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        transpose_panels(&b, k, n, &mut once);
        transpose_panels(&once, n, k, &mut twice);
        assert_eq!(b, twice);
        assert_eq!(once[4][2], b[2][4]);
    }
}
