//! Rows of a file, one at a time and each with its line: of delimited text, of JSON arrays, of JSON lines.

use csv::StringRecord;
use serde_json::Value;
use std::io::Cursor;

/// A row of a file, reused from row to row.
pub enum Row {
    /// Fields in the order of the columns.
    Fields(StringRecord),
    /// A JSON object.
    Json(Value),
}

/// What one field of a row holds.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// Nothing.
    Missing,
    /// Text, not trimmed.
    Text(&'a str),
    /// Any JSON value but null and text.
    Json(&'a Value),
}

/// Where a field is found in a row.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The column's name.
    pub name: String,
    /// Its position, in delimited text.
    index: usize,
    /// Its path, in JSON, where the name as a whole is no key.
    path: Vec<String>,
}

impl Place {
    /// The place of a column, by name.
    pub fn of(name: &str, columns: &[String]) -> Self {
        let index = columns.iter().position(|c| c == name).unwrap_or(usize::MAX);
        Self { name: name.into(), index, path: name.split('.').map(String::from).collect() }
    }

    /// What a row holds there.
    pub fn read<'a>(&self, row: &'a Row) -> Cell<'a> {
        match row {
            Row::Fields(fields) => fields.get(self.index).map_or(Cell::Missing, Cell::Text),
            Row::Json(value) => {
                let found =
                    value.get(&self.name).or_else(|| self.path.iter().try_fold(value, |v, key| v.get(key.as_str())));
                match found {
                    None | Some(Value::Null) => Cell::Missing,
                    Some(Value::String(s)) => Cell::Text(s),
                    Some(other) => Cell::Json(other),
                }
            }
        }
    }
}

/// What came next in a file.
pub enum Next {
    /// A row.
    Row,
    /// A row that cannot be read, though the ones after it can; it took so many lines.
    Bad {
        /// What is wrong.
        what: String,
        /// What to do.
        fix: &'static str,
        /// How many lines it took.
        lines: u64,
    },
    /// Nothing after this can be read.
    Broken {
        /// What is wrong.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// The end.
    End,
}

/// A row longer than this many bytes is taken for a quotation mark that is never closed.
const LONGEST_ROW: usize = 12 << 20;

/// The rows of a file.
pub enum Rows {
    /// Delimited text with quotation marks.
    Csv {
        /// The reader.
        reader: Box<csv::Reader<Cursor<String>>>,
        /// The number of columns.
        columns: usize,
        /// The line of the last row.
        line: u64,
    },
    /// Lines parted by a separator, without quotation marks (MovieLens).
    Split {
        /// The text.
        lines: Lines,
        /// What parts the fields.
        separator: &'static str,
        /// How many fields each line has.
        columns: usize,
        /// MovieLens 100k's genre names, where the fields after the fifth are one flag each.
        flags: Option<Vec<String>>,
    },
    /// The elements of a JSON array.
    Array {
        /// The text, read up to the next element.
        lines: Lines,
    },
    /// A JSON object a line.
    JsonLines {
        /// The text.
        lines: Lines,
    },
}

/// Text with a reading position.
pub struct Lines {
    /// All of it.
    pub text: String,
    /// The byte where reading goes on.
    pub at: usize,
    /// The line of that byte, from 1.
    pub line: u64,
    /// The line of the last row.
    pub row_line: u64,
}

impl Lines {
    /// At the start of a text, or at a byte of it.
    pub fn new(text: String, at: usize) -> Self {
        let line = 1 + newlines(&text[..at]);
        Self { text, at, line, row_line: line }
    }

    /// The next line that is not blank: its bytes' range.
    fn next_line(&mut self) -> Option<(usize, usize)> {
        while self.at < self.text.len() {
            let start = self.at;
            let end = self.text[start..].find('\n').map_or(self.text.len(), |n| start + n);
            self.row_line = self.line;
            self.at = (end + 1).min(self.text.len());
            self.line += 1;
            if !self.text[start..end].trim().is_empty() {
                return Some((start, end));
            }
        }
        None
    }

    /// Skips white space.
    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        let skip = rest.len() - rest.trim_start_matches(JSON_SPACE).len();
        self.line += newlines(&rest[..skip]);
        self.at += skip;
    }

