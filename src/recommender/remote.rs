//! A recommender of one's own, somewhere else: what is sent to it, and how its answer is read. No sockets here; a driver
//! carries the letters.
//!
//! **What is sent is the observation and nothing else**: the same that our own recommenders see.

use super::{ReasoningTrace, Step};
use crate::{
    catalog::{ItemIx, Shelf},
    scenario::excerpt,
};
use serde::{Deserialize, Serialize};

/// The name and version of what is posted.
pub const PROTOCOL: &str = "recoworld/recommender-v1";

/// The longest answer that is read, bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// The most steps that are kept of each part of a trace, and the most characters of each.
const MOST_STEPS: usize = 32;
/// See [`MOST_STEPS`].
const MOST_WORDS: usize = 400;

/// What is posted.
#[derive(Debug, Serialize)]
pub struct Post<'a, O> {
    /// [`PROTOCOL`].
    pub protocol: &'static str,
    /// The scenario's id.
    pub scenario: &'a str,
    /// Counts the sessions of this run, from 0: another number, another session. The seed is not told.
    pub episode: u32,
    /// What a recommender sees.
    pub observation: O,
    /// What is on offer: in the first post, and when it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<&'a Shelf>,
}

/// What may come back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    slate: Option<Vec<ItemIx>>,
    trace: Option<RawTrace>,
    need: Option<String>,
}

/// A trace of which parts may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawTrace {
    perceive: Vec<RawStep>,
    plan: Vec<RawStep>,
    act: Vec<RawStep>,
    remember: Vec<RawStep>,
}

/// A step: words alone, or with numbers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RawStep {
    Words(String),
    Step(Step),
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// The slate, and why.
    Slate {
        /// Different candidates, as many as were asked for.
        items: Vec<ItemIx>,
        /// Why, where it says so.
        trace: Option<ReasoningTrace>,
    },
    /// It wants the same again with the items.
    NeedsItems,
}

/// Reads an answer and holds it against what was asked: `size` different ones of `candidates` (ascending).
///
/// # Errors
/// What is wrong with it, and what was expected.
pub fn read(text: &str, candidates: &[ItemIx], size: usize) -> Result<Reply, String> {
    let raw: Raw = serde_json::from_str(text).map_err(|e| {
        format!("its answer is not {{\"slate\": [{size} candidates]}}: {e}. It begins with: {}", excerpt(text))
    })?;
    let Some(items) = raw.slate else {
        return match raw.need.as_deref() {
            Some("items") => Ok(Reply::NeedsItems),
            Some(other) => Err(format!("it needs \"{}\"; only \"items\" can be had", excerpt(other))),
            None => Err("its answer has no `slate`".to_owned()),
        };
    };
    if items.len() != size {
        return Err(format!("its slate has {} items; {size} were asked for", items.len()));
    }
    for (i, item) in items.iter().enumerate() {
        if candidates.binary_search(item).is_err() {
            return Err(format!("item {item} of its slate is not one of the {} candidates", candidates.len()));
        }
        if items[..i].contains(item) {
            return Err(format!("item {item} stands twice in its slate"));
        }
    }
    Ok(Reply::Slate { items, trace: raw.trace.map(trace) })
}

fn trace(raw: RawTrace) -> ReasoningTrace {
    let steps = |all: Vec<RawStep>| {
        let step = |s| match s {
            RawStep::Words(text) => Step { text, data: Vec::new() },
            RawStep::Step(step) => step,
        };
        let short = |s: Step| Step {
            text: s.text.chars().take(MOST_WORDS).collect(),
            data: s.data.into_iter().filter(|(_, v)| v.is_finite()).take(MOST_STEPS).collect(),
        };
        all.into_iter().take(MOST_STEPS).map(step).map(short).collect()
    };
    ReasoningTrace {
        perceive: steps(raw.perceive),
        plan: steps(raw.plan),
        act: steps(raw.act),
        remember: steps(raw.remember),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_or_refused_in_words() {
        let candidates = [2, 5, 9];
        let read = |text: &str| read(text, &candidates, 2);
        assert_eq!(read(r#"{"slate":[9,2]}"#), Ok(Reply::Slate { items: vec![9, 2], trace: None }));
        assert_eq!(read(r#"{"need":"items"}"#), Ok(Reply::NeedsItems));
        let Ok(Reply::Slate { trace: Some(trace), .. }) =
            read(r#"{"slate":[5,9],"trace":{"plan":["short ones",{"text":"b","data":[["x",1.5]]}]}}"#)
        else {
            panic!("a trace")
        };
        assert_eq!((trace.plan[0].text.as_str(), trace.plan[1].data[0].1), ("short ones", 1.5));
        for (text, part) in [
            ("", "is not {\"slate\""),
            ("<html>", "begins with: <html>"),
            ("[1,2]", "is not"),
            ("{}", "no `slate`"),
            (r#"{"slate":[5]}"#, "has 1 items; 2 were asked for"),
            (r#"{"slate":[5,5]}"#, "item 5 stands twice"),
            (r#"{"slate":[5,6]}"#, "item 6 of its slate is not one of the 3 candidates"),
            (r#"{"slate":[5,-1]}"#, "is not"),
            (r#"{"slate":[5,1.5]}"#, "is not"),
            (r#"{"need":"money"}"#, "only \"items\""),
        ] {
            let e = read(text).expect_err("refused");
            assert!(e.contains(part), "{text}: {e}");
        }
    }
}
