//! Off-policy evaluation, and logs to do it with.

use super::{
    Done, Found, Problem, load,
    paint::{Paint, Tone, fit, safe},
    progress::Progress,
    said, tasks,
};
use crate::{
    lab::{Estimate, Welford},
    learn::{
        algorithm,
        log::{
            self, Log, LoggedSession, play,
            policy::{Policy, PolicySpec},
        },
        ope::{self, Row, trails::Gather},
        policy,
        serve::Served,
    },
    math::{Purpose, Source},
};
use clap::Args;
use std::{io::Write, path::PathBuf};

/// Which sessions.
#[derive(Args)]
pub struct PlayedArgs {
    /// A scenario's id or title, or a scenario file; `-` for standard input.
    #[arg(long, value_name = "ID|FILE", default_value = "recoworld/CommuteFeed-v0")]
    scenario: String,
    /// Items of your own: CSV, JSON or JSON lines.
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// A field of the scenario and its value (see `schema fields`); may be repeated.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// The policy that logs: random, popular:T, epsilon-greedy:E, softmax:T or pleasure:T (T a temperature, E a chance).
    #[arg(long, value_name = "POLICY", default_value = "softmax:1")]
    behaviour: String,
    /// How many sessions to log.
    #[arg(long, value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    sessions: u32,
    /// The seed of the sessions.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

/// What `ope` is asked.
#[derive(Args)]
pub struct OpeArgs {
    /// Which sessions.
    #[command(flatten)]
    played: PlayedArgs,
    /// The policy to be judged: as --behaviour, or greedy.
    #[arg(long, value_name = "POLICY", required_unless_present = "policy")]
    target: Option<String>,
    /// Or a trained policy: a file that `train --out` or the Train page wrote.
    #[arg(long, value_name = "FILE", conflicts_with = "target")]
    policy: Option<PathBuf>,
    /// How widely the trained policy draws its slates: 1 as it was trained, 0 the slates that it serves.
    #[arg(long, value_name = "NUMBER", requires = "policy", default_value_t = 1.0, value_parser = temperature)]
    temperature: f64,
    /// Sessions of your own instead, with propensities: JSON lines or CSV (see docs/learning.md); `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["behaviour", "sessions"])]
    log: Option<PathBuf>,
    /// How many fresh sessions the target plays for its true value; 0 for none.
    #[arg(long, value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    truth: u32,
}

/// A temperature, or which there are.
fn temperature(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|t| (0.0..=100.0).contains(t));
    number.ok_or_else(|| "a temperature is a number from 0 to 100".to_owned())
}

