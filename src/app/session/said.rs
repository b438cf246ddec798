//! An instruction.

use super::{super::Engine, card::keep_in_sight};
use crate::{
    session::Author,
    user::{Channel, Specificity},
    worker::snapshot::{AskedView, InstructionView},
};
use leptos::prelude::*;

/// What the user asked, how, what for, and whether it was met.
#[component]
pub fn Said(
    /// The instruction.
    said: InstructionView,
    /// Whether it is the one that the slate shown answers.
    before: bool,
) -> impl IntoView {
    let channel = match said.channel {
        Channel::Explicit => "explicit",
        Channel::Implicit => "implicit",
    };
    let specificity = match said.specificity {
        Specificity::Specific => "specific",
        Specificity::Vague => "vague",
    };
    let who = match said.by {
        Author::Person => "You asked",
        _ if before => "User had asked",
        _ => "User instructs",
    };
    let words =
        if said.words.is_empty() { "Fast skips, and not a word.".to_owned() } else { format!("“{}”", said.words) };
    let met = match said.met {
        _ if !said.heard => Some(("not heard by the recommender", "")),
        Some(true) => Some(("met by this slate", "gain")),
        Some(false) => Some(("not met by this slate", "loss")),
        None => None,
    };
    let own = said.by == Author::Person;
    let engine = expect_context::<Engine>();
    let node = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if let Some(said) = node.get().filter(|_| !before && engine.now().is_some_and(|s| s.playing)) {
            keep_in_sight(&said);
        }
    });
    view! {
        <div class="say user" class:compact=before node_ref=node>
            <h3>
                {who}" · "{channel}
                {(!own).then(|| format!(" · {specificity}"))}
                {met.map(|(text, tone)| view! { <span class=format!("chip {tone}")>{text}</span> })}
            </h3>
            <p class="words" dir="auto">{words}</p>
            <p class="tiny muted">
                "Aimed at: "<bdi>{said.aim.clone()}</bdi>
                {(!said.reason.is_empty()).then(|| format!(". Why: {}.", said.reason))}
            </p>
            {said.asked.map(|asked| view! { <Exchange asked=asked own=own /> })}
        </div>
    }
}

/// What the recommender asked about it, and what came back.
#[component]
fn Exchange(asked: AskedView, own: bool) -> impl IntoView {
    let who = if own { "You" } else { "The user" };
    let reply = match asked.reply.as_deref() {
        None => "No answer yet.".to_owned(),
        Some("") => format!("{who} let the question pass."),
        Some(words) => format!("{who} answered: “{words}”"),
    };
    view! {
        <p class="tiny" data-testid="exchange" dir="auto">
            "Asked back: “"{asked.question}"” "
            <b>{reply}</b>
        </p>
    }
}
