//! The Session page's charts, made from what the worker sends.

use super::{
    Dash, Ink, Interval, Intervals, LineChart, Mdp, MdpPart, Panel, Series, Stream, StreamChart, StreamMark,
    StreamTurn, text,
};
use crate::{
    math::order,
    user::Channel,
    worker::{
        Rollouts, Snapshot,
        snapshot::{BranchView, InstructionView, MdpView, TurnPoint},
        study::{Estimate, RolloutRow},
    },
};

/// The branch looked at, and the one that it is compared with: a fork with its origin, the original with the newest fork.
#[must_use]
pub fn compared(s: &Snapshot) -> Vec<&BranchView> {
    let find = |id| s.branches.iter().find(|b| b.id == id);
    let Some(selected) = find(s.selected) else { return Vec::new() };
    let other = match selected.origin {
        Some((origin, _)) => find(origin),
        None => s.branches.iter().rev().find(|b| b.origin.is_some_and(|o| o.0 == selected.id)),
    };
    let mut both: Vec<&BranchView> = std::iter::once(selected).chain(other).collect();
    // The one that came first is drawn first.
    order::sort_by_key(&mut both, |b| b.id);
    both
}

fn name(b: &BranchView) -> String {
    if b.origin.is_some() && !b.what.is_empty() { format!("{}: {}", b.label, b.what) } else { b.label.clone() }
}

/// The first turn of a branch that differs from its origin's.
fn first_own(b: &BranchView) -> usize {
    match b.origin {
        Some((_, moment)) => b.turns.iter().position(|t| t.to > moment).unwrap_or(b.turns.len()),
        None => 0,
    }
}

/// What a mark says of an instruction.
fn said(i: &InstructionView) -> String {
    if i.channel == Channel::Implicit || i.words.is_empty() {
        let aim = if i.aim.is_empty() { String::new() } else { format!(" ({})", i.aim) };
        format!("shown by fast skips{aim}")
    } else {
        format!("“{}”", i.words)
    }
}

/// Interests over turns.
#[must_use]
pub fn interests(s: &Snapshot) -> StreamChart {
    let mut topics: Vec<(usize, String, u8)> =
        s.topics.iter().filter_map(|t| Some((t.band?, t.name.clone(), t.hue))).collect();
    order::sort_by_key(&mut topics, |t| t.0);
    let turn = |t: &TurnPoint| StreamTurn {
        interests: t.interests.clone(),
        shown: t.shown.clone(),
        mark: t.instruction.as_ref().map(|i| StreamMark { words: said(i), implicit: i.channel == Channel::Implicit }),
    };
    StreamChart {
        title: "Interests over the session".into(),
        topics: topics.into_iter().map(|(_, name, hue)| (name, hue)).collect(),
        streams: compared(s)
            .into_iter()
            .map(|b| Stream { label: name(b), from: first_own(b), turns: b.turns.iter().map(turn).collect() })
            .collect(),
        now: Some(s.turn as usize),
    }
}

/// Reward and satisfaction by turn.
#[must_use]
pub fn trajectory(s: &Snapshot) -> LineChart {
    let branches = compared(s);
    let series = |ink: Ink, of: &dyn Fn(&TurnPoint) -> f64| -> Vec<Series> {
        branches
            .iter()
            .map(|b| Series {
                name: b.label.to_lowercase(),
                ink,
                dash: if b.origin.is_some() { Dash::Dashed } else { Dash::Solid },
                // A fork is drawn from the last turn that it shares with its origin.
                points: b
                    .turns
                    .iter()
                    .skip(first_own(b).saturating_sub(1))
                    .map(|t| [f64::from(t.turn) + 1.0, of(t)])
                    .collect(),
                band: None,
                level: false,
            })
            .collect()
    };
    let marks = s.branches.iter().find(|b| b.id == s.selected).map_or_else(Vec::new, |b| {
        b.turns.iter().filter_map(|t| Some((f64::from(t.turn) + 1.0, said(t.instruction.as_ref()?)))).collect()
    });
    LineChart {
        title: "Trajectory".into(),
        x_name: "turn".into(),
        panels: vec![
            Panel {
                name: "Reward a turn".into(),
                decimals: 2,
                at_least: Some([0.0, 1.0]),
                series: series(Ink::Gain, &|t| t.reward),
            },
            Panel {
                name: "Satisfaction".into(),
                decimals: 2,
                at_least: Some([0.0, 1.0]),
                series: series(Ink::User, &|t| text::exact(t.satisfaction)),
            },
        ],
        marks,
        now: Some(f64::from(s.turn) + 1.0),
        when_empty: "Reward and satisfaction are drawn here turn by turn.".into(),
    }
}

fn note(oracle: bool) -> String {
    if oracle { "sees the truth".into() } else { String::new() }
}

