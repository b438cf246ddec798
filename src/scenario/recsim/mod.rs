//! Three published environments, with the dynamics of google-research/recsim 0.2.4 (Ie, Hsu, Mladenov, Jain, Narvekar,
//! Wang, Wu and Boutilier, "RecSim: A Configurable Simulation Platform for Recommender Systems", 2019): what is built
//! here can be checked against what others have measured.
//!
//! ```
//! use recoworld::{learn::task::{Task, View}, scenario::recsim::Spec};
//! let mut spec = Spec::find("recsim/LongTermSatisfaction-v0").expect("recsim's")?;
//! spec.set("sensitivity", "0.3")?;
//! let (mut task, mut view) = (spec.task(), View::default());
//! task.reset(7, &mut view);
//! let mut total = 0.0;
//! loop {
//!     let outcome = task.step(&[0, 1], &mut view);
//!     total += outcome.reward;
//!     if outcome.terminated || outcome.truncated {
//!         break;
//!     }
//! }
//! assert!(total > 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **What RecSim hides stays hidden**: the time budget, the net positive exposure and the satisfaction, a user's
//! affinities. Two things differ on purpose. RecSim tells a video's quality in the response to it; here it stands beside
//! the topic from the start (the topic gives it away but for a standard deviation of 0.1), since the published agents
//! that rank by quality need it. And what RecSim never ends, or ends when a budget happens to run out, is cut off at a
//! stated horizon.

mod agents;
mod env;
mod evolution;
mod exploration;
mod model;
mod satisfaction;
mod seen;
mod spec;

pub use agents::{Agent, Listing, agents};
pub use env::{Document, Observation, RecsimEnv, Response};
pub use model::Model;
pub use seen::Seen;
pub use spec::{Family, Spec};
