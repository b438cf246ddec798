//! Share links: a preset, what was changed, the seed and the moment, as the query of an address.

use super::{Scenario, ScenarioError, registry};

/// The longest link that is read, in bytes.
const MOST_BYTES: usize = 100_000;

/// What a link opens.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The scenario, changes applied.
    pub scenario: Scenario,
    /// The number of answers to play, from 0.
    pub moment: usize,
}

/// The query (without `?` or `#`) that [`parse_link`] reads back: `scenario=…&seed=…&at=…&field=value…`.
/// A scenario whose id is no preset's is told as its changes from the default preset, its own id among them.
#[must_use]
pub fn format_link(scenario: &Scenario, moment: usize) -> String {
    let preset = registry::preset(&scenario.id).unwrap_or_else(registry::default_preset);
    let mut query = begin(&preset.id, &scenario.seed, moment);
    for (path, value) in scenario.diff(&preset) {
        if path != "seed" {
            query.push_str(&format!("&{}={}", encode(&path), encode(&value)));
        }
    }
    query
}

/// What [`format_link`] writes where nothing but the seed was changed, as in most links; `None` for any other scenario. The
/// first load's program has no more.
#[must_use]
pub fn format_plain_link(scenario: &Scenario, moment: usize) -> Option<String> {
    let preset = registry::preset(&scenario.id)?;
    let plain = Scenario { seed: scenario.seed.clone(), ..preset };
    (plain == *scenario).then(|| begin(&plain.id, &plain.seed, moment))
}

fn begin(id: &str, seed: &str, moment: usize) -> String {
    let mut query = format!("scenario={}&seed={}", encode(id), encode(seed));
    if moment > 0 {
        query.push_str(&format!("&at={moment}"));
    }
    query
}

/// What [`parse_link`] reads of a query that names no more than a preset, a seed and a moment; `None` where it names more,
/// or something that is not there. The first load's program has no more.
#[must_use]
pub fn parse_plain_link(query: &str) -> Option<Link> {
    let (mut scenario, mut seed, mut moment) = (None, None, 0);
    for (key, value) in pairs(query) {
        match key.as_str() {
            "scenario" if scenario.is_none() => scenario = Some(registry::named(&value)?),
            "seed" => {
                seed = Some(value.trim().parse::<u64>().ok().map(|n| n.to_string()).filter(|n| n == value.trim())?)
            }
            "at" => moment = value.parse().ok()?,
            _ => return None,
        }
    }
    let mut scenario = scenario.unwrap_or_else(registry::default_preset);
    if let Some(seed) = seed {
        scenario.seed = seed;
    }
    Some(Link { scenario, moment })
}

/// Names and values; a leading `?` or `#` and parts that begin with `_` are passed over.
fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.trim_start_matches(['?', '#']).split('&').filter(|p| !p.is_empty() && !p.starts_with('_'));
    let split = pairs.map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    });
    split.collect()
}

/// Reads a query that [`format_link`] wrote, or that a person typed. A leading `?` or `#` is passed over, and so is a
/// part that begins with `_` (for the page's own use).
///
/// # Errors
/// Where the preset or a field is unknown, or a value is out of its limits.
pub fn parse_link(query: &str) -> Result<Link, ScenarioError> {
    if query.len() > MOST_BYTES {
        let what = format!("The link has {} bytes; at most {MOST_BYTES} are read", query.len());
        return Err(ScenarioError::new("", what, "Send the scenario as a file."));
    }
    let pairs = pairs(query);
    let mut scenario = match pairs.iter().find(|(k, _)| k == "scenario") {
        Some((_, id)) => registry::find(id)?,
        None => registry::default_preset(),
    };
    let mut moment = 0;
    for (key, value) in &pairs {
        match key.as_str() {
            "scenario" => {}
            "at" => {
                moment = value.parse().map_err(|_| {
                    ScenarioError::new("at", "must be a whole number of steps", "Leave it out to begin at the start.")
                })?;
            }
            _ => scenario.set(key, value)?,
        }
    }
    scenario.validate()?;
    Ok(Link { scenario, moment })
}

/// Percent-encodes all but unreserved characters and `/` (RFC 3986, which lets a query hold `/`).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/,".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// Undoes [`encode`]; `+` is a space, a broken escape stays as it is, and what is not UTF-8 is replaced.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |k: usize| bytes.get(i + k).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[i], hex(1), hex(2)) {
            (b'%', Some(a), Some(b)) => {
                out.push((a * 16 + b) as u8);
                i += 3;
            }
            (b'+', ..) => {
                out.push(b' ');
                i += 1;
            }
            (other, ..) => {
                out.push(other);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
