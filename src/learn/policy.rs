//! The policy: from what is seen to a score for every candidate.
//!
//! An encoder (tanh layers) turns the observation o into eight *queries*, each as long as a candidate's features x. The
//! first is the plain inner product of query and candidate; the other seven pass through a tanh and are weighed:
//!
//! ```text
//! score(x) = q₀(o)·x + Σ_h v_h · tanh(q_h(o)·x)
//! ```
//!
//! So a score may depend on products of what is known of the user and of the item, and no score depends on which other
//! candidates there are or in which order they stand. Where candidates are the same fixed actions at every step (no
//! features), the encoder's outputs are the scores. A slate is drawn by [`plackett`](super::plackett). Where a model of the
//! user's choice is part of the policy, the scores are what consuming each candidate gains, and slates are ranked by
//! [`choice`](super::choice).

use super::{
    choice::{Choice, RankTape},
    nn::{Mlp, Tape, outer, padded, rows_by_panels},
    task::{Shape, View},
};
use crate::math::{
    Purpose, Source,
    lanes::{self, LANES},
};

/// Queries a candidate is held against: as many as lanes.
pub const HEADS: usize = LANES;
/// Feature rows are padded to this.
const PAD: usize = 4;

/// Many views in the layout that networks read.
#[derive(Clone, Debug, Default)]
pub struct Views {
    shape: Option<Shape>,
    observations: Vec<f32>,
    features: Vec<f32>,
    counts: Vec<u16>,
}

impl Views {
    /// Room for views of a shape; there are none yet.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape: Some(shape), ..Self::default() }
    }

    /// Forgets all views.
    pub fn clear(&mut self) {
        self.observations.clear();
        self.features.clear();
        self.counts.clear();
    }

    /// These views emptied, their room kept, for views of a shape.
    pub(crate) fn emptied(mut self, shape: Shape) -> Self {
        self.clear();
        self.shape = Some(shape);
        self
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Adds a view.
    ///
    /// # Panics
    /// Where it is not of the shape.
    pub fn push(&mut self, view: &View) {
        let shape = self.shape.expect("views are made with a shape");
        assert_eq!(view.observation.len(), shape.observation, "a view must be of its task's shape");
        let (at, n) = (self.observations.len(), view.observation.len());
        self.observations.resize(at + padded(n), 0.0);
        self.observations[at..at + n].copy_from_slice(&view.observation);
        self.counts.push(view.count as u16);
        if shape.features == 0 {
            return;
        }
        assert!(view.features.len() == view.count * shape.features, "a view must be of its task's shape");
        let (at, stride) = (self.features.len(), shape.features.next_multiple_of(PAD));
        self.features.resize(at + shape.candidates * stride, 0.0);
        let rows = self.features[at..].chunks_exact_mut(stride);
        for (row, x) in rows.zip(view.features.chunks_exact(shape.features)) {
            row[..x.len()].copy_from_slice(x);
        }
    }

    /// How many candidates the view at a place has.
    #[must_use]
    pub fn count(&self, at: usize) -> usize {
        self.counts[at] as usize
    }

    fn stride(&self) -> usize {
        self.shape.map_or(0, |s| s.features.next_multiple_of(PAD))
    }

    fn candidates(&self, at: usize) -> &[f32] {
        let row = self.shape.map_or(0, |s| s.candidates) * self.stride();
        &self.features[at * row..(at + 1) * row]
    }

    /// Copies the observations of some views into a network's input.
    pub(crate) fn fill(&self, which: &[u32], to: &mut [f32]) {
        let width = self.shape.map_or(0, |s| padded(s.observation));
        for (row, &i) in to.chunks_exact_mut(width.max(1)).zip(which) {
            row.copy_from_slice(&self.observations[i as usize * width..][..width]);
        }
    }
}

/// A policy with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    shape: Shape,
    hidden: usize,
    net: Mlp,
    /// The encoder's parameters, then the weights of the heads (the first is 1 and stays so).
    pub params: Vec<f32>,
    /// The model of the user's choice, of policies that decompose slates.
    pub(super) choice: Option<Box<Choice>>,
}

/// What a forward pass leaves behind.
#[derive(Clone, Debug, Default)]
pub struct PolicyTape {
    net: Tape,
    /// Each candidate's heads, after their tanh.
    heads: Vec<f32>,
    /// One padded row of scores a view.
    scores: Vec<f32>,
    dout: Vec<f32>,
    dheads: Vec<f32>,
    scratch: Vec<f32>,
}

impl Policy {
    /// A fresh policy whose first slates are close to random: two tanh layers of `hidden` units.
    #[must_use]
    pub fn new(shape: Shape, hidden: usize, source: Source) -> Self {
        let net = net(shape, hidden);
        let mut random = source.stream(Purpose::Learn);
        let featured = shape.features > 0;
        let gain = |output: usize| if featured && !output.is_multiple_of(HEADS) { 1.0 } else { 0.01 };
        let mut params = net.init(gain, &mut random);
        if featured {
            params.push(1.0);
            params.extend((1..HEADS).map(|_| 0.1 * random.normal()));
        }
        Self { shape, hidden, net, params, choice: None }
    }

