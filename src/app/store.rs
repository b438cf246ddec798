//! What the page keeps, reads and hands out: the small save in the tab's own storage and in the one that all tabs share, the address's query, files.

use super::{Toasts, between::Guest, toast::Tone};
use crate::worker::{
    Save,
    protocol::SAVE_FORM,
    transport::{keep, take_kept},
};
use leptos::prelude::window;
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};

const KEY: &str = "recoworld.session";
const GUEST: &str = "recoworld.guest";
/// The form in which a guest is kept: another one where [`Guest`] changes.
const GUEST_FORM: &str = "recoworld/guest-v2";
const HINT: &str = "recoworld.hint";

thread_local! {
    /// Whether the person was told that nothing can be kept: once is enough.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// What all tabs share.
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The tab's own, so that a second tab takes nothing from the first.
fn own() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn of(storage: Option<&web_sys::Storage>, key: &str) -> Option<String> {
    storage?.get_item(key).ok().flatten()
}

/// What the tab kept itself; in a new tab, what the last one did. A guest goes with its session.
fn kept(key: &str) -> Option<String> {
    let own = own().filter(|s| of(Some(s), KEY).is_some());
    of(own.or_else(storage).as_ref(), key)
}

/// Keeps or forgets a text in both; whether one of them has it. None is left with an older one than the other.
fn put(key: &str, text: Option<&str>) -> bool {
    let put = |s: web_sys::Storage| {
        let done = text.is_some_and(|text| s.set_item(key, text).is_ok());
        if !done {
            // Where nothing can be removed, nothing is kept.
            let _ = s.remove_item(key);
        }
        done
    };
    let (own, shared) = (own().is_some_and(put), storage().is_some_and(put));
    own || shared
}

/// Keeps the session against a reload. Where the browser has no room for it, the person is told once and plays on.
pub fn save(save: &Save, toasts: Toasts) {
    if put(KEY, Some(&keep(SAVE_FORM, save))) {
        TOLD.set(false);
    } else if !TOLD.replace(true) {
        toasts.show(
            Tone::Bad,
            "This browser has no room to keep the session",
            "You can play on, but a reload would begin anew. Free some space, or export the run to keep it.",
        );
    }
}

/// The session kept last time, where there is one that this version reads.
pub fn load(toasts: Toasts) -> Option<Save> {
    let text = kept(KEY)?;
    match take_kept(SAVE_FORM, &text) {
        Ok(save) => Some(save),
        Err(why) => {
            toasts.show(
                Tone::Bad,
                "The session kept from last time could not be read",
                &format!("{why} A new one was opened."),
            );
            None
        }
    }
}

/// Keeps a guest that holds no secret against a reload, or forgets it. Without room it is gone after a reload, and the
/// person is told then.
pub fn keep_guest(guest: Option<&Guest>) {
    put(GUEST, guest.map(|guest| keep(GUEST_FORM, guest)).as_deref());
}

/// The guest that was kept.
pub fn guest() -> Option<Guest> {
    take_kept(GUEST_FORM, &kept(GUEST)?).ok()
}

/// Whether the person has closed the hint for the first visit.
pub fn knows_the_page() -> bool {
    of(storage().as_ref(), HINT).is_some()
}

/// Keeps that the hint was closed. Without room it comes back after a reload, which is no loss worth telling.
pub fn keep_knowing() {
    let _ = storage().map(|s| s.set_item(HINT, "closed"));
}

/// The query of the address (`#…` or `?…`), taken off it so that a reload goes on instead of beginning anew.
pub fn take_query() -> String {
    let location = window().location();
    let hash = location.hash().unwrap_or_default();
    let search = location.search().unwrap_or_default();
    // A page's own address (`#/…`) is no query, and stays.
    let is_route = hash.starts_with("#/");
    let query = if hash.len() > 1 && !is_route { hash } else { search };
    if query.contains('=') && !is_route {
        clean_address();
    }
    query
}

/// Takes everything behind the path off the address.
pub fn clean_address() {
    let clean = window().location().pathname().unwrap_or_else(|_| "./".into());
    if let Ok(history) = window().history() {
        // Only cosmetic where it fails.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&clean));
    }
}

/// The page's address with a query behind the hash.
pub fn address(query: &str) -> String {
    let location = window().location();
    let origin = location.origin().unwrap_or_default();
    let path = location.pathname().unwrap_or_default();
    format!("{origin}{path}#{query}")
}

/// Hands a text to the person as a file.
///
/// # Errors
/// What the browser said.
pub fn download(name: &str, mime: &str, text: &str) -> Result<(), String> {
    let said = |e: JsValue| format!("{e:?}");
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(mime);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).map_err(said)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).map_err(said)?;
    let document = window().document().ok_or("there is no document")?;
    let link: web_sys::HtmlAnchorElement =
        document.create_element("a").map_err(said)?.dyn_into().map_err(|_| "no link could be made")?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url).map_err(said)
}
