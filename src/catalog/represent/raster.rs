//! Drawn pictures as pixels, so that what they show is read as it would be off a photograph.
//!
//! Shapes are filled by scan lines, a pixel where its middle is inside (even–odd), in the page's light colours. Curves
//! are broken into short lines; arcs follow the conversion from end points to a centre of SVG 1.1, appendix F.6.5.

use crate::catalog::thumbnail::{Form, HEIGHT, Picture, Shape, WIDTH};

/// Pixels from left to right.
pub const COLUMNS: usize = WIDTH as usize;
/// Pixels from top to bottom.
pub const ROWS: usize = HEIGHT as usize;
/// Lines that a curve is broken into.
const PIECES: usize = 6;
/// Lines that an arc or a circle is broken into.
const AROUND: usize = 16;

/// A small picture: red, green and blue of each pixel, from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// One entry a pixel, [`COLUMNS`] × [`ROWS`] of them.
    pub rgb: Vec<[u8; 3]>,
}

type Point = (f32, f32);

/// The eight hues of the page in its light theme.
const HUES: [[u8; 3]; 8] = [
    [0x40, 0x46, 0xc9],
    [0x0b, 0x87, 0x93],
    [0xb6, 0x5a, 0x08],
    [0xa0, 0x3a, 0x88],
    [0x4f, 0x7d, 0x22],
    [0x7a, 0x62, 0x50],
    [0x2f, 0x6f, 0xb0],
    [0x8a, 0x4b, 0x4b],
];

/// How much of the hue a tone has, in hundredths; the rest is white paper.
const TONES: [u16; 5] = [20, 38, 56, 76, 100];

/// Draws a picture.
#[must_use]
pub fn draw(picture: &Picture) -> Pixels {
    let hue = HUES[usize::from(picture.hue) % HUES.len()];
    let mut pixels = Pixels { rgb: vec![tone(hue, 0); COLUMNS * ROWS] };
    let mut lines = Vec::new();
    let mut crossings = Vec::new();
    for shape in &picture.shapes {
        lines.clear();
        outline(shape, &mut lines);
        fill(&mut pixels, &lines, tone(hue, shape.tone), &mut crossings);
    }
    pixels
}

fn tone(hue: [u8; 3], tone: u8) -> [u8; 3] {
    let share = TONES[usize::from(tone).min(TONES.len() - 1)];
    hue.map(|c| ((u16::from(c) * share + 255 * (100 - share)) / 100) as u8)
}

/// The outline as lines, turned about the middle.
fn outline(shape: &Shape, lines: &mut Vec<(Point, Point)>) {
    let mut contours: Vec<Vec<Point>> = Vec::new();
    match &shape.form {
        Form::Circle { cx, cy, r } => {
            let (cx, cy, r) = (f32::from(*cx), f32::from(*cy), f32::from(*r));
            contours.push((0..AROUND).map(|k| around(cx, cy, r, r, k as f32 / AROUND as f32)).collect());
        }
        Form::Rect { x, y, w, h, .. } => {
            let (x, y, w, h) = (f32::from(*x), f32::from(*y), f32::from(*w), f32::from(*h));
            contours.push(vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)]);
        }
        Form::Path { d } => path(d, &mut contours),
    }
    let (sin, cos) = sin_cos(f32::from(shape.turn) * core::f32::consts::PI / 180.0);
    let (mx, my) = (f32::from(WIDTH) / 2.0, f32::from(HEIGHT) / 2.0);
    let turned = |p: &Point| {
        let (x, y) = (p.0 - mx, p.1 - my);
        (mx + cos * x - sin * y, my + sin * x + cos * y)
    };
    for contour in &contours {
        let points: Vec<Point> = contour.iter().map(turned).collect();
        for (i, p) in points.iter().enumerate() {
            lines.push((*p, points[(i + 1) % points.len()]));
        }
    }
}

fn sin_cos(angle: f32) -> (f32, f32) {
    (libm::sinf(angle), libm::cosf(angle))
}

