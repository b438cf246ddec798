//! An environment on standard input and output, for agents in any language.

use super::{
    Done, Found,
    args::{EnvArgs, RunArgs},
    load, published, said,
};
use crate::scenario::{
    env::{Env, Environment},
    wire::{Desk, MOST_LINE},
};
use serde_json::Value;
use std::io::{self, BufRead, Read, Write};

/// Answers line by line until the other side closes.
pub fn run(args: &EnvArgs, out: &mut dyn Write) -> Done {
    let run = RunArgs {
        scenario: args.scenario.clone(),
        recommender: None,
        instructions: None,
        catalog: args.catalog.clone(),
        pictures: None,
        set: args.set.clone(),
        seed: None,
    };
    if let Some(spec) = published::spec(&run)? {
        return serve(Desk::new(spec.env().map_err(said)?, Value::Array(Vec::new())), out);
    }
    let stage = load::stage(&run)?;
    let items = serde_json::to_value(stage.world.shelf())?;
    let env = Env::of(stage.scenario.clone(), stage.world.clone()).map_err(said)?;
    serve(Desk::new(env, items), out)
}

/// What a line of standard input holds.
enum Line {
    Text(String),
    Unreadable(&'static str),
    End,
}

fn serve<E: Environment>(mut desk: Desk<E>, out: &mut dyn Write) -> Done {
    let mut input = io::stdin().lock();
    writeln!(out, "{}", desk.hello())?;
    out.flush()?;
    while !desk.is_closed() {
        let reply = match line(&mut input)? {
            Line::End => break,
            Line::Text(text) if text.trim().is_empty() => continue,
            Line::Text(text) => desk.answer(&text),
            Line::Unreadable(why) => desk.unreadable(why),
        };
        writeln!(out, "{reply}")?;
        // The other side waits for it.
        out.flush()?;
    }
    Ok(Found::Good)
}

/// The next line. What is longer than may be is skipped to its end.
fn line(input: &mut impl BufRead) -> io::Result<Line> {
    let mut bytes = Vec::new();
    if input.take(MOST_LINE as u64 + 1).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(Line::End);
    }
    if bytes.len() > MOST_LINE && bytes.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
        return Ok(Line::Unreadable("the line is longer than a megabyte, the most that is read here"));
    }
    Ok(String::from_utf8(bytes).map_or(Line::Unreadable("the line is not UTF-8"), Line::Text))
}
