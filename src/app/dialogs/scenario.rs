//! The scenario editor: everything that defines a run, in a form made from the table of fields, or as JSON.

use super::{field::FieldRow, json::JsonView, modal::Modal};
use crate::{
    app::charts::save::{download, text_blob},
    chart::text::file_name,
    scenario::{
        CatalogSpec, FIELDS, Scenario,
        form::{PARTS, Part, at_its_field},
    },
};
use leptos::{html::Input, prelude::*, task::spawn_local};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// A scenario being edited. It always holds values that each field allows; what was typed and is not allowed is kept
/// beside it, with the reason.
#[derive(Clone, Copy)]
pub struct Draft {
    /// The scenario as far as it is right.
    pub scenario: RwSignal<Scenario>,
    /// What is not: path → what was typed, and what is wrong with it.
    wrong: RwSignal<BTreeMap<String, (String, String)>>,
    /// Topics of the present catalogue, to choose names from.
    pub topics: StoredValue<Vec<String>>,
}

/// Edits that were neither applied nor given up when the dialog closed (Escape does not ask): they are there again the next
/// time.
#[derive(Clone)]
struct Unfinished {
    scenario: Scenario,
    wrong: BTreeMap<String, (String, String)>,
    /// What was typed as JSON and not read yet.
    pending: Option<String>,
}

impl Draft {
    fn new(scenario: Scenario, topics: Vec<String>) -> Self {
        Self {
            scenario: RwSignal::new(scenario),
            wrong: RwSignal::new(BTreeMap::new()),
            topics: StoredValue::new(topics),
        }
    }

    /// Sets a field to what was typed.
    pub fn set(self, path: &str, text: String) {
        let mut next = self.scenario.get_untracked();
        match next.set(path, &text) {
            Ok(()) => {
                self.wrong.update(|w| drop(w.remove(path)));
                self.scenario.set(next);
            }
            Err(e) => self.wrong.update(|w| drop(w.insert(path.to_owned(), (text, at_its_field(&e))))),
        }
    }

    /// The text that a field shows: what was typed, where that is wrong.
    pub fn text(self, path: String) -> Memo<String> {
        Memo::new(move |_| {
            let typed = self.wrong.with(|w| w.get(&path).map(|(text, _)| text.clone()));
            typed.unwrap_or_else(|| self.scenario.with(|s| s.get(&path)).unwrap_or_default())
        })
    }

    /// What is wrong with a field.
    pub fn error(self, path: String) -> Memo<Option<String>> {
        Memo::new(move |_| self.wrong.with(|w| w.get(&path).map(|(_, why)| why.clone())))
    }

    /// The names within a field of named numbers, wrong ones included.
    pub fn names(self, base: &'static str) -> Memo<Vec<String>> {
        Memo::new(move |_| {
            let mut names: Vec<String> = self.scenario.with(|s| match base {
                "persona.interests" => s.persona.interests.keys().cloned().collect(),
                "recommender.settings" => s.recommender.settings.keys().cloned().collect(),
                _ => Vec::new(),
            });
            self.wrong.with(|w| {
                let within = w.keys().filter_map(|p| p.strip_prefix(base)?.strip_prefix('.'));
                names.extend(within.map(str::to_owned));
            });
            names.sort();
            names.dedup();
            names
        })
    }

    /// Takes another scenario in place of the one being edited.
    pub fn replace(self, scenario: Scenario) {
        self.wrong.set(BTreeMap::new());
        self.scenario.set(scenario);
    }

    /// The scenario if all of it is right, else why not; the reason also stands at its field.
    fn finished(self) -> Result<Scenario, String> {
        let wrong = self.wrong.with_untracked(BTreeMap::len);
        if wrong > 0 {
            let fields = crate::chart::text::count(wrong, "field");
            return Err(format!("{fields} must be mended first; each says why."));
        }
        let scenario = self.scenario.get_untracked();
        scenario.validate().map_err(|e| {
            let words = e.to_string();
            let shown = FIELDS.iter().any(|f| f.path == e.field);
            if shown {
                let typed = scenario.get(&e.field).unwrap_or_default();
                self.wrong.update(|w| drop(w.insert(e.field.clone(), (typed, at_its_field(&e)))));
            }
            words
        })?;
        Ok(scenario)
    }
}

