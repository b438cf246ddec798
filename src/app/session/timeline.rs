//! The timeline: scrub to any moment; turns, instructions and forks are marked.

use super::{
    super::Engine,
    bar::place,
    card::{live, rows},
};
use crate::worker::{Command, snapshot::BranchView};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;

/// How long the slider stays where a person put it while the worker is on its way there.
const PATIENCE: Duration = Duration::from_secs(1);

/// A mark on the timeline.
#[derive(Clone, Copy, PartialEq)]
struct Mark {
    /// Its place, in [0, 1].
    at: f64,
    kind: &'static str,
}

/// A slider over the moments of the branch looked at.
#[component]
pub fn Timeline() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let span = engine.part(|s| s.branches.iter().find(|b| b.id == s.selected).map_or(1, |b| b.moments.max(1)));
    let cursor = engine.part(|s| s.cursor);
    let words = engine.part(|s| place(s.cursor, s.turn, s.need, s.slate.len()));
    let marks = engine.part(|s| {
        let this = s.branches.iter().find(|b| b.id == s.selected);
        this.map_or_else(Vec::new, |b| marks(b, &s.branches))
    });
    // Pictures of places that were passed come in while the next key is down already: they must not move the slider back.
    let asked = RwSignal::new(None::<usize>);
    let forget = move || {
        asked.try_set(None);
    };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let seek = move |ev: leptos::ev::Event| {
        if let Ok(moment) = event_target_value(&ev).parse() {
            asked.set(Some(moment));
            let due = set_timeout_with_handle(forget, PATIENCE).ok();
            timer.update_value(|t| {
                if let Some(old) = std::mem::replace(t, due) {
                    old.clear();
                }
            });
            engine.send(Command::Seek(moment));
        }
    };
    let shown = move || asked.get().unwrap_or_else(|| cursor.get());
    let played = move || cursor.get() as f64 / span.get() as f64;
    view! {
        <div class="timeline">
            <div class="rail" aria-hidden="true">
                <span class="played" style:width=move || percent(played())></span>
                {live(move || rows(marks.get(), mark))}
            </div>
            <input
                type="range"
                min="0"
                max=move || span.get().to_string()
                prop:value=move || shown().to_string()
                aria-label="Moment of the session"
                aria-valuetext=words
                data-testid="timeline"
                on:input=seek
            />
        </div>
    }
}

fn mark(mark: Mark) -> AnyView {
    view! { <span class=format!("mark {}", mark.kind) style:left=percent(mark.at)></span> }.into_any()
}

fn percent(at: f64) -> String {
    format!("{:.3}%", at * 100.0)
}

/// The ends of turns, the instructions and the places where forks left.
fn marks(branch: &BranchView, all: &[BranchView]) -> Vec<Mark> {
    let span = branch.moments.max(1) as f64;
    let at = |moment: usize| moment as f64 / span;
    // Beyond some two hundred turns ticks would only be a grey bar.
    let every = branch.turns.len() / 200 + 1;
    let turns = branch.turns.iter().filter(|t| t.finished).step_by(every).map(|t| Mark { at: at(t.to), kind: "turn" });
    let said = branch.turns.iter().filter(|t| t.instruction.is_some()).map(|t| Mark { at: at(t.to), kind: "said" });
    let forks = all.iter().filter_map(|b| b.origin).filter(|(from, _)| *from == branch.id);
    let forks = forks.map(|(_, moment)| Mark { at: at(moment), kind: "forked" });
    let own = branch.origin.map(|(_, moment)| Mark { at: at(moment), kind: "forked" });
    turns.chain(said).chain(forks).chain(own).filter(|m| m.at <= 1.0).collect()
}
