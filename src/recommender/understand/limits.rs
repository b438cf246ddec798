//! Limits of length in words: "under three minutes", "nothing over half an hour", "longer than 90 s".

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

/// The length that the words begin with, in [1 s, 24 h].
pub(super) fn length(words: &[String]) -> Option<Length> {
    let at = |i: usize| words.get(i).map_or("", String::as_str);
    let found = |seconds: f32, words: usize| Some(Length { seconds: seconds.clamp(1.0, 86_400.0), words });
    if at(0) == "half" && matches!(at(1), "a" | "an") {
        return unit(at(2)).and_then(|u| found(u / 2.0, 3));
    }
    if at(0) == "a" && at(1) == "couple" && at(2) == "of" {
        return unit(at(3)).and_then(|u| found(2.0 * u, 4));
    }
    if let Some((minutes, seconds)) = at(0).split_once(':') {
        return found(60.0 * plain(minutes)? + plain(seconds)?, 1);
    }
    if let Some(n) = number(at(0)) {
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
    let (n, u) = (number(n)?, unit(rest.trim_start_matches('-'))?);
    found(n * u, 1)
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
        ] {
            assert_eq!(read(said), Some((seconds, words)), "{said}");
        }
        for said in ["three", "minutes", "", "é5s", "1:x", "inf minutes", "-3 minutes", "nan minutes"] {
            assert_eq!(read(said), None, "{said}");
        }
    }
}
