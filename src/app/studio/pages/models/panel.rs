//! The model on the Session page: what it is doing, what it answered itself, what was spent, and what a person can do.

use super::state::Models;
use crate::{
    llm::{
        driver::{Held, Tally},
        fault::Retry,
        task::Purposed,
    },
    worker::model::{Standing, Tell},
};
use leptos::prelude::*;

/// The panel.
#[component]
pub fn Panel(models: Models) -> impl IntoView {
    let standing = move || models.standing.get();
    view! {
        {move || standing().map(|s| view! {
            <section class="card model-panel" aria-label="The language model" data-testid="model-panel">
                <h2>"Language model"</h2>
                <p class="line">
                    <b data-testid="model-name">{if s.taped { format!("{} (from a tape, no network)", s.model) } else { s.model.clone() }}</b>
                    <span class="chip">{plays(s.sides)}</span>
                    <span class="tiny" role="status" data-testid="model-doing">{doing(&s, models.offline.get())}</span>
                </p>
                {held(models, &s)}
                <p class="tiny num" data-testid="model-tally">{tallies(&s)}</p>
                <p class="tiny num muted" data-testid="model-spent">{spent(&s)}</p>
                {interview(&s)}
                {findings(&s)}
                <div class="line">
                    <Show when=move || models.standing.with(|s| s.as_ref().is_some_and(|s| s.call.is_some()))>
                        <button class="btn" data-testid="model-cancel" on:click=move |_| models.tell(&Tell::Cancel)>"Cancel the call"</button>
                    </Show>
                    <button class="btn" data-testid="model-tape" on:click=move |_| models.tell(&Tell::Tape)>"Save the tape"</button>
                    <a class="btn" href="#/models">"Models"</a>
                    <button class="btn" data-testid="model-dismiss" on:click=move |_| models.dismiss()>"Back to the built-in sides"</button>
                </div>
            </section>
        })}
        <Show when=move || models.standing.with(|s| s.as_ref().is_some_and(|s| !s.taped))>
            <Sent models=models />
        </Show>
    }
}

fn plays(sides: (bool, bool)) -> &'static str {
    match sides {
        (true, true) => "plays both sides",
        (true, false) => "plays the user",
        (false, true) => "recommends",
        (false, false) => "plays no side now",
    }
}

fn doing(s: &Standing, offline: bool) -> String {
    if offline {
        return "Offline: the session waits, and goes on by itself when the connection is back.".into();
    }
    let what = |p: Purposed| match p {
        Purposed::React => "looks at the slate",
        Purposed::Score => "weighs an item",
        Purposed::Decide => "decides whether to stay",
        Purposed::Instruct => "words what should change",
        Purposed::Interview => "answers the interview",
        Purposed::Step => "looks for items",
        Purposed::Choose => "chooses the slate",
        Purposed::Probe | Purposed::Check => "is tested",
    };
    match (&s.held, s.call) {
        (Some(_), _) => "stands still".into(),
        (_, Some((_, purpose, turn))) => format!("{} of turn {} …", what(purpose), turn + 1),
        _ if s.over => "The session is over.".into(),
        _ => String::new(),
    }
}

fn held(models: Models, s: &Standing) -> Option<AnyView> {
    let held = s.held.clone()?;
    let raise = move |_| {
        models.settings.update(|s| {
            let b = &mut s.budget;
            b.most_cost = b.most_cost.map(|m| m * 2.0);
            b.most_tokens = b.most_tokens.map(|m| m.saturating_mul(2));
        });
        let budget = models.settings.with_untracked(|s| s.budget);
        models.tell(&Tell::Limits { budget, retry: Retry::default() });
        models.tell(&Tell::Resume);
    };
    let (words, fix, is_budget) = match held {
        Held::Fault(fault) => (fault.words(), models.fix(&fault), false),
        Held::Budget(words) => (words, String::new(), true),
    };
    Some(
        view! {
            <div class="banner bad" role="alert" data-testid="model-held">
                <p><b>{words}</b>" "{fix}</p>
                <div class="line">
                    {if is_budget {
                        view! { <button class="btn primary" data-testid="model-raise" on:click=raise>"Double the budget and go on"</button> }.into_any()
                    } else {
                        view! { <button class="btn primary" data-testid="model-resume" on:click=move |_| models.tell(&Tell::Resume)>"Try again"</button> }.into_any()
                    }}
                    <button class="btn" data-testid="model-builtin" on:click=move |_| models.tell(&Tell::Builtin)>"Let the built-in side answer this turn"</button>
                </div>
            </div>
        }
        .into_any(),
    )
}

