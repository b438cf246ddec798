//! The decision process as a diagram: what each part is now, and how one leads to the next.

use super::{
    Chart, Drawing, Key, Stop, Value,
    scene::{Anchor, Dash, Fill, Ink, Scene, Style},
    table::{Cell, Table},
    text,
};

/// The parts in the order in which they lead to each other; the last leads back to the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mdp {
    /// The title.
    pub title: String,
    /// The parts.
    pub parts: Vec<MdpPart>,
    /// Whether the process goes on, in words.
    pub end: String,
}

/// One part: state, observation, action, transition, reward.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MdpPart {
    /// Its name.
    pub name: String,
    /// What it is, in a few words.
    pub about: String,
    /// Whose it is, as a colour.
    pub ink: Ink,
    /// Its present values: name and value.
    pub rows: Vec<(String, String)>,
}

const LINE: f64 = 17.0;
const HEAD: f64 = 40.0;
const GAP: f64 = 26.0;

/// The rows drawn in a part; the table has them all.
const DRAWN: usize = 12;

/// The lines that a value may take.
const MOST_LINES: usize = 3;

/// A row as it is laid out.
struct Row {
    /// The name, cut where even so it does not fit.
    name: String,
    /// The value, in lines that end at the right edge.
    value: Vec<String>,
    /// Whether the value begins below the name, where both do not fit beside each other and the name is more than a number.
    below: bool,
}

impl Row {
    fn new((name, value): &(String, String), room: f64) -> Self {
        let (wide, long) = (text::width(name, 11.0, false), text::width(value, 11.0, true));
        let below = wide > 24.0 && wide + long + 8.0 > room;
        let beside = if below { 0.0 } else { wide + 8.0 };
        Self {
            name: text::fit(name, room, 11.0, false),
            value: text::lines(value, room - beside, 11.0, true, MOST_LINES),
            below,
        }
    }

    fn lines(&self) -> usize {
        self.value.len().max(1) + usize::from(self.below)
    }
}

impl MdpPart {
    fn rows(&self, w: f64) -> impl Iterator<Item = Row> {
        self.rows.iter().take(DRAWN).map(move |r| Row::new(r, w - 20.0))
    }

    /// The height of a part of that width.
    fn height(&self, w: f64) -> f64 {
        let more = usize::from(self.rows.is_empty() || self.rows.len() > DRAWN);
        let lines: usize = self.rows(w).map(|r| r.lines()).sum();
        HEAD + LINE * (lines + more) as f64 + 8.0
    }

    fn draw(&self, scene: &mut Scene, [x, y, w, h]: [f64; 4]) {
        scene.rect([x, y, w, h], 8.0, Style::filled(Fill::Solid(Ink::Paper)).outlined(self.ink, 1.5));
        let room = w - 20.0;
        scene.text(
            [x + 10.0, y + 18.0],
            Anchor::Start,
            13.0,
            true,
            self.ink,
            false,
            text::fit(&self.name, room, 13.0, true),
        );
        scene.label([x + 10.0, y + 32.0], Anchor::Start, Ink::Quiet, text::fit(&self.about, room, 11.0, false));
        let mut at = y + HEAD + 10.0;
        for row in self.rows(w) {
            let end = at + LINE * row.lines() as f64;
            scene.label([x + 10.0, at], Anchor::Start, Ink::Quiet, row.name);
            if row.below {
                at += LINE;
            }
            for line in row.value {
                scene.text([x + w - 10.0, at], Anchor::End, 11.0, true, Ink::Text, false, line);
                at += LINE;
            }
            at = end;
        }
        if self.rows.is_empty() {
            scene.label([x + 10.0, at], Anchor::Start, Ink::Faint, "nothing yet");
        } else if self.rows.len() > DRAWN {
            let more = format!("and {} more in the table", self.rows.len() - DRAWN);
            scene.label([x + 10.0, at], Anchor::Start, Ink::Faint, more);
        }
    }

