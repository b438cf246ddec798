//! One call with its tries: sent, waited for, sent again, given up. Time is an input.

use super::{
    chat::{Reply, Request},
    fault::{Fault, Retry},
    task::Purposed,
};
use crate::math::{Purpose, Source};

/// A call to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its number, counted from 1; each try is a call of its own number.
    pub id: u32,
    /// What it is for.
    pub purpose: Purposed,
    /// The turn it belongs to, from 0.
    pub turn: u32,
    /// What is asked.
    pub request: Request,
    /// The time allowed, ms.
    pub timeout_ms: u64,
}

/// What a call needs next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<'a> {
    /// To be sent (or it has been: the same number is the same try).
    Send(&'a Call),
    /// Nothing before this time, ms.
    Wait(u64),
}

/// A call being made.
#[derive(Clone, Debug)]
pub struct Exchange {
    call: Call,
    tried: u32,
    not_before: u64,
    source: Source,
}

impl Exchange {
    /// A call of which nothing has been sent. Pauses are drawn under `source`.
    #[must_use]
    pub fn new(call: Call, source: Source) -> Self {
        Self { call, tried: 0, not_before: 0, source }
    }

    /// What it needs now.
    #[must_use]
    pub fn next(&self, now_ms: u64) -> Next<'_> {
        if now_ms < self.not_before { Next::Wait(self.not_before) } else { Next::Send(&self.call) }
    }

    /// The call.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Takes what a try brought: the reply, the fault to be shown when it is given up, or nothing when it is tried again.
    pub fn take(&mut self, outcome: Result<Reply, Fault>, retry: &Retry, now_ms: u64) -> Option<Result<Reply, Fault>> {
        self.tried += 1;
        let fault = match outcome {
            Ok(reply) => return Some(Ok(reply)),
            Err(fault) => fault,
        };
        let mut random = self.source.keyed(u64::from(self.call.id)).stream(Purpose::Model);
        let Some(wait) = retry.wait_ms(self.tried, &fault, &mut random) else { return Some(Err(fault)) };
        self.not_before = now_ms + wait;
        self.call.id += 1;
        None
    }

    /// Begins again after it was given up: a person fixed what was wrong.
    pub fn again(&mut self) {
        self.tried = 0;
        self.not_before = 0;
        self.call.id += 1;
    }
}
