//! DPO: Rafailov, Sharma, Mitchell, Ermon, Manning and Finn, "Direct preference optimization: your language model is
//! secretly a reward model", NeurIPS 2023; with pairs drawn from the policy as it learns (Guo et al., "Direct language
//! model alignment from online AI feedback", 2024) and labels smoothed (Mitchell, "A note on DPO with noisy preferences",
//! 2023).
//!
//! 1. The reference is frozen and named: `random`, the fresh policy of the run's seed, whose slates are close to random.
//!    Neither it nor the pairs come from any other learner.
//! 2. A pair is two slates for the same user in the same moment, each judged by what the session earned from there on,
//!    averaged over continuations with the same luck for both (see [`pairs`](super::pairs)).
//! 3. The margin of a pair is h = β·[(ln π(w) − ln π_ref(w)) − (ln π(l) − ln π_ref(l))], each term the log-probability of
//!    the whole slate.
//! 4. The loss is −p·ln σ(h) − (1 − p)·ln σ(−h), p being the probability that the preference is real.
//!    Pairs may be brought along instead (made by another policy, or stated by a person): each iteration then draws some of
//!    them, no environment steps are taken, and the count is of slates learnt from.
//! 5. β·ln(π/π_ref) is the implied reward; its mean margin, the divergence from the reference along the chosen slates and
//!    the share of pairs that it orders rightly are reported.

use super::{
    algorithm::{Algorithm, Label, Report, Setup, Stopped, Trainer, get_policy, put_policy},
    fields::{self, field},
    files::{Contents, FileError},
    nn::{Adam, clip_norm},
    pairs::{Maker, Making, Pair},
    plackett::divergence,
    policy::{Policy, Views},
    run::{Workspace, count, explosion, get_adam, put_adam, same_run},
    task::Task,
};
use crate::math::{Purpose, Source, sigmoid};

/// DPO's listing.
pub static DPO: Algorithm = Algorithm {
    name: "dpo",
    title: "DPO",
    about: "Learns from which of two slates the session liked better, without a critic, staying near a frozen reference.",
    paper: "Rafailov et al., Direct preference optimization, 2023",
    fields: &[
        fields::TOTAL_TIMESTEPS,
        fields::learning_rate(1e-3),
        fields::ANNEAL_LR,
        field(
            "beta",
            "How strongly the policy is held to the reference: the smaller, the farther it may go.",
            0.1,
            0.001,
            10.0,
            false,
        ),
        field("pairs", "Pairs made in an iteration.", 64.0, 2.0, 4096.0, true),
        field("continuations", "How often each side of a pair is played to its end.", 2.0, 1.0, 64.0, true),
        field("minibatch_size", "Pairs in a minibatch.", 32.0, 2.0, 4096.0, true),
        field("update_epochs", "How often each pair is learnt from.", 2.0, 1.0, 50.0, true),
        fields::max_grad_norm(1.0),
        field("hidden_units", "The width of the two layers of the policy.", 64.0, 8.0, 512.0, true),
    ],
    diagnostics: &[
        ("loss", "The loss; 0.69 is knowing nothing."),
        ("margin", "The mean implied reward of the chosen slates less that of the rejected ones."),
        ("accuracy", "The share of pairs that the implied reward orders rightly, before they are learnt from."),
        ("certainty", "The mean probability that a preference is real; 0.5 is none."),
        (
            "kl",
            "How far the policy is from its reference (random, the fresh policy of its seed), in nats, along the chosen slates.",
        ),
        ("learning_rate", "The learning rate now."),
    ],
    make: |setup, task, seed| Box::new(Dpo::new(setup, task, seed)),
};

/// The name of the reference.
pub const REFERENCE: &str = "random";

/// DPO at work.
pub struct Dpo {
    setup: Setup,
    seed: u64,
    policy: Policy,
    reference: Policy,
    adam: Adam,
    maker: Maker,
    /// Pairs that were brought along.
    given: Vec<Pair>,
    iteration: u64,
    env_steps: u64,
    work: Workspace,
}

/// An iteration's pairs, laid out for the networks: the view of pair k stands at k.
struct Laid {
    views: Views,
    pairs: Vec<Pair>,
    /// ln π_ref of the chosen and the rejected slates.
    reference: Vec<[f32; 2]>,
    /// The reference's scores.
    scores: Vec<Vec<f32>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: f64,
    loss: f64,
    margin: f64,
    right: f64,
    kl: f64,
}

impl Dpo {
    /// A run at its beginning.
    #[must_use]
    pub fn new(setup: Setup, task: &dyn Task, seed: u64) -> Self {
        let policy = Policy::new(task.shape(), setup.get("hidden_units") as usize, Source::new(seed).keyed(1));
        Self {
            adam: Adam::new(policy.params.len(), 1e-5),
            reference: policy.clone(),
            maker: Maker::new(task),
            given: Vec::new(),
            iteration: 0,
            env_steps: 0,
            work: Workspace::default(),
            setup,
            seed,
            policy,
        }
    }

