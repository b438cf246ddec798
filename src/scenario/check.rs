//! Whether an environment keeps its promises: a checker that any [`Environment`] can be run through.

use super::env::{EnvError, Environment, Options, Step};
use crate::{
    catalog::ItemIx,
    math::{Purpose, Source, Stream},
};
use serde::{Deserialize, Serialize};

/// One promise, and whether it was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its short name.
    pub name: String,
    /// The promise.
    pub promise: String,
    /// Whether it was kept.
    pub passed: bool,
    /// What was seen: where it failed, why.
    pub seen: String,
}

/// What a check saw: what held, or what did not.
type Outcome = Result<String, String>;

/// A check with its name and promise.
type Listed<E> = (&'static str, &'static str, fn(&E) -> Outcome);

/// Sees each turn before its slate is shown, and may change it: the environment, the turn, the slate, the candidates.
type Twist<'a, E> = &'a mut dyn FnMut(&mut E, usize, &mut Vec<ItemIx>, &[ItemIx]) -> Result<(), String>;

/// Runs all checks. Each plays some episodes of its own on fresh copies of the environment.
#[must_use]
pub fn check<E: Environment>(env: &E) -> Vec<Check> {
    let checks: &[Listed<E>] = &[
        ("reset first", "A step before a reset is an error that says so.", before_reset),
        ("space", "Observations offer at least a slate of different known items, in ascending order.", space),
        ("same seed", "The same seed and slates give the same episode, byte for byte.", same_seed),
        ("other seeds", "Other seeds give other episodes.", other_seeds),
        (
            "next episode",
            "A reset without a seed gives the next episode, the same for the same first seed.",
            next_episode,
        ),
        ("reset midway", "A reset in mid-episode leaves nothing behind.", reset_midway),
        (
            "wrong slates",
            "Slates too short, too long, with repeats or strangers are refused and change nothing.",
            wrong_slates,
        ),
        (
            "end",
            "Every episode ends within the horizon, left and cut off are kept apart, and then steps are refused.",
            ends,
        ),
        ("rewards", "Rewards and measures are finite numbers.", rewards),
        ("shape", "Observations keep their shape, and read back from JSON equal.", shape),
        ("secrets by name", "No observation names what is hidden.", secrets_by_name),
        ("secrets", "The first observation does not depend on what is hidden.", secrets),
        ("past", "A change of slate leaves everything before it as it was.", past),
        ("apart", "Two environments side by side do not touch each other.", apart),
        ("options", "A field that there is not is refused as an option, by name.", options),
    ];
    let run = |&(name, promise, f): &Listed<E>| {
        let (passed, seen) = match f(env) {
            Ok(seen) => (true, seen),
            Err(seen) => (false, seen),
        };
        Check { name: name.to_owned(), promise: promise.to_owned(), passed, seen }
    };
    checks.iter().map(run).collect()
}

/// The seeds that checks play.
const SEEDS: [u64; 5] = [1, 2, 3, 41, u64::MAX];

/// An episode: the first observation, the steps, and the slates shown.
struct Episode<E: Environment> {
    first: String,
    steps: Vec<Step<E::Observation>>,
    slates: Vec<Vec<ItemIx>>,
}

impl<E: Environment> Episode<E> {
    /// The bytes of the first observation and of each step.
    fn bytes(&self) -> Result<Vec<String>, String> {
        let steps = self.steps.iter().map(json);
        core::iter::once(Ok(self.first.clone())).chain(steps).collect()
    }
}

/// `k` random candidates.
fn draw(candidates: &[ItemIx], k: usize, random: &mut Stream) -> Vec<ItemIx> {
    let mut all = candidates.to_vec();
    random.sample_front(&mut all, k);
    all.truncate(k);
    all
}

/// Plays an episode with random slates; `twist` may put another slate in the place of a turn's.
fn episode<E: Environment>(env: &mut E, seed: Option<u64>, twist: Twist<'_, E>) -> Result<Episode<E>, String> {
    let space = env.space();
    let (mut observation, _) = env.reset(seed, &Options::default()).map_err(|e| format!("reset failed: {e}"))?;
    let mut out = Episode { first: json(&observation)?, steps: Vec::new(), slates: Vec::new() };
    for turn in 0..=space.horizon as usize {
        let candidates = E::candidates(&observation);
        let mut random = Source::new(99).keyed(turn as u64).stream(Purpose::Other);
        let mut slate = draw(candidates, space.slate_size, &mut random);
        let candidates = candidates.to_vec();
        twist(env, turn, &mut slate, &candidates)?;
        let step = env.step(&slate).map_err(|e| format!("step {turn} failed: {e}"))?;
        let over = step.terminated || step.truncated;
        if !over {
            // The next slate is drawn from what this step showed; read it back so that the step can be kept whole.
            let again = serde_json::from_str(&json(&step.observation)?);
            observation = again.map_err(|e| format!("an observation does not read back: {e}"))?;
        }
        out.steps.push(step);
        out.slates.push(slate);
        if over {
            return Ok(out);
        }
    }
    Err(format!("seed {seed:?}: no end after {} steps, though the horizon is {}", out.steps.len(), space.horizon))
}

