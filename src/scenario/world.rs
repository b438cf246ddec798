//! A scenario with its catalogue made: what sessions run in.

use crate::{
    catalog::{Catalog, Shelf, Truth, represent::gallery::Gallery},
    math::{ln, order},
    recommender::Features,
};
use std::rc::Rc;

/// The catalogue and what is computed from it once, shared by all sessions of a scenario.
#[derive(Debug)]
pub struct World {
    /// Shared: the same items may stand in several worlds, each represented in its own way.
    catalog: Rc<Catalog>,
    features: Features,
    log_durations: Vec<f32>,
    usual_duration_s: f32,
    long_duration_s: f32,
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
            log_durations: catalog.shelf.items.iter().map(|i| ln(i.duration_s)).collect(),
            usual_duration_s: quantile(0.5),
            long_duration_s: quantile(0.9),
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

    /// The natural logarithm of each item's duration in seconds, computed once.
    #[must_use]
    pub fn log_durations(&self) -> &[f32] {
        &self.log_durations
    }
}
