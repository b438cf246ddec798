//! The streamgraph of interests over turns.

use super::{
    Chart, Drawing, Key, Stop, Value,
    curve::smooth_area,
    scale::Scale,
    scene::{Anchor, Dash, Fill, Ink, Scene, Style},
    stream_layout::{label_place, span, stack, thickness},
    table::{Cell, Table},
    text,
};
use crate::math::order;

/// Interests over the turns of a session, and of its fork.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamChart {
    /// The title.
    pub title: String,
    /// The topics that have a band: name and hue (0 to 7).
    pub topics: Vec<(String, u8)>,
    /// The streams: the original, then what it is compared with. Each gets a panel; one is the usual.
    pub streams: Vec<Stream>,
    /// The turn that the session stands at.
    pub now: Option<usize>,
}

/// One branch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stream {
    /// What to call it: "Fork 1: LinUCB from turn 3".
    pub label: String,
    /// The first turn that is its own; the turns before are those of its origin, and drawn fainter.
    pub from: usize,
    /// Its turns.
    pub turns: Vec<StreamTurn>,
}

/// One turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamTurn {
    /// Interest in each topic at the turn's end, in [-1, 1].
    pub interests: Vec<f32>,
    /// How many items of each topic were on the slate.
    pub shown: Vec<u16>,
    /// The instruction given at its end.
    pub mark: Option<StreamMark>,
}

/// An instruction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamMark {
    /// The words, or what was shown without words.
    pub words: String,
    /// Whether it was shown by behaviour only.
    pub implicit: bool,
}

const TOP: f64 = 20.0;
const FOOT: f64 = 18.0;
const EDGE: f64 = 6.0;

/// The number of turns that the axis has room for: it grows in steps, so that the picture does not move at each turn.
fn room(turns: usize) -> usize {
    [6, 9, 12, 16, 20, 25, 30, 40, 50, 60, 80, 100].into_iter().find(|r| *r >= turns).unwrap_or(turns)
}

impl StreamChart {
    fn turns(&self) -> usize {
        self.streams.iter().map(|s| s.turns.len()).max().unwrap_or(0)
    }

    fn xs(&self, width: f64) -> Scale {
        Scale::new([-0.5, room(self.turns()) as f64 - 0.5], [EDGE, width - EDGE])
    }

    fn values(&self, stream: &Stream) -> Vec<Vec<f64>> {
        let at = |t: &StreamTurn, b: usize| thickness(t.interests.get(b).copied().unwrap_or(0.0));
        stream.turns.iter().map(|t| (0..self.topics.len()).map(|b| at(t, b)).collect()).collect()
    }

    fn stop(&self, turn: usize, x: f64, bottom: f64) -> Stop {
        let read = |stream: &Stream, b: usize| {
            let Some(t) = stream.turns.get(turn) else { return "–".to_owned() };
            let interest = text::signed(f64::from(t.interests.get(b).copied().unwrap_or(f32::NAN)), 2);
            match t.shown.get(b) {
                Some(n) if *n > 0 => format!("{interest} · {n} shown"),
                _ => interest,
            }
        };
        let mut values: Vec<Value> = self
            .topics
            .iter()
            .enumerate()
            .map(|(b, (name, hue))| Value {
                key: Key::Swatch(Fill::Topic(*hue)),
                name: name.clone(),
                text: self.streams.iter().map(|s| read(s, b)).collect::<Vec<_>>().join(" | "),
            })
            .collect();
        let said = |s: &Stream| match s.turns.get(turn).and_then(|t| t.mark.as_ref()) {
            Some(mark) => text::fit(&mark.words, 900.0, 11.0, false),
            None => "–".into(),
        };
        values.push(Value {
            key: Key::Line(Ink::User, Dash::Dashed),
            name: "Instruction".into(),
            text: self.streams.iter().map(said).collect::<Vec<_>>().join(" | "),
        });
        Stop { region: [x, TOP, 0.0, bottom - TOP], heading: format!("Turn {}", turn + 1), values }
    }
}

