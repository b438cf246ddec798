//! PPO: Schulman, Wolski, Dhariwal, Radford and Klimov, "Proximal policy optimization algorithms", 2017, with the details
//! that Huang et al. found to matter ("The 37 implementation details of proximal policy optimization", ICLR blog, 2022).
//!
//! 1. Several episodes run side by side; an iteration is `num_steps` of each, cut wherever it ends.
//! 2. Layers are orthogonal at first; the policy's last layer is small, so that first slates are close to random.
//! 3. Adam's ε is 1e-5.
//! 4. The learning rate falls linearly over `total_timesteps`, to a twentieth, and stays there.
//! 5. Advantages by GAE; where an episode was cut off, the critic's value of the next view is part of the last reward.
//! 6. Minibatches are drawn anew in each epoch, without replacement.
//! 7. Advantages are normalised in each minibatch.
//! 8. The ratio is that of the *whole slate*: its log-probability is the sum of its places' (see [`plackett`]), under the
//!    candidates that were on offer at that step.
//! 9. The value loss is clipped like the policy's.
//! 10. The loss is policy − `ent_coef` · entropy + `vf_coef` · value; the entropy is the sum of the conditionals along the
//!     slate.
//! 11. The gradients of policy and critic, two separate networks, are clipped by their common length.
//! 12. An iteration stops early where the policy has moved further than `target_kl`, by the estimate (r − 1) − ln r
//!     (Schulman, "Approximating KL divergence", 2020).
//! 13. Rewards are divided by the running standard deviation of the discounted return and clipped to ±10.

use super::{
    algorithm::{Algorithm, Label, Report, Setup, Stopped, Trainer, get_policy, put_policy},
    files::{Contents, FileError},
    nn::{Adam, Mlp, Tape, clip_norm, padded},
    plackett::Work,
    policy::{Policy, PolicyTape},
    rollout::{Buffer, Envs, Underway},
    task::{Shape, Task},
};
use crate::{
    math::{Purpose, Source, Stream, exp},
    recommender::Setting,
};

const fn field(name: &'static str, doc: &'static str, default: f64, min: f64, max: f64, whole: bool) -> Setting {
    Setting { name, doc, default, min, max, whole }
}

/// PPO's listing.
pub static PPO: Algorithm = Algorithm {
    name: "ppo",
    title: "PPO",
    about: "Takes small safe steps: learns from what it just did, but never moves far from it at once.",
    paper: "Schulman et al., Proximal policy optimization algorithms, 2017",
    fields: &[
        field(
            "total_timesteps",
            "Environment steps over which the learning rate falls to a twentieth; after them it stays there.",
            1_000_000.0,
            1.0,
            1e9,
            true,
        ),
        field("learning_rate", "How far each step of Adam goes at first.", 3e-4, 1e-7, 0.1, false),
        field(
            "anneal_lr",
            "Whether the learning rate falls over total_timesteps (1) or stays (0).",
            1.0,
            0.0,
            1.0,
            true,
        ),
        field("num_envs", "Episodes that run side by side.", 8.0, 1.0, 256.0, true),
        field("num_steps", "Steps of each episode between two updates.", 128.0, 4.0, 4096.0, true),
        field("gamma", "How much a reward one step later counts: 0 looks at this step only.", 0.99, 0.0, 1.0, false),
        field(
            "gae_lambda",
            "How far rewards are followed before the critic is asked: 0 is one step, 1 the whole episode.",
            0.95,
            0.0,
            1.0,
            false,
        ),
        field("minibatch_size", "Steps in a minibatch.", 256.0, 8.0, 65536.0, true),
        field("update_epochs", "How often each step is learnt from.", 4.0, 1.0, 50.0, true),
        field("norm_adv", "Whether advantages are normalised in each minibatch (1) or not (0).", 1.0, 0.0, 1.0, true),
        field(
            "clip_coef",
            "How far a slate's probability may move in one iteration before it is no longer pushed.",
            0.2,
            0.01,
            1.0,
            false,
        ),
        field("clip_vloss", "Whether the critic's steps are clipped too (1) or not (0).", 1.0, 0.0, 1.0, true),
        field("ent_coef", "How much variety of slates is worth beside reward.", 0.01, 0.0, 1.0, false),
        field("vf_coef", "How much the critic's error weighs in the loss.", 0.5, 0.0, 10.0, false),
        field(
            "max_grad_norm",
            "The greatest length of a gradient; longer ones are shortened.",
            0.5,
            0.001,
            1000.0,
            false,
        ),
        field("target_kl", "How far the policy may move in one iteration; 0 sets no limit.", 0.0, 0.0, 10.0, false),
        field(
            "norm_reward",
            "Whether rewards are scaled by the spread of returns (1) or not (0).",
            1.0,
            0.0,
            1.0,
            true,
        ),
        field("hidden_units", "The width of the two layers of policy and critic.", 64.0, 8.0, 512.0, true),
    ],
    diagnostics: &[
        ("entropy", "How varied its slates are, in nats; falls as it makes up its mind."),
        ("approx_kl", "How far the policy moved in this iteration; above 0.05 is hasty."),
        ("clip_fraction", "The share of steps whose push was cut by clip_coef."),
        ("policy_loss", "The clipped loss of the policy."),
        ("value_loss", "The critic's mean squared error, in scaled rewards."),
        ("explained_variance", "How much of the returns the critic foresaw: 1 is all, 0 nothing."),
        ("grad_norm", "The length of the gradient before it was shortened."),
        ("learning_rate", "The learning rate now."),
    ],
    make: |setup, task, seed| Box::new(Ppo::new(setup, task, seed)),
};

