//! Finding the rows nearest to a direction among very many: rows are sorted into cells around k-means centres, and only
//! the cells nearest to the direction are looked through ("inverted file"; Jégou, Douze and Schmid, "Product quantization
//! for nearest neighbor search", 2011, section 4, without the compression).

use super::{
    blocks::{Blocks, Centres},
    quantise::{Settings, Training},
};
use crate::{catalog::ItemIx, math::order};

/// The share of cells that [`Index::near`] looks through: over 0.95 of the true 200 nearest of 100,000 are found, which
/// the tests hold it to.
const PROBED: f32 = 0.16;

/// Rows in cells.
#[derive(Clone, Debug, Default)]
pub struct Index {
    centres: Centres,
    cells: Vec<Blocks>,
    /// The items of each cell, in order.
    items: Vec<Vec<ItemIx>>,
}

/// An index under way.
#[derive(Debug)]
pub struct Indexing<'a> {
    rows: &'a [f32],
    dim: usize,
    training: Option<Training>,
    index: Index,
    cell_of: Vec<u32>,
    done: bool,
}

impl<'a> Indexing<'a> {
    /// Of rows laid end to end, each of length `dim`.
    #[must_use]
    pub fn new(rows: &'a [f32], dim: usize) -> Self {
        let n = rows.len() / dim.max(1);
        // About the square root of the rows, so that choosing cells costs what looking through one does.
        let cells = ((n as f32).sqrt() as usize).clamp(2, 320);
        let settings = Settings { codebook: cells, rounds: 6, sample: 12_000, seed: 7 };
        let training = Some(Training::new(rows, dim, settings));
        Self { rows, dim, training, index: Index::default(), cell_of: Vec::with_capacity(n), done: false }
    }

    /// Does at most `rows` more rows; `true` once all is done.
    pub fn step(&mut self, rows: usize) -> bool {
        if let Some(mut training) = self.training.take() {
            // Only the first level is needed here.
            if training.step(rows) || training.levels() > 0 {
                self.index.centres = training.first_level();
            } else {
                self.training = Some(training);
            }
            return false;
        }
        let from = self.cell_of.len() * self.dim;
        let until = self.rows.len().min(from.saturating_add(rows.saturating_mul(self.dim)));
        let next = self.rows[from..until].chunks_exact(self.dim);
        self.cell_of.extend(next.map(|row| self.index.centres.nearest(row).0 as u32));
        if until + self.dim > self.rows.len() && !self.done {
            self.lay_out();
            self.done = true;
        }
        self.done
    }

    fn lay_out(&mut self) {
        let mut items: Vec<Vec<ItemIx>> = vec![Vec::new(); self.index.centres.len()];
        for (i, cell) in self.cell_of.iter().enumerate() {
            items[*cell as usize].push(i as ItemIx);
        }
        let row = |i: &ItemIx| &self.rows[*i as usize * self.dim..(*i as usize + 1) * self.dim];
        self.index.cells = items
            .iter()
            .map(|list| Blocks::of(&list.iter().flat_map(row).copied().collect::<Vec<f32>>(), self.dim))
            .collect();
        self.index.items = items;
    }

    /// The index; what is not done yet is done now.
    #[must_use]
    pub fn finish(mut self) -> Index {
        while !self.step(usize::MAX) {}
        self.index
    }
}

impl Index {
    /// Indexes rows in one go.
    #[must_use]
    pub fn of(rows: &[f32], dim: usize) -> Self {
        Indexing::new(rows, dim).finish()
    }

    /// The `k` items of the highest inner product with `x`, best first, looked for in the nearest cells: some may be
    /// missed (see the module's notes).
    #[must_use]
    pub fn near(&self, x: &[f32], k: usize) -> Vec<(f32, ItemIx)> {
        let n = (self.cells.len() as f32 * PROBED).ceil() as usize;
        let mut best = Best::new(k);
        for cell in self.centres.nearest_few(x, n.max(2)) {
            self.scan(cell as usize, x, &mut best);
        }
        best.finish()
    }

    /// The `k` items of the highest inner product with `x`, best first: all are looked at.
    #[must_use]
    pub fn exact(&self, x: &[f32], k: usize) -> Vec<(f32, ItemIx)> {
        let mut best = Best::new(k);
        (0..self.cells.len()).for_each(|cell| self.scan(cell, x, &mut best));
        best.finish()
    }

    fn scan(&self, cell: usize, x: &[f32], best: &mut Best) {
        let (blocks, items) = (&self.cells[cell], &self.items[cell]);
        for (b, eight) in items.chunks(8).enumerate() {
            let dots = blocks.dots(b, x);
            for (score, item) in dots.into_iter().zip(eight) {
                if score >= best.least {
                    best.add(score, *item);
                }
            }
        }
    }
}

/// The best so far.
struct Best {
    k: usize,
    /// What it takes to be among them, as far as is known.
    least: f32,
    all: Vec<(f32, ItemIx)>,
}

impl Best {
    fn new(k: usize) -> Self {
        Self { k, least: f32::NEG_INFINITY, all: Vec::with_capacity(5 * k.min(100_000) + 1) }
    }

    fn add(&mut self, score: f32, item: ItemIx) {
        self.all.push((score, item));
        if self.all.len() > 5 * self.k {
            self.prune();
        }
    }

    fn prune(&mut self) {
        if self.k == 0 {
            self.all.clear();
        } else if self.all.len() > self.k {
            order::best_first(&mut self.all, self.k);
            self.least = self.all[self.k - 1].0;
        }
    }

    fn finish(mut self) -> Vec<(f32, ItemIx)> {
        self.prune();
        order::best_first(&mut self.all, self.k);
        self.all
    }
}
