//! The shape that a model's answer must have: one description both writes the JSON schema that is sent and checks what
//! comes back, so that the two cannot drift apart.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use std::fmt;

/// What a piece of JSON must be. Objects have all their fields, in the order given, and no others.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// An object with exactly these fields.
    Object(Vec<(&'static str, Shape)>),
    /// A list of so many at least and at most.
    List {
        /// What each element is.
        of: Box<Shape>,
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// Text that should be of at most so many characters.
    Text {
        /// The most characters wanted.
        max: usize,
    },
    /// One of these words.
    Choice(Vec<String>),
    /// One of these whole numbers.
    Number(Vec<i64>),
    /// A whole number within bounds, both included.
    Whole {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// True or false.
    Flag,
}

impl Shape {
    /// One of these words.
    #[must_use]
    pub fn choice<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        Self::Choice(words.into_iter().map(Into::into).collect())
    }

    /// A list of exactly `n`.
    #[must_use]
    pub fn exactly(n: usize, of: Self) -> Self {
        Self::List { of: Box::new(of), min: n, max: n }
    }

    /// The JSON schema; without the greatest length of texts where `plain` says that the server refuses that keyword.
    #[must_use]
    pub fn schema(&self, plain: bool) -> Schema<'_> {
        Schema { shape: self, plain }
    }

    /// Checks an answer.
    ///
    /// # Errors
    /// The first place where it differs, in words that a person (and the model) can act on.
    pub fn check(&self, value: &Value) -> Result<(), Mismatch> {
        self.check_at(value, "")
    }

    fn check_at(&self, value: &Value, at: &str) -> Result<(), Mismatch> {
        let wrong = |must: String| Err(Mismatch { at: at.to_owned(), must, found: excerpt(value) });
        match self {
            Self::Object(fields) => {
                let Value::Object(map) = value else { return wrong("an object".into()) };
                for (name, shape) in fields {
                    let path = if at.is_empty() { (*name).to_owned() } else { format!("{at}.{name}") };
                    let Some(inner) = map.get(*name) else {
                        return Err(Mismatch { at: path, must: "there".into(), found: "nothing".into() });
                    };
                    shape.check_at(inner, &path)?;
                }
                match map.keys().find(|k| fields.iter().all(|f| f.0 != k.as_str())) {
                    Some(extra) => wrong(format!("without the unknown field \"{}\"", clip(extra, 40))),
                    None => Ok(()),
                }
            }
            Self::List { of, min, max } => {
                let Value::Array(list) = value else { return wrong("a list".into()) };
                if !(*min..=*max).contains(&list.len()) {
                    let must = if min == max { format!("{min} long") } else { format!("{min} to {max} long") };
                    return Err(Mismatch { at: at.to_owned(), must, found: format!("{} elements", list.len()) });
                }
                list.iter().enumerate().try_for_each(|(i, v)| of.check_at(v, &format!("{at}[{i}]")))
            }
            Self::Text { max } => match value {
                // Many servers do not bound text. Too much of it is no misunderstanding: whoever uses it cuts it.
                Value::String(_) => Ok(()),
                _ => wrong(format!("text of at most {max} characters")),
            },
            Self::Choice(words) => match value {
                Value::String(s) if words.iter().any(|w| w == s) => Ok(()),
                _ => wrong(format!("one of {}", list_words(words))),
            },
            Self::Number(numbers) => match value.as_i64() {
                Some(n) if numbers.contains(&n) => Ok(()),
                _ => wrong(format!("one of {}", list_words(&numbers.iter().map(i64::to_string).collect::<Vec<_>>()))),
            },
            Self::Whole { min, max } => match value.as_i64() {
                Some(n) if (*min..=*max).contains(&n) => Ok(()),
                _ => wrong(format!("a whole number from {min} to {max}")),
            },
            Self::Flag => match value {
                Value::Bool(_) => Ok(()),
                _ => wrong("true or false".into()),
            },
        }
    }
}

fn list_words(words: &[String]) -> String {
    let shown = words.iter().take(40).cloned().collect::<Vec<_>>().join(", ");
    if words.len() > 40 { format!("{shown}, …") } else { shown }
}

fn excerpt(value: &Value) -> String {
    clip(&value.to_string(), 60)
}

/// At most `n` characters, with a sign that some were cut.
pub(crate) fn clip(s: &str, n: usize) -> String {
    match s.char_indices().nth(n) {
        Some((end, _)) => format!("{}…", s[..end].trim_end()),
        None => s.to_owned(),
    }
}

/// Where an answer is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The path (`items[2].action`); empty for the whole.
    pub at: String,
    /// What must be there.
    pub must: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "the answer" } else { &self.at };
        write!(f, "{at} must be {}, not {}", self.must, self.found)
    }
}

/// A shape, to be written as a JSON schema.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    shape: &'a Shape,
    plain: bool,
}

struct Properties<'a>(&'a [(&'static str, Shape)], bool);

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(self.0.len()))?;
        for (name, shape) in self.0 {
            map.serialize_entry(name, &shape.schema(self.1))?;
        }
        map.end()
    }
}

