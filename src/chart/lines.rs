//! Lines over turns or steps, one panel a unit, so that no axis is shared by two.

use super::{
    Chart, Drawing, Key, Stop, Value,
    curve::straight,
    scale::{Scale, extent, nice, ticks},
    scene::{Anchor, Dash, Fill, Ink, Scene, Style},
    table::{Cell, Table},
    text,
};
use crate::math::order;

/// Panels of lines over one common x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineChart {
    /// The title.
    pub title: String,
    /// What x counts: "turn", "episode".
    pub x_name: String,
    /// The panels, from the top.
    pub panels: Vec<Panel>,
    /// Marked xs with their words: instructions, for one.
    pub marks: Vec<(f64, String)>,
    /// The x that the session stands at.
    pub now: Option<f64>,
    /// What to say while there is nothing to draw.
    pub when_empty: String,
}

/// One panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What is drawn: "Reward a turn".
    pub name: String,
    /// Decimals to read values with.
    pub decimals: usize,
    /// The values that the axis must hold at least; it grows where they do not suffice.
    pub at_least: Option<[f64; 2]>,
    /// The lines.
    pub series: Vec<Series>,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub ink: Ink,
    /// Its dashes.
    pub dash: Dash,
    /// x and y, in order of x; a y that is not a number is a gap.
    pub points: Vec<[f64; 2]>,
    /// An interval around it.
    pub band: Option<Band>,
    /// Whether it is a level to compare with, the same at every x: read where the others are.
    pub level: bool,
}

/// An interval around a line: x, lower end, upper end, in order of x.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// What it is: "95 % interval".
    pub name: String,
    /// The ends.
    pub ends: Vec<[f64; 3]>,
}

/// Room for the values on the left, at least; wider ones are given more.
const LEFT: f64 = 34.0;
/// Between a value and the line that it names.
const GAP: f64 = 5.0;
const RIGHT: f64 = 8.0;
const HEAD: f64 = 32.0;
const FOOT: f64 = 18.0;

impl LineChart {
    /// Every x that has a value of its own, in order.
    fn xs(&self) -> Vec<f64> {
        let all = self.panels.iter().flat_map(|p| &p.series);
        let (levels, others): (Vec<&Series>, Vec<&Series>) = all.partition(|s| s.level);
        let has_others = others.iter().any(|s| s.finite().next().is_some());
        let read = if has_others { others } else { levels };
        let mut xs: Vec<f64> = read.iter().flat_map(|s| s.finite().map(|p| p[0])).collect();
        order::sort_by(&mut xs, f64::total_cmp);
        xs.dedup();
        xs
    }

    fn names(&self) -> usize {
        self.panels.iter().map(|p| p.series.len()).max().unwrap_or(0)
    }

    fn stop(&self, x: f64, at: f64, height: f64) -> Stop {
        let mut values = Vec::new();
        for panel in &self.panels {
            for s in &panel.series {
                let name =
                    if panel.series.len() > 1 { format!("{}, {}", panel.name, s.name) } else { panel.name.clone() };
                values.push(Value { key: Key::Line(s.ink, s.dash), name, text: reading(panel, s, x) });
            }
        }
        if !self.marks.is_empty() {
            let said =
                self.marks.iter().find(|m| m.0 == x).map_or("–".into(), |m| text::fit(&m.1, 900.0, 11.0, false));
            values.push(Value { key: Key::Line(Ink::User, Dash::Dotted), name: "Instruction".into(), text: said });
        }
        let decimals = if x.fract() == 0.0 { 0 } else { 2 };
        let mut heading = format!("{} {}", self.x_name, text::number(x, decimals));
        if let Some(first) = heading.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        Stop { region: [at, HEAD, 0.0, height - HEAD - FOOT], heading, values }
    }
}

