//! Interest exploration: what most people click on hides what this user would.

use super::seen::{Click, Seen};
use crate::{
    learn::task::{Outcome, Shape, View},
    math::{Purpose, Source},
};

/// How many topics there are, and kinds of users.
const TOPICS: usize = 2;
/// The share of users of the first kind.
const FIRST_KIND: f32 = 0.3;
/// The share of documents of the first topic.
const FIRST_TOPIC: f32 = 0.2;
/// The mean log affinity of each kind of user to each topic.
const AFFINITY: [[f32; TOPICS]; 2] = [[0.1, 0.7], [0.7, 0.1]];
/// The mean log quality of each topic.
const QUALITY: [f32; TOPICS] = [0.8, 0.2];
/// The standard deviation of both logs.
const SPREAD: f32 = 0.1;
/// The logit of clicking on nothing.
const NOTHING: f32 = 5.0;
/// Steps of an episode: RecSim's never ends.
pub(super) const HORIZON: u32 = 100;
/// Numbers that describe the situation to a learner.
const OBSERVED: usize = 5;
/// Numbers that describe a candidate: its topic, its quality, and its quality in its topic's place.
const FEATURES: usize = 2 * TOPICS + 1;

/// The state of an episode.
#[derive(Clone, Debug)]
pub(super) struct Exploration {
    slate_size: usize,
    source: Source,
    step: u32,
    /// Hidden.
    affinity: [f32; TOPICS],
    topics: Vec<u8>,
    qualities: Vec<f32>,
    shown: Vec<(u8, f32)>,
    click: Option<Click>,
    /// What anybody could have counted: places given to each topic, and clicks on it.
    places: [u32; TOPICS],
    clicked: [u32; TOPICS],
}

impl Exploration {
    pub(super) fn new(slate_size: usize, candidates: usize) -> Self {
        Self {
            slate_size,
            source: Source::new(0),
            step: 0,
            affinity: [0.0; TOPICS],
            topics: vec![0; candidates],
            qualities: vec![0.0; candidates],
            shown: Vec::with_capacity(slate_size),
            click: None,
            places: [0; TOPICS],
            clicked: [0; TOPICS],
        }
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { observation: OBSERVED, features: FEATURES, candidates: self.topics.len(), slate: self.slate_size }
    }

    pub(super) fn begin(&mut self, seed: u64) {
        self.source = Source::new(seed);
        let mut draw = self.source.stream(Purpose::Profile);
        let kind = AFFINITY[usize::from(draw.uniform() >= FIRST_KIND)];
        self.affinity = kind.map(|m| libm::expf(m + SPREAD * draw.normal()));
        (self.step, self.click) = (0, None);
        (self.places, self.clicked) = ([0; TOPICS], [0; TOPICS]);
        self.shown.clear();
        self.restock();
    }

    fn restock(&mut self) {
        let mut draw = self.source.keyed(u64::from(self.step)).stream(Purpose::Catalog);
        for (topic, quality) in self.topics.iter_mut().zip(&mut self.qualities) {
            let t = usize::from(draw.uniform() >= FIRST_TOPIC);
            *topic = t as u8;
            *quality = libm::expf(QUALITY[t] + SPREAD * draw.normal());
        }
    }

    /// What a document weighs against others, relative to clicking on nothing.
    fn weight(&self, topic: u8, quality: f32) -> f32 {
        libm::expf(self.affinity[topic as usize] + quality - NOTHING)
    }

    pub(super) fn advance(&mut self, slate: &[usize]) -> Outcome {
        let mut draw = self.source.keyed(u64::from(self.step)).stream(Purpose::Click);
        self.shown.clear();
        let mut total = 1.0;
        for &i in slate {
            let (topic, quality) = (self.topics[i], self.qualities[i]);
            self.shown.push((topic, quality));
            self.places[topic as usize] += 1;
            total += self.weight(topic, quality);
        }
        let mut left = draw.uniform() * total;
        self.click = None;
        for (place, (topic, quality)) in self.shown.iter().enumerate() {
            left -= self.weight(*topic, *quality);
            if left < 0.0 {
                self.click = Some(Click { place, amount: 1.0 });
                self.clicked[*topic as usize] += 1;
                break;
            }
        }
        self.step += 1;
        self.restock();
        let reward = self.click.map_or(0.0, |c| c.amount);
        Outcome { reward, terminated: false, truncated: self.step >= HORIZON }
    }

    /// From here on, luck is another seed's: what is chosen, and what is offered from the next step on.
    pub(super) fn luck(&mut self, seed: u64) {
        self.source = Source::new(seed);
    }

    /// Another hidden state that shows in nothing yet: for the conformance checker.
    pub(super) fn disturb(&mut self) {
        self.affinity.reverse();
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            step: self.step,
            horizon: Some(HORIZON),
            user: &[],
            topics: &self.topics,
            qualities: &self.qualities,
            clickbait: &[],
            shown: &self.shown,
            click: self.click,
        }
    }

    /// The user's hidden affinities: for an agent that is marked as an oracle.
    pub(super) fn affinity(&self) -> &[f32] {
        &self.affinity
    }

    pub(super) fn clicks(&self) -> u32 {
        self.clicked.iter().sum()
    }

    /// For each topic the share of its places that were clicked, drawn towards the average click rate of one place (0.1)
    /// while there are few, and how many places it was given; and how much of the episode is over.
    pub(super) fn observe(&self, view: &mut View) {
        view.count = self.topics.len();
        view.observation.clear();
        for (clicked, places) in self.clicked.iter().zip(&self.places) {
            let rate = (*clicked as f32 + 0.5) / (*places as f32 + 5.0);
            view.observation.extend([5.0 * (rate - 0.1), libm::logf(1.0 + *places as f32) / 5.0]);
        }
        view.observation.push(self.step as f32 / HORIZON as f32);
        view.features.clear();
        view.features.resize(FEATURES * view.count, 0.0);
        for ((row, topic), quality) in view.features.chunks_exact_mut(FEATURES).zip(&self.topics).zip(&self.qualities) {
            let (t, q) = (*topic as usize, quality - 1.7);
            row[t] = 1.0;
            row[TOPICS] = q;
            row[TOPICS + 1 + t] = q;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_is_a_softmax_over_affinity_and_quality() {
        let mut e = Exploration::new(2, 2);
        let (n, mut counts) = (40_000u64, [0u32; 3]);
        for seed in 0..n {
            e.begin(seed);
            // e^(2+2−5), e^(1+2.5−5), 1: shares 0.2312, 0.1402, 0.6286.
            (e.affinity, e.topics[0], e.topics[1]) = ([2.0, 1.0], 0, 1);
            (e.qualities[0], e.qualities[1]) = (2.0, 2.5);
            e.advance(&[0, 1]);
            counts[e.click.map_or(2, |c| c.place)] += 1;
        }
        for (count, share) in counts.into_iter().zip([0.2312, 0.1402, 0.6286]) {
            let seen = f64::from(count) / n as f64;
            assert!((seen - share).abs() < 4.0 * (share * (1.0 - share) / n as f64).sqrt(), "{seen} for {share}");
        }
    }
}
