//! Numbers and names as the page writes them.

pub use crate::chart::text::{number as plain, signed};
use crate::{
    catalog::Item,
    user::{Reaction, Term},
};

/// A duration: "0:58", "12 min", "1 h 50 min".
pub fn duration(seconds: f32) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..600 => format!("{}:{:02}", s / 60, s % 60),
        600..3600 => format!("{} min", s / 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// A probability in per cent.
pub fn percent(x: f64) -> String {
    format!("{:.0} %", x * 100.0)
}

/// What was done with an item, and which colour it has.
pub fn action(r: &Reaction, item: &Item) -> (String, &'static str) {
    if r.left && !r.clicked {
        return ("Left here".into(), "loss");
    }
    if !r.examined {
        return ("Not looked at".into(), "");
    }
    if !r.clicked {
        return ("Skipped".into(), "");
    }
    let whole = r.seconds >= 0.97 * item.duration_s;
    let seen = match r.again(item.duration_s) {
        again if again > 0.0 => "Watched it again".into(),
        _ if whole => "Watched it all".into(),
        _ => format!("Watched {}", duration(r.seconds)),
    };
    (seen, "gain")
}

/// The marks of an opened item beyond watching.
pub fn marks(r: &Reaction) -> Vec<&'static str> {
    [
        (r.liked, "liked"),
        (r.shared, "shared"),
        (r.commented, "commented"),
        (r.followed, "followed"),
        (r.left && r.clicked, "left"),
    ]
    .into_iter()
    .filter_map(|(on, word)| on.then_some(word))
    .collect()
}

/// A term in words.
pub fn term(t: Term) -> &'static str {
    match t {
        Term::Mindset => "Wanted now",
        Term::Quality => "Looks good",
        Term::Novelty => "New to them",
        Term::Satiation => "Had enough of it",
        Term::Context => "Suits the moment",
        Term::Length => "Length",
        Term::Creator => "Creator",
        Term::Social => "What others chose",
        Term::Fatigue => "Tiredness",
        Term::Budget => "Time left",
    }
}
