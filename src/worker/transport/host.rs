//! The worker's side: receive commands, post events, and run long work in slices.

use serde::{Serialize, de::DeserializeOwned};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent};

use super::handshake::Hello;
use super::{BUILD_ID, wire};

/// When the worker wants to go on without being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Not before the next command.
    Idle,
    /// At once, but after commands that are already waiting: a busy worker must hear a stop.
    Soon,
    /// After so many milliseconds.
    After(u32),
}

/// What the worker does. One slice should take a few milliseconds at most.
pub trait Handler: 'static {
    /// What the page says.
    type Command: DeserializeOwned + 'static;
    /// What the worker answers.
    type Event: Serialize + 'static;
    /// Whether they travel as packed bytes instead of structured values; its [`Bridge`](super::Bridge) must agree.
    const PACKED: bool = false;

    /// Carries out a command and says when to go on.
    fn handle(&mut self, command: Self::Command, outbox: &Outbox<Self::Event>) -> Next;

    /// Does the next slice of the work under way and says when to go on.
    fn slice(&mut self, outbox: &Outbox<Self::Event>) -> Next;
}

/// The way back to the page.
pub struct Outbox<E> {
    scope: DedicatedWorkerGlobalScope,
    write: fn(&E) -> Result<JsValue, String>,
}

impl<E: Serialize> Outbox<E> {
    /// Posts an event to the page.
    ///
    /// # Panics
    /// When the event cannot be written as a structured value; that is a fault in its type, and
    /// the page is told as of any other panic.
    pub fn post(&self, event: &E) {
        let sent =
            (self.write)(event).and_then(|value| self.scope.post_message(&value).map_err(|error| format!("{error:?}")));
        if let Err(reason) = sent {
            panic!("an event could not be posted: {reason}");
        }
    }
}

/// Milliseconds on the worker's own clock, for measuring slices.
#[must_use]
pub fn now_ms() -> f64 {
    js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("performance"))
        .ok()
        .and_then(|value| value.dyn_into::<web_sys::Performance>().ok())
        .map_or(0.0, |clock| clock.now())
}

/// The desk that the worker's address names (`&desk=…`); empty where it names none.
#[must_use]
pub fn desk() -> String {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let query = scope.location().search();
    let named = query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("desk="));
    named.unwrap_or_default().to_owned()
}

struct Host<H: Handler> {
    handler: RefCell<H>,
    outbox: Outbox<H::Event>,
    /// Only the newest wish to go on counts: a stop must win over a slice asked for before it.
    wish: Cell<u32>,
    soon: MessageChannel,
}

/// Starts to listen, and tells the page that the worker is there. Call it once, from `main`.
///
/// A panic is posted as text before it ends the instance.
///
/// # Panics
/// When not run in a dedicated worker.
pub fn serve<H: Handler>(handler: H) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    report_panics();
    let host = Rc::new(Host {
        handler: RefCell::new(handler),
        outbox: Outbox { scope: scope.clone(), write: if H::PACKED { wire::to_bytes } else { wire::to_js } },
        wish: Cell::new(0),
        soon: MessageChannel::new().expect("a worker can make a message channel"),
    });
    listen_for_slices(&host);
    let receiver = Rc::clone(&host);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        receive(&receiver, message.data());
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The worker lives until its scope ends, and so does this.
    on_message.forget();
    post_text(&scope, &Hello::Ready(BUILD_ID.to_owned()));
}

fn receive<H: Handler>(host: &Rc<Host<H>>, data: JsValue) {
    let read = if H::PACKED { wire::from_bytes(data) } else { wire::from_js(data) };
    match read {
        Ok(command) => {
            let next = host.handler.borrow_mut().handle(command, &host.outbox);
            plan(host, next);
        }
        Err(reason) => panic!("a command could not be read: {reason}"),
    }
}

fn run_slice<H: Handler>(host: &Rc<Host<H>>, wish: u32) {
    if host.wish.get() == wish {
        let next = host.handler.borrow_mut().slice(&host.outbox);
        plan(host, next);
    }
}

fn plan<H: Handler>(host: &Rc<Host<H>>, next: Next) {
    let wish = host.wish.get().wrapping_add(1);
    host.wish.set(wish);
    match next {
        Next::Idle => {}
        // A message to oneself waits its turn behind the page's, and unlike a timer of 0 ms it is
        // not held back for 4 ms when nested.
        Next::Soon => {
            let posted = host.soon.port1().post_message(&JsValue::from(wish));
            posted.expect("a number can be posted");
        }
        Next::After(ms) => {
            let later = Rc::clone(host);
            let wake = Closure::once_into_js(move || run_slice(&later, wish));
            let ms = i32::try_from(ms).unwrap_or(i32::MAX);
            let set = host.outbox.scope.set_timeout_with_callback_and_timeout_and_arguments_0(wake.unchecked_ref(), ms);
            set.expect("a worker can set a timer");
        }
    }
}

fn listen_for_slices<H: Handler>(host: &Rc<Host<H>>) {
    let slicer = Rc::clone(host);
    let on_soon = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let wish = message.data().as_f64().unwrap_or(-1.0);
        // Wishes are counted in 32 bits, which a JavaScript number holds exactly.
        run_slice(&slicer, wish as u32);
    });
    let port = host.soon.port2();
    port.set_onmessage(Some(on_soon.as_ref().unchecked_ref()));
    on_soon.forget();
}

fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        // Fetched anew, since a hook may not hold a value of one thread.
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        post_text(&scope, &Hello::Lost(info.to_string()));
        console_error_panic_hook::hook(info);
    }));
}

fn post_text(scope: &DedicatedWorkerGlobalScope, text: &Hello) {
    // Nothing is left to do about a worker that cannot even speak: the page's timer notices.
    let _ = scope.post_message(&JsValue::from_str(&text.to_string()));
}
