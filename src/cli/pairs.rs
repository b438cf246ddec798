//! Preference pairs on the command line.

use super::{
    Done, Found, Problem,
    args::RunArgs,
    progress::Progress,
    said,
    tasks::{self, Named},
    transitions::create,
};
use crate::{
    learn::{
        algorithm::fits,
        pairs::{Maker, Making, to_value},
        policy::Policy,
    },
    math::Source,
};
use clap::Args;
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Pairs made at once: how sure they are is judged together.
const SLICE: usize = 32;
/// The width of the fresh policy that draws slates where none is given.
const HIDDEN: usize = 64;

/// Preference pairs.
#[derive(Args)]
pub struct PairsArgs {
    /// Whose sessions.
    #[command(flatten)]
    pub run: RunArgs,
    /// How many pairs to try for (two equal slates make none).
    #[arg(long, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub pairs: u32,
    /// How often each side is played to its end.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub continuations: u32,
    /// Who draws the slates and goes on: a policy file; otherwise slates close to random.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Where to write them, one JSON object a line; otherwise standard output.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What was written as one JSON object (needs --out).
    #[arg(long, requires = "out")]
    pub json: bool,
}

/// Who draws slates: the policy of a file, or a fresh one, whose slates are close to random.
pub fn drawer(path: Option<&Path>, named: &Named, seed: u64) -> Result<Policy, Problem> {
    let Some(path) = path else { return Ok(Policy::new(named.task.shape(), HIDDEN, Source::new(seed))) };
    let (_, policy) = tasks::policy(path)?;
    fits(policy.shape(), named.task.shape()).map_err(|e| said(format!("{}: {e}.", path.display())))?;
    Ok(policy)
}

/// Makes pairs and writes them.
pub fn run(args: &PairsArgs, out: &mut dyn Write) -> Done {
    let mut named = tasks::task(&args.run, None)?;
    let seed = args.run.seed.unwrap_or(0);
    let policy = drawer(args.policy.as_deref(), &named, seed)?;
    let mut file = args.out.as_ref().map(create).transpose()?;
    let mut maker = Maker::new(named.task.as_ref());
    let mut progress = Progress::new("pairs");
    let (mut written, mut sure, mut tried) = (0u32, 0.0, 0u32);
    while tried < args.pairs {
        let pairs = SLICE.min((args.pairs - tried) as usize);
        let making = Making { pairs, continuations: args.continuations as usize };
        for pair in maker.make(&policy, making, Source::new(seed).keyed(u64::from(tried))) {
            let line = to_value(named.task.as_mut(), &pair);
            match &mut file {
                Some(file) => writeln!(file, "{line}")?,
                None => writeln!(out, "{line}")?,
            }
            (written, sure) = (written + 1, sure + pair.certainty);
        }
        tried += pairs as u32;
        progress.tell(tried, args.pairs);
    }
    progress.end();
    if let Some(mut file) = file {
        file.flush()?;
        let certainty = sure / f64::from(written.max(1));
        let steps = maker.env_steps;
        if args.json {
            let object = json!({
                "scenario": named.id, "pairs": written, "mean_certainty": certainty, "env_steps": steps,
                "continuations": args.continuations, "seed": seed.to_string(),
            });
            writeln!(out, "{object}")?;
        } else {
            writeln!(out, "{written} pairs of {}, on average {:.0} % sure.", named.id, 100.0 * certainty)?;
        }
    }
    Ok(Found::Good)
}
