//! People from a file: who they are, and what they are like.
//!
//! JSON (an array, `{"people": […]}`, or lines) or CSV, one person a row:
//!
//! | field | what |
//! |---|---|
//! | `name` | needed |
//! | `age` | years, 1 to 120; 30 where it is missing |
//! | `about` | a line about the person |
//! | `declared` (or `topics`) | topics ticked when signing up |
//! | `interests` | topic to weight from −1 to 1: a JSON object, or `Cooking:0.8\|Travel:-0.3` |
//! | `variety` | 0 to 1, see [`Persona::variety`] |
//! | `expressiveness`, `precision`, … | 0 to 1, see [`Traits`]; also within `traits` |
//!
//! JSON may also hold `profile` and `persona` objects, as scenario files do.

use super::{
    File, MAX_BYTES, decode, fields,
    mapping::simplified,
    report::{ImportError, Problem, Problems},
    rows::{Cell, Next, Place, Row},
    sniff::{self, Kind, Opened},
};
use crate::user::{Persona, Profile, Traits};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The most people that a file may hold.
pub const MAX_PEOPLE: usize = 1_000;
/// The most interests that one person may have.
const MAX_INTERESTS: usize = 64;
/// The age where none is given, years.
const USUAL_AGE: u8 = 30;

/// One person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// What anybody may know.
    pub profile: Profile,
    /// What only the person knows.
    pub persona: Persona,
}

/// People, and what was found in their file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct People {
    /// The people, in the order of the file; at least one.
    pub people: Vec<Person>,
    /// How many rows were left out.
    pub rejected: usize,
    /// What was wrong, by line and field.
    pub problems: Vec<Problem>,
    /// How many more problems there were than are listed.
    pub more_problems: usize,
}

/// What is wrong with a person: the field, what, and what to do.
type Fault = (String, String, &'static str);

/// Reads people from a file.
///
/// # Errors
/// If the file is empty, too large, broken or no list of people, if there are more than [`MAX_PEOPLE`], or if more than
/// half of the rows are bad.
pub fn people(file: File) -> Result<People, ImportError> {
    let mut opened = open(file)?;
    let mut row = opened.rows.row();
    let mut out = Vec::new();
    let (mut problems, mut rejected) = (Problems::default(), 0);
    loop {
        match opened.rows.next(&mut row) {
            Next::End => break,
            Next::Row if out.len() == MAX_PEOPLE => {
                return Err(ImportError::whole(format!("The file has more than {MAX_PEOPLE} people."), "Keep fewer."));
            }
            Next::Row => match person(&row, &opened.columns) {
                Ok(person) => out.push(person),
                Err((field, what, fix)) => {
                    problems.error(opened.rows.line(), Some(&field), what, fix);
                    rejected += 1;
                }
            },
            Next::Bad { what, fix, lines } => {
                problems.error(opened.rows.line(), None, what, fix);
                rejected += lines as usize;
            }
            Next::Broken { what, fix } => {
                problems.error(opened.rows.line(), None, what, fix);
                return Err(ImportError::with("The file cannot be read to its end.", "Mend it.", problems));
            }
        }
    }
    if out.is_empty() || rejected > out.len() {
        let what = format!("{rejected} of {} people cannot be read, so none was loaded.", rejected + out.len());
        return Err(ImportError::with(what, "Each needs at least a name.", problems));
    }
    Ok(People { people: out, rejected, problems: problems.kept, more_problems: problems.more })
}

fn open(file: File) -> Result<Opened, ImportError> {
    let name = fields::short(&file.name);
    if file.bytes.iter().all(u8::is_ascii_whitespace) || file.bytes.len() > MAX_BYTES {
        return Err(ImportError::whole(format!("“{name}” is empty or too large."), "Choose another file."));
    }
    let decoded = decode::decode(file.bytes)
        .map_err(|kind| ImportError::whole(format!("“{name}” is {kind}."), "Import CSV, JSON or JSON lines."))?;
    match sniff::open(decoded.text, &file.name) {
        Kind::Items(opened) => Ok(opened),
        Kind::Other(what) => Err(ImportError::whole(format!("“{name}” is {what}."), "Import CSV, JSON or JSON lines.")),
        _ => Err(ImportError::whole(format!("“{name}” holds no people."), "Choose a file with a row for each person.")),
    }
}

/// The first of several places, each a column or a path, that holds something.
fn find<'a>(row: &'a Row, columns: &[String], names: &[&str]) -> Cell<'a> {
    for name in names {
        let column = columns.iter().find(|c| simplified(c) == simplified(name)).map_or(*name, String::as_str);
        match Place::of(column, columns).read(row) {
            Cell::Missing => {}
            Cell::Text(text) if text.trim().is_empty() => {}
            found => return found,
        }
    }
    Cell::Missing
}

