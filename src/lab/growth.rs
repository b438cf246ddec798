//! A catalogue that grows: what codes learnt on half of it do for the rest, and what learning on changes.
//!
//! Every other item is old, the rest come later. The codebooks are learnt on the old items alone; the new ones get codes
//! without any training; then learning goes on from there with all items. Without a seed of its own and in slices, as
//! everything about representations is.

use crate::{
    catalog::represent::{
        blocks::dot,
        codes::{Forgotten, SemanticIds},
        quantise::{Continuing, Path, Quantiser, Settings, Training},
    },
    recommender::FEATURES,
};
use serde::{Deserialize, Serialize};

/// The most items that take part; of more, evenly spaced ones.
pub const MOST_ITEMS: usize = 10_000;
/// Rounds of k-means a level when learning goes on.
const ROUNDS: usize = 4;

/// What became of the codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// Items of the whole catalogue.
    pub catalog: usize,
    /// Items that took part.
    pub items: usize,
    /// Those of them that came later, and got codes without training.
    pub new: usize,
    /// What the new items' codes left over before learning went on, as a share of their mean square.
    pub new_before: f64,
    /// What they leave over after it.
    pub new_after: f64,
    /// Old items that shared their path with another old one.
    pub shared_old: usize,
    /// Items that shared their path once the new ones had codes.
    pub shared_before: usize,
    /// Items that share it after learning went on.
    pub shared_after: usize,
    /// What learning on did to the old items.
    pub old: Forgotten,
}

/// It, being worked out.
#[derive(Debug)]
pub struct Growing {
    catalog: usize,
    /// The old items' rows, then the new ones'.
    rows: Vec<f32>,
    old: usize,
    first: Option<Coding>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Learning(Box<Training>),
    Coding(Coding),
    Continuing(Box<Continuing>),
    Done(Box<Growth>),
}

/// Items getting their codes.
#[derive(Debug)]
struct Coding {
    quantiser: Quantiser,
    paths: Vec<Path>,
    /// What each path leaves over of its row.
    left: Vec<f64>,
}

impl Growing {
    /// Of the rows that codes are learnt from, and how; nothing is computed yet.
    #[must_use]
    pub fn new(rows: &[[f32; FEATURES]], settings: Settings) -> Self {
        let apart = rows.len().div_ceil(MOST_ITEMS).max(1);
        let part: Vec<&[f32; FEATURES]> = rows.iter().step_by(apart).collect();
        let every_other = |from: usize| part.iter().skip(from).step_by(2).flat_map(|row| row.iter().copied());
        let mut laid: Vec<f32> = every_other(0).collect();
        let old = laid.len() / FEATURES;
        let training = Training::new(&laid, FEATURES, settings);
        laid.extend(every_other(1));
        Self { catalog: rows.len(), rows: laid, old, first: None, stage: Stage::Learning(Box::new(training)) }
    }

    /// How far it is, 0 to 1, about.
    #[must_use]
    pub fn progress(&self) -> f32 {
        let coded = |c: &Coding| (c.paths.len() * FEATURES) as f32 / self.rows.len().max(1) as f32;
        match &self.stage {
            Stage::Learning(training) => 0.4 * training.progress(),
            Stage::Coding(coding) if self.first.is_none() => 0.4 + 0.1 * coded(coding),
            Stage::Continuing(continuing) => 0.5 + 0.4 * continuing.progress(),
            Stage::Coding(coding) => 0.9 + 0.1 * coded(coding),
            Stage::Done(_) => 1.0,
        }
    }

    /// Goes through about `items` more items; what came of it once all is done.
    pub fn step(&mut self, items: usize) -> Option<Growth> {
        match &mut self.stage {
            Stage::Learning(training) => {
                if training.step(items) {
                    // Trained to its end, it is copied as it is.
                    self.stage = Stage::Coding(Coding::new(training.clone().finish()));
                }
            }
            Stage::Coding(coding) => {
                if coding.step(&self.rows, items) {
                    self.coded();
                }
            }
            Stage::Continuing(continuing) => {
                if continuing.step(items) {
                    self.stage = Stage::Coding(Coding::new(continuing.clone().finish()));
                }
            }
            Stage::Done(_) => {}
        }
        if let Stage::Done(growth) = &self.stage { Some(**growth) } else { None }
    }

    /// All in one go.
    #[must_use]
    pub fn finish(mut self) -> Growth {
        loop {
            if let Some(growth) = self.step(usize::MAX) {
                return growth;
            }
        }
    }

    fn coded(&mut self) {
        let done = Stage::Done(Box::default());
        let Stage::Coding(coding) = std::mem::replace(&mut self.stage, done) else { return };
        match self.first.take() {
            None => {
                // All items are there to learn from, so that nothing need be remembered of the old ones.
                let continuing = Continuing::new(&coding.quantiser, &self.rows, 0.0, ROUNDS);
                self.stage = Stage::Continuing(Box::new(continuing));
                self.first = Some(coding);
            }
            Some(before) => self.stage = Stage::Done(Box::new(self.growth(&before, &coding))),
        }
    }

