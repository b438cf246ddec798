//! Preferences: two slates for the same user in the same moment, and which of them the rest of the session liked better.
//!
//! Both slates are drawn from the policy that is asked. Each is shown to the same user after the same past; then the
//! session goes on under the policy to its end, several times, each time with other luck, but for both slates with the
//! same. What a side earned is its mean; how sure the preference is follows from how much the differences vary. Where both
//! earned the same there is none: such ties are left out of what is exported.

use super::{
    algorithm::find,
    choice::RankTape,
    plackett::{self, Work},
    policy::{Policy, Views},
    task::{Task, View},
};
use crate::{
    lab::Welford,
    math::{Purpose, Source},
    scenario::excerpt,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    /// Who drew both slates: [`FRESH`], or the algorithm that had trained the policy; empty where that is not told.
    pub drawn_by: String,
}

impl Pair {
    /// Whether both sides earned the same, so that neither is preferred.
    #[must_use]
    pub fn is_tie(&self) -> bool {
        self.certainty <= 0.5
    }
}

/// Who draws slates where no trained policy does: a policy that has learnt nothing, whose slates are close to random.
pub const FRESH: &str = "fresh";

/// Leaves out ties, which say nothing to a learner, and names who drew the slates; and how many were left out.
#[must_use]
pub fn decided(pairs: Vec<Pair>, drawn_by: &str) -> (Vec<Pair>, usize) {
    let all = pairs.len();
    let named = |pair: Pair| Pair { drawn_by: drawn_by.to_owned(), ..pair };
    let decided: Vec<Pair> = pairs.into_iter().filter(|pair| !pair.is_tie()).map(named).collect();
    let ties = all - decided.len();
    (decided, ties)
}

/// How many pairs each drew, by name; those that are not told stand under an empty one.
#[must_use]
pub fn drawers(pairs: &[Pair]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    pairs.iter().for_each(|pair| *all.entry(pair.drawn_by.clone()).or_default() += 1);
    all
}

/// What is to be said to those who learn from pairs that others than a fresh policy drew, a sentence each: a learner is not
/// held against the one that its pairs come from.
#[must_use]
pub fn provenance(drawers: &BTreeMap<String, usize>) -> Vec<String> {
    let all: usize = drawers.values().sum();
    let note = |(name, n): (&String, &usize)| match name.as_str() {
        FRESH => None,
        "" => Some(format!("It is not told who drew the slates of {n} of its {all} pairs.")),
        name => {
            let by = find(name).map_or_else(|_| excerpt(name), |a| a.title.to_owned());
            Some(format!(
                "The slates of {n} of its {all} pairs were drawn by a policy that {by} had trained: what it learns comes from \
                 that policy too, so do not hold it against that one."
            ))
        }
    };
    drawers.iter().filter_map(note).collect()
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
        self.make_within(policy, making, u64::MAX, source)
    }

    /// The same, but no pair is begun once so many environment steps were taken for them.
    pub fn make_within(&mut self, policy: &Policy, making: Making, steps: u64, source: Source) -> Vec<Pair> {
        let until = self.env_steps.saturating_add(steps);
        let mut played = Vec::new();
        for k in 0..making.pairs as u64 {
            if self.env_steps >= until {
                break;
            }
            played.extend(self.play(policy, making, source.keyed(k)));
        }
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
        Pair { seed, step: past.len(), past, view, chosen, rejected, earned, certainty, drawn_by: String::new() }
    }
}

/// The standard normal distribution function.
fn normal(z: f64) -> f64 {
    0.5 * (1.0 + libm::erf(z * core::f64::consts::FRAC_1_SQRT_2))
}

/// How sure a preference is that a person stated: people mistake themselves now and then (label smoothing of 0.05).
pub const STATED: f64 = 0.95;
/// The most pairs that are read from a file.
pub const MOST_PAIRS: usize = 100_000;

/// The moment of a pair in words, and the names of its candidates.
///
/// # Errors
/// Where the past cannot have been: a slate that cannot be shown, or a session that ends before.
pub fn situation(
    task: &mut dyn Task,
    seed: u64,
    past: &[Vec<u16>],
    view: &mut View,
) -> Result<(String, Vec<String>), String> {
    let size = task.shape().slate;
    task.reset(seed, view);
    for (n, slate) in past.iter().enumerate() {
        let places = shown(slate, size, view.count).map_err(|e| format!("slate {} of its past {e}", n + 1))?;
        let outcome = task.step(&places, view);
        if outcome.terminated || outcome.truncated {
            return Err(format!("the session is over after slate {} of its past", n + 1));
        }
    }
    Ok(task.told(view))
}

