//! From bytes to text: UTF-8, UTF-16 with a byte-order mark, else Latin-1.

/// Text, and how its bytes were read.
pub struct Decoded {
    /// The text.
    pub text: String,
    /// The encoding's name.
    pub encoding: &'static str,
    /// What a person should know about it.
    pub notice: Option<String>,
}

/// Reads bytes as text. `Err` says what kind of file it is instead, for files that are no text at all.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, &'static str> {
    if let Some(kind) = not_text(&bytes) {
        return Err(kind);
    }
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => return Ok(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => return Ok(utf16(rest, u16::from_be_bytes)),
        _ => {}
    }
    let zeros = bytes.iter().take(4096).filter(|b| **b == 0).count();
    if zeros > 8 {
        return Err("text in an unmarked encoding, or no text at all (it holds zero bytes)");
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Ok(Decoded { text, encoding: "UTF-8", notice: None })
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let line = 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
            let notice = format!("Line {line} is not UTF-8, so the file was read as Latin-1; check the accents.");
            let text = bytes.into_iter().map(char::from).collect();
            Ok(Decoded { text, encoding: "Latin-1", notice: Some(notice) })
        }
    }
}

fn not_text(bytes: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 9] = [
        (b"PK\x03\x04", "a zip archive or a spreadsheet"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"%PDF", "a PDF"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"SQLite format 3", "a database"),
        (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    ];
    MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, kind)| *kind)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks_exact(2).map(|b| unit([b[0], b[1]]));
    let mut damaged = bytes.len() % 2;
    let mut text: String = char::decode_utf16(units)
        .map(|c| {
            c.unwrap_or_else(|_| {
                damaged += 1;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    // A second mark is no text either.
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let notice =
        (damaged > 0).then(|| format!("{damaged} places of the UTF-16 text are damaged and show as \u{fffd}."));
    Decoded { text, encoding: "UTF-16", notice }
}
