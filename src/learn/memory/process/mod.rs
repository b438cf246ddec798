//! Who makes the logs that the memory is fitted on. Fitting our own form to our own logs is a test of recovery, not
//! evidence that people are like that; so there are processes that work otherwise too.

mod evolution;
mod mood;
mod recency;

use super::judge::Hidden;
use crate::{
    catalog::ItemIx,
    learn::log::{Given, Log, LoggedSession, play, policy::Policy},
    math::{Purpose, Source, Stream, sigmoid},
    recommender::PastTurn,
    scenario::{Scenario, World},
    user::Reaction,
};
use std::rc::Rc;

/// A process that makes sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// The built-in user, whole: memory, satiation, wishes, fatigue and all.
    Own,
    /// Wants more of the last few things opened, and now and then jumps to another topic.
    Recency,
    /// A hidden Markov chain of moods that nothing shown can move.
    Mood,
    /// RecSim's interest evolution: each item opened pulls its topic's interest up or down for good.
    Evolution,
}

/// All processes, our own first.
pub const PROCESSES: [Process; 4] = [Process::Own, Process::Recency, Process::Mood, Process::Evolution];

impl Process {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Recency => "recency",
            Self::Mood => "mood",
            Self::Evolution => "evolution",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Own => "the built-in user, whole",
            Self::Recency => "more of what was opened last, with jumps to other topics",
            Self::Mood => "a hidden Markov chain of moods that nothing shown can move",
            Self::Evolution => "RecSim's interest evolution over topics",
        }
    }
}

/// Makes `sessions` sessions, served at random, with what is hidden beside them. The same seed gives the same bytes.
pub struct Maker {
    process: Process,
    scenario: Rc<Scenario>,
    world: Rc<World>,
    policy: Policy,
    source: Source,
    made: u64,
    /// The sessions made so far.
    pub log: Log,
    /// What is hidden of them.
    pub hidden: Vec<Hidden>,
}

impl Maker {
    /// For a scenario in its world; nothing is made yet.
    #[must_use]
    pub fn new(process: Process, scenario: &Rc<Scenario>, world: &Rc<World>, policy: Policy, seed: u64) -> Self {
        let source = Source::new(Source::new(seed).stream(Purpose::Log).bits());
        let (scenario, world) = (scenario.clone(), world.clone());
        Self { process, scenario, world, policy, source, made: 0, log: Log::default(), hidden: Vec::new() }
    }

    /// Makes one more session.
    pub fn make(&mut self) {
        let source = self.source.keyed(self.made);
        self.made += 1;
        let (session, hidden) = match self.process {
            Process::Own => self.own(source.seed()),
            Process::Recency => self.other(source, &mut recency::Mind::new(&self.world, source)),
            Process::Mood => self.other(source, &mut mood::Mind::new(&self.world, source)),
            Process::Evolution => self.other(source, &mut evolution::Mind::new(&self.world, source)),
        };
        self.log.sessions.push(session);
        self.hidden.push(hidden);
    }

    fn own(&mut self, seed: u64) -> (LoggedSession, Hidden) {
        let mut hidden = Hidden::default();
        let session = play::session(&self.scenario, &self.world, &mut self.policy, seed, &mut |chance, session| {
            hidden.chance.push(chance);
            hidden.mindset.push(session.user().mindset.iter().map(|v| f64::from(*v)).collect());
        });
        (session, hidden)
    }

    /// Sessions of from 6 to 10 random slates, read from the top, going on after each item with a chance of 0.88.
    fn other(&self, source: Source, mind: &mut dyn Mind) -> (LoggedSession, Hidden) {
        let mut draw = source.stream(Purpose::Click);
        let name = (self.made - 1).to_string();
        let mut session = LoggedSession { name, context: self.scenario.context.clone(), ..LoggedSession::default() };
        let mut hidden = Hidden::default();
        for _ in 0..6 + draw.below(5) {
            let turn = self.slate(&mut draw, mind, &mut hidden);
            session.turns.push(turn);
            session.given.push(Given::default());
        }
        (session, hidden)
    }

    fn slate(&self, draw: &mut Stream, mind: &mut dyn Mind, hidden: &mut Hidden) -> PastTurn {
        let n = self.world.shelf().items.len();
        let mut turn = PastTurn::default();
        while turn.items.len() < self.scenario.slate_size.min(n) {
            let item = draw.below(n) as ItemIx;
            if !turn.items.contains(&item) {
                turn.items.push(item);
            }
        }
        for place in 0..turn.items.len() {
            if place > 0 && !draw.chance(0.88) {
                turn.reactions.push(Reaction::default());
                break;
            }
            let item = turn.items[place];
            let utility = mind.utility(&self.world, item) + 0.3 * self.world.truth().quality[item as usize];
            let chance = sigmoid(utility);
            let clicked = draw.chance(chance);
            let length = self.world.shelf().items[item as usize].duration_s;
            let spread = crate::math::exp(0.5 * draw.normal());
            let share = (sigmoid(1.1 * (utility + 0.75)) * spread).min(1.0);
            let seconds = if clicked { length * share } else { 1.5 * spread };
            let liked = clicked && share > 0.5 && draw.chance(sigmoid(utility - 1.0));
            turn.reactions.push(Reaction { examined: true, clicked, seconds, liked, ..Reaction::default() });
            mind.after(&self.world, item, clicked, draw);
            hidden.chance.push(f64::from(chance));
            hidden.mindset.push(mind.state());
        }
        turn
    }
}

/// A user of another kind.
trait Mind {
    /// The logit of opening an item of average quality now.
    fn utility(&self, world: &World, item: ItemIx) -> f32;
    /// What an item does to the user.
    fn after(&mut self, world: &World, item: ItemIx, clicked: bool, draw: &mut Stream);
    /// The hidden state, as a vector.
    fn state(&self) -> Vec<f64>;
}
