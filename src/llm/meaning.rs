//! What an instruction's words name: topics wanted and not wanted, length, mood, quality, novelty. Only what stands there
//! in so many words, so that "was it met" and "is it generic" can be measured for a model that keeps its meaning to itself.

use crate::{
    catalog::{Mood, Shelf, TopicIx, represent::text::word_hash},
    user::{Ask, Frame},
};

/// Words after which what is named is not wanted.
const AGAINST: [&str; 24] = [
    "no",
    "not",
    "less",
    "fewer",
    "enough",
    "stop",
    "without",
    "avoid",
    "tired",
    "sick",
    "don't",
    "dont",
    "nothing",
    "except",
    "but",
    "hate",
    "dislike",
    "skip",
    "never",
    "done",
    "bored",
    "from",
    "instead-of",
    "overdose",
];
/// Words after which what is named is wanted.
const FOR: [&str; 13] =
    ["more", "show", "want", "prefer", "rather", "bring", "give", "to", "into", "try", "need", "find", "see"];
/// Words that only deny what follows them at once.
const DENIES: [&str; 6] = ["no", "not", "don't", "dont", "never", "stop"];

/// What some words name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    /// Topics wanted.
    pub toward: Vec<TopicIx>,
    /// Topics not wanted.
    pub away: Vec<TopicIx>,
    /// Whether it is about length: shorter (true) or longer, and the limit in seconds where one is said.
    pub length: Option<(bool, Option<f32>)>,
    /// A mood wanted.
    pub mood: Option<Mood>,
    /// Whether it asks for better items.
    pub better: bool,
    /// Whether it asks for something new.
    pub surprise: bool,
    /// Whether it names something from an item's title or a creator.
    pub particular: bool,
}

impl Named {
    /// Whether nothing is named: the instruction could be said about any slate.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads words.
#[must_use]
pub fn named(words: &str, shelf: &Shelf) -> Named {
    let mut out = Named::default();
    let low =
        words.to_lowercase().replace('’', "'").replace("instead of", "instead-of").replace("anything but", "avoid");
    let topics: Vec<Vec<u64>> =
        shelf.topics.iter().map(|t| t.split_whitespace().filter_map(word_hash).collect()).collect();
    for clause in low.split([',', '.', ';', '!', '?', '\n']) {
        read_clause(clause, &topics, &mut out);
    }
    out.particular = names_something(&low, shelf);
    out
}

fn read_clause(clause: &str, topics: &[Vec<u64>], out: &mut Named) {
    let words: Vec<&str> =
        clause.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'')).collect();
    let hashes: Vec<Option<u64>> = words.iter().map(|w| word_hash(w)).collect();
    let mut wanted = true;
    let mut i = 0;
    while i < words.len() {
        let word = words[i];
        let denied = i > 0 && DENIES.contains(&words[i - 1]);
        if AGAINST.contains(&word) {
            wanted = false;
        } else if FOR.contains(&word) && !denied {
            wanted = true;
        }
        if let Some((topic, len)) = topic_at(&hashes[i..], topics) {
            let list = if wanted { &mut out.toward } else { &mut out.away };
            if !list.contains(&topic) {
                list.push(topic);
            }
            i += len;
            continue;
        }
        read_attribute(word, &words[i + 1..], wanted, out);
        i += 1;
    }
}

/// The topic whose whole name begins here; the longest wins.
fn topic_at(hashes: &[Option<u64>], topics: &[Vec<u64>]) -> Option<(TopicIx, usize)> {
    (topics.iter().enumerate())
        .filter(|(_, name)| {
            !name.is_empty() && name.len() <= hashes.len() && name.iter().zip(hashes).all(|(n, h)| Some(*n) == *h)
        })
        .max_by_key(|(i, name)| (name.len(), core::cmp::Reverse(*i)))
        .map(|(i, name)| (i as TopicIx, name.len()))
}

fn read_attribute(word: &str, next: &[&str], wanted: bool, out: &mut Named) {
    match word {
        "short" | "shorter" | "quick" | "quicker" | "brief" => out.length = Some((wanted, limit(next))),
        "under" | "below" => {
            if let Some(limit) = limit(next) {
                out.length = Some((true, Some(limit)));
            }
        }
        "long" | "longer" | "lengthy" | "over" if word != "over" || limit(next).is_some() => {
            // "nothing longer than", "too long": what is not wanted is length.
            out.length = Some((!wanted || word == "long", limit(next)));
        }
        "calm" | "calmer" | "relaxing" | "quiet" if wanted => out.mood = Some(Mood::Calm),
        "bright" | "cheerful" | "uplifting" if wanted => out.mood = Some(Mood::Bright),
        "funny" | "funnier" | "fun" | "laugh" if wanted => out.mood = Some(Mood::Funny),
        "intense" | "exciting" | "thrilling" if wanted => out.mood = Some(Mood::Intense),
        "thoughtful" | "deep" | "deeper" if wanted => out.mood = Some(Mood::Thoughtful),
        "better" | "quality" | "clickbait" => out.better = true,
        "new" | "different" | "surprise" | "fresh" | "variety" | "else" => out.surprise = true,
        _ => {}
    }
}

