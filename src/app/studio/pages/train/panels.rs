//! What a run shows beside its curve.

use super::board::{Board, Card, Place};
use crate::{
    app::format::plain,
    chart::train::look,
    worker::train::protocol::{Phase, Shown, Urgency, View},
};
use leptos::prelude::*;

/// A number as people read it, whatever its size.
fn told(x: f64) -> String {
    let decimals = match x.abs() {
        a if a >= 100.0 => 1,
        a if a >= 1.0 => 2,
        a if a >= 0.01 || a == 0.0 => 4,
        a if a >= 1e-6 => 7,
        _ => return format!("{x:.1e}"),
    };
    plain(x, decimals)
}

/// Steps as people read them.
pub fn steps(n: f64) -> String {
    match n {
        n if n >= 1e6 => format!("{:.2} M", n / 1e6),
        n => format!("{:.0} k", n / 1e3),
    }
}

/// How far a run is, in words.
pub fn progress(v: &View) -> String {
    if v.imported {
        let judged =
            if v.points.is_empty() { "Judging the policy from the file …" } else { "Judged: a policy from a file" };
        return judged.to_owned();
    }
    let done = format!("{} of {} steps", steps(v.done), steps(v.total));
    let speed = format!("{} steps/s", steps(v.speed));
    let left = v.seconds_left.map_or_else(String::new, |s| {
        if s > 90.0 { format!(" · {:.0} min left", s / 60.0) } else { format!(" · {:.0} s left", s.ceil()) }
    });
    match &v.phase {
        Phase::Preparing => "Measuring what it is compared with …".to_owned(),
        Phase::Training if v.speed > 0.0 => format!("{done} · {speed}{left}"),
        Phase::Training => done,
        Phase::Paused => format!("Paused after {done}"),
        Phase::Done => format!("Done: {done}"),
        Phase::Stopped(_) => format!("Stopped after {done}"),
    }
}

/// The state of a card in a word.
fn state(card: &Card) -> &'static str {
    match (&card.place, card.view.as_ref().map(|v| &v.phase)) {
        (Place::Waiting, _) => "waiting",
        (Place::Lost(_), _) => "stopped",
        (_, Some(Phase::Paused)) => "paused",
        (_, Some(Phase::Done)) if card.view.as_ref().is_some_and(|v| v.imported) => "judged",
        (_, Some(Phase::Done)) => "done",
        (_, Some(Phase::Stopped(_))) => "stopped",
        _ => "training",
    }
}

/// All runs, and the lines of the one looked at.
#[component]
pub fn Runs(board: Board) -> impl IntoView {
    let ids = Memo::new(move |_| board.cards.with(|all| all.iter().map(|c| c.id).collect::<Vec<_>>()));
    let lines = move || board.card().and_then(|c| c.view).map(|v| v.lines).unwrap_or_default();
    view! {
        <section class="card" aria-labelledby="train-runs">
            <h2 id="train-runs">"Runs"</h2>
            <Show when=move || ids.with(Vec::is_empty)>
                <p class="muted">{super::invitation()}</p>
            </Show>
            <ul class="runs" data-testid="runs">
                {move || ids.get().into_iter().enumerate().map(|(place, id)| view! { <RunRow board=board id=id place=place /> }).collect_view()}
            </ul>
            <ul class="runs">
                {move || {
                    lines()
                        .into_iter()
                        .map(|l| {
                            let oracle = l.oracle.then_some(" · sees the truth");
                            view! { <li class="muted"><span>{l.title}<small>{oracle}</small></span><span class="num">{plain(l.mean, 1)}</span></li> }
                        })
                        .collect_view()
                }}
            </ul>
        </section>
    }
}

#[component]
fn RunRow(board: Board, id: u32, place: usize) -> impl IntoView {
    let card = Memo::new(move |_| board.cards.with(|all| all.iter().find(|c| c.id == id).cloned()));
    let (ink, _) = look(place);
    let name = move || card.with(|c| c.as_ref().map(|c| c.name.clone()).unwrap_or_default());
    let look = move || card.with(|c| c.as_ref().is_some_and(|c| c.is_look));
    let seeds = move || card.with(|c| c.as_ref().map_or(0, |c| c.plan.seeds.len()));
    let state = move || card.with(|c| c.as_ref().map_or("", state));
    let last = move || {
        card.with(|c| c.as_ref().and_then(|c| c.view.as_ref()?.points.last().map(|p| plain(p.mean, 1))))
            .unwrap_or_else(|| "–".to_owned())
    };
    view! {
        <li class:on=move || board.shown.get() == id data-testid="run">
            <button class="run" aria-pressed=move || (board.shown.get() == id).to_string() on:click=move |_| board.shown.set(id)>
                <span class=format!("dot ink-{ink:?}").to_lowercase() aria-hidden="true"></span>
                <span>{name}" "<small class="muted">{move || format!("{} seed{} · {}", seeds(), if seeds() == 1 { "" } else { "s" }, state())}{move || look().then_some(" · first look")}</small></span>
                <b class="num">{last}</b>
            </button>
            <button class="link" aria-label=move || format!("Remove {}", name()) title="Remove" on:click=move |_| board.remove(id)>"×"</button>
        </li>
    }
}

