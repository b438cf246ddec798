//! What the tests of language models share.
#![allow(dead_code)]

pub mod fake;
pub mod fault_server;
pub mod stage;
pub mod willing;
