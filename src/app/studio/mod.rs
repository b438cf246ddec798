//! The page's second program: every page but Session. It is fetched when one of its pages is first asked for, and draws
//! into the place that the main program keeps for it.
//!
//! It shares the document with the main program, and no memory: see [`between`]. Its toasts are shown by the main program;
//! the theme is an attribute of the root element, which the styles follow.

mod pages;
mod read;
mod setup;

use super::{
    Toasts,
    between::{self, ToStudio},
};
use crate::{
    scenario::Scenario,
    worker::transport::{BUILD_ID, Hello},
};
use leptos::prelude::*;
use pages::models::Models;
use wasm_bindgen::JsCast;

/// How the words of a recommender of the person's own begin.
const OWN: &str = "{\"recommender\"";

/// What the studio's pages share. Copies share it.
#[derive(Clone, Copy)]
pub struct Studio {
    page: RwSignal<String>,
    /// The scenario open on the Session page when a page of the studio was last asked for.
    pub scenario: RwSignal<Option<Scenario>>,
    /// Who played on the Session page when a page of the studio was last asked for, by name.
    pub guest: RwSignal<Option<String>>,
    /// What the guest on the Session page said and nobody has heard yet, as JSON of its own.
    pub guest_says: RwSignal<Vec<String>>,
    /// What a recommender of the person's own said there and nobody has heard yet, as JSON of its own.
    pub own_says: RwSignal<Vec<String>>,
    /// Why there is no guest on the Session page any more.
    pub guest_gone: RwSignal<Option<String>>,
    /// The language model that is chosen on its page, once that page was looked at.
    pub models: RwSignal<Option<Models>>,
    setup: setup::Setup,
}

impl Studio {
    /// Whether a page is the one looked at: what works in vain behind another page may rest.
    pub fn shows(self, path: &str) -> bool {
        self.page.with(|page| page == path)
    }

    fn hear(self, message: ToStudio) {
        match message {
            ToStudio::Show { page, scenario, guest } => {
                self.scenario.set(scenario.map(|s| *s));
                self.guest.set(guest);
                self.page.set(page);
            }
            ToStudio::Hide => self.page.set(String::new()),
            ToStudio::Dialog { which, scenario, topics } => self.setup.open(which, *scenario, topics),
            ToStudio::ReadLink(query) => read::link(&query),
            ToStudio::ReadFile(text) => read::file(text),
            ToStudio::Share(scenario, moment, lost) => read::share(&scenario, moment, lost),
            ToStudio::Import(event) => self.setup.heard.set(Some(event)),
            ToStudio::GuestSays(json) if json.starts_with(OWN) => self.own_says.update(|said| said.push(json)),
            ToStudio::GuestSays(json) => self.guest_says.update(|said| said.push(json)),
            ToStudio::GuestGone(why) => {
                self.guest.set(None);
                self.guest_gone.set(Some(why));
            }
        }
    }
}

/// Puts the studio into its place, and tells the main program that it is up.
pub fn mount() {
    std::panic::set_hook(Box::new(|info| {
        between::greet(&Hello::Lost(info.to_string()));
        console_error_panic_hook::hook(info);
    }));
    let (Some(pages), Some(dialogs)) = (place("studio"), place("studio-dialogs")) else {
        between::greet(&Hello::Lost("there is no place for it in the page".to_owned()));
        return;
    };
    let owner = Owner::new();
    let studio = owner.with(start);
    // Both are there until the document goes.
    mount_to(pages, move || view! { <Pages studio=studio /> }).forget();
    mount_to(dialogs, move || view! { <setup::SetupDialogs setup=studio.setup /> }).forget();
    std::mem::forget(owner);
    between::greet(&Hello::Ready(BUILD_ID.to_owned()));
}

fn place(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

fn start() -> Studio {
    let studio = Studio {
        page: RwSignal::new(String::new()),
        scenario: RwSignal::new(None),
        guest: RwSignal::new(None),
        guest_says: RwSignal::new(Vec::new()),
        own_says: RwSignal::new(Vec::new()),
        guest_gone: RwSignal::new(None),
        models: RwSignal::new(None),
        setup: setup::Setup::new(Toasts::elsewhere()),
    };
    // A studio that was given up hears no more: its successor has another number.
    let number = number();
    between::listen_as_studio(move |message| {
        if self::number() == number {
            studio.hear(message);
        }
    });
    studio
}

/// Every page that was asked for stays, hidden while another is looked at: work under way goes on.
#[component]
fn Pages(studio: Studio) -> impl IntoView {
    provide_context(Toasts::elsewhere());
    provide_context(studio);
    pages::ALL
        .iter()
        .map(|(path, draw)| {
            let asked = Memo::new(move |before: Option<&bool>| before == Some(&true) || studio.shows(path));
            view! {
                <div hidden=move || !studio.shows(path)>
                    <Show when=move || asked.get()>{draw()}</Show>
                </div>
            }
        })
        .collect_view()
}

/// Which attempt at a studio this is, as the main program counts them.
fn number() -> Option<String> {
    document().get_element_by_id("studio")?.get_attribute("data-number")
}