/// The fields, read once.
#[derive(Clone, Debug)]
struct Fields {
    total_timesteps: f64,
    learning_rate: f64,
    anneal_lr: bool,
    num_envs: usize,
    num_steps: usize,
    gamma: f64,
    gae_lambda: f64,
    minibatch_size: usize,
    update_epochs: usize,
    norm_adv: bool,
    clip_coef: f32,
    clip_vloss: bool,
    ent_coef: f32,
    vf_coef: f32,
    max_grad_norm: f32,
    target_kl: f64,
    norm_reward: bool,
    hidden_units: usize,
}

impl Fields {
    fn of(setup: &Setup) -> Self {
        let (float, whole) = (|name| setup.get(name) as f32, |name| setup.get(name) as usize);
        let flag = |name| setup.get(name) != 0.0;
        Self {
            total_timesteps: setup.get("total_timesteps"),
            learning_rate: setup.get("learning_rate"),
            anneal_lr: flag("anneal_lr"),
            num_envs: whole("num_envs"),
            num_steps: whole("num_steps"),
            gamma: setup.get("gamma"),
            gae_lambda: setup.get("gae_lambda"),
            minibatch_size: whole("minibatch_size"),
            update_epochs: whole("update_epochs"),
            norm_adv: flag("norm_adv"),
            clip_coef: float("clip_coef"),
            clip_vloss: flag("clip_vloss"),
            ent_coef: float("ent_coef"),
            vf_coef: float("vf_coef"),
            max_grad_norm: float("max_grad_norm"),
            target_kl: setup.get("target_kl"),
            norm_reward: flag("norm_reward"),
            hidden_units: whole("hidden_units"),
        }
    }
}

/// PPO at work.
pub struct Ppo {
    setup: Setup,
    fields: Fields,
    task: Box<dyn Task>,
    seed: u64,
    envs: Envs,
    buffer: Buffer,
    brain: Brain,
    iteration: u64,
    env_steps: u64,
    work: Workspace,
}

/// All that learning changes.
#[derive(Clone)]
struct Brain {
    policy: Policy,
    critic: Mlp,
    critic_params: Vec<f32>,
    adam: [Adam; 2],
}

/// Room that is kept between minibatches.
#[derive(Default)]
struct Workspace {
    policy: PolicyTape,
    critic: Tape,
    slates: Work,
    dscores: Vec<f32>,
    dvalues: Vec<f32>,
    grads: Vec<f32>,
    critic_grads: Vec<f32>,
}

/// Sums over the minibatches of an iteration.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    steps: f64,
    batches: f64,
    entropy: f64,
    kl: f64,
    clipped: f64,
    policy_loss: f64,
    value_loss: f64,
    grad_norm: f64,
}

