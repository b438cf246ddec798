//! Fitting the memory of users from logs.

use super::{
    Done, Found, load,
    paint::{Paint, Tone, fit, safe},
    progress::Progress,
    said,
};
use crate::{
    lab::Estimate,
    learn::{
        log::{
            self,
            policy::{Policy, PolicySpec},
        },
        memory::{
            data::Lens,
            file::{self, MemoryFile},
            process::{Maker, PROCESSES, Process},
            study::{self, Report, Split, Study},
            train::{Fitted, Settings},
            weights::{VARIANTS, Variant, Weights},
        },
    },
    recommender::Knowledge,
};
use clap::{Args, ValueEnum};
use std::{io::Write, path::PathBuf};

/// What `fit-memory` is asked.
#[derive(Args)]
pub struct FitMemoryArgs {
    /// A scenario's id or title, or a scenario file; `-` for standard input.
    #[arg(long, value_name = "ID|FILE", default_value = "recoworld/CommuteFeed-v0")]
    scenario: String,
    /// Items of your own: CSV, JSON or JSON lines.
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// A field of the scenario and its value (see `schema fields`); may be repeated.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// How many sessions to make and fit on.
    #[arg(long, value_name = "NUMBER", default_value_t = 4000, value_parser = clap::value_parser!(u32).range(20..=100_000))]
    sessions: u32,
    /// The seed of the sessions and of the order they are learnt in.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Who makes the sessions.
    #[arg(long, value_enum, default_value = "own", conflicts_with = "log")]
    process: ProcessName,
    /// Sessions of your own instead: JSON lines or CSV (see docs/learning.md); `-` for standard input.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// The most passes over the training sessions.
    #[arg(long, value_name = "NUMBER", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1000))]
    epochs: u32,
    /// Where to write the fitted memory.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Fit nothing: judge this fitted memory on the sessions instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "epochs"])]
    judge: Option<PathBuf>,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

/// A process by name.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProcessName {
    /// The built-in user, whole.
    Own,
    /// More of what was opened last, with jumps to other topics.
    Recency,
    /// A hidden Markov chain of moods.
    Mood,
    /// RecSim's interest evolution over topics.
    Evolution,
}

/// A fitted memory from a file, as a fit that is done.
fn read_memory(path: &std::path::Path) -> Result<Fitted, super::Problem> {
    let bytes = load::read(path, file::MOST_BYTES)?;
    let text = String::from_utf8_lossy(&bytes);
    let memory = MemoryFile::from_json(&text).map_err(|e| said(format!("{}: {e}.", path.display())))?;
    let validation = memory.held_out;
    Ok(Fitted { variant: Variant::Learned, weights: memory.weights(), epochs: 0, best_epoch: 0, validation })
}

fn fit_all(args: &FitMemoryArgs, split: &Split, start: Weights) -> Vec<Fitted> {
    let settings = Settings { epochs: args.epochs, seed: args.seed, ..Settings::default() };
    let mut study = Study::new(split, start, settings);
    let mut progress = Progress::new("passes at most");
    let most = args.epochs * VARIANTS.len() as u32;
    let mut passes = 0;
    while study.step() {
        passes += 1;
        progress.tell(passes.min(most), most);
    }
    progress.end();
    study.fitted().to_vec()
}

