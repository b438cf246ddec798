//! One session under the model: the likelihood of its actions, what the memory estimates along the way, and the gradient.
//!
//! With x_t the item's public features brought into 16 dimensions and to length one (x = A·f / |A·f|), v_k the valence of
//! what was done with the k-th item (observed), and k running over the items looked at before t (at most [`WINDOW`]):
//!
//! α_k ∝ exp(κ x_t·x_k − λ (t − k) + w |v_k|), with o − λ t for what is remembered from before the session (of value 0)
//!
//! r_t = Σ α_k v_k x_k, s_t = Σ α_k x_k·x_t, g_t = σ(b + u |r_t|)
//!
//! z_t = (1 − g_t) z_{t−1} + g_t tanh(p + C c + ρ r_t), z_0 = tanh(p + C c)
//!
//! logit of opening = [`MATCH`] z_t·x_t − ν s_t − Σ_k e^{−δ(t−k)} (σ₀ + σ₁ watched_k) x_k·x_t + β·n_t
//!
//! This is the form of [`crate::user::mindset`] as far as data can tell its parts apart. W_q and W_k are only ever seen as
//! their product, and a turn of the space that turns A along changes nothing, so the product is κ·I and A learns the rest.
//! Near 0 a carry W_z does what a smaller gate does, so W_z = 0. The scale of z is fixed by [`MATCH`]. Circumstances do not
//! change within a session, so their part of a softmax over the session's own memories cancels: it is left out.
//!
//! The gradient is the exact one, by going through the session backwards; tests hold it against finite differences.

use super::{
    NUISANCES,
    data::Run,
    weights::{self, Scalar, Weights},
};
use crate::{math::DIM, recommender::FEATURES, user::CONTEXT};

/// The most items that are remembered one by one; older ones are out of reach.
pub const WINDOW: usize = 64;
/// How much the logit of opening gains by a mindset of length one that points at the item. Fixes the scale of z.
pub const MATCH: f64 = 3.0;
/// Keeps the length of what is recalled differentiable at 0.
const SOFT: f64 = 1e-8;

type Point = [f64; DIM];

/// What happened at one look, kept for the way back.
#[derive(Clone, Debug, Default)]
struct Step {
    x: Point,
    length: f64,
    first: usize,
    /// x_t·x_k for each memory in the window.
    likeness: Vec<f64>,
    /// α of what comes from before, then of each memory in the window.
    alpha: Vec<f64>,
    recalled: Point,
    strength: f64,
    gate: f64,
    drawn: Point,
    z: Point,
    seen: f64,
    chance: f64,
}

/// The state of a session under the model. Reused from session to session.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    steps: Vec<Step>,
    len: usize,
    /// z before the first look.
    z0: Point,
    /// What is left of satiation after so many items, e^{−δ·age}.
    fades: Vec<f64>,
}

