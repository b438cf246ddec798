//! Is it learning? The answer in words, with the evidence.

use crate::lab::{Estimate, Welford, paired};

/// One iteration of a curve, as far as the answer needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Environment steps so far.
    pub env_steps: u64,
    /// The mean return of the episodes that ended; none, where none did.
    pub return_mean: Option<f64>,
    /// The mean chance of return, where the task measures it.
    pub retention: Option<f64>,
    /// How varied the slates are, in nats.
    pub entropy: Option<f64>,
}

/// What training looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Too few episodes to tell.
    TooEarly,
    /// The return rises.
    Learning,
    /// It rose and rises no more.
    Plateau,
    /// It has not risen.
    NotLearning,
    /// It fell far below its best.
    Collapse,
    /// The return rises while the chance that the user comes back falls: reward hacking.
    RewardHacking,
    /// The slates became all the same before the return rose.
    Stuck,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// In a word.
    pub state: State,
    /// In sentences, evidence included.
    pub text: String,
    /// The return of the last fifth less that of the first fifth.
    pub gained: Estimate,
    /// The return against a baseline on the same episodes, where one was given.
    pub against: Option<Estimate>,
}

/// Episodes on the same seeds: the policy's returns and a baseline's.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// The baseline's name.
    pub name: &'a str,
    /// The policy's returns.
    pub policy: &'a [f64],
    /// The baseline's returns.
    pub baseline: &'a [f64],
}

/// Fewer points with a return than this tell nothing.
const FEWEST: usize = 20;

/// A rise over the last two fifths counts from this share of the whole rise.
const RISING: f64 = 0.1;

/// Answers from a curve, and from episodes against a baseline where there are some.
#[must_use]
pub fn is_it_learning(curve: &[Point], against: Option<Against<'_>>) -> Verdict {
    let returns: Vec<f64> = curve.iter().filter_map(|p| p.return_mean).collect();
    let difference = against.map(|a| paired(a.policy, a.baseline));
    let beside = against.zip(difference).map_or_else(String::new, |(a, d)| beside(a.name, &d));
    if returns.len() < FEWEST {
        let text =
            format!("Too early to tell: {} of {FEWEST} iterations with finished episodes.{beside}", returns.len());
        return Verdict { state: State::TooEarly, text, gained: Estimate::default(), against: difference };
    }
    let fifth = returns.len() / 5;
    let (first, last) = (&returns[..fifth], &returns[returns.len() - fifth..]);
    let before = &returns[returns.len() - 2 * fifth..returns.len() - fifth];
    let gained = apart(last, first);
    let lately = apart(last, before);
    let peak = returns.chunks_exact(fifth).max_by(|a, b| mean(a).total_cmp(&mean(b))).unwrap_or(last);
    let best = mean(peak);
    let spread = best - mean(first);
    let fallen = apart(peak, last);
    let kept = ends(curve, |p| p.retention);
    let varied = ends(curve, |p| p.entropy);
    let state = if gained.low > 0.0 && kept.is_some_and(|e| e.high < 0.0) {
        State::RewardHacking
    } else if spread > 3.0 * gained.se && fallen.mean > (3.0 * fallen.se).max(0.5 * spread) {
        State::Collapse
    } else if gained.low > 0.0 && lately.low > 0.0 && lately.mean > RISING * gained.mean {
        State::Learning
    } else if gained.low > 0.0 {
        State::Plateau
    } else if varied.is_some_and(|e| e.high < 0.0) && last_of(curve, |p| p.entropy) < 0.05 {
        State::Stuck
    } else {
        State::NotLearning
    };
    let interval = |e: &Estimate| format!("{:+.2} (95 %: {:+.2} to {:+.2})", e.mean, e.low, e.high);
    let gain = interval(&gained);
    let said = match state {
        State::Learning => {
            format!("Yes. The return rose by {gain} from the first fifth of the run to the last, and still rises.")
        }
        State::Plateau => format!(
            "It has learnt and now stands: {gain} since the beginning, {} over the last two fifths.",
            interval(&lately)
        ),
        State::NotLearning => format!("No. The return changed by {gain}, which may be nothing but luck."),
        State::Collapse => format!(
            "It collapsed: its best fifth earned {best:.2}, the last {:.2}. Lower learning_rate, or set target_kl, and go on from a checkpoint before the fall.",
            mean(last)
        ),
        State::RewardHacking => {
            let fell = kept.unwrap_or_default();
            format!(
                "It hacks the reward: the return rose by {gain} while the chance that users come back fell by {}. Give retention more weight in the reward.",
                interval(&fell)
            )
        }
        State::Stuck => format!(
            "It is stuck: its slates hardly vary any more, and the return changed by {gain}. Raise ent_coef or lower learning_rate."
        ),
        State::TooEarly => String::new(),
    };
    Verdict { state, text: said + &beside, gained, against: difference }
}

