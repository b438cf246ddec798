//! What a picture shows, as numbers made from its pixels alone.
//!
//! | numbers | what |
//! |---|---|
//! | 0–11 | colour: how much chroma lies in each of twelve sectors of hue |
//! | 12–17 | light: a histogram of lightness in six soft bins |
//! | 18–20 | mean lightness, its deviation, mean chroma |
//! | 21–32 | layout: mean lightness of each cell of a 4 × 3 grid, less the whole's |
//! | 33–48 | edges: strength by direction in eight bins, in the middle and around it |
//! | 49–50 | edges: strength in all, in the middle and around it |
//!
//! Histograms of colour (Swain and Ballard, "Color indexing", 1991) and of edge directions (after Dalal and Triggs,
//! "Histograms of oriented gradients", 2005): small, quick, and the same bits everywhere, since only sums, products and
//! square roots occur.

use super::raster::{COLUMNS, Pixels, ROWS};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of numbers.
pub const VISUAL: usize = 51;
/// The most pixels of a picture that is taken in: 40 megapixels.
pub const MOST_PIXELS: usize = 40_000_000;
/// The most bytes of a picture's file.
pub const MOST_BYTES: u64 = 40_000_000;

const LIGHT: usize = 12;
const TOTALS: usize = 18;
const LAYOUT: usize = 21;
const EDGES: usize = 33;
const STRENGTH: usize = 49;
/// What each group weighs in the whole.
const WEIGHTS: [(usize, f32); 6] =
    [(LIGHT, 1.2), (TOTALS, 0.8), (LAYOUT, 0.8), (EDGES, 0.35), (STRENGTH, 1.0), (VISUAL, 0.8)];

/// A picture in numbers.
pub type Visual = [f32; VISUAL];

/// Why a picture cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// It has no pixels, or its file no bytes.
    Empty,
    /// It has more pixels than are taken in.
    TooLarge {
        /// Its width.
        width: usize,
        /// Its height.
        height: usize,
    },
    /// Its file has more bytes than are taken in.
    TooHeavy {
        /// The bytes.
        bytes: u64,
    },
    /// The file is of no kind that is read here.
    WrongKind,
    /// The file is broken or was cut off.
    Broken {
        /// What its reader says.
        said: String,
    },
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "It has no pixels. Leave it out, or give another."),
            Self::TooLarge { width, height } => write!(
                f,
                "It has {width} × {height} pixels; at most {} megapixels are taken in. Make it smaller.",
                MOST_PIXELS / 1_000_000
            ),
            Self::TooHeavy { bytes } => write!(
                f,
                "Its file has {:.0} MB; at most {} MB are taken in. Make it smaller.",
                *bytes as f64 / 1e6,
                MOST_BYTES / 1_000_000
            ),
            Self::WrongKind => {
                write!(f, "It is no picture that can be read here. Save it as PNG, JPEG, WebP, GIF or BMP.")
            }
            Self::Broken { said } => write!(f, "The file is broken or was cut off ({said}). Fetch or save it anew."),
        }
    }
}

impl std::error::Error for PictureError {}

/// A picture of any size, whose pixels (red, green, blue, opacity) are told by column and row, brought to the size that is
/// looked at: each small pixel is the mean of those under it, on white where they are transparent.
///
/// # Errors
/// Where it has no pixels, or too many.
pub fn shrink(width: usize, height: usize, pixel: impl Fn(usize, usize) -> [u8; 4]) -> Result<Pixels, PictureError> {
    check_size(width, height)?;
    let span = |at: usize, of: usize, size: usize| {
        let from = at * size / of;
        from..((at + 1) * size).div_ceil(of).clamp(from + 1, size)
    };
    let mut rgb = Vec::with_capacity(COLUMNS * ROWS);
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let mut sum = [0u64; 3];
            let mut n = 0u64;
            for y in span(row, ROWS, height) {
                for x in span(column, COLUMNS, width) {
                    let [r, g, b, a] = pixel(x, y).map(u64::from);
                    for (s, c) in sum.iter_mut().zip([r, g, b]) {
                        *s += (c * a + 255 * (255 - a)) / 255;
                    }
                    n += 1;
                }
            }
            rgb.push(sum.map(|s| (s / n.max(1)) as u8));
        }
    }
    Ok(Pixels { rgb })
}

/// Whether a picture of this size is taken in: asked before anything is unpacked, since a small file may claim much.
///
/// # Errors
/// Where it has no pixels, or too many.
pub fn check_size(width: usize, height: usize) -> Result<(), PictureError> {
    if width == 0 || height == 0 {
        return Err(PictureError::Empty);
    }
    let fits = width.checked_mul(height).is_some_and(|n| n <= MOST_PIXELS);
    if fits { Ok(()) } else { Err(PictureError::TooLarge { width, height }) }
}

