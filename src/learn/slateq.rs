//! SlateQ: Ie, Jain, Wang, Narvekar, Agarwal, Wu, Cheng, Chandra and Boutilier, "SlateQ: a tractable decomposition for
//! reinforcement learning with recommendation sets", IJCAI 2019; on the machinery of DQN (Mnih et al., "Human-level control
//! through deep reinforcement learning", Nature 518, 2015), with the names and defaults of CleanRL's.
//!
//! 1. What is learnt is what consuming *one item* is worth; a slate's worth follows from a model of which item the user
//!    will choose (see [`choice`](super::choice)). So the number of slates does not matter.
//! 2. Consuming nothing is a choice like any other, with a worth of its own. (Code that gives it none discounts the future
//!    by the chance of a click at every step, and stays near random.)
//! 3. An item's worth is B(s) + A(s, i), B being that of consuming nothing (Wang et al., "Dueling network architectures for
//!    deep reinforcement learning", 2016): how far apart items are is small beside what the rest of the session is worth.
//! 4. The target of the consumed item is r + γ·max over slates of Q(s′, A), by networks that are copied every
//!    `target_network_frequency` steps; the maximum is exact.
//! 5. The choice model is fitted by maximum likelihood to the same steps: which item of a slate was consumed, if any. Where
//!    several were, as sessions allow, one of them, drawn at random, stands for what was chosen.
//! 6. Slates are the best ones, but with probability ε, falling linearly, one at random.
//! 7. Steps are learnt from again and again, drawn evenly from the newest `buffer_size`.
//! 8. Rewards are divided by the running standard deviation of the discounted return.

use super::{
    algorithm::{Algorithm, Label, Report, Setup, Stopped, Trainer, get_policy, put_policy},
    choice::{Choice, RankTape, weight},
    fields::{self, field},
    files::{Contents, FileError},
    lanes::{Kept, Lanes, Memory},
    nn::{Adam, clip_norm, padded},
    plackett::{self, Work},
    policy::{Policy, Views},
    rollout::Ended,
    run::{count, explosion, get_adam, put_adam, same_run},
    task::{Task, View},
};
use crate::math::{Purpose, Source, Stream, ln};

/// SlateQ's listing.
pub static SLATEQ: Algorithm = Algorithm {
    name: "slateq",
    title: "SlateQ",
    about: "Learns what each item is worth once the user picks it, and which they will pick; the best slate follows.",
    paper: "Ie et al., SlateQ: a tractable decomposition for reinforcement learning with recommendation sets, 2019",
    fields: &[
        fields::TOTAL_TIMESTEPS,
        fields::learning_rate(2.5e-4),
        fields::ANNEAL_LR,
        fields::NUM_ENVS,
        field("num_steps", "Steps of each episode between two reports.", 32.0, 4.0, 4096.0, true),
        field("buffer_size", "How many of the newest steps are learnt from.", 10_000.0, 256.0, 200_000.0, true),
        fields::GAMMA,
        field(
            "target_network_frequency",
            "Environment steps between two copies of the networks that targets are made with.",
            500.0,
            1.0,
            1e6,
            true,
        ),
        field("tau", "How much of the networks is copied each time: 1 is all.", 1.0, 0.0001, 1.0, false),
        field("batch_size", "Steps in a minibatch.", 128.0, 8.0, 4096.0, true),
        field("start_e", "The probability of a random slate at first.", 1.0, 0.0, 1.0, false),
        field("end_e", "The probability of a random slate in the end.", 0.05, 0.0, 1.0, false),
        field(
            "exploration_fraction",
            "The share of total_timesteps over which the probability of a random slate falls.",
            0.5,
            0.0,
            1.0,
            false,
        ),
        field("learning_starts", "Environment steps before the first update.", 2_000.0, 0.0, 1e6, true),
        field("train_frequency", "Environment steps between two updates.", 10.0, 1.0, 10_000.0, true),
        fields::max_grad_norm(10.0),
        field("hidden_units", "The width of the two layers of each network.", 64.0, 8.0, 512.0, true),
    ],
    diagnostics: &[
        ("td_loss", "How far what followed was from what was expected, squared, in scaled rewards."),
        ("q_value", "What a step was expected to be worth with all that follows, in scaled rewards."),
        ("choice_loss", "How badly the user's choices were foreseen, in nats."),
        ("epsilon", "The probability of a random slate now."),
        ("grad_norm", "The length of the gradient before it was shortened."),
        ("learning_rate", "The learning rate now."),
    ],
    make: |setup, task, seed| Box::new(SlateQ::new(setup, task, seed)),
};

