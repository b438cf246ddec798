//! Calls made of a model apart from any session, one after another: each tried, waited for and given up as a session's
//! calls are. Whoever holds a network makes them.

use super::{
    chat::{Reply, Request},
    driver::Held,
    exchange::{Call, Exchange, Next},
    fault::{Fault, Retry},
    task::Purposed,
};
use crate::math::Source;

/// What is needed next.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask<'a> {
    /// The call to be made; then [`Battery::reply`].
    Send(&'a Call),
    /// Nothing before this time, ms.
    Wait(u64),
    /// A person: a fault that trying again did not cure.
    Held(Held),
    /// Nothing: all is asked.
    Done,
}

/// Questions that are asked one after another.
pub trait Battery {
    /// How many are answered, and of how many.
    fn progress(&self) -> (usize, usize);
    /// What to do now.
    fn poll(&mut self, now_ms: u64) -> Ask<'_>;
    /// Takes what the call of that number brought.
    fn reply(&mut self, id: u32, outcome: Result<Reply, Fault>, took_ms: u64, now_ms: u64);
}

/// The question under way, and what holds it.
#[derive(Debug, Default)]
pub(super) struct Series {
    exchange: Option<Exchange>,
    calls: u32,
    held: Option<Held>,
}

impl Series {
    /// Whether no question is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.exchange.is_none()
    }

    /// Begins with the `n`-th question.
    pub(super) fn begin(&mut self, n: usize, request: Request, timeout_ms: u64) {
        self.calls += 1;
        let call = Call { id: self.calls, purpose: Purposed::Check, turn: n as u32, request, timeout_ms };
        self.exchange = Some(Exchange::new(call, Source::new(n as u64)));
    }

    /// What to do now about the question.
    pub(super) fn poll(&mut self, now_ms: u64) -> Ask<'_> {
        if let Some(held) = &self.held {
            return Ask::Held(held.clone());
        }
        match self.exchange.as_ref().map(|e| e.next(now_ms)) {
            Some(Next::Send(call)) => Ask::Send(call),
            Some(Next::Wait(until)) => Ask::Wait(until),
            None => Ask::Done,
        }
    }

    /// Takes what a try brought. Where that ends the question: the reply, or nothing where the model's answer was of no use.
    /// A fault of any other kind holds the series.
    pub(super) fn take(
        &mut self,
        id: u32,
        outcome: Result<Reply, Fault>,
        retry: &Retry,
        now_ms: u64,
    ) -> Option<Option<Reply>> {
        let exchange = self.exchange.as_mut().filter(|e| e.call().id == id)?;
        let settled = exchange.take(outcome, retry, now_ms);
        self.calls = self.calls.max(exchange.call().id);
        let answer = match settled? {
            Ok(reply) => Some(reply),
            Err(Fault::Cut | Fault::Garbage { .. } | Fault::TooLong { .. }) => None,
            Err(fault) => {
                self.held = Some(Held::Fault(fault));
                return None;
            }
        };
        self.exchange = None;
        Some(answer)
    }
}
