//! A language model at the session's door: asks the model, checks what it says, and answers the session; where the model
//! cannot, the built-in side stands in for that turn, marked and counted.
//!
//! No input or output: [`Driver::poll`] says what to do, whoever holds the network does it and tells
//! [`Driver::reply`]. **No turn is lost**: a fault either passes (it is tried again), or holds the session where it is
//! until [`Driver::resume`], or ends in an answer of the built-in side.

use super::{
    budget::Spent,
    chat::{Message, Reply, Request, Role, Usage},
    exchange::{Call, Exchange, Next},
    fault::Fault,
    interview::Questions,
    prompt::{Part, Prompts, estimate_messages, estimate_tokens, fill},
    recommender::{Agent, filled_places},
    scored::Scored,
    settings::{Mode, Settings},
    shape::clip,
    task::{Given, Taken, Task, source},
    user::Written,
};
use crate::session::{Answer, Author, Need, Remark, Session, StateView, Verdict, player::Player};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What a driver needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask<'a> {
    /// The call to be made; then [`Driver::reply`]. Asked again with the same number, it is the same call.
    Send(&'a Call),
    /// Nothing before this time, ms: it backs off.
    Wait(u64),
    /// Nothing: it has answered the session. Poll again for more.
    Moved,
    /// The session waits for a side that this driver does not play.
    Other,
    /// A person: the session stands still until [`Driver::resume`].
    Held(Held),
    /// Nothing more: the session is over and the interview, if wanted, taken.
    Over,
}

/// Why the session stands still.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Held {
    /// A fault that trying again did not cure.
    Fault(Fault),
    /// The budget is spent; the words say which.
    Budget(String),
}

/// How much a model answered itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Turns that it was asked for.
    pub turns: u32,
    /// Of those, answered by the model itself.
    pub by_model: u32,
    /// Of those, only after a repair.
    pub repaired: u32,
    /// Places of slates that the recommender in force filled (of the turns answered by the model).
    pub filled: u32,
    /// Places of slates that the model chose.
    pub chosen: u32,
}

impl Tally {
    /// The share of turns that the model itself answered, in [0, 1]; 1 where none was asked for.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.turns == 0 { 1.0 } else { f64::from(self.by_model) / f64::from(self.turns) }
    }
}

/// Which side of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    User,
    Recommender,
    Interview,
}

struct Job {
    side: Side,
    turn: u32,
    task: Box<dyn Task>,
    /// The answer that was refused, and why.
    repair: Option<(String, String)>,
    repairs: u32,
    exchange: Option<Exchange>,
}

/// The driver of one session.
pub struct Driver {
    settings: Settings,
    job: Option<Job>,
    ready: VecDeque<(u32, usize, Given)>,
    /// The turn and side for which the built-in side stands in, and why.
    standing_in: Option<(u32, Side, String)>,
    held: Option<Held>,
    calls: u32,
    user: Tally,
    recommender: Tally,
    spent: Spent,
    /// Whether the model gave no interview when it was asked for one.
    declined: bool,
}

