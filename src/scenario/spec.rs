//! The scenario file: its fields, their limits and defaults.

use super::{ScenarioError, edit, error::excerpt, read};
use crate::{
    recommender::TRAINED,
    session::RewardSpec,
    user::{Context, Persona, Profile},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Everything that defines a run but the answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The format's name and version: `recoworld/scenario-v1`.
    pub schema: String,
    /// `namespace/Name-v0`.
    pub id: String,
    /// A title for people.
    pub title: String,
    /// A sentence or two: what the situation is.
    pub about: String,
    /// What can be recommended.
    pub catalog: CatalogSpec,
    /// The user as anybody may know them.
    pub profile: Profile,
    /// The user's secret: taste and temper.
    pub persona: Persona,
    /// The circumstances.
    pub context: Context,
    /// The time budget, minutes, 1 to 600.
    pub minutes: f32,
    /// What of an item is seen: by recommenders as numbers, by language models in words. The user's own taste meets the
    /// true item all the same.
    #[serde(default, skip_serializing_if = "Representation::is_text")]
    pub representation: Representation,
    /// Items a slate, 1 to 20.
    pub slate_size: usize,
    /// Items drawn as candidates each turn (0: the whole catalogue).
    #[serde(default)]
    pub candidates: usize,
    /// The most turns; reaching it truncates, 1 to 1000.
    pub horizon: u32,
    /// Whether the user's instructions reach the recommender.
    pub instructions: bool,
    /// How much trust being heard earns in itself, 0 to 0.5; 0 leaves only the better items.
    pub heard_bonus: f32,
    /// Who serves.
    pub recommender: RecommenderSpec,
    /// How engagement becomes reward.
    #[serde(default)]
    pub reward: RewardSpec,
    /// The seed, a whole number below 2⁶⁴, as a string so that JavaScript cannot round it.
    pub seed: String,
}

impl Scenario {
    /// Reads a scenario file: JSON of at most 1 MB. Fields left out that have a default get it.
    ///
    /// # Errors
    /// Where the text is no JSON, names an unknown field or gives one twice, leaves out one without a default, holds a
    /// value outside its limits, or was written by a newer version; with line, column, field and what to do.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        read::scenario(text)
    }

    /// The scenario as a file that [`Scenario::from_json`] reads back equal.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fails only on keys that are not text, which the type does not have.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Checks a scenario that was made or changed in code.
    ///
    /// # Errors
    /// As [`Scenario::from_json`], without line and column.
    pub fn validate(&self) -> Result<(), ScenarioError> {
        read::validate(self)
    }

    /// Whether the first load's worker can play it, which is built without feature `whole`: generated clips, seen as text,
    /// served by a recommender that reads words as they stand, to a user who remembers as stated.
    #[must_use]
    pub fn is_small(&self) -> bool {
        matches!(self.catalog, CatalogSpec::Synthetic { style: CatalogStyle::Clips, .. })
            && self.representation.is_text()
            && self.persona.memory.is_stated()
            && self.recommender.is_small()
    }

    /// Sets the field at `path` (`slate_size`, `persona.interests.Cooking`) to what `text` says: `on` and `off` for
    /// flags, lists by commas, a clock time for `context.minute`, nothing to take a named number away. On an error the
    /// scenario is unchanged. What only several fields together can get wrong is left to [`Scenario::validate`].
    ///
    /// # Errors
    /// Where there is no such field (with the nearest that there is) or it cannot hold that.
    pub fn set(&mut self, path: &str, text: &str) -> Result<(), ScenarioError> {
        edit::set(self, path, text)
    }

    /// The field at `path` as [`Scenario::set`] reads it back; `None` where there is no such field or entry.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<String> {
        edit::get(self, path)
    }

    /// The fields, with their values here, that must be [set](Scenario::set) on `base` to make it this scenario.
    #[must_use]
    pub fn diff(&self, base: &Self) -> Vec<(String, String)> {
        edit::diff(self, base)
    }

    /// The seed as a number.
    ///
    /// # Errors
    /// Where it is not a whole number below 2⁶⁴ (never in a scenario that was read from a file).
    pub fn seed(&self) -> Result<u64, ScenarioError> {
        parse_seed("seed", &self.seed)
    }
}

