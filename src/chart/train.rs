//! The Train page's charts, made from what its workers send.

use super::{Band, Dash, Ink, LineChart, Panel, Series, scale::extent};
use crate::worker::train::protocol::{Phase, View};

/// How runs are told apart: colour and dashes, in the order in which they were begun.
const LOOKS: [(Ink, Dash); 6] = [
    (Ink::Reco, Dash::Solid),
    (Ink::User, Dash::Dashed),
    (Ink::Loss, Dash::Dotted),
    (Ink::Text, Dash::DashDot),
    (Ink::Reco, Dash::Dotted),
    (Ink::User, Dash::Solid),
];

/// How a run is drawn.
#[must_use]
pub fn look(place: usize) -> (Ink, Dash) {
    LOOKS[place % LOOKS.len()]
}

/// The return of each run over steps, with the lines of the run looked at. With each run stands its place among all, which
/// gives it its look.
#[must_use]
pub fn returns(runs: &[(usize, String, View)], shown: usize) -> LineChart {
    let unit = runs.get(shown).map_or("session", |(_, _, v)| v.unit.split(' ').next_back().unwrap_or("session"));
    let curve = |(place, name, view): &(usize, String, View)| {
        let (ink, dash) = look(*place);
        let seeds = view.plan.seeds.len();
        let over = if seeds > 1 {
            format!("95 % interval over {seeds} seeds and the episodes")
        } else {
            "95 % interval".to_owned()
        };
        Series {
            name: name.clone(),
            ink,
            dash,
            points: view.points.iter().map(|p| [p.env_steps, p.mean]).collect(),
            level: false,
            band: (view.points.len() > 1)
                .then(|| Band { name: over, ends: view.points.iter().map(|p| [p.env_steps, p.low, p.high]).collect() }),
        }
    };
    let mut series: Vec<Series> = runs.iter().map(curve).collect();
    let measured = series.iter().flat_map(|s| s.points.iter().map(|p| p[0]));
    // Where a run goes on, the lines already reach to where it will end: the curve grows into its picture.
    let goes_on = runs.iter().filter(|(_, _, v)| matches!(v.phase, Phase::Preparing | Phase::Training | Phase::Paused));
    let ends = extent(measured.chain(goes_on.flat_map(|(_, _, v)| [0.0, v.plan.steps])));
    if let Some((_, _, view)) = runs.get(shown) {
        let dashes = [Dash::Dotted, Dash::Dashed, Dash::DashDot, Dash::Solid];
        for (i, line) in view.lines.iter().enumerate() {
            let name = if line.oracle { format!("{} (sees the truth)", line.title) } else { line.title.clone() };
            let ink = if line.reference {
                Ink::Quiet
            } else if i + 1 == view.lines.len() {
                Ink::Gain
            } else {
                Ink::Faint
            };
            let points = ends.iter().flatten().map(|x| [*x, line.mean]).collect();
            series.push(Series { name, ink, dash: dashes[i % dashes.len()], points, band: None, level: true });
        }
    }
    LineChart {
        title: format!("Return per {unit}"),
        x_name: "steps".into(),
        panels: vec![Panel { name: "Return".into(), decimals: 1, at_least: None, series }],
        when_empty: "The first lines come in a moment: the recommenders to compare with are being measured.".into(),
        ..LineChart::default()
    }
}

/// The values inside the update, one panel each.
#[must_use]
pub fn diagnostics(view: &View, place: usize) -> LineChart {
    let (ink, dash) = look(place);
    let panel = |d: &crate::worker::train::protocol::Diagnostic| Panel {
        name: d.name.replace('_', " "),
        decimals: decimals(&d.values),
        at_least: None,
        series: vec![Series { name: d.name.clone(), ink, dash, points: d.values.clone(), band: None, level: false }],
    };
    // All that an algorithm lists, but for how fast it learns, which was set, and the policy's loss, which says little.
    let plain = |name: &str| matches!(name, "learning_rate" | "loss" | "policy_loss");
    LineChart {
        title: "Inside the update, over time".into(),
        x_name: "steps".into(),
        panels: view.diagnostics.iter().filter(|d| !plain(&d.name)).map(panel).collect(),
        when_empty: "The algorithm's own values are drawn here.".into(),
        ..LineChart::default()
    }
}

