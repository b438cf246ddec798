//! The Data page: how items are represented, and what words are read as.

mod codes;
mod embed;
mod measure;
mod near;
mod pictures;
mod state;
mod study;
mod words;

use super::hosts::Consent;
use crate::{
    app::{
        Toasts,
        charts::{Figure, Shared, shared},
        studio::Studio,
    },
    chart::data as charts,
    scenario::{REPRESENTATIONS, Representation, registry},
    worker::data::protocol::{Command, Mapped},
};
use leptos::prelude::*;
use state::{Data, OWN, time_left};

/// Draws the page.
pub fn draw() -> AnyView {
    view! { <Page /> }.into_any()
}

/// Fields whose refusals are told where they are.
const OWN_PLACE: [&str; 2] = ["pictures", "embed"];

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Items,
    Words,
}

#[component]
fn Page() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let data = Data::new(studio, expect_context::<Toasts>());
    // Whatever the Session page is on by now, each time that the page is come to.
    Effect::new(move |_| {
        if studio.shows("data") {
            studio.scenario.track();
            data.open();
        }
    });
    let tab = RwSignal::new(Tab::Items);
    view! {
        <div class="data">
            <h1 class="out-of-sight">"Items and words"</h1>
            <Choices data=data />
            <Tabs tab=tab />
            <Consent hosts=data.hosts testid="data-consent" />
            <div id="data-items" role="tabpanel" aria-labelledby="data-tab-items" hidden=move || tab.get() != Tab::Items>
                <Items data=data />
            </div>
            <div id="data-words" role="tabpanel" aria-labelledby="data-tab-words" hidden=move || tab.get() != Tab::Words>
                <words::Words data=data />
                <measure::Levels data=data />
            </div>
        </div>
    }
}

#[component]
fn Tabs(tab: RwSignal<Tab>) -> impl IntoView {
    let other = move |ev: leptos::ev::KeyboardEvent| {
        if !matches!(ev.key().as_str(), "ArrowLeft" | "ArrowRight" | "Home" | "End") {
            return;
        }
        ev.prevent_default();
        let to = if tab.get_untracked() == Tab::Items { Tab::Words } else { Tab::Items };
        tab.set(to);
        let id = if to == Tab::Items { "data-tab-items" } else { "data-tab-words" };
        let button = document().get_element_by_id(id);
        if let Some(button) = button.and_then(|b| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(b).ok()) {
            // A button that is there takes the focus.
            let _ = button.focus();
        }
    };
    let one = move |which: Tab, id: &'static str, panel: &'static str, name: &'static str| {
        view! {
            <button
                type="button"
                role="tab"
                id=id
                aria-controls=panel
                aria-selected=move || (tab.get() == which).to_string()
                tabindex=move || if tab.get() == which { "0" } else { "-1" }
                on:click=move |_| tab.set(which)
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="data-tabs" role="tablist" aria-label="What is looked at" data-own-keys="" on:keydown=other>
            {one(Tab::Items, "data-tab-items", "data-items", "How items are seen")}
            {one(Tab::Words, "data-tab-words", "data-words", "How words are read")}
        </div>
    }
}

/// Scenario and codebook, and how far the making is.
#[component]
fn Choices(data: Data) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let own = move || studio.scenario.with(|s| s.as_ref().map(|s| format!("{} (as on the Session page)", s.title)));
    let wrong = data.refused("codebook");
    view! {
        <form
            class="bar data-bar"
            on:submit=move |ev| {
                ev.prevent_default();
                data.open();
            }
        >
            <label class="field">
                <small>"Items of"</small>
                <select
                    data-testid="data-scenario"
                    prop:value=data.scenario
                    on:change=move |ev| {
                        data.scenario.set(event_target_value(&ev));
                        data.open();
                    }
                >
                    <option value=OWN>{move || own().unwrap_or_else(|| "The Session page".to_owned())}</option>
                    {registry::presets().into_iter().map(|s| view! { <option value=s.id>{s.title}</option> }).collect_view()}
                </select>
            </label>
            <label
                class="field narrow"
                class:wrong=move || wrong.get().is_some()
                title="How many numbers each of the four levels of a semantic ID chooses from, 2 to 4096"
            >
                <small>"Codebook"</small>
                <input
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    data-testid="data-codebook"
                    aria-invalid=move || wrong.get().is_some().to_string()
                    prop:value=data.codebook
                    on:input=move |ev| data.codebook.set(event_target_value(&ev))
                    on:change=move |_| data.open()
                />
            </label>
            <Progress data=data />
            <Troubles data=data />
        </form>
    }
}

