//! A person chooses between two slates; what was chosen is learnt from.

use super::board::Board;
use crate::worker::train::protocol::{Chosen, Command, Export};
use leptos::prelude::*;

/// Two slates, and what was said so far.
#[component]
pub fn Prefer(board: Board) -> impl IntoView {
    let sessions = Memo::new(move |_| {
        board.card().is_some_and(|c| c.view.is_some() && matches!(c.plan.scenario, Chosen::Session(_)))
    });
    let picked = Memo::new(move |_| board.card().and_then(|c| c.view).map_or(0, |v| v.picked));
    let asked =
        Memo::new(move |_| board.asked.get().filter(|(id, _)| *id == board.shown.get()).map(|(_, asked)| asked));
    let tell = move |command: Command| board.tell(board.shown.get_untracked(), &command);
    let slate = move |second: bool| {
        let items = move || {
            let slates = asked.get().map(|a| a.slates).unwrap_or_default();
            slates[usize::from(second)].iter().map(|name| view! { <li>{name.clone()}</li> }).collect_view()
        };
        let label = if second { "This one: the second slate" } else { "This one: the first slate" };
        view! {
            <div>
                <ol>{items}</ol>
                <button type="button" class="btn" aria-label=label data-testid="prefer" on:click=move |_| tell(Command::Prefer { second })>
                    "This one"
                </button>
            </div>
        }
    };
    view! {
        <Show when=move || sessions.get()>
            <section class="card" aria-labelledby="train-prefer" data-testid="preferences">
                <h2 id="train-prefer">"Which slate would you rather see?"</h2>
                <Show
                    when=move || asked.with(Option::is_some)
                    fallback=move || {
                        view! {
                            <p class="muted">"Be the judge: choose between two slates for the same moment of a session, and DPO learns from your choices."</p>
                            <button type="button" class="btn" data-testid="ask" on:click=move |_| tell(Command::Ask)>"Show me two slates"</button>
                        }
                    }
                >
                    <p class="situation tiny muted">{move || asked.get().map(|a| a.situation)}</p>
                    <div class="then-now">{slate(false)} {slate(true)}</div>
                    <button type="button" class="link" on:click=move |_| tell(Command::Ask)>"Neither: two others"</button>
                </Show>
                <Show when=move || picked.get() != 0>
                    <p class="picked" data-testid="picked">
                        {move || if picked.get() == 1 { "1 choice".to_owned() } else { format!("{} choices", picked.get()) }}
                        ", kept with this run. "
                        <button type="button" class="link" on:click=move |_| board.export(board.shown.get_untracked(), Export::Picked)>
                            "Save (JSON lines)"
                        </button>
                        " "
                        <button type="button" class="btn" data-testid="learn-picked" on:click=move |_| tell(Command::Picked)>"Train DPO on them"</button>
                    </p>
                </Show>
            </section>
        </Show>
    }
}
