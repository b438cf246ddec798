//! What can be recommended.
//!
//! A [`Catalog`] has two halves that never travel together: the [`Shelf`], which anybody may read, and the [`Truth`],
//! which only the simulated user feels. A recommender is handed the shelf alone.

pub mod import;
pub mod look;
pub mod represent;
pub mod store;
pub mod synthetic;
pub mod thumbnail;
pub mod truth;

use crate::math::Vector;
use represent::gallery::Gallery;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// A position in [`Shelf::items`].
pub type ItemIx = u32;
/// A position in [`Shelf::topics`].
pub type TopicIx = u16;
/// A position in [`Shelf::creators`].
pub type CreatorIx = u32;

/// The most items that a catalogue may hold.
pub const MAX_ITEMS: usize = 100_000;

/// The feel of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// Slow and quiet.
    Calm,
    /// Light and cheerful.
    Bright,
    /// Made to laugh.
    Funny,
    /// Loud, fast, tense.
    Intense,
    /// To think about.
    Thoughtful,
}

impl Mood {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Bright => "bright",
            Self::Funny => "funny",
            Self::Intense => "intense",
            Self::Thoughtful => "thoughtful",
        }
    }
}

/// All moods, in the order of their discriminants.
pub const MOODS: [Mood; 5] = [Mood::Calm, Mood::Bright, Mood::Funny, Mood::Intense, Mood::Thoughtful];

/// One thing that can be recommended, as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The catalogue's own name for it, unique within the catalogue.
    pub id: String,
    /// The title.
    pub title: String,
    /// The description; may be empty.
    pub text: String,
    /// Its topics, the main one first; never empty.
    pub topics: Vec<TopicIx>,
    /// Who made it.
    pub creator: CreatorIx,
    /// How long it takes to watch, hear, read or look through, in seconds; > 0.
    pub duration_s: f32,
    /// Its feel, where known.
    pub mood: Option<Mood>,
    /// The crowd's rating from 1 to 5, a noisy sign of quality, where known.
    pub rating: Option<f32>,
    /// How often it was chosen before, as a share of the most chosen item, in [0, 1].
    pub popularity: f32,
    /// Where its picture is, where it has one.
    pub image: Option<String>,
}

/// The public half: what is on offer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shelf {
    /// The catalogue's name.
    pub name: String,
    /// The names of the topics, at most 64.
    pub topics: Vec<String>,
    /// The names of the creators.
    pub creators: Vec<String>,
    /// The items.
    pub items: Vec<Item>,
}

/// The hidden half: what an item does to a user. Indexed like [`Shelf::items`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Each item's place in taste space, of length one.
    pub vectors: Vec<Vector>,
    /// How good each item is once consumed, standardised: mean 0, standard deviation 1 over the catalogue.
    pub quality: Vec<f32>,
    /// How much more each item promises than it holds (clickbait), mean 0, standard deviation 1, correlated with
    /// neither topic nor quality by much.
    pub lure: Vec<f32>,
    /// Each topic's place in taste space, of length one.
    pub topics: Vec<Vector>,
}

/// A catalogue: both halves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// What anybody may read.
    pub shelf: Shelf,
    /// What only the user feels.
    pub truth: Truth,
    /// The items' own pictures, where a person brought them. Shared, since they are large.
    pub gallery: Rc<Gallery>,
}

impl Shelf {
    /// The main topic of an item.
    #[must_use]
    pub fn topic(&self, item: ItemIx) -> TopicIx {
        self.items[item as usize].topics[0]
    }

    /// The topic of that name, letter case ignored.
    #[must_use]
    pub fn topic_named(&self, name: &str) -> Option<TopicIx> {
        self.topics.iter().position(|t| t.eq_ignore_ascii_case(name)).map(|i| i as TopicIx)
    }
}

/// Shifts and scales numbers to mean 0 and standard deviation 1; where all are equal, all become 0.
pub(crate) fn standardise(values: &mut [f32]) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
    let variance = values.iter().map(|v| (f64::from(*v) - mean) * (f64::from(*v) - mean)).sum::<f64>() / n;
    let scale = if variance > 1e-12 { 1.0 / variance.sqrt() } else { 0.0 };
    for v in values {
        *v = ((f64::from(*v) - mean) * scale) as f32;
    }
}
