//! A saved session played again: the same bytes, or where it differs.

use super::{
    Done, Found, Problem, catalog, load,
    paint::{excerpt_line, safe},
    said,
    session::maker,
};
use crate::session::{
    Author,
    player::{Player, TRAJECTORY, Trajectory},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{io::Write, path::Path};

/// The largest saved session that is read, bytes.
const MOST_BYTES: usize = 64 << 20;

/// Replays and compares.
pub fn run(file: &Path, items: Option<&Path>, pictures: Option<&Path>, as_json: bool, out: &mut dyn Write) -> Done {
    let saved = trajectory(file)?;
    let imported = items.map(catalog::read).transpose()?;
    let stage = load::built_seeing(saved.scenario.clone(), imported, pictures)?;
    let (changes, answers) = (saved.changes.clone(), saved.answers.clone());
    let played = Player::replay(stage.scenario.clone(), stage.world.clone(), maker(&stage), changes, answers);
    let replayed = played.and_then(|mut p| {
        // What a language model said beside its answers is no part of what is replayed.
        p.set_remarks(saved.remarks.clone(), saved.interview.clone());
        p.trajectory()
    });
    let replayed = replayed.map_err(|e| said(format!("{}: {e}.", file.display())))?;
    let mut differences = Vec::new();
    differ("", &to_value(&saved)?, &to_value(&replayed)?, &mut differences);
    if let Some(at) = other_answer(&saved, &stage)? {
        differences.push(format!("answer {at}: the built-in user or recommender would answer otherwise now"));
    }
    let same = differences.is_empty();
    if as_json {
        let report = json!({ "same": same, "answers": saved.answers.len(), "turns": saved.turns.len(), "differences": differences });
        serde_json::to_writer(&mut *out, &report)?;
        writeln!(out)?;
    } else if same {
        writeln!(out, "The same to the last byte: {} turns, {} answers.", saved.turns.len(), saved.answers.len())?;
    } else {
        for d in &differences {
            writeln!(out, "{}", safe(d))?;
        }
        writeln!(out, "The replay differs. Was the file changed, or written by another version?")?;
    }
    Ok(if same { Found::Good } else { Found::Bad })
}

/// Reads a saved session.
pub fn trajectory(file: &Path) -> Result<Trajectory, Problem> {
    #[derive(Deserialize)]
    struct Format {
        #[serde(default)]
        schema: String,
    }
    let bytes = load::read(file, MOST_BYTES)?;
    let here = |what: String| said(format!("{}: {what}", file.display()));
    let format: Format =
        serde_json::from_slice(&bytes).map_err(|e| here(format!("This is not a saved session: {e}.")))?;
    if format.schema != TRAJECTORY {
        let newer = format.schema.starts_with("recoworld/trajectory-v");
        return Err(here(if newer {
            format!(
                "It was written by a newer version ({}); this build reads {TRAJECTORY}.",
                excerpt_line(&format.schema)
            )
        } else {
            format!(
                "This is not a saved session: its schema is \"{}\", not \"{TRAJECTORY}\".",
                excerpt_line(&format.schema)
            )
        }));
    }
    let run: Trajectory =
        serde_json::from_slice(&bytes).map_err(|e| here(format!("The session cannot be read: {e}.")))?;
    run.scenario.validate().map_err(|e| here(format!("in its scenario, {e}")))?;
    Ok(run)
}

fn to_value(run: &Trajectory) -> Result<Value, Problem> {
    // Through text: what is compared is what is written.
    Ok(serde_json::from_str(&serde_json::to_string(run)?)?)
}

/// The most differences that are listed.
const MOST_DIFFERENCES: usize = 10;

/// Where two values differ, as paths with both values.
fn differ(path: &str, a: &Value, b: &Value, out: &mut Vec<String>) {
    if out.len() >= MOST_DIFFERENCES || a == b {
        return;
    }
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            for key in x.keys().chain(y.keys().filter(|k| !x.contains_key(*k))) {
                let null = Value::Null;
                let name = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                differ(&name, x.get(key).unwrap_or(&null), y.get(key).unwrap_or(&null), out);
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            x.iter().zip(y).enumerate().for_each(|(i, (p, q))| differ(&format!("{path}[{i}]"), p, q, out));
        }
        (Value::Array(x), Value::Array(y)) => {
            out.push(format!("{path}: {} entries in the file, {} in the replay", x.len(), y.len()));
        }
        _ => {
            let short = |v: &Value| excerpt_line(&v.to_string());
            out.push(format!("{path}: {} in the file, {} in the replay", short(a), short(b)));
        }
    }
}

/// The first answer of a built-in driver that it would give otherwise now.
fn other_answer(saved: &Trajectory, stage: &load::Stage) -> Result<Option<usize>, Problem> {
    let (scenario, world) = (stage.scenario.clone(), stage.world.clone());
    let mut player =
        Player::replay(scenario, world, maker(stage), saved.changes.clone(), saved.answers.clone()).map_err(said)?;
    player.seek(0).map_err(said)?;
    for (at, answer) in saved.answers.iter().enumerate() {
        if answer.by() == Author::Builtin && player.builtin_answer().as_ref() != Some(answer) {
            return Ok(Some(at));
        }
        player.step().map_err(said)?;
    }
    Ok(None)
}
