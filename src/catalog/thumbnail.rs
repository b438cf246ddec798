//! A small picture for an item that has none, as plain data that the page draws as SVG.
//!
//! It is not decoration: the subject says what family of topics the item is from (a bowl, hills, a note, a page), the hue
//! which topic, and the composition the mood (calm lies low and wide, intense stands askew with sharp stripes). The same
//! item always gets the same picture.

use super::{Item, Mood, Shelf, look::Look, represent::text};
use serde::{Deserialize, Serialize};

/// The width of the box that shapes lie in.
pub const WIDTH: i16 = 56;
/// The height of the box.
pub const HEIGHT: i16 = 42;
/// The number of hues.
pub const HUES: u8 = 16;

/// A picture: 3 to 6 shapes on a ground, drawn in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Which hue the ground and the shapes are tones of, from 0 to [`HUES`] − 1, by topic.
    pub hue: u8,
    /// What the subject is, in words, for a text alternative.
    pub subject: String,
    /// The shapes, the farthest first.
    pub shapes: Vec<Shape>,
}

/// One shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Its outline.
    pub form: Form,
    /// How far its tone is from the ground's, from 1 (barely) to 4 (most).
    pub tone: u8,
    /// Degrees that it is turned clockwise about the middle of the box.
    pub turn: i16,
}

/// An outline, in units of the box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A disc.
    Circle {
        /// The middle.
        cx: i16,
        /// The middle.
        cy: i16,
        /// The radius.
        r: i16,
    },
    /// A rectangle.
    Rect {
        /// The left edge.
        x: i16,
        /// The upper edge.
        y: i16,
        /// The width.
        w: i16,
        /// The height.
        h: i16,
        /// The radius of its corners.
        r: i16,
    },
    /// A closed path, in SVG's path language; only numbers and the letters M, L, Q, C, A and Z occur.
    Path {
        /// The path.
        d: String,
    },
}

