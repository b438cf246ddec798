//! A catalogue made from a seed: believable items whose words, numbers and hidden truth hang together.
//!
//! The order of making is: where the topics lie, who the makers are, the facts of each item (topic, mood, quality, lure,
//! length), then the numbers that depend on all items (standardised quality and lure, popularity), and last the words,
//! which are drawn from a grammar *given* the facts. So a title says something, though not everything, about the truth:
//! high lure sounds like clickbait, good things are described with a little more care, a mood has its adjectives.
//!
//! A topic's place in taste space depends on the style alone, so that what is learned on one seed means the same on
//! another; the items depend on the seed.

mod clips;
#[cfg(feature = "whole")]
mod films;
mod grammar;
mod lexicon;
#[cfg(feature = "whole")]
mod lookbook;
mod makers;
#[cfg(feature = "whole")]
mod music;
#[cfg(feature = "whole")]
mod news;
#[cfg(feature = "whole")]
mod shop;

use super::{Catalog, CreatorIx, Item, MAX_ITEMS, MOODS, Mood, Shelf, TopicIx, Truth};
use crate::{
    math::{self, DIM, Purpose, Source, Stream, Vector, ZERO, order},
    scenario::CatalogStyle,
};
use grammar::Writer;
use lexicon::Style;
use makers::Makers;

/// How far an item lies from its topic in a direction of its own subject, which its words name.
const SUBJECT_NOISE: f32 = 0.22;
/// How far it lies from there in a direction that nothing public tells.
const OWN_NOISE: f32 = 0.22;
/// The share of items with a second topic.
const SECOND_TOPIC: f32 = 0.35;
/// The weight of a maker's own level in the quality of an item; the rest of the variance is the item's.
const MAKER_QUALITY: f32 = 0.55;
/// The correlation of the crowd's rating with quality.
const RATING_TRUTH: f32 = 0.5;
/// The share of items that nobody has rated yet.
const UNRATED: f32 = 0.04;
/// How much lure, quality and luck make an item popular: clickbait sells better than it is.
const POPULARITY: (f32, f32, f32) = (0.55, 0.25, 0.8);
/// The exponent of Zipf's law of popularity.
const ZIPF: f32 = 0.8;

/// What is known of an item before its words are found.
struct Facts {
    topic: usize,
    second: Option<usize>,
    mood: usize,
    maker: usize,
    /// A position in the topic's subjects.
    subject: usize,
    duration_s: f32,
    /// ln(duration / the style's median), in standard deviations.
    length: f32,
    quality: f32,
    lure: f32,
    vector: Vector,
}

fn style_of(style: CatalogStyle) -> &'static Style {
    match style {
        CatalogStyle::Clips => &clips::CLIPS,
        #[cfg(not(feature = "whole"))]
        _ => unreachable!("a small program is asked for clips only"),
        #[cfg(feature = "whole")]
        CatalogStyle::News => &news::NEWS,
        #[cfg(feature = "whole")]
        CatalogStyle::Music => &music::MUSIC,
        #[cfg(feature = "whole")]
        CatalogStyle::Shop => &shop::SHOP,
        #[cfg(feature = "whole")]
        CatalogStyle::Films => &films::FILMS,
        #[cfg(feature = "whole")]
        CatalogStyle::Lookbook => &lookbook::LOOKBOOK,
    }
}

/// Makes a catalogue of `items` items (at least 1, at most [`MAX_ITEMS`]; numbers outside are moved to the nearest).
/// The same arguments give the same bytes on every machine.
///
/// ```
/// use recoworld::{catalog::synthetic::make, scenario::CatalogStyle};
/// let catalog = make(CatalogStyle::Clips, 200, 7);
/// assert_eq!(catalog.shelf.items.len(), 200);
/// assert_eq!(catalog, make(CatalogStyle::Clips, 200, 7));
/// ```
#[must_use]
pub fn make(style: CatalogStyle, items: usize, seed: u64) -> Catalog {
    let items = items.clamp(1, MAX_ITEMS);
    let (asked, kind) = (style, style as u64);
    let style = style_of(style);
    let source = Source::new(seed).keyed(kind);
    let places = topic_places(style, Source::new(0x0070_91c5).keyed(kind));
    let makers = Makers::make(style, items, source.keyed(u64::MAX));
    let mut facts: Vec<Facts> =
        (0..items).map(|i| draw_facts(style, &places, &makers, kind, &mut item_stream(source, i, 0))).collect();
    standardise_truth(&mut facts);
    let popularity = popularity(&facts, source);
    let mut writer = Writer::new(style, &makers);
    let rows = (0..items)
        .map(|i| {
            let mut draw = item_stream(source, i, 2);
            let (title, text) = writer.write(&facts[i], &mut draw);
            public_item(i, &facts[i], title, text, popularity[i], &mut draw)
        })
        .collect();
    let catalog = Catalog {
        shelf: Shelf {
            name: style.name.into(),
            topics: style.topics.iter().map(|t| t.name.into()).collect(),
            creators: makers.names(),
            items: rows,
        },
        truth: Truth {
            vectors: facts.iter().map(|f| f.vector).collect(),
            quality: facts.iter().map(|f| f.quality).collect(),
            lure: facts.iter().map(|f| f.lure).collect(),
            topics: places,
        },
        ..Catalog::default()
    };
    match asked {
        #[cfg(feature = "whole")]
        CatalogStyle::Lookbook => lookbook::dress(catalog, source),
        _ => catalog,
    }
}