#[component]
fn Progress(data: Data) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let making = data.making;
    let waits = Memo::new(move |_| data.scenario.with(|s| s == OWN) && studio.scenario.with(Option::is_none));
    let works = Memo::new(move |_| making.with(|m| !m.what.is_empty()));
    let words = move || {
        let m = making.get();
        let items = data.opened.with(|o| o.as_ref().map(|o| o.items));
        let all = items.map_or_else(String::new, |n| format!("{n} items"));
        let made = data.maps.with(Vec::len);
        let all_made =
            usize::from(data.embeds.told.with(|t| t.as_ref().is_some_and(|t| t.dims > 0))) + REPRESENTATIONS.len();
        match (m.what.is_empty(), m.stopped) {
            (false, _) => {
                let left = m.seconds_left.map_or_else(String::new, |s| format!(" · {}", time_left(s)));
                format!("{} · {:.0} %{left}", m.what, 100.0 * m.share)
            }
            (true, true) => format!("{all}, stopped after {made} of {all_made} representations"),
            (true, false) if made > 0 => format!("{all}, {made} representations"),
            _ if waits.get() => "Waiting for the session that is being opened …".to_owned(),
            _ => String::new(),
        }
    };
    view! {
        <span class="progress">
            <Show when=move || works.get()>
                <progress aria-label="Making representations" max="1" value=move || making.with(|m| m.share).to_string()></progress>
                <button class="btn" type="button" data-testid="data-stop" on:click=move |_| data.send(&Command::Stop)>"Stop"</button>
            </Show>
            <span class="tiny muted num" data-testid="data-progress">{words}</span>
        </span>
    }
}

/// What was refused, and a worker that was lost.
#[component]
fn Troubles(data: Data) -> impl IntoView {
    view! {
        {move || data.problem.get().filter(|p| !OWN_PLACE.contains(&p.field.as_str())).map(|p| view! { <p class="refusal loss-ink" role="alert" data-testid="data-refused">{p.what}</p> })}
        {move || {
            data.lost
                .get()
                .map(|why| {
                    view! {
                        <p class="refusal loss-ink" role="alert">
                            {format!("The worker stopped: {why} ")}
                            <button class="btn" type="button" on:click=move |_| data.open()>"Start it again"</button>
                        </p>
                    }
                })
        }}
    }
}

#[component]
fn Items(data: Data) -> impl IntoView {
    let embedded = Memo::new(move |_| data.maps.with(|m| m.iter().any(|m| m.model.is_some())));
    view! {
        <div class="data-body">
            <near::Chosen data=data />
            <pictures::Own data=data />
            <div class="three" class:four=move || embedded.get()>
                {REPRESENTATIONS.map(|r| view! { <Seen data=data representation=r embedded=false /> }).collect_view()}
                <Show when=move || embedded.get()>
                    <Seen data=data representation=Representation::Text embedded=true />
                </Show>
            </div>
            <embed::Embedder data=data />
            <study::Study data=data />
            <codes::Tree data=data />
        </div>
    }
}

/// The items under one representation: the map, the neighbours of the item looked at, the cost.
#[component]
fn Seen(data: Data, representation: Representation, embedded: bool) -> impl IntoView {
    let this = move |m: &&Mapped| m.representation == representation && m.model.is_some() == embedded;
    let mapped = Memo::new(move |_| data.maps.with(|m| m.iter().find(this).cloned()));
    let chart = Signal::derive(move || -> Shared {
        let opened = data.opened.get().unwrap_or_default();
        let model = mapped.with(|m| m.as_ref().and_then(|m| m.model.clone()));
        let by = model.map_or_else(String::new, |m| format!(" by {m}"));
        let title = format!("Seen as {}{by}", name(representation));
        shared(mapped.with(|m| data.near.with(|n| charts::map(&opened, m.as_ref(), &title, n.as_ref()))))
    });
    let pick = move |at: usize| {
        let item = data.opened.with_untracked(|o| {
            mapped.with_untracked(|m| {
                let (o, m) = (o.as_ref()?, m.as_ref()?);
                Some(o.points[*charts::reading_order(o, m).get(at)?].ix)
            })
        });
        if let Some(item) = item {
            data.look_at(item);
        }
    };
    view! {
        <div class="seen" data-testid=format!("seen-{}", key(representation, embedded))>
            <Figure chart=chart on_pick=Callback::new(pick) testid=testid(representation, embedded) />
            <near::Neighbours data=data representation=representation embedded=embedded />
            <near::CostOf mapped=mapped />
        </div>
    }
}

fn testid(r: Representation, embedded: bool) -> &'static str {
    match r {
        Representation::Text if embedded => "map-embedded",
        Representation::Text => "map-text",
        Representation::Multimodal => "map-multimodal",
        Representation::SemanticId => "map-semantic_id",
    }
}

/// What tells a representation from the others in the page.
fn key(r: Representation, embedded: bool) -> &'static str {
    if embedded { "embedded" } else { r.name() }
}

/// A representation inside a sentence.
fn name(r: Representation) -> &'static str {
    match r {
        Representation::Text => "text",
        Representation::Multimodal => "text and picture",
        Representation::SemanticId => "semantic ID",
    }
}
