//! What a learnt policy sees of a session: numbers of the situation, a shortlist of candidates, numbers of each.
//!
//! All of it comes from the public [`Observation`]: what the models fitted on logs say, what was counted in the session,
//! and what was understood of the user's words (see the agent's belief). The hidden state has no way in.

use super::{
    FEATURES, Learnt, Observation, Step,
    agent::{
        belief::{Belief, Heard},
        say::remembered,
    },
    fit::dot,
    knowledge::spoke,
    pick,
    signals::{Moment, Scorer},
    understand::Understanding,
};
use crate::{
    catalog::ItemIx,
    math::{ln, order, sigmoid, tanh},
    user::context::CONTEXT,
};
use std::rc::Rc;

/// The most candidates of a shortlist.
pub const SHORTLIST: usize = 64;
/// Of each topic at most so many come in on their merits, and so many in any case.
const TOPIC_MOST: usize = 6;
const TOPIC_LEAST: usize = 1;
/// How many come in because they are what was asked for.
const ASKED: usize = 16;

/// The numbers of the situation, by name.
pub const SITUATION: [&str; 16] = [
    "turn",
    "first turn",
    "click rate",
    "skips in a row",
    "pleasure lately",
    "time spent",
    "spoke in words",
    "showed impatience",
    "boredom",
    "share clicked last turn",
    "share looked at last turn",
    "age of the wish",
    "something new wanted",
    "better wanted",
    "topics met",
    "creators met",
];
/// How many numbers a situation has: those above and the circumstances.
pub const SITUATION_SIZE: usize = SITUATION.len() + CONTEXT;

/// The numbers of a candidate, by name as it is told to people.
pub const CANDIDATE: [&str; 34] = [
    "being on offer",
    "the predicted click",
    "the predicted chance of a click",
    "how much it should please once opened",
    "what it should give in all",
    "likeness to what was just shown",
    "likeness to what was liked",
    "likeness to what was disliked",
    "how its topic did",
    "how often its topic was shown lately",
    "how little is known of its topic",
    "how its creator did",
    "how often its creator was shown lately",
    "how its mood did",
    "its length",
    "how far its length is from what was liked",
    "the minutes it should be watched",
    "its rating",
    "having no rating",
    "its popularity",
    "its loud title",
    "its declared topic",
    "being in a topic that was asked for",
    "being in a topic that less was asked of",
    "being what was asked for right now",
    "being what was asked for before",
    "breaking a wish",
    "being too long for a wish",
    "its rating, when better is wanted",
    "its novelty, when something new is wanted",
    "the topic that was skipped over and over",
    "its topic having been shown in the last slate",
    "its expected worth, late in the session",
    "its topic's freshness, after many skips",
];
/// How many numbers a candidate has.
pub const CANDIDATE_SIZE: usize = CANDIDATE.len();

/// Looks at sessions for a policy, keeping what it believes from turn to turn.
pub struct Sight {
    learnt: Rc<Learnt>,
    understanding: Rc<Understanding>,
    belief: Belief,
    shortlist: Vec<ItemIx>,
}

/// What a candidate's numbers are made with.
struct Light<'a> {
    obs: &'a Observation<'a>,
    learnt: &'a Learnt,
    belief: &'a Belief,
    click: Scorer<'a>,
    value: Scorer<'a>,
    recent: [f32; FEATURES],
    liked: [f32; FEATURES],
    disliked: [f32; FEATURES],
    last_topics: Vec<u16>,
    /// By topic: more and less wanted.
    wanted: Vec<(f32, f32)>,
}

impl Sight {
    pub(crate) fn new(learnt: Rc<Learnt>, understanding: Rc<Understanding>) -> Self {
        Self { learnt, understanding, belief: Belief::default(), shortlist: Vec::new() }
    }

    /// Forgets the session.
    pub fn reset(&mut self) {
        self.belief.reset();
    }

    /// The items that the last look laid out, in the order of their rows.
    #[must_use]
    pub fn shortlist(&self) -> &[ItemIx] {
        &self.shortlist
    }

    /// What is kept for later turns, in words.
    #[must_use]
    pub fn remembered(&self, obs: &Observation<'_>) -> Vec<Step> {
        remembered(obs, &self.belief)
    }

