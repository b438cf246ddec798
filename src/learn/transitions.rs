//! What a policy that explores met, step by step, as JSON lines: for learners elsewhere, and for estimates from logs.

use super::{
    plackett::{self, Work},
    policy::Policy,
    task::{Task, View},
};
use crate::math::{Purpose, Source};
use serde::Serialize;

/// The seeds of the episodes are keyed by this.
const KEY: u64 = 0x7a11;

/// One step of a policy that explores.
#[derive(Serialize)]
struct Transition<'a> {
    episode: u32,
    step: u32,
    observation: &'a [f32],
    /// One row of features a candidate.
    candidates: Vec<&'a [f32]>,
    slate: &'a [usize],
    log_prob: f32,
    reward: f64,
    terminated: bool,
    truncated: bool,
    drawn_by: &'a str,
}

/// Episodes of a policy that draws its slates.
pub struct Transitions {
    task: Box<dyn Task>,
    source: Source,
    episode: u32,
    drawn_by: String,
    /// Steps so far.
    pub steps: u64,
}

impl Transitions {
    /// On a task; the same seed gives the same episodes. Each step names who draws the slates: [`FRESH`](super::pairs::FRESH),
    /// or the algorithm that trained the policy.
    #[must_use]
    pub fn new(task: &dyn Task, seed: u64, drawn_by: &str) -> Self {
        let source = Source::new(seed).keyed(KEY);
        Self { task: task.fresh(), source, episode: 0, drawn_by: drawn_by.to_owned(), steps: 0 }
    }

    /// The next episode: one JSON object a step, each on a line of its own.
    pub fn episode(&mut self, policy: &Policy) -> String {
        let (mut view, mut next) = (View::default(), View::default());
        let (mut work, mut slate, mut out) = (Work::default(), Vec::new(), String::new());
        let (shape, source) = (self.task.shape(), self.source.keyed(u64::from(self.episode)));
        self.task.reset(source.seed(), &mut view);
        for step in 0.. {
            let scores = policy.scores(&view);
            let mut random = source.keyed(u64::from(step)).stream(Purpose::Recommend);
            plackett::draw(&scores, shape.slate, &mut random, &mut work, &mut slate);
            let places: Vec<u16> = slate.iter().map(|i| *i as u16).collect();
            let log_prob = work.judge(&scores, &places).log_prob;
            let outcome = self.task.step(&slate, &mut next);
            let line = Transition {
                episode: self.episode,
                step,
                observation: &view.observation,
                candidates: view.features.chunks(shape.features.max(1)).collect(),
                slate: &slate,
                log_prob,
                reward: outcome.reward,
                terminated: outcome.terminated,
                truncated: outcome.truncated,
                drawn_by: &self.drawn_by,
            };
            // Fails only on keys that are not text, which the type does not have.
            out += &serde_json::to_string(&line).unwrap_or_default();
            out.push('\n');
            self.steps += 1;
            core::mem::swap(&mut view, &mut next);
            if outcome.terminated || outcome.truncated {
                break;
            }
        }
        self.episode += 1;
        out
    }
}
