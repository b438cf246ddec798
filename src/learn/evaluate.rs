//! How well a policy does: whole episodes on seeds of their own, without exploration.

use super::{
    choice::RankTape,
    plackett::{self, Work},
    policy::{Policy, Views},
    task::{Task, View},
};
use crate::{
    lab::{Estimate, Welford},
    math::{Purpose, Source, Stream},
};

/// Chooses slates of a task.
pub trait Act {
    /// Chooses a slate of `size` candidates of the view, the first on top.
    fn act(&mut self, view: &View, size: usize, random: &mut Stream, slate: &mut Vec<usize>);
}

/// A policy that shows the candidates that it scores highest.
pub struct Best {
    policy: Policy,
    views: Views,
    tape: RankTape,
    work: Work,
}

impl Best {
    /// Of a policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self { views: Views::new(policy.shape()), policy, tape: RankTape::default(), work: Work::default() }
    }
}

impl Act for Best {
    fn act(&mut self, view: &View, size: usize, _: &mut Stream, slate: &mut Vec<usize>) {
        self.views.clear();
        self.views.push(view);
        let scores = self.policy.rank(&self.views, &[0], &mut self.tape);
        plackett::best(&scores[..view.count], size, &mut self.work, slate);
    }
}

/// Shows candidates at random.
pub struct AtRandom;

impl Act for AtRandom {
    fn act(&mut self, view: &View, size: usize, random: &mut Stream, slate: &mut Vec<usize>) {
        let mut all: Vec<usize> = (0..view.count).collect();
        random.sample_front(&mut all, size);
        slate.clear();
        slate.extend(&all[..size.min(view.count)]);
    }
}

/// The key of evaluation seeds: no training episode has it.
const EVALUATION: u64 = 0xe7a1;

/// Episodes of one actor, a few at a time; two evaluations of the same seed run the same episodes.
pub struct Evaluation {
    task: Box<dyn Task>,
    view: View,
    slate: Vec<usize>,
    source: Source,
    results: Results,
}

/// How episodes went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    seeds: Vec<u64>,
    returns: Vec<f64>,
    measures: Vec<(&'static str, Vec<f64>)>,
    env_steps: u64,
}

impl Evaluation {
    /// An evaluation on a task; no episode has run.
    #[must_use]
    pub fn new(task: &dyn Task, seed: u64) -> Self {
        Self {
            task: task.fresh(),
            view: View::default(),
            slate: Vec::new(),
            source: Source::new(seed).keyed(EVALUATION),
            results: Results::default(),
        }
    }

    /// Runs one more episode.
    pub fn step(&mut self, actor: &mut dyn Act) {
        let source = self.source.keyed(self.results.returns.len() as u64);
        let size = self.task.shape().slate;
        self.task.reset(source.seed(), &mut self.view);
        let mut earned = 0.0;
        for t in 0.. {
            let mut random = source.keyed(t).stream(Purpose::Learn);
            actor.act(&self.view, size, &mut random, &mut self.slate);
            let outcome = self.task.step(&self.slate, &mut self.view);
            earned += outcome.reward;
            self.results.env_steps += 1;
            if outcome.terminated || outcome.truncated {
                break;
            }
        }
        self.results.seeds.push(source.seed());
        self.results.returns.push(earned);
        let measures = self.task.measures();
        if self.results.measures.is_empty() {
            self.results.measures = measures.iter().map(|m| (m.0, Vec::new())).collect();
        }
        self.results.measures.iter_mut().zip(measures).for_each(|(all, m)| all.1.push(m.1));
    }

    /// How they went so far.
    #[must_use]
    pub fn results(&self) -> &Results {
        &self.results
    }
}

impl Results {
    /// The return of each episode, in order.
    #[must_use]
    pub fn returns(&self) -> &[f64] {
        &self.returns
    }

    /// The seed of each episode, in order.
    #[must_use]
    pub fn seeds(&self) -> &[u64] {
        &self.seeds
    }

    /// A measure in each episode; empty where the task has none of that name.
    #[must_use]
    pub fn values(&self, name: &str) -> &[f64] {
        self.measures.iter().find(|m| m.0 == name).map_or(&[], |m| m.1.as_slice())
    }

    /// The mean return.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        estimate(&self.returns)
    }

    /// The means of the task's measures.
    #[must_use]
    pub fn measures(&self) -> Vec<(&'static str, Estimate)> {
        self.measures.iter().map(|(name, values)| (*name, estimate(values))).collect()
    }

    /// Environment steps of all episodes.
    #[must_use]
    pub fn env_steps(&self) -> u64 {
        self.env_steps
    }
}

fn estimate(values: &[f64]) -> Estimate {
    let mut w = Welford::default();
    values.iter().for_each(|v| w.add(*v));
    w.estimate()
}

/// Runs `episodes` of an actor.
#[must_use]
pub fn evaluate(task: &dyn Task, actor: &mut dyn Act, episodes: u32, seed: u64) -> Results {
    let mut evaluation = Evaluation::new(task, seed);
    (0..episodes).for_each(|_| evaluation.step(actor));
    evaluation.results
}
