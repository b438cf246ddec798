//! The fork dialog: what is different from this moment on.

use super::{super::Engine, Open, bar::place, setup::RecommenderOptions};
use crate::{
    scenario::RecommenderSpec,
    worker::{Command, ForkChange},
};
use leptos::prelude::*;

/// Keeps a `<dialog>` open or closed as a signal says, and the signal as the dialog does (Escape closes it).
pub fn follow(node: NodeRef<leptos::html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            // It only fails on a dialog that is not in the document, which this one is.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Recommender,
    Instructions,
    Seed,
}

/// The dialog.
#[component]
pub fn ForkDialog() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let open = expect_context::<Open>().fork;
    let node = NodeRef::new();
    follow(node, open);
    let kind = RwSignal::new(Kind::Recommender);
    let recommender = RwSignal::new("random".to_owned());
    let seed = RwSignal::new("1".to_owned());
    let heard = engine.part(|s| s.hears);
    let here = engine.part(|s| place(s.cursor, s.turn, s.need, s.slate.len()));
    let fork = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let Some(now) = engine.now() else { return };
        let change = match kind.get_untracked() {
            Kind::Recommender => ForkChange::Recommender(RecommenderSpec {
                name: recommender.get_untracked(),
                settings: Default::default(),
            }),
            Kind::Instructions => ForkChange::Instructions(!now.hears),
            Kind::Seed => ForkChange::Seed(seed.get_untracked().trim().to_owned()),
        };
        engine.send(Command::Fork { moment: now.cursor, change });
        open.set(false);
    };
    let radio = move |of: Kind, label: Signal<String>| {
        view! {
            <label class="choice">
                <input type="radio" name="fork-kind" prop:checked=move || kind.get() == of on:change=move |_| kind.set(of) />
                {label}
            </label>
        }
    };
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby="fork-title" on:close=move |_| open.set(false)>
            <form on:submit=fork>
                <h2 id="fork-title">"Fork here"</h2>
                <p class="muted">
                    "Same past, something different from this moment on ("<span>{here}</span>"). The fork runs as far as this branch and is drawn beside it."
                </p>
                {radio(Kind::Recommender, Signal::derive(|| "Another recommender".into()))}
                <select
                    aria-label="The other recommender"
                    prop:value=recommender
                    on:change=move |ev| {
                        recommender.set(event_target_value(&ev));
                        kind.set(Kind::Recommender);
                    }
                >
                    <RecommenderOptions />
                </select>
                {radio(
                    Kind::Instructions,
                    Signal::derive(move || {
                        if heard.get() { "Instructions no longer reach the recommender" } else { "Instructions reach the recommender" }.into()
                    }),
                )}
                {radio(Kind::Seed, Signal::derive(|| "Another seed for the rest".into()))}
                <input
                    type="text"
                    inputmode="numeric"
                    maxlength="20"
                    autocomplete="off"
                    aria-label="The other seed"
                    prop:value=seed
                    on:input=move |ev| {
                        seed.set(event_target_value(&ev));
                        kind.set(Kind::Seed);
                    }
                />
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>"Cancel"</button>
                    <button type="submit" class="btn primary" data-testid="fork-go">"Fork"</button>
                </div>
            </form>
        </dialog>
    }
}
