//! Contextual bandits over the numbers of a candidate: LinUCB, Thompson sampling and ε-greedy, on one linear model.
//!
//! 1. A bandit learns what an item earns *by itself and at once*. It has no idea of a future: what a slate does to the rest
//!    of the session is beyond it. That is what it is compared for.
//! 2. The model is ridge regression of what an item earned on its numbers x: A = `ridge`·I + Σ x xᵀ, θ = A⁻¹ Σ r x, kept up
//!    to date step by step (Sherman and Morrison, 1950).
//! 3. It learns from every place that was looked at; what was never reached says nothing (the cascade model: Kveton,
//!    Szepesvári, Wen and Ashkan, "Cascading bandits", ICML 2015; linear: Zong et al., "Cascading bandits for large-scale
//!    recommendation problems", UAI 2016).
//! 4. *LinUCB* (Li, Chu, Langford and Schapire, "A contextual-bandit approach to personalized news article
//!    recommendation", WWW 2010) shows the items of the highest θᵀx + α·σ·√(xᵀA⁻¹x).
//! 5. *Thompson sampling* (Agrawal and Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013)
//!    draws θ from N(θ, v²σ²A⁻¹) and shows the best under it. The scores of all candidates are drawn at once from their own
//!    joint distribution, which is the same.
//! 6. *ε-greedy* shows the best by θᵀx, but at each place, with probability ε, an item at random.
//! 7. σ, the spread of what an item earns around its prediction, is estimated on the way, so α and v need no unit.
//! 8. What serves in the end is θᵀx alone.

use super::{
    algorithm::{Algorithm, Label, Report, Setup, Stopped, Trainer, get_policy, put_policy},
    fields::{self, field},
    files::{Contents, FileError},
    lanes::{Lanes, Memory},
    plackett::{self, Work},
    policy::Policy,
    rollout::Ended,
    run::{count, same_run},
    task::{Shape, Task, View},
};
use crate::{
    math::{Purpose, Source, Stream},
    recommender::Setting,
};

const RIDGE: Setting =
    field("ridge", "How strongly weights are held to 0 while little is known.", 1.0, 1e-3, 1e6, false);
const STEPS: Setting = field("num_steps", "Steps of each episode between two reports.", 32.0, 4.0, 4096.0, true);

const DIAGNOSTICS: &[(&str, &str)] = &[
    ("error", "The spread of what an item earned around what was predicted: σ."),
    ("unsureness", "The mean standard error of what was predicted of the items shown."),
    ("explored", "The share of items shown that the prediction alone would not have shown."),
    ("weight_norm", "The length of the weights."),
];

/// LinUCB's listing.
pub static LINUCB: Algorithm = Algorithm {
    name: "linucb",
    title: "LinUCB",
    about: "Predicts what an item earns at once, and shows what it may well earn: little-known items get a bonus.",
    paper: "Li et al., A contextual-bandit approach to personalized news article recommendation, 2010",
    fields: &[
        fields::NUM_ENVS,
        STEPS,
        RIDGE,
        field("alpha", "How much being unsure of an item speaks for showing it.", 1.0, 0.0, 100.0, false),
    ],
    diagnostics: DIAGNOSTICS,
    make: |setup, task, seed| Box::new(Bandit::new(Rule::Bonus, setup, task, seed)),
};

/// Thompson sampling's listing.
pub static THOMPSON: Algorithm = Algorithm {
    name: "thompson",
    title: "Thompson sampling",
    about: "Predicts what an item earns at once, and shows the best under weights drawn from what they may be.",
    paper: "Agrawal and Goyal, Thompson sampling for contextual bandits with linear payoffs, 2013",
    fields: &[
        fields::NUM_ENVS,
        STEPS,
        RIDGE,
        field("v", "How widely weights are drawn around their estimate.", 1.0, 0.0, 100.0, false),
    ],
    diagnostics: DIAGNOSTICS,
    make: |setup, task, seed| Box::new(Bandit::new(Rule::Draw, setup, task, seed)),
};

