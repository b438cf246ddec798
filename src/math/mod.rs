//! Numbers that are the same everywhere: vectors, fixed-order sums, transcendental functions and random streams.
//!
//! Natively and in WebAssembly the engine must give the same bytes, so nothing here (or anywhere in the engine) calls
//! the platform's `exp`, `ln`, `sin`, `tanh` or `powf`: [`libm`] computes them in software, and sums run in a fixed order.

pub mod decimal;
pub mod lanes;
pub mod order;
mod stream;

pub use stream::{Purpose, Source, Stream};

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

/// `e^x`.
#[inline]
#[must_use]
pub fn exp(x: f32) -> f32 {
    libm::expf(x)
}

/// The natural logarithm.
#[inline]
#[must_use]
pub fn ln(x: f32) -> f32 {
    libm::logf(x)
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