/// The number that a seed's text stands for.
///
/// # Errors
/// Where it is not a whole number below 2⁶⁴; the error names `field`.
pub fn parse_seed(field: &str, text: &str) -> Result<u64, ScenarioError> {
    text.trim().parse().map_err(|_| {
        let what = format!("is \"{}\"; must be a whole number from 0 to {}", excerpt(text), u64::MAX);
        ScenarioError::new(field, what, "Any number will do: the same one gives the same session.")
    })
}

/// What can be recommended.
#[derive(Clone, Debug, PartialEq)]
pub enum CatalogSpec {
    /// Made by the generator.
    Synthetic {
        /// What kind of items.
        style: CatalogStyle,
        /// How many, 20 to 100,000.
        items: usize,
        /// The generator's seed, as a string.
        seed: String,
    },
    /// Brought by the person; the items travel in a file of their own.
    Imported {
        /// The name of the import.
        name: String,
        /// A digest of the items, so that a session over other items is noticed.
        digest: String,
    },
}

/// How files say it: the kind among the other fields.
#[derive(Serialize, Deserialize)]
#[serde(remote = "CatalogSpec", rename_all = "lowercase", tag = "kind", deny_unknown_fields)]
enum InFiles {
    Synthetic { style: CatalogStyle, items: usize, seed: String },
    Imported { name: String, digest: String },
}

/// How the page's programs say it, whose messages have no names to tell the kind by.
#[derive(Serialize, Deserialize)]
#[serde(remote = "CatalogSpec")]
enum InMessages {
    Synthetic { style: CatalogStyle, items: usize, seed: String },
    Imported { name: String, digest: String },
}

impl Serialize for CatalogSpec {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { InFiles::serialize(self, s) } else { InMessages::serialize(self, s) }
    }
}

impl<'de> Deserialize<'de> for CatalogSpec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        if d.is_human_readable() { InFiles::deserialize(d) } else { InMessages::deserialize(d) }
    }
}

/// What kind of items the generator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CatalogStyle {
    /// Short videos, seconds to minutes.
    Clips,
    /// Articles and bulletins.
    News,
    /// Tracks and albums.
    Music,
    /// Things to buy; the duration is the time spent looking at them.
    Shop,
    /// Films and series.
    Films,
    /// Second-hand clothes whose sellers write next to nothing: what they look like is in the picture.
    Lookbook,
}

/// What of an item is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Representation {
    /// Title, description, topics, creator and numbers.
    #[default]
    Text,
    /// That, and the picture.
    Multimodal,
    /// A code of a few numbers, learnt from both.
    SemanticId,
}

/// All representations, in the order of their discriminants.
pub const REPRESENTATIONS: [Representation; 3] =
    [Representation::Text, Representation::Multimodal, Representation::SemanticId];

impl Representation {
    /// Whether it is the textual one, which files leave out.
    #[must_use]
    pub fn is_text(&self) -> bool {
        *self == Self::Text
    }

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Multimodal => "multimodal",
            Self::SemanticId => "semantic_id",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Multimodal => "Text and picture",
            Self::SemanticId => "Semantic ID",
        }
    }
}

/// Who serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecommenderSpec {
    /// Its name, as `recoworld recommenders` lists them.
    pub name: String,
    /// Its settings, each with a default.
    #[serde(default)]
    pub settings: std::collections::BTreeMap<String, f64>,
}

impl RecommenderSpec {
    /// Whether the first load's worker can make it; see [`Scenario::is_small`].
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.name != "generative" && self.name != TRAINED && self.settings.get("level").is_none_or(|l| *l == 0.0)
    }
}
