//! Small neural networks: matrix products in fixed lanes, a multilayer perceptron with its gradient, Adam.
//!
//! **The same numbers in give the same bits out, natively and in the browser, whatever the batch is cut into.** Every
//! element of a product is summed in the order of the inner index, multiplication and addition apart (no fused
//! multiply-add), so vectorising changes nothing.
//!
//! Rows are padded with zeros to a multiple of [`LANES`](crate::math::lanes::LANES), so no kernel has an edge.

mod adam;
mod init;
mod matmul;
mod mlp;

pub use adam::{Adam, clip_norm};
pub use init::orthogonal;
pub use matmul::{Panels, columns, into_panels, outer, rows_by_panels, transpose_panels};
pub use mlp::{Mlp, Tape};

use crate::math::lanes::LANES;

/// `n` rounded up to whole lanes.
#[must_use]
pub const fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}
