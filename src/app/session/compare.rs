//! Every recommender on this seed and these random numbers.

use super::{
    super::{Engine, format::plain},
    card::{self, Card, live},
};
use crate::worker::{Command, study::ComparisonRow};
use leptos::prelude::*;
use std::time::Duration;

/// How long a scenario must have been looked at before the comparison runs by itself, milliseconds.
const QUIET: Duration = Duration::from_millis(600);

/// Runs the comparison by itself once a scenario has been there for a moment.
pub fn run_by_itself(engine: Engine) {
    let scenario = engine.part(|s| s.scenario.clone());
    Effect::new(move |last: Option<Option<TimeoutHandle>>| {
        scenario.track();
        if let Some(handle) = last.flatten() {
            handle.clear();
        }
        set_timeout_with_handle(move || engine.send(Command::Compare), QUIET).ok()
    });
}

/// The table.
#[component]
pub fn CompareCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let rows = Memo::new(move |_| engine.comparison.with(|c| c.as_ref().map_or_else(Vec::new, |c| c.rows.clone())));
    let done = Memo::new(move |_| engine.comparison.with(|c| c.as_ref().is_some_and(|c| c.done)));
    let best = move || rows.with(|r| r.iter().map(|x| x.reward).fold(f64::EPSILON, f64::max));
    view! {
        <Card title="Compare on this seed">
            <div data-testid="compare" aria-busy=move || (!done.get()).to_string()>
                <Show when=move || !rows.with(Vec::is_empty) fallback=|| view! { <p class="tiny muted">"Running every recommender on the same user and luck …"</p> }>
                    <table class="compare">
                        <thead>
                            <tr class="tiny"><th scope="col">"Recommender"</th><th scope="col">"Reward"</th><th scope="col">"Turns"</th></tr>
                        </thead>
                        <tbody>
                            {live(move || {
                                let best = best();
                                card::rows(rows.get(), |r| row(r, best))
                            })}
                        </tbody>
                    </table>
                    <p class="tiny muted">"Each plays a whole session for the built-in user, with the same luck."</p>
                </Show>
            </div>
        </Card>
    }
}

fn row(row: ComparisonRow, best: f64) -> AnyView {
    let width = format!("{:.1}%", (row.reward / best).clamp(0.0, 1.0) * 100.0);
    view! {
        <tr class="tiny" class:on=row.current>
            <th scope="row">
                <span class="name">{row.title}{row.oracle.then(|| view! { <small class="muted">"sees the truth"</small> })}</span>
                <span class="track" aria-hidden="true"><span class="fill gain" style:width=width></span></span>
            </th>
            <td class="num">{plain(row.reward, 2)}</td>
            <td class="num muted">{row.turns}</td>
        </tr>
    }
    .into_any()
}
