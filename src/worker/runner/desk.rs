//! The import desk: receives files in slices, reads them in slices, shows what would be taken, takes it.

use super::{Done, Runner, problem, words::clip};
use crate::{
    catalog::{
        Catalog,
        import::{self, FIELDS, Field, File, Importer, Look, Mapping, People, Problem, Report, Severity},
        represent::gallery::Gallery,
        store,
    },
    math::order,
    scenario,
    worker::{
        import::{ImportCommand, ImportError, ImportEvent, ImportKind, MAX_BYTES, Person, Preview, SLICE},
        protocol::Event,
    },
};
use std::{collections::BTreeMap, rc::Rc};

/// Rows read between two looks at the clock.
const ROWS: usize = 400;
/// The most imported catalogues kept; the oldest that is not open gives way.
const MAX_CATALOGS: usize = 4;
/// The most errors that a preview lists.
const LISTED: usize = 50;

/// What is being imported.
pub(super) struct Desk {
    kind: ImportKind,
    files: Vec<File>,
    sizes: Vec<u64>,
    reading: Option<Importer>,
    items: Option<(Catalog, Report)>,
    people: Option<People>,
    /// The items' own pictures, as they were kept.
    pictures: Vec<u8>,
}

impl Desk {
    /// Whether there is something to read.
    pub(super) fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes.len() as u64).sum()
    }

    fn receive(&mut self, file: usize, bytes: &[u8]) -> Result<ImportEvent, String> {
        let (Some(f), Some(&size)) = (self.files.get_mut(file), self.sizes.get(file)) else {
            return Err("The page sent a part of a file that it had not named.".into());
        };
        if bytes.len() > SLICE || f.bytes.len() as u64 + bytes.len() as u64 > size {
            return Err(format!("“{}” is larger than the browser said.", clip(&f.name, 60)));
        }
        f.bytes.extend_from_slice(bytes);
        Ok(progress(self.bytes(), self.sizes.iter().sum(), "receiving"))
    }

    /// Begins to read what was received.
    fn read(&mut self, mapping: Option<Mapping>) -> Result<Option<ImportEvent>, import::ImportError> {
        (self.items, self.people) = (None, None);
        if self.kind == ImportKind::Items {
            self.reading = Some(Importer::new(self.files.clone(), mapping)?);
            return Ok(None);
        }
        let file = self
            .files
            .first()
            .cloned()
            .ok_or_else(|| import::ImportError::whole("No file was chosen.", "Choose one with people in it."))?;
        let people = import::people(file)?;
        let preview = people_preview(&people);
        self.people = Some(people);
        Ok(Some(ImportEvent::Preview(Box::new(preview))))
    }

    /// Reads on for a slice.
    fn read_on(&mut self, clock: &dyn Fn() -> f64, until: f64) -> Option<ImportEvent> {
        let importer = self.reading.as_mut()?;
        loop {
            let p = importer.step(ROWS);
            if p.done {
                break;
            }
            if clock() >= until {
                return Some(progress((p.share * 1000.0) as u64, 1000, "reading"));
            }
        }
        let importer = self.reading.take()?;
        let look = importer.look().clone();
        Some(match importer.finish() {
            Ok((catalog, report)) => {
                let preview = items_preview(&look, &report);
                self.items = Some((catalog, report));
                ImportEvent::Preview(Box::new(preview))
            }
            // Other columns may do.
            Err(why) if why.problems.iter().any(|p| p.field.is_some()) => {
                ImportEvent::Preview(Box::new(nothing_preview(&look, &why)))
            }
            Err(why) => failed(&why),
        })
    }
}

impl Runner {
    pub(super) fn import(&mut self, command: ImportCommand, out: &mut Vec<Event>) -> Done {
        let refuse = |why: String| problem("Nothing was imported", why);
        let none = || problem("Nothing was imported", "Choose a file first.");
        match command {
            ImportCommand::Begin { kind, files } => {
                let total: u64 = files.iter().map(|f| f.1).sum();
                if total > MAX_BYTES {
                    let most = MAX_BYTES >> 20;
                    return Err(refuse(format!(
                        "The files have {} MB together; at most {most} are read.",
                        total >> 20
                    )));
                }
                let sizes = files.iter().map(|f| f.1).collect();
                let files = files.into_iter().map(|(name, _)| File { name: clip(&name, 200), bytes: Vec::new() });
                let files = files.collect();
                self.desk = Some(Box::new(Desk {
                    kind,
                    files,
                    sizes,
                    reading: None,
                    items: None,
                    people: None,
                    pictures: Vec::new(),
                }));
                out.push(Event::Import(progress(0, total, "receiving")));
            }
            ImportCommand::Slice { file, bytes } => {
                let desk = self.desk.as_mut().ok_or_else(none)?;
                out.push(Event::Import(desk.receive(file, &bytes).map_err(refuse)?));
            }
            ImportCommand::End => self.begin_reading(None, out).ok_or_else(none)?,
            ImportCommand::Map(columns) => {
                let mapping = mapping_of(&columns).map_err(refuse)?;
                self.begin_reading(Some(mapping), out).ok_or_else(none)?;
            }
            ImportCommand::Pictures(bytes) => self.desk.as_mut().ok_or_else(none)?.pictures = bytes,
            ImportCommand::Accept { name } => {
                let event = self.accept(&name).map_err(refuse)?;
                out.push(Event::Import(event));
            }
            ImportCommand::Cancel => self.desk = None,
        }
        Ok(())
    }

