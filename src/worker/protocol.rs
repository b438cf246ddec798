//! What the page tells the worker, and what the worker tells the page.

use super::{Comparison, ImportCommand, ImportEvent, Rollouts, Snapshot, snapshot::ItemCard};
use crate::{
    catalog::{ItemIx, TopicIx},
    scenario::{RecommenderSpec, Scenario},
    session::{
        Answer, Interview, Remark, RewardSpec,
        player::{Change, Changed},
    },
    user::Reaction,
};
use serde::{Deserialize, Serialize};

/// The protocol's version: page and worker say it to each other first, so that a stale one is noticed before any data.
pub const PROTOCOL: u32 = 1;

/// The most branches at once: the original and its forks.
pub const MAX_BRANCHES: usize = 4;

/// A branch's name: 0 is the original.
pub type BranchId = u32;

/// Who plays a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The built-in user or the chosen recommender.
    #[default]
    Builtin,
    /// The person at the page.
    Person,
    /// The guest in the lab's seat: a language model, say.
    Guest,
}

/// How fast a session plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Speed {
    /// A moment each 1.6 s: time to read the reasons.
    Slow,
    /// A moment each 0.7 s.
    #[default]
    Normal,
    /// A moment each 0.2 s.
    Fast,
    /// Without waiting; the page draws the newest moment at each frame.
    Top,
}

impl Speed {
    /// All speeds, the slowest first.
    pub const ALL: [Self; 4] = [Self::Slow, Self::Normal, Self::Fast, Self::Top];

    /// Milliseconds between two moments; 0 is without waiting.
    #[must_use]
    pub fn pause_ms(self) -> u32 {
        match self {
            Self::Slow => 1600,
            Self::Normal => 700,
            Self::Fast => 200,
            Self::Top => 0,
        }
    }
}

/// What a fork does otherwise than the branch it leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForkChange {
    /// Another recommender takes over.
    Recommender(RecommenderSpec),
    /// The user's instructions reach the recommender from here on, or no longer do.
    Instructions(bool),
    /// Another seed for the rest, as a string.
    Seed(String),
}

/// What a person answers in the place of a side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HumanAnswer {
    /// To the item under review: what was done with it.
    React(Reaction),
    /// Enough of this slate: the rest is passed over unseen, and the verdict is asked for.
    EnoughOfThis,
    /// At the end of a slate: the next one, please.
    Continue,
    /// At the end of a slate: the next one, and what should change, in the person's own words (1 to 500 characters).
    Say(String),
    /// Ends the session, at the end of a slate or in the middle of it.
    Leave,
    /// To a slate that is due: the items, best first, all different.
    Slate(Vec<ItemIx>),
    /// Lets the built-in side answer this once.
    LetBuiltin,
}

/// What to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Export {
    /// The whole run of the branch looked at, with every cause, as JSON that reads back.
    RunJson,
    /// Its turns, one a line, as CSV.
    TurnsCsv,
    /// Its items, one a line with action and reasons, as CSV.
    ItemsCsv,
    /// The scenario as it stands (changes included), as JSON.
    ScenarioJson,
    /// The last comparison over many seeds, as CSV.
    RolloutsCsv,
}