fn around(cx: f32, cy: f32, rx: f32, ry: f32, turn: f32) -> Point {
    let (sin, cos) = sin_cos(turn * core::f32::consts::TAU);
    (cx + rx * cos, cy + ry * sin)
}

/// Reads a path of the letters M, L, Q, C, A and Z; what cannot be read ends it.
fn path(d: &str, contours: &mut Vec<Vec<Point>>) {
    let spaced = d.replace(',', " ");
    let mut words = Words { rest: &spaced };
    let mut at = (0.0, 0.0);
    let mut command = 'M';
    while let Some(next) = words.command_or(command) {
        command = next;
        let read = match command {
            'M' => words.point().map(|p| contours.push(vec![p])),
            'Z' => Some(()),
            _ => segment(command, &mut words, at, contours),
        };
        if read.is_none() {
            return;
        }
        at = contours.last().and_then(|c| c.last()).copied().unwrap_or(at);
        if command == 'M' {
            // Further pairs after M are lines.
            command = 'L';
        } else if command == 'Z' {
            command = 'M';
        }
    }
}

fn segment(command: char, words: &mut Words<'_>, from: Point, contours: &mut [Vec<Point>]) -> Option<()> {
    let contour = contours.last_mut()?;
    match command {
        'L' => contour.push(words.point()?),
        'Q' => {
            let (a, to) = (words.point()?, words.point()?);
            let mix = |p: f32, q: f32, r: f32, t: f32| (1.0 - t) * (1.0 - t) * p + 2.0 * t * (1.0 - t) * q + t * t * r;
            for k in 1..=PIECES {
                let t = k as f32 / PIECES as f32;
                contour.push((mix(from.0, a.0, to.0, t), mix(from.1, a.1, to.1, t)));
            }
        }
        'C' => {
            let (a, b, to) = (words.point()?, words.point()?, words.point()?);
            let mix = |p: f32, q: f32, r: f32, s: f32, t: f32| {
                let u = 1.0 - t;
                u * u * u * p + 3.0 * u * u * t * q + 3.0 * u * t * t * r + t * t * t * s
            };
            for k in 1..=PIECES {
                let t = k as f32 / PIECES as f32;
                contour.push((mix(from.0, a.0, b.0, to.0, t), mix(from.1, a.1, b.1, to.1, t)));
            }
        }
        'A' => {
            let (rx, ry) = words.point()?;
            let (_, large, sweep) = (words.number()?, words.number()? != 0.0, words.number()? != 0.0);
            arc(contour, from, (rx, ry), large, sweep, words.point()?);
        }
        _ => return None,
    }
    Some(())
}

/// An arc whose axes lie level and upright.
fn arc(contour: &mut Vec<Point>, from: Point, radii: Point, large: bool, sweep: bool, to: Point) {
    let (mut rx, mut ry) = (radii.0.abs(), radii.1.abs());
    let (hx, hy) = ((from.0 - to.0) / 2.0, (from.1 - to.1) / 2.0);
    if rx < 1e-3 || ry < 1e-3 {
        contour.push(to);
        return;
    }
    let stretch = (hx / rx) * (hx / rx) + (hy / ry) * (hy / ry);
    if stretch > 1.0 {
        (rx, ry) = (rx * stretch.sqrt(), ry * stretch.sqrt());
    }
    let (a, b) = (rx * rx * hy * hy, ry * ry * hx * hx);
    let sign = if large == sweep { -1.0 } else { 1.0 };
    let k = sign * ((rx * rx * ry * ry - a - b).max(0.0) / (a + b).max(1e-9)).sqrt();
    let (cx, cy) = (k * rx * hy / ry, -k * ry * hx / rx);
    let angle = |x: f32, y: f32| libm::atan2f(y / ry, x / rx);
    let start = angle(hx - cx, hy - cy);
    let mut through = angle(-hx - cx, -hy - cy) - start;
    if sweep && through < 0.0 {
        through += core::f32::consts::TAU;
    } else if !sweep && through > 0.0 {
        through -= core::f32::consts::TAU;
    }
    let (mx, my) = ((from.0 + to.0) / 2.0 + cx, (from.1 + to.1) / 2.0 + cy);
    for i in 1..AROUND {
        let (sin, cos) = sin_cos(start + through * i as f32 / AROUND as f32);
        contour.push((mx + rx * cos, my + ry * sin));
    }
    contour.push(to);
}

