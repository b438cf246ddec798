//! The model on the Session page: what it is doing, what it answered itself, what was spent, and what a person can do.

use super::{play::tokens, state::Models};
use crate::{
    chart::text::{count, grouped},
    llm::{
        budget::Spent,
        driver::{Held, Tally},
        task::Purposed,
    },
    worker::model::{Standing, Tell},
};
use leptos::prelude::*;

/// The smallest budget that a turn fits into, tokens.
const LEAST_TOKENS: u64 = 10_000;

/// A part of how the guest is; what depends on it is only drawn again when that part has changed, so that nothing that a
/// person has opened or stands on goes from under them.
fn part<T: Default + PartialEq + Send + Sync + 'static>(
    models: Models,
    of: impl Fn(&Standing) -> T + Send + Sync + 'static,
) -> Memo<T> {
    Memo::new(move |_| models.standing.with(|s| s.as_ref().map(&of).unwrap_or_default()))
}

/// The panel.
#[component]
pub fn Panel(models: Models) -> impl IntoView {
    let name = part(models, |s| s.model.clone());
    let taped = part(models, |s| s.taped);
    let calls = part(models, |s| s.call.is_some());
    let sides = part(models, |s| plays(s.sides));
    let doing =
        move || models.standing.with(|s| s.as_ref().map_or_else(String::new, |s| doing(s, models.offline.get())));
    let pace = move || calls.get().then(|| models.pace.get());
    let tally = part(models, tallies);
    let spent = part(models, spent);
    let failed = move || models.cards.with(|c| c.iter().any(|c| c.model == name.get() && !c.passed()));
    view! {
        <section class="card model-panel" aria-label="The language model" data-testid="model-panel">
            <div class="line">
                <h2>"Language model"</h2>
                <b data-testid="model-name">{name}</b>
                <Show when=move || taped.get()><span class="chip" data-testid="model-taped">"from a tape, no network"</span></Show>
                <span class="chip reco" data-testid="model-sides">{sides}</span>
                <span class="tiny" role="status" data-testid="model-doing">{doing}</span>
                <span class="tiny muted num" data-testid="model-pace">{pace}</span>
                <span class="grow"></span>
                <Show when=move || calls.get()>
                    <button class="btn" data-testid="model-cancel" on:click=move |_| models.tell(&Tell::Cancel)>"Cancel the call"</button>
                </Show>
                <button class="btn" data-testid="model-tape" on:click=move |_| models.tell(&Tell::Tape)>"Save the tape"</button>
                <button class="btn" data-testid="model-dismiss" on:click=move |_| models.dismiss()>"Back to the built-in sides"</button>
            </div>
            <Show when=failed>
                <p class="tiny bad" role="note" data-testid="model-failed">"This model failed its report card: what it does here says little about people. "<a href="#/models">"See the card"</a></p>
            </Show>
            <HeldNote models=models />
            <p class="tiny num" data-testid="model-tally">{tally}</p>
            <p class="tiny num muted" data-testid="model-spent">{spent}</p>
            <Interview models=models />
            <Findings models=models />
            <Show when=move || !taped.get()>
                <Sent models=models />
            </Show>
        </section>
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
        Purposed::Read => "reads what was said",
        Purposed::Probe | Purposed::Check => "is tested",
    };
    match (&s.held, s.call) {
        (Some(_), _) => "stands still".into(),
        (_, Some((_, purpose, turn))) => format!("{} of turn {} …", what(purpose), turn + 1),
        _ if s.over => "The session is over.".into(),
        _ => String::new(),
    }
}

/// Why the session stands still, and the ways on.
#[component]
fn HeldNote(models: Models) -> impl IntoView {
    let held = part(models, |s| s.held.clone());
    let raise = move |_| {
        models.settings.update(|s| {
            let b = &mut s.budget;
            // Above what is spent, whatever it was: else it would stand still again at once.
            let spent = models.standing.with_untracked(|s| s.as_ref().map(|s| s.spent)).unwrap_or_default();
            b.most_cost = b.most_cost.map(|m| (m * 2.0).max(spent.cost * 2.0).max(0.01));
            let least = (2 * (spent.prompt + spent.completion)).max(LEAST_TOKENS);
            b.most_tokens = b.most_tokens.map(|m| m.saturating_mul(2).max(least));
        });
        models.tell_limits();
        models.tell(&Tell::Resume);
    };
    let again = move |_| models.tell(&Tell::Resume);
    let ways = move |is_budget: bool| {
        match is_budget {
        true => view! { <button class="btn primary" data-testid="model-raise" on:click=raise>"Double the budget and go on"</button> }.into_any(),
        false => view! { <button class="btn primary" data-testid="model-resume" on:click=again>"Try again"</button> }.into_any(),
    }
    };
    move || {
        held.get().map(|held| {
            let (words, fix, is_budget) = match held {
                Held::Fault(fault) => (models.words_seated(&fault), models.fix_seated(&fault), false),
                Held::Budget(words) => (words, String::new(), true),
            };
            view! {
                <div class="banner bad" role="alert" data-testid="model-held">
                    <p><b>{words}</b>" "{fix}</p>
                    <div class="line">
                        {ways(is_budget)}
                        <button class="btn" data-testid="model-builtin" on:click=move |_| models.tell(&Tell::Builtin)>"Let the built-in side answer this turn"</button>
                        <a class="btn" href="#/models">"Change the settings"</a>
                    </div>
                </div>
            }
        })
    }
}