impl Brain {
    fn new(shape: Shape, hidden: usize, source: Source) -> Self {
        let policy = Policy::new(shape, hidden, source.keyed(1));
        let critic = Mlp::new(&[shape.observation, hidden, hidden, 1]);
        let critic_params = critic.init(|_| 1.0, &mut source.keyed(2).stream(Purpose::Learn));
        let adam = [Adam::new(policy.params.len(), 1e-5), Adam::new(critic_params.len(), 1e-5)];
        Self { policy, critic, critic_params, adam }
    }

    fn is_finite(&self) -> bool {
        self.policy.params.iter().chain(&self.critic_params).all(|p| p.is_finite())
    }
}

impl Ppo {
    /// A run at its beginning.
    #[must_use]
    pub fn new(setup: Setup, task: &dyn Task, seed: u64) -> Self {
        let fields = Fields::of(&setup);
        let source = Source::new(seed);
        let envs = Envs::new(task, fields.num_envs, source.keyed(0), fields.gamma, fields.norm_reward);
        let brain = Brain::new(task.shape(), fields.hidden_units, source);
        Self {
            setup,
            fields,
            task: task.fresh(),
            seed,
            envs,
            buffer: Buffer::default(),
            brain,
            iteration: 0,
            env_steps: 0,
            work: Workspace::default(),
        }
    }

    fn learning_rate(&self) -> f64 {
        let f = &self.fields;
        let left = 1.0 - self.env_steps as f64 / f.total_timesteps;
        f.learning_rate * if f.anneal_lr { left.max(0.05) } else { 1.0 }
    }

    /// Learns from the buffer.
    fn update(&mut self, rate: f32) -> Result<Sums, String> {
        let mut order: Vec<u32> = (0..self.buffer.len() as u32).collect();
        let mut random = Source::new(self.seed).keyed(3).keyed(self.iteration).stream(Purpose::Learn);
        let mut last = Sums::default();
        for _ in 0..self.fields.update_epochs {
            shuffle(&mut order, &mut random);
            let mut sums = Sums::default();
            for batch in order.chunks(self.fields.minibatch_size) {
                minibatch(&self.fields, &mut self.brain, &self.buffer, &mut self.work, batch, rate, &mut sums)?;
            }
            last = sums;
            if self.fields.target_kl > 0.0 && sums.kl / sums.steps > self.fields.target_kl {
                break;
            }
        }
        if self.brain.is_finite() { Ok(last) } else { Err(explosion(&self.fields, "the parameters")) }
    }

    fn label(&self) -> Label {
        Label::of(&self.setup, &self.brain.policy, self.seed)
    }
}

fn shuffle(order: &mut [u32], random: &mut Stream) {
    random.sample_front(order, order.len());
}

/// Why numbers run away, as far as the settings tell.
fn explosion(f: &Fields, what: &str) -> String {
    let likely = if f.learning_rate > 3e-3 {
        format!("learning_rate is {}; 3e-4 is usual", f.learning_rate)
    } else if !f.norm_reward {
        "rewards are not scaled: set norm_reward to on".into()
    } else if f.max_grad_norm > 10.0 {
        format!("max_grad_norm is {}; 0.5 is usual", f.max_grad_norm)
    } else {
        "a reward or an observation of the scenario may be no number".into()
    };
    format!("{what} are no longer numbers or far too large. Likely cause: {likely}.")
}

/// One step of Adam on some steps of the buffer.
fn minibatch(
    f: &Fields,
    brain: &mut Brain,
    buffer: &Buffer,
    work: &mut Workspace,
    batch: &[u32],
    rate: f32,
    sums: &mut Sums,
) -> Result<(), String> {
    let (mean, deviation) = spread(buffer, batch, f.norm_adv);
    policy_gradient(f, &brain.policy, buffer, work, batch, (mean, deviation), sums);
    value_gradient(f, brain, buffer, work, batch, sums);
    let norm = clip_norm(&mut [&mut work.grads, &mut work.critic_grads], f.max_grad_norm);
    if !norm.is_finite() {
        return Err(explosion(f, "the gradients"));
    }
    brain.adam[0].step(&mut brain.policy.params, &work.grads, rate);
    brain.adam[1].step(&mut brain.critic_params, &work.critic_grads, rate);
    sums.grad_norm += f64::from(norm);
    sums.batches += 1.0;
    sums.steps += batch.len() as f64;
    Ok(())
}

