//! From what a field holds to what is meant: text for display, numbers, durations, topics.

use super::rows::Cell;
use serde_json::Value;
use std::borrow::Cow;

/// The unit of a duration that is a number alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Thousandths of a second.
    Milliseconds,
    /// Seconds.
    #[default]
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

impl Unit {
    fn seconds(self) -> f64 {
        match self {
            Self::Milliseconds => 0.001,
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3600.0,
        }
    }
}

/// The longest duration that is believed, seconds: thirty days.
const LONGEST: f64 = 30.0 * 86_400.0;

/// A field as text: numbers as they are written, the first of a list, the name of an object. `None` if empty.
pub fn text(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    let text = match cell {
        Cell::Missing => return None,
        Cell::Text(s) => Cow::Borrowed(s.trim()),
        Cell::Json(value) => json_text(value)?,
    };
    (!text.is_empty()).then_some(text)
}

fn json_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(s) => Some(Cow::Borrowed(s.trim())),
        Value::Number(n) => Some(Cow::Owned(n.to_string())),
        Value::Bool(b) => Some(Cow::Borrowed(if *b { "true" } else { "false" })),
        // One level only: an item within an item within an item has no name of its own.
        Value::Array(list) => list.first().filter(|v| !v.is_array()).and_then(json_text),
        Value::Object(map) => {
            ["name", "title", "label"].iter().find_map(|k| map.get(*k)).filter(|v| v.is_string()).and_then(json_text)
        }
    }
}

/// Whether text stands for "nothing here".
pub fn says_nothing(text: &str) -> bool {
    const WORDS: [&str; 8] = ["", "-", "null", "none", "n/a", "na", "\\n", "unknown"];
    WORDS.iter().any(|w| text.eq_ignore_ascii_case(w))
}

/// A field as a number: `Ok(None)` if empty, `Err` says what is wrong.
pub fn number(cell: Cell<'_>) -> Result<Option<f64>, String> {
    if let Cell::Json(Value::Number(n)) = cell {
        return Ok(n.as_f64());
    }
    let Some(text) = text(cell).filter(|t| !says_nothing(t)) else { return Ok(None) };
    match plain_number(&text) {
        Some(n) if n.is_finite() => Ok(Some(n)),
        Some(_) => Err(format!("“{}” is not a finite number.", short(&text))),
        None => Err(format!("“{}” is not a number.", short(&text))),
    }
}

/// Reads "7.5", "7,5", "1,234,567", "85 %" and "7.5/10" (its first part).
fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim_end_matches('%').trim_end();
    let text = match text.split_once('/') {
        Some((first, scale)) if scale.trim().parse::<f64>().is_ok() => first.trim_end(),
        _ => text,
    };
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let (whole, rest) = text.split_once(',')?;
    let decimal = !rest.contains([',', '.']) && rest.len() != 3 && !whole.is_empty();
    if decimal { text.replace(',', ".").parse().ok() } else { text.replace(',', "").parse().ok() }
}

/// A field as a duration in seconds: `Ok(None)` if empty or 0, `Err` says what is wrong.
pub fn duration(cell: Cell<'_>, unit: Unit) -> Result<Option<f32>, String> {
    let seconds = match cell {
        Cell::Json(Value::Number(n)) => n.as_f64().map(|n| n * unit.seconds()),
        _ => match text(cell).filter(|t| !says_nothing(t)) {
            None => return Ok(None),
            Some(text) => {
                Some(duration_words(&text, unit).ok_or_else(|| format!("“{}” is not a duration.", short(&text)))?)
            }
        },
    };
    match seconds {
        None => Ok(None),
        Some(s) if !s.is_finite() => Err("The duration is not a finite number.".into()),
        Some(s) if s < 0.0 => Err("The duration is negative.".into()),
        Some(s) if s > LONGEST => Err(format!("A duration of {:.0} days is hardly meant.", (s / 86_400.0).min(1e15))),
        Some(0.0) => Ok(None),
        Some(s) => Ok(Some((s as f32).max(0.001))),
    }
}

