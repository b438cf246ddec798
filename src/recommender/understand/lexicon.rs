//! The words of one shelf: its topics' names, words related to them, and its creators.

use super::words::{EMPTY, RELATED};
use crate::{
    catalog::{CreatorIx, Shelf, TopicIx},
    math::order,
};
use std::collections::BTreeMap;

/// The most titles read for related words.
const TITLES: usize = 5_000;
/// The most words of one title that are read.
const TITLE_WORDS: usize = 16;
/// How often a word must occur in titles, and in what share of them under one topic, to stand for the topic.
const SEEN: u32 = 4;
const SHARE: f32 = 0.8;

/// What words of a shelf stand for. Titles lend it words that stand for topics and nothing else: whatever a title says,
/// it is never read as an order.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    /// By the first stem of a topic's name: all its stems and the topic.
    names: BTreeMap<String, Vec<(Vec<String>, TopicIx)>>,
    /// Single words that stand for a topic, with how surely.
    related: BTreeMap<String, (TopicIx, f32)>,
    /// By the first stem of a creator's name.
    creators: BTreeMap<String, Vec<(Vec<String>, CreatorIx)>>,
}

/// The words of a text, in lower case; letters, digits, `'`, `-`, `@`, `_`, `.` and `:` between digits stay together, every
/// other sign that ends a clause is a word of its own.
pub(super) fn tokens(text: &str, most: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let inside = !word.is_empty() && chars.get(i + 1).is_some_and(|n| n.is_alphanumeric());
        let digit_before = i > 0 && chars[i - 1].is_ascii_digit();
        let c = if c == '’' { '\'' } else { c };
        let joins = match c {
            '\'' | '-' | '_' | '&' => inside,
            '.' => inside && (digit_before || word.starts_with('@')),
            ':' => inside && digit_before,
            '@' => word.is_empty(),
            c => c.is_alphanumeric(),
        };
        if joins {
            word.extend(c.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            out.push(core::mem::take(&mut word));
        }
        if matches!(c, '.' | ',' | ';' | '!' | '?' | ':' | '\n') {
            out.push(if c == ',' { "," } else { "." }.to_owned());
        }
        if out.len() >= most {
            return out;
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// A word without its plural ending.
pub(super) fn stem(word: &str) -> String {
    let n = word.len();
    if n > 4 && word.ends_with("ies") {
        return format!("{}y", &word[..n - 3]);
    }
    if n > 4 && (word.ends_with("shes") || word.ends_with("ches") || word.ends_with("xes") || word.ends_with("sses")) {
        return word[..n - 2].to_owned();
    }
    if n > 2 && word.ends_with('s') && !word.ends_with("ss") { word[..n - 1].to_owned() } else { word.to_owned() }
}

fn stems(name: &str) -> Vec<String> {
    tokens(name, 12).iter().filter(|t| *t != "." && *t != ",").map(|t| stem(t)).collect()
}

impl Lexicon {
    /// The lexicon of a shelf.
    #[must_use]
    pub fn of(shelf: &Shelf) -> Self {
        let mut lexicon = Self::default();
        for (t, name) in shelf.topics.iter().enumerate() {
            lexicon.add_topic(name, t as TopicIx);
        }
        lexicon.read_titles(shelf);
        for (c, name) in shelf.creators.iter().enumerate() {
            let words = stems(name);
            if let Some(first) = words.first().cloned() {
                lexicon.creators.entry(first).or_default().push((words, c as CreatorIx));
            }
        }
        // The longest name first, so that "Street food" is not read as "Street".
        for list in lexicon.names.values_mut() {
            order::sort_by_key(list, |n| core::cmp::Reverse(n.0.len()));
        }
        for list in lexicon.creators.values_mut() {
            order::sort_by_key(list, |n| core::cmp::Reverse(n.0.len()));
        }
        lexicon
    }

    fn add_topic(&mut self, name: &str, topic: TopicIx) {
        let words = stems(name);
        for word in &words {
            if words.len() > 1 {
                for part in word.split('-') {
                    self.relate(part, topic, 0.7);
                }
            }
            for (_, related) in RELATED.iter().filter(|r| word.split('-').any(|w| w == r.0)) {
                for r in *related {
                    self.relate(&stem(r), topic, 0.7);
                }
            }
        }
        if let Some(first) = words.first().cloned() {
            self.names.entry(first).or_default().push((words, topic));
        }
    }

    /// The first topic that claims a word has it.
    fn relate(&mut self, word: &str, topic: TopicIx, weight: f32) {
        if word.chars().count() > 1 && !EMPTY.contains(&word) {
            self.related.entry(word.to_owned()).or_insert((topic, weight));
        }
    }

    /// Learns which words of titles go with one topic alone.
    fn read_titles(&mut self, shelf: &Shelf) {
        let step = shelf.items.len().div_ceil(TITLES).max(1);
        let mut counts: BTreeMap<String, BTreeMap<TopicIx, u32>> = BTreeMap::new();
        for item in shelf.items.iter().step_by(step) {
            let start: String = item.title.chars().take(160).collect();
            for word in tokens(&start, TITLE_WORDS) {
                if word.chars().count() > 3 && word.chars().all(|c| c.is_alphabetic() || c == '-') {
                    *counts.entry(stem(&word)).or_default().entry(item.topics[0]).or_insert(0) += 1;
                }
            }
        }
        for (word, topics) in counts {
            let all: u32 = topics.values().sum();
            let (topic, most) = topics.iter().fold((0, 0), |b, (t, n)| if *n > b.1 { (*t, *n) } else { b });
            if all >= SEEN && most as f32 >= SHARE * all as f32 {
                self.relate(&word, topic, 0.5);
            }
        }
    }

    /// The topic named by the words (stems) from here on, with how many words that took and how sure it is.
    pub(super) fn topic(&self, words: &[String]) -> Option<(TopicIx, usize, f32)> {
        let first = words.first()?;
        let named = self.names.get(first).and_then(|list| list.iter().find(|n| words.starts_with(&n.0)));
        if let Some((name, topic)) = named {
            return Some((*topic, name.len(), 1.0));
        }
        if let Some((topic, weight)) = self.related.get(first) {
            return Some((*topic, 1, *weight));
        }
        if EMPTY.contains(&first.as_str()) {
            return None;
        }
        self.misspelt(first).map(|t| (t, 1, 0.6))
    }

    /// The topic whose one-word name is a slip away (one letter added, lost, changed or swapped).
    fn misspelt(&self, word: &str) -> Option<TopicIx> {
        if !(5..=20).contains(&word.chars().count()) {
            return None;
        }
        let mut near = self.names.iter().flat_map(|(first, list)| list.iter().map(move |n| (first, n)));
        near.find(|(first, n)| n.0.len() == 1 && strsim::osa_distance(first, word) == 1).map(|(_, n)| n.1)
    }

    /// The creator named by the words from here on, with how many words that took.
    pub(super) fn creator(&self, words: &[String]) -> Option<(CreatorIx, usize)> {
        let first = words.first()?;
        let list = self.creators.get(first).or_else(|| self.creators.get(first.strip_prefix('@')?))?;
        let named = list.iter().find(|n| words.starts_with(&n.0) || (first.starts_with('@') && n.0.len() == 1))?;
        Some((named.1, named.0.len()))
    }

    /// The creator whose handle is said without its sign, or in two words: "wander_fischer", "wander fischer".
    pub(super) fn handle(&self, words: &[String]) -> Option<(CreatorIx, usize)> {
        let first = words.first().filter(|w| !w.starts_with('@'))?;
        let first = first.strip_suffix("'s").unwrap_or(first);
        let known = |name: String| self.creators.get(&stem(&name))?.iter().find(|n| n.0.len() == 1).map(|n| n.1);
        if first.contains(['_', '.']) {
            return known(format!("@{first}")).map(|c| (c, 1));
        }
        let second = words.get(1).map(|w| w.strip_suffix("'s").unwrap_or(w))?;
        if !second.chars().all(char::is_alphanumeric) {
            return None;
        }
        ['_', '.'].into_iter().find_map(|sign| known(format!("@{first}{sign}{second}"))).map(|c| (c, 2))
    }

    /// The creators of a first name that is said as an owner's: "mia's".
    pub(super) fn owners(&self, word: &str) -> Vec<CreatorIx> {
        let Some(name) = word.strip_suffix("'s") else { return Vec::new() };
        let is_first = |key: &str| {
            let rest = key.strip_prefix('@').unwrap_or(key).strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-']))
        };
        self.creators.iter().filter(|c| is_first(c.0)).flat_map(|c| c.1.iter().map(|named| named.1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_what_belongs_together() {
        assert_eq!(
            tokens("No more @priya.butter, under 1:30!", 99),
            ["no", "more", "@priya.butter", ",", "under", "1:30", "."]
        );
        assert_eq!(tokens("It’s 2.5 min. Hip-hop", 99), ["it's", "2.5", "min", ".", "hip-hop"]);
        assert!(tokens(&"a ".repeat(100_000), 300).len() <= 301);
    }

    #[test]
    fn plural_and_singular_are_one_word() {
        for (a, b) in [("animals", "animal"), ("stories", "story"), ("clothes", "clothe"), ("dishes", "dish")] {
            assert_eq!(stem(a), stem(b));
        }
    }
}
