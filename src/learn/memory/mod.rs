//! The learned memory: what a recommender can know of a user's importance weights and mindset from a log alone.
//!
//! **Nothing here reads hidden state.** The model is fitted by maximum likelihood of the next action (an examined item is
//! opened or skipped) from observed fields; items that were never reached are censored. [`judge`] alone looks at what a
//! simulation hides, to say how near the estimate comes. Equations: [`model`]; what is compared: [`weights::Variant`];
//! whose logs: [`process`]; the file: [`file`].

pub mod data;
pub mod file;
pub mod judge;
pub mod model;
pub mod process;
pub mod shipped;
pub mod study;
#[cfg(test)]
mod tests;
pub mod train;
pub mod weights;

/// How many observed numbers beside memory bear on opening an item: 1, its page (declared topic, length, excess length,
/// rating, no rating, popularity, loud title, mood in 5), its creator (liking, exposures), position, skips in a row, turn,
/// time spent, whether the user spoke.
pub const NUISANCES: usize = 20;
