//! What views, measures and exports read off a session.

use super::{Session, Stage};
use crate::{
    catalog::ItemIx,
    math::{dot, order},
    recommender::PastTurn,
    scenario::{Scenario, World},
    session::{Appraisal, End, Metrics, RewardParts, StateView, TurnRecord},
    user::{Instruction, memory::Entry, state::User},
};
use std::rc::Rc;

/// One memory as views show it.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryView {
    /// What is remembered.
    pub entry: Entry,
    /// Its importance α under the present circumstances.
    pub alpha: f32,
    /// Its running importance.
    pub importance: f32,
}

impl Session {
    /// The turns so far with every cause, the present one as far as it has come; empty under [`Keep::Totals`].
    #[must_use]
    pub fn turns(&self) -> &[TurnRecord] {
        &self.turns
    }

    /// The turns so far as a recommender sees them, the present one included.
    #[must_use]
    pub fn history(&self) -> &[PastTurn] {
        &self.history
    }

    /// The reward parts of the present or last turn.
    #[must_use]
    pub fn turn_parts(&self) -> &RewardParts {
        &self.parts
    }

    /// What the session amounts to so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let open = matches!(self.stage, Stage::Review(_) | Stage::Verdict).then_some(&self.parts);
        self.totals.metrics(&self.scenario.reward, open, f64::from(self.user.return_chance()))
    }

    /// The user's hidden state, for views and exports.
    #[must_use]
    pub fn state(&self) -> StateView {
        self.user.view()
    }

    /// The instruction whose slate is still to come, with its meaning: for views and oracles.
    #[must_use]
    pub fn pending(&self) -> Option<&Instruction> {
        self.pending.as_deref()
    }

    /// The user: for the simulated side, measures and oracles only.
    #[must_use]
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The mindset's match with each of the shelf's topics, about -1 to 1.
    #[must_use]
    pub fn interests(&self) -> Vec<f32> {
        self.world.truth().topics.iter().map(|t| dot(&self.user.mindset, t)).collect()
    }

    /// The memories with their importance in the light of the item under review (else of the mindset itself), the most
    /// important first.
    #[must_use]
    pub fn memories(&self) -> Vec<MemoryView> {
        let recall = match self.stage {
            Stage::Review(_) => self.look().recall,
            _ => self.user.recall_at_rest(),
        };
        let mut list: Vec<MemoryView> = (self.user.memory.entries())
            .map(|(row, e, importance)| MemoryView { entry: e.clone(), alpha: recall.alpha[row], importance })
            .collect();
        order::sort_by(&mut list, |a, b| b.alpha.total_cmp(&a.alpha));
        list
    }

    /// What an item would be worth to the user right now: for views and oracles.
    #[must_use]
    pub fn appraise(&self, item: ItemIx) -> Appraisal {
        match self.stage {
            Stage::Review(p) if self.present().items[p] == item => self.look().appraisal.clone(),
            _ => self.user.look(&self.world, item).appraisal,
        }
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Rc<Scenario> {
        &self.scenario
    }

    /// The world.
    #[must_use]
    pub fn world(&self) -> &Rc<World> {
        &self.world
    }

    /// The number of the present turn, from 0.
    #[must_use]
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// How the session ended, if it has.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        match self.stage {
            Stage::Over(end) => Some(end),
            _ => None,
        }
    }
}