/// A path's letters and numbers.
struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    /// The next command: a letter, or the one in force where a number follows. `None` at the end.
    fn command_or(&mut self, current: char) -> Option<char> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        if first.is_ascii_alphabetic() {
            self.rest = &self.rest[1..];
            return Some(first);
        }
        Some(current)
    }

    fn number(&mut self) -> Option<f32> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| c.is_whitespace() || c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.parse().ok().filter(|x: &f32| x.is_finite())
    }

    fn point(&mut self) -> Option<Point> {
        Some((self.number()?, self.number()?))
    }
}

/// Fills what lies inside the lines.
fn fill(pixels: &mut Pixels, lines: &[(Point, Point)], colour: [u8; 3], crossings: &mut Vec<f32>) {
    let (low, high) = lines.iter().fold((f32::MAX, f32::MIN), |(l, h), s| (l.min(s.0.1), h.max(s.0.1)));
    if low > high {
        return;
    }
    let first = (low.floor().max(0.0) as usize).min(ROWS);
    let last = (high.ceil().max(0.0) as usize).min(ROWS);
    for row in first..last {
        let y = row as f32 + 0.5;
        crossings.clear();
        for (a, b) in lines {
            if (a.1 <= y) != (b.1 <= y) {
                crossings.push(a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0));
            }
        }
        crossings.sort_unstable_by(f32::total_cmp);
        for pair in crossings.as_chunks::<2>().0 {
            let from = ((pair[0] - 0.5).ceil().max(0.0) as usize).min(COLUMNS);
            let to = ((pair[1] - 0.5).ceil().max(0.0) as usize).min(COLUMNS);
            if from < to {
                pixels.rgb[row * COLUMNS + from..row * COLUMNS + to].fill(colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(form: Form) -> usize {
        let shape = Shape { form, tone: 4, turn: 0 };
        let pixels = draw(&Picture { hue: 0, subject: String::new(), shapes: vec![shape] });
        pixels.rgb.iter().filter(|p| **p == HUES[0]).count()
    }

    #[test]
    fn areas_are_what_geometry_says() {
        assert_eq!(drawn(Form::Rect { x: 10, y: 5, w: 20, h: 7, r: 0 }), 140);
        let disc = drawn(Form::Circle { cx: 28, cy: 21, r: 10 }) as f32;
        assert!((disc - 314.0).abs() < 14.0, "{disc}");
        let halves = drawn(Form::Path { d: "M18 21 A10 10 0 1 0 38 21 A10 10 0 1 0 18 21 Z".into() }) as f32;
        assert!((halves - 314.0).abs() < 14.0, "{halves}");
        // The region under a parabola is two thirds of its box.
        let curve = drawn(Form::Path { d: "M8 36 Q28 -4 48 36 Z".into() }) as f32;
        assert!((curve - 2.0 / 3.0 * 40.0 * 20.0).abs() < 25.0, "{curve}");
        assert_eq!(drawn(Form::Path { d: "M0 0 L10 0 L10 10 L0 10 Z M20 20 L30 20 L30 30 L20 30 Z".into() }), 200);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for d in
            ["", "M", "M1", "L 3 4", "M0 0 L1e999 4 L 5", "Q", "M0 0 A 1 1 0 0", "M0 0 X 4 4", "é", "M0 0 L5 5 Z Z Z"]
        {
            assert!(drawn(Form::Path { d: d.into() }) < 30, "{d}");
        }
        drawn(Form::Path { d: "M-1e9 -1e9 L1e9 -1e9 L1e9 1e9 Z".into() });
    }
}