/// Is it learning?
#[component]
pub fn Answer(board: Board) -> impl IntoView {
    let verdict = Memo::new(move |_| board.card().and_then(|c| c.view).map(|v| (v.verdict, v.notes)));
    let class = move || match verdict.with(|v| v.as_ref().map(|v| v.0.urgency)) {
        Some(Urgency::Clear) => "verdict good",
        Some(Urgency::Look) => "verdict look",
        Some(Urgency::Wrong) => "verdict bad",
        None => "verdict",
    };
    view! {
        <Show when=move || verdict.with(Option::is_some)>
            <section class=class aria-label="Is it learning?" data-testid="verdict">
                <p>
                    <b>{move || verdict.get().map(|v| v.0.answer)}</b>
                    " "
                    {move || verdict.get().map(|v| v.0.evidence)}
                </p>
                {move || verdict.get().map(|v| v.1.into_iter().map(|note| view! { <p class="tiny">{note}</p> }).collect_view())}
            </section>
        </Show>
    }
}

/// The slate for the same user, before training and now.
#[component]
pub fn Slates(board: Board) -> impl IntoView {
    let slates = Memo::new(move |_| board.card().and_then(|c| c.view).map(|v| (v.then, v.now)));
    view! {
        <Show when=move || slates.with(Option::is_some)>
            <section class="card" aria-labelledby="train-slates" data-testid="slates">
                <h2 id="train-slates">"What the policy does for this user, then and now"</h2>
                <div class="then-now">
                    <Slate title="Before training" slate=Signal::derive(move || slates.get().map(|s| s.0).unwrap_or_default()) />
                    <Slate title="Now" slate=Signal::derive(move || slates.get().map(|s| s.1).unwrap_or_default()) />
                </div>
            </section>
        </Show>
    }
}

#[component]
fn Slate(title: &'static str, #[prop(into)] slate: Signal<Vec<Shown>>) -> impl IntoView {
    let row = |s: Shown| {
        let class = match s.tone {
            1.. => "chip gain",
            0 => "chip",
            _ => "chip loss",
        };
        view! { <li><span>{s.title}</span><span class=class>{s.detail}</span></li> }
    };
    view! {
        <div>
            <h3 class="tiny muted">{title}</h3>
            <ol>{move || slate.get().into_iter().map(row).collect_view()}</ol>
        </div>
    }
}

/// The newest of the algorithm's own values.
#[component]
pub fn Inside(board: Board) -> impl IntoView {
    let values = Memo::new(move |_| board.card().and_then(|c| c.view).map(|v| v.diagnostics).unwrap_or_default());
    view! {
        <Show when=move || values.with(|v| v.iter().any(|d| !d.values.is_empty()))>
            <section class="card" aria-labelledby="train-inside">
                <h2 id="train-inside">"Inside the update"</h2>
                <dl class="inside" data-testid="inside">
                    {move || {
                        values
                            .get()
                            .into_iter()
                            .filter_map(|d| {
                                let last = d.values.last()?[1];
                                Some(view! { <div title=d.about><dt>{d.name.replace('_', " ")}</dt><dd class="num">{told(last)}</dd></div> })
                            })
                            .collect_view()
                    }}
                </dl>
            </section>
        </Show>
    }
}

/// What was watched for.
#[component]
pub fn Signs(board: Board) -> impl IntoView {
    let signs = Memo::new(move |_| board.card().and_then(|c| c.view).map(|v| v.verdict.signs).unwrap_or_default());
    view! {
        <Show when=move || signs.with(|s| !s.is_empty())>
            <section class="card" aria-labelledby="train-signs">
                <h2 id="train-signs">"Watched for you"</h2>
                <ul class="signs" data-testid="signs">
                    {move || {
                        signs
                            .get()
                            .into_iter()
                            .map(|s| {
                                let (class, word) = match s.urgency {
                                    Urgency::Clear => ("chip gain", "clear"),
                                    Urgency::Look => ("chip user", "look"),
                                    Urgency::Wrong => ("chip loss", "wrong"),
                                };
                                view! { <li><span class=class>{word}</span><span>{s.words}</span></li> }
                            })
                            .collect_view()
                    }}
                </ul>
            </section>
        </Show>
    }
}

/// What the algorithm does, in its own words.
#[component]
pub fn Happening(board: Board) -> impl IntoView {
    let algorithm = Memo::new(move |_| {
        board
            .card()
            .and_then(|c| crate::learn::algorithm::find(&c.plan.algorithm).ok())
            .map(|a| (a.title, a.about, a.paper))
    });
    view! {
        {move || {
            algorithm
                .get()
                .map(|(title, about, paper)| {
                    view! {
                        <section class="card" aria-labelledby="train-happening">
                            <h2 id="train-happening">"What is happening"</h2>
                            <p>{format!("{title}: {about}")}</p>
                            <p class="tiny muted">{paper}</p>
                        </section>
                    }
                })
        }}
    }
}
