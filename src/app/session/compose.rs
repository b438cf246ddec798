//! Being the recommender: a slate composed by hand, by searching the shelf.

use super::{
    super::{Engine, format::duration},
    card::{live, maybe, rows, text},
    slate::asked,
    thumb::Thumb,
};
use crate::{
    catalog::{ItemIx, TopicIx},
    worker::{
        Command, HumanAnswer,
        snapshot::{ItemCard, NeedView},
    },
};
use leptos::prelude::*;

/// How many items a search shows.
const LIMIT: usize = 20;

/// The composer, where a slate is due and a person composes it.
#[component]
pub fn Compose() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let due = engine.part(|s| {
        let turn = if s.slate.is_empty() { 0 } else { s.turn + 1 };
        (s.need == NeedView::Slate && asked(s, s.slate_by)).then_some((turn, s.scenario.slate_size))
    });
    view! { {maybe(move || due.get().map(|(turn, size)| view! { <Composer turn=turn size=size /> }.into_any()))} }
}

#[component]
fn Composer(turn: u32, size: usize) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let chosen = RwSignal::new(Vec::<ItemCard>::new());
    let full = move || chosen.with(Vec::len) >= size;
    let show = move |_| {
        let items: Vec<ItemIx> = chosen.with_untracked(|c| c.iter().map(|c| c.ix).collect());
        engine.send(Command::Answer(HumanAnswer::Slate(items)));
    };
    let place = move |(i, card): (usize, ItemCard)| {
        view! {
            <li>
                <span class="clip1" dir="auto">{card.item.title.clone()}</span>
                <button
                    class="icon"
                    disabled=i == 0
                    aria-label=format!("Move item {} up", i + 1)
                    on:click=move |_| chosen.update(|c| c.swap(i, i.saturating_sub(1)))
                >
                    <span aria-hidden="true">"↑"</span>
                </button>
                <button
                    class="icon"
                    aria-label=format!("Take item {} out", i + 1)
                    on:click=move |_| chosen.update(|c| drop(c.remove(i)))
                >
                    <span aria-hidden="true">"✕"</span>
                </button>
            </li>
        }
        .into_any()
    };
    view! {
        <div class="your-turn reco" role="group" aria-label="Your slate" data-testid="composer">
            <h3>{format!("Your turn · compose slate {}", turn + 1)}</h3>
            <Search chosen=chosen size=size />
            <p class="tiny muted">{text(move || chosen_words(chosen.with(Vec::len), size))}</p>
            <ol class="chosen" tabindex="0" aria-label="Items chosen">
                {live(move || rows(chosen.get().into_iter().enumerate().collect(), place))}
            </ol>
            <div class="line">
                <button class="btn primary" disabled=move || !full() data-testid="show-slate" on:click=show>"Show this slate"</button>
                <button class="btn" on:click=move |_| engine.send(Command::Answer(HumanAnswer::LetBuiltin))>"Let the recommender do it"</button>
            </div>
        </div>
    }
}

/// "3 of 8 chosen, 5 to go. The first stands at the top."
fn chosen_words(chosen: usize, size: usize) -> String {
    let left = size.saturating_sub(chosen);
    let left = if left == 0 { String::new() } else { format!(", {left} to go") };
    format!("{chosen} of {size} chosen{left}. The first stands at the top.")
}

#[component]
fn Search(chosen: RwSignal<Vec<ItemCard>>, size: usize) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let words = RwSignal::new(String::new());
    let topic = RwSignal::new(None::<TopicIx>);
    let topics = engine.part(|s| s.topics.clone());
    Effect::new(move |_| {
        engine.send(Command::Search { words: words.get(), topic: topic.get(), limit: LIMIT });
    });
    let found = move || {
        let taken: Vec<ItemIx> = chosen.with(|c| c.iter().map(|c| c.ix).collect());
        engine.found.get().items.into_iter().filter(|i| !taken.contains(&i.ix)).collect::<Vec<_>>()
    };
    view! {
        <div class="line">
            <input
                type="search"
                class="search"
                placeholder="Search titles, creators, topics"
                aria-label="Search the shelf"
                maxlength="200"
                data-testid="search"
                prop:value=words
                on:input=move |ev| words.set(event_target_value(&ev))
            />
            <select aria-label="Only this topic" on:change=move |ev| topic.set(event_target_value(&ev).parse().ok())>
                <option value="">"All topics"</option>
                {topics.get_untracked().into_iter().map(|t| view! { <option value=t.topic.to_string()>{t.name}</option> }).collect_view()}
            </select>
            <span class="tiny muted" role="status">{text(move || engine.found.with(|f| format!("{} found", f.total)))}</span>
        </div>
        <ul class="found" tabindex="0" aria-label="Items found">
            {live(move || rows(found(), |card| found_item(card, chosen, size)))}
        </ul>
    }
}

fn found_item(card: ItemCard, chosen: RwSignal<Vec<ItemCard>>, size: usize) -> AnyView {
    let label = format!("Add {}", card.item.title);
    let facts = format!("{} · {}", card.topics.join(" · "), duration(card.item.duration_s));
    let (picture, title) = (card.clone(), card.item.title.clone());
    let add = move |_| chosen.update(|c| c.push(card.clone()));
    let full = move || chosen.with(Vec::len) >= size;
    view! {
        <li>
            <Thumb card=picture />
            <span class="about-item">
                <b class="clip1" dir="auto">{title}</b>
                <span class="tiny muted">{facts}</span>
            </span>
            <button class="btn" disabled=full aria-label=label on:click=add>"Add"</button>
        </li>
    }
    .into_any()
}
