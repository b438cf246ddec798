//! From logs to numbers: one [`Look`] for each item that was examined. What was never reached is censored: it says
//! nothing about taste, so it is not there.

use super::NUISANCES;
use crate::{
    catalog::{CreatorIx, Shelf},
    learn::log::{Log, LoggedSession},
    math,
    recommender::{Basics, FEATURES, Features},
    user::{CONTEXT, Context, Profile, memory::valence},
};

/// One examined item, in observed numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// The item's public features.
    pub row: [f32; FEATURES],
    /// Whether it was opened: the action whose likelihood counts.
    pub clicked: bool,
    /// The share of it that was watched, in [0, 1].
    pub watched: f64,
    /// How what was done is valued ([`valence`]), in [−1, 1].
    pub valence: f64,
    /// What else bears on opening (see [`NUISANCES`]).
    pub nuisance: [f64; NUISANCES],
}

/// One session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The circumstances.
    pub context: [f64; CONTEXT],
    /// What was looked at, in order.
    pub looks: Vec<Look>,
}

/// What of a catalogue and a profile the numbers are made from, computed once.
#[derive(Clone, Debug)]
pub struct Lens<'a> {
    shelf: &'a Shelf,
    features: &'a Features,
    basics: Basics,
}

impl<'a> Lens<'a> {
    /// For a shelf, its features and a public profile.
    #[must_use]
    pub fn new(shelf: &'a Shelf, features: &'a Features, profile: &Profile) -> Self {
        Self { shelf, features, basics: Basics::of(shelf, profile) }
    }

    /// All sessions of a log that have at least one look.
    #[must_use]
    pub fn runs(&self, log: &Log) -> Vec<Run> {
        log.sessions.iter().map(|s| self.run(s)).filter(|r| !r.looks.is_empty()).collect()
    }

    /// One session.
    #[must_use]
    pub fn run(&self, session: &LoggedSession) -> Run {
        let mut run = Run { context: circumstances(&session.context), looks: Vec::new() };
        let mut count = Count::default();
        for turn in &session.turns {
            for (position, (&item, r)) in turn.items.iter().zip(&turn.reactions).enumerate() {
                if !r.examined {
                    break;
                }
                let duration = self.shelf.items[item as usize].duration_s;
                let creator = self.basics.items[item as usize].creator;
                let value = f64::from(valence(r, duration));
                run.looks.push(Look {
                    row: self.features.rows[item as usize],
                    clicked: r.clicked,
                    watched: if r.clicked { f64::from((r.seconds / duration).clamp(0.0, 1.0)) } else { 0.0 },
                    valence: value,
                    nuisance: self.nuisance(item as usize, position, &count),
                });
                count.add(creator, value, r.clicked, f64::from(r.seconds));
            }
            count.turns += 1;
            count.spoke = turn.said.is_some();
        }
        run
    }

    fn nuisance(&self, item: usize, position: usize, count: &Count) -> [f64; NUISANCES] {
        let basic = &self.basics.items[item];
        let (liking, exposures) = count.creator(basic.creator);
        let mut n = [0.0; NUISANCES];
        n[0] = 1.0;
        for (n, p) in n[1..13].iter_mut().zip(basic.page) {
            *n = f64::from(p);
        }
        n[13] = liking;
        n[14] = exposures.min(4.0) / 2.0;
        n[15] = position as f64 / 8.0;
        n[16] = count.skips.min(16) as f64 / 8.0;
        n[17] = f64::from(math::tanh(count.turns as f32 / 8.0));
        n[18] = f64::from(math::ln(1.0 + count.seconds as f32 / self.basics.usual_s)) / 3.0;
        n[19] = if count.spoke { 1.0 } else { 0.0 };
        n
    }
}

/// What the session held so far, in observed counts.
#[derive(Clone, Debug, Default)]
struct Count {
    creators: Vec<(CreatorIx, f64, f64)>,
    skips: u32,
    turns: u32,
    seconds: f64,
    spoke: bool,
}

impl Count {
    fn add(&mut self, creator: CreatorIx, value: f64, clicked: bool, seconds: f64) {
        self.skips = if clicked { 0 } else { self.skips + 1 };
        self.seconds += seconds.max(0.0);
        for c in &mut self.creators {
            c.2 *= 0.93;
        }
        match self.creators.iter_mut().find(|c| c.0 == creator) {
            Some(c) => {
                c.1 += 0.3 * (value - c.1);
                c.2 += 1.0;
            }
            None => self.creators.push((creator, 0.3 * value, 1.0)),
        }
    }

    /// The liking of a creator and how often they were met lately.
    fn creator(&self, creator: CreatorIx) -> (f64, f64) {
        self.creators.iter().find(|c| c.0 == creator).map_or((0.0, 0.0), |c| (c.1, c.2))
    }
}

/// The circumstances, a third each, as the built-in memory has them.
#[must_use]
pub fn circumstances(context: &Context) -> [f64; CONTEXT] {
    context.features().map(|f| f64::from(f) / 3.0)
}
