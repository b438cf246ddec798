//! What the page says when there is no simulation.

use super::Engine;
use leptos::prelude::*;

/// A banner with what happened and what to do.
#[component]
pub fn Banner() -> impl IntoView {
    let engine = expect_context::<Engine>();
    view! {
        <Show when=move || engine.gone.get().is_some()>
            <div class="banner bad" role="alert">
                <p>{move || engine.gone.get().unwrap_or_default()}</p>
                <button class="btn" on:click=move |_| engine.retry()>"Try again"</button>
            </div>
        </Show>
        <Show when=move || engine.hangs.get()>
            <div class="banner" role="alert">
                <p>"The simulation has not answered for a while. Its work may just be large; you can also start it again where it was."</p>
                <button class="btn" on:click=move |_| engine.kill()>"Start it again"</button>
            </div>
        </Show>
    }
}
