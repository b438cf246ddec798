//! The page's side: start the worker, speak to it, hear of its end, start another.

use serde::{Serialize, de::DeserializeOwned};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::handshake::{Hello, Lost};
use super::{BUILD_ID, wire};

/// How long a worker may take to report, in milliseconds: a slow phone on a slow line included.
const START_LIMIT_MS: u32 = 30_000;

/// The browser would not make a worker; this is what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpawnError(pub String);

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The browser could not start the simulation: {}", self.0)
    }
}

/// Why a command did not go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendError {
    /// There is no worker: it was lost or killed. Respawn first.
    NotRunning,
    /// The command could not be written as a structured value; this is what was wrong.
    Unwritable(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRunning => write!(f, "The simulation is not running."),
            Self::Unwritable(why) => write!(f, "The command could not be sent: {why}"),
        }
    }
}

/// Which program a worker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The page's own, by its other door.
    Worker,
    /// The larger one, fetched when first needed, at the desk of this name.
    Lab(&'static str),
}

impl Program {
    /// Where it is.
    fn address(self) -> String {
        match self {
            Self::Worker => format!("./worker_loader.js?v={BUILD_ID}"),
            Self::Lab(desk) => format!("./worker_loader.js?v={BUILD_ID}&program=lab&desk={desk}"),
        }
    }

    /// What its loader waits for: the page's own program, compiled already, and the address of its glue.
    fn handed_over(self) -> JsValue {
        if self != Self::Worker {
            return JsValue::UNDEFINED;
        }
        let glue = web_sys::window().and_then(|window| window.document()).and_then(|document| {
            let link = document.query_selector("link[rel=modulepreload]").ok()??;
            Some(link.unchecked_into::<web_sys::HtmlLinkElement>().href())
        });
        js_sys::Array::of2(&JsValue::from(glue), &wasm_bindgen::module()).into()
    }
}

/// A worker as the page sees it, which speaks structured values, or packed bytes where `PACKED`, as its [`Handler`](super::Handler)
/// does. Clones share the one worker; the last one dropped ends it.
///
/// The state of the newest worker can also be read from the attribute `data-worker` of the root
/// element (`starting`, `ready`, `lost` or `killed`), for styles and for tests.
pub struct Bridge<C, E, const PACKED: bool = false> {
    inner: Rc<Inner<E>>,
    command: PhantomData<fn(C)>,
}

impl<C, E, const PACKED: bool> Clone for Bridge<C, E, PACKED> {
    fn clone(&self) -> Self {
        Self { inner: Rc::clone(&self.inner), command: PhantomData }
    }
}

struct Inner<E> {
    address: RefCell<String>,
    /// The first message, where the worker's script waits for one.
    handed_over: RefCell<JsValue>,
    start_limit_ms: u32,
    running: RefCell<Option<Running>>,
    /// Tells a message of the present worker from one of its predecessor that was under way.
    generation: Cell<u32>,
    on_event: RefCell<Box<dyn FnMut(E)>>,
    on_lost: RefCell<Box<dyn FnMut(Lost)>>,
}

struct Running {
    worker: Worker,
    ready: bool,
    /// Commands given before the worker listened: sent too early they would be lost.
    waiting: Vec<JsValue>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl<C: Serialize, E: DeserializeOwned + 'static, const PACKED: bool> Bridge<C, E, PACKED> {
    /// Starts a worker. `on_event` hears each event in order; `on_lost` hears once why a worker
    /// ended other than by [`kill`](Self::kill), and may call [`respawn`](Self::respawn).
    ///
    /// # Errors
    /// When the browser refuses to make a worker at all.
    pub fn spawn(
        program: Program,
        on_event: impl FnMut(E) + 'static,
        on_lost: impl FnMut(Lost) + 'static,
    ) -> Result<Self, SpawnError> {
        Self::spawn_with(program.address(), program.handed_over(), START_LIMIT_MS, on_event, on_lost)
    }

    /// Like [`spawn`](Self::spawn), with a worker's script at another address and another limit
    /// for its start, in milliseconds.
    ///
    /// # Errors
    /// When the browser refuses to make a worker at all.
    pub fn spawn_at(
        address: String,
        start_limit_ms: u32,
        on_event: impl FnMut(E) + 'static,
        on_lost: impl FnMut(Lost) + 'static,
    ) -> Result<Self, SpawnError> {
        Self::spawn_with(address, JsValue::UNDEFINED, start_limit_ms, on_event, on_lost)
    }

    fn spawn_with(
        address: String,
        handed_over: JsValue,
        start_limit_ms: u32,
        on_event: impl FnMut(E) + 'static,
        on_lost: impl FnMut(Lost) + 'static,
    ) -> Result<Self, SpawnError> {
        let bridge = Self {
            inner: Rc::new(Inner {
                address: RefCell::new(address),
                handed_over: RefCell::new(handed_over),
                start_limit_ms,
                running: RefCell::new(None),
                generation: Cell::new(0),
                on_event: RefCell::new(Box::new(on_event)),
                on_lost: RefCell::new(Box::new(on_lost)),
            }),
            command: PhantomData,
        };
        bridge.respawn()?;
        Ok(bridge)
    }

    /// Sends a command; before the worker is ready it waits, and order is kept.
    ///
    /// # Errors
    /// When there is no worker, or the command cannot be written.
    pub fn send(&self, command: &C) -> Result<(), SendError> {
        let value = if PACKED { wire::to_bytes(command) } else { wire::to_js(command) };
        let value = value.map_err(SendError::Unwritable)?;
        let mut running = self.inner.running.borrow_mut();
        let running = running.as_mut().ok_or(SendError::NotRunning)?;
        if !running.ready {
            running.waiting.push(value);
            return Ok(());
        }
        let posted = running.worker.post_message(&value);
        posted.map_err(|error| SendError::Unwritable(said(&error)))
    }

