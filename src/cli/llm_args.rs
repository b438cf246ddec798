//! What may be asked of a language model on the command line.

use crate::llm::{settings::Debias, temperature::RANGE};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which model.
#[derive(Args, Clone)]
pub struct ModelArgs {
    /// A server of OpenAI's chat completions: an address such as http://localhost:8080/v1, or a preset's name (openai,
    /// openrouter, gemini, mistral, groq, vllm, ollama, lm-studio, llama.cpp, llama-cpp-python).
    #[arg(long, value_name = "URL")]
    pub llm: Option<String>,
    /// The model's name on that server.
    #[arg(long, value_name = "NAME", requires = "llm")]
    pub model: Option<String>,
    /// The environment variable that holds the key, where the server wants one.
    #[arg(long, value_name = "NAME", requires = "llm")]
    pub key_env: Option<String>,
    /// Allow plain http to another machine, where anybody on the way can read what is sent, the key too.
    #[arg(long, requires = "llm")]
    pub plain_http: bool,
    /// The seconds that one call may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The model's prices for a million tokens, of the prompt and of the answer, such as 0.4,1.6.
    #[arg(long, value_name = "PROMPT,ANSWER", requires = "llm")]
    pub prices: Option<String>,
}

/// A language model in a session.
#[derive(Args, Clone)]
pub struct LlmArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// What the model plays.
    #[arg(long, value_enum, default_value_t = Part::User, requires = "llm")]
    pub llm_as: Part,
    /// How the model that plays the user is asked: to write a reaction, or for the chances of each action (needs a server
    /// that gives log-probabilities).
    #[arg(long, value_enum, default_value_t = How::Written, requires = "llm")]
    pub llm_mode: How,
    /// How the lean to certain letters is taken out of scored answers: another order for each item, or what the model says
    /// of an item without content divided out.
    #[arg(long, value_enum, default_value_t = Lean::Permute, requires = "llm")]
    pub debias: Lean,
    /// What log-probabilities are divided by in scored mode: above 1 flattens the chances, below 1 sharpens them
    /// (`fit-temperature` finds it).
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0, requires = "llm", value_parser = score_temperature)]
    pub score_temperature: f32,
    /// The model sees: the pictures of a slate go along as image parts (with --set representation=multimodal).
    #[arg(long, requires = "llm")]
    pub sees: bool,
    /// Let the model's server fetch pictures from this host, where a catalogue's pictures lie there; may be given again.
    #[arg(long, value_name = "HOST", requires = "sees")]
    pub picture_host: Vec<String>,
    /// Stop before more tokens than this are spent.
    #[arg(long, value_name = "NUMBER", requires = "llm")]
    pub most_tokens: Option<u64>,
    /// Stop before more than this is spent, in the currency of --prices.
    #[arg(long, value_name = "AMOUNT", requires = "prices")]
    pub most_cost: Option<f64>,
    /// Write everything that was exchanged (no keys) to this file, anew after every answer.
    #[arg(long, value_name = "FILE", requires = "llm")]
    pub tape_out: Option<PathBuf>,
    /// Go on with the session on this tape, where it stopped: what is on it is played without a network, the rest is asked
    /// of the same model.
    #[arg(long, value_name = "FILE", requires = "llm")]
    pub resume_tape: Option<PathBuf>,
    /// Play the session on this tape again, without a network.
    #[arg(long, value_name = "FILE", conflicts_with = "llm")]
    pub tape: Option<PathBuf>,
}

impl LlmArgs {
    /// Whether a language model takes part.
    #[must_use]
    pub fn wanted(&self) -> bool {
        self.model.llm.is_some() || self.tape.is_some()
    }
}

/// What a model plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The user.
    User,
    /// The recommender.
    Recommender,
    /// Both.
    Both,
}

/// How a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// It writes a reaction to each slate.
    Written,
    /// It gives the chances of each action.
    Scored,
}

/// How a lean to letters is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lean {
    /// The actions are put to the letters in another order for each item.
    Permute,
    /// What the model says of an item without content is divided out.
    Prior,
}

impl From<Lean> for Debias {
    fn from(lean: Lean) -> Self {
        match lean {
            Lean::Permute => Self::Permute,
            Lean::Prior => Self::Prior,
        }
    }
}

/// A temperature of scored mode, or which there are.
fn score_temperature(text: &str) -> Result<f32, String> {
    let [low, high] = RANGE.map(|x| x as f32);
    let number = text.parse().ok().filter(|x: &f32| (low..=high).contains(x));
    number.ok_or_else(|| format!("a temperature of scored mode is a number from {low} to {high}"))
}

/// A report card.
#[derive(Args)]
pub struct CardArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}
