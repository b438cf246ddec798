//! The lab: studies that answer a question with a table, on the same users and random numbers.

mod representations;
mod understanding;

use super::Done;
use clap::Subcommand;
use std::io::Write;

/// The studies.
#[derive(Subcommand)]
pub enum LabCommand {
    /// The same users under each representation of items: reward, clicks and cost in one table.
    Representations(Box<representations::RepresentationsArgs>),
    /// How far each level of understanding gets, by how users speak.
    Understanding(Box<understanding::UnderstandingArgs>),
}

/// Carries out a study.
pub fn run(command: &LabCommand, out: &mut dyn Write) -> Done {
    match command {
        LabCommand::Representations(a) => representations::representations(a, out),
        LabCommand::Understanding(a) => understanding::understanding(a, out),
    }
}
