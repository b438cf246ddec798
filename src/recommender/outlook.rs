//! How a turn bears on staying, fitted on logged sessions: the look ahead that the agent plans by.

use super::{
    Features, Logs, PastTurn,
    basics::Basics,
    fit::{dot, gram, logistic},
    knowledge::{past, spoke},
    tally::Tally,
};
use crate::{
    catalog::Shelf,
    math::{ln, sigmoid, tanh},
    scenario::Scenario,
    session::RewardSpec,
    user::memory::valence,
};

/// The number of a turn's features.
pub(crate) const TURN: usize = 12;

/// A turn in numbers, as it went or as a plan expects it to go.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Turn {
    /// Clicks.
    pub(crate) clicks: f32,
    /// Sum of the positive valences of opened items.
    pub(crate) pleased: f32,
    /// Sum of the negative valences of opened items, as a positive number.
    pub(crate) let_down: f32,
    /// The chance that nothing is opened.
    pub(crate) fruitless: f32,
    /// Skips in a row at its end.
    pub(crate) skips: f32,
    /// Mean valence lately, the turn included.
    pub(crate) pleasure: f32,
    /// Mean cosine of its items to what was shown lately.
    pub(crate) same: f32,
}

impl Turn {
    /// The features: the turn, and where the session stands before it.
    pub(crate) fn features(&self, before: &Tally, basics: &Basics, spoke: bool) -> [f32; TURN] {
        [
            1.0,
            self.clicks / 4.0,
            self.pleased / 2.0,
            self.let_down,
            self.fruitless,
            self.skips.min(16.0) / 8.0,
            2.0 * self.pleasure,
            2.0 * self.same,
            tanh(before.turns as f32 / 8.0),
            ln(1.0 + before.seconds / basics.usual_s) / 3.0,
            if spoke { 1.0 } else { 0.0 },
            2.0 * (before.click_rate() - 0.25),
        ]
    }

    fn of(turn: &PastTurn, before: &Tally, after: &Tally, shelf: &Shelf, features: &Features) -> Self {
        let mut t = Self { skips: after.skips as f32, pleasure: after.pleasure, ..Self::default() };
        let length = dot(&before.recent, &before.recent).sqrt().max(1e-6);
        let mut looked = 0.0;
        for (&item, r) in turn.items.iter().zip(&turn.reactions).filter(|x| x.1.examined) {
            looked += 1.0;
            t.same += dot(&before.recent, &features.rows[item as usize]) / length;
            if r.clicked {
                let v = valence(r, shelf.items[item as usize].duration_s);
                t.clicks += 1.0;
                t.pleased += v.max(0.0);
                t.let_down += (-v).max(0.0);
            }
        }
        t.same /= f32::max(looked, 1.0);
        t.fruitless = if t.clicks == 0.0 { 1.0 } else { 0.0 };
        t
    }
}

/// What was learnt about staying.
#[derive(Clone, Debug)]
pub(crate) struct Outlook {
    stay: [f32; TURN],
    /// What a session that goes on earns from there, on average over the logs.
    pub(crate) future: f32,
    /// Likes, shares, comments and follows for each point of positive valence.
    pub(crate) likes: f32,
}

impl Outlook {
    pub(crate) fn fit(logs: &Logs, scenario: &Scenario, shelf: &Shelf, features: &Features, basics: &Basics) -> Self {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        let (mut to_go, mut continued) = (0.0f32, 0.0f32);
        let (mut likes, mut pleased) = (0.5f32, 1.0f32);
        let (mut tally, mut before) = (Tally::default(), Tally::default());
        for session in &logs.sessions {
            tally.reset();
            tally.fit(basics);
            let mut earned: Vec<f32> = Vec::with_capacity(session.turns.len());
            for (n, turn) in session.turns.iter().enumerate() {
                let obs = past(scenario, shelf, features, &session.turns[..n]);
                before.clone_from(&tally);
                tally.absorb_turn(turn, &obs, basics);
                let t = Turn::of(turn, &before, &tally, shelf, features);
                likes += endorsements(turn);
                pleased += t.pleased;
                let last = n + 1 == session.turns.len();
                if !last || session.left {
                    x.push(t.features(&before, basics, spoke(&obs)));
                    y.push(!last);
                }
                earned.push(reward(turn, &scenario.reward, !last));
            }
            let mut rest = 0.0;
            for r in earned.iter().skip(1).rev() {
                rest += r;
                to_go += rest;
                continued += 1.0;
            }
        }
        let stay = logistic(&x, &y, &gram(&x), 2.0, 60);
        Self { stay, future: to_go / continued.max(1.0), likes: likes / pleased }
    }

    /// The chance that a next turn comes.
    pub(crate) fn stays(&self, features: &[f32; TURN]) -> f32 {
        sigmoid(dot(&self.stay, features))
    }
}

fn endorsements(turn: &PastTurn) -> f32 {
    let one = |b: bool| if b { 1.0 } else { 0.0 };
    turn.reactions.iter().map(|r| one(r.liked) + one(r.shared) + one(r.commented) + one(r.followed)).sum()
}

/// What a turn earned of what can be seen in a log.
fn reward(turn: &PastTurn, w: &RewardSpec, stayed: bool) -> f32 {
    let clicked = turn.reactions.iter().filter(|r| r.clicked);
    let (clicks, seconds) = clicked.fold((0.0, 0.0), |(n, s), r| (n + 1.0, s + f64::from(r.seconds)));
    let turns = if stayed { 1.0 } else { 0.0 };
    (clicks * w.clicks + seconds / 60.0 * w.time + f64::from(endorsements(turn)) * w.likes + turns * w.turns) as f32
}
