//! Session k-NN (Jannach and Ludewig, "When recurrent neural networks meet the neighborhood for session-based
//! recommendation", RecSys 2017). Sessions are compared by what was liked in them, in the items' public features, since
//! two sessions rarely share an item in a large catalogue.

use super::act;
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{
        FEATURES, Features, Learnt, Observation, ReasoningTrace, Recommender, fit::dot, logs::LoggedSession, pick,
        tally::Tally,
    },
    user::memory::valence,
};
use std::rc::Rc;

/// What is known of one logged session.
struct Neighbour {
    /// The direction of what was liked in it, of length one (zero if nothing was).
    taste: [f32; FEATURES],
    /// What was looked at, with its valence.
    items: Vec<(ItemIx, f32)>,
}

/// Scores items by how well they went in the `k` logged sessions that are most like this one.
pub(crate) struct Knn {
    learnt: Rc<Learnt>,
    tally: Tally,
    neighbours: Vec<Neighbour>,
    k: usize,
}

impl Knn {
    pub(crate) fn new(learnt: Rc<Learnt>, k: usize) -> Self {
        Self { learnt, tally: Tally::default(), neighbours: Vec::new(), k }
    }

    /// Each item's score: Σ likeness·valence over the nearest sessions, a session no nearer than a stranger counting
    /// little. Popularity, in thousandths, decides where no neighbour has an opinion.
    fn scores(&self, obs: &Observation<'_>) -> (Vec<f32>, usize) {
        let here = direction(&self.tally.liked);
        let all = self.neighbours.iter().enumerate().map(|(n, s)| (dot(&here, &s.taste), n as ItemIx));
        let nearest = pick::best(all, self.k);
        let mut scores: Vec<f32> = obs.shelf.items.iter().map(|i| 0.001 * i.popularity).collect();
        for (likeness, n) in &nearest {
            // Before anything was liked here all sessions are equally near.
            let weight = if self.tally.liked_n > 0.0 { likeness.max(0.0) } else { 1.0 };
            for &(item, value) in &self.neighbours[*n as usize].items {
                scores[item as usize] += weight * value;
            }
        }
        (scores, nearest.len())
    }
}

fn direction(sum: &[f32; FEATURES]) -> [f32; FEATURES] {
    let length = dot(sum, sum).sqrt();
    if length > 1e-9 { sum.map(|v| v / length) } else { [0.0; FEATURES] }
}

fn neighbour(session: &LoggedSession, obs: &Observation<'_>, features: &Features) -> Neighbour {
    let mut items = Vec::new();
    let mut sum = [0.0; FEATURES];
    for turn in &session.turns {
        for (&item, r) in turn.items.iter().zip(&turn.reactions).filter(|x| x.1.examined) {
            let value = valence(r, obs.shelf.items[item as usize].duration_s);
            items.push((item, value));
            for (s, v) in sum.iter_mut().zip(&features.rows[item as usize]) {
                *s += value.max(0.0) * v;
            }
        }
    }
    Neighbour { taste: direction(&sum), items }
}

impl Recommender for Knn {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        if self.neighbours.is_empty() {
            self.neighbours = self.learnt.logs.sessions.iter().map(|s| neighbour(s, obs, obs.features)).collect();
        }
        self.tally.catch_up(obs, &self.learnt.basics, |_, _, _| ());
        let (scores, near) = self.scores(obs);
        pick::fill(obs.candidates, obs.slate_size, |i| scores[i as usize], slate);
        act(trace, || {
            let (n, liked) = (obs.candidates.len(), self.tally.clicked);
            let data = vec![
                ("candidates".into(), n as f64),
                ("sessions".into(), self.neighbours.len() as f64),
                ("neighbours".into(), near as f64),
                ("opened here".into(), f64::from(liked)),
            ];
            let all = self.neighbours.len();
            (
                format!("Compared this session with {all} logged ones and took what went best in the {near} nearest."),
                data,
            )
        });
    }

    fn reset(&mut self) {
        self.tally.reset();
    }
}
