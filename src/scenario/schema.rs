//! The published JSON Schemas (draft 2020-12): the scenario's from the table of fields, the trajectory's beside it.

use super::{
    FIELDS, SCHEMA,
    fields::{Field, Kind},
};
use serde_json::{Map, Value, json};

pub use super::{schema_env::env, schema_run::trajectory};

/// The schema of scenario files, as pretty JSON.
#[must_use]
pub fn scenario() -> String {
    pretty(&json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RecoWorld scenario, version 1",
        "description": "Everything that defines a run but the answers.",
        "$ref": "#/$defs/scenario",
        "$defs": { "scenario": scenario_value() },
    }))
}

/// The schema of a scenario as a value, for schemas that hold one.
pub(super) fn scenario_value() -> Value {
    let (of_catalog, others): (Vec<&Field>, Vec<&Field>) = FIELDS.iter().partition(|f| f.path.starts_with("catalog."));
    let mut root = object(&others, "");
    let variants = ["synthetic", "imported"].map(|kind| {
        let fields: Vec<&Field> =
            of_catalog.iter().copied().filter(|f| f.only_with().is_none_or(|k| k == kind)).collect();
        let mut variant = object(&fields, "catalog");
        variant["properties"]["kind"] = json!({ "const": kind });
        variant
    });
    root["properties"]["catalog"] = json!({ "oneOf": variants, "description": "What can be recommended." });
    root["properties"]["schema"] = json!({ "const": SCHEMA });
    if let Some(required) = root["required"].as_array_mut() {
        required.push("catalog".into());
    }
    root
}

/// The object at `prefix`, made of the fields below it.
fn object(fields: &[&Field], prefix: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let rest = below(field, prefix);
        let (name, leaf) = match rest.split_once('.') {
            None => (rest, true),
            Some((name, _)) => (name, false),
        };
        if !leaf && !properties.contains_key(name) {
            let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
            let inside: Vec<&Field> =
                fields.iter().copied().filter(|f| f.base().starts_with(&format!("{path}."))).collect();
            let inner = object(&inside, &path);
            if inner.get("required").is_some() {
                required.push(Value::from(name));
            }
            properties.insert(name.to_owned(), inner);
        } else if leaf {
            if field.default.is_none() {
                required.push(Value::from(name));
            }
            properties.insert(name.to_owned(), leaf_value(field));
        }
    }
    let mut out = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        out["required"] = Value::Array(required);
    }
    out
}

fn below<'a>(field: &'a Field, prefix: &str) -> &'a str {
    let base = field.base();
    base.strip_prefix(prefix).map_or(base, |r| r.trim_start_matches('.'))
}

fn leaf_value(field: &Field) -> Value {
    let mut out = match field.kind {
        Kind::Text { most } => json!({ "type": "string", "maxLength": most }),
        Kind::Texts { entries, most } => {
            json!({ "type": "array", "maxItems": entries, "items": { "type": "string", "maxLength": most } })
        }
        Kind::Number { min, max, .. } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Whole { min, max, .. } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Choice(options) => json!({ "enum": options.iter().map(|(w, _)| *w).collect::<Vec<_>>() }),
        Kind::Seed => json!({ "type": "string", "pattern": "^(0|[1-9][0-9]{0,19})$" }),
        Kind::Numbers { min, max, .. } => json!({
            "type": "object",
            "maxProperties": 64,
            "additionalProperties": { "type": "number", "minimum": min, "maximum": max },
        }),
    };
    if field.path == "id" {
        out["pattern"] = json!("^[A-Za-z0-9_-]+/[A-Za-z0-9_-]+-v[0-9]{1,6}$");
    }
    out["title"] = field.label.into();
    let unit = if field.unit.is_empty() { String::new() } else { format!(" Unit: {}.", field.unit) };
    out["description"] = format!("{}{unit}", field.about).into();
    if let Some(default) = field.default.and_then(|d| serde_json::from_str::<Value>(d).ok()) {
        out["default"] = default;
    }
    out
}

pub(super) fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
