//! The studio's pages: one line a page, by its path in `app::pages`.

use leptos::prelude::AnyView;

/// Draws a page, once.
pub type Draw = fn() -> AnyView;

/// The pages, by path.
pub const ALL: &[(&str, Draw)] = &[];