    fn learning_rate(&self) -> f64 {
        let left = 1.0 - self.env_steps as f64 / self.setup.get("total_timesteps");
        self.setup.get("learning_rate") * if self.setup.get("anneal_lr") != 0.0 { left.max(0.05) } else { 1.0 }
    }

    fn lay(&mut self, pairs: Vec<Pair>) -> Laid {
        let mut views = Views::new(self.policy.shape());
        pairs.iter().for_each(|p| views.push(&p.view));
        let (mut reference, mut scores) = (Vec::new(), Vec::new());
        for (k, p) in pairs.iter().enumerate() {
            let all = self.reference.forward(&views, &[k as u32], &mut self.work.policy);
            let all = &all[..p.view.count];
            reference.push([&p.chosen, &p.rejected].map(|slate| self.work.slates.judge(all, slate).log_prob));
            scores.push(all.to_vec());
        }
        Laid { views, pairs, reference, scores }
    }

    /// One step of Adam on some pairs.
    fn minibatch(&mut self, laid: &Laid, batch: &[u32], rate: f32, sums: &mut Sums) -> Result<(), &'static str> {
        let (policy, work) = (&self.policy, &mut self.work);
        let (beta, width, n) = (self.setup.get("beta") as f32, policy.width(), batch.len() as f32);
        policy.forward(&laid.views, batch, &mut work.policy);
        work.dscores.clear();
        work.dscores.resize(batch.len() * width, 0.0);
        let rows = policy.scored(&work.policy).chunks_exact(width).zip(work.dscores.chunks_exact_mut(width));
        for (&k, (scores, dscores)) in batch.iter().zip(rows) {
            let (pair, reference) = (&laid.pairs[k as usize], laid.reference[k as usize]);
            let count = pair.view.count;
            let (scores, dscores) = (&scores[..count], &mut dscores[..count]);
            let chosen = work.slates.judge(scores, &pair.chosen).log_prob - reference[0];
            let rejected = work.slates.judge(scores, &pair.rejected).log_prob - reference[1];
            let margin = beta * (chosen - rejected);
            let (real, sure) = (pair.certainty as f32, sigmoid(margin));
            let push = beta * (sure - real) / n;
            work.slates.gradient(&pair.rejected, -push, 0.0, dscores);
            work.slates.judge(scores, &pair.chosen);
            work.slates.gradient(&pair.chosen, push, 0.0, dscores);
            let log = |x: f32| f64::from(crate::math::ln(x.max(1e-12)));
            sums.loss -= f64::from(real) * log(sure) + f64::from(1.0 - real) * log(1.0 - sure);
            sums.margin += f64::from(margin);
            sums.right += if margin > 0.0 { 1.0 } else { 0.0 };
            sums.kl += f64::from(divergence(scores, &laid.scores[k as usize], &pair.chosen));
            sums.n += 1.0;
        }
        work.grads.clear();
        work.grads.resize(policy.params.len(), 0.0);
        policy.backward(&laid.views, batch, &mut work.policy, &work.dscores, &mut work.grads);
        if !clip_norm(&mut [&mut work.grads], self.setup.get("max_grad_norm") as f32).is_finite() {
            return Err("the gradients");
        }
        self.adam.step(&mut self.policy.params, &self.work.grads, rate);
        Ok(())
    }

    fn update(&mut self, laid: &Laid, rate: f32) -> Result<Sums, &'static str> {
        let mut order: Vec<u32> = (0..laid.pairs.len() as u32).collect();
        let mut random = Source::new(self.seed).keyed(3).keyed(self.iteration).stream(Purpose::Learn);
        let mut first = None;
        for _ in 0..self.setup.get("update_epochs") as usize {
            let (all, mut sums) = (order.len(), Sums::default());
            random.sample_front(&mut order, all);
            for batch in order.chunks(self.setup.get("minibatch_size") as usize) {
                self.minibatch(laid, batch, rate, &mut sums)?;
            }
            first.get_or_insert(sums);
        }
        if self.policy.is_finite() { Ok(first.unwrap_or_default()) } else { Err("the parameters") }
    }

    /// Steps that are left of those that were planned; as many as one likes for a run that goes on beyond them.
    fn left(&self) -> u64 {
        let planned = self.setup.get("total_timesteps") as u64;
        planned.checked_sub(self.env_steps).filter(|left| *left > 0).unwrap_or(u64::MAX)
    }

    /// The pairs of an iteration, fewer where the steps that were planned come to an end.
    fn pairs(&mut self, source: Source) -> Vec<Pair> {
        let n = self.setup.get("pairs") as usize;
        if self.given.is_empty() {
            let making = Making { pairs: n, continuations: self.setup.get("continuations") as usize };
            return self.maker.make_within(&self.policy, making, self.left(), source);
        }
        let n = n.min(usize::try_from(self.left().div_ceil(2)).unwrap_or(usize::MAX));
        let mut order: Vec<usize> = (0..self.given.len()).collect();
        source.stream(Purpose::Learn).sample_front(&mut order, n.min(self.given.len()));
        let drawn: Vec<Pair> = order.into_iter().take(n).map(|i| self.given[i].clone()).collect();
        self.maker.env_steps += 2 * drawn.len() as u64;
        drawn
    }

    fn label(&self) -> Label {
        Label::of(&self.setup, &self.policy, self.seed)
    }
}

