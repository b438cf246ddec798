//! Catalogues and people from files: CSV, JSON, JSON lines, MovieLens, and what RecoWorld itself saved.
//!
//! The kind of a file is found from its content, the meaning of its columns is suggested and can be changed
//! ([`Mapping`]), and rows are read in slices, so that a page stays responsive:
//!
//! ```
//! use recoworld::catalog::import::{File, Importer};
//! let bytes = b"title,genre,minutes\nSlow ferries,Travel,3\nDumplings,Cooking,2\n".to_vec();
//! let mut importer = Importer::new(vec![File { name: "clips.csv".into(), bytes }], None)?;
//! assert_eq!(importer.look().mapping.topics.as_deref(), Some("genre"));
//! while !importer.step(1000).done {}
//! let (catalog, report) = importer.finish()?;
//! assert_eq!((catalog.shelf.items.len(), report.rejected), (2, 0));
//! assert_eq!(catalog.shelf.items[0].duration_s, 180.0);
//! # Ok::<(), recoworld::catalog::import::ImportError>(())
//! ```
//!
//! **A catalogue is loaded whole or not at all.** Rows with errors are left out and reported by line and field; if none
//! is left, or more than half are bad, the file is refused. What the hidden half of an imported catalogue is made of is
//! said in [`truth`].

mod build;
mod decode;
mod fields;
mod mapping;
mod open;
mod people;
mod report;
mod rows;
mod sniff;

pub use build::{MAX_TOPICS, OTHER};
pub use fields::Unit;
pub use mapping::{Column, FIELDS, Field, Mapping};
pub use people::{MAX_PEOPLE, People, Person, people};
pub use report::{ImportError, MAX_PROBLEMS, PreviewRow, Problem, Report, Severity};

use super::{Catalog, MAX_ITEMS, Shelf, store, truth};
use crate::math::order;
use build::{Builder, Built, Ratings};
use open::{Opening, RatingTable};
use report::Problems;
use rows::{Next, Row, Rows};
use serde::{Deserialize, Serialize};

/// The most bytes that an import reads, over all of its files.
pub const MAX_BYTES: usize = 64 << 20;

/// A file as the person chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without folders.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What a file looks like before it is imported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// What kind of file it is.
    pub format: String,
    /// How its bytes were read.
    pub encoding: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Which column is taken for what.
    pub mapping: Mapping,
    /// What a person should know already.
    pub notices: Vec<String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Rows read so far, of items and of ratings.
    pub rows: usize,
    /// The share of the bytes that was read, from 0 to 1.
    pub share: f32,
    /// Whether all was read.
    pub done: bool,
}

/// An import under way.
pub struct Importer {
    look: Look,
    state: State,
    rows_read: usize,
    /// Bytes of rating tables that are finished.
    bytes_done: usize,
    bytes: usize,
}

enum State {
    /// A catalogue of our own: nothing to read row by row.
    Saved(Box<store::Loaded>),
    Reading(Box<Reading>),
    Refused(ImportError),
}

struct Reading {
    name: String,
    opened: Box<sniff::Opened>,
    /// Tables of ratings still to read; they come before the items.
    tables: Vec<RatingTable>,
    ratings: Option<Ratings>,
    /// Made when the ratings are known.
    builder: Option<Builder>,
    row: Row,
    problems: Problems,
    bad_ratings: usize,
    done: bool,
}

impl Importer {
    /// Opens files: one with items, and MovieLens' ratings and genre names where they are wanted. Without a mapping, the
    /// suggested one is taken ([`Importer::look`] shows it). The catalogue is named after the file.
    ///
    /// # Errors
    /// If a file is empty, too large, not text or no catalogue, or if the mapping names columns that are not there.
    pub fn new(files: Vec<File>, mapping: Option<Mapping>) -> Result<Self, ImportError> {
        let bytes = files.iter().map(|f| f.bytes.len()).sum();
        let (look, state) = match open::open(files)? {
            Opening::Saved(loaded, look) => (look, State::Saved(loaded)),
            Opening::Items { name, mut opened, tables, mut look } => {
                if opened.first.is_empty() {
                    return Err(why_nothing(&mut opened.rows));
                }
                look.mapping = mapping.unwrap_or(look.mapping);
                check_mapping(&look.mapping, &opened.columns)?;
                let row = opened.rows.row();
                let ratings = (!tables.is_empty()).then(Ratings::default);
                let problems = Problems::default();
                let reading = Reading {
                    name,
                    opened,
                    tables,
                    ratings,
                    builder: None,
                    row,
                    problems,
                    bad_ratings: 0,
                    done: false,
                };
                (look, State::Reading(Box::new(reading)))
            }
        };
        Ok(Self { look, state, rows_read: 0, bytes_done: 0, bytes })
    }

