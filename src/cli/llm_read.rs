//! Words read by a language model: asks it where it was not asked before, and keeps what it said.

use super::{
    Problem,
    llm::{connect, prices, stopped},
    llm_args::ModelArgs,
    llm_play::{Line, Network},
};
use crate::{
    llm::{
        budget::{Prices, Spent},
        chat::{Reply, Request},
        dialect::Preset,
        driver::{Held, repair, with_usage},
        exchange::{Call, Exchange, Next},
        fault::{Fault, Retry},
        prompt::Prompts,
        reader,
        task::Purposed,
    },
    math::Source,
    recommender::{
        Observation,
        understand::{Intent, Reader},
    },
};
use serde_json::{Value, json};
use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};

/// What a model did with the words that it was asked about, each once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Read {
    /// Instructions that it was asked about.
    pub asked: u32,
    /// Of those, read by the model itself.
    pub by_model: u32,
    /// Of those, only after a repair.
    pub repaired: u32,
    /// What it took.
    pub spent: Spent,
}

impl Read {
    /// The share that the model itself read, in [0, 1]; 1 where nothing was asked.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.asked == 0 { 1.0 } else { f64::from(self.by_model) / f64::from(self.asked) }
    }
}

/// A model that reads words. After a fault that trying again does not cure it asks no more: see [`ModelReader::held`].
pub struct ModelReader {
    name: String,
    prompts: Prompts,
    retry: Retry,
    prices: Prices,
    timeout_ms: u64,
    state: RefCell<State>,
}

struct State {
    line: Box<dyn Line>,
    /// What came of each request by its digest; `None` where the model could not answer it.
    known: BTreeMap<String, Option<Value>>,
    read: Read,
    calls: u32,
    held: Option<Fault>,
}

impl fmt::Debug for ModelReader {
    /// The model alone: the line knows the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelReader").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ModelReader {
    /// A reader that asks the model of that name over a line.
    #[must_use]
    pub fn new(name: &str, line: Box<dyn Line>, timeout_ms: u64, prices: Prices) -> Self {
        let state = State { line, known: BTreeMap::new(), read: Read::default(), calls: 0, held: None };
        Self {
            name: name.to_owned(),
            prompts: Prompts::default(),
            retry: Retry::default(),
            prices,
            timeout_ms,
            state: RefCell::new(state),
        }
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it did so far.
    #[must_use]
    pub fn told(&self) -> Read {
        self.state.borrow().read
    }

    /// The fault that trying again did not cure, if there was one.
    #[must_use]
    pub fn held(&self) -> Option<Fault> {
        self.state.borrow().held.clone()
    }

    /// Asks, and asks once more where the answer does not fit; `None` where that does not either.
    fn ask(&self, state: &mut State, request: &Request) -> Result<Option<Value>, Fault> {
        let reply = match self.exchange(state, request) {
            Ok(reply) => reply,
            // What comes back is no answer whenever it is asked: the model cannot, the connection can.
            Err(Fault::Cut | Fault::Garbage { .. } | Fault::TooLong { .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let why = match reader::answer(&reply, request) {
            Ok(answer) => return Ok(Some(answer)),
            Err(why) => why,
        };
        let mut again = request.clone();
        repair(&mut again, &reply.text, &why, &self.prompts);
        let answer = match self.exchange(state, &again) {
            Ok(reply) => reader::answer(&reply, &again).ok(),
            Err(Fault::Cut | Fault::Garbage { .. } | Fault::TooLong { .. }) => None,
            Err(fault) => return Err(fault),
        };
        state.read.repaired += u32::from(answer.is_some());
        Ok(answer)
    }

    /// One call with its tries.
    fn exchange(&self, state: &mut State, request: &Request) -> Result<Reply, Fault> {
        let call = Call {
            id: state.calls + 1,
            purpose: Purposed::Read,
            turn: 0,
            request: request.clone(),
            timeout_ms: self.timeout_ms,
        };
        let mut exchange = Exchange::new(call, Source::new(0));
        loop {
            let now = state.line.now();
            let call = match exchange.next(now) {
                Next::Wait(until) => {
                    state.line.wait(until);
                    continue;
                }
                Next::Send(call) => call.clone(),
            };
            state.calls = call.id;
            let (outcome, ms) = state.line.call(&call);
            let outcome = outcome.map(|reply| with_usage(reply, request));
            if let Ok(reply) = &outcome {
                state.read.spent.add(&reply.usage, &self.prices, ms);
            }
            let now = state.line.now();
            if let Some(settled) = exchange.take(outcome, &self.retry, now) {
                return settled;
            }
        }
    }
}

impl Reader for ModelReader {
    fn read(&self, words: &str, obs: &Observation<'_>) -> Option<Intent> {
        let mut state = self.state.borrow_mut();
        let request = reader::request(words, obs, &self.prompts);
        let digest = request.digest();
        if !state.known.contains_key(&digest) {
            if state.held.is_some() {
                return None;
            }
            match self.ask(&mut state, &request) {
                Ok(answer) => {
                    state.read.asked += 1;
                    state.read.by_model += u32::from(answer.is_some());
                    state.known.insert(digest.clone(), answer);
                }
                Err(fault) => state.held = Some(fault),
            }
        }
        let answer = state.known.get(&digest)?.as_ref()?;
        Some(reader::intent(answer, words, obs, &self.name))
    }
}

/// A reader over the network, and the preset of its server, for what to do about a fault.
pub(super) struct Online {
    pub(super) reader: Rc<ModelReader>,
    preset: Option<&'static Preset>,
}

impl Online {
    /// The model of the arguments, its server reached and probed.
    pub(super) fn connect(args: &ModelArgs) -> Result<Self, Problem> {
        let prices = prices(args)?;
        let (server, preset) = connect(args)?;
        let name = server.model().to_owned();
        let reader = ModelReader::new(&name, Box::new(Network::new(server)), args.timeout * 1000, prices);
        Ok(Self { reader: Rc::new(reader), preset })
    }

    /// Whether it can go on: if not, why, and what to do.
    pub(super) fn check(&self) -> Result<(), Problem> {
        self.reader.held().map_or(Ok(()), |fault| Err(stopped(&Held::Fault(fault), self.preset)))
    }

    /// What the model did, as one object.
    pub(super) fn told(&self) -> Value {
        let read = self.reader.told();
        json!({
            "name": self.reader.name(), "asked": read.asked, "read": read.by_model, "repaired": read.repaired,
            "spent": read.spent,
        })
    }

    /// What the model did, in a line.
    pub(super) fn line(&self) -> String {
        let Read { asked, by_model, repaired, spent } = self.reader.told();
        let after = if repaired > 0 { format!(", {repaired} of them after a repair") } else { String::new() };
        let rest = match asked - by_model {
            0 => String::new(),
            n => format!("; {n} could not be used and were read lexically"),
        };
        let cost = if spent.cost > 0.0 { format!(", {:.4} in cost", spent.cost) } else { String::new() };
        format!(
            "{} read {by_model} of {asked} different instructions itself ({:.0} %){after}{rest}. {} calls, {} + {} \
             tokens{cost}, {:.1} s.",
            self.reader.name(),
            100.0 * self.reader.told().share(),
            spent.calls,
            spent.prompt,
            spent.completion,
            spent.ms as f64 / 1000.0
        )
    }
}
