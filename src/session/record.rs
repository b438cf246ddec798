//! What a session leaves behind: turns with every cause, rewards and measures.

use super::Author;
use crate::{
    catalog::ItemIx,
    math::Vector,
    recommender::ReasoningTrace,
    user::{Instruction, Reaction, Terms, clarify::Asked},
};
use serde::{Deserialize, Serialize};

/// How engagement becomes reward: one weight a part. The reward of a turn is the weighted sum of its [`RewardParts`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RewardSpec {
    /// Per minute spent on opened items.
    pub time: f64,
    /// Per click.
    pub clicks: f64,
    /// Per like, share, comment or follow.
    pub likes: f64,
    /// Per turn that the user stayed to the end of.
    pub turns: f64,
    /// Per instruction met.
    pub instructions: f64,
    /// Times the chance that the user returns the next day, once, at the end.
    pub retention: f64,
}

impl RewardSpec {
    /// The largest weight, of either sign.
    pub const MOST: f64 = 100.0;

    /// The weight that is out of limits, where there is one.
    #[must_use]
    pub fn out_of_limits(&self) -> Option<f64> {
        let weights = [self.time, self.clicks, self.likes, self.turns, self.instructions, self.retention];
        weights.into_iter().find(|w| !(-Self::MOST..=Self::MOST).contains(w))
    }
}

impl Default for RewardSpec {
    fn default() -> Self {
        Self { time: 0.1, clicks: 0.1, likes: 0.3, turns: 0.2, instructions: 0.5, retention: 3.0 }
    }
}

/// The parts that a reward is made of, before weighting (time in minutes, the rest counts, retention a probability).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RewardParts {
    /// Minutes spent on opened items.
    pub time: f64,
    /// Clicks.
    pub clicks: f64,
    /// Likes, shares, comments and follows.
    pub likes: f64,
    /// Turns.
    pub turns: f64,
    /// Instructions met.
    pub instructions: f64,
    /// Chance of return (at the end only).
    pub retention: f64,
}

impl RewardParts {
    /// The weighted sum.
    #[must_use]
    pub fn total(&self, w: &RewardSpec) -> f64 {
        self.time * w.time
            + self.clicks * w.clicks
            + self.likes * w.likes
            + self.turns * w.turns
            + self.instructions * w.instructions
            + self.retention * w.retention
    }

    /// What a reaction to one item adds by itself: time, clicks and likes.
    #[must_use]
    pub fn of_reaction(r: &Reaction) -> Self {
        let likes = [r.liked, r.shared, r.commented, r.followed].iter().filter(|e| **e).count() as f64;
        let opened = |x: f64| if r.clicked { x } else { 0.0 };
        Self { time: opened(f64::from(r.seconds) / 60.0), clicks: opened(1.0), likes, ..Self::default() }
    }

    /// Adds another's parts to these.
    pub fn add(&mut self, o: &Self) {
        self.time += o.time;
        self.clicks += o.clicks;
        self.likes += o.likes;
        self.turns += o.turns;
        self.instructions += o.instructions;
        self.retention += o.retention;
    }
}

/// How the user came to an action: the terms of the utility, and what they usually are. The user's secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Appraisal {
    /// The terms before opening the item.
    pub terms: Terms,
    /// This user's usual value of each term.
    pub usual: Terms,
    /// The sum of the terms: the logit of the click before its threshold.
    pub utility: f32,
    /// The chance of a click.
    pub click_chance: f32,
    /// What the item felt like once opened (same unit as utility); equals `utility` when not opened.
    pub felt: f32,
    /// The chance, as forecast by the user after this item, of leaving at the end of the turn.
    pub leave_forecast: f32,
}

/// One item of a slate, with what happened to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlateRecord {
    /// The item.
    pub item: ItemIx,
    /// What the user did; `None` while not yet reviewed.
    pub reaction: Option<Reaction>,
    /// Why; `None` where the item was not examined.
    pub appraisal: Option<Appraisal>,
    /// The user's true utility of the item at the time the slate was shown (for NDCG).
    pub relevance: f32,
}

/// The user's hidden state at one moment, for views and exports only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StateView {
    /// Mindset z.
    pub mindset: Vector,
    /// Satisfaction, in [0, 1].
    pub satisfaction: f32,
    /// Boredom with what was just shown, in [0, 1].
    pub boredom: f32,
    /// Energy, in [0, 1].
    pub energy: f32,
    /// Trust in the recommender, in [0, 1].
    pub trust: f32,
    /// Seconds left of the time budget.
    pub seconds_left: f32,
    /// The chance of leaving at the end of this turn, as the user forecasts it.
    pub leave_forecast: f32,
    /// The chance of returning tomorrow if the session ended now.
    pub return_chance: f32,
}

/// One turn, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnRecord {
    /// The turn's number, from 0.
    pub turn: u32,
    /// The slate with what happened.
    pub slate: Vec<SlateRecord>,
    /// How the recommender came to the slate, where it says.
    pub trace: Option<Box<ReasoningTrace>>,
    /// Who chose the slate.
    pub slate_by: Author,
    /// The instruction given at the end of the turn.
    pub instruction: Option<Instruction>,
    /// What the recommender asked about that instruction, and what came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Whether the instruction given at the end of the *previous* turn was met by this slate; `None` if there was none
    /// (or its meaning is a person's secret).
    pub met: Option<bool>,
    /// What the turn earned.
    pub parts: RewardParts,
    /// The weighted reward of the turn.
    pub reward: f64,
    /// NDCG of the slate's order and choice against the user's true utility over all candidates, in [0, 1].
    pub ndcg: f32,
    /// Mean dissimilarity (1 - cosine)/2 between pairs of the slate's items, in [0, 1].
    pub diversity: f32,
    /// The user's state at the end of the turn.
    pub state: StateView,
}

/// What a whole session amounts to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Turns begun.
    pub turns: u32,
    /// The sum of rewards.
    pub reward: f64,
    /// Its parts, unweighted.
    pub parts: RewardParts,
    /// Seconds spent on opened items.
    pub seconds: f64,
    /// Clicks.
    pub clicks: u32,
    /// Likes.
    pub likes: u32,
    /// Shares.
    pub shares: u32,
    /// Comments.
    pub comments: u32,
    /// Follows.
    pub follows: u32,
    /// Instructions issued, explicit and implicit.
    pub issued: u32,
    /// Of those, in words.
    pub explicit: u32,
    /// Instructions met.
    pub met: u32,
    /// Instructions whose fate is known (a slate came after them).
    pub answered: u32,
    /// Chance of returning tomorrow.
    pub return_chance: f64,
    /// Expected days until the return.
    pub return_days: f64,
    /// Mean NDCG of slates.
    pub ndcg: f64,
    /// Mean diversity within slates.
    pub diversity: f64,
    /// Mean dissimilarity between the mean vectors of consecutive slates.
    pub diversity_across: f64,
    /// Share of the catalogue's topics that were shown.
    pub coverage: f64,
    /// Mean satisfaction over turns.
    pub satisfaction: f64,
}
