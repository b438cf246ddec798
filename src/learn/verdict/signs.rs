//! What is watched for while a policy learns, each told in a sentence.

use super::{
    Line,
    curve::{Point, is_level, late, late_trend, lately, stuck, trend},
    steps, told,
};
use crate::lab::Welford;
use serde::{Deserialize, Serialize};

/// How urgent a sign is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// All well.
    #[default]
    Clear,
    /// Worth a look.
    Look,
    /// Wrong.
    Wrong,
}

/// Something that was watched for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// How urgent.
    pub urgency: Urgency,
    /// In words, with the evidence.
    pub words: String,
}

/// What is watched for.
pub(super) fn signs(points: &[Point], lines: &[Line], collapse: Option<Sign>) -> Vec<Sign> {
    [retention(points), plateau(points), collapse, sameness(points), apart(points), ceiling(points, lines)]
        .into_iter()
        .flatten()
        .collect()
}

fn sign(urgency: Urgency, words: String) -> Option<Sign> {
    Some(Sign { urgency, words })
}

/// Reward rising while retention falls.
fn retention(points: &[Point]) -> Option<Sign> {
    let kept: Vec<(f64, f64)> = points.iter().filter_map(|p| Some((p.env_steps, p.retention?))).collect();
    let retention = trend(&kept)?;
    let reward = trend(&points.iter().map(|p| (p.env_steps, p.mean)).collect::<Vec<_>>())?;
    let (from, to) = (kept.first()?.1, kept.last()?.1);
    if reward.low > 0.0 && retention.high < 0.0 {
        let words = format!(
            "Reward hacking: reward rises while the chance of return falls, from {} to {}. Give retention more weight in the reward.",
            told(from),
            told(to)
        );
        return sign(Urgency::Wrong, words);
    }
    let words = match (reward.low > 0.0, retention.low > 0.0) {
        (true, true) => "Reward and the chance of return rise together.",
        _ => "The chance of return does not fall.",
    };
    if retention.high < 0.0 {
        return sign(Urgency::Look, format!("The chance of return falls, from {} to {}.", told(from), told(to)));
    }
    sign(Urgency::Clear, words.to_owned())
}

fn plateau(points: &[Point]) -> Option<Sign> {
    let (part, change) = (late(points), late_trend(points)?);
    let span = steps(part.last()?.env_steps - part.first()?.env_steps);
    if change.low > 0.0 {
        sign(Urgency::Clear, format!("No plateau: {} more in the last {span} steps.", told(change.mean)))
    } else if is_level(points) || change.high <= 0.0 {
        sign(Urgency::Look, format!("A plateau: no clear change in the last {span} steps."))
    } else {
        let between = format!("between {} and {}", told(change.low), told(change.high));
        sign(Urgency::Clear, format!("A plateau or not is open: the last {span} steps changed it by {between}."))
    }
}

/// Of the best point of a run that fell since, and whether it lost its lead with that.
pub(super) fn collapse(fallen: Option<&Point>, lead_lost: bool, keeps_best: bool) -> Option<Sign> {
    let Some(best) = fallen else { return sign(Urgency::Clear, "No collapse.".to_owned()) };
    let kept = if keeps_best {
        "The best policy is kept; a lower learning_rate may help."
    } else {
        "The policy is the one of the end, not the best; fewer steps or a lower learning_rate may help."
    };
    let (earned, after) = (told(best.mean), steps(best.env_steps));
    if lead_lost {
        sign(Urgency::Wrong, format!("A collapse: it earned {earned} after {after} steps and has lost that. {kept}"))
    } else {
        sign(
            Urgency::Look,
            format!(
                "A fall: it earned {earned} after {after} steps and earns less now, though it is still ahead. {kept}"
            ),
        )
    }
}

/// Slates that hardly vary any more, before the level was worth keeping.
fn sameness(points: &[Point]) -> Option<Sign> {
    let now = stuck(points)?;
    let words = format!(
        "Its slates hardly vary any more (entropy {} nats), so little more can be found out. Raise ent_coef or lower learning_rate.",
        told(now)
    );
    sign(Urgency::Look, words)
}

/// A seed far below the others.
fn apart(points: &[Point]) -> Option<Sign> {
    let last = points.last().filter(|p| p.seeds.len() >= 3)?;
    let (at, lowest) = last.seeds.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let mut others = Welford::default();
    last.seeds.iter().enumerate().filter(|(i, _)| *i != at).for_each(|(_, r)| others.add(*r));
    if others.mean() - lowest > 3.0 * others.deviation() + 0.05 * others.mean().abs() {
        let words = format!(
            "Seed {} of the list lags: {} where the others earn {}.",
            at + 1,
            told(lowest),
            told(others.mean())
        );
        return sign(Urgency::Look, words);
    }
    sign(Urgency::Clear, "The seeds agree.".to_owned())
}

/// How much of the way from the reference to the best known is done.
pub(super) fn ceiling(points: &[Point], lines: &[Line]) -> Option<Sign> {
    let now = lately(points)?;
    let best = lines.iter().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let from = lines.iter().find(|l| l.reference)?;
    let way = best.mean - from.mean;
    if way <= 0.0 || now.mean <= from.mean {
        return None;
    }
    let share = ((now.mean - from.mean) / way * 100.0).round();
    let (title, from) = (best.title.to_lowercase(), from.title.to_lowercase());
    sign(Urgency::Clear, format!("{share:.0} % of the way from {from} to {title} ({}).", told(best.mean)))
}