/// What the page asks of the worker. Each is answered by a [`Snapshot`], by an event of its own, or by
/// [`Event::Refused`], after which nothing has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// Opens a scenario, its first turn played. An imported catalogue must have been accepted or sent before.
    Open(Box<Scenario>),
    /// Opens a scenario at a moment: what a link does.
    OpenAt {
        /// The scenario, seed included.
        scenario: Box<Scenario>,
        /// The moment.
        moment: usize,
    },
    /// Takes up a session where a killed worker, or a closed page, left it.
    Resume(Box<Save>),
    /// Reads an exported run back to the same screen.
    LoadRun {
        /// The file's text.
        json: String,
    },
    /// Plays.
    Play,
    /// Pauses.
    Pause,
    /// Sets the speed.
    SetSpeed(Speed),
    /// One moment on (a slate, an item, a verdict).
    StepItem,
    /// On to the end of the turn.
    StepTurn,
    /// One moment back.
    StepBack,
    /// On to the end of the session, without pictures on the way.
    RunToEnd,
    /// Starts anew on the same seed: forks are dropped, what a person did is forgotten.
    Reset,
    /// Starts anew on another seed, a whole number below 2⁶⁴ as a string.
    SetSeed(String),
    /// Goes to a moment of the branch looked at.
    Seek(usize),
    /// Forks the branch looked at, at a moment; the fork runs as far as its origin and is looked at then.
    Fork {
        /// The moment.
        moment: usize,
        /// What is different from there on.
        change: ForkChange,
    },
    /// Drops a fork; the original cannot be dropped.
    DropFork(BranchId),
    /// Looks at another branch, at the same turn where it has one.
    SelectBranch(BranchId),
    /// Whether the user's instructions reach the recommender; restarts the session on the same seed.
    SetInstructions(bool),
    /// Chooses the recommender; restarts the session on the same seed.
    SetRecommender(RecommenderSpec),
    /// Sets the weights of the reward; the session stays, its rewards are counted anew.
    SetReward(RewardSpec),
    /// Who plays the user from here on.
    PlayUser(Side),
    /// Who composes slates from here on.
    PlayRecommender(Side),
    /// A person's answer.
    Answer(HumanAnswer),
    /// Searches the shelf: titles, texts, creators and topics that hold all the words; answered by [`Event::Found`].
    Search {
        /// The words; none finds the most popular items.
        words: String,
        /// Only this topic.
        topic: Option<TopicIx>,
        /// The most items to return, at most 60.
        limit: usize,
    },
    /// Runs every recommender on this scenario and seed; answered by [`Event::Compared`], row by row.
    Compare,
    /// Runs every recommender over many seeds; answered by [`Event::Rollouts`] again and again until done.
    CompareMany {
        /// How many seeds, 2 to 10,000.
        seeds: u32,
    },
    /// Stops the comparison over many seeds; what is done stays shown, with its intervals.
    StopComparing,
    /// About imports.
    Import(ImportCommand),
    /// Answered by [`Event::Exported`].
    Export(Export),
    /// Something for the guest that plays a side in the place of the built-in one (a trained policy, a language model), as
    /// JSON that it reads. Only the lab's session desk has a place for guests.
    Guest {
        /// The JSON.
        json: String,
    },
    /// Runs the benches and answers with [`Event::Bench`].
    Bench,
    /// For tests of recovery: a panic in the worker.
    Panic,
}

impl Command {
    /// Whether only the larger worker carries it out: the first-load one has no importer, exports and benches, and plays
    /// [small](Scenario::is_small) scenarios only.
    #[must_use]
    pub fn needs_lab(&self) -> bool {
        match self {
            Self::Import(_)
            | Self::Export(_)
            | Self::LoadRun { .. }
            | Self::CompareMany { .. }
            | Self::Guest { .. }
            | Self::Bench => true,
            Self::SetRecommender(spec) | Self::Fork { change: ForkChange::Recommender(spec), .. } => !spec.is_small(),
            Self::Resume(save) => !save.is_small(),
            _ => self.scenario().is_some_and(|s| !s.is_small()),
        }
    }

    /// The scenario that it opens.
    #[must_use]
    pub fn scenario(&self) -> Option<&Scenario> {
        match self {
            Self::Open(scenario) | Self::OpenAt { scenario, .. } => Some(scenario),
            Self::Resume(save) => Some(&save.scenario),
            _ => None,
        }
    }
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// The worker is up.
    Ready,
    /// What there is to draw now. At most one a frame while playing.
    Snapshot(Box<Snapshot>),
    /// What the page keeps against loss: after each command that changes something, and at least each second of play.
    Save(Box<Save>),
    /// A command could not be carried out; nothing has changed.
    Refused(Problem),
    /// Something to tell in passing.
    Notice(String),
    /// Items found.
    Found {
        /// The words that were searched.
        words: String,
        /// The items, best first.
        items: Vec<ItemCard>,
        /// How many there are in all.
        total: usize,
    },
    /// Recommenders on the same seed; grows row by row.
    Compared(Box<Comparison>),
    /// Recommenders over many seeds; grows until done or stopped.
    Rollouts(Box<Rollouts>),
    /// About imports.
    Import(ImportEvent),
    /// A file to save.
    Exported {
        /// A file name.
        name: String,
        /// Its media type.
        mime: String,
        /// Its text.
        text: String,
    },
    /// Something that the guest says, as JSON of its own.
    Guest {
        /// The JSON.
        json: String,
    },
    /// There is no guest: it could not take its seat, and why.
    GuestGone(Problem),
    /// The benches' figures, as JSON.
    Bench {
        /// The JSON.
        json: String,
    },
}

/// Something that went wrong, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What could not be done, as a clause: "The scenario was not opened".
    pub what: String,
    /// Why, and what to do about it.
    pub why: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// The lab's desk that runs sessions, as the first-load worker does, with a place for guests.
pub const SESSION_DESK: &str = "session";

