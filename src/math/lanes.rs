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

/// The inner products of eight vectors, laid out a dimension after another, with one; each is the very number of [`dot`].
#[inline]
#[must_use]
pub fn dots(columns: &[[f32; LANES]; DIM], b: &Vector) -> [f32; LANES] {
    let (low, high) = (half_dots(columns, 0, b), half_dots(columns, 1, b));
    core::array::from_fn(|l| if l < HALF { low[l] } else { high[l - HALF] })
}

/// What a register of WebAssembly holds.
const HALF: usize = LANES / 2;

/// Four of the eight: all that is needed for them fits into registers, which it does not for eight.
#[inline(never)]
fn half_dots(columns: &[[f32; LANES]; DIM], half: usize, b: &Vector) -> [f32; HALF] {
    let lane = |l: usize| {
        let mut acc = [0.0; HALF];
        for i in 0..DIM / LANES {
            let d = i * LANES + l;
            for (a, x) in acc.iter_mut().zip(columns[d].as_chunks::<HALF>().0[half]) {
                *a += x * b[d];
            }
        }
        acc
    };
    let both = |a: [f32; HALF], b: [f32; HALF]| {
        let mut out = a;
        for (o, b) in out.iter_mut().zip(b) {
            *o += b;
        }
        out
    };
    let even = both(both(lane(0), lane(4)), both(lane(2), lane(6)));
    both(even, both(both(lane(1), lane(5)), both(lane(3), lane(7))))
}

/// The sum of eight lanes, pairwise.
#[inline]
#[must_use]
pub fn sum(v: [f32; LANES]) -> f32 {
    ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))
}

/// `e^x` in eight lanes, for x in [-87, 88] (clamped outside): range reduction to |r| ≤ ln2/2 and a sixth-degree
/// polynomial (coefficients of Cephes' `expf`). Within 2 units in the last place of [`libm::expf`].
#[inline(always)]
#[must_use]
pub fn exp(x: [f32; LANES]) -> [f32; LANES] {
    const LN2_HI: f32 = 0.693_359_4;
    const LN2_LO: f32 = -2.121_944_4e-4;
    // Adding and taking away 1.5·2²³ rounds to the nearest integer without a call.
    const ROUND: f32 = 12_582_912.0;
    let mut out = [0.0; LANES];
    for l in 0..LANES {
        let v = x[l].clamp(-87.0, 88.0);
        let rounded = v * core::f32::consts::LOG2_E + ROUND;
        let n = rounded - ROUND;
        let r = v - n * LN2_HI - n * LN2_LO;
        let mut p = 1.987_569_1e-4;
        p = p * r + 1.398_2e-3;
        p = p * r + 8.333_452e-3;
        p = p * r + 4.166_579_6e-2;
        p = p * r + 1.666_666_5e-1;
        p = p * r + 0.5;
        let y = p * r * r + r + 1.0;
        // The integer stands in the low bits of the mantissa, which saves a conversion that saturates.
        let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127);
        out[l] = y * f32::from_bits(exponent << 23);
    }
    out
}

/// `tanh x` in eight lanes: the rational function x·P(x²)/Q(x²) that Eigen uses, x clamped to ±7.905 where it reaches 1.
/// Within 6e-7 of [`libm::tanhf`], and within [-1, 1].
#[inline]
#[must_use]
pub fn tanh(x: [f32; LANES]) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    for l in 0..LANES {
        let x = x[l].clamp(-7.905_311, 7.905_311);
        let z = x * x;
        let mut p = -2.760_768_5e-16;
        p = p * z + 2.000_188e-13;
        p = p * z - 8.604_672e-11;
        p = p * z + 5.122_297e-8;
        p = p * z + 1.485_722_4e-5;
        p = p * z + 6.372_619_3e-4;
        p = p * z + 4.893_524_6e-3;
        let mut q = 1.198_258_4e-6;
        q = q * z + 1.185_347_1e-4;
        q = q * z + 2.268_434_6e-3;
        q = q * z + 4.893_525e-3;
        out[l] = (x * p / q).clamp(-1.0, 1.0);
    }
    out
}

/// The natural logarithm in eight lanes, for positive normal numbers (below 2⁻¹²⁶ it gives about -87.3): the mantissa
/// brought to [√½, √2) and a ninth-degree polynomial (coefficients of Cephes' `logf`). Within 2e-7 of [`libm::logf`],
/// relative to the greater of the result and 1.
#[inline]
#[must_use]
pub fn ln(x: [f32; LANES]) -> [f32; LANES] {
    let mut out = [0.0; LANES];
    for l in 0..LANES {
        let bits = x[l].max(f32::MIN_POSITIVE).to_bits();
        // Takes √½ from the mantissa's place, so that the exponent turns over at √½ instead of at 1.
        let from = bits.wrapping_sub(0x3f35_04f3);
        let e = (from as i32 >> 23) as f32;
        let r = f32::from_bits((from & 0x007f_ffff) + 0x3f35_04f3) - 1.0;
        let z = r * r;
        let mut p = 7.037_683_6e-2;
        p = p * r - 1.151_461e-1;
        p = p * r + 1.167_699_9e-1;
        p = p * r - 1.242_014_1e-1;
        p = p * r + 1.424_932_3e-1;
        p = p * r - 1.666_805_8e-1;
        p = p * r + 2.000_071_4e-1;
        p = p * r - 2.499_999_4e-1;
        p = p * r + 3.333_333e-1;
        let y = p * r * z - 2.121_944_4e-4 * e - 0.5 * z;
        out[l] = r + y + 0.693_359_4 * e;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_inner_products_are_those_of_one_and_one() {
        let mut random = crate::math::Source::new(3).stream(crate::math::Purpose::Other);
        let mut draw = || core::array::from_fn(|_| random.normal());
        let (b, vectors): (Vector, [Vector; LANES]) = (draw(), core::array::from_fn(|_| draw()));
        let columns = core::array::from_fn(|i| vectors.map(|v| v[i]));
        assert_eq!(dots(&columns, &b).map(f32::to_bits), vectors.map(|v| dot(&v, &b).to_bits()));
    }

    #[test]
    fn lane_tanh_agrees_with_libm() {
        let mut worst = 0.0f32;
        for i in -120_000..120_000 {
            let x = i as f32 / 10_000.0;
            worst = worst.max((tanh([x; LANES])[5] - libm::tanhf(x)).abs());
        }
        assert!(worst < 6e-7, "error {worst}");
        assert_eq!(tanh([0.0; LANES]), [0.0; LANES]);
        assert_eq!(tanh([f32::INFINITY; LANES])[0], -tanh([f32::NEG_INFINITY; LANES])[0]);
        assert!(tanh([f32::NAN; LANES])[0].is_nan(), "an error must show, not vanish");
    }

    #[test]
    fn lane_ln_agrees_with_libm() {
        let mut x = 1e-37f32;
        while x < 1e37 {
            let (a, b) = (ln([x; LANES])[2], libm::logf(x));
            assert!((a - b).abs() < 2e-7 * b.abs().max(1.0), "{x}: {a} and {b}");
            x *= 1.0007;
        }
        assert_eq!(ln([1.0; LANES]), [0.0; LANES]);
    }

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
