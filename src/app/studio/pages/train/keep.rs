//! Runs, kept in the browser's database so that a reload goes on with them.

use crate::{
    app::keep::{settled, store_of},
    worker::{
        train::protocol::Kept,
        transport::{from_js, to_js},
    },
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

const DATABASE: &str = "recoworld-training";
const STORE: &str = "runs";

/// A run with its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Its number; runs are listed in this order.
    pub id: u32,
    /// The run.
    pub kept: Kept,
}

/// Keeps a run, in the place of what was kept of it.
pub async fn put(stored: &Stored) -> Result<(), String> {
    let value = to_js(stored)?;
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readwrite).await?;
    let request = store.put_with_key(&value, &JsValue::from_f64(f64::from(stored.id))).map_err(|e| format!("{e:?}"))?;
    settled(&request).await.map(drop)
}

/// All runs that are kept. What cannot be read is left out.
pub async fn all() -> Result<Vec<Stored>, String> {
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readonly).await?;
    let request = store.get_all().map_err(|e| format!("{e:?}"))?;
    let values = js_sys::Array::from(&settled(&request).await?);
    Ok(values.iter().filter_map(|value| from_js(value).ok()).collect())
}

/// Forgets a run.
pub async fn forget(id: u32) -> Result<(), String> {
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readwrite).await?;
    let request = store.delete(&JsValue::from_f64(f64::from(id))).map_err(|e| format!("{e:?}"))?;
    settled(&request).await.map(drop)
}
