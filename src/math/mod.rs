//! Numbers that are the same everywhere: vectors, fixed-order sums, transcendental functions and random streams.
//!
//! Natively and in WebAssembly the engine must give the same bytes, so nothing here (or anywhere in the engine) calls
//! the platform's `exp`, `ln`, `sin`, `tanh` or `powf`: [`libm`] computes them in software, and sums run in a fixed order.

pub mod decimal;
pub mod lanes;
pub mod order;
mod stream;

pub use stream::{Purpose, Source, Stream};

/// A digest of a text as 16 hexadecimal digits (FNV-1a, 64 bits): enough to tell one from another, not to withstand anybody.
#[must_use]
pub fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// The number of dimensions of tastes, mindsets and items.
pub const DIM: usize = 16;

/// A point in taste space.
pub type Vector = [f32; DIM];

/// The zero vector.
pub const ZERO: Vector = [0.0; DIM];

/// The inner product, summed in eight fixed lanes.
#[inline]
#[must_use]
pub fn dot(a: &Vector, b: &Vector) -> f32 {
    lanes::dot(a, b)
}

/// The Euclidean length.
#[must_use]
pub fn length(a: &Vector) -> f32 {
    dot(a, a).sqrt()
}

/// `a` scaled to length one; the zero vector stays as it is.
#[must_use]
pub fn unit(mut a: Vector) -> Vector {
    let n = length(&a);
    if n > 1e-12 {
        scale(&mut a, 1.0 / n);
    }
    a
}

/// Adds `k · b` to `a`.
#[inline]
pub fn add_scaled(a: &mut Vector, k: f32, b: &Vector) {
    for (x, y) in a.iter_mut().zip(b) {
        *x += k * y;
    }
}

/// Multiplies `a` by `k`.
#[inline]
pub fn scale(a: &mut Vector, k: f32) {
    for x in a {
        *x *= k;
    }
}

/// `e^x`: the very number of [`libm::expf`], by the same operations (FreeBSD's `e_expf.c`) where no case is special and
/// the power of two is a normal number, which saves two calls.
#[inline]
#[must_use]
pub fn exp(x: f32) -> f32 {
    let size = x.abs();
    if !(1.3e-4..87.0).contains(&size) {
        return libm::expf(x);
    }
    let half = if x < 0.0 { -0.5 } else { 0.5 };
    let k = if size > 0.346_573_6 { (core::f32::consts::LOG2_E * x + half) as i32 } else { 0 };
    let (hi, lo) = (x - k as f32 * 0.693_145_75, k as f32 * 1.428_606_8e-6);
    let r = hi - lo;
    let rr = r * r;
    let c = r - rr * (0.166_666_25 - rr * 2.766_733_4e-3);
    let y = 1.0 + (r * c / (2.0 - c) - lo + hi);
    y * f32::from_bits(((k + 127) as u32) << 23)
}

/// `x` within [0, `top`]. Numbers from 0 up are in the order of their bits, which compilers compare in lanes.
#[inline]
#[must_use]
pub fn limited(x: f32, top: f32) -> f32 {
    f32::from_bits((x.to_bits() as i32).max(0).min(top.to_bits() as i32) as u32)
}

/// The natural logarithm: the very number of [`libm::logf`], by the same operations (FreeBSD's `e_logf.c`) where no case is
/// special, which saves a call.
#[inline]
#[must_use]
pub fn ln(x: f32) -> f32 {
    if (f32::MIN_POSITIVE..=f32::MAX).contains(&x) { ln_of_normal(x) } else { libm::logf(x) }
}

/// [`ln`] for what is positive, normal and finite, without a branch, so that it may run in lanes.
#[inline(always)]
fn ln_of_normal(x: f32) -> f32 {
    // Takes √½ from the mantissa's place, so that the exponent turns over at √½ instead of at 1.
    let from = x.to_bits().wrapping_sub(0x3f35_04f3);
    let k = (from as i32 >> 23) as f32;
    let f = f32::from_bits((from & 0x007f_ffff) + 0x3f35_04f3) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let r = z * (0.666_666_6 + w * 0.284_987_87) + w * (0.400_009_72 + w * 0.242_790_79);
    let half = 0.5 * f * f;
    s * (half + r) + k * 9.058_001e-6 - half + f + k * 0.693_138_1
}

/// The greater number; `b` where neither is. WebAssembly has no instruction for [`f32::max`]: it calls a function, and loops
/// over lanes are taken apart.
#[inline]
#[must_use]
pub const fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The lesser number; `b` where neither is. As [`greater`].
#[inline]
#[must_use]
pub const fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The hyperbolic tangent.
#[inline]
#[must_use]
pub fn tanh(x: f32) -> f32 {
    libm::tanhf(x)
}

/// The logistic function `1 / (1 + e^-x)`, in (0, 1).
#[inline]
#[must_use]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The inverse of [`sigmoid`], for `p` in (0, 1).
#[must_use]
pub fn logit(p: f32) -> f32 {
    ln(p / (1.0 - p))
}

#[cfg(test)]
mod tests {
    #[test]
    fn limits_hold() {
        for (x, within) in [(-1e30, 0.0), (-0.0, 0.0), (0.0, 0.0), (1e-40, 1e-40), (2.5, 2.5), (3.5, 3.0)] {
            assert_eq!(super::limited(x, 3.0).to_bits(), f32::to_bits(within));
        }
    }

    #[test]
    fn the_logarithm_is_libm_s_bit_for_bit() {
        let seams = [f32::MIN_POSITIVE, 0.707_106_77, 1.0, core::f32::consts::SQRT_2, f32::MAX, 0.0, -1.0, f32::NAN]
            .map(f32::to_bits);
        let beside = seams.iter().flat_map(|&s| (-40..40).map(move |d| s.wrapping_add_signed(d)));
        for bits in (0..u32::MAX).step_by(499).chain(beside) {
            let x = f32::from_bits(bits);
            let (ours, theirs) = (super::ln(x), libm::logf(x));
            assert!(ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(), "{x:e}");
        }
    }

    #[test]
    fn the_exponential_is_libm_s_bit_for_bit() {
        // Every 499th number there is, of either sign, and those beside where a case begins.
        let seams = [1.3e-4, 87.0, 0.346_573_6, 1.039_720_8, 0.0, 88.8, f32::INFINITY, f32::NAN].map(f32::to_bits);
        let beside = seams.iter().flat_map(|&s| (-40..40).map(move |d| s.wrapping_add_signed(d)));
        for bits in (0..u32::MAX).step_by(499).chain(beside) {
            let x = f32::from_bits(bits);
            assert_eq!(super::exp(x).to_bits(), libm::expf(x).to_bits(), "{x:e}");
        }
    }
}
