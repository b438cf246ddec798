//! Packed values as text, for what the browser keeps longer than a page.
//!
//! What is kept may be read by a later build, whose types may have changed, and packed bytes do not say what they are. So a
//! text begins with the name of its form, which changes with the types (`tests/native/kept.rs` sees to that), and with a sum
//! over the rest: another form, or a damaged text, is told and not read.

use super::{pack, unpack};
use serde::{Deserialize, Serialize};

/// The character of byte 0: a character a byte, from here on, none of which is a control character or half of a pair.
const FIRST: u32 = 0x100;

/// Writes a value of the form named, which holds no space.
#[must_use]
pub fn keep<T: Serialize>(form: &str, value: &T) -> String {
    let bytes = pack(value);
    let mut text = format!("{form} {} ", sum(&bytes));
    text.extend(bytes.iter().filter_map(|b| char::from_u32(FIRST + u32::from(*b))));
    text
}

/// Reads what [`keep`] wrote.
///
/// # Errors
/// Where the text is of another form, or damaged; in words.
pub fn take_kept<T: for<'de> Deserialize<'de>>(form: &str, text: &str) -> Result<T, &'static str> {
    let rest = text.strip_prefix(form).and_then(|rest| rest.strip_prefix(' '));
    let rest = rest.ok_or("It was kept by another version of this page.")?;
    let byte = |c: char| u32::from(c).checked_sub(FIRST).and_then(|b| u8::try_from(b).ok());
    let whole = rest.split_once(' ').and_then(|(noted, chars)| {
        let bytes = chars.chars().map(byte).collect::<Option<Vec<u8>>>()?;
        (noted == sum(&bytes).to_string()).then_some(bytes)
    });
    whole.map(|bytes| unpack(&bytes)).ok_or("It is damaged.")
}

/// FNV-1a with 32 bits.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, b| (sum ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_taken_up_again_and_nothing_else_is() {
        let value = (-7i64, "ö".to_owned(), (0..=255u8).collect::<Vec<u8>>());
        let text = keep("x/v1", &value);
        assert_eq!(take_kept("x/v1", &text), Ok(value));
        type Value = (i64, String, Vec<u8>);
        assert_eq!(take_kept::<Value>("x/v2", &text), Err("It was kept by another version of this page."));
        let cut: String = text.chars().take(40).collect();
        for damaged in [&cut, "x/v1 ", "x/v1 1 ", "x/v1 z \u{100}", &text.replace('\u{101}', "a")] {
            assert_eq!(take_kept::<Value>("x/v1", damaged), Err("It is damaged."), "{damaged}");
        }
    }
}
