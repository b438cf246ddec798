//! A language model in the guest's seat of the lab's session desk: what travels between it and the page, and the guest.
//!
//! The guest makes no calls. It hands each to the page, which holds the key and the network (or the model in the tab), and
//! takes what came back. So the key is never in the worker, and all of this is tested natively.

mod guest;

use crate::llm::{
    budget::{Budget, Spent},
    chat::Reply,
    dialect::Dialect,
    driver::{Held, Tally},
    failure::Finding,
    fault::{Fault, Retry},
    prompt::Part,
    settings::Settings,
    tape::Tape,
    task::Purposed,
};
use crate::{session::Interview, worker::runner::Guest};
use serde::{Deserialize, Serialize};

pub use guest::ModelGuest;

/// What sits down: the first thing that the worker hears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "guest", rename_all = "kebab-case")]
pub enum Sits {
    /// A language model that the page calls.
    Model(Box<ModelSits>),
    /// A tape in the place of a model; nothing is called.
    Tape(Box<Tape>),
    /// A tape first, and after its last exchange the model.
    Resumed(Box<Resumed>),
}

/// A session that goes on where its tape ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resumed {
    /// Who goes on; it takes part as the tape says, within its own budget, tries and time.
    pub model: ModelSits,
    /// What was exchanged so far.
    pub tape: Tape,
}

/// A language model that the page calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelSits {
    /// The model's name, as the server is asked for it.
    pub model: String,
    /// What the server understands.
    pub dialect: Dialect,
    /// Whether answers are streamed.
    pub stream: bool,
    /// How it takes part.
    pub settings: Settings,
}

/// What the page tells the guest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "kebab-case")]
pub enum Tell {
    /// What a call brought, the key taken out.
    Reply {
        /// The call's number.
        id: u32,
        /// The reply or the fault.
        outcome: Result<Reply, Fault>,
        /// How long it took, ms.
        ms: u64,
    },
    /// Goes on after it stood still.
    Resume,
    /// The built-in side answers the turn that it stands still at.
    Builtin,
    /// Drops the call being made; the session pauses.
    Cancel,
    /// Another budget, or other tries.
    Limits {
        /// The budget.
        budget: Budget,
        /// The tries.
        retry: Retry,
    },
    /// Takes part otherwise: the session begins anew.
    Settings(Box<Settings>),
    /// The tape, please.
    Tape,
    /// The same, to be kept against a reload: nothing where there is none that plays again.
    Keep,
}

/// A call that the page makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calling {
    /// Its number.
    pub id: u32,
    /// What it is for.
    pub purpose: Purposed,
    /// The turn, from 0.
    pub turn: u32,
    /// The body to send to `…/chat/completions`, as JSON.
    pub body: String,
    /// The time allowed, ms.
    pub timeout_ms: u64,
    /// The prompt part by part.
    pub parts: Vec<Part>,
}

/// How the guest is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The model.
    pub model: String,
    /// Whether it plays from a tape.
    pub taped: bool,
    /// Whether it plays the user, and whether it recommends.
    pub sides: (bool, bool),
    /// The call that is being made: its number, purpose and turn.
    pub call: Option<(u32, Purposed, u32)>,
    /// Why it stands still, if it does.
    pub held: Option<Held>,
    /// It tries again after this many ms, counted from when this was told.
    pub again_ms: Option<u64>,
    /// As the user.
    pub user: Tally,
    /// As the recommender.
    pub recommender: Tally,
    /// Spent so far.
    pub spent: Spent,
    /// What the rest of the session will take at the most (all turns that are left), from what was measured.
    pub rest: Option<Spent>,
    /// Whether the session is over, and nothing more is asked.
    pub over: bool,
    /// What the user said afterwards.
    pub interview: Option<Interview>,
    /// Named failures found in the session.
    pub findings: Vec<Finding>,
    /// Exchanges on the tape.
    pub exchanges: usize,
    /// Why the tape cannot play the session again; empty where it can.
    pub tape_is_broken: String,
}

/// What the guest tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "kebab-case")]
pub enum Says {
    /// Make this call.
    Call(Box<Calling>),
    /// Stop making this call: nobody waits for it.
    Drop {
        /// Its number.
        id: u32,
    },
    /// How it is.
    Standing(Box<Standing>),
    /// The tape as a file.
    Tape {
        /// The file's text.
        text: String,
    },
    /// The same, to be kept.
    Kept {
        /// The file's text.
        text: String,
    },
}

/// Makes the guest that the JSON names.
///
/// # Errors
/// In words what is wrong with it.
pub fn make(json: &str) -> Result<Box<dyn Guest>, String> {
    let sits: Sits = serde_json::from_str(json).map_err(|e| format!("the guest is not understood: {e}"))?;
    Ok(match sits {
        Sits::Model(model) => Box::new(ModelGuest::new(*model)),
        Sits::Tape(tape) => Box::new(ModelGuest::from_tape(*tape)),
        Sits::Resumed(resumed) => Box::new(ModelGuest::resumed(*resumed)),
    })
}
