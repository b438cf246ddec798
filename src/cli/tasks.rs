//! From a scenario's name and `--set` to a task to learn.

use super::{
    Problem,
    args::RunArgs,
    load::{self, Stage},
    published,
    remote::Remote,
    said,
};
use crate::{
    lab::{Estimate, Published, Welford, paired, play},
    learn::{
        algorithm::{self, Setup},
        evaluate::{AtRandom, Results, evaluate},
        files::Contents,
        policy::Policy,
        serve::Served,
        session::SessionTask,
        task::Task,
    },
    math,
    recommender::{self, LIST, Recommender},
    scenario::{
        RecommenderSpec,
        recsim::{Agent, Spec, agents},
    },
    session::player::Make,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, rc::Rc};

/// The largest policy file that is read.
const MOST: usize = 256 << 20;

/// A policy with the words about it, from a file.
pub fn policy(path: &Path) -> Result<(algorithm::Label, Policy), Problem> {
    let bytes = load::read(path, MOST)?;
    let read = Contents::from_bytes(&bytes).and_then(|c| algorithm::get_policy(&c));
    read.map_err(|e| said(format!("{}: {e}.", path.display())))
}

/// What makes a stage's recommenders, a trained policy in the place of the scenario's own.
pub fn maker(stage: &Stage, path: &Path) -> Result<Make, Problem> {
    let (_, policy) = policy(path)?;
    let (knowledge, world) = (stage.knowledge.clone(), stage.world.clone());
    Served::new(policy.clone(), &knowledge, &world).map_err(|e| said(format!("{}: {e}.", path.display())))?;
    Ok(Rc::new(move |_| match Served::new(policy.clone(), &knowledge, &world) {
        Ok(served) => Ok(Box::new(served)),
        Err(e) => Err(e.to_string()),
    }))
}

/// A task and the id of its scenario.
pub struct Named {
    /// The scenario's id.
    pub id: String,
    /// The task.
    pub task: Box<dyn Task>,
    /// What it runs in, where it is a session scenario.
    pub stage: Option<Stage>,
    /// Its settings, where it is a published environment.
    pub spec: Option<Spec>,
}

/// The recommenders that a policy for sessions is held against where nobody chose.
const BASELINES: [&str; 2] = ["greedy", "agent"];

/// A baseline on the same episodes as a policy.
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// Whether it sees what no policy may.
    pub oracle: bool,
    /// Its returns, in the order of episodes.
    pub returns: Vec<f64>,
    /// The chances that the user comes back, in the same order.
    pub retention: Vec<f64>,
}

impl Named {
    /// The scenario with a digest of its settings: "recsim/InterestEvolution-v0 (settings 0123456789abcdef)". Who serves in
    /// it is none of a task's.
    pub fn told(&self) -> String {
        let settings = match (&self.spec, &self.stage) {
            (Some(spec), _) => spec.settings().to_string(),
            (_, Some(stage)) => {
                let mut scenario = (*stage.scenario).clone();
                scenario.recommender = RecommenderSpec { name: "random".into(), settings: BTreeMap::new() };
                serde_json::to_string(&scenario).unwrap_or_default()
            }
            _ => String::new(),
        };
        format!("{} (settings {})", self.id, math::digest(&settings))
    }