    /// What it is made for.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The width of its layers.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// How long a view's row of scores is in a tape.
    #[must_use]
    pub fn width(&self) -> usize {
        padded(self.shape.candidates)
    }

    /// Scores the candidates of some views; the tape keeps a row of [`width`](Self::width) for each.
    pub fn forward<'t>(&self, views: &Views, which: &[u32], tape: &'t mut PolicyTape) -> &'t [f32] {
        let PolicyTape { net, heads, scores, .. } = tape;
        self.net.forward(&self.params, which.len(), net, |to| views.fill(which, to));
        if self.shape.features == 0 {
            return net.output();
        }
        let (features, candidates, width) = (self.shape.features, self.shape.candidates, self.width());
        let weights = self.head_weights();
        heads.resize(which.len() * candidates * HEADS, 0.0);
        scores.resize(which.len() * width, 0.0);
        let queries = net.output().chunks_exact(features * HEADS);
        let room = heads.chunks_exact_mut(candidates * HEADS).zip(scores.chunks_exact_mut(width));
        for ((&i, query), (heads, scores)) in which.iter().zip(queries).zip(room) {
            let x = views.candidates(i as usize);
            rows_by_panels(x, views.stride(), features, query.as_chunks::<LANES>().0, heads);
            for (z, score) in heads.as_chunks_mut::<LANES>().0.iter_mut().zip(scores) {
                let plain = z[0];
                *z = lanes::tanh(*z);
                z[0] = plain;
                let weighed = core::array::from_fn(|l| z[l] * weights[l]);
                *score = lanes::sum(weighed);
            }
        }
        scores
    }

    /// The scores that the last forward pass left in a tape.
    #[must_use]
    pub fn scored<'t>(&self, tape: &'t PolicyTape) -> &'t [f32] {
        if self.shape.features == 0 { tape.net.output() } else { &tape.scores }
    }

    /// Adds the gradient of the last forward pass over `which` to `grads`, `dscores` being the gradient of the scores.
    pub fn backward(&self, views: &Views, which: &[u32], tape: &mut PolicyTape, dscores: &[f32], grads: &mut [f32]) {
        if self.shape.features == 0 {
            self.net.backward(&self.params, &mut tape.net, dscores, grads);
            return;
        }
        let PolicyTape { net, heads, dout, dheads, scratch, .. } = tape;
        let (features, candidates) = (self.shape.features, self.shape.candidates);
        let weights = self.head_weights();
        let (net_grads, head_grads) = grads.split_at_mut(self.net.size());
        dout.clear();
        dout.resize(which.len() * features * HEADS, 0.0);
        dheads.resize(candidates * HEADS, 0.0);
        let rows = heads.chunks_exact(candidates * HEADS).zip(dscores.chunks_exact(self.width()));
        for ((&i, dquery), (heads, dscores)) in which.iter().zip(dout.chunks_exact_mut(features * HEADS)).zip(rows) {
            let mut dweights = [0.0f32; HEADS];
            let room = dheads.as_chunks_mut::<LANES>().0.iter_mut();
            for ((z, dz), &ds) in heads.as_chunks::<LANES>().0.iter().zip(room).zip(dscores) {
                for l in 0..LANES {
                    dweights[l] += ds * z[l];
                    dz[l] = ds * weights[l] * (1.0 - z[l] * z[l]);
                }
                dz[0] = ds * weights[0];
            }
            for (g, d) in head_grads.iter_mut().zip(dweights).skip(1) {
                *g += d;
            }
            let to = dquery.as_chunks_mut::<LANES>().0;
            outer(views.candidates(i as usize), views.stride(), features, dheads, HEADS, to, scratch);
        }
        self.net.backward(&self.params, net, dout, net_grads);
    }

    fn head_weights(&self) -> [f32; HEADS] {
        core::array::from_fn(|l| self.params[self.net.size() + l])
    }

    /// What one view's candidates are ranked by: the higher, the better.
    #[must_use]
    pub fn scores(&self, view: &View) -> Vec<f32> {
        let (mut views, mut tape) = (Views::new(self.shape), RankTape::default());
        views.push(view);
        self.rank(&views, &[0], &mut tape)[..view.count].to_vec()
    }

    /// The parameters by name, with their shapes.
    #[must_use]
    pub fn named(&self) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let mut all = self.net.named(&self.params);
        if self.shape.features > 0 {
            all.push(("heads".into(), vec![HEADS], self.params[self.net.size()..].to_vec()));
        }
        if let Some(choice) = &self.choice {
            all.extend(choice.named().into_iter().map(|(name, shape, data)| (format!("choice.{name}"), shape, data)));
        }
        all
    }

    /// A policy from what [`named`](Self::named) gave; `None` where the sizes differ.
    #[must_use]
    pub fn from_named(shape: Shape, hidden: usize, mut parts: Vec<Vec<f32>>) -> Option<Self> {
        let net = net(shape, hidden);
        let own = 2 * net.layers() + usize::from(shape.features > 0);
        let choice = parts.split_off(own.min(parts.len()));
        let choice = if choice.is_empty() { None } else { Some(Box::new(Choice::from_named(shape, hidden, choice)?)) };
        let heads = if shape.features > 0 { parts.pop()? } else { Vec::new() };
        if heads.len() != if shape.features > 0 { HEADS } else { 0 } {
            return None;
        }
        let mut params = net.from_named(&parts)?;
        params.extend(heads);
        Some(Self { shape, hidden, net, params, choice })
    }

    /// Whether all parameters are numbers.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.params.iter().all(|p| p.is_finite()) && self.choice.as_ref().is_none_or(|c| c.is_finite())
    }

    /// A policy whose scores are linear in a candidate's features (or one number an action, where they are fixed): an
    /// encoder that gives the same query whatever it sees.
    pub(super) fn linear(shape: Shape, hidden: usize, weights: &[f32]) -> Self {
        let net = net(shape, hidden);
        let mut parts: Vec<Vec<f32>> = net.named(&vec![0.0; net.size()]).into_iter().map(|p| p.2).collect();
        let bias = parts.last_mut().expect("a network has layers");
        let step = if shape.features > 0 { HEADS } else { 1 };
        bias.iter_mut().step_by(step).zip(weights).for_each(|(b, w)| *b = *w);
        let mut params = net.from_named(&parts).expect("the sizes are its own");
        if shape.features > 0 {
            params.push(1.0);
            params.extend([0.0; HEADS - 1]);
        }
        Self { shape, hidden, net, params, choice: None }
    }
}

