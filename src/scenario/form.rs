//! How a form shows the table of fields: its parts, the limits in words, and errors at their field.

use super::{
    FIELDS, ScenarioError,
    fields::{Field, Kind},
};

/// A part of the form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Its heading.
    pub heading: &'static str,
    /// The paths that it holds; one that ends in a dot holds all that begin so.
    paths: &'static [&'static str],
    /// Whether it is open from the start.
    pub open: bool,
}

/// The parts, from the top.
#[rustfmt::skip]
pub static PARTS: &[Part] = &[
    Part { heading: "Scenario", paths: &["title", "about", "id"], open: true },
    Part { heading: "Session", paths: &["minutes", "representation", "slate_size", "candidates", "horizon", "instructions", "heard_bonus", "seed"], open: true },
    Part { heading: "Catalogue", paths: &["catalog."], open: false },
    Part { heading: "The user, as anybody may know them", paths: &["profile."], open: false },
    Part { heading: "The user's secret: taste and temper", paths: &["persona."], open: false },
    Part { heading: "Circumstances", paths: &["context."], open: false },
    Part { heading: "Recommender", paths: &["recommender."], open: false },
    Part { heading: "Reward: what each part weighs", paths: &["reward."], open: false },
];

/// Fields that no form changes: the format's name, and the digest of imported items.
const FIXED: [&str; 2] = ["schema", "catalog.digest"];

impl Part {
    /// Its fields, in the table's order.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        let paths = self.paths;
        let held = move |f: &Field| paths.iter().any(|p| f.path == *p || (p.ends_with('.') && f.path.starts_with(p)));
        FIELDS.iter().filter(move |f| !FIXED.contains(&f.path) && held(f))
    }
}

/// What may stand in a field, in words; empty where anything may.
#[must_use]
pub fn limits(field: &Field) -> String {
    let range = match field.kind {
        Kind::Number { min, max, .. } | Kind::Numbers { min, max, .. } => format!("{min} to {max}"),
        Kind::Whole { min, max, .. } => format!("{min} to {max}"),
        Kind::Texts { .. } => "separated by commas".to_owned(),
        Kind::Seed => "a whole number".to_owned(),
        _ => String::new(),
    };
    if field.unit.is_empty() { range } else { format!("{range} {}", field.unit).trim().to_owned() }
}

/// An error as it stands at its field: without the field's name, which is right above, and without its help, which is
/// right below.
#[must_use]
pub fn at_its_field(e: &ScenarioError) -> String {
    let mut what = e.what.clone();
    if let Some(first) = what.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    let help = FIELDS.iter().any(|f| f.about == e.hint);
    if e.hint.is_empty() || help { format!("{what}.") } else { format!("{what}. {}", e.hint) }
}

/// Where a line and column (from 1, in characters) stand in a browser's text area, whose offsets count UTF-16 units.
#[must_use]
pub fn utf16_offset(text: &str, line: usize, column: usize) -> usize {
    let before = line.saturating_sub(1);
    let lines: usize = text.split_inclusive('\n').take(before).map(|l| l.encode_utf16().count()).sum();
    let within = text.split('\n').nth(before).unwrap_or("");
    lines + within.chars().take(column.saturating_sub(1)).map(char::len_utf16).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_in_just_one_part() {
        for f in FIELDS.iter().filter(|f| !FIXED.contains(&f.path)) {
            let parts = PARTS.iter().filter(|p| p.fields().any(|g| g.path == f.path)).count();
            assert_eq!(parts, 1, "{}", f.path);
        }
    }

    #[test]
    fn limits_are_said_with_their_unit() {
        let said = |path: &str| FIELDS.iter().find(|f| f.path == path).map(limits).unwrap_or_default();
        assert_eq!(said("slate_size"), "1 to 20 items");
        assert_eq!(said("persona.traits.patience"), "0 to 1");
        assert_eq!(said("title"), "");
    }

    #[test]
    fn errors_at_a_field_repeat_neither_its_name_nor_its_help() {
        let help = FIELDS[0].about;
        let e = ScenarioError::new("slate_size", "is 99; allowed are 1 to 20", help);
        assert_eq!(at_its_field(&e), "Is 99; allowed are 1 to 20.");
        let e = ScenarioError::new("id", "is odd", "Change it.");
        assert_eq!(at_its_field(&e), "Is odd. Change it.");
    }

    #[test]
    fn places_in_a_text_area_count_as_browsers_do() {
        assert_eq!(utf16_offset("a\n😀b", 2, 2), 4);
        assert_eq!(utf16_offset("", 9, 9), 0);
    }
}
