//! The same users under each representation of items: reward, clicks and cost.

use super::super::{
    Done, Found,
    args::RunArgs,
    embeddings::EmbeddingServer,
    load,
    paint::{Paint, Tone, fit, safe, signed},
    progress::Progress,
    said,
};
use crate::{
    catalog::represent::Options,
    lab::{
        Estimate,
        growth::{Growing, Growth},
        representations::{Row, Study},
    },
};
use clap::Args;
use std::{io::Write, rc::Rc, time::Instant};

/// The comparison of representations.
#[derive(Args)]
pub struct RepresentationsArgs {
    /// What run.
    #[command(flatten)]
    pub run: RunArgs,
    /// How many sessions under each, on the seeds S, S+1, …
    #[arg(long, value_name = "NUMBER", default_value_t = 200, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub episodes: u32,
    /// Centres at each level of semantic IDs.
    #[arg(long, value_name = "NUMBER", default_value_t = 64, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub codebook: u16,
    /// The texts embedded by a model as well: a server of OpenAI's /v1/embeddings, as an address such as
    /// http://localhost:8080/v1 or a preset's name (openai, ollama …). It is sent titles, texts, topics and creators.
    #[arg(long, value_name = "URL", requires = "embeddings_model")]
    pub embeddings: Option<String>,
    /// The embedding model's name on that server.
    #[arg(long, value_name = "NAME", requires = "embeddings")]
    pub embeddings_model: Option<String>,
    /// The environment variable that holds the key, where the server wants one.
    #[arg(long, value_name = "NAME", requires = "embeddings")]
    pub key_env: Option<String>,
    /// Allow plain http to another machine, where anybody on the way can read what is sent, the key too.
    #[arg(long, requires = "embeddings")]
    pub plain_http: bool,
    /// The seconds that one call for embeddings may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

// The command line times what the engine, which reads no clock, computes.
#[allow(clippy::disallowed_methods)]
pub(super) fn representations(args: &RepresentationsArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage(&args.run)?;
    let seed = stage.scenario.seed().map_err(said)?;
    let catalog = stage.world.catalog().clone();
    let pictures = catalog.gallery.seen().to_vec();
    let mut options = Options::default();
    options.quantiser.codebook = usize::from(args.codebook);
    let mut study = Study::new(&stage.scenario, catalog, pictures, options, seed);
    let server = EmbeddingServer {
        url: args.embeddings.as_deref(),
        model: args.embeddings_model.as_deref().unwrap_or_default(),
        key_env: args.key_env.as_deref(),
        plain_http: args.plain_http,
        timeout_ms: args.timeout * 1000,
    };
    if let Some(embeddings) = server.embeddings(stage.world.shelf())? {
        study.embed(&stage.scenario, Rc::new(embeddings));
    }
    let mut progress = Progress::new("sessions under each");
    while study.episodes() < args.episodes {
        let start = Instant::now();
        let spent = study.step().map_err(said)?;
        study.took(spent, start.elapsed().as_secs_f64() * 1e3);
        progress.tell(study.episodes(), args.episodes);
    }
    progress.end();
    let rows = study.rows();
    let growth = study.growing().map(Growing::finish);
    if args.json {
        let all = serde_json::json!({
            "scenario": stage.scenario.id,
            "recommender": stage.scenario.recommender.name,
            "seed": seed.to_string(),
            "episodes": args.episodes,
            "codebook": args.codebook,
            "embeddings_model": args.embeddings_model,
            "rows": rows,
            "growth": growth,
            "note": study.note(),
        });
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let head = format!("{}: {} sessions under each from seed {seed}", safe(&stage.scenario.title), args.episodes);
    print(&head, &rows, study.note(), growth.as_ref(), out)
}

fn print(head: &str, rows: &[Row], note: Option<&str>, growth: Option<&Growth>, out: &mut dyn Write) -> Done {
    let paint = Paint::stdout();
    let embedded = rows.iter().any(|r| r.cost.embedded > 0.0);
    writeln!(out, "{}", paint.tone(Tone::Strong, head))?;
    writeln!(
        out,
        "  {:<22}{:>8}{:>7}  {:<23}{:>7}  {:<23}{:>6}{:>9}{:>8}{:>9}{}",
        "",
        "reward",
        "s.e.",
        "against text, 95 %",
        "clicks",
        "against text, 95 %",
        "NDCG",
        "bytes",
        "tokens",
        "ms",
        if embedded { "  embedded" } else { "" }
    )?;
    for r in rows {
        writeln!(
            out,
            "  {}{:>8.3}{:>7.3}  {}{:>7.2}  {}{:>6.2}{:>9.0}{:>8.1}{:>9.3}{}",
            fit(&safe(&r.title()), 22),
            r.reward.mean,
            r.reward.se,
            fit(&against(r.reward_gain), 23),
            r.clicks.mean,
            fit(&against(r.clicks_gain), 23),
            r.ndcg.mean,
            r.cost.bytes,
            r.cost.tokens,
            r.cost.ms,
            if r.cost.embedded > 0.0 { format!("{:>10.1}", r.cost.embedded) } else { String::new() }
        )?;
    }
    writeln!(out, "Bytes, tokens (of four characters) and milliseconds to make are an item's.")?;
    if embedded {
        writeln!(out, "Embedded: tokens that were sent for an item, as the server counted them.")?;
    }
    if let Some(note) = note {
        writeln!(out, "{note}")?;
    }
    if let Some(growth) = growth {
        writeln!(out, "{}", paint.tone(Tone::Strong, "Semantic IDs while the catalogue grows"))?;
        for line in growth.words() {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(Found::Good)
}

fn against(gain: Option<Estimate>) -> String {
    gain.map_or_else(String::new, |d| format!("{} ({} to {})", signed(d.mean), signed(d.low), signed(d.high)))
}