/// The dialog. `on_apply` gets a scenario that is right in every field.
#[component]
pub fn ScenarioDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What to begin with, asked each time that it opens: the scenario, and the topics of its catalogue.
    #[prop(into)]
    begin: Callback<(), (Scenario, Vec<String>)>,
    /// Takes the result.
    #[prop(into)]
    on_apply: Callback<Scenario>,
) -> impl IntoView {
    let kept = StoredValue::new(None::<Unfinished>);
    view! {
        <Modal open=open title=Signal::stored("Edit the scenario".to_owned()) testid="scenario-dialog">
            {move || {
                let (scenario, topics) = begin.run(());
                view! { <Editor begun=scenario topics=topics kept=kept open=open on_apply=on_apply /> }
            }}
        </Modal>
    }
}

#[component]
fn Editor(
    /// The scenario being played.
    begun: Scenario,
    topics: Vec<String>,
    /// What was left unfinished the last time, and will be this time.
    kept: StoredValue<Option<Unfinished>>,
    open: RwSignal<bool>,
    on_apply: Callback<Scenario>,
) -> impl IntoView {
    let left = kept.get_value();
    kept.set_value(None);
    let draft = Draft::new(left.as_ref().map_or_else(|| begun.clone(), |l| l.scenario.clone()), topics);
    // What is typed in the JSON view counts only once it has been read.
    let pending = RwSignal::new(left.as_ref().and_then(|l| l.pending.clone()));
    let as_json = RwSignal::new(pending.with_untracked(Option::is_some));
    let is_left = RwSignal::new(left.is_some());
    let said = RwSignal::new(String::new());
    if let Some(left) = left {
        draft.wrong.set(left.wrong);
    }
    let form = NodeRef::<leptos::html::Form>::new();
    let begun = StoredValue::new(begun);
    let give_up = move || {
        draft.replace(begun.get_value());
        pending.set(None);
        is_left.set(false);
    };
    on_cleanup(move || {
        let now = Unfinished {
            scenario: draft.scenario.get_untracked(),
            wrong: draft.wrong.get_untracked(),
            pending: pending.get_untracked(),
        };
        let changed = now.pending.is_some() || !now.wrong.is_empty() || begun.with_value(|b| *b != now.scenario);
        kept.set_value(changed.then_some(now));
    });
    let take_pending = move || match pending.get_untracked() {
        None => true,
        Some(text) => match Scenario::from_json(&text) {
            Ok(scenario) => {
                pending.set(None);
                draft.replace(scenario);
                true
            }
            Err(e) => {
                said.set(e.to_string());
                false
            }
        },
    };
    let apply = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        if !take_pending() {
            return;
        }
        match draft.finished() {
            Ok(scenario) => {
                // Nothing is left to finish.
                give_up();
                open.set(false);
                on_apply.run(scenario);
            }
            Err(why) => {
                said.set(why);
                as_json.set(false);
                to_first_wrong(form);
            }
        }
    };
    let save = move |_| {
        if !take_pending() {
            return;
        }
        let saved = draft.finished().and_then(|s| {
            let short = s.id.rsplit('/').next().unwrap_or(&s.id).to_owned();
            let name = format!("{}.scenario.json", file_name(&short));
            download(&name, &text_blob(&s.to_json(), "application/json")?).map(|()| name)
        });
        said.set(saved.map_or_else(|why| format!("Not saved. {why}"), |name| format!("Saved {name}.")));
    };
    let switch = move |json: bool| {
        if json || take_pending() {
            as_json.set(json);
            said.set(String::new());
        }
    };
    let loaded = Callback::new(move |read: Result<Scenario, String>| match read {
        Ok(scenario) => {
            pending.set(None);
            said.set(format!("Opened “{}”.", scenario.title));
            draft.replace(scenario);
        }
        Err(why) => said.set(why),
    });
    view! {
        <form class="editor" node_ref=form on:submit=apply novalidate>
            <div class="modal-bar">
                <div class="tabs" role="group" aria-label="View">
                    <button type="button" aria-pressed=move || (!as_json.get()).to_string() on:click=move |_| switch(false)>"Form"</button>
                    <button type="button" aria-pressed=move || as_json.get().to_string() on:click=move |_| switch(true)>"JSON"</button>
                </div>
                <OpenScenario loaded=loaded />
                <button type="button" class="btn" on:click=save>"Save file"</button>
            </div>
            <Show when=move || is_left.get()>
                <p class="modal-said left" role="status">
                    "What you had not applied is here again. "
                    <button type="button" class="link" on:click=move |_| give_up()>"Begin from the scenario being played"</button>
                </p>
            </Show>
            <div class="modal-body" tabindex="-1">
                {move || {
                    if as_json.get() {
                        view! { <JsonView draft=draft pending=pending said=said /> }.into_any()
                    } else {
                        PARTS.iter().map(|p| view! { <PartOfForm part=p draft=draft /> }).collect_view().into_any()
                    }
                }}
            </div>
            <p class="modal-said" role="status">{said}</p>
            <div class="actions">
                <button
                    type="button"
                    class="btn"
                    on:click=move |_| {
                        give_up();
                        open.set(false);
                    }
                >
                    "Cancel"
                </button>
                <button type="submit" class="btn primary">"Apply and restart"</button>
            </div>
        </form>
    }
}