fn net(shape: Shape, hidden: usize) -> Mlp {
    let outputs = if shape.features == 0 { shape.candidates } else { shape.features * HEADS };
    Mlp::new(&[shape.observation, hidden, hidden, outputs])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(shape: Shape, count: usize, key: u64) -> View {
        let mut random = Source::new(key).stream(Purpose::Other);
        View {
            observation: (0..shape.observation).map(|_| random.normal()).collect(),
            features: (0..count * shape.features).map(|_| random.normal()).collect(),
            count,
        }
    }

    #[test]
    fn every_gradient_agrees_with_finite_differences() {
        for features in [0, 5] {
            let shape = Shape { observation: 3, features, candidates: 6, slate: 2 };
            let mut policy = Policy::new(shape, 7, Source::new(2));
            let mut random = Source::new(9).stream(Purpose::Other);
            policy.params.iter_mut().for_each(|p| *p = if *p == 0.0 { 0.0 } else { *p + 0.2 * random.normal() });
            let mut views = Views::new(shape);
            (0..4).for_each(|k| views.push(&view(shape, if features > 0 { 4 + k % 3 } else { 6 }, k as u64)));
            let which = [0u32, 3, 1];
            let mut by: Vec<f32> = (0..3 * policy.width()).map(|_| random.normal()).collect();
            by.chunks_exact_mut(8).for_each(|row| row[6..].fill(0.0));
            let loss = |policy: &Policy| -> f64 {
                let mut tape = PolicyTape::default();
                policy.forward(&views, &which, &mut tape).iter().zip(&by).map(|(s, b)| f64::from(s * b)).sum()
            };
            let (mut tape, mut grads) = (PolicyTape::default(), vec![0.0; policy.params.len()]);
            policy.forward(&views, &which, &mut tape);
            policy.backward(&views, &which, &mut tape, &by, &mut grads);
            let heads = policy.params.len() - if features > 0 { HEADS } else { 0 };
            for i in (0..grads.len()).filter(|i| *i != heads) {
                let at = |d: f32| {
                    let mut p = policy.clone();
                    p.params[i] += d;
                    loss(&p)
                };
                let h = 1e-2;
                let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
                let g = f64::from(grads[i]);
                assert!((slope - g).abs() < 3e-3 * (1.0 + g.abs()), "{features} features, {i}: {g} and {slope}");
            }
        }
    }

    #[test]
    fn a_score_does_not_depend_on_the_other_candidates() {
        let shape = Shape { observation: 3, features: 5, candidates: 6, slate: 2 };
        let policy = Policy::new(shape, 7, Source::new(2));
        let all = view(shape, 6, 1);
        let scores = policy.scores(&all);
        let two = View { features: all.features[15..25].to_vec(), count: 2, ..all.clone() };
        assert_eq!(policy.scores(&two), &scores[3..5]);
        assert!(scores.iter().all(|s| s.abs() < 2.0), "a fresh policy is close to random: {scores:?}");
    }

    #[test]
    fn a_policy_travels_by_name() {
        for features in [0, 5] {
            let shape = Shape { observation: 3, features, candidates: 6, slate: 2 };
            let policy = Policy::new(shape, 7, Source::new(2));
            let parts = policy.named().into_iter().map(|p| p.2).collect();
            assert_eq!(Policy::from_named(shape, 7, parts).as_ref(), Some(&policy));
            assert_eq!(Policy::from_named(shape, 8, policy.named().into_iter().map(|p| p.2).collect()), None);
        }
    }
}