/// Reads "90", "1:30", "0:01:30", "1 h 30 min", "PT1M30S".
fn duration_words(text: &str, unit: Unit) -> Option<f64> {
    if let Ok(n) = text.parse::<f64>() {
        return Some(n * unit.seconds());
    }
    if text.contains(':') {
        return clock(text);
    }
    let text = text.to_lowercase();
    if let Some(iso) = text.strip_prefix('p') {
        // Before the T an m would be a month; nothing that is recommended lasts months.
        let (days, time) = iso.split_once('t').unwrap_or((iso, ""));
        let days = if days.is_empty() { 0.0 } else { days.strip_suffix('d')?.parse::<f64>().ok()? * 86_400.0 };
        return if time.is_empty() { (days > 0.0).then_some(days) } else { Some(days + spans(time)?) };
    }
    spans(&text).or_else(|| plain_number(&text).map(|n| n * unit.seconds()))
}

fn clock(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    parts.iter().try_fold(0.0, |sum, part| {
        let part = part.trim();
        let plain = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        part.parse::<f64>().ok().filter(|_| plain).map(|n| sum * 60.0 + n)
    })
}

/// A sum of numbers each with a unit: "1h 30m", "123 min".
fn spans(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut sum = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let n: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ms" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            _ => return None,
        };
        sum = Some(sum.unwrap_or(0.0) + n * unit);
        rest = rest[letters..].trim_start_matches([' ', ',', '.', '\u{a0}']);
    }
    sum
}

/// The names in a topics field: a JSON array (of names, or of objects with a name), else text parted by `|`, else `;`,
/// else `,`.
pub fn topics(cell: Cell<'_>, out: &mut Vec<String>) {
    match cell {
        Cell::Missing => {}
        Cell::Json(Value::Array(list)) => out.extend(list.iter().filter_map(json_text).map(Cow::into_owned)),
        Cell::Json(value) => out.extend(json_text(value).map(Cow::into_owned)),
        Cell::Text(text) => topics_text(text.trim(), out),
    }
    out.retain(|t| !says_nothing(t) && t != "(no genres listed)");
}

fn topics_text(text: &str, out: &mut Vec<String>) {
    if text.starts_with('[') && text.ends_with(']') {
        // Python writes lists with single quotation marks.
        let parsed = serde_json::from_str::<Value>(text).or_else(|_| serde_json::from_str(&text.replace('\'', "\"")));
        match parsed {
            Ok(Value::Array(list)) => out.extend(list.iter().filter_map(json_text).map(Cow::into_owned)),
            _ => split(&text[1..text.len() - 1], ',', out),
        }
        return;
    }
    let separator = ['|', ';'].into_iter().find(|s| text.contains(*s)).unwrap_or(',');
    split(text, separator, out);
}

fn split(text: &str, separator: char, out: &mut Vec<String>) {
    out.extend(text.split(separator).map(|t| t.trim_matches(['\'', '"', ' ']).trim().to_string()));
}

/// Text made safe to show: no control characters, nothing that turns the direction of writing, single spaces, at most
/// `longest` characters. Says whether it was cut.
pub fn clean(text: &str, longest: usize) -> (String, bool) {
    if text.len() <= longest && text.bytes().all(|b| (0x20..0x7f).contains(&b)) && !text.contains("  ") {
        return (text.trim().to_string(), false);
    }
    let mut out = String::with_capacity(text.len().min(longest * 4));
    let (mut count, mut gap) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() || c == '\u{2028}' || c == '\u{2029}' {
            gap = !out.is_empty();
        } else if !hidden(c) {
            if count + usize::from(gap) >= longest {
                return (out, true);
            }
            if gap {
                out.push(' ');
                count += 1;
                gap = false;
            }
            out.push(c);
            count += 1;
        }
    }
    (out, false)
}

/// Characters that show nothing and change how the rest shows: control characters, marks and overrides of the direction
/// of writing, tags, the byte-order mark.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The start of a text, for quoting in a message.
pub fn short(text: &str) -> String {
    let (text, cut) = clean(text, 40);
    if cut { format!("{text}…") } else { text }
}