    fn stop(&self, region: [f64; 4]) -> Stop {
        let values = self
            .rows
            .iter()
            .take(30)
            .map(|(name, value)| Value { key: Key::None, name: name.clone(), text: value.clone() })
            .collect();
        Stop { region, heading: self.name.clone(), values }
    }
}

/// An arrow that ends at `to`.
fn arrow(scene: &mut Scene, from: [f64; 2], to: [f64; 2]) {
    scene.line(from, to, Style::line(Ink::Faint, 1.8, Dash::Solid));
    head(scene, from, to);
}

fn head(scene: &mut Scene, from: [f64; 2], to: [f64; 2]) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let long = (dx * dx + dy * dy).sqrt().max(1e-6);
    let (ux, uy) = (dx / long, dy / long);
    let side = |s: f64| [to[0] - 7.0 * ux - 4.5 * s * uy, to[1] - 7.0 * uy + 4.5 * s * ux];
    let (a, b) = (side(1.0), side(-1.0));
    let p = |v: [f64; 2]| format!("{} {}", text::px(v[0]), text::px(v[1]));
    scene.path(format!("M{}L{}L{}Z", p(to), p(a), p(b)), Style::filled(Fill::Solid(Ink::Faint)));
}

/// The way back from the last part to the first, drawn as a broken line around the others.
fn way_back(scene: &mut Scene, points: &[[f64; 2]], goes_on: bool) {
    let dash = if goes_on { Dash::Dashed } else { Dash::Dotted };
    for w in points.windows(2) {
        scene.line(w[0], w[1], Style::line(Ink::Faint, 1.8, dash));
    }
    if let [.., a, b] = points
        && goes_on
    {
        head(scene, *a, *b);
    }
}

impl Mdp {
    fn goes_on(&self) -> bool {
        self.end.is_empty() || self.end.starts_with("goes on")
    }

    /// Parts under each other, for a phone.
    fn draw_column(&self, width: f64) -> Drawing {
        let lane = 16.0;
        let w = width - lane - 2.0;
        let height: f64 = self.parts.iter().map(|p| p.height(w) + GAP).sum::<f64>() + 6.0;
        let mut d = Drawing { scene: Scene::new(width, height), stops: Vec::new() };
        let mut y = 1.0;
        let (mut first, mut last) = (0.0, 0.0);
        for (i, part) in self.parts.iter().enumerate() {
            let area = [1.0, y, w, part.height(w)];
            if i == 0 {
                first = y + area[3] / 2.0;
            } else {
                arrow(&mut d.scene, [w / 2.0, y - GAP], [w / 2.0, y - 1.0]);
            }
            part.draw(&mut d.scene, area);
            d.stops.push(part.stop(area));
            last = y + area[3] / 2.0;
            y += area[3] + GAP;
        }
        let edge = 1.0 + w;
        if self.parts.len() > 1 {
            way_back(
                &mut d.scene,
                &[[edge, last], [width - 3.0, last], [width - 3.0, first], [edge + 1.0, first]],
                self.goes_on(),
            );
        }
        let end = text::fit(&self.end, w, 11.0, false);
        d.scene.label([w / 2.0, y - GAP + 18.0], Anchor::Middle, Ink::Quiet, end);
        d
    }