/// Moves focus to the first field that is wrong, its part opened.
fn to_first_wrong(form: NodeRef<leptos::html::Form>) {
    // The errors are drawn in the next turn of the loop.
    request_animation_frame(move || {
        let Some(form) = form.get_untracked() else { return };
        let Ok(Some(wrong)) = form.query_selector("[aria-invalid=true]") else { return };
        if let Ok(Some(part)) = wrong.closest("details") {
            // Setting an attribute of an element that is there does not fail.
            let _ = part.set_attribute("open", "");
        }
        if let Some(field) = wrong.dyn_ref::<web_sys::HtmlElement>() {
            let _ = field.focus();
        }
    });
}

#[component]
fn PartOfForm(part: &'static Part, draft: Draft) -> impl IntoView {
    let kind = Memo::new(move |_| {
        draft.scenario.with(|s| match s.catalog {
            CatalogSpec::Synthetic { .. } => "synthetic",
            CatalogSpec::Imported { .. } => "imported",
        })
    });
    let rows = move || {
        part.fields()
            .filter(|f| f.only_with().is_none_or(|k| k == kind.get()))
            .map(|f| view! { <FieldRow field=f draft=draft /> })
            .collect_view()
    };
    view! {
        <details class="form-part" open=part.open>
            <summary>{part.heading}</summary>
            <div class="form-rows">{rows}</div>
        </details>
    }
}

#[component]
fn OpenScenario(loaded: Callback<Result<Scenario, String>>) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let chosen = move |_| {
        let Some(field) = input.get_untracked() else { return };
        let Some(file) = field.files().and_then(|f| f.get(0)) else { return };
        // So that choosing the same file again is noticed.
        field.set_value("");
        spawn_local(async move {
            let read = read_scenario(&file).await.map_err(|why| format!("{} was not opened: {why}", file.name()));
            loaded.try_run(read);
        });
    };
    view! {
        <label class="btn file-btn">
            "Open file"
            <input type="file" accept=".json,application/json" node_ref=input data-testid="scenario-file" on:change=chosen />
        </label>
    }
}

async fn read_scenario(file: &web_sys::File) -> Result<Scenario, String> {
    if file.size() > crate::scenario::MOST_BYTES as f64 {
        return Err(format!("it has {} bytes; a scenario has at most {}.", file.size(), crate::scenario::MOST_BYTES));
    }
    let text = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text()).await;
    let text = text.ok().and_then(|t| t.as_string()).ok_or("the browser could not read it.")?;
    Scenario::from_json(&text).map_err(|e| e.to_string())
}
