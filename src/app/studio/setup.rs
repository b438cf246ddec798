//! The dialogs in which a session is set up: the scenario in a form, one's own items and people. The session itself is the
//! main program's; what is chosen here goes there.

use super::read;
use crate::{
    app::{
        Toasts,
        between::{self, Dialog, ToMain},
        dialogs::{Brought, ImportDialog, ScenarioDialog},
        toast::Tone,
    },
    scenario::{CatalogSpec, Scenario, registry},
    worker::ImportEvent,
};
use leptos::prelude::*;

/// What the dialogs begin with and hear. Copies share it.
#[derive(Clone, Copy)]
pub struct Setup {
    edit: RwSignal<bool>,
    import: RwSignal<bool>,
    /// The scenario of the Session page, which a dialog hides while it is open.
    scenario: StoredValue<Scenario>,
    topics: StoredValue<Vec<String>>,
    /// The last word about an import.
    pub heard: RwSignal<Option<ImportEvent>>,
    toasts: Toasts,
}

impl Setup {
    /// Both dialogs closed.
    pub fn new(toasts: Toasts) -> Self {
        Self {
            edit: RwSignal::new(false),
            import: RwSignal::new(false),
            scenario: StoredValue::new(registry::default_preset()),
            topics: StoredValue::new(Vec::new()),
            heard: RwSignal::new(None),
            toasts,
        }
    }

    /// Opens a dialog on a scenario.
    pub fn open(self, which: Dialog, scenario: Scenario, topics: Vec<String>) {
        self.scenario.set_value(scenario);
        self.topics.set_value(topics);
        match which {
            Dialog::Scenario => self.edit.set(true),
            Dialog::Import => self.import.set(true),
        }
    }

    /// A session on what was brought.
    fn take(self, brought: Brought) {
        let mut scenario = self.scenario.get_value();
        match brought {
            Brought::Items { name, digest, count } => {
                // Fewer items than a slate or a draw needs are no reason to fail: all of them are shown then.
                scenario.slate_size = scenario.slate_size.min(count.max(1));
                if scenario.candidates > count {
                    scenario.candidates = 0;
                }
                let what = format!("{count} items from {name}");
                self.toasts.show(Tone::Good, &what, "The user now chooses among them.");
                self.suit(&mut scenario);
                scenario.catalog = CatalogSpec::Imported { name, digest };
            }
            Brought::Person(person) => (scenario.profile, scenario.persona) = (person.profile, person.persona),
        }
        read::open(scenario);
    }

    /// Suits a scenario to the items imported last: time for a dozen of them (half an hour to ten hours), and a user whose
    /// taste is drawn over their topics, since the scenario's own names other ones.
    fn suit(self, scenario: &mut Scenario) {
        let usual = self.heard.with_untracked(|event| match event {
            Some(ImportEvent::Accepted { usual_duration_s, .. }) => *usual_duration_s,
            _ => 0.0,
        });
        if usual > 0.0 {
            scenario.minutes = (usual / 60.0 * 12.0).ceil().clamp(30.0, 600.0);
        }
        scenario.persona.interests.clear();
        scenario.persona.variety = 1.0;
        scenario.profile.declared.clear();
    }
}

/// Both dialogs, closed until asked for.
#[component]
pub fn SetupDialogs(setup: Setup) -> impl IntoView {
    let begin = Callback::new(move |()| (setup.scenario.get_value(), setup.topics.get_value()));
    let apply = Callback::new(read::open);
    let brought = Callback::new(move |brought: Brought| setup.take(brought));
    view! {
        <ScenarioDialog open=setup.edit begin=begin on_apply=apply />
        <ImportDialog
            open=setup.import
            send=Callback::new(|command| between::to_main(&ToMain::Import(command)))
            heard=setup.heard
            on_brought=brought
        />
    }
}
