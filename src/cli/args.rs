//! What may be asked on the command line.

use super::{
    fit_memory::FitMemoryArgs,
    lab::LabCommand,
    llm_args::{CardArgs, LlmArgs},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Simulated users and agentic recommenders in one session loop.
#[derive(Parser)]
#[command(name = "recoworld", version, max_term_width = 100)]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Play one session and print it.
    Session(Box<SessionArgs>),
    /// Check how well a language model plays a user, and print its report card (exit code 1 where it failed).
    Card(CardArgs),
    /// Fit the temperature of a language model's scored answers to what users did.
    FitTemperature(Box<super::fit_temperature::FitTemperatureArgs>),
    /// Run one recommender over many seeds and print the statistics.
    Rollout(Box<RolloutArgs>),
    /// Offer a scenario as an environment: reset and step as JSON lines on standard input and output.
    Env(EnvArgs),
    /// Run all recommenders over the same seeds and random numbers.
    Compare(CompareArgs),
    /// Train a policy by trial and error and judge it.
    Train(Box<super::train::TrainArgs>),
    /// Write preference pairs, as TRL's DPOTrainer reads them.
    Pairs(Box<super::pairs::PairsArgs>),
    /// Write what a policy that explores met, step by step, as JSON lines.
    Transitions(Box<super::transitions::TransitionsArgs>),
    /// Judge a trained policy on whole episodes.
    Evaluate(Box<super::evaluate::EvaluateArgs>),
    /// Run a study that answers a question with a table.
    #[command(subcommand)]
    Lab(LabCommand),
    /// Fit the importance of memories and the mindset from logged sessions, and judge the fit on others.
    FitMemory(Box<FitMemoryArgs>),
    /// Estimate what a policy would earn from sessions that another one served (off-policy evaluation).
    Ope(Box<super::ope::OpeArgs>),
    /// Write logged sessions with the chance of every item shown, as JSON lines.
    Logs(Box<super::ope::LogsArgs>),
    /// Print what words are read as, at a level of understanding.
    Understand(Box<super::understand::UnderstandArgs>),
    /// List the scenarios that ship.
    Scenarios {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the recommenders with their settings.
    Recommenders {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check whether a scenario keeps the promises of an environment (exit code 1 where not).
    Check(CheckArgs),
    /// Print a published JSON Schema, or the fields that --set reaches.
    Schema {
        /// Which.
        #[arg(value_enum)]
        what: SchemaOf,
        /// As JSON (schemas always are).
        #[arg(long)]
        json: bool,
    },
    /// Replay a saved session: the same bytes, or where it differs (exit code 1).
    Replay {
        /// The session as `session --json` or the page's export wrote it; `-` for standard input.
        file: PathBuf,
        /// The items, where the session is over an imported catalogue.
        #[arg(long, value_name = "FILE")]
        catalog: Option<PathBuf>,
        /// The folder with the items' pictures, where the session was played with one.
        #[arg(long, value_name = "FOLDER")]
        pictures: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What schema prints.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The JSON Schema of scenario files.
    Scenario,
    /// The JSON Schema of saved sessions.
    Trajectory,
    /// The JSON Schema of what `env` and --recommender-url exchange.
    Env,
    /// The table of fields.
    Fields,
}

/// What run it is about.
#[derive(Args, Clone)]
pub struct RunArgs {
    /// A scenario's id or title (see `scenarios`), or a scenario file; `-` for standard input.
    #[arg(long, value_name = "ID|FILE", default_value = "recoworld/CommuteFeed-v0")]
    pub scenario: String,
    /// Who serves (see `recommenders`); otherwise the scenario's own.
    #[arg(long, value_name = "NAME")]
    pub recommender: Option<String>,
    /// Whether what the user says reaches the recommender.
    #[arg(long, value_name = "on|off")]
    pub instructions: Option<String>,
    /// Items of your own: CSV, JSON or JSON lines.
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// A folder with the items' pictures: files called as the column of pictures says, or as the items' ids. They are seen
    /// with --set representation=multimodal or semantic_id.
    #[arg(long, value_name = "FOLDER")]
    pub pictures: Option<PathBuf>,
    /// A field of the scenario and its value, such as slate_size=3 (see `schema fields`); may be repeated.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// The (first) seed; otherwise the scenario's own.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = seed)]
    pub seed: Option<u64>,
}

/// A seed, or what seeds there are.
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

/// One session.
#[derive(Args)]
pub struct SessionArgs {
    /// What run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Or a recommender of your own.
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// Let a trained policy serve: a file that `train --out` wrote.
    #[arg(long, value_name = "FILE", conflicts_with = "recommender")]
    pub policy: Option<PathBuf>,
    /// Stop after so many turns.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub turns: Option<u32>,
    /// As one JSON object: the trajectory with every cause.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// As CSV.
    #[arg(long, value_enum)]
    pub csv: Option<Table>,
    /// With a language model.
    #[command(flatten)]
    pub llm: LlmArgs,
}

/// The tables that a session is exported as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// One line a turn.
    Turns,
    /// One line an item shown.
    Items,
}

/// A recommender of the person's own.
#[derive(Args)]
pub struct RemoteArgs {
    /// An HTTP address that is posted each observation and answers with a slate (see docs/env.md).
    #[arg(long, value_name = "URL", conflicts_with = "recommender")]
    pub recommender_url: Option<String>,
    /// How long to wait for it, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub recommender_timeout: u32,
}

/// An environment.
#[derive(Args)]
pub struct EnvArgs {
    /// A scenario's id or title (see `scenarios`), or a scenario file.
    #[arg(long, value_name = "ID|FILE", default_value = "recoworld/CommuteFeed-v0")]
    pub scenario: String,
    /// Items of your own: CSV, JSON or JSON lines.
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// A field of the scenario and its value, such as slate_size=3; may be repeated.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
}

/// Many sessions.
#[derive(Args)]
pub struct RolloutArgs {
    /// What run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Or a recommender of your own.
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// How many sessions, on the seeds S, S+1, …
    #[arg(long, value_name = "NUMBER", default_value_t = 200, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub episodes: u32,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// All recommenders.
#[derive(Args)]
pub struct CompareArgs {
    /// What run; --recommender or --recommender-url names the one that the others are held against.
    #[command(flatten)]
    pub run: RunArgs,
    /// Or a recommender of your own.
    #[command(flatten)]
    pub remote: RemoteArgs,
    /// How many sessions each, on the seeds S, S+1, …
    #[arg(long, value_name = "NUMBER", default_value_t = 200, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub episodes: u32,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// A check.
#[derive(Args)]
pub struct CheckArgs {
    /// A scenario's id or title, or a scenario file; `-` for standard input.
    pub scenario: String,
    /// The items, where the scenario is over an imported catalogue.
    #[arg(long, value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}
