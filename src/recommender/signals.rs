//! The features that learnt recommenders share: an item in its session, as 64 numbers made from public data.
//!
//! | from | what |
//! |---|---|
//! | 0 | 1 (the intercept) |
//! | 1 | the item's row of public features (32) |
//! | 33 | its page: declared topic, log-length, excess length, rating, no rating, popularity, loud title, mood (5) |
//! | 45 | likeness to what was liked, disliked, and looked at lately in this session |
//! | 48 | how its topic (taste, lately), creator (taste, lately) and mood did in this session |
//! | 53 | log-length × turn, × what length was liked; loud title × disappointment so far |
//! | 56 | the session: click rate, skips in a row, turn, time spent, whether the user spoke |
//! | 61 | the place in the slate: position, likeness to the items above, items of its topic above |

use super::{
    FEATURES, Features,
    basics::{Basic, Basics, PAGE},
    fit::dot,
    tally::Tally,
};
use crate::{
    catalog::ItemIx,
    math::{ln, sigmoid, tanh},
};

/// The number of signals.
pub const SIGNALS: usize = 64;

/// An item in its session, as numbers.
pub type Signals = [f32; SIGNALS];

const PAGE_AT: usize = 1 + FEATURES;
const LIKENESS: usize = PAGE_AT + PAGE;
const COUNTS: usize = LIKENESS + 3;
const CROSS: usize = COUNTS + 5;
const SESSION: usize = CROSS + 3;
const PLACE: usize = SESSION + 5;

/// Where in a slate an item would stand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Position from 0.
    pub position: usize,
    /// Mean positive cosine to the items above.
    pub likeness: f32,
    /// Items of the same topic above.
    pub same_topic: u32,
}

impl Place {
    fn values(&self) -> [f32; 3] {
        [self.position as f32 / 8.0, self.likeness, self.same_topic as f32 / 3.0]
    }
}

/// A session's part of the signals, computed once a slate.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    liked: [f32; FEATURES],
    disliked: [f32; FEATURES],
    recent: [f32; FEATURES],
    cross: [f32; 3],
    session: [f32; 5],
}

impl Moment {
    pub(crate) fn of(tally: &Tally, basics: &Basics, spoke: bool) -> Self {
        let over = |sum: &[f32; FEATURES], n: f32| sum.map(|v| v / (n + 1.0));
        let turn = tanh(tally.turns as f32 / 8.0);
        Self {
            liked: over(&tally.liked, tally.liked_n),
            disliked: over(&tally.disliked, tally.disliked_n),
            recent: tally.recent.map(|v| v / 8.0),
            cross: [turn, tally.length, (-tally.pleasure).max(0.0)],
            session: [
                2.0 * (tally.click_rate() - 0.25),
                tally.skips.min(16) as f32 / 8.0,
                turn,
                ln(1.0 + tally.seconds / basics.usual_s) / 3.0,
                if spoke { 1.0 } else { 0.0 },
            ],
        }
    }

    fn cross(&self, basic: &Basic) -> [f32; 3] {
        [self.cross[0] * basic.length(), self.cross[1] * basic.length(), self.cross[2] * basic.loud()]
    }
}

fn counts(tally: &Tally, basic: &Basic) -> [f32; 5] {
    let topic = tally.topics.get(basic.topic as usize).copied().unwrap_or_default();
    let creator = tally.creator(basic.creator).copied().unwrap_or_default();
    [
        2.0 * topic.taste(),
        topic.recent / 3.0,
        2.0 * creator.taste(),
        creator.recent / 3.0,
        2.0 * tally.moods[basic.mood as usize].taste(),
    ]
}

/// All signals of one item.
pub(crate) fn signals(
    item: ItemIx,
    tally: &Tally,
    moment: &Moment,
    features: &Features,
    basics: &Basics,
    place: Place,
) -> Signals {
    let row = &features.rows[item as usize];
    let basic = &basics.items[item as usize];
    let mut x = [0.0; SIGNALS];
    x[0] = 1.0;
    x[1..PAGE_AT].copy_from_slice(row);
    x[PAGE_AT..LIKENESS].copy_from_slice(&basic.page);
    x[LIKENESS] = dot(&moment.liked, row);
    x[LIKENESS + 1] = dot(&moment.disliked, row);
    x[LIKENESS + 2] = dot(&moment.recent, row);
    x[COUNTS..CROSS].copy_from_slice(&counts(tally, basic));
    x[CROSS..SESSION].copy_from_slice(&moment.cross(basic));
    x[SESSION..PLACE].copy_from_slice(&moment.session);
    x[PLACE..].copy_from_slice(&place.values());
    x
}

/// A linear model over signals, its part that no session changes computed once for each item.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// The weights.
    pub weights: Signals,
    fixed: Vec<f32>,
}

impl Linear {
    pub(crate) fn new(weights: Signals, features: &Features, basics: &Basics) -> Self {
        let (row, page) = parts(&weights);
        let fixed = features.rows.iter().zip(&basics.items);
        Self { fixed: fixed.map(|(r, b)| weights[0] + dot(row, r) + dot(page, &b.page)).collect(), weights }
    }

    /// How many items it knows.
    pub(crate) fn items(&self) -> usize {
        self.fixed.len()
    }