impl Trace {
    /// The chance of opening at each look.
    pub fn chances(&self) -> impl Iterator<Item = f64> + '_ {
        self.steps[..self.len].iter().map(|s| s.chance)
    }

    /// The mindset after each look.
    pub fn mindsets(&self) -> impl Iterator<Item = &[f64; DIM]> + '_ {
        self.steps[..self.len].iter().map(|s| &s.z)
    }

    /// The importance at a look: of what comes from before the session, then of each remembered look, with the number of
    /// the first of them.
    #[must_use]
    pub fn importance(&self, look: usize) -> Option<(usize, &[f64])> {
        self.steps[..self.len].get(look).map(|s| (s.first, &s.alpha[..]))
    }

    /// Runs a session forwards and returns the sum of the actions' log-likelihoods.
    pub fn forward(&mut self, w: &Weights, run: &Run) -> f64 {
        self.len = run.looks.len();
        if self.steps.len() < self.len {
            self.steps.resize_with(self.len, Step::default);
        }
        let fading = libm::exp(w.scalar(Scalar::Fading));
        self.fades.clear();
        self.fades.extend((0..=WINDOW).map(|age| libm::exp(-fading * age as f64)));
        let rest = rest(w, &run.context);
        self.z0 = rest.map(libm::tanh);
        let mut total = 0.0;
        for t in 0..self.len {
            total += self.look(w, run, t, &rest);
        }
        total
    }

    fn look(&mut self, w: &Weights, run: &Run, t: usize, rest: &Point) -> f64 {
        let look = &run.looks[t];
        let (before, after) = self.steps.split_at_mut(t);
        let step = &mut after[0];
        (step.x, step.length) = w.place(&look.row);
        step.first = t.saturating_sub(WINDOW);
        let known = &before[step.first..];
        step.likeness.clear();
        step.likeness.extend(known.iter().map(|k| dot(&k.x, &step.x)));
        attend(w, run, t, step);
        step.recalled = [0.0; DIM];
        step.seen = 0.0;
        let (mut tired, costs) = (0.0, costs(w));
        for (i, k) in known.iter().enumerate() {
            let (a, past) = (step.alpha[i + 1], &run.looks[step.first + i]);
            add(&mut step.recalled, a * past.valence, &k.x);
            step.seen += a * step.likeness[i];
            tired += self.fades[t - step.first - i] * satiation(costs, past.watched) * step.likeness[i];
        }
        step.strength = (dot(&step.recalled, &step.recalled) + SOFT).sqrt();
        step.gate = sigmoid(w.scalar(Scalar::Gate) + w.scalar(Scalar::GateRecall) * step.strength);
        let was = before.last().map_or(&self.z0, |s| &s.z);
        for d in 0..DIM {
            step.drawn[d] = libm::tanh(rest[d] + w.scalar(Scalar::Recall) * step.recalled[d]);
            step.z[d] = (1.0 - step.gate) * was[d] + step.gate * step.drawn[d];
        }
        let logit = MATCH * dot(&step.z, &step.x) - w.scalar(Scalar::Novelty) * step.seen - tired
            + look.nuisance.iter().zip(w.nuisance()).fold(0.0, |s, (n, b)| s + n * b);
        step.chance = sigmoid(logit);
        if look.clicked { -softplus(-logit) } else { -softplus(logit) }
    }

    /// Adds the gradient of the last [`forward`](Self::forward)'s log-likelihood to `gradient`.
    pub fn backward(&self, w: &Weights, run: &Run, gradient: &mut [f64]) {
        let n = self.len;
        let mut on_x = vec![[0.0; DIM]; n];
        let mut on_z = [0.0; DIM];
        let mut on_rest = [0.0; DIM];
        for t in (0..n).rev() {
            self.back(w, run, t, gradient, &mut on_x, &mut on_z, &mut on_rest);
        }
        for d in 0..DIM {
            on_rest[d] += on_z[d] * (1.0 - self.z0[d] * self.z0[d]);
            gradient[weights::TASTE + d] += on_rest[d];
            for c in 0..CONTEXT {
                gradient[weights::CIRCUMSTANCES + d * CONTEXT + c] += on_rest[d] * run.context[c];
            }
        }
        for ((step, g), look) in self.steps[..n].iter().zip(&on_x).zip(&run.looks) {
            // Through x = y / |y| with y = A f.
            let along = dot(g, &step.x);
            for d in 0..DIM {
                let on_y = (g[d] - along * step.x[d]) / step.length;
                for (f, v) in look.row.iter().enumerate() {
                    gradient[weights::EMBED + d * FEATURES + f] += on_y * f64::from(*v);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one pass; a struct would only rename them")]
    fn back(
        &self,
        w: &Weights,
        run: &Run,
        t: usize,
        gradient: &mut [f64],
        on_x: &mut [Point],
        on_z: &mut Point,
        on_rest: &mut Point,
    ) {
        let (step, look) = (&self.steps[t], &run.looks[t]);
        let miss = if look.clicked { 1.0 } else { 0.0 } - step.chance;
        for (g, n) in gradient[weights::NUISANCE..weights::NUISANCE + NUISANCES].iter_mut().zip(&look.nuisance) {
            *g += miss * n;
        }
        gradient[Scalar::Novelty as usize] -= miss * step.seen;
        for d in 0..DIM {
            on_z[d] += MATCH * miss * step.x[d];
            on_x[t][d] += MATCH * miss * step.z[d];
        }
        let on_recalled = self.back_update(w, t, gradient, on_z, on_rest);
        let on_seen = -miss * w.scalar(Scalar::Novelty);
        self.back_memory(w, run, t, gradient, on_x, (&on_recalled, on_seen, miss));
    }

    /// Through the update of the mindset; leaves in `on_z` what falls on the mindset before, and returns what falls on
    /// what was recalled.
    fn back_update(&self, w: &Weights, t: usize, gradient: &mut [f64], on_z: &mut Point, on_rest: &mut Point) -> Point {
        let step = &self.steps[t];
        let was = if t == 0 { &self.z0 } else { &self.steps[t - 1].z };
        let (mut on_recalled, mut on_gate) = ([0.0; DIM], 0.0);
        for d in 0..DIM {
            on_gate += on_z[d] * (step.drawn[d] - was[d]);
            let on_drive = on_z[d] * step.gate * (1.0 - step.drawn[d] * step.drawn[d]);
            on_rest[d] += on_drive;
            gradient[Scalar::Recall as usize] += on_drive * step.recalled[d];
            on_recalled[d] = on_drive * w.scalar(Scalar::Recall);
            on_z[d] *= 1.0 - step.gate;
        }
        let on_logit = on_gate * step.gate * (1.0 - step.gate);
        gradient[Scalar::Gate as usize] += on_logit;
        gradient[Scalar::GateRecall as usize] += on_logit * step.strength;
        let k = on_logit * w.scalar(Scalar::GateRecall) / step.strength;
        add(&mut on_recalled, k, &step.recalled);
        on_recalled
    }

    /// Through satiation, recall, novelty and importance.
    fn back_memory(
        &self,
        w: &Weights,
        run: &Run,
        t: usize,
        gradient: &mut [f64],
        on_x: &mut [Point],
        (on_recalled, on_seen, miss): (&Point, f64, f64),
    ) {
        let step = &self.steps[t];
        let fading = libm::exp(w.scalar(Scalar::Fading));
        let costs = costs(w);
        let mut on_alpha: Vec<f64> = Vec::with_capacity(step.likeness.len());
        let mut mean = 0.0;
        for (i, likeness) in step.likeness.iter().enumerate() {
            let k = step.first + i;
            let on = run.looks[k].valence * dot(on_recalled, &self.steps[k].x) + on_seen * likeness;
            mean += step.alpha[i + 1] * on;
            on_alpha.push(on);
        }
        // What comes from before is worth 0, so only the softmax's mean falls on it.
        let on_before = -step.alpha[0] * mean;
        gradient[Scalar::Before as usize] += on_before;
        gradient[Scalar::Age as usize] -= on_before * t as f64;
        for (i, likeness) in step.likeness.iter().enumerate() {
            let (k, alpha) = (step.first + i, step.alpha[i + 1]);
            let (past, age) = (&run.looks[k], (t - k) as f64);
            let on_score = alpha * (on_alpha[i] - mean);
            gradient[Scalar::Likeness as usize] += on_score * likeness;
            gradient[Scalar::Age as usize] -= on_score * age;
            gradient[Scalar::Salience as usize] += on_score * past.valence.abs();
            let left = self.fades[t - k];
            let tired = left * satiation(costs, past.watched);
            gradient[Scalar::Satiation as usize] -= miss * left * likeness * costs.0;
            gradient[Scalar::SatiationWatched as usize] -= miss * left * past.watched * likeness * costs.1;
            gradient[Scalar::Fading as usize] += miss * tired * likeness * age * fading;
            let on_likeness = on_score * w.scalar(Scalar::Likeness) + on_seen * alpha - miss * tired;
            for d in 0..DIM {
                on_x[t][d] += on_likeness * self.steps[k].x[d];
                on_x[k][d] += on_likeness * step.x[d] + alpha * past.valence * on_recalled[d];
            }
        }
    }
}

/// The importance of what comes from before and of each memory in the window.
fn attend(w: &Weights, run: &Run, t: usize, step: &mut Step) {
    let (kappa, age, salience) = (w.scalar(Scalar::Likeness), w.scalar(Scalar::Age), w.scalar(Scalar::Salience));
    step.alpha.clear();
    step.alpha.push(w.scalar(Scalar::Before) - age * t as f64);
    for (i, likeness) in step.likeness.iter().enumerate() {
        let k = step.first + i;
        step.alpha.push(kappa * likeness - age * (t - k) as f64 + salience * run.looks[k].valence.abs());
    }
    let top = step.alpha.iter().fold(f64::NEG_INFINITY, |a, &b| if b > a { b } else { a });
    let mut total = 0.0;
    for a in &mut step.alpha {
        *a = libm::exp(*a - top);
        total += *a;
    }
    step.alpha.iter_mut().for_each(|a| *a /= total);
}

/// σ₀ and σ₁.
fn costs(w: &Weights) -> (f64, f64) {
    (libm::exp(w.scalar(Scalar::Satiation)), libm::exp(w.scalar(Scalar::SatiationWatched)))
}

/// Where the mindset rests, before tanh: p + C c.
fn rest(w: &Weights, context: &[f64; CONTEXT]) -> Point {
    let mut out = *w.taste();
    for (o, row) in out.iter_mut().zip(w.circumstances().chunks(CONTEXT)) {
        *o += row.iter().zip(context).fold(0.0, |s, (c, x)| s + c * x);
    }
    out
}

fn satiation((looked, of_watched): (f64, f64), watched: f64) -> f64 {
    looked + of_watched * watched
}

pub(super) fn dot(a: &Point, b: &Point) -> f64 {
    // Four sums side by side, in a fixed order.
    let mut acc = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for l in 0..4 {
            acc[l] += a[l] * b[l];
        }
    }
    (acc[0] + acc[2]) + (acc[1] + acc[3])
}

fn add(a: &mut Point, k: f64, b: &Point) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += k * b;
    }
}

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// ln(1 + e^x), without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + libm::log1p(libm::exp(-x)) } else { libm::log1p(libm::exp(x)) }
}
