//! Comparisons, cut into slices so that a stop is heard.

use super::stage::Stage;
use crate::{
    lab,
    math::order,
    recommender::{self, TRAINED},
    scenario::RecommenderSpec,
    session::player::Player,
    worker::study::{Comparison, ComparisonRow, RolloutRow, Rollouts},
};
use std::rc::Rc;

/// Every recommender on the stage's scenario and seed.
pub struct CompareJob {
    stage: Stage,
    next: usize,
    /// What there is so far.
    pub result: Comparison,
}

/// The settings of a listed recommender: the scenario's own where it is that one.
fn spec(name: &str, stage: &Stage) -> RecommenderSpec {
    let own = &stage.scenario.recommender;
    if own.name == name { own.clone() } else { RecommenderSpec { name: name.to_owned(), settings: Default::default() } }
}

/// A recommender that is compared.
struct Contender {
    name: &'static str,
    title: String,
    oracle: bool,
}

/// All that can serve on a stage: those on the list, and the one that was brought along. A small program has not all of
/// the list.
fn contenders(stage: &Stage) -> Vec<Contender> {
    let here = |name: &str| cfg!(feature = "whole") || spec(name, stage).is_small();
    let listed = recommender::LIST.iter().filter(|l| here(l.name));
    let listed = listed.map(|l| (l.name, l.title.to_owned(), l.is_oracle));
    let brought = stage.serving.as_ref().map(|s| (TRAINED, s.title.clone(), false));
    listed.chain(brought).map(|(name, title, oracle)| Contender { name, title, oracle }).collect()
}

impl CompareJob {
    /// A job not yet begun.
    pub fn new(stage: Stage) -> Self {
        let result = Comparison { seed: stage.scenario.seed.clone(), ..Comparison::default() };
        Self { stage, next: 0, result }
    }

    /// Runs one recommender's whole session.
    ///
    /// # Errors
    /// When the recommender cannot be made or play, in words.
    pub fn slice(&mut self) -> Result<(), String> {
        let all = contenders(&self.stage);
        let Some(info) = all.get(self.next) else {
            self.result.done = true;
            return Ok(());
        };
        self.next += 1;
        let mut scenario = (*self.stage.scenario).clone();
        scenario.recommender = spec(info.name, &self.stage);
        let current = info.name == self.stage.scenario.recommender.name;
        let mut player = Player::new(Rc::new(scenario), self.stage.world.clone(), self.stage.make.clone())
            .map_err(|e| e.to_string())?;
        player.run().map_err(|e| e.to_string())?;
        let m = player.session().metrics();
        self.result.rows.push(ComparisonRow {
            name: info.name.to_owned(),
            title: info.title.clone(),
            oracle: info.oracle,
            current,
            reward: m.reward,
            turns: m.turns,
            clicks: m.clicks,
            met: (m.met, m.answered),
            return_chance: m.return_chance,
            ndcg: m.ndcg,
            diversity: m.diversity,
        });
        order::sort_by(&mut self.result.rows, |a, b| b.reward.total_cmp(&a.reward));
        self.result.done = self.next >= all.len();
        Ok(())
    }
}

/// Every recommender over many seeds: seed by seed, so that all have run on the same ones at any stop.
pub struct ManyJob {
    comparison: lab::Comparison,
    contenders: Vec<Contender>,
    /// The place of the scenario's own recommender among them.
    own: Option<usize>,
    seeds: u32,
    began_ms: f64,
}

impl ManyJob {
    /// A job not yet begun, on the scenario's seed and those after it.
    ///
    /// # Errors
    /// When a recommender cannot be made, in words.
    pub fn new(stage: &Stage, seeds: u32, now_ms: f64) -> Result<Self, String> {
        let first = stage.scenario.seed.parse().unwrap_or_default();
        let contenders = contenders(stage);
        let own = contenders.iter().position(|i| i.name == stage.scenario.recommender.name);
        let rollout = |contender: &Contender| {
            let spec = spec(contender.name, stage);
            let recommender = (stage.make)(&spec)?;
            Ok(lab::Rollout::served(&stage.scenario, &stage.world, &spec, recommender, first))
        };
        let rollouts = contenders.iter().map(rollout).collect::<Result<_, String>>()?;
        let comparison = lab::Comparison::of(rollouts, own.unwrap_or_default());
        Ok(Self { comparison, contenders, own, seeds, began_ms: now_ms })
    }

    /// Whether all have run.
    pub fn is_done(&self) -> bool {
        self.comparison.episodes() >= self.seeds
    }

    /// Runs one session.
    pub fn step(&mut self) {
        self.comparison.step(1);
    }

    /// What there is so far.
    pub fn result(&self, now_ms: f64, stopped: bool) -> Rollouts {
        let all = self.comparison.rollouts();
        let total = self.seeds * all.len() as u32;
        let done: u32 = all.iter().map(lab::Rollout::episodes).sum();
        let turns: u64 = all.iter().map(lab::Rollout::user_turns).sum();
        let seconds = ((now_ms - self.began_ms) / 1000.0).max(1e-6);
        let running = !stopped && !self.is_done();
        let left = seconds / f64::from(done.max(1)) * f64::from(total - done);
        let rows = self.comparison.rows();
        let mut rows: Vec<RolloutRow> = rows.into_iter().enumerate().map(|(i, r)| self.row(i, &r)).collect();
        order::sort_by(&mut rows, |a, b| b.reward.mean.total_cmp(&a.reward.mean));
        Rollouts {
            seeds: self.seeds,
            done,
            total,
            seconds_left: (running && seconds > 0.3).then_some(left),
            running,
            stopped: stopped && !self.is_done(),
            turns_per_second: turns as f64 / seconds,
            rows,
        }
    }

    fn row(&self, at: usize, compared: &lab::Compared) -> RolloutRow {
        let (info, summary) = (&self.contenders[at], &compared.summary);
        RolloutRow {
            name: info.name.to_owned(),
            title: info.title.clone(),
            oracle: info.oracle,
            current: self.own == Some(at),
            n: summary.episodes,
            reward: summary.get("return"),
            difference: compared.difference.filter(|_| self.own.is_some()),
            turns: summary.get("turns"),
            clicks: summary.get("clicks"),
            issued: summary.get("instructions_issued"),
            met: summary.get("instructions_met"),
            ndcg: summary.get("ndcg"),
            diversity: summary.get("diversity"),
            retention: summary.get("retention"),
        }
    }
}
