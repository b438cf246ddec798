//! Plan: several ways to go on, each scored by what it should earn now and what it does to the rest of the session.

use super::{
    Taste,
    act::{Desk, Placed},
    belief::{Belief, Heard},
};
use crate::recommender::outlook::Turn;

/// A way to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What is believed to be liked best.
    Exploit,
    /// The same, spread over more kinds.
    Diversify,
    /// Topics of which little is known.
    Explore,
    /// Away from what was just shown, to what satisfies.
    Recover,
    /// What was asked for.
    Obey,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Exploit => "exploit",
            Self::Diversify => "diversify",
            Self::Explore => "explore",
            Self::Recover => "recover",
            Self::Obey => "obey",
        }
    }

    pub(super) fn style(self, taste: &Taste, belief: &Belief) -> Style {
        let l = taste.lambda;
        let plain = Style { quality: 1.0, apart: l, fresh: 0.5 * l, novelty: 0.0, cap: 4, quota: 0.0 };
        match self {
            Self::Exploit => plain,
            Self::Diversify => Style { apart: 2.0 * l, fresh: l, cap: 2, ..plain },
            Self::Explore => Style { apart: 1.5 * l, fresh: l, novelty: 0.4, cap: 2, ..plain },
            Self::Recover => Style { quality: 1.5, apart: 1.5 * l, fresh: 2.0 * l, cap: 2, quota: 0.6, ..plain },
            Self::Obey => {
                let quota = match belief.terms.age {
                    0 | 1 => 0.6,
                    2 => 0.4,
                    _ => 0.25,
                };
                let quality = if belief.terms.better { 2.0 } else { 1.0 };
                Style { quality, apart: l, fresh: l, cap: 4, quota, ..plain }
            }
        }
    }
}

/// How a plan weighs what it takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Times the agent's weight of satisfaction.
    pub(super) quality: f32,
    /// Against likeness within the slate.
    pub(super) apart: f32,
    /// Against likeness to what was shown lately.
    pub(super) fresh: f32,
    /// For topics of which little is known.
    pub(super) novelty: f32,
    /// Items of one topic before more of them count as a crowd.
    pub(super) cap: u32,
    /// The share of the slate that goes to what was asked for first.
    pub(super) quota: f32,
}

/// A plan with its slate and what it is worth.
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) items: Vec<Placed>,
    pub(super) worth: Worth,
}

/// What a plan is worth, in units of reward.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Worth {
    /// Expected engagement this turn.
    pub(super) now: f32,
    /// The chance that a next turn comes.
    pub(super) stays: f32,
    /// What following the user's wish earns.
    pub(super) heard: f32,
    /// All together.
    pub(super) total: f32,
}

/// The plans that come into question now.
pub(super) fn kinds(belief: &Belief) -> Vec<Kind> {
    let mut kinds = vec![Kind::Exploit, Kind::Diversify, Kind::Explore];
    if belief.boredom > 0.3 || belief.heard.is_some() || belief.run.is_some() {
        kinds.push(Kind::Recover);
    }
    if !belief.terms.is_empty() {
        kinds.push(Kind::Obey);
    }
    kinds
}

/// The most of a turn's wish that one slate is taken to meet.
fn met(items: &[Placed], kind: Kind, belief: &Belief) -> f32 {
    let words = matches!(&belief.heard, Some(Heard::Words(i)) if !i.is_empty());
    if !words {
        return 0.0;
    }
    let share = items.iter().filter(|p| p.asked).count() as f32 / items.len().max(1) as f32;
    match kind {
        Kind::Obey => 0.6 + 0.4 * (share / 0.5).min(1.0),
        _ => 0.6 * (share / 0.5).min(1.0),
    }
}

pub(super) fn worth(items: &[Placed], kind: Kind, desk: &Desk<'_>, belief: &Belief, taste: &Taste) -> Worth {
    let (learnt, w) = (desk.learnt, &desk.learnt.reward);
    let mut turn =
        Turn { fruitless: 1.0, skips: belief.tally.skips as f32, pleasure: belief.tally.pleasure, ..Turn::default() };
    let mut now = 0.0;
    for (position, p) in items.iter().enumerate() {
        let looked = learnt.looked_at.get(position).copied().unwrap_or(0.0);
        let opened = looked * p.chance;
        let minutes = desk.obs.shelf.items[p.item as usize].duration_s / 60.0;
        let watched = ((p.value + 0.35) / 1.1).clamp(0.0, 1.0) * minutes;
        let likes = learnt.outlook.likes * p.value.max(0.0);
        now += opened * (w.clicks as f32 + w.time as f32 * watched + w.likes as f32 * likes);
        turn.clicks += opened;
        turn.pleased += opened * p.value.max(0.0);
        turn.let_down += opened * (-p.value).max(0.0);
        turn.fruitless *= 1.0 - opened;
        turn.skips = (1.0 - opened) * turn.skips + looked * (1.0 - p.chance);
        turn.pleasure += 0.25 * opened * (p.value - turn.pleasure);
        turn.same += p.same / items.len() as f32;
    }
    let features = turn.features(&belief.tally, &learnt.basics, desk.spoke);
    let stays = learnt.outlook.stays(&features);
    let heard = w.instructions as f32 * met(items, kind, belief);
    let total = now + heard + taste.gamma * stays * (w.turns as f32 + learnt.outlook.future);
    Worth { now, stays, heard, total }
}

/// The plan with the highest worth; the first of equals.
pub(super) fn choose(drafts: &[Draft]) -> usize {
    let best = drafts
        .iter()
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |b, (n, d)| if d.worth.total > b.1 { (n, d.worth.total) } else { b });
    best.0
}