/// A slate's places, where it can be shown.
fn shown(slate: &[u16], size: usize, count: usize) -> Result<Vec<usize>, String> {
    let places: Vec<usize> = slate.iter().map(|i| *i as usize).collect();
    let twice = places.iter().enumerate().any(|(n, p)| places[..n].contains(p));
    if places.len() != size || twice || places.iter().any(|p| *p >= count) {
        return Err(format!("is not {size} different ones of the {count} candidates"));
    }
    Ok(places)
}

fn prompt(told: &str, names: &[String]) -> String {
    let offered = names.iter().map(|n| format!("- {n}")).collect::<Vec<_>>().join("\n");
    format!("{told}\nCandidates:\n{offered}\nThe slate to show now, best first:")
}

/// A pair as TRL's `DPOTrainer` reads it: one JSON object of `prompt`, `chosen` and `rejected`, with what it rests on,
/// from which [`read`] makes the pair again.
///
/// # Panics
/// Where the pair is not of this task.
#[must_use]
pub fn to_value(task: &mut dyn Task, pair: &Pair) -> Value {
    let told = situation(task, pair.seed, &pair.past, &mut View::default());
    let (told, names) = told.expect("the pair is of this task");
    let slate = |places: &[u16]| {
        let lines = places.iter().enumerate().map(|(n, i)| format!("{}. {}", n + 1, names[*i as usize]));
        lines.collect::<Vec<_>>().join("\n")
    };
    json!({
        "prompt": prompt(&told, &names),
        "chosen": slate(&pair.chosen),
        "rejected": slate(&pair.rejected),
        "chosen_reward": pair.earned[0],
        "rejected_reward": pair.earned[1],
        "certainty": pair.certainty,
        "drawn_by": pair.drawn_by,
        "seed": pair.seed.to_string(),
        "step": pair.step,
        "past": pair.past,
        "chosen_slate": pair.chosen,
        "rejected_slate": pair.rejected,
    })
}

/// What is read of a line; the words of the slates are for others.
#[derive(Deserialize)]
struct Line {
    prompt: String,
    seed: String,
    past: Vec<Vec<u16>>,
    chosen_slate: Vec<u16>,
    rejected_slate: Vec<u16>,
    #[serde(default)]
    chosen_reward: f64,
    #[serde(default)]
    rejected_reward: f64,
    #[serde(default = "stated")]
    certainty: f64,
    #[serde(default)]
    drawn_by: String,
}

fn stated() -> f64 {
    STATED
}

/// Reads pairs that were written by [`to_value`], one a line, for the task that they are of.
///
/// # Errors
/// Which line is wrong and why; that they were made on another scenario, where the situations differ.
pub fn read(task: &mut dyn Task, text: &str) -> Result<Vec<Pair>, String> {
    let lines = text.lines().enumerate().filter(|l| !l.1.trim().is_empty());
    let mut pairs = Vec::new();
    for (n, line) in lines {
        if pairs.len() == MOST_PAIRS {
            return Err(format!("there are more than {MOST_PAIRS} pairs"));
        }
        pairs.push(pair(task, line).map_err(|why| format!("line {}: {why}", n + 1))?);
    }
    if pairs.is_empty() { Err("there are no pairs in it".into()) } else { Ok(pairs) }
}

