//! Reading and changing single fields by path, and what differs between two scenarios.

use super::{
    Scenario, ScenarioError,
    error::{did_you_mean, excerpt},
    fields::{FIELDS, Field, Kind, field},
    read,
};
use serde_json::{Map, Number, Value};

/// Changes one field; see [`Scenario::set`].
pub(super) fn set(scenario: &mut Scenario, path: &str, text: &str) -> Result<(), ScenarioError> {
    let (field, name) = field(path).ok_or_else(|| no_such_field(path))?;
    let mut root = read::value_of(scenario)?;
    if field.path == "catalog.kind" {
        replace_catalog(&mut root, text)?;
    } else {
        belongs(&root, field)?;
        let value = parse(field, path, text)?;
        put(&mut root, field, name, value)?;
    }
    *scenario = read::of_value(&read::checked(root)?)
        .map_err(|e| ScenarioError::new(path, format!("cannot be set: {e}"), ""))?;
    Ok(())
}

/// The text of one field; see [`Scenario::get`].
pub(super) fn get(scenario: &Scenario, path: &str) -> Option<String> {
    let (field, name) = field(path)?;
    let root = read::value_of(scenario).ok()?;
    let value = at(&root, field.base())?;
    let value = match name {
        Some(name) => value.get(name)?,
        None => value,
    };
    Some(show(value))
}

/// Fields in which `scenario` differs from `base`; see [`Scenario::diff`].
pub(super) fn diff(scenario: &Scenario, base: &Scenario) -> Vec<(String, String)> {
    let (Ok(new), Ok(old)) = (read::value_of(scenario), read::value_of(base)) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    let other_kind = at(&new, "catalog.kind") != at(&old, "catalog.kind");
    for field in FIELDS {
        let Some(value) = at(&new, field.base()) else { continue };
        // Changing the kind of catalogue sets its other fields to their defaults: name them all.
        let before = at(&old, field.base()).filter(|_| !(other_kind && field.only_with().is_some()));
        if Some(value) == before {
            continue;
        }
        if let (Kind::Numbers { .. }, Value::Object(value)) = (field.kind, value) {
            named_changes(field, value, before.and_then(Value::as_object), &mut changes);
        } else {
            changes.push((field.path.to_owned(), show(value)));
        }
    }
    changes
}

fn named_changes(
    field: &Field,
    new: &Map<String, Value>,
    old: Option<&Map<String, Value>>,
    changes: &mut Vec<(String, String)>,
) {
    for name in old.into_iter().flat_map(Map::keys).filter(|n| !new.contains_key(*n)) {
        changes.push((format!("{}.{name}", field.base()), String::new()));
    }
    for (name, value) in new {
        if old.and_then(|o| o.get(name)) != Some(value) {
            changes.push((format!("{}.{name}", field.base()), show(value)));
        }
    }
}

fn no_such_field(path: &str) -> ScenarioError {
    let hint = did_you_mean(path, FIELDS.iter().map(|f| f.path), "`recoworld schema fields` lists the fields.");
    ScenarioError::new(excerpt(path), "is not a field of a scenario", hint)
}

fn belongs(root: &Value, field: &Field) -> Result<(), ScenarioError> {
    let kind = at(root, "catalog.kind").and_then(Value::as_str).unwrap_or("");
    match field.only_with() {
        Some(only) if only != kind => {
            let what = format!("is a field of {only} catalogues, and this one is {kind}");
            Err(ScenarioError::new(field.path, what, format!("Set catalog.kind to {only} first.")))
        }
        _ => Ok(()),
    }
}

fn replace_catalog(root: &mut Value, kind: &str) -> Result<(), ScenarioError> {
    let fresh = match kind {
        "synthetic" => serde_json::json!({ "kind": "synthetic" }),
        "imported" => serde_json::json!({ "kind": "imported", "name": "", "digest": "" }),
        other => {
            let what = format!("is \"{}\"; allowed are synthetic and imported", excerpt(other));
            return Err(ScenarioError::new("catalog.kind", what, did_you_mean(other, ["synthetic", "imported"], "")));
        }
    };
    if at(root, "catalog.kind").and_then(Value::as_str) != Some(kind) {
        root["catalog"] = fresh;
    }
    Ok(())
}

/// The value that a person's text stands for. `Null` takes a named number away.
fn parse(field: &Field, path: &str, text: &str) -> Result<Value, ScenarioError> {
    let plain = text.trim();
    let wrong = |must: &str| ScenarioError::new(path, format!("is \"{}\"; {must}", excerpt(text)), field.about);
    match field.kind {
        Kind::Text { .. } => Ok(Value::String(text.to_owned())),
        Kind::Seed | Kind::Choice(_) => Ok(Value::String(plain.to_owned())),
        Kind::Texts { .. } => texts(plain).ok_or_else(|| wrong("must be a list such as Cooking, Travel")),
        Kind::Flag => match plain {
            "true" | "on" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "off" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(wrong("must be on or off")),
        },
        Kind::Whole { .. } if path == "context.minute" && plain.contains(':') => {
            clock(plain).ok_or_else(|| wrong("must be a time such as 18:10, or minutes after midnight"))
        }
        Kind::Whole { .. } => {
            plain.parse::<u64>().map(|n| Value::Number(n.into())).map_err(|_| wrong("must be a whole number"))
        }
        Kind::Numbers { .. } if plain.is_empty() => Ok(Value::Null),
        Kind::Number { .. } | Kind::Numbers { .. } => {
            let number = plain.parse::<f64>().ok().and_then(Number::from_f64);
            number.map(Value::Number).ok_or_else(|| wrong("must be a number"))
        }
    }
}

fn clock(text: &str) -> Option<Value> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes) = (hours.parse::<u64>().ok()?, minutes.parse::<u64>().ok()?);
    (hours < 24 && minutes < 60).then(|| Value::Number((hours * 60 + minutes).into()))
}

/// A list as people write it, by commas; or as JSON, for entries that hold commas.
fn texts(text: &str) -> Option<Value> {
    if text.starts_with('[') {
        return serde_json::from_str::<Vec<String>>(text).ok().map(Value::from);
    }
    Some(text.split(',').map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>().into())
}

fn put(root: &mut Value, field: &Field, name: Option<&str>, value: Value) -> Result<(), ScenarioError> {
    let lost = || ScenarioError::new(field.path, "cannot be reached", "");
    let mut place = &mut *root;
    for part in field.base().split('.') {
        let object = place.as_object_mut().ok_or_else(lost)?;
        let fresh = Value::Object(Map::new());
        place = object.entry(part).or_insert(fresh);
    }
    match name {
        None => *place = value,
        Some(name) => {
            let named = place.as_object_mut().ok_or_else(lost)?;
            if value.is_null() {
                named.remove(name);
            } else {
                named.insert(name.to_owned(), value);
            }
        }
    }
    Ok(())
}

fn at<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(root, |v, part| v.get(part))
}

/// A value as [`parse`] reads it back.
fn show(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        Value::Array(list) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            let plain = |w: &&str| !w.is_empty() && !w.contains(',') && w.trim() == *w && !w.starts_with('[');
            if words.iter().all(plain) { words.join(",") } else { value.to_string() }
        }
        Value::Number(n) => {
            let text = n.to_string();
            text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
        }
        other => other.to_string(),
    }
}
