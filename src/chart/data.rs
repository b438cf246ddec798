//! The Data page's charts, from what its worker tells.

use super::{
    Chart, Drawing, Interval, Intervals, ItemMap, Key, MapPoint,
    table::{Cell, Table},
};
use crate::{
    lab::{Estimate, representations, understanding::unclear as unclear_of},
    worker::data::protocol::{Mapped, MeasuredRow, Near, Opened},
};

/// Intervals whose table tells more than is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    drawn: Intervals,
    table: Table,
}

impl Told {
    /// The table.
    #[must_use]
    pub fn all(&self) -> &Table {
        &self.table
    }
}

impl Chart for Told {
    fn title(&self) -> String {
        self.drawn.title()
    }

    fn describe(&self) -> String {
        self.drawn.describe()
    }

    fn empty(&self) -> Option<String> {
        self.drawn.empty()
    }

    fn table(&self) -> Table {
        self.table.clone()
    }

    fn draw(&self, width: f64) -> Drawing {
        self.drawn.draw(width)
    }

    fn legend(&self) -> Vec<(Key, String)> {
        self.drawn.legend()
    }

    fn resting(&self) -> Option<usize> {
        self.drawn.resting()
    }
}

/// The order in which a map's points are read: topic by topic, from left to right.
#[must_use]
pub fn reading_order(opened: &Opened, mapped: &Mapped) -> Vec<usize> {
    let mut order: Vec<usize> = (0..opened.points.len().min(mapped.at.len())).collect();
    order.sort_by(|&a, &b| {
        let topic = opened.points[a].topic.cmp(&opened.points[b].topic);
        topic.then(mapped.at[a][0].total_cmp(&mapped.at[b][0])).then(a.cmp(&b))
    });
    order
}

/// The map of one representation.
#[must_use]
pub fn map(opened: &Opened, mapped: Option<&Mapped>, title: &str, near: Option<&Near>) -> ItemMap {
    let wide = |at: [f32; 2]| at.map(f64::from);
    let mut chart = ItemMap {
        title: title.to_owned(),
        items: opened.items,
        topics: opened.topics.clone(),
        when_empty: "Not made yet.".to_owned(),
        ..ItemMap::default()
    };
    let Some(mapped) = mapped else { return chart };
    let point = |i: usize| {
        let p = &opened.points[i];
        MapPoint { at: wide(mapped.at[i]), topic: p.topic, name: p.title.clone(), creator: p.creator.clone() }
    };
    chart.points = reading_order(opened, mapped).into_iter().map(point).collect();
    chart.shares = mapped.shares.map(f64::from);
    if let Some((near, list)) = near.and_then(|n| {
        Some((n, n.lists.iter().find(|l| l.representation == mapped.representation && l.model == mapped.model)?))
    }) {
        chart.marked.push((wide(list.at), near.item.item.title.clone()));
        chart.marked.extend(list.items.iter().map(|n| (wide(n.at), n.item.item.title.clone())));
    }
    chart
}

fn ends(e: Estimate, decimals: usize) -> [Cell; 3] {
    [e.mean, e.low, e.high].map(|x| Cell::Number(x, decimals))
}

