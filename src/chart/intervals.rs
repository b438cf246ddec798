//! Means with their intervals, one a row: recommenders compared.

use super::{
    Chart, Drawing, Key, Stop, Value,
    scale::{Scale, extent, nice, ticks},
    scene::{Anchor, Dash, Fill, Ink, Scene, Style},
    table::{Cell, Table},
    text,
};

/// Rows of values, each as a bar from 0, or as a dot with its 95 % interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intervals {
    /// The title.
    pub title: String,
    /// What the values are: "Reward a session".
    pub value_name: String,
    /// What the rows are: "Recommender".
    pub row_name: String,
    /// Decimals to read values with.
    pub decimals: usize,
    /// The rows, from the top.
    pub rows: Vec<Interval>,
    /// What to say while there is nothing to draw.
    pub when_empty: String,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interval {
    /// Its name.
    pub name: String,
    /// The mean, or the value.
    pub mean: f64,
    /// The ends of its interval; `None` for a single value, which is drawn as a bar.
    pub ends: Option<[f64; 2]>,
    /// Whether it is the one at hand: drawn in the recommender's colour and in bold.
    pub current: bool,
    /// Words after its name: "oracle".
    pub note: String,
}

impl Interval {
    fn label(&self) -> String {
        if self.note.is_empty() { self.name.clone() } else { format!("{} ({})", self.name, self.note) }
    }

    fn reading(&self, decimals: usize) -> String {
        let mean = text::number(self.mean, decimals);
        match self.ends {
            Some([low, high]) => {
                format!("{mean} ({} to {})", text::number(low, decimals), text::number(high, decimals))
            }
            None => mean,
        }
    }
}

/// Where the parts of a row stand.
struct Columns {
    /// The plot's left and right.
    plot: [f64; 2],
    /// Room for names.
    names: f64,
    /// Whether names stand above their bars, for want of width.
    above: bool,
    row: f64,
}

const HEAD: f64 = 4.0;
const FOOT: f64 = 34.0;

impl Intervals {
    fn columns(&self, width: f64) -> Columns {
        let widest = self.rows.iter().map(|r| text::width(&r.label(), 12.0, r.current)).fold(0.0, f64::max);
        let value =
            self.rows.iter().map(|r| text::width(&text::number(r.mean, self.decimals), 12.0, true)).fold(0.0, f64::max);
        let above = widest > width * 0.42;
        let left = if above { 6.0 } else { widest + 12.0 };
        Columns {
            plot: [left, width - value - 12.0],
            names: if above { width - value - 12.0 } else { widest + 4.0 },
            above,
            row: if above { 40.0 } else { 27.0 },
        }
    }

    fn domain(&self) -> [f64; 2] {
        let means = self.rows.iter().map(|r| r.mean);
        let ends = self.rows.iter().filter_map(|r| r.ends).flatten();
        let bars = self.rows.iter().any(|r| r.ends.is_none());
        let zero = bars.then_some(0.0);
        nice(extent(means.chain(ends).chain(zero)).unwrap_or([0.0, 1.0]), 4)
    }
}

impl Chart for Intervals {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn describe(&self) -> String {
        let rows: Vec<String> =
            self.rows.iter().map(|r| format!("{} {}", r.label(), r.reading(self.decimals))).collect();
        let how = if self.rows.iter().any(|r| r.ends.is_some()) { ", with 95 % intervals" } else { "" };
        format!("{}{how}: {}.", self.value_name, rows.join("; "))
    }

    fn empty(&self) -> Option<String> {
        self.rows.is_empty().then(|| self.when_empty.clone())
    }

    fn table(&self) -> Table {
        let ends = self.rows.iter().any(|r| r.ends.is_some());
        let mut columns = vec![self.row_name.clone(), self.value_name.clone()];
        if ends {
            columns.extend(["95 % low".into(), "95 % high".into()]);
        }
        let row = |r: &Interval| {
            let mut row = vec![Cell::Words(r.label()), Cell::Number(r.mean, self.decimals)];
            if ends {
                row.extend([0, 1].map(|k| r.ends.map_or(Cell::Nothing, |e| Cell::Number(e[k], self.decimals))));
            }
            row
        };
        Table { columns, rows: self.rows.iter().map(row).collect() }
    }

    fn resting(&self) -> Option<usize> {
        self.rows.iter().position(|r| r.current).or((!self.rows.is_empty()).then_some(0))
    }

    fn draw(&self, width: f64) -> Drawing {
        let width = width.max(240.0);
        let c = self.columns(width);
        let height = HEAD + c.row * self.rows.len() as f64 + FOOT;
        let x = Scale::new(self.domain(), c.plot);
        let mut scene = Scene::new(width, height);
        grid(&mut scene, &x, &c, height - FOOT, &self.value_name);
        let mut stops = Vec::with_capacity(self.rows.len());
        for (i, r) in self.rows.iter().enumerate() {
            let top = HEAD + c.row * i as f64;
            r.draw(&mut scene, &x, &c, top, self.decimals);
            let key = if r.ends.is_some() { Key::Dot(r.ink()) } else { Key::Swatch(Fill::Solid(r.ink())) };
            let value = Value { key, name: self.value_name.clone(), text: r.reading(self.decimals) };
            stops.push(Stop { region: [0.0, top, width, c.row], heading: r.label(), values: vec![value] });
        }
        Drawing { scene, stops }
    }
}

