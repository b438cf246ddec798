//! A residual quantiser: a vector as a few small numbers, each naming the nearest of a level's centres to what the
//! levels before left over (Chen, Guan and Wang, "Approximate nearest neighbor search by residual vector quantization",
//! Sensors, 2010; for recommendation: Rajput et al., "Recommender systems with generative retrieval", NeurIPS 2023, with a
//! learned encoder in front, which is left out here).
//!
//! Centres are found by k-means, level after level, in slices: [`Training::step`] does a stated number of rows and
//! returns, so that 100,000 items freeze nothing.

use super::blocks::{Centres, dot};
use crate::math::{Purpose, Source};

/// The number of levels.
pub const LEVELS: usize = 4;

/// The most centres of a level.
pub const MOST_CENTRES: usize = 4096;

/// The numbers that stand for a vector, the coarsest first.
pub type Path = [u16; LEVELS];

/// How a quantiser is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Centres a level, 2 to [`MOST_CENTRES`].
    pub codebook: usize,
    /// Rounds of k-means a level.
    pub rounds: usize,
    /// The most rows trained on; of more, evenly spaced ones.
    pub sample: usize,
    /// Decides the first centres.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { codebook: 64, rounds: 8, sample: 20_000, seed: 1 }
    }
}

/// The centres of all levels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantiser {
    dim: usize,
    levels: Vec<Centres>,
    /// How many training rows each centre stood for, a list a level: what continued training weighs it by.
    weights: Vec<Vec<f32>>,
}

impl Quantiser {
    /// Trains in one go on rows laid end to end.
    #[must_use]
    pub fn train(rows: &[f32], dim: usize, settings: Settings) -> Self {
        let mut training = Training::new(rows, dim, settings);
        while !training.step(usize::MAX) {}
        training.finish()
    }

    /// The length of a row.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Centres a level.
    #[must_use]
    pub fn codebook(&self) -> usize {
        self.levels.first().map_or(0, Centres::len)
    }

    /// The path of a row, which need not have been trained on. `scratch` is overwritten with what the levels leave over.
    pub fn encode(&self, row: &[f32], scratch: &mut Vec<f32>) -> Path {
        scratch.clear();
        scratch.extend_from_slice(row);
        let mut path = [0; LEVELS];
        for (place, level) in path.iter_mut().zip(&self.levels) {
            let (k, _) = level.nearest(scratch);
            *place = k as u16;
            subtract(scratch, level.row(k));
        }
        path
    }

    /// The row that a path stands for: the sum of its centres.
    #[must_use]
    pub fn decode(&self, path: &[u16]) -> Vec<f32> {
        let mut out = vec![0.0; self.dim];
        for (level, k) in self.levels.iter().zip(path) {
            if usize::from(*k) < level.len() {
                out.iter_mut().zip(level.row(usize::from(*k))).for_each(|(o, c)| *o += c);
            }
        }
        out
    }

    /// The mean squared distance between rows and what their paths stand for, as a share of the rows' mean square.
    #[must_use]
    pub fn error(&self, rows: &[f32]) -> f64 {
        let (mut left, mut all) = (0.0f64, 0.0f64);
        let mut scratch = Vec::new();
        for row in rows.chunks_exact(self.dim.max(1)) {
            self.encode(row, &mut scratch);
            left += f64::from(dot(&scratch, &scratch));
            all += f64::from(dot(row, row));
        }
        if all > 0.0 { left / all } else { 0.0 }
    }

    /// Goes on training on more rows, in one go: see [`Continuing`].
    #[must_use]
    pub fn continued(&self, rows: &[f32], keep: f32, rounds: usize) -> Self {
        let mut continuing = Continuing::new(self, rows, keep, rounds);
        while !continuing.step(usize::MAX) {}
        continuing.finish()
    }
}

fn subtract(row: &mut [f32], centre: &[f32]) {
    row.iter_mut().zip(centre).for_each(|(x, c)| *x -= c);
}

#[derive(Clone, Debug, Default)]
struct Sums {
    dim: usize,
    rows: Vec<f32>,
    counts: Vec<f32>,
}

impl Sums {
    fn new(centres: usize, dim: usize) -> Self {
        Self { dim, rows: vec![0.0; centres * dim], counts: vec![0.0; centres] }
    }

