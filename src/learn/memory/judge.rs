//! How good a fit is: likelihood of actions that it never saw, and how near its mindset comes to the true one.

use super::{data::Run, model::Trace, weights::Weights};
use crate::{lab::Estimate, recommender::fit::Factor};

/// What a simulation knows of one session and no log holds: for judging only. One entry a look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hidden {
    /// The chance of opening that the user really had.
    pub chance: Vec<f64>,
    /// The mindset after the look.
    pub mindset: Vec<Vec<f64>>,
}

/// Log-likelihood of each session: its sum, and over how many actions.
#[must_use]
pub fn by_session(w: &Weights, runs: &[Run]) -> Vec<(f64, usize)> {
    let mut trace = Trace::default();
    runs.iter().map(|r| (trace.forward(w, r), r.looks.len())).collect()
}

/// The same under the chances that users really had: the ceiling of any model.
#[must_use]
pub fn ceiling(runs: &[Run], hidden: &[Hidden]) -> Vec<(f64, usize)> {
    let log = |p: f64| libm::log(p.clamp(1e-12, 1.0));
    let one = |(run, hidden): (&Run, &Hidden)| {
        let each = run.looks.iter().zip(&hidden.chance);
        (each.map(|(l, p)| log(if l.clicked { *p } else { 1.0 - p })).fold(0.0, |s, v| s + v), run.looks.len())
    };
    runs.iter().zip(hidden).map(one).collect()
}

/// The mean an action with its standard error clustered by session: that of a ratio of sums (Cochran, 1977, section 2.11).
#[must_use]
pub fn an_action(sessions: &[(f64, usize)]) -> Estimate {
    let n = sessions.len();
    let (sum, actions) = sessions.iter().fold((0.0, 0.0), |(s, c), x| (s + x.0, c + x.1 as f64));
    if n < 2 || actions == 0.0 {
        let mean = sum / f64::max(actions, 1.0);
        return Estimate { mean, se: 0.0, low: mean, high: mean };
    }
    let mean = sum / actions;
    let spread: f64 = sessions.iter().map(|x| x.0 - mean * x.1 as f64).fold(0.0, |s, d| s + d * d);
    let count = n as f64;
    let se = (count / (count - 1.0) * spread).sqrt() / actions;
    Estimate { mean, se, low: mean - 1.96 * se, high: mean + 1.96 * se }
}

/// `a − b` an action, session by session.
#[must_use]
pub fn gain(a: &[(f64, usize)], b: &[(f64, usize)]) -> Estimate {
    let pairs: Vec<(f64, usize)> = a.iter().zip(b).map(|(a, b)| (a.0 - b.0, a.1)).collect();
    an_action(&pairs)
}

/// How much of the true mindset an estimate holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Recovery {
    /// R² of the best linear map of the estimated mindset (fitted on other sessions): 1 is all, 0 no more than the mean.
    pub r2: f64,
    /// The same of what moves within a session: both sides less their mean over the session.
    pub r2_within: f64,
}

/// Fits a linear map from estimated to true mindsets on some sessions and measures R² on others. A space that is turned,
/// mirrored or stretched costs nothing: the likelihood cannot tell such spaces apart.
#[must_use]
pub fn recovery(w: &Weights, fit_on: (&[Run], &[Hidden]), judge_on: (&[Run], &[Hidden])) -> Recovery {
    let pairs = |part: (&[Run], &[Hidden]), within: bool| pairs(w, part.0, part.1, within);
    let r2 = |within: bool| explained(&pairs(fit_on, within), &pairs(judge_on, within));
    Recovery { r2: r2(false), r2_within: r2(true) }
}

type Pair = (Vec<f64>, Vec<f64>);

fn pairs(w: &Weights, runs: &[Run], hidden: &[Hidden], within: bool) -> Vec<Pair> {
    let mut trace = Trace::default();
    let mut out = Vec::new();
    for (run, hidden) in runs.iter().zip(hidden) {
        trace.forward(w, run);
        let begin = out.len();
        out.extend(trace.mindsets().zip(&hidden.mindset).map(|(x, y)| (x.to_vec(), y.clone())));
        if within {
            centre(&mut out[begin..]);
        }
    }
    out
}

fn centre(pairs: &mut [Pair]) {
    let Some((x, y)) = pairs.first() else { return };
    let (mut mx, mut my) = (vec![0.0; x.len()], vec![0.0; y.len()]);
    let k = 1.0 / pairs.len() as f64;
    for (x, y) in pairs.iter() {
        mx.iter_mut().zip(x).for_each(|(m, v)| *m += k * v);
        my.iter_mut().zip(y).for_each(|(m, v)| *m += k * v);
    }
    for (x, y) in pairs {
        x.iter_mut().zip(&mx).for_each(|(v, m)| *v -= m);
        y.iter_mut().zip(&my).for_each(|(v, m)| *v -= m);
    }
}

/// R² of ridge regression (penalty 1e-6 of the mean square) with an intercept, over all coordinates together.
fn explained(fit_on: &[Pair], judge_on: &[Pair]) -> f64 {
    let (Some((x, y)), false) = (fit_on.first(), judge_on.is_empty()) else { return 0.0 };
    let (n, m) = (x.len() + 1, y.len());
    let mut gram = vec![0.0; n * n];
    let mut moments = vec![vec![0.0; n]; m];
    for (x, y) in fit_on {
        let row = |i: usize| x.get(i).copied().unwrap_or(1.0);
        for i in 0..n {
            for j in 0..n {
                gram[i * n + j] += row(i) * row(j);
            }
            for (moment, y) in moments.iter_mut().zip(y) {
                moment[i] += row(i) * y;
            }
        }
    }
    let scale = (0..n).map(|i| gram[i * n + i]).fold(0.0, |s, v| s + v) / n as f64;
    for i in 0..n {
        gram[i * n + i] += 1e-6 * scale + 1e-12;
    }
    let factor = Factor::new(gram, n);
    moments.iter_mut().for_each(|b| factor.solve(b));
    let mut mean = vec![0.0; m];
    for (_, y) in judge_on {
        mean.iter_mut().zip(y).for_each(|(s, v)| *s += v / judge_on.len() as f64);
    }
    let (mut missed, mut all) = (0.0, 0.0);
    for (x, y) in judge_on {
        for (d, map) in moments.iter().enumerate() {
            let said = map[..n - 1].iter().zip(x).fold(map[n - 1], |s, (a, b)| s + a * b);
            missed += (y[d] - said) * (y[d] - said);
            all += (y[d] - mean[d]) * (y[d] - mean[d]);
        }
    }
    if all > 1e-12 { 1.0 - missed / all } else { 0.0 }
}
