//! All recommenders by name, with their settings; one table for the command line, the page and its tooltips.

use super::{
    Knowledge, Recommender,
    agent::{self, Agent},
    baselines::{Greedy, Knn, LinUcb, Mmr, Popular, Random, Thompson},
    oracle::Lookahead,
    understand::Level,
};
#[cfg(feature = "whole")]
use super::{
    generative::{Generative, Manner},
    understand::{Reader, Understanding},
};
use crate::scenario::RecommenderSpec;
use std::{fmt, rc::Rc};

/// One setting of a recommender.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Its name, the papers' own.
    pub name: &'static str,
    /// What it does: also the tooltip.
    pub doc: &'static str,
    /// Its value where none is given.
    pub default: f64,
    /// The least allowed.
    pub min: f64,
    /// The most allowed.
    pub max: f64,
    /// Whether only whole numbers are allowed.
    pub whole: bool,
}

/// One recommender.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Listing {
    /// Its name in scenarios and on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does, in a sentence or two.
    pub about: &'static str,
    /// Whether it sees what no recommender may see.
    pub is_oracle: bool,
    /// Its settings.
    pub settings: &'static [Setting],
}

const LOGS: Setting = Setting {
    name: "log_sessions",
    doc: "How many logged sessions of a random recommender it was fitted on; all that learn use the same ones.",
    default: 300.0,
    min: 10.0,
    max: 5000.0,
    whole: true,
};

/// All recommenders, the simplest first.
pub const LIST: &[Listing] = &[
    Listing {
        name: "random",
        title: "Random",
        about: "Draws the slate at random: the floor that everything else must beat.",
        is_oracle: false,
        settings: &[],
    },
    Listing {
        name: "popular",
        title: "Popular",
        about: "Shows what most people chose before, the same for everybody.",
        is_oracle: false,
        settings: &[],
    },
    Listing {
        name: "greedy",
        title: "Greedy",
        about: "Ranks by the predicted chance of a click right now, and looks no further.",
        is_oracle: false,
        settings: &[LOGS],
    },
    Listing {
        name: "epsilon-greedy",
        title: "ε-greedy",
        about: "Greedy, but now and then a place of the slate goes to an item drawn at random, to find out more.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "epsilon",
                doc: "The chance that a place of the slate is filled at random.",
                default: 0.15,
                min: 0.0,
                max: 1.0,
                whole: false,
            },
            LOGS,
        ],
    },
    Listing {
        name: "linucb",
        title: "LinUCB",
        about: "Learns this user's taste in the session by ridge regression and is optimistic about what it does not know.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "alpha",
                doc: "How optimistic: the width of the confidence bound, in standard deviations.",
                default: 0.1,
                min: 0.0,
                max: 5.0,
                whole: false,
            },
            LAMBDA,
            LOGS,
        ],
    },
    Listing {
        name: "thompson",
        title: "Thompson sampling",
        about: "Learns this user's taste in the session and draws each slate from what that taste might be.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "v",
                doc: "How widely it draws: the scale of the posterior's standard deviation.",
                default: 0.1,
                min: 0.0,
                max: 5.0,
                whole: false,
            },
            LAMBDA,
            LOGS,
        ],
    },
    Listing {
        name: "mmr",
        title: "MMR diversity",
        about: "Trades the predicted chance of a click against likeness to what is already in the slate.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "lambda",
                doc: "The weight of relevance: 1 is greedy, 0 looks at diversity only.",
                default: 0.7,
                min: 0.0,
                max: 1.0,
                whole: false,
            },
            LOGS,
        ],
    },
    Listing {
        name: "knn",
        title: "Session k-NN",
        about: "Finds logged sessions that resemble this one and shows what went well in them.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "k",
                doc: "How many of the most similar logged sessions count.",
                default: 60.0,
                min: 1.0,
                max: 5000.0,
                whole: true,
            },
            LOGS,
        ],
    },
    Listing {
        name: "generative",
        title: "Generative retrieval",
        about: "Writes the semantic ID of the next item number by number, from the codes of what was liked before, and \
                shows the items that the likeliest codes belong to.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "beam",
                doc: "How many beginnings of codes it keeps at each level.",
                default: 48.0,
                min: 1.0,
                max: 512.0,
                whole: true,
            },
            Setting {
                name: "found",
                doc: "How many items it finds before it composes a slate.",
                default: 60.0,
                min: 1.0,
                max: 1000.0,
                whole: true,
            },
            Setting {
                name: "apart",
                doc: "How much an item loses for each one above it on the slate whose code begins alike.",
                default: 0.5,
                min: 0.0,
                max: 5.0,
                whole: false,
            },
            Setting {
                name: "rescore",
                doc: "1 lets the fitted click model order what was found; 0 leaves it to the codes alone.",
                default: 0.0,
                min: 0.0,
                max: 1.0,
                whole: true,
            },
            LOGS,
        ],
    },
    Listing {
        name: "agent",
        title: "Instruction-following agent",
        about: "Reads behaviour and words, weighs several plans by what they do to the rest of the session, keeps wishes, \
                and says why.",
        is_oracle: false,
        settings: &[
            Setting {
                name: "quality",
                doc: "How much it prefers items that satisfy over items that are merely clicked.",
                default: 6.0,
                min: 0.0,
                max: 20.0,
                whole: false,
            },
            Setting {
                name: "lambda",
                doc: "How much it holds likeness to the rest of the slate and to what was just shown against an item.",
                default: 0.6,
                min: 0.0,
                max: 2.0,
                whole: false,
            },
            Setting {
                name: "level",
                doc: "How far it understands words: 0 lexical (as they stand), 1 semantic (and what is like them), 2 \
                      reasoning (and what the session makes likely).",
                default: 0.0,
                min: 0.0,
                max: 2.0,
                whole: true,
            },
            Setting {
                name: "asks",
                doc: "1 lets it ask a short question back where the answer is expected to be worth more than the asking; \
                      only the reasoning level knows when.",
                default: 0.0,
                min: 0.0,
                max: 1.0,
                whole: true,
            },
            Setting {
                name: "gamma",
                doc: "How much the rest of the session counts when it compares plans: 0 looks at this turn only.",
                default: 1.0,
                min: 0.0,
                max: 5.0,
                whole: false,
            },
            LOGS,
        ],
    },
    Listing {
        name: "oracle",
        title: "Oracle",
        about: "Sees the user's hidden state and the items' truth, and looks ahead: a ceiling, not a competitor.",
        is_oracle: true,
        settings: &[Setting {
            name: "lookahead",
            doc: "How much staying counts against what a slate earns at once, in units of reward.",
            default: 40.0,
            min: 0.0,
            max: 200.0,
            whole: false,
        }],
    },
];

