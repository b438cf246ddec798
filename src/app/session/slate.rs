//! The loop: what was asked, what the recommender made of it, the slate, and what is asked next.

use super::{
    super::Engine,
    card::{Card, maybe},
    compose::Compose,
    human::{HumanReply, HumanReview, HumanVerdict},
    item::{ItemRow, mark_of},
    said::Said,
    trace::TraceCard,
};
use crate::{
    session::Author,
    worker::{protocol::Side, snapshot::NeedView},
};
use leptos::prelude::*;

/// The present turn.
#[component]
pub fn LoopCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let aside = engine.part(|s| match s.need {
        _ if s.slate.is_empty() => "before the first slate".to_owned(),
        NeedView::Review(position) => format!("slate of {} · item {} under review", s.slate.len(), position + 1),
        NeedView::Verdict => format!("slate of {} · the user decides whether to go on", s.slate.len()),
        NeedView::Slate => format!("slate of {} · done", s.slate.len()),
        NeedView::Reply => "the recommender asks back".to_owned(),
        NeedView::Left => "the user left".to_owned(),
        NeedView::Truncated => "the scenario's last turn is over".to_owned(),
    });
    let turn = engine.part(|s| s.turn + 1);
    let answered = engine.part(|s| s.answered.clone());
    let instruction = engine.part(|s| s.instruction.clone());
    let by_you = engine.part(|s| s.composed_by == Author::Person);
    let mark = engine.part(|s| mark_of(s.slate_mark));
    let slots = engine.part(|s| s.slate.len());
    let end = engine.part(|s| match s.need {
        NeedView::Left => Some("The user has left."),
        NeedView::Truncated => Some("The scenario ends here."),
        _ => None,
    });
    view! {
        <Card title="The loop" first=true class="loop">
            <p class="turn-line">
                <b>"Turn "{turn}</b>
                " "
                <span class="tiny muted">{aside}</span>
                {maybe(move || by_you.get().then(|| view! { <span class="chip reco">"composed by you"</span> }.into_any()))}
                {maybe(move || {
                    let mark = mark.get()?;
                    Some(view! { <span class="chip reco" data-testid="slate-mark">"composed: "{mark}</span> }.into_any())
                })}
            </p>
            {maybe(move || answered.get().map(|i| view! { <Said said=i before=true /> }.into_any()))}
            <TraceCard />
            // What a person is asked stands in one place, above the slate: nothing below the window's edge is waited for.
            <HumanReview />
            <HumanVerdict />
            <HumanReply />
            <Compose />
            <ol class="slate" aria-label="The slate">
                <For each=move || 0..slots.get() key=|i| *i let:position>
                    <ItemRow position=position />
                </For>
            </ol>
            {maybe(move || instruction.get().map(|i| view! { <Said said=i before=false /> }.into_any()))}
            {maybe(move || {
                let text = end.get()?;
                let next = " Reset, fork at an earlier moment, or take another seed.";
                Some(view! { <p class="ended"><b>{text}</b>{next}</p> }.into_any())
            })}
        </Card>
    }
}

/// Whether a person is asked now, on the side and for the need given: only at the end of what was played.
pub fn asked(s: &crate::worker::Snapshot, side: Side) -> bool {
    side == Side::Person && !matches!(s.need, NeedView::Left | NeedView::Truncated)
}
