//! How the model takes part: sides, mode, budget, prompts.

use super::{
    scores::Scores,
    state::{Models, Tested, Where},
};
use crate::{
    app::{studio::Studio, toast::Tone},
    chart::text::grouped,
    llm::{prompt::estimate_tokens, settings::Mode},
    scenario::Representation,
};
use leptos::prelude::*;

/// What the model plays and how.
#[component]
pub fn Play(models: Models) -> impl IntoView {
    let s = models.settings;
    let sides = move || {
        s.with(|s| match (s.user, s.recommender) {
            (true, true) => "both",
            (false, true) => "recommender",
            _ => "user",
        })
    };
    let choose = move |ev: leptos::ev::Event| {
        let wanted = event_target_value(&ev);
        s.update(|s| (s.user, s.recommender) = (wanted != "recommender", wanted != "user"));
    };
    let no_scores = move || {
        models.at.get() == Where::Remote && matches!(models.tested.get(), Tested::Works(f) if !f.dialect.logprobs)
    };
    let ready = move || match models.at.get() {
        Where::Remote => matches!(models.tested.get(), Tested::Works(_)),
        Where::Tab => models.loaded.with(Option::is_some),
    };
    let failed = move || {
        let name = models.named();
        models.cards.with(|c| c.iter().any(|c| c.model == name && !c.passed()))
    };
    view! {
        <div class="model-form">
            <label class="field">
                <small>"The model plays"</small>
                <select data-testid="llm-as" prop:value=sides on:change=choose>
                    <option value="user">"The user"</option>
                    <option value="recommender">"The recommender"</option>
                    <option value="both">"Both"</option>
                </select>
            </label>
            <label class="field">
                <small>"As the user it"</small>
                <select data-testid="llm-mode" prop:value=move || s.with(|s| if s.mode == Mode::Scored { "scored" } else { "written" })
                    on:change=move |ev| s.update(|s| s.mode = if event_target_value(&ev) == "scored" { Mode::Scored } else { Mode::Written })>
                    <option value="written">"writes a reaction, with reasons"</option>
                    <option value="scored" disabled=no_scores>"gives the chance of each action"</option>
                </select>
            </label>
            <Number models=models label="Price of 1 M prompt tokens" testid="price-prompt" get=|s| Some(s.budget.prices.prompt) set=|s, x| s.budget.prices.prompt = x.unwrap_or(0.0) />
            <Number models=models label="Price of 1 M answer tokens" testid="price-answer" get=|s| Some(s.budget.prices.completion) set=|s, x| s.budget.prices.completion = x.unwrap_or(0.0) />
            <Number models=models label="Stop at this cost" testid="most-cost" empty="no limit" get=|s| s.budget.most_cost set=|s, x| s.budget.most_cost = x />
            <Number models=models label="Stop at so many tokens" testid="most-tokens" empty="no limit" get=|s| s.budget.most_tokens.map(|n| n as f64) set=|s, x| s.budget.most_tokens = x.map(|n| n as u64) />
            <Number models=models label="Seconds allowed for a call" testid="timeout" get=|s| Some(s.timeout_ms as f64 / 1000.0) set=|s, x| s.timeout_ms = (x.unwrap_or(120.0).clamp(1.0, 3600.0) * 1000.0) as u64 />
        </div>
        <Show when=move || s.with(|s| s.user && s.mode == Mode::Scored)><Scores models=models /></Show>
        <Sees models=models />
        <Estimate models=models />
        <Show when=move || models.settings.with(|s| s.prompts.files().iter().any(|f| !s.prompts.amiss(f.0).is_empty()))>
            <p class="bad" role="note" data-testid="prompts-amiss">"A prompt was edited so that the model may not learn what it needs: see Prompts below."</p>
        </Show>
        <Show when=failed><p class="bad" role="note">"This model failed its report card: what it does says little about people."</p></Show>
        <div class="line">
            <button class="btn primary" data-testid="sit" disabled=move || !ready() on:click=move |_| models.sit()>"Play on the Session page"</button>
            <span class="tiny muted">{move || if ready() { "The session there begins anew, on the same seed." } else { "Test the connection (or load a model) first." }}</span>
        </div>
        <Prompts models=models />
    }
}

/// Whether the slate's pictures go along, where the scenario shows items by text and picture.
#[component]
fn Sees(models: Models) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let pictures =
        move || studio.scenario.with(|s| s.as_ref().is_some_and(|s| s.representation == Representation::Multimodal));
    let of_user = move || models.settings.with(|s| s.user) && models.may_see();
    view! {
        <Show when=move || pictures() && of_user()>
            <label class="choice">
                <input type="checkbox" data-testid="sees" prop:checked=move || models.settings.with(|s| s.sees)
                    on:change=move |ev| models.settings.update(|s| s.sees = event_target_checked(&ev)) />
                "The model sees: each slate’s pictures go along"
            </label>
            <p class="tiny muted">"For a model that takes images. Drawn pictures and those from your files are sent within the request; pictures that lie at an address are not."</p>
        </Show>
    }
}

