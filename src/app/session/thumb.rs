//! An item's picture: its own where a person brought it, else drawn from data.

use crate::{
    catalog::thumbnail::{Form, HEIGHT, Shape, WIDTH},
    worker::snapshot::ItemCard,
};
use leptos::prelude::*;

/// The picture; it repeats the topic and mood that stand beside it, so it is hidden from those who listen.
#[component]
pub fn Thumb(card: ItemCard) -> impl IntoView {
    if !card.photo.is_empty() {
        return view! { <img class="thumb" src=card.photo alt="" width=WIDTH height=HEIGHT /> }.into_any();
    }
    let class = format!("thumb t{}", card.hue + 1);
    view! {
        <svg class=class viewBox=format!("0 0 {WIDTH} {HEIGHT}") width=WIDTH height=HEIGHT aria-hidden="true" focusable="false">
            <rect class="ground" width=WIDTH height=HEIGHT />
            {card.picture.shapes.into_iter().map(|s| view! { <Drawn shape=s /> }).collect_view()}
        </svg>
    }
    .into_any()
}

#[component]
fn Drawn(shape: Shape) -> impl IntoView {
    let class = format!("tone{}", shape.tone.clamp(1, 4));
    let turn = format!("rotate({} {} {})", shape.turn, WIDTH / 2, HEIGHT / 2);
    match shape.form {
        Form::Circle { cx, cy, r } => view! { <circle class=class transform=turn cx=cx cy=cy r=r /> }.into_any(),
        Form::Rect { x, y, w, h, r } => {
            view! { <rect class=class transform=turn x=x y=y width=w height=h rx=r /> }.into_any()
        }
        Form::Path { d } => view! { <path class=class transform=turn d=d /> }.into_any(),
    }
}
