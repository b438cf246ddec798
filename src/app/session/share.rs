//! A link to this very moment, and files out and in.

use super::super::{
    Engine, Toasts,
    between::{Dialog, ToStudio},
    lazy::Studio,
    store,
    toast::Tone,
};
use crate::{
    scenario::{CatalogSpec, format_plain_link},
    worker::{Command, Export, Snapshot},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Copies a link that opens the same bytes at the same moment.
#[component]
pub fn ShareButton() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let (toasts, studio) = (expect_context::<Toasts>(), expect_context::<Studio>());
    let share = move |_| {
        let Some(now) = engine.now() else { return };
        let lost = what_a_link_leaves_out(&now).to_owned();
        match format_plain_link(&now.scenario, now.cursor) {
            Some(query) => copy(&query, lost, toasts),
            // What was changed is told by the table of fields, which the studio has.
            None => studio.tell(ToStudio::Share(Box::new(now.scenario.clone()), now.cursor, lost)),
        }
    };
    view! { <button class="btn" data-testid="share" on:click=share>"Share link"</button> }
}

/// Copies a link of that query, and says so, with what it leaves out.
pub fn copy(query: &str, lost: String, toasts: Toasts) {
    let link = store::address(query);
    spawn_local(async move {
        let copied = JsFuture::from(window().navigator().clipboard().write_text(&link)).await;
        match copied {
            Ok(_) => toasts.show(Tone::Good, "The link is copied", &lost),
            Err(_) => toasts.show(Tone::Plain, "Copy this link", &link),
        }
    });
}

/// What does not travel in a link, said rather than passed over.
fn what_a_link_leaves_out(s: &Snapshot) -> &'static str {
    use crate::session::Author::{Model, Person};
    if matches!(s.scenario.catalog, CatalogSpec::Imported { .. }) {
        "The imported items do not travel in it: send their file along."
    } else if s.selected != 0 {
        "It opens the original at this moment: forks do not travel in a link. An exported run holds them."
    } else if s.answers_by == Model {
        "What a model answered does not travel in a link: save its tape, or export the run."
    } else if s.answers_by == Person {
        "What you answered yourself does not travel in a link: export the run to keep it."
    } else {
        ""
    }
}

/// Files out and in.
#[component]
pub fn FileMenu() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let studio = expect_context::<Studio>();
    let files = [
        ("Run with every cause (JSON)", Export::RunJson, "export-run"),
        ("Turns (CSV)", Export::TurnsCsv, "export-turns"),
        ("Items with reasons (CSV)", Export::ItemsCsv, "export-items"),
        ("Scenario (JSON)", Export::ScenarioJson, "export-scenario"),
        ("Comparison over seeds (CSV)", Export::RolloutsCsv, "export-rollouts"),
    ];
    let menu = NodeRef::<leptos::html::Details>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    // Focus goes back to what had it when a dialog opened; a button in a closed menu could not take it.
    let open_dialog = move |dialog: Dialog| {
        let summary = menu.get_untracked().and_then(|m| m.query_selector("summary").ok().flatten());
        if let Some(summary) = summary.and_then(|s| s.dyn_into::<web_sys::HtmlElement>().ok()) {
            // An element in sight takes focus.
            let _ = summary.focus();
        }
        close();
        studio.ask(dialog);
    };
    let escape = move |ev: leptos::ev::KeyboardEvent| {
        if ev.key() == "Escape" {
            ev.prevent_default();
            close();
        }
    };
    view! {
        <details class="menu" node_ref=menu on:keydown=escape>
            <summary class="btn" data-testid="files">"Files "<span aria-hidden="true">"▾"</span></summary>
            <div class="menu-list">
                <span class="menu-title">"Save"</span>
                {files
                    .into_iter()
                    .map(|(label, what, testid)| {
                        view! {
                            <button
                                data-testid=testid
                                on:click=move |_| {
                                    engine.send(Command::Export(what));
                                    close();
                                }
                            >
                                {label}
                            </button>
                        }
                    })
                    .collect_view()}
                <hr />
                <span class="menu-title">"Open, or make your own"</span>
                <OpenFile close=close />
                <button data-testid="edit-scenario" on:click=move |_| open_dialog(Dialog::Scenario)>"Edit the scenario …"</button>
                <button data-testid="import" on:click=move |_| open_dialog(Dialog::Import)>"Bring your own items or people …"</button>
            </div>
        </details>
    }
}

#[component]
fn OpenFile(close: impl Fn() + Copy + 'static) -> impl IntoView {
    let (studio, toasts) = (expect_context::<Studio>(), expect_context::<Toasts>());
    let input = NodeRef::<leptos::html::Input>::new();
    let chosen = move |_| {
        let Some(field) = input.get_untracked() else { return };
        let Some(file) = field.files().and_then(|f| f.get(0)) else { return };
        spawn_local(async move {
            let text = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text()).await;
            match text.ok().and_then(|t| t.as_string()) {
                Some(text) => studio.tell(ToStudio::ReadFile(text)),
                None => toasts.show(Tone::Bad, "The file was not opened", "The browser could not read it."),
            }
        });
        // So that choosing the same file again is noticed.
        field.set_value("");
        close();
    };
    view! {
        <label class="file">
            "Open a run or scenario …"
            <input type="file" accept=".json,application/json" node_ref=input data-testid="open-file" on:change=chosen />
        </label>
    }
}