#[component]
pub fn Number(
    models: Models,
    label: &'static str,
    testid: &'static str,
    /// What stands in the field while it is empty.
    #[prop(default = "")]
    empty: &'static str,
    get: fn(&crate::llm::settings::Settings) -> Option<f64>,
    set: fn(&mut crate::llm::settings::Settings, Option<f64>),
) -> impl IntoView {
    let value = move || models.settings.with(get).map_or_else(String::new, |x| x.to_string());
    let change = move |ev: leptos::ev::Event| {
        let field = event_target::<web_sys::HtmlInputElement>(&ev);
        // A number field gives no text for what is no number; it is not the same as empty.
        let bad = !field.check_validity();
        let text = field.value();
        let number = text.trim().parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
        if bad || (number.is_none() && !text.trim().is_empty()) {
            models.toasts.show(Tone::Bad, label, "It is a number, 0 or more. What was there holds.");
            field.set_value(&untrack(value));
            return;
        }
        models.settings.update(|s| set(s, number));
    };
    view! {
        <label class="field">
            <small>{label}</small>
            <input type="number" min="0" step="any" class="num" data-testid=testid placeholder=empty prop:value=value on:change=change />
        </label>
    }
}

/// Tokens, in words.
pub(super) fn tokens(prompt: u64, answer: u64) -> String {
    format!("{} prompt tokens and {} answer tokens", grouped(prompt as usize), grouped(answer as usize))
}

/// What a session will take at the most, before it is played: from a turn of this model that was measured, else from the
/// length of the prompts.
#[component]
fn Estimate(models: Models) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let text = move || {
        let s = models.settings.get();
        let Some((turns, slate)) = studio.scenario.with(|s| s.as_ref().map(|s| (f64::from(s.horizon), s.slate_size)))
        else {
            return String::new();
        };
        let (turn, from) = models.turn(&s, slate);
        let (prompt, answer) = (turns * turn.prompt, turns * turn.answer);
        let prices = s.budget.prices;
        let cost = (prompt * prices.prompt + answer * prices.completion) / 1e6;
        let cost = if cost > 0.0 { format!(", {cost:.4} in cost") } else { String::new() };
        let time = turn.seconds.map_or_else(String::new, |t| format!(", {:.0} s", turns * t));
        let tokens = tokens(prompt as u64, answer as u64);
        let unpriced = if s.budget.most_cost.is_some() && prices.prompt + prices.completion == 0.0 {
            " Without prices the cost is not known, so it cannot stop at it."
        } else {
            ""
        };
        format!(
            "All {turns:.0} turns of the scenario will take about {tokens}{cost}{time} ({from}). The Session page counts what was spent, and stops at the budget.{unpriced}"
        )
    };
    view! { <p class="tiny num" data-testid="estimate">{text}</p> }
}

/// What is amiss with a prompt as it was edited.
fn amiss(models: Models, file: &'static str) -> String {
    models.settings.with(|s| s.prompts.amiss(file).join(" "))
}

/// The prompts, to be read and edited.
#[component]
fn Prompts(models: Models) -> impl IntoView {
    let files: Vec<&'static str> = models.settings.with_untracked(|s| s.prompts.files().iter().map(|f| f.0).collect());
    let of = move |file: &'static str| {
        models
            .settings
            .with(|s| s.prompts.files().iter().find(|f| f.0 == file).map(|f| f.1.to_owned()).unwrap_or_default())
    };
    let one = move |file: &'static str| {
        view! {
            <details class="prompt">
                <summary>{file}" "<span class="bad">{move || (!amiss(models, file).is_empty()).then_some("⚠ ")}</span><span class="tiny muted num">{move || format!("about {} tokens", estimate_tokens(&of(file)))}</span></summary>
                <textarea rows="10" spellcheck="false" aria-label=file prop:value=move || of(file)
                    on:change=move |ev| models.settings.update(|s| { s.prompts.set(file, &event_target_value(&ev)); })></textarea>
                <p class="tiny bad" role="status">{move || amiss(models, file)}</p>
            </details>
        }
    };
    view! {
        <details>
            <summary data-testid="prompts">"Prompts"</summary>
            <p class="tiny muted">"Names in braces are filled in from the session. What stays the same comes first, so that a server's cache hits."</p>
            {files.into_iter().map(one).collect_view()}
            <button class="btn" on:click=move |_| models.settings.update(|s| s.prompts = Default::default())>"As they were"</button>
        </details>
    }
}
