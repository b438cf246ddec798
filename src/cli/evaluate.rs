//! Judging a trained policy on the command line.

use super::{
    Done, Found,
    args::RunArgs,
    paint::{Paint, Tone, fit},
    progress::Progress,
    said, tasks,
};
use crate::{
    lab::paired,
    learn::{
        algorithm::fits,
        evaluate::{AtRandom, Best, Evaluation},
    },
};
use clap::Args;
use serde_json::json;
use std::{io::Write, path::PathBuf};

/// An evaluation.
#[derive(Args)]
pub struct EvaluateArgs {
    /// The policy: policy.safetensors or a checkpoint, as `train --out` wrote it.
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// What to judge it on.
    #[command(flatten)]
    pub run: RunArgs,
    /// How many episodes.
    #[arg(long, value_name = "NUMBER", default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub episodes: u32,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Runs the policy and a random one on the same episodes.
pub fn run(args: &EvaluateArgs, out: &mut dyn Write) -> Done {
    let named = tasks::task(&args.run, None)?;
    let (label, policy) = tasks::policy(&args.policy)?;
    let file = args.policy.display();
    fits(policy.shape(), named.task.shape()).map_err(|e| said(format!("{file}: {e}.")))?;
    let seed = args.run.seed.unwrap_or(0);
    let (mut trained, mut random) =
        (Evaluation::new(named.task.as_ref(), seed), Evaluation::new(named.task.as_ref(), seed));
    let mut actor = Best::new(policy);
    let mut progress = Progress::new("episodes");
    for done in 0..args.episodes {
        progress.tell(done, args.episodes);
        trained.step(&mut actor);
        random.step(&mut AtRandom);
    }
    progress.end();
    let (trained, random) = (trained.results(), random.results());
    let (e, r) = (trained.estimate(), random.estimate());
    let difference = paired(trained.returns(), random.returns());
    let baselines = named.baselines(trained)?;
    if args.json {
        let mut object = json!({
            "scenario": named.id,
            "algorithm": label.algorithm,
            "seed": seed.to_string(),
            "episodes": args.episodes,
            "eval_return_mean": e.mean,
            "eval_return_se": e.se,
            "random_return_mean": r.mean,
            "random_return_se": r.se,
            "against_random": difference,
            "env_steps": trained.env_steps(),
        });
        for (name, e) in trained.measures() {
            object[format!("eval_{name}_mean")] = e.mean.into();
            object[format!("eval_{name}_se")] = e.se.into();
        }
        for b in &baselines {
            object["against"][b.name] = b.against(trained);
        }
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    let head = format!("{}: a policy by {}, {} episodes", named.id, label.algorithm, args.episodes);
    writeln!(out, "{}", paint.tone(Tone::Strong, &head))?;
    writeln!(out, "  {:<16}{:>10}{:>10}   95 % interval", "", "mean", "s.e.")?;
    let mut rows = vec![("return", e)];
    rows.extend(trained.measures());
    rows.push(("random's return", r));
    rows.push(("above random", difference));
    let against = |b: &tasks::Baseline| paired(trained.returns(), &b.returns);
    rows.extend(baselines.iter().map(|b| (if b.name == "agent" { "above agent" } else { "above greedy" }, against(b))));
    for (name, e) in rows {
        writeln!(out, "  {}{:>10.3}{:>10.3}   {:.3} to {:.3}", fit(name, 16), e.mean, e.se, e.low, e.high)?;
    }
    Ok(Found::Good)
}