/// The format of [`Save`].
pub const SAVE_SCHEMA: &str = "recoworld/save-v1";

/// The form in which the browser keeps a [`Save`]: another one wherever it, or anything in it, changes.
pub const SAVE_FORM: &str = "recoworld/save-v2";

/// All that is needed to take a session up again. Small: what the built-in sides answered is not in it, for it comes
/// out the same again; only what a person or a model answered is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Save {
    /// [`SAVE_SCHEMA`].
    pub schema: String,
    /// The scenario.
    pub scenario: Scenario,
    /// The branches, the original first.
    pub branches: Vec<SavedBranch>,
    /// The branch looked at.
    pub selected: BranchId,
    /// The moment looked at.
    pub cursor: usize,
    /// Who plays the user.
    pub user_by: Side,
    /// Who composes slates.
    pub slate_by: Side,
    /// The speed.
    pub speed: Speed,
}

impl Save {
    /// Whether the first load's worker can take it up.
    #[must_use]
    pub fn is_small(&self) -> bool {
        let change_is_small = |c: &Changed| match &c.change {
            Change::Recommender(spec) => spec.is_small(),
            Change::Instructions(_) | Change::Seed(_) => true,
        };
        self.scenario.is_small() && self.branches.iter().flat_map(|b| &b.changes).all(change_is_small)
    }
}

/// One branch of a [`Save`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedBranch {
    /// Its name.
    pub id: BranchId,
    /// The branch and moment that it left; `None` for the original.
    pub origin: Option<(BranchId, usize)>,
    /// What was changed on the way.
    pub changes: Vec<Changed>,
    /// Answers that were not the built-in sides', each with the number of answers before it.
    pub by_hand: Vec<(usize, Answer)>,
    /// How many answers it has.
    pub moments: usize,
    /// What a language model said beside its answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// What the user said after the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview: Option<Interview>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CatalogSpec, CatalogStyle, registry};

    #[test]
    fn the_first_worker_plays_clips_in_plain_words_and_the_lab_all_else() {
        let small = registry::default_preset();
        assert!(!Command::Open(Box::new(small.clone())).needs_lab());
        for (path, value) in
            [("catalog.style", "shop"), ("representation", "multimodal"), ("recommender.name", "generative")]
        {
            let mut other = small.clone();
            other.set(path, value).expect("a field");
            assert!(Command::Open(Box::new(other.clone())).needs_lab(), "{path}");
            assert!(Command::OpenAt { scenario: Box::new(other), moment: 1 }.needs_lab(), "{path}");
        }
        for preset in registry::presets() {
            let clips = matches!(preset.catalog, CatalogSpec::Synthetic { style: CatalogStyle::Clips, .. });
            let reads_more = preset.recommender.settings.get("level").is_some_and(|l| *l > 0.0);
            assert_eq!(preset.is_small(), clips && !reads_more && preset.representation.is_text(), "{}", preset.id);
        }
    }

    #[test]
    fn a_recommender_that_reads_more_than_plain_words_is_the_labs() {
        let reader = |level: f64| RecommenderSpec { name: "agent".into(), settings: [("level".into(), level)].into() };
        assert!(!Command::SetRecommender(reader(0.0)).needs_lab());
        assert!(Command::SetRecommender(reader(1.0)).needs_lab());
        let fork = |level| Command::Fork { moment: 0, change: ForkChange::Recommender(reader(level)) };
        assert!(!fork(0.0).needs_lab());
        assert!(fork(2.0).needs_lab());
        assert!(!Command::Compare.needs_lab(), "it runs by itself while the session plays");
        assert!(Command::CompareMany { seeds: 2 }.needs_lab());
    }

    #[test]
    fn a_session_with_such_a_fork_is_taken_up_in_the_lab() {
        let branch = |change| SavedBranch {
            id: 0,
            origin: None,
            changes: vec![Changed { at: 1, change }],
            by_hand: Vec::new(),
            moments: 3,
            remarks: Vec::new(),
            interview: None,
        };
        let save = |change| Save {
            schema: SAVE_SCHEMA.into(),
            scenario: registry::default_preset(),
            branches: vec![branch(change)],
            selected: 0,
            cursor: 0,
            user_by: Side::Builtin,
            slate_by: Side::Builtin,
            speed: Speed::Normal,
        };
        assert!(!Command::Resume(Box::new(save(Change::Seed(1)))).needs_lab());
        let generative = RecommenderSpec { name: "generative".into(), settings: Default::default() };
        assert!(Command::Resume(Box::new(save(Change::Recommender(generative)))).needs_lab());
    }
}
