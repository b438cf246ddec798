//! A scene as a file that stands alone: SVG with every colour resolved.

use super::{
    scene::{Fill, Ink, Mark, Scene, Style},
    text::px,
    topics::{TILE, pattern},
};
use std::fmt::Write as _;

/// What each [`Ink`] is at the moment, in the order of [`Ink::ALL`]: CSS colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette(Vec<String>);

impl Palette {
    /// Asks `of` for each colour; what is empty or does not look like a colour becomes black, or white for paper.
    pub fn new(mut of: impl FnMut(&'static str) -> String) -> Self {
        Self(
            Ink::ALL
                .iter()
                .map(|ink| {
                    let colour = of(ink.property());
                    let colour = colour.trim();
                    let plain = |c: char| c.is_ascii_alphanumeric() || "#(),.% ".contains(c);
                    if !colour.is_empty() && colour.chars().all(plain) {
                        colour.to_owned()
                    } else if *ink == Ink::Paper {
                        "#fff".to_owned()
                    } else {
                        "#000".to_owned()
                    }
                })
                .collect(),
        )
    }

    fn of(&self, ink: Ink) -> &str {
        let ink = if let Ink::Topic(h) = ink { Ink::Topic(h % 8) } else { ink };
        let at = Ink::ALL.iter().position(|i| *i == ink).unwrap_or(0);
        self.0.get(at).map_or("#000", String::as_str)
    }
}

/// The scene as an SVG file with title and description.
#[must_use]
pub fn svg(scene: &Scene, palette: &Palette, title: &str, description: &str) -> String {
    let (w, h) = (px(scene.width), px(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         font-family=\"Inter,system-ui,sans-serif\">\n<title>{}</title>\n<desc>{}</desc>\n",
        escaped(title),
        escaped(description)
    );
    definitions(&mut out, scene, palette);
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>", palette.of(Ink::Paper));
    for mark in &scene.marks {
        write_mark(&mut out, mark, palette);
    }
    out.push_str("</svg>\n");
    out
}

fn definitions(out: &mut String, scene: &Scene, palette: &Palette) {
    let fills = |hue: u8| {
        scene.marks.iter().any(|m| match m {
            Mark::Path { style, .. } | Mark::Rect { style, .. } | Mark::Circle { style, .. } => {
                style.fill == Fill::Topic(hue)
            }
            Mark::Text { .. } => false,
        })
    };
    for hue in (0..8).filter(|h| fills(*h)) {
        let (lines, dots) = pattern(hue);
        let (tile, colour, paper) = (px(TILE), palette.of(Ink::Topic(hue)), palette.of(Ink::Paper));
        let _ = writeln!(
            out,
            "<pattern id=\"p{hue}\" width=\"{tile}\" height=\"{tile}\" patternUnits=\"userSpaceOnUse\">\
             <rect width=\"{tile}\" height=\"{tile}\" fill=\"{colour}\"/>\
             <path d=\"{lines}\" fill=\"none\" stroke=\"{paper}\" stroke-width=\"1.2\" stroke-opacity=\".55\"/>\
             <path d=\"{dots}\" fill=\"{paper}\" fill-opacity=\".6\"/></pattern>"
        );
    }
}

fn write_mark(out: &mut String, mark: &Mark, palette: &Palette) {
    match mark {
        Mark::Path { d, style } => {
            let _ = writeln!(out, "<path d=\"{}\"{}/>", escaped(d), attributes(style, palette));
        }
        Mark::Rect { area: [x, y, w, h], radius, style } => {
            let (x, y, w, h, r) = (px(*x), px(*y), px(w.max(0.0)), px(h.max(0.0)), px(*radius));
            let style = attributes(style, palette);
            let _ = writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{r}\"{style}/>");
        }
        Mark::Circle { centre: [x, y], radius, style } => {
            let (x, y, r) = (px(*x), px(*y), px(*radius));
            let _ = writeln!(out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{}/>", attributes(style, palette));
        }
        Mark::Text { at: [x, y], anchor, size, bold, ink, halo, words } => {
            let weight = if *bold { " font-weight=\"600\"" } else { "" };
            let halo = if *halo {
                let paper = palette.of(Ink::Paper);
                format!(" paint-order=\"stroke\" stroke=\"{paper}\" stroke-width=\"3\" stroke-linejoin=\"round\"")
            } else {
                String::new()
            };
            let (x, y, size, colour) = (px(*x), px(*y), px(*size), palette.of(*ink));
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{}\" font-size=\"{size}\"{weight} fill=\"{colour}\"{halo}>{}</text>",
                anchor.name(),
                escaped(words)
            );
        }
    }
}

fn attributes(style: &Style, palette: &Palette) -> String {
    let mut out = match style.fill {
        Fill::None => " fill=\"none\"".to_owned(),
        Fill::Solid(ink) => format!(" fill=\"{}\"", palette.of(ink)),
        Fill::Topic(hue) => format!(" fill=\"url(#p{})\"", hue % 8),
    };
    if let Some(ink) = style.stroke {
        let _ = write!(out, " stroke=\"{}\" stroke-width=\"{}\"", palette.of(ink), px(style.width));
        let _ = write!(
            out,
            " stroke-linejoin=\"round\" stroke-linecap=\"round\" stroke-dasharray=\"{}\"",
            style.dash.array()
        );
    }
    if style.opacity < 1.0 {
        let _ = write!(out, " opacity=\"{:.2}\"", style.opacity);
    }
    out
}

/// Text that XML cannot take for markup; characters that XML forbids are left out.
fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || c == '\u{FFFE}' || c == '\u{FFFF}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Anchor;

    fn palette() -> Palette {
        Palette::new(|p| if p == "--ink" { " #123456 ".into() } else { "url(javascript:x)\"><script>".into() })
    }

    #[test]
    fn words_from_a_file_never_become_markup() {
        let mut scene = Scene::new(100.0, 50.0);
        scene.label([0.0, 0.0], Anchor::Start, Ink::Text, "<script>alert(1)</script>\u{1}");
        scene.rect([0.0, 0.0, 9.0, 9.0], 0.0, Style::filled(Fill::Topic(3)));
        let text = svg(&scene, &palette(), "\"T\" & <b>", "d");
        assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains('\u{1}'), "{text}");
        assert!(text.contains("fill=\"#123456\""), "colours are resolved");
        assert!(text.contains("id=\"p3\"") && text.contains("url(#p3)") && !text.contains("id=\"p2\""));
        assert!(!text.contains("var("));
    }
}
