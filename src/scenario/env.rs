//! Gymnasium's semantics over a scenario: `reset(seed, options)`, then `step(slate)` until terminated or truncated.
//!
//! ```
//! use recoworld::scenario::{env::{Env, Environment, Options}, registry};
//! let mut env = Env::new(&registry::default_preset(), None)?;
//! let (mut observation, _) = env.reset(Some(7), &Options::default())?;
//! loop {
//!     let slate = observation.candidates[..observation.slate_size].to_vec();
//!     let step = env.step(&slate)?;
//!     if step.terminated || step.truncated {
//!         break;
//!     }
//!     observation = step.observation;
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//! **The observation is all that an agent may act on.** `Info` is for whoever runs the experiment: it holds measures made
//! from the user's hidden state.

use super::{CatalogSpec, Scenario, ScenarioError, World, build, read};
use crate::{
    catalog::{Catalog, ItemIx},
    math::Source,
    recommender::Observation,
    session::{Answer, AnswerError, Author, End, Keep, Metrics, Need, Session},
    user::{Channel, Context, Profile, Reaction},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fmt, rc::Rc};

/// An environment in which an agent chooses slates.
pub trait Environment: Sized {
    /// What the agent sees, and nothing else.
    type Observation: Serialize + DeserializeOwned + PartialEq + fmt::Debug;

    /// Names that elsewhere stand for something hidden, but that this environment's publication lets an agent see.
    const OPEN: &'static [&'static str] = &[];

    /// What does not change from episode to episode.
    fn space(&self) -> Space;

    /// Begins an episode. With a seed, the episode is that seed's; without, it is the next one of the last seed given
    /// (of the scenario's own, if none was).
    ///
    /// # Errors
    /// Where an option cannot be set.
    fn reset(&mut self, seed: Option<u64>, options: &Options) -> Result<(Self::Observation, Info), EnvError>;

    /// Shows a slate and lets the user react until the next one is due.
    ///
    /// # Errors
    /// Before `reset`, after the end, or where the slate is not `slate_size` different candidates; nothing has changed
    /// then.
    fn step(&mut self, slate: &[ItemIx]) -> Result<Step<Self::Observation>, EnvError>;

    /// What may be chosen now.
    fn candidates(observation: &Self::Observation) -> &[ItemIx];

    /// The same environment before any episode.
    #[must_use]
    fn fresh(&self) -> Self;

    /// The same environment but for what is hidden from the agent, where there is anything: its first observation must
    /// be the same, to the byte.
    #[must_use]
    fn other_secret(&self) -> Option<Self>;
}

/// What does not change from episode to episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// The environment's id, `namespace/Name-v0`.
    pub id: String,
    /// How many items there are; they are named 0 to `items` − 1.
    pub items: usize,
    /// How many of them an action shows.
    pub slate_size: usize,
    /// The most steps.
    pub horizon: u32,
}

/// What a reset may change for its episode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Fields of the scenario with their values, as [`Scenario::set`] takes them; not those of the catalogue.
    pub set: Vec<(String, String)>,
}

/// What happened in a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step<O> {
    /// What the agent sees now.
    pub observation: O,
    /// What the step earned.
    pub reward: f64,
    /// Whether the user left: the end in itself.
    pub terminated: bool,
    /// Whether the horizon cut the episode off: the user might have gone on.
    pub truncated: bool,
    /// For whoever runs the experiment.
    pub info: Info,
}

/// What whoever runs the experiment may want to know. Not for agents: parts of it come from the user's hidden state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// The episode's seed.
    pub seed: String,
    /// Measures of the episode so far, by name.
    pub measures: BTreeMap<String, f64>,
}

/// Why an environment did not do what was asked. It is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvError {
    /// `step` was called before `reset`.
    NotReset,
    /// `step` was called after the end of the episode.
    Over,
    /// The slate cannot be shown.
    Slate(AnswerError),
    /// An option cannot be set.
    Option(ScenarioError),
}

