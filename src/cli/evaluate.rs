//! Judging a trained policy on the command line.

use super::{
    Done, Found,
    args::{RemoteArgs, RunArgs},
    paint::{Paint, Tone, fit, safe},
    progress::Progress,
    remote::Remote,
    said, tasks,
};
use crate::{
    lab::paired,
    learn::{
        algorithm::fits,
        evaluate::{Best, Evaluation},
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
    /// The recommenders that it is held against on the same episodes, by commas, or all: greedy and agent for sessions (see
    /// `recommenders`), in a published environment all of its own, unless you choose.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub against: Vec<String>,
    /// Or against a recommender of your own as well.
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Runs the policy and a random one on the same episodes.
pub fn run(args: &EvaluateArgs, out: &mut dyn Write) -> Done {
    let named = tasks::task(&args.run, None)?;
    let opponents = named.opponents(&args.against)?;
    let remote = Remote::of(&args.remote, &named.id)?;
    let (label, policy) = tasks::policy(&args.policy)?;
    let file = args.policy.display();
    fits(policy.shape(), named.task.shape()).map_err(|e| said(format!("{file}: {e}.")))?;
    let seed = args.run.seed.unwrap_or(0);
    let mut trained = Evaluation::new(named.task.as_ref(), seed);
    let mut actor = Best::new(policy);
    let mut progress = Progress::new("episodes");
    for done in 0..args.episodes {
        progress.tell(done, args.episodes);
        trained.step(&mut actor);
    }
    progress.end();
    let trained = trained.results();
    let random = named.at_random(trained, seed)?;
    let (e, r) = (trained.estimate(), random.estimate());
    let difference = paired(trained.returns(), &random.returns);
    let mut baselines = named.held_against(&opponents, trained)?;
    if let Some(remote) = &remote {
        baselines.push(named.held_against_own(remote, trained)?);
    }
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
            object["against"][&b.name] = b.against(trained);
        }
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    let head = format!("{}: a policy by {}, {} episodes", named.id, label.algorithm, args.episodes);
    writeln!(out, "{}", paint.tone(Tone::Strong, &head))?;
    writeln!(out, "  {:<22}{:>10}{:>10}   95 % interval", "", "mean", "s.e.")?;
    let mut rows = vec![("return".to_owned(), e)];
    rows.extend(trained.measures().into_iter().map(|(name, e)| (name.to_owned(), e)));
    rows.push(("random's return".to_owned(), r));
    rows.push(("above random".to_owned(), difference));
    let others = baselines.iter().filter(|b| b.name != "random");
    rows.extend(others.map(|b| (format!("above {}", b.name), paired(trained.returns(), &b.returns))));
    for (name, e) in rows {
        writeln!(out, "  {}{:>10.3}{:>10.3}   {:.3} to {:.3}", fit(&safe(&name), 22), e.mean, e.se, e.low, e.high)?;
    }
    Ok(Found::Good)
}
