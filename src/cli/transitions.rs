//! What a policy that explores met, as JSON lines.

use super::{Done, args::RunArgs, drawn::DrawnArgs, progress::Progress, tasks};
use crate::learn::transitions::Transitions;
use clap::Args;
use serde_json::json;
use std::io::Write;

/// Transitions.
#[derive(Args)]
pub struct TransitionsArgs {
    /// Whose sessions.
    #[command(flatten)]
    pub run: RunArgs,
    /// How many episodes.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub episodes: u32,
    /// Who draws, and where to.
    #[command(flatten)]
    pub drawn: DrawnArgs,
}

/// Plays episodes and writes their steps.
pub fn run(args: &TransitionsArgs, out: &mut dyn Write) -> Done {
    let named = tasks::task(&args.run, None)?;
    let seed = args.run.seed.unwrap_or(0);
    let (policy, drawn_by) = args.drawn.drawer(&named, seed)?;
    let mut lines = args.drawn.lines(out)?;
    let mut all = Transitions::new(named.task.as_ref(), seed, &drawn_by);
    let mut progress = Progress::new("episodes");
    for done in 0..args.episodes {
        progress.tell(done, args.episodes);
        lines.put(&all.episode(&policy))?;
    }
    progress.end();
    let (episodes, steps) = (args.episodes, all.steps);
    let object = json!({
        "scenario": named.id, "episodes": episodes, "env_steps": steps, "seed": seed.to_string(), "drawn_by": drawn_by,
    });
    lines.end(&object, &format!("{steps} steps of {episodes} episodes of {}.", named.id))
}