    fn add(&mut self, k: usize, row: &[f32]) {
        self.counts[k] += 1.0;
        self.rows[k * self.dim..(k + 1) * self.dim].iter_mut().zip(row).for_each(|(s, x)| *s += x);
    }
}

/// Training under way.
#[derive(Clone, Debug)]
pub struct Training {
    dim: usize,
    settings: Settings,
    /// What the finished levels leave over of each row.
    left: Vec<f32>,
    done: Quantiser,
    centres: Centres,
    sums: Vec<f32>,
    counts: Vec<f32>,
    /// The row of this round that is furthest from its centre: where an empty centre goes.
    furthest: (f32, usize),
    round: usize,
    row: usize,
}

impl Training {
    /// Of rows laid end to end, each of length `dim`.
    #[must_use]
    pub fn new(rows: &[f32], dim: usize, settings: Settings) -> Self {
        let dim = dim.max(1);
        let n = rows.len() / dim;
        let step = n.div_ceil(settings.sample.max(1)).max(1);
        let left: Vec<f32> = rows.chunks_exact(dim).step_by(step).flatten().copied().collect();
        let settings =
            Settings { codebook: settings.codebook.clamp(2, MOST_CENTRES), rounds: settings.rounds.max(1), ..settings };
        let mut training = Self {
            dim,
            settings,
            left,
            done: Quantiser { dim, ..Quantiser::default() },
            centres: Centres::default(),
            sums: Vec::new(),
            counts: Vec::new(),
            furthest: (f32::NEG_INFINITY, 0),
            round: 0,
            row: 0,
        };
        training.begin();
        training
    }

    fn rows(&self) -> usize {
        self.left.len() / self.dim
    }

    /// First centres of a level: different rows, drawn.
    fn begin(&mut self) {
        let n = self.rows();
        let k = self.settings.codebook;
        let level = self.done.levels.len() as u64;
        let mut draw = Source::new(self.settings.seed).keyed(level).stream(Purpose::Other);
        let mut order: Vec<u32> = (0..n as u32).collect();
        draw.sample_front(&mut order, k);
        let mut rows = Vec::with_capacity(k * self.dim);
        for i in 0..k {
            // Fewer rows than centres: the rest stay at the origin, where nothing need go.
            match order.get(i).filter(|_| i < n) {
                Some(r) => rows.extend_from_slice(&self.left[*r as usize * self.dim..(*r as usize + 1) * self.dim]),
                None => rows.extend(std::iter::repeat_n(0.0, self.dim)),
            }
        }
        self.centres = Centres::of(rows, self.dim);
        (self.round, self.row) = (0, 0);
        self.clear();
    }

    fn clear(&mut self) {
        self.sums = vec![0.0; self.settings.codebook * self.dim];
        self.counts = vec![0.0; self.settings.codebook];
        self.furthest = (f32::NEG_INFINITY, 0);
    }

