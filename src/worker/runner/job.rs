//! Comparisons, cut into slices so that a stop is heard.

use super::stage::Stage;
use crate::{
    recommender,
    scenario::RecommenderSpec,
    session::{Answer, Author, Keep, Metrics, Need, Session, player::Player},
    worker::study::{Comparison, ComparisonRow, Estimate, RolloutRow, Rollouts},
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
        let Some(info) = recommender::LIST.get(self.next) else {
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
        let mut total = 0.0;
        let totals = player.session().turns().iter().map(|t| {
            total += t.reward;
            total
        });
        self.result.rows.push(ComparisonRow {
            name: info.name.to_owned(),
            title: info.title.to_owned(),
            oracle: info.is_oracle,
            current,
            reward: m.reward,
            turns: m.turns,
            clicks: m.clicks,
            met: (m.met, m.answered),
            return_chance: m.return_chance,
            ndcg: m.ndcg,
            diversity: m.diversity,
            totals: totals.collect(),
        });
        self.result.rows.sort_by(|a, b| b.reward.total_cmp(&a.reward));
        self.result.done = self.next >= recommender::LIST.len();
        Ok(())
    }
}

/// The measures of one recommender, one a session.
#[derive(Default)]
struct Column {
    rewards: Vec<f64>,
    metrics: Vec<Metrics>,
}

/// Every recommender over many seeds: seed by seed, so that all have run on the same ones at any stop.
pub struct ManyJob {
    stage: Stage,
    base: u64,
    seeds: u32,
    at: (u32, usize),
    columns: Vec<Column>,
    turns: u64,
    began_ms: f64,
}

impl ManyJob {
    /// A job not yet begun.
    pub fn new(stage: Stage, seeds: u32, now_ms: f64) -> Self {
        let base = stage.scenario.seed.parse().unwrap_or_default();
        let columns = recommender::LIST.iter().map(|_| Column::default()).collect();
        Self { stage, base, seeds, at: (0, 0), columns, turns: 0, began_ms: now_ms }
    }

    /// Whether all have run.
    pub fn is_done(&self) -> bool {
        self.at.0 >= self.seeds
    }

    /// Runs one session.
    ///
    /// # Errors
    /// When the recommender cannot be made or play, in words.
    pub fn step(&mut self) -> Result<(), String> {
        let (n, r) = self.at;
        let seed = self.base.wrapping_add(u64::from(n));
        let metrics = play(&self.stage, &spec(recommender::LIST[r].name, &self.stage), seed)?;
        self.turns += u64::from(metrics.turns);
        self.columns[r].rewards.push(metrics.reward);
        self.columns[r].metrics.push(metrics);
        self.at = if r + 1 < recommender::LIST.len() { (n, r + 1) } else { (n + 1, 0) };
        Ok(())
    }

    /// What there is so far.
    pub fn result(&self, now_ms: f64, stopped: bool) -> Rollouts {
        let total = self.seeds * recommender::LIST.len() as u32;
        let done = self.at.0 * recommender::LIST.len() as u32 + self.at.1 as u32;
        let seconds = ((now_ms - self.began_ms) / 1000.0).max(1e-6);
        let running = !stopped && !self.is_done();
        let left = seconds / f64::from(done.max(1)) * f64::from(total - done);
        let own = recommender::LIST.iter().position(|i| i.name == self.stage.scenario.recommender.name);
        let mut rows: Vec<RolloutRow> = (0..self.columns.len()).map(|r| self.row(r, own)).collect();
        rows.sort_by(|a, b| b.reward.mean.total_cmp(&a.reward.mean));
        Rollouts {
            seeds: self.seeds,
            done,
            total,
            seconds_left: (running && seconds > 0.3).then_some(left),
            running,
            stopped: stopped && !self.is_done(),
            turns_per_second: self.turns as f64 / seconds,
            rows,
        }
    }

    fn row(&self, r: usize, own: Option<usize>) -> RolloutRow {
        let (info, column) = (&recommender::LIST[r], &self.columns[r]);
        let of = |f: fn(&Metrics) -> f64| estimate(column.metrics.iter().map(f));
        let difference = own.filter(|&o| o != r).map(|o| {
            let pairs = column.rewards.iter().zip(&self.columns[o].rewards);
            estimate(pairs.map(|(a, b)| a - b))
        });
        RolloutRow {
            name: info.name.to_owned(),
            title: info.title.to_owned(),
            oracle: info.is_oracle,
            current: own == Some(r),
            n: column.rewards.len() as u32,
            reward: estimate(column.rewards.iter().copied()),
            difference,
            turns: of(|m| f64::from(m.turns)),
            clicks: of(|m| f64::from(m.clicks)),
            issued: of(|m| f64::from(m.issued)),
            met: of(|m| f64::from(m.met)),
            ndcg: of(|m| m.ndcg),
            diversity: of(|m| m.diversity),
            retention: of(|m| m.return_chance),
        }
    }
}

fn play(stage: &Stage, spec: &RecommenderSpec, seed: u64) -> Result<Metrics, String> {
    let mut recommender = (stage.make)(spec)?;
    let mut session = Session::new(stage.scenario.clone(), stage.world.clone(), seed, Keep::Totals);
    let by = Author::Builtin;
    loop {
        let answer = match session.poll() {
            Need::Slate(observation) => {
                let mut items = Vec::with_capacity(observation.slate_size);
                crate::recommender::serve(&mut *recommender, &session, &mut items, None);
                Answer::Slate { items, trace: None, by }
            }
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
            Need::Over(_) => return Ok(session.metrics()),
        };
        session.answer(answer).map_err(|e| e.to_string())?;
    }
}

/// Mean, standard error and 95 % interval. The interval widens the normal one by Student's t for few values
/// (Cornish-Fisher's first two terms: 1.96 + 2.37/ν + 2.82/ν², right to 0.02 from ν = 4 up).
pub fn estimate(values: impl Iterator<Item = f64>) -> Estimate {
    let (mut n, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for v in values {
        n += 1.0;
        let delta = v - mean;
        mean += delta / n;
        squares += delta * (v - mean);
    }
    if n < 2.0 {
        return Estimate { mean, se: 0.0, low: mean, high: mean };
    }
    let nu = n - 1.0;
    let se = (squares / nu / n).sqrt();
    let half = se * (1.96 + 2.37 / nu + 2.82 / (nu * nu));
    Estimate { mean, se, low: mean - half, high: mean + half }
}
