//! The instruction-following agent: perceive → plan → act → remember.
//!
//! It perceives what behaviour and words say ([`belief`]), composes a slate for each of several plans ([`act`]), scores
//! them by what they should earn now and do to the rest of the session ([`plan`]), and keeps the user's wishes for as long
//! as they hold ([`wishes`]). Everything that it believes is a fold over the public history, so it can take over at any
//! turn. Titles are data to it: words in them never act as orders.

mod act;
pub(super) mod belief;
mod plan;
pub(super) mod say;
pub(super) mod wishes;

use super::{Learnt, Observation, ReasoningTrace, Recommender, understand::Understanding};
use crate::{catalog::ItemIx, math::Stream, user::clarify::Question};
use act::Desk;
use belief::{Belief, Heard};
use plan::Draft;
use std::rc::Rc;

/// The agent's settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taste {
    /// How much satisfaction counts beside clicks.
    pub(crate) quality: f32,
    /// How much likeness is held against an item.
    pub(crate) lambda: f32,
    /// How much the rest of the session counts.
    pub(crate) gamma: f32,
    /// Whether it may ask back.
    pub(crate) asks: bool,
}

/// The agent.
pub(crate) struct Agent {
    learnt: Rc<Learnt>,
    understanding: Rc<Understanding>,
    taste: Taste,
    belief: Belief,
}

impl Agent {
    pub(crate) fn new(learnt: Rc<Learnt>, understanding: Rc<Understanding>, taste: Taste) -> Self {
        Self { learnt, understanding, taste, belief: Belief::default() }
    }
}

impl Recommender for Agent {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        self.belief.catch_up(obs, &self.learnt, &self.understanding);
        let desk = Desk::lay(obs, &self.learnt, &self.belief, &self.taste);
        let drafts: Vec<Draft> = plan::kinds(&self.belief)
            .into_iter()
            .map(|kind| {
                let items = desk.compose(kind, &self.belief, &self.taste);
                let worth = plan::worth(&items, kind, &desk, &self.belief, &self.taste);
                Draft { kind, items, worth }
            })
            .collect();
        let chosen = plan::choose(&drafts);
        slate.extend(drafts[chosen].items.iter().map(|p| p.item));
        if let Some(trace) = trace {
            *trace = say::trace(obs, &self.belief, &desk, &drafts, chosen);
        }
    }

    fn question(&mut self, obs: &Observation<'_>) -> Option<Question> {
        if !self.taste.asks || obs.history.last()?.asked.is_some() {
            return None;
        }
        self.belief.catch_up(obs, &self.learnt, &self.understanding);
        match &self.belief.heard {
            Some(Heard::Words(intent)) => intent.question.clone(),
            _ => None,
        }
    }

    fn reset(&mut self) {
        self.belief.reset();
    }
}