fn item_stream(source: Source, item: usize, phase: u64) -> Stream {
    source.keyed(item as u64).keyed(phase).stream(Purpose::Catalog)
}

/// A random point whose coordinates have the standard deviation 1/√[`DIM`], so that its length is near one.
fn cloud(draw: &mut Stream) -> Vector {
    let mut v = ZERO;
    for x in &mut v {
        *x = draw.normal() * (1.0 / (DIM as f32).sqrt());
    }
    v
}

/// Each topic's place: an orthonormal system (Gram–Schmidt over random directions), then each pulled towards its kin.
fn topic_places(style: &Style, source: Source) -> Vec<Vector> {
    let mut draw = source.stream(Purpose::Catalog);
    let mut basis: Vec<Vector> = Vec::new();
    while basis.len() < style.topics.len() {
        let mut v = math::unit(cloud(&mut draw));
        for b in &basis {
            let k = math::dot(&v, b);
            math::add_scaled(&mut v, -k, b);
        }
        if math::length(&v) > 0.05 {
            basis.push(math::unit(v));
        }
    }
    let place = |(i, topic): (usize, &lexicon::Topic)| {
        let mut v = basis[i];
        for (kin, share) in topic.kin {
            let j = style.topics.iter().position(|t| t.name == *kin);
            debug_assert!(j.is_some(), "{kin} is no topic of {}", style.name);
            if let Some(j) = j {
                math::add_scaled(&mut v, *share, &basis[j]);
            }
        }
        math::unit(v)
    };
    style.topics.iter().enumerate().map(place).collect()
}

/// The direction that a subject pulls its items in: the same in every catalogue of the style.
fn subject_place(kind: u64, topic: usize, subject: usize) -> Vector {
    let source = Source::new(0x5ab1_ec75).keyed(kind).keyed(topic as u64).keyed(subject as u64);
    cloud(&mut source.stream(Purpose::Catalog))
}

/// An index drawn in proportion to `weights`.
fn weighted(weights: impl Iterator<Item = u8> + Clone, draw: &mut Stream) -> usize {
    let total: usize = weights.clone().map(usize::from).sum();
    let mut left = draw.below(total);
    for (i, w) in weights.enumerate() {
        if left < usize::from(w) {
            return i;
        }
        left -= usize::from(w);
    }
    0
}

fn draw_facts(style: &Style, places: &[Vector], makers: &Makers, kind: u64, draw: &mut Stream) -> Facts {
    let topic = weighted(style.topics.iter().map(|t| t.share), draw);
    let maker = makers.draw(topic, draw);
    let second = second_topic(style, makers, topic, maker, draw);
    let mood = weighted(style.topics[topic].moods.iter().copied(), draw);
    let subject = draw.below(style.topics[topic].subjects.split('|').count());
    let (duration_s, length) = draw_duration(style, topic, mood, draw);
    let mut vector = places[topic];
    if let Some(second) = second {
        math::add_scaled(&mut vector, 0.25 + 0.35 * draw.uniform(), &places[second]);
    }
    math::add_scaled(&mut vector, SUBJECT_NOISE, &subject_place(kind, topic, subject));
    math::add_scaled(&mut vector, OWN_NOISE, &cloud(draw));
    let own = (1.0 - MAKER_QUALITY * MAKER_QUALITY).sqrt();
    let quality = MAKER_QUALITY * makers.quality(maker) + own * draw.normal();
    let lure = 0.4 * makers.lure(maker) + 0.917 * draw.normal();
    Facts { topic, second, mood, maker, subject, duration_s, length, quality, lure, vector: math::unit(vector) }
}