fn reading(panel: &Panel, s: &Series, x: f64) -> String {
    let Some(y) = s.at(x) else { return "–".into() };
    let mut out = text::number(y, panel.decimals);
    if let Some([_, low, high]) = s.band.as_ref().and_then(|b| b.ends.iter().find(|e| e[0] == x)) {
        out.push_str(&format!(" ({} to {})", text::number(*low, panel.decimals), text::number(*high, panel.decimals)));
    }
    out
}

impl Panel {
    fn domain(&self) -> [f64; 2] {
        let lines = self.series.iter().flat_map(|s| s.points.iter().map(|p| p[1]));
        let held = self.at_least.into_iter().flatten();
        let [low, high] = extent(lines.chain(held)).unwrap_or([0.0, 1.0]);
        // An interval over two seeds can be tens of times as wide as what the lines do: it may make as much room again on
        // either side, and is cut there.
        let room = if high > low { high - low } else { f64::INFINITY };
        let bands = self.series.iter().filter_map(|s| s.band.as_ref());
        let bands = bands.flat_map(|b| b.ends.iter().flat_map(|e| [e[1].max(low - room), e[2].min(high + room)]));
        nice(extent([low, high].into_iter().chain(bands)).unwrap_or([0.0, 1.0]), 3)
    }

    /// The values marked on the axis of a panel of some height, with their words.
    fn marks(&self, height: f64) -> Vec<(f64, String)> {
        let (marks, decimals) = ticks(self.domain(), if height < 70.0 { 2 } else { 3 });
        marks.into_iter().map(|v| (v, text::number(v, decimals))).collect()
    }

    fn draw(&self, scene: &mut Scene, x: &Scale, (left, top): (f64, f64), height: f64) {
        let y = Scale::new(self.domain(), [top + height, top]);
        scene.text(
            [0.0, top - 12.0],
            Anchor::Start,
            11.0,
            true,
            Ink::Quiet,
            false,
            text::fit(&self.name, scene.width, 11.0, true),
        );
        for (v, words) in self.marks(height) {
            let at = y.at(v);
            scene.line([left, at], [scene.width - RIGHT, at], Style::line(Ink::Rule, 1.0, Dash::Solid));
            scene.label([left - GAP, at + 4.0], Anchor::End, Ink::Faint, words);
        }
        for s in &self.series {
            s.draw_band(scene, x, &y, [top, top + height]);
        }
        for s in &self.series {
            s.draw_line(scene, x, &y);
        }
        if self.series.len() > 1 {
            self.labels(scene, x, &y, (left, top), height);
        }
    }

    /// The lines' names at their ends, where these are far enough apart.
    fn labels(&self, scene: &mut Scene, x: &Scale, y: &Scale, (left, top): (f64, f64), height: f64) {
        let mut ends: Vec<(f64, f64, &Series)> = self
            .series
            .iter()
            .filter_map(|s| s.points.iter().rev().find(|p| p[1].is_finite()).map(|p| (y.at(p[1]) - 5.0, x.at(p[0]), s)))
            .collect();
        order::sort_by(&mut ends, |a, b| a.0.total_cmp(&b.0));
        if ends.windows(2).any(|w| w[1].0 - w[0].0 < 12.0) || ends.len() as f64 * 12.0 > height {
            return; // names on top of lines are read by nobody; the legend names them
        }
        let places = apart(&ends.iter().map(|e| e.0).collect::<Vec<_>>(), 12.0, top + 9.0, top + height - 2.0);
        for ((_, at, s), place) in ends.iter().zip(places) {
            let name = text::fit(&s.name, scene.width * 0.5, 11.0, true);
            let at = at.max(left + text::width(&name, 11.0, true));
            scene.label_on([at, place], Anchor::End, s.ink, name);
        }
    }
}

/// Places at least `gap` apart and within limits, near where they wanted to be; `wanted` is in order.
fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut out: Vec<f64> = wanted.to_vec();
    let mut floor = low;
    for v in &mut out {
        *v = v.max(floor);
        floor = *v + gap;
    }
    let mut ceiling = high;
    for v in out.iter_mut().rev() {
        *v = v.min(ceiling);
        ceiling = *v - gap;
    }
    out
}

