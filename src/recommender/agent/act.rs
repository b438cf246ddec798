//! Act: retrieve, filter by what was asked, rank, and compose a slate for a plan.

use super::{Taste, belief::Belief, plan::Kind};
use crate::{
    catalog::ItemIx,
    math::{ln, sigmoid},
    recommender::{
        FEATURES, Learnt, Observation,
        fit::dot,
        knowledge::spoke,
        pick,
        signals::{Moment, Place, Scorer},
    },
};

/// How many of the best candidates are looked at closely, and how many more of each topic.
const CLOSELY: usize = 96;
const EACH_TOPIC: usize = 3;

/// A candidate that is looked at closely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paper {
    pub(super) item: ItemIx,
    /// The logit of the click at the top of the slate, wishes included.
    pub(super) logit: f32,
    /// The expected valence once opened.
    pub(super) value: f32,
    /// Cosine to what was shown lately.
    pub(super) same: f32,
    pub(super) topic: u16,
    /// What it is counted under when a slate is varied: its topic, or its kind.
    kind: u16,
    /// Whether it is what was asked for: a topic, mood or creator wanted, or something new.
    pub(super) asked: bool,
}

/// An item in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) item: ItemIx,
    /// The chance of a click there, if looked at.
    pub(super) chance: f32,
    pub(super) value: f32,
    pub(super) same: f32,
    pub(super) asked: bool,
}

/// All that lies ready for composing slates this turn.
pub(super) struct Desk<'a> {
    pub(super) obs: &'a Observation<'a>,
    pub(super) learnt: &'a Learnt,
    click: Scorer<'a>,
    pub(super) papers: Vec<Paper>,
    /// Candidates, and those that fit what was asked.
    pub(super) counts: (usize, usize),
    /// By how much limits of length had to be stretched to find enough (1: not at all; 0: wishes had to be given up).
    pub(super) slack: f32,
    pub(super) spoke: bool,
}

impl<'a> Desk<'a> {
    pub(super) fn lay(obs: &'a Observation<'a>, learnt: &'a Learnt, belief: &'a Belief, taste: &Taste) -> Self {
        let basics = &learnt.basics;
        let spoke = spoke(obs);
        let moment = Moment::of(&belief.tally, basics, spoke);
        let click = learnt.click.scorer(&belief.tally, &moment, obs.features, basics);
        let value = learnt.value.scorer(&belief.tally, &moment, obs.features, basics);
        let (fitting, slack) = fitting(obs, belief);
        let topics = belief.tally.topics.len();
        let mut wanted = vec![0.0f32; topics.max(1)];
        for (list, sign) in [(&belief.terms.more, 0.9), (&belief.terms.less, -1.2)] {
            for (t, w) in list {
                wanted[*t as usize] += sign * w;
            }
        }
        if let Some((topic, n)) = belief.run {
            wanted[topic as usize] -= 0.25 * n.min(6) as f32;
        }
        let length = dot(&belief.tally.recent, &belief.tally.recent).sqrt().max(1e-6);
        let recent: [f32; FEATURES] = belief.tally.recent.map(|v| v / length);
        let paper = |item: ItemIx| {
            let topic = basics.items[item as usize].topic;
            let logit = click.score(item) + wanted.get(topic as usize).copied().unwrap_or(0.0);
            let same = dot(&recent, &obs.features.rows[item as usize]);
            Paper {
                item,
                logit,
                value: value.score(item).clamp(-0.6, 1.0),
                same,
                topic,
                kind: obs.features.kind(item, topic),
                asked: asked(item, obs, belief),
            }
        };
        let all: Vec<Paper> = fitting.iter().map(|&i| paper(i)).collect();
        let counts = (obs.candidates.len(), all.len());
        let kinds = obs.features.kinds.iter().max().map_or(topics, |k| usize::from(*k) + 1);
        let papers = shortlist(all, kinds, obs.slate_size, taste);
        Self { obs, learnt, click, papers, counts, slack, spoke }
    }

