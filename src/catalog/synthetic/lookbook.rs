//! Second-hand clothes: sellers write next to nothing, and what people go by is in the picture.
//!
//! The listing says a department ("Dresses"). What a piece *is* to its wearer is a look (Minimal, Romantic, Street …),
//! which weighs more in its place in taste space than the department does and shows in the picture, nearly always, by
//! its colour and its pattern. One seller in twenty-five names the look as a tag. So a recommender that reads text alone
//! is left with departments and a few tags.

use super::lexicon::{Durations, Style, Topic};
use crate::{
    catalog::{
        Catalog, TopicIx,
        look::{GRADES, Look},
    },
    math::{self, DIM, Purpose, Source, Vector},
};

/// How much of an item's place is its look's, and its department's with all else.
const LOOK: f32 = 0.9;
const REST: f32 = 0.4;
/// The share of sellers who name the look.
const TAGGED: f32 = 0.04;
/// How often a picture shows the colour and the pattern as they are: light and lenses do the rest.
const TRUE: f32 = 0.93;

/// The looks. The k-th has colour k mod 6, and of patterns the same number, or (from the seventh on) the one behind it:
/// each colour and each pattern stands for two looks, and together they tell which.
const LOOKS: [&str; 12] = [
    "Minimal", "Romantic", "Street", "Vintage", "Sporty", "Evening", "Folk", "Preppy", "Workwear", "Punk", "Nautical",
    "Disco",
];
const KINDS: usize = 6;

/// A catalogue of departments with its looks: topics (behind the departments), places in taste space, pictures and the few
/// tags.
pub fn dress(mut catalog: Catalog, source: Source) -> Catalog {
    let places = places(&catalog.truth.topics);
    let first = catalog.shelf.topics.len();
    catalog.shelf.topics.extend(LOOKS.map(str::to_owned));
    for (i, item) in catalog.shelf.items.iter_mut().enumerate() {
        let mut draw = super::item_stream(source, i, 3);
        let look = draw.below(LOOKS.len());
        let mut vector = [0.0; DIM];
        math::add_scaled(&mut vector, REST, &catalog.truth.vectors[i]);
        math::add_scaled(&mut vector, LOOK, &places[look]);
        catalog.truth.vectors[i] = math::unit(vector);
        let mut shown = |is: usize| if draw.chance(TRUE) { is % KINDS } else { draw.below(KINDS) } as u8;
        let (colour, pattern) = (shown(look), shown(look + look / KINDS));
        let grade = draw.below(usize::from(GRADES)) as u8;
        item.image = Some(Look { colour, grade, pattern }.address());
        // The listing has no field for a feel, and second departments make no sense.
        item.mood = None;
        item.topics.truncate(1);
        if draw.chance(TAGGED) {
            item.topics.push((first + look) as TopicIx);
        }
    }
    catalog.truth.topics.extend(places);
    catalog
}

/// The looks' places: at right angles to each other and to the departments, the same for every seed.
fn places(departments: &[Vector]) -> Vec<Vector> {
    let mut draw = Source::new(0x100c_b00c).stream(Purpose::Catalog);
    let mut basis = departments.to_vec();
    while basis.len() < departments.len() + LOOKS.len() {
        let mut v = math::unit(super::cloud(&mut draw));
        for b in &basis {
            let k = math::dot(&v, b);
            math::add_scaled(&mut v, -k, b);
        }
        if math::length(&v) > 0.05 {
            basis.push(math::unit(v));
        }
    }
    basis.split_off(departments.len())
}

/// The departments; the duration is how long people look at a piece, 8 to 60 seconds.
pub const LOOKBOOK: Style = Style {
    name: "Lookbook",
    topics: TOPICS,
    adjectives: ["used", "used", "used", "used", "used"],
    titles: [TITLES, TITLES, TITLES, TITLES, TITLES],
    hot: "LAST CHANCE: {s}, no. {n}{n}{n}|{s}, no. {n}{n}{n}, everyone wants it!|-70 % today only: {s}, no. {n}{n}{n}|you need this {s}, no. {n}{n}{n}",
    warm: "top {s}, no. {n}{n}{n}|new in: {s}, no. {n}{n}{n}|{s}, no. {n}{n}{n}, rare",
    plain: "{s}, no. {n}{n}{n}|{s}, see picture, no. {n}{n}{n}",
    texts: [TEXTS, TEXTS, TEXTS, TEXTS, TEXTS],
    tails_hot: "Somebody else is looking at it!|Gone tomorrow!|First come, first served!",
    tails_good: "Worn twice.|No flaws.|Kept in a wardrobe.",
    tails_poor: "A few marks.|Sold as seen.|One button missing.",
    tails: "Ships from {f}.|Smoke-free home.|Collection possible.|Message me for more.",
    series: "{f} wardrobe",
    episode: "{title}",
    makers: "@{g}_{f}|{g} {f}|{f}'s wardrobe|{w} {g}",
    durations: Durations { median: 18.0, spread: 0.4, min: 8.0, max: 60.0, grain: 1.0, episodes: (0.0, 1.0) },
};

const TITLES: &str =
    "{s}, no. {n}{n}{n}|{s}, size {n}{n}, no. {n}{n}|{s}, lot {n}{n}{n}|used {s}, no. {n}{n}{n}|{s}, ref. {n}{n}{n}";
const TEXTS: &str = "See picture.|As in the picture.|Picture shows the piece.|One picture, one piece.";

const fn department(name: &'static str, share: u8, length: f32, subjects: &'static str) -> Topic {
    Topic {
        name,
        share,
        kin: &[],
        moods: [1, 1, 1, 1, 1],
        length,
        subjects,
        details: "as shown",
        nicks: "Rail|Hanger|Drawer|Closet|Trunk",
    }
}

const TOPICS: &[Topic] = &[
    department("Dresses", 11, 1.1, "dress|long dress|short dress"),
    department("Coats", 9, 1.1, "coat|long coat|short coat"),
    department("Shirts", 11, 0.9, "shirt|wide shirt|slim shirt"),
    department("Shoes", 10, 1.0, "pair of shoes|pair of flat shoes|pair of heels"),
];
