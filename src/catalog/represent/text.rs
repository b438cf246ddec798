//! The textual representation: an item as 32 numbers made from its public fields alone.
//!
//! | dimensions | what |
//! |---|---|
//! | 0–22 | topics, words and creator, projected at random |
//! | 23 | the number of topics, centred |
//! | 24 | ln(duration), standardised over the shelf |
//! | 25 | the crowd's rating, standardised over the shelf (0 where there is none) |
//! | 26 | ln(popularity), standardised over the shelf |
//! | 27–31 | mood: calm, bright, funny, intense, thoughtful |
//!
//! **Topics** get directions of their own: orthonormal for the first 23 of a shelf, random beyond. **Words** of title and
//! text are weighed by tf-idf, (1 + ln tf) · ln((n + 1) / (df + 1)) + a little (Salton and Buckley, 1988), hashed
//! (Weinberger et al., "Feature hashing for large scale multitask learning", 2009) and projected on random signs
//! (Achlioptas, 2003), which keeps inner products in expectation; so do **creators**. Each of the parts is brought to
//! length one and weighed (`TOPICS`, `WORDS`, `CREATOR`, and `NUMBERS` for each number, `MOOD`); then the row is
//! brought to length one. Nothing depends on a seed: the same shelf gives the same bytes.

use crate::{
    catalog::{Item, Mood, Shelf, standardise},
    llm::embed::Embeddings,
    math::{self, Purpose, Source},
    recommender::{FEATURES, Features},
};

/// The dimensions that words, topics and creator share.
const HASHED: usize = 23;
/// The weight of the topics.
const TOPICS: f32 = 0.8;
/// The weight of the words.
const WORDS: f32 = 0.45;
/// The weight of the creator.
const CREATOR: f32 = 0.2;
/// The weight of one standard deviation of duration, rating, popularity.
const NUMBERS: f32 = 0.18;
/// The weight of the mood.
const MOOD: f32 = 0.3;
/// Buckets of the count of documents a word occurs in; two words sharing one matters little.
const BUCKETS: usize = 1 << 16;
/// Words looked at in one item.
const MAX_WORDS: usize = 400;

/// Of how many evenly spaced items the directions of embeddings are taken.
const EMBEDDED_ROWS: usize = 2000;

type Row = [f32; FEATURES];
type Part = [f32; HASHED];

/// Each item of the shelf as a row of length one.
#[must_use]
pub fn features(shelf: &Shelf) -> Features {
    let idf = Idf::of(shelf);
    let topics = topic_directions(&shelf.topics);
    let numbers = numbers(shelf);
    let mut words = Vec::new();
    let rows =
        shelf.items.iter().zip(numbers).map(|(item, n)| row(item, shelf, &topics, &idf, n, &mut words)).collect();
    Features { rows, ..Features::default() }
}

fn row(item: &Item, shelf: &Shelf, topics: &[Part], idf: &Idf, numbers: [f32; 3], words: &mut Vec<u64>) -> Row {
    let mut shared = [0.0; HASHED];
    add_unit(&mut shared, TOPICS, topic_part(item, topics));
    add_unit(&mut shared, WORDS, word_part(item, idf, words));
    if let Some(creator) = shelf.creators.get(item.creator as usize) {
        let mut part = [0.0; HASHED];
        add_signs(&mut part, 1.0, hash(creator.as_bytes()));
        add_unit(&mut shared, CREATOR, part);
    }
    with_numbers(item, &shared, numbers)
}

