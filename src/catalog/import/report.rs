//! What an import says about itself.

use super::mapping::Mapping;
use serde::{Deserialize, Serialize};

/// The most problems that a report lists; the rest are counted.
pub const MAX_PROBLEMS: usize = 200;

/// How much a problem matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row was left out (or, in a refused import, the whole file).
    Error,
    /// The row was taken, with something changed or assumed.
    Notice,
}

/// Something that a person should know about the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line in the file, from 1, where there is one.
    pub line: Option<u64>,
    /// The field, as the mapping calls it, and its column.
    pub field: Option<String>,
    /// What was wrong.
    pub what: String,
    /// What to do, or what was done.
    pub fix: String,
    /// How much it matters.
    pub severity: Severity,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{} {}", self.what, self.fix)
    }
}

/// Problems, up to [`MAX_PROBLEMS`]; the rest are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// Those kept.
    pub kept: Vec<Problem>,
    /// How many more there were.
    pub more: usize,
}

impl Problems {
    /// Adds an error in a row.
    pub fn error(&mut self, line: u64, field: Option<&str>, what: String, fix: &str) {
        let field = field.map(String::from);
        self.push(Problem { line: Some(line), field, what, fix: fix.into(), severity: Severity::Error });
    }

    /// Adds a notice.
    pub fn notice(&mut self, line: Option<u64>, field: Option<&str>, what: String, fix: &str) {
        let field = field.map(String::from);
        self.push(Problem { line, field, what, fix: fix.into(), severity: Severity::Notice });
    }

    /// Puts problems of an earlier file before these.
    pub fn append_front(&mut self, earlier: Self) {
        let mut all = earlier;
        std::mem::swap(self, &mut all);
        self.more += all.more;
        all.kept.into_iter().for_each(|p| self.push(p));
    }

    fn push(&mut self, problem: Problem) {
        if self.kept.len() < MAX_PROBLEMS {
            self.kept.push(problem);
        } else {
            self.more += 1;
        }
    }
}

/// An item as a preview shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// The title.
    pub title: String,
    /// The names of the topics.
    pub topics: Vec<String>,
    /// Who made it.
    pub creator: String,
    /// How long it takes, seconds.
    pub duration_s: f32,
    /// The crowd's rating, 1 to 5.
    pub rating: Option<f32>,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What kind of file it was.
    pub format: String,
    /// How its bytes were read.
    pub encoding: String,
    /// The columns that were read.
    pub mapping: Mapping,
    /// How many items there are now.
    pub items: usize,
    /// How many rows were left out.
    pub rejected: usize,
    /// What a person should know, in the order of the file, notices about the whole last.
    pub problems: Vec<Problem>,
    /// How many more problems there were than are listed.
    pub more_problems: usize,
    /// The first items.
    pub preview: Vec<PreviewRow>,
    /// The topics with their numbers of items, the largest first.
    pub topics: Vec<(String, usize)>,
    /// The digest of the catalogue.
    pub digest: String,
}

/// Why a file was refused. Nothing was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportError {
    /// What was wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
    /// Where, as far as it can be said.
    pub problems: Vec<Problem>,
    /// How many more problems there were than are listed.
    pub more_problems: usize,
}

impl ImportError {
    /// An error about a file as a whole.
    pub fn whole(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into(), problems: Vec::new(), more_problems: 0 }
    }

    /// An error with the problems that led to it.
    pub fn with(what: impl Into<String>, fix: impl Into<String>, problems: Problems) -> Self {
        Self { problems: problems.kept, more_problems: problems.more, ..Self::whole(what, fix) }
    }
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.what, self.fix)?;
        for problem in self.problems.iter().take(5) {
            write!(f, "\n  {problem}")?;
        }
        let more = self.problems.len().saturating_sub(5) + self.more_problems;
        if more > 0 { write!(f, "\n  and {more} more.") } else { Ok(()) }
    }
}

impl std::error::Error for ImportError {}