impl Chart for StreamChart {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn describe(&self) -> String {
        let Some(stream) = self.streams.first() else { return String::new() };
        let turns = text::count(stream.turns.len(), "turn");
        let marks = text::count(stream.turns.iter().filter(|t| t.mark.is_some()).count(), "instruction");
        let mut out = format!("Interest in {} topics over {turns}, with {marks}.", self.topics.len());
        if let (Some(first), Some(last)) = (stream.turns.first(), stream.turns.last()) {
            let change = |b: usize| last.interests.get(b).unwrap_or(&0.0) - first.interests.get(b).unwrap_or(&0.0);
            let mut by: Vec<(usize, f32)> = (0..self.topics.len()).map(|b| (b, change(b))).collect();
            order::sort_by(&mut by, |a, b| b.1.total_cmp(&a.1));
            let name = |b: usize| text::fit(&self.topics[b].0, 200.0, 11.0, false);
            if let (Some(up), Some(down)) = (by.first(), by.last())
                && up.1 > 0.0
                && down.1 < 0.0
            {
                let (u, d) = (text::signed(f64::from(up.1), 2), text::signed(f64::from(down.1), 2));
                out.push_str(&format!(" {} rose most ({u}), {} fell most ({d}).", name(up.0), name(down.0)));
            }
        }
        if let Some(fork) = self.streams.get(1) {
            out.push_str(&format!(" Below it, {}.", fork.label));
        }
        out
    }

    fn empty(&self) -> Option<String> {
        (self.turns() == 0 || self.topics.is_empty())
            .then(|| "Interests are drawn here once the first turn is over.".into())
    }

    fn table(&self) -> Table {
        let several = self.streams.len() > 1;
        let mut columns = vec!["Turn".to_owned()];
        if several {
            columns.insert(0, "Branch".into());
        }
        columns.extend(self.topics.iter().map(|t| t.0.clone()));
        columns.extend(self.topics.iter().map(|t| format!("{} shown", t.0)));
        columns.push("Instruction".into());
        let mut rows = Vec::new();
        for stream in &self.streams {
            for (i, t) in stream.turns.iter().enumerate() {
                let mut row = vec![Cell::Number((i + 1) as f64, 0)];
                if several {
                    row.insert(0, Cell::Words(stream.label.clone()));
                }
                let bands = 0..self.topics.len();
                row.extend(
                    bands
                        .clone()
                        .map(|b| t.interests.get(b).map_or(Cell::Nothing, |v| Cell::Number(text::exact(*v), 2))),
                );
                row.extend(bands.map(|b| t.shown.get(b).map_or(Cell::Nothing, |v| Cell::Number(f64::from(*v), 0))));
                row.push(t.mark.as_ref().map_or(Cell::Nothing, |m| Cell::Words(m.words.clone())));
                rows.push(row);
            }
        }
        Table { columns, rows }
    }

    fn legend(&self) -> Vec<(Key, String)> {
        let mut legend: Vec<(Key, String)> =
            self.topics.iter().map(|(name, hue)| (Key::Swatch(Fill::Topic(*hue)), name.clone())).collect();
        legend.push((Key::Dot(Ink::Text), "items shown".into()));
        legend.push((Key::Line(Ink::User, Dash::Dashed), "instruction in words".into()));
        legend.push((Key::Line(Ink::User, Dash::Dotted), "instruction shown by behaviour".into()));
        legend
    }

    fn resting(&self) -> Option<usize> {
        self.now.filter(|n| *n < self.turns()).or(self.turns().checked_sub(1))
    }

    fn draw(&self, width: f64) -> Drawing {
        let width = width.max(240.0);
        let main = (width * 0.27).clamp(120.0, 220.0);
        let heights: Vec<f64> = (0..self.streams.len()).map(|i| if i == 0 { main } else { main * 0.6 }).collect();
        let stacks: Vec<Vec<Vec<[f64; 2]>>> =
            self.streams.iter().map(|s| stack(&self.values(s), self.topics.len())).collect();
        // One scale for all panels, so that they can be compared.
        let unit = stacks.iter().zip(&heights).fold(f64::INFINITY, |k, (edges, h)| {
            let [low, high] = span(edges);
            if high > low { k.min(h / (high - low)) } else { k }
        });
        let unit = if unit.is_finite() { unit } else { 1.0 };
        let x = self.xs(width);
        let mut scene = Scene::new(width, 0.0);
        let mut top = TOP;
        for ((stream, edges), height) in self.streams.iter().zip(&stacks).zip(&heights) {
            if top > TOP {
                scene.label(
                    [EDGE, top - 5.0],
                    Anchor::Start,
                    Ink::Quiet,
                    text::fit(&stream.label, width - 12.0, 11.0, false),
                );
            }
            let panel =
                Panel { chart: self, stream, edges, x: &x, middle: top + height / 2.0, unit, top, height: *height };
            panel.draw(&mut scene);
            top += height + if self.streams.len() > 1 { 22.0 } else { 4.0 };
        }
        let bottom = top - if self.streams.len() > 1 { 18.0 } else { 0.0 };
        axis(&mut scene, &x, room(self.turns()), bottom);
        scene.height = bottom + FOOT;
        let stops = (0..self.turns()).map(|i| self.stop(i, x.at(i as f64), bottom)).collect();
        Drawing { scene, stops }
    }
}

