//! From a scenario's name and `--set` to a task to learn.

use super::{Problem, args::RunArgs, load, published, said};
use crate::learn::{algorithm::Setup, session::SessionTask, task::Task};

/// A task and the id of its scenario.
pub struct Named {
    /// The scenario's id.
    pub id: String,
    /// The task.
    pub task: Box<dyn Task>,
}

/// The task of the arguments. Those of `--set` that name a field of the algorithm go there, all others to the scenario.
pub fn task(run: &RunArgs, setup: Option<&mut Setup>) -> Result<Named, Problem> {
    let mut run = run.clone();
    if let Some(setup) = setup {
        run.set = shared_out(run.set, setup)?;
    }
    if let Some(spec) = published::spec(&run)? {
        return Ok(Named { id: spec.family().id().to_owned(), task: spec.task() });
    }
    let stage = load::stage(&run)?;
    Ok(Named { id: stage.scenario.id.clone(), task: Box::new(SessionTask::new(&stage.knowledge, &stage.world)) })
}

fn shared_out(sets: Vec<String>, setup: &mut Setup) -> Result<Vec<String>, Problem> {
    let mut rest = Vec::new();
    for change in sets {
        match change.split_once('=') {
            Some((field, text)) if setup.has(field.trim()) => {
                setup.set_text(field.trim(), text).map_err(|e| said(format!("--set {change}: {e}")))?;
            }
            _ => rest.push(change),
        }
    }
    Ok(rest)
}
