//! Maximum likelihood by Adam (Kingma and Ba, 2015) over minibatches of sessions, stopped early on sessions of its own.

use super::{
    data::Run,
    model::Trace,
    weights::{self, COUNT, SCALARS, Variant, Weights},
};
use crate::math::{Purpose, Source};

/// How the fit goes. The defaults are those of the command.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The most passes over the training sessions.
    pub epochs: u32,
    /// Sessions a step.
    pub batch: usize,
    /// Adam's step size at the beginning; it falls to a tenth along a cosine.
    pub learning_rate: f64,
    /// How many passes without a gain on the validation sessions end the fit.
    pub patience: u32,
    /// The ridge penalty, in log-likelihood, on half the squared distance of each embedding weight from its start and
    /// of each other weight of taste, circumstances and nuisance from 0.
    pub ridge: f64,
    /// The seed of the order of sessions.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { epochs: 40, batch: 16, learning_rate: 0.02, patience: 5, ridge: 2.0, seed: 1 }
    }
}

/// A fitted variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// What was fitted.
    pub variant: Variant,
    /// The parameters that did best on the validation sessions.
    pub weights: Weights,
    /// Passes made.
    pub epochs: u32,
    /// The pass that did best, from 1; 0 where the start did.
    pub best_epoch: u32,
    /// Log-likelihood an action on the validation sessions, at the best pass.
    pub validation: f64,
}

/// A fit under way: one [`epoch`](Self::epoch) at a time.
#[derive(Debug)]
pub struct Fit<'a> {
    train: &'a [Run],
    valid: &'a [Run],
    settings: Settings,
    start: Weights,
    now: Weights,
    best: Fitted,
    held: Vec<bool>,
    mean: Vec<f64>,
    square: Vec<f64>,
    steps: u32,
    trace: Trace,
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.99;
const EPSILON: f64 = 1e-8;

impl<'a> Fit<'a> {
    /// Begins at `start`, with what the variant holds at 0 put there.
    #[must_use]
    pub fn new(variant: Variant, start: &Weights, train: &'a [Run], valid: &'a [Run], settings: Settings) -> Self {
        let mut now = start.clone();
        let mut held = vec![false; COUNT];
        for s in variant.holds() {
            now.set(*s, 0.0);
            held[*s as usize] = true;
        }
        let mut trace = Trace::default();
        let validation = mean_log_likelihood(&now, valid, &mut trace);
        let best = Fitted { variant, weights: now.clone(), epochs: 0, best_epoch: 0, validation };
        let (mean, square) = (vec![0.0; COUNT], vec![0.0; COUNT]);
        Self { train, valid, settings, start: start.clone(), now, best, held, mean, square, steps: 0, trace }
    }

    /// One pass over the training sessions. Returns whether there is more to do: not after the last pass, nor once the
    /// validation sessions have gained nothing for as long as patience lasts.
    pub fn epoch(&mut self) -> bool {
        let mut order: Vec<u32> = (0..self.train.len() as u32).collect();
        let n = order.len();
        Source::new(self.settings.seed)
            .keyed(u64::from(self.best.epochs))
            .stream(Purpose::Other)
            .sample_front(&mut order, n);
        let mut gradient = vec![0.0; COUNT];
        for batch in order.chunks(self.settings.batch.max(1)) {
            gradient.fill(0.0);
            for &i in batch {
                let run = &self.train[i as usize];
                self.trace.forward(&self.now, run);
                self.trace.backward(&self.now, run, &mut gradient);
            }
            self.step(&mut gradient, batch.len());
        }
        self.best.epochs += 1;
        let validation = mean_log_likelihood(&self.now, self.valid, &mut self.trace);
        if validation > self.best.validation + 1e-6 {
            self.best.validation = validation;
            self.best.best_epoch = self.best.epochs;
            self.best.weights.clone_from(&self.now);
        }
        let waited = self.best.epochs - self.best.best_epoch;
        self.best.epochs < self.settings.epochs && waited < self.settings.patience && validation.is_finite()
    }

    /// What did best so far.
    #[must_use]
    pub fn best(&self) -> &Fitted {
        &self.best
    }

    fn step(&mut self, gradient: &mut [f64], batch: usize) {
        self.steps += 1;
        let share = batch as f64 / self.train.len().max(1) as f64;
        let ridge = self.settings.ridge * share;
        for (i, g) in gradient.iter_mut().enumerate().skip(SCALARS) {
            let home = if i >= weights::EMBED { self.start.flat[i] } else { 0.0 };
            *g -= ridge * (self.now.flat[i] - home);
        }
        let through = f64::from(self.best.epochs) / f64::from(self.settings.epochs.max(1));
        let rate = self.settings.learning_rate * (0.55 + 0.45 * libm::cos(core::f64::consts::PI * through));
        let (c1, c2) = (1.0 - power(BETA_1, self.steps), 1.0 - power(BETA_2, self.steps));
        for i in (0..COUNT).filter(|&i| !self.held[i]) {
            let g = gradient[i] / batch as f64;
            self.mean[i] += (1.0 - BETA_1) * (g - self.mean[i]);
            self.square[i] += (1.0 - BETA_2) * (g * g - self.square[i]);
            self.now.flat[i] += pace(i) * rate * (self.mean[i] / c1) / ((self.square[i] / c2).sqrt() + EPSILON);
        }
    }
}

/// The share of the step size that a parameter takes. The scalars say how memory works and must travel far; the hundreds of
/// embedding weights begin near where they belong, and at full pace would fit the noise before the scalars arrive.
fn pace(i: usize) -> f64 {
    if i < SCALARS {
        1.5
    } else if i < weights::EMBED {
        0.5
    } else {
        0.05
    }
}

fn power(base: f64, n: u32) -> f64 {
    libm::exp(f64::from(n) * libm::log(base))
}

/// Log-likelihood an action over sessions, in nats.
#[must_use]
pub fn mean_log_likelihood(w: &Weights, runs: &[Run], trace: &mut Trace) -> f64 {
    let (mut sum, mut n) = (0.0, 0usize);
    for run in runs {
        sum += trace.forward(w, run);
        n += run.looks.len();
    }
    sum / n.max(1) as f64
}
