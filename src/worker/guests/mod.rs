//! Who may sit down at the lab's session desk: one line a kind of guest.

pub mod policy;
pub mod remote;

use super::{model, runner::Sitting};
use serde::Deserialize;

/// What every guest says of itself first.
#[derive(Deserialize)]
struct Kind {
    guest: String,
}

/// Makes the guest that the JSON names.
///
/// # Errors
/// In words what is wrong with it.
pub fn make(json: &str) -> Result<Sitting, String> {
    let kind: Kind = serde_json::from_str(json).map_err(|e| format!("the guest is not understood: {e}"))?;
    Ok(match kind.guest.as_str() {
        remote::KIND => Sitting::Guest(Box::new(remote::make(json)?)),
        policy::KIND => Sitting::Serving(policy::make(json)?),
        _ => Sitting::Guest(model::make(json)?),
    })
}