fn pair(task: &mut dyn Task, line: &str) -> Result<Pair, String> {
    let line: Line = serde_json::from_str(line).map_err(|e| {
        format!("{e}. A line is a pair as this program writes it: its moment is played again, words alone do not do")
    })?;
    let seed = line.seed.parse().map_err(|_| "its seed is no whole number below 2^64".to_owned())?;
    let mut view = View::default();
    let (told, names) = situation(task, seed, &line.past, &mut view)?;
    if prompt(&told, &names) != line.prompt {
        return Err("its prompt is not what is seen here in that moment: it was made on another scenario, or with other settings".into());
    }
    let size = task.shape().slate;
    shown(&line.chosen_slate, size, view.count).map_err(|e| format!("its chosen slate {e}"))?;
    shown(&line.rejected_slate, size, view.count).map_err(|e| format!("its rejected slate {e}"))?;
    if line.chosen_slate == line.rejected_slate {
        return Err("its slates are the same".into());
    }
    if !(0.0..=1.0).contains(&line.certainty) {
        return Err("its certainty is not from 0 to 1".into());
    }
    let earned = [line.chosen_reward, line.rejected_reward];
    let (step, past) = (line.past.len(), line.past);
    let (chosen, rejected, drawn_by) = (line.chosen_slate, line.rejected_slate, line.drawn_by);
    Ok(Pair { seed, step, past, view, chosen, rejected, earned, certainty: line.certainty, drawn_by })
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

    #[test]
    fn pairs_come_back_from_their_lines_and_what_is_wrong_is_named() {
        let policy = Policy::new(First(0).shape(), 8, Source::new(1));
        let pairs = Maker::new(&First(0)).make(&policy, Making { pairs: 20, continuations: 2 }, Source::new(2));
        let lines: Vec<String> = pairs.iter().map(|p| to_value(&mut First(0), p).to_string()).collect();
        assert_eq!(read(&mut First(0), &lines.join("\n\n")).as_deref(), Ok(pairs.as_slice()));
        let wrong = |change: &dyn Fn(&mut Value)| {
            let mut line: Value = serde_json::from_str(&lines[1]).expect("JSON");
            change(&mut line);
            read(&mut First(0), &format!("{}\n{line}", lines[0])).expect_err("refused")
        };
        type Change<'a> = &'a dyn Fn(&mut Value);
        let cases: [(Change<'_>, &str); 7] = [
            (&|l| drop(l.as_object_mut().expect("an object").remove("past")), "line 2: missing field `past`"),
            (&|l| l["prompt"] = json!("Observation: 1"), "made on another scenario"),
            (&|l| l["seed"] = json!("x"), "no whole number"),
            (&|l| l["chosen_slate"] = json!([3]), "its chosen slate is not 1 different ones of the 3 candidates"),
            (&|l| l["rejected_slate"] = l["chosen_slate"].clone(), "its slates are the same"),
            (&|l| l["past"] = json!([[0], [0], [0]]), "the session is over after slate 2 of its past"),
            (&|l| l["certainty"] = json!(2), "certainty is not from 0 to 1"),
        ];
        for (change, part) in cases {
            let e = wrong(change);
            assert!(e.contains(part), "{part}: {e}");
        }
        assert!(read(&mut First(0), "\n").expect_err("refused").contains("no pairs"));
    }

    #[test]
    fn ties_are_left_out_and_those_who_learn_are_told_who_drew_the_slates() {
        let policy = Policy::new(First(0).shape(), 8, Source::new(1));
        let made = Maker::new(&First(0)).make(&policy, Making { pairs: 60, continuations: 2 }, Source::new(2));
        let tied = made.iter().filter(|p| p.earned[0] == p.earned[1]).count();
        let (mut pairs, ties) = decided(made.clone(), "ppo");
        assert!(tied > 0 && ties == tied && pairs.len() + ties == made.len());
        assert!(pairs.iter().all(|p| p.earned[0] > p.earned[1] && p.drawn_by == "ppo"));
        assert_eq!(provenance(&drawers(&decided(made, FRESH).0)), [""; 0]);
        let line = |pair: &Pair| to_value(&mut First(0), pair);
        let (mut old, mut fresh) = (line(&pairs[0]), line(&pairs[1]));
        // Files of before drawers were told are read, and say nothing of them.
        drop(old.as_object_mut().expect("an object").remove("drawn_by"));
        fresh["drawn_by"] = json!(FRESH);
        pairs = read(&mut First(0), &format!("{old}\n{fresh}\n{}", line(&pairs[2]))).expect("reads");
        let notes = provenance(&drawers(&pairs));
        assert!(notes.len() == 2 && notes[0].contains("not told who drew the slates of 1 of its 3 pairs"), "{notes:?}");
        assert!(notes[1].contains("1 of its 3 pairs were drawn by a policy that PPO had trained"), "{notes:?}");
    }

    #[test]
    fn no_pair_is_begun_beyond_the_steps_that_are_given() {
        let policy = Policy::new(First(0).shape(), 8, Source::new(1));
        let (making, mut maker) = (Making { pairs: 60, continuations: 2 }, Maker::new(&First(0)));
        let some = maker.make_within(&policy, making, 40, Source::new(2));
        // An episode, its past, and two continuations of both sides: two steps or fewer each.
        assert!((40..40 + 2 + 1 + 4 * 2).contains(&maker.env_steps), "{}", maker.env_steps);
        let all = Maker::new(&First(0)).make(&policy, making, Source::new(2));
        assert!(!some.is_empty() && some.len() < all.len());
        assert!(some.iter().zip(&all).all(|(a, b)| (a.seed, &a.chosen, &a.earned) == (b.seed, &b.chosen, &b.earned)));
    }
}
