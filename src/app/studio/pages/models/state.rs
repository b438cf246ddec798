//! What the Models page and its panel on the Session page share: which model, how it takes part, the calls being made.

use super::{
    super::{
        hosts::{Asking, Hosts},
        web::{Abort, Calls},
    },
    estimate::Measured,
    kept::{self, Kept, LastTape},
    line::{Remote, own_file, sleep},
    tab,
};
use crate::{
    app::{
        Toasts,
        between::{self, Guest, ToMain},
        store,
        toast::Tone,
    },
    llm::{
        budget::Prices,
        card::{self, Card, Check},
        chat::{Message, Reply, Request, Role},
        dialect::{self, Dialect, Preset, preset, preset_at},
        driver::Held,
        fault::{Fault, Retry},
        listing::{self, Listed},
        probe::{Found, Probe},
        prompt::Part,
        secret::{self, Secret},
        settings::{Mode, Settings},
        sse::Pace,
        tape::Tape,
    },
    worker::model::{Calling, ModelSits, Resumed, Says, Sits, Standing, Tell},
};
use leptos::{prelude::*, task::spawn_local};
use std::collections::BTreeMap;

/// The example that ships.
const EXAMPLE: &str = "./example-tape.json";
/// The time allowed for a call of a test, ms.
const TEST_MS: u64 = 30_000;
/// The time allowed for a call to a model in the tab, ms.
const TAB_MS: u64 = 600_000;

/// Where the model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// At an address.
    Remote,
    /// In this tab.
    Tab,
}

/// What the test of the connection came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Tested {
    /// Not tested.
    No,
    /// Under way; how many questions are answered.
    Asking(u32),
    /// It works.
    Works(Found),
    /// It does not: why, and what to do.
    Fails(Fault, String),
}

/// How far the report card is.
#[derive(Clone, Debug, PartialEq)]
pub enum Checking {
    /// Not asked for.
    No,
    /// So many of so many calls.
    Asking(usize, usize),
    /// It stopped: why, and what to do.
    Stopped(String),
}

/// The state. Copies share it.
#[derive(Clone, Copy)]
pub struct Models {
    pub toasts: Toasts,
    pub at: RwSignal<Where>,
    pub base: RwSignal<String>,
    /// The preset that was chosen last: several share an address.
    picked: RwSignal<&'static str>,
    pub model: RwSignal<String>,
    /// The keys by host: in memory, and nowhere else. A key goes to the host that it was entered for, and to no other.
    keys: StoredValue<BTreeMap<String, Secret>>,
    /// The hosts that have one.
    pub with_key: RwSignal<Vec<String>>,
    /// Where the model is that sits on the Session page, and its address: what is typed meanwhile does not reach it.
    seated: StoredValue<(Where, String)>,
    /// Hosts that the person agreed to, and the one that they are asked about.
    pub hosts: Hosts,
    pub tested: RwSignal<Tested>,
    /// Whether the server's streams arrived whole when the connection was tested.
    pub streams: RwSignal<bool>,
    /// The models that the server told of, and the prices that were taken from there.
    pub listed: RwSignal<Vec<Listed>>,
    pub listed_prices: RwSignal<Option<Prices>>,
    pub settings: RwSignal<Settings>,
    pub standing: RwSignal<Option<Standing>>,
    /// Whether the guest that has been sent to its seat has not said how it is: what is heard until then is of the one
    /// before it.
    unheard: StoredValue<bool>,
    /// The tape of the last session in which a model was called, this one's included; and how far that was when it was
    /// asked for last.
    pub last_tape: RwSignal<Option<LastTape>>,
    kept_at: StoredValue<(u32, u32, bool)>,
    /// The answer that is coming in, as far as it is here.
    pub text: RwSignal<String>,
    /// How fast it comes, in words, where that is known.
    pub pace: RwSignal<String>,
    /// The last call that was sent: its body, and its parts.
    pub sent: RwSignal<Option<(String, Vec<Part>)>>,
    pub offline: RwSignal<bool>,
    pub checking: RwSignal<Checking>,
    pub cards: RwSignal<Vec<Card>>,
    pub(super) measured: RwSignal<Measured>,
    /// The model in the tab: its name and how it runs.
    pub loaded: RwSignal<Option<(String, String)>>,
    calls: Calls,
    other: StoredValue<Option<Abort>, LocalStorage>,
}

