//! Every recommender over many seeds, with intervals.

use super::{
    super::{
        Engine,
        format::{plain, signed},
    },
    card::{Card, maybe, text, word},
};
use crate::worker::{
    Command, Rollouts,
    study::{Estimate, RolloutRow},
};
use leptos::prelude::*;

/// How many seeds.
const SEEDS: u32 = 200;

/// The button, the progress, and the table with its intervals.
#[component]
pub fn RolloutsCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let running = Memo::new(move |_| engine.rollouts.with(|r| r.as_ref().is_some_and(|r| r.running)));
    view! {
        <Card title="Compare over 200 seeds">
            <div class="line">
                <button
                    class="btn"
                    data-testid="compare-many"
                    on:click=move |_| {
                        engine.send(if running.get_untracked() { Command::StopComparing } else { Command::CompareMany { seeds: SEEDS } });
                    }
                >
                    {word(move || if running.get() { "Stop" } else { "Run 200 seeds" })}
                </button>
                <Progress />
            </div>
            <Show when=move || engine.rollouts.with(Option::is_none)>
                <p class="tiny muted">"One session is luck. Every recommender plays this one and the seeds after it; means are shown with their 95 % intervals."</p>
            </Show>
            {maybe(move || engine.rollouts.get().filter(|r| r.done > 0).map(|r| view! { <Table rollouts=r /> }.into_any()))}
        </Card>
    }
}

#[component]
fn Progress() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let words = move || {
        engine.rollouts.with(|r| {
            let Some(r) = r else { return String::new() };
            let left = r.seconds_left.map_or_else(String::new, |s| format!(" · {} s left", s.ceil()));
            match (r.running, r.stopped) {
                (true, _) => format!("{} of {} sessions{left}", r.done, r.total),
                (false, true) => format!("Stopped after {} of {} sessions", r.done, r.total),
                _ => format!("{} sessions", r.done),
            }
        })
    };
    view! {
        <Show when=move || engine.rollouts.with(|r| r.as_ref().is_some_and(|r| r.running))>
            <progress
                aria-label="Comparison over seeds"
                max=move || engine.rollouts.with(|r| r.as_ref().map_or(1, |r| r.total)).to_string()
                value=move || engine.rollouts.with(|r| r.as_ref().map_or(0, |r| r.done)).to_string()
            ></progress>
        </Show>
        <span class="tiny muted num" data-testid="rollouts-progress">{text(words)}</span>
    }
}

#[component]
fn Table(rollouts: Rollouts) -> impl IntoView {
    let low = rollouts.rows.iter().map(|r| r.reward.low).fold(f64::INFINITY, f64::min);
    let high = rollouts.rows.iter().map(|r| r.reward.high).fold(f64::NEG_INFINITY, f64::max);
    let span = (low, (high - low).max(1e-9));
    let own = rollouts.rows.iter().find(|r| r.current).map(|r| r.title.clone());
    let words = own.map_or_else(String::new, |own| {
        format!(" The difference is to {own}, seed by seed; bold where it is more than chance.")
    });
    view! {
        <table class="compare many" data-testid="rollouts-table">
            <thead>
                <tr class="tiny">
                    <th scope="col">"Recommender"</th>
                    <th scope="col">"Mean reward"</th>
                    <th scope="col">"Difference"</th>
                </tr>
            </thead>
            <tbody>{rollouts.rows.into_iter().map(|r| view! { <Row row=r span=span /> }).collect_view()}</tbody>
        </table>
        <p class="tiny muted">"± is the 95 % interval."{words}</p>
    }
}

#[component]
fn Row(row: RolloutRow, span: (f64, f64)) -> impl IntoView {
    let at = |x: f64| ((x - span.0) / span.1 * 100.0).clamp(0.0, 100.0);
    let Estimate { mean, low, high, .. } = row.reward;
    view! {
        <tr class="tiny" class:on=row.current>
            <th scope="row">
                <span class="name">{row.title.clone()}{row.oracle.then(|| view! { <small class="muted">"sees the truth"</small> })}</span>
                <svg class="whisker" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                    <line x1=at(low) x2=at(high) y1="4" y2="4" />
                    <rect x=at(mean) - 0.8 y="1" width="1.6" height="6" />
                </svg>
            </th>
            <td class="num" title=format!("{} to {} over {} sessions", plain(low, 2), plain(high, 2), row.n)>
                {plain(mean, 2)}<small>{half(row.reward)}</small>
            </td>
            {match row.difference {
                Some(d) => {
                    let clear = d.low > 0.0 || d.high < 0.0;
                    view! {
                        <td class="num" class:clear=clear title=format!("{} to {}", signed(d.low, 2), signed(d.high, 2))>
                            {signed(d.mean, 2)}<small>{half(d)}</small>
                        </td>
                    }
                    .into_any()
                }
                None => view! { <td class="num muted">{if row.current { "this one" } else { "–" }}</td> }.into_any(),
            }}
        </tr>
    }
}

/// Half the width of an interval: " ± 0.12". A mean lies in the middle of its interval.
fn half(e: Estimate) -> String {
    format!(" ± {}", plain((e.high - e.low) / 2.0, 2))
}
