//! The keyboard: shortcuts that no field, button or dialog loses its keys to.

use super::{Engine, route::Route};
use crate::worker::Command;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The shortcuts, as the help lists them.
pub const SHORTCUTS: [(&str, &str); 6] = [
    ("Space", "Play or pause"),
    ("→", "One item on"),
    ("Shift + →", "One turn on"),
    ("←", "One item back"),
    ("R", "Reset on the same seed"),
    ("?", "This help"),
];

/// Whether the help is open.
#[derive(Clone, Copy)]
pub struct HelpOpen(pub RwSignal<bool>);

/// Listens for as long as the page is there; provides [`HelpOpen`].
pub fn listen(engine: Engine, route: Route) {
    let help = HelpOpen(RwSignal::new(false));
    provide_context(help);
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if !is_free(&event) {
            return;
        }
        let command = match (event.key().as_str(), event.shift_key()) {
            ("?", _) => {
                help.0.set(true);
                event.prevent_default();
                return;
            }
            // The other keys move the session, which nobody sees from another page.
            _ if !route.is_session_now() => return,
            (" ", false) => toggle(engine),
            ("ArrowRight", false) => Command::StepItem,
            ("ArrowRight", true) => Command::StepTurn,
            ("ArrowLeft", false) => Command::StepBack,
            ("r" | "R", _) => Command::Reset,
            _ => return,
        };
        event.prevent_default();
        if engine.now().is_some() {
            engine.send(command);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Play, or pause where it plays.
pub fn toggle(engine: Engine) -> Command {
    if engine.now().is_some_and(|s| s.playing) { Command::Pause } else { Command::Play }
}

/// Whether the key belongs to nobody: not to a field, a dialog or a menu; Space and Enter not to a button or link either.
fn is_free(event: &web_sys::KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return true };
    let inside = |selector: &str| target.closest(selector).ok().flatten().is_some();
    if inside(
        "input, select, textarea, [contenteditable], dialog, [role=slider], [role=menu], [role=listbox], [data-own-keys]",
    ) {
        return false;
    }
    event.key() != " " || !inside("button, a[href], summary, [role=button]")
}
