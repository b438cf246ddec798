//! REINFORCE with a baseline: Williams, "Simple statistical gradient-following algorithms for connectionist reinforcement
//! learning", Machine Learning 8, 1992.
//!
//! 1. Several episodes run side by side; an iteration is `num_steps` of each. What an episode still earns after the cut is
//!    what the baseline expects.
//! 2. Each slate's log-probability is pushed by how much more was earned from there on than the baseline expected: the
//!    whole return, not an estimate that trusts the baseline step by step.
//! 3. One step of Adam an iteration, on all of its steps at once: each is learnt from once, under the policy that took it.
//! 4. The baseline is a network of its own, fitted to the same returns; being right, it changes nothing but the noise.
//! 5. The differences are normalised over the iteration; rewards are scaled as in PPO.

use super::{
    algorithm::{Algorithm, Report, Setup, Stopped, Trainer},
    fields::{self, field},
    files::FileError,
    nn::{clip_norm, padded},
    policy::Policy,
    rollout::Buffer,
    run::{Run, Workspace, explosion},
    task::Task,
};

/// REINFORCE's listing.
pub static REINFORCE: Algorithm = Algorithm {
    name: "reinforce",
    title: "REINFORCE with baseline",
    about: "Makes slates more likely that earned more than expected, and others less: the plainest of policy gradients.",
    paper: "Williams, Simple statistical gradient-following algorithms, 1992",
    fields: &[
        fields::TOTAL_TIMESTEPS,
        fields::learning_rate(2e-3),
        fields::ANNEAL_LR,
        fields::NUM_ENVS,
        fields::NUM_STEPS,
        fields::GAMMA,
        fields::ENT_COEF,
        field("vf_coef", "How much the baseline's error weighs in the loss.", 0.5, 0.0, 10.0, false),
        fields::max_grad_norm(0.5),
        fields::NORM_REWARD,
        field("hidden_units", "The width of the two layers of policy and baseline.", 64.0, 8.0, 512.0, true),
    ],
    diagnostics: &[
        ("entropy", "How varied its slates are, in nats; falls as it makes up its mind."),
        ("value_loss", "The baseline's mean squared error, in scaled rewards."),
        ("explained_variance", "How much of the returns the baseline foresaw: 1 is all, 0 nothing."),
        ("grad_norm", "The length of the gradient before it was shortened."),
        ("learning_rate", "The learning rate now."),
    ],
    make: |setup, task, seed| Box::new(Reinforce::new(setup, task, seed)),
};

/// REINFORCE at work.
pub struct Reinforce {
    run: Run,
    buffer: Buffer,
    work: Workspace,
}

/// Steps that go through the networks at once; the gradient is of all of them.
const CHUNK: usize = 256;

impl Reinforce {
    /// A run at its beginning.
    #[must_use]
    pub fn new(setup: Setup, task: &dyn Task, seed: u64) -> Self {
        Self { run: Run::new(setup, task, seed), buffer: Buffer::default(), work: Workspace::default() }
    }

    /// Fills in the gradient; entropy and squared error, summed over the steps.
    fn gradient(&mut self) -> (f64, f64) {
        let (brain, buffer, work) = (&self.run.brain, &self.buffer, &mut self.work);
        let policy = &brain.policy;
        let (ent_coef, vf_coef) = (self.run.setup.get("ent_coef") as f32, self.run.setup.get("vf_coef") as f32);
        let mut spread = crate::lab::Welford::default();
        buffer.advantages.iter().for_each(|a| spread.add(f64::from(*a)));
        let (mean, deviation) = (spread.mean() as f32, spread.deviation() as f32 + 1e-8);
        let (slate, width, n) = (policy.shape().slate, policy.width(), buffer.len() as f32);
        let (mut entropy, mut error) = (0.0, 0.0);
        work.grads.clear();
        work.grads.resize(policy.params.len(), 0.0);
        work.critic_grads.clear();
        work.critic_grads.resize(brain.critic_params.len(), 0.0);
        let all: Vec<u32> = (0..buffer.len() as u32).collect();
        for batch in all.chunks(CHUNK) {
            policy.forward(&buffer.views, batch, &mut work.policy);
            work.dscores.clear();
            work.dscores.resize(batch.len() * width, 0.0);
            let rows = policy.scored(&work.policy).chunks_exact(width).zip(work.dscores.chunks_exact_mut(width));
            for (&i, (scores, dscores)) in batch.iter().zip(rows) {
                let (at, count) = (i as usize, buffer.views.count(i as usize));
                let shown = &buffer.slates[at * slate..(at + 1) * slate];
                entropy += f64::from(work.slates.judge(&scores[..count], shown).entropy);
                let push = (buffer.advantages[at] - mean) / deviation;
                work.slates.gradient(shown, -push / n, -ent_coef / n, &mut dscores[..count]);
            }
            policy.backward(&buffer.views, batch, &mut work.policy, &work.dscores, &mut work.grads);
            let params = &brain.critic_params;
            brain.critic.forward(params, batch.len(), &mut work.critic, |to| buffer.views.fill(batch, to));
            work.dvalues.clear();
            work.dvalues.resize(batch.len() * padded(1), 0.0);
            let rows = work.critic.output().chunks_exact(padded(1)).zip(work.dvalues.chunks_exact_mut(padded(1)));
            for (&i, (row, d)) in batch.iter().zip(rows) {
                let miss = row[0] - buffer.returns[i as usize];
                d[0] = vf_coef * miss / n;
                error += f64::from(miss * miss);
            }
            brain.critic.backward(params, &mut work.critic, &work.dvalues, &mut work.critic_grads);
        }
        (entropy, error)
    }
}

