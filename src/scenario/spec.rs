//! The scenario file: its fields, their limits and defaults.

use crate::{
    session::RewardSpec,
    user::{Context, Persona, Profile},
};
use serde::{Deserialize, Serialize};

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

/// What can be recommended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", deny_unknown_fields)]
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
