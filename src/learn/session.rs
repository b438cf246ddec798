//! Session scenarios as a task: what a policy sees of a session is public ([`Sight`]), what it earns is the session's
//! reward.

use super::task::{Outcome, Place, Shape, Task, View};
use crate::{
    catalog::ItemIx,
    math::Source,
    recommender::{
        Knowledge, Observation,
        sight::{CANDIDATE_SIZE, SHORTLIST, SITUATION_SIZE, Sight},
    },
    scenario::{Scenario, World},
    session::{Answer, Author, End, Keep, Need, RewardParts, Session},
};
use std::rc::Rc;

/// How many logged sessions the models behind the numbers are fitted on: as many as for every baseline.
pub const LOG_SESSIONS: usize = 300;

/// A session scenario to learn from.
pub struct SessionTask {
    knowledge: Rc<Knowledge>,
    world: Rc<World>,
    sight: Sight,
    session: Session,
}

impl SessionTask {
    /// The task of a scenario; `knowledge` and `world` are of it. The models are fitted on logs here, which takes some
    /// tens of milliseconds.
    #[must_use]
    pub fn new(knowledge: &Rc<Knowledge>, world: &Rc<World>) -> Self {
        let session = Session::new(knowledge.scenario().clone(), world.clone(), 0, Keep::Totals);
        let sight = knowledge.sight(LOG_SESSIONS);
        Self { knowledge: knowledge.clone(), world: world.clone(), sight, session }
    }

    /// The sizes of a scenario's task.
    #[must_use]
    pub fn shape_of(scenario: &Scenario, world: &World) -> Shape {
        let items = world.shelf().items.len();
        let offered = if scenario.candidates == 0 { items } else { scenario.candidates.min(items) };
        Shape {
            observation: SITUATION_SIZE,
            features: CANDIDATE_SIZE,
            candidates: SHORTLIST.min(offered).max(scenario.slate_size),
            slate: scenario.slate_size,
        }
    }

    /// The session as it stands.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    fn look(&mut self, view: &mut View) {
        let observation = self.session.observation();
        if self.session.end().is_none() {
            self.sight.look(&observation, &mut view.observation, &mut view.features);
        } else {
            // What would be seen, were there one more turn.
            let shown = self.session.history().last().map_or(&[][..], |t| t.items.as_slice());
            let left: Vec<ItemIx> = observation.candidates.iter().copied().filter(|i| !shown.contains(i)).collect();
            let enough = left.len() >= observation.slate_size;
            let candidates = if enough { left.as_slice() } else { observation.candidates };
            let next =
                Observation { history: self.session.history(), turn: observation.turn + 1, candidates, ..observation };
            self.sight.look(&next, &mut view.observation, &mut view.features);
        }
        view.count = self.sight.shortlist().len();
    }
}

impl Task for SessionTask {
    fn shape(&self) -> Shape {
        Self::shape_of(self.knowledge.scenario(), &self.world)
    }

    fn reset(&mut self, seed: u64, view: &mut View) {
        self.session = Session::new(self.knowledge.scenario().clone(), self.world.clone(), seed, Keep::Totals);
        self.sight.reset();
        self.look(view);
    }

    fn step(&mut self, slate: &[usize], view: &mut View) -> Outcome {
        let by = Author::Builtin;
        let items = slate.iter().map(|i| self.sight.shortlist()[*i]).collect();
        let mut answer = Answer::Slate { items, trace: None, by };
        loop {
            self.session.answer(answer).expect("a slate of candidates, and built-in answers to what was asked");
            answer = match self.session.poll() {
                Need::Review { .. } => Answer::Review { reaction: self.session.builtin_reaction(), by },
                Need::Verdict { .. } => Answer::Verdict { verdict: self.session.builtin_verdict(), by },
                Need::Slate(_) | Need::Reply { .. } | Need::Over(_) => break,
            };
        }
        let reward = self.session.turn_parts().total(&self.session.scenario().reward);
        let end = self.session.end();
        if end != Some(End::Left) {
            self.look(view);
        }
        Outcome { reward, terminated: end == Some(End::Left), truncated: end == Some(End::Truncated) }
    }

    fn places(&self, to: &mut Vec<Place>) {
        to.clear();
        let weights = &self.session.scenario().reward;
        let last = self.session.history().last();
        to.extend(last.into_iter().flat_map(|t| &t.reactions).map(|r| Place {
            examined: r.examined,
            consumed: r.clicked,
            reward: RewardParts::of_reaction(r).total(weights),
        }));
    }

    fn fresh(&self) -> Box<dyn Task> {
        Box::new(Self::new(&self.knowledge, &self.world))
    }

    fn told(&self, view: &View) -> (String, Vec<String>) {
        let shelf = self.world.shelf();
        let name = |item: ItemIx| {
            let it = &shelf.items[item as usize];
            format!("{} ({}, {:.0} s)", it.title, shelf.topics[it.topics[0] as usize], it.duration_s)
        };
        let scenario = self.session.scenario();
        let mut text = format!("{}\nUser: {}.", scenario.about, scenario.profile.name);
        for (n, turn) in self.session.history().iter().enumerate() {
            let opened: Vec<String> = (turn.items.iter().zip(&turn.reactions))
                .filter(|t| t.1.clicked)
                .map(|t| format!("{} for {:.0} s", name(*t.0), t.1.seconds))
                .collect();
            let opened = if opened.is_empty() { "nothing".to_owned() } else { opened.join("; ") };
            text += &format!("\nTurn {}: shown {}, opened {opened}.", n + 1, turn.items.len());
            if let Some((_, words)) = turn.said.as_ref().filter(|s| !s.1.is_empty()) {
                text += &format!(" The user said: \"{words}\"");
            }
        }
        debug_assert_eq!(view.count, self.sight.shortlist().len());
        (text, self.sight.shortlist().iter().map(|i| name(*i)).collect())
    }

    fn luck(&mut self, seed: u64) {
        self.session.reseed(Source::new(seed).seed());
    }

    fn measures(&self) -> Vec<(&'static str, f64)> {
        let m = self.session.metrics();
        vec![
            ("retention", m.return_chance),
            ("turns", f64::from(m.turns)),
            ("clicks", f64::from(m.clicks)),
            ("minutes", m.seconds / 60.0),
            ("instructions_met", f64::from(m.met)),
            ("satisfaction", m.satisfaction),
            ("diversity", m.diversity),
            ("ndcg", m.ndcg),
        ]
    }
}
