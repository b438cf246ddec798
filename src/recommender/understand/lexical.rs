//! The lexical level: words, names and numbers, with negation, in one pass from left to right.
//!
//! Each clause has a direction (more, less, avoid, keep), set by words such as "no more", "rather" or "without" and lost
//! at its end; a topic, creator or mood met on the way goes in that direction. Only the first 2,000 characters are read.

use super::{
    Intent, Lexicon, asides,
    lexicon::{stem, tokens},
    semantic::Semantic,
    signs, tongues,
    words::{BETTER, EMPTY, HARSH, LONGER, MOODS, NEW, SHORTER, VAGUE},
};
use crate::{
    catalog::{Mood, Shelf, TopicIx},
    math::order,
    recommender::Observation,
};

/// The most characters read.
pub const CHARACTERS: usize = 2_000;
/// The most words read.
const WORDS: usize = 300;
/// For how many turns a wish holds where nothing is said about it.
const HOLDS: u32 = 6;
/// "From now on".
pub(super) const FOREVER: u32 = 1_000;

/// Where what is named next belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Way {
    /// Nothing said yet: naming something is asking for it.
    Open,
    /// Wanted.
    More,
    /// Wanted less.
    Less,
    /// Not wanted.
    Avoid,
}

/// Phrases that set the direction, longest first.
#[rustfmt::skip]
const WAYS: &[(&[&str], Way)] = &[
    (&["i", "do", "not", "want"], Way::Avoid), (&["not", "in", "the", "mood"], Way::Avoid), (&["get", "rid", "of"], Way::Avoid),
    (&["not", "so", "much"], Way::Less), (&["not", "as", "much"], Way::Less), (&["a", "bit", "less"], Way::Less),
    (&["not", "that", "much"], Way::Less), (&["can't", "stand"], Way::Avoid), (&["don't", "mind"], Way::More),
    (&["not", "only"], Way::More), (&["no", "more"], Way::Avoid), (&["not", "another"], Way::Avoid), (&["anything", "but"], Way::Avoid),
    (&["anyone", "but"], Way::Avoid), (&["everything", "but"], Way::Avoid), (&["leave", "out"], Way::Avoid),
    (&["done", "with"], Way::Avoid), (&["tired", "of"], Way::Avoid), (&["sick", "of"], Way::Avoid), (&["bored", "of"], Way::Avoid),
    (&["bored", "by"], Way::Avoid), (&["bored", "with"], Way::Avoid), (&["fed", "up"], Way::Avoid), (&["instead", "of"], Way::Avoid),
    (&["rather", "than"], Way::Avoid), (&["other", "than"], Way::Avoid), (&["apart", "from"], Way::Avoid), (&["too", "much"], Way::Less),
    (&["too", "many"], Way::Less), (&["switch", "from"], Way::Avoid), (&["switch", "to"], Way::More), (&["away", "from"], Way::Avoid),
    (&["don't", "want"], Way::Avoid), (&["don't", "like"], Way::Avoid), (&["don't", "show"], Way::Avoid), (&["don't", "need"], Way::Avoid),
    (&["dont", "want"], Way::Avoid), (&["dont", "like"], Way::Avoid), (&["dont", "show"], Way::Avoid), (&["enough", "of"], Way::Avoid),
    (&["mood", "for"], Way::More), (&["keep", "the"], Way::More),
    (&["no"], Way::Avoid), (&["not"], Way::Avoid), (&["never"], Way::Avoid), (&["without"], Way::Avoid), (&["avoid"], Way::Avoid),
    (&["nothing", "but"], Way::More), (&["nothing"], Way::Avoid), (&["skip"], Way::Avoid), (&["stop"], Way::Avoid), (&["hide"], Way::Avoid), (&["drop"], Way::Avoid), (&["remove"], Way::Avoid),
    (&["enough"], Way::Avoid), (&["except"], Way::Avoid), (&["hate"], Way::Avoid), (&["dislike"], Way::Avoid), (&["minus"], Way::Avoid),
    (&["ban"], Way::Avoid), (&["block"], Way::Avoid), (&["mute"], Way::Avoid), (&["less"], Way::Less), (&["fewer"], Way::Less), (&["reduce"], Way::Less),
    (&["more"], Way::More), (&["show"], Way::More), (&["want"], Way::More), (&["like"], Way::More), (&["love"], Way::More),
    (&["give"], Way::More), (&["bring"], Way::More), (&["prefer"], Way::More), (&["see"], Way::More), (&["only"], Way::More),
    (&["need"], Way::More), (&["rather"], Way::More), (&["keep"], Way::More), (&["play"], Way::More), (&["find"], Way::More),
    (&["try"], Way::More), (&["add"], Way::More),
];

