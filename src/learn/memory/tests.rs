//! Tests of the parts against what can be computed another way.

use super::{
    NUISANCES,
    data::{Look, Run},
    model::Trace,
    weights::{COUNT, SCALARS, Scalar, Weights},
};
use crate::{
    math::{Purpose, Source},
    recommender::FEATURES,
    user::CONTEXT,
};

/// Random weights and a random session of `looks` looks.
fn random(seed: u64, looks: usize) -> (Weights, Run) {
    let mut r = Source::new(seed).stream(Purpose::Other);
    let mut flat: Vec<f64> = (0..COUNT).map(|_| 0.4 * f64::from(r.normal())).collect();
    flat[Scalar::Fading as usize] = -2.0;
    let run = Run {
        context: core::array::from_fn(|c| if c % 3 == 0 { 0.33 } else { 0.0 }),
        looks: (0..looks)
            .map(|_| Look {
                row: core::array::from_fn(|_| r.normal() / (FEATURES as f32).sqrt()),
                clicked: r.chance(0.4),
                watched: f64::from(r.uniform()),
                valence: f64::from(r.normal()) * 0.4,
                nuisance: core::array::from_fn(|_| 0.3 * f64::from(r.normal())),
            })
            .collect(),
    };
    (Weights { flat }, run)
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    for (seed, looks) in [(1, 1), (2, 7), (3, 80)] {
        let (w, run) = random(seed, looks);
        let mut trace = Trace::default();
        let mut gradient = vec![0.0; COUNT];
        trace.forward(&w, &run);
        trace.backward(&w, &run, &mut gradient);
        // Every scalar, and every seventh of the rest.
        for i in (0..SCALARS).chain((SCALARS..COUNT).step_by(7)) {
            let h = 1e-5;
            let at = |by: f64, trace: &mut Trace| {
                let mut moved = w.clone();
                moved.flat[i] += by;
                trace.forward(&moved, &run)
            };
            let slope = (at(h, &mut trace) - at(-h, &mut trace)) / (2.0 * h);
            let error = (slope - gradient[i]).abs() / (1.0 + slope.abs());
            assert!(error < 2e-6, "parameter {i}, {looks} looks: {slope} and {}", gradient[i]);
        }
    }
}

#[test]
fn importance_sums_to_one_and_reaches_no_further_than_the_window() {
    let (w, run) = random(5, 90);
    let mut trace = Trace::default();
    trace.forward(&w, &run);
    for look in [0, 1, 40, 89] {
        let (first, alpha) = trace.importance(look).expect("a look");
        assert!((alpha.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(alpha.len(), look - first + 1);
        assert!(look - first <= super::model::WINDOW);
    }
    assert!(trace.importance(90).is_none());
}

#[test]
fn turning_the_estimated_space_changes_no_likelihood() {
    let (mut w, run) = random(6, 30);
    // Without tanh's bend the likelihood cannot see a turn; here the mindset is small, so that the bend is too.
    for v in &mut w.flat[SCALARS..SCALARS + 16 * (1 + CONTEXT)] {
        *v *= 1e-4;
    }
    w.set(Scalar::Recall, 1e-3);
    let mut trace = Trace::default();
    let before = trace.forward(&w, &run);
    let at = COUNT - 16 * FEATURES;
    let (c, s) = (0.6, 0.8);
    let mut turned = w.clone();
    let mut turn = |i: usize, j: usize| {
        let (a, b) = (turned.flat[i], turned.flat[j]);
        turned.flat[i] = c * a - s * b;
        turned.flat[j] = s * a + c * b;
    };
    for f in 0..FEATURES {
        turn(at + f, at + 5 * FEATURES + f);
    }
    turn(SCALARS, SCALARS + 5);
    for k in 0..CONTEXT {
        turn(SCALARS + 16 + k, SCALARS + 16 + 5 * CONTEXT + k);
    }
    let after = trace.forward(&turned, &run);
    assert!((before - after).abs() < 1e-6, "{before} and {after}");
}

#[test]
fn the_chances_give_the_likelihood() {
    let (w, run) = random(8, 25);
    assert_eq!(run.looks[0].nuisance.len(), NUISANCES);
    let mut trace = Trace::default();
    let total = trace.forward(&w, &run);
    let by_hand: f64 =
        trace.chances().zip(&run.looks).map(|(p, l)| libm::log(if l.clicked { p } else { 1.0 - p })).sum();
    assert!((total - by_hand).abs() < 1e-9);
}
