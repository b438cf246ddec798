//! Temperature scaling: what log-probabilities are to be divided by, fitted by maximum likelihood to what was done
//! (Guo et al., "On calibration of modern neural networks", 2017).
//!
//! With β = 1/T the log-likelihood Σ (β l_y − ln Σ_a exp(β l_a)) is concave, so its derivative crosses zero once at the
//! most, and halving the interval finds where.

use serde::{Deserialize, Serialize};

/// The temperatures among which one is looked for.
pub const RANGE: [f64; 2] = [0.05, 20.0];
/// Halvings of the interval: enough for a double's digits.
const HALVINGS: u32 = 60;
/// Standard errors either way of a 95 % interval.
const Z: f64 = 1.959_964;

/// One choice: the log-probability of each alternative, in any order and up to a constant, and which was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The log-probabilities.
    pub logits: Vec<f32>,
    /// The place of what was chosen.
    pub chosen: usize,
}

/// A fitted temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    /// The temperature, within [`RANGE`].
    pub value: f64,
    /// The 95 % interval's lower end, from the curvature of the likelihood.
    pub low: f64,
    /// Its upper end; none where the data set no bound.
    pub high: Option<f64>,
}

/// The log-probability of what was chosen, at 1/T = `beta`; its derivative by `beta`; and the variance of the logits
/// under the chances, which is the curvature's negative.
fn terms(choice: &Choice, beta: f64) -> (f64, f64, f64) {
    let logits = || choice.logits.iter().map(|l| f64::from(*l));
    let top = logits().fold(f64::NEG_INFINITY, f64::max);
    let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
    for l in logits() {
        let weight = libm::exp(beta * (l - top));
        total += weight;
        first += weight * l;
        second += weight * l * l;
    }
    let (mean, square) = (first / total, second / total);
    let own = logits().nth(choice.chosen).unwrap_or(top);
    (beta * (own - top) - libm::log(total), own - mean, (square - mean * mean).max(0.0))
}

/// The mean log-probability of what was chosen at a temperature; 0 of no choices.
#[must_use]
pub fn log_likelihood(choices: &[Choice], temperature: f64) -> f64 {
    let sum: f64 = choices.iter().map(|c| terms(c, 1.0 / temperature).0).sum();
    sum / choices.len().max(1) as f64
}

/// The temperature under which the choices are the most likely; `None` of no choices.
#[must_use]
pub fn fit(choices: &[Choice]) -> Option<Temperature> {
    if choices.is_empty() {
        return None;
    }
    let slope = |beta: f64| choices.iter().map(|c| terms(c, beta).1).sum::<f64>();
    // Halved by ratios: temperatures differ by factors.
    let (mut low, mut high) = (1.0 / RANGE[1], 1.0 / RANGE[0]);
    for _ in 0..HALVINGS {
        let middle = libm::sqrt(low * high);
        if slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    let beta = libm::sqrt(low * high);
    let information: f64 = choices.iter().map(|c| terms(c, beta).2).sum();
    let half = Z / libm::sqrt(information);
    let high = (half.is_finite() && beta > half).then(|| 1.0 / (beta - half));
    let low = if half.is_finite() { 1.0 / (beta + half) } else { 0.0 };
    Some(Temperature { value: 1.0 / beta, low, high })
}

/// The mean log-probability of choices that were left out of the fit: each part is judged at the temperature that the
/// others give. `part_of` says which part a choice is in.
#[must_use]
pub fn held_out(choices: &[Choice], part_of: &[usize], parts: usize) -> Option<f64> {
    let mut sum = 0.0;
    for part in 0..parts {
        let of = |inside: bool| {
            let kept = choices.iter().zip(part_of).filter(|(_, p)| (**p == part) == inside);
            kept.map(|(c, _)| c.clone()).collect::<Vec<_>>()
        };
        let judged = of(true);
        if judged.is_empty() {
            continue;
        }
        sum += log_likelihood(&judged, fit(&of(false))?.value) * judged.len() as f64;
    }
    (!choices.is_empty()).then(|| sum / choices.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source, Stream};

    /// Choices drawn at a temperature from made-up log-probabilities of seven alternatives.
    fn drawn(temperature: f64, n: usize) -> Vec<Choice> {
        drawn_on(7, temperature, n)
    }

    fn drawn_on(seed: u64, temperature: f64, n: usize) -> Vec<Choice> {
        let mut stream: Stream = Source::new(seed).stream(Purpose::Model);
        let one = |_| {
            let logits: Vec<f32> = (0..7).map(|_| 4.0 * stream.uniform() - 2.0).collect();
            let weights: Vec<f64> = logits.iter().map(|l| libm::exp(f64::from(*l) / temperature)).collect();
            let mut left = f64::from(stream.uniform()) * weights.iter().sum::<f64>();
            let chosen = weights.iter().position(|w| {
                left -= w;
                left < 0.0
            });
            Choice { logits, chosen: chosen.unwrap_or(6) }
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn a_temperature_is_found_again() {
        for truth in [0.4, 1.0, 2.5] {
            let found = fit(&drawn(truth, 4000)).expect("there are choices");
            assert!((found.value / truth - 1.0).abs() < 0.1, "{truth}: {found:?}");
        }
    }

    #[test]
    fn its_interval_holds_the_truth_about_as_often_as_it_says() {
        let holds = |truth: f64, seed: u64| {
            let found = fit(&drawn_on(seed, truth, 400)).expect("there are choices");
            found.low < truth && found.high.is_none_or(|high| high > truth)
        };
        let held: usize = [0.4, 1.0, 2.5].iter().map(|t| (0..40).filter(|seed| holds(*t, *seed)).count()).sum();
        assert!(held >= 100, "{held} of 120");
    }

    #[test]
    fn no_other_temperature_makes_the_choices_likelier() {
        let choices = drawn(1.7, 300);
        let found = fit(&choices).expect("there are choices").value;
        let best = log_likelihood(&choices, found);
        for other in [0.5, 0.95, 1.05, 2.0] {
            assert!(best > log_likelihood(&choices, found * other));
        }
    }

    #[test]
    fn choices_that_go_against_the_model_flatten_it_and_choices_that_follow_sharpen_it() {
        let one = |chosen| Choice { logits: vec![0.0, -1.0, -2.0], chosen };
        let against = fit(&[one(2), one(2)]).expect("there are choices");
        assert!((against.value - RANGE[1]).abs() < 1e-6 && against.high.is_none());
        let with = fit(&[one(0), one(0)]).expect("there are choices");
        assert!((with.value - RANGE[0]).abs() < 1e-6);
        assert_eq!(fit(&[]), None);
    }

    #[test]
    fn alternatives_that_are_all_alike_are_equally_likely_at_any_temperature() {
        let even = [Choice { logits: vec![-1.5; 4], chosen: 1 }];
        assert!((log_likelihood(&even, 0.3) + libm::log(4.0)).abs() < 1e-12);
        let found = fit(&even).expect("there is a choice");
        assert_eq!((found.low, found.high), (0.0, None));
    }

    #[test]
    fn what_is_left_out_is_judged_by_the_rest() {
        let choices = drawn(2.0, 400);
        let halves: Vec<usize> = (0..choices.len()).map(|i| i % 2).collect();
        let out = held_out(&choices, &halves, 2).expect("there are choices");
        let within = log_likelihood(&choices, fit(&choices).expect("there are choices").value);
        assert!(out < within && out > within - 0.05, "{out} {within}");
        assert_eq!(held_out(&[], &[], 2), None);
    }
}
