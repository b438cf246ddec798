//! What the user remembers, and what of it counts under the present circumstances.

use super::{
    super::Engine,
    card::{Card, live, rows, text},
};
use crate::worker::snapshot::MemoryLine;
use leptos::prelude::*;

const FIRST: usize = 5;

/// Memories by importance.
#[component]
pub fn MemoryCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let all = RwSignal::new(false);
    let lines = engine.part(|s| s.user.memories.clone());
    let total = engine.part(|s| s.user.memories_total);
    let most = move || lines.with(|l| l.first().map_or(1.0, |m| m.alpha.max(1e-6)));
    let shown = move || lines.with(|l| l.iter().take(if all.get() { usize::MAX } else { FIRST }).cloned().collect());
    let row = move |m: MemoryLine| {
        view! {
            <li class="tiny" class:muted=m.summary>
                <span class="clip2" dir="auto">{m.text}</span>
                <span class="alpha-cell">
                    <span class="track" aria-hidden="true">
                        <span class="fill user" style:width=format!("{:.1}%", m.alpha / most() * 100.0)></span>
                    </span>
                    <span class="num">{format!("{:.2}", m.alpha)}</span>
                </span>
            </li>
        }
        .into_any()
    };
    view! {
        <Card title="Memory: what counts now," symbol="α">
            <Show when=move || total.get() == 0>
                <p class="tiny muted">"Nothing yet."</p>
            </Show>
            <ul class="memories">
                {live(move || rows(shown(), row))}
            </ul>
            <Show when=move || lines.with(|l| l.len() > FIRST)>
                <button class="link" aria-expanded=move || all.get().to_string() on:click=move |_| all.update(|a| *a = !*a)>
                    {text(move || match (lines.with(Vec::len), total.get()) {
                        _ if all.get() => "Show fewer".to_owned(),
                        (shown, total) if shown == total => format!("Show all {total}"),
                        (shown, total) => format!("Show {shown} of {total}"),
                    })}
                </button>
            </Show>
        </Card>
    }
}
