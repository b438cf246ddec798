//! Plays a session with a language model: over the network, or from a tape.

use super::llm_http::Server;
use crate::{
    llm::chat::Reply,
    llm::{
        battery::{self, Battery},
        driver::{Ask, Driver, Held},
        exchange::Call,
        fault::Fault,
        probe::{Found, Probe},
        tape::{Playback, Tape},
    },
    session::player::Player,
};
use std::{
    borrow::Borrow,
    time::{Duration, Instant},
};

/// What makes the calls, and what it does with time.
pub trait Line {
    /// Makes a call; also how long it took, ms.
    fn call(&mut self, call: &Call) -> (Result<Reply, Fault>, u64);
    /// The time, ms.
    fn now(&mut self) -> u64;
    /// Lets time pass until then.
    fn wait(&mut self, until_ms: u64);
    /// Whether it still plays what another tape holds.
    fn replays(&self) -> bool {
        false
    }
}

/// The network, to a server that is borrowed or its own.
pub struct Network<S> {
    server: S,
    started: Instant,
}

impl<S: Borrow<Server>> Network<S> {
    /// The network to a server.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the command line has a clock; the engine is given its time")]
    pub fn new(server: S) -> Self {
        Self { server, started: Instant::now() }
    }
}

impl<S: Borrow<Server>> Line for Network<S> {
    fn call(&mut self, call: &Call) -> (Result<Reply, Fault>, u64) {
        let before = self.now();
        let server = self.server.borrow();
        let outcome = server.call(&call.request, &server.dialect, call.timeout_ms);
        (outcome, self.now() - before)
    }

    fn now(&mut self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wait(&mut self, until_ms: u64) {
        let now = self.now();
        std::thread::sleep(Duration::from_millis(until_ms.saturating_sub(now)));
    }
}

/// A tape in the network's place: no time passes but what is on it.
pub struct Replayed<'a> {
    playback: Playback<&'a Tape>,
    now: u64,
}

impl<'a> Replayed<'a> {
    /// From the tape's beginning.
    #[must_use]
    pub fn new(tape: &'a Tape) -> Self {
        Self { playback: Playback::new(tape), now: 0 }
    }

    /// How many exchanges were not played.
    #[must_use]
    pub fn unplayed(&self) -> usize {
        self.playback.unplayed()
    }
}

impl Line for Replayed<'_> {
    fn call(&mut self, call: &Call) -> (Result<Reply, Fault>, u64) {
        let (outcome, ms) = self.playback.answer(&call.request);
        self.now += ms;
        (outcome, ms)
    }

    fn now(&mut self) -> u64 {
        self.now
    }

    fn wait(&mut self, until_ms: u64) {
        self.now = self.now.max(until_ms);
    }
}

/// Plays on to the session's end, the model on its sides and the built-in user or recommender on the others; `each` is
/// called after every answer of the session. What is exchanged goes on the tape, if there is one.
///
/// # Errors
/// Where the session has to stand still: why. It can be played on.
pub fn play(
    player: &mut Player,
    driver: &mut Driver,
    line: &mut dyn Line,
    tape: Option<&mut Tape>,
    each: &mut dyn FnMut(&Player, &Driver),
) -> Result<(), Held> {
    play_while(player, driver, line, tape, &mut |player, driver| {
        each(player, driver);
        true
    })
}

/// As [`play`], as long as `each` says so.
///
/// # Errors
/// As [`play`].
pub fn play_while(
    player: &mut Player,
    driver: &mut Driver,
    line: &mut dyn Line,
    mut tape: Option<&mut Tape>,
    each: &mut dyn FnMut(&Player, &Driver) -> bool,
) -> Result<(), Held> {
    loop {
        let now = line.now();
        match driver.poll(player, now) {
            Ask::Over => return Ok(()),
            Ask::Held(held) => return Err(held),
            Ask::Wait(until) => line.wait(until),
            Ask::Moved => {
                if !each(player, driver) {
                    return Ok(());
                }
            }
            Ask::Other => {
                if !player.step().unwrap_or(false) || !each(player, driver) {
                    return Ok(());
                }
            }
            Ask::Send(call) => {
                let call = call.clone();
                let (outcome, ms) = line.call(&call);
                if let Some(tape) = tape.as_deref_mut() {
                    tape.record(&call, &outcome, ms);
                }
                driver.reply(player, call.id, outcome, ms, line.now());
            }
        }
    }
}

/// Tests a connection and finds out what the server understands.
///
/// # Errors
/// Why it cannot be used.
#[expect(clippy::disallowed_methods, reason = "the command line has a clock; the engine is given its time")]
pub fn probe(server: &Server, timeout_ms: u64) -> Result<Found, Fault> {
    let mut probe = Probe::new(Some(server.dialect));
    while let Some((request, dialect)) = probe.poll() {
        let started = Instant::now();
        let outcome = server.call(&request, &dialect, timeout_ms);
        probe.answer(outcome, u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
    }
    probe.finish()
}

/// Has all of a battery's questions answered; `each` is told how many of how many are.
///
/// # Errors
/// Where it has to stop: why.
pub fn answer_all(
    battery: &mut dyn Battery,
    line: &mut dyn Line,
    each: &mut dyn FnMut(usize, usize),
) -> Result<(), Held> {
    loop {
        let now = line.now();
        match battery.poll(now) {
            battery::Ask::Done => return Ok(()),
            battery::Ask::Held(held) => return Err(held),
            battery::Ask::Wait(until) => line.wait(until),
            battery::Ask::Send(call) => {
                let call = call.clone();
                let (outcome, ms) = line.call(&call);
                battery.reply(call.id, outcome, ms, line.now());
                let (done, all) = battery.progress();
                each(done, all);
            }
        }
    }
}
