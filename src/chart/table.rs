//! A chart's numbers as a table, for reading and for saving.

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Words(String),
    /// A number; it is shown with so many decimals and saved whole.
    Number(f64, usize),
    /// Nothing.
    Nothing,
}

impl Cell {
    /// As it is read.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Words(w) => w.clone(),
            Self::Number(v, decimals) => super::text::number(*v, *decimals),
            Self::Nothing => "–".into(),
        }
    }

    /// As it is saved.
    fn saved(&self) -> String {
        match self {
            Self::Words(w) => quoted(w),
            Self::Number(v, _) if v.is_finite() => format!("{v}"),
            Self::Number(..) | Self::Nothing => String::new(),
        }
    }
}

/// A table: the first column names the row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows, each with one cell a column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The table as CSV (RFC 4180). Words that a spreadsheet would run as a formula get an apostrophe before them, since
    /// they may come from somebody else's file.
    #[must_use]
    pub fn csv(&self) -> String {
        let head = self.columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(",");
        let mut out = format!("{head}\r\n");
        for row in &self.rows {
            out.push_str(&row.iter().map(Cell::saved).collect::<Vec<_>>().join(","));
            out.push_str("\r\n");
        }
        out
    }
}

fn quoted(words: &str) -> String {
    let guard = if words.starts_with(['=', '+', '-', '@', '\t']) { "'" } else { "" };
    if guard.is_empty() && !words.contains([',', '"', '\n', '\r']) {
        return words.to_owned();
    }
    format!("\"{guard}{}\"", words.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_reads_back_whole() {
        let table = Table {
            columns: vec!["Topic, named".into(), "Interest".into()],
            rows: vec![
                vec![Cell::Words("Say \"hi\"\nthere".into()), Cell::Number(0.123_456_789, 2)],
                vec![Cell::Words("=cmd()".into()), Cell::Nothing],
            ],
        };
        let text = table.csv();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), vec!["Topic, named", "Interest"]);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows[0], vec!["Say \"hi\"\nthere", "0.123456789"]);
        assert_eq!(rows[1], vec!["'=cmd()", ""]);
    }
}