impl Models {
    pub fn new(toasts: Toasts) -> Self {
        let models = Self {
            toasts,
            at: RwSignal::new(Where::Remote),
            base: RwSignal::new(dialect::PRESETS[0].base.to_owned()),
            picked: RwSignal::new(dialect::PRESETS[0].name),
            model: RwSignal::new(dialect::PRESETS[0].models[0].to_owned()),
            keys: StoredValue::new(BTreeMap::new()),
            with_key: RwSignal::new(Vec::new()),
            seated: StoredValue::new((Where::Remote, String::new())),
            hosts: Hosts::new(),
            tested: RwSignal::new(Tested::No),
            streams: RwSignal::new(true),
            listed: RwSignal::new(Vec::new()),
            listed_prices: RwSignal::new(None),
            settings: RwSignal::new(Settings::default()),
            standing: RwSignal::new(None),
            unheard: StoredValue::new(true),
            last_tape: RwSignal::new(None),
            kept_at: StoredValue::default(),
            text: RwSignal::new(String::new()),
            pace: RwSignal::new(String::new()),
            sent: RwSignal::new(None),
            offline: RwSignal::new(false),
            checking: RwSignal::new(Checking::No),
            cards: RwSignal::new(Vec::new()),
            measured: RwSignal::new(BTreeMap::new()),
            loaded: RwSignal::new(None),
            calls: Calls::new(),
            other: StoredValue::new_local(None),
        };
        models.take_up();
        Effect::new(move |before: Option<Kept>| {
            let now = models.to_keep();
            if before.is_some_and(|before| before != now) {
                now.save();
            }
            now
        });
        models
    }

    /// What this browser has kept of the last time.
    fn take_up(self) {
        match Kept::load() {
            Ok(Some(kept)) => {
                self.at.set(if kept.in_tab { Where::Tab } else { Where::Remote });
                self.picked.set(preset(&kept.preset).map_or(dialect::PRESETS[0].name, |p| p.name));
                if !kept.base.is_empty() {
                    self.base.set(kept.base.clone());
                    self.model.set(kept.model.clone());
                }
                self.settings.set(kept.settings());
                self.cards.set(kept.cards);
            }
            Ok(None) => {}
            Err(why) => self.toasts.show(Tone::Bad, "What was kept of the Models page could not be read", &why),
        }
        spawn_local(async move {
            let text = kept::tape().await.ok().flatten();
            let last = text.and_then(|text| LastTape::read(text).ok());
            // A session may have begun meanwhile.
            if self.last_tape.try_with_untracked(Option::is_none) == Some(true) {
                self.last_tape.set(last);
            }
        });
    }

    fn to_keep(self) -> Kept {
        let (base, model) = (self.base.get(), self.model.get());
        self.settings
            .with(|s| self.cards.with(|cards| Kept::of(self.at.get(), self.picked.get(), &base, &model, s, cards)))
    }

    pub fn set_key(self, key: &str) {
        if let Err(why) = secret::check(key) {
            self.toasts.show(Tone::Bad, "The key was not taken", &format!("Look at it again: {why}."));
            return;
        }
        let Some(host) = self.base.with_untracked(|b| dialect::host(b).map(str::to_owned)) else {
            self.toasts.show(
                Tone::Bad,
                "Whose key is it?",
                "Write the server's address first; a key goes to that host only.",
            );
            return;
        };
        let secret = Secret::new(key);
        self.with_key.update(|hosts| {
            hosts.retain(|h| *h != host);
            hosts.extend(secret.reveal().is_some().then(|| host.clone()));
        });
        self.keys.update_value(|keys| drop(keys.insert(host, secret)));
        self.tested.set(Tested::No);
    }

