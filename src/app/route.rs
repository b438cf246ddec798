//! Which page is looked at: the address says it, behind the hash, and everything else follows.

use super::{
    Engine, Toasts,
    pages::{self, Asked, PAGES, Page},
    store,
    toast::Tone,
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// The page looked at. Copies share it.
#[derive(Clone, Copy)]
pub struct Route(RwSignal<&'static Page>);

impl Route {
    /// The page.
    pub fn page(self) -> &'static Page {
        self.0.get()
    }

    /// Whether it is the Session page.
    pub fn is_session(self) -> bool {
        self.0.get().path.is_empty()
    }

    /// The same, not followed.
    pub fn is_session_now(self) -> bool {
        self.0.get_untracked().path.is_empty()
    }

    /// Goes to a page; the way back leads here.
    pub fn go(self, path: &str) {
        if let Some(page) = PAGES.iter().find(|page| page.path == path) {
            // Only refused for addresses of another host.
            let _ = window().location().set_hash(&pages::address_of(page));
        }
    }
}

/// Takes the page from the address, and follows it; provides [`Route`].
pub fn start(engine: Engine, toasts: Toasts) -> Route {
    let route = Route(RwSignal::new(&PAGES[0]));
    provide_context(route);
    follow(route, engine, toasts);
    let handle = window_event_listener(leptos::ev::hashchange, move |_| {
        let before = route.0.get_untracked();
        follow(route, engine, toasts);
        if route.0.get_untracked() != before {
            focus_main();
        }
    });
    on_cleanup(move || handle.remove());
    Effect::new(move |_| {
        let page = route.page();
        document().set_title(&if page.path.is_empty() {
            "RecoWorld".to_owned()
        } else {
            format!("{} · RecoWorld", page.name)
        });
    });
    route
}

fn follow(route: Route, engine: Engine, toasts: Toasts) {
    let hash = window().location().hash().unwrap_or_default();
    match pages::asked(&hash) {
        Asked::Page(page) => route.0.set(page),
        Asked::Unknown(path) => {
            let why =
                format!("“{}” leads nowhere here; this is the session.", path.chars().take(40).collect::<String>());
            toasts.show(Tone::Plain, "There is no such page", &why);
            store::clean_address();
            route.0.set(&PAGES[0]);
        }
        // A link pasted over the address of an open page.
        Asked::Other if hash.contains('=') => {
            route.0.set(&PAGES[0]);
            engine.open_link(&store::take_query());
        }
        Asked::Other => route.0.set(&PAGES[0]),
    }
}

/// The keyboard's place after a change of page: the start of what is new.
pub fn focus_main() {
    let main = document().get_element_by_id("main").and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main {
        // An element in the document takes focus.
        let _ = main.focus();
    }
    window().scroll_to_with_x_and_y(0.0, 0.0);
}
