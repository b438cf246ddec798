//! What kind of file a text is, by its content.

use super::{
    mapping::{Mapping, simplified},
    rows::{Lines, Next, Row, Rows},
};
use csv::StringRecord;
use serde::de::IgnoredAny;
use serde_json::Value;

/// How many rows are looked at before the columns are named.
pub const LOOK: usize = 200;

/// The most columns of delimited text: beyond it, the file was cut at the wrong places or is no table of items.
pub const MOST_COLUMNS: usize = 1_000;

/// MovieLens 100k's genres, in the order of its flags.
const GENRES: &str = "unknown|Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western";

/// What a file turned out to be.
pub enum Kind {
    /// Items.
    Items(Opened),
    /// Ratings of items by people: places of the item and of the rating in a row.
    Ratings(Opened, usize, usize),
    /// The names of MovieLens 100k's genres.
    GenreNames(Vec<String>),
    /// A catalogue that RecoWorld saved.
    Saved(String),
    /// Something else, in words.
    Other(String),
}

/// A file ready to be read.
pub struct Opened {
    /// The format's name.
    pub format: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, at the first.
    pub rows: Rows,
    /// The first rows.
    pub first: Vec<Row>,
    /// What a person should know.
    pub notice: Option<String>,
}

/// Finds out what a text is.
pub fn open(text: String, name: &str) -> Kind {
    let start = text.trim_start();
    if is_markup(start) {
        return Kind::Other("a web page or XML".into());
    }
    if start.starts_with('{') && start.chars().take(400).collect::<String>().contains("\"recoworld/") {
        return saved(text);
    }
    if start.starts_with('[') {
        let at = text.len() - start.len() + 1;
        return json(Rows::Array { lines: Lines::new(text, at) }, "JSON, an array of items".into());
    }
    if start.starts_with('{') {
        let first_line = start.lines().next().unwrap_or_default();
        let whole = serde_json::from_str::<IgnoredAny>(first_line).is_ok();
        let more = start[first_line.len()..].trim_start().starts_with('{');
        return match find_array(start) {
            Some((key, at)) if !(whole && more) => {
                let at = text.len() - start.len() + at;
                json(Rows::Array { lines: Lines::new(text, at) }, format!("JSON, the array “{key}”"))
            }
            _ => json(Rows::JsonLines { lines: Lines::new(text, 0) }, "JSON lines".into()),
        };
    }
    if serde_json::from_str::<IgnoredAny>(start).is_ok() {
        return Kind::Other("a single JSON value, not a list of items".into());
    }
    movielens(text, name).unwrap_or_else(delimited)
}

/// Whether a text declares itself as a page or a document. A title may well start with another tag.
fn is_markup(text: &str) -> bool {
    let start: String = text.chars().take(9).collect::<String>().to_ascii_lowercase();
    ["<!doctype", "<html", "<?xml"].iter().any(|mark| start.starts_with(mark))
}

fn saved(text: String) -> Kind {
    let schema = text.split("\"recoworld/").nth(1).and_then(|t| t.split('"').next()).unwrap_or_default();
    if schema.starts_with("catalog-") {
        return Kind::Saved(text);
    }
    Kind::Other(format!("a RecoWorld file of the kind “{}”, which holds no items", super::fields::short(schema)))
}

/// The first array of objects in a JSON object, one called items before others: its key and the byte after its bracket.
fn find_array(text: &str) -> Option<(String, usize)> {
    const USUAL: [&str; 6] = ["items", "people", "results", "data", "movies", "products"];
    let mut at = 1;
    let mut found = None;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n', ',']).len();
        let (key, read) = one::<String>(&text[at..])?;
        at += read;
        at += text[at..].find(|c: char| !c.is_whitespace())?;
        if !text[at..].starts_with(':') {
            return found;
        }
        at += 1;
        at += text[at..].find(|c: char| !c.is_whitespace())?;
        if text[at..].starts_with('[') && text[at + 1..].trim_start().starts_with(['{', ']']) {
            let usual = USUAL.contains(&key.to_lowercase().as_str());
            if usual || found.is_none() {
                found = Some((key, at + 1));
            }
            if usual {
                return found;
            }
        }
        match one::<IgnoredAny>(&text[at..]) {
            Some((_, read)) => at += read,
            None => return found,
        }
        if text[at..].trim_start().starts_with('}') {
            return found;
        }
    }
}

