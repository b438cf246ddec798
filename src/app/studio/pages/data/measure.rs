//! How far each level of understanding gets, and what studies share: their form, their progress, their table.

use super::state::{Data, time_left};
use crate::{
    app::charts::{Figure, Shared, shared},
    chart::{
        Cell, Table,
        data::{self as charts, Measure},
    },
    worker::data::protocol::{Command, Progress},
};
use leptos::prelude::*;

/// The study of understanding.
#[component]
pub fn Levels(data: Data) -> impl IntoView {
    let measure = RwSignal::new(Measure::F1);
    let told = Memo::new(move |_| {
        data.measured.with(|m| charts::understanding(m.as_ref().map_or(&[], |m| &m.rows), measure.get()))
    });
    let chart = Signal::derive(move || -> Shared { shared(told.get()) });
    let progress = Signal::derive(move || data.measured.with(|m| m.as_ref().map(|m| m.progress)));
    let rows = move || data.measured.with(|m| m.as_ref().map(|m| m.rows.clone()).unwrap_or_default());
    let table = Signal::derive(move || charts::understanding_read(&rows()));
    let unclear = move || charts::unclear(&rows());
    let choose = move |ev| {
        let title = event_target_value(&ev);
        if let Some(m) = Measure::ALL.into_iter().find(|m| m.title() == title) {
            measure.set(m);
        }
    };
    view! {
        <section class="study data-body" aria-labelledby="data-levels" data-testid="levels">
            <div class="card">
                <h2 id="data-levels">"How far each level gets"</h2>
                <p class="muted">
                    "The same users on the same seeds speak in plain words, in vague ones, or show it by behaviour alone, always in forms held out from tuning, though people’s own sentences have since taught the levels a few of them. The agent hears them at each level, or not at all."
                </p>
                <Runner data=data name="levels" progress=progress run=Callback::new(move |(episodes, seed)| data.send(&Command::Measure { episodes, seed })) />
                <label class="field">
                    <small>"Compare"</small>
                    <select data-testid="levels-measure" on:change=choose>
                        {Measure::ALL.map(|m| view! { <option value=m.title()>{m.title()}</option> }).collect_view()}
                    </select>
                </label>
            </div>
            <Figure chart=chart testid="levels-chart" />
            <Numbers table=table label="How far each level gets, as a table" testid="levels-table" />
            {move || unclear().map(|words| view! { <p class="note" role="note" data-testid="levels-unclear">{words}</p> })}
        </section>
    }
}

/// How many sessions, the first seed, run and stop, and how far it is.
#[component]
pub fn Runner(
    data: Data,
    name: &'static str,
    #[prop(into)] progress: Signal<Option<Progress>>,
    run: Callback<(u32, String)>,
) -> impl IntoView {
    let episodes = RwSignal::new("100".to_owned());
    let seed = RwSignal::new("1".to_owned());
    let running = Memo::new(move |_| progress.with(|p| p.is_some_and(|p| p.running)));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        if running.get_untracked() {
            data.send(&Command::Stop);
            return;
        }
        data.problem.set(None);
        // What is no number is refused by the worker, as any number outside its limits.
        let n = episodes.get_untracked().trim().parse().unwrap_or(0);
        run.run((n, seed.get_untracked()));
    };
    let words = move || {
        let Some(p) = progress.get() else { return String::new() };
        let left = p.seconds_left.map_or_else(String::new, |s| format!(" · {}", time_left(s)));
        match (p.running, p.stopped) {
            (true, _) => format!("{} of {} sessions{left}", p.done, p.total),
            (false, true) => format!("Stopped after {} of {} sessions", p.done, p.total),
            _ => format!("Done: {} sessions", p.done),
        }
    };
    let part = move || progress.get().map_or(0.0, |p| f64::from(p.done) / f64::from(p.total.max(1)));
    let ready = move || data.maps.with(|m| !m.is_empty());
    view! {
        <form class="line runner" on:submit=submit>
            <label class="field narrow">
                <small>"Sessions of each"</small>
                <input type="text" inputmode="numeric" autocomplete="off" data-testid=format!("{name}-episodes") prop:value=episodes on:input=move |ev| episodes.set(event_target_value(&ev)) />
            </label>
            <label class="field narrow">
                <small>"First seed"</small>
                <input type="text" inputmode="numeric" autocomplete="off" data-testid=format!("{name}-seed") prop:value=seed on:input=move |ev| seed.set(event_target_value(&ev)) />
            </label>
            <button class="btn primary" type="submit" disabled=move || !ready() data-testid=format!("{name}-run")>
                {move || if running.get() { "Stop" } else { "Run" }}
            </button>
            <Show when=move || running.get()>
                <progress aria-label="Sessions played" max="1" value=move || part().to_string()></progress>
            </Show>
            <span class="tiny muted num" role="status" data-testid=format!("{name}-progress")>{words}</span>
        </form>
    }
}

/// The columns' names, each with whether it holds numbers.
fn heads(table: &Table) -> Vec<(String, bool)> {
    let number = |i: usize| table.rows.iter().any(|r| matches!(r.get(i), Some(Cell::Number(..))));
    table.columns.iter().enumerate().map(|(i, c)| (c.clone(), number(i))).collect()
}

/// A chart's numbers, always in view.
#[component]
pub fn Numbers(#[prop(into)] table: Signal<Table>, label: &'static str, testid: &'static str) -> impl IntoView {
    let row = |row: &Vec<Cell>| {
        let cell = |(i, cell): (usize, &Cell)| {
            let number = matches!(cell, Cell::Number(..));
            let shown = cell.shown();
            if i == 0 {
                view! { <th scope="row">{shown}</th> }.into_any()
            } else {
                view! { <td class:num=number>{shown}</td> }.into_any()
            }
        };
        view! { <tr>{row.iter().enumerate().map(cell).collect_view()}</tr> }
    };
    view! {
        <Show when=move || table.with(|t| !t.rows.is_empty())>
            <div class="figure-table card" tabindex="0" role="region" data-own-keys="" aria-label=label data-testid=testid>
                <table>
                    <thead><tr>{move || table.with(|t| heads(t).into_iter().map(|(c, number)| view! { <th scope="col" class:num=number>{c}</th> }).collect_view())}</tr></thead>
                    <tbody>{move || table.with(|t| t.rows.iter().map(row).collect_view())}</tbody>
                </table>
            </div>
        </Show>
    }
}