/// Each item as what a model made of its words, along the directions in which these vary most, in the place of topics,
/// words and creator; with the same numbers and mood beside it.
#[must_use]
pub fn embedded(shelf: &Shelf, embeddings: &Embeddings) -> Features {
    let dims = embeddings.dims.max(1);
    let mut mean = vec![0.0f32; dims];
    let share = 1.0 / shelf.items.len().max(1) as f32;
    for i in 0..shelf.items.len() {
        mean.iter_mut().zip(embeddings.of(i)).for_each(|(m, x)| *m += share * x);
    }
    let unlike = |i: usize| embeddings.of(i).iter().zip(&mean).map(|(x, m)| x - m).collect::<Vec<f32>>();
    let step = shelf.items.len().div_ceil(EMBEDDED_ROWS).max(1);
    let some: Vec<f32> = (0..shelf.items.len()).step_by(step).flat_map(unlike).collect();
    let directions = super::project::Directions::of_long(&some, dims, HASHED);
    // As long as the three parts that it stands for are together.
    let weight = (TOPICS * TOPICS + WORDS * WORDS + CREATOR * CREATOR).sqrt();
    let row = |(i, n): (usize, [f32; 3])| {
        let mut part = [0.0; HASHED];
        directions.apply(&unlike(i), &mut part);
        let mut shared = [0.0; HASHED];
        add_unit(&mut shared, weight, part);
        with_numbers(&shelf.items[i], &shared, n)
    };
    let rows = numbers(shelf).into_iter().enumerate().map(row).collect();
    Features { rows, ..Features::default() }
}

/// A row of what words, topics and creator say, and of an item's numbers and mood.
fn with_numbers(item: &Item, shared: &Part, numbers: [f32; 3]) -> Row {
    let mut row = [0.0; FEATURES];
    row[..HASHED].copy_from_slice(shared);
    row[23] = 0.1 * (item.topics.len().min(4) as f32 - 1.5);
    for (place, n) in row[24..27].iter_mut().zip(numbers) {
        *place = NUMBERS * n.clamp(-3.0, 3.0);
    }
    if let Some(mood) = item.mood {
        row[27 + mood_index(mood)] = MOOD;
    }
    unit(&mut row);
    row
}

fn mood_index(mood: Mood) -> usize {
    mood as usize
}

/// Brings a row to length one. A row is never zero: it has a topic.
fn unit(row: &mut Row) {
    let n = row.iter().map(|x| x * x).sum::<f32>().sqrt();
    if n > 1e-9 {
        row.iter_mut().for_each(|x| *x /= n);
    } else {
        row[0] = 1.0;
    }
}

fn add_unit(to: &mut Part, weight: f32, part: Part) {
    let n = part.iter().map(|x| x * x).sum::<f32>().sqrt();
    if n > 1e-9 {
        to.iter_mut().zip(part).for_each(|(t, x)| *t += weight / n * x);
    }
}

/// Adds ±`weight` in every dimension, the signs taken from the hash.
fn add_signs(to: &mut Part, weight: f32, hash: u64) {
    for (d, x) in to.iter_mut().enumerate() {
        *x += if hash >> (d + 20) & 1 == 1 { weight } else { -weight };
    }
}

/// The main topic counts full, each further one half as much as the one before.
fn topic_part(item: &Item, topics: &[Part]) -> Part {
    let mut part = [0.0; HASHED];
    let mut weight = 1.0;
    for topic in &item.topics {
        if let Some(direction) = topics.get(usize::from(*topic)) {
            part.iter_mut().zip(direction).for_each(|(p, d)| *p += weight * d);
        }
        weight *= 0.5;
    }
    part
}

/// A direction for each topic, found from its name; orthonormal as far as the dimensions reach.
fn topic_directions(names: &[String]) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let mut draw = Source::new(hash(name.to_lowercase().as_bytes())).stream(Purpose::Other);
        let mut v: Part = std::array::from_fn(|_| draw.normal());
        if i < HASHED {
            for earlier in &out {
                let k: f32 = v.iter().zip(earlier).map(|(a, b)| a * b).sum();
                v.iter_mut().zip(earlier).for_each(|(a, b)| *a -= k * b);
            }
        }
        let mut clean = [0.0; HASHED];
        add_unit(&mut clean, 1.0, v);
        out.push(clean);
    }
    out
}

