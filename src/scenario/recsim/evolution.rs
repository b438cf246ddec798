//! Interest evolution: what a user watches moves what they like, and good videos buy time.

use super::seen::{Click, Seen};
use crate::{
    learn::task::{Outcome, Shape, View},
    math::{Purpose, Source},
};

/// How many topics there are, and interests.
pub(super) const TOPICS: usize = 20;
/// How long every video is, minutes.
pub(super) const LENGTH: f64 = 4.0;
/// The time a user has, minutes.
const BUDGET: f64 = 200.0;
/// What a slate costs of which nothing is watched, minutes.
pub(super) const PENALTY: f64 = 0.5;
/// How much of a watched minute a unit of quality gives back.
pub(super) const REFUND: f64 = 0.9 / 3.4;
/// The weight of watching nothing (RecSim's `no_click_mass` less its `min_normalizer`).
pub(super) const NOTHING: f32 = 2.0;
/// The standard deviation of quality within a topic.
const SPREAD: f32 = 0.1;
/// Numbers that describe a candidate to a learner: its topic, its quality, its quality in its topic's place, and how
/// interested the user is in its topic.
const FEATURES: usize = 2 * TOPICS + 2;
/// Numbers that describe the situation to a learner: the interests, and what the published rules say is left of a user's
/// usual time after what the public record shows (as it is, and how near the end is). The budget itself stays hidden.
const OBSERVED: usize = TOPICS + 2;
/// Steps after which an episode is cut off. RecSim sets none: a step costs half a minute or more unless quality is
/// above 3.3, so nothing comes near.
pub(super) const HORIZON: u32 = 1000;

/// The mean quality of each topic: fourteen values evenly from −3 to 0, then six from 0 to 3.
const MEANS: [f32; TOPICS] = {
    let mut means = [0.0; TOPICS];
    let mut i = 0;
    while i < 14 {
        means[i] = -3.0 + 3.0 * i as f32 / 13.0;
        i += 1;
    }
    while i < TOPICS {
        means[i] = 3.0 * (i - 14) as f32 / 5.0;
        i += 1;
    }
    means
};

/// The state of an episode: arrays of one kind each, none of which grows after it is made.
#[derive(Clone, Debug)]
pub(super) struct Evolution {
    slate_size: usize,
    source: Source,
    step: u32,
    interests: [f32; TOPICS],
    /// Hidden.
    budget: f64,
    /// The minutes that the public record costs: responses tell what was watched, for how long and of what quality.
    spent: f64,
    topics: Vec<u8>,
    qualities: Vec<f32>,
    /// The last slate: topics and qualities from the top, and which was watched for how long.
    shown: Vec<(u8, f32)>,
    click: Option<Click>,
    clicks: u32,
}

impl Evolution {
    pub(super) fn new(slate_size: usize, candidates: usize) -> Self {
        Self {
            slate_size,
            source: Source::new(0),
            step: 0,
            interests: [0.0; TOPICS],
            budget: 0.0,
            spent: 0.0,
            topics: vec![0; candidates],
            qualities: vec![0.0; candidates],
            shown: Vec::with_capacity(slate_size),
            click: None,
            clicks: 0,
        }
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { observation: OBSERVED, features: FEATURES, candidates: self.topics.len(), slate: self.slate_size }
    }

    pub(super) fn begin(&mut self, seed: u64) {
        self.source = Source::new(seed);
        let mut draw = self.source.stream(Purpose::Profile);
        self.interests.fill_with(|| 2.0 * draw.uniform() - 1.0);
        (self.step, self.budget, self.clicks, self.click) = (0, BUDGET, 0, None);
        self.spent = 0.0;
        self.shown.clear();
        self.restock();
    }

    /// New candidates, the same at a step of a seed whatever was shown before.
    fn restock(&mut self) {
        let mut draw = self.source.keyed(u64::from(self.step)).stream(Purpose::Catalog);
        draw.with_normals(&mut self.topics, &mut self.qualities, |draw| draw.below(TOPICS) as u8);
        for (topic, quality) in self.topics.iter().zip(&mut self.qualities) {
            *quality = MEANS[*topic as usize] + SPREAD * *quality;
        }
    }

    pub(super) fn advance(&mut self, slate: &[usize]) -> Outcome {
        let mut draw = self.source.keyed(u64::from(self.step)).stream(Purpose::Click);
        self.shown.clear();
        let mut total = NOTHING;
        for &i in slate {
            self.shown.push((self.topics[i], self.qualities[i]));
            total += self.interests[self.topics[i] as usize] + 1.0;
        }
        let mut left = draw.uniform() * total;
        let mut chosen = None;
        for (place, (topic, _)) in self.shown.iter().enumerate() {
            left -= self.interests[*topic as usize] + 1.0;
            if left < 0.0 {
                chosen = Some(place);
                break;
            }
        }
        let reward = match chosen {
            Some(place) => self.watch(place, draw.uniform()),
            None => {
                self.click = None;
                self.budget -= PENALTY;
                self.spent += PENALTY;
                0.0
            }
        };
        self.step += 1;
        self.restock();
        let terminated = self.budget <= 0.0;
        Outcome { reward, terminated, truncated: !terminated && self.step >= HORIZON }
    }

