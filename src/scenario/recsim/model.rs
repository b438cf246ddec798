//! One of the three, behind one face.

use super::{
    evolution::Evolution,
    exploration::Exploration,
    satisfaction::Satisfaction,
    seen::Seen,
    spec::{Family, Spec},
};
use crate::learn::task::{Outcome, Place, Shape, Task, View};

#[derive(Clone, Debug)]
enum Dynamics {
    Evolution(Evolution),
    Satisfaction(Satisfaction),
    Exploration(Exploration),
}

/// Does the same with whichever it is.
macro_rules! each {
    ($dynamics:expr, $d:ident => $what:expr) => {
        match $dynamics {
            Dynamics::Evolution($d) => $what,
            Dynamics::Satisfaction($d) => $what,
            Dynamics::Exploration($d) => $what,
        }
    };
}

/// A published environment in an episode. Steps allocate nothing.
#[derive(Clone, Debug)]
pub struct Model {
    spec: Spec,
    dynamics: Dynamics,
    reward: f64,
}

impl Model {
    /// The environment of a specification, before any episode.
    pub(super) fn new(spec: &Spec) -> Self {
        let (slate, candidates) = (spec.slate_size(), spec.num_candidates());
        let dynamics = match spec.family() {
            Family::InterestEvolution => Dynamics::Evolution(Evolution::new(slate, candidates)),
            Family::LongTermSatisfaction => {
                Dynamics::Satisfaction(Satisfaction::new(slate, candidates, spec.sensitivity()))
            }
            Family::InterestExploration => Dynamics::Exploration(Exploration::new(slate, candidates)),
        };
        Self { spec: spec.clone(), dynamics, reward: 0.0 }
    }

    /// What it was made of.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Begins the episode of a seed.
    pub fn begin(&mut self, seed: u64) {
        self.reward = 0.0;
        each!(&mut self.dynamics, d => d.begin(seed));
    }

    /// Shows a slate of different candidates, named by their place, and lets the user react.
    ///
    /// # Panics
    /// Where a place is beyond the candidates, or the slate is empty.
    pub fn advance(&mut self, slate: &[usize]) -> Outcome {
        let outcome = each!(&mut self.dynamics, d => d.advance(slate));
        self.reward += outcome.reward;
        outcome
    }

    /// What anybody may see now.
    #[must_use]
    pub fn seen(&self) -> Seen<'_> {
        each!(&self.dynamics, d => d.seen())
    }

    /// How many items were consumed in this episode.
    #[must_use]
    pub fn clicks(&self) -> u32 {
        each!(&self.dynamics, d => d.clicks())
    }

    /// Another hidden state that shows in nothing yet: for the conformance checker.
    pub(super) fn disturb(&mut self) {
        each!(&mut self.dynamics, d => d.disturb());
    }

    /// What is hidden of the user, for agents that are marked as oracles: the affinity to each topic.
    pub(super) fn affinity(&self) -> &[f32] {
        match &self.dynamics {
            Dynamics::Exploration(e) => e.affinity(),
            Dynamics::Evolution(_) | Dynamics::Satisfaction(_) => &[],
        }
    }
}

impl Task for Model {
    fn shape(&self) -> Shape {
        each!(&self.dynamics, d => d.shape())
    }

    fn reset(&mut self, seed: u64, view: &mut View) {
        self.begin(seed);
        each!(&self.dynamics, d => d.observe(view));
    }

    fn step(&mut self, slate: &[usize], view: &mut View) -> Outcome {
        let outcome = self.advance(slate);
        each!(&self.dynamics, d => d.observe(view));
        outcome
    }

    fn places(&self, to: &mut Vec<Place>) {
        let seen = self.seen();
        to.clear();
        to.resize(seen.shown.len(), Place { examined: true, ..Place::default() });
        if let Some(click) = seen.click {
            to[click.place] = Place { examined: true, consumed: true, reward: click.amount };
        }
    }

    fn fresh(&self) -> Box<dyn Task> {
        Box::new(Self::new(&self.spec))
    }

    /// What is watched now buys or costs time at the very end, some hundred steps later.
    fn hints(&self) -> &'static [(&'static str, f64)] {
        match &self.dynamics {
            Dynamics::Evolution(_) => &[("gamma", 0.999)],
            Dynamics::Satisfaction(_) | Dynamics::Exploration(_) => &[],
        }
    }

    fn luck(&mut self, seed: u64) {
        each!(&mut self.dynamics, d => d.luck(seed));
    }

    fn measures(&self) -> Vec<(&'static str, f64)> {
        vec![("turns", f64::from(self.seen().step)), ("clicks", f64::from(self.clicks()))]
    }
}
