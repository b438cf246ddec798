//! A first look: where there is no run yet, the page trains a short one by itself, so that a newcomer sees a policy improve
//! before pressing anything. It says so, can be stopped, is not kept, and gives way to the person's own runs.

use super::{
    board::{Board, Card},
    form::Draft,
    panels::steps,
};
use crate::{
    app::studio::Studio,
    worker::train::protocol::{Chosen, Command, Phase, Plan},
};
use leptos::prelude::*;
use std::time::Duration;

/// Its steps: in a published environment, and in sessions, whose steps take longer.
const STEPS: [f64; 2] = [60_000.0, 10_000.0];
/// It is ended after so many seconds, however slow the machine.
const SECONDS: u64 = 20;

/// What it trains: the form's choice, shortened, with the first of its seeds.
fn plan(draft: Draft, studio: Studio) -> Option<Plan> {
    let plan = draft.plans(studio).into_iter().next()?;
    let most = STEPS[usize::from(matches!(plan.scenario, Chosen::Session(_)))];
    let seeds = plan.seeds.into_iter().take(1).collect();
    Some(Plan { steps: plan.steps.min(most), seeds, ..plan })
}

/// Begins it when the page opens, and anew for another scenario or algorithm, as long as the person has no run.
pub fn offer(board: Board, draft: Draft, studio: Studio) {
    Effect::new(move |_| {
        draft.scenario.track();
        draft.algorithm.track();
        if board.opened.get()
            && studio.shows("train")
            && board.may_look()
            && let Some(plan) = plan(draft, studio)
            && let Some(id) = board.look(plan)
        {
            board.end_look(id, SECONDS);
        }
    });
}

impl Board {
    /// Whether a first look may begin: the person has begun no run, and has not sent a look away.
    fn may_look(self) -> bool {
        !self.declined.get_untracked() && self.cards.with_untracked(|all| all.iter().all(|c| c.is_look))
    }

    /// Ends a look that is still under way, `after` so many seconds.
    fn end_look(self, id: u32, after: u64) {
        let phase = |c: &Card| c.view.as_ref().map(|v| v.phase.clone()).unwrap_or_default();
        let end = move || {
            let look = self.cards.try_with_untracked(|all| all.iter().find(|c| c.id == id && c.is_look).map(phase));
            match look.flatten() {
                Some(Phase::Training) => self.tell(id, &Command::Stop),
                // A slow machine: at least what it is compared with is measured.
                Some(Phase::Preparing) => self.end_look(id, 1),
                _ => {}
            }
        };
        set_timeout(end, Duration::from_secs(after));
    }
}

/// Says what it is.
#[component]
pub fn Look(board: Board) -> impl IntoView {
    let words = Memo::new(move |_| {
        let card = board.card().filter(|c| c.is_look)?;
        let seed = card.plan.seeds.first().cloned().unwrap_or_default();
        Some(format!(
            "This page began it by itself: {} on seed {seed}, {} steps or {SECONDS} seconds. It is not kept.",
            card.name,
            steps(card.plan.steps)
        ))
    });
    view! {
        {move || {
            words
                .get()
                .map(|words| {
                    view! {
                        <p class="first-look" data-testid="first-look">
                            <b>"A first look. "</b>
                            {words}
                            " Press Train for a run of your own. "
                            <button type="button" class="link" data-testid="no-look" on:click=move |_| board.remove(board.shown.get_untracked())>
                                "Not now"
                            </button>
                        </p>
                    }
                })
        }}
    }
}
