//! Logged sessions that learnt recommenders are fitted on: real sessions of the scenario, served at random.
//!
//! All learnt recommenders are fitted on the same logs, so none is better informed than another. A log holds only what a
//! recommender could have written down: what was shown, what was done with it, what was said, and whether a next turn came.

use super::{PastTurn, pick};
use crate::{
    math::{Purpose, Source},
    scenario::{Scenario, World},
    session::{Answer, Author, End, Keep, Need, Session, Verdict},
};
use std::rc::Rc;

/// One logged session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoggedSession {
    /// Its turns.
    pub turns: Vec<PastTurn>,
    /// Whether the user left (else the horizon cut it off, and what would have come is unknown).
    pub left: bool,
}

/// Logged sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logs {
    /// The sessions.
    pub sessions: Vec<LoggedSession>,
    /// How many items a slate had.
    pub slate_size: usize,
}

/// The log of a catalogue of n items has at most this over n sessions, so that a hundred thousand items do not take
/// minutes; never fewer than 40.
const WORK: usize = 3_000_000;

impl Logs {
    /// Runs `sessions` sessions (fewer for catalogues beyond 10,000 items) of the scenario with a random recommender,
    /// each with luck of its own that no other seed shares.
    #[must_use]
    pub fn collect(scenario: &Rc<Scenario>, world: &Rc<World>, sessions: usize) -> Self {
        let most = (WORK / world.shelf().items.len().max(1)).max(40);
        let root = Source::new(0x10c5).stream(Purpose::Log).bits();
        let sessions = (0..sessions.min(most) as u64)
            .map(|k| {
                logged(Session::new(scenario.clone(), world.clone(), Source::new(root).keyed(k).seed(), Keep::Totals))
            })
            .collect();
        Self { sessions, slate_size: scenario.slate_size }
    }
}

/// Plays a session to its end.
fn logged(mut session: Session) -> LoggedSession {
    loop {
        let answer = match session.poll() {
            Need::Slate(obs) => {
                let mut items = Vec::with_capacity(obs.slate_size);
                pick::draw(obs.candidates, obs.slate_size, &mut session.recommender_stream(), &mut items);
                Answer::Slate { items, trace: None, by: Author::Builtin }
            }
            Need::Reply { .. } => Answer::Reply { words: session.builtin_reply(), by: Author::Builtin },
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by: Author::Builtin },
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by: Author::Builtin },
            Need::Over(end) => {
                return LoggedSession { turns: session.history().to_vec(), left: end == End::Left };
            }
        };
        if session.answer(answer).is_err() {
            // The built-in drivers answer what was asked; were that ever untrue, the log ends here rather than hang.
            debug_assert!(false, "the built-in answer was refused");
            let _ = session.answer(Answer::Verdict { verdict: Verdict::Leave, by: Author::Builtin });
            return LoggedSession { turns: session.history().to_vec(), left: false };
        }
    }
}
