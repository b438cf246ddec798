//! The worker's door: the runner behind the transport.

use crate::worker::{
    Command, Event,
    runner::{Runner, Wake},
    transport::{Handler, Next, Outbox, now_ms, serve},
};

/// Runs the worker.
pub fn work() {
    serve(Host(Runner::default()));
}

struct Host(Runner);

impl Handler for Host {
    type Command = Command;
    type Event = Event;

    fn handle(&mut self, command: Command, outbox: &Outbox<Event>) -> Next {
        let mut events = Vec::new();
        let wake = self.0.handle(command, now_ms(), &mut events);
        post(events, outbox);
        next(wake)
    }

    fn slice(&mut self, outbox: &Outbox<Event>) -> Next {
        let mut events = Vec::new();
        let wake = self.0.slice(&now_ms, &mut events);
        post(events, outbox);
        next(wake)
    }
}

fn post(events: Vec<Event>, outbox: &Outbox<Event>) {
    for event in &events {
        outbox.post(event);
    }
}

fn next(wake: Wake) -> Next {
    match wake {
        Wake::Idle => Next::Idle,
        Wake::Soon => Next::Soon,
        Wake::After(ms) => Next::After(ms),
    }
}
