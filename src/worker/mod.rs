//! The worker's side of the page: what travels between them, and what runs the sessions.
//!
//! **The page owns no simulation state.** It sends [`Command`]s, the worker answers with [`Event`]s, and the newest
//! [`Snapshot`] is all that the page draws. Everything here is plain data and compiles natively, so it is tested there.

pub mod data;
pub mod guests;
pub mod import;
pub mod model;
pub mod protocol;
pub mod runner;
pub mod scores;
pub mod snapshot;
pub mod study;
pub mod train;
pub mod transport;

pub use import::{ImportCommand, ImportEvent};
pub use protocol::{Command, Event, Export, ForkChange, HumanAnswer, Save, Side, Speed};
pub use snapshot::Snapshot;
pub use study::{Comparison, Rollouts};
