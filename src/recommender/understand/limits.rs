//! Limits of length in words: "under three minutes", "nothing over half an hour", "longer than 90 s".

use super::lexical::Reader;
use crate::math::decimal;

/// A limit, in seconds, and how many words it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Length {
    pub(super) seconds: f32,
    pub(super) words: usize,
}

#[rustfmt::skip]
const NUMBERS: &[(&str, f32)] = &[
    ("a", 1.0), ("an", 1.0), ("one", 1.0), ("two", 2.0), ("three", 3.0), ("four", 4.0), ("five", 5.0), ("six", 6.0),
    ("seven", 7.0), ("eight", 8.0), ("nine", 9.0), ("ten", 10.0), ("twelve", 12.0), ("fifteen", 15.0), ("twenty", 20.0),
    ("thirty", 30.0), ("forty", 40.0), ("forty-five", 45.0), ("fifty", 50.0), ("sixty", 60.0), ("ninety", 90.0),
];

fn unit(word: &str) -> Option<f32> {
    match word {
        "s" | "sec" | "secs" | "second" | "seconds" => Some(1.0),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(60.0),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(3600.0),
        _ => None,
    }
}

fn plain(word: &str) -> Option<f32> {
    decimal::parse(word).map(|n| n as f32)
}

pub(super) fn number(word: &str) -> Option<f32> {
    let spelt = NUMBERS.iter().find(|n| n.0 == word).map(|n| n.1);
    spelt.or_else(|| plain(word).filter(|n| *n > 0.0))
}