impl Serialize for Schema<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        match self.shape {
            Shape::Object(fields) => {
                map.serialize_entry("type", "object")?;
                map.serialize_entry("properties", &Properties(fields, self.plain))?;
                map.serialize_entry("required", &fields.iter().map(|f| f.0).collect::<Vec<_>>())?;
                map.serialize_entry("additionalProperties", &false)?;
            }
            Shape::List { of, min, max } => {
                map.serialize_entry("type", "array")?;
                map.serialize_entry("items", &of.schema(self.plain))?;
                map.serialize_entry("minItems", min)?;
                map.serialize_entry("maxItems", max)?;
            }
            Shape::Text { max } => {
                map.serialize_entry("type", "string")?;
                if !self.plain {
                    map.serialize_entry("maxLength", max)?;
                }
            }
            Shape::Choice(words) => {
                map.serialize_entry("type", "string")?;
                map.serialize_entry("enum", words)?;
            }
            Shape::Number(numbers) => {
                map.serialize_entry("type", "integer")?;
                map.serialize_entry("enum", numbers)?;
            }
            // Grammars made from schemas often leave bounds out and never leave an enumeration out; so narrow ranges are
            // enumerated, wider ones up to a hundred in steps of five (any number between is taken all the same).
            Shape::Whole { min, max } if max - min <= 100 => {
                let step = if max - min <= 20 { 1 } else { 5 };
                let numbers: Vec<i64> = (0..=(max - min) / step).map(|i| min + i * step).collect();
                map.serialize_entry("type", "integer")?;
                map.serialize_entry("enum", &numbers)?;
            }
            Shape::Whole { min, max } => {
                map.serialize_entry("type", "integer")?;
                map.serialize_entry("minimum", min)?;
                map.serialize_entry("maximum", max)?;
            }
            Shape::Flag => map.serialize_entry("type", "boolean")?,
        }
        map.end()
    }
}

/// Finds the one JSON object in a model's text: bare, in a code fence, or after a `<think>` passage.
///
/// # Errors
/// Where there is none, or it is no JSON; the words are for the model and a person alike.
pub fn find_json(text: &str) -> Result<Value, String> {
    let text = text.rsplit_once("</think>").map_or(text, |t| t.1);
    let (Some(start), Some(end)) = (text.find('{'), text.rfind('}')) else {
        return Err(format!("the answer holds no JSON object: \"{}\"", clip(text.trim(), 80)));
    };
    if end < start {
        return Err("the answer holds no whole JSON object".into());
    }
    // Some grammars let raw line breaks into strings. Between values a blank is as good as a break, and within them better.
    let plain = text[start..=end].replace(|c: char| c.is_control(), " ");
    serde_json::from_str(&plain).map_err(|e| format!("the answer is no JSON: {e}"))
}

/// Finds the JSON object in a model's text and checks its shape.
///
/// # Errors
/// As [`find_json`] and [`Shape::check`].
pub fn parse(text: &str, shape: &Shape) -> Result<Value, String> {
    let value = find_json(text)?;
    shape.check(&value).map_err(|m| m.to_string())?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> Shape {
        Shape::Object(vec![
            ("items", Shape::exactly(2, Shape::Object(vec![("action", Shape::choice(["skip", "watch"]))]))),
            ("leave", Shape::Flag),
            ("score", Shape::Whole { min: 1, max: 5 }),
        ])
    }

    #[test]
    fn the_schema_keeps_the_order_of_fields() {
        let text = serde_json::to_string(&shape().schema(false)).expect("writes");
        assert!(text.find("\"items\"").expect("items") < text.find("\"leave\"").expect("leave"));
        assert!(text.contains(r#""minItems":2,"maxItems":2"#) && text.contains(r#""enum":["skip","watch"]"#));
    }

    #[test]
    fn a_wrong_answer_is_told_where_and_what() {
        let good = r#"Sure! ```json {"items":[{"action":"skip"},{"action":"watch"}],"leave":false,"score":3} ```"#;
        assert!(parse(good, &shape()).is_ok());
        assert_eq!(find_json("{\"a\":\n\"one\ntwo\"}").expect("is read")["a"], "one two");
        let told = |text: &str| parse(text, &shape()).expect_err("is wrong");
        assert_eq!(
            told(r#"{"items":[{"action":"skip"},{"action":"dance"}],"leave":false,"score":3}"#),
            "items[1].action must be one of skip, watch, not \"dance\""
        );
        assert_eq!(
            told(r#"{"items":[{"action":"skip"}],"leave":false,"score":3}"#),
            "items must be 2 long, not 1 elements"
        );
        assert!(
            told(r#"{"items":[{"action":"skip"},{"action":"skip"}],"leave":false,"score":9}"#)
                .starts_with("score must be a whole number from 1 to 5")
        );
        assert!(told("I would rather not.").contains("holds no JSON object"));
        assert!(told("} {").contains("no whole JSON"));
        assert!(told(r#"{"items": [}"#).contains("no JSON"));
    }
}
