//! What words are read as.

use super::{Done, Found, args::RunArgs, llm_args::ModelArgs, llm_read::Online, load, paint::safe, replay, said};
use crate::{
    lab::understanding::{read_silence, say},
    recommender::{
        PastTurn,
        understand::{Intent, Level, Lexicon, Understanding},
    },
    session::{Keep, Session},
};
use clap::Args;
use serde_json::{Map, Value, json};
use std::{io::Write, path::PathBuf, rc::Rc};

/// What is to be read, and how.
#[derive(Args)]
pub struct UnderstandArgs {
    /// The words, as a user would say them; empty ("") for silence after a session.
    words: String,
    /// How far words are understood: lexical, semantic, reasoning or language-model; reasoning if no model is named.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    level: Option<Level>,
    /// The model that reads them, at the level language-model.
    #[command(flatten)]
    model: ModelArgs,
    /// A saved session after which the words are said (`session --json`); otherwise they are the first.
    #[arg(long, value_name = "FILE")]
    session: Option<PathBuf>,
    /// What run.
    #[command(flatten)]
    run: RunArgs,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

fn level(text: &str) -> Result<Level, String> {
    Level::named(text).ok_or_else(|| "the levels are lexical, semantic, reasoning and language-model".to_owned())
}

/// Reads the words.
pub fn run(args: &UnderstandArgs, out: &mut dyn Write) -> Done {
    let level = match (args.level, args.model.llm.is_some()) {
        (Some(Level::LanguageModel), false) => {
            return Err(said("Which language model is to read the words? Add --llm URL --model NAME."));
        }
        (Some(level), true) if level != Level::LanguageModel => {
            return Err(said(format!(
                "--llm: at the level {} no model reads the words. Leave it out, or use --level language-model.",
                level.name()
            )));
        }
        (None, false) => Level::Reasoning,
        (None, true) => Level::LanguageModel,
        (Some(level), _) => level,
    };
    let (stage, mut history) = match &args.session {
        Some(file) => past(file, args)?,
        None => (load::stage(&args.run)?, Vec::new()),
    };
    let seed = stage.scenario.seed().map_err(said)?;
    let session = Session::new(stage.scenario.clone(), stage.world.clone(), seed, Keep::Totals);
    if let Some(last) = history.last_mut() {
        say(last, &args.words);
    }
    let obs =
        crate::recommender::Observation { history: &history, turn: history.len() as u32, ..session.observation() };
    let shelf = stage.world.shelf();
    let model = (level == Level::LanguageModel).then(|| Online::connect(&args.model)).transpose()?;
    let reader = match &model {
        Some(model) => Rc::new(Understanding::read_by(model.reader.clone(), Lexicon::of(shelf).into())),
        None => stage.knowledge.understanding(level),
    };
    let silent = args.words.trim().is_empty().then(|| read_silence(&reader, &obs, shelf)).flatten();
    let (intent, read_as) = match silent {
        Some((intent, read_as)) => (intent, Some(read_as)),
        None => (reader.read(&args.words, &obs), None),
    };
    model.as_ref().map_or(Ok(()), Online::check)?;
    let mut object = value(&intent, level, history.len(), shelf);
    if let Some(read_as) = read_as {
        object.insert("read_as".into(), read_as.into());
    }
    if let Some(model) = &model {
        object.insert("model".into(), model.told());
    }
    if args.json {
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)?;
        return Ok(Found::Good);
    }
    for (name, value) in &object {
        if name == "model" {
            continue;
        }
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value == &Value::Bool(false);
        if !empty {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(out, "{:<12} {}", name.replace('_', " "), safe(&text))?;
        }
    }
    if let Some(model) = &model {
        writeln!(out, "{:<12} {}", "model", safe(&model.line()))?;
    }
    Ok(Found::Good)
}

/// A saved session's scenario in its world, and what a recommender saw of it.
fn past(file: &std::path::Path, args: &UnderstandArgs) -> Result<(load::Stage, Vec<PastTurn>), super::Problem> {
    let run = replay::trajectory(file)?;
    let mut scenario = run.scenario.clone();
    let imported = args.run.catalog.as_deref().map(|path| load::bring(&mut scenario, path)).transpose()?;
    let stage = load::built(scenario, imported)?;
    let most = stage.world.shelf().items.len();
    let turns = run.turns.iter().map(|t| PastTurn {
        items: t.slate.iter().map(|s| s.item).collect(),
        reactions: t.slate.iter().map_while(|s| s.reaction).collect(),
        said: t.instruction.as_ref().map(|i| (i.channel, i.words.clone())),
        asked: t.asked.clone(),
    });
    let turns: Vec<PastTurn> = turns.collect();
    if turns.iter().flat_map(|t| &t.items).any(|&i| i as usize >= most) {
        return Err(said(
            "The session shows items that its catalogue does not hold. Name the items with --catalog FILE.",
        ));
    }
    Ok((stage, turns))
}

/// An intent as one object.
fn value(i: &Intent, level: Level, turns: usize, shelf: &crate::catalog::Shelf) -> Map<String, Value> {
    let topics = |list: &[(u16, f32)]| -> Value {
        let one = |t: &(u16, f32)| json!({ "topic": shelf.topics.get(usize::from(t.0)), "weight": t.1 });
        list.iter().map(one).collect()
    };
    let makers = |list: &[u32]| -> Value {
        list.iter().map(|&c| shelf.creators.get(c as usize)).collect::<Vec<_>>().into_iter().map(|c| json!(c)).collect()
    };
    let holds = if i.holds_turns >= 100 { json!("rest of the session") } else { json!(i.holds_turns) };
    let object = json!({
        "level": level.name(), "after_turns": turns, "read_as": i.read_as(shelf),
        "more": topics(&i.more), "less": topics(&i.less), "avoid": topics(&i.avoid),
        "keep": makers(&i.keep_creators), "avoid_creators": makers(&i.avoid_creators),
        "limits": { "at_most_s": i.max_s, "at_least_s": i.min_s },
        "mood": i.mood, "better": i.better, "novelty": i.surprise, "vague": i.vague,
        "holds_turns": holds, "confidence": i.confidence, "notes": i.notes,
        "beliefs": i.beliefs.iter().map(|b| json!({ "wants": b.0, "chance": b.1 })).collect::<Vec<_>>(),
        "question": i.question.as_ref().map(|q| {
            let options: Vec<&str> = q.options.iter().map(|o| o.words.as_str()).collect();
            json!({ "text": q.text, "options": options, "worth": q.worth })
        }),
        "unread": i.unread,
    });
    match object {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
