//! One field of a scenario as a form shows it.

use super::scenario::Draft;
use crate::{
    recommender,
    scenario::{
        fields::{Field, Kind},
        form::limits,
    },
};
use leptos::prelude::*;

/// A field with its label, unit, limits and help, and what is wrong with it beside it.
#[component]
pub fn FieldRow(field: &'static Field, draft: Draft) -> impl IntoView {
    match field.kind {
        Kind::Numbers { .. } => view! { <NamedNumbers field=field draft=draft /> }.into_any(),
        _ => view! { <Single path=field.path.to_owned() field=field draft=draft /> }.into_any(),
    }
}

/// The element ids of a field, its help and its error.
fn ids(path: &str) -> (String, String, String) {
    let id: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    (format!("field-{id}"), format!("help-{id}"), format!("wrong-{id}"))
}

#[component]
fn Single(field: &'static Field, path: String, draft: Draft) -> impl IntoView {
    let (id, help, wrong) = ids(&path);
    let value = draft.text(path.clone());
    let error = draft.error(path.clone());
    let described = {
        let (help, wrong) = (help.clone(), wrong.clone());
        move || if error.get().is_some() { format!("{wrong} {help}") } else { help.clone() }
    };
    let set = {
        let path = path.clone();
        move |text: String| draft.set(&path, text)
    };
    let invalid = move || error.get().is_some().to_string();
    let options: Option<Vec<(String, String)>> = match (field.kind, field.path) {
        (Kind::Choice(options), _) => Some(options.iter().map(|(v, l)| ((*v).to_owned(), (*l).to_owned())).collect()),
        (_, "recommender.name") => Some(recommenders()),
        _ => None,
    };
    let control = match (options, field.kind) {
        (Some(options), _) => view! {
            <select
                id=id.clone()
                data-path=path
                aria-describedby=described
                aria-invalid=invalid
                prop:value=value
                on:change=move |ev| set(event_target_value(&ev))
            >
                {options
                    .into_iter()
                    .map(|(v, label)| {
                        let this = v.clone();
                        view! { <option value=v selected=move || value.get() == this>{label}</option> }
                    })
                    .collect_view()}
            </select>
        }
        .into_any(),
        (None, Kind::Flag) => view! {
            <input
                type="checkbox"
                id=id.clone()
                data-path=path
                aria-describedby=described
                prop:checked=move || value.get() == "true"
                on:change=move |ev| set(event_target_checked(&ev).to_string())
            />
        }
        .into_any(),
        (None, Kind::Text { most }) if most > 120 => view! {
            <textarea
                id=id.clone()
                data-path=path
                rows="2"
                aria-describedby=described
                aria-invalid=invalid
                prop:value=value
                on:change=move |ev| set(event_target_value(&ev))
            ></textarea>
        }
        .into_any(),
        (None, kind) => {
            let mode = if matches!(kind, Kind::Number { .. } | Kind::Numbers { .. }) { "decimal" } else { "text" };
            view! {
                <input
                    type="text"
                    id=id.clone()
                    data-path=path
                    inputmode=mode
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=described
                    aria-invalid=invalid
                    prop:value=value
                    on:change=move |ev| set(event_target_value(&ev))
                />
            }
            .into_any()
        }
    };
    let limits = limits(field);
    view! {
        <div class="form-row" class:wrong=move || error.get().is_some()>
            <label for=id>{field.label}</label>
            {control}
            {(!limits.is_empty()).then(|| view! { <span class="form-limits">{limits}</span> })}
            <p class="form-wrong" id=wrong role="alert">{move || error.get()}</p>
            <p class="form-help" id=help>{field.about}</p>
        </div>
    }
}

fn recommenders() -> Vec<(String, String)> {
    let title = |r: &recommender::Listing| {
        if r.is_oracle { format!("{} (sees the truth)", r.title) } else { r.title.to_owned() }
    };
    recommender::LIST.iter().map(|r| (r.name.to_owned(), title(r))).collect()
}

/// Numbers by name: interests by topic, settings by name. Those that are there can be changed or taken away, others added.
#[component]
fn NamedNumbers(field: &'static Field, draft: Draft) -> impl IntoView {
    let names = draft.names(field.base());
    let known = move || known_names(field.base(), draft);
    let adding = RwSignal::new(String::new());
    let base = field.base();
    let add = move || {
        let name = adding.get_untracked().trim().to_owned();
        if !name.is_empty() {
            let value = known_value(base, &name, draft);
            draft.set(&format!("{base}.{name}"), value);
            adding.set(String::new());
        }
    };
    let list = format!("names-{}", base.replace('.', "-"));
    let adder = format!("add-{}", base.replace('.', "-"));
    let row = move |name: String| {
        let path = format!("{base}.{name}");
        let gone = path.clone();
        let (id, _, wrong) = ids(&path);
        let value = draft.text(path.clone());
        let error = draft.error(path.clone());
        let remove = format!("Take away {name}");
        view! {
            <div class="form-named" class:wrong=move || error.get().is_some()>
                <label for=id.clone()>{name}</label>
                <input
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    id=id
                    data-path=path.clone()
                    aria-invalid=move || error.get().is_some().to_string()
                    aria-describedby=wrong.clone()
                    prop:value=value
                    on:change=move |ev| draft.set(&path, event_target_value(&ev))
                />
                <button type="button" class="btn icon-btn" aria-label=remove on:click=move |_| draft.set(&gone, String::new())>
                    <span aria-hidden="true">"✕"</span>
                </button>
                <p class="form-wrong" id=wrong role="alert">{move || error.get()}</p>
            </div>
        }
    };
    view! {
        <fieldset class="form-names">
            <legend>{field.label}" "<span class="form-limits">{limits(field)}</span></legend>
            <p class="form-help">{field.about}</p>
            <For each=move || names.get() key=Clone::clone children=row />
            <div class="form-named">
                <label for=adder.clone()>"Add"</label>
                <input
                    type="text"
                    id=adder
                    list=list.clone()
                    autocomplete="off"
                    placeholder="its name"
                    prop:value=adding
                    on:input=move |ev| adding.set(event_target_value(&ev))
                    on:keydown=move |ev| {
                        if ev.key() == "Enter" {
                            ev.prevent_default();
                            add();
                        }
                    }
                />
                <button type="button" class="btn icon-btn" aria-label="Add it" on:click=move |_| add()>
                    <span aria-hidden="true">"+"</span>
                </button>
                <datalist id=list>{move || known().into_iter().map(|n| view! { <option value=n></option> }).collect_view()}</datalist>
            </div>
        </fieldset>
    }
}

/// The settings of the recommender that the draft names.
fn settings(draft: Draft) -> &'static [recommender::Setting] {
    draft.scenario.with(|s| recommender::find(&s.recommender.name).map_or(&[][..], |r| r.settings))
}

fn known_names(base: &str, draft: Draft) -> Vec<String> {
    if base == "recommender.settings" {
        settings(draft).iter().map(|s| s.name.to_owned()).collect()
    } else {
        draft.topics.get_value()
    }
}

/// What a named number begins with.
fn known_value(base: &str, name: &str, draft: Draft) -> String {
    let default = settings(draft).iter().find(|s| base == "recommender.settings" && s.name == name);
    default.map_or_else(|| "0.5".to_owned(), |s| s.default.to_string())
}
