//! The Train page: recommenders learn before one's eyes, in workers.

mod board;
mod form;
mod keep;
mod look;
mod own;
mod panels;
mod prefer;

use crate::{
    app::{
        Toasts,
        between::{ToMain, to_main},
        charts::{Figure, Shared, shared},
        studio::Studio,
    },
    chart::train as charts,
    worker::train::protocol::{Chosen, Command, Export, Phase, Plan, Problem, View},
};
use board::{Board, MOST_RUNS, Place, by_preferences};
use form::{Choices, Draft, Settings};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

/// The largest file that is read, bytes.
const MOST_FILE: f64 = 64.0 * 1024.0 * 1024.0;

/// The page.
#[component]
pub fn Train() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let studio = expect_context::<Studio>();
    let board = Board::start(toasts);
    let draft = Draft::default();
    look::offer(board, draft, studio);
    let begin = move || {
        let plans = draft.plans(studio);
        // Of a sweep all values are checked before the first begins.
        if let Some(problem) = plans.iter().find_map(|plan| plan.check().err()) {
            board.problem.set(Some(problem));
            return;
        }
        for plan in plans {
            if !board.begin(plan) {
                break;
            }
        }
    };
    view! {
        <div class="train">
            <h1 class="out-of-sight">"Train a recommender"</h1>
            <form
                class="bar train-bar"
                on:submit=move |ev| {
                    ev.prevent_default();
                    begin();
                }
            >
                <Choices draft=draft board=board />
                <button class="btn primary" type="submit" data-testid="train">"Train"</button>
                <Imports board=board draft=draft />
                <Seated />
                <Refusal board=board />
            </form>
            <div class="train-columns">
                <div class="train-side">
                    <panels::Runs board=board />
                    <Settings draft=draft board=board />
                    <own::Own />
                </div>
                <div class="train-middle">
                    <look::Look board=board />
                    <Controls board=board />
                    <panels::Answer board=board />
                    <Curves board=board />
                    <panels::Slates board=board />
                    <prefer::Prefer board=board />
                </div>
                <div class="train-side">
                    <panels::Inside board=board />
                    <panels::Signs board=board />
                    <Diagnostics board=board />
                    <panels::Happening board=board />
                </div>
            </div>
        </div>
    }
}

/// What was refused, where no field shows it.
#[component]
fn Refusal(board: Board) -> impl IntoView {
    move || {
        board.problem.get().map(|p| {
            let field = if p.field.is_empty() { String::new() } else { format!("{}: ", p.field) };
            view! { <p class="refusal loss-ink" role="alert" data-testid="train-refused">{field}{p.what}</p> }
        })
    }
}

/// A run that has something to draw, as the charts take it: its place among all, which gives it its colour, and its name.
type Drawn = (usize, String, View);

/// The runs that have something to draw; and where among these the one looked at is.
fn drawn(board: Board) -> (Vec<Drawn>, usize) {
    let shown = board.shown.get();
    board.cards.with(|all| {
        let same = all.iter().find(|c| c.id == shown).map(|c| c.plan.scenario.clone());
        // Runs on other scenarios have other rewards: they are not drawn on the same axis.
        let drawn: Vec<_> = all
            .iter()
            .enumerate()
            .filter(|(_, c)| c.view.is_some() && Some(&c.plan.scenario) == same.as_ref())
            .collect();
        let at = drawn.iter().position(|(_, c)| c.id == shown).unwrap_or(0);
        (drawn.into_iter().filter_map(|(place, c)| Some((place, c.name.clone(), c.view.clone()?))).collect(), at)
    })
}

#[component]
fn Curves(board: Board) -> impl IntoView {
    let chart = Signal::derive(move || -> Shared {
        let (runs, at) = drawn(board);
        shared(charts::returns(&runs, at))
    });
    view! { <Figure chart=chart testid="return-chart" /> }
}

#[component]
fn Diagnostics(board: Board) -> impl IntoView {
    let chart = Signal::derive(move || -> Shared {
        let (runs, at) = drawn(board);
        shared(runs.get(at).map_or_else(Default::default, |(place, _, view)| charts::diagnostics(view, *place)))
    });
    view! {
        <Show when=move || drawn(board).0.iter().any(|(_, _, v)| v.points.len() > 1)>
            <Figure chart=chart testid="diagnostics-chart" />
        </Show>
    }
}

/// Pause and go on, keep the best, files, the way to the Session page; how far the run is.
#[component]
fn Controls(board: Board) -> impl IntoView {
    let phase = Memo::new(move |_| board.card().map(|c| (c.id, c.place, c.view.map(|v| v.phase))));
    let is_there = move || phase.with(Option::is_some);
    let works =
        move || phase.with(|p| matches!(p, Some((_, Place::Working, Some(Phase::Training | Phase::Preparing)))));
    let paused = move || {
        phase.with(|p| matches!(p, Some((_, Place::Working, Some(Phase::Paused))) | Some((_, Place::Lost(_), _))))
    };
    let ended = move || phase.with(|p| matches!(p, Some((_, _, Some(Phase::Done | Phase::Stopped(_))))));
    let best = Memo::new(move |_| board.card().is_some_and(|c| c.view.is_some_and(|v| v.best.is_some())));
    let serves = Memo::new(move |_| board.card().is_some_and(|c| matches!(c.plan.scenario, Chosen::Session(_))));
    let tell = move |command: Command| board.tell(board.shown.get_untracked(), &command);
    view! {
        <Show when=is_there>
            <div class="controls" role="group" aria-label="The run that is looked at">
                <Show when=works>
                    <button class="btn primary" data-testid="train-pause" on:click=move |_| tell(Command::Pause)>"Pause"</button>
                </Show>
                <Show when=paused>
                    <button class="btn primary" data-testid="train-go-on" on:click=move |_| tell(Command::GoOn)>"Go on"</button>
                </Show>
                <button
                    class="btn"
                    data-testid="keep-best"
                    title="Ends the run here. The best policy that was measured stays."
                    disabled=move || ended() || !best.get()
                    on:click=move |_| tell(Command::Stop)
                >
                    "Stop, keep the best"
                </button>
                <button
                    class="btn"
                    data-testid="serve"
                    title=move || if serves.get() { "The best policy recommends on the Session page, and says why" } else { "Only a policy that was trained on a session scenario can serve sessions" }
                    disabled=move || !best.get() || !serves.get()
                    on:click=move |_| tell(Command::Serve)
                >
                    "Use on the Session page"
                </button>
                <Files board=board best=best />
                <Progress board=board />
            </div>
        </Show>
    }
}

