//! Hosts that the page may contact: none before the person agreed to it.

use crate::app::dialogs::Modal;
use leptos::prelude::*;

/// The hosts that the person agreed to, and the one that they are asked about. Copies share it.
#[derive(Clone, Copy)]
pub struct Hosts {
    agreed: StoredValue<Vec<String>>,
    asking: RwSignal<Option<String>>,
    /// What is done when they agree.
    then: StoredValue<Option<Callback<()>>>,
}

impl Hosts {
    /// None is agreed to.
    pub fn new() -> Self {
        Self { agreed: StoredValue::new(Vec::new()), asking: RwSignal::new(None), then: StoredValue::new(None) }
    }

    /// Goes on once the person agrees that a host is contacted.
    pub fn once_agreed(self, host: String, then: impl Fn() + Send + Sync + 'static) {
        if self.agreed.with_value(|agreed| agreed.contains(&host)) {
            return then();
        }
        self.then.set_value(Some(Callback::new(move |()| then())));
        self.asking.set(Some(host));
    }

    fn answer(self, yes: bool) {
        let Some(host) = self.asking.get_untracked() else { return };
        self.asking.set(None);
        let then = self.then.try_update_value(Option::take).flatten();
        if yes {
            self.agreed.update_value(|agreed| agreed.push(host));
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
    /// What would be sent there, and what becomes of it.
    sent: &'static str,
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
    let host = move || hosts.asking.get().unwrap_or_default();
    view! {
        <Modal open=open title="May this page contact this host?" testid=testid>
            <div class="modal-body">
                <p><b data-testid=format!("{testid}-host")>{host}</b></p>
                <p>{sent}</p>
            </div>
            <div class="actions">
                <button class="btn" on:click=move |_| hosts.answer(false)>"Do not"</button>
                <button class="btn primary" data-testid=format!("{testid}-yes") on:click=move |_| hosts.answer(true)>"Contact it"</button>
            </div>
        </Modal>
    }
}