    /// Whom a policy is held against: those named, checked; all; or where nobody is named, who is for that. In a published
    /// environment these are its own recommenders.
    pub fn opponents(&self, given: &[String]) -> Result<Vec<&'static str>, Problem> {
        let all = given.iter().any(|name| name.trim() == "all");
        if let Some(spec) = &self.spec {
            let listed = agents(spec.family());
            let one = |name: &String| match listed.iter().find(|l| l.name.eq_ignore_ascii_case(name.trim())) {
                Some(l) => Ok(l.name),
                None => Err(Agent::find(spec.family(), name.trim())
                    .map_or_else(|e| said(format!("--against: {e}")), |_| said("--against: there is none."))),
            };
            return match given {
                // Chance is told beside them anyway.
                [] => Ok(listed.iter().map(|l| l.name).filter(|name| *name != "random").collect()),
                _ if all => Ok(listed.iter().map(|l| l.name).collect()),
                some => some.iter().map(one).collect(),
            };
        }
        let one = |name: &String| {
            let spec = RecommenderSpec { name: name.trim().to_owned(), settings: BTreeMap::new() };
            recommender::check(&spec).map(|l| l.name).map_err(|e| said(format!("--against: {e}.")))
        };
        match given {
            [] => Ok(BASELINES.to_vec()),
            _ if all => Ok(LIST.iter().map(|l| l.name).collect()),
            some => some.iter().map(one).collect(),
        }
    }

    /// Whom a policy is held against where nobody chose, on the episodes of an evaluation.
    pub fn baselines(&self, evaluation: &Results) -> Result<Vec<Baseline>, Problem> {
        self.held_against(&self.opponents(&[])?, evaluation)
    }

    /// Recommenders on the episodes of an evaluation.
    pub fn held_against(&self, names: &[&'static str], evaluation: &Results) -> Result<Vec<Baseline>, Problem> {
        if let Some(spec) = &self.spec {
            return names.iter().map(|name| Baseline::published(spec, name, evaluation)).collect();
        }
        let Some(stage) = &self.stage else { return Ok(Vec::new()) };
        let one = |name: &&str| {
            let spec = RecommenderSpec { name: (*name).to_owned(), settings: BTreeMap::new() };
            let mut recommender = recommender::make(&spec, &stage.knowledge).map_err(said)?;
            Baseline::play((*name).to_owned(), recommender.as_mut(), stage, evaluation, &|| Ok(()))
        };
        names.iter().map(one).collect()
    }

    /// What chance earns on the episodes of an evaluation from a seed: for sessions the random recommender, as on the Train
    /// page; elsewhere candidates at random.
    pub fn at_random(&self, evaluation: &Results, seed: u64) -> Result<Baseline, Problem> {
        if self.stage.is_some()
            && let Some(random) = self.held_against(&["random"], evaluation)?.pop()
        {
            return Ok(random);
        }
        let results = evaluate(self.task.as_ref(), &mut AtRandom, evaluation.returns().len() as u32, seed);
        let returns = results.returns().to_vec();
        Ok(Baseline { name: "random".to_owned(), oracle: false, returns, retention: Vec::new() })
    }

    /// The same for one of the person's own.
    pub fn held_against_own(&self, remote: &Remote, evaluation: &Results) -> Result<Baseline, Problem> {
        let Some(stage) = &self.stage else {
            let what =
                "--recommender-url: a policy for a published environment is not held against it here. Use compare.";
            return Err(said(what));
        };
        Baseline::play(remote.name(), &mut remote.clone(), stage, evaluation, &|| remote.check())
    }
}

impl Baseline {
    /// A recommender on the episodes of an evaluation, as long as `check` finds nothing.
    fn play(
        name: String,
        recommender: &mut dyn Recommender,
        stage: &Stage,
        evaluation: &Results,
        check: &dyn Fn() -> Result<(), Problem>,
    ) -> Result<Self, Problem> {
        let (mut returns, mut retention) = (Vec::new(), Vec::new());
        for seed in evaluation.seeds() {
            let outcome = play(&stage.scenario, &stage.world, recommender, *seed);
            check()?;
            returns.push(outcome.metrics.reward);
            retention.push(outcome.metrics.return_chance);
        }
        let oracle = recommender::find(&name).is_some_and(|l| l.is_oracle);
        Ok(Self { name, oracle, returns, retention })
    }

    /// A published environment's own recommender on the episodes of an evaluation.
    fn published(spec: &Spec, name: &str, evaluation: &Results) -> Result<Self, Problem> {
        let mut rollout = Published::new(spec, name, 0).map_err(said)?;
        evaluation.seeds().iter().for_each(|seed| rollout.step_on(*seed));
        let (oracle, returns) = (rollout.is_oracle(), rollout.returns().to_vec());
        Ok(Self { name: name.to_owned(), oracle, returns, retention: Vec::new() })
    }

    /// What it earns.
    pub fn estimate(&self) -> Estimate {
        let mut w = Welford::default();
        self.returns.iter().for_each(|r| w.add(*r));
        w.estimate()
    }

    /// How a policy differs from it, episode by episode.
    pub fn against(&self, results: &Results) -> Value {
        let reward = paired(results.returns(), &self.returns);
        let mean = self.returns.iter().sum::<f64>() / self.returns.len().max(1) as f64;
        let share = reward.mean / mean;
        let retention = paired(results.values("retention"), &self.retention);
        let mut value = json!({ "return_mean": mean, "difference": reward, "share": share });
        if !self.retention.is_empty() {
            value["retention_difference"] = json!(retention);
        }
        value
    }
}

/// The task of the arguments. Those of `--set` that name a field of the algorithm go there, all others to the scenario.
pub fn task(run: &RunArgs, setup: Option<&mut Setup>) -> Result<Named, Problem> {
    let mut run = run.clone();
    if let Some(setup) = setup {
        run.set = shared_out(run.set, setup)?;
    }
    if let Some(spec) = published::spec(&run)? {
        return Ok(Named { id: spec.family().id().to_owned(), task: spec.task(), stage: None, spec: Some(spec) });
    }
    let stage = load::stage(&run)?;
    let task = Box::new(SessionTask::new(&stage.knowledge, &stage.world));
    Ok(Named { id: stage.scenario.id.clone(), task, stage: Some(stage), spec: None })
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
