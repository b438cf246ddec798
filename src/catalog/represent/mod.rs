//! Items as numbers: what a recommender knows of them beside their names.
//!
//! | representation | an item's row | how a language model reads it |
//! |---|---|---|
//! | text | words, topics, creator and numbers ([`text`]) | title, topics, creator, numbers, the beginning of the text |
//! | multimodal | that row and the picture's ([`visual`]), along the 32 directions in which both together vary most | that, and what the picture shows in a few words |
//! | semantic ID | the row that stands for the item's code ([`codes`]), learnt from the multimodal rows | the code alone |
//!
//! Each is made from public fields and pixels alone: an item's true vector is in none of them. Everything is made in
//! slices ([`Making::step`]), so that 100,000 items freeze nothing, and without a seed of its own: the same shelf and
//! pictures give the same bytes.

pub mod blocks;
pub mod bm25;
pub mod codes;
pub mod gallery;
pub mod map;
pub mod near;
pub mod photo;
pub mod pictures;
pub mod project;
pub mod quantise;
pub mod raster;
pub mod text;
pub mod visual;

use super::{Shelf, look::Look, thumbnail};
use crate::llm::embed::Embeddings;
use crate::{
    recommender::{FEATURES, Features},
    scenario::Representation,
};
use codes::SemanticIds;
use project::Directions;
use quantise::{Path, Quantiser, Training};
use std::rc::Rc;
use visual::{Scale, VISUAL, Visual};

/// What a picture weighs against the text, whose row has length one.
const PICTURE: f32 = 0.9;
/// The kinds that items are told apart by where topics do not say it.
const KINDS: usize = 24;
/// The length of a row of text and picture together.
const BOTH: usize = FEATURES + VISUAL;

/// How an item is told to a language model.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Shown {
    /// In its own words.
    #[default]
    Words,
    /// In its own words and what its picture shows; empty where there is no picture.
    Pictures(Rc<[String]>),
    /// By its code.
    Codes(Rc<SemanticIds>),
}

/// What is chosen beside the representation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// How semantic IDs are learnt.
    pub quantiser: quantise::Settings,
}

/// The items of a shelf under a representation. `pictures` are what the items' own pictures show, where they were brought;
/// others are drawn, or missing (see [`picture_of`]).
///
/// A small program, built without feature `whole`, knows the text only.
#[must_use]
pub fn features(shelf: &Shelf, representation: Representation, pictures: &[Option<Visual>]) -> Features {
    if cfg!(not(feature = "whole")) {
        return text::features(shelf);
    }
    let mut making = Making::new(representation, Options::default());
    while !making.step(shelf, pictures, usize::MAX) {}
    making.finish()
}

/// What the picture of an item shows: of the one that was brought, else of the drawn one. An item whose picture is at an
/// address and was not brought has none: a drawn one would say something that its picture may not show.
#[must_use]
pub fn picture_of(shelf: &Shelf, item: usize, pictures: &[Option<Visual>]) -> Option<Visual> {
    if let Some(brought) = pictures.get(item).copied().flatten() {
        return Some(brought);
    }
    let it = &shelf.items[item];
    let drawn = it.image.as_deref().is_none_or(|a| Look::parse(a).is_some());
    drawn.then(|| visual::of(&raster::draw(&thumbnail::picture(shelf, it))))
}

/// A representation under way.
#[derive(Debug)]
pub struct Making {
    representation: Representation,
    options: Options,
    text: Vec<[f32; FEATURES]>,
    seen: Vec<Option<Visual>>,
    rows: Vec<f32>,
    learnt: Option<Learnt>,
    embeddings: Option<Rc<Embeddings>>,
    stage: Stage,
}

#[derive(Debug)]
struct Learnt {
    quantiser: Quantiser,
    paths: Vec<Path>,
}

#[derive(Debug)]
enum Stage {
    Text,
    Pictures,
    Together,
    Training(Box<Training>),
    Encoding,
    Done,
}

impl Making {
    /// Of a representation; nothing is done yet.
    #[must_use]
    pub fn new(representation: Representation, options: Options) -> Self {
        Self {
            representation,
            options,
            text: Vec::new(),
            seen: Vec::new(),
            rows: Vec::new(),
            learnt: None,
            embeddings: None,
            stage: Stage::Text,
        }
    }

    /// Of the text as a model embeds it.
    #[must_use]
    pub fn embedded(embeddings: Rc<Embeddings>) -> Self {
        Self { embeddings: Some(embeddings), ..Self::new(Representation::Text, Options::default()) }
    }

    fn read_texts(&self, shelf: &Shelf) -> Features {
        if let Some(embeddings) = &self.embeddings {
            return text::embedded(shelf, embeddings);
        }
        text::features(shelf)
    }