    fn begin_reading(&mut self, mapping: Option<Mapping>, out: &mut Vec<Event>) -> Option<()> {
        match self.desk.as_mut()?.read(mapping) {
            Ok(event) => out.extend(event.map(Event::Import)),
            Err(why) => out.push(Event::Import(failed(&why))),
        }
        Some(())
    }

    /// Reads on for a slice, where a file is being read.
    pub(super) fn import_on(&mut self, clock: &dyn Fn() -> f64, until: f64, out: &mut Vec<Event>) {
        if let Some(event) = self.desk.as_mut().and_then(|d| d.read_on(clock, until)) {
            out.push(Event::Import(event));
        }
    }

    fn accept(&mut self, name: &str) -> Result<ImportEvent, String> {
        let desk = self.desk.as_mut().ok_or("Choose a file first.")?;
        let name = match name.trim() {
            "" => "My catalogue".to_owned(),
            name => clip(name, 80),
        };
        let kind = desk.kind;
        // Taken before it is read to the end, as when the page brings back what was imported earlier.
        if let Some(importer) = desk.reading.take() {
            desk.items = Some(importer.finish().map_err(|e| format!("{} {}", e.what, e.fix))?);
        }
        if let Some(people) = desk.people.take() {
            let people: Vec<Person> =
                people.people.into_iter().map(|p| Person { profile: p.profile, persona: p.persona }).collect();
            let (count, digest, mapping) = (people.len(), String::new(), BTreeMap::new());
            let usual_duration_s = 0.0;
            self.desk = None;
            return Ok(ImportEvent::Accepted { kind, name, digest, count, usual_duration_s, mapping, people });
        }
        let (mut catalog, report) = desk.items.take().ok_or("There is nothing to take yet: the file was not read.")?;
        // What was kept by another version is brought anew on the Data page.
        let pictures = self.desk.take().map_or_else(Vec::new, |d| d.pictures);
        catalog.gallery = Rc::new(Gallery::from_bytes(&pictures, catalog.shelf.items.len()).unwrap_or_default());
        catalog.shelf.name.clone_from(&name);
        let digest = store::digest(&catalog.shelf);
        let count = catalog.shelf.items.len();
        let usual_duration_s = median(catalog.shelf.items.iter().map(|i| i.duration_s));
        self.keep_catalog(&digest, catalog);
        let mapping = columns_of(&report.mapping);
        Ok(ImportEvent::Accepted { kind, name, digest, count, usual_duration_s, mapping, people: Vec::new() })
    }

    fn keep_catalog(&mut self, digest: &str, catalog: Catalog) {
        let open = self.show.as_ref().and_then(|s| match &s.stage.scenario.catalog {
            scenario::CatalogSpec::Imported { digest, .. } => Some(digest.clone()),
            scenario::CatalogSpec::Synthetic { .. } => None,
        });
        while self.catalogs.len() >= MAX_CATALOGS {
            let Some(oldest) = self.catalogs.iter().position(|(d, _)| Some(d) != open.as_ref()) else { break };
            self.catalogs.remove(oldest);
        }
        self.catalogs.retain(|(d, _)| d != digest);
        self.catalogs.push((digest.to_owned(), catalog));
    }
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut all: Vec<f32> = values.collect();
    order::sort_by(&mut all, f32::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

fn progress(done: u64, total: u64, stage: &str) -> ImportEvent {
    ImportEvent::Progress { done, total, stage: stage.to_owned() }
}

/// The mapping as the page writes it: field → column, and `duration_unit` and `default_duration_s` as values.
pub(in crate::worker) fn mapping_of(columns: &BTreeMap<String, String>) -> Result<Mapping, String> {
    let mut mapping = Mapping::default();
    for (name, column) in columns {
        match name.as_str() {
            "duration_unit" => {
                let value = serde_json::Value::String(column.clone());
                mapping.duration_unit =
                    serde_json::from_value(value).map_err(|e| format!("The unit of durations is not known: {e}."))?;
            }
            "default_duration_s" => {
                let seconds = column.trim().parse::<f32>().ok().filter(|s| s.is_finite() && *s > 0.0);
                let why = "The duration of items that have none must be a number of seconds above 0.";
                mapping.default_duration_s = Some(seconds.ok_or(why)?);
            }
            name => {
                let field = FIELDS.into_iter().find(|f| f.name() == name);
                let field = field.ok_or_else(|| format!("“{}” is no field of an item.", clip(name, 40)))?;
                mapping.set(field, Some(column.clone()).filter(|c| !c.is_empty()));
            }
        }
    }
    Ok(mapping)
}

fn columns_of(mapping: &Mapping) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        FIELDS.into_iter().filter_map(|f| Some((f.name().to_owned(), mapping.get(f)?.to_owned()))).collect();
    if let Ok(serde_json::Value::String(unit)) = serde_json::to_value(mapping.duration_unit) {
        all.insert("duration_unit".into(), unit);
    }
    if let Some(seconds) = mapping.default_duration_s {
        all.insert("default_duration_s".into(), seconds.to_string());
    }
    all
}

fn about(field: Field) -> &'static str {
    match field {
        Field::Title => "The title; needed",
        Field::Id => "A name of its own for each item",
        Field::Text => "The description",
        Field::Topics => "Topics or genres",
        Field::Creator => "Who made it",
        Field::Duration => "How long it takes",
        Field::Quality => "A rating, on any scale",
        Field::Popularity => "How often it was chosen or rated",
        Field::Image => "The address of a picture",
    }
}

