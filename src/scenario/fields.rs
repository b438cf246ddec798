//! The one table of a scenario's fields. The form, share links, limits, the published schema and `--set` all read it.

use crate::session::RewardSpec;

/// What a field holds, with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Text of at most so many characters.
    Text {
        /// The most characters.
        most: usize,
    },
    /// A list of short texts.
    Texts {
        /// The most entries.
        entries: usize,
        /// The most characters of each.
        most: usize,
    },
    /// A number within limits.
    Number {
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
        /// What a form's slider moves by.
        step: f64,
    },
    /// A whole number within limits.
    Whole {
        /// The least value.
        min: u32,
        /// The greatest value.
        max: u32,
        /// What a form's slider moves by.
        step: u32,
    },
    /// Yes or no.
    Flag,
    /// One of a few words: each as the file has it and as people read it.
    Choice(&'static [(&'static str, &'static str)]),
    /// A whole number below 2⁶⁴ kept as text, so that JavaScript cannot round it.
    Seed,
    /// Numbers by name; the path ends in `.*`, which stands for the name.
    Numbers {
        /// The least value of each.
        min: f64,
        /// The greatest value of each.
        max: f64,
        /// What a form's slider moves by.
        step: f64,
    },
}

/// One field of a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Where it is in the file: names joined by dots.
    pub path: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The unit, where there is one.
    pub unit: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it is when a file leaves it out, as JSON; `None` where a file must give it.
    pub default: Option<&'static str>,
}

impl Field {
    /// The path without the `.*` of [`Kind::Numbers`].
    #[must_use]
    pub fn base(&self) -> &'static str {
        self.path.strip_suffix(".*").unwrap_or(self.path)
    }

    /// The variant of the catalogue that the field belongs to, where it belongs to just one.
    #[must_use]
    pub fn only_with(&self) -> Option<&'static str> {
        match self.path {
            "catalog.style" | "catalog.items" | "catalog.seed" => Some("synthetic"),
            "catalog.name" | "catalog.digest" => Some("imported"),
            _ => None,
        }
    }
}

/// The field that a path reaches, and the name within it where it holds numbers by name.
#[must_use]
pub fn field(path: &str) -> Option<(&'static Field, Option<&str>)> {
    FIELDS.iter().find_map(|f| match f.kind {
        Kind::Numbers { .. } => {
            let name = path.strip_prefix(f.base())?.strip_prefix('.')?;
            (!name.is_empty()).then_some((f, Some(name)))
        }
        _ => (f.path == path).then_some((f, None)),
    })
}

const fn text(path: &'static str, label: &'static str, about: &'static str, most: usize) -> Field {
    Field { path, label, about, unit: "", kind: Kind::Text { most }, default: None }
}

const fn trait_(path: &'static str, label: &'static str, about: &'static str, default: &'static str) -> Field {
    let kind = Kind::Number { min: 0.0, max: 1.0, step: 0.05 };
    Field { path, label, about, unit: "", kind, default: Some(default) }
}

const fn weight(path: &'static str, label: &'static str, about: &'static str, default: &'static str) -> Field {
    let kind = Kind::Number { min: -RewardSpec::MOST, max: RewardSpec::MOST, step: 0.05 };
    Field { path, label, about, unit: "reward", kind, default: Some(default) }
}

const fn choice(
    path: &'static str,
    label: &'static str,
    about: &'static str,
    options: &'static [(&'static str, &'static str)],
    default: &'static str,
) -> Field {
    Field { path, label, about, unit: "", kind: Kind::Choice(options), default: Some(default) }
}

const fn whole(
    path: &'static str,
    label: &'static str,
    about: &'static str,
    unit: &'static str,
    range: (u32, u32, u32),
    default: &'static str,
) -> Field {
    let kind = Kind::Whole { min: range.0, max: range.1, step: range.2 };
    Field { path, label, about, unit, kind, default: Some(default) }
}

