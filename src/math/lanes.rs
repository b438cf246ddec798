//! Kernels over fixed lanes: the same order of operations on every machine, and a shape that compilers vectorise.

use super::{DIM, Vector};

/// The number of lanes that sums run in.
pub const LANES: usize = 8;

/// The inner product in eight lanes, reduced pairwise in a fixed order.
#[inline]
#[must_use]
pub fn dot(a: &Vector, b: &Vector) -> f32 {
    let mut acc = [0.0f32; LANES];
    for i in 0..DIM / LANES {
        for l in 0..LANES {
            acc[l] += a[i * LANES + l] * b[i * LANES + l];
        }
    }
    sum(acc)
}

/// The sum of eight lanes, pairwise.
#[inline]
#[must_use]
pub fn sum(v: [f32; LANES]) -> f32 {
    ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))
}

/// `e^x` in eight lanes, for x in [-87, 88] (clamped outside): range reduction to |r| ≤ ln2/2 and a sixth-degree
/// polynomial (coefficients of Cephes' `expf`). Within 2 units in the last place of [`libm::expf`].
#[inline]
#[must_use]
pub fn exp(x: [f32; LANES]) -> [f32; LANES] {
    const LN2_HI: f32 = 0.693_359_4;
    const LN2_LO: f32 = -2.121_944_4e-4;
    // Adding and taking away 1.5·2²³ rounds to the nearest integer without a call.
    const ROUND: f32 = 12_582_912.0;
    let mut out = [0.0; LANES];
    for l in 0..LANES {
        let v = x[l].clamp(-87.0, 88.0);
        let n = (v * core::f32::consts::LOG2_E + ROUND) - ROUND;
        let r = v - n * LN2_HI - n * LN2_LO;
        let mut p = 1.987_569_1e-4;
        p = p * r + 1.398_2e-3;
        p = p * r + 8.333_452e-3;
        p = p * r + 4.166_579_6e-2;
        p = p * r + 1.666_666_5e-1;
        p = p * r + 0.5;
        let y = p * r * r + r + 1.0;
        out[l] = y * f32::from_bits(((n as i32 + 127) as u32) << 23);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lane_exp_agrees_with_libm() {
        let mut worst = 0.0f32;
        for i in -8700..8800 {
            let x = i as f32 / 100.0;
            let (a, b) = (exp([x; LANES])[3], libm::expf(x));
            worst = worst.max(((a - b) / b).abs());
        }
        assert!(worst < 2.4e-7, "relative error {worst}");
    }
}
