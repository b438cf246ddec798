//! Everything that defines a run, as one file.

mod build;
pub mod check;
mod edit;
pub mod env;
mod error;
pub mod fields;
pub mod form;
mod link;
mod locate;
mod read;
pub mod recsim;
pub mod registry;
pub mod schema;
mod schema_env;
mod schema_run;
mod spec;
pub mod wire;
mod world;

pub use build::{build, build_valid, catalog, check_against, furnish};
pub use error::{ScenarioError, did_you_mean, excerpt, nearest};
pub use fields::FIELDS;
pub use link::{Link, format_link, format_plain_link, parse_link, parse_plain_link};
pub use read::{MOST_BYTES, SCHEMA};
pub use spec::{CatalogSpec, CatalogStyle, REPRESENTATIONS, RecommenderSpec, Representation, Scenario, parse_seed};
pub use world::{Block, World};
