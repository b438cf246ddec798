//! The hidden half of a catalogue that was brought from outside: what its items do to a simulated user.
//!
//! A file says what items are about, not what they do to people, so the truth is *assumed*, as a fixed function of the
//! shelf (the same shelf gives the same truth, whenever and wherever it is loaded):
//!
//! * **Topics** lie at random but fixed points found from their names: orthogonal to each other for the first 16, beyond
//!   that the least crowded of 48 candidates each.
//! * An item's **vector** is its main topic, plus half its second, a third of its third and so on, plus 0.3 in a
//!   direction made of the hashed words of its title and text and 0.12 in one of its creator, brought to length one.
//! * Its **quality** is the standardised rating for 0.9 and luck hashed from its id for 0.44, so that a rating is a good
//!   but not a perfect sign; items without a rating have an average one.
//! * Its **lure** is made of what makes titles loud (exclamation marks, capitals, numbers, addressing the reader) and
//!   of how popular it is, and luck; what it shares with quality is taken out, and it is standardised.

use super::{Shelf, Truth, represent::text, standardise};
use crate::math::{self, DIM, Purpose, Source, Vector, ZERO};

const WORDS: f32 = 0.3;
const CREATOR: f32 = 0.12;
const RATING: f32 = 0.9;
const QUALITY_LUCK: f32 = 0.436;
/// Loudness, popularity, luck.
const LURE: (f32, f32, f32) = (0.5, 0.4, 0.77);
const CANDIDATES: u64 = 48;

/// The truth that is assumed for a shelf (see the module's notes).
#[must_use]
pub fn of(shelf: &Shelf) -> Truth {
    let topics = places(&shelf.topics);
    let vectors = vectors(shelf, &topics);
    let quality = quality(shelf);
    let lure = lure(shelf, &quality);
    Truth { vectors, quality, lure, topics }
}

/// ±1/4 in each of the 16 dimensions, by a hash: length one.
fn signs(hash: u64) -> Vector {
    std::array::from_fn(|d| if hash >> (d + 24) & 1 == 1 { 0.25 } else { -0.25 })
}

fn places(names: &[String]) -> Vec<Vector> {
    let mut out: Vec<Vector> = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let source = Source::new(text::hash(name.to_lowercase().as_bytes()));
        let candidate = |k: u64| {
            let mut draw = source.keyed(k).stream(Purpose::Catalog);
            math::unit(std::array::from_fn(|_| draw.normal()))
        };
        let crowd = |v: &Vector| out.iter().map(|t| math::dot(v, t).abs()).fold(0.0, f32::max);
        let mut best = candidate(0);
        if i < DIM {
            for earlier in &out {
                let k = math::dot(&best, earlier);
                math::add_scaled(&mut best, -k, earlier);
            }
            best = math::unit(best);
        } else {
            for k in 1..CANDIDATES {
                let v = candidate(k);
                if crowd(&v) < crowd(&best) {
                    best = v;
                }
            }
        }
        out.push(best);
    }
    out
}

fn vectors(shelf: &Shelf, topics: &[Vector]) -> Vec<Vector> {
    let creators: Vec<Vector> = shelf.creators.iter().map(|c| signs(text::hash(c.as_bytes()))).collect();
    let place = |item: &super::Item| {
        let mut v = ZERO;
        for (rank, topic) in item.topics.iter().enumerate() {
            math::add_scaled(&mut v, 1.0 / (rank as f32 + 1.0), &topics[usize::from(*topic)]);
        }
        let mut words = ZERO;
        let mut count = 0.0f32;
        for part in [&item.title, &item.text] {
            for word in part.split(|c: char| !c.is_alphanumeric()).filter_map(text::word_hash).take(200) {
                math::add_scaled(&mut words, 1.0, &signs(word));
                count += 1.0;
            }
        }
        math::add_scaled(&mut v, WORDS / count.max(1.0).sqrt(), &words);
        math::add_scaled(&mut v, CREATOR, &creators[item.creator as usize]);
        math::unit(v)
    };
    shelf.items.iter().map(place).collect()
}

fn luck(shelf: &Shelf, part: u64) -> impl Iterator<Item = f32> + '_ {
    shelf
        .items
        .iter()
        .map(move |i| Source::new(text::hash(i.id.as_bytes())).keyed(part).stream(Purpose::Catalog).normal())
}

fn quality(shelf: &Shelf) -> Vec<f32> {
    let mut known: Vec<f32> = shelf.items.iter().filter_map(|i| i.rating).collect();
    standardise(&mut known);
    let mut known = known.into_iter();
    let mut quality: Vec<f32> = shelf
        .items
        .iter()
        .zip(luck(shelf, 1))
        .map(|(item, luck)| {
            let rated = item.rating.and_then(|_| known.next()).unwrap_or(0.0);
            RATING * rated + QUALITY_LUCK * luck
        })
        .collect();
    standardise(&mut quality);
    quality
}

/// How loud a title is.
fn loudness(title: &str) -> f32 {
    let shouts = title.matches('!').count().min(3) as f32;
    let capitals = title.split_whitespace().filter(|w| w.len() > 3 && w.chars().all(char::is_uppercase)).count();
    let asks = f32::from(u8::from(title.contains('?')));
    let numbers = f32::from(u8::from(title.starts_with(|c: char| c.is_ascii_digit())));
    let lower = title.to_lowercase();
    let you = f32::from(u8::from(lower.split_whitespace().any(|w| matches!(w, "you" | "your" | "you'll" | "this"))));
    shouts + capitals.min(3) as f32 + 0.5 * asks + numbers + you
}

fn lure(shelf: &Shelf, quality: &[f32]) -> Vec<f32> {
    let mut loud: Vec<f32> = shelf.items.iter().map(|i| loudness(&i.title)).collect();
    let mut popular: Vec<f32> = shelf.items.iter().map(|i| math::ln(i.popularity + 1e-3)).collect();
    standardise(&mut loud);
    standardise(&mut popular);
    let mut lure: Vec<f32> =
        luck(shelf, 2).enumerate().map(|(i, luck)| LURE.0 * loud[i] + LURE.1 * popular[i] + LURE.2 * luck).collect();
    take_out(&mut lure, quality);
    lure
}

/// Takes what `values` share with standardised `other` out of them, and standardises them.
pub(super) fn take_out(values: &mut [f32], other: &[f32]) {
    standardise(values);
    let n = values.len().max(1) as f64;
    let shared = values.iter().zip(other).map(|(a, b)| f64::from(a * b)).sum::<f64>() / n;
    for (v, o) in values.iter_mut().zip(other) {
        *v -= shared as f32 * o;
    }
    standardise(values);
}
