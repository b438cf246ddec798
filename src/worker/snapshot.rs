//! All that the Session page draws at one moment, as plain data.

use super::protocol::{BranchId, Side, Speed};
use crate::{
    catalog::{Item, ItemIx, TopicIx, thumbnail::Picture},
    recommender::ReasoningTrace,
    scenario::Scenario,
    session::{Author, Metrics, RewardParts, StateView},
    user::{Ask, Channel, Reaction, Specificity, Term},
};
use serde::{Deserialize, Serialize};

/// The most topics that charts tell apart, one a hue.
pub const HUES: usize = 8;

/// All that the Session page draws at the cursor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Counts snapshots of this worker: a later one replaces an earlier one.
    pub number: u64,
    /// The scenario as it stands.
    pub scenario: Scenario,
    /// How many items the catalogue holds.
    pub catalog_items: usize,
    /// All topics of the shelf, in its order.
    pub topics: Vec<TopicLabel>,
    /// Whether it is playing.
    pub playing: bool,
    /// The speed.
    pub speed: Speed,
    /// Who plays the user.
    pub user_by: Side,
    /// Who composes slates.
    pub slate_by: Side,
    /// The branches, the original first, each with its whole series.
    pub branches: Vec<BranchView>,
    /// The branch looked at.
    pub selected: BranchId,
    /// The moment looked at: the number of answers given before it, 0 to the branch's `moments`.
    pub cursor: usize,
    /// What is needed next at the cursor.
    pub need: NeedView,
    /// The turn shown, from 0.
    pub turn: u32,
    /// The slate shown, from the top; empty before the first.
    pub slate: Vec<SlateItem>,
    /// Whether instructions reach the recommender at the cursor.
    pub hears: bool,
    /// How the recommender came to it.
    pub trace: Option<ReasoningTrace>,
    /// Who composed it.
    pub composed_by: Author,
    /// Who beside the built-in sides has answered anything up to the cursor, which a link cannot hold: a model where one did,
    /// else a person, else nobody ([`Author::Builtin`]).
    pub answers_by: Author,
    /// Where a language model serves: whether it composed this itself ([`Mark`]).
    pub slate_mark: Mark,
    /// The instruction that the slate shown answers (given at the end of the turn before).
    pub answered: Option<InstructionView>,
    /// The instruction given at the end of the turn shown.
    pub instruction: Option<InstructionView>,
    /// The user.
    pub user: UserView,
    /// The reward.
    pub reward: RewardView,
    /// What the last step did, in a sentence or two.
    pub happening: String,
    /// The decision process with its present values.
    pub mdp: MdpView,
}

/// A topic as the page names and colours it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicLabel {
    /// Its place on the shelf.
    pub topic: TopicIx,
    /// Its name.
    pub name: String,
    /// Its hue, 0 to 7: `--t1` to `--t8`.
    pub hue: u8,
    /// Its band in [`TurnPoint::interests`], where it has one (at most [`HUES`] topics do, each with a hue of its own).
    pub band: Option<usize>,
}

/// What is needed next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NeedView {
    /// A slate.
    #[default]
    Slate,
    /// An answer to the recommender's question.
    Reply,
    /// A reaction to the item at this position, from 0.
    Review(usize),
    /// Whether the user goes on.
    Verdict,
    /// Nothing: the user left.
    Left,
    /// Nothing: the scenario's last turn was played.
    Truncated,
}

/// One branch with its series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchView {
    /// Its name; 0 is the original.
    pub id: BranchId,
    /// "Original", "Fork 1".
    pub label: String,
    /// What is different about it: "LinUCB from turn 3"; for the original, its recommender.
    pub what: String,
    /// The title of the recommender that composed the slate shown.
    pub serving: String,
    /// The branch and moment that it left.
    pub origin: Option<(BranchId, usize)>,
    /// How many answers it has.
    pub moments: usize,
    /// Its turns, in order; the last may be unfinished.
    pub turns: Vec<TurnPoint>,
    /// The end, where it was reached.
    pub ended: Option<NeedView>,
    /// The sum of rewards so far.
    pub reward: f64,
}

/// One turn as the timeline and the charts need it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TurnPoint {
    /// The turn's number, from 0.
    pub turn: u32,
    /// The moment just before its slate.
    pub from: usize,
    /// The moment after its last answer so far.
    pub to: usize,
    /// Whether it is over.
    pub finished: bool,
    /// What it earned.
    pub reward: f64,
    /// The sum of rewards up to and with it.
    pub total: f64,
    /// Satisfaction at its end, in [0, 1].
    pub satisfaction: f32,
    /// Boredom at its end, in [0, 1].
    pub boredom: f32,
    /// Energy at its end, in [0, 1].
    pub energy: f32,
    /// Trust at its end, in [0, 1].
    pub trust: f32,
    /// The forecast of leaving at its end, in [0, 1].
    pub leave_forecast: f32,
    /// NDCG of its slate, in [0, 1].
    pub ndcg: f32,
    /// Diversity of its slate, in [0, 1].
    pub diversity: f32,
    /// Interests at its end, one a band ([`TopicLabel::band`]), each in [-1, 1].
    pub interests: Vec<f32>,
    /// How many items of its slate had each band's topic as their main one.
    pub shown: Vec<u16>,
    /// The instruction given at its end.
    pub instruction: Option<InstructionView>,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstructionView {
    /// The turn at whose end it was given.
    pub turn: u32,
    /// How it was given.
    pub channel: Channel,
    /// How exactly.
    pub specificity: Specificity,
    /// The words, clipped to 500 characters; empty when implicit.
    pub words: String,
    /// What is asked; `None` for a person's own words.
    pub ask: Option<Ask>,
    /// What it aimed at, in words: "less Cooking, towards Travel, at most 2 min".
    pub aim: String,
    /// Why, in words: "Tired of Cooking"; empty for a person's own words.
    pub reason: String,
    /// Whether the slate after it met it; `None` while there is none, or where only the person knows.
    pub met: Option<bool>,
    /// Whether it reached the recommender.
    pub heard: bool,
    /// Who gave it.
    pub by: Author,
    /// What the recommender asked about it.
    pub asked: Option<AskedView>,
}