/// A measure of the comparison over many seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// The reward.
    #[default]
    Reward,
    /// Turns a session.
    Turns,
    /// Clicks a session.
    Clicks,
    /// Instructions met a session.
    Met,
    /// NDCG.
    Ndcg,
    /// Diversity.
    Diversity,
    /// The chance to return.
    Retention,
    /// The difference in reward to the scenario's own recommender, on the same seeds.
    Difference,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Reward,
        Self::Difference,
        Self::Turns,
        Self::Clicks,
        Self::Met,
        Self::Ndcg,
        Self::Diversity,
        Self::Retention,
    ];

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reward => "Session reward",
            Self::Difference => "Reward, difference to the present recommender",
            Self::Turns => "Turns a session",
            Self::Clicks => "Clicks a session",
            Self::Met => "Instructions met a session",
            Self::Ndcg => "NDCG",
            Self::Diversity => "Diversity of slates",
            Self::Retention => "Chance to return tomorrow",
        }
    }

    fn of(self, row: &RolloutRow) -> Option<Estimate> {
        Some(match self {
            Self::Reward => row.reward,
            Self::Difference => return row.difference,
            Self::Turns => row.turns,
            Self::Clicks => row.clicks,
            Self::Met => row.met,
            Self::Ndcg => row.ndcg,
            Self::Diversity => row.diversity,
            Self::Retention => row.retention,
        })
    }
}

/// Recommenders over many seeds, with 95 % intervals, the best first.
#[must_use]
pub fn rollouts(r: &Rollouts, measure: Measure) -> Intervals {
    let mut rows: Vec<Interval> = r
        .rows
        .iter()
        .filter_map(|row| {
            let e = measure.of(row)?;
            Some(Interval {
                name: row.title.clone(),
                mean: e.mean,
                ends: Some([e.low, e.high]),
                current: row.current,
                note: note(row.oracle),
            })
        })
        .collect();
    order::sort_by(&mut rows, |a, b| b.mean.total_cmp(&a.mean));
    Intervals {
        title: format!("Compared over {}", text::count(r.seeds as usize, "seed")),
        value_name: measure.name().into(),
        row_name: "Recommender".into(),
        decimals: 2,
        rows,
        when_empty: "Nothing has run yet.".into(),
    }
}

/// The decision process with its present values.
#[must_use]
pub fn mdp(m: &MdpView) -> Mdp {
    let part = |name: &str, about: &str, ink: Ink, rows: Vec<(String, String)>| MdpPart {
        name: name.into(),
        about: about.into(),
        ink,
        rows,
    };
    let moves = m.transition.iter().map(|(n, before, after)| {
        let change = if before == after { after.clone() } else { format!("{before} → {after}") };
        (n.clone(), change)
    });
    let earned = m.reward.iter().map(|(n, amount, weight, product)| {
        let sum =
            format!("{} × {} = {}", text::number(*amount, 2), text::number(*weight, 2), text::number(*product, 2));
        (n.clone(), sum)
    });
    Mdp {
        title: "The decision process now".into(),
        parts: vec![
            part("State", "hidden: the user's secret", Ink::User, m.state.clone()),
            part("Observation", "what the recommender sees", Ink::Reco, m.observation.clone()),
            part("Action", "the slate", Ink::Reco, m.action.clone()),
            part("Transition", "what the turn has changed", Ink::User, moves.collect()),
            part("Reward", "amount × weight", Ink::Gain, earned.collect()),
        ],
        end: m.end.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Chart;

    #[test]
    fn transitions_and_rewards_are_spelt_out() {
        let m = MdpView {
            transition: vec![("Satisfaction".into(), "0.40".into(), "0.52".into())],
            reward: vec![("Clicks".into(), 3.0, 0.1, 0.3)],
            end: "goes on".into(),
            ..MdpView::default()
        };
        let chart = mdp(&m);
        assert_eq!(chart.parts[3].rows[0].1, "0.40 → 0.52");
        assert_eq!(chart.parts[4].rows[0].1, "3.00 × 0.10 = 0.30");
    }

    #[test]
    fn rows_of_a_measure_are_sorted_by_it_and_the_own_recommender_has_no_difference() {
        let estimate = |mean| Estimate { mean, se: 0.1, low: mean - 0.2, high: mean + 0.2 };
        let row = |title: &str, reward, turns, difference| RolloutRow {
            title: title.into(),
            reward: estimate(reward),
            turns: estimate(turns),
            difference,
            ..RolloutRow::default()
        };
        let r = Rollouts {
            seeds: 200,
            rows: vec![row("A", 3.0, 5.0, None), row("B", 2.0, 9.0, Some(estimate(-1.0)))],
            ..Rollouts::default()
        };
        assert_eq!(rollouts(&r, Measure::Reward).rows[0].name, "A");
        assert_eq!(rollouts(&r, Measure::Turns).rows[0].name, "B");
        assert_eq!(rollouts(&r, Measure::Difference).rows.len(), 1);
        assert_eq!(rollouts(&r, Measure::Reward).title(), "Compared over 200 seeds");
    }
}