/// All that learning changes.
#[derive(Clone)]
struct Brain {
    /// A, with the model of the choice.
    policy: Policy,
    /// The policy that targets are made with.
    target: Policy,
    /// Of A, of c, of B and n, of the places.
    adam: [Adam; 4],
}

const ADAMS: [&str; 4] = ["adam.worth", "adam.attraction", "adam.state", "adam.places"];

/// Room that is kept between minibatches.
#[derive(Default)]
struct Workspace {
    now: Views,
    next: Views,
    tape: RankTape,
    next_tape: RankTape,
    dworth: Vec<f32>,
    dattraction: Vec<f32>,
    dstate: Vec<f32>,
    grads: [Vec<f32>; 4],
}

/// A step to learn from: what was shown, which place was consumed, what it earned, and what the rest was worth.
struct Lesson {
    slate: Vec<u16>,
    chosen: Option<usize>,
    reward: f32,
    /// Where its next view stands, if there is one.
    next: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: f64,
    batches: f64,
    td: f64,
    q: f64,
    choice: f64,
    grad_norm: f64,
}

/// SlateQ at work.
pub struct SlateQ {
    setup: Setup,
    seed: u64,
    brain: Brain,
    lanes: Lanes,
    task: Box<dyn Task>,
    iteration: u64,
    env_steps: u64,
    work: Workspace,
    acting: RankTape,
    slates: Work,
}

impl SlateQ {
    /// A run at its beginning.
    #[must_use]
    pub fn new(setup: Setup, task: &dyn Task, seed: u64) -> Self {
        let (shape, hidden) = (task.shape(), setup.get("hidden_units") as usize);
        let mut policy = Policy::new(shape, hidden, Source::new(seed).keyed(1));
        let choice = Choice::new(shape, hidden, Source::new(seed).keyed(2));
        let sizes = [policy.params.len(), choice.attraction.params.len(), choice.state_params.len(), shape.slate];
        policy.choice = Some(Box::new(choice));
        Self {
            lanes: begin(&setup, task, seed),
            brain: Brain { target: policy.clone(), policy, adam: sizes.map(|n| Adam::new(n, 1e-8)) },
            setup,
            seed,
            task: task.fresh(),
            iteration: 0,
            env_steps: 0,
            work: Workspace::default(),
            acting: RankTape::default(),
            slates: Work::default(),
        }
    }

    /// The probability of a random slate now.
    fn epsilon(&self) -> f64 {
        let span = self.setup.get("exploration_fraction") * self.setup.get("total_timesteps");
        let share = if span > 0.0 { (self.env_steps as f64 / span).min(1.0) } else { 1.0 };
        let (start, end) = (self.setup.get("start_e"), self.setup.get("end_e"));
        start + (end - start) * share
    }

    fn learning_rate(&self) -> f64 {
        let left = 1.0 - self.env_steps as f64 / self.setup.get("total_timesteps");
        let anneal = self.setup.get("anneal_lr") != 0.0;
        self.setup.get("learning_rate") * if anneal { left.max(0.05) } else { 1.0 }
    }

    /// One step of every lane.
    fn act(&mut self, ended: &mut Ended) {
        let (shape, epsilon) = (self.task.shape(), self.epsilon() as f32);
        let which: Vec<u32> = (0..self.lanes.len() as u32).collect();
        let mut views = core::mem::take(&mut self.work.now).emptied(shape);
        which.iter().for_each(|l| views.push(self.lanes.view(*l as usize)));
        let width = self.brain.policy.width();
        let ranks = self.brain.policy.rank(&views, &which, &mut self.acting);
        let mut slate = Vec::new();
        for l in 0..self.lanes.len() {
            let count = views.count(l);
            let mut random =
                Source::new(self.seed).keyed(4).keyed(self.env_steps).keyed(l as u64).stream(Purpose::Learn);
            if random.chance(epsilon) {
                slate.clear();
                slate.extend(0..count);
                random.sample_front(&mut slate, shape.slate);
                slate.truncate(shape.slate);
            } else {
                plackett::best(&ranks[l * width..][..count], shape.slate, &mut self.slates, &mut slate);
            }
            self.lanes.step(l, &slate, ended);
        }
        self.work.now = views;
        self.env_steps += self.lanes.len() as u64;
    }