    /// Ends the worker at once, wherever it is. `on_lost` is not called.
    pub fn kill(&self) {
        self.inner.end("killed");
    }

    /// Starts a new worker, ending the present one if there is one. It knows nothing of before:
    /// send it what it needs.
    ///
    /// # Errors
    /// When the browser refuses to make a worker at all.
    pub fn respawn(&self) -> Result<(), SpawnError> {
        self.inner.end("killed");
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&self.inner.address.borrow(), &options);
        let worker = worker.map_err(|error| SpawnError(said(&error)))?;
        let handed_over = self.inner.handed_over.borrow();
        if !handed_over.is_undefined() {
            worker.post_message(&handed_over).map_err(|error| SpawnError(said(&error)))?;
        }
        let generation = self.inner.generation.get();
        let on_message = message_listener::<E, PACKED>(Rc::downgrade(&self.inner), generation);
        let on_error = error_listener(Rc::downgrade(&self.inner), generation);
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        *self.inner.running.borrow_mut() =
            Some(Running { worker, ready: false, waiting: Vec::new(), _on_message: on_message, _on_error: on_error });
        show_state("starting");
        watch_start(&self.inner, generation);
        Ok(())
    }

    /// From the next [`respawn`](Self::respawn) on, runs another program.
    pub fn set_program(&self, program: Program) {
        *self.inner.address.borrow_mut() = program.address();
        *self.inner.handed_over.borrow_mut() = program.handed_over();
    }

    /// Whether there is a worker, started or starting.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.inner.running.borrow().is_some()
    }
}

impl<E: DeserializeOwned + 'static> Inner<E> {
    fn receive<const PACKED: bool>(&self, data: JsValue) {
        let ready = self.running.borrow().as_ref().is_some_and(|r| r.ready);
        match data.as_string().as_deref().and_then(Hello::parse) {
            Some(Hello::Ready(build)) if build == BUILD_ID => self.open(),
            Some(Hello::Ready(build)) => self.lose(Lost::Stale { page: BUILD_ID.to_owned(), worker: build }),
            Some(Hello::Lost(reason)) if ready => self.lose(Lost::Panicked(reason)),
            Some(Hello::Lost(reason)) => self.lose(Lost::Failed(reason)),
            None => match if PACKED { wire::from_bytes(data) } else { wire::from_js(data) } {
                Ok(event) => (self.on_event.borrow_mut())(event),
                Err(why) => self.lose(Lost::Failed(format!("what it sent could not be read ({why})"))),
            },
        }
    }

    fn open(&self) {
        let failed = {
            let mut running = self.running.borrow_mut();
            let Some(running) = running.as_mut() else {
                return;
            };
            running.ready = true;
            let mut waiting = running.waiting.drain(..);
            waiting.find_map(|value| running.worker.post_message(&value).err())
        };
        show_state("ready");
        if let Some(error) = failed {
            self.lose(Lost::Failed(said(&error)));
        }
    }

    fn lose(&self, lost: Lost) {
        if self.running.borrow().is_some() {
            self.end("lost");
            (self.on_lost.borrow_mut())(lost);
        }
    }
}

impl<E> Inner<E> {
    fn end(&self, state: &str) {
        self.generation.set(self.generation.get().wrapping_add(1));
        if let Some(running) = self.running.borrow_mut().take() {
            // A worker that panics also reports an error, which may be under way: nobody listens to it any more.
            running.worker.set_onmessage(None);
            running.worker.set_onerror(None);
            running.worker.set_onmessageerror(None);
            running.worker.terminate();
            show_state(state);
        }
    }
}

impl<E> Drop for Inner<E> {
    fn drop(&mut self) {
        self.end("killed");
    }
}

fn message_listener<E: DeserializeOwned + 'static, const PACKED: bool>(
    inner: Weak<Inner<E>>,
    generation: u32,
) -> Closure<dyn FnMut(MessageEvent)> {
    Closure::new(move |message: MessageEvent| {
        if let Some(inner) = present(&inner, generation) {
            inner.receive::<PACKED>(message.data());
        }
    })
}

fn error_listener<E: DeserializeOwned + 'static>(inner: Weak<Inner<E>>, generation: u32) -> Closure<dyn FnMut(Event)> {
    Closure::new(move |event: Event| {
        let Some(inner) = present(&inner, generation) else {
            return;
        };
        // A script that cannot be loaded gives a bare event without words.
        let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
        let message = message.filter(|text| !text.is_empty());
        inner.lose(Lost::Failed(message.unwrap_or_else(|| "its script could not be loaded".to_owned())));
    })
}

fn watch_start<E: DeserializeOwned + 'static>(inner: &Rc<Inner<E>>, generation: u32) {
    let limit = i32::try_from(inner.start_limit_ms).unwrap_or(i32::MAX);
    let inner = Rc::downgrade(inner);
    let check = Closure::once_into_js(move || {
        let Some(inner) = present(&inner, generation) else {
            return;
        };
        let started = inner.running.borrow().as_ref().is_none_or(|r| r.ready);
        if !started {
            inner.lose(Lost::Silent(inner.start_limit_ms));
        }
    });
    if let Some(window) = web_sys::window() {
        // Without the timer the only loss is that silence goes unnoticed.
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(check.unchecked_ref(), limit);
    }
}

fn present<E>(inner: &Weak<Inner<E>>, generation: u32) -> Option<Rc<Inner<E>>> {
    let inner = inner.upgrade()?;
    (inner.generation.get() == generation).then_some(inner)
}

fn show_state(state: &str) {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        // Only shown; the bridge does not depend on it.
        let _ = root.set_attribute("data-worker", state);
    }
}

fn said(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.message()))
}