/// One JSON value at the start of a text, and its length.
fn one<T: serde::de::DeserializeOwned>(text: &str) -> Option<(T, usize)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = stream.next()?.ok()?;
    Some((value, stream.byte_offset()))
}

fn json(mut rows: Rows, format: String) -> Kind {
    let start = match &rows {
        Rows::Array { lines } | Rows::JsonLines { lines } => lines.at,
        _ => 0,
    };
    let first = take(&mut rows, LOOK);
    rewind(&mut rows, start);
    let mut columns = Vec::new();
    for row in &first {
        if let Row::Json(value) = row {
            name_keys(value, "", &mut columns);
        }
    }
    Kind::Items(Opened { format, columns, rows, first, notice: None })
}

/// Adds the keys of an object, and dotted those of objects in it; at most 200.
fn name_keys(value: &Value, prefix: &str, columns: &mut Vec<String>) {
    let Value::Object(map) = value else { return };
    for (key, inner) in map {
        let name = format!("{prefix}{key}");
        if columns.len() < 200 && !columns.contains(&name) {
            columns.push(name);
        }
        if prefix.is_empty() && inner.is_object() {
            name_keys(inner, &format!("{key}."), columns);
        }
    }
}

fn rewind(rows: &mut Rows, start: usize) {
    if let Rows::Array { lines } | Rows::JsonLines { lines } | Rows::Split { lines, .. } = rows {
        let text = std::mem::take(&mut lines.text);
        *lines = Lines::new(text, start);
    }
}

/// The first rows that can be read.
fn take(rows: &mut Rows, most: usize) -> Vec<Row> {
    let mut out = Vec::new();
    for _ in 0..most {
        let mut row = rows.row();
        match rows.next(&mut row) {
            Next::Row => out.push(row),
            Next::Bad { .. } => {}
            Next::Broken { .. } | Next::End => break,
        }
    }
    out
}

/// The first lines that are not blank.
fn head(text: &str) -> Vec<&str> {
    text.lines().filter(|l| !l.trim().is_empty()).take(50).collect()
}

/// MovieLens' own formats, recognised by shape.
fn movielens(text: String, name: &str) -> Result<Kind, String> {
    let lines = head(&text);
    let shape = |separator: &str, n: usize| !lines.is_empty() && lines.iter().all(|l| l.split(separator).count() == n);
    let numbers = |separator: &str| lines.iter().all(|l| l.split(separator).all(|p| p.trim().parse::<f64>().is_ok()));
    let split = |text, separator, columns, names: &[&str], format: &str| {
        let flags = (columns == 24).then(|| GENRES.split('|').map(String::from).collect());
        let mut rows = Rows::Split { lines: Lines::new(text, 0), separator, columns, flags };
        let first = take(&mut rows, LOOK);
        rewind(&mut rows, 0);
        let columns = names.iter().map(|n| (*n).to_string()).collect();
        Opened { format: format.into(), columns, rows, first, notice: None }
    };
    let ratings = ["user", "item", "rating", "time"];
    if shape("::", 3) {
        return Ok(Kind::Items(split(text, "::", 3, &["id", "title", "genres"], "MovieLens movies.dat")));
    }
    if shape("::", 4) && numbers("::") {
        return Ok(Kind::Ratings(split(text, "::", 4, &ratings, "MovieLens ratings.dat"), 1, 2));
    }
    if shape("\t", 4) && numbers("\t") {
        return Ok(Kind::Ratings(split(text, "\t", 4, &ratings, "MovieLens u.data"), 1, 2));
    }
    let flags = |l: &&str| l.split('|').skip(5).all(|f| f.trim() == "0" || f.trim() == "1");
    if shape("|", 24) && lines.iter().all(flags) {
        let names = ["id", "title", "date", "video date", "address", "genres"];
        return Ok(Kind::Items(split(text, "|", 24, &names, "MovieLens u.item")));
    }
    if (name.ends_with("u.genre") || text.trim_start().starts_with("unknown|0")) && shape("|", 2) {
        return Ok(Kind::GenreNames(lines.iter().filter_map(|l| l.split('|').next()).map(String::from).collect()));
    }
    if shape("::", 5) || (name.ends_with("u.user") && shape("|", 5)) {
        return Ok(Kind::Other("MovieLens' list of users".into()));
    }
    Err(text)
}

