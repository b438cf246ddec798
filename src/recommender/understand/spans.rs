//! For how long a wish holds: "tonight", "just once", "for the next two turns".

use super::{
    asides::THINGS,
    lexical::{FOREVER, Reader},
    limits,
};

/// About how long a turn lasts, seconds, where somebody counts in minutes.
const TURN_S: f32 = 120.0;

impl Reader<'_> {
    /// For how long it holds.
    pub(super) fn span(&mut self) -> Option<usize> {
        let spans: [(&[&str], u32); 29] = [
            (&["until", "tomorrow"], FOREVER),
            (&["this", "week"], FOREVER),
            (&["this", "month"], FOREVER),
            (&["from", "now", "on"], FOREVER),
            (&["rest", "of", "the"], FOREVER),
            (&["for", "good"], FOREVER),
            (&["ever", "again"], FOREVER),
            (&["for", "a", "while"], 4),
            (&["for", "now"], 4),
            (&["right", "now"], 4),
            (&["just", "once"], 1),
            (&["next", "one"], 1),
            (&["today"], FOREVER),
            (&["tonight"], FOREVER),
            (&["this", "evening"], FOREVER),
            (&["all", "evening"], FOREVER),
            (&["until", "i", "say"], FOREVER),
            (&["just", "now"], 1),
            (&["this", "once"], 1),
            (&["this", "time"], 1),
            (&["for", "a", "moment"], 1),
            (&["for", "the", "next"], 4),
            (&["for", "the", "time", "being"], 4),
            (&["only", "for", "the", "next", "ones"], 1),
            (&["always"], FOREVER),
            (&["forever"], FOREVER),
            (&["this", "turn"], 1),
            (&["this", "slate"], 1),
            (&["this", "round"], 1),
        ];
        if let Some((turns, words)) = self.turns() {
            self.intent.holds_turns = turns;
            return Some(words);
        }
        if let Some((turns, words)) = self.minutes() {
            self.intent.holds_turns = turns;
            return Some(words);
        }
        let (phrase, turns) = spans.into_iter().find(|s| self.says(s.0))?;
        self.intent.holds_turns = turns;
        Some(phrase.len())
    }

    /// "For the next five minutes": about how many turns, and of how many words.
    fn minutes(&self) -> Option<(u32, usize)> {
        let begins: [&[&str]; 4] = [&["for", "the", "next"], &["for", "next"], &["over", "the", "next"], &["for"]];
        let skip = begins.into_iter().find(|b| self.says(b))?.len();
        let length = limits::length(&self.raw[self.at + skip..])?;
        // "Time for ten minutes" and "for three-minute clips" are about items.
        let of = self.word(skip + length.words).trim_end_matches('s');
        if THINGS.contains(&of) || self.at.checked_sub(1).is_some_and(|b| self.raw[b] == "time") {
            return None;
        }
        Some(((length.seconds / TURN_S).round().clamp(1.0, FOREVER as f32) as u32, skip + length.words))
    }

    /// "For the next two turns": how many, and of how many words.
    fn turns(&self) -> Option<(u32, usize)> {
        let begins: [&[&str]; 4] = [&["for", "the", "next"], &["for", "next"], &["the", "next"], &["for"]];
        let skip = begins.into_iter().find(|b| self.says(b))?.len();
        let of = self.word(skip + 1);
        if !matches!(of, "turn" | "turns" | "slate" | "slates" | "round" | "rounds") {
            return None;
        }
        let turns = limits::number(self.word(skip))?;
        Some((turns.clamp(1.0, FOREVER as f32) as u32, skip + 2))
    }
}
