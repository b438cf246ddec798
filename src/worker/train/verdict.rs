//! Is it learning? Answered in words, from numbers, with the evidence.
//!
//! What is told as fact is clear of zero by its 95 % interval; what is not is said to be open.

use super::protocol::{Line, Phase, Point, Sign, Urgency, Verdict};
use crate::{chart::text::number, lab::Welford};

/// A difference with its 95 % interval.
#[derive(Clone, Copy, Debug)]
struct Gap {
    mean: f64,
    low: f64,
    high: f64,
}

fn gap(mean: f64, half: f64) -> Gap {
    Gap { mean, low: mean - half, high: mean + half }
}

/// How far a value moves along some points: the slope of the least-squares line times their span, with its interval.
fn trend(points: &[(f64, f64)]) -> Option<Gap> {
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
fn late(points: &[Point]) -> &[Point] {
    &points[points.len().saturating_sub((points.len() / 3).max(5))..]
}

/// The mean of the last points, which is surer than the last alone.
fn lately(points: &[Point]) -> Option<Gap> {
    let last = points.last()?;
    let few = &points[points.len().saturating_sub(3)..];
    let mean = few.iter().map(|p| p.mean).sum::<f64>() / few.len() as f64;
    Some(gap(mean, (last.high - last.low) / 2.0))
}

fn over(a: Gap, line: &Line) -> Gap {
    let half = together(a.high - a.mean, 1.96 * line.se);
    gap(a.mean - line.mean, half)
}

/// The long side of a right triangle, for adding independent errors.
fn together(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

/// A number as people read it: as many decimals as tell something.
pub(super) fn told(x: f64) -> String {
    let decimals = match x.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 2,
    };
    number(x, decimals)
}

/// Steps as people read them: "1.9 M".
pub(super) fn steps(n: f64) -> String {
    match n {
        n if n >= 1e5 => format!("{:.1} M", n / 1e6),
        n if n >= 1e4 => format!("{:.0} thousand", n / 1e3),
        n => format!("{n:.0}"),
    }
}

/// What is judged: the run's name, what a return is of, its curve, and the lines to compare with.
pub(super) struct Case<'a> {
    pub name: &'a str,
    pub unit: &'a str,
    pub phase: &'a Phase,
    pub points: &'a [Point],
    pub lines: &'a [Line],
}

/// Judges a run.
pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let Case { name, unit, phase, points, lines } = *case;
    if let Phase::Stopped(why) = phase {
        return Verdict {
            urgency: Urgency::Wrong,
            answer: "It has stopped by itself.".into(),
            evidence: why.clone(),
            signs: signs(points, lines),
        };
    }
    let (Some(now), Some(last), Some(first)) = (lately(points), points.last(), points.first()) else {
        let evidence = "The first measurement is under way.".to_owned();
        return Verdict { answer: "Too early to say.".into(), evidence, ..Verdict::default() };
    };
    let signs = signs(points, lines);
    let after = format!("After {} steps {name} earns {} {unit}", steps(last.env_steps), told(now.mean));
    let reference = lines.iter().find(|l| l.reference);
    let beaten = reference.map(|line| (line, over(now, line)));
    let compared = beaten.map_or_else(String::new, |(line, d)| {
        let (how, mean) = if d.mean >= 0.0 { ("more", d.mean) } else { ("less", -d.mean) };
        let title = line.title.to_lowercase();
        format!(": {} {how} than {title} (95 % interval {} to {})", told(mean), told(d.low), told(d.high))
    });
    let evidence = format!("{after}{compared}.");
    if points.len() < 4 {
        return Verdict { urgency: Urgency::Clear, answer: "Too early to say.".into(), evidence, signs };
    }
    let rise = trend(&points.iter().map(|p| (p.env_steps, p.mean)).collect::<Vec<_>>());
    let rising = late_trend(points);
    let risen = now.mean - first.mean;
    let hacked = signs.iter().any(|s| s.urgency == Urgency::Wrong && s.words.starts_with("Reward hacking"));
    let (urgency, answer) = if hacked {
        (Urgency::Wrong, "It learns the wrong thing.")
    } else if collapsed(points).is_some() {
        (Urgency::Wrong, "It has collapsed.")
    } else if rising.is_some_and(|t| t.low > 0.0) {
        (Urgency::Clear, "It is learning.")
    } else if rise.is_some_and(|t| t.low > 0.0) && risen > 0.0 {
        match beaten {
            Some((_, d)) if d.low > 0.0 => (Urgency::Clear, "It has learnt, and holds its level."),
            _ => (Urgency::Look, "It has learnt something and then stopped improving."),
        }
    } else if beaten.is_some_and(|(_, d)| d.low > 0.0) {
        (Urgency::Clear, "It has learnt, and holds its level.")
    } else {
        (Urgency::Look, "It is not learning so far.")
    };
    Verdict { urgency, answer: answer.to_owned(), evidence, signs }
}

fn late_trend(points: &[Point]) -> Option<Gap> {
    trend(&late(points).iter().map(|p| (p.env_steps, p.mean)).collect::<Vec<_>>())
}

/// The best point, where what came after it has fallen far below.
fn collapsed(points: &[Point]) -> Option<&Point> {
    let best = points.iter().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let (now, first) = (lately(points)?, points.first()?);
    let fallen = best.mean - now.mean;
    let noise = 3.0 * together(best.se, points.last()?.se);
    (fallen > noise && fallen > 0.4 * (best.mean - first.mean).abs()).then_some(best)
}

