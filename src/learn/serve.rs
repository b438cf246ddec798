//! A trained policy as a recommender: it serves a session anywhere, and says what raised and lowered each item.

use super::{
    algorithm::fits,
    files::FileError,
    plackett::SPREAD,
    policy::Policy,
    session::{LOG_SESSIONS, SessionTask},
    task::View,
};
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{
        Knowledge, Observation, ReasoningTrace, Recommender, Step, pick,
        sight::{CANDIDATE, CANDIDATE_SIZE, SITUATION, Sight},
    },
    scenario::World,
};
use std::rc::Rc;

/// How many items of a slate are explained.
const EXPLAINED: usize = 3;
/// What changes a score by less is not told.
const TELLING: f32 = 0.02;

/// A policy that serves sessions.
pub struct Served {
    policy: Policy,
    sight: Sight,
    view: View,
}

impl Served {
    /// Of a policy that was trained on session scenarios.
    ///
    /// # Errors
    /// Where the policy is for another shape.
    pub fn new(policy: Policy, knowledge: &Rc<Knowledge>, world: &World) -> Result<Self, FileError> {
        let mut task = SessionTask::shape_of(knowledge.scenario(), world);
        // A policy scores items one by one: how many stand in a slate is up to the scenario.
        task.slate = policy.shape().slate;
        fits(policy.shape(), task)?;
        Ok(Self { policy, sight: knowledge.sight(LOG_SESSIONS), view: View::default() })
    }

    /// Looks at what may be shown and scores the shortlist; beside the scores, what the best slate gains.
    fn look(&mut self, obs: &Observation<'_>) -> (Vec<f32>, f32) {
        self.sight.look(obs, &mut self.view.observation, &mut self.view.features);
        let gained = self.gained();
        (self.scores(&self.view.features, gained), gained)
    }

    /// The score of every candidate as slates are drawn by it; minus infinity for those beyond the shortlist, which are
    /// never shown.
    pub(super) fn scores_of_all(&mut self, obs: &Observation<'_>) -> Vec<f64> {
        let (scores, _) = self.look(obs);
        let least = scores.iter().fold(f32::NEG_INFINITY, |b, s| b.max(*s)) - SPREAD;
        let mut all = vec![f64::NEG_INFINITY; obs.candidates.len()];
        for (item, score) in self.sight.shortlist().iter().zip(scores) {
            if let Ok(at) = obs.candidates.binary_search(item) {
                all[at] = f64::from(score.max(least));
            }
        }
        all
    }

    /// Rows of features in the present situation, as many at a time as the policy takes.
    fn parts<T>(&self, rows: &[f32], ask: impl Fn(&View) -> T) -> Vec<T> {
        let most = self.policy.shape().candidates * CANDIDATE_SIZE;
        let part = |rows: &[f32]| {
            let (observation, count) = (self.view.observation.clone(), rows.len() / CANDIDATE_SIZE);
            ask(&View { observation, features: rows.to_vec(), count })
        };
        rows.chunks(most.max(1)).map(part).collect()
    }

    /// What the best slate of the shortlist gains, where the policy prices slates: what all items are held against.
    fn gained(&self) -> f32 {
        let all = self.parts(&self.view.features, |view| self.policy.gained_by_best(view));
        all.into_iter().reduce(f32::max).unwrap_or_default()
    }

    /// The score of every row of features in the present situation.
    fn scores(&self, rows: &[f32], gained: f32) -> Vec<f32> {
        self.parts(rows, |view| self.policy.scores_beside(view, gained)).concat()
    }

    /// By how much each number of a candidate moves its score, against the mean of the shortlist.
    fn reasons(&self, row: usize, score: f32, gained: f32) -> Vec<(f32, &'static str)> {
        let rows = self.view.features.as_chunks::<CANDIDATE_SIZE>().0;
        let variants: Vec<f32> = (0..CANDIDATE_SIZE)
            .flat_map(|j| {
                let mut x = rows[row];
                x[j] = rows.iter().map(|r| r[j]).sum::<f32>() / rows.len() as f32;
                x
            })
            .collect();
        let moved = self.scores(&variants, gained).into_iter().map(|without| score - without);
        let mut reasons: Vec<(f32, &str)> = moved.zip(CANDIDATE).filter(|r| r.0.abs() >= TELLING).collect();
        reasons.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
        reasons
    }

    fn explain(&self, obs: &Observation<'_>, ranked: &[(f32, u32)], gained: f32, trace: &mut ReasoningTrace) {
        let seen = SITUATION.iter().zip(&self.view.observation);
        trace.perceive.push(Step {
            text: format!("Saw the session as {} numbers: what was shown, opened and said so far.", SITUATION.len()),
            data: seen.map(|(name, x)| ((*name).to_owned(), f64::from(*x))).collect(),
        });
        let (n, short) = (obs.candidates.len(), self.sight.shortlist().len());
        trace.plan.push(Step {
            text: format!(
                "Scored a shortlist of {short} of {n} items by what it has learnt pays over a whole session."
            ),
            data: vec![("candidates".into(), n as f64), ("shortlist".into(), short as f64)],
        });
        for (score, row) in ranked.iter().take(EXPLAINED) {
            let reasons = self.reasons(*row as usize, *score, gained);
            let side = |up: bool| {
                let some = reasons.iter().filter(|r| (r.0 > 0.0) == up).take(3);
                some.map(|(by, name)| format!("{name} ({by:+.2})")).collect::<Vec<_>>().join(", ")
            };
            let (raised, lowered) = (side(true), side(false));
            let title = &obs.shelf.items[self.sight.shortlist()[*row as usize] as usize].title;
            let mut text = format!("Chose “{title}”");
            if !raised.is_empty() {
                text += &format!(", raised by {raised}");
            }
            if !lowered.is_empty() {
                text += &format!("{} lowered by {lowered}", if raised.is_empty() { "," } else { ";" });
            }
            let mut data = vec![("score".to_owned(), f64::from(*score))];
            data.extend(reasons.iter().take(8).map(|(by, name)| ((*name).to_owned(), f64::from(*by))));
            trace.act.push(Step { text: text + ".", data });
        }
        trace.remember = self.sight.remembered(obs);
    }
}

impl Recommender for Served {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        let (scores, gained) = self.look(obs);
        let ranked = pick::best(scores.into_iter().zip(0..), obs.slate_size);
        slate.extend(ranked.iter().map(|s| self.sight.shortlist()[s.1 as usize]));
        if let Some(trace) = trace {
            self.explain(obs, &ranked, gained, trace);
        }
    }

    fn reset(&mut self) {
        self.sight.reset();
    }
}