/// What a picture shows, in numbers.
#[must_use]
pub fn of(pixels: &Pixels) -> Visual {
    let mut v = [0.0; VISUAL];
    let n = pixels.rgb.len() as f32;
    let light: Vec<f32> = pixels.rgb.iter().map(|p| lightness(*p)).collect();
    let mean = light.iter().sum::<f32>() / n;
    let mut chroma_sum = 0.0;
    for (p, l) in pixels.rgb.iter().zip(&light) {
        let (sector, chroma) = colour(*p);
        v[sector] += chroma / n;
        chroma_sum += chroma;
        // Soft bins: a pixel is shared by the two that it lies between.
        let at = l * 5.0;
        let low = (at as usize).min(4);
        v[LIGHT + low] += (1.0 - (at - low as f32)) / n;
        v[LIGHT + low + 1] += (at - low as f32) / n;
    }
    let variance = light.iter().map(|l| (l - mean) * (l - mean)).sum::<f32>() / n;
    v[TOTALS..LAYOUT].copy_from_slice(&[mean, variance.sqrt(), chroma_sum / n]);
    layout(&light, mean, &mut v);
    edges(&light, &mut v);
    v
}

fn lightness(p: [u8; 3]) -> f32 {
    (0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2])) / 255.0
}

/// The sector of the hue, 0 to 11, and the chroma in [0, 1].
fn colour(p: [u8; 3]) -> (usize, f32) {
    let [r, g, b] = p.map(f32::from);
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    let chroma = high - low;
    if chroma < 1.0 {
        return (0, 0.0);
    }
    // The hexagon of hues: six sides, two sectors each.
    let side = if high == r {
        (g - b) / chroma + if g < b { 6.0 } else { 0.0 }
    } else if high == g {
        (b - r) / chroma + 2.0
    } else {
        (r - g) / chroma + 4.0
    };
    (((side * 2.0) as usize).min(11), chroma / 255.0)
}

fn layout(light: &[f32], mean: f32, v: &mut Visual) {
    const CELL: (usize, usize) = (COLUMNS / 4, ROWS / 3);
    let cell = 1.0 / (CELL.0 * CELL.1) as f32;
    for (i, l) in light.iter().enumerate() {
        let (x, y) = ((i % COLUMNS / CELL.0).min(3), (i / COLUMNS / CELL.1).min(2));
        v[LAYOUT + 4 * y + x] += (l - mean) * cell;
    }
}

fn edges(light: &[f32], v: &mut Visual) {
    let per = 4.0 / (COLUMNS * ROWS) as f32;
    for y in 1..ROWS - 1 {
        for x in 1..COLUMNS - 1 {
            let i = y * COLUMNS + x;
            let (dx, dy) = (light[i + 1] - light[i - 1], light[i + COLUMNS] - light[i - COLUMNS]);
            let strength = (dx * dx + dy * dy).sqrt();
            if strength < 0.02 {
                continue;
            }
            let around =
                usize::from(!(COLUMNS / 4..3 * COLUMNS / 4).contains(&x) || !(ROWS / 5..4 * ROWS / 5).contains(&y));
            v[EDGES + 8 * around + direction(dx, dy)] += strength * per;
            v[STRENGTH + around] += strength * per;
        }
    }
}

/// The direction of an edge in eight bins over half a turn, by the diamond's angle |y| / (|x| + |y|).
fn direction(dx: f32, dy: f32) -> usize {
    // Opposite directions are one.
    let (x, y) = if dy < 0.0 || (dy == 0.0 && dx < 0.0) { (-dx, -dy) } else { (dx, dy) };
    let quarter = y / (x.abs() + y).max(1e-9);
    let angle = if x >= 0.0 { quarter } else { 2.0 - quarter };
    ((angle * 4.0) as usize).min(7)
}

/// How the numbers of a shelf's pictures lie: what each must be shifted and scaled by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    mean: Vec<f32>,
    scale: Vec<f32>,
}

impl Scale {
    /// Of all pictures that there are. Numbers that hardly vary are left out.
    #[must_use]
    pub fn of(pictures: &[Option<Visual>]) -> Self {
        let n = pictures.iter().flatten().count().max(1) as f64;
        let mut mean = vec![0.0f64; VISUAL];
        let mut square = vec![0.0f64; VISUAL];
        for v in pictures.iter().flatten() {
            for (m, x) in mean.iter_mut().zip(v) {
                *m += f64::from(*x) / n;
            }
        }
        for v in pictures.iter().flatten() {
            for ((s, m), x) in square.iter_mut().zip(&mean).zip(v) {
                *s += (f64::from(*x) - m) * (f64::from(*x) - m) / n;
            }
        }
        let scale = (0..VISUAL).map(|i| {
            let weight = WEIGHTS.iter().find(|w| i < w.0).map_or(1.0, |w| w.1);
            if square[i] > 1e-8 { weight / square[i].sqrt() as f32 } else { 0.0 }
        });
        Self { scale: scale.collect(), mean: mean.into_iter().map(|m| m as f32).collect() }
    }

