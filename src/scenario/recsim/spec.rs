//! Which of the three, and its settings.

use super::{env::RecsimEnv, evolution, exploration, model::Model, satisfaction};
use crate::{
    learn::task::Task,
    scenario::{
        ScenarioError, did_you_mean, excerpt,
        fields::{Field, Kind},
    },
};
use serde::Serialize;

/// Which environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `recsim/InterestEvolution-v0`.
    InterestEvolution,
    /// `recsim/LongTermSatisfaction-v0`.
    LongTermSatisfaction,
    /// `recsim/InterestExploration-v0`.
    InterestExploration,
}

/// The three of them.
pub(super) const FAMILIES: [Family; 3] =
    [Family::InterestEvolution, Family::LongTermSatisfaction, Family::InterestExploration];

/// The most candidates of a step.
const MOST_CANDIDATES: u32 = 1000;
/// The most places of a slate.
const MOST_SLATE: u32 = 20;

const SLATE_SIZE: Field = Field {
    path: "slate_size",
    label: "Slate size",
    about: "Items shown at a time; no more than there are candidates.",
    unit: "items",
    kind: Kind::Whole { min: 1, max: MOST_SLATE, step: 1 },
    default: Some("2"),
};
const NUM_CANDIDATES: Field = Field {
    path: "num_candidates",
    label: "Candidates",
    about: "Items to choose the slate from, drawn anew at each step.",
    unit: "items",
    kind: Kind::Whole { min: 1, max: MOST_CANDIDATES, step: 1 },
    default: Some("10"),
};
const SENSITIVITY: Field = Field {
    path: "sensitivity",
    label: "Sensitivity",
    about: "How strongly past exposure moves satisfaction. At the published 0.01 the most clickbait always wins; at 0.3 \
            there is a long-term price to pay for it.",
    unit: "",
    kind: Kind::Number { min: 0.0, max: 10.0, step: 0.01 },
    default: Some("0.01"),
};

impl Family {
    /// The id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::InterestEvolution => "recsim/InterestEvolution-v0",
            Self::LongTermSatisfaction => "recsim/LongTermSatisfaction-v0",
            Self::InterestExploration => "recsim/InterestExploration-v0",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::InterestEvolution => "Interest evolution",
            Self::LongTermSatisfaction => "Long-term satisfaction",
            Self::InterestExploration => "Interest exploration",
        }
    }

    /// What it is about, in a few sentences.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::InterestEvolution => {
                "RecSim's published environment. What a user watches moves their twenty interests; good videos give time \
                 back to a hidden budget and bad ones take it. Reward: minutes watched."
            }
            Self::LongTermSatisfaction => {
                "RecSim's published environment, also called choc and kale. Clickbait engages now and lowers a hidden \
                 satisfaction; the first item of the slate is always consumed. Reward: engagement over 60 steps. Set \
                 sensitivity to 0.3 for a real trade-off."
            }
            Self::InterestExploration => {
                "RecSim's published environment. Most documents and the best-made ones belong to different topics, and \
                 which topic a user likes is hidden. Reward: clicks in 100 steps."
            }
        }
    }

    /// What can be set, with limits and defaults.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::LongTermSatisfaction => &[SLATE_SIZE, NUM_CANDIDATES, SENSITIVITY],
            Self::InterestEvolution | Self::InterestExploration => &[SLATE_SIZE, NUM_CANDIDATES],
        }
    }

    /// The most steps of an episode.
    #[must_use]
    pub fn horizon(self) -> u32 {
        match self {
            Self::InterestEvolution => evolution::HORIZON,
            Self::LongTermSatisfaction => satisfaction::STEPS,
            Self::InterestExploration => exploration::HORIZON,
        }
    }
}

/// A published environment with its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    family: Family,
    slate_size: u32,
    num_candidates: u32,
    sensitivity: f64,
}

/// Settings as they go into files.
#[derive(Serialize)]
struct Settings {
    slate_size: u32,
    num_candidates: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sensitivity: Option<f64>,
}

impl Spec {
    /// An environment at the published settings.
    #[must_use]
    pub fn new(family: Family) -> Self {
        Self { family, slate_size: 2, num_candidates: 10, sensitivity: 0.01 }
    }

    /// All of them, at the published settings.
    #[must_use]
    pub fn all() -> [Self; 3] {
        FAMILIES.map(Self::new)
    }

