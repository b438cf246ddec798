//! Who makes the items: people and houses with one or two trades, a level, and a leaning towards clickbait.

use super::{
    grammar::{self, Slots},
    lexicon::{FAMILY, GIVEN, Style, list},
    weighted,
};
use crate::math::{self, Purpose, Source, Stream};
use std::collections::HashSet;

/// One maker.
pub struct Maker {
    /// The name, unique within the catalogue.
    pub name: String,
    /// The name of the maker's series.
    pub series: String,
    /// Whether items of the series carry it and a number in their titles.
    pub serial: bool,
    /// How many numbered items there were before this catalogue's first.
    pub earlier: u32,
    main: usize,
    other: Option<usize>,
    quality: f32,
    lure: f32,
}

/// All makers, and who works on which topic.
pub struct Makers {
    all: Vec<Maker>,
    /// For each topic, its makers with the running sum of their output.
    by_topic: Vec<Vec<(usize, f32)>>,
}

impl Makers {
    /// Makes the makers for a catalogue: about one for five items, at least one a topic.
    pub fn make(style: &Style, items: usize, source: Source) -> Self {
        let count = (items / 5).clamp(style.topics.len(), 6_000);
        let mut used = HashSet::new();
        let all: Vec<Maker> = (0..count)
            .map(|i| {
                let mut draw = source.keyed(i as u64).stream(Purpose::Catalog);
                make_one(style, i, &mut used, &mut draw)
            })
            .collect();
        let by_topic = (0..style.topics.len()).map(|t| output_by_topic(&all, t)).collect();
        Self { all, by_topic }
    }

    /// A maker for an item of that topic, the busy ones more often.
    pub fn draw(&self, topic: usize, draw: &mut Stream) -> usize {
        let list = &self.by_topic[topic];
        let total = list.last().map_or(0.0, |m| m.1);
        let at = draw.uniform() * total;
        let i = list.partition_point(|m| m.1 <= at).min(list.len() - 1);
        list[i].0
    }

    /// The maker at a position.
    pub fn get(&self, maker: usize) -> &Maker {
        &self.all[maker]
    }

    /// How good a maker's items are on average, standard normal.
    pub fn quality(&self, maker: usize) -> f32 {
        self.all[maker].quality
    }

    /// How much a maker's titles promise on average, standard normal.
    pub fn lure(&self, maker: usize) -> f32 {
        self.all[maker].lure
    }

    /// The topics that a maker works on.
    pub fn trades(&self, maker: usize) -> (usize, Option<usize>) {
        (self.all[maker].main, self.all[maker].other)
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<String> {
        self.all.iter().map(|m| m.name.clone()).collect()
    }
}

/// The makers of a topic with the running sum of their output there: a second trade gets a third of a first, and output
/// falls with the rank (early makers are the big ones).
fn output_by_topic(all: &[Maker], topic: usize) -> Vec<(usize, f32)> {
    let mut sum = 0.0;
    let mut out = Vec::new();
    for (i, maker) in all.iter().enumerate() {
        let share = if maker.main == topic {
            1.0
        } else if maker.other == Some(topic) {
            0.33
        } else {
            continue;
        };
        sum += share * math::exp(-0.5 * math::ln(out.len() as f32 + 1.0));
        out.push((i, sum));
    }
    out
}

fn make_one(style: &Style, i: usize, used: &mut HashSet<String>, draw: &mut Stream) -> Maker {
    // The first makers cover every topic, so that none is without.
    let main = if i < style.topics.len() { i } else { weighted(style.topics.iter().map(|t| t.share), draw) };
    let kin = style.topics[main].kin;
    let other = if kin.is_empty() || !draw.chance(0.45) {
        None
    } else {
        let name = kin[draw.below(kin.len())].0;
        style.topics.iter().position(|t| t.name == name)
    };
    let nicks = list(style.topics[main].nicks);
    let patterns = list(style.makers);
    let mut name = String::new();
    for attempt in 0..20 {
        let slots = Slots { word: pick(&nicks, draw), ..people(draw) };
        name = grammar::fill(pick(&patterns, draw), &slots, draw);
        if name.starts_with('@') {
            name = name.to_lowercase();
        }
        if attempt >= 12 {
            name = format!("{name} {}", i + 1);
        }
        if used.insert(name.clone()) {
            break;
        }
    }
    let slots = Slots { word: pick(&nicks, draw), ..people(draw) };
    let series = grammar::capitalised(grammar::fill(pick(&list(style.series), draw), &slots, draw));
    Maker {
        name,
        series,
        serial: draw.chance(0.4),
        earlier: draw.below(40) as u32,
        main,
        other,
        quality: draw.normal(),
        lure: draw.normal(),
    }
}

fn people<'a>(draw: &mut Stream) -> Slots<'a> {
    Slots { given: pick(&list(GIVEN), draw), family: pick(&list(FAMILY), draw), ..Slots::default() }
}

/// One of a list.
pub fn pick<'a>(words: &[&'a str], draw: &mut Stream) -> &'a str {
    words[draw.below(words.len())]
}
