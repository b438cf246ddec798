//! Words from facts: patterns with slots, filled so that hardly two titles are the same.

use super::{
    Facts,
    lexicon::{FAMILY, GIVEN, Style, list},
    makers::{Makers, pick},
};
use crate::math::Stream;
use std::collections::HashSet;

/// What the slots of a pattern are filled with (see [`super::lexicon`]).
#[derive(Clone, Copy, Default)]
pub struct Slots<'a> {
    /// `{s}`
    pub subject: &'a str,
    /// `{d}`
    pub detail: &'a str,
    /// `{a}`
    pub adjective: &'a str,
    /// `{t}`
    pub topic: &'a str,
    /// `{w}`
    pub word: &'a str,
    /// `{g}`
    pub given: &'a str,
    /// `{f}`
    pub family: &'a str,
    /// `{m}`
    pub maker: &'a str,
    /// `{series}`
    pub series: &'a str,
    /// `{title}`
    pub title: &'a str,
    /// `{number}`
    pub number: u32,
}

/// Fills a pattern. `{n}` is drawn anew each time; "a" before a vowel becomes "an".
pub fn fill(pattern: &str, slots: &Slots, draw: &mut Stream) -> String {
    let mut out = String::with_capacity(96);
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else { break };
        match &rest[open + 1..open + close] {
            "s" => push(&mut out, slots.subject),
            "d" => push(&mut out, slots.detail),
            "a" => push(&mut out, slots.adjective),
            "t" => push(&mut out, &slots.topic.to_lowercase()),
            "w" => push(&mut out, slots.word),
            "g" => push(&mut out, slots.given),
            "f" => push(&mut out, slots.family),
            "m" => push(&mut out, slots.maker),
            "series" => push(&mut out, slots.series),
            "title" => push(&mut out, slots.title),
            "number" => push(&mut out, &slots.number.to_string()),
            "n" => push(&mut out, &(3 + draw.below(10)).to_string()),
            other => debug_assert!(false, "no slot {{{other}}}"),
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

fn push(out: &mut String, word: &str) {
    let article = out == "a " || out == "A " || out.ends_with(" a ");
    if article && word.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', '8']) {
        out.insert(out.len() - 1, 'n');
    }
    out.push_str(word);
}

/// With its first letter a capital.
pub fn capitalised(words: String) -> String {
    match words.chars().next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(words.chars().skip(1)).collect(),
        _ => words,
    }
}

/// Lists of one topic, parted.
struct TopicWords {
    name: &'static str,
    subjects: Vec<&'static str>,
    details: Vec<&'static str>,
    nicks: Vec<&'static str>,
}