fn word_part(item: &Item, idf: &Idf, words: &mut Vec<u64>) -> Part {
    let mut part = [0.0; HASHED];
    collect_words(item, words);
    words.sort_unstable();
    for same in words.chunk_by(|a, b| a == b) {
        let tf = if same.len() == 1 { 1.0 } else { 1.0 + math::ln(same.len() as f32) };
        add_signs(&mut part, tf * idf.weight(same[0]), same[0]);
    }
    part
}

/// How much a word tells, by how few items have it.
struct Idf {
    weights: Vec<f32>,
}

impl Idf {
    fn of(shelf: &Shelf) -> Self {
        let mut seen_in = vec![0u32; BUCKETS];
        let mut words = Vec::new();
        for item in &shelf.items {
            collect_words(item, &mut words);
            words.sort_unstable();
            words.dedup();
            for word in &words {
                seen_in[bucket(*word)] += 1;
            }
        }
        let n = shelf.items.len() as f32 + 1.0;
        // Most buckets are empty and most others hold small counts: one logarithm for each count that occurs.
        let mut cache: Vec<f32> = Vec::new();
        let mut weigh = |df: u32| {
            let df = df as usize;
            while cache.len() <= df.min(255) {
                cache.push(0.05 + math::ln(n / (cache.len() as f32 + 1.0)).max(0.0));
            }
            if df < 256 { cache[df] } else { 0.05 + math::ln(n / (df as f32 + 1.0)).max(0.0) }
        };
        Self { weights: seen_in.into_iter().map(&mut weigh).collect() }
    }

    fn weight(&self, word: u64) -> f32 {
        self.weights[bucket(word)]
    }
}

fn bucket(word: u64) -> usize {
    (word as usize) & (BUCKETS - 1)
}

/// The words of title and text as hashes, in small letters, without a plural's s, numbers left out.
fn collect_words(item: &Item, out: &mut Vec<u64>) {
    out.clear();
    for text in [&item.title, &item.text] {
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            if out.len() >= MAX_WORDS {
                return;
            }
            if let Some(h) = word_hash(word) {
                out.push(h);
            }
        }
    }
}

/// The hash of one word, letter case and a final s ignored; `None` for what says nothing (one letter, a number).
pub(crate) fn word_hash(word: &str) -> Option<u64> {
    if word.len() < 2 || word.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if !word.is_ascii() {
        return Some(hash(word.to_lowercase().as_bytes()));
    }
    let bytes = word.as_bytes();
    let stem = match bytes {
        [head @ .., b's' | b'S'] if head.len() > 2 && !head.ends_with(b"s") => head,
        all => all,
    };
    Some(finish(stem.iter().fold(BASIS, |h, b| step(h, b.to_ascii_lowercase()))))
}

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn step(h: u64, byte: u8) -> u64 {
    (h ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
}

/// FNV-1a leaves the high bits of short words poor; SplitMix64's finish spreads them.
fn finish(h: u64) -> u64 {
    Source::new(h).seed()
}

/// A hash of bytes that is the same everywhere.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    finish(bytes.iter().fold(BASIS, |h, b| step(h, *b)))
}

/// Log-duration, rating and log-popularity of each item, standardised.
fn numbers(shelf: &Shelf) -> Vec<[f32; 3]> {
    let items = &shelf.items;
    let mut length: Vec<f32> = items.iter().map(|i| math::ln(i.duration_s.max(1e-3))).collect();
    let mut popularity: Vec<f32> = items.iter().map(|i| math::ln(i.popularity.max(0.0) + 1e-4)).collect();
    standardise(&mut length);
    standardise(&mut popularity);
    let rating = ratings(items);
    (0..items.len()).map(|i| [length[i], rating[i], popularity[i]]).collect()
}

/// Ratings standardised over the items that have one; 0 for the rest.
fn ratings(items: &[Item]) -> Vec<f32> {
    let mut known: Vec<f32> = items.iter().filter_map(|i| i.rating).collect();
    standardise(&mut known);
    let mut known = known.into_iter();
    items.iter().map(|i| i.rating.and_then(|_| known.next()).unwrap_or(0.0)).collect()
}
