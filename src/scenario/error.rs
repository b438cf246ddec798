//! What is wrong with a scenario: said so that a person can mend it.

use core::fmt;

/// What is wrong with a scenario, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The field, as a path such as `persona.traits.patience`; empty where it concerns the file as a whole.
    pub field: String,
    /// Line and column in the file, from 1, where the scenario was read from text.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub what: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl ScenarioError {
    /// An error about a field (or, with an empty field, about the whole).
    #[must_use]
    pub fn new(field: impl Into<String>, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { field: field.into(), place: None, what: what.into(), hint: hint.into() }
    }

    /// The same error with its line and column.
    #[must_use]
    pub fn at(mut self, place: Option<(usize, usize)>) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "`{}` ", self.field)?;
        }
        write!(f, "{}.", self.what)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}

/// The name among `known` that `name` was most likely meant to be, where one is near enough.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing is quadratic in length, and nobody means a known name by three hundred letters.
    if name.len() > 100 {
        return None;
    }
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::jaro_winkler(&wanted, &k.to_lowercase()), k))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k)
}

/// "Did you mean …?", or `otherwise` where nothing is near.
#[must_use]
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match nearest(name, known) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => otherwise.to_owned(),
    }
}

/// `text` cut to what fits in a message, with control characters made visible.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let mut out: String = text.chars().take(40).flat_map(|c| c.escape_debug()).collect();
    if text.chars().nth(40).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_what_and_what_to_do() {
        let e = ScenarioError::new("slate_size", "is 99; allowed are 1 to 20", "Try 8.").at(Some((3, 9)));
        assert_eq!(e.to_string(), "line 3, column 9: `slate_size` is 99; allowed are 1 to 20. Try 8.");
    }

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        assert_eq!(nearest("slate_szie", ["seed", "slate_size"]), Some("slate_size"));
        assert_eq!(nearest("qqq", ["seed", "slate_size"]), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), ["seed"]), None);
    }
}