fn plain<E: Environment>(env: &E, seed: u64) -> Result<Episode<E>, String> {
    episode(&mut env.fresh(), Some(seed), &mut |_, _, _, _| Ok(()))
}

fn json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|e| format!("it cannot be written as JSON: {e}"))
}

fn same(what: &str, a: &[String], b: &[String]) -> Result<(), String> {
    match a.iter().zip(b).position(|(x, y)| x != y) {
        Some(0) => Err(format!("{what}: the first observations differ")),
        Some(i) => Err(format!("{what}: step {} differs", i - 1)),
        None if a.len() != b.len() => Err(format!("{what}: {} steps against {}", a.len() - 1, b.len() - 1)),
        None => Ok(()),
    }
}

fn before_reset<E: Environment>(env: &E) -> Outcome {
    match env.fresh().step(&[]) {
        Err(EnvError::NotReset) => Ok(EnvError::NotReset.to_string()),
        Err(other) => Err(format!("another error: {other}")),
        Ok(_) => Err("the step was taken".to_owned()),
    }
}

fn space<E: Environment>(env: &E) -> Outcome {
    let space = env.space();
    let mut seen = 0;
    for seed in SEEDS {
        let e = plain(env, seed)?;
        for (turn, step) in e.steps.iter().enumerate() {
            let list = E::candidates(&step.observation);
            if list.len() < space.slate_size {
                return Err(format!(
                    "after step {turn} there are {} candidates for {} places",
                    list.len(),
                    space.slate_size
                ));
            }
            if list.windows(2).any(|w| w[0] >= w[1]) || list.last().is_some_and(|i| *i as usize >= space.items) {
                return Err(format!("after step {turn} the candidates are not ascending known items"));
            }
            seen += 1;
        }
    }
    Ok(format!("{seen} observations"))
}

fn same_seed<E: Environment>(env: &E) -> Outcome {
    let mut bytes = 0;
    for seed in SEEDS {
        let (a, b) = (plain(env, seed)?.bytes()?, plain(env, seed)?.bytes()?);
        same(&format!("seed {seed}"), &a, &b)?;
        bytes += a.iter().map(String::len).sum::<usize>();
    }
    Ok(format!("{} episodes, {bytes} bytes", SEEDS.len()))
}

fn other_seeds<E: Environment>(env: &E) -> Outcome {
    let all: Result<Vec<_>, String> = SEEDS.iter().map(|s| plain(env, *s)?.bytes()).collect();
    // Seeds stand in the infos, so compare what was observed.
    let strip = |lines: &[String]| lines.iter().map(|l| l.split("\"info\"").next().unwrap_or("").to_owned()).collect();
    let distinct: std::collections::BTreeSet<Vec<String>> = all?.iter().map(|l| strip(l)).collect();
    if distinct.len() < 2 {
        Err("all seeds gave one episode".to_owned())
    } else {
        Ok(format!("{} of {} differ", distinct.len(), SEEDS.len()))
    }
}

fn next_episode<E: Environment>(env: &E) -> Outcome {
    let two = |env: &mut E| -> Result<(Vec<String>, Vec<String>), String> {
        let a = episode(env, Some(5), &mut |_, _, _, _| Ok(()))?.bytes()?;
        Ok((a, episode(env, None, &mut |_, _, _, _| Ok(()))?.bytes()?))
    };
    let (first, second) = two(&mut env.fresh())?;
    let (_, again) = two(&mut env.fresh())?;
    if first == second {
        return Err("the second episode repeats the first".to_owned());
    }
    same("the second episode of one seed", &second, &again)?;
    Ok("a second episode, twice the same".to_owned())
}

fn reset_midway<E: Environment>(env: &E) -> Outcome {
    let mut used = env.fresh();
    let (o, _) = used.reset(Some(9), &Options::default()).map_err(|e| e.to_string())?;
    let slate = E::candidates(&o)[..used.space().slate_size].to_vec();
    used.step(&slate).map_err(|e| e.to_string())?;
    let after = episode(&mut used, Some(3), &mut |_, _, _, _| Ok(()))?.bytes()?;
    same("after a reset in mid-episode", &after, &plain(env, 3)?.bytes()?)?;
    Ok("as if it had been fresh".to_owned())
}

