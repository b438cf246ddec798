//! One item of the slate: what it is, what was done with it, and why.

use super::{
    super::{
        Engine,
        format::{action, duration, marks, percent, plain, signed, term},
    },
    card::{keep_in_sight, maybe, word},
    thumb::Thumb,
};
use crate::{
    session::Author,
    worker::snapshot::{Mark, Reason, SlateItem},
};
use leptos::prelude::*;

/// A row of the slate.
#[component]
pub fn ItemRow(position: usize) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let item = engine.part(move |s| s.slate.get(position).cloned());
    let open = RwSignal::new(false);
    let now = move || item.with(|i| i.as_ref().is_some_and(|i| i.now));
    let waiting = move || item.with(|i| i.as_ref().is_some_and(|i| i.reaction.is_none() && !i.now));
    let card = Memo::new(move |_| item.with(|i| i.as_ref().map(|i| i.card.clone())));
    let row = NodeRef::<leptos::html::Li>::new();
    let is_now = Memo::new(move |_| now());
    // While playing the item under review stays in sight; who scrubs or steps has their own finger on the page.
    Effect::new(move |_| {
        if is_now.get() && engine.now().is_some_and(|s| s.playing) {
            row.with_untracked(|row| row.as_ref().map(|row| keep_in_sight(row)));
        }
    });
    view! {
        <li class="item" node_ref=row class:now=now class:waiting=waiting aria-current=move || now().then_some("step")>
            {maybe(move || {
                card.get()
                    .map(|card| {
                        let topic = card.topics.first().cloned().unwrap_or_default();
                        let title = card.item.title.clone();
                        view! {
                            <Thumb card=card.clone() />
                            <div class="about-item">
                                <b class="clip2" dir="auto" title=title.clone()>{title.clone()}</b>
                                <span class="tiny muted line">
                                    <span class=format!("chip topic t{}", card.hue + 1)><bdi>{topic}</bdi></span>
                                    <bdi class="clip1">{card.creator.clone()}</bdi>
                                    <span class="num">"· "{duration(card.item.duration_s)}</span>
                                </span>
                            </div>
                        }
                            .into_any()
                    })
            })}
            <div class="done">{maybe(move || item.get().map(|i| view! { <Done item=i /> }.into_any()))}</div>
            {maybe(move || {
                item.get()
                    .filter(|i| !i.why.is_empty())
                    .map(|i| {
                        view! {
                            <div class="why">
                                <span class="tiny" dir="auto">{i.why.clone()}</span>
                                <button
                                    class="link tiny"
                                    aria-expanded=move || open.get().to_string()
                                    aria-label=format!("Reasons in numbers, item {}", position + 1)
                                    on:click=move |_| open.update(|o| *o = !*o)
                                >
                                    {word(move || if open.get() { "Less" } else { "Why?" })}
                                </button>
                            </div>
                        }
                            .into_any()
                    })
            })}
            {maybe(move || {
                let item = item.get().filter(|i| open.get() && !i.reasons.is_empty())?;
                Some(view! { <Reasons item=item /> }.into_any())
            })}
        </li>
    }
}

/// How an answer came about, where a language model plays the side.
pub fn mark_of(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::None => None,
        Mark::Model => Some("model"),
        Mark::Repaired => Some("model, repaired"),
        Mark::Builtin => Some("built-in fell in"),
        Mark::Own => Some("your recommender"),
    }
}

/// The badge: what was done.
#[component]
fn Done(item: SlateItem) -> impl IntoView {
    match item.reaction {
        Some(r) => {
            let (text, tone) = action(&r, &item.card.item);
            let by = (item.by == Author::Person).then_some(" by you");
            let mark = mark_of(item.mark);
            let marks = marks(&r).into_iter().map(|m| view! { <span class="chip user">{m}</span> }).collect_view();
            view! {
                <span class=format!("chip act {tone}")>{text}{by}</span>
                {marks}
                {mark.map(|m| view! { <span class="chip reco" data-testid="mark">{m}</span> })}
            }
            .into_any()
        }
        None if item.now => view! { <span class="tiny muted">"looking …"</span> }.into_any(),
        None => ().into_any(),
    }
}

/// The terms of the utility against what this user usually feels.
#[component]
fn Reasons(item: SlateItem) -> impl IntoView {
    let largest = item.reasons.iter().map(|r| r.difference.abs()).fold(0.5, f32::max);
    let rows = item.reasons.iter().map(|r| view! { <ReasonRow reason=*r largest=largest /> }).collect_view();
    let number = |x: Option<f32>| x.map_or_else(|| "–".into(), |x| plain(f64::from(x), 2));
    view! {
        <div class="reasons" role="group" tabindex="0" aria-label="Reasons in numbers">
            <table>
                <caption class="tiny muted">
                    {format!(
                        "Utility {} → chance of a click {}; felt {} once opened. Each term against what this user usually feels.",
                        number(item.utility),
                        item.click_chance.map_or_else(|| "–".into(), |c| percent(f64::from(c))),
                        number(item.felt),
                    )}
                </caption>
                <thead>
                    <tr>
                        <th scope="col">"Term"</th>
                        <th scope="col">"Here"</th>
                        <th scope="col">"Usually"</th>
                        <th scope="col">"Difference"</th>
                        <td></td>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn ReasonRow(reason: Reason, largest: f32) -> impl IntoView {
    let width = (reason.difference.abs() / largest * 50.0).min(50.0);
    let left = if reason.difference < 0.0 { 50.0 - width } else { 50.0 };
    let class = if reason.difference < 0.0 { "fill loss" } else { "fill gain" };
    view! {
        <tr>
            <th scope="row">{term(reason.term)}</th>
            <td class="num">{plain(f64::from(reason.value), 2)}</td>
            <td class="num">{plain(f64::from(reason.usual), 2)}</td>
            <td class="num">{signed(f64::from(reason.difference), 2)}</td>
            <td class="bar-cell" aria-hidden="true">
                <span class="track middle">
                    <span class=class style:width=format!("{width:.1}%") style:left=format!("{left:.1}%")></span>
                </span>
            </td>
        </tr>
    }
}