/// Marks turns under the panels, as many as there is room for.
fn axis(scene: &mut Scene, x: &Scale, turns: usize, y: f64) {
    scene.line([EDGE, y], [scene.width - EDGE, y], Style::line(Ink::Rule, 1.0, Dash::Solid));
    let apart = x.at(1.0) - x.at(0.0);
    let every = [1, 2, 5, 10, 20, 50].into_iter().find(|e| f64::from(*e) * apart >= 26.0).unwrap_or(100) as usize;
    for t in 1..=turns {
        if t == 1 || t % every == 0 && (every == 1 || t > 1) {
            let words = if t == 1 { "turn 1".to_owned() } else { t.to_string() };
            let at = x.at((t - 1) as f64).max(EDGE + if t == 1 { 16.0 } else { 0.0 });
            if t == 1 || at > x.at(0.0) + 34.0 {
                scene.label([at, y + 13.0], Anchor::Middle, Ink::Faint, words);
            }
        }
    }
}

/// One stream being drawn.
struct Panel<'a> {
    chart: &'a StreamChart,
    stream: &'a Stream,
    edges: &'a [Vec<[f64; 2]>],
    x: &'a Scale,
    middle: f64,
    unit: f64,
    top: f64,
    height: f64,
}

impl Panel<'_> {
    fn draw(&self, scene: &mut Scene) {
        let turns = self.stream.turns.len();
        if turns == 0 {
            return;
        }
        for (b, (_, hue)) in self.chart.topics.iter().enumerate() {
            let from = self.stream.from.min(turns);
            if from > 0 {
                self.band(scene, b, *hue, 0, (from + 1).min(turns), 0.4);
            }
            self.band(scene, b, *hue, from, turns, 1.0);
        }
        self.marks(scene);
        self.dots(scene);
        self.labels(scene);
    }

    fn pixels(&self, b: usize, j: usize) -> [f64; 2] {
        let [low, high] = self.edges[b][j];
        [self.middle - high * self.unit, self.middle - low * self.unit]
    }

    /// The xs of samples and the edges there, with half a turn of level ground at both ends of the stream.
    fn samples(&self, b: usize, from: usize, to: usize) -> (Vec<f64>, Vec<[f64; 2]>) {
        let mut xs: Vec<f64> = (from..to).map(|j| self.x.at(j as f64)).collect();
        let mut edges: Vec<[f64; 2]> = (from..to).map(|j| self.pixels(b, j)).collect();
        if from == 0 {
            xs.insert(0, self.x.at(-0.5));
            edges.insert(0, edges[0]);
        }
        if to == self.stream.turns.len() {
            xs.push(self.x.at(to as f64 - 0.5));
            edges.push(edges[edges.len() - 1]);
        }
        (xs, edges)
    }

    fn band(&self, scene: &mut Scene, b: usize, hue: u8, from: usize, to: usize, opacity: f64) {
        if from >= to {
            return;
        }
        let (xs, edges) = self.samples(b, from, to);
        let side = |k: usize| xs.iter().zip(&edges).map(|(x, e)| [*x, e[k]]).collect::<Vec<_>>();
        let style = Style::filled(Fill::Topic(hue)).outlined(Ink::Paper, 0.8).seen_through(opacity);
        scene.path(smooth_area(&side(0), &side(1)), style);
    }

    /// Instructions, as lines with their words where there is room.
    fn marks(&self, scene: &mut Scene) {
        let marked: Vec<(usize, &StreamMark)> =
            self.stream.turns.iter().enumerate().filter_map(|(j, t)| Some((j, t.mark.as_ref()?))).collect();
        // Where the words of the last mark end.
        let mut taken = 0.0;
        for (i, (j, mark)) in marked.iter().enumerate() {
            let x = self.x.at(*j as f64);
            let dash = if mark.implicit { Dash::Dotted } else { Dash::Dashed };
            scene.line([x, self.top - 4.0], [x, self.top + self.height], Style::line(Ink::User, 1.5, dash));
            if self.top > TOP {
                continue;
            }
            let next = marked.get(i + 1).map_or(scene.width - EDGE, |(k, _)| self.x.at(*k as f64) - 6.0);
            let said = if mark.implicit { "fast skips" } else { &mark.words };
            // Words stand after their line, or before it where there is more room, as at the right edge.
            let (after, ahead) = (next - x - 5.0, x - taken - 10.0);
            let turned = after < ahead && text::width(said, 11.0, false) > after;
            let words = text::fit(said, if turned { ahead } else { after }.min(260.0), 11.0, false);
            // A letter or two say nothing; the line alone is quieter.
            if words.chars().count() > 5 {
                let (dx, anchor) = if turned { (-4.0, Anchor::End) } else { (4.0, Anchor::Start) };
                taken = if turned { x } else { x + 4.0 + text::width(&words, 11.0, false) };
                scene.label([x + dx, self.top - 8.0], anchor, Ink::User, words);
            }
        }
    }

    /// Items shown, as a dot on the band of their topic: the more, the larger.
    fn dots(&self, scene: &mut Scene) {
        for (j, turn) in self.stream.turns.iter().enumerate().skip(self.stream.from) {
            for (b, shown) in turn.shown.iter().enumerate().take(self.chart.topics.len()) {
                if *shown > 0 {
                    let [top, bottom] = self.pixels(b, j);
                    let radius = (1.1 * f64::from(*shown).sqrt()).min(4.5) + 0.7;
                    let style = Style::filled(Fill::Solid(Ink::Text)).outlined(Ink::Paper, 1.0);
                    scene.circle([self.x.at(j as f64), (top + bottom) / 2.0], radius, style);
                }
            }
        }
    }

    fn labels(&self, scene: &mut Scene) {
        for (b, (name, _)) in self.chart.topics.iter().enumerate() {
            let (xs, edges) = self.samples(b, 0, self.stream.turns.len());
            let name = text::fit(name, 160.0, 11.0, true);
            let wide = text::width(&name, 11.0, true) + 6.0;
            if let Some([x, y]) = label_place(&xs, &edges, wide, 15.0) {
                scene.label_on([x, y + 4.0], Anchor::Middle, Ink::Text, name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Mark;

    fn chart(turns: usize) -> StreamChart {
        let turn = |j: usize| StreamTurn {
            interests: vec![0.5 - 0.05 * j as f32, 0.2 + 0.04 * j as f32, -0.3],
            shown: vec![3, 1, 0],
            mark: (j == 2).then(|| StreamMark { words: "Enough cooking".into(), implicit: false }),
        };
        StreamChart {
            title: "Interests".into(),
            topics: vec![("Cooking".into(), 0), ("Travel".into(), 1), ("Chess".into(), 5)],
            streams: vec![Stream { label: "Original".into(), from: 0, turns: (0..turns).map(turn).collect() }],
            now: Some(1),
        }
    }

    #[test]
    fn every_turn_is_a_stop_that_reads_every_topic() {
        let d = chart(5).draw(600.0);
        assert_eq!(d.stops.len(), 5);
        assert_eq!(d.stops[2].heading, "Turn 3");
        assert_eq!(d.stops[2].values[0].text, "+0.40 · 3 shown");
        assert_eq!(d.stops[2].values[2].text, "−0.30");
        assert_eq!(d.stops[2].values[3].text, "Enough cooking");
        assert_eq!(d.stops[0].values.len(), d.stops[2].values.len(), "readings are all of one size");
        assert_eq!(chart(5).resting(), Some(1));
    }

    #[test]
    fn the_picture_keeps_its_place_while_turns_are_added() {
        let (a, b) = (chart(4).draw(600.0), chart(5).draw(600.0));
        assert_eq!(a.scene.height, b.scene.height);
        assert_eq!(a.stops[3].region, b.stops[3].region);
    }

    #[test]
    fn it_fits_any_width_and_any_number_of_turns() {
        for width in [0.0, 280.0, 390.0, 1200.0] {
            for turns in [0, 1, 2, 7, 300] {
                let d = chart(turns).draw(width);
                for m in &d.scene.marks {
                    if let Mark::Path { d, .. } = m {
                        assert!(!d.contains("NaN") && !d.contains("inf"));
                    }
                    if let Mark::Text { at, .. } = m {
                        assert!(at[0] >= 0.0 && at[0] <= d.scene.width && at[1] <= d.scene.height);
                    }
                }
            }
        }
        assert!(chart(0).empty().is_some() && chart(1).empty().is_none());
    }

    #[test]
    fn words_tell_the_gist() {
        let words = chart(5).describe();
        assert_eq!(
            words,
            "Interest in 3 topics over 5 turns, with 1 instruction. Travel rose most (+0.16), Cooking fell most (−0.20)."
        );
    }

    #[test]
    fn a_fork_has_a_panel_columns_and_readings_of_its_own() {
        let mut c = chart(5);
        let mut fork = c.streams[0].clone();
        (fork.label, fork.from) = ("Fork 1: random from turn 3".into(), 2);
        fork.turns.pop();
        c.streams.push(fork);
        let d = c.draw(600.0);
        assert!(d.scene.height > chart(5).draw(600.0).scene.height);
        assert_eq!(d.stops[4].values[0].text, "+0.30 · 3 shown | –");
        let t = c.table();
        assert_eq!(t.rows.len(), 9);
        assert!(t.rows.iter().all(|r| r.len() == t.columns.len()));
        assert_eq!(t.columns[0], "Branch");
    }
}