    /// Learns from a minibatch.
    fn update(&mut self, rate: f32, sums: &mut Sums) -> Result<(), &'static str> {
        let source = Source::new(self.seed).keyed(3).keyed(self.env_steps).keyed(sums.batches as u64);
        let lessons = self.draw(&mut source.stream(Purpose::Learn));
        let targets = self.targets(&lessons);
        gradient(&self.brain.policy, &lessons, &targets, &mut self.work, sums);
        let [a, c, s, p] = &mut self.work.grads;
        let norm = clip_norm(&mut [a, c, s, p], self.setup.get("max_grad_norm") as f32);
        if !norm.is_finite() {
            return Err("the gradients");
        }
        let Brain { policy, adam, .. } = &mut self.brain;
        adam[0].step(&mut policy.params, a, rate);
        let choice = policy.choice.as_mut().expect("its policy has a choice model");
        adam[1].step(&mut choice.attraction.params, c, rate);
        adam[2].step(&mut choice.state_params, s, rate);
        adam[3].step(&mut choice.places, p, rate);
        sums.grad_norm += f64::from(norm);
        sums.batches += 1.0;
        Ok(())
    }

    /// Draws a minibatch and lays its views out.
    fn draw(&mut self, random: &mut Stream) -> Vec<Lesson> {
        let shape = self.task.shape();
        let mut now = core::mem::take(&mut self.work.now).emptied(shape);
        let mut next = core::mem::take(&mut self.work.next).emptied(shape);
        let scale = self.lanes.scale();
        let mut lessons = Vec::new();
        for _ in 0..self.setup.get("batch_size") as usize {
            let (kept, after) = self.lanes.sample(random);
            now.push(&kept.view);
            let place = after.map(|view: &View| {
                next.push(view);
                next.len() as u32 - 1
            });
            let (slate, chosen) = (kept.slate.clone(), chosen(kept, random));
            lessons.push(Lesson { slate, chosen, reward: (kept.reward / scale) as f32, next: place });
        }
        (self.work.now, self.work.next) = (now, next);
        lessons
    }

    /// What followed each lesson, as far as the target networks know: r + γ·max Q(s′, ·).
    fn targets(&mut self, lessons: &[Lesson]) -> Vec<f32> {
        let (gamma, Workspace { next, next_tape: tape, .. }) = (self.setup.get("gamma") as f32, &mut self.work);
        let target = &self.brain.target;
        let all: Vec<u32> = (0..next.len() as u32).collect();
        if !all.is_empty() {
            target.rank(next, &all, tape);
        }
        let mut worth = |place: u32| {
            let row = place as usize;
            let (base, _) = Choice::of_state(tape, row);
            base + target.gained(tape, row, next.count(row))
        };
        lessons.iter().map(|l| l.reward + l.next.map_or(0.0, |place| gamma * worth(place))).collect()
    }

    /// Moves the target networks.
    fn follow(&mut self) {
        let tau = self.setup.get("tau") as f32;
        if tau >= 1.0 {
            self.brain.target = self.brain.policy.clone();
            return;
        }
        let (to, from) = (&mut self.brain.target, &self.brain.policy);
        let blend = |to: &mut [f32], from: &[f32]| to.iter_mut().zip(from).for_each(|(t, f)| *t += tau * (f - *t));
        blend(&mut to.params, &from.params);
        if let (Some(to), Some(from)) = (&mut to.choice, &from.choice) {
            blend(&mut to.attraction.params, &from.attraction.params);
            blend(&mut to.state_params, &from.state_params);
            blend(&mut to.places, &from.places);
        }
    }

    /// Steps and updates of an iteration.
    fn iterate(&mut self, ended: &mut Ended, rate: f32) -> Result<Sums, &'static str> {
        let every = |name: &str| self.setup.get(name) as u64;
        let (starts, train, target) =
            (every("learning_starts"), every("train_frequency"), every("target_network_frequency"));
        let mut sums = Sums::default();
        for _ in 0..self.setup.get("num_steps") as usize {
            let before = self.env_steps;
            self.act(ended);
            if self.env_steps > starts {
                // As many updates as multiples of the frequency were passed.
                for _ in before / train..self.env_steps / train {
                    self.update(rate, &mut sums)?;
                }
            }
            if before / target != self.env_steps / target {
                self.follow();
            }
        }
        if self.brain.policy.is_finite() { Ok(sums) } else { Err("the parameters") }
    }

    fn label(&self) -> Label {
        Label::of(&self.setup, &self.brain.policy, self.seed)
    }
}

