//! Words and figures of charts: numbers for people, widths of text before it is drawn, coordinates.

use crate::math::decimal;

/// A coordinate to a tenth of a pixel, as short as can be; what is not a number becomes 0.
#[must_use]
pub fn px(v: f64) -> String {
    if !v.is_finite() {
        return "0".into();
    }
    let tenths = (v * 10.0).round();
    if tenths == 0.0 {
        return "0".into();
    }
    let text = format!("{:.1}", tenths / 10.0);
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A number with so many decimals and a true minus sign; "–" for what is not a number.
#[must_use]
pub fn number(v: f64, decimals: usize) -> String {
    if !v.is_finite() {
        return "–".into();
    }
    let text = format!("{v:.decimals$}");
    match text.strip_prefix('-') {
        // "-0.00" is 0.
        Some(rest) if rest.bytes().all(|b| b == b'0' || b == b'.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// A difference: as [`number`], with a plus sign where it is above 0.
#[must_use]
pub fn signed(v: f64, decimals: usize) -> String {
    let text = number(v, decimals);
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    if v > 0.0 && v.is_finite() && !zero { format!("+{text}") } else { text }
}

/// How wide a text will be, pixels, at a size: an estimate from the usual widths of a sans-serif face, a little generous.
#[must_use]
pub fn width(words: &str, size: f64, bold: bool) -> f64 {
    let ems: f64 = words.chars().map(advance).sum();
    ems * size * if bold { 1.16 } else { 1.0 }
}

fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '|' | '!' | '\'' | '.' | ',' | ':' | ';' | '·' => 0.29,
        ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' => 0.37,
        'm' | 'w' | 'M' | 'W' | '—' | '…' | '→' => 0.92,
        '0'..='9' | '+' | '−' | '=' => 0.64,
        'A'..='Z' => 0.70,
        c if c.is_ascii() || (c as u32) < 0x2E80 => 0.59,
        // Chinese, Japanese, Korean, pictures: as wide as high.
        _ => 1.05,
    }
}

/// The text cut with "…" so that it fits; empty where not even one letter would.
#[must_use]
pub fn fit(words: &str, room: f64, size: f64, bold: bool) -> String {
    // Texts come from people's own files: what is far too long is not even measured to its end.
    let head: String = words.chars().take(400).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if head.len() == words.len() && width(&head, size, bold) <= room {
        return head;
    }
    let mut used = width("…", size, bold);
    let scale = size * if bold { 1.16 } else { 1.0 };
    let mut out = String::new();
    for c in head.chars() {
        used += advance(c) * scale;
        if used > room {
            break;
        }
        out.push(c);
    }
    let out = out.trim_end();
    if out.is_empty() { String::new() } else { format!("{out}…") }
}

/// The text in lines that fit, broken between words; what does not fit into `most` lines is cut with "…".
#[must_use]
pub fn lines(words: &str, room: f64, size: f64, bold: bool, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if lines_full(line, word, room, size, bold) => lines.push(word.to_owned()),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    if lines.len() > most.max(1) {
        let rest = lines.split_off(most.max(1) - 1).join(" ");
        lines.push(rest);
    }
    for line in &mut lines {
        *line = fit(line, room, size, bold);
    }
    lines
}

/// Whether a word has no room after what stands on a line.
fn lines_full(line: &str, word: &str, room: f64, size: f64, bold: bool) -> bool {
    width(line, size, bold) + width(" ", size, bold) + width(word, size, bold) > room
}

/// A single-precision number as the decimal that it was written as: 0.2 and not 0.20000000298.
#[must_use]
pub fn exact(v: f32) -> f64 {
    decimal::parse(&format!("{v}")).unwrap_or(f64::NAN)
}

/// "1 turn", "2 turns".
#[must_use]
pub fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A name for a file: small letters, digits and dashes.
#[must_use]
pub fn file_name(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().take(80) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "chart".into() } else { out.into() }
}

/// A whole number in groups of three: 12345 as "12,345".
#[must_use]
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(-0.004, 2), "0.00");
        assert_eq!(number(-1.5, 1), "−1.5");
        assert_eq!(number(f64::NAN, 1), "–");
        assert_eq!(signed(0.126, 2), "+0.13");
        assert_eq!(signed(0.001, 2), "0.00");
        assert_eq!(signed(-0.126, 2), "−0.13");
        assert_eq!(exact(0.2).to_string(), "0.2");
    }

    #[test]
    fn large_counts_come_in_groups_of_three() {
        assert_eq!((grouped(1_234_567), grouped(12)), ("1,234,567".into(), "12".into()));
    }

    #[test]
    fn coordinates_are_short_and_always_numbers() {
        assert_eq!(px(12.0), "12");
        assert_eq!(px(12.34), "12.3");
        assert_eq!(px(-0.04), "0");
        assert_eq!(px(f64::INFINITY), "0");
    }

    #[test]
    fn text_is_cut_to_its_room() {
        assert_eq!(fit("Travel", 100.0, 11.0, false), "Travel");
        let cut = fit("A very long topic name indeed", 60.0, 11.0, false);
        assert!(cut.ends_with('…') && width(&cut, 11.0, false) <= 60.0, "{cut}");
        assert_eq!(fit("Travel", 5.0, 11.0, false), "");
        let vast = "x".repeat(10_000_000);
        assert!(fit(&vast, 100.0, 11.0, false).len() < 100);
        assert_eq!(fit("a\u{0}\nb", 100.0, 11.0, false), "a  b");
    }

    #[test]
    fn file_names_are_safe_anywhere() {
        assert_eq!(file_name("Reward & satisfaction / turn"), "reward-satisfaction-turn");
        assert_eq!(file_name("../../etc"), "etc");
        assert_eq!(file_name("日本"), "chart");
    }
}