    /// What the file looks like, and the mapping that is used.
    #[must_use]
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Reads up to `most_rows` more rows.
    pub fn step(&mut self, most_rows: usize) -> Progress {
        let mut failed = None;
        if let State::Reading(reading) = &mut self.state {
            for _ in 0..most_rows {
                if reading.done {
                    break;
                }
                self.rows_read += 1;
                match reading.read_one(&self.look.mapping) {
                    Ok(finished_bytes) => self.bytes_done += finished_bytes,
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                }
            }
        }
        if let Some(error) = failed {
            self.state = State::Refused(error);
        }
        self.progress()
    }

    fn progress(&self) -> Progress {
        let (done, at) = match &self.state {
            State::Reading(r) => (r.done, self.bytes_done + r.bytes_read()),
            State::Saved(_) | State::Refused(_) => (true, self.bytes),
        };
        let share = if done { 1.0 } else { (at as f32 / self.bytes.max(1) as f32).min(1.0) };
        Progress { rows: self.rows_read, share, done }
    }

    /// Reads what is left and gives the catalogue.
    ///
    /// # Errors
    /// If the file breaks off, no row is good, more than half are bad, or there are more than [`MAX_ITEMS`] items.
    pub fn finish(mut self) -> Result<(Catalog, Report), ImportError> {
        while !self.step(usize::MAX).done {}
        match self.state {
            State::Refused(error) => Err(error),
            State::Saved(loaded) => Ok(report_saved(*loaded, &self.look)),
            State::Reading(reading) => reading.finish(self.look),
        }
    }
}

/// Imports files in one go.
///
/// # Errors
/// As [`Importer::new`] and [`Importer::finish`].
pub fn import(files: Vec<File>, mapping: Option<Mapping>) -> Result<(Catalog, Report), ImportError> {
    Importer::new(files, mapping)?.finish()
}

/// Why not one of the first rows could be read.
fn why_nothing(rows: &mut Rows) -> ImportError {
    let mut row = rows.row();
    let mut problems = Problems::default();
    loop {
        match rows.next(&mut row) {
            Next::Bad { what, fix, .. } => problems.error(rows.line(), None, what, fix),
            Next::Broken { what, fix } => return broken(rows.line(), what, fix, problems),
            Next::Row | Next::End => return no_items(problems),
        }
    }
}

fn no_items(problems: Problems) -> ImportError {
    let fix = if problems.kept.is_empty() {
        "Check that it has a row for each item."
    } else {
        "Mend the rows that are named, or choose other columns."
    };
    ImportError::with("The file has no items that can be used.", fix, problems)
}

/// The refusal of a file that breaks off in a line.
fn broken(line: u64, what: String, fix: &str, mut problems: Problems) -> ImportError {
    problems.error(line, None, what, fix);
    let what = format!("The file cannot be read beyond line {line}, so nothing was loaded.");
    ImportError::with(what, "Mend it and import it again.", problems)
}

fn check_mapping(mapping: &Mapping, columns: &[String]) -> Result<(), ImportError> {
    if columns.is_empty() {
        return Err(ImportError::whole(
            "The objects in the file have no fields.",
            "Write each item as {\"title\": …}.",
        ));
    }
    if mapping.title.is_none() {
        return Err(ImportError::whole(
            "No column holds titles.",
            "Choose the column that names the items, or call it “title”.",
        ));
    }
    Builder::new(mapping, columns, None).map(|_| ()).map_err(|what| {
        let known: Vec<&str> = columns.iter().map(String::as_str).take(30).collect();
        ImportError::whole(what, format!("Its columns are: {}.", known.join(", ")))
    })
}

impl Reading {
    fn bytes_read(&self) -> usize {
        self.tables.first().map_or_else(|| self.opened.rows.bytes_read(), |t| t.rows.bytes_read())
    }

    /// Reads one row, of a table of ratings first. Gives the bytes of a table that ended with it.
    fn read_one(&mut self, mapping: &Mapping) -> Result<usize, ImportError> {
        if let Some(table) = self.tables.first_mut() {
            let ratings = self.ratings.get_or_insert_default();
            let ended = table.read_one(ratings, &mut self.problems, &mut self.bad_ratings);
            if !ended {
                return Ok(0);
            }
            if self.bad_ratings > ratings.count {
                let problems = std::mem::take(&mut self.problems);
                return Err(ImportError::with(
                    "More than half of the ratings cannot be read.",
                    "Mend their file.",
                    problems,
                ));
            }
            let bytes = self.tables.remove(0).rows.bytes_read();
            return Ok(bytes);
        }
        if self.builder.is_none() {
            let builder = Builder::new(mapping, &self.opened.columns, self.ratings.take());
            self.builder = Some(builder.map_err(|what| ImportError::whole(what, "Choose another column."))?);
        }
        if let Some(builder) = &mut self.builder {
            self.done = read_item(&mut self.opened.rows, &mut self.row, builder)?;
        }
        Ok(0)
    }

