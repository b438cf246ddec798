//! Long-term satisfaction ("choc and kale"): clickbait engages now and wears the user out.

use super::seen::{Click, Seen};
use crate::{
    learn::task::{Outcome, Shape, View},
    math::{Purpose, Source},
};

/// Steps of an episode: the user's budget, one a step.
pub(super) const STEPS: u32 = 60;
/// How much of the net positive exposure stays from step to step.
const DISCOUNT: f64 = 0.7;
/// The standard deviation of what moves the exposure by chance.
const INNOVATION: f64 = 0.05;
/// The log of engagement under full satisfaction, for pure clickbait and for none.
const CHOC: f64 = 5.0;
/// See [`CHOC`].
const KALE: f64 = 4.0;
/// The most engagement that a response tells.
const MOST_TOLD: f64 = 100.0;
/// Numbers that describe the situation to a learner.
const OBSERVED: usize = 5;

/// The state of an episode.
#[derive(Clone, Debug)]
pub(super) struct Satisfaction {
    slate_size: usize,
    sensitivity: f64,
    source: Source,
    step: u32,
    /// Hidden: the net positive exposure.
    exposure: f64,
    clickbait: Vec<f32>,
    shown: Vec<(u8, f32)>,
    click: Option<Click>,
}

impl Satisfaction {
    pub(super) fn new(slate_size: usize, candidates: usize, sensitivity: f64) -> Self {
        Self {
            slate_size,
            sensitivity,
            source: Source::new(0),
            step: 0,
            exposure: 0.0,
            clickbait: vec![0.0; candidates],
            shown: Vec::with_capacity(slate_size),
            click: None,
        }
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { observation: OBSERVED, features: 1, candidates: self.clickbait.len(), slate: self.slate_size }
    }

    pub(super) fn begin(&mut self, seed: u64) {
        self.source = Source::new(seed);
        let start = f64::from(self.source.stream(Purpose::Profile).uniform());
        self.exposure = (start - 0.5) / (1.0 - DISCOUNT);
        (self.step, self.click) = (0, None);
        self.shown.clear();
        self.restock();
    }

    fn restock(&mut self) {
        let mut draw = self.source.keyed(u64::from(self.step)).stream(Purpose::Catalog);
        self.clickbait.fill_with(|| draw.open());
    }

    pub(super) fn advance(&mut self, slate: &[usize]) -> Outcome {
        let mut draw = self.source.keyed(u64::from(self.step)).stream(Purpose::Click);
        self.shown.clear();
        self.shown.extend(slate.iter().map(|&i| (0, self.clickbait[i])));
        // The first item is always consumed.
        let reward =
            self.consume(f64::from(self.clickbait[slate[0]]), f64::from(draw.normal()), f64::from(draw.normal()));
        self.click = Some(Click { place: 0, amount: reward });
        self.step += 1;
        self.restock();
        Outcome { reward, terminated: self.step >= STEPS, truncated: false }
    }

    /// The engagement with an item of clickbait `c`, the exposure being moved by it. Both kinds of luck are standard
    /// normal.
    fn consume(&mut self, c: f64, luck: f64, innovation: f64) -> f64 {
        let satisfaction = 1.0 / (1.0 + libm::exp(-self.sensitivity * self.exposure));
        let reward = libm::exp((CHOC * c + KALE * (1.0 - c)) * satisfaction + luck);
        self.exposure = DISCOUNT * self.exposure - 2.0 * (c - 0.5) + INNOVATION * innovation;
        reward
    }

    /// From here on, luck is another seed's: what is chosen, and what is offered from the next step on.
    pub(super) fn luck(&mut self, seed: u64) {
        self.source = Source::new(seed);
    }

    /// Another hidden state that shows in nothing yet: for the conformance checker.
    pub(super) fn disturb(&mut self) {
        self.exposure += 3.0;
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            step: self.step,
            horizon: Some(STEPS),
            user: &[],
            topics: &[],
            qualities: &[],
            clickbait: &self.clickbait,
            shown: &self.shown,
            click: self.click.map(|c| Click { amount: c.amount.min(MOST_TOLD), ..c }),
        }
    }

    pub(super) fn clicks(&self) -> u32 {
        self.step
    }

    /// How much of the episode is left and how near its end is; the last engagement (its log, as far as it is told) and
    /// the clickbait it came of. For each candidate, its clickbait from −1 to 1.
    pub(super) fn observe(&self, view: &mut View) {
        let left = (STEPS - self.step) as f32;
        let seen = self.seen();
        let engaged = seen.click.map_or(0.0, |c| libm::log(1.0 + c.amount) as f32 / 5.0);
        let consumed = self.shown.first().map_or(0.0, |(_, c)| 2.0 * c - 1.0);
        view.count = self.clickbait.len();
        view.observation.clear();
        view.observation.extend([left / STEPS as f32, 1.0 / left.max(1.0), libm::expf(-left / 4.0), engaged, consumed]);
        view.features.clear();
        view.features.extend(self.clickbait.iter().map(|c| 2.0 * c - 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_does_what_the_paper_says() {
        let mut s = Satisfaction::new(1, 1, 0.3);
        // Exposure 0: satisfaction ½. Clickbait 0.8: log engagement (4 + 0.8)·½ = 2.4, plus luck 0.5.
        assert!((s.consume(0.8, 0.5, 0.0) - libm::exp(2.9)).abs() < 1e-9);
        assert!((s.exposure + 0.6).abs() < 1e-12);
        // σ(−0.18) = 0.455121; 4.2·0.455121 = 1.911507. Exposure −0.42 + 0.6 + 0.05.
        assert!((s.consume(0.2, 0.0, 1.0) - libm::exp(1.911_507)).abs() < 1e-4);
        assert!((s.exposure - 0.23).abs() < 1e-12);
    }
}
