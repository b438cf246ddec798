//! Training on the command line.
#![expect(
    clippy::disallowed_methods,
    reason = "this is no part of the engine: it keeps to the time that a person gave"
)]

use super::{
    Done, Found, Problem,
    args::RunArgs,
    keep::Folder,
    load,
    paint::{Paint, Tone, fit, grouped},
    said,
    tasks::{self, Baseline, Named},
};
use crate::{
    lab::{self, Estimate},
    learn::{
        algorithm::{self, Report, Setup, Trainer},
        dpo::{DPO, REFERENCE},
        evaluate::{Best, Results, evaluate},
        pairs,
        task::Task,
        verdict::{Case, Line, judge, points},
    },
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Training.
#[derive(Args, Clone)]
pub struct TrainArgs {
    /// The algorithm (a wrong name lists them).
    #[arg(long, value_name = "NAME", default_value = "ppo")]
    pub algo: String,
    /// What to learn; --set takes fields of the algorithm and of the scenario.
    #[command(flatten)]
    pub run: RunArgs,
    /// Environment steps of each seed (1,000,000 where no --seconds are given). A run ends with the iteration that reaches
    /// them, and so may go beyond by less than one (dpo: by less than one pair).
    #[arg(long, value_name = "NUMBER", conflicts_with = "seconds", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub steps: Option<u64>,
    /// Seconds of each seed.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub seconds: Option<f64>,
    /// The runs' seeds, by commas.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', default_value = "1")]
    pub seeds: Vec<u64>,
    /// Learn from these preference pairs instead of making them (dpo): a file that `pairs` or the Train page wrote.
    #[arg(long, value_name = "FILE")]
    pub pairs: Option<PathBuf>,
    /// The folder for checkpoints, policies and curves.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on from the checkpoints in --out.
    #[arg(long, requires = "out")]
    pub resume: bool,
    /// Episodes that the trained policy is judged by.
    #[arg(long, value_name = "NUMBER", default_value_t = 500, value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    pub eval_episodes: u32,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let s: f64 = text.parse().map_err(|_| "seconds are a number".to_owned())?;
    if (0.0..=1e7).contains(&s) { Ok(s) } else { Err("seconds are a number from 0 to 10,000,000".into()) }
}

/// The largest file of pairs that is read, bytes.
const MOST_PAIRS: usize = 256 << 20;

/// The most seconds between two checkpoints. The first is made after the first iteration and the next ones soon after it, so
/// that a run whose numbers run away early leaves one too.
const EVERY: f64 = 20.0;

/// Trains one policy a seed, as many at once as there are cores.
pub fn run(args: &TrainArgs, out: &mut dyn Write) -> Done {
    // What is wrong with the arguments is told before anything runs.
    let (setup, named) = prepare(args)?;
    let id = named.id;
    let mut seeds = args.seeds.clone();
    let mut seen = BTreeSet::new();
    seeds.retain(|seed| seen.insert(*seed));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut rows = Vec::new();
    for some in seeds.chunks(cores) {
        let done: Vec<Result<Row, Problem>> = std::thread::scope(|scope| {
            let runs: Vec<_> = some.iter().map(|&seed| scope.spawn(move || one(args, seed))).collect();
            let failed = || said("A run ended without saying why.");
            runs.into_iter().map(|r| r.join().unwrap_or_else(|_| Err(failed()))).collect()
        });
        for row in done {
            rows.push(row?);
        }
    }
    let found = if rows.iter().any(|r| r.stopped.is_some()) { Found::Bad } else { Found::Good };
    if args.json {
        let mut all = json!({
            "scenario": id,
            "algorithm": setup.algorithm.name,
            "settings": setup.values(),
            "eval_episodes": args.eval_episodes,
            "seeds": rows.iter().map(Row::to_value).collect::<Vec<_>>(),
        });
        if setup.algorithm.name == DPO.name {
            // What its divergence is measured from.
            all["reference"] = REFERENCE.into();
        }
        if let Some(drawers) = rows.first().map(|r| &r.drawers).filter(|d| !d.is_empty()) {
            all["pairs_drawn_by"] = json!(drawers);
        }
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(found);
    }
    tell(&id, &setup, &rows, args, out)?;
    Ok(found)
}

/// The setup and the task of the arguments.
fn prepare(args: &TrainArgs) -> Result<(Setup, Named), Problem> {
    if let Some(seed) = args.run.seed {
        return Err(said(format!("--seed {seed}: each run of train has its own seed. Write --seeds {seed}.")));
    }
    let mut setup = Setup::new(algorithm::find(&args.algo).map_err(said)?);
    let asked = args.run.set.iter().any(|s| s.trim_start().starts_with("total_timesteps"));
    if let (Some(steps), true, false) = (args.steps, setup.has("total_timesteps"), asked) {
        setup.set("total_timesteps", (steps as f64).min(1e9)).map_err(said)?;
    }
    let named = tasks::task(&args.run, Some(&mut setup))?;
    let given: Vec<&str> = args.run.set.iter().filter_map(|s| s.split('=').next()).map(str::trim).collect();
    setup.suit(named.task.as_ref(), &given);
    setup.scenario = Some(named.told());
    Ok((setup, named))
}

/// What a seed's run came to.
struct Row {
    seed: u64,
    env_steps: u64,
    /// Those of `env_steps` that were taken before it was gone on with.
    before: u64,
    iterations: u64,
    train_seconds: f64,
    trained: Results,
    random: Baseline,
    stopped: Option<String>,
    notes: Vec<String>,
    /// Who drew the pairs that were brought along, and how many each.
    drawers: BTreeMap<String, usize>,
    policy: Option<PathBuf>,
    against: Vec<(String, Value)>,
    verdict: String,
}

impl Row {
    /// Steps a second, of those that were taken in that time.
    fn speed(&self) -> f64 {
        (self.env_steps - self.before) as f64 / self.train_seconds.max(1e-9)
    }

    fn to_value(&self) -> Value {
        let e = self.trained.estimate();
        let mut row = json!({
            "seed": self.seed.to_string(),
            "eval_return_mean": e.mean,
            "eval_return_se": e.se,
            "random_return_mean": self.random.estimate().mean,
            "env_steps": self.env_steps,
            "iterations": self.iterations,
            "train_seconds": self.train_seconds,
            "env_steps_per_second": self.speed(),
        });
        for (name, e) in self.trained.measures() {
            row[format!("eval_{name}_mean")] = e.mean.into();
        }
        for (name, value) in &self.against {
            row["against"][name] = value.clone();
        }
        row["verdict"] = self.verdict.clone().into();
        if let Some(why) = &self.stopped {
            row["stopped"] = why.clone().into();
        }
        if !self.notes.is_empty() {
            row["notes"] = json!(self.notes);
        }
        if let Some(path) = &self.policy {
            row["policy"] = path.display().to_string().into();
        }
        row
    }
}

/// Trains one policy and judges it.
fn one(args: &TrainArgs, seed: u64) -> Result<Row, Problem> {
    let (setup, named) = prepare(args)?;
    let task = &named.task;
    let mut trainer = setup.trainer(task.as_ref(), seed);
    let drawers = match &args.pairs {
        Some(path) => give(path, task.as_ref(), trainer.as_mut(), &setup)?,
        None => BTreeMap::new(),
    };
    let mut curve = Curve::new(&setup);
    let mut notes = pairs::provenance(&drawers);
    let mut kept_at = None;
    let folder = args.out.as_ref().map(|dir| Folder::open(dir.join(format!("seed-{seed}")))).transpose()?;
    if let (Some(folder), true) = (&folder, args.resume) {
        match folder.restore(|bytes| trainer.restore(bytes).map_err(|e| e.to_string()))? {
            Some(restored) => {
                notes.extend(restored.wrong);
                notes.push(format!("Went on from {} at {} steps.", restored.name, trainer.env_steps()));
                curve.take_over(&folder.file("curve.csv"), trainer.env_steps());
                kept_at = Some(trainer.env_steps());
            }
            None => notes.push("There was no checkpoint: began anew.".into()),
        }
    }
    let before = trainer.env_steps();
    let begun = Instant::now();
    let stopped = learn(args, trainer.as_mut(), &mut curve, folder.as_ref(), &mut kept_at, seed)?;
    let train_seconds = begun.elapsed().as_secs_f64();
    let policy = folder.as_ref().map(|f| f.file("policy.safetensors"));
    if let Some(folder) = &folder {
        match &stopped {
            None => folder.checkpoint(&trainer.checkpoint())?,
            Some(_) => notes.push(left(kept_at, trainer.env_steps())),
        }
        folder.write("policy.safetensors", &algorithm::policy_file(&setup, trainer.policy(), seed))?;
        folder.write("curve.csv", curve.text.as_bytes())?;
    }
    let trained = evaluate(task.as_ref(), &mut Best::new(trainer.policy().clone()), args.eval_episodes, 0);
    let random = named.at_random(&trained, 0)?;
    let (env_steps, iterations) = (trainer.env_steps(), curve.iterations);
    let baselines = named.baselines(&trained)?;
    let (lines, paired) = beside(&trained, &random, &baselines);
    let curve_points = points(&curve.reports, curve.entropy);
    let verdict = judge(&Case {
        name: setup.algorithm.title,
        unit: if named.stage.is_some() { "a session" } else { "an episode" },
        stopped: stopped.as_deref(),
        points: &curve_points,
        lines: &lines,
        paired: Some(paired),
        keeps_best: false,
    });
    let verdict = verdict.text();
    let against = baselines.iter().map(|b| (b.name.clone(), b.against(&trained))).collect();
    Ok(Row {
        seed,
        env_steps,
        before,
        iterations,
        train_seconds,
        trained,
        random,
        stopped,
        notes,
        drawers,
        policy,
        against,
        verdict,
    })
}

/// What a run that had to stop has left in its folder.
fn left(kept_at: Option<u64>, env_steps: u64) -> String {
    let steps = |n: u64| grouped(usize::try_from(n).unwrap_or(usize::MAX));
    let policy = match env_steps {
        0 => "The policy that was written has learnt nothing: the first iteration failed".to_owned(),
        n => format!("The policy that was written is that of the last sound update, after {} steps", steps(n)),
    };
    match kept_at {
        Some(n) => format!("{policy}; the last sound checkpoint is of {} steps.", steps(n)),
        None => format!("{policy}, and there is no checkpoint."),
    }
}

/// Lets a trainer learn from the pairs of a file; who drew them, and how many each.
fn give(
    path: &Path,
    task: &dyn Task,
    trainer: &mut dyn Trainer,
    setup: &Setup,
) -> Result<BTreeMap<String, usize>, Problem> {
    let bytes = load::read(path, MOST_PAIRS)?;
    let wrong = |why: &str| said(format!("{}: {why}.", path.display()));
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8"))?;
    let pairs = pairs::read(task.fresh().as_mut(), &text).map_err(|e| wrong(&e))?;
    let drawers = pairs::drawers(&pairs);
    if trainer.learn_from(pairs) {
        return Ok(drawers);
    }
    Err(said(format!("--pairs: {} does not learn from preferences; choose --algo dpo.", setup.algorithm.title)))
}

/// What a policy is held against, the line to beat (greedy, or the first there is) and how much more it earns on
/// the same episodes.
fn beside(trained: &Results, random: &Baseline, baselines: &[Baseline]) -> (Vec<Line>, Estimate) {
    let to_beat = baselines.iter().find(|b| b.name == "greedy").or(baselines.first()).unwrap_or(random);
    let line = |b: &Baseline| {
        let (name, e) = (b.name.clone(), b.estimate());
        let reference = b.name == to_beat.name;
        Line { title: name.clone(), name, oracle: b.oracle, reference, mean: e.mean, se: e.se }
    };
    let lines = std::iter::once(random).chain(baselines).map(line).collect();
    (lines, lab::paired(trained.returns(), &to_beat.returns))
}

/// Steps a trainer until it has done what was asked; says why where it had to stop. `kept_at` is the step of the newest
/// checkpoint.
fn learn(
    args: &TrainArgs,
    trainer: &mut dyn Trainer,
    curve: &mut Curve,
    folder: Option<&Folder>,
    kept_at: &mut Option<u64>,
    seed: u64,
) -> Result<Option<String>, Problem> {
    let steps = args.steps.unwrap_or(if args.seconds.is_some() { u64::MAX } else { 1_000_000 });
    let limit = Duration::from_secs_f64(args.seconds.unwrap_or(1e7));
    let begun = Instant::now();
    let (mut kept, mut told) = (0.0, 0.0);
    while trainer.env_steps() < steps && begun.elapsed() < limit {
        match trainer.step() {
            Ok(report) => curve.add(&report),
            Err(stopped) => return Ok(Some(stopped.to_string())),
        }
        let now = begun.elapsed().as_secs_f64();
        if let Some(folder) = folder
            && (kept_at.is_none() || now - kept > EVERY.min(now / 2.0))
        {
            (kept, *kept_at) = (now, Some(trainer.env_steps()));
            folder.checkpoint(&trainer.checkpoint())?;
            folder.write("curve.csv", curve.text.as_bytes())?;
        }
        if now - told > if std::io::stderr().is_terminal() { 2.0 } else { 10.0 } {
            told = now;
            let mean = curve.last_return.map_or_else(String::new, |r| format!(", return {r:.2}"));
            let done = grouped(usize::try_from(trainer.env_steps()).unwrap_or(usize::MAX));
            let _ = writeln!(std::io::stderr(), "seed {seed}: {done} steps{mean}");
        }
    }
    Ok(None)
}

/// The curve as CSV: one line an iteration.
struct Curve {
    text: String,
    iterations: u64,
    last_return: Option<f64>,
    reports: Vec<Report>,
    measures: Option<Vec<&'static str>>,
    head: String,
    /// Where the entropy stands among the diagnostics.
    entropy: Option<usize>,
    /// How many diagnostics there are.
    diagnostics: usize,
}

impl Curve {
    fn new(setup: &Setup) -> Self {
        let names: Vec<&str> = setup.algorithm.diagnostics.iter().map(|d| d.0).collect();
        let entropy = names.iter().position(|n| *n == "entropy");
        let head = format!("iteration,env_steps,episodes,return_mean,{}", names.join(","));
        Self {
            text: String::new(),
            iterations: 0,
            last_return: None,
            reports: Vec::new(),
            measures: None,
            head,
            entropy,
            diagnostics: names.len(),
        }
    }

    fn add(&mut self, r: &Report) {
        use std::fmt::Write as _;
        self.iterations = r.iteration;
        self.last_return = r.return_mean.or(self.last_return);
        self.reports.push(r.clone());
        if self.text.is_empty() {
            let names: Vec<&str> = r.measures.iter().map(|m| m.0).collect();
            // Measures have columns where the first iteration ended an episode.
            self.measures = Some(names.clone());
            let more: String = names.iter().map(|n| format!(",{n}")).collect();
            self.text = format!("{}{more}\n", self.head);
        }
        let mean = r.return_mean.map_or_else(String::new, |m| m.to_string());
        let _ = write!(self.text, "{},{},{},{mean}", r.iteration, r.env_steps, r.episodes);
        for i in 0..self.diagnostics {
            let _ = match r.diagnostics.get(i) {
                Some(d) => write!(self.text, ",{d}"),
                None => write!(self.text, ","),
            };
        }
        for (i, _) in self.measures.iter().flatten().enumerate() {
            let _ = match r.measures.get(i) {
                Some(m) => write!(self.text, ",{}", m.1),
                None => write!(self.text, ","),
            };
        }
        self.text.push('\n');
    }

    /// What a line of the curve tells, as far as a run is judged by it.
    fn report(&self, head: &str, line: &str) -> Option<Report> {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |i: usize| cells.get(i)?.parse::<f64>().ok();
        let retention = head.split(',').position(|n| n == "retention").and_then(number);
        Some(Report {
            iteration: cells.first()?.parse().ok()?,
            env_steps: cells.get(1)?.parse().ok()?,
            episodes: cells.get(2)?.parse().ok()?,
            return_mean: number(3),
            measures: retention.map(|r| ("retention", r)).into_iter().collect(),
            diagnostics: (4..4 + self.diagnostics).map(|i| number(i).unwrap_or(f64::NAN)).collect(),
        })
    }

    /// The lines of an earlier run up to where it is gone on from.
    fn take_over(&mut self, path: &std::path::Path, env_steps: u64) {
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let mut lines = text.lines();
        let Some(head) = lines.next().filter(|h| h.starts_with(&self.head)) else { return };
        let before =
            |line: &&str| line.split(',').nth(1).and_then(|n| n.parse().ok()).is_some_and(|n: u64| n <= env_steps);
        let kept: Vec<&str> = lines.take_while(before).collect();
        let more = head[self.head.len()..].split(',').filter(|n| !n.is_empty()).count();
        self.measures = Some(vec![""; more]);
        self.reports = kept.iter().filter_map(|line| self.report(head, line)).collect();
        self.iterations = self.reports.last().map_or(0, |r| r.iteration);
        self.text = format!("{head}\n{}", kept.iter().map(|l| format!("{l}\n")).collect::<String>());
    }
}

fn tell(id: &str, setup: &Setup, rows: &[Row], args: &TrainArgs, out: &mut dyn Write) -> Result<(), Problem> {
    let paint = Paint::stdout();
    let head = format!("{id}: {}, judged by {} episodes", setup.algorithm.title, args.eval_episodes);
    writeln!(out, "{}", paint.tone(Tone::Strong, &head))?;
    writeln!(
        out,
        "  {:<10}{:>12}{:>9}{:>12}{:>14}{:>10}{:>12}",
        "seed", "return", "s.e.", "random", "steps", "seconds", "steps/s"
    )?;
    for r in rows {
        let (e, random) = (r.trained.estimate(), r.random.estimate());
        let steps = grouped(usize::try_from(r.env_steps).unwrap_or(usize::MAX));
        let seed = fit(&r.seed.to_string(), 10);
        writeln!(
            out,
            "  {seed}{:>12.3}{:>9.3}{:>12.3}{steps:>14}{:>10.1}{:>12}",
            e.mean,
            e.se,
            random.mean,
            r.train_seconds,
            grouped(r.speed() as usize)
        )?;
        writeln!(out, "    {}", r.verdict)?;
        for note in r.notes.iter().chain(&r.stopped) {
            writeln!(out, "    {note}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::task::{Outcome, Shape, View};
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        train: TrainArgs,
    }

    /// Its rewards are no numbers from the hundredth step on.
    struct Broken(u32);

    impl Task for Broken {
        fn shape(&self) -> Shape {
            Shape { observation: 1, features: 0, candidates: 3, slate: 1 }
        }

        fn reset(&mut self, _: u64, view: &mut View) {
            *view = View { observation: vec![0.5], features: Vec::new(), count: 3 };
        }

        fn step(&mut self, slate: &[usize], _: &mut View) -> Outcome {
            self.0 += 1;
            let reward = if self.0 > 100 { f64::NAN } else { slate[0] as f64 };
            Outcome { reward, terminated: self.0.is_multiple_of(10), truncated: false }
        }

        fn fresh(&self) -> Box<dyn Task> {
            Box::new(Self(0))
        }
    }

    #[test]
    fn a_run_that_stops_at_once_leaves_a_checkpoint_to_go_on_from_and_says_which() {
        let path = std::env::temp_dir().join(format!("recoworld-stops-{}", std::process::id()));
        let folder = Folder::open(path.clone()).ok().expect("a folder can be made");
        let mut setup = Setup::new(algorithm::find("ppo").expect("listed"));
        for (name, value) in [("num_envs", 1.0), ("num_steps", 50.0)] {
            setup.set(name, value).expect("allowed");
        }
        let args = Line::parse_from(["train", "--steps", "1000"]).train;
        let (mut trainer, mut curve, mut kept_at) = (setup.trainer(&Broken(0), 1), Curve::new(&setup), None);
        let stopped = learn(&args, trainer.as_mut(), &mut curve, Some(&folder), &mut kept_at, 1);
        assert!(stopped.ok().flatten().is_some_and(|why| why.contains("no longer numbers")));
        assert_eq!(trainer.env_steps(), 100);
        let mut again = setup.trainer(&Broken(0), 1);
        let restored = folder.restore(|bytes| again.restore(bytes).map_err(|e| e.to_string()));
        assert!(restored.ok().flatten().is_some() && again.env_steps() > 0);
        assert_eq!(kept_at, Some(again.env_steps()));
        let told = left(kept_at, trainer.env_steps());
        assert!(told.contains("the last sound update, after 100 steps"), "{told}");
        assert!(told.contains(&format!("the last sound checkpoint is of {} steps", again.env_steps())), "{told}");
        assert!(left(None, 0).contains("has learnt nothing") && left(None, 0).contains("no checkpoint"));
        std::fs::remove_dir_all(path).expect("it is there");
    }
}