/// What `logs` is asked.
#[derive(Args)]
pub struct LogsArgs {
    /// Which sessions.
    #[command(flatten)]
    played: PlayedArgs,
    /// Where to write them, as JSON lines.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Estimates what a policy would earn.
pub fn run(args: &OpeArgs, out: &mut dyn Write) -> Done {
    let target = Target::of(args)?;
    let stage = load::stage_of(&args.played.scenario, args.played.catalog.as_deref(), &args.played.set)?;
    let judged = target.policy(&stage)?;
    let log = match &args.log {
        Some(path) => imported(path, &stage)?,
        None => played(&args.played, &stage)?,
    };
    let mut gather = Gather::new(&stage.scenario, &stage.world, judged);
    let mut progress = Progress::new("sessions weighed");
    for (n, session) in log.sessions.iter().enumerate() {
        gather.add(session).map_err(said)?;
        progress.tell(n as u32, log.sessions.len() as u32);
    }
    progress.end();
    let (cascade, whole) = gather.trails();
    let rows = ope::rows(&cascade, &whole, gather.slates(), args.played.seed);
    let mut earned = Welford::default();
    log.sessions.iter().for_each(|s| earned.add(s.earned()));
    let found = Findings {
        behaviour: args.log.as_ref().map_or_else(|| args.played.behaviour.clone(), |_| "log".into()),
        target: target.name(),
        sessions: log.sessions.len(),
        logged: earned.estimate(),
        truth: (args.truth > 0).then(|| truth(args, &target, &stage)).transpose()?,
        rows,
    };
    if args.played.json {
        let all = serde_json::json!({
            "scenario": stage.scenario.id,
            "seed": args.played.seed.to_string(),
            "behaviour": found.behaviour,
            "target": found.target,
            "sessions": found.sessions,
            "behaviour_value": found.logged,
            "true_value": found.truth,
            "estimates": found.rows,
        });
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    tell(&found, &stage.scenario.title, out)
}

/// Writes logs.
pub fn logs(args: &LogsArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage_of(&args.played.scenario, args.played.catalog.as_deref(), &args.played.set)?;
    let log = played(&args.played, &stage)?;
    std::fs::write(&args.out, log::write(&log, stage.world.shelf()))
        .map_err(|e| said(format!("{} could not be written: {e}", args.out.display())))?;
    let turns: usize = log.sessions.iter().map(|s| s.turns.len()).sum();
    if args.played.json {
        let all = serde_json::json!({ "sessions": log.sessions.len(), "turns": turns, "file": args.out });
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{} sessions of {turns} turns in all are in {}.", log.sessions.len(), args.out.display())?;
    }
    Ok(Found::Good)
}

struct Findings {
    behaviour: String,
    target: String,
    sessions: usize,
    logged: Estimate,
    truth: Option<Estimate>,
    rows: Vec<Row>,
}

/// Whose worth is estimated.
enum Target {
    Named(PolicySpec),
    /// A trained one: the file, what it holds, and the temperature.
    Trained(PathBuf, algorithm::Label, Box<policy::Policy>, f64),
}

impl Target {
    fn of(args: &OpeArgs) -> Result<Self, Problem> {
        match (&args.policy, &args.target) {
            (Some(path), _) => {
                let (label, trained) = tasks::policy(path)?;
                Ok(Self::Trained(path.clone(), label, Box::new(trained), args.temperature))
            }
            (None, name) => Ok(Self::Named(policy("--target", name.as_deref().unwrap_or_default())?)),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Named(spec) => spec.name(),
            Self::Trained(_, label, _, temperature) => {
                format!("a policy by {}, temperature {temperature}", label.algorithm)
            }
        }
    }

    fn policy(&self, stage: &load::Stage) -> Result<Policy, Problem> {
        match self {
            Self::Named(spec) => Ok(Policy::new(*spec, &stage.knowledge)),
            Self::Trained(path, _, trained, temperature) => {
                let served = Served::new(trained.as_ref().clone(), &stage.knowledge, &stage.world);
                let served = served.map_err(|e| said(format!("{}: {e}.", path.display())))?;
                Ok(Policy::trained(served, *temperature, &stage.knowledge))
            }
        }
    }
}

fn policy(flag: &str, name: &str) -> Result<PolicySpec, Problem> {
    PolicySpec::parse(name).map_err(|e| said(format!("{flag}: {e}.")))
}

fn played(args: &PlayedArgs, stage: &load::Stage) -> Result<Log, Problem> {
    let spec = policy("--behaviour", &args.behaviour)?;
    if !spec.explores() {
        let what = "never shows anything but its best, so its log says nothing of other policies";
        return Err(said(format!("--behaviour {}: {what}. Take softmax:1 or epsilon-greedy:0.2.", args.behaviour)));
    }
    let root = Source::new(args.seed).stream(Purpose::Log).bits();
    Ok(Log { sessions: sessions(Policy::new(spec, &stage.knowledge), root, args.sessions, stage) })
}

fn sessions(mut policy: Policy, root: u64, count: u32, stage: &load::Stage) -> Vec<LoggedSession> {
    let mut progress = Progress::new("sessions played");
    let made = (0..count)
        .map(|k| {
            progress.tell(k, count);
            let seed = Source::new(root).keyed(u64::from(k)).seed();
            play::session(&stage.scenario, &stage.world, &mut policy, seed, &mut |_, _| ())
        })
        .collect();
    progress.end();
    made
}

/// What the target earns when it is let loose, on seeds that no log shares.
fn truth(args: &OpeArgs, target: &Target, stage: &load::Stage) -> Result<Estimate, Problem> {
    let root = Source::new(args.played.seed).keyed(1).stream(Purpose::Other).bits();
    let mut earned = Welford::default();
    sessions(target.policy(stage)?, root, args.truth, stage).iter().for_each(|s| earned.add(s.earned()));
    Ok(earned.estimate())
}

fn imported(path: &std::path::Path, stage: &load::Stage) -> Result<Log, Problem> {
    let bytes = load::read(path, log::MOST_LOG_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to() + 1;
        said(format!("{}: byte {at} is not UTF-8. Save the file as UTF-8.", path.display()))
    })?;
    log::read(&text, stage.world.shelf(), &stage.scenario.context).map_err(|e| said(format!("{}: {e}", path.display())))
}

fn tell(found: &Findings, title: &str, out: &mut dyn Write) -> Done {
    let paint = Paint::stdout();
    let head =
        format!("{}: {} from {} sessions of {}", safe(title), found.target, found.sessions, safe(&found.behaviour));
    writeln!(out, "{}", paint.tone(Tone::Strong, &head))?;
    writeln!(out, "  {:<16}{:>9}{:>9}   {:<22}{:>10}", "", "return", "s.e.", "95 % interval", "effective")?;
    let line = |name: &str, e: &Estimate, effective: &str| {
        format!(
            "  {}{:>9.3}{:>9.3}   {:<22}{effective:>10}",
            fit(name, 16),
            e.mean,
            e.se,
            format!("{:.3} to {:.3}", e.low, e.high)
        )
    };
    writeln!(out, "{}", line("as logged", &found.logged, ""))?;
    for row in &found.rows {
        match &row.estimate {
            Some(e) => writeln!(out, "{}", line(&row.estimator, e, &format!("{:.1}", row.effective_sessions)))?,
            None => writeln!(out, "  {}", fit(&row.estimator, 16).trim_end())?,
        }
        if !row.caution.is_empty() {
            writeln!(out, "    {}", paint.tone(Tone::Faint, &row.caution))?;
        }
    }
    if let Some(truth) = &found.truth {
        writeln!(out, "{}", line("true value", truth, ""))?;
    }
    Ok(Found::Good)
}
