//! Slates by item-wise worth and a model of which item the user will choose (Ie et al., "SlateQ: a tractable decomposition
//! for reinforcement learning with recommendation sets", IJCAI 2019).
//!
//! Of a slate A the user consumes one item or none, item i at place k with weight w = e^(b_k + c_i(s) − n(s)), nothing with
//! weight 1. With q(s, i) = B(s) + A(s, i) for what follows once i is consumed, and B(s) once nothing is, a slate is worth
//!
//! ```text
//! Q(s, A) = B(s) + Σ_i w_i·A(s, i) / (1 + Σ_i w_i)
//! ```
//!
//! The best slate of a fraction like this is found exactly by Dinkelbach's method ("On nonlinear fractional programming",
//! Management Science 13, 1967): for the λ that is the best slate's own gain over B, it is the k candidates with the highest
//! w·(A − λ), in that order (heavier places come first). Each step takes the best slate for a λ and its gain as the next λ;
//! a few steps end it. This gives the same slates as the linear program of the paper.

use super::{
    nn::{Mlp, Tape, padded},
    plackett::{self, Work},
    policy::{Policy, PolicyTape, Views},
    task::{Shape, View},
};
use crate::math::{Purpose, Source, exp};

/// The widest that a weight's exponent counts.
const WIDEST: f32 = 20.0;
/// Dinkelbach's steps at most: they converge faster than linearly, so few are ever taken.
const STEPS: usize = 16;

/// The model of the user's choice, and what following it is worth at its base.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// c: what draws the user to each candidate.
    pub(super) attraction: Policy,
    state: Mlp,
    /// The parameters of a network with two outputs: B(s), in scaled reward, and n(s).
    pub(super) state_params: Vec<f32>,
    /// b: what a place adds, one number each.
    pub(super) places: Vec<f32>,
}

/// What forward passes of [`Policy::rank`] leave behind.
#[derive(Clone, Debug, Default)]
pub struct RankTape {
    /// Of the policy's own network.
    pub(super) worth: PolicyTape,
    /// Of the attraction.
    pub(super) attraction: PolicyTape,
    /// Of the state.
    pub(super) state: Tape,
    ranks: Vec<f32>,
    weights: Vec<f32>,
    work: Work,
    slate: Vec<usize>,
}

impl Choice {
    /// A fresh model that holds all candidates and places to be alike.
    pub(super) fn new(shape: Shape, hidden: usize, source: Source) -> Self {
        let state = network(shape, hidden);
        Self {
            attraction: Policy::new(shape, hidden, source.keyed(1)),
            state_params: state.init(|_| 0.01, &mut source.keyed(2).stream(Purpose::Learn)),
            state,
            places: vec![0.0; shape.slate],
        }
    }

    pub(super) fn state(&self) -> &Mlp {
        &self.state
    }

    /// The parameters by name, with their shapes.
    pub(super) fn named(&self) -> Vec<(String, Vec<usize>, Vec<f32>)> {
        let under = |part: &'static str| move |(name, shape, data)| (format!("{part}.{name}"), shape, data);
        let mut all: Vec<(String, Vec<usize>, Vec<f32>)> =
            self.attraction.named().into_iter().map(under("attraction")).collect();
        all.extend(self.state.named(&self.state_params).into_iter().map(under("state")));
        all.push(("places".into(), vec![self.places.len()], self.places.clone()));
        all
    }

    /// A model from what [`named`](Self::named) gave; `None` where the sizes differ.
    pub(super) fn from_named(shape: Shape, hidden: usize, mut parts: Vec<Vec<f32>>) -> Option<Self> {
        let state = network(shape, hidden);
        let places = parts.pop().filter(|p| p.len() == shape.slate)?;
        let state_params = state.from_named(&parts.split_off(parts.len().checked_sub(2 * state.layers())?))?;
        Some(Self { attraction: Policy::from_named(shape, hidden, parts)?, state, state_params, places })
    }

    /// Whether all parameters are numbers.
    pub(super) fn is_finite(&self) -> bool {
        let all = self.attraction.params.iter().chain(&self.state_params).chain(&self.places);
        all.copied().all(f32::is_finite)
    }

    /// Runs the networks of the choice on some views.
    pub(super) fn forward(&self, views: &Views, which: &[u32], tape: &mut RankTape) {
        self.attraction.forward(views, which, &mut tape.attraction);
        self.state.forward(&self.state_params, which.len(), &mut tape.state, |to| views.fill(which, to));
    }

    /// B and n of the view at a row of the tape.
    pub(super) fn of_state(tape: &RankTape, row: usize) -> (f32, f32) {
        let out = &tape.state.output()[row * padded(2)..];
        (out[0], out[1])
    }
}

fn network(shape: Shape, hidden: usize) -> Mlp {
    Mlp::new(&[shape.observation, hidden, hidden, 2])
}

/// The weight of an item beside consuming nothing.
pub(super) fn weight(attraction: f32, place: f32, nothing: f32) -> f32 {
    exp((attraction + place - nothing).clamp(-WIDEST, WIDEST))
}