impl Trainer for Reinforce {
    fn step(&mut self) -> Result<Report, Stopped> {
        let rate = self.run.learning_rate();
        let (brain, steps) = (&self.run.brain, self.run.setup.get("num_steps") as usize);
        let ended = self.run.envs.gather(&brain.policy, brain.critic(), steps, 1.0, &mut self.buffer);
        let (entropy, error) = self.gradient();
        let longest = self.run.setup.get("max_grad_norm") as f32;
        let norm = clip_norm(&mut [&mut self.work.grads, &mut self.work.critic_grads], longest);
        if !norm.is_finite() {
            return Err(Stopped { env_steps: self.run.env_steps, cause: explosion(&self.run.setup, "the gradients") });
        }
        let brain = &mut self.run.brain;
        brain.adam[0].step(&mut brain.policy.params, &self.work.grads, rate as f32);
        brain.adam[1].step(&mut brain.critic_params, &self.work.critic_grads, rate as f32);
        self.run.iteration += 1;
        self.run.env_steps += self.buffer.len() as u64;
        let n = self.buffer.len() as f64;
        Ok(Report {
            iteration: self.run.iteration,
            env_steps: self.run.env_steps,
            episodes: ended.episodes,
            return_mean: ended.mean(),
            measures: ended.measure_means(),
            diagnostics: vec![entropy / n, error / n, self.buffer.explained(), f64::from(norm), rate],
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
mod tests {
    use super::*;
    use crate::{
        math::{Purpose, Source},
        scenario::recsim::Spec,
    };

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let task = Spec::all()[0].task();
        let mut setup = Setup::suited(&REINFORCE, task.as_ref());
        for (name, value) in [("num_steps", 8.0), ("hidden_units", 8.0), ("ent_coef", 0.05)] {
            setup.set(name, value).expect(name);
        }
        let mut learner = Reinforce::new(setup, task.as_ref(), 3);
        let mut random = Source::new(9).stream(Purpose::Other);
        learner.run.brain.policy.params.iter_mut().for_each(|p| *p += 0.2 * random.normal());
        let brain = &learner.run.brain;
        learner.run.envs.gather(&brain.policy, brain.critic(), 8, 1.0, &mut learner.buffer);
        learner.gradient();
        let grads = [learner.work.grads.clone(), learner.work.critic_grads.clone()];
        // Advantages stay what they were when the steps were taken; what they are weighed by is what is learnt.
        let n = learner.buffer.len();
        let mut spread = crate::lab::Welford::default();
        learner.buffer.advantages.iter().for_each(|a| spread.add(f64::from(*a)));
        let weigh = |a: f32| (f64::from(a) - spread.mean()) / (spread.deviation() + 1e-8);
        let (ent_coef, vf_coef) = (learner.run.setup.get("ent_coef"), learner.run.setup.get("vf_coef"));
        let loss = |learner: &mut Reinforce| {
            let (entropy, error) = learner.gradient();
            let (policy, buffer, work) = (&learner.run.brain.policy, &learner.buffer, &mut learner.work);
            let (slate, mut said) = (policy.shape().slate, 0.0);
            for i in 0..n {
                let scores = policy.forward(&buffer.views, &[i as u32], &mut work.policy);
                let shown = &buffer.slates[i * slate..(i + 1) * slate];
                let judged = work.slates.judge(&scores[..buffer.views.count(i)], shown);
                said += weigh(buffer.advantages[i]) * f64::from(judged.log_prob);
            }
            (-said - ent_coef * entropy + 0.5 * vf_coef * error) / n as f64
        };
        for (which, grads) in grads.iter().enumerate() {
            let mut steep = 0.0f64;
            for i in (0..grads.len()).step_by(11) {
                let mut at = |d: f32| {
                    let brain = &mut learner.run.brain;
                    let param = if which == 0 { &mut brain.policy.params[i] } else { &mut brain.critic_params[i] };
                    let before = core::mem::replace(param, *param + d);
                    let loss = loss(&mut learner);
                    let brain = &mut learner.run.brain;
                    let param = if which == 0 { &mut brain.policy.params[i] } else { &mut brain.critic_params[i] };
                    *param = before;
                    loss
                };
                let h = 1e-2;
                let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
                let g = f64::from(grads[i]);
                assert!((slope - g).abs() < 3e-3 * (1.0 + g.abs()), "{which}, {i}: {g} and {slope}");
                steep = steep.max(g.abs());
            }
            assert!(steep > 0.01, "there is something to compare: {steep}");
        }
    }
}
