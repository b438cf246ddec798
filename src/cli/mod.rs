//! The command line: the engine natively.
//!
//! Results go to standard output, progress and errors to standard error. The exit code is 0 where all went well, 1 where
//! a check or a replay found something, 2 where nothing could be done.

mod args;
mod catalog;
mod drawn;
mod embeddings;
mod env;
mod evaluate;
mod fit_memory;
mod fit_temperature;
mod given;
mod keep;
mod lab;
mod lists;
mod llm;
mod llm_args;
pub mod llm_http;
pub mod llm_play;
pub mod llm_read;
mod llm_tape;
mod load;
mod ope;
mod paint;
mod pairs;
mod pictures;
mod progress;
mod published;
mod remote;
mod replay;
mod rollout;
mod session;
mod tasks;
mod train;
mod transitions;
mod understand;

use args::{Arguments, Command};
use clap::{CommandFactory, FromArgMatches};
use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

/// Why a command could not be carried out.
enum Problem {
    /// Something to tell the person.
    Said(String),
    /// Output could not be written.
    Output(io::Error),
}

impl From<io::Error> for Problem {
    fn from(e: io::Error) -> Self {
        Self::Output(e)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(e: serde_json::Error) -> Self {
        Self::Output(e.into())
    }
}

/// A problem in words.
fn said(what: impl ToString) -> Problem {
    Problem::Said(what.to_string())
}

/// What a command found.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    /// All well.
    Good,
    /// A failed check, a replay that differs.
    Bad,
}

type Done = Result<Found, Problem>;

/// Reads the arguments and carries them out.
#[must_use]
pub fn main() -> ExitCode {
    let matches = Arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|e| e.exit());
    let mut out = BufWriter::new(io::stdout().lock());
    let done = given::check(&matches).and_then(|()| run(arguments.command, &mut out)).and_then(|found| {
        out.flush()?;
        Ok(found)
    });
    match done {
        Ok(Found::Good) => ExitCode::SUCCESS,
        Ok(Found::Bad) => ExitCode::from(1),
        // Whoever read our output has read enough.
        Err(Problem::Output(e)) if e.kind() == io::ErrorKind::BrokenPipe => quit_quietly(out),
        Err(Problem::Output(e)) => complain(&format!("The output could not be written: {e}.")),
        Err(Problem::Said(what)) => complain(&what),
    }
}

/// Ends without flushing what is left: that would only meet the broken pipe again.
fn quit_quietly(out: BufWriter<io::StdoutLock<'_>>) -> ExitCode {
    let _ = out.into_parts();
    ExitCode::SUCCESS
}

fn complain(what: &str) -> ExitCode {
    // Where even standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr(), "recoworld: {}", paint::safe(what));
    ExitCode::from(2)
}

fn run(command: Command, out: &mut dyn Write) -> Done {
    match command {
        Command::Session(a) if a.llm.wanted() => llm::session(&a, out),
        Command::Session(a) => session::run(&a, out),
        Command::Card(a) => llm::card(&a, out),
        Command::Rollout(a) => rollout::run(&a, out),
        Command::Env(a) => env::run(&a, out),
        Command::Compare(a) => rollout::compare(&a, out),
        Command::Pairs(a) => pairs::run(&a, out),
        Command::Transitions(a) => transitions::run(&a, out),
        Command::Train(a) => train::run(&a, out),
        Command::Evaluate(a) => evaluate::run(&a, out),
        Command::Lab(c) => lab::run(&c, out),
        Command::FitTemperature(a) => fit_temperature::run(&a, out),
        Command::FitMemory(a) => fit_memory::run(&a, out),
        Command::Ope(a) => ope::run(&a, out),
        Command::Logs(a) => ope::logs(&a, out),
        Command::Scenarios { json } => lists::scenarios(json, out),
        Command::Recommenders { json } => lists::recommenders(json, out),
        Command::Understand(a) => understand::run(&a, out),
        Command::Check(a) => lists::check(&a, out),
        Command::Schema { what, json } => lists::schema(what, json, out),
        Command::Replay { file, catalog, pictures, json } => {
            replay::run(&file, catalog.as_deref(), pictures.as_deref(), json, out)
        }
    }
}
