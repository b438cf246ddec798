//! What the Data page and its worker say to each other.

use crate::{
    catalog::ItemIx,
    lab::{Estimate, growth::Growth, representations},
    llm::{chat::Reply, dialect::Dialect, fault::Fault, prompt::Prompts},
    scenario::{Representation, Scenario},
    worker::{import::bytes, snapshot::ItemCard},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The lab's desk that looks at items and words.
pub const DATA_DESK: &str = "data";
/// The most items of a map that are drawn; of more, evenly spaced ones.
pub const MOST_POINTS: usize = 1500;
/// The most items that a search gives.
pub const MOST_FOUND: usize = 12;
/// How many neighbours of an item are told.
pub const NEIGHBOURS: usize = 8;
/// The most branches of the tree that are told at a time.
pub const MOST_BRANCHES: usize = 64;
/// The most words that are read, characters; of more, the beginning.
pub const MOST_WORDS: usize = 100_000;
/// The most sessions that a study plays under each representation, or of each level and manner.
pub const MOST_EPISODES: u32 = 5000;

/// A file of an imported catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its bytes.
    #[serde(with = "bytes")]
    pub bytes: Vec<u8>,
}

/// What the page asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// Looks at the items of a scenario; what was under way is dropped. Answered by [`Event::Making`] again and again,
    /// [`Event::Opened`] and an [`Event::Mapped`] for each representation, or [`Event::Refused`].
    Open {
        /// The scenario.
        scenario: Box<Scenario>,
        /// Centres a level of the semantic IDs' quantiser, 2 to 4096.
        codebook: u16,
        /// The files of its catalogue and the mapping they are read with, where it is an imported one.
        files: Vec<File>,
        /// The mapping, as it was accepted.
        mapping: BTreeMap<String, String>,
        /// The items' own pictures, as they were kept; empty where there are none.
        #[serde(with = "bytes")]
        pictures: Vec<u8>,
    },
    /// An item and its neighbours; answered by [`Event::Near`].
    Near(ItemIx),
    /// Items whose title, creator or topics hold all these words; answered by [`Event::Found`].
    Find(String),
    /// The branches of the codes' tree under a beginning; answered by [`Event::Branches`].
    Branches(Vec<u16>),
    /// Lets the catalogue grow from half of it to all, and says what becomes of the codes; answered by [`Event::Grown`]
    /// again and again.
    Grow,
    /// Plays the same users under each representation; answered by [`Event::Studied`] again and again.
    Study {
        /// Sessions under each, 2 to [`MOST_EPISODES`].
        episodes: u32,
        /// The first seed, as text.
        seed: String,
    },
    /// Files that a person chose for pictures, by name: which are wanted? Answered by [`Event::Wanted`].
    PictureFiles(Vec<String>),
    /// A host that a person agreed to have pictures fetched from: which are wanted? Answered by [`Event::Wanted`].
    PictureHost(String),
    /// One of the pictures that were wanted, in any order; answered by [`Event::PictureTaken`].
    Picture {
        /// Its place in [`Event::Wanted`].
        at: usize,
        /// Its file's bytes.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
        /// Why it did not come, in words; empty where it did.
        problem: String,
    },
    /// No more pictures come: the items are represented anew with those that did. Answered by [`Event::Opened`] and what
    /// follows it.
    PicturesEnd,
    /// Lets a model embed the items' texts; answered by [`Event::EmbedWith`].
    Embed {
        /// Its name.
        model: String,
    },
    /// The embeddings that the page had kept of these texts, as it was given them.
    EmbedKept {
        /// Their bytes.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// Nothing was kept: ask for them. Answered by [`Event::EmbedCall`] again and again, and [`Event::Embedding`].
    EmbedBegin,
    /// What a call brought.
    Embedded {
        /// Its number.
        id: u32,
        /// The answer's text, or what went wrong.
        outcome: Result<String, Fault>,
        /// The time that it took, ms.
        ms: u64,
    },
    /// The time that [`Event::EmbedWait`] named has gone by.
    EmbedOn,
    /// Ends it; what came is kept for another try.
    EmbedStop,
    /// Reads words at every level; answered by [`Event::Read`].
    Read {
        /// The words.
        words: String,
        /// After how many turns of the scenario's session they are said.
        after: u32,
    },
    /// Lets a language model read words; answered by [`Event::ModelCall`] and, once its answer came, [`Event::ModelRead`].
    ModelRead {
        /// The words.
        words: String,
        /// After how many turns of the scenario's session they are said.
        after: u32,
        /// The model's name.
        model: String,
        /// What its server understands.
        dialect: Dialect,
        /// The prompts, as they were edited.
        prompts: Box<Prompts>,
    },
    /// What the call of [`Event::ModelCall`] brought.
    ModelReply {
        /// Its number.
        id: u32,
        /// The answer, or what went wrong.
        outcome: Result<Reply, Fault>,
        /// The time that it took, ms.
        ms: u64,
    },
    /// Measures every level on held-out words; answered by [`Event::Measured`] again and again.
    Measure {
        /// Sessions of each level and manner, 2 to [`MOST_EPISODES`].
        episodes: u32,
        /// The first seed, as text.
        seed: String,
    },
    /// Ends what is being made, played or measured; what there is so far stays.
    Stop,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// What is being done before there is something to see.
    Making(Making),
    /// The items are there.
    Opened(Box<Opened>),
    /// The items under one representation.
    Mapped(Box<Mapped>),
    /// An item and its neighbours.
    Near(Box<Near>),
    /// What a search found.
    Found {
        /// What was searched for.
        words: String,
        /// The items, the most popular first.
        items: Vec<ItemCard>,
        /// How many there are in all.
        total: usize,
    },
    /// A part of the tree.
    Branches(Box<Branches>),
    /// What becomes of the codes while the catalogue grows.
    Grown(Grown),
    /// The pictures that are wanted of those that were offered.
    Wanted(Vec<Wanted>),
    /// One of them came, or will not.
    PictureTaken {
        /// How many did so far.
        done: usize,
        /// How many of these could not be taken in.
        refused: usize,
    },
    /// The pictures that came, for the page to keep.
    Album {
        /// The digest of the catalogue that they are of.
        digest: String,
        /// As [`Gallery::to_bytes`](crate::catalog::represent::gallery::Gallery::to_bytes) gives them.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// The texts that are to be embedded: their digest, under which the page may have kept what a model made of them.
    EmbedWith {
        /// The digest.
        digest: String,
    },
    /// A call that the page is to make.
    EmbedCall {
        /// Its number.
        id: u32,
        /// Its body.
        body: String,
    },
    /// The server is given time: the page waits, and then says [`Command::EmbedOn`].
    EmbedWait {
        /// How long, ms.
        ms: u64,
    },
    /// How far the embedding is.
    Embedding(Embedding),
    /// The embeddings, for the page to keep.
    Embedded {
        /// Their bytes.
        #[serde(with = "bytes")]
        bytes: Vec<u8>,
    },
    /// The study of representations so far.
    Studied(Box<Studied>),
    /// What words are read as.
    Read(Box<Readings>),
    /// A call that the page is to make, so that a language model reads the words.
    ModelCall {
        /// Its number.
        id: u32,
        /// Its body.
        body: String,
    },
    /// What a language model reads.
    ModelRead(Box<ModelReading>),
    /// The study of understanding so far.
    Measured(Box<Measured>),
    /// What was asked cannot be: which field, and why.
    Refused(Problem),
}

/// What cannot be, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field of the form; empty where it concerns the whole.
    pub field: String,
    /// Why, and what to do.
    pub what: String,
}

