//! Questions asked of a model apart from any session: the test of the connection, and the report card's battery.

use super::{
    super::web::Abort,
    line::sleep,
    state::{Checking, Models, Tested, Where},
};
use crate::{
    app::{dialogs::feed::time_left, toast::Tone},
    llm::{
        battery::{Ask, Battery},
        budget::Prices,
        card::Check,
        chat::{Message, Request, Role},
        driver::Held,
        fault::Fault,
        listing::{self, Listed},
        probe::{Found, Probe},
        settings::Mode,
        sse::Pace,
    },
};
use leptos::{prelude::*, task::spawn_local};

/// The time allowed for a call of a test, ms.
const TEST_MS: u64 = 30_000;

impl Models {
    /// Tests the connection and finds out what the server understands.
    pub fn test(self) {
        self.once_agreed(move || spawn_local(self.probe()));
    }

    async fn probe(self) {
        let abort = Abort::new();
        self.tested.set(Tested::Asking(0));
        let (chosen, model) = (self.chosen(), self.model.get_untracked());
        let timeout = self.settings.with_untracked(|s| s.timeout_ms).min(TEST_MS);
        let mut probe = Probe::new(untrack(move || self.preset()).map(|p| p.dialect));
        let mut asked = 0;
        while let Some((request, dialect)) = probe.poll() {
            let body = request.body(&model, &dialect, false);
            self.sent.set(Some((body.clone(), Vec::new())));
            let (outcome, ms) = self.call(chosen.clone(), body, timeout, abort.clone(), |_, _| ()).await;
            probe.answer(outcome, ms);
            asked += 1;
            if self.tested.try_set(Tested::Asking(asked)).is_some() {
                return;
            }
        }
        let probed = probe.finish();
        let listed = match &probed {
            Ok(_) | Err(Fault::Model { .. }) => self.remote(chosen.1.clone()).models(timeout, &abort).await,
            Err(_) => Vec::new(),
        };
        let result = match probed {
            Ok(found) => {
                self.streams.set(self.try_stream(&found, &chosen, &model, timeout, abort).await);
                Tested::Works(found)
            }
            Err(fault) => {
                let names = listing::in_words(&listed, &model);
                Tested::Fails(fault.clone(), format!("{} {names}", self.fix(&fault)).trim_end().to_owned())
            }
        };
        // What was found is of what was asked, not of what was typed meanwhile.
        let result = if (self.chosen(), self.model.get_untracked()) == (chosen, model) { result } else { Tested::No };
        let scores = !matches!(&result, Tested::Works(f) if !f.dialect.logprobs);
        if matches!(result, Tested::Works(_)) {
            self.take_prices(&listed);
        }
        if !matches!(result, Tested::No) {
            self.listed.set(listed);
        }
        if self.tested.try_set(result).is_none() && !scores {
            self.write_where_scores_are_missing();
        }
    }

    /// Whether the server's streams arrive whole; where they do not, answers are waited for.
    async fn try_stream(
        self,
        found: &Found,
        chosen: &(Where, String),
        model: &str,
        timeout: u64,
        abort: Abort,
    ) -> bool {
        let request = Request {
            messages: vec![Message::new(Role::User, "Say one word.")],
            shape: None,
            max_tokens: 16,
            temperature: 0.0,
            seed: 1,
            top_logprobs: 0,
        };
        let body = request.body(model, &found.dialect, true);
        self.sent.set(Some((body.clone(), Vec::new())));
        self.call(chosen.clone(), body, timeout, abort, |_, _| ()).await.0.is_ok()
    }

    /// Takes the prices that the server tells of the model; those that the person entered stay.
    fn take_prices(self, listed: &[Listed]) {
        let told = self.model.with_untracked(|name| listed.iter().find(|m| m.name == *name)?.prices);
        let now = self.settings.with_untracked(|s| s.budget.prices);
        let entered = now != Prices::default() && Some(now) != self.listed_prices.get_untracked();
        if !entered && told.unwrap_or_default() != now {
            self.settings.update(|s| s.budget.prices = told.unwrap_or_default());
        }
        self.listed_prices.set(told.filter(|_| !entered));
    }

    /// Scored mode needs log-probabilities: without them the model would answer nothing itself.
    fn write_where_scores_are_missing(self) {
        if self.settings.with_untracked(|s| s.user && s.mode == Mode::Scored) {
            self.settings.update(|s| s.mode = Mode::Written);
            let why = "This server gives no log-probabilities, which scored mode needs.";
            self.toasts.show(Tone::Plain, "It writes its reactions now", why);
        }
    }

    /// Runs the report card's battery.
    pub fn check(self) {
        self.once_agreed(move || spawn_local(self.run_check()));
    }

    pub fn stop_check(self) {
        if let Some(abort) = self.other.get_value() {
            abort.abort();
        }
    }

    async fn run_check(self) {
        let mut check = Check::new(&self.name(), &self.settings.get_untracked());
        self.checking.set(Checking::Asking(0, check.progress().1));
        match self.answer_all(&mut check, self.checking).await {
            Ok(()) => {
                let card = check.card();
                self.cards.update(|c| {
                    c.retain(|old| old.model != card.model);
                    c.push(card);
                });
                self.checking.set(Checking::No);
            }
            Err(why) => drop(self.checking.try_set(Checking::Stopped(why))),
        }
    }

    /// Has the chosen model answer all of a battery's questions, and shows how far it is.
    ///
    /// # Errors
    /// Why it stopped, and what to do.
    pub(super) async fn answer_all(self, battery: &mut dyn Battery, shown: RwSignal<Checking>) -> Result<(), String> {
        let abort = Abort::new();
        self.other.set_value(Some(abort.clone()));
        self.left.set(String::new());
        let (chosen, name, dialect) = (self.chosen(), self.name(), self.dialect());
        let began = crate::app::engine::now();
        loop {
            let now = crate::app::engine::now() as u64;
            match battery.poll(now) {
                Ask::Done => return Ok(()),
                Ask::Held(Held::Fault(f)) => return Err(format!("{} {}", f.words(), self.fix(&f))),
                Ask::Held(Held::Budget(words)) => return Err(words),
                Ask::Wait(until) => sleep(i32::try_from(until.saturating_sub(now)).unwrap_or(i32::MAX)).await,
                Ask::Send(call) => {
                    let (id, timeout) = (call.id, call.timeout_ms);
                    let body = call.request.body(&name, &dialect, false);
                    self.sent.set(Some((body.clone(), Vec::new())));
                    let grown = move |_: &str, pace: &Pace| drop(self.pace.try_set(pace.words()));
                    let (outcome, ms) = self.call(chosen.clone(), body, timeout, abort.clone(), grown).await;
                    battery.reply(id, outcome, ms, crate::app::engine::now() as u64);
                    let (done, all) = battery.progress();
                    self.left.set(time_left(began, done as u64, all as u64));
                    if shown.try_set(Checking::Asking(done, all)).is_some() {
                        return Err(String::new());
                    }
                }
            }
        }
    }
}
