//! The Models page: which language model, how it takes part, its report card; and its panel on the Session page.

mod asking;
mod connect;
mod estimate;
mod kept;
mod last;
pub mod line;
mod local;
mod panel;
mod play;
mod report;
mod scores;
mod seat;
mod state;
pub mod tab;

use super::hosts::Consent;
use crate::{
    app::{Toasts, studio::Studio, toast::Tone},
    llm::tape::Tape,
};
use leptos::{portal::Portal, prelude::*, task::spawn_local};
pub use state::Models;
use state::Where;
use wasm_bindgen_futures::JsFuture;

/// Draws the page.
pub fn draw() -> AnyView {
    view! { <Page /> }.into_any()
}

#[component]
fn Page() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let models = Models::new(expect_context::<Toasts>());
    studio.models.set(Some(models));
    Effect::new(move |_| {
        if studio.guest_says.with(|said| !said.is_empty()) {
            let said = studio.guest_says.try_update(std::mem::take).unwrap_or_default();
            said.iter().for_each(|json| models.hear(json));
        }
    });
    Effect::new(move |_| {
        if studio.guest_gone.get().is_some() {
            models.leave();
        }
    });
    // A link to the example plays it at once; the way back leads to the page, not into the example again.
    Effect::new(move |_| {
        let watch = window().location().hash().is_ok_and(|h| h.ends_with("?watch"));
        if studio.shows("models") && watch {
            // Only refused for addresses of another host.
            let _ = window().location().replace("#/models");
            models.watch_example();
        }
    });
    // A budget that is changed while a model plays holds from then on.
    Effect::new(move |before: Option<_>| {
        let budget = models.settings.with(|s| s.budget);
        if before.is_some_and(|b| b != budget) {
            models.tell_limits();
        }
        budget
    });
    let seated = Memo::new(move |_| models.standing.with(Option::is_some));
    let is_tab = move || models.at.get() == Where::Tab;
    view! {
        <div class="models">
            <h1>"Language models"</h1>
            <section class="card">
                <h2>"See one first"</h2>
                <p>"A session as it was recorded: SmolLM2, a very small language model, plays the user and the recommender. Nothing is asked over the network. It often talks beside the point; larger models do better."</p>
                <div class="line">
                    <button class="btn primary" data-testid="watch" on:click=move |_| models.watch_example()>"Watch a session with a language model"</button>
                    <label class="btn file-btn">"Play a tape of your own"
                        <input type="file" accept=".json" data-testid="own-tape" on:change=move |ev| own_tape(models, &ev) />
                    </label>
                </div>
                <last::Last models=models />
            </section>
            <section class="card">
                <h2>"Which model"</h2>
                <div class="line" role="radiogroup" aria-label="Where the model is">
                    <label class="choice"><input type="radio" name="where" data-testid="at-remote" prop:checked=move || !is_tab() on:change=move |_| models.at.set(Where::Remote) />"On a server"</label>
                    <label class="choice"><input type="radio" name="where" data-testid="at-tab" prop:checked=is_tab on:change=move |_| models.at.set(Where::Tab) />"In this tab"</label>
                </div>
                <div hidden=is_tab><connect::Connect models=models /></div>
                <Show when=is_tab><local::Local models=models /></Show>
            </section>
            <section class="card"><h2>"How it takes part"</h2><play::Play models=models /></section>
            <section class="card"><h2>"Report card"</h2><report::Report models=models /></section>
            <div class="card"><panel::Sent models=models /></div>
            <Consent hosts=models.hosts testid="consent" />
        </div>
        {move || seated.get().then(|| document().get_element_by_id("guest")).flatten().map(|slot| {
            let slot: web_sys::Element = slot;
            view! { <Portal mount=slot><panel::Panel models=models /></Portal> }
        })}
    }
}

fn own_tape(models: Models, ev: &leptos::ev::Event) {
    let Some(file) = local::chosen_file(ev) else { return };
    spawn_local(async move {
        let text = JsFuture::from(file.text()).await.ok().and_then(|t| t.as_string());
        match text.ok_or_else(|| "the file could not be read".to_owned()).and_then(|t| Tape::from_json(&t)) {
            Ok(tape) => models.sit_tape(tape),
            Err(why) => models.toasts.show(Tone::Bad, "The tape was not opened", &format!("{why}.")),
        }
    });
}