/// How far a representation is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// What is being done: "Text and picture: looking at pictures"; empty once all is done, or was stopped.
    pub what: String,
    /// How far it is, 0 to 1.
    pub share: f32,
    /// The time left for this part, seconds, once it can be told.
    pub seconds_left: Option<f64>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// A catalogue as it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The scenario's title.
    pub title: String,
    /// How many items there are.
    pub items: usize,
    /// The topics.
    pub topics: Vec<String>,
    /// What must be said of a table over these items, where something must.
    pub note: Option<String>,
    /// The items that maps draw.
    pub points: Vec<Point>,
    /// How it stands with the items' pictures, where these are to be brought.
    pub pictures: Option<Pictures>,
}

/// How far the embedding of texts is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// The model.
    pub model: String,
    /// Texts that are done.
    pub done: usize,
    /// Texts in all; items of one text have it together.
    pub total: usize,
    /// Tokens so far, as the server counts them.
    pub tokens: u64,
    /// The time left, seconds, once it can be told.
    pub seconds_left: Option<f64>,
    /// Whether it runs.
    pub running: bool,
    /// What went wrong for good.
    pub fault: Option<Fault>,
    /// Numbers of a vector, once all is done.
    pub dims: usize,
    /// Whether they were kept from before, so that nothing was asked for.
    pub kept: bool,
    /// Milliseconds that the calls took.
    pub ms: f64,
}

/// A picture that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its file's place among those that were offered.
    pub file: usize,
    /// Its address, where it lies at a host.
    pub address: String,
}

/// How it stands with the items' pictures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pictures {
    /// How many items there are.
    pub items: usize,
    /// Items that name a file for their picture.
    pub named: usize,
    /// The hosts that pictures lie at, with how many are not there yet, the most first.
    pub hosts: Vec<(String, usize)>,
    /// Items whose picture was brought.
    pub brought: usize,
    /// The first pictures that could not be taken in, each with why.
    pub refused: Vec<(String, String)>,
    /// How many more there are.
    pub more_refused: usize,
    /// Items that give a picture which is not there.
    pub missing: usize,
    /// What the first of them give for it.
    pub missing_named: Vec<String>,
}

/// An item on the maps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its place on the shelf.
    pub ix: ItemIx,
    /// Its title, clipped.
    pub title: String,
    /// Its main topic's place.
    pub topic: u16,
    /// Its creator, clipped.
    pub creator: String,
}

