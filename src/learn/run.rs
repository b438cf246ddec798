//! What learners with a policy and a critic have in common: their parts, and how a run is kept and gone on with.

use super::{
    algorithm::{Label, Setup, fits, get_policy, put_policy},
    files::{Contents, FileError},
    nn::{Adam, Mlp, Tape},
    plackett::Work,
    policy::{Policy, PolicyTape},
    rollout::{Envs, Underway},
    task::{Shape, Task},
};
use crate::math::{Purpose, Source};
use std::collections::BTreeMap;

/// All that learning changes: two separate networks and their optimisers.
#[derive(Clone)]
pub(super) struct Brain {
    pub(super) policy: Policy,
    pub(super) critic: Mlp,
    pub(super) critic_params: Vec<f32>,
    pub(super) adam: [Adam; 2],
}

/// Room that is kept between minibatches.
#[derive(Default)]
pub(super) struct Workspace {
    pub(super) policy: PolicyTape,
    pub(super) critic: Tape,
    pub(super) slates: Work,
    pub(super) dscores: Vec<f32>,
    pub(super) dvalues: Vec<f32>,
    pub(super) grads: Vec<f32>,
    pub(super) critic_grads: Vec<f32>,
}

impl Brain {
    pub(super) fn new(shape: Shape, hidden: usize, source: Source) -> Self {
        let policy = Policy::new(shape, hidden, source.keyed(1));
        let critic = Mlp::new(&[shape.observation, hidden, hidden, 1]);
        let critic_params = critic.init(|_| 1.0, &mut source.keyed(2).stream(Purpose::Learn));
        let adam = [Adam::new(policy.params.len(), 1e-5), Adam::new(critic_params.len(), 1e-5)];
        Self { policy, critic, critic_params, adam }
    }

    pub(super) fn critic(&self) -> (&Mlp, &[f32]) {
        (&self.critic, &self.critic_params)
    }

    pub(super) fn is_finite(&self) -> bool {
        self.policy.params.iter().chain(&self.critic_params).all(|p| p.is_finite())
    }
}

/// Writes an optimiser's state into a file.
pub(super) fn put_adam(file: &mut Contents, name: &str, adam: &Adam) {
    file.put(format!("{name}.m"), vec![adam.m.len()], adam.m.clone());
    file.put(format!("{name}.v"), vec![adam.v.len()], adam.v.clone());
    file.words.insert(format!("{name}.t"), adam.t.to_string());
}

/// Reads an optimiser's state.
pub(super) fn get_adam(file: &Contents, name: &str, adam: &mut Adam) -> Result<(), FileError> {
    for (part, to) in [("m", &mut adam.m), ("v", &mut adam.v)] {
        let from = file.get(&format!("{name}.{part}"))?;
        if from.len() != to.len() {
            return Err(FileError::Missing(format!("{name}.{part} of the right size")));
        }
        to.copy_from_slice(from);
    }
    adam.t = count(file, &format!("{name}.t"))?;
    Ok(())
}

/// A whole number among a file's words.
pub(super) fn count(file: &Contents, name: &str) -> Result<u64, FileError> {
    file.word(name)?.parse().map_err(|_| FileError::Missing(name.to_owned()))
}

/// Whether a file is of a run like this one.
pub(super) fn same_run(file: &Label, here: &Label) -> Result<(), FileError> {
    fits(file.shape, here.shape)?;
    let other = |what: &str, a: &str, b: &str| {
        Err(FileError::Mismatch(format!("it is of another run: its {what} is {a}, here it is {b}")))
    };
    if file.algorithm != here.algorithm {
        return other("algorithm", &file.algorithm, &here.algorithm);
    }
    if file.seed != here.seed {
        return other("seed", &file.seed.to_string(), &here.seed.to_string());
    }
    // Files of earlier versions do not tell the scenario.
    if let (Some(theirs), Some(ours)) = (&file.scenario, &here.scenario)
        && theirs != ours
    {
        return other("scenario", theirs, ours);
    }
    let read = |settings: &str| serde_json::from_str::<BTreeMap<String, f64>>(settings).unwrap_or_default();
    let (theirs, ours) = (read(&file.settings), read(&here.settings));
    // How long it trains may change: that is what going on is for.
    let differs = ours.iter().find(|(name, value)| *name != "total_timesteps" && theirs.get(*name) != Some(value));
    match differs {
        None => Ok(()),
        Some((name, value)) => {
            let was = theirs.get(name).map_or_else(|| "missing".to_owned(), f64::to_string);
            other(name, &was, &value.to_string())
        }
    }
}

