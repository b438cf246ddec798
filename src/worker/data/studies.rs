//! Many sessions: the same users under each representation, and at each level of understanding.

use super::{
    Answer, problem,
    protocol::{Event, Measured, MeasuredRow, Progress, Studied},
};
use crate::{
    lab::{representations, understanding},
    recommender::{self, Knowledge},
    scenario::{Scenario, World},
};
use std::rc::Rc;

/// When sessions began, and how many there shall be.
#[derive(Default)]
struct Pace {
    began_ms: Option<f64>,
    total: u32,
}

impl Pace {
    fn progress(&self, done: u32, now_ms: f64, stopped: bool) -> Progress {
        let spent = self.began_ms.map_or(0.0, |b| (now_ms - b) / 1000.0);
        let left = spent / f64::from(done.max(1)) * f64::from(self.total.saturating_sub(done));
        let running = done < self.total && !stopped;
        let seconds_left = (running && done > 0 && spent > 0.5).then_some(left);
        Progress { done, total: self.total, seconds_left, running, stopped: stopped && done < self.total }
    }
}

/// The same users under each representation.
pub(super) struct Studying {
    pace: Pace,
    episodes: u32,
}

impl Studying {
    pub(super) fn new(episodes: u32, arms: usize) -> Self {
        Self { pace: Pace { began_ms: None, total: episodes * arms as u32 }, episodes }
    }

    /// Works until then; `true` once all is played.
    pub(super) fn work(
        &mut self,
        study: &mut representations::Study,
        clock: &dyn Fn() -> f64,
        until: f64,
    ) -> Answer<bool> {
        while study.episodes() < self.episodes {
            let spent = study.step().map_err(|e| problem("scenario", e.to_string()))?;
            // The time is counted from the first session: fitting comes once, before it.
            if !spent.making && study.sessions() > 0 {
                self.pace.began_ms.get_or_insert_with(clock);
            }
            if clock() >= until {
                break;
            }
        }
        Ok(study.episodes() >= self.episodes)
    }

    pub(super) fn told(
        &self,
        study: &representations::Study,
        scenario: &Scenario,
        now_ms: f64,
        stopped: bool,
    ) -> Event {
        let name = scenario.recommender.name.as_str();
        let recommender = recommender::LIST.iter().find(|i| i.name == name).map_or(name, |i| i.title).to_owned();
        let progress = self.pace.progress(study.sessions(), now_ms, stopped);
        Event::Studied(Box::new(Studied { progress, recommender, rows: study.rows() }))
    }
}

/// Each level of understanding on held-out words.
pub(super) struct Measuring {
    pace: Pace,
    episodes: u32,
    seed: u64,
    study: Option<understanding::Study>,
}

impl Measuring {
    pub(super) fn new(episodes: u32, seed: u64) -> Self {
        let total = episodes * understanding::Study::PARTS as u32;
        Self { pace: Pace { began_ms: None, total }, episodes, seed, study: None }
    }

    /// Works until then; `true` once all is played.
    pub(super) fn work(
        &mut self,
        knowledge: &Rc<Knowledge>,
        world: &Rc<World>,
        clock: &dyn Fn() -> f64,
        until: f64,
    ) -> Answer<bool> {
        let Some(study) = &mut self.study else {
            let made = understanding::Study::new(knowledge, world, self.seed);
            self.study = Some(made.map_err(|e| problem("scenario", e.to_string()))?);
            self.pace.began_ms = Some(clock());
            return Ok(false);
        };
        while study.episodes() < self.episodes && clock() < until {
            study.step();
        }
        Ok(study.episodes() >= self.episodes)
    }

    pub(super) fn told(&self, now_ms: f64, stopped: bool) -> Event {
        let done = self.study.as_ref().map_or(0, |s| s.sessions() as u32);
        let progress = self.pace.progress(done, now_ms, stopped);
        let rows = self.study.as_ref().filter(|s| s.episodes() > 0).map(understanding::Study::rows);
        let row = |r: understanding::Row| MeasuredRow {
            manner: r.manner.name().to_owned(),
            level: r.name().to_owned(),
            f1: r.f1,
            met: r.met,
            recovery: r.recovery,
            reward: r.reward,
            saved: r.saved,
            reward_gain: r.reward_gain,
        };
        let rows = rows.unwrap_or_default().into_iter().map(row).collect();
        Event::Measured(Box::new(Measured { progress, rows }))
    }
}
