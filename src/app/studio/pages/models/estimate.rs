//! What a turn with a model will take: as it was measured, else by the length of what is asked.

use super::state::Models;
use crate::{
    llm::{
        prompt::estimate_tokens,
        settings::{Mode, Settings},
    },
    worker::model::Standing,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// What a turn takes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TurnCost {
    /// Tokens of prompts.
    pub prompt: f64,
    /// Tokens of answers.
    pub answer: f64,
    /// Seconds, where they are known.
    pub seconds: Option<f64>,
}

/// What a turn took, by model, by the sides that it played and by how it was asked.
pub(super) type Measured = BTreeMap<(String, (bool, bool), u8), TurnCost>;

/// About how many tokens a prompt holds beside its file: the person and what comes to mind, one item of a slate, what a
/// search has found; and an answer, in whole and for each item. They are those of the tape that ships, rounded.
const ABOUT_A_USER: f64 = 150.0;
const ABOUT_AN_ITEM: f64 = 50.0;
const ABOUT_A_SEARCH: f64 = 600.0;
const ANSWER: f64 = 30.0;
const ANSWER_AN_ITEM: f64 = 28.0;

impl Models {
    /// What a turn with these settings takes over a slate of that size, and where that is known from.
    pub fn turn(self, settings: &Settings, slate: usize) -> (TurnCost, &'static str) {
        let name = self.named();
        let sides = (settings.user, settings.recommender);
        if let Some(turn) = self.measured.with(|m| m.get(&(name.clone(), sides, settings.mode as u8)).copied()) {
            return (turn, "measured in a session with this model");
        }
        let card = self.cards.with(|c| c.iter().find(|c| c.model == name).cloned());
        let by_card = !settings.recommender && settings.mode == Mode::Written;
        if let Some(c) = card.filter(|_| by_card) {
            let turn = TurnCost { prompt: c.prompt_tokens, answer: c.completion_tokens, seconds: Some(c.seconds) };
            return (turn, "from this model's report card");
        }
        let tokens = |texts: &[&String]| texts.iter().map(|t| f64::from(estimate_tokens(t))).sum::<f64>();
        let (p, mut turn, items) = (&settings.prompts, TurnCost::default(), slate as f64);
        // The profile and what comes to mind, and each item of the slate.
        let filled = ABOUT_A_USER + ABOUT_AN_ITEM * items;
        match (settings.user, settings.mode) {
            (true, Mode::Written) => {
                turn.prompt += tokens(&[&p.user, &p.user_turn]) + filled;
                turn.answer += ANSWER + ANSWER_AN_ITEM * items;
            }
            (true, Mode::Scored) => {
                // One call an item, and one for whether it stays.
                turn.prompt += (items + 1.0) * (tokens(&[&p.user_scored, &p.user_scored_turn]) + filled);
                turn.answer += items + 1.0;
            }
            (false, _) => {}
        }
        if settings.recommender {
            let calls = f64::from(settings.steps) + 1.0;
            turn.prompt += calls * (tokens(&[&p.recommender, &p.recommender_turn]) + ABOUT_A_SEARCH);
            turn.prompt += tokens(&[&p.recommender_slate]) + ABOUT_AN_ITEM * (items + 4.0);
            turn.answer += calls * 80.0;
        }
        (turn, "from the length of the prompts and the slate; a first turn will tell")
    }

    /// Keeps what a turn has taken, for the next session's estimate.
    pub(super) fn measure(self, s: &Standing) {
        let turns = f64::from(s.user.turns.max(s.recommender.turns));
        if s.taped || turns == 0.0 {
            return;
        }
        let turn = TurnCost {
            prompt: s.spent.prompt as f64 / turns,
            answer: s.spent.completion as f64 / turns,
            seconds: Some(s.spent.ms as f64 / 1000.0 / turns),
        };
        let mode = self.settings.with_untracked(|s| s.mode as u8);
        self.measured.update(|m| {
            m.insert((s.model.clone(), s.sides, mode), turn);
        });
    }
}
