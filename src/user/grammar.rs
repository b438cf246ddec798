//! A small grammar: rules of alternatives, from which a sentence is drawn, or all of them counted.
//!
//! One rule a line, `name = alternative | alternative`; a line that begins with a space goes on. `<name>` stands for
//! another rule, `{slot}` for something filled in later, `#` begins a comment. Every alternative is as likely as the rest.

use crate::math::Stream;
use std::collections::{BTreeMap, BTreeSet};

/// How deep rules may refer to rules; beyond it nothing is put in.
const DEPTH: u32 = 8;

/// Rules by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grammar {
    rules: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Grammar {
    /// Reads rules. A line without `=` that does not go on from another is passed over.
    #[must_use]
    pub fn read(text: &'static str) -> Self {
        let mut rules: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        let mut name = "";
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let mut rest = line;
            if !line.starts_with(' ') {
                let Some((head, tail)) = line.split_once('=') else { continue };
                (name, rest) = (head.trim(), tail);
            } else if let Some(more) = line.trim().strip_prefix('|') {
                rest = more;
            }
            rules.entry(name).or_default().extend(rest.split('|').map(str::trim));
        }
        Self { rules }
    }

    /// Whether there is a rule of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.rules.contains_key(name)
    }

    /// The rules' names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rules.keys().copied()
    }

    /// A sentence of a rule, its slots left open; empty where there is no such rule.
    #[must_use]
    pub fn draw(&self, name: &str, random: &mut Stream) -> String {
        let mut out = String::new();
        self.put(name, random, DEPTH, &mut out);
        tidy(&out)
    }

    fn put(&self, name: &str, random: &mut Stream, depth: u32, out: &mut String) {
        let Some(of) = self.rules.get(name).filter(|r| depth > 0 && !r.is_empty()) else { return };
        for part in parts(of[random.below(of.len())]) {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Rule(name) => self.put(name, random, depth - 1, out),
            }
        }
    }

    /// All sentences of a rule, slots left open, at most `most`.
    #[must_use]
    pub fn all(&self, name: &str, most: usize) -> BTreeSet<String> {
        self.expand(name, most, DEPTH).into_iter().map(|s| tidy(&s)).collect()
    }

    fn expand(&self, name: &str, most: usize, depth: u32) -> Vec<String> {
        let Some(of) = self.rules.get(name).filter(|_| depth > 0) else { return vec![String::new()] };
        let mut out = Vec::new();
        for alternative in of {
            let mut so_far = vec![String::new()];
            for part in parts(alternative) {
                let ends = match part {
                    Part::Text(text) => vec![text.to_owned()],
                    Part::Rule(name) => self.expand(name, most, depth - 1),
                };
                so_far = (so_far.iter())
                    .flat_map(|s| ends.iter().map(move |e| format!("{s}{e}")))
                    .take(most.saturating_sub(out.len()))
                    .collect();
            }
            out.extend(so_far);
        }
        out
    }
}

enum Part {
    Text(&'static str),
    Rule(&'static str),
}

/// An alternative as texts and rules.
fn parts(of: &'static str) -> impl Iterator<Item = Part> {
    let mut rest = of;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(after) = rest.strip_prefix('<')
            && let Some((name, tail)) = after.split_once('>')
        {
            rest = tail;
            return Some(Part::Rule(name));
        }
        let end = rest.char_indices().skip(1).find(|c| c.1 == '<').map_or(rest.len(), |c| c.0);
        let (text, tail) = rest.split_at(end);
        rest = tail;
        Some(Part::Text(text))
    })
}

/// Single spaces, none before a mark, and each sentence begun with a capital.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut start = true;
    for word in text.split_whitespace() {
        let mark = word.chars().all(|c| matches!(c, '.' | ',' | '?' | '!' | ':' | ';'));
        if !out.is_empty() && !mark {
            out.push(' ');
        }
        if start {
            out.push_str(&upper_first(word))
        } else {
            out.push_str(word)
        }
        start = word.ends_with(['.', '?', '!']) && !word.ends_with("...");
    }
    out
}

/// With a capital first letter.
#[must_use]
pub fn upper_first(s: &str) -> String {
    let mut c = s.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    const RULES: &str = "# a comment\ngreet = hello <who> . | hi\n | <who>, good day\nwho = you | {name} |\n";

    #[test]
    fn what_is_drawn_is_among_what_is_counted_and_slots_stay_open() {
        let grammar = Grammar::read(RULES);
        let all = grammar.all("greet", 100);
        assert_eq!(all.len(), 7);
        assert!(all.contains("Hello {name}.") && all.contains("Hi") && all.contains("Hello."));
        let mut random = Source::new(1).stream(Purpose::Words);
        for _ in 0..60 {
            assert!(all.contains(&grammar.draw("greet", &mut random)));
        }
        assert_eq!(grammar.draw("nothing", &mut random), "");
        assert!(grammar.all("greet", 3).len() <= 3);
    }

    #[test]
    fn a_rule_that_leads_back_to_itself_ends() {
        let grammar = Grammar::read("a = x <a> | y");
        assert!(grammar.all("a", 1000).len() < 20);
        assert!(grammar.draw("a", &mut Source::new(2).stream(Purpose::Words)).len() < 40);
    }
}
