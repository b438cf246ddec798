//! Check this model: the report card, beside those of other models.

use super::state::{Checking, Models, Where};
use crate::{app::store, app::toast::Tone, llm::card::Card};
use leptos::prelude::*;

/// The report cards.
#[component]
pub fn Report(models: Models) -> impl IntoView {
    let absent = move || models.at.get() == Where::Tab && models.loaded.with(Option::is_none);
    let asking = move || matches!(models.checking.get(), Checking::Asking(..));
    let save = move |_| {
        let cards = models.cards.get_untracked();
        let made = serde_json::to_string_pretty(&cards).map_err(|e| e.to_string());
        if let Err(why) = made.and_then(|json| store::download("recoworld-cards.json", "application/json", &json)) {
            models.toasts.show(Tone::Bad, "The report cards were not saved", &why);
        }
    };
    let table = move || {
        let cards = models.cards.get();
        (!cards.is_empty()).then(|| view! { <Table cards=cards /> })
    };
    view! {
        <p class="tiny muted">"Eight calls, the same for every model: two people who could hardly be more different see one slate, then upside down, then again; then each says what is wrong with a slate of the other's."</p>
        <div class="line">
            <button class="btn" data-testid="check-model" disabled=move || models.is_asking() || absent() on:click=move |_| models.check()>"Check this model"</button>
            <Show when=asking><button class="btn" on:click=move |_| models.stop_check()>"Stop"</button></Show>
            <Show when=move || models.cards.with(|c| !c.is_empty())><button class="btn" data-testid="save-cards" on:click=save>"Save the cards"</button></Show>
        </div>
        <div role="status" data-testid="checking">{move || match models.checking.get() {
            Checking::No => ().into_any(),
            Checking::Asking(done, all) => view! { <p class="muted num">{format!("{done} of {all} calls answered … ")}{move || models.left.get()}" "{move || models.pace.get()}</p> }.into_any(),
            Checking::Stopped(why) => view! { <p class="bad">{why}</p> }.into_any(),
        }}</div>
        {table}
    }
}

#[component]
fn Table(cards: Vec<Card>) -> impl IntoView {
    let percent = |x: f64| format!("{:.0} %", 100.0 * x);
    let share = move |x: Option<f64>| x.map_or_else(|| "–".into(), percent);
    let signed = |x: Option<f64>| x.map_or_else(|| "–".into(), |x| format!("{x:+.2}"));
    type Read<'a> = Box<dyn Fn(&Card) -> String + 'a>;
    let rows: Vec<(&str, Read<'_>)> = vec![
        ("Verdict", Box::new(|c| if c.passed() { "passed".into() } else { "failed".into() })),
        ("Valid answers", Box::new(move |c| percent(c.valid))),
        ("Persona sensitivity", Box::new(move |c| signed(c.persona_sensitivity))),
        ("Position bias", Box::new(move |c| signed(c.position_bias))),
        ("Specific instructions", Box::new(move |c| share(c.instruction_quality))),
        ("Same again", Box::new(move |c| share(c.consistency))),
        ("Tokens a turn", Box::new(|c| format!("{:.0} + {:.0}", c.prompt_tokens, c.completion_tokens))),
        ("Seconds a turn", Box::new(|c| format!("{:.1}", c.seconds))),
        (
            "Cost of 1,000 sessions",
            Box::new(|c| c.cost_1000.map_or_else(|| "no prices given".into(), |x| format!("{x:.2}"))),
        ),
        ("What is amiss", Box::new(|c| c.failed.join(" "))),
        ("What it says", Box::new(|c| c.instructions.iter().map(|w| format!("“{w}”")).collect::<Vec<_>>().join(" "))),
    ];
    let head = cards.iter().map(|c| view! { <th scope="col">{c.model.clone()}</th> }).collect_view();
    let body = rows
        .iter()
        .map(|(name, read)| {
            let cells = cards.iter().map(|c| view! { <td class="num">{read(c)}</td> }).collect_view();
            view! { <tr><th scope="row">{*name}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label="Report cards">
            <table class="cards" data-testid="cards"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>
        </div>
    }
}