/// The separator whose count in the first line comes again in the most lines.
fn separator(lines: &[&str]) -> u8 {
    let count = |line: &str, separator: u8| {
        let mut quoted = false;
        line.bytes()
            .filter(|b| {
                quoted ^= *b == b'"';
                !quoted && *b == separator
            })
            .count()
    };
    let score = |separator: u8| {
        let header = lines.first().map_or(0, |l| count(l, separator));
        let alike = lines.iter().filter(|l| count(l, separator) == header).count();
        if header == 0 { 0 } else { alike * 100 / lines.len() + header.min(20) }
    };
    // The first of equals wins, so the order is the order of custom.
    let mut best = (b',', score(b','));
    for separator in [b';', b'\t', b'|'] {
        let points = score(separator);
        if points > best.1 {
            best = (separator, points);
        }
    }
    best.0
}

fn delimited(text: String) -> Kind {
    let separator = separator(&head(&text));
    let first = first_records(&text, separator);
    let Some(top) = first.first().cloned() else { return Kind::Other("an empty file".into()) };
    let width = top.len();
    if width > MOST_COLUMNS {
        return Kind::Other(format!("a table of {width} columns, and at most {MOST_COLUMNS} can be read"));
    }
    let header = is_header(&first);
    let columns = column_names(&top, header);
    let rows = Rows::csv(text, separator, width, header);
    let first: Vec<Row> =
        first.into_iter().skip(usize::from(header)).filter(|r| r.len() == width).map(Row::Fields).collect();
    let ratings = rating_places(&columns);
    let format = match separator {
        b'\t' => "tab-separated text",
        b';' => "CSV with semicolons",
        b'|' => "CSV with bars",
        _ => "CSV",
    };
    let notice = (!header)
        .then(|| "The first row looks like data, not like a header, so the columns are called by their number.".into());
    let opened = Opened { format: format.into(), columns, rows, first, notice };
    match ratings {
        Some((item, rating)) => Kind::Ratings(opened, item, rating),
        None => Kind::Items(opened),
    }
}

/// The first records, from a copy of the start of the text.
fn first_records(text: &str, separator: u8) -> Vec<StringRecord> {
    const START: usize = 1 << 20;
    let mut end = text.len().min(START);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(&text.as_bytes()[..end]);
    let mut out = Vec::new();
    let mut record = StringRecord::new();
    while out.len() <= LOOK && matches!(reader.read_record(&mut record), Ok(true)) {
        out.push(record.clone());
    }
    if end < text.len() && out.len() <= LOOK && out.len() > 1 {
        // The last one was cut.
        out.pop();
    }
    out
}

/// Whether the first record names the columns: it holds a usual name, or no numbers while later ones do.
fn is_header(records: &[StringRecord]) -> bool {
    let Some(top) = records.first() else { return false };
    let numeric = |field: &str| field.trim().parse::<f64>().is_ok();
    let known = top.iter().filter(|f| Mapping::knows(f)).count();
    if known > 1 || known == 1 && !top.iter().any(numeric) {
        return true;
    }
    if top.iter().any(|f| numeric(f) || f.trim().is_empty() || f.len() > 60) {
        return false;
    }
    top.len() > 1 && (records.len() == 1 || records[1..].iter().any(|r| r.iter().any(numeric)))
}

/// The header's names, made distinct, or numbers where there is none.
fn column_names(top: &StringRecord, header: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (i, field) in top.iter().enumerate() {
        let (name, _) = super::fields::clean(field, 80);
        let numbered = format!("column {}", i + 1);
        let name = if !header || name.is_empty() { numbered } else { name };
        let name = if out.contains(&name) { format!("{name} ({})", i + 1) } else { name };
        out.push(name);
    }
    out
}

/// Where a table of ratings has the item and the rating: it also has a user, and no title.
fn rating_places(columns: &[String]) -> Option<(usize, usize)> {
    let plain: Vec<String> = columns.iter().map(|c| simplified(c)).collect();
    let find = |names: &[&str]| plain.iter().position(|c| names.contains(&c.as_str()));
    find(&["userid", "user"])?;
    if find(&["title", "name", "headline"]).is_some() {
        return None;
    }
    Some((find(&["movieid", "itemid", "item", "movie", "productid", "bookid"])?, find(&["rating", "score"])?))
}