impl fmt::Display for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReset => write!(f, "step was called before reset: call reset first"),
            Self::Over => write!(f, "step was called after the end of the episode: call reset to begin another"),
            Self::Slate(why) => write!(f, "the slate cannot be shown: {why}"),
            Self::Option(why) => write!(f, "the option cannot be set: {why}"),
        }
    }
}

impl std::error::Error for EnvError {}

/// What an agent sees of a session, owned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicObservation {
    /// The public profile.
    pub profile: Profile,
    /// The circumstances.
    pub context: Context,
    /// The step, from 0.
    pub turn: u32,
    /// The slates so far with what the user did.
    pub history: Vec<PublicTurn>,
    /// The items that may be shown now, ascending.
    pub candidates: Vec<ItemIx>,
    /// How many of them to show.
    pub slate_size: usize,
}

/// A slate of the past with what the user did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicTurn {
    /// The items, from the top.
    pub items: Vec<ItemIx>,
    /// What the user did with each, as far as they came.
    pub reactions: Vec<Reaction>,
    /// What the user said at the end.
    pub said: Option<Said>,
}

/// What a user said, as it was heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// In words or by behaviour alone.
    pub channel: Channel,
    /// The words; empty when implicit.
    pub words: String,
}

impl From<&Observation<'_>> for PublicObservation {
    fn from(o: &Observation<'_>) -> Self {
        let history = o.history.iter().map(|t| PublicTurn {
            items: t.items.clone(),
            reactions: t.reactions.clone(),
            said: t.said.clone().map(|(channel, words)| Said { channel, words }),
        });
        Self {
            profile: o.profile.clone(),
            context: o.context.clone(),
            turn: o.turn,
            history: history.collect(),
            candidates: o.candidates.to_vec(),
            slate_size: o.slate_size,
        }
    }
}

/// A scenario as an environment.
#[derive(Debug)]
pub struct Env {
    scenario: Rc<Scenario>,
    world: Rc<World>,
    /// The seed last given, and how many episodes began since.
    base: (u64, u64),
    episode: Option<(u64, Session)>,
}

impl Env {
    /// The environment of a scenario.
    ///
    /// # Errors
    /// Those of [`build`].
    pub fn new(scenario: &Scenario, imported: Option<Catalog>) -> Result<Self, ScenarioError> {
        let world = build(scenario, imported)?;
        Self::of(Rc::new(scenario.clone()), world)
    }

    /// The environment of a scenario whose world is built already.
    ///
    /// # Errors
    /// Where the scenario does not fit the world.
    pub fn of(scenario: Rc<Scenario>, world: Rc<World>) -> Result<Self, ScenarioError> {
        scenario.validate()?;
        read::fits(&scenario, world.shelf().items.len())?;
        let base = (scenario.seed()?, 0);
        Ok(Self { scenario, world, base, episode: None })
    }

    /// What is on offer: the observation names items by their place here.
    #[must_use]
    pub fn world(&self) -> &Rc<World> {
        &self.world
    }

    fn changed(&self, options: &Options) -> Result<Rc<Scenario>, ScenarioError> {
        if options.set.is_empty() {
            return Ok(self.scenario.clone());
        }
        let mut scenario = (*self.scenario).clone();
        for (path, text) in &options.set {
            if path.starts_with("catalog.") || path == "representation" {
                let hint = "Make another environment.";
                return Err(ScenarioError::new(path, "is fixed when the environment is made", hint));
            }
            scenario.set(path, text)?;
        }
        scenario.validate()?;
        read::fits(&scenario, self.world.shelf().items.len())?;
        Ok(Rc::new(scenario))
    }
}

impl Environment for Env {
    type Observation = PublicObservation;

