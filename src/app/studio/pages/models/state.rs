//! What the Models page and its panel on the Session page share: which model, how it takes part, the calls being made.

use super::{
    super::{
        hosts::{Asking, Hosts},
        web::{Abort, Calls},
    },
    estimate::Measured,
    kept::{self, Kept, LastTape},
    line::Remote,
    scores, tab,
};
use crate::{
    app::{Toasts, toast::Tone},
    llm::{
        budget::Prices,
        calibrate::Calibration,
        card::Card,
        chat::Reply,
        dialect::{self, Dialect, Preset, preset, preset_at},
        fault::Fault,
        listing::Listed,
        probe::Found,
        prompt::Part,
        secret::{self, Secret},
        settings::Settings,
        sse::Pace,
    },
    worker::model::Standing,
};
use leptos::{prelude::*, task::spawn_local};
use std::collections::BTreeMap;

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

/// How far questions apart from any session are.
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
    pub(super) picked: RwSignal<&'static str>,
    pub model: RwSignal<String>,
    /// The keys by host: in memory, and nowhere else. A key goes to the host that it was entered for, and to no other.
    pub(super) keys: StoredValue<BTreeMap<String, Secret>>,
    /// The hosts that have one.
    pub with_key: RwSignal<Vec<String>>,
    /// Where the model is that sits on the Session page, and its address: what is typed meanwhile does not reach it.
    pub(super) seated: StoredValue<(Where, String)>,
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
    pub(super) unheard: StoredValue<bool>,
    /// The tape of the last session in which a model was called, this one's included; and how far that was when it was
    /// asked for last.
    pub last_tape: RwSignal<Option<LastTape>>,
    pub(super) kept_at: StoredValue<(u32, u32, bool)>,
    /// The answer that is coming in, as far as it is here.
    pub text: RwSignal<String>,
    /// How fast it comes, in words, where that is known.
    pub pace: RwSignal<String>,
    /// The last call that was sent: its body, and its parts.
    pub sent: RwSignal<Option<(String, Vec<Part>)>>,
    pub offline: RwSignal<bool>,
    pub checking: RwSignal<Checking>,
    pub cards: RwSignal<Vec<Card>>,
    /// How far the fit of the temperature is, what it came to, and the worker that words its questions.
    pub fitting: RwSignal<Checking>,
    pub calibration: RwSignal<Option<Calibration>>,
    pub(super) wording: StoredValue<Option<scores::Line>, LocalStorage>,
    /// How long the questions under way will still take, in words, once it can be told.
    pub left: RwSignal<String>,
    pub(super) measured: RwSignal<Measured>,
    /// The model in the tab: its name and how it runs.
    pub loaded: RwSignal<Option<(String, tab::Runs)>>,
    pub(super) calls: Calls,
    pub(super) other: StoredValue<Option<Abort>, LocalStorage>,
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
            fitting: RwSignal::new(Checking::No),
            calibration: RwSignal::new(None),
            wording: StoredValue::new_local(None),
            left: RwSignal::new(String::new()),
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
            // What another server has is no example for this one.
            self.listed.set(Vec::new());
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

    /// Whether questions are asked apart from any session. Followed.
    pub fn is_asking(self) -> bool {
        [self.checking, self.fitting].iter().any(|s| matches!(s.get(), Checking::Asking(..)))
    }

    /// Makes a call of another page's to the model that is chosen.
    pub async fn ask(self, body: String) -> (Result<Reply, Fault>, u64) {
        self.sent.set(Some((body.clone(), Vec::new())));
        let timeout = self.settings.with_untracked(|s| s.timeout_ms);
        self.call(self.chosen(), body, timeout, Abort::new(), |_, _| ()).await
    }

    pub(super) fn remote(self, base: String) -> Remote {
        let key = dialect::host(&base).and_then(|h| self.keys.with_value(|keys| keys.get(h).cloned()));
        Remote { key: key.unwrap_or_default(), base }
    }

    /// Where the model is that is chosen, and its address.
    pub(super) fn chosen(self) -> (Where, String) {
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

    pub(super) async fn call(
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
}
