//! The decision process with its present values.

use super::{
    super::{
        Engine,
        charts::{Figure, Shared, shared},
    },
    Open,
    fork::follow,
};
use leptos::prelude::*;

/// State, observation, action, transition and reward, side by side.
#[component]
pub fn MdpDialog() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let open = expect_context::<Open>().mdp;
    let node = NodeRef::new();
    follow(node, open);
    let mdp = engine.part(|s| s.mdp.clone());
    let chart = Signal::derive(move || -> Shared { shared(crate::chart::session::mdp(&mdp.get())) });
    view! {
        <dialog class="dialog wide" node_ref=node aria-labelledby="mdp-title" on:close=move |_| open.set(false)>
            <h2 id="mdp-title">"The decision process, now"</h2>
            <p class="muted">
                "The recommender acts on what it observes; the hidden state moves by what the user then does; engagement is the reward."
            </p>
            // Drawn only while it is looked at: its values change with each moment.
            <Show when=move || open.get()>
                <Figure chart=chart testid="mdp-chart" />
            </Show>
            <div class="actions">
                <button class="btn" on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </dialog>
    }
}
