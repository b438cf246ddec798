//! A scenario with its catalogue made: what sessions run in.

use crate::{
    catalog::{Catalog, Shelf, Truth},
    recommender::Features,
};

/// The catalogue and what is computed from it once, shared by all sessions of a scenario.
#[derive(Debug)]
pub struct World {
    shelf: Shelf,
    features: Features,
    truth: Truth,
}

impl World {
    /// A world of a catalogue, its items represented by `features` (one row an item).
    #[must_use]
    pub fn new(catalog: Catalog, features: Features) -> Self {
        debug_assert_eq!(catalog.shelf.items.len(), features.rows.len());
        Self { shelf: catalog.shelf, features, truth: catalog.truth }
    }

    /// What is on offer.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The items as recommenders see them.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The items' hidden half: for the simulated user, measures and oracles.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }
}
