//! How the page's two programs talk. They share the document but no memory, so each message is an event on the window
//! whose detail is packed bytes.
//!
//! The main program (Session) holds the engine, the toasts and the navigation; the studio (the other pages) is loaded on
//! demand. [`ToMain`] goes one way, [`ToStudio`] the other. As between the page and its workers, the studio's first word is
//! text that names its build ([`Hello`]), before which nothing else is sent, and so is its last.

use super::toast::Tone;
use crate::{
    scenario::Scenario,
    worker::{
        ImportCommand, ImportEvent,
        protocol::Problem,
        transport::{Hello, from_bytes, to_bytes},
    },
};
use leptos::prelude::{queue_microtask, window};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{CustomEvent, CustomEventInit};

/// What plays in the place of a built-in side on the Session page: a trained policy, a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guest {
    /// What the page calls it: "PPO, trained on Bored on the commute".
    pub name: String,
    /// What it is, as JSON that the lab's session desk reads. It is kept in memory only, unless it `serves`.
    pub json: String,
    /// It is a recommender beside the built-in ones, and holds no secret: it is kept in the browser against a reload, and
    /// serves from the start in this scenario.
    pub serves: Option<Box<Scenario>>,
}

/// What the studio says to the main program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToMain {
    /// Go to the page of this path (empty for Session).
    GoTo(String),
    /// Show a message in passing.
    Toast {
        /// What it is about.
        tone: Tone,
        /// What happened.
        what: String,
        /// Why, or what to do; may be empty.
        why: String,
    },
    /// About an import, for the engine's worker.
    Import(ImportCommand),
    /// Open this scenario, which is valid, on the Session page.
    Open(Box<Scenario>),
    /// The same, at a moment: what a link named.
    OpenAt(Box<Scenario>, usize),
    /// What was to be opened could not be read.
    NotOpened(Problem),
    /// Read this exported run.
    LoadRun(String),
    /// Let a guest play on the Session page: the session goes on, from where it is, on the lab's worker.
    Seat(Guest),
    /// The same, of one that serves on imported items: how these are brought to the worker that it will be on.
    SeatOn(Guest, Vec<ImportCommand>),
    /// Something for the guest, as JSON that it reads.
    TellGuest(String),
    /// The guest goes; the built-in sides play on.
    Dismiss,
}

/// A dialog of the Session page that the studio draws, since few sessions need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialog {
    /// The scenario, in a form or as JSON.
    Scenario,
    /// One's own items or people.
    Import,
}

/// What the main program says to the studio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToStudio {
    /// Draw the page of this path.
    Show {
        /// The path, as in the table of pages.
        page: String,
        /// The scenario of the Session page, where one is open.
        scenario: Option<Box<Scenario>>,
        /// Who plays there in the place of a built-in side, by name.
        guest: Option<String>,
    },
    /// Open a dialog.
    Dialog {
        /// Which.
        which: Dialog,
        /// The scenario of the Session page.
        scenario: Box<Scenario>,
        /// The topics of its catalogue.
        topics: Vec<String>,
    },
    /// Read a link, and open what it names.
    ReadLink(String),
    /// Read a file, a run or a scenario, and open it.
    ReadFile(String),
    /// Copy a link to this scenario and moment, and say what it leaves out.
    Share(Box<Scenario>, usize, String),
    /// What the engine's worker said about an import.
    Import(ImportEvent),
    /// No page of the studio is looked at.
    Hide,
    /// What the guest said, as JSON of its own.
    GuestSays(String),
    /// The guest is gone; why, in words, or empty where it was dismissed.
    GuestGone(String),
}

const TO_MAIN: &str = "recoworld-main";
const TO_STUDIO: &str = "recoworld-studio";

/// Says something to the main program.
pub fn to_main(message: &ToMain) {
    say(TO_MAIN, message);
}

/// Says something to the studio; nobody hears it before the studio is ready.
pub fn to_studio(message: &ToStudio) {
    say(TO_STUDIO, message);
}

/// Tells the main program that the studio is up, or about to end; at once, since it may end next.
pub fn greet(hello: &Hello) {
    dispatch(TO_MAIN, &JsValue::from_str(&hello.to_string()));
}

/// Hears what is said to the main program, for as long as the page is there.
pub fn listen_as_main(greeted: impl Fn(Hello) + 'static, hear: impl Fn(ToMain) + 'static) {
    listen(TO_MAIN, move |detail| match detail.as_string() {
        Some(text) => Hello::parse(&text).into_iter().for_each(&greeted),
        None => read(detail).into_iter().for_each(&hear),
    });
}

/// Hears what is said to the studio, for as long as the page is there.
pub fn listen_as_studio(hear: impl Fn(ToStudio) + 'static) {
    listen(TO_STUDIO, move |detail| read(detail).into_iter().for_each(&hear));
}

/// Not at once: an event is heard before its sender goes on, and the listener may want to answer.
fn say<T: Serialize>(name: &'static str, message: &T) {
    match to_bytes(message) {
        Ok(bytes) => queue_microtask(move || dispatch(name, &bytes)),
        Err(why) => leptos::logging::error!("a message between the page's programs could not be written: {why}"),
    }
}

fn dispatch(name: &str, detail: &JsValue) {
    let options = CustomEventInit::new();
    options.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &options) {
        // It only fails for an event that is being dispatched already.
        let _ = window().dispatch_event(&event);
    }
}

fn read<T: DeserializeOwned>(detail: JsValue) -> Option<T> {
    let read = from_bytes(detail);
    if let Err(why) = &read {
        leptos::logging::error!("a message between the page's programs could not be read: {why}");
    }
    read.ok()
}

fn listen(name: &str, hear: impl Fn(JsValue) + 'static) {
    let listener = Closure::<dyn Fn(CustomEvent)>::new(move |event: CustomEvent| hear(event.detail()));
    let added = window().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    if added.is_err() {
        leptos::logging::error!("the page's programs cannot hear each other");
    }
    // It listens until the document goes.
    listener.forget();
}
