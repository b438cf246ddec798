//! The runner of the page's sessions, with a clock of its own.

use recoworld::{
    scenario::registry,
    worker::{
        Command, Event, Save, Snapshot,
        runner::{Runner, Wake},
        snapshot::NeedView,
        transport::{pack, unpack},
    },
};
use std::cell::Cell;

/// A runner with a clock of its own, which keeps the newest of what was told.
pub struct Desk {
    pub runner: Runner,
    pub clock: Cell<f64>,
    pub snapshot: Option<Snapshot>,
    pub save: Option<Save>,
    pub others: Vec<Event>,
    pub wake: Wake,
}

impl Desk {
    pub fn new() -> Self {
        let runner = Runner::default();
        Self { runner, clock: Cell::new(1000.0), snapshot: None, save: None, others: vec![], wake: Wake::Idle }
    }

    pub fn open() -> Self {
        let mut desk = Self::new();
        desk.tell(Command::Open(Box::new(registry::default_preset())));
        desk
    }

    /// Gives a command and lets the runner come to rest, or play for at most `ms`.
    pub fn tell(&mut self, command: Command) -> &Snapshot {
        self.start(command);
        self.run_for(2.0e3);
        self.now()
    }

    pub fn start(&mut self, command: Command) {
        let mut out = Vec::new();
        self.clock.set(self.clock.get() + 20.0);
        let read: Command = unpack(&pack(&command));
        assert_eq!(read, command);
        self.wake = self.runner.handle(read, self.clock.get(), &mut out);
        self.keep(out);
    }

    pub fn run_for(&mut self, ms: f64) {
        let end = self.clock.get() + ms;
        while self.clock.get() < end {
            match self.wake {
                Wake::Idle => return,
                Wake::Soon => {}
                Wake::After(ms) => self.clock.set(self.clock.get() + f64::from(ms)),
            }
            let mut out = Vec::new();
            let clock = &self.clock;
            // Each look at the clock takes a moment, so that slices end.
            let read = || {
                clock.set(clock.get() + 0.5);
                clock.get()
            };
            self.wake = self.runner.slice(&read, &mut out);
            self.keep(out);
        }
    }

    fn keep(&mut self, events: Vec<Event>) {
        for event in events {
            // As it reaches the page: a type without a packed form would end the worker.
            let read: Event = unpack(&pack(&event));
            assert_eq!(read, event);
            match read {
                Event::Snapshot(s) => self.snapshot = Some(*s),
                Event::Save(s) => self.save = Some(*s),
                other => self.others.push(other),
            }
        }
    }

    pub fn now(&self) -> &Snapshot {
        self.snapshot.as_ref().expect("there is a snapshot")
    }

    pub fn refused(&self) -> Option<String> {
        self.others.iter().rev().find_map(|e| match e {
            Event::Refused(p) => Some(p.to_string()),
            _ => None,
        })
    }
}

/// What of a snapshot does not depend on how the moment was reached.
pub fn scene(s: &Snapshot) -> (usize, NeedView, String, String, String) {
    let json = |x: &dyn erased::Json| x.json();
    (s.cursor, s.need, json(&s.slate), json(&s.user), json(&s.reward))
}

mod erased {
    pub trait Json {
        fn json(&self) -> String;
    }
    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).expect("plain data")
        }
    }
}