fn begin(setup: &Setup, task: &dyn Task, seed: u64) -> Lanes {
    let lanes = setup.get("num_envs") as usize;
    let most = (setup.get("buffer_size") as usize).div_ceil(lanes);
    Lanes::new(task, lanes, most, Source::new(seed).keyed(0), setup.get("gamma"))
}

/// The place that stands for what the user chose.
fn chosen(kept: &Kept, random: &mut Stream) -> Option<usize> {
    let luck = random.uniform();
    let consumed: Vec<usize> = (0..kept.places.len()).filter(|i| kept.places[*i].consumed).collect();
    consumed.get((luck * consumed.len() as f32) as usize).copied()
}

/// The gradients of ½(q − target)² and of −ln P(choice), both as means over the lessons.
fn gradient(policy: &Policy, lessons: &[Lesson], targets: &[f32], work: &mut Workspace, sums: &mut Sums) {
    let Workspace { now, tape, dworth, dattraction, dstate, grads, .. } = work;
    let choice = policy.choice.as_ref().expect("its policy has a choice model");
    let (width, n) = (policy.width(), lessons.len() as f32);
    let all: Vec<u32> = (0..lessons.len() as u32).collect();
    policy.forward(now, &all, &mut tape.worth);
    choice.forward(now, &all, tape);
    for d in [&mut *dworth, &mut *dattraction] {
        d.clear();
        d.resize(lessons.len() * width, 0.0);
    }
    dstate.clear();
    dstate.resize(lessons.len() * padded(2), 0.0);
    let sizes = [policy.params.len(), choice.attraction.params.len(), choice.state_params.len(), choice.places.len()];
    for (g, size) in grads.iter_mut().zip(sizes) {
        g.clear();
        g.resize(size, 0.0);
    }
    for (row, (lesson, target)) in lessons.iter().zip(targets).enumerate() {
        let at = row * width;
        let (base, nothing) = Choice::of_state(tape, row);
        let gain = |place: usize| policy.scored(&tape.worth)[at + lesson.slate[place] as usize];
        let q = base + lesson.chosen.map_or(0.0, gain);
        let miss = q - target;
        dstate[row * padded(2)] = miss / n;
        if let Some(place) = lesson.chosen {
            dworth[at + lesson.slate[place] as usize] = miss / n;
        }
        sums.td += f64::from(miss * miss);
        sums.q += f64::from(q);
        let drawn = choice.attraction.scored(&tape.attraction);
        let places = lesson.slate.iter().zip(&choice.places);
        let weights: Vec<f32> = places.map(|(i, b)| weight(drawn[at + *i as usize], *b, nothing)).collect();
        let total = weights.iter().fold(1.0, |s, w| s + w);
        sums.choice -= f64::from(ln(lesson.chosen.map_or(1.0, |place| weights[place]) / total));
        for (place, w) in weights.iter().enumerate() {
            let d = (w / total - if lesson.chosen == Some(place) { 1.0 } else { 0.0 }) / n;
            dattraction[at + lesson.slate[place] as usize] = d;
            grads[3][place] += d;
            dstate[row * padded(2) + 1] -= d;
        }
    }
    sums.n += f64::from(n);
    policy.backward(now, &all, &mut tape.worth, dworth, &mut grads[0]);
    choice.attraction.backward(now, &all, &mut tape.attraction, dattraction, &mut grads[1]);
    choice.state().backward(&choice.state_params, &mut tape.state, dstate, &mut grads[2]);
}

