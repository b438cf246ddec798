//! The page: it sends commands to the worker and draws the newest snapshot. It owns no simulation state.

mod bench;
mod engine;
mod format;
mod frame;
mod help;
mod keep;
mod keys;
mod lost;
mod session;
mod store;
mod theme;
mod toast;
mod work;

pub use engine::Engine;
pub use toast::Toasts;
pub use work::work;

pub mod charts;
pub mod dialogs;

use leptos::prelude::*;

/// Puts the page into the document.
pub fn mount() {
    console_error_panic_hook::set_once();
    mount_to_body(Root);
}

/// What is there once and for all: the engine, the toasts, the frame about the page.
#[component]
fn Root() -> impl IntoView {
    theme::start();
    let toasts = Toasts::default();
    provide_context(toasts);
    let engine = Engine::start(toasts);
    provide_context(engine);
    keys::listen(engine);
    view! {
        <frame::Header />
        <main id="main" tabindex="-1">
            <h1 class="out-of-sight">"A recommender and its user, live"</h1>
            <lost::Banner />
            <Show when=move || engine.is_shown() fallback=frame::Starting>
                <session::Session />
            </Show>
        </main>
        <toast::Toasts />
        <toast::Announcer />
        <help::Help />
        <bench::Bench />
    }
}