    fn space(&self) -> Space {
        Space {
            id: self.scenario.id.clone(),
            items: self.world.shelf().items.len(),
            slate_size: self.scenario.slate_size,
            horizon: self.scenario.horizon,
        }
    }

    fn reset(&mut self, seed: Option<u64>, options: &Options) -> Result<(PublicObservation, Info), EnvError> {
        let scenario = self.changed(options).map_err(EnvError::Option)?;
        let (base, episode) = match seed {
            Some(seed) => (seed, 0),
            None => self.base,
        };
        // The first episode of a seed is the session of that seed, as the page and the command line play it.
        let seed = if episode == 0 { base } else { Source::new(base).keyed(episode).seed() };
        self.base = (base, episode + 1);
        let session = Session::new(scenario, self.world.clone(), seed, Keep::Totals);
        let observation = PublicObservation::from(&session.observation());
        let info = Info { seed: seed.to_string(), measures: BTreeMap::new() };
        self.episode = Some((seed, session));
        Ok((observation, info))
    }

    fn step(&mut self, slate: &[ItemIx]) -> Result<Step<PublicObservation>, EnvError> {
        let (seed, session) = self.episode.as_mut().ok_or(EnvError::NotReset)?;
        if session.end().is_some() {
            return Err(EnvError::Over);
        }
        let by = Author::Builtin;
        session.answer(Answer::Slate { items: slate.to_vec(), trace: None, by }).map_err(EnvError::Slate)?;
        loop {
            let answer = match session.poll() {
                Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
                Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
                Need::Slate(_) | Need::Reply { .. } | Need::Over(_) => break,
            };
            session.answer(answer).map_err(EnvError::Slate)?;
        }
        Ok(Step {
            observation: PublicObservation::from(&session.observation()),
            reward: session.turn_parts().total(&session.scenario().reward),
            terminated: session.end() == Some(End::Left),
            truncated: session.end() == Some(End::Truncated),
            info: Info { seed: seed.to_string(), measures: measures(&session.metrics()) },
        })
    }

    fn candidates(observation: &PublicObservation) -> &[ItemIx] {
        &observation.candidates
    }

    fn fresh(&self) -> Self {
        Self {
            scenario: self.scenario.clone(),
            world: self.world.clone(),
            base: (self.scenario.seed().unwrap_or(0), 0),
            episode: None,
        }
    }

    /// The opposite taste and temper, over a catalogue that looks the same and is worth the reverse.
    fn other_secret(&self) -> Option<Self> {
        let mut scenario = (*self.scenario).clone();
        scenario.persona.interests.values_mut().for_each(|v| *v = -*v);
        let t = &mut scenario.persona.traits;
        for trait_ in [&mut t.expressiveness, &mut t.precision, &mut t.patience, &mut t.curiosity] {
            *trait_ = 1.0 - *trait_;
        }
        let mut truth = self.world.truth().clone();
        truth.vectors.reverse();
        truth.quality.reverse();
        truth.lure.reverse();
        let catalog = Catalog { truth, ..Catalog::clone(self.world.catalog()) };
        let world = Rc::new(World::new(catalog, self.world.features().clone()));
        Self::of(Rc::new(scenario), world).ok()
    }
}

/// Metrics by name.
fn measures(m: &Metrics) -> BTreeMap<String, f64> {
    let named = [
        ("clicks", f64::from(m.clicks)),
        ("coverage", m.coverage),
        ("diversity", m.diversity),
        ("instructions_issued", f64::from(m.issued)),
        ("instructions_met", f64::from(m.met)),
        ("minutes", m.seconds / 60.0),
        ("ndcg", m.ndcg),
        ("retention", m.return_chance),
        ("satisfaction", m.satisfaction),
        ("turns", f64::from(m.turns)),
    ];
    named.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Whether a scenario's catalogue has to be brought.
#[must_use]
pub fn needs_catalog(scenario: &Scenario) -> bool {
    matches!(scenario.catalog, CatalogSpec::Imported { .. })
}
