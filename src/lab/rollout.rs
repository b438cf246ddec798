//! Many episodes of a recommender, and recommenders on the same seeds.

use super::{Estimate, Welford, paired};
use crate::{
    recommender::{self, Knowledge, Recommender, UnknownRecommender},
    scenario::{RecommenderSpec, Scenario, World},
    session::{Answer, Author, End, Keep, Metrics, Need, Session},
};
use std::rc::Rc;

/// The most episodes of one rollout: what is kept for pairing grows with them (8 bytes an episode).
pub const MOST_EPISODES: u32 = 1_000_000;

/// How an episode went.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What it amounts to.
    pub metrics: Metrics,
    /// How it ended.
    pub end: End,
}

/// One thing that is measured of an episode.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name in JSON, before `_mean` and `_se`.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What it is, with its unit.
    pub about: &'static str,
    /// Its value in one episode.
    pub of: fn(&Outcome) -> f64,
}

const fn measure(name: &'static str, label: &'static str, about: &'static str, of: fn(&Outcome) -> f64) -> Measure {
    Measure { name, label, about, of }
}

/// All that is measured, the reward first.
pub static MEASURES: &[Measure] = &[
    measure("return", "Reward", "Sum of rewards of an episode.", |o| o.metrics.reward),
    measure("turns", "Turns", "Turns begun.", |o| f64::from(o.metrics.turns)),
    measure("minutes", "Minutes", "Minutes spent on opened items.", |o| o.metrics.seconds / 60.0),
    measure("clicks", "Clicks", "Items opened.", |o| f64::from(o.metrics.clicks)),
    measure("likes", "Likes", "Likes, shares, comments and follows.", |o| o.metrics.parts.likes),
    measure("instructions_issued", "Instructions", "Instructions issued, in words or by behaviour.", |o| {
        f64::from(o.metrics.issued)
    }),
    measure("instructions_met", "Met", "Instructions that the next slate met.", |o| f64::from(o.metrics.met)),
    measure("instructions_answered", "Answered", "Instructions that a slate followed.", |o| {
        f64::from(o.metrics.answered)
    }),
    measure("ndcg", "NDCG", "Mean NDCG of slates against the user's true utility, 0 to 1.", |o| o.metrics.ndcg),
    measure("diversity", "Diversity", "Mean dissimilarity within slates, 0 to 1.", |o| o.metrics.diversity),
    measure("diversity_across", "Change", "Mean dissimilarity between consecutive slates, 0 to 1.", |o| {
        o.metrics.diversity_across
    }),
    measure("coverage", "Coverage", "Share of the catalogue's topics shown, 0 to 1.", |o| o.metrics.coverage),
    measure("satisfaction", "Satisfaction", "Mean satisfaction over turns, 0 to 1.", |o| o.metrics.satisfaction),
    measure("retention", "Return", "Chance that the user returns the next day, 0 to 1.", |o| o.metrics.return_chance),
    measure("left", "Left", "Share of episodes that the user ended.", |o| f64::from(u8::from(o.end == End::Left))),
];

/// Plays one session to its end with the built-in user.
///
/// # Panics
/// Where the recommender's slate is not what [`Recommender::recommend`] promises.
#[must_use]
pub fn play(scenario: &Rc<Scenario>, world: &Rc<World>, recommender: &mut dyn Recommender, seed: u64) -> Outcome {
    recommender.reset();
    let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
    let by = Author::Builtin;
    loop {
        let answer = match session.poll() {
            Need::Slate(_) => recommender::answer(recommender, &session, false),
            Need::Reply { .. } => Answer::Reply { words: session.builtin_reply(), by },
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
            Need::Over(end) => return Outcome { metrics: session.metrics(), end },
        };
        session.answer(answer).expect("built-in drivers answer what was asked");
    }
}

/// Episodes of one recommender on the seeds S, S+1, S+2 …, run a few at a time.
pub struct Rollout {
    scenario: Rc<Scenario>,
    world: Rc<World>,
    spec: RecommenderSpec,
    recommender: Box<dyn Recommender>,
    first_seed: u64,
    returns: Vec<f64>,
    tallies: Vec<Welford>,
    user_turns: u64,
}

impl Rollout {
    /// A rollout of a recommender; no episode has run yet. `knowledge` and `world` are of the same scenario.
    ///
    /// # Errors
    /// Where there is no such recommender or a setting is not allowed.
    pub fn new(
        knowledge: &Rc<Knowledge>,
        world: &Rc<World>,
        spec: &RecommenderSpec,
        first_seed: u64,
    ) -> Result<Self, UnknownRecommender> {
        let recommender = recommender::make(spec, knowledge)?;
        Ok(Self::served(knowledge.scenario(), world, spec, recommender, first_seed))
    }

    /// A rollout of a recommender that is made already; `spec` says what to call it.
    #[must_use]
    pub fn served(
        scenario: &Rc<Scenario>,
        world: &Rc<World>,
        spec: &RecommenderSpec,
        recommender: Box<dyn Recommender>,
        first_seed: u64,
    ) -> Self {
        Self {
            scenario: scenario.clone(),
            world: world.clone(),
            spec: spec.clone(),
            recommender,
            first_seed,
            returns: Vec::new(),
            tallies: vec![Welford::default(); MEASURES.len()],
            user_turns: 0,
        }
    }

    /// The same on another scenario: one over the same world that differs only where recommenders' knowledge does not
    /// depend on it (seed, recommender, reward).
    #[must_use]
    pub fn on(mut self, scenario: &Rc<Scenario>) -> Self {
        self.scenario = scenario.clone();
        self
    }