    /// The user watches the video at a place of the slate: how long. `luck` is uniform.
    fn watch(&mut self, place: usize, luck: f32) -> f64 {
        let (topic, quality) = self.shown[place];
        let watched = self.budget.min(LENGTH);
        let u = &mut self.interests[topic as usize];
        let change = 0.3 * (1.0 - u.abs()) * (1.0 - *u);
        let grows = luck < (*u + 1.0) / 2.0;
        *u = (*u + if grows { change } else { -change }).clamp(-1.0, 1.0);
        let gained = watched * (REFUND * f64::from(quality) - 1.0);
        self.budget += gained;
        self.spent -= gained;
        self.click = Some(Click { place, amount: watched });
        self.clicks += 1;
        watched
    }

    /// From here on, luck is another seed's: what is chosen, and what is offered from the next step on.
    pub(super) fn luck(&mut self, seed: u64) {
        self.source = Source::new(seed);
    }

    /// Another hidden state that shows in nothing yet: for the conformance checker.
    pub(super) fn disturb(&mut self) {
        self.budget /= 2.0;
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            step: self.step,
            horizon: None,
            user: &self.interests,
            topics: &self.topics,
            qualities: &self.qualities,
            clickbait: &[],
            shown: &self.shown,
            click: self.click,
        }
    }

    pub(super) fn clicks(&self) -> u32 {
        self.clicks
    }

    /// The interests, and for each candidate its topic, its quality, its quality in its topic's place (with which a score
    /// that is linear in features can price what a topic's quality does to the budget) and the interest in it.
    pub(super) fn observe(&self, view: &mut View) {
        view.count = self.topics.len();
        view.observation.clear();
        view.observation.extend_from_slice(&self.interests);
        let left = (BUDGET - self.spent) as f32;
        view.observation.extend([left / 100.0 - 1.0, libm::expf(-left.max(0.0) / 20.0)]);
        view.features.clear();
        view.features.resize(FEATURES * view.count, 0.0);
        for ((row, topic), quality) in view.features.chunks_exact_mut(FEATURES).zip(&self.topics).zip(&self.qualities) {
            let (t, q) = (*topic as usize, quality / 3.0);
            row[t] = 1.0;
            row[TOPICS] = q;
            row[TOPICS + 1 + t] = q;
            row[2 * TOPICS + 1] = self.interests[t];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state set by hand, so that what follows can be followed with pencil and paper.
    fn by_hand(u: f32, topic: u8, quality: f32, budget: f64) -> Evolution {
        let mut e = Evolution::new(1, 1);
        e.begin(1);
        e.budget = budget;
        e.interests[topic as usize] = u;
        e.shown.push((topic, quality));
        e
    }

    #[test]
    fn a_watched_video_does_what_the_paper_says() {
        // u = 0.5: δ = 0.3·0.5·0.5 = 0.075, added with probability 0.75. 4 minutes of quality −1.7 cost 4 + 1.8.
        let mut e = by_hand(0.5, 3, -1.7, 100.0);
        assert_eq!(e.watch(0, 0.74), 4.0);
        assert!((e.interests[3] - 0.575).abs() < 1e-6 && (e.budget - 94.2).abs() < 1e-6);
        let mut e = by_hand(0.5, 3, -1.7, 100.0);
        e.watch(0, 0.76);
        assert!((e.interests[3] - 0.425).abs() < 1e-6);
        // u = −0.8: δ = 0.3·0.2·1.8 = 0.108, taken off here. 1.5 minutes are left to watch; quality 3.4 gives back 0.9 each.
        let mut e = by_hand(-0.8, 19, 3.4, 1.5);
        assert_eq!(e.watch(0, 0.11), 1.5);
        assert!((e.interests[19] + 0.908).abs() < 1e-6 && (e.budget - 1.35).abs() < 1e-6);
    }

    #[test]
    fn qualities_have_their_topic_s_mean() {
        assert_eq!((MEANS[0], MEANS[13], MEANS[14], MEANS[19]), (-3.0, 0.0, 0.0, 3.0));
        let (mut e, mut sums) = (Evolution::new(2, 1000), [(0.0f64, 0.0f64, 0u32); TOPICS]);
        for seed in 0..40 {
            e.begin(seed);
            for (t, q) in e.topics.iter().zip(&e.qualities) {
                let d = f64::from(q - MEANS[*t as usize]);
                let s = &mut sums[*t as usize];
                *s = (s.0 + d, s.1 + d * d, s.2 + 1);
            }
        }
        for (t, (sum, squares, n)) in sums.into_iter().enumerate() {
            let n = f64::from(n);
            // 2,000 of each topic: five standard errors of the mean and of the deviation.
            assert!((n - 2000.0).abs() < 220.0 && (sum / n).abs() < 0.0115, "topic {t}: {n} of mean {}", sum / n);
            assert!(((squares / n).sqrt() - 0.1).abs() < 0.008, "topic {t}: deviation {}", (squares / n).sqrt());
        }
    }
}
