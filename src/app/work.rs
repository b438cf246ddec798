//! The worker's door: the runner behind the transport.

use crate::worker::{
    Command, Event, data, guests, protocol,
    runner::{Runner, Wake},
    scores, train,
    transport::{Handler, Next, Outbox, desk, now_ms, serve},
};

/// Runs the worker of the first load.
pub(super) fn work() {
    serve(Host(Runner::small()));
}

/// Runs the second worker: one desk, the one that its address names (`&desk=…`). Each desk is a worker of its own, so that
/// none waits for another. Another desk is one line here: its name and its handler.
pub fn lab() {
    match desk().as_str() {
        protocol::SESSION_DESK => serve(Host(Runner::with_guests(guests::make))),
        train::protocol::TRAIN_DESK => serve(TrainHost(train::Trainer::default())),
        data::protocol::DATA_DESK => serve(DataHost(data::Desk::default())),
        scores::SCORES_DESK => serve(ScoresHost),
        other => panic!("this worker has no desk “{other}”"),
    }
}

struct Host(Runner);

impl Handler for Host {
    type Command = Command;
    type Event = Event;
    const PACKED: bool = true;

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

/// The desk that trains.
struct TrainHost(train::Trainer);

impl Handler for TrainHost {
    type Command = train::protocol::Command;
    type Event = train::protocol::Event;

    fn handle(&mut self, command: Self::Command, outbox: &Outbox<Self::Event>) -> Next {
        let mut events = Vec::new();
        let wake = self.0.handle(command, now_ms(), &mut events);
        post(events, outbox);
        next(wake)
    }

    fn slice(&mut self, outbox: &Outbox<Self::Event>) -> Next {
        let mut events = Vec::new();
        let wake = self.0.slice(&now_ms, &mut events);
        post(events, outbox);
        next(wake)
    }
}

/// The desk that looks at items and words.
struct DataHost(data::Desk);

impl Handler for DataHost {
    type Command = data::protocol::Command;
    type Event = data::protocol::Event;

    fn handle(&mut self, command: Self::Command, outbox: &Outbox<Self::Event>) -> Next {
        let mut events = Vec::new();
        let wake = self.0.handle(command, &now_ms, &mut events);
        post(events, outbox);
        next(wake)
    }

    fn slice(&mut self, outbox: &Outbox<Self::Event>) -> Next {
        let mut events = Vec::new();
        let wake = self.0.slice(&now_ms, &mut events);
        post(events, outbox);
        next(wake)
    }
}

/// The desk that words questions.
struct ScoresHost;

impl Handler for ScoresHost {
    type Command = scores::Wanted;
    type Event = scores::Event;

    fn handle(&mut self, wanted: scores::Wanted, outbox: &Outbox<scores::Event>) -> Next {
        outbox.post(&scores::plan(wanted));
        Next::Idle
    }

    fn slice(&mut self, _: &Outbox<scores::Event>) -> Next {
        Next::Idle
    }
}

fn post<E: serde::Serialize>(events: Vec<E>, outbox: &Outbox<E>) {
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
