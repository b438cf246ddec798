//! Help: what this is, the keys, and the tools for those who test it.

use super::{
    Engine,
    keys::{HelpOpen, SHORTCUTS},
    session::follow,
};
use crate::worker::{Command, transport::BUILD_ID};
use leptos::prelude::*;

/// The dialog.
#[component]
pub fn Help() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let open = expect_context::<HelpOpen>().0;
    let node = NodeRef::new();
    follow(node, open);
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby="help-title" on:close=move |_| open.set(false)>
            <h2 id="help-title">"Help"</h2>
            <p>
                "A simulated user and a recommender meet over many turns. The user looks at each slate from the top, acts on it, and, on the verge of leaving, says what should change. What it enjoys is the reward."
            </p>
            <p>
                "Everything is computed in this tab: no account, no key, nothing is sent anywhere (but to a language model's server, where you agree to one). The same seed gives the same session, here and on the command line."
            </p>
            <h3>"Keys"</h3>
            <dl class="keys">
                {SHORTCUTS
                    .into_iter()
                    .map(|(key, what)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div> })
                    .collect_view()}
            </dl>
            <details>
                <summary>"For developers"</summary>
                <p class="tiny muted">"Build "{BUILD_ID}". The session must survive both of these:"</p>
                <div class="line">
                    <button class="btn" data-testid="kill-worker" on:click=move |_| engine.kill()>"End the worker"</button>
                    <button class="btn" data-testid="panic-worker" on:click=move |_| engine.send(Command::Panic)>"Make it panic"</button>
                </div>
            </details>
            <div class="actions">
                <button class="btn" on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </dialog>
    }
}