    /// The environment that a person means by its id, its id without namespace or version, or its title; letter case
    /// ignored. `None` where the name is none of RecSim's; an error where it says `recsim/` and is nearly one.
    #[must_use]
    pub fn find(name: &str) -> Option<Result<Self, ScenarioError>> {
        let wanted = name.trim();
        let is = |f: &Family| {
            let short = &f.id()["recsim/".len()..];
            let bare = short.trim_end_matches("-v0");
            [f.id(), short, bare, f.title()].iter().any(|n| n.eq_ignore_ascii_case(wanted))
                || f.id().trim_end_matches("-v0").eq_ignore_ascii_case(wanted)
        };
        if let Some(found) = FAMILIES.iter().find(|f| is(f)) {
            return Some(Ok(Self::new(*found)));
        }
        let ours = wanted.get(.."recsim/".len()).is_some_and(|p| p.eq_ignore_ascii_case("recsim/"));
        ours.then(|| {
            let ids = FAMILIES.map(Family::id);
            let hint = did_you_mean(wanted, ids, &format!("There are {}.", ids.join(", ")));
            Err(ScenarioError::new("", format!("There is no scenario called \"{}\"", excerpt(name)), hint))
        })
    }

    /// Which environment.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// Items shown at a time.
    #[must_use]
    pub fn slate_size(&self) -> usize {
        self.slate_size as usize
    }

    /// Items to choose from.
    #[must_use]
    pub fn num_candidates(&self) -> usize {
        self.num_candidates as usize
    }

    /// How strongly exposure moves satisfaction (of long-term satisfaction only).
    #[must_use]
    pub fn sensitivity(&self) -> f64 {
        self.sensitivity
    }

    /// Sets a field from text. Whether the settings go together, [`Spec::validate`] says.
    ///
    /// # Errors
    /// Where there is no such field, or it does not take the value. Nothing has changed then.
    pub fn set(&mut self, path: &str, text: &str) -> Result<(), ScenarioError> {
        let fields = self.family.fields();
        let Some(field) = fields.iter().find(|f| f.path == path) else {
            let names = fields.iter().map(|f| f.path);
            let all = names.clone().collect::<Vec<_>>().join(", ");
            let hint = did_you_mean(path, names, &format!("{} has {all}.", self.family.id()));
            return Err(ScenarioError::new(excerpt(path), format!("is no field of {}", self.family.id()), hint));
        };
        let text = text.trim();
        let refuse = |allowed: String| {
            Err(ScenarioError::new(path, format!("is {}; allowed are {allowed}", excerpt(text)), field.about))
        };
        match field.kind {
            Kind::Whole { min, max, .. } => match text.parse::<u32>() {
                Ok(n) if (min..=max).contains(&n) => {
                    *(if path == SLATE_SIZE.path { &mut self.slate_size } else { &mut self.num_candidates }) = n;
                }
                _ => return refuse(format!("whole numbers from {min} to {max}")),
            },
            Kind::Number { min, max, .. } => match text.parse::<f64>() {
                Ok(x) if (min..=max).contains(&x) => self.sensitivity = x,
                _ => return refuse(format!("numbers from {min} to {max}")),
            },
            _ => return refuse("none".to_owned()),
        }
        Ok(())
    }

    /// Whether the settings go together.
    ///
    /// # Errors
    /// Where the slate has more places than there are candidates.
    pub fn validate(&self) -> Result<(), ScenarioError> {
        if self.slate_size > self.num_candidates {
            let what = format!("is {}, but there are only {} candidates", self.slate_size, self.num_candidates);
            return Err(ScenarioError::new("slate_size", what, "Show fewer, or raise num_candidates."));
        }
        Ok(())
    }

    /// A field's value as JSON text.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<String> {
        match path {
            "slate_size" => Some(self.slate_size.to_string()),
            "num_candidates" => Some(self.num_candidates.to_string()),
            "sensitivity" if self.family == Family::LongTermSatisfaction => Some(self.sensitivity.to_string()),
            _ => None,
        }
    }

    /// The settings as one JSON object.
    #[must_use]
    pub fn settings(&self) -> serde_json::Value {
        let sensitivity = (self.family == Family::LongTermSatisfaction).then_some(self.sensitivity);
        let settings = Settings { slate_size: self.slate_size, num_candidates: self.num_candidates, sensitivity };
        serde_json::to_value(settings).unwrap_or_default()
    }

    /// The environment itself. Settings that do not go together are for [`Spec::validate`] to refuse.
    #[must_use]
    pub fn model(&self) -> Model {
        Model::new(self)
    }

    /// The environment as a learner meets it.
    #[must_use]
    pub fn task(&self) -> Box<dyn Task> {
        Box::new(self.model())
    }

    /// The environment with Gymnasium's semantics.
    ///
    /// # Errors
    /// Those of [`Spec::validate`].
    pub fn env(&self) -> Result<RecsimEnv, ScenarioError> {
        RecsimEnv::new(self)
    }
}