/// The listing of ε-greedy.
pub static EPSILON_GREEDY: Algorithm = Algorithm {
    name: "epsilon-greedy",
    title: "ε-greedy",
    about: "Predicts what an item earns at once, and shows the best, now and then one at random.",
    paper: "Sutton and Barto, Reinforcement learning: an introduction, 2nd edition, section 2.2, 2018",
    fields: &[
        fields::NUM_ENVS,
        STEPS,
        RIDGE,
        field("epsilon", "The probability of a random item at each place.", 0.1, 0.0, 1.0, false),
    ],
    diagnostics: DIAGNOSTICS,
    make: |setup, task, seed| Box::new(Bandit::new(Rule::Chance, setup, task, seed)),
};

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Bonus,
    Draw,
    Chance,
}

/// The width of the policy that carries the weights; nothing of it is used.
const HIDDEN: usize = 8;

/// Ridge regression, kept up to date.
#[derive(Clone, Debug, PartialEq)]
struct Ridge {
    /// A⁻¹, row by row.
    inverse: Vec<f64>,
    theta: Vec<f64>,
    /// How many rewards it has learnt from, and the sum of their squared errors, each foretold without itself.
    n: f64,
    squares: f64,
}

impl Ridge {
    fn new(size: usize, ridge: f64) -> Self {
        let mut inverse = vec![0.0; size * size];
        inverse.iter_mut().step_by(size + 1).for_each(|v| *v = 1.0 / ridge);
        Self { inverse, theta: vec![0.0; size], n: 0.0, squares: 0.0 }
    }

    /// A⁻¹x.
    fn solved(&self, x: &[f64]) -> Vec<f64> {
        self.inverse.chunks_exact(x.len()).map(|row| inner(row, x)).collect()
    }

    fn predicted(&self, x: &[f64]) -> f64 {
        inner(&self.theta, x)
    }

    /// σ; 1 while nothing is known.
    fn spread(&self) -> f64 {
        if self.n < 2.0 { 1.0 } else { (self.squares / self.n).sqrt() }
    }

    fn learn(&mut self, x: &[f64], reward: f64) {
        let u = self.solved(x);
        let c = 1.0 + inner(&u, x);
        let miss = reward - self.predicted(x);
        for (row, a) in self.inverse.chunks_exact_mut(x.len()).zip(&u) {
            row.iter_mut().zip(&u).for_each(|(v, b)| *v -= a * b / c);
        }
        self.theta.iter_mut().zip(&u).for_each(|(t, b)| *t += b * miss / c);
        self.n += 1.0;
        self.squares += miss * miss / c;
    }
}

fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |s, (x, y)| s + x * y)
}

/// The numbers of each candidate: a constant and its features, or, of fixed actions, a one in the action's place.
fn numbers(shape: Shape, view: &View) -> Vec<Vec<f64>> {
    let one = |i: usize| {
        if shape.features == 0 {
            return (0..shape.candidates).map(|j| f64::from(u8::from(i == j))).collect();
        }
        let row = &view.features[i * shape.features..][..shape.features];
        row.iter().map(|x| f64::from(*x)).chain([1.0]).collect()
    };
    (0..view.count).map(one).collect()
}

/// Draws from a normal distribution with mean 0 and covariance X A⁻¹ Xᵀ, by its Cholesky factor.
fn joint(model: &Ridge, x: &[Vec<f64>], random: &mut Stream) -> Vec<f64> {
    let n = x.len();
    let solved: Vec<Vec<f64>> = x.iter().map(|row| model.solved(row)).collect();
    let mut factor = vec![0.0f64; n * n];
    for i in 0..n {
        for j in 0..=i {
            let below = inner(&factor[i * n..i * n + j], &factor[j * n..j * n + j]);
            let rest = inner(&x[i], &solved[j]) - below;
            // Candidates that are alike, or more of them than numbers, leave nothing of their own: a rest of rounding errors.
            let pivot = factor[j * n + j];
            factor[i * n + j] = if i == j {
                rest.max(0.0).sqrt()
            } else if pivot > 1e-9 {
                rest / pivot
            } else {
                0.0
            };
        }
    }
    let normal: Vec<f64> = (0..n).map(|_| f64::from(random.normal())).collect();
    (0..n).map(|i| inner(&factor[i * n..i * n + i + 1], &normal[..=i])).collect()
}

