//! What a policy that explores met, as JSON lines.

use super::{Done, Found, Problem, args::RunArgs, pairs, progress::Progress, said, tasks};
use crate::learn::transitions::Transitions;
use clap::Args;
use serde_json::json;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

/// Transitions.
#[derive(Args)]
pub struct TransitionsArgs {
    /// Whose sessions.
    #[command(flatten)]
    pub run: RunArgs,
    /// How many episodes.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub episodes: u32,
    /// Who draws the slates: a policy file; otherwise slates close to random.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Where to write them, one JSON object a line; otherwise standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What was written as one JSON object (needs --out).
    #[arg(long, requires = "out")]
    pub json: bool,
}

/// Plays episodes and writes their steps.
pub fn run(args: &TransitionsArgs, out: &mut dyn Write) -> Done {
    let named = tasks::task(&args.run, None)?;
    let seed = args.run.seed.unwrap_or(0);
    let policy = pairs::drawer(args.policy.as_deref(), &named, seed)?;
    let mut file = args.out.as_ref().map(create).transpose()?;
    let mut all = Transitions::new(named.task.as_ref(), seed);
    let mut progress = Progress::new("episodes");
    for done in 0..args.episodes {
        progress.tell(done, args.episodes);
        let lines = all.episode(&policy);
        match &mut file {
            Some(file) => file.write_all(lines.as_bytes())?,
            None => out.write_all(lines.as_bytes())?,
        }
    }
    progress.end();
    let Some(mut file) = file else { return Ok(Found::Good) };
    file.flush()?;
    let (episodes, steps) = (args.episodes, all.steps);
    if args.json {
        let object =
            json!({ "scenario": named.id, "episodes": episodes, "env_steps": steps, "seed": seed.to_string() });
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "{steps} steps of {episodes} episodes of {}.", named.id)?;
    }
    Ok(Found::Good)
}

/// A file to write lines to.
pub fn create(path: &PathBuf) -> Result<BufWriter<File>, Problem> {
    let file = File::create(path).map_err(|e| said(format!("{} could not be written: {e}.", path.display())));
    Ok(BufWriter::new(file?))
}