    /// Looks: fills in the situation and one row for each item of the shortlist.
    pub fn look(&mut self, obs: &Observation<'_>, situation: &mut Vec<f32>, rows: &mut Vec<f32>) {
        self.belief.catch_up(obs, &self.learnt, &self.understanding);
        situation.clear();
        situation.extend(self.situation(obs));
        situation.extend(obs.context.features());
        let light = Light::new(obs, &self.learnt, &self.belief);
        self.shortlist = light.shortlist();
        rows.clear();
        for &item in &self.shortlist {
            rows.extend(light.numbers(item));
        }
    }

    fn situation(&self, obs: &Observation<'_>) -> [f32; SITUATION.len()] {
        let (b, basics) = (&self.belief, &self.learnt.basics);
        let flag = |is: bool| if is { 1.0 } else { 0.0 };
        let met = |n: usize, all: usize| n as f32 / all.max(1) as f32;
        let topics = b.tally.topics.iter().filter(|t| t.examined > 0).count();
        [
            tanh(obs.turn as f32 / 8.0),
            flag(obs.turn == 0),
            2.0 * (b.tally.click_rate() - 0.25),
            b.tally.skips.min(16) as f32 / 8.0,
            2.0 * b.tally.pleasure,
            ln(1.0 + b.tally.seconds / basics.usual_s) / 3.0,
            flag(matches!(b.heard, Some(Heard::Words(_)))),
            flag(b.heard == Some(Heard::Shown)),
            b.boredom,
            b.last.1 as f32 / b.last.0.max(1) as f32,
            b.last.0 as f32 / obs.slate_size.max(1) as f32,
            if b.terms.is_empty() { 0.0 } else { 1.0 / (1.0 + b.terms.age as f32) },
            flag(b.terms.surprise),
            flag(b.terms.better),
            met(topics, basics.topics),
            tanh(b.tally.creators.len() as f32 / 32.0),
        ]
    }
}

fn unit(v: &[f32; FEATURES]) -> [f32; FEATURES] {
    let length = dot(v, v).sqrt().max(1e-6);
    v.map(|x| x / length)
}

impl<'a> Light<'a> {
    fn new(obs: &'a Observation<'a>, learnt: &'a Learnt, belief: &'a Belief) -> Self {
        let (basics, tally) = (&learnt.basics, &belief.tally);
        let moment = Moment::of(tally, basics, spoke(obs));
        let mut wanted = vec![(0.0, 0.0); tally.topics.len().max(basics.topics).max(1)];
        for (t, w) in &belief.terms.more {
            wanted[*t as usize].0 += w;
        }
        for (t, w) in &belief.terms.less {
            wanted[*t as usize].1 += w;
        }
        let last = obs.history.last().map_or(&[][..], |t| t.items.as_slice());
        Self {
            click: learnt.click.scorer(tally, &moment, obs.features, basics),
            value: learnt.value.scorer(tally, &moment, obs.features, basics),
            recent: unit(&tally.recent),
            liked: unit(&tally.liked),
            disliked: unit(&tally.disliked),
            last_topics: last.iter().map(|i| basics.items[*i as usize].topic).collect(),
            wanted,
            obs,
            learnt,
            belief,
        }
    }

    /// Chance of a click times what opening should be good for.
    fn gain(&self, item: ItemIx) -> f32 {
        self.click.chance(item) * (1.0 + 4.0 * self.value.score(item).clamp(-0.25, 1.0))
    }

    fn topic(&self, item: ItemIx) -> usize {
        self.learnt.basics.items[item as usize].topic as usize
    }

    /// Whether an item is of a topic, mood or creator that was asked for.
    fn asked(&self, item: ItemIx) -> bool {
        let (terms, it) = (&self.belief.terms, &self.obs.shelf.items[item as usize]);
        it.topics.iter().any(|t| terms.more.iter().any(|m| m.0 == *t))
            || terms.mood.is_some() && it.mood == terms.mood
            || terms.keep_creators.contains(&it.creator)
    }

