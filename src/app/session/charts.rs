//! The session's charts: interests over turns, reward and satisfaction, recommenders over many seeds.

use super::super::{
    Engine,
    charts::{Figure, Shared, shared},
};
use crate::{
    chart::session::{Measure, interests, rollouts, trajectory},
    worker::Command,
};
use leptos::prelude::*;

/// Goes to the end of a turn of the branch looked at.
fn seek_turn(engine: Engine) -> Callback<usize> {
    Callback::new(move |turn: usize| {
        let to = engine.now().and_then(|s| {
            let branch = s.branches.iter().find(|b| b.id == s.selected)?;
            branch.turns.iter().find(|t| t.turn as usize == turn).map(|t| t.to)
        });
        if let Some(to) = to {
            engine.send(Command::Seek(to));
        }
    })
}

/// Interests over the session, a fork below its origin.
#[component]
pub fn InterestsFigure() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let data = engine.part(interests);
    let chart = Signal::derive(move || -> Shared { shared(data.get()) });
    view! { <Figure chart=chart on_pick=seek_turn(engine) testid="interests-chart" /> }
}

/// Reward and satisfaction by turn, a fork dashed beside its origin.
#[component]
pub fn TrajectoryFigure() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let data = engine.part(trajectory);
    let chart = Signal::derive(move || -> Shared { shared(data.get()) });
    // Every turn has a stop, so that a stop's place is its turn's.
    view! { <Figure chart=chart on_pick=seek_turn(engine) testid="trajectory-chart" /> }
}

/// Recommenders over many seeds, by the measure chosen; there once something has run.
#[component]
pub fn RolloutsFigure() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let measure = RwSignal::new(Measure::default());
    let there = Memo::new(move |_| engine.rollouts.with(|r| r.as_ref().is_some_and(|r| r.done > 0)));
    let chart = Signal::derive(move || -> Shared {
        let measure = measure.get();
        shared(engine.rollouts.with(|r| rollouts(r.as_ref().unwrap_or(&Default::default()), measure)))
    });
    let choose = move |ev: leptos::ev::Event| {
        let chosen = event_target_value(&ev).parse::<usize>().ok().and_then(|i| Measure::ALL.get(i).copied());
        measure.set(chosen.unwrap_or_default());
    };
    let options = move || {
        Measure::ALL
            .iter()
            .enumerate()
            .map(|(i, m)| view! { <option value=i.to_string()>{m.name()}</option> })
            .collect_view()
    };
    view! {
        <Show when=move || there.get()>
            <div class="figure-with-choice">
                <Figure chart=chart testid="rollouts-chart" />
                <label class="field">
                    <small>"Measure"</small>
                    <select data-testid="rollouts-measure" on:change=choose>{options()}</select>
                </label>
            </div>
        </Show>
    }
}