    /// Runs `episodes` more (never beyond [`MOST_EPISODES`] in all) and says how many user turns they took.
    pub fn step(&mut self, episodes: u32) -> u64 {
        let before = self.user_turns;
        let left = (MOST_EPISODES as usize).saturating_sub(self.returns.len());
        for _ in 0..(episodes as usize).min(left) {
            let seed = self.first_seed.wrapping_add(self.returns.len() as u64);
            let outcome = play(&self.scenario, &self.world, self.recommender.as_mut(), seed);
            self.returns.push(outcome.metrics.reward);
            for (tally, m) in self.tallies.iter_mut().zip(MEASURES) {
                tally.add((m.of)(&outcome));
            }
            self.user_turns += u64::from(outcome.metrics.turns);
        }
        self.user_turns - before
    }

    /// Who serves.
    #[must_use]
    pub fn recommender(&self) -> &RecommenderSpec {
        &self.spec
    }

    /// How many episodes have run.
    #[must_use]
    pub fn episodes(&self) -> u32 {
        self.returns.len() as u32
    }

    /// The return of each episode, in the order of seeds.
    #[must_use]
    pub fn returns(&self) -> &[f64] {
        &self.returns
    }

    /// User turns in all.
    #[must_use]
    pub fn user_turns(&self) -> u64 {
        self.user_turns
    }

    /// The statistics so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            scenario: self.scenario.id.clone(),
            recommender: self.spec.name.clone(),
            seed: self.first_seed.to_string(),
            episodes: self.episodes(),
            user_turns: self.user_turns,
            estimates: self.tallies.iter().map(Welford::estimate).collect(),
        }
    }
}

/// What many episodes amount to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The scenario's id.
    pub scenario: String,
    /// Who served.
    pub recommender: String,
    /// The first seed.
    pub seed: String,
    /// How many episodes.
    pub episodes: u32,
    /// User turns in all.
    pub user_turns: u64,
    /// One estimate a measure, in the order of [`MEASURES`].
    pub estimates: Vec<Estimate>,
}

impl Summary {
    /// The estimate of a measure by its name; zero where there is no such measure.
    #[must_use]
    pub fn get(&self, name: &str) -> Estimate {
        MEASURES.iter().position(|m| m.name == name).and_then(|i| self.estimates.get(i)).copied().unwrap_or_default()
    }

    /// The summary as one flat JSON object: `return_mean`, `return_se`, `return_low`, `return_high`, `turns_mean` ….
    #[must_use]
    pub fn to_value(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut out = serde_json::Map::new();
        out.insert("scenario".into(), self.scenario.clone().into());
        out.insert("recommender".into(), self.recommender.clone().into());
        out.insert("seed".into(), self.seed.clone().into());
        out.insert("episodes".into(), self.episodes.into());
        out.insert("user_turns".into(), self.user_turns.into());
        for (m, e) in MEASURES.iter().zip(&self.estimates) {
            for (part, value) in [("mean", e.mean), ("se", e.se), ("low", e.low), ("high", e.high)] {
                out.insert(format!("{}_{part}", m.name), value.into());
            }
        }
        out
    }
}

/// Recommenders on the same seeds and random numbers.
pub struct Comparison {
    rollouts: Vec<Rollout>,
    base: usize,
}

/// One recommender of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// Its statistics.
    pub summary: Summary,
    /// Its return less the base's, seed by seed; `None` for the base itself.
    pub difference: Option<Estimate>,
}

impl Comparison {
    /// A comparison of recommenders, the `base`-th of which the others are held against.
    ///
    /// # Errors
    /// Where one of them cannot be made.
    pub fn new(
        knowledge: &Rc<Knowledge>,
        world: &Rc<World>,
        specs: &[RecommenderSpec],
        base: usize,
        first_seed: u64,
    ) -> Result<Self, UnknownRecommender> {
        let rollouts: Result<Vec<_>, _> = specs.iter().map(|s| Rollout::new(knowledge, world, s, first_seed)).collect();
        Ok(Self::of(rollouts?, base))
    }

    /// A comparison of rollouts that begin on the same seed; none has run an episode yet.
    #[must_use]
    pub fn of(rollouts: Vec<Rollout>, base: usize) -> Self {
        Self { base: base.min(rollouts.len().saturating_sub(1)), rollouts }
    }

    /// The same on another scenario, as [`Rollout::on`] says.
    #[must_use]
    pub fn on(mut self, scenario: &Rc<Scenario>) -> Self {
        self.rollouts = self.rollouts.into_iter().map(|r| r.on(scenario)).collect();
        self
    }

    /// Runs `episodes` more of the recommender that has run the fewest, and says how many user turns they took.
    pub fn step(&mut self, episodes: u32) -> u64 {
        let behind = self.rollouts.iter_mut().min_by_key(|r| r.episodes());
        behind.map_or(0, |r| r.step(episodes))
    }

    /// The fewest episodes that any of them has run: as far as all can be compared.
    #[must_use]
    pub fn episodes(&self) -> u32 {
        self.rollouts.iter().map(Rollout::episodes).min().unwrap_or(0)
    }

    /// The rollouts, in the order of the specifications.
    #[must_use]
    pub fn rollouts(&self) -> &[Rollout] {
        &self.rollouts
    }

    /// The statistics so far, in the order of the specifications.
    #[must_use]
    pub fn rows(&self) -> Vec<Compared> {
        let base = self.rollouts.get(self.base).map_or(&[][..], Rollout::returns);
        let row = |(i, r): (usize, &Rollout)| Compared {
            summary: r.summary(),
            difference: (i != self.base).then(|| paired(r.returns(), base)),
        };
        self.rollouts.iter().enumerate().map(row).collect()
    }
}
