//! Everything that defines a run, as one file.

mod spec;
mod world;

pub use spec::{CatalogSpec, CatalogStyle, RecommenderSpec, Scenario};
pub use world::World;
