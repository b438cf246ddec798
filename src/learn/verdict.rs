//! Is it learning? Answered in words, from numbers, with the evidence.
//!
//! What is told as fact is clear of zero by its 95 % interval; what is not is said to be open.

use super::algorithm::Report;
use crate::{
    chart::text::number,
    lab::{Estimate, Welford, t_975},
};
use serde::{Deserialize, Serialize};

/// A recommender that a run is compared with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Whether it sees what no policy may.
    pub oracle: bool,
    /// Whether it is the one to beat.
    pub reference: bool,
    /// Its mean return.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
}

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

/// Is it learning?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How urgent.
    pub urgency: Urgency,
    /// The answer.
    pub answer: String,
    /// The evidence.
    pub evidence: String,
    /// What was watched for.
    pub signs: Vec<Sign>,
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
struct Gap {
    mean: f64,
    low: f64,
    high: f64,
}

impl From<Estimate> for Gap {
    fn from(e: Estimate) -> Self {
        Self { mean: e.mean, low: e.low, high: e.high }
    }
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
#[must_use]
pub fn together(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

/// A number as people read it: as many decimals as tell something.
fn told(x: f64) -> String {
    let decimals = match x.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        _ => 2,
    };
    number(x, decimals)
}

/// Steps as people read them: "1.9 M".
fn steps(n: f64) -> String {
    match n {
        n if n >= 1e5 => format!("{:.1} M", n / 1e6),
        n if n >= 1e4 => format!("{:.0} thousand", n / 1e3),
        n => format!("{n:.0}"),
    }
}

/// What is judged: the run's name, what a return is of, its curve, and the lines to compare with.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What learns.
    pub name: &'a str,
    /// What a return is of: "an episode", "a session".
    pub unit: &'a str,
    /// Why it stopped by itself, if it did.
    pub stopped: Option<&'a str>,
    /// The curve.
    pub points: &'a [Point],
    /// The lines to compare with.
    pub lines: &'a [Line],
    /// How much more the policy earns than the line to beat on the same episodes, where that was measured.
    pub paired: Option<Estimate>,
    /// Whether the best policy of the run is kept, and not the one that it ends with.
    pub keeps_best: bool,
}

/// Judges a run.
#[must_use]
pub fn judge(case: &Case<'_>) -> Verdict {
    let Case { name, unit, stopped, points, lines, paired, keeps_best } = *case;
    let reference = lines.iter().find(|l| l.reference);
    let beaten = lately(points).zip(reference).map(|(now, line)| {
        let difference = paired.map_or_else(|| over(now, line), Gap::from);
        (line, difference)
    });
    let fallen = collapsed(points);
    // What is clearly ahead of the line to beat has lost something, but not all that it was worth.
    let collapsed = fallen.filter(|_| beaten.is_none_or(|(_, d)| d.low <= 0.0));
    let signs = || signs(points, lines, collapse(fallen, collapsed.is_some(), keeps_best));
    if let Some(why) = stopped {
        return Verdict {
            urgency: Urgency::Wrong,
            answer: "It has stopped by itself.".into(),
            evidence: why.to_owned(),
            signs: signs(),
        };
    }
    let (Some(now), Some(last), Some(first)) = (lately(points), points.last(), points.first()) else {
        let evidence = match paired {
            Some(d) => {
                let lead = lead(d.into(), &format!(" {unit} than the line to beat"));
                format!("Too few steps to draw a curve: {name} earns {lead}.")
            }
            None => "The first measurement is under way.".to_owned(),
        };
        return Verdict { answer: "Too early to say.".into(), evidence, ..Verdict::default() };
    };
    let signs = signs();
    let after = format!("After {} steps {name} earns {} {unit}", steps(last.env_steps), told(now.mean));
    let compared = beaten.map_or_else(String::new, |(line, d)| {
        let title = line.title.to_lowercase();
        // The curve is of slates drawn to explore; what is measured on the same episodes is the best of each.
        let from = if paired.is_some() { " while it explores; its best slates earn" } else { ":" };
        format!("{from} {}", lead(d, &format!(" than {title}")))
    });
    let evidence = format!("{after}{compared}.");
    if points.len() < 4 {
        return Verdict { urgency: Urgency::Clear, answer: "Too early to say.".into(), evidence, signs };
    }
    let rise = trend(&points.iter().map(|p| (p.env_steps, p.mean)).collect::<Vec<_>>());
    let rising = late_trend(points);
    let risen = now.mean - first.mean;
    // What rises at once and then stays level has no slope to speak of.
    let leapt = risen > together(first.high - first.mean, now.high - now.mean);
    let hacked = signs.iter().any(|s| s.urgency == Urgency::Wrong && s.words.starts_with("Reward hacking"));
    let (urgency, answer) = if hacked {
        (Urgency::Wrong, "It learns the wrong thing.")
    } else if collapsed.is_some() {
        (Urgency::Wrong, "It has collapsed.")
    } else if rising.is_some_and(|t| t.low > 0.0) {
        (Urgency::Clear, "It is learning.")
    } else if leapt || rise.is_some_and(|t| t.low > 0.0) && risen > 0.0 {
        match beaten {
            _ if !is_level(points) => (Urgency::Clear, "It has learnt; whether it still improves is open."),
            Some((_, d)) if d.low > 0.0 => (Urgency::Clear, "It has learnt, and holds its level."),
            _ => (Urgency::Look, "It has learnt something and then stopped improving."),
        }
    } else if beaten.is_some_and(|(_, d)| d.low > 0.0) {
        (Urgency::Look, "It is ahead, but no rise shows that it learnt this.")
    } else if stuck(points).is_some() {
        (Urgency::Look, "It is stuck.")
    } else {
        (Urgency::Look, "It is not learning so far.")
    };
    Verdict { urgency, answer: answer.to_owned(), evidence, signs }
}

