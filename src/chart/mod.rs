//! Charts as pure geometry: plain data in, a [`Scene`] of marks out. The page draws scenes as SVG and saves them as files;
//! nothing here knows a document, so all of it is tested natively.
//!
//! **Colour is never the only channel**: series differ in dash, bands in pattern, and whatever has room is labelled
//! directly. Each chart also tells its numbers as a [`Table`] and its gist in words.

mod curve;
pub mod data;
mod intervals;
mod legend;
mod lines;
mod map;
mod mdp;
mod scale;
mod scene;
pub mod session;
mod stream;
mod stream_layout;
mod table;
pub mod text;
mod topics;
pub mod train;
mod write;

pub use intervals::{Interval, Intervals};
pub use legend::framed;
pub use lines::{Band, LineChart, Panel, Series};
pub use map::{ItemMap, MapPoint};
pub use mdp::{Mdp, MdpPart};
pub use scale::{Scale, ticks};
pub use scene::{Anchor, Dash, Fill, Ink, Mark, Scene, Style};
pub use stream::{Stream, StreamChart, StreamMark, StreamTurn};
pub use table::{Cell, Table};
pub use topics::{PATTERNS, pattern};
pub use write::{Palette, svg};

/// Something that can be drawn, read value by value, told in words and saved as a table.
pub trait Chart {
    /// What the chart shows, in a few words; also its file name.
    fn title(&self) -> String;
    /// Its gist in a sentence or two, for those who do not see it.
    fn describe(&self) -> String;
    /// Why there is nothing to draw, in words; `None` where there is something.
    fn empty(&self) -> Option<String>;
    /// Its numbers.
    fn table(&self) -> Table;
    /// Draws it `width` CSS pixels wide; at least 240 are assumed.
    fn draw(&self, width: f64) -> Drawing;
    /// What the keys mean, where the drawing alone does not say it: added to saved pictures; the page's reading shows the
    /// same keys.
    fn legend(&self) -> Vec<(Key, String)> {
        Vec::new()
    }
    /// Which stop is read when nobody points at one: where the session stands.
    fn resting(&self) -> Option<usize> {
        None
    }
}

/// A drawn chart: what is seen, and where it can be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// The marks.
    pub scene: Scene,
    /// Where values can be read, in reading order.
    pub stops: Vec<Stop>,
}

/// A place of a chart at which its exact values are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stop {
    /// What is highlighted: left, top, width, height. A width of 0 is a line from top to bottom.
    pub region: [f64; 4],
    /// What it is: "Turn 4".
    pub heading: String,
    /// The values there.
    pub values: Vec<Value>,
}

/// One value read at a stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// How the legend shows what it belongs to.
    pub key: Key,
    /// What it is: "Satisfaction".
    pub name: String,
    /// The value in words or figures, unit included.
    pub text: String,
}

/// The little picture before a name in legends and readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Key {
    /// None.
    #[default]
    None,
    /// A line.
    Line(Ink, Dash),
    /// A swatch.
    Swatch(Fill),
    /// A dot.
    Dot(Ink),
}

impl Stop {
    /// All of it as one line of text, for screen readers.
    #[must_use]
    pub fn spoken(&self) -> String {
        let values: Vec<String> = self.values.iter().map(|v| format!("{} {}", v.name, v.text)).collect();
        if values.is_empty() { self.heading.clone() } else { format!("{}: {}", self.heading, values.join("; ")) }
    }

    /// The square of the distance from a point to the region.
    fn distance2(&self, x: f64, y: f64) -> f64 {
        let [left, top, width, height] = self.region;
        let dx = (left - x).max(x - left - width).max(0.0);
        let dy = (top - y).max(y - top - height).max(0.0);
        dx * dx + dy * dy
    }
}

impl Drawing {
    /// The stop nearest to a point of the scene.
    #[must_use]
    pub fn nearest(&self, x: f64, y: f64) -> Option<usize> {
        (0..self.stops.len()).min_by(|&a, &b| self.stops[a].distance2(x, y).total_cmp(&self.stops[b].distance2(x, y)))
    }
}

/// Where an arrow, Home, End, Page Up or Page Down moves the reading among `stops`; `None` where the key means nothing.
#[must_use]
pub fn moved(at: Option<usize>, stops: usize, key: &str) -> Option<usize> {
    let last = stops.checked_sub(1)?;
    let step = (stops / 10).max(2);
    Some(match (key, at) {
        ("Home", _) => 0,
        ("End", _) => last,
        ("ArrowRight" | "ArrowDown" | "ArrowLeft" | "ArrowUp" | "PageUp" | "PageDown", None) => last,
        ("ArrowRight" | "ArrowDown", Some(i)) => (i + 1).min(last),
        ("ArrowLeft" | "ArrowUp", Some(i)) => i.min(last + 1).saturating_sub(1),
        ("PageDown", Some(i)) => (i + step).min(last),
        ("PageUp", Some(i)) => i.min(last).saturating_sub(step),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(region: [f64; 4]) -> Stop {
        Stop { region, ..Stop::default() }
    }

    #[test]
    fn a_point_reads_the_nearest_stop() {
        let d = Drawing {
            stops: vec![stop([10.0, 0.0, 0.0, 50.0]), stop([30.0, 0.0, 0.0, 50.0]), stop([0.0, 60.0, 100.0, 10.0])],
            ..Drawing::default()
        };
        assert_eq!(d.nearest(19.0, 20.0), Some(0));
        assert_eq!(d.nearest(21.0, 20.0), Some(1));
        assert_eq!(d.nearest(12.0, 66.0), Some(2), "inside a region beats any line");
        assert_eq!(Drawing::default().nearest(0.0, 0.0), None);
    }

    #[test]
    fn keys_move_the_reading_and_stop_at_the_ends() {
        assert_eq!(moved(Some(0), 3, "ArrowLeft"), Some(0));
        assert_eq!(moved(Some(2), 3, "ArrowRight"), Some(2));
        assert_eq!(moved(Some(9), 3, "ArrowLeft"), Some(2), "a reading past the end comes back to it");
        assert_eq!(moved(None, 3, "ArrowRight"), Some(2));
        assert_eq!(moved(Some(1), 3, "Home"), Some(0));
        assert_eq!(moved(Some(1), 3, "x"), None);
        assert_eq!(moved(None, 0, "Home"), None);
    }
}
