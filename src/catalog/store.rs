//! Catalogues as files: `recoworld/catalog-v1`.
//!
//! The file holds the shelf. The truth is left out where it follows from the shelf ([`truth::of`]), as it does for what
//! was imported; a generated catalogue carries its own.

use super::{
    Catalog, Item, MAX_ITEMS, Shelf, Truth,
    import::{self, ImportError},
    look,
    represent::pictures,
    truth,
};
use crate::math::{self, Vector};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The format's name and version.
pub const SCHEMA: &str = "recoworld/catalog-v1";

#[derive(Serialize)]
struct Out<'a> {
    schema: &'a str,
    digest: String,
    #[serde(flatten)]
    shelf: &'a Shelf,
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<OutTruth<'a>>,
}

#[derive(Serialize)]
struct OutTruth<'a> {
    vectors: &'a [Vector],
    quality: &'a [f32],
    lure: &'a [f32],
    topics: &'a [Vector],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct In {
    #[allow(dead_code)]
    schema: String,
    #[serde(default)]
    digest: String,
    name: String,
    topics: Vec<String>,
    creators: Vec<String>,
    items: Vec<Item>,
    #[serde(default)]
    truth: Option<InTruth>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InTruth {
    vectors: Vec<Vector>,
    quality: Vec<f32>,
    lure: Vec<f32>,
    topics: Vec<Vector>,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// A catalogue that was read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The catalogue.
    pub catalog: Catalog,
    /// Whether the items are those that the file's digest was made of; `false` if it was changed by hand.
    pub untouched: bool,
}

/// A digest of all that a shelf says, as 16 hexadecimal digits (FNV-1a, 64 bits): enough to notice another file, not
/// to defend against one made to collide.
#[must_use]
pub fn digest(shelf: &Shelf) -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.list(&shelf.topics);
    hash.list(&shelf.creators);
    for item in &shelf.items {
        hash.text(&item.id);
        hash.text(&item.title);
        hash.text(&item.text);
        hash.text(item.image.as_deref().unwrap_or(""));
        for topic in &item.topics {
            hash.bytes(&topic.to_le_bytes());
        }
        hash.bytes(&item.creator.to_le_bytes());
        hash.bytes(&item.duration_s.to_bits().to_le_bytes());
        hash.bytes(&[item.mood.map_or(255, |m| m as u8)]);
        hash.bytes(&item.rating.map_or(0, f32::to_bits).to_le_bytes());
        hash.bytes(&item.popularity.to_bits().to_le_bytes());
    }
    format!("{:016x}", hash.0)
}

struct Fnv(u64);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// A text with an end that no UTF-8 text holds, so that "ab", "c" differs from "a", "bc".
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }

    fn list(&mut self, texts: &[String]) {
        texts.iter().for_each(|t| self.text(t));
        self.bytes(&[0xfe]);
    }
}

/// The catalogue as JSON.
#[must_use]
pub fn save(catalog: &Catalog) -> String {
    let assumed = truth::of(&catalog.shelf) == catalog.truth;
    let t = &catalog.truth;
    let truth =
        (!assumed).then_some(OutTruth { vectors: &t.vectors, quality: &t.quality, lure: &t.lure, topics: &t.topics });
    let out = Out { schema: SCHEMA, digest: digest(&catalog.shelf), shelf: &catalog.shelf, truth };
    // Nothing in it can fail to serialise: no maps with odd keys, and non-finite numbers become null.
    serde_json::to_string(&out).unwrap_or_default()
}

/// Reads what [`save`] wrote.
///
/// # Errors
/// If the file is no catalogue, was written by a newer version, or does not hang together.
pub fn load(text: &str) -> Result<Loaded, ImportError> {
    let head: Head = serde_json::from_str(text).map_err(malformed)?;
    if head.schema != SCHEMA {
        return Err(wrong_schema(&head.schema));
    }
    let mut file: In = serde_json::from_str(text).map_err(malformed)?;
    let saved_digest = std::mem::take(&mut file.digest);
    let shelf = Shelf { name: file.name, topics: file.topics, creators: file.creators, items: file.items };
    let untouched = digest(&shelf) == saved_digest;
    let shelf = if untouched { shelf } else { shown_safely(shelf) };
    check_shelf(&shelf)?;
    let truth = match file.truth {
        None => truth::of(&shelf),
        Some(t) => {
            check_truth(&shelf, &t)?;
            Truth { vectors: t.vectors, quality: t.quality, lure: t.lure, topics: t.topics }
        }
    };
    Ok(Loaded { catalog: Catalog { shelf, truth, ..Catalog::default() }, untouched })
}

