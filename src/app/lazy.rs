//! The page's second program, fetched the first time that one of its pages is asked for.

use super::{
    Engine, Toasts,
    between::{self, Dialog, Guest, ToMain, ToStudio},
    route::Route,
    toast::Tone,
};
use crate::{
    scenario::{Scenario, registry},
    worker::{
        Command, ImportCommand,
        protocol::Problem,
        runner::without_serving,
        transport::{BUILD_ID, Hello},
    },
};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};

/// How long the studio may take to report, milliseconds: a slow phone on a slow line included.
const START_LIMIT_MS: u64 = 60_000;

/// How far the studio is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Nobody has asked for it.
    Absent,
    /// It is being fetched.
    Loading,
    /// It draws.
    Ready,
    /// It could not be fetched, or has ended; why.
    Failed(String),
}

/// The studio as the main program sees it. Copies share it.
#[derive(Clone, Copy)]
pub struct Studio {
    state: RwSignal<State>,
    /// How often it was tried: a script that failed is only fetched again from another address.
    tries: StoredValue<u32>,
    /// What it is told as soon as it listens.
    waiting: StoredValue<Vec<ToStudio>>,
    engine: Engine,
    route: Route,
    toasts: Toasts,
}

impl Studio {
    /// Fetches the studio whenever one of its pages is asked for, and passes messages on; provides [`Studio`].
    pub fn start(engine: Engine, route: Route, toasts: Toasts) -> Self {
        let state = RwSignal::new(State::Absent);
        let waiting = StoredValue::new(Vec::new());
        let studio = Self { state, tries: StoredValue::new(0), waiting, engine, route, toasts };
        between::listen_as_main(move |hello| studio.greeted(hello), move |message| studio.hear(message));
        engine.on_studio(move |said| match said {
            ToStudio::ReadLink(_) => studio.tell(said),
            // Where there is no studio, nobody waits for it.
            _ => between::to_studio(&said),
        });
        // A page that was loaded directly may be up before the session is: it is told again once there is one.
        let session = Memo::new(move |_| engine.is_shown());
        Effect::new(move |_| {
            let page = route.page();
            match state.get() {
                State::Absent if !page.path.is_empty() => studio.fetch(),
                State::Ready => studio.show(session.get()),
                State::Absent | State::Loading | State::Failed(_) => {}
            }
        });
        provide_context(studio);
        studio
    }

    fn greeted(self, hello: Hello) {
        match hello {
            Hello::Ready(build) if build == BUILD_ID => {
                self.state.set(State::Ready);
                self.waiting.try_update_value(std::mem::take).iter().flatten().for_each(between::to_studio);
            }
            Hello::Ready(build) => self.fail(format!(
                "It was loaded from an older copy (build {build}; this page is {BUILD_ID}). Reload the page to fetch the new one."
            )),
            Hello::Lost(why) => self.fail(format!("It stopped because of a fault in it: {why}")),
        }
    }

    fn hear(self, message: ToMain) {
        match message {
            ToMain::GoTo(path) => self.route.go(&path),
            ToMain::Toast { tone, what, why } => self.toasts.show(tone, &what, &why),
            ToMain::Import(command) => self.engine.send(Command::Import(command)),
            ToMain::Open(scenario) => self.engine.open(*scenario),
            ToMain::OpenAt(scenario, moment) => self.engine.open_at(*scenario, moment),
            ToMain::NotOpened(problem) => self.engine.refused(&problem),
            ToMain::LoadRun(json) => self.engine.send(Command::LoadRun { json }),
            ToMain::Seat(guest) => self.seat(guest, Vec::new()),
            ToMain::SeatOn(guest, items) => self.seat(guest, items),
            ToMain::TellGuest(json) => self.engine.tell_guest(json),
            ToMain::Dismiss => self.engine.dismiss(),
        }
    }

    fn seat(self, guest: Guest, items: Vec<ImportCommand>) {
        self.toasts.show(Tone::Good, &format!("{} plays on the Session page", guest.name), "");
        self.engine.seat(guest, items);
    }

    /// Tells it something, once it is there: it is fetched for that.
    pub fn tell(self, message: ToStudio) {
        if self.state.get_untracked() == State::Ready {
            return between::to_studio(&message);
        }
        self.waiting.update_value(|w| w.push(message));
        if self.state.get_untracked() != State::Loading {
            self.fetch();
        }
    }