    /// Goes to the next element of a JSON array or to its closing bracket, over the comma that parts elements. `Err` says
    /// what is wrong with the commas.
    fn next_of_array(&mut self) -> Result<(), &'static str> {
        let is_first = self.text[..self.at].trim_end_matches(JSON_SPACE).ends_with('[');
        self.skip_space();
        self.row_line = self.line;
        let comma = self.text[self.at..].starts_with(',');
        if comma && is_first {
            return Err("A comma stands before the first element.");
        }
        if !comma {
            let ends = self.text[self.at..].is_empty() || self.text[self.at..].starts_with(']');
            return if is_first || ends { Ok(()) } else { Err("A comma is missing between two elements.") };
        }
        self.at += 1;
        self.skip_space();
        self.row_line = self.line;
        match self.text[self.at..].chars().next() {
            Some(',') => Err("Two commas follow one another."),
            Some(']') => Err("A comma stands after the last element."),
            _ => Ok(()),
        }
    }

    /// Whether text follows the closing bracket at the reading position of an array that is the whole file.
    fn goes_on_after_array(&self) -> bool {
        self.text.trim_start().starts_with('[') && !self.text[self.at + 1..].trim().is_empty()
    }
}

/// What JSON takes for white space.
const JSON_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|b| *b == b'\n').count() as u64
}

impl Rows {
    /// Rows of delimited text; the header, if there is one, must have been cut off by `skip` rows.
    pub fn csv(text: String, separator: u8, columns: usize, header: bool) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(Cursor::new(text));
        if header {
            // A header that could be read before can be read again.
            let _ = reader.read_record(&mut StringRecord::new());
        }
        Self::Csv { reader: Box::new(reader), columns, line: 1 }
    }

    /// An empty row of the right kind.
    pub fn row(&self) -> Row {
        match self {
            Self::Csv { .. } | Self::Split { .. } => Row::Fields(StringRecord::new()),
            Self::Array { .. } | Self::JsonLines { .. } => Row::Json(Value::Null),
        }
    }

    /// The line of the last row.
    pub fn line(&self) -> u64 {
        match self {
            Self::Csv { line, .. } => *line,
            Self::Split { lines, .. } | Self::Array { lines } | Self::JsonLines { lines } => lines.row_line,
        }
    }

    /// How many bytes were read.
    pub fn bytes_read(&self) -> usize {
        match self {
            Self::Csv { reader, .. } => reader.position().byte() as usize,
            Self::Split { lines, .. } | Self::Array { lines } | Self::JsonLines { lines } => lines.at,
        }
    }

    /// Reads the next row.
    pub fn next(&mut self, row: &mut Row) -> Next {
        match (self, row) {
            (Self::Csv { reader, columns, line }, Row::Fields(fields)) => next_csv(reader, *columns, line, fields),
            (Self::Split { lines, separator, columns, flags }, Row::Fields(fields)) => {
                next_split(lines, separator, *columns, flags.as_deref(), fields)
            }
            (Self::Array { lines }, Row::Json(value)) => next_element(lines, value),
            (Self::JsonLines { lines }, Row::Json(value)) => next_json_line(lines, value),
            _ => Next::End,
        }
    }
}

fn next_csv(
    reader: &mut csv::Reader<Cursor<String>>,
    columns: usize,
    line: &mut u64,
    fields: &mut StringRecord,
) -> Next {
    match reader.read_record(fields) {
        Ok(false) => return Next::End,
        Ok(true) => {}
        Err(error) => {
            return Next::Broken { what: format!("The row cannot be read ({error})."), fix: "Save the file as UTF-8." };
        }
    }
    *line = fields.position().map_or(*line, csv::Position::line);
    let lines = reader.position().line().saturating_sub(*line).max(1);
    if is_left_open(reader, fields) {
        let what = "A quotation mark in the row is never closed, so it runs to the end of the file.".into();
        return Next::Bad {
            what,
            fix: "Close the quotation mark, or double each one that belongs to the text.",
            lines,
        };
    }
    if fields.len() == columns && fields.as_slice().len() <= LONGEST_ROW {
        return Next::Row;
    }
    // An empty last field, from a separator at the end of the line, is no harm.
    if fields.len() == columns + 1 && fields.get(columns).is_some_and(|f| f.trim().is_empty()) {
        return Next::Row;
    }
    let what = format!("The row has {} fields where the first has {columns}.", fields.len());
    let fix = if lines > 3 {
        "A quotation mark in it may never be closed; double each mark that belongs to the text."
    } else {
        "Put fields that hold the separator in quotation marks."
    };
    Next::Bad { what, fix, lines }
}