fn malformed(error: serde_json::Error) -> ImportError {
    ImportError::whole(format!("The catalogue file cannot be read: {error}."), "Save it again from RecoWorld.")
}

fn wrong_schema(schema: &str) -> ImportError {
    let newer = schema.strip_prefix("recoworld/catalog-v").and_then(|v| v.parse::<u32>().ok()).is_some_and(|v| v > 1);
    let schema = import::short(schema);
    if newer {
        ImportError::whole(
            format!("The file was written by a newer RecoWorld ({schema}; this one reads {SCHEMA})."),
            "Update this RecoWorld, or save the catalogue as CSV.",
        )
    } else {
        ImportError::whole(format!("The file says it is “{schema}”, not {SCHEMA}."), "Choose a catalogue file.")
    }
}

fn check_shelf(shelf: &Shelf) -> Result<(), ImportError> {
    let bad = |what: String| Err(ImportError::whole(what, "Mend the file, or save it again from RecoWorld."));
    if shelf.items.is_empty() || shelf.topics.is_empty() || shelf.creators.is_empty() {
        return bad("The catalogue file has no items, no topics or no creators.".into());
    }
    if shelf.items.len() > MAX_ITEMS || shelf.topics.len() > 64 {
        return bad(format!("The catalogue file has more than {MAX_ITEMS} items or 64 topics."));
    }
    let mut ids = HashSet::new();
    for (i, item) in shelf.items.iter().enumerate() {
        let fault = if !ids.insert(&item.id) {
            "an id that is used before"
        } else if item.title.is_empty() {
            "no title that can be shown"
        } else if item.topics.is_empty() || item.topics.iter().any(|t| usize::from(*t) >= shelf.topics.len()) {
            "no topic, or one that does not exist"
        } else if item.creator as usize >= shelf.creators.len() {
            "a creator that does not exist"
        } else if !(item.duration_s.is_finite() && item.duration_s > 0.0) {
            "a duration that is not above 0"
        } else if !(0.0..=1.0).contains(&item.popularity) {
            "a popularity outside 0 to 1"
        } else if item.rating.is_some_and(|r| !(1.0..=5.0).contains(&r)) {
            "a rating outside 1 to 5"
        } else {
            continue;
        };
        return bad(format!("Item {} (“{}”) has {fault}.", i + 1, import::short(&item.title)));
    }
    Ok(())
}

fn check_truth(shelf: &Shelf, t: &InTruth) -> Result<(), ImportError> {
    let n = shelf.items.len();
    let sizes = t.vectors.len() == n && t.quality.len() == n && t.lure.len() == n;
    let numbers = t.quality.iter().chain(&t.lure).all(|x| x.is_finite());
    let unit = |v: &Vector| (math::length(v) - 1.0).abs() < 1e-3;
    if sizes && t.topics.len() == shelf.topics.len() && numbers && t.vectors.iter().chain(&t.topics).all(unit) {
        return Ok(());
    }
    Err(ImportError::whole("The truth in the catalogue file does not fit its items.", "Remove “truth” from the file."))
}

/// A file that was changed by hand may hold what should not be shown.
fn shown_safely(mut shelf: Shelf) -> Shelf {
    shelf.name = import::clean(&shelf.name, 120);
    for name in shelf.topics.iter_mut().chain(&mut shelf.creators) {
        *name = import::clean(name, 120);
    }
    for item in &mut shelf.items {
        item.title = import::clean(&item.title, 300);
        item.text = import::clean(&item.text, 2_000);
        let known = |a: &String| import::safe_address(a) || pictures::names_file(a) || look::Look::parse(a).is_some();
        item.image = item.image.take().filter(known);
    }
    shelf
}
