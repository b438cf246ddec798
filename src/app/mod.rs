//! The page: it sends commands to the worker and draws the newest snapshot. It owns no simulation state.

mod bench;
mod between;
mod engine;
mod format;
mod frame;
mod help;
mod keep;
mod keys;
mod lazy;
mod lost;
mod pages;
mod route;
mod session;
mod store;
mod theme;
mod toast;
mod work;

pub use engine::Engine;
pub use toast::Toasts;
pub use work::lab;

pub mod charts;
pub mod dialogs;
pub mod studio;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The two doors of the first load's program, which is fetched and compiled once for both: in a worker it runs the session,
/// elsewhere it is the page.
pub fn start() {
    if js_sys::global().is_instance_of::<web_sys::DedicatedWorkerGlobalScope>() { work::work() } else { mount() }
}

/// Puts the page into the document.
fn mount() {
    console_error_panic_hook::set_once();
    mount_to_body(Root);
}

/// What is there once and for all: the engine, the toasts, the frame about the page.
#[component]
fn Root() -> impl IntoView {
    theme::start();
    let toasts = Toasts::default();
    provide_context(toasts);
    let engine = Engine::start(toasts, bench::is_asked());
    provide_context(engine);
    let route = route::start(engine, toasts);
    keys::listen(engine, route);
    let studio = lazy::Studio::start(engine, route, toasts);
    view! {
        <frame::Header />
        <main id="main" tabindex="-1">
            // Hidden, not gone, while another page is looked at: the session goes on being there.
            <div hidden=move || !route.is_session()>
                <h1 class="out-of-sight">"A recommender and its user, live"</h1>
                <lost::Banner />
                <Show when=move || engine.is_shown() fallback=frame::Starting>
                    <session::Session />
                </Show>
            </div>
            <lazy::StudioPlace studio=studio />
        </main>
        <toast::Toasts />
        <toast::Announcer />
        <help::Help />
        <bench::Bench />
    }
}