fn tally(side: &str, t: &Tally) -> Option<String> {
    (t.turns > 0).then(|| {
        let repaired = if t.repaired > 0 { format!(", {} after a repair", t.repaired) } else { String::new() };
        let fell = t.turns - t.by_model;
        let fell = match fell {
            0 => String::new(),
            1 => "; the built-in side fell in once".into(),
            n => format!("; the built-in side fell in {n} times"),
        };
        let filled = match t.filled {
            0 => String::new(),
            1 => "; one place was filled for it".into(),
            n => format!("; {n} places were filled for it"),
        };
        format!(
            "As the {side} it answered {} of {} {} itself ({:.0} %){repaired}{fell}{filled}.",
            t.by_model,
            t.turns,
            if t.turns == 1 { "turn" } else { "turns" },
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
    let told = |x: &Spent| {
        let cost = if x.cost > 0.0 { format!(", {:.4} in cost", x.cost) } else { String::new() };
        let failed = if x.failed > 0 { format!(" ({} without an answer)", x.failed) } else { String::new() };
        let estimated = match x.estimated {
            0 => String::new(),
            n if n == x.tokens() => " (estimated)".to_owned(),
            n => format!(" ({} of them estimated)", grouped(n as usize)),
        };
        format!(
            "{}{failed}, {}{estimated}{cost}, {:.0} s",
            count(x.calls as usize, "call"),
            tokens(x.prompt, x.completion),
            x.ms as f64 / 1000.0
        )
    };
    let rest = s
        .rest
        .as_ref()
        .filter(|_| !s.taped)
        .map_or_else(String::new, |r| format!(" To the last turn at most: {}.", told(r)));
    let when = if s.taped { "When it was recorded" } else { "Spent" };
    format!("{when}: {}.{rest}", told(&s.spent))
}

#[component]
fn Interview(models: Models) -> impl IntoView {
    let interview = part(models, |s| s.interview.clone());
    move || {
        interview.get().map(|i| {
            view! {
                <div class="interview" data-testid="interview">
                    <h3>"Asked afterwards"</h3>
                    <p class="tiny">"It rates the session "<b class="num">{i.rating}" of 5"</b>"."</p>
                    <p class="tiny"><b>"Why it stayed: "</b><span dir="auto">{i.stay}</span></p>
                    <p class="tiny"><b>"Why it left, or would have: "</b><span dir="auto">{i.leave}</span></p>
                </div>
            }
        })
    }
}

#[component]
fn Findings(models: Models) -> impl IntoView {
    let findings = part(models, |s| s.findings.clone());
    let count = Memo::new(move |_| findings.with(Vec::len));
    let list = move || {
        let one = |f: crate::llm::failure::Finding| view! { <li>{format!("Turn {}: {}: {}", f.turn + 1, f.signature.title(), f.evidence)}</li> };
        findings.get().into_iter().map(one).collect_view()
    };
    view! {
        <Show when=move || count.get() != 0>
            <details data-testid="findings">
                <summary>"Named failures found: "<span class="num">{count}</span></summary>
                <ul class="tiny">{list}</ul>
            </details>
        </Show>
    }
}

/// What is sent, and what is coming back.
#[component]
pub fn Sent(models: Models) -> impl IntoView {
    let parts = move || models.sent.with(|s| s.as_ref().map(|s| s.1.clone()).unwrap_or_default());
    let body = move || models.sent.with(|s| s.as_ref().map(|s| s.0.clone()).unwrap_or_default());
    let text = move || models.text.get();
    view! {
        <details class="sent" data-testid="sent">
            <summary>"What is sent, and what comes back"</summary>
            <Show when=move || models.sent.with(Option::is_some) fallback=|| view! { <p class="tiny muted">"Nothing was sent yet."</p> }>
                {move || parts().into_iter().map(|p| view! {
                    <div>
                        <p class="tiny"><b>{p.name}</b><span class="num muted">{format!(" · about {} tokens{}", p.tokens, if p.stable { ", the same each turn" } else { "" })}</span></p>
                        <pre class="tiny" dir="auto" tabindex="0">{p.text}</pre>
                    </div>
                }).collect_view()}
                <p class="tiny"><b>"The request as it is sent"</b>" (the key travels in a header)"</p>
                <pre class="tiny" tabindex="0" aria-label="The request" data-testid="sent-body">{body}</pre>
                <p class="tiny"><b>"The answer so far"</b></p>
                <pre class="tiny" dir="auto" tabindex="0" aria-label="The answer" data-testid="sent-answer">{text}</pre>
            </Show>
        </details>
    }
}