/// A duration said in the next few words, in seconds.
fn limit(next: &[&str]) -> Option<f32> {
    let next = &next[..next.len().min(5)];
    let at = next.iter().position(|w| w.chars().all(|c| c.is_ascii_digit()) && !w.is_empty() || number(w).is_some())?;
    let n: f32 = next[at].parse().ok().or_else(|| number(next[at]))?;
    match next.get(at + 1)?.trim_end_matches('s') {
        "minute" | "min" => Some(n * 60.0),
        "second" | "sec" => Some(n),
        "hour" => Some(n * 3600.0),
        _ => None,
    }
}

fn number(word: &str) -> Option<f32> {
    let n = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        .iter()
        .position(|w| *w == word)?;
    Some(n as f32 + 1.0)
}

/// Whether a creator's whole name is said.
fn names_something(low: &str, shelf: &Shelf) -> bool {
    shelf.creators.iter().any(|c| c.chars().count() > 4 && low.contains(&c.to_lowercase()))
}

/// The meaning of an instruction as far as its words name one.
#[must_use]
pub fn frame(words: &str, shelf: &Shelf) -> Option<Frame> {
    let n = named(words, shelf);
    let base = Frame::of(Ask::More);
    let (toward, away) = (n.toward, n.away);
    if !away.is_empty() {
        let ask = if toward.is_empty() { Ask::Avoid } else { Ask::Switch };
        return Some(Frame { ask, toward, away, ..base });
    }
    if !toward.is_empty() {
        return Some(Frame { toward, ..base });
    }
    match n.length {
        Some((true, max_s @ Some(_))) => return Some(Frame { ask: Ask::Shorter, max_s, ..base }),
        Some((false, max_s @ Some(_))) => return Some(Frame { ask: Ask::Longer, max_s, ..base }),
        _ => {}
    }
    if n.mood.is_some() {
        return Some(Frame { ask: Ask::Mood, mood: n.mood, ..base });
    }
    if n.better {
        return Some(Frame { ask: Ask::Better, ..base });
    }
    n.surprise.then_some(Frame { ask: Ask::Surprise, ..base })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> Shelf {
        Shelf {
            topics: ["Cooking", "Street food", "Travel", "Sports"].map(String::from).to_vec(),
            creators: vec!["Nora Lindqvist".into()],
            ..Shelf::default()
        }
    }

    #[test]
    fn topics_are_read_with_what_is_said_about_them() {
        let of = |words: &str| {
            let n = named(words, &shelf());
            (n.toward, n.away)
        };
        assert_eq!(of("Enough cooking. Show me street food!"), (vec![1], vec![0]));
        assert_eq!(of("no more sports, I'd rather see travel"), (vec![2], vec![3]));
        assert_eq!(of("Can we switch from cooking to travel?"), (vec![2], vec![0]));
        assert_eq!(of("I don't want sports"), (vec![], vec![3]));
        assert_eq!(of("travel instead of sports please"), (vec![2], vec![3]));
        assert_eq!(of("I'm tired of Cooking"), (vec![], vec![0]));
        assert_eq!(of("I'm bored"), (vec![], vec![]));
    }

    #[test]
    fn attributes_are_read_and_general_complaints_name_nothing() {
        let frame = |words: &str| frame(words, &shelf());
        assert_eq!(frame("keep it under three minutes").map(|f| (f.ask, f.max_s)), Some((Ask::Shorter, Some(180.0))));
        assert_eq!(frame("nothing longer than 45 seconds").map(|f| (f.ask, f.max_s)), Some((Ask::Shorter, Some(45.0))));
        assert_eq!(frame("something calmer").map(|f| f.mood), Some(Some(Mood::Calm)));
        assert_eq!(frame("less clickbait").map(|f| f.ask), Some(Ask::Better));
        assert_eq!(frame("something different").map(|f| f.ask), Some(Ask::Surprise));
        assert_eq!(frame("This is bad. Improve it."), None);
        assert!(named("This is bad. Improve it.", &shelf()).is_nothing());
        assert!(!named("no more Nora Lindqvist", &shelf()).is_nothing());
    }
}
