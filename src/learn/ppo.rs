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
    algorithm::{Algorithm, Report, Setup, Stopped, Trainer},
    fields::{self, field},
    files::FileError,
    nn::{clip_norm, padded},
    policy::Policy,
    rollout::Buffer,
    run::{Brain, Run, Workspace, explosion},
    task::Task,
};
use crate::math::{Purpose, Source, Stream, exp};

/// PPO's listing.
pub static PPO: Algorithm = Algorithm {
    name: "ppo",
    title: "PPO",
    about: "Takes small safe steps: learns from what it just did, but never moves far from it at once.",
    paper: "Schulman et al., Proximal policy optimization algorithms, 2017",
    fields: &[
        fields::TOTAL_TIMESTEPS,
        fields::learning_rate(3e-4),
        fields::ANNEAL_LR,
        fields::NUM_ENVS,
        fields::NUM_STEPS,
        fields::GAMMA,
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
        fields::ENT_COEF,
        field("vf_coef", "How much the critic's error weighs in the loss.", 0.5, 0.0, 10.0, false),
        fields::max_grad_norm(0.5),
        field("target_kl", "How far the policy may move in one iteration; 0 sets no limit.", 0.0, 0.0, 10.0, false),
        fields::NORM_REWARD,
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
    num_steps: usize,
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
}

impl Fields {
    fn of(setup: &Setup) -> Self {
        let (float, whole) = (|name| setup.get(name) as f32, |name| setup.get(name) as usize);
        let flag = |name| setup.get(name) != 0.0;
        Self {
            num_steps: whole("num_steps"),
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
        }
    }
}

/// PPO at work.
pub struct Ppo {
    fields: Fields,
    run: Run,
    buffer: Buffer,
    work: Workspace,
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

impl Ppo {
    /// A run at its beginning.
    #[must_use]
    pub fn new(setup: Setup, task: &dyn Task, seed: u64) -> Self {
        let fields = Fields::of(&setup);
        let run = Run::new(setup, task, seed);
        Self { fields, run, buffer: Buffer::default(), work: Workspace::default() }
    }

    /// Learns from the buffer.
    fn update(&mut self, rate: f32) -> Result<Sums, &'static str> {
        let mut order: Vec<u32> = (0..self.buffer.len() as u32).collect();
        let mut random = Source::new(self.run.seed).keyed(3).keyed(self.run.iteration).stream(Purpose::Learn);
        let mut last = Sums::default();
        for _ in 0..self.fields.update_epochs {
            shuffle(&mut order, &mut random);
            let mut sums = Sums::default();
            for batch in order.chunks(self.fields.minibatch_size) {
                minibatch(&self.fields, &mut self.run.brain, &self.buffer, &mut self.work, batch, rate, &mut sums)?;
            }
            last = sums;
            if self.fields.target_kl > 0.0 && sums.kl / sums.steps > self.fields.target_kl {
                break;
            }
        }
        if self.run.brain.is_finite() { Ok(last) } else { Err("the parameters") }
    }
}

fn shuffle(order: &mut [u32], random: &mut Stream) {
    random.sample_front(order, order.len());
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
) -> Result<(), &'static str> {
    let (mean, deviation) = spread(buffer, batch, f.norm_adv);
    policy_gradient(f, &brain.policy, buffer, work, batch, (mean, deviation), sums);
    value_gradient(f, brain, buffer, work, batch, sums);
    let norm = clip_norm(&mut [&mut work.grads, &mut work.critic_grads], f.max_grad_norm);
    if !norm.is_finite() {
        return Err("the gradients");
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
        let before = self.run.brain.clone();
        let rate = self.run.learning_rate();
        let (brain, f) = (&self.run.brain, &self.fields);
        let ended = self.run.envs.gather(&brain.policy, brain.critic(), f.num_steps, f.gae_lambda, &mut self.buffer);
        let sums = self.update(rate as f32).map_err(|what| {
            self.run.brain = before;
            Stopped { env_steps: self.run.env_steps, cause: explosion(&self.run.setup, what) }
        })?;
        self.run.iteration += 1;
        self.run.env_steps += self.buffer.len() as u64;
        let steps = sums.steps;
        Ok(Report {
            iteration: self.run.iteration,
            env_steps: self.run.env_steps,
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
        self.run.env_steps
    }

    fn policy(&self) -> &Policy {
        &self.run.brain.policy
    }

    fn checkpoint(&self) -> Vec<u8> {
        self.run.checkpoint()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.run.restore(bytes)
    }
}

#[cfg(test)]
mod torch;