fn wrong_slates<E: Environment>(env: &E) -> Outcome {
    let space = env.space();
    let mut refused = 0;
    let mut twist = |env: &mut E, turn: usize, slate: &mut Vec<ItemIx>, candidates: &[ItemIx]| {
        for (kind, wrong) in wrong(slate, candidates, space.items) {
            if env.step(&wrong).is_ok() {
                return Err(format!("step {turn} took a slate {kind}"));
            }
            refused += 1;
        }
        Ok(())
    };
    let with = episode(&mut env.fresh(), Some(2), &mut twist)?.bytes()?;
    same("after refused slates", &with, &plain(env, 2)?.bytes()?)?;
    Ok(format!("{refused} refused without a trace"))
}

/// Slates that must be refused, made from a right one.
fn wrong(right: &[ItemIx], candidates: &[ItemIx], items: usize) -> Vec<(&'static str, Vec<ItemIx>)> {
    let mut all = vec![
        ("with nothing in it", Vec::new()),
        ("too short", right[1..].to_vec()),
        (
            "too long",
            right.iter().copied().chain(candidates.iter().copied().find(|c| !right.contains(c))).chain([0]).collect(),
        ),
        ("with an item that does not exist", [&[items as ItemIx], &right[1..]].concat()),
    ];
    if right.len() > 1 {
        all.push(("with a repeat", [&right[..1], &right[..right.len() - 1]].concat()));
    }
    if let Some(stranger) = (0..items as ItemIx).find(|i| candidates.binary_search(i).is_err()) {
        all.push(("with an item that is no candidate", [&[stranger], &right[1..]].concat()));
    }
    all
}

fn ends<E: Environment>(env: &E) -> Outcome {
    let horizon = env.space().horizon as usize;
    let (mut left, mut cut) = (0, 0);
    for seed in SEEDS {
        let mut used = env.fresh();
        let e = episode(&mut used, Some(seed), &mut |_, _, _, _| Ok(()))?;
        let last = e.steps.last().ok_or("an episode without steps")?;
        if last.terminated && last.truncated {
            return Err(format!("seed {seed}: both terminated and truncated"));
        }
        if last.truncated && e.steps.len() != horizon {
            return Err(format!("seed {seed}: truncated after {} steps; the horizon is {horizon}", e.steps.len()));
        }
        (left, cut) = (left + usize::from(last.terminated), cut + usize::from(last.truncated));
        match used.step(&e.slates[0]) {
            Err(EnvError::Over) => {}
            Err(other) => return Err(format!("a step after the end gave another error: {other}")),
            Ok(_) => return Err(format!("seed {seed}: a step after the end was taken")),
        }
    }
    Ok(format!("{left} left, {cut} cut off"))
}

fn rewards<E: Environment>(env: &E) -> Outcome {
    let mut sum = 0.0;
    for seed in SEEDS {
        for (turn, step) in plain(env, seed)?.steps.iter().enumerate() {
            if !step.reward.is_finite() {
                return Err(format!("seed {seed}, step {turn}: the reward is {}", step.reward));
            }
            if let Some((name, value)) = step.info.measures.iter().find(|(_, v)| !v.is_finite()) {
                return Err(format!("seed {seed}, step {turn}: the measure {name} is {value}"));
            }
            sum += step.reward;
        }
    }
    Ok(format!("mean return {:.3}", sum / SEEDS.len() as f64))
}

/// The names in a JSON object, all the way down; arrays count as their first element.
fn names(value: &serde_json::Value, prefix: &str, out: &mut Vec<String>) {
    if let Some(object) = value.as_object() {
        for (key, inner) in object {
            let path = format!("{prefix}.{key}");
            names(inner, &path, out);
            out.push(path);
        }
    } else if let Some(list) = value.as_array() {
        list.iter().for_each(|v| names(v, prefix, out));
    }
}

fn shape<E: Environment>(env: &E) -> Outcome {
    let e = plain(env, 1)?;
    let top = |text: &str| -> Result<Vec<String>, String> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
        Ok(value.as_object().map(|o| o.keys().cloned().collect()).unwrap_or_default())
    };
    let first = top(&e.first)?;
    for (turn, step) in e.steps.iter().enumerate() {
        let text = json(&step.observation)?;
        if top(&text)? != first {
            return Err(format!("step {turn} observes other fields than the reset"));
        }
        let back: E::Observation =
            serde_json::from_str(&text).map_err(|e| format!("step {turn} does not read back: {e}"))?;
        if back != step.observation {
            return Err(format!("step {turn} reads back as another observation"));
        }
    }
    Ok(format!("{} observations of {} fields", e.steps.len() + 1, first.len()))
}