    /// How far it is, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f32 {
        let rounds = (LEVELS * (self.settings.rounds + 1)) as f32;
        let begun = (self.done.levels.len() * (self.settings.rounds + 1) + self.round) as f32;
        ((begun + self.row as f32 / self.rows().max(1) as f32) / rounds).min(1.0)
    }

    /// Goes through at most `rows` more rows (to the end of a round at most); `true` once all is done.
    pub fn step(&mut self, rows: usize) -> bool {
        if self.done.levels.len() == LEVELS {
            return true;
        }
        let until = self.row.saturating_add(rows).min(self.rows());
        let last = self.round == self.settings.rounds;
        for r in self.row..until {
            let row = &mut self.left[r * self.dim..(r + 1) * self.dim];
            let (k, score) = self.centres.nearest(row);
            self.counts[k] += 1.0;
            if last {
                subtract(row, self.centres.row(k));
                continue;
            }
            let far = 0.5 * dot(row, row) - score;
            if far > self.furthest.0 {
                self.furthest = (far, r);
            }
            self.sums[k * self.dim..(k + 1) * self.dim].iter_mut().zip(&*row).for_each(|(s, x)| *s += x);
        }
        self.row = until;
        if self.row == self.rows() {
            self.end_round(last);
        }
        self.done.levels.len() == LEVELS
    }

    fn end_round(&mut self, last: bool) {
        if last {
            self.done.levels.push(std::mem::take(&mut self.centres));
            self.done.weights.push(std::mem::take(&mut self.counts));
            if self.done.levels.len() < LEVELS {
                self.begin();
            }
            return;
        }
        let mut rows = self.centres.rows().to_vec();
        let mut moved = false;
        for (k, centre) in rows.chunks_exact_mut(self.dim).enumerate() {
            if self.counts[k] > 0.0 {
                let sum = &self.sums[k * self.dim..(k + 1) * self.dim];
                centre.iter_mut().zip(sum).for_each(|(c, s)| *c = s / self.counts[k]);
            } else if !moved && self.furthest.0 > 1e-6 {
                // One empty centre a round goes where the fit is worst.
                let r = self.furthest.1;
                centre.copy_from_slice(&self.left[r * self.dim..(r + 1) * self.dim]);
                moved = true;
            }
        }
        self.centres = Centres::of(rows, self.dim);
        self.round += 1;
        self.row = 0;
        self.clear();
    }

    /// How many levels are done.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.done.levels.len()
    }

    /// The centres of the first level alone; none where it is not done.
    #[must_use]
    pub fn first_level(self) -> Centres {
        self.done.levels.into_iter().next().unwrap_or_default()
    }

    /// The quantiser; what is not trained yet is trained now.
    #[must_use]
    pub fn finish(mut self) -> Quantiser {
        while !self.step(usize::MAX) {}
        self.done
    }
}

/// Training that goes on, under way: each centre moves to the mean of what it stood for before, weighed by `keep` (0
/// forgets it, 1 counts it in full), and of the rows that now fall to it.
#[derive(Clone, Debug)]
pub struct Continuing {
    out: Quantiser,
    keep: f32,
    rounds: usize,
    /// What the finished levels leave over of each row.
    left: Vec<f32>,
    sums: Sums,
    /// The level's centres before it was begun.
    before: Centres,
    level: usize,
    round: usize,
    row: usize,
}

impl Continuing {
    /// Of a quantiser on rows laid end to end.
    #[must_use]
    pub fn new(quantiser: &Quantiser, rows: &[f32], keep: f32, rounds: usize) -> Self {
        let mut continuing = Self {
            out: quantiser.clone(),
            keep,
            rounds,
            left: rows.to_vec(),
            sums: Sums::default(),
            before: Centres::default(),
            level: 0,
            round: 0,
            row: 0,
        };
        continuing.begin();
        continuing
    }

    fn rows(&self) -> usize {
        self.left.len() / self.out.dim.max(1)
    }

    fn begin(&mut self) {
        self.before = self.out.levels.get(self.level).cloned().unwrap_or_default();
        self.round = 0;
        self.clear();
    }

    fn clear(&mut self) {
        self.sums = Sums::new(self.before.len(), self.out.dim);
        self.row = 0;
    }

