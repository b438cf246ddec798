//! Rust values as what `postMessage` copies: JSON, in one string.
//!
//! The same types are saved as files and kept in storage, so JSON is in both programs already; a second format for the same
//! types would weigh more than all that is said in it.

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

/// Turns a value into what `postMessage` can copy. Numbers are exact, those of 64 bits included, but must be finite.
///
/// # Errors
/// What could not be written, in words.
pub fn to_js<T: Serialize>(value: &T) -> Result<JsValue, String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    Ok(JsValue::from_str(&text))
}

/// Reads a value back.
///
/// # Errors
/// What was not of the expected form, in words.
pub fn from_js<T: DeserializeOwned>(value: &JsValue) -> Result<T, String> {
    from_text(&value.as_string().ok_or("it is no text")?)
}

/// As [`from_js`], from the text.
pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
