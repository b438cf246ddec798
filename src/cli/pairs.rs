//! Preference pairs on the command line.

use super::{Done, args::RunArgs, drawn::DrawnArgs, progress::Progress, tasks};
use crate::{
    learn::pairs::{Maker, Making, decided, to_value},
    math::Source,
};
use clap::Args;
use serde_json::json;
use std::io::Write;

/// Pairs made at once: how sure they are is judged together.
const SLICE: usize = 32;

/// Preference pairs.
#[derive(Args)]
pub struct PairsArgs {
    /// Whose sessions.
    #[command(flatten)]
    pub run: RunArgs,
    /// How many pairs to try for (two equal slates make none, and ties are left out).
    #[arg(long, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub pairs: u32,
    /// How often each side is played to its end.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub continuations: u32,
    /// Who draws, and where to.
    #[command(flatten)]
    pub drawn: DrawnArgs,
}

/// Makes pairs and writes them.
pub fn run(args: &PairsArgs, out: &mut dyn Write) -> Done {
    let mut named = tasks::task(&args.run, None)?;
    let seed = args.run.seed.unwrap_or(0);
    let (policy, drawn_by) = args.drawn.drawer(&named, seed)?;
    let mut lines = args.drawn.lines(out)?;
    let mut maker = Maker::new(named.task.as_ref());
    let mut progress = Progress::new("pairs");
    let (mut written, mut ties, mut sure, mut tried) = (0u32, 0, 0.0, 0u32);
    while tried < args.pairs {
        let pairs = SLICE.min((args.pairs - tried) as usize);
        let making = Making { pairs, continuations: args.continuations as usize };
        let made = maker.make(&policy, making, Source::new(seed).keyed(u64::from(tried)));
        let (made, left_out) = decided(made, &drawn_by);
        ties += left_out;
        for pair in made {
            lines.put(&format!("{}\n", to_value(named.task.as_mut(), &pair)))?;
            (written, sure) = (written + 1, sure + pair.certainty);
        }
        tried += pairs as u32;
        progress.tell(tried, args.pairs);
    }
    progress.end();
    let certainty = sure / f64::from(written.max(1));
    let object = json!({
        "scenario": named.id, "pairs": written, "ties": ties, "drawn_by": drawn_by, "mean_certainty": certainty, "env_steps": maker.env_steps,
        "continuations": args.continuations, "seed": seed.to_string(),
    });
    let mut words = format!("{written} pairs of {}, on average {:.0} % sure.", named.id, 100.0 * certainty);
    if ties > 0 {
        words += &format!(" {ties} more were left out: both slates earned the same.");
    }
    lines.end(&object, &words)
}
