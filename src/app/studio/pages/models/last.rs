//! The last session in which a model was called: kept in this browser, so that neither a reload nor the built-in sides lose
//! what was paid for.

use super::state::Models;
use crate::chart::text::count;
use leptos::prelude::*;

/// What can be done with it.
#[component]
pub fn Last(models: Models) -> impl IntoView {
    let there = Memo::new(move |_| models.last_tape.with(Option::is_some));
    let words = move || {
        models.last_tape.with(|last| {
            let last = last.as_ref()?;
            let (turns, model) = (count(last.turns as usize, "turn"), &last.model);
            Some(format!("Your last session with {model}, {turns}, is kept in this browser."))
        })
    };
    let save = move |_| {
        if let Some(text) = models.last_tape.with_untracked(|l| l.as_ref().map(|l| l.text.clone())) {
            models.save_tape(&text);
        }
    };
    let unready = move || !models.is_ready();
    view! {
        <Show when=move || there.get()>
            <div class="line last" data-testid="last">
                <span class="tiny" data-testid="last-words">{words}</span>
                <button class="btn" data-testid="last-watch" on:click=move |_| models.watch_last()>"Play it again"</button>
                <button class="btn" data-testid="last-go-on" disabled=unready
                    title=move || if unready() { "Test the connection (or load the model) first" } else { "What is on the tape is not paid for again" }
                    on:click=move |_| models.go_on()>"Go on where it stopped"</button>
                <button class="btn" data-testid="last-tape" on:click=save>"Save its tape"</button>
                <button class="btn" data-testid="last-forget" on:click=move |_| models.forget_last()>"Forget it"</button>
            </div>
        </Show>
    }
}