    fn finish(self, look: Look) -> Result<(Catalog, Report), ImportError> {
        let Some(mut builder) = self.builder else { return Err(no_items(Problems::default())) };
        let rejected = builder.rejected;
        if builder.len() == 0 {
            return Err(no_items(builder.problems));
        }
        if rejected > builder.len() {
            return Err(ImportError::with(
                format!("{rejected} of {} rows are bad, so nothing was loaded.", rejected + builder.len()),
                "Mend the file, or choose other columns.",
                builder.problems,
            ));
        }
        builder.problems.append_front(self.problems);
        tell_missing(&look, &mut builder.problems);
        let Built { shelf, rejected, problems } = builder.finish(&self.name);
        let truth = truth::of(&shelf);
        let report = report(&shelf, look, rejected, problems);
        Ok((Catalog { shelf, truth, ..Catalog::default() }, report))
    }
}

/// Reads one item's row; `true` at the end.
fn read_item(rows: &mut Rows, row: &mut Row, builder: &mut Builder) -> Result<bool, ImportError> {
    match rows.next(row) {
        Next::End => Ok(true),
        Next::Row if builder.is_full() => Err(ImportError::whole(
            format!("The file has more than {MAX_ITEMS} items."),
            "Keep the part that you need and import that.",
        )),
        Next::Row => {
            builder.add(row, rows.line());
            Ok(false)
        }
        Next::Bad { what, fix, lines } => {
            builder.problems.error(rows.line(), None, what, fix);
            builder.rejected += lines as usize;
            Ok(false)
        }
        Next::Broken { what, fix } => {
            let problems = std::mem::take(&mut builder.problems);
            Err(broken(rows.line(), what, fix, problems))
        }
    }
}

/// Says which of the fields that matter are not in the file at all.
fn tell_missing(look: &Look, problems: &mut Problems) {
    for notice in &look.notices {
        problems.notice(None, None, notice.clone(), "");
    }
    let mut tell = |missing: bool, field: &str, fix: &str| {
        if missing {
            problems.notice(None, Some(field), "No column holds it.".into(), fix);
        }
    };
    let m = &look.mapping;
    tell(m.topics.is_none(), "topics", "All items are under “Other”, so tastes can hardly differ.");
    tell(m.duration.is_none() && m.default_duration_s.is_none(), "duration", "Ten minutes are assumed for each.");
}

fn report(shelf: &Shelf, look: Look, rejected: usize, problems: Problems) -> Report {
    let mut topics: Vec<(String, usize)> = shelf.topics.iter().map(|t| (t.clone(), 0)).collect();
    for item in &shelf.items {
        topics[usize::from(item.topics[0])].1 += 1;
    }
    order::sort_by(&mut topics, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let row = |item: &super::Item| PreviewRow {
        title: item.title.clone(),
        topics: item.topics.iter().map(|t| shelf.topics[usize::from(*t)].clone()).collect(),
        creator: shelf.creators[item.creator as usize].clone(),
        duration_s: item.duration_s,
        rating: item.rating,
    };
    Report {
        format: look.format,
        encoding: look.encoding,
        mapping: look.mapping,
        items: shelf.items.len(),
        rejected,
        problems: problems.kept,
        more_problems: problems.more,
        preview: shelf.items.iter().take(8).map(row).collect(),
        topics,
        digest: store::digest(shelf),
    }
}

fn report_saved(loaded: store::Loaded, look: &Look) -> (Catalog, Report) {
    let mut problems = Problems::default();
    if !loaded.untouched {
        problems.notice(None, None, "The file was changed after it was saved.".into(), "It was taken as it is now.");
    }
    let report = report(&loaded.catalog.shelf, look.clone(), 0, problems);
    (loaded.catalog, report)
}

/// Text for display (see [`fields::clean`]), cut without a word about it.
pub(super) fn clean(text: &str, longest: usize) -> String {
    fields::clean(text, longest).0
}

/// The start of a text, for a message.
pub(super) fn short(text: &str) -> String {
    fields::short(text)
}

/// Whether an address may be shown as a picture.
pub(super) fn safe_address(address: &str) -> bool {
    build::safe_address(address)
}
