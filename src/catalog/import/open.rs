//! From files to an import: which of them holds the items, and what the others add.

use super::{
    File, Look, MAX_BYTES,
    build::Ratings,
    decode, fields,
    mapping::{self, Mapping},
    report::{ImportError, Problems},
    rows::{Next, Place, Row, Rows},
    sniff::{self, Kind, Opened},
};
use crate::catalog::store;

/// Files, opened.
pub enum Opening {
    /// A catalogue that RecoWorld saved.
    Saved(Box<store::Loaded>, Look),
    /// Items, with tables of ratings.
    Items {
        /// The catalogue's name.
        name: String,
        /// The items.
        opened: Box<Opened>,
        /// The ratings.
        tables: Vec<RatingTable>,
        /// What the person sees first.
        look: Look,
    },
}

/// A table of ratings of items by people.
pub struct RatingTable {
    /// Its rows.
    pub rows: Rows,
    row: Row,
    item: Place,
    rating: Place,
}

impl RatingTable {
    /// Reads one row into the sums; `true` at the end.
    pub fn read_one(&mut self, ratings: &mut Ratings, problems: &mut Problems, bad: &mut usize) -> bool {
        let what = match self.rows.next(&mut self.row) {
            Next::End | Next::Broken { .. } => return true,
            Next::Bad { what, .. } => what,
            Next::Row => match (fields::text(self.item.read(&self.row)), fields::number(self.rating.read(&self.row))) {
                (Some(item), Ok(Some(rating))) => {
                    ratings.add(&item, rating);
                    return false;
                }
                (_, Err(what)) => what,
                _ => "The item or the rating is missing.".into(),
            },
        };
        problems.error(self.rows.line(), Some("ratings"), what, "The rating was left out.");
        *bad += 1;
        false
    }
}

/// Opens files and sorts them out.
pub fn open(files: Vec<File>) -> Result<Opening, ImportError> {
    check_sizes(&files)?;
    let mut sorted = Sorted::default();
    for file in files {
        sorted.add(file)?;
    }
    sorted.opening()
}

fn check_sizes(files: &[File]) -> Result<(), ImportError> {
    if files.is_empty() {
        return Err(ImportError::whole("There is no file.", "Choose one."));
    }
    if let Some(empty) = files.iter().find(|f| f.bytes.iter().all(u8::is_ascii_whitespace)) {
        let what = format!("“{}” is empty.", fields::short(&empty.name));
        return Err(ImportError::whole(what, "Choose a file with a row for each item."));
    }
    let bytes: usize = files.iter().map(|f| f.bytes.len()).sum();
    if bytes > MAX_BYTES {
        let what = format!("The files hold {} MB; at most {} MB can be read.", bytes >> 20, MAX_BYTES >> 20);
        return Err(ImportError::whole(what, "Keep the part that you need and import that."));
    }
    Ok(())
}

/// Files by what they are.
#[derive(Default)]
struct Sorted {
    saved: Option<(Box<store::Loaded>, &'static str)>,
    items: Vec<(String, Opened, &'static str)>,
    tables: Vec<RatingTable>,
    genres: Option<Vec<String>>,
    others: Vec<String>,
    notices: Vec<String>,
}

impl Sorted {
    fn add(&mut self, file: File) -> Result<(), ImportError> {
        let name = fields::short(&file.name);
        let decoded = decode::decode(file.bytes).map_err(|kind| {
            ImportError::whole(format!("“{name}” is {kind}."), "Import CSV, JSON or JSON lines, saved as UTF-8.")
        })?;
        self.notices.extend(decoded.notice);
        match sniff::open(decoded.text, &file.name) {
            Kind::Saved(text) => self.saved = Some((Box::new(store::load(&text)?), decoded.encoding)),
            Kind::Items(opened) => self.items.push((name, opened, decoded.encoding)),
            Kind::Ratings(opened, item, rating) => {
                let row = opened.rows.row();
                let place = |i: usize| Place::of(&opened.columns[i], &opened.columns);
                self.tables.push(RatingTable { item: place(item), rating: place(rating), row, rows: opened.rows });
            }
            Kind::GenreNames(names) => self.genres = Some(names),
            Kind::Other(what) => self.others.push(format!("“{name}” is {what}.")),
        }
        Ok(())
    }

    fn opening(mut self) -> Result<Opening, ImportError> {
        if let Some((loaded, encoding)) = self.saved {
            let look = Look {
                format: "RecoWorld catalogue".into(),
                encoding: encoding.into(),
                notices: self.notices,
                ..Look::default()
            };
            return Ok(Opening::Saved(loaded, look));
        }
        let Some(best) = self.best_items() else { return Err(self.no_items()) };
        let (name, mut opened, encoding) = self.items.swap_remove(best);
        for (other, _, _) in &self.items {
            self.notices.push(format!("“{other}” was not used; the items come from “{name}”."));
        }
        self.notices.append(&mut self.others);
        self.notices.extend(opened.notice.take());
        if let Rows::Split { flags, columns: 24, .. } = &mut opened.rows {
            // The usual names are there already.
            *flags = self.genres.take().filter(|g| g.len() == 19).or(flags.take());
        }
        let look = Look {
            format: opened.format.clone(),
            encoding: encoding.into(),
            columns: mapping::columns(&opened.columns, &opened.first),
            mapping: Mapping::suggest(&opened.columns, &opened.first),
            notices: self.notices,
        };
        let name = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_string();
        Ok(Opening::Items { name, opened: Box::new(opened), tables: self.tables, look })
    }

    /// The file of items that has a column known to hold titles, else the first.
    fn best_items(&self) -> Option<usize> {
        let titled = |o: &Opened| {
            let title = Mapping::suggest(&o.columns, &o.first).title;
            title.is_some_and(|t| mapping::simplified(&t).contains("title") || mapping::simplified(&t) == "name")
        };
        let by_title = self.items.iter().position(|(_, o, _)| titled(o));
        by_title.or_else(|| (!self.items.is_empty()).then_some(0))
    }

    fn no_items(self) -> ImportError {
        if !self.tables.is_empty() {
            let fix = "Add the file with the items too (for MovieLens movies.csv, movies.dat or u.item).";
            return ImportError::whole("These are ratings only.", fix);
        }
        let what = self.others.into_iter().next().unwrap_or_else(|| "The file holds no items.".into());
        ImportError::whole(what, "Choose a file with a row for each item.")
    }
}