/// A question about an instruction, and what came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedView {
    /// The question.
    pub question: String,
    /// The answers that it offers.
    pub options: Vec<String>,
    /// The answer; empty where it was let pass, `None` while it is waited for.
    pub reply: Option<String>,
}

/// An item as anybody may see it, its texts clipped for display.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemCard {
    /// Its place on the shelf.
    pub ix: ItemIx,
    /// The item; title clipped to 200 characters, text to 400, at most 6 topics.
    pub item: Item,
    /// The names of its topics.
    pub topics: Vec<String>,
    /// Its creator's name.
    pub creator: String,
    /// The hue of its main topic, 0 to 7.
    pub hue: u8,
    /// A picture to draw where it has none of its own.
    pub picture: Picture,
    /// Its own picture, where a person brought it: an address that holds it, else empty.
    pub photo: String,
}

/// How an answer came about, where a guest plays the side: a language model, say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// No language model was asked.
    #[default]
    None,
    /// The model answered.
    Model,
    /// The model answered, after it had been asked a second time.
    Repaired,
    /// The built-in side answered in the model's place.
    Builtin,
    /// A recommender of the person's own answered.
    Own,
}

/// One item of the slate shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlateItem {
    /// The item.
    pub card: ItemCard,
    /// What the user did with it; `None` while not reviewed.
    pub reaction: Option<Reaction>,
    /// Who did.
    pub by: Author,
    /// Where a language model plays the user: whether it did this itself.
    pub mark: Mark,
    /// Whether it is the one under review.
    pub now: bool,
    /// Why, in a sentence; empty while not reviewed, or where a person acted.
    pub why: String,
    /// The terms of the utility, that which moved the choice most first; empty where not examined.
    pub reasons: Vec<Reason>,
    /// The chance of a click that the user came to, in [0, 1].
    pub click_chance: Option<f32>,
    /// The utility before opening, a logit.
    pub utility: Option<f32>,
    /// What it felt like once opened, a logit.
    pub felt: Option<f32>,
}

/// One term of an item's utility against what this user usually feels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The term.
    pub term: Term,
    /// Its value, in logits.
    pub value: f32,
    /// This user's usual value of it.
    pub usual: f32,
    /// `value - usual`: the part that explains the choice.
    pub difference: f32,
}

/// The user at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserView {
    /// "phone · on the way · 18:10 · alone".
    pub circumstances: String,
    /// The state.
    pub state: StateView,
    /// The state at the start of the turn shown.
    pub before: StateView,
    /// The time budget in seconds.
    pub budget_s: f32,
    /// Interests, one a topic, the strongest first.
    pub interests: Vec<Interest>,
    /// Memories by importance, the most important first; at most 12.
    pub memories: Vec<MemoryLine>,
    /// How many memories there are in all.
    pub memories_total: usize,
}

/// An interest: mindset against a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interest {
    /// The topic.
    pub topic: TopicIx,
    /// Its value, in [-1, 1].
    pub value: f32,
    /// Its change since the turn's start.
    pub change: f32,
}

/// A memory's importance under the present context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryLine {
    /// "Watched “Night train to Tromsø” to the end".
    pub text: String,
    /// Its importance α, in [0, 1]; all of them sum to 1.
    pub alpha: f32,
    /// The turn that it comes from; `None` for a summary.
    pub turn: Option<u32>,
    /// Whether it sums up a session.
    pub summary: bool,
}

/// The reward at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RewardView {
    /// The sum of rewards up to the cursor.
    pub total: f64,
    /// What the turn shown has added to it.
    pub change: f64,
    /// Its parts so far, unweighted (the weights are in the scenario).
    pub parts: RewardParts,
    /// The same, of the turn shown.
    pub turn_parts: RewardParts,
    /// The session's measures so far.
    pub metrics: Metrics,
}

/// The decision process with its present values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MdpView {
    /// The hidden state: name and value.
    pub state: Vec<(String, String)>,
    /// What the recommender sees of it.
    pub observation: Vec<(String, String)>,
    /// Its action: the slate.
    pub action: Vec<(String, String)>,
    /// What the turn shown has changed so far: name, before, after.
    pub transition: Vec<(String, String, String)>,
    /// The reward's parts: name, amount, weight, product.
    pub reward: Vec<(String, f64, f64, f64)>,
    /// Whether the session may go on: "goes on", "terminated: the user left", "truncated at turn 40".
    pub end: String,
}
