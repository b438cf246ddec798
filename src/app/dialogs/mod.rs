//! Dialogs in which a session is set up: the scenario in a form or as JSON, one's own items and people.
//!
//! They are native `<dialog>`s: Escape closes them, and focus goes back to what opened them.

pub(super) mod feed;
mod field;
mod import;
mod json;
mod mapping;
mod modal;
mod scenario;

pub use import::{Brought, ImportDialog};
pub use modal::Modal;
pub use scenario::ScenarioDialog;
