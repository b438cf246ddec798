//! The semantic level: words that are like known ones.
//!
//! Three sources, none of them a language model. **The catalogue's own texts** embed each of their words: its row is the
//! positive pointwise mutual information (Church and Hanks, 1990; Levy and Goldberg, 2014) with topics and moods,
//! max(0, ln p(w, c) / p(w) p(c)), brought to length one; a word whose row lies nearly on one topic stands for it. **A
//! small list of senses** holds common words for what the catalogue does not speak of: moods, length, worth, novelty.
//! **The letters** of a word, its groups of three hashed into 64 signed sums (Bojanowski et al., 2017), find the known
//! word that an unknown or misspelt one resembles. Whole sentences that name nothing are weighed by a naive Bayes
//! classifier over the forms of the grammar that users speak and over the senses.

use super::{
    Intent, Lexicon,
    lexical::CHARACTERS,
    lexicon::{stem, tokens},
    senses::{RETRACTIONS, SENSES, Sense, VAGUE_CLASSES},
};
use crate::{
    catalog::{MOODS, Shelf, TopicIx},
    math::{exp, ln},
    recommender::Observation,
    user::words,
};
use std::collections::BTreeMap;

/// The most items whose texts are read, and words of one item.
const ITEMS: usize = 5_000;
const ITEM_WORDS: usize = 60;
/// How often a word must occur, and how nearly its row must lie on one topic or mood.
const SEEN: u32 = 4;
const PURE: f32 = 0.85;
/// The dimensions of a word's letters, and the cosine from which two words are taken for one.
const LETTERS: usize = 64;
const ALIKE: f32 = 0.72;

type Letters = [f32; LETTERS];

/// What words of one shelf are like.
#[derive(Clone, Debug)]
pub struct Semantic {
    /// Words of the texts that stand for one topic or mood, with how surely.
    texts: BTreeMap<String, (Sense, f32)>,
    /// Known words with a sense, by their letters.
    known: Vec<(Letters, Sense)>,
    senses: BTreeMap<&'static str, Sense>,
    /// ln p(word | class) for each of the six things that vague words complain of.
    bayes: BTreeMap<String, [f32; 6]>,
    /// ln p(unseen | class).
    unseen: [f32; 6],
}

impl Semantic {
    /// Reads a shelf's texts.
    #[must_use]
    pub fn of(shelf: &Shelf) -> Self {
        let senses: BTreeMap<&'static str, Sense> =
            SENSES.iter().flat_map(|(sense, words)| words.split(' ').map(|w| (w, *sense))).collect();
        let mut known: Vec<(Letters, Sense)> =
            senses.iter().filter(|s| s.0.len() > 4).map(|(w, s)| (letters(w), *s)).collect();
        for (t, name) in shelf.topics.iter().enumerate() {
            let name = name.to_lowercase();
            if name.chars().count() > 4 && !name.contains(' ') {
                known.push((letters(&stem(&name)), Sense::Topic(t as TopicIx)));
            }
        }
        let (bayes, unseen) = learn_sentences();
        Self { texts: read_texts(shelf), known, senses, bayes, unseen }
    }

    /// What words mean, the lexical pass widened by likeness; a sentence that names nothing is weighed as a whole.
    pub(super) fn read(&self, lexicon: &Lexicon, words: &str, obs: &Observation<'_>) -> Intent {
        self.weighed(self.literal(lexicon, words, obs), words, obs)
    }

    /// What words name, no more.
    pub(super) fn literal(&self, lexicon: &Lexicon, words: &str, obs: &Observation<'_>) -> Intent {
        let (kept, retracted) = after_retraction(beginning(words));
        let mut intent = lexicon.parse_with(kept, obs, Some(self));
        if retracted {
            intent.notes.push("what was said first was taken back".to_owned());
        }
        intent
    }

    /// The same, words that name nothing weighed as a whole.
    pub(super) fn weighed(&self, mut intent: Intent, words: &str, obs: &Observation<'_>) -> Intent {
        if !intent.is_specific() {
            self.complain(words, &mut intent, obs);
        }
        intent
    }

