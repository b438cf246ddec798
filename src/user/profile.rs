//! Who the user is: what anybody may know ([`Profile`]), and what only the user knows ([`Persona`]).

use serde::{Deserialize, Serialize};

/// The public half: what a sign-up form would hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// A name to call the user by.
    pub name: String,
    /// Age in years.
    pub age: u8,
    /// One line about the person.
    pub about: String,
    /// Topics that the user ticked when signing up, by name; may be empty.
    #[serde(default)]
    pub declared: Vec<String>,
}

/// The hidden half: taste and temper.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Persona {
    /// Long-term taste by topic name, from -1 (dislikes) to 1 (loves); topics left out are drawn near 0.
    pub interests: std::collections::BTreeMap<String, f32>,
    /// How far a seed may move this user from the persona, from 0 (always the same person) to 1 (somebody drawn afresh).
    pub variety: f32,
    /// Temper.
    pub traits: Traits,
    /// Where the parameters of memory and mindset come from.
    #[serde(skip_serializing_if = "Remembering::is_stated")]
    pub memory: Remembering,
}

/// Where the parameters of memory and mindset come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remembering {
    /// The stated starting values.
    #[default]
    Stated,
    /// Learned: the most likely ones given logged sessions.
    Fitted,
}

impl Remembering {
    /// Whether they are the stated ones, which files leave out.
    #[must_use]
    pub fn is_stated(&self) -> bool {
        *self == Self::Stated
    }

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::Fitted => "fitted",
        }
    }
}

/// Temper, each from 0 to 1 with 0.5 as an ordinary person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traits {
    /// How readily the user says what should change: 0 never puts it in words, 1 always.
    pub expressiveness: f32,
    /// How exactly the user says it: 0 "I'm bored", 1 "street food, under three minutes".
    pub precision: f32,
    /// How much disappointment the user bears before leaving.
    pub patience: f32,
    /// How much the user is drawn to what is new to them.
    pub curiosity: f32,
    /// How soon the same again palls.
    pub boredom: f32,
    /// How easily a promising title tempts the user.
    pub temptation: f32,
    /// How ready the user is to like, share, comment and follow.
    pub warmth: f32,
}

impl Default for Traits {
    fn default() -> Self {
        Self {
            expressiveness: 0.7,
            precision: 0.6,
            patience: 0.5,
            curiosity: 0.5,
            boredom: 0.5,
            temptation: 0.5,
            warmth: 0.5,
        }
    }
}
