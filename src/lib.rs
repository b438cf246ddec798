//! RecoWorld: a simulated user and an agentic recommender meet over many turns.

// What a small program leaves out uses things that nothing else does.
#![cfg_attr(not(feature = "whole"), allow(dead_code, unused_imports))]

#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod catalog;
pub mod chart;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod lab;
pub mod learn;
pub mod llm;
pub mod math;
pub mod recommender;
pub mod scenario;
pub mod session;
pub mod user;
pub mod worker;

/// The table of pages, tested where tests are quick.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "app/pages.rs"]
mod pages;
