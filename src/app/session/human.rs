//! Being the user: a reaction to the item under review, a decision at the end of the slate.

use super::{
    super::{Engine, format::duration},
    card::{maybe, text},
    slate::asked,
};
use crate::{
    math::decimal,
    user::Reaction,
    worker::{Command, HumanAnswer, snapshot::NeedView},
};
use leptos::prelude::*;

/// What can be done with the item under review.
#[component]
pub fn HumanReview() -> impl IntoView {
    let engine = expect_context::<Engine>();
    // The title and duration of the item, where a person is asked about one.
    let item = engine.part(|s| {
        let NeedView::Review(position) = s.need else { return None };
        let slot = s.slate.get(position).filter(|_| asked(s, s.user_by))?;
        Some((s.turn, position, slot.card.item.title.clone(), slot.card.item.duration_s))
    });
    maybe(move || {
        let (_, position, title, length) = item.get()?;
        Some(view! { <React position=position title=title length=length /> }.into_any())
    })
}

#[component]
fn React(position: usize, title: String, length: f32) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let answer = move |a: HumanAnswer| engine.send(Command::Answer(a));
    let seconds = RwSignal::new(f64::from(length * 0.8).max(1.0).min(f64::from(length)));
    let marks: [RwSignal<bool>; 4] = std::array::from_fn(|_| RwSignal::new(false));
    let watch = move |left: bool| {
        let [liked, shared, followed, again] = marks.map(|m| m.get_untracked());
        let reaction = Reaction {
            examined: true,
            clicked: true,
            // Whoever watches it again has seen it to its end.
            seconds: if again { 2.0 * length } else { (seconds.get_untracked() as f32).clamp(0.0, length) },
            liked,
            shared,
            commented: false,
            followed,
            left,
        };
        answer(HumanAnswer::React(reaction));
    };
    let skip = move |_| answer(HumanAnswer::React(Reaction { examined: true, seconds: 1.0, ..Reaction::default() }));
    let check = move |i: usize, label: &'static str| {
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=marks[i] on:change=move |ev| marks[i].set(event_target_checked(&ev)) />
                {label}
            </label>
        }
    };
    view! {
        <div class="your-turn" role="group" aria-label="Your reaction" data-testid="your-turn">
            <h3><span>"Your turn · item "{position + 1}" · "</span><bdi class="clip1">{title}</bdi></h3>
            <div class="line">
                <button class="btn" data-testid="do-skip" on:click=skip>"Skip"</button>
                <label class="watch">
                    <span>"Watch "<output class="num">{text(move || duration(seconds.get() as f32))}</output>" of "{duration(length)}</span>
                    <input
                        type="range"
                        min="1"
                        max=length.max(1.0).to_string()
                        step=(length / 100.0).max(1.0).to_string()
                        prop:value=move || seconds.get().to_string()
                        on:input=move |ev| seconds.set(decimal::parse(&event_target_value(&ev)).unwrap_or(1.0))
                    />
                </label>
                <button class="btn primary" data-testid="do-watch" on:click=move |_| watch(false)>"Watch"</button>
            </div>
            <div class="line">
                <span class="tiny muted">"When watched, also:"</span>
                {check(0, "Like")} {check(1, "Share")} {check(2, "Follow the creator")} {check(3, "Watch it again")}
            </div>
            <div class="line">
                <button class="btn" data-testid="do-enough" on:click=move |_| answer(HumanAnswer::EnoughOfThis)>"Enough of this slate"</button>
                <button class="btn" on:click=move |_| answer(HumanAnswer::LetBuiltin)>"Let the model do it"</button>
                <button class="btn" data-testid="do-leave" on:click=move |_| answer(HumanAnswer::Leave)>"Leave"</button>
            </div>
        </div>
    }
}

/// Sends what was typed, and clears the field.
fn say(ev: &leptos::ev::SubmitEvent, engine: Engine, words: RwSignal<String>) {
    ev.prevent_default();
    engine.send(Command::Answer(HumanAnswer::Say(words.get_untracked())));
    words.set(String::new());
}

/// Go on, say what should change, or leave.
#[component]
pub fn HumanVerdict() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let due = engine.part(|s| (s.need == NeedView::Verdict && asked(s, s.user_by)).then_some(s.turn));
    let words = RwSignal::new(String::new());
    let answer = move |a: HumanAnswer| engine.send(Command::Answer(a));
    let say = move |ev| say(&ev, engine, words);
    view! {
        <Show when=move || due.get().is_some()>
            <form class="your-turn" on:submit=say data-testid="your-verdict">
                <h3>"Your turn · the slate is over"</h3>
                <label class="tiny" for="own-words">"What should change? In your own words, or just go on."</label>
                <textarea
                    id="own-words"
                    rows="2"
                    maxlength="500"
                    dir="auto"
                    placeholder="Less cooking, something short and funny"
                    prop:value=words
                    data-testid="own-words"
                    on:input=move |ev| words.set(event_target_value(&ev))
                ></textarea>
                <div class="line">
                    <button type="submit" class="btn primary" data-testid="do-say" disabled=move || words.with(|w| w.trim().is_empty())>"Say it"</button>
                    <button type="button" class="btn" data-testid="do-continue" on:click=move |_| answer(HumanAnswer::Continue)>"Next slate"</button>
                    <button type="button" class="btn" on:click=move |_| answer(HumanAnswer::Leave)>"Leave"</button>
                </div>
            </form>
        </Show>
    }
}

/// The recommender's question: one of the answers offered, one's own words, or none.
#[component]
pub fn HumanReply() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let due = engine.part(|s| {
        let waits = s.need == NeedView::Reply && asked(s, s.user_by);
        s.instruction.as_ref().filter(|_| waits).and_then(|i| i.asked.clone())
    });
    let words = RwSignal::new(String::new());
    let answer = move |a: HumanAnswer| engine.send(Command::Answer(a));
    let say = move |ev| say(&ev, engine, words);
    let option = move |text: String| {
        let said = text.clone();
        view! { <button type="button" class="btn" on:click=move |_| answer(HumanAnswer::Say(said.clone()))>{text}</button> }
    };
    view! {
        {maybe(move || {
            due.get()
                .map(|q| {
                    view! {
                        <form class="your-turn" on:submit=say data-testid="your-reply">
                            <h3>"Your turn · "<bdi>{q.question}</bdi></h3>
                            <div class="line">{q.options.into_iter().map(option).collect_view()}</div>
                            <div class="line">
                                <input
                                    type="text"
                                    maxlength="500"
                                    dir="auto"
                                    aria-label="An answer in your own words"
                                    placeholder="Or in your own words"
                                    prop:value=words
                                    on:input=move |ev| words.set(event_target_value(&ev))
                                />
                                <button type="submit" class="btn primary" disabled=move || words.with(|w| w.trim().is_empty())>"Answer"</button>
                                <button type="button" class="btn" on:click=move |_| answer(HumanAnswer::Continue)>"Let it pass"</button>
                            </div>
                        </form>
                    }
                        .into_any()
                })
        })}
    }
}