    /// A picture's numbers, standardised and brought to length one; all zero for a missing picture.
    #[must_use]
    pub fn apply(&self, picture: Option<&Visual>) -> Visual {
        let mut out = [0.0; VISUAL];
        let Some(v) = picture else { return out };
        for (i, o) in out.iter_mut().enumerate() {
            *o = ((v[i] - self.mean[i]) * self.scale[i]).clamp(-4.0, 4.0);
        }
        let length = out.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 1e-6 {
            out.iter_mut().for_each(|x| *x /= length);
        }
        out
    }
}

/// What a picture shows, in a few words, from its numbers alone: darkness, the colour that prevails, how busy it is.
#[must_use]
pub fn words(v: &Visual) -> String {
    const COLOURS: [&str; 12] =
        ["red", "orange", "yellow", "lime", "green", "green", "teal", "sky blue", "blue", "violet", "magenta", "pink"];
    let light = v[TOTALS];
    let tone = if light > 0.75 {
        "pale"
    } else if light > 0.5 {
        "medium"
    } else {
        "dark"
    };
    let most = (0..12).fold(0, |b, i| if v[i] > v[b] { i } else { b });
    let colour = if v[TOTALS + 2] < 0.04 { "grey" } else { COLOURS[most] };
    let busy = v[STRENGTH + 1];
    let texture = if busy < 0.03 {
        "plain ground"
    } else {
        let of = |d: usize| v[EDGES + 8 + d];
        let (upright, level) = (of(0) + of(7), of(3) + of(4));
        if upright > 4.0 * level {
            "upright stripes"
        } else if level > 4.0 * upright {
            "level bands"
        } else if busy > 0.12 {
            "busy pattern"
        } else {
            "some pattern"
        }
    };
    format!("{tone} {colour}, {texture}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_fall_into_their_sectors() {
        for (colour, sector) in
            [([255, 0, 0, 255], 0), ([255, 200, 0, 255], 1), ([0, 255, 0, 255], 4), ([0, 0, 255, 255], 8)]
        {
            let v = of(&shrink(80, 60, |_, _| colour).expect("a picture"));
            let most = (0..12).fold(0, |b, i| if v[i] > v[b] { i } else { b });
            assert_eq!(most, sector, "{colour:?}");
            assert!(v.iter().all(|x| x.is_finite()));
        }
    }

    #[test]
    fn stripes_have_upright_edges_and_turned_ones_level_edges() {
        let striped = |at: usize| if (at / 4).is_multiple_of(2) { [0, 0, 0, 255] } else { [255; 4] };
        let u = of(&shrink(56, 42, |x, _| striped(x)).expect("fits"));
        let l = of(&shrink(56, 42, |_, y| striped(y)).expect("fits"));
        assert!(words(&u).contains("upright stripes"), "{}", words(&u));
        assert!(words(&l).contains("level bands"), "{}", words(&l));
    }

    #[test]
    fn empty_huge_and_tiny_pictures_are_told_apart() {
        let any = |_, _| [0; 4];
        assert_eq!(shrink(0, 9, any), Err(PictureError::Empty));
        assert!(matches!(shrink(usize::MAX, 2, any), Err(PictureError::TooLarge { .. })));
        assert!(matches!(shrink(100_000, 100_000, any), Err(PictureError::TooLarge { .. })));
        let one = shrink(1, 1, |_, _| [10, 20, 30, 255]).expect("one pixel");
        assert!(one.rgb.iter().all(|p| *p == [10, 20, 30]));
        let clear = shrink(3, 500, any).expect("transparent");
        assert!(clear.rgb.iter().all(|p| *p == [255, 255, 255]));
    }

    #[test]
    fn a_missing_picture_says_nothing() {
        let all = [None, Some(of(&shrink(2, 2, |_, _| [9; 4]).expect("small"))), None];
        let scale = Scale::of(&all);
        assert_eq!(scale.apply(None), [0.0; VISUAL]);
        assert!(scale.apply(all[1].as_ref()).iter().all(|x| x.is_finite()));
        assert_eq!(Scale::of(&[]).apply(None), [0.0; VISUAL]);
    }
}