/// Mean and standard deviation of a minibatch's advantages (0 and 1 where they are not normalised).
fn spread(buffer: &Buffer, batch: &[u32], normalise: bool) -> (f32, f32) {
    if !normalise || batch.len() < 2 {
        return (0.0, 1.0);
    }
    let mut w = crate::lab::Welford::default();
    batch.iter().for_each(|i| w.add(f64::from(buffer.advantages[*i as usize])));
    (w.mean() as f32, w.deviation() as f32 + 1e-8)
}

fn policy_gradient(
    f: &Fields,
    policy: &Policy,
    buffer: &Buffer,
    work: &mut Workspace,
    batch: &[u32],
    (mean, deviation): (f32, f32),
    sums: &mut Sums,
) {
    let (slate, width, n) = (policy.shape().slate, policy.width(), batch.len() as f32);
    policy.forward(&buffer.views, batch, &mut work.policy);
    work.dscores.clear();
    work.dscores.resize(batch.len() * width, 0.0);
    let rows = policy.scored(&work.policy).chunks_exact(width).zip(work.dscores.chunks_exact_mut(width));
    for (&i, (scores, dscores)) in batch.iter().zip(rows) {
        let at = i as usize;
        let count = buffer.views.count(at);
        let shown = &buffer.slates[at * slate..(at + 1) * slate];
        let judged = work.slates.judge(&scores[..count], shown);
        let log_ratio = judged.log_prob - buffer.log_probs[at];
        let ratio = exp(log_ratio.clamp(-20.0, 20.0));
        let advantage = (buffer.advantages[at] - mean) / deviation;
        let clipped = ratio.clamp(1.0 - f.clip_coef, 1.0 + f.clip_coef);
        let (free, held) = (-advantage * ratio, -advantage * clipped);
        // Where the clipped loss is the greater one, nothing pushes any more.
        let push = if free >= held { -advantage * ratio } else { 0.0 };
        work.slates.gradient(shown, push / n, -f.ent_coef / n, &mut dscores[..count]);
        sums.policy_loss += f64::from(free.max(held));
        sums.entropy += f64::from(judged.entropy);
        sums.kl += f64::from(ratio - 1.0 - log_ratio);
        sums.clipped += f64::from(u8::from((ratio - 1.0).abs() > f.clip_coef));
    }
    work.grads.clear();
    work.grads.resize(policy.params.len(), 0.0);
    policy.backward(&buffer.views, batch, &mut work.policy, &work.dscores, &mut work.grads);
}

fn value_gradient(f: &Fields, brain: &Brain, buffer: &Buffer, work: &mut Workspace, batch: &[u32], sums: &mut Sums) {
    let (width, n) = (padded(1), batch.len() as f32);
    let params = &brain.critic_params;
    brain.critic.forward(params, batch.len(), &mut work.critic, |to| buffer.views.fill(batch, to));
    work.dvalues.clear();
    work.dvalues.resize(batch.len() * width, 0.0);
    let rows = work.critic.output().chunks_exact(width).zip(work.dvalues.chunks_exact_mut(width));
    for (&i, (row, d)) in batch.iter().zip(rows) {
        let (value, before) = (row[0], buffer.values[i as usize]);
        let target = buffer.returns[i as usize];
        let free = value - target;
        let step = (value - before).clamp(-f.clip_coef, f.clip_coef);
        let held = before + step - target;
        let (loss, slope) = if !f.clip_vloss || free * free >= held * held {
            (free * free, free)
        } else {
            // Within the clip the two are one and the same; beyond it the clipped one is constant.
            (held * held, if step == value - before { held } else { 0.0 })
        };
        d[0] = f.vf_coef * slope / n;
        sums.value_loss += f64::from(loss);
    }
    work.critic_grads.clear();
    work.critic_grads.resize(params.len(), 0.0);
    brain.critic.backward(params, &mut work.critic, &work.dvalues, &mut work.critic_grads);
}