/// After a topic, these say that it is too much of it.
const SPOILS: &[&str] = &["boring", "dull", "annoying", "enough", "tiring", "awful", "bad", "again", "sucks", "stale"];

/// What `words` mean over `shelf`, in the light of what was just shown. Builds the shelf's lexicon first: whoever parses
/// often keeps a [`Lexicon`].
#[must_use]
pub fn parse(words: &str, shelf: &Shelf, obs: &Observation<'_>) -> Intent {
    Lexicon::of(shelf).parse(words, obs)
}

impl Lexicon {
    /// What `words` mean, in the light of what was just shown. Never fails: what cannot be read is reported as unread.
    #[must_use]
    pub fn parse(&self, words: &str, obs: &Observation<'_>) -> Intent {
        self.parse_with(words, obs, None)
    }

    /// The same, with likeness where there is no word.
    pub(super) fn parse_with(&self, words: &str, obs: &Observation<'_>, semantic: Option<&Semantic>) -> Intent {
        let start = words.char_indices().nth(CHARACTERS).map_or(words, |c| &words[..c.0]);
        let raw = signs::plain(tokens(&signs::spelt(start), WORDS));
        let stems =
            raw.iter().map(|w| stem(w.strip_suffix("'s").filter(|_| semantic.is_some()).unwrap_or(w))).collect();
        let mut reader = Reader {
            lexicon: self,
            obs,
            semantic,
            raw,
            stems,
            at: 0,
            way: Way::Open,
            comma: false,
            named: false,
            last_topic: None,
            just: None,
            swapping: false,
            unit: None,
            asks_nothing: asides::asks_nothing(start),
            read: 0.0,
            intent: Intent { holds_turns: HOLDS, ..Intent::default() },
        };
        if reader.has_any(&["never"]) && reader.has_any(&["again"]) {
            reader.intent.holds_turns = FOREVER;
        }
        reader.run();
        reader.finish(words.len() > start.len())
    }
}

pub(super) struct Reader<'a> {
    pub(super) lexicon: &'a Lexicon,
    pub(super) obs: &'a Observation<'a>,
    /// What words are like, above the lexical level.
    pub(super) semantic: Option<&'a Semantic>,
    pub(super) raw: Vec<String>,
    pub(super) stems: Vec<String>,
    pub(super) at: usize,
    pub(super) way: Way,
    /// Whether a comma came since the direction was set.
    pub(super) comma: bool,
    /// Whether something was named since the direction was set.
    pub(super) named: bool,
    pub(super) last_topic: Option<TopicIx>,
    /// The topic named last, also across a full stop, and the place after it.
    pub(super) just: Option<(TopicIx, usize)>,
    /// Whether something is being given for what follows: "swap … for".
    pub(super) swapping: bool,
    /// The unit of the last length that was read, seconds.
    pub(super) unit: Option<f32>,
    /// Whether the words have none by which people ask for something.
    pub(super) asks_nothing: bool,
    /// The weight of what was understood.
    pub(super) read: f32,
    pub(super) intent: Intent,
}

