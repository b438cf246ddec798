//! The reward: its sum, its parts with editable weights, and the measures beside it.

use super::{
    super::{
        Engine,
        format::{duration, percent, plain, signed},
    },
    card::{Card, text},
};
use crate::{
    session::{RewardParts, RewardSpec},
    worker::Command,
};
use leptos::prelude::*;

/// The sum and what it is made of.
#[component]
pub fn RewardCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let total = engine.part(|s| plain(s.reward.total, 2));
    let change = engine.part(|s| (s.reward.change * 100.0).round() as i64);
    let (up, down) = (move || change.get() > 0, move || change.get() < 0);
    let metrics = engine.part(|s| s.reward.metrics.clone());
    let row = move |name: &'static str, value: AnyView| {
        view! { <div class="row tiny"><dt>{name}</dt><dd class="num">{value}</dd></div> }
    };
    view! {
        <Card title="Session reward" first=true class="reward">
            <p class="big num">
                <span data-testid="reward">{total}</span>
                " "
                <span class="tiny change" class:up=up class:down=down>
                    {text(move || signed(change.get() as f64 / 100.0, 2))}<span class="muted">" this turn"</span>
                </span>
            </p>
            <dl class="rows">
                {row("Time spent", text(move || duration(metrics.get().seconds as f32)))}
                {row("Clicks · likes · shares", text(move || {
                    let m = metrics.get();
                    format!("{} · {} · {}", m.clicks, m.likes, m.shares)
                }))}
                {row("Turns", text(move || metrics.get().turns.to_string()))}
                {row("Instructions met", text(move || {
                    let m = metrics.get();
                    format!("{} / {}", m.met, m.answered)
                }))}
                {row("Chance to return tomorrow", text(move || percent(metrics.get().return_chance)))}
            </dl>
            <h3 class="tiny muted sub">"Beside it, not in it"</h3>
            <dl class="rows">
                {row("NDCG against the true taste", text(move || plain(metrics.get().ndcg, 2)))}
                {row("Diversity within, across slates", text(move || {
                    let m = metrics.get();
                    format!("{} · {}", plain(m.diversity, 2), plain(m.diversity_across, 2))
                }))}
                {row("Topics covered", text(move || percent(metrics.get().coverage)))}
            </dl>
            <Weights />
        </Card>
    }
}

/// A part of the reward: its name, amount and weight.
struct Part {
    name: &'static str,
    amount: fn(&RewardParts) -> f64,
    weight: fn(&mut RewardSpec) -> &mut f64,
}

const PARTS: [Part; 6] = [
    Part { name: "Minutes on items", amount: |p| p.time, weight: |w| &mut w.time },
    Part { name: "Clicks", amount: |p| p.clicks, weight: |w| &mut w.clicks },
    Part { name: "Likes and the like", amount: |p| p.likes, weight: |w| &mut w.likes },
    Part { name: "Turns stayed", amount: |p| p.turns, weight: |w| &mut w.turns },
    Part { name: "Instructions met", amount: |p| p.instructions, weight: |w| &mut w.instructions },
    Part { name: "Return, at the end", amount: |p| p.retention, weight: |w| &mut w.retention },
];

#[component]
fn Weights() -> impl IntoView {
    view! {
        <details class="weights">
            <summary class="tiny">"What it is made of, and the weights"</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Part"</th>
                        <th scope="col">"So far"</th>
                        <th scope="col">"× weight"</th>
                        <th scope="col">"="</th>
                    </tr>
                </thead>
                <tbody>{PARTS.iter().map(|p| view! { <WeightRow part=p /> }).collect_view()}</tbody>
            </table>
        </details>
    }
}

#[component]
fn WeightRow(part: &'static Part) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let now = engine.part(move |s| {
        let mut weights = s.scenario.reward.clone();
        ((part.amount)(&s.reward.parts), *(part.weight)(&mut weights))
    });
    let change = move |ev: leptos::ev::Event| {
        let Some(snapshot) = engine.now() else { return };
        let mut weights = snapshot.scenario.reward.clone();
        let field = event_target::<web_sys::HtmlInputElement>(&ev);
        let value = field.value_as_number();
        // The field shows the weight in force; where the one that is wanted comes into force, it comes back with it.
        field.set_value(&now.get_untracked().1.to_string());
        if value.is_finite() {
            *(part.weight)(&mut weights) = value;
            engine.send(Command::SetReward(weights));
        }
    };
    view! {
        <tr>
            <th scope="row">{part.name}</th>
            <td class="num">{text(move || plain(now.get().0, 2))}</td>
            <td>
                <input
                    type="number"
                    step="0.1"
                    class="num"
                    aria-label=format!("Weight of {}", part.name.to_lowercase())
                    prop:value=move || now.get().1.to_string()
                    on:change=change
                />
            </td>
            <td class="num">{text(move || plain(now.get().0 * now.get().1, 2))}</td>
        </tr>
    }
}