/// What is watched for.
fn signs(points: &[Point], lines: &[Line]) -> Vec<Sign> {
    [retention(points), plateau(points), collapse(points), apart(points), ceiling(points, lines)]
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
            "Reward hacking: reward rises while the chance of return falls, from {} to {}.",
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
    } else {
        sign(Urgency::Look, format!("A plateau: no clear change in the last {span} steps."))
    }
}

fn collapse(points: &[Point]) -> Option<Sign> {
    match collapsed(points) {
        Some(best) => sign(
            Urgency::Wrong,
            format!(
                "A collapse: it earned {} after {} steps and has lost that. The best policy is kept.",
                told(best.mean),
                steps(best.env_steps)
            ),
        ),
        None => sign(Urgency::Clear, "No collapse.".to_owned()),
    }
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
fn ceiling(points: &[Point], lines: &[Line]) -> Option<Sign> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[f64]) -> Vec<Point> {
        let point = |(i, v): (usize, &f64)| Point {
            env_steps: 1e5 * (i + 1) as f64,
            mean: *v,
            low: v - 4.0,
            high: v + 4.0,
            se: 2.0,
            seeds: vec![*v],
            retention: None,
        };
        values.iter().enumerate().map(point).collect()
    }

    fn lines() -> Vec<Line> {
        let line = |name: &str, mean: f64, reference: bool| Line {
            name: name.to_lowercase(),
            title: name.to_owned(),
            oracle: false,
            reference,
            mean,
            se: 0.5,
        };
        vec![line("Random", 154.0, false), line("Greedy", 166.0, true), line("Planner", 300.0, false)]
    }

    fn verdict(points: &[Point]) -> Verdict {
        judge(&Case { name: "PPO", unit: "an episode", phase: &Phase::Training, points, lines: &lines() })
    }

    #[test]
    fn a_rising_curve_is_learning_and_names_its_lead_with_the_interval() {
        let v = verdict(&curve(&[150.0, 170.0, 191.0, 205.0, 222.0, 235.0, 251.0, 268.0]));
        assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Clear, "It is learning."));
        // The mean of the last three is 251.3; greedy is 166: 85.3 ± √(4² + 0.98²).
        assert!(v.evidence.contains("85.3 more than greedy (95 % interval 81.2 to 89.5)"), "{}", v.evidence);
        assert!(v.evidence.starts_with("After 0.8 M steps PPO earns 251 an episode"), "{}", v.evidence);
        assert!(v.signs.iter().any(|s| s.words.contains("64 % of the way from greedy to planner")), "{:?}", v.signs);
    }

    #[test]
    fn a_level_curve_is_a_plateau_or_no_learning_at_all() {
        let v = verdict(&curve(&[150.0, 200.0, 240.0, 262.0, 268.0, 270.0, 269.0, 271.0, 268.0, 270.0, 269.5]));
        assert_eq!(v.answer, "It has learnt, and holds its level.");
        assert!(v.signs.iter().any(|s| s.urgency == Urgency::Look && s.words.contains("A plateau")), "{:?}", v.signs);
        let v = verdict(&curve(&[153.0, 155.0, 152.0, 154.0, 155.0, 152.0, 153.0]));
        assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Look, "It is not learning so far."));
        assert!(v.evidence.contains("less than greedy"), "{}", v.evidence);
        let v = verdict(&curve(&[153.0, 175.0]));
        assert_eq!(v.answer, "Too early to say.");
        assert_eq!(verdict(&[]).answer, "Too early to say.");
    }

    #[test]
    fn a_fall_from_the_best_is_a_collapse() {
        let v = verdict(&curve(&[150.0, 200.0, 250.0, 270.0, 268.0, 210.0, 160.0, 150.0, 151.0]));
        assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Wrong, "It has collapsed."));
        assert!(v.signs.iter().any(|s| s.words.contains("it earned 270 after 0.4 M steps")), "{:?}", v.signs);
    }

    #[test]
    fn reward_that_rises_while_people_stay_away_is_named() {
        let mut points = curve(&[1.0, 2.0, 3.1, 4.0, 5.2, 6.0]);
        for (i, p) in points.iter_mut().enumerate() {
            p.retention = Some(0.8 - 0.05 * i as f64);
        }
        let v = verdict(&points);
        assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Wrong, "It learns the wrong thing."));
        assert!(
            v.signs[0].words.contains("Reward hacking") && v.signs[0].words.contains("0.80 to 0.55"),
            "{:?}",
            v.signs
        );
        points.iter_mut().enumerate().for_each(|(i, p)| p.retention = Some(0.5 + 0.05 * i as f64));
        assert!(verdict(&points).signs[0].words.contains("rise together"));
    }

    #[test]
    fn a_seed_that_lags_is_named() {
        let mut points = curve(&[150.0, 200.0, 250.0, 270.0, 275.0]);
        points.last_mut().expect("points").seeds = vec![280.0, 281.0, 160.0, 279.0, 282.0];
        let v = verdict(&points);
        assert!(v.signs.iter().any(|s| s.words.contains("Seed 3 of the list lags")), "{:?}", v.signs);
    }
}
