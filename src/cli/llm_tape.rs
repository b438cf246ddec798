//! The tape of a session with a language model: on its way to a file, and taken up where it ended.

use super::{
    Problem,
    llm_http::Server,
    llm_play::{Line, Network},
    said,
};
use crate::llm::{
    chat::Reply,
    exchange::Call,
    fault::Fault,
    secret::Secret,
    tape::{Playback, Tape},
};
use std::{
    cell::RefCell,
    fmt::Display,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Where a tape is written. It is written anew after every exchange, to a file beside it that then takes its name: a session
/// that is killed loses nothing that was paid for, and leaves no half of a tape.
pub struct TapeFile {
    /// As the person named it.
    pub named: PathBuf,
    to: PathBuf,
    /// The file beside it; none where it is a pipe or a device, which is written to once, at the end.
    part: Option<PathBuf>,
    failed: RefCell<Option<io::Error>>,
}

impl TapeFile {
    /// Refuses at once what could not be written later. What the file holds stays until there is something to write.
    pub fn open(named: &Path) -> Result<Self, Problem> {
        let refused = |why: &dyn Display| said(format!("--tape-out {}: {why}. Name another file.", named.display()));
        let cannot = |e: io::Error| refused(&format_args!("it cannot be written ({e})"));
        // A link stays one: what it leads to is written.
        let to = fs::canonicalize(named).unwrap_or_else(|_| named.to_owned());
        let part = match fs::metadata(&to) {
            Ok(there) if there.is_dir() => return Err(refused(&"it is a folder")),
            Ok(there) if there.is_file() && there.permissions().readonly() => {
                return Err(refused(&"it may only be read"));
            }
            Ok(there) if !there.is_file() => {
                OpenOptions::new().write(true).open(&to).map_err(cannot)?;
                None
            }
            _ => {
                let mut name = to.file_name().ok_or_else(|| refused(&"it names no file"))?.to_owned();
                name.push(".part");
                let part = to.with_file_name(name);
                File::create(&part).map_err(cannot)?;
                Some(part)
            }
        };
        Ok(Self { named: named.to_owned(), to, part, failed: RefCell::new(None) })
    }

    /// Whether everything could be written so far.
    pub fn is_well(&self) -> bool {
        self.failed.borrow().is_none()
    }

    fn write(&self, tape: &Tape, secret: &Secret, last: bool) {
        let text = || tape.to_json(secret);
        let done = match &self.part {
            Some(part) => fs::write(part, text()).and_then(|()| fs::rename(part, &self.to)),
            None if last => fs::write(&self.to, text()),
            None => Ok(()),
        };
        *self.failed.borrow_mut() = done.err();
    }

    /// Whether it is this file.
    pub fn is(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|p| p == self.to)
    }

    /// Writes the whole tape at the session's end.
    pub fn finish(&self, tape: &Tape, secret: &Secret) -> Result<(), Problem> {
        self.write(tape, secret, true);
        match self.failed.take() {
            Some(e) => Err(said(format!("--tape-out {}: it could not be written: {e}.", self.named.display()))),
            None => Ok(()),
        }
    }
}

impl Drop for TapeFile {
    fn drop(&mut self) {
        // There where nothing came to be written.
        if let Some(part) = &self.part {
            let _ = fs::remove_file(part);
        }
    }
}

/// A line whose exchanges go on a tape, and with it into a file.
pub struct Taping<'a> {
    /// What makes the calls.
    pub line: &'a mut dyn Line,
    /// The tape.
    pub tape: &'a mut Tape,
    /// Where it is written, if anywhere.
    pub file: Option<&'a TapeFile>,
    /// The key, which stands nowhere on it.
    pub secret: &'a Secret,
}

impl Line for Taping<'_> {
    fn call(&mut self, call: &Call) -> (Result<Reply, Fault>, u64) {
        let (outcome, ms) = self.line.call(call);
        // What another tape lacks was never exchanged.
        if !matches!(outcome, Err(Fault::Untaped { .. })) {
            self.tape.record(call, &outcome, ms);
            // What is being played again is on the tape that it comes from, perhaps in this very file.
            if let Some(file) = self.file.filter(|_| !self.line.replays()) {
                file.write(self.tape, self.secret, false);
            }
        }
        (outcome, ms)
    }

    fn now(&mut self) -> u64 {
        self.line.now()
    }

    fn wait(&mut self, until_ms: u64) {
        self.line.wait(until_ms);
    }
}

/// First what is on a tape, without a network and without waiting; then the network.
pub struct Resumed<'a> {
    network: Network<&'a Server>,
    playback: Playback<Tape>,
    /// The time that was not waited for, ms.
    skipped: u64,
}

impl<'a> Resumed<'a> {
    /// From the tape's beginning. The faults at its end, at which the session stopped, are not played: what was asked there
    /// is asked again.
    #[must_use]
    pub fn new(tape: Tape, network: Network<&'a Server>) -> Self {
        Self { network, playback: Playback::new(tape.to_go_on()), skipped: 0 }
    }
}

impl Line for Resumed<'_> {
    fn call(&mut self, call: &Call) -> (Result<Reply, Fault>, u64) {
        if !self.replays() {
            return self.network.call(call);
        }
        // Something else is asked than was: paying for all of it again is not what was meant.
        self.playback.next(&call.request).unwrap_or_else(|| (Err(Fault::Untaped { digest: call.request.digest() }), 0))
    }

    fn now(&mut self) -> u64 {
        self.network.now() + self.skipped
    }

    fn wait(&mut self, until_ms: u64) {
        if self.replays() {
            self.skipped += until_ms.saturating_sub(self.now());
        } else {
            self.network.wait(until_ms.saturating_sub(self.skipped));
        }
    }

    fn replays(&self) -> bool {
        self.playback.unplayed() > 0
    }
}