impl Driver {
    /// A driver with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            job: None,
            ready: VecDeque::new(),
            standing_in: None,
            held: None,
            calls: 0,
            user: Tally::default(),
            recommender: Tally::default(),
            spent: Spent::default(),
            declined: false,
        }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes the budget or the retries in mid-session (other settings belong to the session's beginning).
    pub fn set_limits(&mut self, budget: super::budget::Budget, retry: super::fault::Retry) {
        (self.settings.budget, self.settings.retry) = (budget, retry);
    }

    /// Gives the model other sides from here on.
    pub fn set_sides(&mut self, user: bool, recommender: bool) {
        (self.settings.user, self.settings.recommender) = (user, recommender);
        self.forget();
    }

    /// Forgets the turn under way: the session is at another place (on another branch, say), and what was asked and
    /// answered for this one does not fit there.
    pub fn forget(&mut self) {
        (self.job, self.standing_in, self.declined) = (None, None, false);
        self.ready.clear();
    }

    /// The call being made, if any.
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.job.as_ref()?.exchange.as_ref().map(Exchange::call)
    }

    /// Why the session stands still, if it does.
    #[must_use]
    pub fn held(&self) -> Option<&Held> {
        self.held.as_ref()
    }

    /// How much of the user's turns the model answered.
    #[must_use]
    pub fn user(&self) -> &Tally {
        &self.user
    }

    /// How much of the slates the model chose.
    #[must_use]
    pub fn recommender(&self) -> &Tally {
        &self.recommender
    }

    /// What was spent so far.
    #[must_use]
    pub fn spent(&self) -> &Spent {
        &self.spent
    }

    /// What `turns` turns will take, from those measured so far.
    #[must_use]
    pub fn estimate(&self, turns: u32) -> Spent {
        let measured = self.user.turns.max(self.recommender.turns);
        self.spent.scaled(f64::from(measured), f64::from(turns))
    }

    /// The prompt of the call being made, part by part with its tokens.
    #[must_use]
    pub fn parts(&self, session: &Session) -> Vec<Part> {
        self.job.as_ref().map(|j| j.task.parts(session, &self.settings)).unwrap_or_default()
    }

    /// What to do now. `now_ms` is any clock that only goes forward.
    pub fn poll(&mut self, player: &mut Player, now_ms: u64) -> Ask<'_> {
        if let Some(held) = &self.held {
            return Ask::Held(held.clone());
        }
        let Some((side, turn, position)) = self.due(player) else {
            self.job = None;
            return if player.session().end().is_some() { Ask::Over } else { Ask::Other };
        };
        if let Some(why) = self.standing_in.clone().filter(|s| (s.0, s.1) == (turn, side)) {
            return self.stand_in(player, why.2);
        }
        if self.answer_ready(player, turn, position) {
            return Ask::Moved;
        }
        if self.job.as_ref().is_none_or(|j| (j.side, j.turn) != (side, turn)) {
            self.begin(player, side, turn);
        }
        self.next_call(player, now_ms)
    }

    /// The side that is to answer now, its turn, and the place of the answer within the turn.
    fn due(&self, player: &Player) -> Option<(Side, u32, usize)> {
        let (s, session) = (&self.settings, player.session());
        match session.poll() {
            Need::Slate(obs) => s.recommender.then_some((Side::Recommender, obs.turn, 0)),
            Need::Review { turn, position, .. } => s.user.then_some((Side::User, turn, position)),
            Need::Verdict { turn } => {
                let size = session.history().last().map_or(0, |t| t.items.len());
                s.user.then_some((Side::User, turn, size))
            }
            // A model says what it means; what it is asked back, the built-in user answers.
            Need::Reply { .. } => None,
            Need::Over(_) => {
                let looked = session.history().iter().any(|t| t.reactions.iter().any(|r| r.examined));
                let wanted = s.user && s.interview && !self.declined && player.interview().is_none() && looked;
                wanted.then_some((Side::Interview, session.turn(), 0))
            }
        }
    }

    fn begin(&mut self, player: &Player, side: Side, turn: u32) {
        let session = player.session();
        let task: Box<dyn Task> = match (side, self.settings.mode) {
            (Side::User, Mode::Written) => Box::new(Written::new(session)),
            (Side::User, Mode::Scored) => Box::new(Scored::new(session, &self.settings)),
            (Side::Recommender, _) => Box::new(Agent::new(session, &self.settings)),
            (Side::Interview, _) => Box::new(Questions),
        };
        self.ready.clear();
        self.job = Some(Job { side, turn, task, repair: None, repairs: 0, exchange: None });
    }

    fn next_call(&mut self, player: &mut Player, now_ms: u64) -> Ask<'_> {
        if let Some(why) = self.settings.budget.reached(&self.spent) {
            self.held = Some(Held::Budget(why.clone()));
            return Ask::Held(Held::Budget(why));
        }
        let Some(job) = &mut self.job else { return Ask::Other };
        if job.exchange.is_none() {
            job.task.prepare(player);
            let session = player.session();
            self.calls += 1;
            let call = Call {
                id: self.calls,
                purpose: job.task.purpose(),
                turn: job.turn,
                request: asked(job, session, &self.settings),
                timeout_ms: self.settings.timeout_ms,
            };
            job.exchange = Some(Exchange::new(call, source(session, job.turn)));
        }
        match job.exchange.as_ref().map(|e| e.next(now_ms)) {
            Some(Next::Send(call)) => Ask::Send(call),
            Some(Next::Wait(until)) => Ask::Wait(until),
            None => Ask::Other,
        }
    }

    /// Takes what the call of that number brought, and how long it took. A reply to another call (one that was
    /// cancelled, say) is not heeded.
    pub fn reply(&mut self, player: &mut Player, id: u32, outcome: Result<Reply, Fault>, took_ms: u64, now_ms: u64) {
        let Some(job) = self.job.as_mut() else { return };
        let Some(exchange) = job.exchange.as_mut().filter(|e| e.call().id == id) else { return };
        let outcome = outcome.map(|reply| with_usage(reply, &exchange.call().request));
        let prices = &self.settings.budget.prices;
        match &outcome {
            Ok(reply) => self.spent.add(&reply.usage, prices, took_ms),
            // What a tape lacks was never sent.
            Err(Fault::Untaped { .. }) => {}
            Err(fault) => self.spent.add_failed(&usage_of(fault, &exchange.call().request), prices, took_ms),
        }
        let settled = exchange.take(outcome, &self.settings.retry, now_ms);
        self.calls = self.calls.max(exchange.call().id);
        match settled {
            None => {}
            Some(Err(fault @ (Fault::Cut | Fault::Garbage { .. } | Fault::TooLong { .. }))) => {
                self.give_up(&fault.words())
            }
            // Sessions of one slate were once not asked about afterwards: tapes of them play on.
            Some(Err(Fault::Untaped { .. }))
                if job.side == Side::Interview && player.session().history().len() == 1 =>
            {
                self.give_up("the tape holds no interview");
            }
            Some(Err(fault)) => self.held = Some(Held::Fault(fault)),
            Some(Ok(reply)) => {
                job.exchange = None;
                let taken = job.task.take(player, &self.settings, &reply);
                self.settle(taken, &reply);
            }
        }
    }

    fn settle(&mut self, taken: Taken, reply: &Reply) {
        let Some(job) = self.job.as_mut() else { return };
        match taken {
            Taken::More => job.repair = None,
            Taken::Refused(why) if job.repair.is_none() => {
                job.repair = Some((reply.text.clone(), why));
                job.repairs += 1;
            }
            Taken::Refused(why) => self.give_up(&format!("its answer could not be used: {why}")),
            Taken::Done(given) => {
                let (side, turn, repaired) = (job.side, job.turn, job.repairs > 0);
                let given = given.into_iter().map(|g| marked(g, repaired)).collect::<Vec<_>>();
                self.job = None;
                self.count(side, &given, repaired);
                self.ready = given.into_iter().enumerate().map(|(i, g)| (turn, i, g)).collect();
            }
        }
    }

    fn count(&mut self, side: Side, given: &[Given], repaired: bool) {
        let tally = match side {
            Side::User => &mut self.user,
            Side::Recommender => &mut self.recommender,
            Side::Interview => return,
        };
        tally.turns += 1;
        tally.by_model += 1;
        tally.repaired += u32::from(repaired);
        if let Some(Given::Answer(Answer::Slate { items, trace, .. }, _)) = given.first() {
            let filled = filled_places(trace.as_deref()) as u32;
            tally.filled += filled;
            tally.chosen += items.len() as u32 - filled;
        }
    }

    /// The model cannot answer this turn: the built-in side does.
    fn give_up(&mut self, why: &str) {
        let Some(job) = self.job.take() else { return };
        match job.side {
            Side::User => self.user.turns += 1,
            Side::Recommender => self.recommender.turns += 1,
            Side::Interview => self.declined = true,
        }
        self.standing_in = Some((job.turn, job.side, clip(why, 200)));
    }

    /// Hands the session the answer of this place, if one is ready.
    fn answer_ready(&mut self, player: &mut Player, turn: u32, position: usize) -> bool {
        // After a step back the session may be elsewhere: what does not fit is dropped.
        while self.ready.front().is_some_and(|r| r.0 != turn || r.1 < position) {
            self.ready.pop_front();
        }
        let Some((_, _, given)) = self.ready.pop_front_if(|r| r.1 == position) else { return false };
        match given {
            Given::Interview(interview) => {
                player.set_interview(interview);
                true
            }
            Given::Answer(answer, remark) => {
                let answer = out_of_time(answer, &player.session().state());
                if player.answer_saying(answer, remark).is_ok() {
                    return true;
                }
                // Checked before it was queued; should the session still refuse it, the turn is not lost.
                self.ready.clear();
                if let Some((side, ..)) = self.due(player) {
                    self.standing_in = Some((turn, side, "the session did not take the model's answer".into()));
                }
                true
            }
        }
    }

    fn stand_in(&mut self, player: &mut Player, why: String) -> Ask<'_> {
        let Some(answer) = player.builtin_answer() else {
            // After the session there is nothing to stand in for.
            self.declined = true;
            return Ask::Over;
        };
        match player.answer_saying(answer, Remark { stood_in: why, ..Remark::default() }) {
            Ok(()) => Ask::Moved,
            Err(e) => Ask::Held(Held::Fault(Fault::Garbage { said: e.to_string() })),
        }
    }

    /// Goes on after the session stood still: what was being asked is asked again.
    pub fn resume(&mut self) {
        if self.held.take().is_some()
            && let Some(exchange) = self.job.as_mut().and_then(|j| j.exchange.as_mut())
        {
            exchange.again();
            self.calls = self.calls.max(exchange.call().id);
        }
    }

    /// Drops the call being made; its reply, should one come, is not heeded. The session can go on at once, and asks anew.
    pub fn cancel(&mut self) {
        self.job = None;
    }

    /// Lets the built-in side answer the turn that the session stands still at.
    pub fn let_builtin(&mut self) {
        self.held = None;
        self.give_up("a person let the built-in side answer");
    }
}

