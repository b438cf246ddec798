//! What can be taken along from a run.

use super::{
    protocol::{Event, Export, Problem},
    run::Run,
};
use crate::{
    learn::{
        plackett::{self, Work},
        policy::Policy,
        task::{Task, View},
    },
    math::{Purpose, Source},
};
use serde::Serialize;
use std::fmt::Write as _;

/// Episodes whose steps are exported.
const EPISODES: u64 = 20;
/// The seeds of those episodes are keyed by this.
const KEY: u64 = 0x7a11;

/// One step of a policy that explores.
#[derive(Serialize)]
struct Transition<'a> {
    episode: u64,
    step: u32,
    observation: &'a [f32],
    /// One row of features a candidate.
    candidates: Vec<&'a [f32]>,
    slate: &'a [usize],
    log_prob: f32,
    reward: f64,
    terminated: bool,
    truncated: bool,
}

/// The file that is asked for.
pub(super) fn export(run: &Run, what: Export) -> Result<Event, Problem> {
    let none = || Problem {
        field: String::new(),
        what: "There is no policy to take along before the first measurement.".into(),
    };
    let (name, mime, bytes) = match what {
        Export::Weights => ("policy.safetensors", "application/octet-stream", run.weights().ok_or_else(none)?),
        Export::Curves => ("curves.csv", "text/csv", curves(run).into_bytes()),
        Export::Transitions => {
            let (_, policy, _) = run.best().ok_or_else(none)?;
            ("transitions.jsonl", "application/jsonl", transitions(run.task.as_ref(), policy)?.into_bytes())
        }
    };
    Ok(Event::Exported { name: name.into(), mime: mime.into(), bytes })
}

/// One line a seed and measurement.
fn curves(run: &Run) -> String {
    let names: Vec<&str> = run.setup.algorithm.diagnostics.iter().map(|d| d.0).collect();
    let mut out = format!("seed,env_steps,eval_return_mean,eval_return_se,retention,{}\n", names.join(","));
    for seed in &run.seeds {
        for m in &seed.curve {
            let retention = m.retention.map_or_else(String::new, |r| r.to_string());
            let _ = write!(out, "{},{},{},{},{retention}", seed.seed, m.env_steps, m.mean, m.se);
            for i in 0..names.len() {
                let value = m.diagnostics.get(i).map_or_else(String::new, f64::to_string);
                let _ = write!(out, ",{value}");
            }
            out.push('\n');
        }
    }
    out
}

/// Steps of a policy that draws its slates, one JSON object a line.
fn transitions(task: &dyn Task, policy: &Policy) -> Result<String, Problem> {
    let (mut task, mut view, mut next) = (task.fresh(), View::default(), View::default());
    let (mut work, mut slate, mut out) = (Work::default(), Vec::new(), String::new());
    let shape = task.shape();
    for episode in 0..EPISODES {
        let source = Source::new(KEY).keyed(episode);
        task.reset(source.seed(), &mut view);
        for step in 0.. {
            let scores = policy.scores(&view);
            let mut random = source.keyed(u64::from(step)).stream(Purpose::Recommend);
            plackett::draw(&scores, shape.slate, &mut random, &mut work, &mut slate);
            let places: Vec<u16> = slate.iter().map(|i| *i as u16).collect();
            let log_prob = work.judge(&scores, &places).log_prob;
            let outcome = task.step(&slate, &mut next);
            let line = Transition {
                episode,
                step,
                observation: &view.observation,
                candidates: view.features.chunks(shape.features.max(1)).collect(),
                slate: &slate,
                log_prob,
                reward: outcome.reward,
                terminated: outcome.terminated,
                truncated: outcome.truncated,
            };
            let text =
                serde_json::to_string(&line).map_err(|e| Problem { field: String::new(), what: e.to_string() })?;
            out.push_str(&text);
            out.push('\n');
            core::mem::swap(&mut view, &mut next);
            if outcome.terminated || outcome.truncated {
                break;
            }
        }
    }
    Ok(out)
}
