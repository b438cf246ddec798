//! A card: a section with a heading that folds away.

use super::super::charts::js;
use leptos::prelude::*;

/// Whether the window is as narrow as a phone's, when asked.
pub fn is_phone() -> bool {
    window().match_media("(max-width: 720px)").ok().flatten().is_some_and(|m| m.matches())
}

/// Brings an element just into view, at once (no motion), where the window is a phone's and what holds the element is
/// in sight: who has scrolled on to the charts is left there. On a phone the play bar covers the window's foot.
pub fn keep_in_sight(element: &web_sys::Element) {
    if !is_phone() {
        return;
    }
    let bar = document().query_selector(".play-bar").ok().flatten();
    let list = element.parent_element();
    let (Some(bar), Some(list), Some(this)) = (bar.and_then(|b| span(&b)), list.and_then(|l| span(&l)), span(element))
    else {
        return;
    };
    let foot = bar.0;
    if list.1 < 0.0 || list.0 > foot {
        return;
    }
    // Where it ends up is the style's `scroll-padding`, which leaves room for the bar.
    if this.0 < 0.0 {
        element.scroll_into_view_with_bool(true);
    } else if this.1 > foot {
        element.scroll_into_view_with_bool(false);
    }
}

/// Where an element's top and bottom are in the window, in CSS pixels.
fn span(element: &web_sys::Element) -> Option<(f64, f64)> {
    let area = js::call(element, "getBoundingClientRect", &[]).ok()?;
    let at = |side| js::get(&area, side)?.as_f64();
    Some((at("top")?, at("bottom")?))
}

/// A card. On a phone those that are not `first` start folded.
#[component]
pub fn Card(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A symbol at its end, which keeps its own case.
    #[prop(optional)]
    symbol: &'static str,
    /// A word beside it.
    #[prop(optional, into)]
    aside: Option<Signal<String>>,
    /// Whether it is open on a phone from the start.
    #[prop(optional)]
    first: bool,
    /// A class of its own.
    #[prop(optional)]
    class: &'static str,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let open = first || !is_phone();
    view! {
        <details class=format!("card {class}") open=open>
            <summary>
                <h2>{title}{(!symbol.is_empty()).then(|| view! { " "<span class="symbol">{symbol}</span> })}</h2>
                {aside.map(|a| view! { <span class="tiny muted aside">{a}</span> })}
            </summary>
            {children()}
        </details>
    }
}

/// A bar with its name and value.
#[component]
pub fn Meter(
    /// Its name.
    #[prop(into)]
    name: String,
    /// Its fill, in [0, 1].
    #[prop(into)]
    fill: Signal<f64>,
    /// Its value in words.
    #[prop(into)]
    value: Signal<String>,
    /// Up (1), down (-1) or neither.
    #[prop(into)]
    trend: Signal<i8>,
    /// The colour's class.
    class: &'static str,
) -> impl IntoView {
    view! {
        <div class="meter">
            <dt>{name}</dt>
            <dd>
                <span class="track" aria-hidden="true">
                    <span class=format!("fill {class}") style:width=move || format!("{:.1}%", fill.get().clamp(0.0, 1.0) * 100.0)></span>
                </span>
                <span class="num tiny">{value}" "<Trend trend=trend /></span>
            </dd>
        </div>
    }
}

/// An arrow up or down, with the word for those who do not see it.
#[component]
pub fn Trend(
    /// Up (1), down (-1) or neither.
    #[prop(into)]
    trend: Signal<i8>,
) -> impl IntoView {
    view! {
        <span class="trend" aria-hidden="true">
            {word(move || match trend.get() {
                1 => "▴",
                -1 => "▾",
                _ => "",
            })}
        </span>
        <span class="out-of-sight">
            {word(move || match trend.get() {
                1 => "rising",
                -1 => "falling",
                _ => "",
            })}
        </span>
    }
}

/// The trend between two values, where it is more than rounding.
pub fn trend(before: f32, after: f32) -> i8 {
    match after - before {
        d if d > 0.004 => 1,
        d if d < -0.004 => -1,
        _ => 0,
    }
}

/// Rows that are drawn anew as their list changes, each in the place of the one that stood there. A `For` tells rows apart by
/// a key, which only those with a state of their own need, and weighs as much as a card.
pub fn rows<T>(list: Vec<T>, draw: impl Fn(T) -> AnyView) -> AnyView {
    list.into_iter().map(draw).collect::<Vec<_>>().into_any()
}

/// A part of a view that follows what it reads. One type for all of them: a closure of its own type each would bring its own
/// copy of what draws it.
pub fn live(draw: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    let draw: Box<dyn FnMut() -> AnyView + Send> = Box::new(draw);
    draw.into_any()
}

/// As [`live`], for a part that is not always there.
pub fn maybe(draw: impl FnMut() -> Option<AnyView> + Send + 'static) -> AnyView {
    let draw: Box<dyn FnMut() -> Option<AnyView> + Send> = Box::new(draw);
    draw.into_any()
}

/// As [`live`], for text.
pub fn text(write: impl FnMut() -> String + Send + 'static) -> AnyView {
    let write: Box<dyn FnMut() -> String + Send> = Box::new(write);
    write.into_any()
}

/// As [`live`], for one of a few words.
pub fn word(choose: impl FnMut() -> &'static str + Send + 'static) -> AnyView {
    let choose: Box<dyn FnMut() -> &'static str + Send> = Box::new(choose);
    choose.into_any()
}