fn person(row: &Row, columns: &[String]) -> Result<Person, Fault> {
    let words = |names: &[&str], longest| {
        fields::text(find(row, columns, names)).map(|t| fields::clean(&t, longest).0).filter(|t| !t.is_empty())
    };
    let name = words(&["name", "profile.name", "username", "user"], 80);
    let name = name.ok_or(("name".into(), "The name is empty.".into(), "Give the person a name."))?;
    let about = words(&["about", "profile.about", "bio", "description"], 300).unwrap_or_default();
    let mut declared = Vec::new();
    fields::topics(find(row, columns, &["declared", "profile.declared", "declared topics", "topics"]), &mut declared);
    declared.truncate(MAX_INTERESTS);
    declared.iter_mut().for_each(|t| *t = fields::clean(t, 120).0);
    let age = ranged(row, columns, "age", &["age", "profile.age"], 1.0..=120.0)?;
    let interests = interests(find(row, columns, &["interests", "persona.interests", "tastes"]))?;
    let variety = ranged(row, columns, "variety", &["variety", "persona.variety"], 0.0..=1.0)?.unwrap_or(0.0);
    Ok(Person {
        profile: Profile { name, age: age.map_or(USUAL_AGE, |a| a as u8), about, declared },
        persona: Persona { interests, variety, traits: traits(row, columns)?, ..Persona::default() },
    })
}

fn ranged(
    row: &Row,
    columns: &[String],
    field: &str,
    names: &[&str],
    range: std::ops::RangeInclusive<f32>,
) -> Result<Option<f32>, Fault> {
    let fix = "Write a number in that range, or leave it out.";
    let number = fields::number(find(row, columns, names)).map_err(|what| (field.to_string(), what, fix))?;
    match number.map(|n| n as f32) {
        Some(n) if !range.contains(&n) => {
            Err((field.to_string(), format!("{n} is outside {} to {}.", range.start(), range.end()), fix))
        }
        other => Ok(other),
    }
}

fn traits(row: &Row, columns: &[String]) -> Result<Traits, Fault> {
    let mut traits = Traits::default();
    let all: [(&str, &mut f32); 7] = [
        ("expressiveness", &mut traits.expressiveness),
        ("precision", &mut traits.precision),
        ("patience", &mut traits.patience),
        ("curiosity", &mut traits.curiosity),
        ("boredom", &mut traits.boredom),
        ("temptation", &mut traits.temptation),
        ("warmth", &mut traits.warmth),
    ];
    for (name, value) in all {
        let (inner, nested) = (format!("traits.{name}"), format!("persona.traits.{name}"));
        if let Some(n) = ranged(row, columns, name, &[name, &inner, &nested], 0.0..=1.0)? {
            *value = n;
        }
    }
    Ok(traits)
}

fn interests(cell: Cell<'_>) -> Result<BTreeMap<String, f32>, Fault> {
    let fault = |what: String| {
        ("interests".to_string(), what, "Write each as a topic and a weight from -1 to 1, like Cooking:0.8.")
    };
    let pairs: Vec<(String, Option<f64>)> = match cell {
        Cell::Missing => Vec::new(),
        Cell::Json(Value::Object(map)) => map.iter().map(|(k, v)| (k.clone(), v.as_f64())).collect(),
        Cell::Text(text) if text.trim_start().starts_with('{') => match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(map)) => map.into_iter().map(|(k, v)| (k, v.as_f64())).collect(),
            _ => return Err(fault("The JSON in it is malformed.".into())),
        },
        Cell::Text(text) => {
            let separator = ['|', ';'].into_iter().find(|s| text.contains(*s)).unwrap_or(',');
            text.split(separator).filter(|p| !p.trim().is_empty()).map(pair).collect()
        }
        Cell::Json(_) => return Err(fault("It is not an object of topics and weights.".into())),
    };
    if pairs.len() > MAX_INTERESTS {
        return Err(fault(format!("There are more than {MAX_INTERESTS} interests.")));
    }
    let mut out = BTreeMap::new();
    for (topic, weight) in pairs {
        let (topic, _) = fields::clean(&topic, 120);
        match weight.map(|w| w as f32) {
            Some(w) if (-1.0..=1.0).contains(&w) && !topic.is_empty() => out.insert(topic, w),
            _ => return Err(fault(format!("“{}” has no weight from -1 to 1.", fields::short(&topic)))),
        };
    }
    Ok(out)
}

/// "Cooking:0.8"; a topic alone is liked.
fn pair(text: &str) -> (String, Option<f64>) {
    match text.rsplit_once([':', '=']) {
        Some((topic, weight)) => (topic.trim().to_string(), weight.trim().parse().ok()),
        None => (text.trim().to_string(), Some(0.7)),
    }
}
