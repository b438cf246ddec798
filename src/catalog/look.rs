//! What a thing in a picture looks like, where the picture is drawn and not fetched: a colour, how dark, a pattern.
//!
//! An item whose picture is drawn says so in its address (`drawn:5-3-2`: colour, darkness, pattern), so that the look
//! travels with the item wherever the item goes. The address is not read as text by anybody: who wants to know what the
//! picture shows must look at its pixels.

use super::thumbnail::{Form, HEIGHT, Picture, Shape, WIDTH};

/// How many colours there are.
pub const COLOURS: u8 = 8;
/// How many grades of darkness there are, from a pale ground (0) to a full one.
pub const GRADES: u8 = 5;
/// How many patterns there are.
pub const PATTERNS: u8 = 6;

/// The scheme of the addresses of drawn pictures.
const SCHEME: &str = "drawn:";

/// A look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The colour, below [`COLOURS`].
    pub colour: u8,
    /// How dark the ground is, below [`GRADES`].
    pub grade: u8,
    /// The pattern, below [`PATTERNS`]: plain, dots, stripes, checks, blocks, sparkle.
    pub pattern: u8,
}

impl Look {
    /// The look that an address stands for; `None` for any other address.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        let mut parts = address.strip_prefix(SCHEME)?.splitn(3, '-').map(|p| p.parse::<u8>().ok());
        let mut next = |below: u8| parts.next().flatten().filter(|n| *n < below);
        Some(Self { colour: next(COLOURS)?, grade: next(GRADES)?, pattern: next(PATTERNS)? })
    }

    /// The address that stands for it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{SCHEME}{}-{}-{}", self.colour, self.grade, self.pattern)
    }

    /// The picture of a thing of that kind (the name of its main topic) in this look; `luck` moves what does not matter.
    #[must_use]
    pub fn picture(&self, kind: &str, luck: u64) -> Picture {
        let plain = |form, tone| Shape { form, tone, turn: 0 };
        let mut shapes = Vec::with_capacity(4);
        if self.grade > 0 {
            shapes.push(plain(Form::Rect { x: 0, y: 0, w: WIDTH, h: HEIGHT, r: 0 }, self.grade));
        }
        // On a dark ground light shapes, on a light one dark shapes.
        let (pattern_tone, body_tone) = if self.grade >= 3 { (self.grade - 1, 1) } else { (self.grade + 1, 4) };
        if let Some(d) = pattern(self.pattern, (luck % 5) as i16) {
            shapes.push(plain(Form::Path { d }, pattern_tone));
        }
        let thing = thing(kind);
        let turn = (luck / 5 % 9) as i16 - 4;
        shapes.push(Shape { form: Form::Path { d: thing.paths[0].into() }, tone: body_tone, turn });
        shapes.push(Shape { form: Form::Path { d: thing.paths[1].into() }, tone: 2, turn });
        if shapes.len() < 3 {
            shapes.push(plain(Form::Rect { x: 0, y: HEIGHT - 3, w: WIDTH, h: 3, r: 0 }, 1));
        }
        Picture { hue: self.colour, subject: thing.subject.into(), shapes }
    }
}

struct Thing {
    words: &'static str,
    subject: &'static str,
    paths: [&'static str; 2],
}

const THINGS: [Thing; 6] = [
    Thing {
        words: "dress",
        subject: "a dress",
        paths: ["M23 8 L26 11 L30 11 L33 8 L34 17 L40 35 L16 35 L22 17 Z", "M22 17 L34 17 L34 19 L22 19 Z"],
    },
    Thing {
        words: "coat",
        subject: "a coat",
        paths: [
            "M20 9 L26 8 L28 12 L30 8 L36 9 L42 25 L37 27 L35 21 L36 36 L20 36 L21 21 L19 27 L14 25 Z",
            "M27 12 L29 12 L29 36 L27 36 Z",
        ],
    },
    Thing {
        words: "shirt",
        subject: "a shirt",
        paths: [
            "M19 10 L25 8 L28 11 L31 8 L37 10 L43 19 L38 22 L35 19 L35 33 L21 33 L21 19 L18 22 L13 19 Z",
            "M25 8 L28 11 L31 8 L31 14 L28 12 L25 14 Z",
        ],
    },
    Thing {
        words: "shoe",
        subject: "a pair of shoes",
        paths: ["M12 18 L20 18 L24 24 L36 27 Q43 29 43 33 L12 33 Z", "M12 31 L43 31 L43 34 L12 34 Z"],
    },
    Thing {
        words: "bag",
        subject: "a bag",
        paths: ["M14 18 L42 18 L44 35 L12 35 Z", "M20 18 Q20 8 28 8 Q36 8 36 18 L33 18 Q33 11 28 11 Q23 11 23 18 Z"],
    },
    Thing {
        words: "knit",
        subject: "a jumper",
        paths: [
            "M19 11 L24 9 Q28 13 32 9 L37 11 L43 28 L38 30 L35 22 L35 33 L21 33 L21 22 L18 30 L13 28 Z",
            "M21 29 L35 29 L35 33 L21 33 Z",
        ],
    },
];

fn thing(kind: &str) -> &'static Thing {
    let kind = kind.to_lowercase();
    THINGS.iter().find(|t| kind.contains(t.words)).unwrap_or(&THINGS[2])
}

/// The pattern of the ground as one path; `None` for a plain one.
fn pattern(pattern: u8, at: i16) -> Option<String> {
    use core::fmt::Write;
    let mut d = String::new();
    let mut square = |x: i16, y: i16, w: i16, h: i16| {
        // Writing to a string does not fail.
        let _ = write!(d, "M{x} {y} L{} {y} L{} {} L{x} {} Z ", x + w, x + w, y + h, y + h);
    };
    match pattern {
        1 => {
            for (row, y) in (1..HEIGHT).step_by(8).enumerate() {
                for x in (at % 4 + if row % 2 == 0 { 0 } else { 4 }..WIDTH).step_by(8) {
                    square(x, y, 3, 3);
                }
            }
        }
        2 => (at % 4..WIDTH).step_by(8).for_each(|x| square(x, 0, 3, HEIGHT)),
        3 => {
            for (row, y) in (0..HEIGHT).step_by(7).enumerate() {
                for x in (if row % 2 == 0 { 0 } else { 7 }..WIDTH).step_by(14) {
                    square(x, y, 7, 7);
                }
            }
        }
        4 => {
            square(0, 0, WIDTH / 2 + at, HEIGHT / 2);
            square(WIDTH / 2 + at, HEIGHT / 2, WIDTH / 2 - at, HEIGHT / 2);
        }
        5 => {
            for k in 0..26i16 {
                square((k * 23 + at * 3) % (WIDTH - 1), (k * 17 + 5) % (HEIGHT - 1), 1, 1);
            }
        }
        _ => return None,
    }
    Some(d.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_and_others_are_not_looks() {
        for colour in 0..COLOURS {
            for grade in 0..GRADES {
                for pattern in 0..PATTERNS {
                    let look = Look { colour, grade, pattern };
                    assert_eq!(Look::parse(&look.address()), Some(look));
                    let shapes = look.picture("Dresses", 77).shapes;
                    assert!((3..=6).contains(&shapes.len()), "{look:?}");
                }
            }
        }
        for other in
            ["", "drawn:", "drawn:8-0-0", "drawn:1-2", "drawn:1-2-3-4", "drawn:-1-2-3", "https://a.example/1.png"]
        {
            assert_eq!(Look::parse(other), None, "{other}");
        }
    }
}