    /// The best at first sight, few of each topic, with some of every topic and of what was asked for; items that break
    /// a wish only where nothing else is left.
    fn shortlist(&self) -> Vec<ItemIx> {
        let size = SHORTLIST.max(self.obs.slate_size).min(self.obs.candidates.len());
        let wishes = !self.belief.terms.is_empty();
        let mut scored: Vec<(f32, ItemIx)> = (self.obs.candidates.iter())
            .map(|&i| {
                let broken = wishes && !self.belief.terms.allow(&self.obs.shelf.items[i as usize], 1.0);
                (self.gain(i) - if broken { 10.0 } else { 0.0 }, i)
            })
            .collect();
        order::best_first(&mut scored, usize::MAX);
        let mut taken = vec![false; scored.len()];
        let mut of_topic = vec![0usize; self.wanted.len()];
        let mut left = size;
        let mut asked = 0;
        // What must be there first, then the best, then whatever fills up.
        for pass in 0..3 {
            for (k, &(_, item)) in scored.iter().enumerate() {
                if left == 0 {
                    break;
                }
                let topic = self.topic(item).min(of_topic.len() - 1);
                let wanted = pass == 0 && wishes && asked < ASKED && self.asked(item);
                let fits = wanted
                    || match pass {
                        0 => of_topic[topic] < TOPIC_LEAST,
                        1 => of_topic[topic] < TOPIC_MOST,
                        _ => true,
                    };
                if !taken[k] && fits {
                    (taken[k], left) = (true, left - 1);
                    of_topic[topic] += 1;
                    asked += usize::from(wanted);
                }
            }
        }
        let chosen = scored.into_iter().zip(taken).filter(|s| s.1).map(|s| s.0);
        pick::best(chosen, size).into_iter().map(|s| s.1).collect()
    }

    fn numbers(&self, item: ItemIx) -> [f32; CANDIDATE_SIZE] {
        let (b, tally, terms) = (self.belief, &self.belief.tally, &self.belief.terms);
        let (it, row) = (&self.obs.shelf.items[item as usize], &self.obs.features.rows[item as usize]);
        let basic = &self.learnt.basics.items[item as usize];
        let topic = self.topic(item);
        let count = tally.topics.get(topic).copied().unwrap_or_default();
        let creator = tally.creator(basic.creator).copied().unwrap_or_default();
        let flag = |is: bool| if is { 1.0 } else { 0.0 };
        let logit = self.click.score(item);
        let (chance, value) = (sigmoid(logit), self.value.score(item).clamp(-0.6, 1.0));
        let gain = chance * (1.0 + 4.0 * value.max(-0.25));
        let watched = ((value + 0.35) / 1.1).clamp(0.0, 1.0) * it.duration_s / self.learnt.basics.usual_s;
        let unknown = 1.0 / (1.0 + ln(1.0 + count.examined as f32));
        let (more, less) = self.wanted.get(topic).copied().unwrap_or_default();
        let asked = self.asked(item);
        let fresh = !b.lately.contains(&basic.topic);
        let over = terms.max_s.map_or(0.0, |m| ln((it.duration_s / m).max(1.0)));
        let under = terms.min_s.map_or(0.0, |m| ln((m / it.duration_s).max(1.0)));
        [
            1.0,
            logit / 3.0,
            2.0 * chance - 0.5,
            2.0 * value,
            gain,
            2.0 * dot(&self.recent, row),
            2.0 * dot(&self.liked, row),
            2.0 * dot(&self.disliked, row),
            2.0 * count.taste(),
            count.recent / 4.0,
            unknown,
            2.0 * creator.taste(),
            creator.recent / 2.0,
            2.0 * tally.moods[basic.mood as usize].taste(),
            basic.length() / 2.0,
            (basic.length() - tally.length).abs() / 2.0,
            (chance * watched).min(4.0) / 2.0,
            basic.page[3],
            basic.page[4],
            basic.page[5],
            basic.loud(),
            basic.page[0],
            more,
            less,
            flag(asked && terms.age <= 1),
            flag(asked && terms.age > 1),
            flag(!terms.is_empty() && !terms.allow(it, 1.0)),
            (over + under).min(2.0),
            if terms.better { basic.page[3] } else { 0.0 },
            flag(terms.surprise && fresh),
            b.run.filter(|r| r.0 == basic.topic).map_or(0.0, |r| r.1.min(6) as f32 / 6.0),
            self.last_topics.iter().filter(|t| **t == basic.topic).count() as f32 / 4.0,
            gain * tanh(self.obs.turn as f32 / 8.0),
            if fresh { tally.skips.min(8) as f32 / 8.0 } else { 0.0 },
        ]
    }
}
