//! The benches' workloads in the worker, timed by the caller's clock, in slices.

use crate::{lab::bench::WORKLOADS, math::order};
use serde::Serialize;

/// How long one sample takes at the least, milliseconds: far above the clock's grain.
const SAMPLE_MS: f64 = 4.0;
/// How long a workload is sampled, milliseconds.
const LONG_MS: f64 = 800.0;
/// The fewest samples of a workload.
const FEWEST: usize = 3;

/// A workload's figure.
#[derive(Clone, Debug, Serialize)]
struct Figure {
    name: &'static str,
    median_ns: f64,
}

/// All workloads, one after the other.
#[derive(Default)]
pub(super) struct BenchJob {
    next: usize,
    work: Option<Box<dyn FnMut() -> f64>>,
    calls: u32,
    samples: Vec<f64>,
    spent_ms: f64,
    results: Vec<Figure>,
    /// What the work returned, so that none of it is left out as useless.
    sink: f64,
}

#[derive(Serialize)]
struct Report<'a> {
    results: &'a [Figure],
    sink: f64,
}

impl BenchJob {
    /// One sample; the figures as JSON when all is done.
    pub(super) fn slice(&mut self, clock: &dyn Fn() -> f64) -> Option<String> {
        let Some(workload) = WORKLOADS.get(self.next) else {
            let report = Report { results: &self.results, sink: self.sink };
            return Some(serde_json::to_string(&report).unwrap_or_else(|e| format!("{{\"error\":\"{e}\"}}")));
        };
        let Some(work) = &mut self.work else {
            self.work = Some((workload.prepare)());
            self.calls = 1;
            return None;
        };
        let began = clock();
        for _ in 0..self.calls {
            self.sink += work();
        }
        let took = clock() - began;
        if took < SAMPLE_MS {
            // The first calls are slow, for the browser has still to compile them: what they took tells nothing.
            self.calls = self.calls.saturating_mul(2);
            self.samples.clear();
            return None;
        }
        self.spent_ms += took;
        self.samples.push(took * 1e6 / f64::from(self.calls));
        if self.spent_ms >= LONG_MS && self.samples.len() >= FEWEST {
            order::sort_by(&mut self.samples, f64::total_cmp);
            let median_ns = self.samples[self.samples.len() / 2];
            self.results.push(Figure { name: workload.name, median_ns });
            (self.work, self.spent_ms) = (None, 0.0);
            self.samples.clear();
            self.next += 1;
        }
        None
    }
}