impl Series {
    fn finite(&self) -> impl Iterator<Item = &[f64; 2]> {
        self.points.iter().filter(|p| p[0].is_finite() && p[1].is_finite())
    }

    /// Its value at an x.
    fn at(&self, x: f64) -> Option<f64> {
        self.finite().find(|p| self.level || p[0] == x).map(|p| p[1])
    }

    /// The interval, within the height of its panel.
    fn draw_band(&self, scene: &mut Scene, x: &Scale, y: &Scale, [top, bottom]: [f64; 2]) {
        let Some(band) = &self.band else { return };
        let ends: Vec<&[f64; 3]> = band.ends.iter().filter(|e| e.iter().all(|v| v.is_finite())).collect();
        if ends.len() < 2 {
            return;
        }
        let place = |v: f64| y.at(v).clamp(top, bottom);
        let upper = ends.iter().map(|e| Some([x.at(e[0]), place(e[2])]));
        let lower = ends.iter().rev().map(|e| Some([x.at(e[0]), place(e[1])]));
        let d = straight(&upper.chain(lower).collect::<Vec<_>>()) + "Z";
        scene.path(d, Style::filled(Fill::Solid(self.ink)).seen_through(0.16));
        for k in [1, 2] {
            let edge: Vec<_> = ends.iter().map(|e| Some([x.at(e[0]), place(e[k])])).collect();
            scene.path(straight(&edge), Style::line(self.ink, 0.8, Dash::Dotted).seen_through(0.7));
        }
    }

    fn draw_line(&self, scene: &mut Scene, x: &Scale, y: &Scale) {
        let points: Vec<Option<[f64; 2]>> =
            self.points.iter().map(|p| p[1].is_finite().then(|| [x.at(p[0]), y.at(p[1])])).collect();
        scene.path(straight(&points), Style::line(self.ink, 2.2, self.dash));
        // A point between two gaps has no line to be seen by; and few points are worth a dot each.
        let alone = |i: usize| (i == 0 || points[i - 1].is_none()) && points.get(i + 1).is_none_or(Option::is_none);
        for (i, p) in points.iter().enumerate() {
            if let Some(p) = p
                && (alone(i) || points.len() <= 12)
            {
                scene.circle(*p, 2.4, Style::filled(Fill::Solid(self.ink)));
            }
        }
    }
}

impl Chart for LineChart {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn describe(&self) -> String {
        let mut out = String::new();
        for panel in &self.panels {
            for s in &panel.series {
                let values = || s.points.iter().filter(|p| p[1].is_finite());
                let (Some(first), Some(last)) = (values().next(), values().next_back()) else { continue };
                let name =
                    if panel.series.len() > 1 { format!("{}, {}", panel.name, s.name) } else { panel.name.clone() };
                let read = |v: f64| text::number(v, panel.decimals);
                let [low, high] = extent(values().map(|p| p[1])).unwrap_or([0.0, 0.0]);
                out.push_str(&format!(
                    "{name}: from {} to {}, between {} and {}. ",
                    read(first[1]),
                    read(last[1]),
                    read(low),
                    read(high)
                ));
            }
        }
        out.trim_end().to_owned()
    }

    fn empty(&self) -> Option<String> {
        self.xs().is_empty().then(|| self.when_empty.clone())
    }

    fn table(&self) -> Table {
        let mut columns = vec![self.x_name.clone()];
        for (panel, s) in self.panels.iter().flat_map(|p| p.series.iter().map(move |s| (p, s))) {
            let name = if panel.series.len() > 1 { format!("{}, {}", panel.name, s.name) } else { panel.name.clone() };
            if s.band.is_some() {
                columns.extend([name.clone(), format!("{name}, low"), format!("{name}, high")]);
            } else {
                columns.push(name);
            }
        }
        let row = |x: &f64| {
            let mut row = vec![Cell::Number(*x, if x.fract() == 0.0 { 0 } else { 2 })];
            for (panel, s) in self.panels.iter().flat_map(|p| p.series.iter().map(move |s| (p, s))) {
                row.push(s.at(*x).map_or(Cell::Nothing, |y| Cell::Number(y, panel.decimals)));
                if let Some(band) = &s.band {
                    let ends = band.ends.iter().find(|e| e[0] == *x);
                    row.extend([1, 2].map(|k| ends.map_or(Cell::Nothing, |e| Cell::Number(e[k], panel.decimals))));
                }
            }
            row
        };
        Table { columns, rows: self.xs().iter().map(row).collect() }
    }