    /// The sense of a word (a stem) that the lexical level does not know.
    pub(super) fn sense(&self, word: &str) -> Option<(Sense, f32)> {
        if let Some(s) = self.senses.get(word) {
            return Some((*s, 0.8));
        }
        if let Some(s) = self.texts.get(word) {
            return Some(*s);
        }
        if !(5..=24).contains(&word.chars().count()) {
            return None;
        }
        let of = letters(word);
        let best = self
            .known
            .iter()
            .map(|k| (cosine(&of, &k.0), k.1))
            .fold((0.0, None), |b, (c, s)| if c > b.0 { (c, Some(s)) } else { b });
        best.1.filter(|_| best.0 >= ALIKE).map(|s| (s, 0.7 * best.0))
    }

    /// How likely the words are under each complaint ([`VAGUE_CLASSES`]), relative to the likeliest (1).
    pub(super) fn senses_of(&self, words: &str) -> [f32; 6] {
        let mut score = [0.0f32; 6];
        for word in tokens(beginning(words), 60) {
            let Some(row) = self.bayes.get(&stem(&word)) else { continue };
            for (s, (r, u)) in score.iter_mut().zip(row.iter().zip(&self.unseen)) {
                // Against the unseen word of the class, so that classes with more forms gain nothing by it; no single
                // word decides alone.
                *s += (r - u).clamp(-3.0, 3.0);
            }
        }
        let best = score.iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
        score.map(|s| exp(0.8 * (s - best)))
    }

    /// Makes an intent of a sentence that names nothing.
    fn complain(&self, words: &str, intent: &mut Intent, obs: &Observation<'_>) {
        let likely = self.senses_of(words);
        let total: f32 = likely.iter().sum();
        let (class, share) =
            likely.iter().enumerate().fold((0, 0.0), |b, (i, l)| if l / total > b.1 { (i, l / total) } else { b });
        if share < 0.4 {
            return;
        }
        intent.vague = true;
        intent.confidence = intent.confidence.max(0.5 * share);
        match VAGUE_CLASSES[class] {
            "shorter" => intent.max_s = Some(0.8 * super::lexical::usual_length(obs)),
            "better" => intent.better = true,
            "surprise" => intent.surprise = 0.6,
            _ => return,
        }
        intent.notes.push(format!("the words are most like those of people who want {}", wants(class)));
    }
}

/// What a complaint wants, in words.
pub(super) fn wants(class: usize) -> &'static str {
    [
        "something nearer to their taste",
        "a rest from a topic",
        "shorter items",
        "better items",
        "another mood",
        "something new",
    ][class.min(5)]
}

/// As much as is read of what was said.
fn beginning(words: &str) -> &str {
    // One character more, so that the reader can tell that there was a rest.
    words.char_indices().nth(CHARACTERS + 1).map_or(words, |c| &words[..c.0])
}

/// What is left after the last thing that takes back what was said before it.
fn after_retraction(words: &str) -> (&str, bool) {
    let low = words.to_ascii_lowercase();
    let cut = RETRACTIONS.iter().filter_map(|r| low.rfind(r).map(|at| at + r.len())).max();
    match cut {
        Some(at) if words[at..].chars().filter(|c| c.is_alphabetic()).count() > 2 => (&words[at..], true),
        _ => (words, false),
    }
}

/// The words of the texts that stand for one topic or mood.
fn read_texts(shelf: &Shelf) -> BTreeMap<String, (Sense, f32)> {
    let contexts = shelf.topics.len() + MOODS.len();
    let step = shelf.items.len().div_ceil(ITEMS).max(1);
    let mut counts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut of_context = vec![0u32; contexts];
    for item in shelf.items.iter().step_by(step) {
        let text: String = item.title.chars().chain([' ']).chain(item.text.chars()).take(600).collect();
        for word in tokens(&text, ITEM_WORDS) {
            if word.chars().count() < 4 || !word.chars().all(|c| c.is_alphabetic() || c == '-') {
                continue;
            }
            let row = counts.entry(stem(&word)).or_insert_with(|| vec![0; contexts]);
            for c in core::iter::once(item.topics[0] as usize).chain(item.mood.map(|m| shelf.topics.len() + m as usize))
            {
                if let Some(n) = row.get_mut(c) {
                    *n += 1;
                    of_context[c] += 1;
                }
            }
        }
    }
    let all: f32 = of_context.iter().map(|n| *n as f32).sum::<f32>().max(1.0);
    counts
        .into_iter()
        .filter_map(|(word, row)| Some((word, pure(&row, &of_context, all, shelf.topics.len())?)))
        .collect()
}

