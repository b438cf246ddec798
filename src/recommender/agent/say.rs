//! The reasoning in words, each sentence made from the data that it comes with.

use super::{
    act::Desk,
    belief::{Belief, Heard, RUN},
    plan::{Draft, Kind},
    wishes::Terms,
};
use crate::{
    catalog::{Shelf, TopicIx},
    recommender::{Observation, ReasoningTrace, Step, understand::Intent},
    user::words::{mood_word, spoken_duration},
};

type Data = Vec<(String, f64)>;

pub(super) fn trace(
    obs: &Observation<'_>,
    belief: &Belief,
    desk: &Desk<'_>,
    drafts: &[Draft],
    chosen: usize,
) -> ReasoningTrace {
    ReasoningTrace {
        perceive: [perceived(obs, belief), believed(obs, belief)].into_iter().flatten().collect(),
        plan: vec![planned(obs.shelf, belief, drafts, chosen), compared(drafts, chosen)],
        act: vec![acted(belief, desk, &drafts[chosen])],
        remember: remembered(obs, belief),
    }
}

fn topic(shelf: &Shelf, t: TopicIx) -> &str {
    shelf.topics.get(t as usize).map_or("other", String::as_str)
}

/// "a", "a and b", "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

fn count(n: u32) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(n as usize).map_or_else(|| n.to_string(), |w| (*w).to_owned())
}

fn sentence(parts: &[String]) -> String {
    let text = parts.join("; ");
    let mut c = text.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).chain(['.']).collect())
}

/// What was noticed of the last turn.
fn perceived(obs: &Observation<'_>, belief: &Belief) -> Option<Step> {
    let mut data: Data = vec![("boredom".into(), f64::from(belief.boredom))];
    let mut parts = vec![behaviour(obs, belief, &mut data)];
    match &belief.heard {
        Some(Heard::Words(intent)) => {
            parts.push(words(intent));
            parts.extend(intent.notes.iter().take(3).cloned());
            data.extend(intent.beliefs.iter().map(|b| (b.0.clone(), f64::from(b.1))));
            if let Some(asked) = obs.history.last().and_then(|t| t.asked.as_ref()) {
                parts.push(match asked.reply.as_deref() {
                    None | Some("") => "a question back was let pass".to_owned(),
                    Some(_) => "a question back was answered".to_owned(),
                });
            }
            if let Some(q) = &intent.question {
                data.push(("worth of asking".into(), f64::from(q.worth)));
                parts.push(format!("it would be worth asking: “{}”", q.text));
            }
            data.push(("understood".into(), f64::from(intent.confidence)));
        }
        Some(Heard::Shown) => parts.push("the user shows impatience without a word".into()),
        None => {}
    }
    Some(Step { text: sentence(&parts), data })
}

fn behaviour(obs: &Observation<'_>, belief: &Belief, data: &mut Data) -> String {
    if obs.history.is_empty() {
        let declared: Vec<String> = obs.profile.declared.iter().take(4).cloned().collect();
        data.push(("declared topics".into(), obs.profile.declared.len() as f64));
        return if declared.is_empty() {
            "nothing is known of this user yet".into()
        } else {
            format!("nothing is known yet but the topics ticked at sign-up: {}", list(&declared))
        };
    }
    let (looks, clicks) = belief.last;
    data.push(("looked at".into(), f64::from(looks)));
    data.push(("opened".into(), f64::from(clicks)));
    if let Some((t, n)) = belief.run {
        data.push(("skips in a row".into(), f64::from(n)));
        return format!("{} {} skips in a row, so boredom is likely", count(n), topic(obs.shelf, t));
    }
    if belief.tally.skips >= RUN {
        data.push(("skips in a row".into(), f64::from(belief.tally.skips)));
        return format!("{} skips in a row, of different topics", count(belief.tally.skips));
    }
    if looks == 0 {
        return "nothing was looked at".to_owned();
    }
    let holds = if 3 * clicks >= looks { "so interest holds" } else { "so interest is thin" };
    let opened = format!("{} of {} items looked at were opened, {holds}", count(clicks), count(looks));
    match watched_again(obs) {
        0 => opened,
        n => {
            data.push(("watched again".into(), f64::from(n)));
            format!(
                "{opened}; {} watched again",
                if n == 1 { "one was".to_owned() } else { format!("{} were", count(n)) }
            )
        }
    }
}

