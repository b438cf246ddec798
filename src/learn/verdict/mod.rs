//! Is it learning? Answered in words, from numbers, with the evidence.
//!
//! What is told as fact is clear of zero by its 95 % interval; what is not is said to be open.

mod curve;
mod signs;
#[cfg(test)]
mod tests;

pub use curve::{Point, points, together};
pub use signs::{Sign, Urgency};

use crate::{chart::text::number, lab::Estimate};
use curve::{Gap, collapsed, gap, is_level, late_trend, lately, over, stuck, trend};
use serde::{Deserialize, Serialize};
use signs::{ceiling, collapse};

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
    let signs = || signs::signs(points, lines, collapse(fallen, collapsed.is_some(), keeps_best));
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