/// The items under one representation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapped {
    /// Which.
    pub representation: Representation,
    /// The model that embedded the texts, where one did.
    pub model: Option<String>,
    /// Where the items of [`Opened::points`] lie.
    pub at: Vec<[f32; 2]>,
    /// The share of variance that each axis holds.
    pub shares: [f32; 2],
    /// What it costs an item.
    pub cost: representations::Cost,
    /// How a language model reads an item of them, for example.
    pub example: String,
    /// Items that share a whole path of codes with another; 0 where there are no codes.
    pub collisions: usize,
}

/// An item and what is most like it under each representation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// The item.
    pub item: ItemCard,
    /// Under each representation that is made.
    pub lists: Vec<NearList>,
}

/// An item's neighbours under one representation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearList {
    /// Which.
    pub representation: Representation,
    /// The model that embedded the texts, where one did.
    pub model: Option<String>,
    /// How a language model reads the item.
    pub line: String,
    /// Where it lies on the map.
    pub at: [f32; 2],
    /// The neighbours, the most alike first.
    pub items: Vec<Neighbour>,
}

/// A neighbour of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// The cosine between their rows.
    pub cosine: f32,
    /// Where it lies on the map.
    pub at: [f32; 2],
    /// The neighbour.
    pub item: ItemCard,
}

/// A part of the tree of codes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Branches {
    /// The beginning that they are under.
    pub beginning: Vec<u16>,
    /// The branches, the largest first, at most [`MOST_BRANCHES`].
    pub branches: Vec<Branch>,
    /// How many there are in all.
    pub total: usize,
}

/// A branch of the tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// The number that leads to it.
    pub number: u16,
    /// How many items it holds.
    pub items: usize,
    /// The topics that most of them are of, with how many.
    pub topics: Vec<(String, usize)>,
    /// Some of the items.
    pub examples: Vec<(ItemIx, String)>,
}

/// What becomes of the codes while the catalogue grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// How far it is, 0 to 1.
    pub share: f32,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// What came of it, once all is done.
    pub growth: Option<Growth>,
}

/// How far many sessions are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Sessions done.
    pub done: u32,
    /// Sessions asked for.
    pub total: u32,
    /// The time left, seconds, once it can be told.
    pub seconds_left: Option<f64>,
    /// Whether it runs.
    pub running: bool,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// The same users under each representation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Studied {
    /// How far it is.
    pub progress: Progress,
    /// The recommender that served.
    pub recommender: String,
    /// The table.
    pub rows: Vec<representations::Row>,
}

/// What words are read as at every level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Readings {
    /// The words, clipped.
    pub words: String,
    /// After how many turns they are said.
    pub after: u32,
    /// How many turns the scenario's session has.
    pub turns: u32,
    /// The slate that was shown last: titles, each with what was done.
    pub slate: Vec<(String, String)>,
    /// One a level, the plainest first.
    pub levels: Vec<Reading>,
}

/// What words are read as at one level.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The level's name.
    pub level: String,
    /// In a sentence.
    pub read_as: String,
    /// Whether nothing at all was understood.
    pub nothing: bool,
    /// What was read, each as a name ("More", "At most") and its values in words.
    pub parts: Vec<(String, Vec<String>)>,
    /// For how long it holds, in words.
    pub holds: String,
    /// How much was understood, in [0, 1].
    pub confidence: f32,
    /// What is believed to be complained of, with its chance.
    pub beliefs: Vec<(String, f32)>,
    /// What would be worth asking.
    pub question: Option<Question>,
    /// How the words were read, where more than their letter was.
    pub notes: Vec<String>,
    /// Words that were not read.
    pub unread: Vec<String>,
    /// The time that it took, milliseconds.
    pub ms: f64,
}

/// What a language model read, or why it did not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelReading {
    /// The words, clipped as [`Readings::words`] are.
    pub words: String,
    /// After how many turns they are said.
    pub after: u32,
    /// The model's name.
    pub model: String,
    /// What it read; none where it gave no answer that can be used.
    pub reading: Option<Reading>,
    /// Why not, in words.
    pub problem: String,
    /// What went wrong with the call, where that was it.
    pub fault: Option<Fault>,
    /// The calls that it took.
    pub calls: u32,
    /// Tokens of prompts and answers.
    pub tokens: u64,
}

/// A question back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub text: String,
    /// What may be answered.
    pub options: Vec<String>,
    /// What asking is expected to be worth, in units of reward.
    pub worth: f32,
}

/// How far each level gets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How far it is.
    pub progress: Progress,
    /// The table.
    pub rows: Vec<MeasuredRow>,
}

/// One level with one manner of speaking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MeasuredRow {
    /// How users speak.
    pub manner: String,
    /// The level's name; "not heard" where nothing said reaches the recommender.
    pub level: String,
    /// Frame F1.
    pub f1: Estimate,
    /// Share of instructions met within one turn.
    pub met: Estimate,
    /// Turns to recovery.
    pub recovery: Estimate,
    /// The reward of a session.
    pub reward: Estimate,
    /// Reward, less that of not being heard.
    pub saved: Estimate,
    /// Reward, less that of the lexical level.
    pub reward_gain: Option<Estimate>,
}
