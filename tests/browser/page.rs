//! How the page notices what its worker does: small workers, written here, that keep the
//! handshake or break it.

#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Promise};
use recoworld::worker::transport::{BUILD_ID, Bridge, Lost, SendError};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// What a bridge was told, in order.
#[derive(Clone, Default)]
struct Heard {
    events: Rc<RefCell<Vec<u64>>>,
    losses: Rc<RefCell<Vec<Lost>>>,
}

fn spawn(script: &str, limit_ms: u32) -> (Bridge<u64, u64>, Heard) {
    let parts = Array::of1(&JsValue::from_str(script));
    let blob = web_sys::Blob::new_with_str_sequence(&parts).expect("a blob is made");
    let address = web_sys::Url::create_object_url_with_blob(&blob).expect("it has an address");
    let heard = Heard::default();
    let (events, losses) = (Rc::clone(&heard.events), Rc::clone(&heard.losses));
    let bridge = Bridge::spawn_at(
        address,
        limit_ms,
        move |event| events.borrow_mut().push(event),
        move |lost| losses.borrow_mut().push(lost),
    );
    (bridge.expect("a worker is made"), heard)
}

/// A worker of this build that answers each number with its double.
fn doubler() -> String {
    format!("setTimeout(() => {{ onmessage = (m) => postMessage(m.data * 2n); postMessage('ready {BUILD_ID}') }}, 20)")
}

async fn wait(ms: i32) {
    let sleep = Promise::new(&mut |wake, _| {
        let window = web_sys::window().expect("this is a page");
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&wake, ms).expect("a timer is set");
    });
    JsFuture::from(sleep).await.expect("it wakes");
}

/// Waits until something holds, for five seconds at most.
async fn until(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        wait(10).await;
    }
    panic!("it did not happen within five seconds");
}

fn state() -> Option<String> {
    let document = web_sys::window().and_then(|w| w.document())?;
    document.document_element()?.get_attribute("data-worker")
}

#[wasm_bindgen_test]
async fn commands_given_before_the_worker_listens_arrive_in_order() {
    let (bridge, heard) = spawn(&doubler(), 5_000);
    for n in [1, 2, u64::MAX / 2] {
        bridge.send(&n).expect("is taken");
    }
    assert_eq!(state().as_deref(), Some("starting"));
    until(|| heard.events.borrow().len() == 3).await;
    bridge.send(&4).expect("is sent");
    until(|| heard.events.borrow().len() == 4).await;
    assert_eq!(*heard.events.borrow(), [2, 4, u64::MAX - 1, 8]);
    assert!(heard.losses.borrow().is_empty());
    assert_eq!(state().as_deref(), Some("ready"));
}

#[wasm_bindgen_test]
async fn a_worker_of_another_build_is_lost_before_anything_is_decoded() {
    let (bridge, heard) = spawn("postMessage('ready another'); postMessage({ odd: 1 })", 5_000);
    until(|| !heard.losses.borrow().is_empty()).await;
    wait(50).await;
    let stale = Lost::Stale { page: BUILD_ID.into(), worker: "another".into() };
    assert_eq!(*heard.losses.borrow(), [stale]);
    assert_eq!(bridge.send(&1), Err(SendError::NotRunning));
}

#[wasm_bindgen_test]
async fn a_fault_is_told_once_and_another_worker_can_be_started() {
    let dying = format!(
        "onmessage = () => {{ postMessage('lost panicked at x'); throw new Error('unreachable') }}; postMessage('ready {BUILD_ID}')"
    );
    let (bridge, heard) = spawn(&dying, 5_000);
    bridge.send(&1).expect("is taken");
    until(|| !heard.losses.borrow().is_empty()).await;
    wait(50).await;
    assert_eq!(*heard.losses.borrow(), [Lost::Panicked("panicked at x".into())]);
    assert!(!bridge.is_running());
    bridge.respawn().expect("another is made");
    bridge.send(&1).expect("is taken");
    until(|| heard.losses.borrow().len() == 2).await;
}

#[wasm_bindgen_test]
async fn a_script_that_fails_or_keeps_silent_is_told() {
    let (_failing, heard) = spawn("throw new Error('no such thing')", 5_000);
    until(|| !heard.losses.borrow().is_empty()).await;
    assert!(matches!(&heard.losses.borrow()[0], Lost::Failed(said) if said.contains("no such thing")));
    let (_silent, heard) = spawn("", 100);
    until(|| !heard.losses.borrow().is_empty()).await;
    assert_eq!(*heard.losses.borrow(), [Lost::Silent(100)]);
}

#[wasm_bindgen_test]
async fn an_event_of_an_unknown_form_ends_the_worker_in_words() {
    let script = format!("postMessage('ready {BUILD_ID}'); postMessage({{ odd: 1 }})");
    let (_bridge, heard) = spawn(&script, 5_000);
    until(|| !heard.losses.borrow().is_empty()).await;
    assert!(matches!(&heard.losses.borrow()[0], Lost::Failed(said) if said.contains("could not be read")));
}

#[wasm_bindgen_test]
async fn a_killed_worker_says_no_more_and_a_new_one_does() {
    let ticking = format!("postMessage('ready {BUILD_ID}'); setInterval(() => postMessage(1n), 5)");
    let (bridge, heard) = spawn(&ticking, 5_000);
    until(|| heard.events.borrow().len() > 2).await;
    bridge.kill();
    let so_far = heard.events.borrow().len();
    wait(100).await;
    assert_eq!(heard.events.borrow().len(), so_far);
    assert_eq!(bridge.send(&1), Err(SendError::NotRunning));
    assert_eq!(state().as_deref(), Some("killed"));
    bridge.respawn().expect("another is made");
    until(|| heard.events.borrow().len() > so_far).await;
    assert!(heard.losses.borrow().is_empty());
}
