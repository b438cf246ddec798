//! Items from a file.

use super::{Problem, load, paint::safe, said};
use crate::catalog::{
    Catalog,
    import::{File, MAX_BYTES, import},
};
use std::{
    io::{self, Write},
    path::Path,
};

/// The most problems with single rows that are told.
const MOST_TOLD: usize = 10;

/// Reads a catalogue; what was wrong with single rows is told on standard error.
pub fn read(path: &Path) -> Result<Catalog, Problem> {
    let bytes = load::read(path, MAX_BYTES)?;
    let name = path.file_name().map_or_else(|| "items".into(), |n| n.to_string_lossy().into_owned());
    let (catalog, report) =
        import(vec![File { name, bytes }], None).map_err(|e| said(format!("{}: {e}", path.display())))?;
    let listed = report.problems.iter().take(MOST_TOLD);
    let mut err = io::stderr();
    // What cannot be told is no reason to stop: the import itself went well.
    for problem in listed {
        let _ = writeln!(err, "{}: {}", path.display(), safe(&problem.to_string()));
    }
    let more = report.problems.len().saturating_sub(MOST_TOLD) + report.more_problems;
    if more > 0 {
        let _ = writeln!(err, "{}: {more} more like these.", path.display());
    }
    Ok(catalog)
}
