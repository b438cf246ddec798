//! A trained policy, brought along as its file.

use crate::{
    learn::{algorithm::get_policy, files::Contents, serve::Served},
    worker::{import::bytes, runner::Serving},
};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What this kind of guest calls itself.
pub const KIND: &str = "policy";

/// A trained policy: what sits down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicySits {
    guest: String,
    /// What it is called: "PPO, trained on Bored on the commute".
    pub title: String,
    /// Its file, safetensors.
    #[serde(with = "bytes")]
    pub weights: Vec<u8>,
}

impl PolicySits {
    /// A policy from its file.
    #[must_use]
    pub fn new(title: String, weights: Vec<u8>) -> Self {
        Self { guest: KIND.into(), title, weights }
    }

    /// What sits down, as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fails only on keys that are not text, which the type does not have.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Makes the recommender that the policy is.
///
/// # Errors
/// In words what is wrong with the file.
pub fn make(json: &str) -> Result<Serving, String> {
    let sits: PolicySits = serde_json::from_str(json).map_err(|e| format!("the guest is not understood: {e}"))?;
    let file = Contents::from_bytes(&sits.weights).and_then(|file| get_policy(&file));
    let (_, policy) = file.map_err(|e| format!("The policy's file cannot be used: {e}."))?;
    let make = move |knowledge: &Rc<_>, world: &_| {
        let served = Served::new(policy.clone(), knowledge, world);
        served
            .map(|s| Box::new(s) as Box<_>)
            .map_err(|e| format!("{e}: only policies that were trained on a session scenario can serve a session."))
    };
    Ok(Serving { title: sits.title, make: Rc::new(make) })
}
