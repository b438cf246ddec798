//! What can be taken along from a run.

use super::{
    protocol::{Chosen, Event, Export, Problem},
    run::Run,
};
use crate::{
    learn::{
        pairs::{Maker, Making, decided, to_value},
        policy::Policy,
        transitions::Transitions,
    },
    math::Source,
};
use std::fmt::Write as _;

/// Episodes whose steps are exported.
const EPISODES: u32 = 20;
/// Pairs that are tried for; two equal slates make none.
const PAIRS: Making = Making { pairs: 64, continuations: 4 };

const JSONL: &str = "application/jsonl";

/// The file that is asked for.
pub(super) fn export(run: &Run, what: Export) -> Result<Event, Problem> {
    let mut note = String::new();
    let (name, mime, bytes) = match what {
        Export::Weights => ("policy.safetensors", "application/octet-stream", run.weights().ok_or_else(none)?),
        Export::Curves => ("curves.csv", "text/csv", curves(run).into_bytes()),
        Export::Transitions => {
            let (_, policy, _) = run.best().ok_or_else(none)?;
            ("transitions.jsonl", JSONL, transitions(run, policy).into_bytes())
        }
        Export::Pairs => {
            let (_, policy, _) = run.best().ok_or_else(none)?;
            let (lines, ties) = pairs(run, policy)?;
            if ties > 0 {
                note = format!("{ties} more were left out: both slates earned the same.");
            }
            ("pairs.jsonl", JSONL, lines.into_bytes())
        }
        Export::Picked => ("my-pairs.jsonl", JSONL, run.picked()?.into_bytes()),
    };
    Ok(Event::Exported { name: name.into(), mime: mime.into(), bytes, note })
}

fn none() -> Problem {
    Problem { field: String::new(), what: "There is no policy to take along before the first measurement.".into() }
}

/// The best policy, to serve sessions.
pub(super) fn serves(run: &Run) -> Result<Event, Problem> {
    let Chosen::Session(scenario) = &run.plan.scenario else {
        let what = format!(
            "It was trained on {}, whose users have no sessions. Train on a session scenario to let a policy serve.",
            run.stage.title()
        );
        return Err(Problem { field: String::new(), what });
    };
    let weights = run.weights().ok_or_else(none)?;
    let made = if run.is_imported() { "from a file".to_owned() } else { format!("trained on {}", run.stage.title()) };
    Ok(Event::Serves { title: format!("{}, {made}", run.setup.algorithm.title), scenario: scenario.clone(), weights })
}

/// The moments of exported pairs are keyed by this.
const KEY: u64 = 0x9a12;

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
fn transitions(run: &Run, policy: &Policy) -> String {
    let mut all = Transitions::new(run.task.as_ref(), 0, run.setup.algorithm.name);
    (0..EPISODES).map(|_| all.episode(policy)).collect()
}

/// Pairs of slates that a policy draws, judged by what the sessions earn with them; and how many ties were left out.
fn pairs(run: &Run, policy: &Policy) -> Result<(String, usize), Problem> {
    let mut task = run.task.fresh();
    let made = Maker::new(task.as_ref()).make(policy, PAIRS, Source::new(KEY));
    let (pairs, ties) = decided(made, run.setup.algorithm.name);
    if pairs.is_empty() {
        let what = "Its slates are all alike, or earn the same: there is nothing to prefer.".to_owned();
        return Err(Problem { field: String::new(), what });
    }
    Ok((pairs.iter().map(|pair| format!("{}\n", to_value(task.as_mut(), pair))).collect(), ties))
}