/// The second topic, where there is one: mostly the maker's other trade, else a kindred topic, else any.
fn second_topic(style: &Style, makers: &Makers, topic: usize, maker: usize, draw: &mut Stream) -> Option<usize> {
    if !draw.chance(SECOND_TOPIC) {
        return None;
    }
    let (main, other) = makers.trades(maker);
    let trade = if main == topic { other } else { Some(main) };
    let kin = style.topics[topic].kin;
    let chosen = match trade {
        Some(trade) if draw.chance(0.6) => trade,
        _ if !kin.is_empty() && draw.chance(0.6) => {
            let name = kin[draw.below(kin.len())].0;
            style.topics.iter().position(|t| t.name == name).unwrap_or(topic)
        }
        _ => draw.below(style.topics.len()),
    };
    (chosen != topic).then_some(chosen)
}

/// A duration in seconds, and its logarithm in standard deviations from the style's median. Calm and thoughtful things
/// run longer, funny ones shorter.
fn draw_duration(style: &Style, topic: usize, mood: usize, draw: &mut Stream) -> (f32, f32) {
    const BY_MOOD: [f32; 5] = [0.18, -0.05, -0.2, -0.08, 0.15];
    let d = &style.durations;
    let episode = if draw.chance(d.episodes.0) { d.episodes.1 } else { 1.0 };
    let centre = math::ln(d.median * style.topics[topic].length * episode) + BY_MOOD[mood] * d.spread;
    let mut seconds = 0.0;
    // Drawn again rather than cut off, so that no crowd of items stands exactly at a limit.
    for _ in 0..8 {
        seconds = math::exp(centre + d.spread * draw.normal());
        if (d.min..=d.max).contains(&seconds) {
            break;
        }
    }
    let seconds = ((seconds / d.grain).round() * d.grain).clamp(d.min, d.max);
    (seconds, math::ln(seconds / d.median) / d.spread)
}

/// Makes quality and lure standardised, and lure uncorrelated with quality in this catalogue.
fn standardise_truth(facts: &mut [Facts]) {
    let mut quality: Vec<f32> = facts.iter().map(|f| f.quality).collect();
    let mut lure: Vec<f32> = facts.iter().map(|f| f.lure).collect();
    super::standardise(&mut quality);
    super::truth::take_out(&mut lure, &quality);
    for (f, (q, l)) in facts.iter_mut().zip(quality.into_iter().zip(lure)) {
        (f.quality, f.lure) = (q, l);
    }
}

/// How often each item was chosen before, as a share of the most chosen: Zipf's law over the rank of an appeal.
fn popularity(facts: &[Facts], source: Source) -> Vec<f32> {
    let (lure, quality, luck) = POPULARITY;
    let mut order: Vec<(f32, usize)> = facts
        .iter()
        .enumerate()
        .map(|(i, f)| (lure * f.lure + quality * f.quality + luck * item_stream(source, i, 1).normal(), i))
        .collect();
    order::sort_by(&mut order, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut out = vec![0.0; facts.len()];
    for (rank, (_, item)) in order.into_iter().enumerate() {
        out[item] = math::exp(-ZIPF * math::ln(rank as f32 + 1.0));
    }
    out
}

fn public_item(i: usize, facts: &Facts, title: String, text: String, popularity: f32, draw: &mut Stream) -> Item {
    let noisy = RATING_TRUTH * facts.quality + (1.0 - RATING_TRUTH * RATING_TRUTH).sqrt() * draw.normal();
    let rating = (!draw.chance(UNRATED)).then(|| ((3.6 + 0.55 * noisy).clamp(1.0, 5.0) * 10.0).round() / 10.0);
    let mut topics = vec![facts.topic as TopicIx];
    topics.extend(facts.second.map(|t| t as TopicIx));
    Item {
        id: format!("{}", i + 1),
        title,
        text,
        topics,
        creator: facts.maker as CreatorIx,
        duration_s: facts.duration_s,
        mood: Some(mood_of(facts.mood)),
        rating,
        popularity,
        image: None,
    }
}

fn mood_of(mood: usize) -> Mood {
    MOODS[mood.min(MOODS.len() - 1)]
}
