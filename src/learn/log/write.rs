//! Logs as JSON lines: `recoworld/log-v1`, a turn a line.

use super::Log;
use crate::catalog::Shelf;
use serde_json::{Value, json};

/// The log as JSON lines, the first of which names the version.
#[must_use]
pub fn write(log: &Log, shelf: &Shelf) -> String {
    let id = |i: &u32| Value::from(shelf.items[*i as usize].id.clone());
    let mut out = String::from("{\"schema\":\"recoworld/log-v1\"}\n");
    for session in &log.sessions {
        for (n, (turn, given)) in session.rows().enumerate() {
            let mut line = json!({
                "session": session.name,
                "turn": n,
                "items": turn.items.iter().map(id).collect::<Vec<_>>(),
                "reactions": turn.reactions,
            });
            let object = line.as_object_mut().expect("just made");
            if n == 0 {
                object.insert("context".into(), json!(session.context));
            }
            if let Some((channel, words)) = &turn.said {
                object.insert("said".into(), json!({ "channel": channel, "words": words }));
            }
            if !given.propensities.is_empty() {
                object.insert("propensities".into(), json!(given.propensities));
            }
            if !given.candidates.is_empty() {
                object.insert("candidates".into(), given.candidates.iter().map(id).collect());
            }
            if let Some(reward) = given.reward {
                object.insert("reward".into(), reward.into());
            }
            out.push_str(&line.to_string());
            out.push('\n');
        }
    }
    out
}
