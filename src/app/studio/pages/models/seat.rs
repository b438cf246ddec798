//! The model on the Session page: how it sits down, what it says, the calls made for it, and its tape.

use super::{
    super::web::Abort,
    kept::{self, LastTape},
    line::{own_file, sleep},
    state::{Models, Where},
};
use crate::{
    app::{
        between::{self, Guest, ToMain},
        store,
        toast::Tone,
    },
    llm::{
        dialect,
        fault::{Fault, Retry},
        sse::Pace,
        tape::Tape,
    },
    worker::model::{Calling, ModelSits, Resumed, Says, Sits, Standing, Tell},
};
use leptos::{prelude::*, task::spawn_local};

/// The example that ships.
const EXAMPLE: &str = "./example-tape.json";

impl Models {
    /// Lets the model sit down on the Session page.
    pub fn sit(self) {
        self.once_agreed(move || {
            self.seated.set_value(self.chosen());
            self.seat(self.name(), &Sits::Model(Box::new(self.sits())));
        });
    }

    /// Whether it may be shown pictures: of a server's model the person says so, one in the tab needs its projector. Followed.
    pub(super) fn may_see(self) -> bool {
        match self.at.get() {
            Where::Remote => true,
            Where::Tab => self.loaded.with(|l| l.as_ref().is_some_and(|(_, runs)| runs.sees)),
        }
    }

    fn sits(self) -> ModelSits {
        let remote = self.at.get_untracked() == Where::Remote;
        let mut settings = self.settings.get_untracked();
        settings.sees &= untrack(move || self.may_see());
        ModelSits {
            model: self.name(),
            dialect: self.dialect(),
            stream: remote && self.streams.get_untracked(),
            settings,
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
}
