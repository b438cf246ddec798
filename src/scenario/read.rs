//! Reading and checking scenarios: against the table of fields, then across fields.

use super::{
    Scenario, ScenarioError,
    error::{did_you_mean, excerpt},
    fields::{FIELDS, Field, Kind},
    locate,
};
use serde_json::{Map, Value};

/// The format that this build writes.
pub const SCHEMA: &str = "recoworld/scenario-v1";

/// The longest scenario text that is read, in bytes.
pub const MOST_BYTES: usize = 1_000_000;

/// The most entries of a field of named numbers (the most topics that a catalogue may have).
const MOST_NAMED: usize = 64;

/// Parses and checks; see [`Scenario::from_json`].
pub(super) fn scenario(text: &str) -> Result<Scenario, ScenarioError> {
    if text.len() > MOST_BYTES {
        let what = format!("The file has {} bytes; a scenario has at most {MOST_BYTES}", text.len());
        return Err(ScenarioError::new("", what, "Is it a catalogue or a saved session?"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value: Value = serde_json::from_str(text).map_err(|e| not_json(&e))?;
    let located = |e: ScenarioError| {
        let place = locate::find(text, &e.field);
        e.at(place)
    };
    // A file of another kind is told so, before its fields are looked at.
    if let Some(root) = value.as_object() {
        version(root.get("schema")).map_err(located)?;
    }
    repeated(text)?;
    let value = checked(value).map_err(located)?;
    let scenario =
        of_value(&value).map_err(|e| ScenarioError::new("", format!("The scenario cannot be read: {e}"), ""))?;
    across(&scenario).map_err(located)?;
    Ok(scenario)
}

/// Checks a scenario made in code as if it had been read from a file.
pub(super) fn validate(scenario: &Scenario) -> Result<(), ScenarioError> {
    checked(value_of(scenario)?)?;
    across(scenario)
}

/// The scenario as JSON; through text, so that an `f32` of 0.2 is 0.2 and not 0.200000003.
pub(super) fn value_of(scenario: &Scenario) -> Result<Value, ScenarioError> {
    let mut value: Value = serde_json::to_string(scenario)
        .and_then(|text| serde_json::from_str(&text))
        .map_err(|e| ScenarioError::new("", format!("The scenario cannot be written: {e}"), ""))?;
    // Files leave them out where they are the default; here every field is looked for.
    value["representation"] = scenario.representation.name().into();
    value["persona"]["memory"] = scenario.persona.memory.name().into();
    Ok(value)
}

/// The scenario that a checked value is; through text, since to read the type from text is known already, and a second way
/// would weigh as much again.
pub(super) fn of_value(value: &Value) -> Result<Scenario, serde_json::Error> {
    serde_json::from_str(&value.to_string())
}

fn not_json(e: &serde_json::Error) -> ScenarioError {
    let message = e.to_string();
    let what = message.split(" at line ").next().unwrap_or(&message).to_owned();
    let hint = "A scenario is one JSON object; text goes in double quotes, and there is no comma after the last entry.";
    let place = (e.line() > 0).then(|| (e.line(), e.column()));
    ScenarioError::new("", format!("This is not JSON: {what}"), hint).at(place)
}

/// JSON parsers keep the last of two fields of one name in silence; a person would not know which one counts.
fn repeated(text: &str) -> Result<(), ScenarioError> {
    let mut seen = std::collections::BTreeSet::new();
    let mut twice = None;
    locate::members(text, &mut |path, byte| {
        let new = seen.insert(path.to_owned());
        if !new {
            twice = Some((path.to_owned(), byte));
        }
        new
    });
    match twice {
        None => Ok(()),
        Some((path, byte)) => {
            let e = ScenarioError::new(path, "is given twice", "Keep one of them.");
            Err(e.at(Some(locate::place(text, byte))))
        }
    }
}

/// Checks a JSON value against the table and fills in what it leaves out.
pub(super) fn checked(mut value: Value) -> Result<Value, ScenarioError> {
    let Value::Object(root) = &mut value else {
        return Err(ScenarioError::new("", "A scenario is a JSON object in braces", ""));
    };
    version(root.get("schema"))?;
    let kind = catalog_kind(root)?;
    unknown(root, "", kind)?;
    for field in FIELDS.iter().filter(|f| f.only_with().is_none_or(|k| k == kind)) {
        one(root, field)?;
    }
    Ok(value)
}

fn version(schema: Option<&Value>) -> Result<(), ScenarioError> {
    match schema.and_then(Value::as_str) {
        Some(SCHEMA) => Ok(()),
        Some(other) => {
            let number = other.strip_prefix("recoworld/scenario-v").and_then(|n| n.parse::<u32>().ok());
            // There was no version before the first.
            let number = number.filter(|n| *n > 1);
            Err(match number {
                Some(n) => ScenarioError::new(
                    "schema",
                    format!("says it was written by a newer version (scenario-v{n}); this build reads v1"),
                    "Open it with a newer RecoWorld.",
                ),
                None => ScenarioError::new(
                    "schema",
                    format!("is \"{}\"; a scenario's is \"{SCHEMA}\"", excerpt(other)),
                    if other.starts_with("recoworld/trajectory-") {
                        "It is a saved session: open it with `replay`, or as a run in the page."
                    } else {
                        "Is it a file of another kind?"
                    },
                ),
            })
        }
        None => {
            let what = format!("is missing; every scenario says \"schema\": \"{SCHEMA}\"");
            Err(ScenarioError::new("schema", what, "Is it a file of another kind?"))
        }
    }
}

fn catalog_kind(root: &Map<String, Value>) -> Result<&'static str, ScenarioError> {
    let kind = root.get("catalog").and_then(|c| c.get("kind"));
    match kind.and_then(Value::as_str) {
        Some("synthetic") => Ok("synthetic"),
        Some("imported") => Ok("imported"),
        Some(other) => Err(ScenarioError::new(
            "catalog.kind",
            format!("is \"{}\"; allowed are synthetic and imported", excerpt(other)),
            did_you_mean(other, ["synthetic", "imported"], ""),
        )),
        None => Err(ScenarioError::new("catalog.kind", "must be given: \"synthetic\" or \"imported\"", "")),
    }
}

/// Refuses fields that the table does not have.
fn unknown(object: &Map<String, Value>, prefix: &str, kind: &str) -> Result<(), ScenarioError> {
    let known = children(prefix, kind);
    for (key, value) in object {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        if !known.contains(&key.as_str()) {
            let list = format!("Known here: {}.", known.join(", "));
            let path = if key.len() > 80 { format!("{prefix}.{}", excerpt(key)) } else { path };
            return Err(ScenarioError::new(path, "is not a field", did_you_mean(key, known.iter().copied(), &list)));
        }
        let is_group = FIELDS.iter().all(|f| f.base() != path);
        match value {
            Value::Object(inner) if is_group => unknown(inner, &path, kind)?,
            other if is_group => {
                return Err(ScenarioError::new(path, format!("is {}; must be an object in braces", shown(other)), ""));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The names that may stand in the object at `prefix`.
fn children(prefix: &str, kind: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for field in FIELDS.iter().filter(|f| f.only_with().is_none_or(|k| k == kind)) {
        let rest = if prefix.is_empty() {
            Some(field.base())
        } else {
            field.base().strip_prefix(prefix).and_then(|r| r.strip_prefix('.'))
        };
        let name = rest.and_then(|r| r.split('.').next());
        if let Some(name) = name.filter(|n| !names.contains(n)) {
            names.push(name);
        }
    }
    names
}

/// Checks one field where it is there, and puts its default where it is not.
fn one(root: &mut Map<String, Value>, field: &Field) -> Result<(), ScenarioError> {
    let base = field.base();
    let (parents, name) = base.rsplit_once('.').unwrap_or(("", base));
    let mut object = root;
    for parent in parents.split('.').filter(|p| !p.is_empty()) {
        let inner = object.entry(parent).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else {
            return Err(ScenarioError::new(parent, "must be an object in braces", ""));
        };
        object = inner;
    }
    match (object.get(name), field.default) {
        (Some(value), _) => check(field, base, value),
        (None, Some(default)) => {
            let value = serde_json::from_str(default).unwrap_or(Value::Null);
            object.insert(name.to_owned(), value);
            Ok(())
        }
        (None, None) => Err(ScenarioError::new(base, "is missing", field.about)),
    }
}

/// Checks a value against what a field may hold.
pub(super) fn check(field: &Field, path: &str, value: &Value) -> Result<(), ScenarioError> {
    let wrong = |must: String| Err(ScenarioError::new(path, format!("is {}; {must}", shown(value)), field.about));
    match field.kind {
        Kind::Text { most } => match value.as_str() {
            Some(text) => check_text(path, text, most),
            None => wrong("must be text in double quotes".to_owned()),
        },
        Kind::Texts { entries, most } => match value.as_array() {
            Some(list) if list.len() > entries => {
                Err(ScenarioError::new(path, format!("has {} entries; at most {entries} are allowed", list.len()), ""))
            }
            Some(list) => list.iter().try_for_each(|v| match v.as_str() {
                Some(text) => check_text(path, text, most),
                None => wrong("must be a list of texts".to_owned()),
            }),
            None => wrong("must be a list of texts in square brackets".to_owned()),
        },
        Kind::Number { min, max, .. } => match value.as_f64() {
            Some(x) if (min..=max).contains(&x) => Ok(()),
            Some(_) => wrong(format!("allowed are {min} to {max}")),
            None => wrong(format!("must be a number from {min} to {max}")),
        },
        Kind::Whole { min, max, .. } => match value.as_u64() {
            Some(x) if (u64::from(min)..=u64::from(max)).contains(&x) => Ok(()),
            _ => wrong(format!("must be a whole number from {min} to {max}")),
        },
        Kind::Flag if value.is_boolean() => Ok(()),
        Kind::Flag => wrong("must be true or false".to_owned()),
        Kind::Choice(options) => match value.as_str() {
            Some(word) if options.iter().any(|(w, _)| *w == word) => Ok(()),
            other => {
                let words: Vec<&str> = options.iter().map(|(w, _)| *w).collect();
                let hint = did_you_mean(other.unwrap_or(""), words.iter().copied(), "");
                let what = format!("is {}; allowed are {}", shown(value), words.join(", "));
                Err(ScenarioError::new(path, what, hint))
            }
        },
        Kind::Seed => match value.as_str() {
            Some(text) if text.parse::<u64>().is_ok_and(|n| n.to_string() == text) => Ok(()),
            Some(_) => wrong("must be a whole number from 0 to 18446744073709551615".to_owned()),
            None => wrong("must be a whole number in double quotes, such as \"7\"".to_owned()),
        },
        Kind::Numbers { min, max, .. } => match value.as_object() {
            Some(named) => check_named(path, named, min, max),
            None => wrong("must be an object of numbers by name".to_owned()),
        },
    }
}

fn check_named(path: &str, named: &Map<String, Value>, min: f64, max: f64) -> Result<(), ScenarioError> {
    if named.len() > MOST_NAMED {
        let what = format!("has {} entries; at most {MOST_NAMED} are allowed", named.len());
        return Err(ScenarioError::new(path, what, ""));
    }
    for (name, value) in named {
        check_text(path, name, 80)?;
        if name.is_empty() {
            return Err(ScenarioError::new(path, "has an entry without a name", ""));
        }
        if !value.as_f64().is_some_and(|x| (min..=max).contains(&x)) {
            let what = format!("is {}; must be a number from {min} to {max}", shown(value));
            return Err(ScenarioError::new(format!("{path}.{name}"), what, ""));
        }
    }
    Ok(())
}

fn check_text(path: &str, text: &str, most: usize) -> Result<(), ScenarioError> {
    let length = text.chars().count();
    if length > most {
        let what = format!("has {length} characters; at most {most} are allowed");
        return Err(ScenarioError::new(path, what, "Shorten it."));
    }
    if let Some(c) = text.chars().find(|c| c.is_control()) {
        let what = format!("holds the control character {}", c.escape_debug());
        return Err(ScenarioError::new(path, what, "Write it on one line of plain text."));
    }
    Ok(())
}

/// A value as a message shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "empty (null)".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(s) => format!("the text \"{}\"", excerpt(s)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// What no single field can tell.
fn across(s: &Scenario) -> Result<(), ScenarioError> {
    check_id(&s.id)?;
    if s.title.trim().is_empty() {
        return Err(ScenarioError::new("title", "is empty", "Give the scenario a title."));
    }
    if s.candidates != 0 && s.candidates < s.slate_size {
        let what = format!("is {}, fewer than a slate of {}", s.candidates, s.slate_size);
        return Err(ScenarioError::new("candidates", what, "Raise it, or set it to 0 for the whole catalogue."));
    }
    match &s.catalog {
        super::CatalogSpec::Synthetic { items, .. } => fits(s, *items),
        super::CatalogSpec::Imported { name, .. } if name.trim().is_empty() => {
            Err(ScenarioError::new("catalog.name", "is empty", "An imported catalogue has the name of its file."))
        }
        super::CatalogSpec::Imported { .. } => Ok(()),
    }
}

/// Refuses slates and candidates that a catalogue of `items` cannot fill.
pub(super) fn fits(s: &Scenario, items: usize) -> Result<(), ScenarioError> {
    if s.slate_size > items {
        let what = format!("is {}, more than the {items} items of the catalogue", s.slate_size);
        return Err(ScenarioError::new("slate_size", what, "Show fewer items at a time, or bring more."));
    }
    if s.candidates > items {
        let what = format!("is {}, more than the {items} items of the catalogue", s.candidates);
        return Err(ScenarioError::new("candidates", what, "Lower it, or set it to 0 for the whole catalogue."));
    }
    Ok(())
}

fn check_id(id: &str) -> Result<(), ScenarioError> {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let version = |v: &str| !v.is_empty() && v.len() <= 6 && v.bytes().all(|b| b.is_ascii_digit());
    let good = id
        .split_once('/')
        .and_then(|(space, rest)| rest.rsplit_once("-v").map(|(name, v)| word(space) && word(name) && version(v)));
    if good == Some(true) {
        return Ok(());
    }
    let what = format!("is \"{}\"; an id looks like mine/Evening-v0", excerpt(id));
    Err(ScenarioError::new("id", what, "Use letters, digits, - and _ around one slash, and end in -v and a number."))
}
