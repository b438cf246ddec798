//! Rust values as what `postMessage` copies: structured values, or JSON in one string.

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

/// Turns a value into one string of JSON. Numbers are exact, those of 64 bits included, but must be finite.
///
/// The session's messages hold what is saved as JSON too, so JSON is in the first load already, and a second format for the
/// same types would weigh more than the message does.
///
/// # Errors
/// What could not be written, in words.
pub fn to_text<T: Serialize>(value: &T) -> Result<JsValue, String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    Ok(JsValue::from_str(&text))
}

/// Reads what [`to_text`] wrote.
///
/// # Errors
/// What was not of the expected form, in words.
pub fn from_text<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    let text = value.as_string().ok_or("it is no text")?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}