    fn growth(&self, before: &Coding, after: &Coding) -> Growth {
        let (old, all) = (0..self.old, self.old..after.paths.len());
        let error = |of: &Coding, items: &std::ops::Range<usize>| {
            let square = |row: &[f32]| f64::from(dot(row, row));
            let rows = &self.rows[items.start * FEATURES..items.end * FEATURES];
            let whole: f64 = rows.chunks_exact(FEATURES).map(square).sum();
            if whole > 0.0 { of.left[items.clone()].iter().sum::<f64>() / whole } else { 0.0 }
        };
        let shared = |of: &Coding, items: usize| {
            let mut ids = SemanticIds::new(of.quantiser.clone(), &[]);
            ids.add_paths(&of.paths[..items]);
            ids.collisions()
        };
        let items = after.paths.len();
        Growth {
            catalog: self.catalog,
            items,
            new: items - self.old,
            new_before: error(before, &all),
            new_after: error(after, &all),
            shared_old: shared(before, self.old),
            shared_before: shared(before, items),
            shared_after: shared(after, items),
            old: Forgotten::between(
                &before.paths[old.clone()],
                &after.paths[old.clone()],
                [error(before, &old), error(after, &old)],
            ),
        }
    }
}

impl Coding {
    fn new(quantiser: Quantiser) -> Self {
        Self { quantiser, paths: Vec::new(), left: Vec::new() }
    }

    fn step(&mut self, rows: &[f32], items: usize) -> bool {
        let from = self.paths.len() * FEATURES;
        let until = rows.len().min(from.saturating_add(items.saturating_mul(FEATURES)));
        let mut left = Vec::new();
        for row in rows[from..until].chunks_exact(FEATURES) {
            self.paths.push(self.quantiser.encode(row, &mut left));
            self.left.push(f64::from(dot(&left, &left)));
        }
        until == rows.len()
    }
}

impl Growth {
    /// It in sentences, one a step.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        if self.new == 0 {
            return vec!["It takes two items at least to let a catalogue grow.".to_owned()];
        }
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let of = if self.items < self.catalog {
            format!("Of the {} items {} take part, evenly spaced. ", self.catalog, self.items)
        } else {
            String::new()
        };
        let Self { new, old, .. } = self;
        vec![
            format!(
                "{of}The codebooks were learnt on every other item, {} old ones. The {new} new ones between them got codes \
                 without retraining: these miss {} of what the new items' rows say, where the old ones' miss {}.",
                old.items,
                percent(self.new_before),
                percent(old.error_before),
            ),
            format!(
                "Before the new items came, {} of {} shared all four numbers with another; with them it is {} of {}.",
                self.shared_old, old.items, self.shared_before, self.items
            ),
            format!(
                "Then learning went on from there with all {}. The first number changed for {} of the old items, and any of \
                 the four for {}: what was learnt of a number that changed is lost.",
                self.items,
                percent(old.first),
                percent(old.any)
            ),
            format!(
                "Codes now miss {} of the old items (before: {}) and {} of the new ones (before: {}); {} share all four \
                 numbers.",
                percent(old.error_after),
                percent(old.error_before),
                percent(self.new_after),
                percent(self.new_before),
                self.shared_after
            ),
            "The new items are like the old ones here; items of a kind that was never seen would fare worse."
                .to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    fn rows(n: usize) -> Vec<[f32; FEATURES]> {
        let mut draw = Source::new(8).stream(Purpose::Other);
        let mut row = || std::array::from_fn(|d| draw.normal() / (1.0 + d as f32));
        (0..n).map(|_| row()).collect()
    }

    fn settings() -> Settings {
        Settings { codebook: 16, ..Settings::default() }
    }

    #[test]
    fn new_items_are_coded_worse_than_old_ones_until_learning_goes_on() {
        let g = Growing::new(&rows(801), settings()).finish();
        assert_eq!((g.catalog, g.items, g.new, g.old.items), (801, 801, 400, 401));
        assert!(g.new_before > g.old.error_before, "{g:?}");
        assert!(g.new_after < g.new_before, "{g:?}");
        assert!(g.old.first > 0.0 && g.old.first < g.old.any && g.old.any <= 1.0, "{g:?}");
        assert!(g.shared_old <= g.shared_before, "{g:?}");
        let words = g.words().join(" ");
        assert!(words.contains("401 old ones") && words.contains("400 new ones"), "{words}");
    }

    #[test]
    fn slices_change_nothing_and_progress_only_grows() {
        let rows = rows(300);
        let mut growing = Growing::new(&rows, settings());
        let mut before = 0.0;
        let sliced = loop {
            if let Some(growth) = growing.step(37) {
                break growth;
            }
            assert!(growing.progress() >= before, "{} {before}", growing.progress());
            before = growing.progress();
        };
        assert_eq!(growing.progress(), 1.0);
        assert_eq!(sliced, Growing::new(&rows, settings()).finish());
    }

    #[test]
    fn of_many_items_evenly_spaced_ones_take_part_and_it_is_said() {
        let rows = rows(2 * MOST_ITEMS + 1);
        let g = Growing::new(&rows, Settings { codebook: 2, rounds: 1, ..Settings::default() }).finish();
        assert!(g.items <= MOST_ITEMS && g.catalog == rows.len(), "{g:?}");
        assert!(g.words()[0].starts_with("Of the 20001 items 6667 take part"), "{:?}", g.words());
    }

    #[test]
    fn no_items_and_one_do_no_harm() {
        for n in 0..2 {
            let g = Growing::new(&rows(n), settings()).finish();
            assert_eq!((g.items, g.new), (n, 0));
            assert_eq!(g.words().len(), 1);
        }
    }
}
