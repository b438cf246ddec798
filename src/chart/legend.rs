//! What a picture needs to stand alone in a file: its title above it and its legend below.

use super::{
    Key,
    scene::{Anchor, Fill, Ink, Mark, Scene, Style},
    text,
};
use crate::math::decimal;

const ROW: f64 = 20.0;
const HEAD: f64 = 30.0;
const EDGE: f64 = 12.0;

/// The scene with title, legend and a margin around it.
#[must_use]
pub fn framed(scene: &Scene, title: &str, legend: &[(Key, String)]) -> Scene {
    let mut out = Scene::new(scene.width + 2.0 * EDGE, 0.0);
    let room = scene.width;
    out.text([EDGE, EDGE + 12.0], Anchor::Start, 14.0, true, Ink::Text, false, text::fit(title, room, 14.0, true));
    out.marks.extend(scene.marks.iter().cloned().map(|m| shifted(m, EDGE, HEAD)));
    let mut at = [EDGE, HEAD + scene.height + ROW];
    for (key, name) in legend {
        let name = text::fit(name, room - 26.0, 11.0, false);
        let wide = 26.0 + text::width(&name, 11.0, false) + 10.0;
        if at[0] > EDGE && at[0] + wide > EDGE + room {
            at = [EDGE, at[1] + ROW];
        }
        picture(&mut out, *key, at);
        out.label([at[0] + 24.0, at[1]], Anchor::Start, Ink::Text, name);
        at[0] += wide;
    }
    out.height = if legend.is_empty() { HEAD + scene.height + EDGE } else { at[1] + EDGE };
    out
}

/// Draws a key's little picture, 18 pixels wide, on a baseline.
fn picture(out: &mut Scene, key: Key, [x, y]: [f64; 2]) {
    match key {
        Key::None => {}
        Key::Line(ink, dash) => out.line([x, y - 4.0], [x + 18.0, y - 4.0], Style::line(ink, 2.0, dash)),
        Key::Swatch(fill) => out.rect([x, y - 10.0, 18.0, 12.0], 3.0, Style::filled(fill)),
        Key::Dot(ink) => out.circle([x + 9.0, y - 4.0], 4.0, Style::filled(Fill::Solid(ink))),
    }
}

fn shifted(mark: Mark, dx: f64, dy: f64) -> Mark {
    match mark {
        Mark::Path { d, style } => Mark::Path { d: shifted_path(&d, dx, dy), style },
        Mark::Rect { area: [x, y, w, h], radius, style } => Mark::Rect { area: [x + dx, y + dy, w, h], radius, style },
        Mark::Circle { centre: [x, y], radius, style } => Mark::Circle { centre: [x + dx, y + dy], radius, style },
        Mark::Text { at: [x, y], anchor, size, bold, ink, halo, words } => {
            Mark::Text { at: [x + dx, y + dy], anchor, size, bold, ink, halo, words }
        }
    }
}

/// Shifts a path of absolute M, L and C commands, which is all that charts write.
fn shifted_path(d: &str, dx: f64, dy: f64) -> String {
    let mut out = String::with_capacity(d.len());
    let mut odd = false;
    let mut number = String::new();
    let flush = |number: &mut String, out: &mut String, odd: &mut bool| {
        if let Some(v) = decimal::parse(number) {
            out.push_str(&text::px(v + if *odd { dy } else { dx }));
            *odd = !*odd;
        }
        number.clear();
    };
    for c in d.chars() {
        if c.is_ascii_digit() || c == '.' || c == '-' {
            number.push(c);
        } else {
            flush(&mut number, &mut out, &mut odd);
            out.push(c);
        }
    }
    flush(&mut number, &mut out, &mut odd);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_move_whole() {
        assert_eq!(shifted_path("M0 0C1 2 -3 4.5 5 6L7 8Z", 10.0, 100.0), "M10 100C11 102 7 104.5 15 106L17 108Z");
    }

    #[test]
    fn a_legend_wraps_and_makes_room_for_itself() {
        let legend: Vec<(Key, String)> =
            (0..8).map(|h| (Key::Swatch(Fill::Topic(h)), format!("A topic of some length {h}"))).collect();
        let framed = framed(&Scene::new(300.0, 100.0), "Title", &legend);
        for mark in &framed.marks {
            if let Mark::Text { at, words, size, bold, .. } = mark {
                assert!(at[1] < framed.height && at[0] + text::width(words, *size, *bold) <= framed.width, "{words}");
            }
        }
    }
}