/// Whether the last row of a file swallowed lines after a quotation mark that nothing closes: marks come in pairs.
fn is_left_open(reader: &csv::Reader<Cursor<String>>, fields: &StringRecord) -> bool {
    let text = reader.get_ref().get_ref().as_bytes();
    let end = reader.position().byte() as usize;
    let start = fields.position().map_or(end, |p| p.byte() as usize);
    let Some(row) = text.get(start..end).filter(|_| end >= text.len()) else { return false };
    row.trim_ascii().contains(&b'\n') && row.iter().filter(|b| **b == b'"').count() % 2 == 1
}

fn next_split(
    lines: &mut Lines,
    separator: &str,
    columns: usize,
    flags: Option<&[String]>,
    fields: &mut StringRecord,
) -> Next {
    let Some((start, end)) = lines.next_line() else { return Next::End };
    let parts: Vec<&str> = lines.text[start..end].trim_end_matches('\r').split(separator).collect();
    if parts.len() != columns {
        let what = format!("The line has {} fields where {columns} are expected.", parts.len());
        return Next::Bad { what, fix: "Look for a separator that belongs to the text.", lines: 1 };
    }
    fields.clear();
    let Some(flags) = flags else {
        parts.iter().for_each(|p| fields.push_field(p));
        return Next::Row;
    };
    parts[..5].iter().for_each(|p| fields.push_field(p));
    let set = parts[5..].iter().zip(flags).filter(|(flag, _)| **flag == "1");
    let names: Vec<&str> = set.map(|(_, name)| name.as_str()).collect();
    fields.push_field(&names.join("|"));
    Next::Row
}

fn next_element(lines: &mut Lines, value: &mut Value) -> Next {
    if let Err(what) = lines.next_of_array() {
        return Next::Broken { what: what.into(), fix: "Put one comma between elements and none after the last." };
    }
    let rest = &lines.text[lines.at..];
    if rest.is_empty() {
        return Next::Broken {
            what: "The file ends before the array is closed.".into(),
            fix: "The file seems cut off; get it again.",
        };
    }
    if rest.starts_with(']') {
        if lines.goes_on_after_array() {
            let what = "More text follows the end of the array.".into();
            return Next::Broken { what, fix: "Put all items into one array, or one a line into a .jsonl file." };
        }
        return Next::End;
    }
    let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    match stream.next() {
        Some(Ok(parsed)) => {
            let read = stream.byte_offset();
            lines.line += newlines(&rest[..read]);
            lines.at += read;
            if !parsed.is_object() {
                let what = "The element is not an object with named fields.".into();
                return Next::Bad { what, fix: "Write each item as {\"title\": …}.", lines: 1 };
            }
            *value = parsed;
            Next::Row
        }
        Some(Err(error)) => {
            lines.row_line = lines.line + (error.line() as u64).saturating_sub(1);
            // On the element's own line, the column counts from the element's start.
            let before = lines.text[..lines.at].bytes().rev().take_while(|b| *b != b'\n').count();
            let before = if error.line() == 1 { before } else { 0 };
            let fix = if error.is_eof() {
                "The file seems cut off; get it again."
            } else {
                "Mend the JSON there; nothing after it can be read."
            };
            Next::Broken { what: json_fault(&error, before), fix }
        }
        None => Next::End,
    }
}

fn next_json_line(lines: &mut Lines, value: &mut Value) -> Next {
    let Some((start, end)) = lines.next_line() else { return Next::End };
    let fix = "Each line must be one JSON object.";
    match serde_json::from_str::<Value>(&lines.text[start..end]) {
        Ok(parsed) if parsed.is_object() => {
            *value = parsed;
            Next::Row
        }
        Ok(_) => Next::Bad { what: "The line is not an object with named fields.".into(), fix, lines: 1 },
        Err(error) => Next::Bad { what: json_fault(&error, 0), fix, lines: 1 },
    }
}

/// What serde_json found wrong, its own line left out (it counts from the row's start), the column kept, `before` bytes
/// being before the row in its line.
fn json_fault(error: &serde_json::Error, before: usize) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or("malformed JSON");
    format!("The JSON is malformed in column {}: {what}.", before + error.column())
}