impl Interval {
    fn ink(&self) -> Ink {
        if self.current { Ink::Reco } else { Ink::Quiet }
    }

    fn draw(&self, scene: &mut Scene, x: &Scale, c: &Columns, top: f64, decimals: usize) {
        let (words_at, middle) =
            if c.above { (top + 14.0, top + 27.0) } else { (top + c.row / 2.0 + 4.0, top + c.row / 2.0) };
        let name = text::fit(&self.label(), c.names, 12.0, self.current);
        let name_ink = if self.current { Ink::Reco } else { Ink::Text };
        scene.text([0.0, words_at], Anchor::Start, 12.0, self.current, name_ink, false, name);
        let value = text::number(self.mean, decimals);
        scene.text([scene.width, middle + 4.0], Anchor::End, 12.0, self.current, Ink::Text, false, value);
        if !self.mean.is_finite() {
            return;
        }
        let at = x.at(self.mean);
        match self.ends {
            Some([low, high]) if low.is_finite() && high.is_finite() => {
                let (a, b) = (x.at(low), x.at(high));
                let style = Style::line(self.ink(), 2.0, Dash::Solid);
                scene.line([a, middle], [b, middle], style);
                scene.line([a, middle - 4.0], [a, middle + 4.0], style);
                scene.line([b, middle - 4.0], [b, middle + 4.0], style);
                scene.circle([at, middle], 4.5, Style::filled(Fill::Solid(self.ink())).outlined(Ink::Paper, 1.5));
            }
            _ => {
                let zero = x.at(0.0);
                let area = [zero.min(at), middle - 5.0, (at - zero).abs().max(1.0), 10.0];
                scene.rect(area, 2.0, Style::filled(Fill::Solid(self.ink())));
            }
        }
    }
}

fn grid(scene: &mut Scene, x: &Scale, c: &Columns, bottom: f64, name: &str) {
    let (marks, decimals) = ticks(x.domain(), (((c.plot[1] - c.plot[0]) / 60.0) as usize).clamp(2, 6));
    for v in marks {
        let at = x.at(v);
        let ink = if v == 0.0 { Ink::Faint } else { Ink::Rule };
        scene.line([at, HEAD], [at, bottom + 2.0], Style::line(ink, 1.0, Dash::Solid));
        scene.label([at, bottom + 14.0], Anchor::Middle, Ink::Faint, text::number(v, decimals));
    }
    let name = text::fit(name, scene.width, 11.0, false);
    let middle = (c.plot[0] + c.plot[1]) / 2.0;
    let half = text::width(&name, 11.0, false) / 2.0;
    let at = middle.clamp(half.min(middle), (scene.width - half).max(half));
    scene.label([at, bottom + 29.0], Anchor::Middle, Ink::Faint, name);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Mark;

    fn chart() -> Intervals {
        let row = |name: &str, mean: f64, ends, current| Interval {
            name: name.into(),
            mean,
            ends,
            current,
            note: String::new(),
        };
        let mut oracle = row("Oracle", 9.5, Some([9.1, 9.9]), false);
        oracle.note = "sees all".into();
        Intervals {
            title: "Compared".into(),
            value_name: "Reward".into(),
            row_name: "Recommender".into(),
            decimals: 2,
            rows: vec![oracle, row("Instruction-following agent", 7.0, Some([6.5, 7.5]), true)],
            when_empty: "Run it.".into(),
        }
    }

    #[test]
    fn rows_are_read_with_their_interval() {
        let d = chart().draw(700.0);
        assert_eq!(d.stops[0].spoken(), "Oracle (sees all): Reward 9.50 (9.10 to 9.90)");
        assert_eq!(chart().resting(), Some(1), "the present recommender is read first");
        assert_eq!(d.nearest(5.0, 30.0), Some(0));
        assert_eq!(d.nearest(5.0, 50.0), Some(1));
    }

    #[test]
    fn names_stand_above_on_a_phone_and_beside_on_a_desk() {
        assert!(chart().columns(280.0).above && !chart().columns(900.0).above);
        for width in [240.0, 280.0, 390.0, 1200.0] {
            for m in chart().draw(width).scene.marks {
                if let Mark::Text { at, words, size, bold, anchor: Anchor::Start, .. } = m {
                    assert!(at[0] + text::width(&words, size, bold) <= width + 1.0, "{words} at {width}");
                }
            }
        }
    }

    #[test]
    fn single_values_are_bars_from_zero() {
        let mut c = chart();
        c.rows.iter_mut().for_each(|r| r.ends = None);
        assert_eq!(c.domain()[0], 0.0);
        assert_eq!(c.table().columns.len(), 2);
        assert!(c.draw(500.0).scene.marks.iter().any(|m| matches!(m, Mark::Rect { .. })));
        c.rows.clear();
        assert!(c.empty().is_some() && c.draw(300.0).stops.is_empty());
    }
}
