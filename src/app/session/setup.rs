//! What the session is made of: scenario, sides, recommender, instructions, seed; sharing and files.

use super::{
    super::Engine,
    card::{is_phone, maybe, word},
    share::{FileMenu, ShareButton},
};
use crate::{
    recommender::{self, TRAINED},
    scenario::{RecommenderSpec, registry},
    worker::{Command, protocol::Side},
};
use leptos::prelude::*;

/// The fields in a row; on a phone behind a heading.
#[component]
pub fn SetupBar() -> impl IntoView {
    view! {
        <details class="bar setup-bar" open=!is_phone()>
            <summary class="narrow-only">"Scenario, sides and files"</summary>
            <div class="setup">
                <ScenarioField />
                <SideField label="User played by" builtin="Built-in model" of=|s| s.user_by set=Command::PlayUser testid="user-by" />
                <RecommenderField />
                <SideField label="Slates composed by" builtin="The recommender" of=|s| s.slate_by set=Command::PlayRecommender testid="slate-by" />
                <InstructionsField />
                <SeedField />
                <span class="grow"></span>
                <ShareButton />
                <FileMenu />
            </div>
        </details>
    }
}

#[component]
fn ScenarioField() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let presets = StoredValue::new(registry::presets());
    let current = engine.part(|s| (s.scenario.id.clone(), s.scenario.title.clone()));
    let about = engine.part(|s| s.scenario.about.chars().take(300).collect::<String>());
    let choose = move |ev: leptos::ev::Event| {
        let id = event_target_value(&ev);
        if let Some(scenario) = presets.with_value(|p| p.iter().find(|s| s.id == id).cloned()) {
            engine.send(Command::Open(Box::new(scenario)));
        }
    };
    let own = move || {
        let (id, title) = current.get();
        let known = presets.with_value(|p| p.iter().any(|s| s.id == id));
        (!known).then(|| view! { <option value=id selected>{title}</option> }.into_any())
    };
    view! {
        <label class="field" title=about>
            <small>"Scenario"</small>
            <select on:change=choose prop:value=move || current.get().0 data-testid="scenario">
                {maybe(own)}
                {presets
                    .get_value()
                    .into_iter()
                    .map(|s| view! { <option value=s.id>{s.title}</option> })
                    .collect_view()}
            </select>
        </label>
    }
}

#[component]
fn SideField(
    label: &'static str,
    builtin: &'static str,
    of: fn(&crate::worker::Snapshot) -> Side,
    set: fn(Side) -> Command,
    testid: &'static str,
) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let side = engine.part(of);
    let choose = move |ev: leptos::ev::Event| {
        let side = match event_target_value(&ev).as_str() {
            "person" => Side::Person,
            "guest" => Side::Guest,
            _ => Side::Builtin,
        };
        engine.send(set(side));
    };
    let value = move || match side.get() {
        Side::Person => "person",
        Side::Guest => "guest",
        Side::Builtin => "builtin",
    };
    let guest = move || {
        engine.guest().filter(|g| g.serves.is_none()).map(|g| {
            view! { <option value="guest" selected=move || side.get() == Side::Guest>{g.name}</option> }.into_any()
        })
    };
    view! {
        <label class="field">
            <small>{label}</small>
            <select on:change=choose prop:value=value data-testid=testid>
                <option value="builtin">{builtin}</option>
                <option value="person">"You"</option>
                {maybe(guest)}
            </select>
        </label>
    }
}

#[component]
fn RecommenderField() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let current = engine.part(|s| s.scenario.recommender.name.clone());
    let about = move || current.with(|name| recommender::find(name).map_or("", |r| r.about));
    let choose = move |ev: leptos::ev::Event| {
        let name = event_target_value(&ev);
        engine.send(Command::SetRecommender(RecommenderSpec { name, settings: Default::default() }));
    };
    view! {
        <label class="field" title=about>
            <small>"Recommender"</small>
            <select on:change=choose prop:value=current data-testid="recommender">
                <RecommenderOptions />
            </select>
        </label>
    }
}

/// All recommenders, the oracle marked as one, and the one that was brought along.
#[component]
pub fn RecommenderOptions() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let listed = recommender::LIST.iter().map(|r| {
        let title = if r.is_oracle { format!("{} (sees the truth)", r.title) } else { r.title.to_owned() };
        view! { <option value=r.name>{title}</option> }
    });
    // It stays as long as the session has it: without its option the field would show another's name.
    let serves = engine.part(|s| s.scenario.recommender.name == TRAINED);
    let title = Memo::new(move |before: Option<&Option<String>>| {
        engine.serving().or_else(|| before.cloned().flatten().filter(|_| serves.get()))
    });
    let brought = move || title.get().map(|title| view! { <option value=TRAINED>{title}</option> }.into_any());
    view! {
        {listed.collect_view()}
        {maybe(brought)}
    }
}

#[component]
fn InstructionsField() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let on = engine.part(|s| s.scenario.instructions);
    view! {
        <label class="field switch" title="Whether what the user asks for reaches the recommender">
            <small>"Instructions"</small>
            <span>
                <input
                    type="checkbox"
                    prop:checked=on
                    data-testid="instructions"
                    on:change=move |ev| engine.send(Command::SetInstructions(event_target_checked(&ev)))
                />
                {word(move || if on.get() { "heard" } else { "not heard" })}
            </span>
        </label>
    }
}

#[component]
fn SeedField() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let seed = engine.part(|s| s.scenario.seed.clone());
    let change = move |ev: leptos::ev::Event| {
        let wanted = event_target_value(&ev).trim().to_owned();
        // The field shows the seed in force; where the one that is wanted comes into force, it comes back with it.
        event_target::<web_sys::HtmlInputElement>(&ev).set_value(&seed.get_untracked());
        if !wanted.is_empty() && engine.now().is_some_and(|s| s.scenario.seed != wanted) {
            engine.send(Command::SetSeed(wanted));
        }
    };
    // A seed that people can read out: luck for the simulation comes from it, not from here.
    let draw = move |_| engine.send(Command::SetSeed(((js_sys::Math::random() * 1e6) as u32).to_string()));
    view! {
        <label class="field seed">
            <small>"Seed"</small>
            <input type="text" inputmode="numeric" maxlength="20" autocomplete="off" class="num" prop:value=seed data-testid="seed" on:change=change />
        </label>
        <button class="btn icon-btn" title="Another seed" aria-label="Another seed" data-testid="new-seed" on:click=draw>
            <span aria-hidden="true">"⚂"</span>
        </button>
    }
}