/// A notice: what was met, what was done about it, and where first.
fn noted(p: &Problem) -> String {
    let first = p.line.map_or_else(String::new, |line| format!(" (First at line {line}.)"));
    let field = p.field.as_ref().map_or_else(String::new, |field| format!("{field}: "));
    format!("{field}{} {}{first}", p.what, p.fix)
}

/// What is shown of a file whose rows cannot be used with these columns.
fn nothing_preview(look: &Look, why: &import::ImportError) -> Preview {
    let errors: Vec<ImportError> = errors_of(why);
    Preview {
        format: format!("{}, {}", look.format, look.encoding),
        columns: look.columns.iter().map(|c| clip(&c.name, 120)).collect(),
        fields: mappable(),
        mapping: columns_of(&look.mapping),
        errors_total: errors.len() + why.more_problems,
        errors,
        notes: look.notices.iter().map(|n| clip(n, 300)).take(LISTED).collect(),
        ..Preview::default()
    }
}

/// The fields that can be mapped.
fn mappable() -> Vec<(String, bool, String)> {
    FIELDS.into_iter().map(|f| (f.name().into(), f == Field::Title, about(f).into())).collect()
}

fn items_preview(look: &Look, report: &Report) -> Preview {
    let rows = report.preview.iter().map(|r| {
        let cell = |f: Field| match f {
            Field::Title => clip(&r.title, 120),
            Field::Topics => clip(&r.topics.join(", "), 120),
            Field::Creator => clip(&r.creator, 120),
            Field::Duration => super::words::duration(r.duration_s),
            Field::Quality => r.rating.map_or_else(String::new, |x| format!("{x:.1}")),
            Field::Id | Field::Text | Field::Popularity | Field::Image => String::new(),
        };
        FIELDS.into_iter().map(cell).collect()
    });
    let (errors, notices): (Vec<_>, Vec<_>) = report.problems.iter().partition(|p| p.severity == Severity::Error);
    // What was noticed at first sight is among them.
    let notes = notices.iter().map(|p| clip(&noted(p), 300));
    Preview {
        format: format!("{}, {}", report.format, report.encoding),
        columns: look.columns.iter().map(|c| clip(&c.name, 120)).collect(),
        fields: mappable(),
        mapping: columns_of(&report.mapping),
        rows: rows.collect(),
        taken: report.items,
        skipped: report.rejected,
        errors_total: errors.len() + report.more_problems,
        errors: errors.into_iter().take(LISTED).map(error).collect(),
        notes: notes.take(LISTED).collect(),
    }
}

fn people_preview(people: &People) -> Preview {
    let fields = ["name", "age", "about"];
    let rows = people
        .people
        .iter()
        .take(8)
        .map(|p| vec![clip(&p.profile.name, 120), p.profile.age.to_string(), clip(&p.profile.about, 120)]);
    Preview {
        format: "people".into(),
        fields: fields.iter().map(|f| ((*f).into(), *f == "name", String::new())).collect(),
        rows: rows.collect(),
        taken: people.people.len(),
        skipped: people.rejected,
        errors_total: people.problems.len() + people.more_problems,
        errors: people.problems.iter().take(LISTED).map(error).collect(),
        ..Preview::default()
    }
}

fn error(p: &import::Problem) -> ImportError {
    let message = format!("{} {}", clip(&p.what, 300), clip(&p.fix, 300));
    ImportError { file: String::new(), line: p.line, field: p.field.clone().unwrap_or_default(), message }
}

fn failed(why: &import::ImportError) -> ImportEvent {
    ImportEvent::Failed { errors: errors_of(why) }
}

/// Why as a whole, then line by line.
fn errors_of(why: &import::ImportError) -> Vec<ImportError> {
    let message = format!("{} {}", clip(&why.what, 300), clip(&why.fix, 300));
    let whole = ImportError { message, ..ImportError::default() };
    std::iter::once(whole).chain(why.problems.iter().take(LISTED).map(error)).collect()
}