    /// What it is doing, and how far that is, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> (&'static str, f32) {
        let share = |done: usize| done as f32 / self.text.len().max(1) as f32;
        match &self.stage {
            Stage::Text => ("Reading texts", 0.0),
            Stage::Pictures => ("Looking at pictures", share(self.seen.len())),
            Stage::Together => ("Putting both together", 0.5),
            Stage::Training(training) => ("Learning codes", training.progress()),
            Stage::Encoding => ("Writing codes", share(self.learnt.as_ref().map_or(0, |l| l.paths.len()))),
            Stage::Done => ("Done", 1.0),
        }
    }

    /// Whether all is done.
    #[must_use]
    pub fn done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Does about `items` more items' worth of work; `true` once all is done. The shelf and the pictures must be the same
    /// at each call.
    pub fn step(&mut self, shelf: &Shelf, pictures: &[Option<Visual>], items: usize) -> bool {
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        self.stage = match stage {
            Stage::Text => {
                self.text = self.read_texts(shelf).rows;
                if self.representation.is_text() { Stage::Done } else { Stage::Pictures }
            }
            Stage::Pictures => {
                let from = self.seen.len();
                let until = from.saturating_add(items).min(shelf.items.len());
                self.seen.extend((from..until).map(|i| picture_of(shelf, i, pictures)));
                if until == shelf.items.len() { Stage::Together } else { Stage::Pictures }
            }
            Stage::Together => {
                self.put_together();
                match self.representation {
                    Representation::SemanticId => {
                        Stage::Training(Box::new(Training::new(&self.rows, FEATURES, self.options.quantiser)))
                    }
                    _ => Stage::Done,
                }
            }
            Stage::Training(mut training) => {
                if training.step(items) {
                    self.learnt = Some(Learnt { quantiser: training.finish(), paths: Vec::new() });
                    Stage::Encoding
                } else {
                    Stage::Training(training)
                }
            }
            Stage::Encoding => self.encode(items),
            Stage::Done => Stage::Done,
        };
        self.done()
    }

    /// Text and picture of each item end to end, then along the strongest directions, then of length one.
    fn put_together(&mut self) {
        let scale = Scale::of(&self.seen);
        let mut both = Vec::with_capacity(self.text.len() * BOTH);
        for (text, seen) in self.text.iter().zip(&self.seen) {
            both.extend_from_slice(text);
            both.extend(scale.apply(seen.as_ref()).iter().map(|x| PICTURE * x));
        }
        let directions = Directions::of(&both, BOTH, FEATURES);
        self.rows = vec![0.0; self.text.len() * FEATURES];
        for (row, from) in self.rows.chunks_exact_mut(FEATURES).zip(both.chunks_exact(BOTH)) {
            directions.apply(from, row);
            unit(row);
        }
    }

    fn encode(&mut self, items: usize) -> Stage {
        let Some(learnt) = &mut self.learnt else { return Stage::Done };
        let from = learnt.paths.len() * FEATURES;
        let until = self.rows.len().min(from.saturating_add(items.saturating_mul(FEATURES)));
        let mut scratch = Vec::new();
        for row in self.rows[from..until].chunks_exact(FEATURES) {
            learnt.paths.push(learnt.quantiser.encode(row, &mut scratch));
        }
        if until < self.rows.len() { Stage::Encoding } else { Stage::Done }
    }

    /// The rows; all zero but for the first number where nothing was done yet.
    #[must_use]
    pub fn finish(self) -> Features {
        match self.representation {
            Representation::Text => Features { rows: self.text, ..Features::default() },
            Representation::Multimodal => {
                let words = self.seen.iter().map(|v| v.as_ref().map_or_else(String::new, visual::words));
                let kinds = kinds(&self.rows);
                Features { shown: Shown::Pictures(words.collect()), rows: arrays(&self.rows), kinds }
            }
            Representation::SemanticId => {
                let Some(learnt) = self.learnt else { return Features::default() };
                let mut ids = SemanticIds::new(learnt.quantiser, &[]);
                ids.add_paths(&learnt.paths);
                let rows = stand_ins(&ids);
                let kinds = kinds(rows.as_flattened());
                Features { rows, shown: Shown::Codes(Rc::new(ids)), kinds }
            }
        }
    }
}

/// The row that each item's path stands for, brought to length one.
fn stand_ins(ids: &SemanticIds) -> Vec<[f32; FEATURES]> {
    let row = |code: &codes::Code| {
        let mut row = ids.quantiser().decode(&code[..quantise::LEVELS]);
        unit(&mut row);
        let mut out = [0.0; FEATURES];
        out.iter_mut().zip(row).for_each(|(o, x)| *o = x);
        out
    };
    ids.codes().iter().map(row).collect()
}

/// The kind of each row: the nearest of [`KINDS`] centres.
fn kinds(rows: &[f32]) -> Vec<u16> {
    let settings = quantise::Settings { codebook: KINDS, rounds: 10, sample: 6000, seed: 3 };
    let mut training = Training::new(rows, FEATURES, settings);
    while training.levels() == 0 {
        training.step(usize::MAX);
    }
    let centres = training.first_level();
    rows.chunks_exact(FEATURES).map(|row| centres.nearest(row).0 as u16).collect()
}

fn arrays(rows: &[f32]) -> Vec<[f32; FEATURES]> {
    rows.as_chunks::<FEATURES>().0.to_vec()
}

/// Brings a row to length one; a row of nothing points along the first direction.
fn unit(row: &mut [f32]) {
    let n = blocks::dot(row, row).sqrt();
    if n > 1e-9 {
        row.iter_mut().for_each(|x| *x /= n);
    } else if let Some(first) = row.first_mut() {
        *first = 1.0;
    }
}

impl Shown {
    /// The codes, where items are told by them.
    #[must_use]
    pub fn codes(&self) -> Option<&Rc<SemanticIds>> {
        match self {
            Self::Codes(ids) => Some(ids),
            _ => None,
        }
    }
}