impl Trainer for Ppo {
    fn step(&mut self) -> Result<Report, Stopped> {
        let before = self.brain.clone();
        let rate = self.learning_rate();
        let f = &self.fields;
        let critic = (&self.brain.critic, self.brain.critic_params.as_slice());
        let ended = self.envs.gather(&self.brain.policy, critic, f.num_steps, f.gae_lambda, &mut self.buffer);
        let sums = self.update(rate as f32).map_err(|cause| {
            self.brain = before;
            Stopped { env_steps: self.env_steps, cause }
        })?;
        self.iteration += 1;
        self.env_steps += self.buffer.len() as u64;
        let steps = sums.steps;
        Ok(Report {
            iteration: self.iteration,
            env_steps: self.env_steps,
            episodes: ended.episodes,
            return_mean: ended.mean(),
            measures: ended.measure_means(),
            diagnostics: vec![
                sums.entropy / steps,
                sums.kl / steps,
                sums.clipped / steps,
                sums.policy_loss / steps,
                sums.value_loss / steps,
                self.buffer.explained(),
                sums.grad_norm / sums.batches,
                rate,
            ],
        })
    }

    fn env_steps(&self) -> u64 {
        self.env_steps
    }

    fn policy(&self) -> &Policy {
        &self.brain.policy
    }

    fn checkpoint(&self) -> Vec<u8> {
        let mut file = Contents::default();
        put_policy(&mut file, &self.label(), &self.brain.policy);
        for (name, shape, data) in self.brain.critic.named(&self.brain.critic_params) {
            file.put(format!("critic.{name}"), shape, data);
        }
        for (name, adam) in ["adam.policy", "adam.critic"].iter().zip(&self.brain.adam) {
            file.put(format!("{name}.m"), vec![adam.m.len()], adam.m.clone());
            file.put(format!("{name}.v"), vec![adam.v.len()], adam.v.clone());
            file.words.insert(format!("{name}.t"), adam.t.to_string());
        }
        file.words.insert("iteration".into(), self.iteration.to_string());
        file.words.insert("env_steps".into(), self.env_steps.to_string());
        file.words.insert("underway".into(), serde_json::to_string(&self.envs.underway()).unwrap_or_default());
        file.to_bytes()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let file = Contents::from_bytes(bytes)?;
        let (label, policy) = get_policy(&file)?;
        same_run(&label, &self.label())?;
        let count = |name: &str| file.word(name)?.parse::<u64>().map_err(|_| FileError::Missing(name.to_owned()));
        let mut brain = self.brain.clone();
        brain.policy = policy;
        let parts =
            file.tensors.iter().filter(|t| t.name.starts_with("critic.")).map(|t| t.data.clone()).collect::<Vec<_>>();
        brain.critic_params = brain.critic.from_named(&parts).ok_or_else(|| FileError::Missing("critic".into()))?;
        for (name, adam) in ["adam.policy", "adam.critic"].iter().zip(&mut brain.adam) {
            for (part, to) in [("m", &mut adam.m), ("v", &mut adam.v)] {
                let from = file.get(&format!("{name}.{part}"))?;
                if from.len() != to.len() {
                    return Err(FileError::Missing(format!("{name}.{part}")));
                }
                to.copy_from_slice(from);
            }
            adam.t = count(&format!("{name}.t"))?;
        }
        let underway: Underway =
            serde_json::from_str(file.word("underway")?).map_err(|_| FileError::Missing("underway".into()))?;
        let (iteration, env_steps) = (count("iteration")?, count("env_steps")?);
        let f = &self.fields;
        let source = Source::new(self.seed).keyed(0);
        let mut envs = Envs::new(self.task.as_ref(), f.num_envs, source, f.gamma, f.norm_reward);
        envs.bring_back(&underway)?;
        (self.brain, self.envs, self.iteration, self.env_steps) = (brain, envs, iteration, env_steps);
        Ok(())
    }
}

/// Whether a checkpoint is of a run like this one.
pub(super) fn same_run(file: &Label, here: &Label) -> Result<(), FileError> {
    super::algorithm::fits(file.shape, here.shape)?;
    let pairs = [
        ("algorithm", &file.algorithm, &here.algorithm),
        ("settings", &file.settings, &here.settings),
        ("seed", &file.seed.to_string(), &here.seed.to_string()),
    ];
    match pairs.iter().find(|(_, a, b)| a != b) {
        None => Ok(()),
        Some((what, a, b)) => {
            Err(FileError::Mismatch(format!("it is of another run: its {what} is {a}, here it is {b}")))
        }
    }
}