/// A family of topics: its words, the subject's name, and the subject drawn about (28, 21), some 20 units wide.
struct Family {
    words: &'static str,
    subject: &'static str,
    paths: [&'static str; 2],
}

const FAMILIES: [Family; 14] = [
    Family {
        words: "cook|food|kitchen|recipe|restaurant",
        subject: "a bowl",
        paths: [
            "M16 20 L40 20 Q39 33 28 33 Q17 33 16 20 Z",
            "M22 17 Q20 13 23 10 L25 10 Q23 14 24 17 Z M31 17 Q29 13 32 10 L34 10 Q32 14 33 17 Z",
        ],
    },
    Family {
        words: "travel|world|outdoor|western|adventure",
        subject: "hills",
        paths: ["M12 33 L24 14 L31 24 L35 19 L44 33 Z", "M24 14 L28 20 L24 19 L21 20 Z"],
    },
    Family {
        words: "nature|garden|climate|environment|documentary",
        subject: "a leaf",
        paths: ["M16 31 Q16 12 40 11 Q41 31 22 31 L18 34 Z", "M20 29 Q27 22 34 17 L35 18 Q28 24 21 30 Z"],
    },
    Family {
        words: "music|pop|rock|jazz|soul|hip-hop|folk|metal|classical|electronic|latin|country|lo-fi|ambient",
        subject: "a note",
        paths: [
            "M24 12 L38 9 L38 14 L27 16 L27 30 L24 30 Z",
            "M18 31 A5 4 0 1 0 27 31 A5 4 0 1 0 18 31 Z M31 28 A4 4 0 1 0 38 28 L38 12 L36 12 L36 25 A4 4 0 0 0 31 28 Z",
        ],
    },
    Family {
        words: "science|sci-fi|health|space",
        subject: "an orbit",
        paths: ["M14 21 A14 6 0 1 0 42 21 A14 6 0 1 0 14 21 Z", "M24 21 A4 4 0 1 0 32 21 A4 4 0 1 0 24 21 Z"],
    },
    Family {
        words: "tech|electronics|tools|economy|business",
        subject: "a circuit",
        paths: [
            "M20 13 L36 13 L36 29 L20 29 Z",
            "M25 18 L31 18 L31 24 L25 24 Z M14 16 L20 16 L20 18 L14 18 Z M14 24 L20 24 L20 26 L14 26 Z M36 16 L42 16 L42 18 L36 18 Z M36 24 L42 24 L42 26 L36 26 Z",
        ],
    },
    Family {
        words: "sport|fitness|action|shoes|run",
        subject: "a ball in flight",
        paths: [
            "M25 21 A8 8 0 1 0 41 21 A8 8 0 1 0 25 21 Z",
            "M12 16 L22 17 L22 18 L12 18 Z M9 21 L22 21 L22 22 L9 23 Z M12 26 L22 25 L22 26 L12 28 Z",
        ],
    },
    Family {
        words: "comedy|toys|children|musical|family|kids",
        subject: "a face",
        paths: [
            "M16 21 A12 12 0 1 0 40 21 A12 12 0 1 0 16 21 Z",
            "M21 23 Q28 33 35 23 Q28 27 21 23 Z M22 16 L25 16 L25 19 L22 19 Z M31 16 L34 16 L34 19 L31 19 Z",
        ],
    },
    Family {
        words: "book|news|education|opinion|stationery|history|drama|culture|local|politics",
        subject: "a page",
        paths: [
            "M19 9 L33 9 L38 14 L38 34 L19 34 Z",
            "M22 16 L34 16 L34 18 L22 18 Z M22 21 L35 21 L35 23 L22 23 Z M22 26 L31 26 L31 28 L22 28 Z",
        ],
    },
    Family {
        words: "fashion|clothing|craft|beauty|style",
        subject: "a coat",
        paths: [
            "M21 12 L25 10 L28 14 L31 10 L35 12 L40 22 L36 24 L34 20 L35 34 L21 34 L22 20 L20 24 L16 22 Z",
            "M27 16 L29 16 L29 34 L27 34 Z",
        ],
    },
    Family {
        words: "romance|love|war|wedding",
        subject: "a heart",
        paths: ["M28 33 Q12 22 17 14 Q23 8 28 16 Q33 8 39 14 Q44 22 28 33 Z", "M20 17 Q21 13 25 14 Q22 15 22 19 Z"],
    },
    Family {
        words: "horror|crime|thriller|mystery|noir|suspense",
        subject: "an eye",
        paths: ["M12 21 Q28 7 44 21 Q28 35 12 21 Z", "M23 21 A5 5 0 1 0 33 21 A5 5 0 1 0 23 21 Z"],
    },
    Family {
        words: "animal|pet|wild",
        subject: "a paw",
        paths: [
            "M20 29 Q21 21 28 21 Q35 21 36 29 Q36 34 28 32 Q20 34 20 29 Z",
            "M15 20 A3 4 0 1 0 21 20 A3 4 0 1 0 15 20 Z M21 14 A3 4 0 1 0 27 14 A3 4 0 1 0 21 14 Z M29 14 A3 4 0 1 0 35 14 A3 4 0 1 0 29 14 Z M35 20 A3 4 0 1 0 41 20 A3 4 0 1 0 35 20 Z",
        ],
    },
    Family {
        words: "gam|animation|fantasy|imax|fiction",
        subject: "a star",
        paths: [
            "M28 8 L32 17 L42 18 L34 24 L37 34 L28 28 L19 34 L22 24 L14 18 L24 17 Z",
            "M28 16 L30 20 L34 21 L31 23 L32 27 L28 25 L24 27 L25 23 L22 21 L26 20 Z",
        ],
    },
];

/// The picture of an item.
///
/// ```
/// use recoworld::{catalog::{synthetic, thumbnail}, scenario::CatalogStyle};
/// let shelf = synthetic::make(CatalogStyle::Clips, 20, 1).shelf;
/// let picture = thumbnail::picture(&shelf, &shelf.items[0]);
/// assert!((3..=6).contains(&picture.shapes.len()));
/// ```
#[must_use]
pub fn picture(shelf: &Shelf, item: &Item) -> Picture {
    let topic = item.topics.first().copied().unwrap_or(0);
    let name = shelf.topics.get(usize::from(topic)).map_or("", String::as_str);
    let mut luck = text::hash(item.id.as_bytes()) ^ text::hash(item.title.as_bytes());
    if let Some(look) = item.image.as_deref().and_then(Look::parse) {
        return look.picture(name, luck);
    }
    let family = family(name);
    // Eight bits each of variety, from the item alone.
    let mut vary = |n: u64| {
        let v = luck % n;
        luck = (luck / n) ^ luck.rotate_left(23);
        v as i16
    };
    let turn = match item.mood {
        Some(Mood::Intense) => -24 + vary(9),
        Some(Mood::Funny) => 10 + vary(12),
        _ => 0,
    };
    let mut shapes = backdrop(item.mood, &mut vary);
    shapes.push(Shape { form: Form::Path { d: family.paths[0].into() }, tone: 3 + (vary(4) == 0) as u8, turn });
    shapes.push(Shape { form: Form::Path { d: family.paths[1].into() }, tone: 1 + (vary(2) as u8), turn });
    Picture { hue: (topic % u16::from(HUES)) as u8, subject: family.subject.into(), shapes }
}

/// The family that a topic's name belongs to: by its words, else any, but always the same.
fn family(name: &str) -> &'static Family {
    let name = name.to_lowercase();
    let by_words = FAMILIES.iter().find(|f| f.words.split('|').any(|w| name.contains(w)));
    by_words.unwrap_or_else(|| &FAMILIES[(text::hash(name.as_bytes()) % FAMILIES.len() as u64) as usize])
}