    /// Whether there is a key for the host that is chosen.
    pub fn has_key(self) -> bool {
        self.base.with(|b| self.with_key.with(|hosts| hosts.iter().any(|h| dialect::host(b) == Some(h))))
    }

    /// A model in the tab answers as fast as this machine is, and no line can break: where the time allowed for a call was
    /// not chosen by the person, it is longer.
    pub fn be_patient(self) {
        self.settings.update(|s| {
            if s.timeout_ms == Settings::default().timeout_ms {
                s.timeout_ms = TAB_MS;
            }
        });
    }

    pub fn preset(self) -> Option<&'static Preset> {
        let picked = preset(self.picked.get());
        self.base.with(|b| picked.filter(|p| dialect::host(p.base) == dialect::host(b)).or_else(|| preset_at(b)))
    }

    pub fn choose_preset(self, name: &str) {
        if let Some(p) = preset(name) {
            self.picked.set(p.name);
            self.base.set(p.base.to_owned());
            self.model.set(p.models[0].to_owned());
            self.tested.set(Tested::No);
        }
    }

    /// The model's name where it is chosen, for people.
    pub fn name(self) -> String {
        untrack(move || self.named())
    }

    /// The same, followed.
    pub fn named(self) -> String {
        match self.at.get() {
            Where::Remote => self.model.get(),
            Where::Tab => self.loaded.get().map_or_else(String::new, |l| l.0),
        }
    }

    /// Whether it was seen to answer, or is loaded, so that other pages can ask it. Followed.
    pub fn is_ready(self) -> bool {
        match self.at.get() {
            Where::Remote => matches!(self.tested.get(), Tested::Works(_)),
            Where::Tab => self.loaded.with(Option::is_some),
        }
    }

    /// Makes a call of another page's to the model that is chosen.
    pub async fn ask(self, body: String) -> (Result<Reply, Fault>, u64) {
        self.sent.set(Some((body.clone(), Vec::new())));
        let timeout = self.settings.with_untracked(|s| s.timeout_ms);
        self.call(self.chosen(), body, timeout, Abort::new(), |_, _| ()).await
    }

    fn remote(self, base: String) -> Remote {
        let key = dialect::host(&base).and_then(|h| self.keys.with_value(|keys| keys.get(h).cloned()));
        Remote { key: key.unwrap_or_default(), base }
    }

    /// Where the model is that is chosen, and its address.
    fn chosen(self) -> (Where, String) {
        (self.at.get_untracked(), self.base.get_untracked())
    }

    /// What the server understands, as far as it is known.
    pub fn dialect(self) -> Dialect {
        match (self.at.get_untracked(), self.tested.get_untracked()) {
            (Where::Tab, _) => Dialect { stream_usage: false, ..Dialect::COMMON },
            (_, Tested::Works(found)) => found.dialect,
            _ => untrack(move || self.preset()).map_or(Dialect::COMMON, |p| p.dialect),
        }
    }

    /// Does it once the person agrees that this host is contacted; at once where they did, or where the model is here.
    pub fn once_agreed(self, then: impl Fn() + Send + Sync + 'static) {
        if self.at.get_untracked() == Where::Tab {
            return then();
        }
        let base = self.base.get_untracked();
        let open = window().location().protocol().is_ok_and(|p| p == "http:");
        if let Err(why) = dialect::check_address(&base, open) {
            self.toasts.show(Tone::Bad, "The address cannot be used", &format!("{why}."));
            return;
        }
        if self.model.with_untracked(|m| m.trim().is_empty()) {
            self.toasts.show(Tone::Bad, "Which model?", "Write its name as the server knows it.");
            return;
        }
        let host = dialect::host(&base).unwrap_or_default().to_owned();
        let what = "It is sent the prompts (who the simulated user is, what was shown, what was done), and your key where \
                    you entered one. Nothing else leaves this page. The last session is kept in this browser, until you \
                    forget it or another takes its place; the key is not.";
        self.hosts.once(Asking { host, what: what.to_owned() }, then);
    }

    /// What to do about a fault of the model that is chosen, in the page's words.
    pub fn fix(self, fault: &Fault) -> String {
        Self::fix_at(self.chosen(), fault)
    }

    /// The same for the model that sits on the Session page.
    pub fn fix_seated(self, fault: &Fault) -> String {
        Self::fix_at(self.seated.get_value(), fault)
    }

    /// A fault of the model that sits on the Session page, in words: one in this tab has no server.
    pub fn words_seated(self, fault: &Fault) -> String {
        match fault {
            Fault::Server { said, .. } if self.seated.with_value(|s| s.0 == Where::Tab) => {
                format!("The model in this tab broke off. It says: “{said}”")
            }
            other => other.words(),
        }
    }

    fn fix_at((at, base): (Where, String), fault: &Fault) -> String {
        let origin = window().location().origin().unwrap_or_default();
        if at == Where::Tab {
            return match fault {
                Fault::Slow { .. } => "Allow more time, choose a smaller model, or use one on a server.".into(),
                Fault::Server { .. } => "Load the model again; if it happens each time, choose a smaller one.".into(),
                other => other.fix(None, &origin),
            };
        }
        if matches!(fault, Fault::Refused { .. }) && dialect::check_address(&base, false).is_err() {
            let origin = format!("http://{}", dialect::host(&base).unwrap_or_default());
            return format!(
                "Unless it was built to, this page speaks to https and to this machine only. Whoever hosts it can let it: \
                 cargo xtask serve --connect {origin}"
            );
        }
        fault.fix(preset_at(&base), &origin)
    }

    async fn call(
        self,
        (at, base): (Where, String),
        body: String,
        timeout_ms: u64,
        abort: Abort,
        grown: impl Fn(&str, &Pace) + 'static,
    ) -> (Result<Reply, Fault>, u64) {
        let began = crate::app::engine::now();
        let outcome = match at {
            Where::Remote => self.remote(base).call(&body, timeout_ms, &abort, grown).await,
            Where::Tab => tab::call(&body, timeout_ms, &abort, grown).await,
        };
        (outcome, (crate::app::engine::now() - began).max(0.0) as u64)
    }

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

    /// Lets the model sit down on the Session page.
    pub fn sit(self) {
        self.once_agreed(move || {
            self.seated.set_value(self.chosen());
            self.seat(self.name(), &Sits::Model(Box::new(self.sits())));
        });
    }

    fn sits(self) -> ModelSits {
        ModelSits {
            model: self.name(),
            dialect: self.dialect(),
            stream: self.at.get_untracked() == Where::Remote && self.streams.get_untracked(),
            settings: self.settings.get_untracked(),
        }
    }

    /// Lets the model go on where the last session's tape ends.
    pub fn go_on(self) {
        let Some(tape) = self.last() else { return };
        let name = self.name();
        if name != tape.model {
            let why =
                format!("It was played by {}. Choose that model, and test the connection or load it.", tape.model);
            self.toasts.show(Tone::Bad, "Another model cannot go on with this session", &why);
            return;
        }
        self.once_agreed(move || {
            self.seated.set_value(self.chosen());
            let resumed = Resumed { model: self.sits(), tape: tape.clone() };
            self.seat(self.name(), &Sits::Resumed(Box::new(resumed)));
        });
    }

    /// Plays the last session's tape.
    pub fn watch_last(self) {
        if let Some(tape) = self.last() {
            self.sit_tape(tape);
        }
    }

    fn last(self) -> Option<Tape> {
        let text = self.last_tape.with_untracked(|l| l.as_ref().map(|l| l.text.clone()))?;
        Tape::from_json(&text)
            .inspect_err(|why| self.toasts.show(Tone::Bad, "The tape was not opened", &format!("{why}.")))
            .ok()
    }

    /// Forgets the last session's tape.
    pub fn forget_last(self) {
        self.last_tape.set(None);
        spawn_local(async move {
            if let Err(why) = kept::put_tape(None).await {
                self.toasts.show(Tone::Bad, "The tape is still in this browser", &why);
            }
        });
    }

    fn keep_tape(self, text: &str) {
        let text = self.without_keys(text.to_owned());
        let Ok(last) = LastTape::read(text.clone()) else { return };
        self.last_tape.set(Some(last));
        spawn_local(async move {
            // Without room it is here until the tab closes.
            if let Err(why) = kept::put_tape(Some(&text)).await {
                leptos::logging::warn!("the tape was not kept: {why}");
            }
        });
    }

    /// After a turn: its tape is asked for, so that a reload loses no more than the turn under way.
    fn keep_pace(self, s: &Standing) {
        let now = (s.user.turns, s.recommender.turns, s.over);
        let turns = now.0 + now.1 > 0 && s.exchanges > 0;
        if !s.taped && turns && s.tape_is_broken.is_empty() && now != self.kept_at.get_value() {
            self.kept_at.set_value(now);
            self.tell(&Tell::Keep);
        }
    }

    fn seat(self, name: String, sits: &Sits) {
        self.leave();
        match serde_json::to_string(sits) {
            Ok(json) => {
                between::to_main(&ToMain::Seat(Guest { name, json, serves: None }));
                between::to_main(&ToMain::GoTo(String::new()));
                self.tell(&Tell::Resume);
            }
            Err(why) => self.toasts.show(Tone::Bad, "The model did not sit down", &why.to_string()),
        }
    }

    /// Plays the example that ships.
    pub fn watch_example(self) {
        spawn_local(async move {
            match own_file(EXAMPLE).await.and_then(|text| Tape::from_json(&text)) {
                Ok(tape) => self.sit_tape(tape),
                Err(why) => self.toasts.show(Tone::Bad, "The example was not opened", &why),
            }
        });
    }

    pub fn sit_tape(self, tape: Tape) {
        self.seat(format!("The tape of {}", tape.model), &Sits::Tape(Box::new(tape)));
    }

    pub fn tell(self, tell: &Tell) {
        if let Ok(json) = serde_json::to_string(tell) {
            between::to_main(&ToMain::TellGuest(json));
        }
    }

    /// Lets the model on the Session page know the budget as it is set now.
    pub fn tell_limits(self) {
        if self.standing.with_untracked(|s| s.as_ref().is_some_and(|s| !s.taped)) {
            let budget = self.settings.with_untracked(|s| s.budget);
            self.tell(&Tell::Limits { budget, retry: Retry::default() });
        }
    }

    pub fn dismiss(self) {
        self.leave();
        between::to_main(&ToMain::Dismiss);
    }

    /// The guest is gone: nobody waits for its calls any more. What it was paid for is kept.
    pub fn leave(self) {
        if self.standing.with_untracked(|s| s.as_ref().is_some_and(|s| !s.taped)) {
            self.tell(&Tell::Keep);
        }
        self.kept_at.set_value((0, 0, false));
        self.calls.cut_all();
        self.standing.set(None);
        self.unheard.set_value(true);
    }

    /// What the guest says.
    pub fn hear(self, json: &str) {
        let said = serde_json::from_str(json);
        // Also of one that leaves.
        if let Ok(Says::Kept { text }) = &said {
            return self.keep_tape(text);
        }
        if self.unheard.get_value() {
            let begins = |s: &Standing| s.user.turns + s.recommender.turns == 0 && !s.over;
            if !matches!(&said, Ok(Says::Standing(s)) if begins(s)) {
                return;
            }
            self.unheard.set_value(false);
        }
        match said {
            Ok(Says::Call(call)) => spawn_local(self.carry_out(*call)),
            Ok(Says::Drop { id }) => self.calls.cut(id),
            Ok(Says::Standing(standing)) => {
                self.measure(&standing);
                self.keep_pace(&standing);
                self.standing.set(Some(*standing));
            }
            Ok(Says::Tape { text }) => self.save_tape(&self.without_keys(text)),
            Ok(Says::Kept { text }) => self.keep_tape(&text),
            Err(why) => leptos::logging::error!("what the guest said was not understood: {why}"),
        }
    }

    fn without_keys(self, text: String) -> String {
        self.keys.with_value(|keys| keys.values().fold(text, |text, key| key.redact(text)))
    }

    /// Gives a tape to the person as a file.
    pub fn save_tape(self, text: &str) {
        if let Err(why) = store::download("recoworld-tape.json", "application/json", text) {
            self.toasts.show(Tone::Bad, "The tape was not saved", &why);
        }
    }

    async fn carry_out(self, call: Calling) {
        let abort = self.calls.begin(call.id);
        self.text.set(String::new());
        self.pace.set(String::new());
        self.sent.set(Some((call.body.clone(), call.parts)));
        loop {
            self.wait_online(&abort).await;
            let grown = move |text: &str, pace: &Pace| {
                let _ = self.text.try_set(text.to_owned());
                let _ = self.pace.try_set(pace.words());
            };
            let (outcome, ms) =
                self.call(self.seated.get_value(), call.body.clone(), call.timeout_ms, abort.clone(), grown).await;
            if abort.is_used() && matches!(outcome, Err(Fault::Cancelled)) {
                return;
            }
            // What broke because the line went is asked again when it is back: no turn is lost, no try is used up.
            if matches!(outcome, Err(Fault::Refused { .. } | Fault::Cut)) && self.is_offline() {
                continue;
            }
            self.calls.end(call.id);
            let _ = self.pace.try_set(String::new());
            self.tell(&Tell::Reply { id: call.id, outcome, ms });
            return;
        }
    }

    fn is_offline(self) -> bool {
        let (at, base) = self.seated.get_value();
        let here = at == Where::Tab || dialect::is_local(&base);
        !here && !window().navigator().on_line()
    }

    async fn wait_online(self, abort: &Abort) {
        while self.is_offline() && !abort.is_used() {
            let _ = self.offline.try_set(true);
            sleep(300).await;
        }
        if self.offline.try_get_untracked() == Some(true) {
            let _ = self.offline.try_set(false);
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
        let abort = Abort::new();
        self.other.set_value(Some(abort.clone()));
        let (chosen, name, dialect) = (self.chosen(), self.name(), self.dialect());
        let mut check = Check::new(&name, &self.settings.get_untracked());
        self.checking.set(Checking::Asking(0, check.progress().1));
        loop {
            let now = crate::app::engine::now() as u64;
            match check.poll(now) {
                card::Ask::Done => break,
                card::Ask::Held(held) => {
                    let why = match held {
                        Held::Fault(f) => format!("{} {}", f.words(), self.fix(&f)),
                        Held::Budget(words) => words,
                    };
                    let _ = self.checking.try_set(Checking::Stopped(why));
                    return;
                }
                card::Ask::Wait(until) => sleep(i32::try_from(until.saturating_sub(now)).unwrap_or(i32::MAX)).await,
                card::Ask::Send(call) => {
                    let (id, timeout) = (call.id, call.timeout_ms);
                    let body = call.request.body(&name, &dialect, false);
                    self.sent.set(Some((body.clone(), Vec::new())));
                    let grown = move |_: &str, pace: &Pace| drop(self.pace.try_set(pace.words()));
                    let (outcome, ms) = self.call(chosen.clone(), body, timeout, abort.clone(), grown).await;
                    check.reply(id, outcome, ms, crate::app::engine::now() as u64);
                    let (done, all) = check.progress();
                    if self.checking.try_set(Checking::Asking(done, all)).is_some() {
                        return;
                    }
                }
            }
        }
        let card = check.card();
        self.cards.update(|c| {
            c.retain(|old| old.model != card.model);
            c.push(card);
        });
        self.checking.set(Checking::No);
    }
}
