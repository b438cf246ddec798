//! Rust values as what `postMessage` copies: structured values, or bytes.

use super::{pack, unpack};
use js_sys::Uint8Array;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};

/// Turns a value into what `postMessage` can copy. Whole numbers of 64 bits travel as BigInt,
/// since a JavaScript number would round them.
///
/// # Errors
/// What could not be written, in words.
pub fn to_js<T: Serialize>(value: &T) -> Result<JsValue, String> {
    let exact = serde_wasm_bindgen::Serializer::new().serialize_large_number_types_as_bigints(true);
    value.serialize(&exact).map_err(|error| error.to_string())
}

/// Reads a value back.
///
/// # Errors
/// What was not of the expected form, in words.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())
}

/// Turns a value into [packed](pack) bytes, for the same type of the same build only.
///
/// # Errors
/// None; it stands beside [`to_js`].
pub fn to_bytes<T: Serialize>(value: &T) -> Result<JsValue, String> {
    Ok(Uint8Array::from(pack(value).as_slice()).into())
}

/// Reads what [`to_bytes`] wrote.
///
/// # Errors
/// Where it is no bytes at all.
pub fn from_bytes<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    let bytes: Uint8Array = value.dyn_into().map_err(|_| "it is no message of this build")?;
    Ok(unpack(&bytes.to_vec()))
}
