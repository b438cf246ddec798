//! What there is: scenarios, recommenders, fields, schemas; and whether a scenario keeps its promises.

use super::{
    Done, Found,
    args::{CheckArgs, SchemaOf},
    load,
    paint::{Paint, Tone, fit, safe, wrap},
    said,
};
use crate::{
    recommender::{LIST, Setting},
    scenario::{
        FIELDS,
        check::{self, Check},
        env::Env,
        fields::{Field, Kind},
        recsim::{Listing, Spec, agents},
        registry, schema as schemas,
    },
};
use serde_json::{Value, json};
use std::io::{self, Write};

fn json_line(out: &mut dyn Write, value: &Value) -> Done {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)?;
    Ok(Found::Good)
}

fn paragraph(out: &mut dyn Write, paint: Paint, text: &str) -> io::Result<()> {
    for line in wrap(&safe(text), paint.width().saturating_sub(4)) {
        writeln!(out, "    {}", paint.tone(Tone::Faint, &line))?;
    }
    Ok(())
}

/// The presets.
pub fn scenarios(as_json: bool, out: &mut dyn Write) -> Done {
    let presets = registry::presets();
    if as_json {
        let mut all = Vec::with_capacity(presets.len());
        for p in presets {
            // Through text, so that an `f32` of 0.2 is 0.2 and not 0.200000003.
            let scenario: Value = serde_json::from_str(&serde_json::to_string(&p)?)?;
            all.push(json!({ "id": p.id, "title": p.title, "about": p.about, "scenario": scenario }));
        }
        all.extend(Spec::all().iter().map(published));
        return json_line(out, &all.into());
    }
    let paint = Paint::stdout();
    for p in presets {
        writeln!(out, "{}  {}", paint.tone(Tone::Strong, &fit(&p.id, 32)), p.title)?;
        paragraph(out, paint, &p.about)?;
    }
    for family in Spec::all().map(|s| s.family()) {
        writeln!(out, "{}  {}", paint.tone(Tone::Strong, &fit(family.id(), 32)), family.title())?;
        paragraph(out, paint, family.about())?;
        let agents: Vec<&str> = agents(family).iter().map(|l| l.name).collect();
        paragraph(out, paint, &format!("Recommenders: {}.", agents.join(", ")))?;
    }
    Ok(Found::Good)
}

/// A published environment with its settings and agents.
fn published(spec: &Spec) -> Value {
    let family = spec.family();
    let agent = |l: &Listing| json!({ "name": l.name, "title": l.title, "about": l.about, "oracle": l.is_oracle });
    json!({
        "id": family.id(),
        "title": family.title(),
        "about": family.about(),
        "settings": spec.settings(),
        "fields": family.fields().iter().map(field).collect::<Vec<_>>(),
        "recommenders": agents(family).iter().map(agent).collect::<Vec<_>>(),
    })
}

/// A field of a table, as JSON.
fn field(f: &Field) -> Value {
    let default = f.default.and_then(|d| serde_json::from_str::<Value>(d).ok());
    json!({ "path": f.path, "label": f.label, "about": f.about, "unit": f.unit, "holds": holds(&f.kind), "default": default })
}

/// The recommenders.
pub fn recommenders(as_json: bool, out: &mut dyn Write) -> Done {
    if as_json {
        let setting = |s: &Setting| json!({ "name": s.name, "about": s.doc, "default": s.default, "min": s.min, "max": s.max, "whole": s.whole });
        let all: Vec<Value> = LIST
            .iter()
            .map(|l| {
                let settings: Vec<Value> = l.settings.iter().map(setting).collect();
                json!({ "name": l.name, "title": l.title, "about": l.about, "oracle": l.is_oracle, "settings": settings })
            })
            .collect();
        return json_line(out, &all.into());
    }
    let paint = Paint::stdout();
    for l in LIST {
        let oracle = if l.is_oracle { "  sees what no recommender may: a ceiling, no competitor" } else { "" };
        writeln!(out, "{}  {}{oracle}", paint.tone(Tone::Strong, &fit(l.name, 16)), l.title)?;
        paragraph(out, paint, l.about)?;
        for s in l.settings {
            let line = format!("recommender.settings.{} = {} ({} to {}): {}", s.name, s.default, s.min, s.max, s.doc);
            paragraph(out, paint, &line)?;
        }
    }
    Ok(Found::Good)
}