/// Words for what is the user's or the catalogue's secret.
const SECRETS: &[&str] = &[
    "mindset",
    "satisfaction",
    "boredom",
    "energy",
    "trust",
    "fatigue",
    "persona",
    "traits",
    "interests",
    "patience",
    "utility",
    "appraisal",
    "terms",
    "relevance",
    "quality",
    "lure",
    "vector",
    "truth",
    "frame",
    "reason",
    "felt",
    "forecast",
    "chance",
    "memory",
    "state",
];

fn secrets_by_name<E: Environment>(env: &E) -> Outcome {
    let e = plain(env, 1)?;
    let last = e.steps.last().ok_or("an episode without steps")?;
    let value = serde_json::to_value(&last.observation).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    names(&value, "", &mut all);
    all.sort();
    all.dedup();
    let secret = |k: &str| !E::OPEN.contains(&k) && SECRETS.iter().any(|s| k.contains(s));
    match all.iter().find(|n| n.rsplit('.').next().is_some_and(secret)) {
        Some(name) => Err(format!("the observation has a field {name}")),
        None => Ok(format!("{} names, none of them secret", all.len())),
    }
}

fn secrets<E: Environment>(env: &E) -> Outcome {
    let Some(mut other) = env.other_secret() else { return Ok("nothing is hidden here".to_owned()) };
    for seed in SEEDS {
        let a = env.fresh().reset(Some(seed), &Options::default()).map_err(|e| e.to_string())?.0;
        let b = other.reset(Some(seed), &Options::default()).map_err(|e| e.to_string())?.0;
        if json(&a)? != json(&b)? {
            return Err(format!("seed {seed}: another secret shows in the first observation"));
        }
    }
    let changed = (SEEDS.iter())
        .map(|s| Ok(plain(env, *s)?.bytes()? != plain(&other, *s)?.bytes()?))
        .collect::<Result<Vec<bool>, String>>()?;
    if changed.contains(&true) {
        Ok("it shows only in what the user does".to_owned())
    } else {
        Err("the other secret changes nothing at all, so this check saw nothing".to_owned())
    }
}

fn past<E: Environment>(env: &E) -> Outcome {
    let episodes: Result<Vec<_>, String> = SEEDS.iter().map(|s| Ok((*s, plain(env, *s)?.bytes()?))).collect();
    let (seed, before) = episodes?.into_iter().max_by_key(|(_, b)| b.len()).ok_or("no episodes")?;
    let at = (before.len() - 1) / 2;
    let mut changed = false;
    let mut twist = |_: &mut E, turn: usize, slate: &mut Vec<ItemIx>, candidates: &[ItemIx]| {
        if turn == at {
            let other: Vec<ItemIx> =
                candidates.iter().copied().filter(|c| !slate.contains(c)).take(slate.len()).collect();
            changed = other.len() == slate.len();
            if changed {
                *slate = other;
            }
        }
        Ok(())
    };
    let after = episode(&mut env.fresh(), Some(seed), &mut twist)?.bytes()?;
    same("before the change", &before[..=at], &after[..=at])?;
    Ok(format!("{at} steps before {} change of slate", if changed { "a" } else { "no possible" }))
}

fn apart<E: Environment>(env: &E) -> Outcome {
    let mut other = env.fresh();
    let mut other_live: Option<Vec<ItemIx>> = None;
    let slate_size = env.space().slate_size;
    let mut twist = |_: &mut E, turn: usize, _: &mut Vec<ItemIx>, _: &[ItemIx]| {
        let step = other_live.take().map(|slate| other.step(&slate)).transpose().map_err(|e| e.to_string())?;
        let next = match step {
            Some(s) if !s.terminated && !s.truncated => s.observation,
            _ => other.reset(Some(turn as u64), &Options::default()).map_err(|e| e.to_string())?.0,
        };
        other_live = Some(E::candidates(&next)[..slate_size].to_vec());
        Ok(())
    };
    let together = episode(&mut env.fresh(), Some(3), &mut twist)?.bytes()?;
    same("beside another", &together, &plain(env, 3)?.bytes()?)?;
    Ok("side by side as alone".to_owned())
}

fn options<E: Environment>(env: &E) -> Outcome {
    let wrong = Options { set: vec![("no_such_field".to_owned(), "1".to_owned())] };
    match env.fresh().reset(Some(1), &wrong) {
        Err(e) if e.to_string().contains("no_such_field") => Ok(e.to_string()),
        Err(e) => Err(format!("the error does not name the field: {e}")),
        Ok(_) => Err("it was taken in silence".to_owned()),
    }
}
