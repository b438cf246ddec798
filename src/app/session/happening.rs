//! What is happening, in a sentence.

use super::{super::Engine, Open, card::Card};
use leptos::prelude::*;

/// The last step in words, and the way to the decision process.
#[component]
pub fn HappeningCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let open = expect_context::<Open>().mdp;
    let text = engine.part(|s| s.happening.clone());
    view! {
        <Card title="What is happening" first=true class="happening">
            <p>
                <span dir="auto" data-testid="happening">{text}</span>
                " "
                <button class="link" aria-haspopup="dialog" data-testid="mdp" on:click=move |_| open.set(true)>"Show me the MDP"</button>
            </p>
        </Card>
    }
}
