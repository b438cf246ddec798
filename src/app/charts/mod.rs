//! Charts on the page: [`Figure`] draws any [`Chart`](crate::chart::Chart), with its readings, its table and its files.

mod draw;
mod figure;
pub mod js;
pub mod save;
mod size;

pub use figure::{Figure, Shared, shared};
