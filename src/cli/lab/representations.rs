//! The same users under each representation of items: reward, clicks and cost.

use super::super::{
    Done, Found,
    args::RunArgs,
    load,
    paint::{Paint, Tone, fit, safe, signed},
    progress::Progress,
    said,
};
use crate::{
    catalog::{Catalog, represent::Options},
    lab::{
        Estimate,
        representations::{Row, Study},
    },
};
use clap::Args;
use std::{io::Write, time::Instant};

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
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

// The command line times what the engine, which reads no clock, computes.
#[allow(clippy::disallowed_methods)]
pub(super) fn representations(args: &RepresentationsArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage(&args.run)?;
    let seed = stage.scenario.seed().map_err(said)?;
    let catalog = Catalog { shelf: stage.world.shelf().clone(), truth: stage.world.truth().clone() };
    let mut options = Options::default();
    options.quantiser.codebook = usize::from(args.codebook);
    let mut study = Study::new(&stage.scenario, catalog, stage.pictures.clone(), options, seed);
    let mut progress = Progress::new("sessions under each");
    while study.episodes() < args.episodes {
        let start = Instant::now();
        let spent = study.step().map_err(said)?;
        study.took(spent, start.elapsed().as_secs_f64() * 1e3);
        progress.tell(study.episodes(), args.episodes);
    }
    progress.end();
    let rows = study.rows();
    if args.json {
        let all = serde_json::json!({
            "scenario": stage.scenario.id,
            "recommender": stage.scenario.recommender.name,
            "seed": seed.to_string(),
            "episodes": args.episodes,
            "codebook": args.codebook,
            "rows": rows,
            "note": study.note(),
        });
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let head = format!("{}: {} sessions under each from seed {seed}", safe(&stage.scenario.title), args.episodes);
    print(&head, &rows, study.note(), out)
}

fn print(head: &str, rows: &[Row], note: Option<&str>, out: &mut dyn Write) -> Done {
    let paint = Paint::stdout();
    writeln!(out, "{}", paint.tone(Tone::Strong, head))?;
    writeln!(
        out,
        "  {:<18}{:>8}{:>7}  {:<23}{:>7}  {:<23}{:>6}{:>9}{:>8}{:>9}",
        "", "reward", "s.e.", "against text, 95 %", "clicks", "against text, 95 %", "NDCG", "bytes", "tokens", "ms"
    )?;
    for r in rows {
        writeln!(
            out,
            "  {}{:>8.3}{:>7.3}  {}{:>7.2}  {}{:>6.2}{:>9.0}{:>8.1}{:>9.3}",
            fit(r.representation.title(), 18),
            r.reward.mean,
            r.reward.se,
            fit(&against(r.reward_gain), 23),
            r.clicks.mean,
            fit(&against(r.clicks_gain), 23),
            r.ndcg.mean,
            r.cost.bytes,
            r.cost.tokens,
            r.cost.ms
        )?;
    }
    writeln!(out, "Bytes, tokens (of four characters) and milliseconds to make are an item's.")?;
    if let Some(note) = note {
        writeln!(out, "{note}")?;
    }
    Ok(Found::Good)
}

fn against(gain: Option<Estimate>) -> String {
    gain.map_or_else(String::new, |d| format!("{} ({} to {})", signed(d.mean), signed(d.low), signed(d.high)))
}
