//! The play bar: it stays in sight.

use super::{
    super::{Engine, keys},
    Open,
    card::word,
    timeline::Timeline,
};
use crate::worker::{Command, Speed, snapshot::NeedView};
use leptos::prelude::*;

/// Play, steps, speed and the timeline.
#[component]
pub fn PlayBar() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let playing = engine.part(|s| s.playing);
    let send = move |command: Command| move |_| engine.send(command.clone());
    view! {
        <div class="bar play-bar" role="group" aria-label="Playing">
            <div class="transport">
                <button class="btn icon-btn" title="Reset on the same seed (R)" aria-label="Reset on the same seed" on:click=send(Command::Reset)>
                    <span aria-hidden="true">"⟲"</span>
                </button>
                <button
                    class="btn primary play"
                    data-testid="play"
                    title="Play or pause (Space)"
                    on:click=move |_| engine.send(keys::toggle(engine))
                >
                    <span aria-hidden="true">{word(move || if playing.get() { "❚❚" } else { "▶" })}</span>
                    {word(move || if playing.get() { "Pause" } else { "Play" })}
                </button>
                <button class="btn icon-btn" title="One item back (←)" aria-label="One item back" on:click=send(Command::StepBack)>
                    <span aria-hidden="true">"‹"</span>
                </button>
                <button class="btn" title="One item (→)" data-testid="step" on:click=send(Command::StepItem)>"Step"</button>
                <button class="btn" title="One turn (Shift + →)" data-testid="turn" on:click=send(Command::StepTurn)>"Turn"</button>
                <button class="btn icon-btn" title="To the end of the session" aria-label="To the end of the session" data-testid="end" on:click=send(Command::RunToEnd)>
                    <span aria-hidden="true">"⇥"</span>
                </button>
            </div>
            <SpeedSelect />
            <Timeline />
            <Place />
            <ForkButton />
        </div>
    }
}

#[component]
fn SpeedSelect() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let speed = engine.part(|s| s.speed);
    let choose = move |ev: leptos::ev::Event| {
        if let Some(&speed) = event_target_value(&ev).parse::<usize>().ok().and_then(|i| Speed::ALL.get(i)) {
            engine.send(Command::SetSpeed(speed));
        }
    };
    let value = move || Speed::ALL.iter().position(|s| *s == speed.get()).unwrap_or_default().to_string();
    view! {
        <label class="field speed">
            <small>"Speed"</small>
            <select on:change=choose prop:value=value data-testid="speed">
                <option value="0">"Slow"</option>
                <option value="1">"Normal"</option>
                <option value="2">"Fast"</option>
                <option value="3">"Top"</option>
            </select>
        </label>
    }
}

/// Where the cursor is, in words.
#[component]
fn Place() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let text = engine.part(|s| place(s.cursor, s.turn, s.need, s.slate.len()));
    view! { <span class="tiny muted num place" data-testid="place">{text}</span> }
}

/// "Turn 4 · item 3 of 5", "Turn 4 · done".
pub fn place(cursor: usize, turn: u32, need: NeedView, slate: usize) -> String {
    if cursor == 0 {
        return "Before the first slate".into();
    }
    let turn = turn + 1;
    match need {
        NeedView::Review(position) => format!("Turn {turn} · item {} of {slate}", position + 1),
        NeedView::Verdict => format!("Turn {turn} · slate seen"),
        NeedView::Slate => format!("Turn {turn} · done"),
        NeedView::Reply => format!("Turn {turn} · a question back"),
        NeedView::Left => format!("Left after turn {turn}"),
        NeedView::Truncated => format!("Ended at turn {turn}"),
    }
}

#[component]
fn ForkButton() -> impl IntoView {
    let open = expect_context::<Open>();
    view! {
        <button class="btn" aria-haspopup="dialog" title="Go on otherwise from this moment" data-testid="fork" on:click=move |_| open.fork.set(true)>
            "Fork here"
        </button>
    }
}
