//! The published environments on the command line.

use super::{
    Done, Found, Problem,
    args::{CompareArgs, RolloutArgs, RunArgs},
    paint::{Paint, Tone, fit, grouped, safe, signed},
    progress::Progress,
    remote::Remote,
    said,
};
use crate::{
    lab::{Estimate, PUBLISHED_MEASURES, Published},
    scenario::recsim::Spec,
};
use std::io::Write;

/// Episodes between two looks at the clock.
const SLICE: u32 = 200;

/// The published environment of the arguments with its settings; `None` where they name something else.
pub fn spec(args: &RunArgs) -> Result<Option<Spec>, Problem> {
    let Some(found) = Spec::find(&args.scenario) else { return Ok(None) };
    let mut spec = found.map_err(said)?;
    let id = spec.family().id();
    if args.catalog.is_some() {
        return Err(said(format!("--catalog: {id} makes its own documents. Leave the option out.")));
    }
    if args.instructions.is_some() {
        return Err(said(format!("--instructions: users of {id} say nothing. Leave the option out.")));
    }
    for change in &args.set {
        let (path, text) = change
            .split_once('=')
            .ok_or_else(|| said(format!("--set {change}: write it as field=value, such as slate_size=3.")))?;
        spec.set(path.trim(), text).map_err(|e| said(format!("--set {change}: {e}")))?;
    }
    spec.validate().map_err(said)?;
    Ok(Some(spec))
}

/// One agent over many seeds.
pub fn rollout(args: &RolloutArgs, spec: &Spec, out: &mut dyn Write) -> Done {
    let remote = Remote::of(&args.remote, spec.family().id())?;
    let seed = args.run.seed.unwrap_or(0);
    let mut progress = Progress::new("episodes");
    let rollout = match &remote {
        Some(remote) => served(remote, spec, seed, args.episodes, &mut progress)?,
        None => {
            let agent = args.run.recommender.as_deref().unwrap_or("random");
            let mut rollout = Published::new(spec, agent, seed).map_err(said)?;
            while rollout.episodes() < args.episodes {
                rollout.step(SLICE.min(args.episodes - rollout.episodes()));
                progress.tell(rollout.episodes(), args.episodes);
            }
            rollout
        }
    };
    progress.end();
    let speed = rollout.turns() as f64 / progress.elapsed().as_secs_f64().max(1e-9);
    if args.json {
        let mut object = rollout.to_value();
        object.insert("steps_per_second".into(), speed.into());
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    let head = format!("{}: {}, {} episodes", spec.family().title(), safe(rollout.title()), args.episodes);
    writeln!(out, "{}", paint.tone(Tone::Strong, &head))?;
    writeln!(out, "  {:<16}{:>10}{:>10}   95 % interval", "", "mean", "s.e.")?;
    for ((_, label, about), e) in PUBLISHED_MEASURES.iter().zip(rollout.estimates()) {
        let about = fit(about, paint.width().saturating_sub(66));
        let row = format!("  {}{:>10.3}{:>10.3}   {:>8.3} to {:>8.3}", fit(label, 16), e.mean, e.se, e.low, e.high);
        writeln!(out, "{row}   {}", paint.tone(Tone::Faint, about.trim_end()))?;
    }
    let turns = grouped(usize::try_from(rollout.turns()).unwrap_or(usize::MAX));
    writeln!(out, "{turns} steps, {} a second.", grouped(speed as usize))?;
    Ok(Found::Good)
}

/// Episodes of a recommender of the person's own.
fn served(
    remote: &Remote,
    spec: &Spec,
    seed: u64,
    episodes: u32,
    progress: &mut Progress,
) -> Result<Published, Problem> {
    let mut rollout = Published::served(spec, &remote.name(), seed).map_err(said)?;
    while rollout.episodes() < episodes {
        rollout.step_with(1, &mut |model, _, slate| remote.serve(model.observation(), slate));
        remote.check()?;
        progress.tell(rollout.episodes(), episodes);
    }
    Ok(rollout)
}

/// All agents on the same seeds.
pub fn compare(args: &CompareArgs, spec: &Spec, out: &mut dyn Write) -> Done {
    let seed = args.run.seed.unwrap_or(0);
    let mut all = Published::all(spec, seed, args.episodes).map_err(said)?;
    let base = match Remote::of(&args.remote, spec.family().id())? {
        Some(remote) => {
            let mut progress = Progress::new("episodes of your recommender");
            all.push(served(&remote, spec, seed, args.episodes, &mut progress)?);
            progress.end();
            remote.name()
        }
        None => Published::base(spec.family(), args.run.recommender.as_deref()).map_err(said)?.to_owned(),
    };
    let mut rows = Published::against(all, &base);
    rows.sort_by(|a, b| b.0.estimates()[0].mean.total_cmp(&a.0.estimates()[0].mean));
    if args.json {
        let rows: Vec<serde_json::Value> = rows.iter().map(|(r, d)| row_value(r, *d)).collect();
        let all = serde_json::json!({
            "scenario": spec.family().id(),
            "settings": spec.settings(),
            "seed": seed.to_string(),
            "episodes": args.episodes,
            "base": base,
            "rows": rows,
        });
        serde_json::to_writer(&mut *out, &all)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    let paint = Paint::stdout();
    let head = format!("{}: {} episodes each from seed {seed}", spec.family().title(), args.episodes);
    writeln!(out, "{}", paint.tone(Tone::Strong, &head))?;
    writeln!(out, "  {:<34}{:>10}{:>8}  {:<30}{:>8}", "", "reward", "s.e.", format!("against {base}, 95 %"), "turns")?;
    for (rollout, difference) in &rows {
        let e = rollout.estimates();
        let name = format!("{}{}", safe(rollout.title()), if rollout.is_oracle() { " (sees the truth)" } else { "" });
        let against = difference
            .map_or_else(String::new, |d| format!("{} ({} to {})", signed(d.mean), signed(d.low), signed(d.high)));
        let (name, against) = (fit(&name, 34), fit(&against, 30));
        writeln!(out, "  {name}{:>10.2}{:>8.2}  {against}{:>8.2}", e[0].mean, e[0].se, e[1].mean)?;
    }
    Ok(Found::Good)
}

fn row_value(rollout: &Published, difference: Option<Estimate>) -> serde_json::Value {
    let mut object = rollout.to_value();
    for name in ["scenario", "settings", "seed"] {
        object.remove(name);
    }
    object.insert("difference".into(), serde_json::to_value(difference).unwrap_or_default());
    object.into()
}