/// Writes titles and texts, and remembers the titles so as not to repeat them.
pub struct Writer<'a> {
    makers: &'a Makers,
    topics: Vec<TopicWords>,
    adjectives: [Vec<&'static str>; 5],
    titles: [Vec<&'static str>; 5],
    texts: [Vec<&'static str>; 5],
    hot: Vec<&'static str>,
    warm: Vec<&'static str>,
    plain: Vec<&'static str>,
    tails: [Vec<&'static str>; 6],
    given: Vec<&'static str>,
    family: Vec<&'static str>,
    episode: &'static str,
    /// How many numbered items each maker has so far.
    episodes: Vec<u32>,
    used: HashSet<String>,
}

/// Positions in [`Writer::tails`].
const HOT: usize = 0;
const GOOD: usize = 1;
const POOR: usize = 2;
const SHORT: usize = 3;
const LONG: usize = 4;
const ANY: usize = 5;

const TAILS_SHORT: &str = "Short and to the point.|Over before you know it.|The quick version.|Brief.";
const TAILS_LONG: &str =
    "Take your time, this is the long version.|Long and complete.|For an evening with time to spare.|At full length.";

impl<'a> Writer<'a> {
    /// A writer of a style.
    pub fn new(style: &'static Style, makers: &'a Makers) -> Self {
        let topics = style
            .topics
            .iter()
            .map(|t| TopicWords {
                name: t.name,
                subjects: list(t.subjects),
                details: list(t.details),
                nicks: list(t.nicks),
            })
            .collect();
        let tails = [style.tails_hot, style.tails_good, style.tails_poor, TAILS_SHORT, TAILS_LONG, style.tails];
        Self {
            makers,
            topics,
            adjectives: style.adjectives.map(list),
            titles: style.titles.map(list),
            texts: style.texts.map(list),
            hot: list(style.hot),
            warm: list(style.warm),
            plain: list(style.plain),
            tails: tails.map(list),
            given: list(GIVEN),
            family: list(FAMILY),
            episode: style.episode,
            episodes: vec![0; makers.names().len()],
            used: HashSet::new(),
        }
    }

    /// The title and the text of an item.
    pub fn write(&mut self, facts: &Facts, draw: &mut Stream) -> (String, String) {
        let title = self.title(facts, draw);
        let slots = self.slots(facts, draw);
        let first = capitalised(fill(pick(&self.texts[facts.mood], draw), &slots, draw));
        let tail = tail(facts, draw);
        // A quarter of the texts are one sentence, unless there is something to say in the second.
        if tail == ANY && draw.chance(0.4) {
            return (title, first);
        }
        let slots = self.slots(facts, draw);
        let second = capitalised(fill(pick(&self.tails[tail], draw), &slots, draw));
        (title, format!("{first} {second}"))
    }

    fn slots(&self, facts: &Facts, draw: &mut Stream) -> Slots<'a> {
        let topic = &self.topics[facts.topic];
        let maker = self.makers.get(facts.maker);
        // The details of the second topic creep in: a travel clip with street food in it.
        let place = match facts.second {
            Some(second) if draw.chance(0.5) => &self.topics[second],
            _ => topic,
        };
        Slots {
            subject: topic.subjects[facts.subject],
            detail: pick(&place.details, draw),
            adjective: pick(&self.adjectives[facts.mood], draw),
            topic: topic.name,
            word: pick(&topic.nicks, draw),
            given: pick(&self.given, draw),
            family: pick(&self.family, draw),
            maker: &maker.name,
            series: &maker.series,
            title: "",
            number: 0,
        }
    }

    /// A title that was not used before: drawn again a few times, then numbered.
    fn title(&mut self, facts: &Facts, draw: &mut Stream) -> String {
        let mut title = String::new();
        for _ in 0..8 {
            title = self.draft(facts, draw);
            if self.used.insert(title.clone()) {
                return title;
            }
        }
        let mut part = 2;
        loop {
            let numbered = format!("{title}, part {part}");
            if self.used.insert(numbered.clone()) {
                return numbered;
            }
            part += 1;
        }
    }

    fn draft(&mut self, facts: &Facts, draw: &mut Stream) -> String {
        let slots = self.slots(facts, draw);
        let (patterns, loud) = self.patterns(facts, draw);
        let title = capitalised(fill(pick(patterns, draw), &slots, draw));
        let maker = self.makers.get(facts.maker);
        if loud || !maker.serial || !draw.chance(0.35) {
            return title;
        }
        self.episodes[facts.maker] += 1;
        let number = maker.earlier + self.episodes[facts.maker];
        fill(self.episode, &Slots { title: &title, number, ..slots }, draw)
    }

    /// The patterns that suit an item's lure, and whether they are the loud ones.
    fn patterns(&self, facts: &Facts, draw: &mut Stream) -> (&[&'static str], bool) {
        let chance = draw.uniform();
        match facts.lure {
            l if l > 0.9 && chance < 0.85 => (&self.hot, true),
            l if l > 0.9 => (&self.warm, false),
            l if l > 0.25 && chance < 0.12 => (&self.hot, true),
            l if l > 0.25 && chance < 0.6 => (&self.warm, false),
            l if l < -0.6 && chance < 0.45 => (&self.plain, false),
            _ => (&self.titles[facts.mood], false),
        }
    }
}

/// Which second sentence an item gets: what it is like shows, but not always.
fn tail(facts: &Facts, draw: &mut Stream) -> usize {
    let sign = |draw: &mut Stream, holds: bool, p: f32| draw.chance(if holds { p } else { 0.03 });
    if sign(draw, facts.lure > 0.7, 0.65) {
        HOT
    } else if sign(draw, facts.quality > 0.6, 0.45) {
        GOOD
    } else if sign(draw, facts.quality < -0.6, 0.4) {
        POOR
    } else if sign(draw, facts.length < -0.8, 0.5) {
        SHORT
    } else if sign(draw, facts.length > 0.8, 0.5) {
        LONG
    } else {
        ANY
    }
}
