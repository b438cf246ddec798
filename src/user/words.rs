//! An instruction's words, drawn from a grammar given its meaning: specific ones name what they are about, vague ones only
//! how it feels.
//!
//! Two grammars ship: `data/instructions/spoken.txt`, which the built-in user speaks and readers may be tuned on, and
//! `data/instructions/heldout.txt`, other constructions in other words, on which they are measured.

use super::{
    Ask, Frame, Holds, Specificity, Term,
    grammar::{Grammar, tidy},
};
use crate::{
    catalog::{Item, Mood, Shelf, TopicIx},
    math::Stream,
};
use std::sync::LazyLock;

/// How often exact words begin with a wish that they then take back, and how often they only point ("less of that").
const TAKES_BACK: f32 = 0.06;
const POINTS: f32 = 0.3;

/// The grammar that the built-in user speaks.
#[must_use]
pub fn spoken() -> &'static Grammar {
    static SPOKEN: LazyLock<Grammar> =
        LazyLock::new(|| Grammar::read(include_str!("../../data/instructions/spoken.txt")));
    &SPOKEN
}

/// The rules of exact words and of vague ones.
pub const SPECIFIC: [&str; 15] = [
    "more",
    "less",
    "avoid",
    "avoid-keep",
    "avoid-maker",
    "avoid-that",
    "switch",
    "shorter",
    "shorter-tired",
    "shorter-busy",
    "longer",
    "mood",
    "better",
    "surprise",
    "like",
];
/// See [`SPECIFIC`].
pub const VAGUE: [&str; 7] =
    ["vague-more", "vague-away", "vague-shorter", "vague-tired", "vague-better", "vague-mood", "vague-surprise"];

/// What is put in words.
#[derive(Clone, Copy, Debug)]
pub struct Saying<'a> {
    /// What is meant.
    pub frame: &'a Frame,
    /// Why.
    pub reason: Term,
    /// How exactly.
    pub specificity: Specificity,
    /// Whether "that" would do to say what is not wanted.
    pub pointing: bool,
}

/// Puts a frame in words of a grammar.
#[must_use]
pub fn realise(saying: &Saying<'_>, grammar: &Grammar, shelf: &Shelf, random: &mut Stream) -> String {
    let specific = saying.specificity == Specificity::Specific;
    let rule = if specific { specific_rule(saying, random) } else { vague_rule(saying) };
    let mut text = fill(&grammar.draw(rule, random), saying.frame, grammar, shelf, random);
    if specific {
        text = framed(text, saying.frame, grammar, shelf, random);
    }
    let opening = grammar.draw("opening", random);
    if opening.is_empty() { text } else { tidy(&format!("{opening} {}", lower_first(&text))) }
}

