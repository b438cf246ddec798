//! What commands share that play with a policy and write lines of what came of it: who draws, and where the lines go.

use super::{Done, Found, Problem, said, tasks};
use crate::{
    learn::{algorithm::fits, pairs::FRESH, policy::Policy},
    math::Source,
};
use clap::Args;
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

/// The width of the fresh policy that draws slates where none is given.
const HIDDEN: usize = 64;

/// Who draws, and where to.
#[derive(Args)]
pub struct DrawnArgs {
    /// Who draws the slates and goes on after them: a policy file; otherwise slates close to random.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Where to write, one JSON object a line; otherwise standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What was written as one JSON object (needs --out).
    #[arg(long, requires = "out")]
    pub json: bool,
}

impl DrawnArgs {
    /// Who draws slates, and what lines call it: the policy of a file by its algorithm, or a fresh one, whose slates are
    /// close to random.
    pub fn drawer(&self, named: &tasks::Named, seed: u64) -> Result<(Policy, String), Problem> {
        let Some(path) = &self.policy else {
            return Ok((Policy::new(named.task.shape(), HIDDEN, Source::new(seed)), FRESH.to_owned()));
        };
        let (label, policy) = tasks::policy(path)?;
        fits(policy.shape(), named.task.shape()).map_err(|e| said(format!("{}: {e}.", path.display())))?;
        Ok((policy, label.algorithm))
    }

    /// Where the lines go.
    pub fn lines<'a>(&self, out: &'a mut dyn Write) -> Result<Lines<'a>, Problem> {
        let create = |path: &PathBuf| {
            let file = File::create(path).map_err(|e| said(format!("{} could not be written: {e}.", path.display())));
            file.map(BufWriter::new)
        };
        Ok(Lines { file: self.out.as_ref().map(create).transpose()?, out, json: self.json })
    }
}

/// Lines being written.
pub struct Lines<'a> {
    file: Option<BufWriter<File>>,
    out: &'a mut dyn Write,
    json: bool,
}

impl Lines<'_> {
    /// Writes some, each with its end.
    pub fn put(&mut self, lines: &str) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(lines.as_bytes()),
            None => self.out.write_all(lines.as_bytes()),
        }
    }

    /// Tells what was written, where the lines went to a file.
    pub fn end(self, object: &Value, words: &str) -> Done {
        if let Some(mut file) = self.file {
            file.flush()?;
            if self.json {
                writeln!(self.out, "{object}")?;
            } else {
                writeln!(self.out, "{words}")?;
            }
        }
        Ok(Found::Good)
    }
}
