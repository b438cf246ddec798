//! The recommender's trace: perceive, plan, act, remember.

use super::{
    super::Engine,
    card::{is_phone, maybe},
};
use crate::{recommender::Step, session::Author, worker::protocol::Side};
use leptos::prelude::*;

/// How the slate shown came about.
#[component]
pub fn TraceCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let trace = engine.part(|s| s.trace.clone());
    let title = engine.part(move |s| {
        if s.composed_by == Author::Model
            && let Some(guest) = engine.guest().filter(|g| g.serves.is_none())
        {
            return guest.name;
        }
        let branch = s.branches.iter().find(|b| b.id == s.selected);
        branch.map_or_else(String::new, |b| b.serving.clone())
    });
    // A person who plays a side has the slate to look at, and the user is not told what the recommender thinks.
    let by_person = engine.part(|s| s.user_by == Side::Person || s.slate_by == Side::Person);
    let open = move || !is_phone() && !by_person.get();
    view! {
        {maybe(move || {
            trace
                .get()
                .map(|t| {
                    let parts = [("Perceive", t.perceive), ("Plan", t.plan), ("Act", t.act), ("Remember", t.remember)];
                    view! {
                        <details class="say reco" open=open>
                            <summary><h3>"Recommender · "<bdi>{title}</bdi></h3></summary>
                            <dl class="trace">
                                {parts
                                    .into_iter()
                                    .filter(|(_, steps)| !steps.is_empty())
                                    .map(|(name, steps)| {
                                        view! {
                                            <div>
                                                <dt>{name}</dt>
                                                <dd>{steps.into_iter().map(|s| view! { <StepLine step=s /> }).collect_view()}</dd>
                                            </div>
                                        }
                                    })
                                    .collect_view()}
                            </dl>
                        </details>
                    }
                        .into_any()
                })
        })}
    }
}

#[component]
fn StepLine(step: Step) -> impl IntoView {
    let data = step.data.iter().map(|(name, value)| format!("{name} = {value:.3}")).collect::<Vec<_>>().join(", ");
    view! { <span class="clip3" dir="auto" title=data>{step.text}</span> }
}
