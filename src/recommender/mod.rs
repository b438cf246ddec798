//! Who serves: recommenders, from random to the instruction-following agent.
//!
//! **A recommender never sees the user's hidden state.** [`Observation`] has no field for it, and [`Shelf`] none for the
//! items' truth; only the oracle, which says so, is built from a [`World`](crate::scenario::World)'s hidden half.

mod agent;
mod baselines;
mod basics;
pub mod fit;
pub mod generative;
mod knowledge;
mod list;
pub mod logs;
mod oracle;
mod outlook;
pub(crate) mod pick;
pub mod remote;
pub mod sight;
pub mod signals;
pub mod tally;
pub mod understand;

pub(crate) use basics::Basics;
pub(crate) use knowledge::spoke;
pub use knowledge::{Knowledge, Learnt};
#[cfg(feature = "whole")]
pub use list::agent_read_by;
pub use list::{LIST, Listing, Setting, TRAINED, UnknownRecommender, check, find, make};
pub use logs::Logs;

use crate::{
    catalog::{ItemIx, Shelf, TopicIx, represent::Shown},
    math::Stream,
    session::{Answer, Author, Session},
    user::{
        Channel, Context, Profile, Reaction,
        clarify::{Asked, Question},
    },
};
use serde::{Deserialize, Serialize};

/// What the recommender did and why, in data; the words are made from the data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReasoningTrace {
    /// What it noticed and believes.
    pub perceive: Vec<Step>,
    /// What it decided to do.
    pub plan: Vec<Step>,
    /// What it called to get the slate.
    pub act: Vec<Step>,
    /// What it keeps for later turns.
    pub remember: Vec<Step>,
}

/// One step of a trace: a sentence, and the numbers that it was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The sentence.
    pub text: String,
    /// The data behind it, name and value, in a fixed order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<(String, f64)>,
}

/// A slate of the past with what the user did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PastTurn {
    /// The items shown, from the top.
    pub items: Vec<ItemIx>,
    /// What was done with each, in the same order; shorter where the user left in mid-slate.
    pub reactions: Vec<Reaction>,
    /// What the user said at the end of the turn: the channel and the words (empty when implicit).
    pub said: Option<(Channel, String)>,
    /// What was asked about it, and what came back.
    pub asked: Option<Asked>,
}

/// All that a recommender sees.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The public profile.
    pub profile: &'a Profile,
    /// The circumstances.
    pub context: &'a Context,
    /// The turn's number, from 0.
    pub turn: u32,
    /// The turns so far.
    pub history: &'a [PastTurn],
    /// What is on offer.
    pub shelf: &'a Shelf,
    /// The items as the chosen representation shows them.
    pub features: &'a Features,
    /// The items that may be shown now (never shown before in this session unless the scenario allows repeats), in
    /// ascending order; at least `slate_size` of them.
    pub candidates: &'a [ItemIx],
    /// How many items to choose.
    pub slate_size: usize,
}

/// The number of dimensions of an item's public features.
pub const FEATURES: usize = 32;

/// Items as the scenario's representation has them, made from public fields and pictures only.
/// Indexed like [`Shelf::items`]; each row of length one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// One row an item.
    pub rows: Vec<[f32; FEATURES]>,
    /// How items are told to language models.
    pub shown: Shown,
    /// The kind that each item belongs to, found from the rows; empty where topics say it (text).
    pub kinds: Vec<u16>,
}

impl Features {
    /// The kind that an item is counted under when a slate is to be varied: found from the rows, or its main topic.
    #[must_use]
    pub fn kind(&self, item: ItemIx, topic: TopicIx) -> u16 {
        self.kinds.get(item as usize).copied().unwrap_or(topic)
    }
}

/// Chooses slates.
pub trait Recommender {
    /// Chooses `obs.slate_size` different candidates, best first, into `slate` (given empty). Draws only from `random`.
    /// Fills `trace` when it is there. `obs.history` is the whole past: a recommender that keeps a belief catches up with
    /// the turns it has not seen, so it can take over in mid-session.
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        random: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    );

    /// A short question that is worth asking before the slate is chosen: at most one after something was said.
    fn question(&mut self, _: &Observation<'_>) -> Option<Question> {
        None
    }

    /// Forgets the session (not what was learned before it), so that the next one starts afresh.
    fn reset(&mut self);

    /// The side door of a recommender that is marked as an oracle; every other has none. [`serve`] goes through it.
    fn oracle(&mut self) -> Option<&mut dyn Oracle> {
        None
    }
}

/// The hidden half of a session, opened for oracles alone.
#[derive(Clone, Copy, Debug)]
pub struct OracleView<'a> {
    /// The session with the user's state in it.
    pub session: &'a Session,
}

/// A recommender that knows the truth: a ceiling to measure others against, never a fair competitor.
pub trait Oracle {
    /// As [`Recommender::recommend`], with the truth in view.
    fn recommend(
        &mut self,
        view: OracleView<'_>,
        random: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    );
}

/// Asks a recommender for the slate that a session needs now. The one place where an oracle gets its view.
pub fn serve(
    recommender: &mut dyn Recommender,
    session: &Session,
    slate: &mut Vec<ItemIx>,
    trace: Option<&mut ReasoningTrace>,
) {
    slate.clear();
    let mut random = session.recommender_stream();
    match recommender.oracle() {
        Some(oracle) => oracle.recommend(OracleView { session }, &mut random, slate, trace),
        None => recommender.recommend(&session.observation(), &mut random, slate, trace),
    }
}

/// What a recommender does where a slate is due: it asks, where that is worth it, else it serves. `traced` says whether it
/// also tells how it came to the slate.
pub fn answer(recommender: &mut dyn Recommender, session: &Session, traced: bool) -> Answer {
    let by = Author::Builtin;
    if let Some(question) = recommender.question(&session.observation()) {
        return Answer::Ask { question, by };
    }
    let mut items = Vec::with_capacity(session.scenario().slate_size);
    let mut trace = ReasoningTrace::default();
    serve(recommender, session, &mut items, traced.then_some(&mut trace));
    let trace = (trace != ReasoningTrace::default()).then(|| Box::new(trace));
    Answer::Slate { items, trace, by }
}
