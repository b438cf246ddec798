//! Many sessions: one recommender, or all on the same seeds.

use super::{
    Done, Found,
    args::{CompareArgs, RolloutArgs},
    load,
    paint::{Paint, Tone, fit, grouped, safe, signed},
    progress::Progress,
    published,
    remote::Remote,
    said,
};
use crate::{
    lab::{Comparison, Estimate, MEASURES, Rollout, Summary},
    recommender::{self, LIST},
    scenario::RecommenderSpec,
};
use std::io::Write;

/// Episodes between two looks at the clock.
const SLICE: u32 = 4;

/// One recommender.
pub fn run(args: &RolloutArgs, out: &mut dyn Write) -> Done {
    if let Some(spec) = published::spec(&args.run)? {
        return published::rollout(args, &spec, out);
    }
    let stage = load::stage(&args.run)?;
    let seed = stage.scenario.seed().map_err(said)?;
    let spec = &stage.scenario.recommender;
    let remote = Remote::of(&args.remote, &stage.scenario.id)?;
    let mut rollout = match &remote {
        None => Rollout::new(&stage.knowledge, &stage.world, spec, seed).map_err(said)?,
        Some(remote) => {
            let spec = plain(&remote.name());
            Rollout::served(&stage.scenario, &stage.world, &spec, Box::new(remote.clone()), seed)
        }
    };
    // After a failure nothing more is asked of it.
    let slice = if remote.is_some() { 1 } else { SLICE };
    let mut progress = Progress::new("sessions");
    while rollout.episodes() < args.episodes {
        rollout.step(slice.min(args.episodes - rollout.episodes()));
        remote.as_ref().map_or(Ok(()), Remote::check)?;
        progress.tell(rollout.episodes(), args.episodes);
    }
    progress.end();
    let speed = rollout.user_turns() as f64 / progress.elapsed().as_secs_f64().max(1e-9);
    let summary = rollout.summary();
    if args.json {
        let mut object = summary.to_value();
        object.insert("instructions".into(), stage.scenario.instructions.into());
        object.insert("steps_per_second".into(), speed.into());
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    writeln!(out, "{}", paint.tone(Tone::Strong, &head(&summary, &stage.scenario.title)))?;
    writeln!(out, "  {:<16}{:>10}{:>10}   95 % interval", "", "mean", "s.e.")?;
    for (m, e) in MEASURES.iter().zip(&summary.estimates) {
        let about = fit(m.about, paint.width().saturating_sub(66));
        let row = format!("  {}{:>10.3}{:>10.3}   {:>8.3} to {:>8.3}", fit(m.label, 16), e.mean, e.se, e.low, e.high);
        writeln!(out, "{row}   {}", paint.tone(Tone::Faint, about.trim_end()))?;
    }
    let turns = grouped(usize::try_from(summary.user_turns).unwrap_or(usize::MAX));
    writeln!(out, "{turns} user turns, {} a second.", grouped(speed as usize))?;
    Ok(Found::Good)
}

fn head(summary: &Summary, title: &str) -> String {
    let served = recommender::find(&summary.recommender).map_or(summary.recommender.as_str(), |l| l.title);
    let n = summary.episodes;
    format!("{}: {served}, {n} session{} from seed {}", safe(title), if n == 1 { "" } else { "s" }, summary.seed)
}

/// All recommenders.
pub fn compare(args: &CompareArgs, out: &mut dyn Write) -> Done {
    if let Some(spec) = published::spec(&args.run)? {
        return published::compare(args, &spec, out);
    }
    let stage = load::stage(&args.run)?;
    let seed = stage.scenario.seed().map_err(said)?;
    let remote = Remote::of(&args.remote, &stage.scenario.id)?;
    let own = remote.as_ref().map_or_else(|| stage.scenario.recommender.clone(), |r| plain(&r.name()));
    let mut rollouts = Vec::with_capacity(LIST.len() + 1);
    if let Some(remote) = &remote {
        rollouts.push(Rollout::served(&stage.scenario, &stage.world, &own, Box::new(remote.clone()), seed));
    }
    for listing in LIST {
        let spec = if listing.name == own.name { own.clone() } else { plain(listing.name) };
        rollouts.push(Rollout::new(&stage.knowledge, &stage.world, &spec, seed).map_err(said)?);
    }
    let base = rollouts.iter().position(|r| r.recommender().name == own.name).unwrap_or(0);
    let mut comparison = Comparison::of(rollouts, base);
    // After a failure nothing more is asked of a recommender of the person's own.
    let slice = if remote.is_some() { 1 } else { SLICE };
    let mut progress = Progress::new("sessions of each");
    while comparison.episodes() < args.episodes {
        let left = args.episodes - comparison.episodes();
        comparison.step(slice.min(left));
        remote.as_ref().map_or(Ok(()), Remote::check)?;
        progress.tell(comparison.episodes(), args.episodes);
    }
    progress.end();
    let mut rows = comparison.rows();
    rows.sort_by(|a, b| b.summary.get("return").mean.total_cmp(&a.summary.get("return").mean));
    if args.json {
        let rows: Vec<serde_json::Value> = rows.iter().map(row_value).collect();
        let all = serde_json::json!({
            "scenario": stage.scenario.id,
            "seed": seed.to_string(),
            "episodes": args.episodes,
            "base": own.name,
            "rows": rows,
        });
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    let title = safe(&stage.scenario.title);
    writeln!(
        out,
        "{}",
        paint.tone(Tone::Strong, &format!("{title}: {} sessions each from seed {seed}", args.episodes))
    )?;
    writeln!(
        out,
        "  {:<30}{:>8}{:>7}  {:<22}{:>7}{:>8}{:>7}{:>6}{:>8}",
        "", "reward", "s.e.", "against own, 95 %", "turns", "clicks", "met", "NDCG", "return"
    )?;
    for row in &rows {
        let s = &row.summary;
        let listing = recommender::find(&s.recommender);
        let oracle = if listing.is_some_and(|l| l.is_oracle) { " (sees the truth)" } else { "" };
        let name = format!("{}{oracle}", listing.map_or(s.recommender.as_str(), |l| l.title));
        let against = row.difference.map_or_else(|| "its own".to_owned(), |d| interval(&d));
        let reward = s.get("return");
        writeln!(
            out,
            "  {}{:>8.3}{:>7.3}  {}{:>7.2}{:>8.2}{:>7.2}{:>6.2}{:>8.2}",
            fit(&name, 30),
            reward.mean,
            reward.se,
            fit(&against, 22),
            s.get("turns").mean,
            s.get("clicks").mean,
            s.get("instructions_met").mean,
            s.get("ndcg").mean,
            s.get("retention").mean
        )?;
    }
    Ok(Found::Good)
}

fn plain(name: &str) -> RecommenderSpec {
    RecommenderSpec { name: name.to_owned(), settings: std::collections::BTreeMap::new() }
}

fn interval(d: &Estimate) -> String {
    format!("{} ({} to {})", signed(d.mean), signed(d.low), signed(d.high))
}

fn row_value(row: &crate::lab::Compared) -> serde_json::Value {
    let mut object = row.summary.to_value();
    object.remove("scenario");
    object.remove("seed");
    object.insert("difference".into(), serde_json::to_value(row.difference).unwrap_or_default());
    let oracle = recommender::find(&row.summary.recommender).is_some_and(|l| l.is_oracle);
    object.insert("oracle".into(), oracle.into());
    object.into()
}