    /// Adds what is known of one item alone.
    pub(crate) fn shift(&mut self, item: usize, by: f32) {
        self.fixed[item] += by;
    }

    /// Scores items at a moment of a session.
    pub(crate) fn scorer<'a>(
        &'a self,
        tally: &'a Tally,
        moment: &Moment,
        features: &'a Features,
        basics: &'a Basics,
    ) -> Scorer<'a> {
        let w = &self.weights;
        let mut along = [0.0; FEATURES];
        for (i, a) in along.iter_mut().enumerate() {
            *a = w[LIKENESS] * moment.liked[i]
                + w[LIKENESS + 1] * moment.disliked[i]
                + w[LIKENESS + 2] * moment.recent[i];
        }
        let session: f32 = moment.session.iter().zip(&w[SESSION..PLACE]).fold(0.0, |s, (a, b)| s + a * b);
        let by_topic =
            tally.topics.iter().map(|t| 2.0 * t.taste() * w[COUNTS] + t.recent / 3.0 * w[COUNTS + 1]).collect();
        let by_mood = tally.moods.map(|m| 2.0 * m.taste() * w[COUNTS + 4]);
        let length = w[CROSS] * moment.cross[0] + w[CROSS + 1] * moment.cross[1];
        let loud = w[CROSS + 2] * moment.cross[2];
        Scorer { model: self, tally, features, basics, along, session, by_topic, by_mood, length, loud }
    }
}

fn parts(w: &Signals) -> (&[f32; FEATURES], &[f32; PAGE]) {
    let row = w[1..].first_chunk().expect("a row lies behind the intercept");
    let page = w[PAGE_AT..].first_chunk().expect("a page lies behind the row");
    (row, page)
}

/// A [`Linear`] model at a moment of a session.
#[derive(Clone, Debug)]
pub(crate) struct Scorer<'a> {
    model: &'a Linear,
    tally: &'a Tally,
    features: &'a Features,
    basics: &'a Basics,
    along: [f32; FEATURES],
    session: f32,
    by_topic: Vec<f32>,
    by_mood: [f32; 6],
    length: f32,
    loud: f32,
}

impl Scorer<'_> {
    /// The linear score of an item at the top of a slate.
    #[inline]
    pub(crate) fn score(&self, item: ItemIx) -> f32 {
        let basic = &self.basics.items[item as usize];
        let w = &self.model.weights;
        let creator = self
            .tally
            .creator(basic.creator)
            .map_or(0.0, |c| 2.0 * c.taste() * w[COUNTS + 2] + c.recent / 3.0 * w[COUNTS + 3]);
        self.model.fixed[item as usize]
            + dot(&self.along, &self.features.rows[item as usize])
            + self.session
            + self.by_topic.get(basic.topic as usize).copied().unwrap_or(0.0)
            + self.by_mood[basic.mood as usize]
            + creator
            + self.length * basic.length()
            + self.loud * basic.loud()
    }

    /// What a place in a slate adds to the score at the top.
    #[inline]
    pub(crate) fn placed(&self, place: Place) -> f32 {
        place.values().iter().zip(&self.model.weights[PLACE..]).fold(0.0, |s, (a, b)| s + a * b)
    }

    /// The logistic of the score.
    #[inline]
    pub(crate) fn chance(&self, item: ItemIx) -> f32 {
        sigmoid(self.score(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::{represent::text, synthetic},
        math::{Purpose, Source},
        recommender::{Observation, PastTurn},
        scenario::CatalogStyle,
        user::{Context, Profile, Reaction},
    };

    #[test]
    fn scoring_many_items_at_once_equals_weighing_the_signals_of_each() {
        let shelf = synthetic::make(CatalogStyle::Clips, 120, 3).shelf;
        let features = text::features(&shelf);
        let profile = Profile { declared: vec!["Travel".into()], ..Profile::default() };
        let (basics, context) = (Basics::of(&shelf, &profile), Context::default());
        let mut random = Source::new(4).stream(Purpose::Other);
        let weights: Signals = core::array::from_fn(|_| random.normal());
        let looked = |clicked: bool| Reaction { examined: true, clicked, seconds: 3.0, ..Reaction::default() };
        let turn = |from: u32| PastTurn {
            items: (from..from + 8).collect(),
            reactions: (0..8).map(|i| looked(i % 3 == 0)).collect(),
            ..PastTurn::default()
        };
        let history = [turn(0), turn(8), turn(30)];
        let obs = Observation {
            profile: &profile,
            context: &context,
            turn: 3,
            history: &history,
            shelf: &shelf,
            features: &features,
            candidates: &[],
            slate_size: 8,
        };
        let mut tally = Tally::default();
        tally.catch_up(&obs, &basics, |_, _, _| ());
        assert_eq!((tally.examined, tally.clicked, tally.turns), (24, 9, 3));
        let moment = Moment::of(&tally, &basics, true);
        let model = Linear::new(weights, &features, &basics);
        let scorer = model.scorer(&tally, &moment, &features, &basics);
        for item in 0..120 {
            let place = Place { position: 5, likeness: 0.3, same_topic: 2 };
            let slow = dot(&signals(item, &tally, &moment, &features, &basics, place), &weights);
            let fast = scorer.score(item) + scorer.placed(place);
            assert!((slow - fast).abs() < 1e-4, "item {item}: {slow} and {fast}");
        }
    }
}