/// Sums over an iteration.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    shown: f64,
    unsure: f64,
    explored: f64,
}

/// A bandit at work.
pub struct Bandit {
    rule: Rule,
    setup: Setup,
    seed: u64,
    model: Ridge,
    policy: Policy,
    lanes: Lanes,
    task: Box<dyn Task>,
    iteration: u64,
    env_steps: u64,
    work: Work,
}

impl Bandit {
    fn new(rule: Rule, setup: Setup, task: &dyn Task, seed: u64) -> Self {
        let shape = task.shape();
        let size = if shape.features == 0 { shape.candidates } else { shape.features + 1 };
        let model = Ridge::new(size, setup.get("ridge"));
        Self {
            rule,
            policy: policy_of(shape, &model),
            model,
            lanes: begin(&setup, task, seed),
            setup,
            seed,
            task: task.fresh(),
            iteration: 0,
            env_steps: 0,
            work: Work::default(),
        }
    }

    /// Chooses a slate among candidates of these numbers.
    fn choose(&mut self, x: &[Vec<f64>], size: usize, random: &mut Stream, sums: &mut Sums) -> Vec<usize> {
        let plain: Vec<f64> = x.iter().map(|row| self.model.predicted(row)).collect();
        let spread = self.model.spread();
        let unsure = |row: &Vec<f64>| spread * inner(row, &self.model.solved(row)).max(0.0).sqrt();
        let scores: Vec<f64> = match self.rule {
            Rule::Bonus => {
                let alpha = self.setup.get("alpha");
                plain.iter().zip(x).map(|(p, row)| p + alpha * unsure(row)).collect()
            }
            Rule::Draw => {
                let wide = self.setup.get("v") * spread;
                plain.iter().zip(joint(&self.model, x, random)).map(|(p, z)| p + wide * z).collect()
            }
            Rule::Chance => plain.clone(),
        };
        let short = |scores: &[f64]| scores.iter().map(|s| *s as f32).collect::<Vec<f32>>();
        let (mut slate, mut best) = (Vec::new(), Vec::new());
        plackett::best(&short(&scores), size, &mut self.work, &mut slate);
        plackett::best(&short(&plain), size, &mut self.work, &mut best);
        if self.rule == Rule::Chance {
            let epsilon = self.setup.get("epsilon") as f32;
            for k in 0..slate.len() {
                if random.chance(epsilon) {
                    let any = random.below(x.len());
                    // An item that is shown further up or down changes places.
                    match slate.iter().position(|i| *i == any) {
                        Some(at) => slate.swap(k, at),
                        None => slate[k] = any,
                    }
                }
            }
        }
        for i in &slate {
            sums.shown += 1.0;
            sums.unsure += unsure(&x[*i]);
            sums.explored += f64::from(u8::from(!best.contains(i)));
        }
        slate
    }

    /// One step of every lane, learnt from at once.
    fn act(&mut self, ended: &mut Ended, sums: &mut Sums) {
        let shape = self.task.shape();
        for l in 0..self.lanes.len() {
            let x = numbers(shape, self.lanes.view(l));
            let mut random =
                Source::new(self.seed).keyed(4).keyed(self.env_steps).keyed(l as u64).stream(Purpose::Learn);
            let slate = self.choose(&x, shape.slate, &mut random, sums);
            self.lanes.step(l, &slate, ended);
            for (i, place) in slate.iter().zip(&self.lanes.last(l).places) {
                if place.examined {
                    self.model.learn(&x[*i], place.reward);
                }
            }
        }
        self.env_steps += self.lanes.len() as u64;
    }

    fn label(&self) -> Label {
        Label::of(&self.setup, &self.policy, self.seed)
    }
}

