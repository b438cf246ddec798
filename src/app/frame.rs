//! The head of the page, and what stands there until the first picture.

use super::{
    Engine,
    keys::HelpOpen,
    pages::{self, PAGES},
    route::{self, Route},
    theme::Theme,
};
use leptos::prelude::*;

/// The name, the pages that work, help and the light.
#[component]
pub fn Header() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let help = expect_context::<HelpOpen>();
    let route = expect_context::<Route>();
    let engine = expect_context::<Engine>();
    let who = move || match engine.guest().filter(|g| g.serves.is_none()) {
        Some(guest) => format!("{} plays", guest.name),
        None => "Built-in simulator · no key needed".to_owned(),
    };
    // The hash is the page's; a jump that wrote its own there would leave the page.
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        route::focus_main();
    };
    let links = PAGES.iter().map(|page| {
        let here = move || (route.page() == page).then_some("page");
        view! { <a href=pages::address_of(page) aria-current=here>{page.name}</a> }
    });
    view! {
        <a class="skip" href="#main" on:click=skip>"Skip to the content"</a>
        <header class="top">
            <span class="brand">"Reco"<b>"World"</b></span>
            <nav aria-label="Pages">
                {links.collect_view()}
            </nav>
            <span class="grow"></span>
            <span class="tiny muted wide-only">{who}</span>
            <button class="btn" aria-haspopup="dialog" on:click=move |_| help.0.set(true)>
                "Help"
            </button>
            <button
                class="btn icon-btn"
                aria-pressed=move || theme.is_dark().to_string()
                aria-label="Dark colours"
                title="Light or dark"
                on:click=move |_| theme.toggle()
            >
                <span aria-hidden="true">"◐"</span>
            </button>
        </header>
    }
}

/// Until the worker has spoken.
#[component]
pub fn Starting() -> impl IntoView {
    let engine = expect_context::<Engine>();
    view! {
        <Show when=move || engine.gone.get().is_none()>
            <p class="starting muted" role="status">"Starting the simulation …"</p>
        </Show>
    }
}