impl Trainer for SlateQ {
    fn step(&mut self) -> Result<Report, Stopped> {
        let before = self.brain.clone();
        let (rate, mut ended) = (self.learning_rate(), Ended::default());
        let sums = self.iterate(&mut ended, rate as f32).map_err(|what| {
            self.brain = before;
            Stopped { env_steps: self.env_steps, cause: explosion(&self.setup, what) }
        })?;
        self.iteration += 1;
        Ok(Report {
            iteration: self.iteration,
            env_steps: self.env_steps,
            episodes: ended.episodes,
            return_mean: ended.mean(),
            measures: ended.measure_means(),
            // Before the first update there is nothing to tell.
            diagnostics: if sums.batches > 0.0 {
                let mean = |sum: f64| sum / sums.n;
                let norm = sums.grad_norm / sums.batches;
                vec![mean(sums.td), mean(sums.q), mean(sums.choice), self.epsilon(), norm, rate]
            } else {
                Vec::new()
            },
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
        for (name, shape, data) in self.brain.target.named() {
            file.put(format!("target.{name}"), shape, data);
        }
        for (name, adam) in ADAMS.iter().zip(&self.brain.adam) {
            put_adam(&mut file, name, adam);
        }
        file.words.insert("iteration".into(), self.iteration.to_string());
        file.words.insert("env_steps".into(), self.env_steps.to_string());
        file.words.insert("memory".into(), serde_json::to_string(&self.lanes.memory()).unwrap_or_default());
        file.to_bytes()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let file = Contents::from_bytes(bytes)?;
        let (label, policy) = get_policy(&file)?;
        same_run(&label, &self.label())?;
        let parts = file.tensors.iter().filter(|t| t.name.starts_with("target.")).map(|t| t.data.clone()).collect();
        let target = Policy::from_named(policy.shape(), policy.hidden(), parts)
            .filter(|t| t.choice.is_some() && policy.choice.is_some())
            .ok_or_else(|| FileError::Missing("target".into()))?;
        let mut adam = self.brain.adam.clone();
        for (name, adam) in ADAMS.iter().zip(&mut adam) {
            get_adam(&file, name, adam)?;
        }
        let memory: Memory =
            serde_json::from_str(file.word("memory")?).map_err(|_| FileError::Missing("memory".into()))?;
        let (iteration, env_steps) = (count(&file, "iteration")?, count(&file, "env_steps")?);
        let mut lanes = begin(&self.setup, self.task.as_ref(), self.seed);
        lanes.bring_back(&memory)?;
        (self.brain, self.lanes) = (Brain { policy, target, adam }, lanes);
        (self.iteration, self.env_steps) = (iteration, env_steps);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::task::Shape;

    #[test]
    fn every_gradient_agrees_with_finite_differences() {
        let shape = Shape { observation: 3, features: 5, candidates: 6, slate: 2 };
        let mut random = Source::new(9).stream(Purpose::Other);
        let mut policy = Policy::new(shape, 8, Source::new(1));
        let mut choice = Choice::new(shape, 8, Source::new(2));
        for params in [&mut policy.params, &mut choice.attraction.params, &mut choice.state_params, &mut choice.places]
        {
            params.iter_mut().for_each(|p| *p += 0.2 * random.normal());
        }
        policy.choice = Some(Box::new(choice));
        let mut work = Workspace { now: Views::new(shape), ..Workspace::default() };
        for _ in 0..3 {
            work.now.push(&View {
                observation: (0..3).map(|_| random.normal()).collect(),
                features: (0..30).map(|_| random.normal()).collect(),
                count: 6,
            });
        }
        let lesson = |slate: [u16; 2], chosen| Lesson { slate: slate.into(), chosen, reward: 0.0, next: None };
        let lessons = [lesson([4, 1], Some(1)), lesson([0, 5], None), lesson([2, 3], Some(0))];
        let targets = [0.7, -0.3, 1.1];
        gradient(&policy, &lessons, &targets, &mut work, &mut Sums::default());
        let grads = work.grads.clone();
        let mut loss = |policy: &Policy| {
            let mut sums = Sums::default();
            gradient(policy, &lessons, &targets, &mut work, &mut sums);
            (0.5 * sums.td + sums.choice) / 3.0
        };
        let part = |policy: &mut Policy, k: usize, i: usize, d: f32| {
            let choice = policy.choice.as_mut().expect("given above");
            let params = match k {
                0 => &mut policy.params,
                1 => &mut choice.attraction.params,
                2 => &mut choice.state_params,
                _ => &mut choice.places,
            };
            params[i] += d;
        };
        let mut seen = [0; 4];
        for (k, grads) in grads.iter().enumerate() {
            for (i, g) in grads.iter().enumerate().filter(|g| *g.1 != 0.0) {
                let mut at = |d: f32| {
                    let mut p = policy.clone();
                    part(&mut p, k, i, d);
                    loss(&p)
                };
                let h = 1e-2;
                let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * f64::from(h));
                let g = f64::from(*g);
                assert!((slope - g).abs() < 3e-3 * (1.0 + g.abs()), "part {k}, parameter {i}: {g} and {slope}");
                seen[k] += 1;
            }
        }
        assert!(seen[0] > 300 && seen[1] > 300 && seen[2] > 100 && seen[3] == 2, "{seen:?}");
    }
}
