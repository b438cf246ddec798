//! Many episodes of an agent in a published environment, and agents on the same seeds.

use super::{Estimate, MOST_EPISODES, Welford, paired};
use crate::scenario::{
    ScenarioError,
    recsim::{Agent, Family, Listing, Model, Spec, agents},
};

/// What is measured of an episode: its name in JSON, its name for people, and what it is.
pub static PUBLISHED_MEASURES: &[(&str, &str, &str)] = &[
    ("return", "Reward", "Sum of rewards of an episode."),
    ("turns", "Turns", "Slates shown."),
    ("clicks", "Clicks", "Items consumed."),
    ("left", "Left", "Share of episodes that ended in themselves rather than being cut off."),
];

/// Episodes of one agent on the seeds S, S+1, S+2 …, run a few at a time.
pub struct Published {
    model: Model,
    agent: Agent,
    /// Whose slates they are, where not the agent's.
    served: Option<String>,
    first_seed: u64,
    returns: Vec<f64>,
    tallies: Vec<Welford>,
    turns: u64,
    slate: Vec<usize>,
}

impl Published {
    /// A rollout of an agent; no episode has run yet.
    ///
    /// # Errors
    /// Where the settings do not go together, or the environment has no such agent.
    pub fn new(spec: &Spec, agent: &str, first_seed: u64) -> Result<Self, ScenarioError> {
        spec.validate()?;
        Ok(Self {
            model: spec.model(),
            agent: Agent::find(spec.family(), agent)?,
            served: None,
            first_seed,
            returns: Vec::new(),
            tallies: vec![Welford::default(); PUBLISHED_MEASURES.len()],
            turns: 0,
            slate: Vec::new(),
        })
    }

    /// A rollout of slates that somebody else chooses, by [`step_with`](Self::step_with); `name` says what to call them.
    ///
    /// # Errors
    /// Where the settings do not go together.
    pub fn served(spec: &Spec, name: &str, first_seed: u64) -> Result<Self, ScenarioError> {
        Ok(Self { served: Some(name.to_owned()), ..Self::new(spec, "random", first_seed)? })
    }

    /// Runs `episodes` more, never beyond [`MOST_EPISODES`] in all.
    pub fn step(&mut self, episodes: u32) {
        let mut agent = self.agent.clone();
        self.step_with(episodes, &mut |model, seed, slate| agent.choose(model, seed, slate));
    }

    /// Runs the episode of one seed, whichever it is.
    pub fn step_on(&mut self, seed: u64) {
        let mut agent = self.agent.clone();
        self.play(seed, &mut |model, seed, slate| agent.choose(model, seed, slate));
    }

    /// The same with slates that somebody else chooses: from the environment and the episode's seed, as
    /// [`Agent::choose`] does.
    pub fn step_with(&mut self, episodes: u32, choose: &mut dyn FnMut(&Model, u64, &mut Vec<usize>)) {
        let left = (MOST_EPISODES as usize).saturating_sub(self.returns.len());
        for _ in 0..(episodes as usize).min(left) {
            self.play(self.first_seed.wrapping_add(self.returns.len() as u64), choose);
        }
    }

    fn play(&mut self, seed: u64, choose: &mut dyn FnMut(&Model, u64, &mut Vec<usize>)) {
        self.model.begin(seed);
        let mut total = 0.0;
        let terminated = loop {
            choose(&self.model, seed, &mut self.slate);
            let outcome = self.model.advance(&self.slate);
            total += outcome.reward;
            if outcome.terminated || outcome.truncated {
                break outcome.terminated;
            }
        };
        let turns = self.model.seen().step;
        self.turns += u64::from(turns);
        self.returns.push(total);
        let values = [total, f64::from(turns), f64::from(self.model.clicks()), f64::from(u8::from(terminated))];
        self.tallies.iter_mut().zip(values).for_each(|(tally, value)| tally.add(value));
    }

    /// Who serves, as in JSON.
    #[must_use]
    pub fn name(&self) -> &str {
        self.served.as_deref().unwrap_or(self.agent.listing().name)
    }

    /// Who serves, for people.
    #[must_use]
    pub fn title(&self) -> &str {
        self.served.as_deref().unwrap_or(self.agent.listing().title)
    }

    /// Whether whoever serves sees the truth.
    #[must_use]
    pub fn is_oracle(&self) -> bool {
        self.served.is_none() && self.agent.listing().is_oracle
    }

    /// How many episodes have run.
    #[must_use]
    pub fn episodes(&self) -> u32 {
        self.returns.len() as u32
    }

    /// Slates shown in all.
    #[must_use]
    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// The return of each episode, in the order of seeds.
    #[must_use]
    pub fn returns(&self) -> &[f64] {
        &self.returns
    }

    /// One estimate a measure, in the order of [`PUBLISHED_MEASURES`].
    #[must_use]
    pub fn estimates(&self) -> Vec<Estimate> {
        self.tallies.iter().map(Welford::estimate).collect()
    }

    /// The statistics as one flat JSON object: `return_mean`, `return_se`, `return_low`, `return_high`, `turns_mean` ….
    #[must_use]
    pub fn to_value(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut out = serde_json::Map::new();
        out.insert("scenario".into(), self.model.spec().family().id().into());
        out.insert("settings".into(), self.model.spec().settings());
        out.insert("recommender".into(), self.name().into());
        out.insert("oracle".into(), self.is_oracle().into());
        out.insert("seed".into(), self.first_seed.to_string().into());
        out.insert("episodes".into(), self.episodes().into());
        out.insert("user_turns".into(), self.turns.into());
        for ((name, ..), e) in PUBLISHED_MEASURES.iter().zip(self.estimates()) {
            for (part, value) in [("mean", e.mean), ("se", e.se), ("low", e.low), ("high", e.high)] {
                out.insert(format!("{name}_{part}"), value.into());
            }
        }
        out
    }

    /// Every agent of an environment on the same seeds.
    ///
    /// # Errors
    /// Those of [`Published::new`].
    pub fn all(spec: &Spec, first_seed: u64, episodes: u32) -> Result<Vec<Self>, ScenarioError> {
        let one = |listing: &Listing| {
            let mut rollout = Self::new(spec, listing.name, first_seed)?;
            rollout.step(episodes);
            Ok(rollout)
        };
        agents(spec.family()).iter().map(one).collect()
    }

    /// Each rollout with its returns less those of the one named `base`, which has no difference.
    #[must_use]
    pub fn against(all: Vec<Self>, base: &str) -> Vec<(Self, Option<Estimate>)> {
        let returns = all.iter().find(|r| r.name() == base).map(|r| r.returns.clone()).unwrap_or_default();
        let difference = |r: &Self| (r.name() != base).then(|| paired(&r.returns, &returns));
        all.into_iter().map(|r| (difference(&r), r)).map(|(d, r)| (r, d)).collect()
    }

    /// The agent that a comparison holds the others against: the named one; where none is named, the greedy one or the
    /// random one.
    ///
    /// # Errors
    /// Where the environment has no such agent.
    pub fn base(family: Family, named: Option<&str>) -> Result<&'static str, ScenarioError> {
        let usual = || agents(family).iter().find(|l| l.name == "greedy").map_or("random", |l| l.name);
        named.map_or_else(|| Ok(usual()), |name| Ok(Agent::find(family, name)?.listing().name))
    }
}