fn begin(setup: &Setup, task: &dyn Task, seed: u64) -> Lanes {
    Lanes::new(task, setup.get("num_envs") as usize, 1, Source::new(seed).keyed(0), 1.0)
}

/// The policy of a model's weights. The constant, last among them, moves all candidates alike and is left out.
fn policy_of(shape: Shape, model: &Ridge) -> Policy {
    let weights: Vec<f32> = model.theta.iter().map(|t| *t as f32).collect();
    Policy::linear(shape, HIDDEN, &weights[..if shape.features == 0 { shape.candidates } else { shape.features }])
}

/// Double precision as three arrays of single precision whose sum it is, exactly.
fn split(values: &[f64]) -> [Vec<f32>; 3] {
    let mut parts = [(); 3].map(|()| Vec::with_capacity(values.len()));
    for v in values {
        let mut rest = *v;
        for part in &mut parts {
            let piece = rest as f32;
            rest -= f64::from(piece);
            part.push(piece);
        }
    }
    parts
}

impl Trainer for Bandit {
    fn step(&mut self) -> Result<Report, Stopped> {
        let (mut ended, mut sums) = (Ended::default(), Sums::default());
        let before = self.model.clone();
        for _ in 0..self.setup.get("num_steps") as usize {
            self.act(&mut ended, &mut sums);
        }
        if self.model.theta.iter().any(|t| !t.is_finite()) {
            self.model = before;
            let cause =
                "the weights are no longer numbers. Likely cause: a reward or a feature of the scenario is none.";
            return Err(Stopped { env_steps: self.env_steps, cause: cause.into() });
        }
        self.policy = policy_of(self.task.shape(), &self.model);
        self.iteration += 1;
        Ok(Report {
            iteration: self.iteration,
            env_steps: self.env_steps,
            episodes: ended.episodes,
            return_mean: ended.mean(),
            measures: ended.measure_means(),
            diagnostics: vec![
                self.model.spread(),
                sums.unsure / sums.shown,
                sums.explored / sums.shown,
                inner(&self.model.theta, &self.model.theta).sqrt(),
            ],
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
        for (name, values) in [("inverse", &self.model.inverse), ("theta", &self.model.theta)] {
            for (i, part) in split(values).into_iter().enumerate() {
                file.put(format!("ridge.{name}.{i}"), vec![part.len()], part);
            }
        }
        let words = [
            ("iteration", self.iteration),
            ("env_steps", self.env_steps),
            ("ridge.n", self.model.n.to_bits()),
            ("ridge.squares", self.model.squares.to_bits()),
        ];
        file.words.extend(words.map(|(k, v)| (k.to_owned(), v.to_string())));
        file.words.insert("memory".into(), serde_json::to_string(&self.lanes.memory()).unwrap_or_default());
        file.to_bytes()
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let file = Contents::from_bytes(bytes)?;
        let (label, policy) = get_policy(&file)?;
        same_run(&label, &self.label())?;
        let mut model = self.model.clone();
        for (name, to) in [("inverse", &mut model.inverse), ("theta", &mut model.theta)] {
            to.fill(0.0);
            for i in (0..3).rev() {
                let part = file.get(&format!("ridge.{name}.{i}"))?;
                if part.len() != to.len() {
                    return Err(FileError::Missing(format!("ridge.{name} of the right size")));
                }
                to.iter_mut().zip(part).for_each(|(t, p)| *t += f64::from(*p));
            }
        }
        model.n = f64::from_bits(count(&file, "ridge.n")?);
        model.squares = f64::from_bits(count(&file, "ridge.squares")?);
        let memory: Memory =
            serde_json::from_str(file.word("memory")?).map_err(|_| FileError::Missing("memory".into()))?;
        let (iteration, env_steps) = (count(&file, "iteration")?, count(&file, "env_steps")?);
        let mut lanes = begin(&self.setup, self.task.as_ref(), self.seed);
        lanes.bring_back(&memory)?;
        (self.model, self.policy, self.lanes) = (model, policy, lanes);
        (self.iteration, self.env_steps) = (iteration, env_steps);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize, size: usize, random: &mut Stream) -> Vec<Vec<f64>> {
        (0..n).map(|_| (0..size).map(|_| f64::from(random.normal())).collect()).collect()
    }

    #[test]
    fn the_running_regression_solves_the_normal_equations() {
        let mut random = Source::new(4).stream(Purpose::Other);
        let (x, truth) = (rows(200, 4, &mut random), [1.0, -2.0, 0.5, 0.0]);
        let mut model = Ridge::new(4, 2.0);
        let rewards: Vec<f64> = x.iter().map(|row| inner(row, &truth) + 0.3 * f64::from(random.normal())).collect();
        x.iter().zip(&rewards).for_each(|(row, r)| model.learn(row, *r));
        // A θ = b, A and b being summed plainly.
        for i in 0..4 {
            let left: f64 = (0..4)
                .map(|j| {
                    let a: f64 = x.iter().map(|row| row[i] * row[j]).sum::<f64>() + if i == j { 2.0 } else { 0.0 };
                    a * model.theta[j]
                })
                .sum();
            let right: f64 = x.iter().zip(&rewards).map(|(row, r)| row[i] * r).sum();
            assert!((left - right).abs() < 1e-8, "row {i}: {left} and {right}");
        }
        assert!((model.spread() - 0.3).abs() < 0.06, "{}", model.spread());
    }

    #[test]
    fn scores_are_drawn_with_the_covariance_of_the_weights() {
        let mut random = Source::new(4).stream(Purpose::Other);
        let mut model = Ridge::new(3, 1.0);
        rows(20, 3, &mut random).iter().for_each(|row| model.learn(row, 0.0));
        // More candidates than numbers, two of them alike: the covariance is singular.
        let mut x = rows(5, 3, &mut random);
        x[4] = x[1].clone();
        let n = 40_000;
        let mut sums = [[0.0; 5]; 5];
        for _ in 0..n {
            let z = joint(&model, &x, &mut random);
            assert!((z[4] - z[1]).abs() < 1e-6, "the same numbers have the same score: {z:?}");
            (0..5).for_each(|i| (0..5).for_each(|j| sums[i][j] += z[i] * z[j] / f64::from(n)));
        }
        for i in 0..5 {
            for j in 0..5 {
                let truth = inner(&x[i], &model.solved(&x[j]));
                let scale = (inner(&x[i], &model.solved(&x[i])) * inner(&x[j], &model.solved(&x[j]))).sqrt();
                assert!((sums[i][j] - truth).abs() < 0.04 * scale, "{i} {j}: {} and {truth}", sums[i][j]);
            }
        }
    }

    #[test]
    fn numbers_are_split_without_loss() {
        for v in [0.1, -3.7e-9, 123_456.789_012_345, 0.0, 1.0 / 3.0] {
            let parts = split(&[v]);
            assert_eq!(parts.iter().rev().fold(0.0, |s, p| s + f64::from(p[0])), v);
        }
    }

    #[test]
    fn a_linear_policy_ranks_by_its_weights_alone() {
        let shape = Shape { observation: 2, features: 3, candidates: 4, slate: 2 };
        let mut model = Ridge::new(4, 1.0);
        model.theta = vec![1.0, -2.0, 0.5, 9.0];
        let policy = policy_of(shape, &model);
        let view = View { observation: vec![0.3, -5.0], features: vec![1.0, 0.0, 0.0, 0.0, 1.0, 2.0], count: 2 };
        let scores = policy.scores(&view);
        assert!((scores[0] - 1.0).abs() < 1e-6 && (scores[1] + 1.0).abs() < 1e-6, "{scores:?}");
        let fixed = Shape { features: 0, ..shape };
        let view = View { features: Vec::new(), count: 4, ..view };
        assert_eq!(policy_of(fixed, &model).scores(&view), [1.0, -2.0, 0.5, 9.0]);
    }
}