    fn legend(&self) -> Vec<(Key, String)> {
        if self.names() < 2 {
            return Vec::new();
        }
        let mut legend: Vec<(Key, String)> = Vec::new();
        for s in self.panels.iter().flat_map(|p| &p.series) {
            let entry = (Key::Line(s.ink, s.dash), s.name.clone());
            if !legend.contains(&entry) {
                legend.push(entry);
            }
        }
        legend
    }

    fn resting(&self) -> Option<usize> {
        let xs = self.xs();
        self.now.and_then(|now| xs.iter().rposition(|x| *x <= now)).or(xs.len().checked_sub(1))
    }

    fn draw(&self, width: f64) -> Drawing {
        let width = width.max(240.0);
        let each = (width * if self.panels.len() > 1 { 0.2 } else { 0.36 }).clamp(62.0, 190.0);
        let height = self.panels.len() as f64 * (HEAD + each) + FOOT + 2.0;
        let xs = self.xs();
        let ends = [xs.first().copied().unwrap_or(0.0), xs.last().copied().unwrap_or(1.0)];
        let widths = self.panels.iter().flat_map(|p| p.marks(each)).map(|(_, words)| text::width(&words, 11.0, false));
        let left = widths.fold(LEFT, |left, w| left.max((w + GAP).ceil()));
        let x = Scale::new(ends, [left + 4.0, width - RIGHT - 4.0]);
        let mut scene = Scene::new(width, height);
        let mut top = HEAD;
        for panel in &self.panels {
            panel.draw(&mut scene, &x, (left, top), each);
            top += each + HEAD;
        }
        for (at, _) in self.marks.iter().filter(|m| m.0 >= ends[0] && m.0 <= ends[1]) {
            let at = x.at(*at);
            scene.line([at, HEAD], [at, height - FOOT], Style::line(Ink::User, 1.2, Dash::Dotted));
        }
        x_axis(&mut scene, &x, &self.x_name, [left, height - 5.0]);
        let stops = xs.iter().map(|v| self.stop(*v, x.at(*v), height)).collect();
        Drawing { scene, stops }
    }
}

