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
    // Two lines a row: six measures with their intervals are too wide for one.
    let columns = |names: [&str; 2], of: [&str; 3]| {
        let [first, second, third] = of;
        format!("  {}{}{}{}{third}", fit(names[0], 19), fit(names[1], 16), fit(first, 27), fit(second, 27))
    };
    let first = columns(["users speak", "level"], ["F1, 95 %", "met, 95 %", "recovery, 95 %"]);
    writeln!(out, "{first}\n{}", columns(["", ""], ["reward saved, 95 %", "F1 over lexical", "reward over lexical"]))?;
    for r in &rows {
        let heard = r.level.is_some();
        let gain = |g: Option<Estimate>| g.map_or_else(String::new, interval);
        let f1 = if heard { share(r.f1) } else { String::new() };
        let e = r.recovery;
        let recovery = format!("{:.2} ({:.2} to {:.2})", e.mean, e.low, e.high);
        writeln!(out, "{}", columns([r.manner.name(), r.name()], [&f1, &share(r.met), &recovery]))?;
        if heard {
            let over = [interval(r.saved), gain(r.f1_gain), gain(r.reward_gain)];
            writeln!(out, "{}", columns(["", ""], over.each_ref().map(String::as_str)).trim_end())?;
        }
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

/// A share with its interval, which is cut to what a share can be.
fn share(e: Estimate) -> String {
    format!("{:.3} ({:.3} to {:.3})", e.mean, e.low.clamp(0.0, 1.0), e.high.clamp(0.0, 1.0))
}

fn value(r: &Row) -> Value {
    json!({
        "manner": r.manner.name(), "level": r.name(), "questions": r.asked, "f1": r.f1, "met": r.met, "recovery": r.recovery, "reward": r.reward,
        "reward_saved": r.saved, "f1_over_lexical": r.f1_gain, "reward_over_lexical": r.reward_gain,
        "met_over_lexical": r.met_gain,
        "by_asking": r.by_asking.map(|g| json!({ "f1": g.f1, "met": g.met, "reward": g.reward })),
    })
}
