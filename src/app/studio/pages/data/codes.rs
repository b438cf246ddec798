//! The tree of semantic IDs, opened branch by branch.

use super::state::Data;
use crate::worker::data::protocol::{Branch, Command, Grown};
use leptos::prelude::*;

/// Levels that can be opened: the four of the quantiser; the fifth number only tells items of one path apart.
const LEVELS: usize = 4;
/// Branches that are shown at first, the largest.
const FIRST: usize = 12;

/// The tree.
#[component]
pub fn Tree(data: Data) -> impl IntoView {
    let there = Memo::new(move |_| data.tree.with(|t| !t.is_empty()));
    view! {
        <section class="card codes" aria-labelledby="data-codes" data-testid="codes">
            <h2 id="data-codes">"The tree of semantic IDs"</h2>
            <p class="tiny muted">"Each item’s code is a path of four numbers, the coarsest first; items of one branch are alike. Open a branch to see what lies under it."</p>
            <Show when=move || there.get() fallback=|| view! { <p class="muted">"The codes are not learnt yet."</p> }>
                <Level data=data beginning=Vec::new() />
                <Growing data=data />
            </Show>
        </section>
    }
}

/// What becomes of the codes while the catalogue grows, worked out when it is asked for.
#[component]
fn Growing(data: Data) -> impl IntoView {
    let runs = Memo::new(move |_| data.grown.with(|g| g.is_some_and(|g| g.growth.is_none() && !g.stopped)));
    let press = move |_| {
        if runs.get_untracked() {
            data.send(&Command::Stop);
            return;
        }
        data.grown.set(Some(Grown::default()));
        data.send(&Command::Grow);
    };
    let told = move || {
        let grown = data.grown.get()?;
        let lines = match grown.growth {
            Some(growth) => growth.words(),
            None if grown.stopped => vec!["Stopped before its end.".to_owned()],
            None => vec![format!("Learning … {:.0} %", 100.0 * grown.share)],
        };
        Some(lines.into_iter().map(|line| view! { <p class="tiny num">{line}</p> }).collect_view())
    };
    view! {
        <h3>"When new items come"</h3>
        <p class="tiny muted">"Learns the codes on half of these items, codes the other half without retraining, then goes on learning with all, and says what is forgotten."</p>
        <button type="button" class="btn" data-testid="grow" on:click=press>
            {move || if runs.get() { "Stop" } else { "Let the catalogue grow" }}
        </button>
        <div role="status" data-testid="grown">{told}</div>
    }
}

/// The branches under a beginning. It draws itself inside itself, and so has a type of its own.
#[component]
fn Level(data: Data, beginning: Vec<u16>) -> AnyView {
    let key = beginning.clone();
    let part = Memo::new(move |_| data.tree.with(|t| t.get(&key).cloned()));
    let inner = beginning;
    let whole = RwSignal::new(false);
    let cut = Memo::new(move |_| !whole.get() && part.with(|p| p.as_ref().is_some_and(|p| p.branches.len() > FIRST)));
    view! {
        {move || {
            let beginning = inner.clone();
            part.get()
                .map(|part| {
                    let left_out = part.total - part.branches.len();
                    let small = part.branches.len().saturating_sub(FIRST);
                    // Hidden, not left out: what was opened stays open when the rest is shown.
                    let one = move |(n, b): (usize, Branch)| {
                        let hidden = Signal::derive(move || n >= FIRST && !whole.get());
                        view! { <One data=data beginning=beginning.clone() branch=b hidden=hidden /> }
                    };
                    view! {
                        <ul class="level">{part.branches.into_iter().enumerate().map(one).collect_view()}</ul>
                        <Show when=move || cut.get()>
                            <button type="button" class="btn more-branches" on:click=move |_| whole.set(true)>
                                {format!("Show {small} smaller branches")}
                            </button>
                        </Show>
                        {(left_out > 0).then(|| view! { <p class="tiny muted">{format!("and {left_out} smaller branches")}</p> })}
                    }
                })
        }}
    }
    .into_any()
}

#[component]
fn One(data: Data, beginning: Vec<u16>, branch: Branch, #[prop(into)] hidden: Signal<bool>) -> impl IntoView {
    let mut path = beginning;
    path.push(branch.number);
    let name = path.iter().map(u16::to_string).collect::<Vec<_>>().join("-");
    let deep = path.len() >= LEVELS;
    let open = RwSignal::new(false);
    let asked = path.clone();
    let toggle = move |_| {
        open.update(|o| *o = !*o);
        if open.get_untracked() && data.tree.with_untracked(|t| !t.contains_key(&asked)) {
            data.send(&Command::Branches(asked.clone()));
        }
    };
    let items = if branch.items == 1 { "1 item".to_owned() } else { format!("{} items", branch.items) };
    let topics: Vec<String> = branch.topics.iter().map(|(t, n)| format!("{t} {n}")).collect();
    let examples = branch.examples.into_iter().map(move |(ix, title)| {
        view! { <li><button type="button" class="link clip1" dir="auto" on:click=move |_| data.look_at(ix)>{title}</button></li> }
    });
    let label = format!("Branch {name}, {items}");
    view! {
        <li hidden=move || hidden.get()>
            <div class="branch-line">
                {if deep {
                    view! { <b class="num code">{name}</b> }.into_any()
                } else {
                    view! {
                        <button type="button" class="opener num code" aria-label=label aria-expanded=move || open.get().to_string() on:click=toggle>
                            {name}
                        </button>
                    }
                        .into_any()
                }}
                <span class="tiny muted num">{items}</span>
                <span class="tiny muted clip1">{topics.join(", ")}</span>
                <ul class="examples tiny">{examples.collect_view()}</ul>
            </div>
            <Show when=move || open.get()>
                <Level data=data beginning=path.clone() />
            </Show>
        </li>
    }
}