/// The rule of exact words for a meaning.
fn specific_rule(saying: &Saying<'_>, random: &mut Stream) -> &'static str {
    let f = saying.frame;
    match f.ask {
        Ask::More if f.like.is_some() && f.mood.is_some() => "like-mood",
        Ask::More if f.like.is_some() => "like",
        Ask::More => "more",
        Ask::Less => "less",
        Ask::Avoid if f.creator.is_some() => "avoid-maker",
        Ask::Avoid if f.keep.is_some() => "avoid-keep",
        Ask::Avoid if saying.pointing && random.chance(POINTS) => "avoid-that",
        Ask::Avoid => "avoid",
        Ask::Switch => "switch",
        Ask::Shorter => match saying.reason {
            Term::Fatigue => "shorter-tired",
            Term::Budget => "shorter-busy",
            _ => "shorter",
        },
        Ask::Longer => "longer",
        Ask::Mood => "mood",
        Ask::Better => "better",
        Ask::Surprise => "surprise",
    }
}

/// The rule of vague words for a meaning.
fn vague_rule(saying: &Saying<'_>) -> &'static str {
    match (saying.frame.ask, saying.reason) {
        (Ask::Shorter, Term::Fatigue) => "vague-tired",
        (Ask::Shorter | Ask::Longer, _) => "vague-shorter",
        (Ask::Better, _) => "vague-better",
        (Ask::Mood, _) => "vague-mood",
        (Ask::More, _) => "vague-more",
        (Ask::Surprise, _) => "vague-surprise",
        (Ask::Less | Ask::Avoid | Ask::Switch, _) => "vague-away",
    }
}

/// Exact words with what may stand around them: for how long, or a wish taken back.
fn framed(text: String, f: &Frame, grammar: &Grammar, shelf: &Shelf, random: &mut Stream) -> String {
    if let Some(holds) = f.holds {
        let rule = match holds {
            Holds::Moment => "moment",
            Holds::While => "while",
            Holds::Session => "session",
        };
        let span = grammar.draw(rule, random).to_lowercase();
        let stem = text.trim_end_matches(['.', '!']);
        let pattern = grammar.draw("held", random);
        // "Today: …" reads as a beginning, the rest as an end.
        return tidy(&pattern.replace("{stem}", stem).replace("{span}", &span).replace("{body}", &text));
    }
    if random.chance(TAKES_BACK) && !f.toward.is_empty() {
        let others: Vec<TopicIx> =
            (0..shelf.topics.len() as TopicIx).filter(|t| !f.toward.contains(t) && !f.away.contains(t)).collect();
        if !others.is_empty() {
            let decoy = &shelf.topics[others[random.below(others.len())] as usize];
            return tidy(&grammar.draw("retract", random).replace("{decoy}", decoy).replace("{body}", &text));
        }
    }
    text
}

fn fill(pattern: &str, frame: &Frame, grammar: &Grammar, shelf: &Shelf, random: &mut Stream) -> String {
    // Drawn whether they are needed or not, so that what is drawn after them does not depend on the words.
    let moods = frame
        .mood
        .map(|m| ["mood", "moodier"].map(|how| grammar.draw(&format!("{how}-{}", m.name()), random).to_lowercase()));
    let mut text = String::with_capacity(2 * pattern.len());
    let mut rest = pattern;
    while let Some((before, (slot, after))) =
        rest.split_once('{').and_then(|(before, slot)| Some((before, slot.split_once('}')?)))
    {
        text.push_str(before);
        put(slot, frame, shelf, moods.as_ref(), &mut text);
        rest = after;
    }
    text.push_str(rest);
    tidy(&text)
}

/// Puts in what a slot stands for; one that no frame has stays as it is.
fn put(slot: &str, frame: &Frame, shelf: &Shelf, moods: Option<&[String; 2]>, text: &mut String) {
    let creator = |c: Option<u32>| c.and_then(|c| shelf.creators.get(c as usize)).map_or("them", String::as_str);
    let mood = |which: usize| moods.map_or("different", |m| m[which].as_str());
    match slot {
        "toward" => text.push_str(&names(&frame.toward, shelf)),
        "away" => text.push_str(&names(&frame.away, shelf)),
        "max" => text.push_str(&frame.max_s.map(spoken_duration).unwrap_or_default()),
        "creator" => text.push_str(creator(frame.creator)),
        "keep" => text.push_str(creator(frame.keep)),
        "like" => {
            let item = frame.like.and_then(|i| shelf.items.get(i as usize));
            text.push_str(&item.map_or_else(|| "last".into(), one_word));
        }
        "mood" => text.push_str(mood(0)),
        "moodier" => text.push_str(mood(1)),
        other => text.extend(["{", other, "}"]),
    }
}

fn names(topics: &[TopicIx], shelf: &Shelf) -> String {
    let names = topics.iter().map(|&t| shelf.topics.get(t as usize).map_or("that", String::as_str));
    names.collect::<Vec<_>>().join(" or ")
}

/// The word by which people would call an item: the longest of its title's that is not a number.
#[must_use]
pub fn one_word(item: &Item) -> String {
    let start: String = item.title.chars().take(160).collect();
    let words = start.split(|c: char| !c.is_alphabetic() && c != '-').map(|w| w.trim_matches('-'));
    let longest = words.fold("", |best, w| if w.chars().count() > best.chars().count() { w } else { best });
    if longest.chars().count() < 3 { "last".to_owned() } else { longest.to_lowercase() }
}

/// The adjective of a mood.
#[must_use]
pub fn mood_word(mood: Mood) -> &'static str {
    match mood {
        Mood::Calm => "calm",
        Mood::Bright => "cheerful",
        Mood::Funny => "funny",
        Mood::Intense => "exciting",
        Mood::Thoughtful => "thoughtful",
    }
}

/// A duration as people say it.
#[must_use]
pub fn spoken_duration(seconds: f32) -> String {
    let whole = |n: f32, one: &str, many: &str| if n == 1.0 { format!("one {one}") } else { format!("{n} {many}") };
    if seconds < 60.0 {
        return whole(seconds.round(), "second", "seconds");
    }
    if seconds >= 3600.0 && seconds % 3600.0 == 0.0 {
        return whole(seconds / 3600.0, "hour", "hours");
    }
    let halves = (seconds / 30.0).round() / 2.0;
    whole(halves, "minute", "minutes")
}

fn lower_first(s: &str) -> String {
    if s.starts_with("I ") || s.starts_with("I'") {
        return s.to_owned();
    }
    let mut c = s.chars();
    c.next().map_or_else(String::new, |f| f.to_lowercase().chain(c).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn specific_words_name_the_targets_and_vague_ones_do_not() {
        let shelf = Shelf { topics: vec!["Cooking".into(), "Travel".into()], ..Shelf::default() };
        let frame = Frame { toward: vec![1], away: vec![0], ..Frame::of(Ask::Switch) };
        let say = |specificity, i| {
            let saying = Saying { frame: &frame, reason: Term::Satiation, specificity, pointing: false };
            realise(&saying, spoken(), &shelf, &mut Source::new(i).stream(Purpose::Words))
        };
        for i in 0..80 {
            let said = say(Specificity::Specific, i);
            assert!(said.contains("ooking") && said.contains("ravel") && !said.contains(['{', '<']), "{said}");
            let said = say(Specificity::Vague, i);
            assert!(!said.contains("ooking") && !said.contains("ravel") && !said.contains(['{', '<']), "{said}");
        }
    }

    #[test]
    fn durations_are_spoken_as_people_do() {
        let said = [40.0, 60.0, 90.0, 120.0, 600.0, 3600.0].map(spoken_duration);
        assert_eq!(said, ["40 seconds", "one minute", "1.5 minutes", "2 minutes", "10 minutes", "one hour"]);
    }
}
