//! A native dialog that a signal opens and closes.

use leptos::{html::Dialog, prelude::*};
use std::sync::atomic::{AtomicU32, Ordering};

static MODALS: AtomicU32 = AtomicU32::new(0);

/// A dialog with a heading and a way out. Its content is there only while it is open, so that it costs nothing and starts
/// afresh each time.
#[component]
pub fn Modal(
    /// Whether it is open; Escape sets it too.
    open: RwSignal<bool>,
    /// What it is called.
    #[prop(into)]
    title: Signal<String>,
    /// For tests.
    testid: &'static str,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<Dialog>::new();
    let id = format!("modal-{}", MODALS.fetch_add(1, Ordering::Relaxed));
    let named = id.clone();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            // It fails only on a dialog outside the document; this one is in it.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog class="dialog modal" node_ref=node aria-labelledby=named data-testid=testid on:close=move |_| open.set(false)>
            <div class="modal-head">
                <h2 id=id>{title}</h2>
                <button type="button" class="btn icon-btn" aria-label="Close" on:click=move |_| open.set(false)>
                    <span aria-hidden="true">"✕"</span>
                </button>
            </div>
            <Show when=move || open.get()>{children()}</Show>
        </dialog>
    }
}