/// An answer that was only usable the second time says so.
fn marked(given: Given, repaired: bool) -> Given {
    match given {
        Given::Answer(answer, remark) => Given::Answer(answer, Remark { repaired, ..remark }),
        other => other,
    }
}

/// The present request of a job, the refused answer and its reason appended.
fn asked(job: &Job, session: &Session, settings: &Settings) -> Request {
    let mut request = job.task.request(session, settings);
    if let Some((text, why)) = &job.repair {
        repair(&mut request, text, why, &settings.prompts);
    }
    request
}

/// Makes a request ask again after an answer that cannot be used, with the answer and why.
pub fn repair(request: &mut Request, said: &str, why: &str, prompts: &Prompts) {
    let bad = if said.trim().is_empty() { "(nothing)".to_owned() } else { clip(said.trim(), 600) };
    request.messages.push(Message::new(Role::Assistant, bad));
    request.messages.push(Message::new(Role::User, fill(&prompts.repair, &[("why", why)])));
    request.seed = request.seed.wrapping_add(1) >> 1;
}

/// What a call that brought no answer took, by estimate: where the server had begun to answer, it had read the prompt.
fn usage_of(fault: &Fault, request: &Request) -> Usage {
    let read = matches!(fault, Fault::Cut | Fault::Slow { .. } | Fault::Garbage { .. });
    let prompt = if read { estimate_messages(&request.messages) } else { 0 };
    Usage { prompt, estimated: read, ..Usage::default() }
}

/// Usage counted by estimate where the server gave none.
#[must_use]
pub fn with_usage(mut reply: Reply, request: &Request) -> Reply {
    if reply.usage == Usage::default() {
        reply.usage = Usage {
            prompt: estimate_messages(&request.messages),
            cached: 0,
            completion: estimate_tokens(&reply.text),
            estimated: true,
        };
    }
    reply
}

/// A user without time left leaves, whatever the model says.
fn out_of_time(answer: Answer, state: &StateView) -> Answer {
    match answer {
        Answer::Verdict { by: Author::Model, .. } if state.seconds_left <= 0.0 => {
            Answer::Verdict { verdict: Verdict::Leave, by: Author::Model }
        }
        other => other,
    }
}
