//! The mindset as interests.

use super::{
    super::{Engine, format::signed},
    card::{self, Card, live, text},
};
use leptos::prelude::*;

/// How many interests are shown before the rest is asked for.
const FIRST: usize = 6;

/// One interest as it is drawn.
#[derive(Clone, PartialEq)]
struct Row {
    name: String,
    hue: u8,
    /// In hundredths, so that what looks the same is not drawn again.
    value: i32,
    change: i32,
}

/// Interests now, the strongest first, each with its change in this turn.
#[component]
pub fn InterestsCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let all = RwSignal::new(false);
    let rows = engine.part(|s| {
        let rows = s.user.interests.iter().filter_map(|i| {
            let label = s.topics.get(i.topic as usize)?;
            let hundredths = |x: f32| (x * 100.0).round() as i32;
            let (value, change) = (hundredths(i.value), hundredths(i.change));
            Some(Row { name: label.name.clone(), hue: label.hue + 1, value, change })
        });
        rows.collect::<Vec<_>>()
    });
    let total = move || rows.with(Vec::len);
    let shown = move || rows.with(|r| r.iter().take(if all.get() { usize::MAX } else { FIRST }).cloned().collect());
    let more = move || total() > FIRST;
    view! {
        <Card title="Interests now: mindset" symbol="zₜ">
            <dl class="meters interests">
                {live(move || card::rows(shown(), draw))}
            </dl>
            <Show when=more>
                <button class="link" aria-expanded=move || all.get().to_string() on:click=move |_| all.update(|a| *a = !*a)>
                    {text(move || if all.get() { "Show fewer".to_owned() } else { format!("Show all {}", total()) })}
                </button>
            </Show>
        </Card>
    }
}

fn draw(row: Row) -> AnyView {
    let width = (row.value.abs() / 2).min(50);
    view! {
        <div class="meter">
            <dt><bdi>{row.name}</bdi></dt>
            <dd>
                <span class="track middle" aria-hidden="true">
                    <span
                        class=format!("fill t{}", row.hue)
                        class:below=row.value < 0
                        style:width=format!("{width}%")
                        style:left=format!("{}%", if row.value < 0 { 50 - width } else { 50 })
                    ></span>
                </span>
                <span class="num tiny">
                    {signed(f64::from(row.value) / 100.0, 2)}
                    <span class="change" class:up=(row.change > 0) class:down=(row.change < 0)>
                        <span class="out-of-sight">", change "</span>
                        {signed(f64::from(row.change) / 100.0, 2)}
                    </span>
                </span>
            </dd>
        </div>
    }
    .into_any()
}
