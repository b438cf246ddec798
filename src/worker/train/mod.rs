//! Trains in a worker: takes commands, works in slices, tells what there is to draw.
//!
//! **It reads no clock and posts nothing**, as the runner of sessions does: the time is given to it, and its events are
//! collected by the caller. One runner trains one run; runs side by side are workers side by side.

mod ask;
mod export;
pub mod protocol;
mod run;
mod stage;

use super::runner::Wake;
use protocol::{Command, Event, Phase, Problem};
use run::Run;
use stage::Brought;

/// Milliseconds between two views at least.
const TELL_MS: f64 = 250.0;
/// Milliseconds between two checkpoints.
const KEEP_MS: f64 = 5000.0;
/// Milliseconds that a slice may take: a pause is heard after it.
const SLICE_MS: f64 = 25.0;

/// The worker's whole state.
#[derive(Default)]
pub struct Trainer {
    run: Option<Run>,
    /// The catalogue for a run on imported items.
    brought: Brought,
    told_ms: f64,
    kept_ms: f64,
    told: Phase,
}

impl Trainer {
    /// Takes a command.
    pub fn handle(&mut self, command: Command, now_ms: f64, events: &mut Vec<Event>) -> Wake {
        if let Err(problem) = self.perform(command, now_ms, events) {
            events.push(Event::Refused(problem));
        }
        if self.run.is_some() { Wake::Soon } else { Wake::Idle }
    }

    fn perform(&mut self, command: Command, now_ms: f64, events: &mut Vec<Event>) -> Result<(), Problem> {
        match command {
            Command::Bring(bringing) => {
                self.brought = Some(stage::read(*bringing));
                return Ok(());
            }
            Command::Begin(plan) => self.begin(Run::new(*plan, &self.brought)?, now_ms),
            Command::Resume(kept) => self.begin(Run::resumed(*kept, &self.brought)?, now_ms),
            Command::Learn { plan, pairs } => self.begin(Run::learning(*plan, pairs, &self.brought)?, now_ms),
            Command::Import { plan, bytes } => self.begin(Run::imported(*plan, &bytes, &self.brought)?, now_ms),
            Command::Pause => self.run()?.pause(true),
            Command::GoOn => self.run()?.pause(false),
            Command::Stop => self.run()?.end(),
            Command::Ask => {
                let asked = self.run()?.ask()?;
                events.push(Event::Asked(Box::new(asked)));
                return Ok(());
            }
            Command::Prefer { second } => {
                self.run()?.prefer(second)?;
                let asked = self.run()?.ask()?;
                events.push(Event::Asked(Box::new(asked)));
                self.keep(now_ms, events);
            }
            Command::Picked => {
                events.push(Event::Picked(self.run()?.picked()?));
                return Ok(());
            }
            Command::Serve => {
                events.push(export::serves(self.run()?)?);
                return Ok(());
            }
            Command::Export(what) => {
                events.push(export::export(self.run()?, what)?);
                return Ok(());
            }
        }
        self.tell(now_ms, events);
        Ok(())
    }

    fn begin(&mut self, run: Run, now_ms: f64) {
        self.run = Some(run);
        self.kept_ms = now_ms;
    }

    fn run(&mut self) -> Result<&mut Run, Problem> {
        let none = || Problem { field: String::new(), what: "Nothing is being trained.".into() };
        self.run.as_mut().ok_or_else(none)
    }

    /// Works for a while.
    pub fn slice(&mut self, clock: &dyn Fn() -> f64, events: &mut Vec<Event>) -> Wake {
        let Some(run) = &mut self.run else { return Wake::Idle };
        let began = clock();
        let mut now = began;
        let mut busy = true;
        while busy && now - began < SLICE_MS {
            busy = run.slice(now);
            now = clock();
        }
        let phase = run.phase.clone();
        if now - self.told_ms > TELL_MS || phase != self.told || !busy {
            self.tell(now, events);
        }
        if !busy || now - self.kept_ms > KEEP_MS {
            self.keep(now, events);
        }
        if busy { Wake::Soon } else { Wake::Idle }
    }

    fn tell(&mut self, now_ms: f64, events: &mut Vec<Event>) {
        let Some(run) = &self.run else { return };
        self.told = run.phase.clone();
        self.told_ms = now_ms;
        events.push(Event::Told(Box::new(run.view())));
    }

    fn keep(&mut self, now_ms: f64, events: &mut Vec<Event>) {
        let Some(run) = &mut self.run else { return };
        self.kept_ms = now_ms;
        events.push(Event::Keep(Box::new(run.keep())));
    }
}