    /// Builds a slate from the top: each place goes to what adds most, given what stands above it.
    pub(super) fn compose(&self, kind: Kind, belief: &Belief, taste: &Taste) -> Vec<Placed> {
        let size = self.obs.slate_size.min(self.papers.len());
        let style = kind.style(taste, belief);
        let mut above = vec![0.0f32; self.papers.len()];
        let mut free = vec![true; self.papers.len()];
        let kinds = self.papers.iter().map(|p| usize::from(p.kind) + 1).max().unwrap_or(1);
        let mut of_kind = vec![0u32; kinds.max(belief.tally.topics.len())];
        let base: Vec<f32> = self.papers.iter().map(|p| gain(p, taste.quality * style.quality)).collect();
        let bonus: Vec<f32> = self.papers.iter().map(|p| style.novelty * unknown(belief, p.topic)).collect();
        let mut slate: Vec<Placed> = Vec::with_capacity(size);
        let quota = (style.quota * size as f32).ceil() as usize;
        let mut asked = 0;
        while slate.len() < size {
            let n = slate.len() as f32;
            let mut best: Option<(f32, usize)> = None;
            for (k, p) in self.papers.iter().enumerate() {
                if !free[k] {
                    continue;
                }
                let crowd = of_kind[usize::from(p.kind)].saturating_sub(style.cap) as f32;
                let mut score = base[k] + bonus[k]
                    - style.apart * above[k] / n.max(1.0)
                    - style.fresh * p.same.max(0.0)
                    - 0.5 * crowd;
                // What was asked for comes first until there is enough of it.
                if p.asked && asked < quota {
                    score += 1.0;
                }
                if best.is_none_or(|b| score > b.0) {
                    best = Some((score, k));
                }
            }
            let Some(k) = best.map(|b| b.1).or_else(|| free.iter().position(|f| *f)) else { break };
            free[k] = false;
            let p = self.papers[k];
            let likeness = above[k] / n.max(1.0);
            let place = Place { position: slate.len(), likeness, same_topic: of_kind[usize::from(p.kind)] };
            let chance = sigmoid(p.logit + self.click.placed(place));
            slate.push(Placed { item: p.item, chance, value: p.value, same: p.same, asked: p.asked });
            asked += usize::from(p.asked);
            of_kind[usize::from(p.kind)] += 1;
            let row = &self.obs.features.rows[p.item as usize];
            for (a, q) in above.iter_mut().zip(&self.papers) {
                *a += dot(row, &self.obs.features.rows[q.item as usize]).max(0.0);
            }
        }
        slate
    }
}

/// What showing an item is worth at first sight: the chance of a click times what it is good for, as a share of one.
fn gain(p: &Paper, quality: f32) -> f32 {
    sigmoid(p.logit) * (1.0 + quality * p.value)
}

/// How little is known of a topic in this session, in (0, 1].
fn unknown(belief: &Belief, topic: u16) -> f32 {
    let looks = belief.tally.topics.get(topic as usize).map_or(0, |t| t.examined);
    1.0 / (1.0 + ln(1.0 + looks as f32))
}

/// The candidates that fit what was asked; limits of length are stretched, and at last given up, when too few do.
fn fitting(obs: &Observation<'_>, belief: &Belief) -> (Vec<ItemIx>, f32) {
    let terms = &belief.terms;
    if !terms.is_empty() {
        for slack in [1.0, 1.25, 1.6, 2.5] {
            let some: Vec<ItemIx> = (obs.candidates.iter().copied())
                .filter(|&i| terms.allow(&obs.shelf.items[i as usize], slack))
                .collect();
            if some.len() >= obs.slate_size {
                return (some, slack);
            }
        }
        return (obs.candidates.to_vec(), 0.0);
    }
    (obs.candidates.to_vec(), 1.0)
}

/// Whether an item is what the user asked to see.
fn asked(item: ItemIx, obs: &Observation<'_>, belief: &Belief) -> bool {
    let terms = &belief.terms;
    if terms.age > 3 {
        return false;
    }
    let it = &obs.shelf.items[item as usize];
    it.topics.iter().any(|t| terms.more.iter().any(|m| m.0 == *t))
        || (terms.mood.is_some() && it.mood == terms.mood)
        || terms.keep_creators.contains(&it.creator)
        || (terms.surprise && !belief.lately.contains(&it.topics[0]))
}

/// The best at first sight, with the best few of each kind and of what was asked for, so that every plan finds what it
/// needs.
fn shortlist(all: Vec<Paper>, kinds: usize, size: usize, taste: &Taste) -> Vec<Paper> {
    let scored: Vec<(f32, u32)> = all.iter().enumerate().map(|(n, p)| (gain(p, taste.quality), n as u32)).collect();
    let mut keep = vec![false; all.len()];
    for (_, n) in pick::best(scored.iter().copied(), CLOSELY.max(2 * size)) {
        keep[n as usize] = true;
    }
    let wanted = scored.iter().copied().filter(|s| all[s.1 as usize].asked);
    for (_, n) in pick::best(wanted, 2 * size) {
        keep[n as usize] = true;
    }
    let mut of_kind: Vec<Vec<(f32, u32)>> = vec![Vec::new(); kinds.max(1)];
    for s in scored {
        let list = &mut of_kind[usize::from(all[s.1 as usize].kind)];
        if list.len() < EACH_TOPIC {
            list.push(s);
        } else if let Some(worst) = list.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0))
            && s.0 > worst.0
        {
            *worst = s;
        }
    }
    for (_, n) in of_kind.into_iter().flatten() {
        keep[n as usize] = true;
    }
    all.into_iter().zip(keep).filter(|p| p.1).map(|p| p.0).collect()
}