fn beside(name: &str, d: &Estimate) -> String {
    let (mean, low, high) = (d.mean, d.low, d.high);
    let word = match (low > 0.0, high < 0.0) {
        (true, _) => "better than",
        (_, true) => "worse than",
        _ => "not clearly different from",
    };
    format!(" On the same episodes it is {word} {name}: {mean:+.2} ({low:+.2} to {high:+.2}).")
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean of some values less that of others, with Welch's standard error.
fn apart(a: &[f64], b: &[f64]) -> Estimate {
    let of = |values: &[f64]| {
        let mut w = Welford::default();
        values.iter().for_each(|v| w.add(*v));
        w.estimate()
    };
    let (a, b) = (of(a), of(b));
    let (mean, se) = (a.mean - b.mean, (a.se * a.se + b.se * b.se).sqrt());
    Estimate { mean, se, low: mean - 1.96 * se, high: mean + 1.96 * se }
}

/// How the last fifth of a value differs from the first; `None` where it is not measured.
fn ends(curve: &[Point], of: impl Fn(&Point) -> Option<f64>) -> Option<Estimate> {
    let values: Vec<f64> = curve.iter().filter_map(of).collect();
    let fifth = values.len() / 5;
    (fifth >= 2).then(|| apart(&values[values.len() - fifth..], &values[..fifth]))
}

fn last_of(curve: &[Point], of: impl Fn(&Point) -> Option<f64>) -> f64 {
    curve.iter().rev().find_map(of).unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    fn curve(of: impl Fn(f64) -> (f64, f64, f64)) -> Vec<Point> {
        let mut random = Source::new(4).stream(Purpose::Other);
        let mut noise = move |k: f64| k * f64::from(random.normal());
        (0..100)
            .map(|i| {
                let (earned, retention, entropy) = of(f64::from(i) / 100.0);
                Point {
                    env_steps: 1024 * i as u64,
                    return_mean: Some(earned + noise(0.5)),
                    retention: Some(retention + noise(0.01)),
                    entropy: Some(entropy),
                }
            })
            .collect()
    }

    #[test]
    fn each_way_that_training_goes_is_named() {
        let state = |of: fn(f64) -> (f64, f64, f64)| is_it_learning(&curve(of), None).state;
        assert_eq!(state(|t| (10.0 * t, 0.5 + 0.1 * t, 3.0)), State::Learning);
        assert_eq!(state(|t| (10.0 * (4.0 * t).min(1.0), 0.5, 3.0)), State::Plateau);
        assert_eq!(state(|_| (5.0, 0.5, 3.0)), State::NotLearning);
        assert_eq!(state(|t| (if t < 0.6 { 10.0 * t } else { 0.5 }, 0.5, 3.0)), State::Collapse);
        // One of five fifths is the best by luck alone: a fall within the noise is none.
        let bump = |t: f64| {
            if t < 0.2 {
                4.4
            } else if (0.4..0.6).contains(&t) {
                5.0
            } else {
                4.5
            }
        };
        assert_ne!(is_it_learning(&curve(|t| (bump(t), 0.5, 3.0)), None).state, State::Collapse);
        assert_eq!(state(|t| (10.0 * t, 0.6 - 0.3 * t, 3.0)), State::RewardHacking);
        assert_eq!(state(|t| (5.0, 0.5, 3.0 * (1.0 - t) * (1.0 - t) * (1.0 - t) * (1.0 - t))), State::Stuck);
        assert_eq!(is_it_learning(&[], None).state, State::TooEarly);
    }

    #[test]
    fn a_baseline_is_held_against_on_the_same_episodes() {
        let baseline: Vec<f64> = (0..50).map(|i| f64::from(i % 7)).collect();
        let policy: Vec<f64> = baseline.iter().map(|b| b + 1.0 + 0.1 * (b - 3.0)).collect();
        let against = Against { name: "greedy", policy: &policy, baseline: &baseline };
        let verdict = is_it_learning(&curve(|t| (10.0 * t, 0.5, 3.0)), Some(against));
        assert!(verdict.text.contains("better than greedy: +0.99"), "{}", verdict.text);
        assert!(verdict.against.is_some_and(|d| d.low > 0.9));
    }
}
