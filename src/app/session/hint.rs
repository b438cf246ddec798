//! For the first visit: what this is, and what to do.

use super::super::store;
use leptos::prelude::*;

/// A line above the play bar, until it is closed; it does not come back.
#[component]
pub fn Hint() -> impl IntoView {
    let shown = RwSignal::new(!store::knows_the_page());
    let close = move |_| {
        shown.set(false);
        store::keep_knowing();
    };
    view! {
        <Show when=move || shown.get()>
            <div class="hint" role="note" data-testid="hint">
                <p>
                    <b>"A simulated user meets a recommender."</b>
                    " The first slate has just been reviewed, from the top. Press "<b>"Play"</b>
                    ": on the verge of leaving, the user says what should change. Or be the user yourself, or "
                    <a href="#/models?watch">"watch a language model on both sides"</a>"."
                </p>
                <button class="btn" on:click=close>"Got it"</button>
            </div>
        </Show>
    }
}
