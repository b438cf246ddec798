//! Signed differences as bars to the left and right of zero: why an item was opened or passed over.

use super::{
    Chart, Drawing, Key, Stop, Value,
    scale::Scale,
    scene::{Anchor, Dash, Fill, Ink, Scene, Style},
    table::{Cell, Table},
    text,
};

/// Rows of differences from what is usual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// The title.
    pub title: String,
    /// What the rows are: "Reason".
    pub row_name: String,
    /// The rows, from the top.
    pub rows: Vec<Difference>,
    /// What to say while there is nothing to draw.
    pub when_empty: String,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Its name.
    pub name: String,
    /// The value now.
    pub value: f64,
    /// The usual value.
    pub usual: f64,
}

impl Difference {
    fn by(&self) -> f64 {
        self.value - self.usual
    }

    fn ink(&self) -> Ink {
        if self.by() < 0.0 { Ink::Loss } else { Ink::Gain }
    }
}

const ROW: f64 = 22.0;
const HEAD: f64 = 16.0;

impl Chart for Differences {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn describe(&self) -> String {
        let rows: Vec<String> = self.rows.iter().map(|r| format!("{} {}", r.name, text::signed(r.by(), 2))).collect();
        format!("Difference from this user's usual: {}.", rows.join(", "))
    }

    fn empty(&self) -> Option<String> {
        self.rows.is_empty().then(|| self.when_empty.clone())
    }

    fn table(&self) -> Table {
        let columns = [self.row_name.as_str(), "Value", "Usual", "Difference"].map(String::from).to_vec();
        let row = |r: &Difference| {
            vec![
                Cell::Words(r.name.clone()),
                Cell::Number(r.value, 2),
                Cell::Number(r.usual, 2),
                Cell::Number(r.by(), 2),
            ]
        };
        Table { columns, rows: self.rows.iter().map(row).collect() }
    }

    fn resting(&self) -> Option<usize> {
        (!self.rows.is_empty()).then_some(0)
    }

    fn draw(&self, width: f64) -> Drawing {
        let width = width.max(240.0);
        let widest = self.rows.iter().map(|r| text::width(&r.name, 12.0, false)).fold(0.0, f64::max);
        let names = (widest + 8.0).min(width * 0.4);
        let largest = self.rows.iter().map(|r| r.by().abs()).filter(|v| v.is_finite()).fold(0.5, f64::max);
        // Room for a figure beyond the longest bar on either side.
        let x = Scale::new([-largest, largest], [names + 42.0, width - 42.0]);
        let height = HEAD + ROW * self.rows.len() as f64 + 2.0;
        let mut scene = Scene::new(width, height);
        let zero = x.at(0.0);
        scene.label([zero - 6.0, 10.0], Anchor::End, Ink::Faint, "less than usual");
        scene.label([zero + 6.0, 10.0], Anchor::Start, Ink::Faint, "more");
        scene.line([zero, HEAD - 3.0], [zero, height], Style::line(Ink::Faint, 1.0, Dash::Solid));
        let mut stops = Vec::with_capacity(self.rows.len());
        for (i, r) in self.rows.iter().enumerate() {
            let top = HEAD + ROW * i as f64;
            let middle = top + ROW / 2.0;
            let name = text::fit(&r.name, names - 6.0, 12.0, false);
            scene.text([0.0, middle + 4.0], Anchor::Start, 12.0, false, Ink::Text, false, name);
            if r.by().is_finite() {
                let at = x.at(r.by());
                let area = [zero.min(at), middle - 5.0, (at - zero).abs().max(1.0), 10.0];
                scene.rect(area, 2.0, Style::filled(Fill::Solid(r.ink())));
                let (place, anchor) = if at < zero { (at - 4.0, Anchor::End) } else { (at + 4.0, Anchor::Start) };
                scene.label([place, middle + 4.0], anchor, r.ink(), text::signed(r.by(), 2));
            }
            let read = format!(
                "{} (now {}, usually {})",
                text::signed(r.by(), 2),
                text::number(r.value, 2),
                text::number(r.usual, 2)
            );
            let value = Value { key: Key::Swatch(Fill::Solid(r.ink())), name: "difference".into(), text: read };
            stops.push(Stop { region: [0.0, top, width, ROW], heading: r.name.clone(), values: vec![value] });
        }
        Drawing { scene, stops }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_sign_and_words_beside_colour() {
        let c = Differences {
            title: "Why".into(),
            row_name: "Reason".into(),
            rows: vec![
                Difference { name: "Tired of its kind".into(), value: -0.9, usual: -0.2 },
                Difference { name: "Match".into(), value: 0.4, usual: 0.1 },
            ],
            when_empty: "Not reviewed yet.".into(),
        };
        assert_eq!(c.describe(), "Difference from this user's usual: Tired of its kind −0.70, Match +0.30.");
        let d = c.draw(280.0);
        assert_eq!(d.stops[0].spoken(), "Tired of its kind: difference −0.70 (now −0.90, usually −0.20)");
        assert_eq!(c.table().rows[1][3].shown(), "0.30");
    }
}