const LAMBDA: Setting = Setting {
    name: "lambda",
    doc: "How strongly it holds on to what the logs say: the ridge penalty on this user's difference from them.",
    default: 4.0,
    min: 0.01,
    max: 1000.0,
    whole: false,
};

/// Why a recommender could not be made.
#[derive(Clone, Debug, PartialEq)]
pub enum UnknownRecommender {
    /// There is none of this name.
    Name {
        /// As given.
        given: String,
        /// The nearest name there is, if any is near.
        suggestion: Option<&'static str>,
    },
    /// It has no setting of this name.
    Setting {
        /// The recommender.
        recommender: &'static str,
        /// As given.
        given: String,
        /// The nearest name there is, if any is near.
        suggestion: Option<&'static str>,
    },
    /// The setting's value is not allowed.
    Value {
        /// The recommender.
        recommender: &'static str,
        /// The setting.
        setting: &'static Setting,
        /// As given.
        given: f64,
    },
}

impl fmt::Display for UnknownRecommender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = |f: &mut fmt::Formatter<'_>, s: &Option<&str>| match s {
            Some(s) => write!(f, "did you mean \"{s}\"? "),
            None => Ok(()),
        };
        match self {
            Self::Name { given, .. } if given == TRAINED => f.write_str(
                "a trained policy served, which is no part of a file or a link; let the policy sit down first, on the Train page",
            ),
            Self::Name { given, suggestion } => {
                write!(f, "there is no recommender \"{}\"; ", shorten(given))?;
                mean(f, suggestion)?;
                write!(f, "The recommenders are {}", names(LIST.iter().map(|l| l.name)))
            }
            Self::Setting { recommender, given, suggestion } => {
                write!(f, "the recommender \"{recommender}\" has no setting \"{}\"; ", shorten(given))?;
                mean(f, suggestion)?;
                let settings = find(recommender).map_or(&[][..], |l| l.settings);
                match settings {
                    [] => write!(f, "It has no settings"),
                    some => write!(f, "Its settings are {}", names(some.iter().map(|s| s.name))),
                }
            }
            Self::Value { recommender, setting, given } => {
                let Setting { name, min, max, whole, .. } = setting;
                let kind = if *whole { "a whole number" } else { "a number" };
                write!(f, "the setting \"{name}\" of \"{recommender}\" must be {kind} from {min} to {max}, not {given}")
            }
        }
    }
}

impl std::error::Error for UnknownRecommender {}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

fn shorten(s: &str) -> String {
    if s.chars().count() > 60 { s.chars().take(60).chain(['…']).collect() } else { s.to_owned() }
}

/// What scenarios call a policy that was trained and handed over: it is made from weights, so it is not on the list, and
/// [`make`] makes it nowhere.
pub const TRAINED: &str = "trained";

/// The recommender of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Listing> {
    LIST.iter().find(|l| l.name == name)
}

/// The nearest of some names, if it is near (Jaro–Winkler above 0.75).
fn nearest(given: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let given: String = given.chars().take(60).flat_map(char::to_lowercase).collect();
    names
        .map(|n| (strsim::jaro_winkler(&given, n), n))
        .filter(|n| n.0 > 0.75)
        .fold(None, |best: Option<(f64, &str)>, n| if best.is_none_or(|b| n.0 > b.0) { Some(n) } else { best })
        .map(|n| n.1)
}

