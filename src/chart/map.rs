//! Items on a plane: each a small shape, coloured and shaped by its topic.

use super::{
    Chart, Drawing, Key, Stop, Value,
    scale::{Scale, extent},
    scene::{Anchor, Dash, Fill, Ink, Scene, Style},
    table::{Cell, Table},
    text::{self, px},
};
use std::fmt::Write;

const TEXT: f64 = 11.0;
/// Half the size of a shape.
const HALF: f64 = 3.4;
/// The height of a line of the legend.
const LINE: f64 = 17.0;
const PAD: f64 = 9.0;

/// Items on a plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemMap {
    /// The title.
    pub title: String,
    /// How many items there are, of which the points may be a part.
    pub items: usize,
    /// The points, in reading order.
    pub points: Vec<MapPoint>,
    /// The topics.
    pub topics: Vec<String>,
    /// The share of variance that each axis holds.
    pub shares: [f64; 2],
    /// The item chosen, and those most like it: where they lie and what they are called.
    pub marked: Vec<([f64; 2], String)>,
    /// What to say while there is nothing to draw.
    pub when_empty: String,
}

/// One item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapPoint {
    /// Where it lies.
    pub at: [f64; 2],
    /// Its main topic's place.
    pub topic: u16,
    /// Its title.
    pub name: String,
    /// Its creator.
    pub creator: String,
}

/// The hue of a topic, 0 to 7.
fn hue(topic: u16) -> u8 {
    (topic % 8) as u8
}

/// The shape of a topic, 0 to 7: no two of 64 topics share hue and shape.
fn shape(topic: u16) -> u8 {
    ((topic + topic / 8) % 8) as u8
}

