//! Asking before a host is contacted: once a host and purpose, and never without a click.

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

/// What was agreed to. Copies share it.
#[derive(Clone, Copy)]
pub struct Consents {
    agreed: StoredValue<Vec<Asking>>,
    asking: RwSignal<Option<Asking>>,
    then: StoredValue<Option<Callback<()>>>,
}

impl Consents {
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
        let Some(asking) = self.asking.try_update(Option::take).flatten() else { return };
        let then = self.then.try_update_value(Option::take).flatten();
        if yes {
            self.agreed.update_value(|all| all.push(asking));
            if let Some(then) = then {
                then.run(());
            }
        }
    }
}

/// The question.
#[component]
pub fn Consent(consents: Consents) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(consents.asking.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() {
            consents.answer(false);
        }
    });
    let asking = move || consents.asking.get().unwrap_or(Asking { host: String::new(), what: String::new() });
    view! {
        <Modal open=open title="May this page contact this host?".to_owned() testid="data-consent">
            <div class="modal-body">
                <p><b data-testid="data-consent-host">{move || asking().host}</b></p>
                <p>{move || asking().what}</p>
            </div>
            <div class="actions">
                <button class="btn" on:click=move |_| consents.answer(false)>"Do not"</button>
                <button class="btn primary" data-testid="data-consent-yes" on:click=move |_| consents.answer(true)>"Contact it"</button>
            </div>
        </Modal>
    }
}