/// The conformance checks.
pub fn check(args: &CheckArgs, out: &mut dyn Write) -> Done {
    if let Some(found) = Spec::find(&args.scenario) {
        let spec = found.map_err(said)?;
        let checks = check::check(&spec.env().map_err(said)?);
        return report(args, spec.family().id(), &checks, out);
    }
    let mut scenario = load::scenario(&args.scenario)?;
    let imported = args.catalog.as_deref().map(|path| load::bring(&mut scenario, path)).transpose()?;
    let stage = load::built(scenario, imported)?;
    let env = Env::of(stage.scenario.clone(), stage.world.clone()).map_err(said)?;
    report(args, &stage.scenario.id, &check::check(&env), out)
}

fn report(args: &CheckArgs, id: &str, checks: &[Check], out: &mut dyn Write) -> Done {
    let passed = checks.iter().all(|c| c.passed);
    if args.json {
        json_line(out, &json!({ "scenario": id, "passed": passed, "checks": checks }))?;
    } else {
        let paint = Paint::stdout();
        for c in checks {
            let mark = if c.passed { paint.tone(Tone::Good, "kept  ") } else { paint.tone(Tone::Voice, "BROKEN") };
            writeln!(out, "{mark}  {}  {}", fit(&c.name, 16), c.promise)?;
            if !c.passed || !c.seen.is_empty() {
                writeln!(out, "                          {}", paint.tone(Tone::Faint, &safe(&c.seen)))?;
            }
        }
        let broken = checks.iter().filter(|c| !c.passed).count();
        let verdict = if passed { "keeps all its promises".to_owned() } else { format!("breaks {broken}") };
        writeln!(out, "{} {verdict} ({} checked).", safe(id), checks.len())?;
    }
    Ok(if passed { Found::Good } else { Found::Bad })
}

/// Schemas and the table of fields.
pub fn schema(what: SchemaOf, as_json: bool, out: &mut dyn Write) -> Done {
    match what {
        SchemaOf::Scenario => write!(out, "{}", schemas::scenario())?,
        SchemaOf::Trajectory => write!(out, "{}", schemas::trajectory())?,
        SchemaOf::Env => write!(out, "{}", schemas::env())?,
        SchemaOf::Fields if as_json => {
            let all: Vec<Value> = FIELDS.iter().map(field).collect();
            return json_line(out, &all.into());
        }
        SchemaOf::Fields => {
            let paint = Paint::stdout();
            for f in FIELDS {
                let default = f.default.map_or("must be given".to_owned(), |d| format!("{d} if left out"));
                writeln!(out, "{}  {}; {default}", paint.tone(Tone::Strong, f.path), holds(&f.kind))?;
                let unit = if f.unit.is_empty() { String::new() } else { format!(" Unit: {}.", f.unit) };
                paragraph(out, paint, &format!("{}{unit}", f.about))?;
            }
        }
    }
    Ok(Found::Good)
}

/// What a field takes, in words.
fn holds(kind: &Kind) -> String {
    match kind {
        Kind::Text { most } => format!("text of at most {most} characters"),
        Kind::Texts { entries, .. } => format!("a list of at most {entries}, by commas"),
        Kind::Number { min, max, .. } => format!("{min} to {max}"),
        Kind::Whole { min, max, .. } => format!("whole number, {min} to {max}"),
        Kind::Flag => "on or off".to_owned(),
        Kind::Choice(options) => options.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(", "),
        Kind::Seed => format!("whole number, 0 to {}", u64::MAX),
        Kind::Numbers { min, max, .. } => format!("{min} to {max}, * being the name; nothing takes it away"),
    }
}
