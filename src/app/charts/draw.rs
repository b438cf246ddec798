//! Scenes as SVG elements. Colours are the page's custom properties, so a picture follows light and dark by itself.

use crate::chart::{Dash, Fill, Ink, Key, Mark, Style, pattern, text::px};
use leptos::prelude::*;

fn colour(ink: Ink) -> String {
    format!("var({})", ink.property())
}

/// What a shape is filled with; `id` is the figure's own, since patterns are found by id in the whole page.
fn paint(fill: Fill, id: u32) -> String {
    match fill {
        Fill::None => "none".into(),
        Fill::Solid(ink) => colour(ink),
        Fill::Topic(hue) => format!("url(#f{id}-p{})", hue % 8),
    }
}

/// The patterns of the topics, once a figure.
pub fn patterns(id: u32) -> impl IntoView {
    let one = |hue: u8| {
        let (lines, dots) = pattern(hue);
        view! {
            <pattern id=format!("f{id}-p{hue}") width="8" height="8" patternUnits="userSpaceOnUse">
                <rect width="8" height="8" fill=colour(Ink::Topic(hue)) />
                <path d=lines fill="none" stroke="var(--paper)" stroke-width="1.2" stroke-opacity=".55" />
                <path d=dots fill="var(--paper)" fill-opacity=".6" />
            </pattern>
        }
    };
    view! { <defs>{(0..8).map(one).collect_view()}</defs> }
}

/// One mark.
pub fn mark(mark: &Mark, id: u32) -> AnyView {
    match mark {
        Mark::Path { d, style } => {
            let s = Attributes::of(*style, id);
            view! {
                <path
                    d=d.clone()
                    fill=s.fill
                    stroke=s.stroke
                    stroke-width=s.width
                    stroke-dasharray=s.dash
                    stroke-linejoin="round"
                    stroke-linecap="round"
                    opacity=s.opacity
                />
            }
            .into_any()
        }
        Mark::Rect { area: [x, y, w, h], radius, style } => {
            let s = Attributes::of(*style, id);
            view! {
                <rect
                    x=px(*x)
                    y=px(*y)
                    width=px(w.max(0.0))
                    height=px(h.max(0.0))
                    rx=px(*radius)
                    fill=s.fill
                    stroke=s.stroke
                    stroke-width=s.width
                    opacity=s.opacity
                />
            }
            .into_any()
        }
        Mark::Circle { centre: [x, y], radius, style } => {
            let s = Attributes::of(*style, id);
            view! {
                <circle cx=px(*x) cy=px(*y) r=px(*radius) fill=s.fill stroke=s.stroke stroke-width=s.width opacity=s.opacity />
            }
            .into_any()
        }
        Mark::Text { at: [x, y], anchor, size, bold, ink, halo, words } => view! {
            <text
                class:halo=*halo
                x=px(*x)
                y=px(*y)
                text-anchor=anchor.name()
                font-size=px(*size)
                font-weight=if *bold { "600" } else { "400" }
                fill=colour(*ink)
            >
                {words.clone()}
            </text>
        }
        .into_any(),
    }
}

struct Attributes {
    fill: String,
    stroke: String,
    width: String,
    dash: &'static str,
    opacity: String,
}

impl Attributes {
    fn of(style: Style, id: u32) -> Self {
        Self {
            fill: paint(style.fill, id),
            stroke: style.stroke.map_or_else(|| "none".into(), colour),
            width: px(style.width),
            dash: style.dash.array(),
            opacity: format!("{:.2}", style.opacity),
        }
    }
}

/// The little picture before a name.
pub fn key(key: Key, id: u32) -> AnyView {
    let picture = match key {
        Key::None => return ().into_any(),
        Key::Line(ink, dash) => line(ink, dash).into_any(),
        Key::Swatch(fill) => view! { <rect y="1" width="18" height="10" rx="3" fill=paint(fill, id) /> }.into_any(),
        Key::Dot(ink) => view! { <circle cx="9" cy="6" r="4" fill=colour(ink) /> }.into_any(),
    };
    view! { <svg class="key" width="18" height="12" viewBox="0 0 18 12" aria-hidden="true">{picture}</svg> }.into_any()
}

fn line(ink: Ink, dash: Dash) -> impl IntoView {
    view! { <path d="M1 6L17 6" stroke=colour(ink) stroke-width="2.2" stroke-dasharray=dash.array() stroke-linecap="round" /> }
}
