//! The branches side by side, where there is more than one.

use super::{
    super::{Engine, format::plain},
    card::{self, live},
};
use crate::{chart::text::count, worker::Command};
use leptos::prelude::*;

/// One branch as the strip shows it.
#[derive(Clone, PartialEq)]
struct Row {
    id: u32,
    label: String,
    what: String,
    reward: f64,
    turns: usize,
    over: bool,
}

/// A choice between the original and its forks.
#[component]
pub fn Branches() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let rows = engine.part(|s| {
        let rows = s.branches.iter().map(|b| Row {
            id: b.id,
            label: b.label.clone(),
            what: b.what.clone(),
            reward: b.reward,
            turns: b.turns.len(),
            over: b.ended.is_some(),
        });
        rows.collect::<Vec<_>>()
    });
    let selected = engine.part(|s| s.selected);
    let branch = move |row: Row| {
        view! {
            <span class="branch" class:on=move || selected.get() == row.id data-branch=row.id % 4>
                <label>
                    <input
                        type="radio"
                        name="branch"
                        prop:checked=move || selected.get() == row.id
                        on:change=move |_| engine.send(Command::SelectBranch(row.id))
                    />
                    <span class="dash" aria-hidden="true"></span>
                    <b>{row.label.clone()}</b>
                    <bdi>{row.what.clone()}</bdi>
                    <span class="num">{plain(row.reward, 2)}</span>
                    <span class="muted">{format!("{}{}", count(row.turns, "turn"), if row.over { ", over" } else { "" })}</span>
                </label>
                {(row.id != 0)
                    .then(|| {
                        view! {
                            <button
                                class="icon"
                                aria-label=format!("Drop {}", row.label)
                                title="Drop this fork"
                                on:click=move |_| engine.send(Command::DropFork(row.id))
                            >
                                <span aria-hidden="true">"✕"</span>
                            </button>
                        }
                    })}
            </span>
        }
        .into_any()
    };
    view! {
        <Show when=move || rows.with(|r| r.len() > 1)>
            <fieldset class="bar branches">
                <legend class="out-of-sight">"Branch looked at"</legend>
                {live(move || card::rows(rows.get(), branch))}
            </fieldset>
        </Show>
    }
}