/// Items of the last slate that were watched more than once.
fn watched_again(obs: &Observation<'_>) -> u32 {
    let last = obs.history.last().into_iter().flat_map(|t| t.items.iter().zip(&t.reactions));
    last.filter(|(i, r)| r.again(obs.shelf.items[**i as usize].duration_s) > 0.0).count() as u32
}

/// "the words name a topic, a ban and a limit".
fn words(i: &Intent) -> String {
    let mut named: Vec<String> = Vec::new();
    let mut name = |n: usize, one: &str, many: &str| match n {
        0 => {}
        1 => named.push(one.to_owned()),
        n => named.push(format!("{} {many}", count(n as u32))),
    };
    name(i.more.len(), "a topic", "topics");
    name(i.less.len(), "a topic to show less of", "topics to show less of");
    name(i.avoid.len() + i.avoid_creators.len(), "a ban", "bans");
    name(i.keep_creators.len(), "a creator", "creators");
    name(usize::from(i.max_s.is_some()) + usize::from(i.min_s.is_some()), "a limit", "limits");
    name(usize::from(i.mood.is_some()), "a mood", "moods");
    name(usize::from(i.better), "a wish for better items", "");
    name(usize::from(i.surprise > 0.0), "a wish for something new", "");
    let unread: Vec<String> = i.unread.iter().take(4).map(|w| format!("“{w}”")).collect();
    let rest = match unread.len() {
        0 => String::new(),
        1 => format!(", and {} was not understood", list(&unread)),
        _ => format!(", and {} were not understood", list(&unread)),
    };
    if !named.is_empty() {
        format!("the words name {}{rest}", list(&named))
    } else if i.vague {
        format!("the words say that something is wrong, not what{rest}")
    } else {
        format!("the words name nothing known{rest}")
    }
}

/// What is believed of the user's taste.
fn believed(obs: &Observation<'_>, belief: &Belief) -> Option<Step> {
    let liked = belief.liked();
    if liked.is_empty() {
        return None;
    }
    let names: Vec<String> = liked.iter().map(|l| topic(obs.shelf, l.0).to_owned()).collect();
    let looks = belief.tally.examined;
    let text = format!("{} went best in {looks} looks.", list(&names));
    let mut data: Data = liked.iter().zip(names).map(|(l, n)| (n, f64::from(l.1))).collect();
    data.push(("looks".into(), f64::from(looks)));
    Some(Step { text, data })
}

/// What is done, in the user's terms.
fn planned(shelf: &Shelf, belief: &Belief, drafts: &[Draft], chosen: usize) -> Step {
    let draft = &drafts[chosen];
    let what = match draft.kind {
        Kind::Exploit => "stay with what is believed to be liked".to_owned(),
        Kind::Diversify => "spread over more kinds, since the same again shortens sessions".to_owned(),
        Kind::Explore => "try topics of which little is known".to_owned(),
        Kind::Recover => "turn away from what was just shown, to what satisfies".to_owned(),
        Kind::Obey => "do what was asked".to_owned(),
    };
    let mut parts = vec![what];
    parts.extend(demands(shelf, &belief.terms));
    let data = vec![
        ("expected now".into(), f64::from(draft.worth.now)),
        ("chance of staying".into(), f64::from(draft.worth.stays)),
        ("for being heard".into(), f64::from(draft.worth.heard)),
    ];
    Step { text: sentence(&parts), data }
}

