//! The browser's own objects by name: the few that a call needs, without a generated binding for each.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A property; undefined where there is none.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method.
///
/// # Errors
/// What it throws, or a word where it is no method.
pub fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = get(of, name).dyn_into().map_err(|_| JsValue::from_str(name))?;
    method.apply(of, &arguments.iter().collect::<Array>())
}

/// Waits for what a method promises.
///
/// # Errors
/// As [`call`], and what the promise is refused with.
pub async fn ask(of: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&call(of, name, arguments)?)).await
}

/// An object of named values.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A plain object takes any field.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// Breaks calls off.
#[derive(Clone)]
pub struct Abort(JsValue);

impl Abort {
    /// One that has not been used.
    pub fn new() -> Self {
        let class = get(&window(), "AbortController").dyn_into::<Function>();
        let made = class.ok().and_then(|c| Reflect::construct(&c, &Array::new()).ok());
        Self(made.unwrap_or(JsValue::UNDEFINED))
    }

    /// What a call listens to.
    pub fn signal(&self) -> JsValue {
        get(&self.0, "signal")
    }

    /// Whether it has been used.
    pub fn is_used(&self) -> bool {
        get(&self.signal(), "aborted").is_truthy()
    }

    /// Whether both are the same.
    pub fn is(&self, other: &Self) -> bool {
        Object::is(&self.0, &other.0)
    }

    /// Breaks off.
    pub fn abort(&self) {
        // There is nothing to break off where there is no controller.
        let _ = call(&self.0, "abort", &[]);
    }
}

/// Calls under way, by number: each can be broken off. Copies share them.
#[derive(Clone, Copy)]
pub struct Calls(StoredValue<BTreeMap<u32, Abort>, LocalStorage>);

impl Calls {
    /// None yet.
    pub fn new() -> Self {
        Self(StoredValue::new_local(BTreeMap::new()))
    }

    /// Begins a call: what breaks it off.
    pub fn begin(self, id: u32) -> Abort {
        let abort = Abort::new();
        self.0.update_value(|all| drop(all.insert(id, abort.clone())));
        abort
    }

    /// A call came to its end by itself.
    pub fn end(self, id: u32) {
        self.0.update_value(|all| drop(all.remove(&id)));
    }

    /// Breaks one off.
    pub fn cut(self, id: u32) {
        if let Some(abort) = self.0.try_update_value(|all| all.remove(&id)).flatten() {
            abort.abort();
        }
    }

    /// Breaks all off.
    pub fn cut_all(self) {
        let all = self.0.try_update_value(std::mem::take).unwrap_or_default();
        all.values().for_each(Abort::abort);
    }
}
