//! The user: who they are, and how they feel.

use super::{
    super::{
        Engine,
        format::{duration, percent},
    },
    card::{Card, Meter, text, trend},
};
use leptos::prelude::*;

/// Profile, circumstances and state.
#[component]
pub fn UserCard() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let name = engine.part(|s| s.scenario.profile.name.chars().take(60).collect::<String>());
    let age = engine.part(|s| s.scenario.profile.age);
    let about = engine.part(|s| s.scenario.profile.about.chars().take(200).collect::<String>());
    let circumstances = engine.part(|s| s.user.circumstances.clone());
    let initial = move || {
        name.with(|n| n.trim_start_matches("The ").chars().take(1).flat_map(char::to_uppercase).collect::<String>())
    };
    view! {
        <Card title="Simulated user">
            <div class="who">
                <span class="face" aria-hidden="true">{text(initial)}</span>
                <div>
                    <b><bdi>{name}</bdi>{text(move || if age.get() > 0 { format!(", {}", age.get()) } else { String::new() })}</b>
                    <div class="tiny muted">{circumstances}</div>
                </div>
            </div>
            <p class="tiny muted about" dir="auto">{about}</p>
            <dl class="meters">
                <State name="Satisfaction" class="user" of=|s| s.satisfaction />
                <State name="Boredom" class="loss" of=|s| s.boredom />
                <State name="Energy" class="quiet" of=|s| s.energy />
                <State name="Trust" class="reco" of=|s| s.trust />
                <TimeLeft />
                <Leaving />
            </dl>
        </Card>
    }
}

#[component]
fn State(name: &'static str, class: &'static str, of: fn(&crate::session::StateView) -> f32) -> impl IntoView {
    let engine = expect_context::<Engine>();
    let now = engine.part(move |s| (of(&s.user.state), trend(of(&s.user.before), of(&s.user.state))));
    view! {
        <Meter
            name=name
            class=class
            fill=Signal::derive(move || f64::from(now.get().0))
            value=Signal::derive(move || format!("{:.2}", now.get().0))
            trend=Signal::derive(move || now.get().1)
        />
    }
}

#[component]
fn TimeLeft() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let left = engine.part(|s| (s.user.state.seconds_left, s.user.budget_s));
    view! {
        <Meter
            name="Time left"
            class="quiet"
            fill=Signal::derive(move || f64::from(left.get().0 / left.get().1.max(1.0)))
            value=Signal::derive(move || duration(left.get().0))
            trend=Signal::derive(|| 0)
        />
    }
}

#[component]
fn Leaving() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let now = engine.part(|s| {
        let (a, b) = (s.user.before.leave_forecast, s.user.state.leave_forecast);
        (b, trend(a, b))
    });
    view! {
        <Meter
            name="May leave"
            class="loss"
            fill=Signal::derive(move || f64::from(now.get().0))
            value=Signal::derive(move || percent(f64::from(now.get().0)))
            trend=Signal::derive(move || now.get().1)
        />
    }
}
