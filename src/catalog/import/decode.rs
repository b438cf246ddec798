//! From bytes to text: UTF-8, UTF-16 with a byte-order mark, else Windows-1252 (which holds Latin-1); what is no text is
//! refused by name.

/// Text, and how its bytes were read.
pub struct Decoded {
    /// The text.
    pub text: String,
    /// The encoding's name.
    pub encoding: &'static str,
    /// What a person should know about it.
    pub notice: Option<String>,
}

/// Reads bytes as text. `Err` says what the file is instead, to follow "it is".
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, String> {
    if let Some(kind) = not_text(&bytes) {
        return Err(kind.into());
    }
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        return Err(zeros(&bytes, at));
    }
    let controls = bytes.iter().filter(|b| is_control(**b)).count();
    match String::from_utf8(bytes) {
        Ok(text) if controls * 10 > text.len() => Err(NO_TEXT.into()),
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Ok(Decoded { text, encoding: "UTF-8", notice: None })
        }
        // Any bytes are some 8-bit text, so that they are text must show: text hardly holds control characters.
        Err(error) if controls * 100 > error.as_bytes().len() => Err(NO_TEXT.into()),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let line = line_of(&bytes, at);
            // Latin-1 has only control characters where Windows-1252 has quotation marks, dashes and the euro.
            let windows = bytes.iter().any(|b| (0x80..0xa0).contains(b));
            let encoding = if windows { "Windows-1252" } else { "Latin-1" };
            let notice = format!("Line {line} is not UTF-8, so the file was read as {encoding}; check the accents.");
            let text = bytes.into_iter().map(windows_1252).collect();
            Ok(Decoded { text, encoding, notice: Some(notice) })
        }
    }
}

/// A byte of Windows-1252, by the WHATWG's table of it.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', //
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..0xa0 => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

const NO_TEXT: &str = "no text: it is full of control characters";

/// Whether a byte is a control character that texts do not hold.
fn is_control(byte: u8) -> bool {
    byte == 0x7f || byte < b' ' && !(b'\t'..=b'\r').contains(&byte)
}

/// The line of a byte, from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|b| **b == b'\n').count()
}

/// What a file with zero bytes is, the first of them at `at`.
fn zeros(bytes: &[u8], at: usize) -> String {
    let start = &bytes[..bytes.len().min(4096)];
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    // Letters without accents have a zero byte at every second place in UTF-16.
    let (even, odd) = (zeros(0), zeros(1));
    if even.max(odd) * 8 > start.len() && even.min(odd) * 8 < even.max(odd) {
        return "UTF-16 text without a byte-order mark".into();
    }
    format!("no text: line {} holds a zero byte", line_of(bytes, at))
}

fn not_text(bytes: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 15] = [
        (b"PK\x03\x04", "a zip archive or a spreadsheet"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"BZh91AY", "a bzip2 archive"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"%PDF", "a PDF"),
        (b"PAR1", "a Parquet file"),
        (b"ARROW1", "an Arrow file"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"SQLite format 3", "a database"),
        (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
        (b"\xff\xfe\0\0", "UTF-32 text"),
        (b"\0\0\xfe\xff", "UTF-32 text"),
    ];
    MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, kind)| *kind)
}

/// UTF-16 after its mark, where the mark is right.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Decoded, String> {
    if bytes.len() > 8 && !bytes.contains(&0) && bytes.iter().filter(|b| b.is_ascii()).count() * 10 > bytes.len() * 9 {
        return Err("8-bit text behind the byte-order mark of UTF-16".into());
    }
    let units = bytes.chunks_exact(2).map(|b| unit([b[0], b[1]]));
    if is_turned(units.clone()) {
        return Err("UTF-16 text whose byte-order mark says the wrong order".into());
    }
    let mut damaged = bytes.len() % 2;
    let mut controls = 0;
    let mut text: String = char::decode_utf16(units)
        .map(|c| {
            let c = c.unwrap_or_else(|_| {
                damaged += 1;
                char::REPLACEMENT_CHARACTER
            });
            controls += usize::from(u8::try_from(c).is_ok_and(is_control));
            c
        })
        .collect();
    // One odd byte at the end may be a file cut off; more than that is no accident.
    if (damaged.saturating_sub(1) + controls) * 100 > bytes.len() / 2 {
        return Err("no text, though it starts with the byte-order mark of UTF-16".into());
    }
    // A second mark is no text either.
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let notice =
        (damaged > 0).then(|| format!("{damaged} places of the UTF-16 text are damaged and show as \u{fffd}."));
    Ok(Decoded { text, encoding: "UTF-16", notice })
}

/// Whether UTF-16 reads better with the bytes of each unit exchanged: lines end only so, or most of it is ASCII only so.
fn is_turned(units: impl Iterator<Item = u16>) -> bool {
    let (mut all, mut turned, mut breaks, mut turned_breaks) = (0_usize, 0_usize, 0_usize, 0_usize);
    for unit in units {
        let other = unit.swap_bytes();
        all += 1;
        turned += usize::from((0x20..0x7f).contains(&other));
        breaks += usize::from(unit == 0x0a || unit == 0x0d);
        turned_breaks += usize::from(other == 0x0a || other == 0x0d);
    }
    breaks == 0 && (turned_breaks > 0 || turned * 2 > all)
}