/// Why numbers run away, as far as the settings tell.
pub(super) fn explosion(setup: &Setup, what: &str) -> String {
    let (rate, clip) = (setup.get("learning_rate"), setup.get("max_grad_norm"));
    let likely = if rate > 3e-3 {
        format!("learning_rate is {rate}; 3e-4 is usual")
    } else if setup.get("norm_reward") == 0.0 {
        "rewards are not scaled: set norm_reward to on".into()
    } else if clip > 10.0 {
        format!("max_grad_norm is {clip}; 0.5 is usual")
    } else {
        "a reward or an observation of the scenario may be no number".into()
    };
    format!("{what} are no longer numbers or far too large. Likely cause: {likely}.")
}

/// A run: where it stands and how it is kept.
pub(super) struct Run {
    pub(super) setup: Setup,
    pub(super) seed: u64,
    pub(super) envs: Envs,
    pub(super) brain: Brain,
    pub(super) iteration: u64,
    pub(super) env_steps: u64,
    task: Box<dyn Task>,
}

impl Run {
    pub(super) fn new(setup: Setup, task: &dyn Task, seed: u64) -> Self {
        let envs = begin(&setup, task, seed);
        let brain = Brain::new(task.shape(), setup.get("hidden_units") as usize, Source::new(seed));
        Self { setup, seed, envs, brain, iteration: 0, env_steps: 0, task: task.fresh() }
    }

    /// The learning rate now: falling linearly over `total_timesteps` to a twentieth, where it stays.
    pub(super) fn learning_rate(&self) -> f64 {
        let left = 1.0 - self.env_steps as f64 / self.setup.get("total_timesteps");
        let anneal = self.setup.get("anneal_lr") != 0.0;
        self.setup.get("learning_rate") * if anneal { left.max(0.05) } else { 1.0 }
    }

    fn label(&self) -> Label {
        Label::of(&self.setup, &self.brain.policy, self.seed)
    }

    pub(super) fn checkpoint(&self) -> Vec<u8> {
        let mut file = Contents::default();
        put_policy(&mut file, &self.label(), &self.brain.policy);
        for (name, shape, data) in self.brain.critic.named(&self.brain.critic_params) {
            file.put(format!("critic.{name}"), shape, data);
        }
        put_adam(&mut file, "adam.policy", &self.brain.adam[0]);
        put_adam(&mut file, "adam.critic", &self.brain.adam[1]);
        file.words.insert("iteration".into(), self.iteration.to_string());
        file.words.insert("env_steps".into(), self.env_steps.to_string());
        file.words.insert("underway".into(), serde_json::to_string(&self.envs.underway()).unwrap_or_default());
        file.to_bytes()
    }

    pub(super) fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let file = Contents::from_bytes(bytes)?;
        let (label, policy) = get_policy(&file)?;
        same_run(&label, &self.label())?;
        let mut brain = self.brain.clone();
        brain.policy = policy;
        let critic = file.tensors.iter().filter(|t| t.name.starts_with("critic."));
        let parts: Vec<Vec<f32>> = critic.map(|t| t.data.clone()).collect();
        brain.critic_params = brain.critic.from_named(&parts).ok_or_else(|| FileError::Missing("critic".into()))?;
        get_adam(&file, "adam.policy", &mut brain.adam[0])?;
        get_adam(&file, "adam.critic", &mut brain.adam[1])?;
        let underway: Underway =
            serde_json::from_str(file.word("underway")?).map_err(|_| FileError::Missing("underway".into()))?;
        let (iteration, env_steps) = (count(&file, "iteration")?, count(&file, "env_steps")?);
        let mut envs = begin(&self.setup, self.task.as_ref(), self.seed);
        envs.bring_back(&underway)?;
        (self.brain, self.envs, self.iteration, self.env_steps) = (brain, envs, iteration, env_steps);
        Ok(())
    }
}

fn begin(setup: &Setup, task: &dyn Task, seed: u64) -> Envs {
    let (lanes, scale) = (setup.get("num_envs") as usize, setup.get("norm_reward") != 0.0);
    Envs::new(task, lanes, Source::new(seed).keyed(0), setup.get("gamma"), scale)
}