/// What holds, one phrase each.
fn demands(shelf: &Shelf, terms: &Terms) -> Vec<String> {
    let names =
        |ts: &mut dyn Iterator<Item = TopicIx>| list(&ts.map(|t| topic(shelf, t).to_owned()).collect::<Vec<_>>());
    let mut out = Vec::new();
    if !terms.avoid.is_empty() {
        out.push(format!("no {}", names(&mut terms.avoid.iter().copied())));
    }
    if !terms.less.is_empty() {
        out.push(format!("less {}", names(&mut terms.less.iter().map(|l| l.0))));
    }
    if !terms.more.is_empty() {
        out.push(format!("more {}", names(&mut terms.more.iter().map(|m| m.0))));
    }
    if !terms.avoid_creators.is_empty() {
        let who: Vec<String> =
            terms.avoid_creators.iter().filter_map(|&c| shelf.creators.get(c as usize).cloned()).collect();
        out.push(format!("nothing by {}", list(&who)));
    }
    if let Some(s) = terms.max_s {
        out.push(format!("nothing over {}", spoken_duration(s)));
    }
    if let Some(s) = terms.min_s {
        out.push(format!("nothing under {}", spoken_duration(s)));
    }
    if let Some(m) = terms.mood {
        out.push(format!("{} ones first", mood_word(m)));
    }
    if terms.better {
        out.push("what titles promise must hold".into());
    }
    if terms.surprise {
        out.push("topics not shown lately first".into());
    }
    out
}

/// How the plans compared.
fn compared(drafts: &[Draft], chosen: usize) -> Step {
    let data: Data = drafts.iter().map(|d| (d.kind.name().to_owned(), f64::from(d.worth.total))).collect();
    let winner = &drafts[chosen];
    let second = drafts.iter().enumerate().filter(|d| d.0 != chosen).fold(None, |b: Option<&Draft>, d| {
        if b.is_none_or(|b| d.1.worth.total > b.worth.total) { Some(d.1) } else { b }
    });
    let text = match second {
        Some(s) => {
            let (worth, next) = (format!("{:.2}", winner.worth.total), format!("{:.2}", s.worth.total));
            let next = if next == worth { "hardly less".to_owned() } else { next };
            let (to, other) = (winner.kind.name(), s.kind.name());
            format!("To {to} is worth {worth}, counting the rest of the session; the next best, to {other}, {next}.")
        }
        None => format!("To {} is the only plan.", winner.kind.name()),
    };
    Step { text, data }
}

/// How the slate came about.
fn acted(belief: &Belief, desk: &Desk<'_>, draft: &Draft) -> Step {
    let (all, fit) = desk.counts;
    let (close, slate) = (desk.papers.len(), draft.items.len());
    let asked = draft.items.iter().filter(|p| p.asked).count();
    let filter = if belief.terms.is_empty() {
        String::new()
    } else if desk.slack == 0.0 {
        ", too few of which fit the wishes, so those were set aside".to_owned()
    } else if desk.slack > 1.0 {
        format!(", of which {fit} fit the wishes once the limit was stretched by {:.0} %", 100.0 * (desk.slack - 1.0))
    } else {
        format!(", of which {fit} fit the wishes")
    };
    Step {
        text: format!(
            "{all} candidates{filter} → {close} looked at closely → ranked by fit, satisfaction and variety → slate of {slate}."
        ),
        data: vec![
            ("candidates".into(), all as f64),
            ("fitting".into(), fit as f64),
            ("looked at closely".into(), close as f64),
            ("slate".into(), slate as f64),
            ("asked for".into(), asked as f64),
        ],
    }
}

/// What is kept for later turns.
pub(in crate::recommender) fn remembered(obs: &Observation<'_>, belief: &Belief) -> Vec<Step> {
    let now = obs.history.len();
    let mut steps: Vec<Step> = (belief.wishes.0.iter())
        .filter(|w| w.until() >= now && !w.intent.is_empty())
        .map(|w| {
            let left = w.until() - now;
            let text = match left {
                0 => format!("“{}” holds for this turn.", w.words),
                n if n > 100 => format!("“{}” holds for the rest of the session.", w.words),
                n => format!("“{}” holds for {} more turn{}.", w.words, count(n as u32), if n == 1 { "" } else { "s" }),
            };
            Step { text, data: vec![("turns left".into(), left as f64)] }
        })
        .collect();
    let (looks, clicks) = (belief.tally.examined, belief.tally.clicked);
    steps.push(Step {
        text: format!("Belief rests on {looks} looks and {clicks} clicks."),
        data: vec![("looks".into(), f64::from(looks)), ("clicks".into(), f64::from(clicks))],
    });
    steps
}
