//! Preferences: two slates for the same user in the same moment, and which of them the rest of the session liked better.
//!
//! Both slates are drawn from the policy that is asked. Each is shown to the same user after the same past; then the
//! session goes on under the policy to its end, several times, each time with other luck, but for both slates with the
//! same. What a side earned is its mean; how sure the preference is follows from how much the differences vary.

use super::{
    choice::RankTape,
    plackett::{self, Work},
    policy::{Policy, Views},
    task::{Task, View},
};
use crate::{
    lab::Welford,
    math::{Purpose, Source},
};

/// A preference.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The episode's seed.
    pub seed: u64,
    /// The step, from 0.
    pub step: usize,
    /// The slates shown before it.
    pub past: Vec<Vec<u16>>,
    /// What was seen.
    pub view: View,
    /// The slate that the session went better with.
    pub chosen: Vec<u16>,
    /// The other.
    pub rejected: Vec<u16>,
    /// What the chosen and the rejected side earned from there on.
    pub earned: [f64; 2],
    /// The probability that the preference is real.
    pub certainty: f64,
}

/// How pairs are made.
#[derive(Clone, Copy, Debug)]
pub struct Making {
    /// How many.
    pub pairs: usize,
    /// How often each side is gone on with.
    pub continuations: usize,
}

/// Makes pairs.
pub struct Maker {
    task: Box<dyn Task>,
    views: Views,
    tape: RankTape,
    work: Work,
    slate: Vec<usize>,
    view: View,
    /// Environment steps taken.
    pub env_steps: u64,
    /// What the policy earned in the whole episodes that the pairs were found in.
    pub returns: Welford,
}

/// A pair whose sides have been played, before it is known how sure it is.
struct Played {
    seed: u64,
    past: Vec<Vec<u16>>,
    view: View,
    slates: [Vec<u16>; 2],
    earned: [f64; 2],
    /// The variance of the difference of one continuation.
    variance: f64,
}

impl Maker {
    /// For a task.
    #[must_use]
    pub fn new(task: &dyn Task) -> Self {
        Self {
            task: task.fresh(),
            views: Views::new(task.shape()),
            tape: RankTape::default(),
            work: Work::default(),
            slate: Vec::new(),
            view: View::default(),
            env_steps: 0,
            returns: Welford::default(),
        }
    }

    /// Makes pairs under a policy; the same source gives the same ones.
    pub fn make(&mut self, policy: &Policy, making: Making, source: Source) -> Vec<Pair> {
        let played: Vec<Played> =
            (0..making.pairs as u64).filter_map(|k| self.play(policy, making, source.keyed(k))).collect();
        // The spread of single differences is estimated over all pairs: four of one pair alone say little.
        let pooled = played.iter().map(|p| p.variance).sum::<f64>() / played.len().max(1) as f64;
        let error = (pooled / making.continuations.max(1) as f64).sqrt();
        played.into_iter().map(|p| p.judged(error)).collect()
    }

    fn choose(&mut self, policy: &Policy, source: Source) {
        self.views.clear();
        self.views.push(&self.view);
        let scores = policy.rank(&self.views, &[0], &mut self.tape);
        let (count, size) = (self.view.count, policy.shape().slate);
        plackett::draw(&scores[..count], size, &mut source.stream(Purpose::Learn), &mut self.work, &mut self.slate);
    }

    fn step(&mut self) -> (f64, bool) {
        self.env_steps += 1;
        let outcome = self.task.step(&self.slate, &mut self.view);
        (outcome.reward, outcome.terminated || outcome.truncated)
    }

    /// One pair; `None` where the two slates are the same.
    fn play(&mut self, policy: &Policy, making: Making, source: Source) -> Option<Played> {
        let seed = source.seed();
        let mut past: Vec<Vec<usize>> = Vec::new();
        self.task.reset(seed, &mut self.view);
        let mut returned = 0.0;
        loop {
            self.choose(policy, source.keyed(past.len() as u64));
            past.push(self.slate.clone());
            let (reward, over) = self.step();
            returned += reward;
            if over {
                break;
            }
        }
        self.returns.add(returned);
        let step = source.keyed(1 << 32).stream(Purpose::Learn).below(past.len());
        let first = past[step].clone();
        self.rewind(seed, &past[..step]);
        self.choose(policy, source.keyed(1 << 33));
        let second = self.slate.clone();
        if first == second {
            return None;
        }
        let view = self.view.clone();
        let mut differences = Welford::default();
        let mut earned = [0.0; 2];
        for c in 0..making.continuations as u64 {
            let luck = source.keyed((1 << 34) + c);
            let sides = [&first, &second].map(|slate| self.go_on(policy, seed, &past[..step], slate, luck));
            differences.add(sides[0] - sides[1]);
            earned = [earned[0] + sides[0], earned[1] + sides[1]];
        }
        let earned = earned.map(|e| e / making.continuations.max(1) as f64);
        let short = |slate: &Vec<usize>| slate.iter().map(|i| *i as u16).collect::<Vec<u16>>();
        let variance = differences.deviation() * differences.deviation();
        let past = past[..step].iter().map(short).collect();
        Some(Played { seed, past, view, slates: [short(&first), short(&second)], earned, variance })
    }