/// The same users under each representation.
#[must_use]
pub fn representations(rows: &[representations::Row]) -> Told {
    let played: Vec<_> = rows.iter().filter(|r| r.episodes > 1).collect();
    let embedded = played.iter().any(|r| r.cost.embedded > 0.0);
    let interval = |r: &&representations::Row| Interval {
        name: r.title(),
        mean: r.reward.mean,
        ends: Some([r.reward.low, r.reward.high]),
        current: r.representation.is_text() && r.model.is_none(),
        note: String::new(),
    };
    let gain =
        |e: Option<Estimate>, decimals| e.map_or([Cell::Nothing, Cell::Nothing, Cell::Nothing], |e| ends(e, decimals));
    let row = |r: &&representations::Row| {
        let mut row = vec![Cell::Words(r.title()), Cell::Number(f64::from(r.episodes), 0)];
        row.extend(ends(r.reward, 3));
        row.extend(gain(r.reward_gain, 3));
        row.extend(ends(r.clicks, 2));
        row.extend(gain(r.clicks_gain, 2));
        row.extend([
            Cell::Number(r.ndcg.mean, 2),
            Cell::Number(r.cost.bytes, 0),
            Cell::Number(r.cost.tokens, 1),
            Cell::Number(r.cost.ms, 3),
        ]);
        if embedded {
            row.push(Cell::Number(r.cost.embedded, 1));
        }
        row
    };
    let mut columns = vec![
        "Representation",
        "Sessions",
        "Reward",
        "Reward 95 % low",
        "Reward 95 % high",
        "Reward against text",
        "Against text 95 % low",
        "Against text 95 % high",
        "Clicks",
        "Clicks 95 % low",
        "Clicks 95 % high",
        "Clicks against text",
        "Clicks against text 95 % low",
        "Clicks against text 95 % high",
        "NDCG",
        "Bytes an item",
        "Tokens an item",
        "Milliseconds an item",
    ];
    if embedded {
        columns.push("Tokens to embed an item");
    }
    Told {
        drawn: Intervals {
            title: "Session reward under each representation".to_owned(),
            value_name: "Reward a session".to_owned(),
            row_name: "Representation".to_owned(),
            decimals: 2,
            rows: played.iter().map(interval).collect(),
            when_empty: "Run it: the same users and random numbers are played under each.".to_owned(),
        },
        table: Table {
            columns: columns.into_iter().map(str::to_owned).collect(),
            rows: played.iter().map(row).collect(),
        },
    }
}

/// What can be compared of levels of understanding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Frame F1.
    #[default]
    F1,
    /// Instructions met within one turn.
    Met,
    /// Turns to recovery.
    Recovery,
    /// Reward over not being heard.
    Saved,
    /// Reward over the lexical level.
    Gain,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::F1, Self::Met, Self::Recovery, Self::Saved, Self::Gain];

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::F1 => "Intent read right (F1)",
            Self::Met => "Met within one turn (share)",
            Self::Recovery => "Turns to recovery (fewer is better)",
            Self::Saved => "Reward saved from leaving",
            Self::Gain => "Reward over the lexical level",
        }
    }

    /// An interval cut to what the measure can be: shares lie in [0, 1].
    fn within(self, ends: [f64; 2]) -> [f64; 2] {
        if matches!(self, Self::F1 | Self::Met) { ends.map(|e| e.clamp(0.0, 1.0)) } else { ends }
    }

    /// Of a row; `None` where it has none.
    fn of(self, r: &MeasuredRow) -> Option<Estimate> {
        let heard = r.level != "not heard";
        match self {
            Self::F1 => heard.then_some(r.f1),
            // What nobody heard is met by luck: that is what hearing must beat.
            Self::Met => Some(r.met),
            Self::Recovery => Some(r.recovery),
            Self::Saved => heard.then_some(r.saved),
            Self::Gain => r.reward_gain,
        }
    }
}

/// The levels of understanding by how users speak.
#[must_use]
pub fn understanding(rows: &[MeasuredRow], measure: Measure) -> Told {
    let interval = |r: &MeasuredRow| {
        let e = measure.of(r)?;
        let name = format!("{}, {}", r.manner, r.level);
        Some(Interval {
            name,
            mean: e.mean,
            ends: Some(measure.within([e.low, e.high])),
            current: r.level == "reasoning",
            note: String::new(),
        })
    };
    let row = |r: &MeasuredRow| {
        let mut row = vec![Cell::Words(r.manner.clone()), Cell::Words(r.level.clone())];
        for m in Measure::ALL {
            row.extend(m.of(r).map_or([Cell::Nothing, Cell::Nothing, Cell::Nothing], |e| ends(e, 3)));
        }
        row.extend(ends(r.reward, 3));
        row
    };
    let mut columns = vec!["Users speak".to_owned(), "Level".to_owned()];
    for name in ["F1", "Met", "Recovery", "Reward saved", "Reward over lexical", "Reward"] {
        columns.extend([name.to_owned(), format!("{name} 95 % low"), format!("{name} 95 % high")]);
    }
    Told {
        drawn: Intervals {
            title: "Understanding by how users speak".to_owned(),
            value_name: measure.title().to_owned(),
            row_name: "Users speak, level".to_owned(),
            decimals: 2,
            rows: rows.iter().filter_map(interval).collect(),
            when_empty:
                "Run it: the same users speak in forms held out from tuning, though people’s own sentences have since \
                taught the levels a few of them."
                    .to_owned(),
        },
        table: Table { columns, rows: rows.iter().map(row).collect() },
    }
}