    /// How far it is, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f32 {
        let passes = (self.out.levels.len() * (self.rounds + 1)).max(1) as f32;
        let begun = (self.level * (self.rounds + 1) + self.round) as f32;
        ((begun + self.row as f32 / self.rows().max(1) as f32) / passes).min(1.0)
    }

    /// Goes through at most `rows` more rows (to the end of a round at most); `true` once all is done.
    pub fn step(&mut self, rows: usize) -> bool {
        let Some(level) = self.out.levels.get(self.level) else { return true };
        let dim = self.out.dim;
        let until = self.row.saturating_add(rows).min(self.rows());
        let last = self.round == self.rounds;
        for row in self.left[self.row * dim..until * dim].chunks_exact_mut(dim.max(1)) {
            let (k, _) = level.nearest(row);
            if last { subtract(row, level.row(k)) } else { self.sums.add(k, row) }
        }
        self.row = until;
        if until == self.rows() {
            self.end_round(last);
        }
        self.level == self.out.levels.len()
    }

    fn end_round(&mut self, last: bool) {
        if last {
            self.level += 1;
            self.begin();
            return;
        }
        let dim = self.out.dim;
        let weights = &mut self.out.weights[self.level];
        let mut centres = self.before.rows().to_vec();
        for (k, centre) in centres.chunks_exact_mut(dim.max(1)).enumerate() {
            let (old, new) = (self.keep * weights[k], self.sums.counts[k]);
            if old + new > 0.0 {
                let sum = &self.sums.rows[k * dim..(k + 1) * dim];
                centre.iter_mut().zip(sum).for_each(|(c, s)| *c = (old * *c + s) / (old + new));
            }
        }
        self.out.levels[self.level] = Centres::of(centres, dim);
        self.round += 1;
        if self.round == self.rounds {
            weights.iter_mut().zip(&self.sums.counts).for_each(|(w, n)| *w = self.keep * *w + n);
        }
        self.clear();
    }

    /// The quantiser; what is not trained yet is trained now.
    #[must_use]
    pub fn finish(mut self) -> Quantiser {
        while !self.step(usize::MAX) {}
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud(n: usize, dim: usize, seed: u64) -> Vec<f32> {
        // Around forty middles, as items lie around their topics.
        let middle = |k: u64, d: usize| {
            let mut draw = Source::new(900 + k).keyed(d as u64).stream(Purpose::Other);
            draw.normal()
        };
        let mut draw = Source::new(seed).stream(Purpose::Other);
        let mut rows = Vec::with_capacity(n * dim);
        for _ in 0..n {
            let k = draw.below(40) as u64;
            rows.extend((0..dim).map(|d| middle(k, d) + 0.4 * draw.normal()));
        }
        rows
    }

    #[test]
    fn each_level_leaves_less_over_and_slices_change_nothing() {
        let rows = cloud(1500, 16, 1);
        let settings = Settings { codebook: 32, ..Settings::default() };
        let whole = Quantiser::train(&rows, 16, settings);
        let mut sliced = Training::new(&rows, 16, settings);
        let mut before = 0.0;
        while !sliced.step(97) {
            assert!(sliced.progress() >= before);
            before = sliced.progress();
        }
        assert_eq!(sliced.finish(), whole);
        let mut scratch = Vec::new();
        let mut left = [0.0f32; LEVELS];
        for row in rows.chunks_exact(16) {
            let path = whole.encode(row, &mut scratch);
            for (l, sum) in left.iter_mut().enumerate() {
                let near = whole.decode(&path[..=l]);
                *sum += row.iter().zip(&near).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
            }
        }
        assert!(left.windows(2).all(|w| w[1] < 0.9 * w[0]), "{left:?}");
        assert!(whole.error(&rows) < 0.06, "{}", whole.error(&rows));
        // New rows of the same kind are nearly as well served without training.
        assert!(whole.error(&cloud(500, 16, 2)) < 0.1);
    }

    #[test]
    fn continued_training_serves_what_is_new_and_a_memory_keeps_what_is_old() {
        let old = cloud(1200, 16, 1);
        let new: Vec<f32> = cloud(1200, 16, 5).iter().map(|x| -1.5 * x).collect();
        let first = Quantiser::train(&old, 16, Settings { codebook: 32, ..Settings::default() });
        let kept = first.continued(&new, 1.0, 4);
        let forgetful = first.continued(&new, 0.0, 4);
        assert!(kept.error(&new) < 0.7 * first.error(&new), "{} {}", kept.error(&new), first.error(&new));
        let mut sliced = Continuing::new(&first, &new, 1.0, 4);
        let mut before = 0.0;
        while !sliced.step(97) {
            assert!(sliced.progress() >= before);
            before = sliced.progress();
        }
        assert_eq!(sliced.finish(), kept, "slices change nothing");
        assert!(kept.error(&old) < forgetful.error(&old), "{} {}", kept.error(&old), forgetful.error(&old));
    }

    #[test]
    fn few_rows_equal_rows_and_none_do_no_harm() {
        for rows in [vec![], vec![0.5; 8], [0.25; 8].repeat(50)] {
            let q = Quantiser::train(&rows, 8, Settings::default());
            assert!(q.error(&rows) < 1e-9);
            assert_eq!(q.codebook(), 64);
            q.encode(&[f32::NAN; 8], &mut Vec::new());
        }
    }
}