/// Judges a policy that was made elsewhere: whether it learnt cannot be told from here, what it earns can.
#[must_use]
pub fn imported(name: &str, unit: &str, point: &Point, lines: &[Line]) -> Verdict {
    let now = gap(point.mean, point.high - point.mean);
    let beaten = lines.iter().find(|l| l.reference).map(|line| (line.title.to_lowercase(), over(now, line)));
    let (urgency, answer) = match &beaten {
        Some((title, d)) if d.low > 0.0 => (Urgency::Clear, format!("It is ahead of {title}.")),
        Some((title, d)) if d.high < 0.0 => (Urgency::Look, format!("It is behind {title}.")),
        Some((title, _)) => (Urgency::Look, format!("Whether it is ahead of {title} is open.")),
        None => (Urgency::Clear, "It was judged.".to_owned()),
    };
    let compared = beaten.map_or_else(String::new, |(title, d)| format!(": {}", lead(d, &format!(" than {title}"))));
    let evidence = format!("The policy from the file ({name}) earns {} {unit}{compared}.", told(point.mean));
    Verdict { urgency, answer, evidence, signs: ceiling(std::slice::from_ref(point), lines).into_iter().collect() }
}

impl Verdict {
    /// The answer, the evidence, and what is worth a look or wrong, in one paragraph.
    #[must_use]
    pub fn text(&self) -> String {
        let worrying = self.signs.iter().filter(|s| s.urgency != Urgency::Clear).map(|s| s.words.as_str());
        let parts = [self.answer.as_str(), self.evidence.as_str()].into_iter().chain(worrying);
        parts.filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// "3.00 more than greedy (95 % interval 2.00 to 4.00)".
fn lead(d: Gap, than: &str) -> String {
    let (how, mean) = if d.mean >= 0.0 { ("more", d.mean) } else { ("less", -d.mean) };
    format!("{} {how}{than} (95 % interval {} to {})", told(mean), told(d.low), told(d.high))
}

fn late_trend(points: &[Point]) -> Option<Gap> {
    trend(&late(points).iter().map(|p| (p.env_steps, p.mean)).collect::<Vec<_>>())
}

/// Whether what the last points may have gained at most is little beside what was gained before: only then has it stopped.
fn is_level(points: &[Point]) -> bool {
    let (Some(first), Some(now), Some(late)) = (points.first(), lately(points), late_trend(points)) else {
        return false;
    };
    late.high < 0.25 * (now.mean - first.mean).abs()
}

/// The best point, where what came after it has fallen far below.
fn collapsed(points: &[Point]) -> Option<&Point> {
    let best = points.iter().max_by(|a, b| a.mean.total_cmp(&b.mean))?;
    let (now, first) = (lately(points)?, points.first()?);
    let fallen = best.mean - now.mean;
    let noise = 3.0 * together(best.se, points.last()?.se);
    (fallen > noise && fallen > 0.4 * (best.mean - first.mean).abs()).then_some(best)
}

/// The entropy now, where slates have become all the same.
fn stuck(points: &[Point]) -> Option<f64> {
    let varied: Vec<(f64, f64)> = points.iter().filter_map(|p| Some((p.env_steps, p.entropy?))).collect();
    let now = varied.last()?.1;
    (now < 0.05 && trend(&varied)?.high < 0.0).then_some(now)
}

/// What is watched for.
fn signs(points: &[Point], lines: &[Line], collapse: Option<Sign>) -> Vec<Sign> {
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
fn collapse(fallen: Option<&Point>, lead_lost: bool, keeps_best: bool) -> Option<Sign> {
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
            entropy: None,
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
        judge(&Case {
            name: "PPO",
            unit: "an episode",
            stopped: None,
            points,
            lines: &lines(),
            paired: None,
            keeps_best: true,
        })
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
        // The last points say nothing yet of whether it goes on.
        let v = verdict(&curve(&[150.0, 170.0, 192.0, 206.0, 215.0, 211.0, 224.0, 216.0]));
        assert_eq!(v.answer, "It has learnt; whether it still improves is open.");
        assert!(v.signs.iter().any(|s| s.words.contains("A plateau or not is open")), "{:?}", v.signs);
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
    fn a_fall_that_leaves_a_lead_is_no_collapse_and_where_no_best_is_kept_none_is_promised() {
        let fallen = curve(&[170.0, 220.0, 270.0, 290.0, 288.0, 230.0, 205.0, 200.0, 201.0]);
        let v = verdict(&fallen);
        assert_ne!(v.answer, "It has collapsed.", "it is still ahead of greedy");
        assert!(v.signs.iter().any(|s| s.words.starts_with("A fall: it earned 290")), "{:?}", v.signs);
        let fallen = curve(&[150.0, 200.0, 250.0, 270.0, 268.0, 210.0, 160.0, 150.0, 151.0]);
        let told = |keeps_best: bool| {
            let (points, lines) = (&fallen, &lines());
            let case = Case { name: "PPO", unit: "an episode", stopped: None, points, lines, paired: None, keeps_best };
            judge(&case).text()
        };
        assert!(told(true).contains("The best policy is kept"));
        assert!(told(false).contains("the one of the end, not the best"));
    }

    #[test]
    fn iterations_that_happen_to_agree_do_not_make_a_group_sure() {
        // Ten groups of two: those of the best agree to the last digit, the others lie two apart.
        let pair = |i: usize| if i == 3 { [8.0, 8.0] } else { [6.0, 8.0] };
        let report = |(i, r): (usize, f64)| Report {
            env_steps: 100 * (i as u64 + 1),
            return_mean: Some(r),
            ..Report::default()
        };
        let reports: Vec<Report> = (0..10).flat_map(pair).enumerate().map(report).collect();
        let points = points(&reports, None);
        assert!(points.len() == 10 && points.iter().all(|p| p.se > 0.9 && p.se == points[0].se), "{points:?}");
        assert!(collapsed(&points).is_none());
    }

    #[test]
    fn a_policy_from_a_file_is_judged_by_what_it_earns() {
        let lines = lines();
        let judged = |mean: f64| imported("PPO", "an episode", &curve(&[mean])[0], &lines);
        let v = judged(200.0);
        assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Clear, "It is ahead of greedy."));
        assert!(v.evidence.starts_with("The policy from the file (PPO) earns 200 an episode: 34.0 more than greedy"));
        assert_eq!(judged(150.0).answer, "It is behind greedy.");
        assert_eq!(judged(167.0).answer, "Whether it is ahead of greedy is open.");
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

    /// A hundred iterations of noisy returns.
    fn iterations(of: impl Fn(f64) -> (f64, f64, f64)) -> Vec<Report> {
        let mut random = crate::math::Source::new(4).stream(crate::math::Purpose::Other);
        let mut noise = move |k: f64| k * f64::from(random.normal());
        let report = |i: u32| {
            let (earned, retention, entropy) = of(f64::from(i) / 100.0);
            Report {
                iteration: u64::from(i) + 1,
                env_steps: 1024 * u64::from(i + 1),
                episodes: 8,
                return_mean: Some(earned + noise(0.5)),
                measures: vec![("retention", retention + noise(0.01))],
                diagnostics: vec![entropy],
            }
        };
        (0..100).map(report).collect()
    }

    #[test]
    fn each_way_that_training_goes_is_named_from_its_iterations_too() {
        let answer = |of: &dyn Fn(f64) -> (f64, f64, f64)| {
            let points = points(&iterations(of), Some(0));
            assert_eq!(points.len(), 20);
            judge(&Case {
                name: "PPO",
                unit: "a session",
                stopped: None,
                points: &points,
                lines: &[],
                paired: None,
                keeps_best: false,
            })
            .answer
        };
        assert_eq!(answer(&|t| (10.0 * t, 0.5 + 0.1 * t, 3.0)), "It is learning.");
        assert!(answer(&|t| (10.0 * (4.0 * t).min(1.0), 0.5, 3.0)).starts_with("It has learnt"));
        assert_eq!(answer(&|_| (5.0, 0.5, 3.0)), "It is not learning so far.");
        assert_eq!(answer(&|t| (if t < 0.6 { 10.0 * t } else { 0.5 }, 0.5, 3.0)), "It has collapsed.");
        assert_eq!(answer(&|t| (10.0 * t, 0.6 - 0.3 * t, 3.0)), "It learns the wrong thing.");
        let falls = |t: f64| 3.0 * (1.0 - t) * (1.0 - t) * (1.0 - t) * (1.0 - t);
        assert_eq!(answer(&|t| (5.0, 0.5, falls(t))), "It is stuck.");
        // One part is the best by luck alone: a fall within the noise is none.
        assert_ne!(answer(&|t| (if (0.4..0.6).contains(&t) { 4.8 } else { 4.5 }, 0.5, 3.0)), "It has collapsed.");
        assert!(points(&[], None).is_empty());
    }

    #[test]
    fn what_leaps_at_once_and_stays_level_has_learnt() {
        let v = verdict(&curve(&[150.0, 271.0, 269.0, 270.0, 272.0, 268.0, 271.0, 270.0, 269.0, 271.0, 270.0, 269.0]));
        assert_eq!((v.urgency, v.answer.as_str()), (Urgency::Clear, "It has learnt, and holds its level."));
    }

    #[test]
    fn what_starts_ahead_and_stays_level_has_not_learnt() {
        let v = verdict(&curve(&[180.0, 182.0, 181.0, 179.0, 180.0, 182.0, 181.0]));
        assert_eq!(
            (v.urgency, v.answer.as_str()),
            (Urgency::Look, "It is ahead, but no rise shows that it learnt this.")
        );
    }

    #[test]
    fn a_difference_on_the_same_episodes_is_the_evidence_where_there_is_one() {
        let paired = Estimate { mean: 3.0, se: 0.5, low: 2.0, high: 4.0 };
        let points = curve(&[160.0, 162.0, 165.0, 169.0, 172.0, 175.0]);
        let case = Case {
            name: "PPO",
            unit: "a session",
            stopped: None,
            points: &points,
            lines: &lines(),
            paired: Some(paired),
            keeps_best: false,
        };
        let v = judge(&case);
        assert!(v.evidence.contains("3.00 more than greedy (95 % interval 2.00 to 4.00)"), "{}", v.evidence);
        assert!(v.text().starts_with("It is learning. After"), "{}", v.text());
        let stopped = judge(&Case { stopped: Some("the gradients are no numbers"), ..case });
        assert_eq!((stopped.urgency, stopped.evidence.as_str()), (Urgency::Wrong, "the gradients are no numbers"));
    }
}
