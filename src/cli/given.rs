//! Arguments that would not be heeded: refused by name, and not passed over in silence.

use super::{Problem, said};
use clap::{ArgMatches, parser::ValueSource};

/// What a run is made of, by the names that the arguments have in the program.
const RUN: [&str; 5] = ["scenario", "recommender", "instructions", "set", "seed"];
/// How a model takes part.
const PART: [&str; 6] = ["llm_as", "llm_mode", "debias", "score_temperature", "sees", "picture_host"];

/// Whether the person gave an argument, which may have a default.
fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// Refuses arguments beside a file that brings what they say.
pub fn check(matches: &ArgMatches) -> Result<(), Problem> {
    match matches.subcommand() {
        Some(("session", m)) if is_given(m, "tape") => {
            let why = "the tape brings its own scenario, seed and recommender, and calls no server";
            refuse(m, &[&RUN[..], &["timeout"]].concat(), why)
        }
        Some(("session", m)) if is_given(m, "resume_tape") => {
            let why = "the tape brings its own scenario, seed and recommender, and what the model plays";
            refuse(m, &[&RUN[..], &PART].concat(), why)
        }
        Some(("fit-temperature", m)) if is_given(m, "session") => {
            refuse(m, &RUN, "the saved session brings its own scenario, seed and recommender")
        }
        Some(("understand", m)) if is_given(m, "session") => {
            let why = "the saved session brings its own scenario, seed and recommender";
            refuse(m, &[&RUN[..], &["pictures"]].concat(), why)
        }
        _ => Ok(()),
    }
}

fn refuse(matches: &ArgMatches, ids: &[&str], why: &str) -> Result<(), Problem> {
    match ids.iter().find(|id| is_given(matches, id)) {
        Some(id) => Err(said(format!("--{}: {why}. Leave it out.", id.replace('_', "-")))),
        None => Ok(()),
    }
}