/// A recommender's settings, checked and completed.
pub(crate) struct Settings<'a> {
    listing: &'static Listing,
    spec: &'a RecommenderSpec,
}

impl<'a> Settings<'a> {
    fn check(spec: &'a RecommenderSpec) -> Result<Self, UnknownRecommender> {
        let listing = find(&spec.name).ok_or_else(|| UnknownRecommender::Name {
            given: spec.name.clone(),
            suggestion: nearest(&spec.name, LIST.iter().map(|l| l.name)),
        })?;
        for (name, &given) in &spec.settings {
            let setting = listing.settings.iter().find(|s| s.name == name).ok_or_else(|| {
                let suggestion = nearest(name, listing.settings.iter().map(|s| s.name));
                UnknownRecommender::Setting { recommender: listing.name, given: name.clone(), suggestion }
            })?;
            let whole = !setting.whole || given.fract() == 0.0;
            if !(setting.min..=setting.max).contains(&given) || !whole {
                return Err(UnknownRecommender::Value { recommender: listing.name, setting, given });
            }
        }
        Ok(Self { listing, spec })
    }

    pub(crate) fn get(&self, name: &str) -> f64 {
        let default = self.listing.settings.iter().find(|s| s.name == name).map_or(0.0, |s| s.default);
        self.spec.settings.get(name).copied().unwrap_or(default)
    }

    fn logs(&self) -> usize {
        self.get(LOGS.name) as usize
    }
}

/// Checks a specification without making anything.
///
/// # Errors
/// [`UnknownRecommender`]: an unknown name or setting, or a value out of range.
pub fn check(spec: &RecommenderSpec) -> Result<&'static Listing, UnknownRecommender> {
    Settings::check(spec).map(|s| s.listing)
}

/// Makes a recommender for sessions of the scenario that `knowledge` is of. The first that learns from logs plays them,
/// which takes some tens of milliseconds; those after it share what was learnt.
///
/// # Errors
/// [`UnknownRecommender`]: an unknown name or setting, or a value out of range.
pub fn make(spec: &RecommenderSpec, knowledge: &Rc<Knowledge>) -> Result<Box<dyn Recommender>, UnknownRecommender> {
    let s = Settings::check(spec)?;
    let learnt = || knowledge.learnt(s.logs());
    Ok(match s.listing.name {
        "random" => Box::new(Random),
        "popular" => Box::new(Popular),
        "greedy" => Box::new(Greedy::new(learnt(), 0.0)),
        "epsilon-greedy" => Box::new(Greedy::new(learnt(), s.get("epsilon") as f32)),
        "linucb" => Box::new(LinUcb::new(learnt(), s.get("lambda"), s.get("alpha") as f32)),
        "thompson" => Box::new(Thompson::new(learnt(), s.get("lambda"), s.get("v") as f32)),
        "mmr" => Box::new(Mmr::new(learnt(), s.get("lambda") as f32)),
        "knn" => Box::new(Knn::new(learnt(), s.get("k") as usize)),
        #[cfg(feature = "whole")]
        "generative" => {
            let manner = Manner {
                beam: s.get("beam") as usize,
                found: s.get("found") as usize,
                apart: s.get("apart") as f32,
                rescore: s.get("rescore") >= 0.5,
            };
            Box::new(Generative::new(learnt(), knowledge.generator(s.logs()), manner))
        }
        "agent" => {
            let level = Level::ALL[(s.get("level") as usize).min(2)];
            Box::new(Agent::new(learnt(), knowledge.understanding(level), taste(&s)))
        }
        "oracle" => Box::new(Lookahead::new(s.get("lookahead"))),
        other => unreachable!("{other} is listed and must be made, or it is none of a small program's"),
    })
}

fn taste(s: &Settings<'_>) -> agent::Taste {
    agent::Taste {
        quality: s.get("quality") as f32,
        lambda: s.get("lambda") as f32,
        gamma: s.get("gamma") as f32,
        asks: s.get("asks") >= 0.5,
    }
}

/// The agent with the settings that it has where none are given, words read by a language model. No setting names one: a
/// scenario's sessions need no model.
#[cfg(feature = "whole")]
#[must_use]
pub fn agent_read_by(knowledge: &Rc<Knowledge>, reader: Rc<dyn Reader>) -> Box<dyn Recommender> {
    let spec = RecommenderSpec { name: "agent".to_owned(), settings: Default::default() };
    let s = Settings::check(&spec).unwrap_or_else(|e| unreachable!("the agent is listed: {e}"));
    let understanding = Rc::new(Understanding::read_by(reader, knowledge.lexicon()));
    Box::new(Agent::new(knowledge.learnt(s.logs()), understanding, taste(&s)))
}