/// All fields, in the order that a file and a form have them.
pub static FIELDS: &[Field] = &[
    text("schema", "Format", "The format's name and version.", 40),
    text("id", "Id", "The scenario's name: namespace/Name-v0.", 80),
    text("title", "Title", "A title for people.", 120),
    Field { default: Some("\"\""), ..text("about", "About", "A sentence or two: what the situation is.", 600) },
    Field {
        default: None,
        ..choice(
            "catalog.kind",
            "Catalogue",
            "Where the items come from.",
            &[("synthetic", "Made by the generator"), ("imported", "Brought from a file")],
            "",
        )
    },
    choice(
        "catalog.style",
        "Kind of items",
        "What the generator makes.",
        &[
            ("clips", "Short videos"),
            ("news", "News"),
            ("music", "Music"),
            ("shop", "Things to buy"),
            ("films", "Films and series"),
            ("lookbook", "Second-hand clothes"),
        ],
        "\"clips\"",
    ),
    whole("catalog.items", "Items", "How many items the catalogue holds.", "items", (20, 100_000, 20), "1200"),
    Field {
        path: "catalog.seed",
        label: "Catalogue seed",
        about: "The generator's seed: the same seed makes the same items.",
        unit: "",
        kind: Kind::Seed,
        default: Some("\"1\""),
    },
    text("catalog.name", "Import", "The name of the imported catalogue.", 200),
    Field {
        default: Some("\"\""),
        ..text("catalog.digest", "Digest", "The items' digest, so that a session over other items is noticed.", 80)
    },
    Field { default: Some("\"Somebody\""), ..text("profile.name", "Name", "A name to call the user by.", 80) },
    whole("profile.age", "Age", "The user's age.", "years", (0, 120, 1), "30"),
    Field { default: Some("\"\""), ..text("profile.about", "About the user", "One line about the person.", 300) },
    Field {
        path: "profile.declared",
        label: "Ticked at sign-up",
        about: "Topics that the user ticked when signing up; the recommender sees them.",
        unit: "",
        kind: Kind::Texts { entries: 64, most: 80 },
        default: Some("[]"),
    },
    Field {
        path: "persona.interests.*",
        label: "Interests",
        about: "Long-term taste by topic, from -1 (dislikes) to 1 (loves); topics left out are drawn near 0.",
        unit: "",
        kind: Kind::Numbers { min: -1.0, max: 1.0, step: 0.1 },
        default: Some("{}"),
    },
    trait_(
        "persona.variety",
        "Variety",
        "How far a seed may move the user from this persona: 0 always the same person, 1 somebody drawn afresh.",
        "0.0",
    ),
    trait_(
        "persona.traits.expressiveness",
        "Expressiveness",
        "How readily the user says what should change: 0 never in words, 1 always.",
        "0.7",
    ),
    trait_("persona.traits.precision", "Precision", "How exactly the user says it: 0 vaguely, 1 to the point.", "0.6"),
    trait_(
        "persona.traits.patience",
        "Patience",
        "How much disappointment the user bears before leaving: 0.5 is ordinary.",
        "0.5",
    ),
    trait_("persona.traits.curiosity", "Curiosity", "How much the user is drawn to what is new to them.", "0.5"),
    trait_("persona.traits.boredom", "Boredom", "How soon the same again palls.", "0.5"),
    trait_("persona.traits.temptation", "Temptation", "How easily a promising title tempts the user.", "0.5"),
    trait_("persona.traits.warmth", "Warmth", "How ready the user is to like, share, comment and follow.", "0.5"),
    choice(
        "persona.memory",
        "Memory",
        "How memories weigh and the mindset moves: by the stated parameters, or by those fitted to logged sessions.",
        &[("stated", "As stated"), ("fitted", "As fitted to sessions")],
        "\"stated\"",
    ),
    choice(
        "context.device",
        "Device",
        "What the user holds.",
        &[("phone", "Phone"), ("laptop", "Laptop"), ("television", "Television"), ("speaker", "Speaker or headphones")],
        "\"phone\"",
    ),
    choice(
        "context.place",
        "Place",
        "Where the user is.",
        &[("home", "At home"), ("commute", "On the way"), ("work", "At work or school"), ("out", "Out")],
        "\"home\"",
    ),
    choice(
        "context.company",
        "Company",
        "Who is there.",
        &[("alone", "Alone"), ("friends", "With friends"), ("family", "With family")],
        "\"alone\"",
    ),
    whole("context.minute", "Local time", "Minutes after midnight.", "minutes", (0, 1439, 5), "720"),
    Field {
        path: "minutes",
        label: "Time to spend",
        about: "The user's time budget; at least three times a long item, so that no single one ends a session.",
        unit: "minutes",
        kind: Kind::Number { min: 1.0, max: 600.0, step: 1.0 },
        default: Some("30.0"),
    },
    choice(
        "representation",
        "Items seen as",
        "What of an item recommenders and language models see: its text, text and picture, or a learnt code.",
        &[("text", "Text"), ("multimodal", "Text and picture"), ("semantic_id", "Semantic ID")],
        "\"text\"",
    ),
    whole("slate_size", "Slate", "Items shown at a time.", "items", (1, 20, 1), "8"),
    whole(
        "candidates",
        "Candidates",
        "Items drawn each turn to choose from; 0 is the whole catalogue.",
        "items",
        (0, 100_000, 20),
        "0",
    ),
    whole("horizon", "Most turns", "The session is cut off after so many turns.", "turns", (1, 1000, 1), "60"),
    Field {
        path: "instructions",
        label: "Instructions heard",
        about: "Whether what the user says reaches the recommender. The user speaks either way.",
        unit: "",
        kind: Kind::Flag,
        default: Some("true"),
    },
    Field {
        path: "heard_bonus",
        label: "Bonus of being heard",
        about: "How much trust being heard earns in itself; at 0 only the better items count.",
        unit: "trust",
        kind: Kind::Number { min: 0.0, max: 0.5, step: 0.01 },
        default: Some("0.05"),
    },
    text("recommender.name", "Recommender", "Who serves, as the list of recommenders names them.", 60),
    Field {
        path: "recommender.settings.*",
        label: "Settings",
        about: "The recommender's own settings; each has a default.",
        unit: "",
        kind: Kind::Numbers { min: -1e6, max: 1e6, step: 0.05 },
        default: Some("{}"),
    },
    weight("reward.time", "Time", "Reward per minute spent on opened items.", "0.1"),
    weight("reward.clicks", "Clicks", "Reward per click.", "0.1"),
    weight("reward.likes", "Likes", "Reward per like, share, comment or follow.", "0.3"),
    weight("reward.turns", "Turns", "Reward per turn that the user stayed to the end of.", "0.2"),
    weight("reward.instructions", "Instructions met", "Reward per instruction met.", "0.5"),
    weight(
        "reward.retention",
        "Return",
        "Reward times the chance that the user returns the next day, at the end.",
        "3.0",
    ),
    Field {
        path: "seed",
        label: "Seed",
        about: "The session's seed: the same seed and answers give the same session, byte for byte.",
        unit: "",
        kind: Kind::Seed,
        default: Some("\"7\""),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_reach_their_fields_and_named_numbers_keep_their_dots() {
        assert_eq!(field("slate_size").map(|(f, n)| (f.path, n)), Some(("slate_size", None)));
        let (f, name) = field("persona.interests.No. 1 hits").expect("an interest");
        assert_eq!((f.path, name), ("persona.interests.*", Some("No. 1 hits")));
        assert!(field("persona.interests.").is_none() && field("persona").is_none());
    }

    #[test]
    fn every_default_is_json() {
        for f in FIELDS {
            if let Some(d) = f.default {
                assert!(serde_json::from_str::<serde_json::Value>(d).is_ok(), "{}: {d}", f.path);
            }
        }
    }
}
