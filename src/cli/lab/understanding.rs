//! How far each level of understanding gets, by how users speak.

use super::super::{
    Done, Found,
    args::RunArgs,
    llm_args::ModelArgs,
    llm_read::Online,
    load,
    paint::{Paint, Tone, fit, safe, signed},
    progress::Progress,
    said,
};
use crate::{
    lab::{
        Estimate,
        understanding::{Row, Study, unclear},
    },
    recommender::understand::Reader,
};
use clap::Args;
use serde_json::{Value, json};
use std::{io::Write, rc::Rc};

/// The study of understanding.
#[derive(Args)]
pub struct UnderstandingArgs {
    /// What run.
    #[command(flatten)]
    run: RunArgs,
    /// How many sessions of each level and manner, on the seeds S, S+1, …
    #[arg(long, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    episodes: u32,
    /// A language model as one more level, wherever there are words.
    #[command(flatten)]
    model: ModelArgs,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn understanding(args: &UnderstandingArgs, out: &mut dyn Write) -> Done {
    let stage = load::stage(&args.run)?;
    let seed = stage.scenario.seed().map_err(said)?;
    let mut study = Study::new(&stage.knowledge, &stage.world, seed).map_err(said)?;
    let model = args.model.llm.as_ref().map(|_| Online::connect(&args.model)).transpose()?;
    if let Some(model) = &model {
        let reader: Rc<dyn Reader> = model.reader.clone();
        study = study.read_by(&stage.knowledge, &reader);
    }
    let mut progress = Progress::new("sessions of each");
    while study.episodes() < args.episodes {
        study.step();
        if let Some(model) = &model {
            model.check().inspect_err(|_| progress.end())?;
        }
        progress.tell(study.episodes(), args.episodes);
    }
    progress.end();
    let rows = study.rows();
    if args.json {
        let mut all = json!({
            "scenario": stage.scenario.id, "seed": seed.to_string(), "episodes": args.episodes,
            "forms": "held out", "rows": rows.iter().map(value).collect::<Vec<_>>(),
        });
        if let Some(model) = &model {
            all["model"] = model.told();
        }
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    let title = format!("{}: {} sessions each, held-out words", safe(&stage.scenario.title), args.episodes);
    writeln!(out, "{}", paint.tone(Tone::Strong, &title))?;
    writeln!(
        out,
        "  {}{}{:>6}{:>7}{:>10}  {}{}reward over lexical",
        fit("users speak", 19),
        fit("level", 16),
        "F1",
        "met",
        "recovery",
        fit("reward saved, 95 %", 26),
        fit("F1 over lexical", 26)
    )?;
    for r in &rows {
        let gain = |g: Option<Estimate>| g.map_or_else(String::new, interval);
        writeln!(
            out,
            "  {}{}{:>6.3}{:>7.3}{:>10.2}  {}{}{}",
            fit(r.manner.name(), 19),
            fit(r.name(), 16),
            r.f1.mean,
            r.met.mean,
            r.recovery.mean,
            fit(&interval(r.saved), 26),
            fit(&gain(r.f1_gain), 26),
            gain(r.reward_gain)
        )?;
    }
    for r in &rows {
        if let Some(gain) = r.by_asking {
            writeln!(
                out,
                "  Asking back, {}: {:.2} questions a session; F1 {}, met {}, reward {} over reasoning without it.",
                r.manner.name(),
                r.asked.mean,
                interval(gain.f1),
                interval(gain.met),
                interval(gain.reward)
            )?;
        }
    }
    let heard = rows.iter().filter(|r| r.level.is_some());
    if let Some(words) = unclear(heard.map(|r| (r.name(), r.manner.name(), r.saved))) {
        writeln!(out, "  {words}")?;
    }
    if let Some(model) = &model {
        writeln!(out, "  {}", safe(&model.line()))?;
    }
    writeln!(out, "  Recovery: turns until no longer on the verge of leaving, 5 where never; smaller is better.")?;
    Ok(Found::Good)
}

fn interval(d: Estimate) -> String {
    format!("{} ({} to {})", signed(d.mean), signed(d.low), signed(d.high))
}

fn value(r: &Row) -> Value {
    json!({
        "manner": r.manner.name(), "level": r.name(), "questions": r.asked, "f1": r.f1, "met": r.met, "recovery": r.recovery, "reward": r.reward,
        "reward_saved": r.saved, "f1_over_lexical": r.f1_gain, "reward_over_lexical": r.reward_gain,
        "met_over_lexical": r.met_gain,
        "by_asking": r.by_asking.map(|g| json!({ "f1": g.f1, "met": g.met, "reward": g.reward })),
    })
}
