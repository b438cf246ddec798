//! The item looked at, its neighbours under each representation, and what a representation costs.

use super::{key, name, state::Data};
use crate::{
    app::{
        format::{duration, plain},
        session::thumb::Thumb,
    },
    scenario::Representation,
    worker::{
        data::protocol::{Command, Mapped, Neighbour},
        snapshot::ItemCard,
    },
};
use leptos::prelude::*;

/// The item looked at, and the search for another.
#[component]
pub fn Chosen(data: Data) -> impl IntoView {
    let item = Memo::new(move |_| data.near.with(|n| n.as_ref().map(|n| n.item.clone())));
    view! {
        <section class="card chosen-item" aria-labelledby="data-item">
            <h2 id="data-item">"The item looked at"</h2>
            <div class="chosen-parts">
                <div class="chosen-now" aria-live="polite" data-testid="data-chosen">
                    {move || item.get().map(|card| view! { <Whole card=card /> })}
                </div>
                <Search data=data />
            </div>
            <p class="tiny muted">"Choose any item: click it in a map or a list, or search for it. In a map, the arrow keys read one item after another and Enter chooses it."</p>
        </section>
    }
}

#[component]
fn Whole(card: ItemCard) -> impl IntoView {
    let topics = card.topics.join(", ");
    let about = format!("{} · by {} · {}", topics, card.creator, duration(card.item.duration_s));
    let (title, text) = (card.item.title.clone(), card.item.text.clone());
    view! {
        <Thumb card=card />
        <div class="about-item">
            <b dir="auto">{title}</b>
            <span class="tiny muted" dir="auto">{about}</span>
            <span class="tiny clip3" dir="auto">{text}</span>
        </div>
    }
}

#[component]
fn Search(data: Data) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let find = move |ev| {
        let text = event_target_value(&ev);
        words.set(text.clone());
        if text.trim().is_empty() {
            data.found.set(None);
        } else {
            data.send(&Command::Find(text));
        }
    };
    let told = move || {
        data.found.with(|f| {
            f.as_ref().map_or_else(String::new, |(_, items, total)| match (items.len(), *total) {
                (_, 0) => "Nothing found.".to_owned(),
                (n, all) if n < all => format!("The first {n} of {all} found."),
                (_, all) => format!("{all} found."),
            })
        })
    };
    let one = move |card: ItemCard| {
        let ix = card.ix;
        let title = card.item.title.clone();
        let topic = card.topics.first().cloned().unwrap_or_default();
        view! {
            <li>
                <button type="button" class="pick" on:click=move |_| data.look_at(ix)>
                    <span class="clip1" dir="auto">{title}</span>
                    <small class="muted">{topic}</small>
                </button>
            </li>
        }
    };
    view! {
        <div class="find-item" role="search">
            <label class="field">
                <small>"Find an item by title, creator or topic"</small>
                <input type="search" autocomplete="off" data-testid="data-search" prop:value=words on:input=find />
            </label>
            <p class="tiny muted" role="status">{told}</p>
            <ul class="found" data-testid="data-found">
                {move || data.found.get().map(|f| f.1.into_iter().map(one).collect_view())}
            </ul>
        </div>
    }
}

/// What is most like the item looked at.
#[component]
pub fn Neighbours(data: Data, representation: Representation, embedded: bool) -> impl IntoView {
    let list = Memo::new(move |_| {
        data.near.with(|n| {
            n.as_ref()?
                .lists
                .iter()
                .find(|l| l.representation == representation && l.model.is_some() == embedded)
                .cloned()
        })
    });
    let one = move |n: Neighbour| {
        let ix = n.item.ix;
        let (title, topic) = (n.item.item.title.clone(), n.item.topics.first().cloned().unwrap_or_default());
        let alike = plain(f64::from(n.cosine), 2);
        view! {
            <li>
                <button type="button" class="pick with-thumb" on:click=move |_| data.look_at(ix)>
                    <Thumb card=n.item />
                    <span class="names"><span class="clip2" dir="auto">{title}</span><small class="muted">{topic}</small></span>
                    <span class="num tiny muted" title="Cosine between the two: 1 is the same">{alike}</span>
                </button>
            </li>
        }
    };
    let by = if embedded { " by the model" } else { "" };
    let heading = format!("Most alike as {}{by}", name(representation));
    let named = heading.clone();
    view! {
        <section class="card" aria-label=named>
            <h3>{heading}</h3>
            {move || match list.get() {
                None => view! { <p class="tiny muted">"Not made yet."</p> }.into_any(),
                Some(list) => {
                    view! {
                        <ol class="neighbours" data-testid=format!("near-{}", key(representation, embedded))>{list.items.into_iter().map(one).collect_view()}</ol>
                        <p class="tiny"><span class="muted">"A language model reads: "</span><span class="line-read" dir="auto">{list.line}</span></p>
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// What an item costs under a representation.
#[component]
pub fn CostOf(mapped: Memo<Option<Mapped>>) -> impl IntoView {
    move || {
        mapped.get().map(|m| {
            let collisions = (m.representation == Representation::SemanticId).then(|| {
                view! { <div><dt>"share a code’s four numbers"</dt><dd class="num">{m.collisions}" items"</dd></div> }
            });
            view! {
                <dl class="cost tiny" aria-label="What an item costs" data-testid=format!("cost-{}", key(m.representation, m.model.is_some()))>
                    <div><dt>"bytes an item"</dt><dd class="num">{plain(m.cost.bytes, 0)}</dd></div>
                    <div><dt>"ms to make an item"</dt><dd class="num">{plain(m.cost.ms, 3)}</dd></div>
                    <div><dt>"tokens an item"</dt><dd class="num">{plain(m.cost.tokens, 1)}</dd></div>
                    {(m.cost.embedded > 0.0).then(|| view! { <div><dt>"tokens to embed an item"</dt><dd class="num">{plain(m.cost.embedded, 1)}</dd></div> })}
                    {collisions}
                </dl>
            }
        })
    }
}