/// Who was brought along to the Session page, and how to send them away.
#[component]
fn Seated() -> impl IntoView {
    let studio = expect_context::<Studio>();
    move || {
        studio.guest.get().map(|name| {
            view! {
                <span class="tiny muted" data-testid="seated">
                    {name}" plays on the Session page. "
                    <button type="button" class="link" on:click=move |_| to_main(&ToMain::Dismiss)>"Send it away"</button>
                </span>
            }
        })
    }
}

/// Files out.
#[component]
fn Files(board: Board, best: Memo<bool>) -> impl IntoView {
    let export = move |what: Export| board.export(board.shown.get_untracked(), what);
    let item = move |what: Export, title: &'static str| {
        view! { <button disabled=move || !best.get() on:click=move |_| export(what)>{title}</button> }
    };
    view! {
        <details class="menu">
            <summary class="btn">"Files"</summary>
            <div class="menu-list">
                {item(Export::Weights, "Weights (safetensors)")}
                <button on:click=move |_| export(Export::Curves)>"Curves (CSV)"</button>
                {item(Export::Transitions, "Transitions (JSON lines)")}
                {item(Export::Pairs, "Preference pairs (JSON lines)")}
            </div>
        </details>
    }
}

/// Files in: weights to judge and to let serve, pairs to learn from.
#[component]
fn Imports(board: Board, draft: Draft) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let take = move |what: &'static str, ev: &leptos::ev::Event, then: fn(Board, Plan, Vec<u8>)| {
        let input = ev.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let file = input.files().and_then(|files| files.get(0));
        input.set_value("");
        let Some(file) = file else { return };
        let failed = move |why: String| {
            board.problem.set(Some(Problem { field: what.to_owned(), what: why }));
        };
        if file.size() > MOST_FILE {
            return failed("The file is larger than 64 MB.".to_owned());
        }
        spawn_local(async move {
            match (bytes_of(&file).await, draft.plans(studio).into_iter().next()) {
                (Ok(bytes), Some(plan)) => then(board, plan, bytes),
                (Err(why), _) => failed(why),
                (Ok(_), None) => {}
            }
        });
    };
    view! {
        <details class="menu">
            <summary class="btn">"From a file"</summary>
            <div class="menu-list">
                <label class="file" title="Judged on the scenario that is chosen; a policy for sessions can then serve on the Session page">
                    "Weights (safetensors) …"
                    <input
                        type="file"
                        accept=".safetensors"
                        data-testid="import-weights"
                        on:change=move |ev| take("weights", &ev, |board, plan, bytes| board.import(plan, bytes))
                    />
                </label>
                <label class="file" title="DPO learns from them, on the scenario that they were made on">
                    "Preference pairs (JSON lines) …"
                    <input
                        type="file"
                        accept=".jsonl,.json"
                        data-testid="import-pairs"
                        on:change=move |ev| {
                            take("pairs", &ev, |board, plan, bytes| board.learn(by_preferences(plan), String::from_utf8_lossy(&bytes).into_owned()));
                        }
                    />
                </label>
            </div>
        </details>
    }
}

async fn bytes_of(file: &web_sys::File) -> Result<Vec<u8>, String> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await.map_err(|e| format!("{e:?}"))?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

#[component]
fn Progress(board: Board) -> impl IntoView {
    let words = move || {
        let Some(card) = board.card() else { return String::new() };
        match (&card.place, &card.view) {
            (Place::Waiting, _) => "Waits until another run is done".to_owned(),
            (Place::Lost(why), _) => format!("Its worker stopped: {why}"),
            (Place::Working, None) => "Starting …".to_owned(),
            (Place::Working, Some(v)) => panels::progress(v),
        }
    };
    let part = Memo::new(move |_| {
        board.card().and_then(|c| c.view).map_or(0.0, |v| (v.done / v.total.max(1.0) * 1000.0).round() / 1000.0)
    });
    view! {
        <span class="progress">
            <progress aria-label="Training" max="1" value=move || part.get().to_string()></progress>
            <span class="tiny muted num" data-testid="train-progress">{words}</span>
            <Kept board=board />
        </span>
    }
}

#[component]
fn Kept(board: Board) -> impl IntoView {
    let words = move || if board.kept_ms.get().is_some() { " · kept in this browser" } else { "" };
    view! { <span class="tiny muted" data-testid="train-kept">{words}</span> }
}

/// The words above an empty list of runs.
fn invitation() -> String {
    format!("Choose a scenario and an algorithm, and press Train. Up to {MOST_RUNS} runs stand side by side.")
}