fn tally(side: &str, t: &Tally) -> Option<String> {
    (t.turns > 0).then(|| {
        let repaired = if t.repaired > 0 { format!(", {} after a repair", t.repaired) } else { String::new() };
        let fell = t.turns - t.by_model;
        let fell = if fell > 0 { format!("; the built-in side fell in {fell} times") } else { String::new() };
        let filled = if t.filled > 0 { format!("; {} places were filled for it", t.filled) } else { String::new() };
        format!(
            "As the {side} it answered {} of {} turns itself ({:.0} %){repaired}{fell}{filled}.",
            t.by_model,
            t.turns,
            100.0 * t.share()
        )
    })
}

fn tallies(s: &Standing) -> String {
    let all: Vec<String> =
        [tally("user", &s.user), tally("recommender", &s.recommender)].into_iter().flatten().collect();
    if all.is_empty() { "No turn is answered yet.".into() } else { all.join(" ") }
}

fn spent(s: &Standing) -> String {
    let told = |x: &crate::llm::budget::Spent| {
        let cost = if x.cost > 0.0 { format!(", {:.4} in cost", x.cost) } else { String::new() };
        format!("{} calls, {} + {} tokens{cost}, {:.0} s", x.calls, x.prompt, x.completion, x.ms as f64 / 1000.0)
    };
    let rest = s
        .rest
        .as_ref()
        .filter(|_| !s.taped)
        .map_or_else(String::new, |r| format!(" To the last turn at most: {}.", told(r)));
    format!("Spent: {}.{rest}", told(&s.spent))
}

fn interview(s: &Standing) -> Option<AnyView> {
    let i = s.interview.clone()?;
    Some(
        view! {
            <div class="interview" data-testid="interview">
                <h3>"Asked afterwards"</h3>
                <p>"It rates the session "<b class="num">{i.rating}" of 5"</b>"."</p>
                <p class="tiny"><b>"Why it stayed: "</b><span dir="auto">{i.stay}</span></p>
                <p class="tiny"><b>"Why it left, or would have: "</b><span dir="auto">{i.leave}</span></p>
            </div>
        }
        .into_any(),
    )
}

fn findings(s: &Standing) -> Option<AnyView> {
    let list = s.findings.clone();
    (!list.is_empty()).then(|| {
        view! {
            <details data-testid="findings">
                <summary>{format!("Named failures found: {}", list.len())}</summary>
                <ul class="tiny">{list.into_iter().map(|f| view! { <li>{format!("Turn {}: {}: {}", f.turn + 1, f.signature.title(), f.evidence)}</li> }).collect_view()}</ul>
            </details>
        }
        .into_any()
    })
}

/// What is sent, and what is coming back.
#[component]
pub fn Sent(models: Models) -> impl IntoView {
    let parts = move || models.sent.with(|s| s.as_ref().map(|s| s.1.clone()).unwrap_or_default());
    let body = move || models.sent.with(|s| s.as_ref().map(|s| s.0.clone()).unwrap_or_default());
    view! {
        <details class="card sent" data-testid="sent">
            <summary>"What is sent, and what comes back"</summary>
            {move || parts().into_iter().map(|p| view! {
                <div>
                    <p class="tiny"><b>{p.name}</b><span class="num muted">{format!(" · about {} tokens{}", p.tokens, if p.stable { ", the same each turn" } else { "" })}</span></p>
                    <pre class="tiny" dir="auto">{p.text}</pre>
                </div>
            }).collect_view()}
            <p class="tiny"><b>"The request as it is sent"</b>" (the key travels in a header)"</p>
            <pre class="tiny" tabindex="0" aria-label="The request" data-testid="sent-body">{body}</pre>
            <p class="tiny"><b>"The answer so far"</b></p>
            <pre class="tiny" dir="auto">{models.text}</pre>
        </details>
    }
}