impl Trainer for Dpo {
    fn learn_from(&mut self, pairs: Vec<Pair>) -> bool {
        self.given = pairs;
        true
    }

    fn step(&mut self) -> Result<Report, Stopped> {
        let rate = self.learning_rate();
        let before = (self.policy.clone(), self.adam.clone());
        let source = Source::new(self.seed).keyed(4).keyed(self.iteration);
        let pairs = self.pairs(source);
        let n = pairs.len().max(1) as f64;
        let certainty = pairs.iter().map(|p| p.certainty).sum::<f64>() / n;
        let earned = pairs.iter().map(|p| (p.earned[0] + p.earned[1]) / 2.0).sum::<f64>() / n;
        let returns = core::mem::take(&mut self.maker.returns);
        let sums = if earned.is_finite() {
            let laid = self.lay(pairs);
            self.update(&laid, rate as f32)
        } else {
            Err("the rewards")
        };
        let sums = sums.map_err(|what| {
            (self.policy, self.adam) = before;
            Stopped { env_steps: self.env_steps, cause: explosion(&self.setup, what) }
        })?;
        self.iteration += 1;
        self.env_steps += core::mem::take(&mut self.maker.env_steps);
        let all = sums.n.max(1.0);
        Ok(Report {
            iteration: self.iteration,
            env_steps: self.env_steps,
            episodes: returns.n() as u32,
            return_mean: (returns.n() > 0).then(|| returns.mean()),
            measures: Vec::new(),
            diagnostics: vec![sums.loss / all, sums.margin / all, sums.right / all, certainty, sums.kl / all, rate],
        })
    }

    fn env_steps(&self) -> u64 {
        self.env_steps
    }

    fn policy(&self) -> &Policy {
        &self.policy
    }

    fn checkpoint(&self) -> Vec<u8> {
        let mut file = Contents::default();
        put_policy(&mut file, &self.label(), &self.policy);
        for (name, shape, data) in self.reference.named() {
            file.put(format!("reference.{name}"), shape, data);
        }
        put_adam(&mut file, "adam.policy", &self.adam);
        file.words.insert("reference".into(), REFERENCE.into());
        file.words.insert("iteration".into(), self.iteration.to_string());
        file.words.insert("env_steps".into(), self.env_steps.to_string());
        file.to_bytes()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let file = Contents::from_bytes(bytes)?;
        let (label, policy) = get_policy(&file)?;
        same_run(&label, &self.label())?;
        let mut adam = self.adam.clone();
        get_adam(&file, "adam.policy", &mut adam)?;
        let (iteration, env_steps) = (count(&file, "iteration")?, count(&file, "env_steps")?);
        // The reference is the run's own beginning, which the seed gives again.
        (self.policy, self.adam, self.iteration, self.env_steps) = (policy, adam, iteration, env_steps);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::recsim::Spec;

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let task = Spec::all()[0].task();
        let mut setup = Setup::suited(&DPO, task.as_ref());
        for (name, value) in [("pairs", 8.0), ("hidden_units", 8.0), ("beta", 1.0), ("max_grad_norm", 1e3)] {
            setup.set(name, value).expect(name);
        }
        let mut dpo = Dpo::new(setup, task.as_ref(), 3);
        let pairs = dpo.pairs(Source::new(4));
        let laid = dpo.lay(pairs);
        // Away from the reference, where every margin is nothing.
        let mut random = Source::new(9).stream(Purpose::Other);
        dpo.policy.params.iter_mut().for_each(|p| *p += 0.2 * random.normal());
        let batch: Vec<u32> = (0..laid.pairs.len() as u32).collect();
        let loss = |dpo: &mut Dpo| {
            let mut sums = Sums::default();
            // At a learning rate of nothing the policy stays as it is.
            dpo.minibatch(&laid, &batch, 0.0, &mut sums).expect("is finite");
            assert!(sums.margin.abs() > 0.1, "{sums:?}");
            sums.loss / sums.n
        };
        loss(&mut dpo);
        let (grads, params) = (dpo.work.grads.clone(), dpo.policy.params.clone());
        let mut steep = 0.0f64;
        for i in (0..params.len()).step_by(7) {
            let mut at = |d: f32| {
                dpo.policy.params[i] = params[i] + d;
                let loss = loss(&mut dpo);
                dpo.policy.params[i] = params[i];
                loss
            };
            let h = 1e-2;
            let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
            let g = f64::from(grads[i]);
            assert!((slope - g).abs() < 2e-3 * (1.0 + g.abs()), "{i}: {g} and {slope}");
            steep = steep.max(g.abs());
        }
        assert!(steep > 0.02, "there is something to compare: {steep}");
    }
}
