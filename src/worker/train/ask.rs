//! Two slates for the same user in the same moment, and a person who says which one they would rather have.

use super::{
    protocol::{Asked, Chosen, Problem},
    run::Run,
};
use crate::{
    learn::{
        pairs::{FRESH, Maker, Making, Pair, STATED, situation, to_value},
        policy::Policy,
        task::View,
    },
    math::Source,
};

/// The moments that a person is asked about are keyed by this.
const KEY: u64 = 0xa5c;
/// The width of the fresh policy that draws the slates.
const HIDDEN: usize = 64;
/// Tries to draw two slates that differ.
const TRIES: u64 = 50;

/// What a person is asked, and what was said so far.
#[derive(Default)]
pub(super) struct Asking {
    /// Moments that were drawn.
    drawn: u64,
    pair: Option<Pair>,
    /// What was said: the lines of a file of pairs.
    pub(super) picked: String,
}

fn problem(what: &str) -> Problem {
    Problem { field: String::new(), what: what.to_owned() }
}

impl Asking {
    /// What a run that is gone on with had.
    pub(super) fn taken_up(picked: String) -> Self {
        // Moments that were answered are not asked again.
        Self { drawn: picked.lines().count() as u64 * TRIES, pair: None, picked }
    }

    /// How many preferences were stated.
    pub(super) fn count(&self) -> usize {
        self.picked.lines().count()
    }
}

impl Run {
    /// Draws two slates, close to random so that no learner's taste is in them, in some moment of some session.
    pub(super) fn ask(&mut self) -> Result<Asked, Problem> {
        if !matches!(self.plan.scenario, Chosen::Session(_)) {
            return Err(problem("Only sessions have slates that a person can look at: train on a session scenario."));
        }
        let (mut maker, policy) =
            (Maker::new(self.task.as_ref()), Policy::new(self.task.shape(), HIDDEN, Source::new(KEY)));
        let once = Making { pairs: 1, continuations: 0 };
        let pair = (0..TRIES).find_map(|_| {
            self.asking.drawn += 1;
            maker.make(&policy, once, Source::new(KEY).keyed(self.asking.drawn)).pop()
        });
        let pair = pair.ok_or_else(|| problem("Its slates are all alike: there is nothing to choose between."))?;
        let told = situation(self.task.fresh().as_mut(), pair.seed, &pair.past, &mut View::default());
        let (situation, names) = told.map_err(|e| problem(&e))?;
        let slate = |places: &[u16]| places.iter().map(|i| names[*i as usize].clone()).collect();
        let asked = Asked { situation, slates: [slate(&pair.chosen), slate(&pair.rejected)] };
        self.asking.pair = Some(pair);
        Ok(asked)
    }

    /// A person prefers the first slate or the second.
    pub(super) fn prefer(&mut self, second: bool) -> Result<(), Problem> {
        let pair = self.asking.pair.take().ok_or_else(|| problem("Nothing was asked."))?;
        let (chosen, rejected) = if second { (pair.rejected, pair.chosen) } else { (pair.chosen, pair.rejected) };
        let pair = Pair { chosen, rejected, certainty: STATED, earned: [0.0; 2], drawn_by: FRESH.to_owned(), ..pair };
        let line = to_value(self.task.fresh().as_mut(), &pair);
        self.asking.picked += &format!("{line}\n");
        Ok(())
    }

    /// The preferences that were stated, as a file of pairs.
    pub(super) fn picked(&self) -> Result<String, Problem> {
        if self.asking.picked.is_empty() {
            return Err(problem("No preference was stated yet."));
        }
        Ok(self.asking.picked.clone())
    }
}
