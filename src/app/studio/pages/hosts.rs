//! Hosts that the page may contact: none before the person agreed to it, once for each host and purpose.

use crate::app::dialogs::Modal;
use leptos::prelude::*;

/// What the person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The host, with its port.
    pub host: String,
    /// What would be sent there, and what not, in sentences.
    pub what: String,
}

/// What was agreed to, and what is asked now. Copies share it.
#[derive(Clone, Copy)]
pub struct Hosts {
    agreed: StoredValue<Vec<Asking>>,
    asking: RwSignal<Option<Asking>>,
    then: StoredValue<Option<Callback<()>>>,
}

impl Hosts {
    /// Nothing is agreed to.
    pub fn new() -> Self {
        Self { agreed: StoredValue::default(), asking: RwSignal::new(None), then: StoredValue::new(None) }
    }

    /// Does it once the person agrees to exactly this; at once where they did.
    pub fn once(self, asking: Asking, then: impl Fn() + Send + Sync + 'static) {
        if self.agreed.with_value(|all| all.contains(&asking)) {
            return then();
        }
        self.then.set_value(Some(Callback::new(move |()| then())));
        self.asking.set(Some(asking));
    }

    fn answer(self, yes: bool) {
        // Closing is heard again when the question is taken away: what is not asked must not be told as a change.
        let Some(asking) = self.asking.get_untracked() else { return };
        self.asking.set(None);
        let then = self.then.try_update_value(Option::take).flatten();
        if yes {
            self.agreed.update_value(|all| all.push(asking));
            if let Some(then) = then {
                then.run(());
            }
        }
    }
}

/// Asks before a host is contacted.
#[component]
pub fn Consent(
    /// Which hosts.
    hosts: Hosts,
    /// For tests: the dialog's; `-host` and `-yes` are added for its parts.
    testid: &'static str,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(hosts.asking.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() {
            hosts.answer(false);
        }
    });
    let asking = move || hosts.asking.get().unwrap_or(Asking { host: String::new(), what: String::new() });
    view! {
        <Modal open=open title="May this page contact this host?".to_owned() testid=testid>
            <div class="modal-body">
                <p><b data-testid=format!("{testid}-host")>{move || asking().host}</b></p>
                <p>{move || asking().what}</p>
            </div>
            <div class="actions">
                <button class="btn" on:click=move |_| hosts.answer(false)>"Do not"</button>
                <button class="btn primary" data-testid=format!("{testid}-yes") on:click=move |_| hosts.answer(true)>"Contact it"</button>
            </div>
        </Modal>
    }
}