/// Adds a shape about a place to a path.
fn draw_shape(d: &mut String, shape: u8, [x, y]: [f64; 2]) {
    let corners: &[[f64; 2]] = match shape {
        0 => {
            let r = px(HALF * 0.9);
            // Writing to a string does not fail.
            let _ = write!(
                d,
                "M{} {}a{r} {r} 0 1 0 {} 0a{r} {r} 0 1 0 -{} 0Z",
                px(x - HALF * 0.9),
                px(y),
                px(HALF * 1.8),
                px(HALF * 1.8)
            );
            return;
        }
        1 => &[[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
        2 => &[[0.0, -1.1], [1.05, 0.8], [-1.05, 0.8]],
        3 => &[[0.0, -1.15], [1.15, 0.0], [0.0, 1.15], [-1.15, 0.0]],
        4 => &[
            [-0.35, -1.1],
            [0.35, -1.1],
            [0.35, -0.35],
            [1.1, -0.35],
            [1.1, 0.35],
            [0.35, 0.35],
            [0.35, 1.1],
            [-0.35, 1.1],
            [-0.35, 0.35],
            [-1.1, 0.35],
            [-1.1, -0.35],
            [-0.35, -0.35],
        ],
        5 => &[[0.0, 1.1], [1.05, -0.8], [-1.05, -0.8]],
        6 => &[[-1.2, -0.5], [1.2, -0.5], [1.2, 0.5], [-1.2, 0.5]],
        _ => &[[-1.0, -1.0], [0.0, -0.4], [1.0, -1.0], [0.4, 0.0], [1.0, 1.0], [0.0, 0.4], [-1.0, 1.0], [-0.4, 0.0]],
    };
    for (i, c) in corners.iter().enumerate() {
        let to = if i == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{to}{} {}", px(x + HALF * c[0]), px(y + HALF * c[1]));
    }
    d.push('Z');
}

impl ItemMap {
    /// Topics that occur, with how many points each has.
    fn counts(&self) -> Vec<(u16, usize)> {
        let mut counts = vec![0; self.topics.len()];
        for p in &self.points {
            if let Some(n) = counts.get_mut(usize::from(p.topic)) {
                *n += 1;
            }
        }
        counts.into_iter().enumerate().filter(|c| c.1 > 0).map(|(t, n)| (t as u16, n)).collect()
    }

    fn topic(&self, topic: u16) -> &str {
        self.topics.get(usize::from(topic)).map_or("", String::as_str)
    }

    fn drawn(&self) -> String {
        if self.points.len() < self.items {
            format!("{} of {} items, evenly spaced", self.points.len(), self.items)
        } else {
            format!("{} items", self.items)
        }
    }

    /// Where each topic of the legend stands, and the legend's height.
    fn legend_places(&self, width: f64) -> (Vec<(u16, [f64; 2], String)>, f64) {
        let mut places = Vec::new();
        let (mut x, mut y) = (0.0, 0.0);
        for (topic, _) in self.counts() {
            let name = text::fit(self.topic(topic), width - 20.0, TEXT, false);
            let wide = 14.0 + text::width(&name, TEXT, false) + 12.0;
            if x > 0.0 && x + wide - 12.0 > width {
                (x, y) = (0.0, y + LINE);
            }
            places.push((topic, [x, y], name));
            x += wide;
        }
        let height = if places.is_empty() { 0.0 } else { y + LINE };
        (places, height)
    }

    /// The scales of both axes, equal in pixels a unit, so that distances are seen as they are.
    fn scales(&self, width: f64, height: f64) -> [Scale; 2] {
        let marked = || self.marked.iter().map(|m| m.0);
        let of = |k: usize| {
            extent(self.points.iter().map(|p| p.at[k]).chain(marked().map(move |m| m[k]))).unwrap_or([0.0, 1.0])
        };
        let (x, y) = (of(0), of(1));
        let (wide, high) = ((width - 2.0 * PAD).max(1.0), (height - 2.0 * PAD).max(1.0));
        let unit = ((x[1] - x[0]) / wide).max((y[1] - y[0]) / high).max(1e-9);
        let about = |e: [f64; 2], pixels: f64| {
            let middle = (e[0] + e[1]) / 2.0;
            [middle - unit * pixels / 2.0, middle + unit * pixels / 2.0]
        };
        [Scale::new(about(x, wide), [PAD, width - PAD]), Scale::new(about(y, high), [height - PAD, PAD])]
    }
}

impl Chart for ItemMap {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn describe(&self) -> String {
        let topics: Vec<String> = self.counts().iter().map(|(t, n)| format!("{} {n}", self.topic(*t))).collect();
        let near: Vec<&str> = self.marked.iter().skip(1).map(|m| m.1.as_str()).collect();
        let marked = match self.marked.first() {
            Some(chosen) if !near.is_empty() => format!(" Marked: {}, and most like it {}.", chosen.1, near.join(", ")),
            _ => String::new(),
        };
        let [a, b] = self.shares;
        format!(
            "{}, near each other where they are seen as alike; the axes hold {:.0} % and {:.0} % of what differs. By topic: {}.{marked}",
            self.drawn(),
            100.0 * a,
            100.0 * b,
            topics.join(", ")
        )
    }

    fn empty(&self) -> Option<String> {
        self.points.is_empty().then(|| self.when_empty.clone())
    }

    fn table(&self) -> Table {
        let row = |p: &MapPoint| {
            vec![
                Cell::Words(p.name.clone()),
                Cell::Words(self.topic(p.topic).to_owned()),
                Cell::Words(p.creator.clone()),
                Cell::Number(p.at[0], 3),
                Cell::Number(p.at[1], 3),
            ]
        };
        Table {
            columns: ["Item", "Topic", "Creator", "First axis", "Second axis"].map(str::to_owned).into(),
            rows: self.points.iter().map(row).collect(),
        }
    }

    fn resting(&self) -> Option<usize> {
        let chosen = self.marked.first()?;
        self.points.iter().position(|p| p.name == chosen.1 && p.at == chosen.0)
    }

    fn draw(&self, width: f64) -> Drawing {
        let width = width.max(240.0);
        let plot = (width * 0.8).min(430.0);
        let (places, legend) = self.legend_places(width);
        let mut scene = Scene::new(width, plot + 24.0 + legend);
        let [x, y] = self.scales(width, plot);
        scene.rect([0.5, 0.5, width - 1.0, plot - 1.0], 6.0, Style::line(Ink::Rule, 1.0, Dash::Solid));
        let at = |p: [f64; 2]| [x.at(p[0]), y.at(p[1])];
        for (topic, _) in self.counts() {
            let mut d = String::new();
            self.points.iter().filter(|p| p.topic == topic).for_each(|p| draw_shape(&mut d, shape(topic), at(p.at)));
            let style = Style::filled(Fill::Solid(Ink::Topic(hue(topic)))).outlined(Ink::Paper, 0.6);
            scene.path(d, style.seen_through(0.85));
        }
        for (n, (place, name)) in self.marked.iter().enumerate().rev() {
            let [px_, py_] = at(*place);
            let radius = if n == 0 { 8.0 } else { 6.0 };
            let width_of_line = if n == 0 { 2.6 } else { 1.6 };
            scene.circle([px_, py_], radius, Style::line(Ink::Text, width_of_line, Dash::Solid));
            if n == 0 {
                let name = text::fit(name, width - 2.0 * PAD, TEXT, true);
                let half = text::width(&name, TEXT, true) / 2.0;
                let middle = px_.clamp(half + 2.0, (width - half - 2.0).max(half + 2.0));
                let above = if py_ > 26.0 { py_ - 13.0 } else { py_ + 21.0 };
                scene.label_on([middle, above], Anchor::Middle, Ink::Text, name);
            }
        }
        let [a, b] = self.shares.map(|s| 100.0 * s);
        let said = format!("{} · axes hold {a:.0} % and {b:.0} % of what differs", self.drawn());
        scene.label([0.0, plot + 14.0], Anchor::Start, Ink::Faint, text::fit(&said, width, TEXT, false));
        for (topic, [left, top], name) in places {
            let middle = plot + 24.0 + top + LINE / 2.0;
            let mut d = String::new();
            draw_shape(&mut d, shape(topic), [left + 6.0, middle]);
            scene.path(d, Style::filled(Fill::Solid(Ink::Topic(hue(topic)))));
            scene.label([left + 14.0, middle + 4.0], Anchor::Start, Ink::Quiet, name);
        }
        let stop = |p: &MapPoint| {
            let [px_, py_] = at(p.at);
            let value = |name: &str, text: &str, key| Value { key, name: name.to_owned(), text: text.to_owned() };
            Stop {
                region: [px_ - 6.0, py_ - 6.0, 12.0, 12.0],
                heading: p.name.clone(),
                values: vec![
                    value("Topic", self.topic(p.topic), Key::Dot(Ink::Topic(hue(p.topic)))),
                    value("By", &p.creator, Key::None),
                ],
            }
        };
        Drawing { scene, stops: self.points.iter().map(stop).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Mark;

    fn map(n: usize) -> ItemMap {
        let point = |i: usize| MapPoint {
            at: [(i % 7) as f64, (i % 3) as f64 * 2.0],
            topic: (i % 12) as u16,
            name: format!("Item {i}"),
            creator: "Mia".into(),
        };
        ItemMap {
            title: "As text".into(),
            items: 2 * n,
            points: (0..n).map(point).collect(),
            topics: (0..12).map(|t| format!("Topic number {t}")).collect(),
            shares: [0.4, 0.2],
            marked: vec![([0.0, 0.0], "Item 0".into()), ([1.0, 2.0], "Item 1".into())],
            when_empty: "Nothing yet.".into(),
        }
    }

    #[test]
    fn no_two_topics_look_alike() {
        let mut looks: Vec<(u8, u8)> = (0..64).map(|t| (hue(t), shape(t))).collect();
        looks.sort_unstable();
        looks.dedup();
        assert_eq!(looks.len(), 64);
        assert!((0..8).all(|t| (0..t).all(|u| shape(t) != shape(u))), "the first eight differ in shape alone");
    }

    #[test]
    fn every_point_is_read_and_lies_inside() {
        for width in [240.0, 330.0, 460.0, 1200.0] {
            let d = map(60).draw(width);
            assert_eq!(d.stops.len(), 60);
            for s in &d.stops {
                let [x, y, w, h] = s.region;
                assert!(x >= 0.0 && y >= 0.0 && x + w <= width && y + h <= d.scene.height, "{:?} at {width}", s.region);
            }
            for m in &d.scene.marks {
                if let Mark::Text { at, words, size, bold, anchor: Anchor::Start, .. } = m {
                    assert!(at[0] + text::width(words, *size, *bold) <= width + 1.0, "{words} at {width}");
                }
            }
        }
        assert_eq!(map(60).draw(400.0).stops[3].spoken(), "Item 3: Topic Topic number 3; By Mia");
        assert_eq!(map(60).resting(), Some(0), "the chosen item is read first");
        // However many points, there is a path a topic: drawing them costs the page little.
        assert!(map(1500).draw(400.0).scene.marks.len() < 80);
    }

    #[test]
    fn equal_distances_are_drawn_equal() {
        let d = map(60).draw(600.0);
        let at = |i: usize| [d.stops[i].region[0], d.stops[i].region[1]];
        // Items 0 and 1 differ by (1, 2): twice as far down as across.
        let (a, b) = (at(0), at(1));
        assert!(((a[1] - b[1]) - 2.0 * (b[0] - a[0])).abs() < 0.1, "{a:?} {b:?}");
    }

    #[test]
    fn one_point_and_none_are_no_trouble() {
        assert!(map(1).draw(300.0).stops[0].region.iter().all(|x| x.is_finite()));
        assert!(map(0).empty().is_some());
        assert!(map(60).describe().contains("60 of 120 items"));
    }
}
