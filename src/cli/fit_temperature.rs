//! Fitting the temperature of scored mode to what users did.

use super::{
    Done, Found, Problem,
    args::RunArgs,
    catalog, llm,
    llm_args::{Lean, ModelArgs},
    load, replay, said,
};
use crate::{
    chart::text::count,
    llm::{
        calibrate::{Fitting, LEAST, MOST, Plan, Played},
        settings::{Mode, Settings},
    },
};
use clap::Args;
use std::{
    io::{self, Write},
    path::PathBuf,
};

/// What is to be fitted, and to what.
#[derive(Args)]
pub struct FitTemperatureArgs {
    /// The model.
    #[command(flatten)]
    model: ModelArgs,
    /// A saved session in which a person or the built-in user acted (`session --json`, or the page's export); may be given
    /// again. Otherwise the built-in user plays three sessions of the scenario.
    #[arg(long, value_name = "FILE")]
    session: Vec<PathBuf>,
    /// About how many actions to ask about, from slates spread over all sessions.
    #[arg(long, value_name = "NUMBER", default_value_t = 64, value_parser = actions)]
    actions: usize,
    /// How the lean to certain letters is taken out: a temperature is for that alone.
    #[arg(long, value_enum, default_value_t = Lean::Permute)]
    debias: Lean,
    /// What run.
    #[command(flatten)]
    run: RunArgs,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

/// How many actions, or how many there may be.
fn actions(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (LEAST..=MOST).contains(n));
    number.ok_or_else(|| format!("a whole number from {LEAST} to {MOST}"))
}

/// Asks the model, and fits.
pub fn run(args: &FitTemperatureArgs, out: &mut dyn Write) -> Done {
    let sessions = sessions(args)?;
    let settings = Settings { mode: Mode::Scored, debias: args.debias.into(), ..llm::asking(&args.model)? };
    let plan = Plan::new(&sessions, &settings, args.actions).map_err(said)?;
    let (server, preset) = llm::connect(&args.model)?;
    if !server.dialect.logprobs {
        return Err(said(
            "This server gives no log-probabilities, so there is no temperature to fit (start llama-cpp-python with \
             --logits_all true).",
        ));
    }
    // Nobody left to tell is no reason to fail.
    let _ = writeln!(io::stderr(), "{}, about {} prompt tokens.", count(plan.calls(), "call"), plan.prompt_tokens());
    let mut fitting = Fitting::new(plan, server.model(), &settings);
    llm::answer_all(&mut fitting, &server, preset)?;
    let found = fitting.calibration().map_err(said)?;
    if args.json {
        serde_json::to_writer(&mut *out, &found)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    write!(out, "{}", found.to_text())?;
    if found.helps() {
        let debias = if args.debias == Lean::Prior { " --debias prior" } else { "" };
        let value = found.temperature.value;
        writeln!(out, "Use it with session --llm-mode scored{debias} --score-temperature {value:.3}.")?;
    }
    Ok(Found::Good)
}

/// The sessions of the arguments.
fn sessions(args: &FitTemperatureArgs) -> Result<Vec<Played>, Problem> {
    if args.session.is_empty() {
        let stage = load::stage(&args.run)?;
        return Played::by_builtin(&stage.scenario, &stage.world).map_err(said);
    }
    let one = |file: &PathBuf| {
        let run = replay::trajectory(file)?;
        let imported = args.run.catalog.as_deref().map(catalog::read).transpose()?;
        let stage = load::built_seeing(run.scenario, imported, args.run.pictures.as_deref())?;
        Ok(Played { scenario: stage.scenario, world: stage.world, changes: run.changes, answers: run.answers })
    };
    args.session.iter().map(one).collect()
}
