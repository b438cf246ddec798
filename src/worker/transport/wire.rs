//! Rust values as the structured values that `postMessage` copies.

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

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