/// What a row of counts lies nearly on, if anything.
fn pure(row: &[u32], of_context: &[u32], all: f32, topics: usize) -> Option<(Sense, f32)> {
    let n: u32 = row.iter().sum();
    if n < SEEN {
        return None;
    }
    let ppmi: Vec<f32> = (row.iter().zip(of_context))
        .map(|(&k, &c)| {
            let lift = k as f32 * all / (n as f32 * (c as f32).max(1.0));
            // One or two meetings are chance.
            if k < 3 || lift <= 1.0 { 0.0 } else { ln(lift) }
        })
        .collect();
    let length = ppmi.iter().map(|v| v * v).sum::<f32>().sqrt();
    let (best, value) = ppmi.iter().enumerate().fold((0, 0.0), |b, (i, v)| if *v > b.1 { (i, *v) } else { b });
    let share = value / length.max(1e-6);
    let often = row[best] as f32 / row[..topics].iter().sum::<u32>().max(1) as f32;
    if best < topics {
        return (share >= PURE && value > 1.0 && often > 0.6).then_some((Sense::Topic(best as TopicIx), 0.6 * share));
    }
    (share >= PURE && value > 1.0).then(|| (Sense::Mood(MOODS[best - topics]), 0.6 * share))
}

/// Naive Bayes over the vague forms of the spoken grammar and the senses' words.
fn learn_sentences() -> (BTreeMap<String, [f32; 6]>, [f32; 6]) {
    let mut counts: BTreeMap<String, [f32; 6]> = BTreeMap::new();
    let mut totals = [0.0f32; 6];
    for (class, name) in VAGUE_CLASSES.iter().enumerate() {
        let mut forms: Vec<String> = words::spoken().all(&format!("v-{name}"), 400).into_iter().collect();
        if *name == "shorter" {
            forms.extend(words::spoken().all("v-tired", 400));
        }
        let extra = super::senses::IDIOMS.iter().filter(|i| i.0 == *name).map(|i| i.1.to_owned());
        for form in forms.into_iter().chain(extra) {
            for word in tokens(&form, 40) {
                if word.chars().any(char::is_alphanumeric) {
                    counts.entry(stem(&word)).or_insert([0.0; 6])[class] += 1.0;
                    totals[class] += 1.0;
                }
            }
        }
    }
    let size = counts.len() as f32;
    let unseen = totals.map(|t| ln(0.5 / (t + 0.5 * size)));
    for row in counts.values_mut() {
        for (class, n) in row.iter_mut().enumerate() {
            *n = ln((*n + 0.5) / (totals[class] + 0.5 * size));
        }
    }
    (counts, unseen)
}

/// A word's letters: groups of three, its ends marked, hashed into signed sums.
fn letters(word: &str) -> Letters {
    let mut out = [0.0; LETTERS];
    let chars: Vec<char> = core::iter::once('<').chain(word.chars()).chain(['>']).collect();
    for size in [2, 3] {
        for group in chars.windows(size) {
            let mut h = 0xcbf2_9ce4_8422_2325u64;
            for c in group {
                h = (h ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3);
            }
            h ^= h >> 29;
            out[(h % LETTERS as u64) as usize] += if h >> 40 & 1 == 1 { 1.0 } else { -1.0 };
        }
    }
    out
}

fn cosine(a: &Letters, b: &Letters) -> f32 {
    let dot = |x: &Letters, y: &Letters| x.iter().zip(y).fold(0.0f32, |s, (p, q)| s + p * q);
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-6)
}