fn x_axis(scene: &mut Scene, x: &Scale, name: &str, [left, y]: [f64; 2]) {
    let room = scene.width - left - RIGHT;
    let name = text::fit(name, room / 2.0, 11.0, false);
    let named = left + text::width(&name, 11.0, false) + 10.0;
    scene.label([left, y], Anchor::Start, Ink::Faint, name);
    let (marks, decimals) = ticks(x.domain(), ((room / 60.0) as usize).clamp(2, 8));
    // Turns are whole: a mark between two of them would name none.
    for v in marks.into_iter().filter(|v| decimals == 0 || v.fract() == 0.0) {
        let words = text::number(v, 0);
        let half = text::width(&words, 11.0, false) / 2.0;
        let at = x.at(v).min(scene.width - half);
        if at - half > named {
            scene.label([at, y], Anchor::Middle, Ink::Faint, words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Mark;

    fn series(name: &str, ys: &[f64]) -> Series {
        Series {
            name: name.into(),
            ink: Ink::Gain,
            dash: Dash::Solid,
            points: ys.iter().enumerate().map(|(i, y)| [i as f64 + 1.0, *y]).collect(),
            band: None,
            level: false,
        }
    }

    #[test]
    fn an_interval_as_wide_as_can_be_leaves_the_lines_their_room() {
        let mut two_seeds = series("two seeds", &[10.0, 14.0]);
        two_seeds.band = Some(Band { name: "95 %".into(), ends: vec![[1.0, -90.0, 110.0], [2.0, -70.0, 98.0]] });
        let panel = Panel { name: "Return".into(), decimals: 1, at_least: None, series: vec![two_seeds] };
        let [low, high] = panel.domain();
        assert!(low >= 4.0 && high <= 20.0, "{low} to {high}");
    }

    fn chart() -> LineChart {
        let mut trained = series("original", &[1.0, 2.0, 1.5]);
        trained.band = Some(Band { name: "95 %".into(), ends: vec![[1.0, 0.5, 1.5], [2.0, 1.5, 2.5]] });
        LineChart {
            title: "Trajectory".into(),
            x_name: "turn".into(),
            panels: vec![
                Panel {
                    name: "Reward".into(),
                    decimals: 2,
                    at_least: Some([0.0, 1.0]),
                    series: vec![trained, series("fork", &[1.0, f64::NAN, 0.2])],
                },
                Panel {
                    name: "Satisfaction".into(),
                    decimals: 2,
                    at_least: Some([0.0, 1.0]),
                    series: vec![series("s", &[0.5])],
                },
            ],
            marks: vec![(2.0, "Enough".into())],
            now: Some(2.0),
            when_empty: "Nothing yet.".into(),
        }
    }

    #[test]
    fn readings_are_exact_and_name_their_line() {
        let d = chart().draw(270.0);
        assert_eq!(d.stops.len(), 3);
        assert_eq!(
            d.stops[1].spoken(),
            "Turn 2: Reward, original 2.00 (1.50 to 2.50); Reward, fork –; Satisfaction –; Instruction Enough"
        );
        assert_eq!(chart().resting(), Some(1));
    }

    #[test]
    fn the_table_has_a_cell_for_every_column() {
        let t = chart().table();
        assert_eq!(t.columns.len(), 6);
        assert!(t.rows.iter().all(|r| r.len() == 6));
        assert_eq!(t.rows[1][4], Cell::Nothing);
    }

    #[test]
    fn nothing_and_one_value_are_drawn_without_fault() {
        let mut c = chart();
        for width in [100.0, 280.0, 1200.0] {
            for m in c.draw(width).scene.marks {
                if let Mark::Path { d, .. } = m {
                    assert!(!d.contains("NaN"));
                }
            }
        }
        c.panels.iter_mut().flat_map(|p| &mut p.series).for_each(|s| s.points.clear());
        assert_eq!(c.empty().as_deref(), Some("Nothing yet."));
        assert!(c.draw(300.0).stops.is_empty() && c.describe().is_empty());
    }

    #[test]
    fn wide_values_are_given_the_room_that_they_need() {
        let mut c = chart();
        c.panels[1].series = vec![series("s", &[-12_000.0, 2_500.0])];
        let starts = c.draw(300.0).scene.marks.into_iter().filter_map(|m| match m {
            Mark::Text { at, anchor: Anchor::End, words, size, bold, .. } => {
                Some(at[0] - text::width(&words, size, bold))
            }
            _ => None,
        });
        let starts: Vec<f64> = starts.collect();
        assert!(!starts.is_empty() && starts.iter().all(|x| *x >= 0.0), "{starts:?}");
    }

    #[test]
    fn labels_at_ends_do_not_overlap() {
        let places = apart(&[10.0, 11.0, 12.0, 90.0], 12.0, 0.0, 100.0);
        assert!(places.windows(2).all(|w| w[1] - w[0] >= 12.0 - 1e-9), "{places:?}");
        let low = apart(&[95.0, 99.0, 99.0], 12.0, 0.0, 100.0);
        assert!(low.iter().all(|p| *p <= 100.0) && low.windows(2).all(|w| w[1] - w[0] >= 12.0 - 1e-9), "{low:?}");
    }
}