impl Reader<'_> {
    fn run(&mut self) {
        while self.at < self.raw.len() {
            let taken = self.step();
            self.at += taken.max(1);
        }
    }

    pub(super) fn word(&self, ahead: usize) -> &str {
        self.raw.get(self.at + ahead).map_or("", String::as_str)
    }

    pub(super) fn says(&self, phrase: &[&str]) -> bool {
        phrase.iter().enumerate().all(|(i, p)| self.word(i) == *p)
    }

    pub(super) fn negative(&self) -> bool {
        matches!(self.way, Way::Avoid | Way::Less)
    }

    /// Reads on from here; returns how many words were understood (0: none).
    fn step(&mut self) -> usize {
        if let Some(n) = self.exception().or_else(|| self.placed()).or_else(|| self.like_one()) {
            return n;
        }
        if let Some(n) =
            self.like_this().or_else(|| self.verdict()).or_else(|| self.pleased()).or_else(|| self.exchange())
        {
            return n;
        }
        if let Some(n) = self.boundary().or_else(|| self.span()).or_else(|| self.limit()) {
            return n;
        }
        if let Some(n) = self.phrase().or_else(|| self.creator()).or_else(|| self.nobody()) {
            return n;
        }
        // "switch from A to B", "from A to B".
        if self.word(0) == "to" && self.way == Way::Avoid && self.named {
            self.turn(Way::More);
            return 1;
        }
        let beside: [&[&str]; 4] = [&["except"], &["apart", "from"], &["other", "than"], &["save", "for"]];
        if let Some(phrase) = beside.iter().find(|p| self.says(p) && self.way == Way::Avoid && self.named) {
            self.turn(Way::More);
            return phrase.len();
        }
        // "Forget what I said about cooking": neither wanted nor not.
        if self.word(0) == "unsaid" {
            let rest = self.raw[self.at..].iter().take_while(|w| *w != "." && *w != ",").count();
            self.intent.notes.push("what was said before is taken back".to_owned());
            return rest;
        }
        // "No cooking unless it's short": what is refused is known, the condition is not kept.
        if matches!(self.word(0), "unless" | "if") && self.named {
            let rest = self.raw[self.at..].iter().take_while(|w| *w != "." && *w != ",").count();
            self.intent.notes.push(format!("what follows “{}” is a condition, and was not taken", self.word(0)));
            return rest;
        }
        if let Some(n) = self.direction().or_else(|| self.topic()).or_else(|| self.single()) {
            return n;
        }
        let word = self.word(0).to_owned();
        let known = EMPTY.contains(&self.stems[self.at].as_str()) || EMPTY.contains(&word.as_str());
        self.intent.familiar |= known;
        if let Some(n) = self.alike(known) {
            return n;
        }
        if !known && word.chars().any(char::is_alphanumeric) && self.intent.unread.len() < 12 {
            let word: String = word.chars().take(40).collect();
            if !self.intent.unread.contains(&word) {
                self.intent.unread.push(word);
            }
        }
        0
    }

    pub(super) fn turn(&mut self, way: Way) {
        (self.way, self.comma, self.named) = (way, false, false);
    }

    /// Ends of clauses.
    fn boundary(&mut self) -> Option<usize> {
        match self.word(0) {
            "." => {
                self.turn(Way::Open);
                self.last_topic = None;
                Some(1)
            }
            "," => {
                self.comma = true;
                // "No cooking, travel please": what comes after the comma is asked for politely, so it is wanted.
                let rest = self.raw[self.at + 1..].iter().take_while(|w| *w != ".").take(6);
                let polite = rest.into_iter().any(|w| matches!(w.as_str(), "please" | "instead" | "rather" | "would"));
                // "Less cooking, something funny": so is what stands on its own there.
                let wish = matches!(self.word(1), "something" | "make");
                if self.negative() && (self.named && polite || wish) {
                    self.turn(Way::More);
                }
                Some(1)
            }
            // "I love cooking, but not today": the span that follows is of what was named.
            "but" if self.word(1) == "not" && self.last_topic.is_some() && self.names_a_time(2) => {
                self.spoil();
                Some(2)
            }
            "but" if !self.word(1).is_empty() => {
                if !(self.at > 0 && matches!(self.raw[self.at - 1].as_str(), "anything" | "anyone" | "everything")) {
                    self.turn(Way::Open);
                }
                Some(1)
            }
            _ => None,
        }
    }

    /// Whether nothing but a time is named from that word to the clause's end.
    fn names_a_time(&self, ahead: usize) -> bool {
        let times: [&[&str]; 9] = [
            &["today"],
            &["tonight"],
            &["now"],
            &["right", "now"],
            &["anymore"],
            &["this", "evening"],
            &["this", "time"],
            &["at", "the", "moment"],
            &["for", "now"],
        ];
        let says = |t: &[&str]| t.iter().enumerate().all(|(i, w)| self.word(ahead + i) == *w);
        times.iter().any(|t| says(t) && matches!(self.word(ahead + t.len()), "" | "." | "," | "please" | "thanks"))
    }

    pub(super) fn words_from(&self, place: usize) -> &[String] {
        self.raw.get(place..self.at).unwrap_or_default()
    }

    pub(super) fn has_any(&self, words: &[&str]) -> bool {
        self.raw.iter().any(|w| words.contains(&w.as_str()))
    }

    /// Fixed phrases that mean something as a whole.
    fn phrase(&mut self) -> Option<usize> {
        let vague: [&[&str]; 10] = [
            &["not", "really", "my", "thing"],
            &["not", "my", "thing"],
            &["not", "what", "i"],
            &["not", "the", "right", "moment"],
            &["doesn't", "fit"],
            &["wrong", "vibe"],
            &["wrong", "mood"],
            &["is", "there", "anything"],
            &["not", "interested"],
            &["i", "came", "for"],
        ];
        if let Some(p) = vague.iter().find(|p| self.says(p)) {
            self.read += 0.5;
            self.intent.vague = true;
            return Some(p.len());
        }
        let newer: [&[&str]; 9] = [
            &["something", "else"],
            &["same", "old"],
            &["always", "the", "same"],
            &["never", "seen"],
            &["haven't", "seen"],
            &["haven't", "had"],
            &["seen", "all", "this"],
            &["know", "all", "this"],
            &["not", "the", "same"],
        ];
        if let Some(p) = newer.iter().find(|p| self.says(p)) {
            self.read += 0.7;
            self.intent.surprise = self.intent.surprise.max(if p[0] == "something" { 0.6 } else { 0.8 });
            return Some(p.len());
        }
        let quality: [&[&str]; 6] = [
            &["not", "worth"],
            &["good", "stuff"],
            &["expected", "more"],
            &["keep", "their", "promise"],
            &["loud", "title"],
            &["loud", "titles"],
        ];
        if let Some(p) = quality.iter().find(|p| self.says(p)) {
            self.read += 1.0;
            self.intent.better = true;
            return Some(p.len());
        }
        // "I have time" is an invitation, "who has time?" and "I don't have all day" are none.
        let idle: [&[&str]; 4] = [&["all", "day"], &["has", "time"], &["have", "time"], &["have", "the", "time"]];
        if let Some(p) = idle.iter().find(|p| self.says(p)) {
            let hurried = ["don't", "dont", "not", "haven't", "who", "no", "doesn't", "nobody", "cannot", "can't"];
            if self.words_from(self.at.saturating_sub(5)).iter().any(|w| hurried.contains(&w.as_str())) {
                self.shorter();
            } else {
                self.longer();
            }
            return Some(p.len());
        }
        let shorter: [&[&str]; 5] = [
            &["too", "long"],
            &["no", "time"],
            &["little", "time"],
            &["lot", "to", "take", "in"],
            &["not", "so", "long"],
        ];
        if let Some(p) = shorter.iter().find(|p| self.says(p)) {
            self.shorter();
            return Some(p.len());
        }
        if self.says(&["too", "short"]) {
            self.longer();
            return Some(2);
        }
        self.referent()
    }

    fn direction(&mut self) -> Option<usize> {
        let (phrase, way) = WAYS.iter().find(|w| self.says(w.0))?;
        // "I like it": not a request for what follows a clause later; and "enough" after a topic spoils it.
        if phrase == &["enough"] && self.last_topic.is_some() && !self.comma && matches!(self.word(1), "" | "." | ",") {
            return self.spoil();
        }
        // "No more", "not ... want": a positive word right after a negative one does not undo it.
        if *way == Way::More && self.negative() && !self.named && !self.comma {
            return Some(phrase.len());
        }
        self.turn(*way);
        Some(phrase.len())
    }

    /// The topic named before is too much: take it out of what is wanted.
    fn spoil(&mut self) -> Option<usize> {
        let topic = self.last_topic.take()?;
        self.refuse(topic);
        Some(1)
    }

    /// Words with a meaning of their own.
    fn single(&mut self) -> Option<usize> {
        let stem = self.stems[self.at].clone();
        let word = self.word(0).to_owned();
        let welcome = word == "again"
            && (self.way == Way::More || self.has_any(&["please", "fine", "ok", "okay", "welcome", "never"]));
        if self.last_topic.is_some() && SPOILS.contains(&word.as_str()) && !self.comma && !welcome {
            self.read += 0.5;
            return self.spoil();
        }
        if self.manner(&stem, &word) {
            // "No loud music": the music stays.
            if self.negative() && self.lexicon.topic(&self.stems[self.at + 1..]).is_some() {
                self.turn(Way::Open);
            }
            return Some(1);
        }
        if BETTER.contains(&stem.as_str()) {
            self.intent.better = true;
            self.read += 1.0;
            self.named = true;
            return Some(1);
        }
        // Items of news are not new ones, and "never again" asks for nothing new.
        let other = word == "news" || (word == "again" && welcome);
        if let Some((_, strength)) = NEW.iter().find(|n| n.0 == stem && !other) {
            self.intent.surprise = self.intent.surprise.max(*strength);
            self.read += 0.7;
            return Some(1);
        }
        if VAGUE.contains(&stem.as_str()) {
            self.intent.vague = true;
            self.read += 0.4;
            return Some(1);
        }
        None
    }

    /// A feel or a length, wanted or not.
    fn manner(&mut self, stem: &str, word: &str) -> bool {
        if let Some((mood, _)) = MOODS.iter().find(|m| m.1.contains(&stem)) {
            let denied = self.negative();
            // "Funny, but not silly": what was asked for stays.
            if !(denied && self.intent.mood == Some(*mood)) {
                if self.intent.mood.is_some_and(|m| m != *mood) && !denied {
                    self.intent.notes.push("two feels were asked for; the last holds".to_owned());
                }
                self.intent.mood = if denied { opposite(*mood) } else { Some(*mood) };
            }
            self.read += 1.0;
            self.named = true;
            return true;
        }
        if let Some((_, instead, is)) = HARSH.iter().find(|h| h.0.contains(&stem)) {
            let mood = if self.negative() { Some(*instead) } else { *is };
            if mood.is_none() {
                return false;
            }
            self.intent.mood = mood;
            self.read += 0.7;
            return true;
        }
        if matches!(word, "loud" | "loudness" | "noisy" | "stressful" | "hectic") {
            self.intent.mood = Some(Mood::Calm);
            self.read += 0.7;
            return true;
        }
        let short = SHORTER.contains(&stem);
        if !short && !LONGER.contains(&stem) && word != "long" {
            return false;
        }
        if short == self.negative() {
            self.longer();
        } else {
            self.shorter();
        }
        true
    }

    pub(super) fn shorter(&mut self) {
        self.read += 0.8;
        self.intent.max_s.get_or_insert(f32::NAN);
    }

    fn longer(&mut self) {
        self.read += 0.8;
        self.intent.min_s.get_or_insert(f32::NAN);
    }

    fn finish(mut self, cut: bool) -> Intent {
        // "Shorter" without a number is measured against what was just shown.
        if self.intent.max_s.is_some_and(f32::is_nan) {
            self.intent.max_s = Some(0.8 * usual_length(self.obs));
        }
        if self.intent.min_s.is_some_and(f32::is_nan) {
            self.intent.min_s = Some(1.2 * usual_length(self.obs));
        }
        if let (Some(min), Some(max)) = (self.intent.min_s, self.intent.max_s)
            && min > max
        {
            (self.intent.min_s, self.intent.max_s) = (Some(max), Some(min));
        }
        if self.intent.is_specific() || self.intent.vague {
            self.intent.content = false;
        } else if self.intent.content {
            self.read += 1.0;
        }
        if tongues::is_foreign(&self.raw, &self.intent.unread) {
            return tongues::unheard(self.intent, self.raw);
        }
        let avoid = core::mem::take(&mut self.intent.avoid);
        self.intent.less.retain(|l| !avoid.iter().any(|a| a.0 == l.0));
        self.intent.avoid = avoid;
        if cut {
            self.intent.unread.truncate(11);
            self.intent.unread.push("… (the rest was too long to read)".to_owned());
        }
        let unread = self.intent.unread.len() as f32;
        self.intent.confidence = if self.read > 0.0 { (self.read / (self.read + 0.5 * unread)).min(1.0) } else { 0.0 };
        if self.intent.vague && self.intent.surprise == 0.0 && !self.intent.is_specific() {
            self.intent.confidence = self.intent.confidence.min(0.5);
        }
        self.intent
    }
}

/// What the last slate's items last in the middle, seconds; else the shelf's first.
pub(super) fn usual_length(obs: &Observation<'_>) -> f32 {
    let shelf = obs.shelf;
    let mut lengths: Vec<f32> = match obs.history.last() {
        Some(turn) => turn.items.iter().map(|&i| shelf.items[i as usize].duration_s).collect(),
        None => shelf.items.iter().take(200).map(|i| i.duration_s).collect(),
    };
    order::sort_by(&mut lengths, f32::total_cmp);
    lengths.get(lengths.len() / 2).copied().unwrap_or(60.0)
}

/// What is wanted when a feel is not.
fn opposite(mood: Mood) -> Option<Mood> {
    match mood {
        Mood::Calm => Some(Mood::Intense),
        Mood::Intense => Some(Mood::Calm),
        Mood::Funny => Some(Mood::Thoughtful),
        Mood::Thoughtful => Some(Mood::Bright),
        Mood::Bright => None,
    }
}