/// The decimals at which the largest of some values has three figures: four at least, nine at most.
fn decimals(values: &[[f64; 2]]) -> usize {
    let largest = values.iter().map(|v| v[1].abs()).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let steps = [(1e-2, 4), (1e-3, 5), (1e-4, 6), (1e-5, 7), (1e-6, 8)];
    steps.into_iter().find(|(least, _)| largest == 0.0 || largest >= *least).map_or(9, |(_, decimals)| decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Chart,
        worker::train::protocol::{Chosen, Diagnostic, Line, Plan, Point},
    };

    fn view() -> View {
        let point =
            |x: f64, mean: f64| Point { env_steps: x, mean, low: mean - 5.0, high: mean + 5.0, ..Point::default() };
        let line = |title: &str, mean: f64| Line { title: title.into(), mean, ..Line::default() };
        View {
            plan: Plan {
                scenario: Chosen::Published { id: "recsim/InterestEvolution-v0".into(), set: Default::default() },
                algorithm: "ppo".into(),
                settings: Default::default(),
                seeds: vec!["1".into(), "2".into()],
                steps: 1000.0,
            },
            title: "PPO".into(),
            scenario: "Interest evolution".into(),
            unit: "an episode".into(),
            phase: Default::default(),
            done: 0.0,
            total: 2000.0,
            speed: 0.0,
            seconds_left: None,
            lines: vec![line("Random", 154.0), line("Planner", 300.0)],
            points: vec![point(0.0, 150.0), point(500.0, 200.0), point(1000.0, 260.0)],
            diagnostics: vec![],
            then: vec![],
            now: vec![],
            verdict: Default::default(),
            best: None,
            notes: vec![],
            given: 0,
            picked: 0,
            imported: false,
        }
    }

    #[test]
    fn the_curve_has_its_band_and_every_line_is_read_at_every_step() {
        let chart = returns(&[(0, "PPO".to_owned(), view())], 0);
        assert_eq!(chart.title(), "Return per episode");
        let drawing = chart.draw(600.0);
        assert_eq!(drawing.stops.len(), 3);
        let spoken = drawing.stops[1].spoken();
        for part in ["500", "200.0 (195.0 to 205.0)", "Random 154.0", "Planner 300.0"] {
            assert!(spoken.contains(part), "{spoken}");
        }
        assert!(chart.empty().is_none() && returns(&[], 0).empty().is_some());
    }

    #[test]
    fn a_run_keeps_its_look_whichever_others_are_drawn() {
        let alone = returns(&[(2, "PPO".to_owned(), view())], 0);
        assert_eq!((alone.panels[0].series[0].ink, alone.panels[0].series[0].dash), look(2));
    }

    #[test]
    fn every_algorithm_has_something_inside_to_draw() {
        for algorithm in crate::learn::algorithm::ALGORITHMS {
            let told = |(name, about): &(&str, &str)| Diagnostic {
                name: (*name).to_owned(),
                about: (*about).to_owned(),
                values: vec![[0.0, 0.5], [1.0, 0.6]],
            };
            let view = View { diagnostics: algorithm.diagnostics.iter().map(told).collect(), ..view() };
            let chart = diagnostics(&view, 0);
            assert!(!chart.panels.is_empty() && chart.empty().is_none(), "{}", algorithm.name);
            assert!(chart.panels.iter().all(|p| p.name != "learning rate" && p.name != "loss"), "{}", algorithm.name);
        }
    }

    #[test]
    fn the_lines_are_there_before_the_curve_and_reach_to_the_end_of_the_run() {
        let before = returns(&[(0, "PPO".to_owned(), View { points: vec![], ..view() })], 0);
        let drawing = before.draw(600.0);
        let spoken: Vec<String> = drawing.stops.iter().map(|s| s.spoken()).collect();
        assert_eq!(spoken.len(), 2);
        assert!(spoken[1].contains("1000") && spoken[1].contains("Random 154.0"), "{spoken:?}");
        let early = View { points: view().points[..2].to_vec(), ..view() };
        let reach = |v: View| {
            let chart = returns(&[(0, "PPO".to_owned(), v)], 0);
            let ends = chart.panels[0].series.last().and_then(|s| s.points.last()).map(|p| p[0]);
            assert_eq!(chart.draw(600.0).stops.len(), 2, "it is read where it was measured");
            ends
        };
        assert_eq!(reach(early.clone()), Some(1000.0));
        assert_eq!(reach(View { phase: Phase::Done, ..early }), Some(500.0), "nothing more comes");
    }
}
