//! Perceive: what behaviour and words say of the user.

use super::wishes::{Terms, Wish, Wishes};
use crate::{
    catalog::TopicIx,
    math::order,
    recommender::{
        Learnt, Observation, PastTurn,
        tally::Tally,
        understand::{Intent, Understanding},
    },
    user::Channel,
};

/// So many skips of one topic in a row are taken for boredom with it.
pub(in crate::recommender) const RUN: u32 = 3;

/// What the agent believes: a fold over the public history.
#[derive(Clone, Debug, Default)]
pub(in crate::recommender) struct Belief {
    pub(in crate::recommender) tally: Tally,
    pub(in crate::recommender) wishes: Wishes,
    /// What holds now.
    pub(in crate::recommender) terms: Terms,
    /// What was heard at the end of the last turn.
    pub(in crate::recommender) heard: Option<Heard>,
    /// The topic of the last [`RUN`] or more skips, with how many they were.
    pub(in crate::recommender) run: Option<(TopicIx, u32)>,
    /// Topics of the last three slates.
    pub(in crate::recommender) lately: Vec<TopicIx>,
    /// Looks and clicks in the last turn.
    pub(in crate::recommender) last: (u32, u32),
    /// How likely boredom seems, in [0, 1], from skips and the share of clicks in the last turn.
    pub(in crate::recommender) boredom: f32,
    /// Whether the answer to the question after the last turn is in the wishes.
    answered: bool,
}

/// What the user said or showed.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::recommender) enum Heard {
    /// In words, and what they mean.
    Words(Box<Intent>),
    /// By behaviour alone.
    Shown,
}

impl Belief {
    pub(in crate::recommender) fn reset(&mut self) {
        self.tally.reset();
        self.wishes = Wishes::default();
    }

    pub(in crate::recommender) fn catch_up(
        &mut self,
        obs: &Observation<'_>,
        learnt: &Learnt,
        understanding: &Understanding,
    ) {
        if !self.tally.follows(obs.history) {
            self.reset();
        }
        let seen = self.tally.turns;
        let wishes = &mut self.wishes;
        self.tally.catch_up(obs, &learnt.basics, |_, then, turn| {
            if let Some(wish) = wish_of(turn, then, obs, understanding) {
                wishes.keep(wish);
            }
        });
        self.hear_answer(seen, obs, understanding);
        self.terms = self.wishes.at(obs.history.len());
        let last = obs.history.last();
        self.heard = last.and_then(|t| match t.said.as_ref()? {
            (Channel::Implicit, _) => Some(Heard::Shown),
            (Channel::Explicit, _) => {
                let here = obs.history.len() - 1;
                Some(Heard::Words(Box::new(self.wishes.0.iter().rfind(|w| w.said_at == here)?.intent.clone())))
            }
        });
        self.run = self.tally.skipped_topic.filter(|r| r.1 >= RUN);
        self.lately = (obs.history.iter().rev().take(3))
            .flat_map(|t| t.items.iter().map(|&i| learnt.basics.items[i as usize].topic))
            .collect();
        self.lately.sort_unstable();
        self.lately.dedup();
        let count = |f: fn(&crate::user::Reaction) -> bool| {
            last.map_or(0, |t| t.reactions.iter().filter(|r| f(r)).count() as u32)
        };
        self.last = (count(|r| r.examined), count(|r| r.clicked));
        self.boredom = self.bored();
    }

    /// A turn that was counted already may have been asked about since.
    fn hear_answer(&mut self, seen: usize, obs: &Observation<'_>, understanding: &Understanding) {
        let asked = obs.history.last().is_some_and(|t| t.asked.as_ref().is_some_and(|a| a.reply.is_some()));
        let before = core::mem::replace(&mut self.answered, asked);
        if !asked || (before && seen == obs.history.len()) || seen < obs.history.len() {
            return;
        }
        let here = obs.history.len() - 1;
        let then = Observation { history: &obs.history[..here], turn: here as u32, candidates: &[], ..*obs };
        let wish = wish_of(&obs.history[here], &then, obs, understanding);
        if let (Some(wish), Some(old)) = (wish, self.wishes.0.iter_mut().rfind(|w| w.said_at == here)) {
            *old = wish;
        }
    }

    fn bored(&self) -> f32 {
        if self.tally.turns == 0 {
            return 0.0;
        }
        let dry = 1.0 - (self.last.1 as f32 / self.last.0.max(1) as f32 / 0.3).min(1.0);
        let shown = if self.heard == Some(Heard::Shown) { 0.3 } else { 0.0 };
        (0.5 * dry + 0.08 * self.tally.skips.min(6) as f32 + shown).min(1.0)
    }

    /// The topics that did best in the session, the best first, with their mean valence.
    pub(in crate::recommender) fn liked(&self) -> Vec<(TopicIx, f32)> {
        let mut list: Vec<(TopicIx, f32)> = (self.tally.topics.iter().enumerate())
            .filter(|t| t.1.taste() > 0.05)
            .map(|(t, c)| (t as TopicIx, c.taste()))
            .collect();
        order::sort_by(&mut list, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list.truncate(3);
        list
    }
}

/// The wish at the end of a past turn; words are read in the light of that turn's slate, and behaviour is at the level that
/// reads it.
fn wish_of(
    turn: &PastTurn,
    then: &Observation<'_>,
    obs: &Observation<'_>,
    understanding: &Understanding,
) -> Option<Wish> {
    let said_at = then.history.len();
    let after = Observation { history: &obs.history[..=said_at], ..*then };
    match &turn.said {
        Some((Channel::Explicit, words)) => {
            let short: String = words.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
            let intent = match &turn.asked {
                Some(asked) if asked.reply.is_some() => understanding.read_asked(words, asked, &after),
                _ => understanding.read(words, &after),
            };
            Some(Wish { words: short, intent, said_at })
        }
        shown => {
            let intent = understanding.read_behaviour(&after, shown.is_some())?;
            Some(Wish { words: "(skips, and not a word)".to_owned(), intent, said_at })
        }
    }
}
