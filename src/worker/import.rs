//! Bringing one's own items and people: what the page and the worker say to each other about it.

use crate::user::{Persona, Profile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most bytes of one slice; the page cuts files so, to stay responsive.
pub const SLICE: usize = 1 << 20;
/// The most bytes of an import in all.
pub const MAX_BYTES: u64 = crate::catalog::import::MAX_BYTES as u64;

/// What is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// Items: a catalogue.
    Items,
    /// User profiles.
    People,
}

/// What the page asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportCommand {
    /// Begins an import, dropping one that was under way.
    Begin {
        /// What is imported.
        kind: ImportKind,
        /// The files' names and sizes in bytes (MovieLens comes as several).
        files: Vec<(String, u64)>,
    },
    /// The next bytes of a file, in order, at most [`SLICE`]; answered by [`ImportEvent::Progress`].
    Slice {
        /// Which of the files, from 0.
        file: usize,
        /// The bytes.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// No more bytes: read them; answered by [`ImportEvent::Preview`] or [`ImportEvent::Failed`].
    End,
    /// Reads them again with another mapping: field (title, text, topics, creator, duration, quality, popularity, image,
    /// id) → column, and as values `duration_unit` and `default_duration_s`.
    Map(BTreeMap<String, String>),
    /// The items' own pictures, as [`Gallery::to_bytes`](crate::catalog::represent::gallery::Gallery::to_bytes) gave them;
    /// they go with what is accepted next.
    Pictures(#[serde(with = "bytes")] Vec<u8>),
    /// Takes what the preview shows; answered by [`ImportEvent::Accepted`].
    Accept {
        /// What to call it.
        name: String,
    },
    /// Drops it.
    Cancel,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportEvent {
    /// How far it is.
    Progress {
        /// Bytes received or read.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// "receiving", "reading".
        stage: String,
    },
    /// What would be taken.
    Preview(Box<Preview>),
    /// It was taken. The page keeps the same files and mapping to take it again after a reload.
    Accepted {
        /// What was imported.
        kind: ImportKind,
        /// Its name.
        name: String,
        /// The digest that a scenario names it by; empty for people.
        digest: String,
        /// How many items or people.
        count: usize,
        /// The items' median duration, seconds, so that the time budget can be suited to them; 0 for people.
        usual_duration_s: f32,
        /// The mapping used.
        mapping: BTreeMap<String, String>,
        /// The people; empty for items.
        people: Vec<Person>,
    },
    /// It could not be read at all.
    Failed {
        /// Where and why, each for people.
        errors: Vec<ImportError>,
    },
}

/// What an import would take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// "CSV", "JSON", "JSONL", "MovieLens".
    pub format: String,
    /// The columns or fields found.
    pub columns: Vec<String>,
    /// The fields that can be mapped: name, whether it must be, what it is.
    pub fields: Vec<(String, bool, String)>,
    /// The mapping used: field → column.
    pub mapping: BTreeMap<String, String>,
    /// The first rows as they would be taken: a value a field, in the order of `fields`, clipped to 120 characters.
    pub rows: Vec<Vec<String>>,
    /// How many would be taken.
    pub taken: usize,
    /// How many would be left out.
    pub skipped: usize,
    /// Why, the first 50.
    pub errors: Vec<ImportError>,
    /// How many errors there are in all.
    pub errors_total: usize,
    /// What was assumed: "12 durations were missing: 3 min assumed".
    pub notes: Vec<String>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportError {
    /// The file.
    pub file: String,
    /// The line, from 1, where known.
    pub line: Option<u64>,
    /// The field or column, where known.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A person of one's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// What anybody may know.
    pub profile: Profile,
    /// What only the user knows.
    pub persona: Persona,
}

/// Bytes as text, which every format holds well: a character a byte, from U+0100 on, none of which JSON escapes.
pub mod bytes {
    use serde::{Deserializer, Serializer, de};

    /// The character of byte 0.
    const FIRST: u32 = 0x100;

    /// Writes them.
    ///
    /// # Errors
    /// Those of the serialiser.
    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        let text: String = bytes.iter().filter_map(|b| char::from_u32(FIRST + u32::from(*b))).collect();
        s.serialize_str(&text)
    }

    /// Reads them.
    ///
    /// # Errors
    /// Those of the deserialiser, and where a character stands for no byte.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl de::Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes as text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
                let byte = |c: char| u32::from(c).checked_sub(FIRST).and_then(|b| u8::try_from(b).ok());
                text.chars().map(byte).collect::<Option<_>>().ok_or_else(|| E::custom("a character that is no byte"))
            }
        }
        d.deserialize_str(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_the_way_there() {
        let sent = ImportCommand::Slice { file: 1, bytes: (0..=255).collect() };
        let text = serde_json::to_string(&sent).expect("is written");
        assert_eq!(serde_json::from_str::<ImportCommand>(&text).expect("is read"), sent);
        let odd = text.replace('\u{100}', "z");
        assert!(serde_json::from_str::<ImportCommand>(&odd).is_err());
    }
}