/// The length that the words begin with, in [1 s, 24 h]; also one in two units: "2 minutes 30 seconds", "2m30s".
pub(super) fn length(words: &[String]) -> Option<Length> {
    let first = one_length(words)?;
    let and = usize::from(words.get(first.words).is_some_and(|w| w == "and"));
    let rest = &words[(first.words + and).min(words.len())..];
    // What follows is smaller, and a number: "two minutes, a second one" is no length.
    let digits = rest.first().is_some_and(|w| w.starts_with(|c: char| c.is_ascii_digit()) && !w.contains('-'));
    let last = &words[first.words - 1];
    let unit_of = unit(last).or_else(|| unit(last.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')));
    match one_length(rest).filter(|_| digits) {
        Some(second) if unit_of.is_some_and(|u| u > 1.0 && second.seconds < u) => {
            Some(Length { seconds: first.seconds + second.seconds, words: first.words + and + second.words })
        }
        _ => Some(first),
    }
}

fn one_length(words: &[String]) -> Option<Length> {
    let at = |i: usize| words.get(i).map_or("", String::as_str);
    let found = |seconds: f32, words: usize| Some(Length { seconds: seconds.clamp(1.0, 86_400.0), words });
    if at(0) == "half" && matches!(at(1), "a" | "an") {
        return unit(at(2)).and_then(|u| found(u / 2.0, 3));
    }
    // "A quarter of an hour", "three quarters of an hour".
    let (quarters, taken) = match (at(0), at(1)) {
        ("quarter", _) => (1.0, 1),
        ("a", "quarter") => (1.0, 2),
        ("three", "quarters") => (3.0, 2),
        _ => (0.0, 0),
    };
    if taken > 0 && at(taken) == "of" && matches!(at(taken + 1), "a" | "an") {
        return unit(at(taken + 2)).and_then(|u| found(quarters * u / 4.0, taken + 3));
    }
    if at(0) == "a" && at(1) == "couple" && at(2) == "of" {
        return unit(at(3)).and_then(|u| found(2.0 * u, 4));
    }
    if let Some((minutes, seconds)) = at(0).split_once(':') {
        return found(60.0 * plain(minutes)? + plain(seconds)?, 1);
    }
    if let Some(n) = number(at(0)) {
        // "One and a half hours".
        if at(1) == "and"
            && at(2) == "a"
            && at(3) == "half"
            && let Some(u) = unit(at(4))
        {
            return found((n + 0.5) * u, 5);
        }
        if at(1) == "plus"
            && let Some(u) = unit(at(2))
        {
            return found(n * u, 3);
        }
        if let Some(u) = unit(at(1)) {
            if at(2) == "and" && at(3) == "a" && at(4) == "half" {
                return found((n + 0.5) * u, 5);
            }
            return found(n * u, 2);
        }
        return None;
    }
    // "90s", "3min", "2-minute".
    let digits = at(0).find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (n, rest) = at(0).split_at(digits);
    // "1h30".
    if let Some(minutes) = rest.strip_prefix('h').and_then(|m| plain(m.trim_end_matches("min").trim_end_matches('m'))) {
        return found(3600.0 * number(n)? + 60.0 * minutes, 1);
    }
    // "2m30", "2m30s".
    if let Some(seconds) = rest.strip_prefix('m').and_then(|s| plain(s.trim_end_matches("sec").trim_end_matches('s'))) {
        return found(60.0 * number(n)? + seconds, 1);
    }
    let (n, u) = (number(n)?, unit(rest.trim_start_matches('-'))?);
    found(n * u, 1)
}

/// The two lengths of a range that the words begin with: "one and two minutes", "2 to 4 min", "2-4 minutes"; and the words.
fn range(words: &[String]) -> Option<(f32, f32, usize)> {
    let at = |i: usize| words.get(i).map_or("", String::as_str);
    let in_order = |a: f32, b: f32, n: usize| (a < b).then_some((a, b, n));
    if let Some((a, b)) = at(0).split_once('-') {
        let u = unit(at(1))?;
        return in_order(number(a)? * u, number(b)? * u, 2);
    }
    let (first, n) = match length(words) {
        Some(l) => (Ok(l.seconds), l.words),
        None => (Err(number(at(0))?), 1),
    };
    if !matches!(at(n), "and" | "to") {
        return None;
    }
    let last = length(&words[n + 1..])?;
    // A bare number has the unit of the other.
    let u = unit(at(n + 2)).unwrap_or(60.0);
    in_order(first.unwrap_or_else(|number| number * u), last.seconds, n + 1 + last.words)
}

/// Which way a limit goes that is named after its length, and of how many words that is: "five minutes max".
fn suffix(words: &[String]) -> Option<(bool, usize)> {
    let lists: [(&[&[&str]], bool); 2] = [
        (
            &[
                &["max"],
                &["maximum"],
                &["tops"],
                &["at", "most"],
                &["or", "less"],
                &["or", "under"],
                &["or", "shorter"],
            ],
            true,
        ),
        (&[&["minimum"], &["plus"], &["at", "least"], &["or", "more"], &["or", "longer"]], false),
    ];
    let begins = |p: &[&str]| p.len() <= words.len() && p.iter().zip(words).all(|(a, b)| a == b);
    lists.into_iter().find_map(|(list, upper)| list.iter().find(|p| begins(p)).map(|p| (upper, p.len())))
}

impl Reader<'_> {
    /// A length with the word that makes it a limit.
    pub(super) fn limit(&mut self) -> Option<usize> {
        let between = usize::from(self.word(0) == "between");
        if let Some((min, max, words)) = range(&self.raw[self.at + between..]) {
            (self.intent.min_s, self.intent.max_s) = (Some(min), Some(max));
            self.read += 1.0;
            return Some(between + words);
        }
        #[rustfmt::skip]
        let most: [&[&str]; 14] = [
            &["no", "longer", "than"], &["not", "longer", "than"], &["not", "more", "than"], &["no", "more", "than"],
            &["nothing", "longer", "than"], &["shorter", "than"], &["less", "than"], &["at", "most"], &["up", "to"], &["under"],
            &["below"], &["within"], &["max"], &["maximum"],
        ];
        let least: [&[&str]; 9] = [
            &["no", "shorter", "than"],
            &["not", "less", "than"],
            &["longer", "than"],
            &["more", "than"],
            &["at", "least"],
            &["over"],
            &["above"],
            &["min"],
            &["minimum"],
        ];
        let phrase = |list: &[&'static [&'static str]]| list.iter().find(|p| self.says(p)).map(|p| p.len());
        // "Nothing over", "no clips shorter than": the other way round.
        let denied = self.negative() && !self.named && !self.comma;
        let (skip, upper) = match (phrase(&most), phrase(&least)) {
            (Some(n), _) => (n, !(denied && matches!(self.word(0), "shorter" | "less" | "under" | "below"))),
            (None, Some(n)) => (n, self.negative() && !matches!(self.word(0), "no" | "not" | "at")),
            (None, None) => (0, true),
        };
        let rest = &self.raw[self.at + skip..];
        let length = length(rest).or_else(|| {
            let seconds = number(rest.first()?)? * self.unit.filter(|_| skip > 0)?;
            Some(Length { seconds, words: 1 })
        })?;
        let after =
            suffix(&rest[length.words..]).or_else(|| suffix(&rest[1..]).map(|a| (a.0, 0))).filter(|_| skip == 0);
        // "A minute with" is no limit; only an explicit number or a comparison is.
        let vague = skip == 0 && after.is_none() && matches!(self.word(0), "a" | "an");
        if vague && !self.has_any(&["only", "have", "left", "got"]) {
            return None;
        }
        self.unit = rest.get(length.words - 1).and_then(|w| unit(w)).or(self.unit);
        // "Longer than three minutes is too long": a complaint of what it names.
        let complaint = skip + length.words;
        let too = matches!(self.word(complaint), "is" | "are" | "feels") && self.word(complaint + 1) == "too";
        let (upper, complained) = match self.word(complaint + 2) {
            "long" | "much" if too => (true, 3),
            "short" if too => (false, 3),
            _ => (upper, 0),
        };
        if after.filter(|_| complained == 0).map_or(upper, |a| a.0) {
            self.intent.max_s = Some(length.seconds);
        } else {
            self.intent.min_s = Some(length.seconds);
        }
        self.read += 1.0;
        Some(skip + length.words + complained.max(after.map_or(0, |a| a.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_say_them() {
        let read = |s: &str| {
            let words: Vec<String> = s.split(' ').map(str::to_owned).collect();
            length(&words).map(|l| (l.seconds, l.words))
        };
        for (said, seconds, words) in [
            ("three minutes", 180.0, 2),
            ("1.5 minutes", 90.0, 2),
            ("one minute", 60.0, 2),
            ("90s", 90.0, 1),
            ("2-minute clips", 120.0, 1),
            ("half an hour", 1800.0, 3),
            ("an hour and a half", 5400.0, 5),
            ("1:30", 90.0, 1),
            ("a couple of minutes", 120.0, 4),
            ("40 seconds", 40.0, 2),
            ("99999 hours", 86_400.0, 2),
            ("2 minutes 30 seconds", 150.0, 4),
            ("2 minutes and 30 seconds", 150.0, 5),
            ("2 min 30 s", 150.0, 4),
            ("1 h 20 min", 4800.0, 4),
            ("2m30", 150.0, 1),
            ("2m30s", 150.0, 1),
            ("2 minutes 3 minutes", 120.0, 2),
            ("a quarter of an hour", 900.0, 5),
            ("three quarters of an hour", 2700.0, 5),
        ] {
            assert_eq!(read(said), Some((seconds, words)), "{said}");
        }
        for said in ["three", "minutes", "", "é5s", "1:x", "inf minutes", "-3 minutes", "nan minutes"] {
            assert_eq!(read(said), None, "{said}");
        }
    }
}