    /// Opens a dialog, once the studio is there.
    pub fn ask(self, which: Dialog) {
        let (scenario, topics) = match self.engine.now() {
            Some(s) => (s.scenario.clone(), s.topics.iter().map(|t| t.name.clone()).collect()),
            None => (registry::default_preset(), Vec::new()),
        };
        self.tell(ToStudio::Dialog { which, scenario: Box::new(scenario), topics });
    }

    /// Asks for the page looked at; `opened` says whether there is a session yet.
    fn show(self, opened: bool) {
        let page = self.route.page().path;
        if page.is_empty() {
            between::to_studio(&ToStudio::Hide);
        } else {
            // A page may play the scenario by itself, where a policy that was brought along is not at hand.
            let plain = |s: &Scenario| without_serving(s).unwrap_or_else(|| s.clone());
            let scenario = self.engine.now().filter(|_| opened).map(|s| Box::new(plain(&s.scenario)));
            let guest = self.engine.guest_now().map(|g| g.name);
            between::to_studio(&ToStudio::Show { page: page.to_owned(), scenario, guest });
        }
    }

    fn fail(self, why: String) {
        leptos::logging::warn!("the second program: {why}");
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        if !waiting.is_empty() {
            // Where it was to read the first session's link, another one is opened.
            self.engine
                .refused(&Problem { what: "This part of the page could not be fetched".to_owned(), why: why.clone() });
        }
        self.state.set(State::Failed(why));
    }

    /// Puts the script that starts the studio into the document.
    fn fetch(self) {
        self.state.set(State::Loading);
        self.tries.update_value(|n| *n += 1);
        let attempt = self.tries.get_value();
        for place in ["studio", "studio-dialogs"] {
            let Some(place) = document().get_element_by_id(place) else { continue };
            // What a studio that ended has left behind; by the number it knows that it is no longer meant.
            place.set_text_content(None);
            // An attribute of that name can be set.
            let _ = place.set_attribute("data-number", &attempt.to_string());
        }
        if add_script(attempt, move || self.fail_if(attempt, "It could not be fetched.")).is_none() {
            self.fail("The browser would not take its script.".to_owned());
        }
        set_timeout(
            move || self.fail_if(attempt, "It did not start within a minute."),
            Duration::from_millis(START_LIMIT_MS),
        );
    }

    fn fail_if(self, attempt: u32, why: &str) {
        if self.tries.get_value() == attempt && self.state.get_untracked() == State::Loading {
            self.fail(format!("{why} Look whether the connection is there, then try again."));
        }
    }
}

fn add_script(attempt: u32, on_error: impl FnOnce() + 'static) -> Option<()> {
    let script = document().create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    script.set_attribute("src", &format!("./studio_loader.js?v={BUILD_ID}&try={attempt}")).ok()?;
    let failed = Closure::once_into_js(on_error);
    script.add_event_listener_with_callback("error", failed.unchecked_ref()).ok()?;
    document().head()?.append_child(&script).ok()?;
    Some(())
}

/// The place of the studio's pages, and what stands there until it draws.
#[component]
pub fn StudioPlace(studio: Studio) -> impl IntoView {
    let hidden = move || studio.route.is_session() || studio.state.get() != State::Ready;
    let loading = move || !studio.route.is_session() && studio.state.get() == State::Loading;
    let failed = move || match studio.state.get() {
        State::Failed(why) if !studio.route.is_session() => Some(why),
        _ => None,
    };
    view! {
        <Show when=loading>
            <h1 class="out-of-sight">{move || studio.route.page().name}</h1>
            <p class="starting muted" role="status" data-testid="page-loading">
                "Fetching this page …"
            </p>
        </Show>
        <Show when=move || failed().is_some()>
            <h1 class="out-of-sight">{move || studio.route.page().name}</h1>
            <div class="banner bad" role="alert" data-testid="page-failed">
                <p>"This page could not be shown. "{failed}</p>
                <button class="btn" on:click=move |_| studio.fetch()>"Try again"</button>
            </div>
        </Show>
        <div id="studio" hidden=hidden></div>
        <div id="studio-dialogs"></div>
    }
}
