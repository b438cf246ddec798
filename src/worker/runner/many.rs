//! Comparisons: all recommenders on this seed, and over many.

use super::{Done, Runner, job::ManyJob, problem};
use crate::worker::Event;

/// Milliseconds that a slice of comparing may take: a stop is heard after it.
pub(super) const SLICE_MS: f64 = 8.0;
/// Milliseconds between two reports of a comparison.
const REPORT_MS: f64 = 120.0;
/// The most seeds of a comparison.
const MAX_SEEDS: u32 = 10_000;

impl Runner {
    pub(super) fn compare_many(&mut self, seeds: u32, now_ms: f64) -> Done {
        if !(2..=MAX_SEEDS).contains(&seeds) {
            return Err(problem("Nothing was compared", format!("{seeds} seeds; from 2 to {MAX_SEEDS} can be run.")));
        }
        let job = ManyJob::new(&self.show()?.stage, seeds, now_ms);
        self.many = Some(Box::new(job.map_err(|e| problem("Nothing was compared", e))?));
        self.reported_ms = now_ms;
        Ok(())
    }

    pub(super) fn stop_comparing(&mut self, now_ms: f64, out: &mut Vec<Event>) {
        self.compare = None;
        if let Some(job) = self.many.take() {
            let result = job.result(now_ms, true);
            self.rollouts = Some(result.clone());
            out.push(Event::Rollouts(Box::new(result)));
        }
    }

    pub(super) fn compare_on(
        &mut self,
        clock: &dyn Fn() -> f64,
        began: f64,
        out: &mut Vec<Event>,
    ) -> Result<(), String> {
        if let Some(job) = &mut self.compare {
            job.slice()?;
            out.push(Event::Compared(Box::new(job.result.clone())));
            if job.result.done {
                self.compare = None;
            }
            return Ok(());
        }
        if let Some(extras) = self.extras {
            (extras.many_on)(self, clock, began, out);
        }
        Ok(())
    }

    pub(super) fn many_on(&mut self, clock: &dyn Fn() -> f64, began: f64, out: &mut Vec<Event>) {
        let Some(job) = &mut self.many else { return };
        while !job.is_done() && clock() - began < SLICE_MS {
            job.step();
        }
        let now = clock();
        if job.is_done() || now - self.reported_ms >= REPORT_MS {
            self.reported_ms = now;
            let result = job.result(now, false);
            out.push(Event::Rollouts(Box::new(result.clone())));
            self.rollouts = Some(result);
            if job.is_done() {
                self.many = None;
            }
        }
    }
}
