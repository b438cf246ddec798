//! The scenario as JSON, with what is wrong by line.

use super::scenario::Draft;
use crate::scenario::{Scenario, ScenarioError, form::utf16_offset};
use leptos::{html::Textarea, prelude::*};

/// The text, which counts once it has been read. `pending` holds it where it differs from the draft.
#[component]
pub fn JsonView(draft: Draft, pending: RwSignal<Option<String>>, said: RwSignal<String>) -> impl IntoView {
    let node = NodeRef::<Textarea>::new();
    let text = pending.get_untracked().unwrap_or_else(|| draft.scenario.with_untracked(Scenario::to_json));
    let shown = RwSignal::new(text);
    // A file that was opened replaces what is shown.
    Effect::new(move |before: Option<()>| {
        let json = draft.scenario.with(Scenario::to_json);
        if before.is_some() && pending.with_untracked(Option::is_none) {
            shown.set(json);
        }
    });
    let wrong = RwSignal::new(None::<ScenarioError>);
    let check = move |text: String| match Scenario::from_json(&text) {
        Ok(_) => {
            wrong.set(None);
            said.set(String::new());
        }
        Err(e) => wrong.set(Some(e)),
    };
    let typed = move |ev: leptos::ev::Event| {
        let text = event_target_value(&ev);
        pending.set(Some(text.clone()));
        check(text);
    };
    let go = move |_| {
        let place = wrong.with_untracked(|w| w.as_ref().and_then(|e| e.place));
        if let (Some((line, column)), Some(area)) = (place, node.get_untracked()) {
            let at = u32::try_from(utf16_offset(&area.value(), line, column)).unwrap_or(u32::MAX);
            // A text area takes any selection.
            let _ = area.focus();
            let _ = area.set_selection_range(at, at);
        }
    };
    view! {
        <label class="json-label" for="scenario-json">"The scenario file. Changes count when you apply, save or go back to the form."</label>
        <textarea
            id="scenario-json"
            class="json"
            node_ref=node
            rows="18"
            spellcheck="false"
            autocomplete="off"
            aria-describedby="json-wrong"
            aria-invalid=move || wrong.with(Option::is_some).to_string()
            prop:value=shown
            on:input=typed
        ></textarea>
        <p id="json-wrong" class="form-wrong" role="alert">
            {move || {
                wrong
                    .get()
                    .map(|e| {
                        let jump = e.place.map(|(line, _)| {
                            view! { <button type="button" class="link" on:click=go>{format!("Go to line {line}")}</button> }
                        });
                        view! { {e.to_string()} " " {jump} }
                    })
            }}
        </p>
    }
}
