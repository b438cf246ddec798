//! A scenario with its catalogue made: what sessions run in.

use crate::{
    catalog::{Catalog, ItemIx, MOODS, Shelf, Truth, represent::gallery::Gallery},
    math::{DIM, lanes::LANES, ln, order},
    recommender::Features,
};
use std::rc::Rc;

/// The catalogue and what is computed from it once, shared by all sessions of a scenario.
#[derive(Debug)]
pub struct World {
    /// Shared: the same items may stand in several worlds, each represented in its own way.
    catalog: Rc<Catalog>,
    features: Features,
    blocks: Vec<Block>,
    usual_duration_s: f32,
    long_duration_s: f32,
    short_duration_s: f32,
}

impl World {
    /// A world of a catalogue, its items represented by `features` (one row an item).
    #[must_use]
    pub fn new(catalog: impl Into<Rc<Catalog>>, features: Features) -> Self {
        let catalog = catalog.into();
        debug_assert_eq!(catalog.shelf.items.len(), features.rows.len());
        let mut durations: Vec<f32> = catalog.shelf.items.iter().map(|i| i.duration_s).collect();
        order::sort_by(&mut durations, f32::total_cmp);
        let quantile = |q: f32| durations.get((durations.len() as f32 * q) as usize).copied().unwrap_or(60.0);
        Self {
            blocks: (0..catalog.shelf.items.len()).step_by(LANES).map(|from| Block::of(&catalog, from)).collect(),
            usual_duration_s: quantile(0.5),
            long_duration_s: quantile(0.9),
            short_duration_s: quantile(0.05),
            catalog,
            features,
        }
    }

    /// The catalogue, whole: for what makes other worlds of it.
    #[must_use]
    pub fn catalog(&self) -> &Rc<Catalog> {
        &self.catalog
    }

    /// The items' own pictures, as far as a person brought them.
    #[must_use]
    pub fn gallery(&self) -> &Gallery {
        &self.catalog.gallery
    }

    /// What is on offer.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.catalog.shelf
    }

    /// The items as recommenders see them.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The items' hidden half: for the simulated user, measures and oracles.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.catalog.truth
    }

    /// The median duration of the items, seconds.
    #[must_use]
    pub fn usual_duration_s(&self) -> f32 {
        self.usual_duration_s
    }

    /// The duration that nine items in ten stay below, seconds.
    #[must_use]
    pub fn long_duration_s(&self) -> f32 {
        self.long_duration_s
    }

    /// The duration that one item in twenty stays below, seconds.
    #[must_use]
    pub fn short_duration_s(&self) -> f32 {
        self.short_duration_s
    }

    /// The items eight by eight.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The natural logarithm of an item's duration in seconds, computed once.
    #[must_use]
    pub fn log_duration(&self, item: ItemIx) -> f32 {
        let item = item as usize;
        self.blocks[item / LANES].log_durations[item % LANES]
    }
}

/// Eight items side by side, for what looks at all of them; in the last block zeros follow the last item.
#[derive(Debug)]
pub struct Block {
    /// Their true vectors, a dimension after another.
    pub places: [[f32; LANES]; DIM],
    /// Their true quality.
    pub quality: [f32; LANES],
    /// The natural logarithm of their durations in seconds.
    pub log_durations: [f32; LANES],
    /// Their moods by number; [`MOODS`]`.len()` where none is known.
    pub moods: [u8; LANES],
}

impl Block {
    fn of(catalog: &Catalog, from: usize) -> Self {
        let mut block =
            Self { places: [[0.0; LANES]; DIM], quality: [0.0; LANES], log_durations: [0.0; LANES], moods: [0; LANES] };
        for (l, item) in (from..catalog.shelf.items.len().min(from + LANES)).enumerate() {
            let it = &catalog.shelf.items[item];
            for (place, x) in block.places.iter_mut().zip(catalog.truth.vectors[item]) {
                place[l] = x;
            }
            block.quality[l] = catalog.truth.quality[item];
            block.log_durations[l] = ln(it.duration_s);
            block.moods[l] = it.mood.map_or(MOODS.len(), |m| m as usize) as u8;
        }
        block
    }
}
