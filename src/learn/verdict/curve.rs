//! The curve that a run is judged by: its points, and what can be read off them.

use super::Line;
use crate::{
    lab::{Estimate, Welford, t_975},
    learn::algorithm::Report,
};
use serde::{Deserialize, Serialize};

/// How all seeds did after as many steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Environment steps of each seed.
    pub env_steps: f64,
    /// The mean return without exploration.
    pub mean: f64,
    /// The 95 % interval over seeds and the episodes that they are measured on (the latter alone, where there is one seed).
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The standard error of the mean.
    pub se: f64,
    /// The mean return of each seed.
    pub seeds: Vec<f64>,
    /// The mean chance of return, where the scenario has it.
    pub retention: Option<f64>,
    /// How varied the slates are, in nats, where the algorithm tells.
    #[serde(default)]
    pub entropy: Option<f64>,
}

/// Groups that a curve of iterations is judged in.
const GROUPS: usize = 20;

/// The iterations of one seed as a curve to judge: in groups of equally many, each with the mean return of its iterations
/// and how sure that is. `entropy` is the place of the entropy among the diagnostics, if it is there.
#[must_use]
pub fn points(reports: &[Report], entropy: Option<usize>) -> Vec<Point> {
    let ended: Vec<&Report> = reports.iter().filter(|r| r.return_mean.is_some()).collect();
    let size = ended.len().div_ceil(GROUPS).max(2);
    let groups: Vec<&[&Report]> = ended.chunks(size).filter(|c| c.len() == size).collect();
    let of = |group: &[&Report]| {
        let mut w = Welford::default();
        group.iter().filter_map(|r| r.return_mean).for_each(|r| w.add(r));
        w
    };
    // How far iterations lie apart is told by all groups together: two that happen to agree would seem sure by themselves.
    let apart = groups.iter().map(|g| of(g).deviation()).map(|d| d * d).sum::<f64>() / groups.len().max(1) as f64;
    let se = (apart / size as f64).sqrt();
    let half = t_975((groups.len() * (size - 1)) as u64) * se;
    let group = |group: &[&Report]| {
        let level = of(group).mean();
        let mean = |of: &dyn Fn(&Report) -> Option<f64>| {
            let values: Vec<f64> = group.iter().filter_map(|r| of(r)).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        Point {
            env_steps: group.last().map_or(0.0, |r| r.env_steps as f64),
            mean: level,
            low: level - half,
            high: level + half,
            se,
            seeds: vec![level],
            retention: mean(&|r| r.measures.iter().find(|m| m.0 == "retention").map(|m| m.1)),
            entropy: mean(&|r| r.diagnostics.get(entropy?).copied()),
        }
    };
    groups.into_iter().map(group).collect()
}

/// A difference with its 95 % interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl From<Estimate> for Gap {
    fn from(e: Estimate) -> Self {
        Self { mean: e.mean, low: e.low, high: e.high }
    }
}

pub(super) fn gap(mean: f64, half: f64) -> Gap {
    Gap { mean, low: mean - half, high: mean + half }
}

/// How far a value moves along some points: the slope of the least-squares line times their span, with its interval.
pub(super) fn trend(points: &[(f64, f64)]) -> Option<Gap> {
    let n = points.len() as f64;
    if points.len() < 4 {
        return None;
    }
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sxx: f64 = points.iter().map(|p| (p.0 - mx) * (p.0 - mx)).sum();
    let sxy: f64 = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    if sxx <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let rest: f64 = points.iter().map(|p| (p.1 - my - slope * (p.0 - mx)) * (p.1 - my - slope * (p.0 - mx))).sum();
    let se = (rest / (n - 2.0) / sxx).sqrt();
    let span = points[points.len() - 1].0 - points[0].0;
    // Two standard errors and some for few points.
    Some(gap(slope * span, (2.0 + 4.0 / (n - 2.0)) * se * span))
}

/// The last third of the curve, at least five points.
pub(super) fn late(points: &[Point]) -> &[Point] {
    &points[points.len().saturating_sub((points.len() / 3).max(5))..]
}

/// The mean of the last points, which is surer than the last alone.
pub(super) fn lately(points: &[Point]) -> Option<Gap> {
    let last = points.last()?;
    let few = &points[points.len().saturating_sub(3)..];
    let mean = few.iter().map(|p| p.mean).sum::<f64>() / few.len() as f64;
    Some(gap(mean, (last.high - last.low) / 2.0))
}

pub(super) fn over(a: Gap, line: &Line) -> Gap {
    let half = together(a.high - a.mean, 1.96 * line.se);
    gap(a.mean - line.mean, half)
}

/// The long side of a right triangle, for adding independent errors.
#[must_use]
pub fn together(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

pub(super) fn late_trend(points: &[Point]) -> Option<Gap> {
    trend(&late(points).iter().map(|p| (p.env_steps, p.mean)).collect::<Vec<_>>())
}

/// Whether what the last points may have gained at most is little beside what was gained before: only then has it stopped.
pub(super) fn is_level(points: &[Point]) -> bool {
    let (Some(first), Some(now), Some(late)) = (points.first(), lately(points), late_trend(points)) else {
        return false;
    };
    late.high < 0.25 * (now.mean - first.mean).abs()
}

/// The best point, where what came after it has fallen far below.
pub(super) fn collapsed(points: &[Point]) -> Option<&Point> {
    let best = points.iter().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let (now, first) = (lately(points)?, points.first()?);
    let fallen = best.mean - now.mean;
    let noise = 3.0 * together(best.se, points.last()?.se);
    (fallen > noise && fallen > 0.4 * (best.mean - first.mean).abs()).then_some(best)
}

/// The entropy now, where slates have become all the same.
pub(super) fn stuck(points: &[Point]) -> Option<f64> {
    let varied: Vec<(f64, f64)> = points.iter().filter_map(|p| Some((p.env_steps, p.entropy?))).collect();
    let now = varied.last()?.1;
    (now < 0.05 && trend(&varied)?.high < 0.0).then_some(now)
}
