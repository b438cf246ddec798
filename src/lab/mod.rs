//! Many sessions: their statistics, comparisons on the same seeds, exports and the workloads that are timed.

pub mod bench;
pub mod export;
pub mod growth;
mod published;
pub mod representations;
mod rollout;
mod stats;
pub mod understanding;

pub use published::{PUBLISHED_MEASURES, Published};
pub use rollout::{Compared, Comparison, MEASURES, MOST_EPISODES, Measure, Outcome, Rollout, Summary, play};
pub use stats::{Estimate, Welford, paired, t_975};