/// The same as a table to read: one cell a measure, its interval in it.
#[must_use]
pub fn understanding_read(rows: &[MeasuredRow]) -> Table {
    let cell = |m: Measure, r: &MeasuredRow| {
        let told = |e: Estimate| {
            let [low, high] = m.within([e.low, e.high]).map(|v| super::text::number(v, 2));
            Cell::Words(format!("{} ({low} to {high})", super::text::number(e.mean, 2)))
        };
        m.of(r).map_or(Cell::Nothing, told)
    };
    let row = |r: &MeasuredRow| {
        let mut row = vec![Cell::Words(r.manner.clone()), Cell::Words(r.level.clone())];
        row.extend(Measure::ALL.map(|m| cell(m, r)));
        row
    };
    let columns = ["Users speak", "Level", "F1", "Met", "Recovery", "Reward saved", "Reward over lexical"];
    Table { columns: columns.map(str::to_owned).into(), rows: rows.iter().map(row).collect() }
}

/// Which levels bring no more reward than not being heard, as far as the intervals tell; nothing where all do.
#[must_use]
pub fn unclear(rows: &[MeasuredRow]) -> Option<String> {
    unclear_of(rows.iter().filter_map(|r| Some((r.level.as_str(), r.manner.as_str(), Measure::Saved.of(r)?))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{REPRESENTATIONS, Representation};

    fn estimate(mean: f64) -> Estimate {
        Estimate { mean, se: 0.1, low: mean - 0.2, high: mean + 0.2 }
    }

    #[test]
    fn every_column_of_a_table_has_its_cell() {
        let row = |representation: Representation| representations::Row {
            representation,
            model: None,
            episodes: 20,
            reward: estimate(3.0),
            clicks: estimate(5.0),
            turns: estimate(4.0),
            ndcg: estimate(0.5),
            reward_gain: (!representation.is_text()).then(|| estimate(0.1)),
            clicks_gain: None,
            cost: representations::Cost::default(),
        };
        let told = representations(&REPRESENTATIONS.map(row));
        assert!(told.table().rows.iter().all(|r| r.len() == told.table().columns.len()));
        assert_eq!(told.draw(600.0).stops.len(), 3);
        assert!(representations(&[]).empty().is_some());
        let row = |level: &str| MeasuredRow {
            manner: "implicit".into(),
            level: level.into(),
            f1: estimate(0.4),
            reward_gain: (level == "semantic").then(|| estimate(0.1)),
            ..MeasuredRow::default()
        };
        let rows = ["not heard", "lexical", "semantic"].map(row);
        let read = understanding_read(&rows);
        assert!(read.rows.iter().all(|r| r.len() == read.columns.len()));
        assert!(unclear(&rows).is_some_and(|u| u.contains("lexical (implicit)") && !u.contains("not heard (")));
        for (measure, drawn) in Measure::ALL.into_iter().zip([2, 3, 3, 2, 1]) {
            let told = understanding(&rows, measure);
            assert_eq!(told.draw(600.0).stops.len(), drawn, "{measure:?}");
            assert!(told.table().rows.iter().all(|r| r.len() == told.table().columns.len()));
        }
    }
}
