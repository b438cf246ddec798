//! Logs made by playing: sessions of a scenario, served by a policy whose chances are written down.

use super::{Given, LoggedSession, policy::Policy};
use crate::{
    recommender::PastTurn,
    scenario::{Scenario, World},
    session::{Answer, Author, Keep, Need, Session, Verdict},
};
use std::rc::Rc;

/// Plays the session of a seed to its end. `watch` is called after each examined item with the chance that the user had
/// of opening it, and the session: for whoever judges an estimate, never for whoever makes it.
pub fn session(
    scenario: &Rc<Scenario>,
    world: &Rc<World>,
    policy: &mut Policy,
    seed: u64,
    watch: &mut dyn FnMut(f64, &Session),
) -> LoggedSession {
    policy.reset();
    let mut log = LoggedSession { name: seed.to_string(), context: scenario.context.clone(), ..Default::default() };
    let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
    let by = Author::Builtin;
    loop {
        let answer = match session.poll() {
            Need::Slate(obs) => {
                let candidates = if scenario.candidates == 0 { Vec::new() } else { obs.candidates.to_vec() };
                let (items, propensities) = policy.draw(&obs, &mut session.recommender_stream());
                log.given.push(Given { propensities, candidates, reward: None });
                Answer::Slate { items, trace: None, by }
            }
            Need::Reply { .. } => Answer::Reply { words: session.builtin_reply(), by },
            Need::Review { item, .. } => {
                let reaction = session.builtin_reaction();
                if reaction.examined {
                    let chance = f64::from(session.appraise(item).click_chance);
                    let answered = session.answer(Answer::Review { reaction, by });
                    debug_assert!(answered.is_ok(), "the built-in answer was refused");
                    book(&mut log, &session);
                    watch(chance, &session);
                    continue;
                }
                Answer::Review { reaction, by }
            }
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
            Need::Over(_) => {
                log.turns = session.history().to_vec();
                return log;
            }
        };
        if session.answer(answer).is_err() {
            // The built-in drivers answer what was asked; were that ever untrue, the log ends here rather than hang.
            debug_assert!(false, "the built-in answer was refused");
            let _ = session.answer(Answer::Verdict { verdict: Verdict::Leave, by });
            log.turns = session.history().to_vec();
            log.given.truncate(log.turns.len());
            return log;
        }
        book(&mut log, &session);
    }
}

/// Writes down what the present turn has earned so far.
fn book(log: &mut LoggedSession, session: &Session) {
    // A closed turn's parts stay until the next slate is taken, and that has a line of its own by then.
    if let Some(given) = log.given.last_mut() {
        given.reward = Some(session.turn_parts().total(&session.scenario().reward));
    }
}

impl LoggedSession {
    /// What the session earned, as far as it was written down.
    #[must_use]
    pub fn earned(&self) -> f64 {
        self.given.iter().filter_map(|g| g.reward).fold(0.0, |s, r| s + r)
    }

    /// The turns with what goes with each.
    pub fn rows(&self) -> impl Iterator<Item = (&PastTurn, &Given)> {
        self.turns.iter().zip(&self.given)
    }
}