    /// Parts beside each other, as many rows as are needed, with the way back below.
    fn draw_rows(&self, width: f64) -> Drawing {
        let n = self.parts.len().max(1);
        let each = ((width - 2.0 + GAP) / n as f64 - GAP).max(60.0);
        let tallest = self.parts.iter().map(|p| p.height(each)).fold(0.0, f64::max);
        let mut d = Drawing { scene: Scene::new(width, tallest + 40.0), stops: Vec::new() };
        for (i, part) in self.parts.iter().enumerate() {
            let x = 1.0 + i as f64 * (each + GAP);
            let area = [x, 1.0, each, tallest];
            if i > 0 {
                arrow(&mut d.scene, [x - GAP, HEAD], [x - 1.0, HEAD]);
            }
            part.draw(&mut d.scene, area);
            d.stops.push(part.stop(area));
        }
        let (left, right) = (1.0 + each / 2.0, width - 1.0 - each / 2.0);
        let (edge, low) = (tallest + 1.0, tallest + 22.0);
        if self.parts.len() > 1 {
            way_back(&mut d.scene, &[[right, edge], [right, low], [left, low], [left, edge + 1.0]], self.goes_on());
        }
        let end = text::fit(&self.end, width * 0.6, 11.0, true);
        let wide = text::width(&end, 11.0, true) + 12.0;
        let behind = Style::filled(Fill::Solid(Ink::Paper));
        d.scene.rect([(width - wide) / 2.0, low - 8.0, wide, 16.0], 0.0, behind);
        d.scene.label_on([width / 2.0, low + 4.0], Anchor::Middle, Ink::Quiet, end);
        d
    }
}

impl Chart for Mdp {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn describe(&self) -> String {
        let names: Vec<&str> = self.parts.iter().map(|p| p.name.as_str()).collect();
        let end = if self.end.is_empty() { String::new() } else { format!(" The session {}.", self.end) };
        format!("{}, and back to the first.{end}", names.join(" leads to "))
    }

    fn empty(&self) -> Option<String> {
        self.parts.is_empty().then(|| "There is no session to draw.".into())
    }

    fn table(&self) -> Table {
        let columns = ["Part", "What", "Value"].map(String::from).to_vec();
        let rows = self.parts.iter().flat_map(|p| {
            p.rows
                .iter()
                .map(|(n, v)| vec![p.name.clone(), n.clone(), v.clone()].into_iter().map(Cell::Words).collect())
        });
        Table { columns, rows: rows.collect() }
    }

    fn draw(&self, width: f64) -> Drawing {
        let width = width.max(240.0);
        if width < 230.0 * self.parts.len() as f64 { self.draw_column(width.min(620.0)) } else { self.draw_rows(width) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Mark;

    fn chart() -> Mdp {
        let part = |name: &str, n: usize| MdpPart {
            name: name.into(),
            about: "what the user keeps to themselves".into(),
            ink: Ink::User,
            rows: (0..n)
                .map(|i| (format!("value number {i}"), "A rather long title of an item on the slate".into()))
                .collect(),
        };
        Mdp {
            title: "The MDP".into(),
            parts: vec![part("State", 6), part("Action", 20), part("Transition", 0), part("Reward", 6)],
            end: "goes on".into(),
        }
    }

    #[test]
    fn nothing_leaves_its_box_at_any_width() {
        for width in [240.0, 300.0, 390.0, 700.0, 1200.0] {
            let d = chart().draw(width);
            assert_eq!(d.stops.len(), 4);
            for m in &d.scene.marks {
                if let Mark::Text { at, words, size, bold, anchor: Anchor::Start, .. } = m {
                    assert!(at[0] + text::width(words, *size, *bold) <= width, "{words} at {width}");
                    assert!(at[1] <= d.scene.height);
                }
            }
            for s in &d.stops {
                assert!(s.region[0] + s.region[2] <= width && s.region[1] + s.region[3] <= d.scene.height);
            }
        }
    }

    #[test]
    fn a_long_value_is_broken_into_lines_and_not_cut() {
        let d = chart().draw(1200.0);
        let words: Vec<&str> = d
            .scene
            .marks
            .iter()
            .filter_map(|m| match m {
                Mark::Text { words, bold: true, .. } => Some(words.as_str()),
                _ => None,
            })
            .collect();
        assert!(words.join(" ").contains("A rather long title of an item on the slate"), "{words:?}");
        assert!(words.iter().all(|w| !w.ends_with('…')), "{words:?}");
    }

    #[test]
    fn it_is_told_in_words_and_whole_in_the_table() {
        assert_eq!(
            chart().describe(),
            "State leads to Action leads to Transition leads to Reward, and back to the first. The session goes on."
        );
        assert_eq!(chart().table().rows.len(), 32);
    }
}