/// λ: what the best slate gains over consuming nothing. `gains` are A, `weights` the w of the candidates at a place that
/// adds nothing, `places` what the weights are multiplied by from the top.
fn level(gains: &[f32], weights: &[f32], places: &[f32], work: &mut Work, slate: &mut Vec<usize>) -> f32 {
    let mut at = 0.0f32;
    let mut keys = vec![0.0; gains.len()];
    for step in 0..STEPS {
        for ((key, a), w) in keys.iter_mut().zip(gains).zip(weights) {
            *key = w * (a - at);
        }
        plackett::best(&keys, places.len(), work, slate);
        let (mut earned, mut total) = (0.0f32, 1.0f32);
        for (&i, k) in slate.iter().zip(places) {
            earned += k * weights[i] * gains[i];
            total += k * weights[i];
        }
        let next = earned / total;
        // The first step may fall, from 0 to what a slate that must be filled can come to; all others rise.
        if step > 0 && next <= at + 1e-6 * at.abs() {
            break;
        }
        at = next;
    }
    at
}

impl Policy {
    /// What candidates are ranked by, a row of [`width`](Self::width) for each view: the scores themselves, or where a
    /// model of the user's choice is part of the policy, w·(A − λ).
    pub fn rank<'t>(&self, views: &Views, which: &[u32], tape: &'t mut RankTape) -> &'t [f32] {
        self.rank_beside(views, which, None, tape)
    }

    /// The same with a λ that is given, or each view's own.
    fn rank_beside<'t>(&self, views: &Views, which: &[u32], given: Option<f32>, tape: &'t mut RankTape) -> &'t [f32] {
        let Some(choice) = &self.choice else { return self.forward(views, which, &mut tape.worth) };
        self.forward(views, which, &mut tape.worth);
        choice.forward(views, which, tape);
        let width = self.width();
        tape.ranks.clear();
        tape.ranks.resize(which.len() * width, 0.0);
        for (row, &i) in which.iter().enumerate() {
            let count = views.count(i as usize);
            let own = self.gained(tape, row, count);
            let gained = given.unwrap_or(own);
            let gains = &self.scored(&tape.worth)[row * width..][..count];
            for ((rank, a), w) in tape.ranks[row * width..].iter_mut().zip(gains).zip(&tape.weights) {
                *rank = w * (a - gained);
            }
        }
        &tape.ranks
    }

    /// λ of a view: what its best slate gains over consuming nothing; 0 without a model of the choice.
    pub(super) fn gained_by_best(&self, view: &View) -> f32 {
        let (mut views, mut tape) = (Views::new(self.shape()), RankTape::default());
        views.push(view);
        self.rank(&views, &[0], &mut tape);
        self.gained(&mut tape, 0, view.count)
    }

    /// What one view's candidates are ranked by, held against the λ of other candidates.
    pub(super) fn scores_beside(&self, view: &View, gained: f32) -> Vec<f32> {
        let (mut views, mut tape) = (Views::new(self.shape()), RankTape::default());
        views.push(view);
        self.rank_beside(&views, &[0], Some(gained), &mut tape)[..view.count].to_vec()
    }

    /// λ of the view at a row of the tape, leaving its candidates' weights there; 0 without a model of the choice.
    pub(super) fn gained(&self, tape: &mut RankTape, row: usize, count: usize) -> f32 {
        let Some(choice) = &self.choice else { return 0.0 };
        let at = row * self.width();
        let (_, nothing) = Choice::of_state(tape, row);
        let drawn = &self.scored(&tape.attraction)[at..at + count];
        tape.weights.clear();
        tape.weights.extend(drawn.iter().map(|c| weight(*c, 0.0, nothing)));
        let places: Vec<f32> = choice.places.iter().map(|b| exp(b.clamp(-WIDEST, WIDEST))).collect();
        let gains = &self.scored(&tape.worth)[at..at + count];
        level(gains, &tape.weights, &places, &mut tape.work, &mut tape.slate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Stream;

    /// Every ordered slate of two, by the definition.
    fn exhaustive(gains: &[f32], weights: &[f32], places: &[f32]) -> f32 {
        let mut best = f32::NEG_INFINITY;
        for i in 0..gains.len() {
            for j in (0..gains.len()).filter(|j| *j != i) {
                let (a, b) = (places[0] * weights[i], places[1] * weights[j]);
                best = best.max((a * gains[i] + b * gains[j]) / (1.0 + a + b));
            }
        }
        best
    }

    #[test]
    fn the_level_is_that_of_the_best_of_all_slates() {
        let mut random: Stream = Source::new(3).stream(Purpose::Other);
        for shift in [-1.0, 0.0, 1.0] {
            for _ in 0..300 {
                let gains: Vec<f32> = (0..7).map(|_| shift + random.normal()).collect();
                let weights: Vec<f32> = (0..7).map(|_| exp(random.normal())).collect();
                let places = [1.6, 0.7];
                let got = level(&gains, &weights, &places, &mut Work::default(), &mut Vec::new());
                let truth = exhaustive(&gains, &weights, &places);
                assert!((got - truth).abs() < 1e-5, "{got} and {truth} of {gains:?} {weights:?}");
            }
        }
    }

    #[test]
    fn a_policy_with_a_choice_model_travels_by_name_and_ranks_alike() {
        for features in [0, 5] {
            let shape = Shape { observation: 3, features, candidates: 6, slate: 2 };
            let mut policy = Policy::new(shape, 8, Source::new(1));
            let plain = policy.clone();
            policy.choice = Some(Box::new(Choice::new(shape, 8, Source::new(2))));
            let parts = policy.named().into_iter().map(|p| p.2).collect();
            assert_eq!(Policy::from_named(shape, 8, parts).as_ref(), Some(&policy));
            assert_ne!(policy, plain);
        }
    }
}
