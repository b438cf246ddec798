//! The dialogs in which a session is set up: the scenario in a form, one's own items and people.

use super::{
    super::{
        Engine, Toasts,
        dialogs::{Brought, ImportDialog, ScenarioDialog},
        toast::Tone,
    },
    Open,
};
use crate::{
    scenario::{CatalogSpec, Scenario, registry},
    worker::Command,
};
use leptos::prelude::*;

/// Both dialogs, closed until asked for.
#[component]
pub fn SetupDialogs() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let toasts = expect_context::<Toasts>();
    let open = expect_context::<Open>();
    let begin = Callback::new(move |()| match engine.now() {
        Some(s) => (s.scenario.clone(), s.topics.iter().map(|t| t.name.clone()).collect()),
        None => (registry::default_preset(), Vec::new()),
    });
    let apply = Callback::new(move |scenario: Scenario| engine.open(scenario));
    let brought = Callback::new(move |brought: Brought| {
        let Some(mut scenario) = engine.now().map(|s| s.scenario.clone()) else { return };
        match brought {
            Brought::Items { name, digest, count } => {
                // Fewer items than a slate or a draw needs are no reason to fail: all of them are shown then.
                scenario.slate_size = scenario.slate_size.min(count.max(1));
                if scenario.candidates > count {
                    scenario.candidates = 0;
                }
                toasts.show(Tone::Good, &format!("{count} items from {name}"), "The user now chooses among them.");
                engine.suit(&mut scenario);
                scenario.catalog = CatalogSpec::Imported { name, digest };
            }
            Brought::Person(person) => (scenario.profile, scenario.persona) = (person.profile, person.persona),
        }
        engine.open(scenario);
    });
    view! {
        <ScenarioDialog open=open.edit begin=begin on_apply=apply />
        <ImportDialog
            open=open.import
            send=Callback::new(move |c| engine.send(Command::Import(c)))
            heard=engine.import
            on_brought=brought
        />
    }
}
