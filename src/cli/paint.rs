//! Text for a terminal: colour where there is one, its width, and nothing that could take it over.

use std::io::{self, IsTerminal};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::chart::text::grouped;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colour: bool,
    width: usize,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug)]
pub enum Tone {
    /// A heading.
    Strong,
    /// Beside the point.
    Faint,
    /// What the user liked.
    Good,
    /// What the user says.
    Voice,
    /// What the recommender thinks.
    Thought,
}

impl Paint {
    /// For standard output: coloured on a terminal (unless `NO_COLOR` is set), as wide as it is, 60 to 120 columns; 120 where
    /// there is no terminal.
    pub fn stdout() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        let terminal = io::stdout().is_terminal();
        let width = terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)).filter(|_| terminal);
        Self { colour: terminal && !plain, width: width.unwrap_or(120).clamp(60, 120) }
    }

    /// The columns there are.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The text in a tone.
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Faint => "2",
            Tone::Good => "32",
            Tone::Voice => "33",
            Tone::Thought => "34",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Text without control characters and without marks that turn the direction of what follows: titles come from anywhere.
pub fn safe(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// The beginning of a text, for a message.
pub fn excerpt_line(text: &str) -> String {
    crate::scenario::excerpt(text)
}

/// Exactly `columns` wide: cut with an ellipsis, or filled with spaces.
pub fn fit(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    let whole = text.width() <= columns;
    let room = if whole { columns } else { columns.saturating_sub(1) };
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        out.push(c);
        used += wide;
    }
    if !whole && columns > 0 {
        out.push('…');
        used += 1;
    }
    out.extend(std::iter::repeat_n(' ', columns - used.min(columns)));
    out
}

/// `text` broken at spaces into lines of at most `columns`.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("never empty");
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Seconds as people read them: 0:58, 2:10, 1:42:00.
pub fn clock(seconds: f32) -> String {
    let s = seconds.max(0.0).round() as u64;
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// A number with a sign, such as +0.42 or −0.10.
pub fn signed(x: f64) -> String {
    if x < 0.0 { format!("−{:.2}", -x) } else { format!("+{x:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_cannot_take_over_the_terminal() {
        assert_eq!(safe("a\u{1b}[31mb\u{202e}c\u{7}"), "a [31mbc ");
    }

    #[test]
    fn wide_letters_count_twice() {
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(fit("abcdef", 4).width(), 4);
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!((clock(58.0), clock(130.4), clock(6120.0)), ("0:58".into(), "2:10".into(), "1:42:00".into()));
    }
}
