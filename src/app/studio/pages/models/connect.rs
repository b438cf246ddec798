//! Which model: at an address.

use super::state::{Models, Tested};
use crate::llm::dialect::{self, PRESETS};
use leptos::prelude::*;

/// The form of a server.
#[component]
pub fn Connect(models: Models) -> impl IntoView {
    let preset = move || models.preset().map_or("other", |p| p.name);
    // What the server told of takes the place of the examples.
    let examples = move || {
        let listed = models.listed.with(|l| l.iter().map(|m| m.name.clone()).collect::<Vec<_>>());
        let examples = || models.preset().map_or_else(Vec::new, |p| p.models.iter().map(|m| (*m).to_owned()).collect());
        if listed.is_empty() { examples() } else { listed }
    };
    let priced = move || {
        let prices = models.listed_prices.get().filter(|p| models.settings.with(|s| s.budget.prices == *p))?;
        Some(format!(
            " As it lists them, a million tokens cost {} (prompt) and {} (answer).",
            prices.prompt, prices.completion
        ))
    };
    let allow = move || {
        let origin = window().location().origin().unwrap_or_default();
        models.preset().map(|p| p.allow.replace("{origin}", &origin))
    };
    let risky = move || models.base.with(|b| dialect::is_plain(b) && !dialect::is_local(b));
    let changed = move || models.tested.set(Tested::No);
    view! {
        <form class="model-form" on:submit=move |ev| { ev.prevent_default(); models.test() }>
            <label class="field">
                <small>"Server"</small>
                <select data-testid="preset" prop:value=preset on:change=move |ev| models.choose_preset(&event_target_value(&ev))>
                    {PRESETS.iter().map(|p| view! { <option value=p.name>{p.title}</option> }).collect_view()}
                    <option value="other" disabled=true>"Another address"</option>
                </select>
            </label>
            <label class="field wide">
                <small>"Address, up to where chat/completions begins"</small>
                <input type="url" autocomplete="off" spellcheck="false" data-testid="base" prop:value=models.base
                    on:input=move |ev| { models.base.set(event_target_value(&ev)); models.listed.set(Vec::new()); changed() } />
            </label>
            <label class="field">
                <small>"Model"</small>
                <input type="text" list="example-models" autocomplete="off" spellcheck="false" data-testid="model" prop:value=models.model
                    on:input=move |ev| { models.model.set(event_target_value(&ev)); changed() } />
            </label>
            <datalist id="example-models">{move || examples().into_iter().map(|m| view! { <option value=m></option> }).collect_view()}</datalist>
            <label class="field">
                <small>"Key, if one is wanted"</small>
                <input type="password" autocomplete="off" data-testid="key" title="It stays in this tab's memory and goes to this host alone." placeholder=move || if models.has_key() { "in memory, for this host" } else { "" }
                    prop:value=move || { models.base.track(); "" } on:change=move |ev| models.set_key(&event_target_value(&ev)) />
            </label>
            <button class="btn primary" type="submit" data-testid="test-connection">"Test connection"</button>
        </form>
        <p class="tiny muted">{allow}</p>
        <Show when=risky>
            <p class="tiny bad" role="note">"Over plain http anybody on the way can read what is sent, the key too."</p>
        </Show>
        <div role="status" data-testid="tested">{move || tested(models.tested.get(), models.streams.get(), &priced().unwrap_or_default())}</div>
    }
}

fn tested(tested: Tested, streams: bool, priced: &str) -> AnyView {
    match tested {
        Tested::No => ().into_any(),
        Tested::Asking(n) => view! { <p class="muted">"Asking small questions … "{n}" answered"</p> }.into_any(),
        Tested::Works(f) => {
            let schema =
                if f.enforced { "keeps to a schema" } else { "is not held to a schema: answers may need a repair" };
            let scored = if f.dialect.logprobs {
                "gives log-probabilities, so scored mode works"
            } else {
                "gives no log-probabilities, so written mode alone works"
            };
            let streamed = if streams { "" } else { " Its streams break off: answers are waited for and shown whole." };
            view! { <p class="good"><b>"It works. "</b>{format!("The server {schema}; it {scored}. A small call took {:.1} s.{streamed}{priced}", f.ms as f64 / 1000.0)}</p> }.into_any()
        }
        Tested::Fails(fault, fix) => view! { <p class="bad"><b>{fault.words()}</b>" "{fix}</p> }.into_any(),
    }
}
