//! Items as numbers: what a recommender knows of them beside their names.

pub mod text;