/// Fits and judges.
pub fn run(args: &FitMemoryArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage_of(&args.scenario, args.catalog.as_deref(), &args.set)?;
    let lens = Lens::new(stage.world.shelf(), stage.world.features(), &stage.scenario.profile);
    let (split, process) = match &args.log {
        Some(path) => (imported(path, &stage, &lens)?, None),
        None => {
            let process = PROCESSES[args.process as usize];
            (simulated(args, process, &stage, &lens), Some(process))
        }
    };
    if split.valid.is_empty() || split.test.is_empty() {
        return Err(said("The log holds fewer than nine sessions with a look: too few to hold some out."));
    }
    let name = process.map_or("log", Process::name);
    let start = Weights::start(stage.world.shelf(), stage.world.features());
    let fitted = match &args.judge {
        Some(path) => vec![read_memory(path)?],
        None => fit_all(args, &split, start),
    };
    let report = study::report(&split, &fitted);
    if let Some(path) = &args.out {
        let file = MemoryFile::new(
            &fitted[0].weights,
            command(args, name),
            stage.scenario.id.clone(),
            name.into(),
            report.sessions,
            report.variants[0].held_out.mean,
        );
        let text = file.to_json()?;
        std::fs::write(path, text).map_err(|e| said(format!("{} could not be written: {e}", path.display())))?;
    }
    if args.json {
        let mut all = serde_json::to_value(&report)?;
        let object = all.as_object_mut().expect("a report is an object");
        object.insert("scenario".into(), stage.scenario.id.clone().into());
        object.insert("process".into(), name.into());
        object.insert("seed".into(), args.seed.to_string().into());
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    tell(&report, &stage.scenario.title, process, out)
}

fn command(args: &FitMemoryArgs, process: &str) -> String {
    let mut text = format!("recoworld fit-memory --scenario {}", args.scenario);
    for s in &args.set {
        text += &format!(" --set {s}");
    }
    match &args.log {
        Some(_) => text + &format!(" --log FILE --seed {} --epochs {}", args.seed, args.epochs),
        None => {
            text + &format!(
                " --process {process} --sessions {} --seed {} --epochs {}",
                args.sessions, args.seed, args.epochs
            )
        }
    }
}

fn imported(path: &std::path::Path, stage: &load::Stage, lens: &Lens<'_>) -> Result<Split, super::Problem> {
    let bytes = load::read(path, log::MOST_LOG_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|e| {
        said(format!(
            "{}: byte {} is not UTF-8. Save the file as UTF-8.",
            path.display(),
            e.utf8_error().valid_up_to() + 1
        ))
    })?;
    let log = log::read(&text, stage.world.shelf(), &stage.scenario.context)
        .map_err(|e| said(format!("{}: {e}", path.display())))?;
    Ok(Split::new(lens.runs(&log), Vec::new()))
}

fn simulated(args: &FitMemoryArgs, process: Process, stage: &load::Stage, lens: &Lens<'_>) -> Split {
    let spec = PolicySpec::parse("random").expect("a policy that there is");
    let policy = Policy::new(spec, &Knowledge::new(stage.scenario.clone(), stage.world.clone()));
    let mut maker = Maker::new(process, &stage.scenario, &stage.world, policy, args.seed);
    let mut progress = Progress::new("sessions");
    for done in 0..args.sessions {
        maker.make();
        progress.tell(done, args.sessions);
    }
    progress.end();
    Split::new(maker.log.sessions.iter().map(|s| lens.run(s)).collect(), maker.hidden)
}

fn tell(report: &Report, title: &str, process: Option<Process>, out: &mut dyn Write) -> Done {
    let paint = Paint::stdout();
    let whose = process.map_or("a log brought along", Process::about);
    writeln!(out, "{}", paint.tone(Tone::Strong, &format!("{}: {whose}", safe(title))))?;
    let [train, valid, test] = report.sessions;
    writeln!(out, "Fitted on {train} sessions, stopped on {valid}, judged on {test} ({} actions).", report.actions[2])?;
    writeln!(
        out,
        "  {:<16}{:>12}{:>9}  {:<32}{:>9}{:>9}{:>9}",
        "", "held out", "s.e.", "learned gains, 95 %", "ceiling", "R² of z", "within"
    )?;
    for row in &report.variants {
        let percent = row.share_of_ceiling.map_or_else(String::new, |s| format!("{:.0} %", 100.0 * s));
        let (r2, within) =
            row.recovery.map_or_else(Default::default, |r| (format!("{:.2}", r.r2), format!("{:.2}", r.r2_within)));
        writeln!(
            out,
            "  {}{:>12.5}{:>9.5}  {}{percent:>9}{r2:>9}{within:>9}",
            fit(&row.variant, 16),
            row.held_out.mean,
            row.held_out.se,
            fit(&row.learned_gains.map_or_else(String::new, |g| interval(&g)), 32),
        )?;
    }
    if let Some(c) = report.ceiling {
        writeln!(out, "  {}{:>12.5}{:>9.5}", fit("true chances", 16), c.mean, c.se)?;
    }
    let s = &report.variants[0].scalars;
    let shown = ["likeness", "age", "salience", "recall", "novelty"].map(|n| format!("{n} {:.2}", s[n]));
    writeln!(out, "Learned: {}. Nats an action; errors clustered by session.", shown.join(", "))?;
    Ok(Found::Good)
}

fn interval(d: &Estimate) -> String {
    let five = |v: f64| format!("{}{:.5}", if v < 0.0 { "-" } else { "+" }, v.abs());
    format!("{} ({} to {})", five(d.mean), five(d.low), five(d.high))
}
