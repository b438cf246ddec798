//! Values as few bytes, for two programs of one build.
//!
//! A message between the page and its worker is written and read by the same types of the same build: nothing need say what
//! comes next, and nothing that was written can fail to be read. So there are no names in it, and the error type is empty,
//! which lets the compiler leave out every branch that deals with one: JSON of the same types weighed more than the engine.
//! What comes from elsewhere is JSON, never this; what the browser keeps says its form first ([`keep`](super::keep)).
//!
//! Whole numbers are LEB128 (signed ones in zigzag), floats their bits, text and lists begin with their length, and a
//! struct's field with a byte that says whether it was left out (`skip_serializing_if`), which then gives its default.
//!
//! Types that are told apart by trying (`untagged`, `flatten`, an inner `tag`) have no form here; they may choose another one
//! by `is_human_readable`, which is false.

mod read;
mod write;

use serde::{Deserialize, Serialize, de, ser};

/// Writes a value.
#[must_use]
pub fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = write::Out::default();
    match value.serialize(&mut out) {
        Ok(()) => out.into_bytes(),
        Err(never) => match never {},
    }
}

/// Reads what [`pack`] wrote of the same type in the same build.
///
/// # Panics
/// On anything else.
#[must_use]
pub fn unpack<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> T {
    let mut rest = read::In::new(bytes);
    match T::deserialize(&mut rest) {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

/// There is no such thing as a failure here.
#[derive(Debug)]
pub enum Never {}

impl std::fmt::Display for Never {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        foreign()
    }
}

impl de::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        foreign()
    }

    // The words that these would be made of are not needed either.
    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        foreign()
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        foreign()
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        foreign()
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        foreign()
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        foreign()
    }

    fn missing_field(_: &'static str) -> Self {
        foreign()
    }

    fn duplicate_field(_: &'static str) -> Self {
        foreign()
    }
}

/// The bytes are not of this build, or the type has no form here: a fault in the program.
#[cold]
#[inline(never)]
fn foreign() -> ! {
    panic!("a message between the page's programs has another form than its type")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Plain {
        flag: bool,
        small: i8,
        whole: i64,
        large: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<u16>,
        half: f32,
        full: f64,
        letter: char,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        list: Vec<Kind>,
        pair: (u8, Option<Box<Plain>>),
        named: BTreeMap<String, f64>,
        four: [f32; 4],
        nothing: (),
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        #[default]
        Unit,
        One(String),
        Two(u8, i32),
        Named {
            #[serde(default, skip_serializing_if = "String::is_empty")]
            a: String,
            b: f32,
        },
    }

    fn there_and_back<T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(value: &T) {
        assert_eq!(&unpack::<T>(&pack(value)), value);
    }

    #[test]
    fn every_form_survives_the_way() {
        there_and_back(&Plain::default());
        let list = vec![
            Kind::Unit,
            Kind::One("ö\u{1f600}".into()),
            Kind::Two(255, i32::MIN),
            Kind::Named { a: String::new(), b: -0.5 },
            Kind::Named { a: "a".into(), b: f32::INFINITY },
        ];
        let inner = Plain { list: list.clone(), left_out: Some(9), ..Plain::default() };
        there_and_back(&Plain {
            flag: true,
            small: -128,
            whole: i64::MIN,
            large: u64::MAX,
            left_out: None,
            half: f32::MIN_POSITIVE,
            full: 0.1,
            letter: '\u{10ffff}',
            text: "a\0b".into(),
            list,
            pair: (7, Some(Box::new(inner))),
            named: [("x".to_owned(), 1e300), (String::new(), -0.0)].into(),
            four: [1.0, 2.0, 3.0, 4.0],
            nothing: (),
        });
        for n in [0, 1, -1, 63, 64, -64, -65, i64::MAX] {
            there_and_back(&n);
        }
    }

    #[test]
    #[should_panic(expected = "another form")]
    fn what_is_cut_off_is_no_message() {
        let bytes = pack(&Plain::default());
        let _: Plain = unpack(&bytes[..bytes.len() - 1]);
    }
}
