//! The studio's pages: one line a page, by its path in `app::pages`.

mod data;
mod hosts;
pub mod models;
mod train;
mod web;

use leptos::prelude::{AnyView, IntoAny, view};

/// Draws a page, once.
pub type Draw = fn() -> AnyView;

/// The pages, by path.
pub const ALL: &[(&str, Draw)] =
    &[("data", data::draw), ("models", models::draw), ("train", || view! { <train::Train /> }.into_any())];