/// What stands behind the subject: the mood by composition, one to four shapes.
fn backdrop(mood: Option<Mood>, vary: &mut impl FnMut(u64) -> i16) -> Vec<Shape> {
    let plain = |form, tone| Shape { form, tone, turn: 0 };
    let disc = |cx, cy, r, tone| plain(Form::Circle { cx, cy, r }, tone);
    let bar = |x, y, w, h, r, tone| plain(Form::Rect { x, y, w, h, r }, tone);
    match mood {
        // Long level bands, low down.
        Some(Mood::Calm) => {
            let y = 27 + vary(5);
            vec![bar(0, y, WIDTH, HEIGHT - y, 0, 1), bar(0, y + 5, WIDTH, HEIGHT - y - 5, 0, 2)]
        }
        // A sun and its halo, high up.
        Some(Mood::Bright) => {
            let (x, y) = (10 + vary(36), 6 + vary(5));
            vec![disc(x, y, 13, 1), disc(x, y, 7, 2)]
        }
        // Confetti.
        Some(Mood::Funny) => {
            let mut at = |tone| disc(4 + vary(48), 4 + vary(34), 2 + vary(3), tone);
            vec![at(1), at(2), at(2), at(1)]
        }
        // Slanting stripes, edge to edge.
        Some(Mood::Intense) => {
            let x = vary(14);
            let stripe =
                |x: i16, w: i16| Form::Path { d: format!("M{} 42 L{} 42 L{} 0 L{} 0 Z", x, x + w, x + w + 14, x + 14) };
            vec![plain(stripe(x - 6, 9), 2), plain(stripe(x + 14, 6), 1), plain(stripe(x + 31, 9), 2)]
        }
        // One ring of empty space.
        Some(Mood::Thoughtful) => {
            let (x, y) = (24 + vary(9), 17 + vary(9));
            vec![disc(x, y, 19, 1)]
        }
        None => vec![bar(4 + vary(8), 4 + vary(6), 40, 30, 6, 1)],
    }
}