    /// Plays an episode's past again.
    fn rewind(&mut self, seed: u64, past: &[Vec<usize>]) {
        self.task.reset(seed, &mut self.view);
        for slate in past {
            self.slate.clone_from(slate);
            self.step();
        }
    }

    /// What a slate and all that follows it earn under some luck.
    fn go_on(&mut self, policy: &Policy, seed: u64, past: &[Vec<usize>], slate: &[usize], luck: Source) -> f64 {
        self.rewind(seed, past);
        self.task.luck(luck.seed());
        self.slate.clear();
        self.slate.extend_from_slice(slate);
        let (mut earned, mut over) = self.step();
        for t in 0.. {
            if over {
                break;
            }
            self.choose(policy, luck.keyed(t));
            let (reward, ended) = self.step();
            (earned, over) = (earned + reward, ended);
        }
        earned
    }
}

impl Played {
    fn judged(self, error: f64) -> Pair {
        let Self { seed, past, view, slates: [first, second], earned: [a, b], .. } = self;
        let sure = if error > 0.0 { normal((a - b).abs() / error) } else { 1.0 };
        let (chosen, rejected, earned) = if a >= b { (first, second, [a, b]) } else { (second, first, [b, a]) };
        let certainty = if a == b { 0.5 } else { sure };
        Pair { seed, step: past.len(), past, view, chosen, rejected, earned, certainty }
    }
}

/// The standard normal distribution function.
fn normal(z: f64) -> f64 {
    0.5 * (1.0 + libm::erf(z * core::f64::consts::FRAC_1_SQRT_2))
}

/// A pair as TRL's `DPOTrainer` reads it: one JSON object of `prompt`, `chosen` and `rejected`, with what it rests on.
#[must_use]
pub fn to_value(task: &mut dyn Task, pair: &Pair) -> serde_json::Value {
    let mut view = View::default();
    task.reset(pair.seed, &mut view);
    for slate in &pair.past {
        let places: Vec<usize> = slate.iter().map(|i| *i as usize).collect();
        task.step(&places, &mut view);
    }
    let (prompt, names) = task.told(&view);
    let slate = |places: &[u16]| {
        let lines = places.iter().enumerate().map(|(n, i)| format!("{}. {}", n + 1, names[*i as usize]));
        lines.collect::<Vec<_>>().join("\n")
    };
    let offered = names.iter().map(|n| format!("- {n}")).collect::<Vec<_>>().join("\n");
    serde_json::json!({
        "prompt": format!("{prompt}\nCandidates:\n{offered}\nThe slate to show now, best first:"),
        "chosen": slate(&pair.chosen),
        "rejected": slate(&pair.rejected),
        "chosen_reward": pair.earned[0],
        "rejected_reward": pair.earned[1],
        "certainty": pair.certainty,
        "seed": pair.seed.to_string(),
        "step": pair.step,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::task::{Outcome, Shape};

    /// Two steps; the first candidate earns 1, the others nothing.
    struct First(u32);

    impl Task for First {
        fn shape(&self) -> Shape {
            Shape { observation: 1, features: 0, candidates: 3, slate: 1 }
        }

        fn reset(&mut self, _: u64, view: &mut View) {
            self.0 = 0;
            *view = View { observation: vec![0.0], features: Vec::new(), count: 3 };
        }

        fn step(&mut self, slate: &[usize], view: &mut View) -> Outcome {
            self.0 += 1;
            view.observation[0] = 1.0;
            Outcome { reward: f64::from(u8::from(slate[0] == 0)), terminated: self.0 == 2, truncated: false }
        }

        fn fresh(&self) -> Box<dyn Task> {
            Box::new(Self(0))
        }
    }

    #[test]
    fn the_side_that_earns_more_is_chosen_and_luck_is_shared() {
        let task = First(0);
        let policy = Policy::new(task.shape(), 8, Source::new(1));
        let mut maker = Maker::new(&task);
        let pairs = maker.make(&policy, Making { pairs: 60, continuations: 2 }, Source::new(2));
        assert!(pairs.len() > 20);
        for p in &pairs {
            assert_ne!(p.rejected, [0], "the first candidate is never the worse one");
            // What follows is the same for both, so the difference is the slates' own.
            let own = f64::from(u8::from(p.chosen == [0]));
            assert!((p.earned[0] - p.earned[1] - own).abs() < 1e-12, "{p:?}");
            assert_eq!(p.certainty, if own > 0.0 { 1.0 } else { 0.5 });
        }
        assert_eq!(pairs, Maker::new(&task).make(&policy, Making { pairs: 60, continuations: 2 }, Source::new(2)));
        let told = to_value(&mut First(0), &pairs[0]);
        assert!(told["prompt"].as_str().is_some_and(|p| p.contains("- action 2")) && told["chosen"].is_string());
    }
}
