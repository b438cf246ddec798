//! Progress on standard error, for what takes longer than a second.
#![expect(clippy::disallowed_methods, reason = "this is no part of the engine: it tells a person how long they wait")]

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Tells how far something is: on a terminal in one line that is kept up to date once it takes more than a second,
/// otherwise in a line every five seconds.
pub struct Progress {
    what: &'static str,
    terminal: bool,
    begun: Instant,
    told: Option<Instant>,
}

impl Progress {
    /// Begins.
    pub fn new(what: &'static str) -> Self {
        Self { what, terminal: io::stderr().is_terminal(), begun: Instant::now(), told: None }
    }

    /// Time since the beginning.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// `done` of `all` is done.
    pub fn tell(&mut self, done: u32, all: u32) {
        let (first, every) = if self.terminal { (1000, 100) } else { (5000, 5000) };
        let due = match self.told {
            None => self.begun.elapsed() >= Duration::from_millis(first),
            Some(last) => last.elapsed() >= Duration::from_millis(every),
        };
        if !due {
            return;
        }
        self.told = Some(Instant::now());
        let share = f64::from(done) / f64::from(all.max(1));
        let left = if done > 0 {
            let seconds = self.begun.elapsed().as_secs_f64() * (1.0 - share) / share;
            format!(", about {seconds:.0} s left")
        } else {
            String::new()
        };
        let line = format!("{done} of {all} {} ({:.0} %){left}", self.what, share * 100.0);
        // Progress that cannot be told is no reason to stop.
        let mut err = io::stderr();
        let _ = if self.terminal { write!(err, "\r\u{1b}[K{line}") } else { writeln!(err, "{line}") };
        let _ = err.flush();
    }

    /// Clears the line.
    pub fn end(&self) {
        if self.terminal && self.told.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
