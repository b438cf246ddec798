//! How the page and its worker talk: a plain-text handshake first, then structured messages.
//!
//! The page holds a [`Bridge`], the worker calls [`serve`] with a [`Handler`]. Nothing here knows
//! what is said; the commands and events are the two type parameters.
//!
//! A static host may serve a worker of yesterday to a page of today. So the worker's address bears
//! the [`BUILD_ID`], and its first message is text that names the build: only when both sides are
//! of one build is anything decoded.

mod handshake;
mod kept;
mod pack;

#[cfg(target_arch = "wasm32")]
mod bridge;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod wire;

pub use handshake::{Hello, Lost};
pub use kept::{keep, take_kept};
pub use pack::{pack, unpack};

#[cfg(target_arch = "wasm32")]
pub use bridge::{Bridge, Program, SendError, SpawnError};
#[cfg(target_arch = "wasm32")]
pub use host::{Handler, Next, Outbox, desk, now_ms, serve};
#[cfg(target_arch = "wasm32")]
pub use wire::{from_bytes, from_js, to_bytes, to_js};

/// Names the sources that this program was built from; the same in a page and its worker.
/// `dev` when built without `cargo xtask`.
pub const BUILD_ID: &str = match option_env!("RECOWORLD_BUILD_ID") {
    Some(id) => id,
    None => "dev",
};
