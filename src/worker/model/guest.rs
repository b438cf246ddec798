//! The guest: the engine's [`Driver`] at the runner's seat.

use super::{Calling, ModelSits, Resumed, Says, Standing, Tell};
use crate::{
    llm::{
        chat::Reply,
        driver::{Ask, Driver},
        exchange::Call,
        failure,
        fault::Fault,
        secret::Secret,
        settings::Settings,
        tape::{Playback, Tape},
    },
    scenario::Scenario,
    session::player::Player,
    worker::{
        protocol::BranchId,
        runner::{Guest, Turn, Wish},
    },
};

/// A language model that plays sides.
pub struct ModelGuest {
    sits: ModelSits,
    driver: Driver,
    /// What it plays from in the place of a network.
    playback: Option<Playback<Tape>>,
    /// Whether the network follows once that is played.
    goes_on: bool,
    /// The time on the tape, ms: none passes but what was recorded.
    tape_ms: u64,
    /// Everything exchanged since the session's beginning.
    tape: Option<Tape>,
    /// Why the tape alone does not make the session.
    broken: String,
    /// The call that the page is making.
    calling: Option<Call>,
    branch: BranchId,
    again_at: Option<f64>,
    over: bool,
    says: Vec<Says>,
    told: Option<Standing>,
    told_at: Option<usize>,
    changed: bool,
}

impl ModelGuest {
    /// A model that the page calls.
    #[must_use]
    pub fn new(sits: ModelSits) -> Self {
        let driver = Driver::new(sits.settings.clone());
        Self {
            sits,
            driver,
            playback: None,
            goes_on: false,
            tape_ms: 0,
            tape: None,
            broken: String::new(),
            calling: None,
            branch: 0,
            again_at: None,
            over: false,
            says: Vec::new(),
            told: None,
            told_at: None,
            changed: true,
        }
    }

    /// A tape.
    #[must_use]
    pub fn from_tape(tape: Tape) -> Self {
        let sits = ModelSits {
            model: tape.model.clone(),
            dialect: crate::llm::dialect::Dialect::COMMON,
            stream: false,
            settings: tape.settings.clone(),
        };
        Self { playback: Some(Playback::new(tape)), ..Self::new(sits) }
    }

    /// A model that goes on where a tape ends.
    #[must_use]
    pub fn resumed(Resumed { mut model, tape }: Resumed) -> Self {
        let limits = model.settings;
        model.settings = Settings {
            budget: limits.budget,
            retry: limits.retry,
            timeout_ms: limits.timeout_ms,
            ..tape.settings.clone()
        };
        Self { playback: Some(Playback::new(tape.to_go_on())), goes_on: true, ..Self::new(model) }
    }

    fn settings(&self) -> &Settings {
        &self.sits.settings
    }

    /// Whether nothing is ever called.
    fn is_taped(&self) -> bool {
        self.playback.is_some() && !self.goes_on
    }

    /// The network from here on, where it follows the tape.
    fn leave_tape(&mut self) {
        if std::mem::take(&mut self.goes_on) {
            self.playback = None;
        }
    }

    /// Nobody waits for the present call any more.
    fn drop_call(&mut self) {
        if let Some(call) = self.calling.take() {
            self.says.push(Says::Drop { id: call.id });
        }
    }

    fn reply(&mut self, player: &mut Player, id: u32, outcome: Result<Reply, Fault>, ms: u64, now_ms: u64) {
        let Some(call) = self.calling.take_if(|c| c.id == id) else { return };
        if let Some(tape) = &mut self.tape {
            tape.record(&call, &outcome, ms);
        }
        self.driver.reply(player, id, outcome, ms, now_ms);
    }

    /// Answers from the tape until something happens in the session; asks the model where the tape has ended.
    fn play_back(&mut self, player: &mut Player, now_ms: f64) -> Turn {
        loop {
            if self.goes_on && self.playback.as_ref().is_none_or(|p| p.unplayed() == 0) {
                self.leave_tape();
                return self.ask(player, now_ms);
            }
            match self.driver.poll(player, self.tape_ms) {
                Ask::Send(call) => {
                    let call = call.clone();
                    let Some(playback) = &mut self.playback else { return Turn::Stuck };
                    let (outcome, ms) = playback.answer(&call.request);
                    if let Some(tape) = &mut self.tape {
                        tape.record(&call, &outcome, ms);
                    }
                    self.tape_ms += ms;
                    self.driver.reply(player, call.id, outcome, ms, self.tape_ms);
                }
                Ask::Wait(until) => self.tape_ms = self.tape_ms.max(until),
                Ask::Moved => return Turn::Moved,
                Ask::Held(_) => return Turn::Stuck,
                Ask::Other | Ask::Over => return Turn::Done,
            }
        }
    }

    fn ask(&mut self, player: &mut Player, now_ms: f64) -> Turn {
        match self.driver.poll(player, now_ms as u64) {
            Ask::Send(call) if self.calling.as_ref().is_some_and(|c| c.id == call.id) => Turn::Thinks(None),
            Ask::Send(call) => {
                let call = call.clone();
                self.drop_call();
                self.says.push(Says::Call(Box::new(Calling {
                    id: call.id,
                    purpose: call.purpose,
                    turn: call.turn,
                    body: call.request.body(&self.sits.model, &self.sits.dialect, self.sits.stream),
                    timeout_ms: call.timeout_ms,
                    parts: self.driver.parts(player.session()),
                })));
                self.calling = Some(call);
                Turn::Thinks(None)
            }
            Ask::Wait(until) => {
                self.again_at = Some(until as f64);
                Turn::Thinks(Some(until as f64))
            }
            Ask::Moved => Turn::Moved,
            Ask::Held(_) => Turn::Stuck,
            Ask::Other | Ask::Over => Turn::Done,
        }
    }

    fn standing(&self, player: Option<&Player>) -> Standing {
        let call = self.calling.as_ref().map(|c| (c.id, c.purpose, c.turn));
        let session = player.map(Player::session);
        let measured = self.driver.user().turns.max(self.driver.recommender().turns);
        let rest = session.filter(|s| s.end().is_none() && measured > 0).map(|s| {
            let left = s.scenario().horizon.saturating_sub(s.turn());
            self.driver.estimate(left)
        });
        let findings = session.map_or_else(Vec::new, |s| failure::look(s.turns(), s.world().shelf()).list);
        let stated = player.map_or_else(Vec::new, failure::at_odds_in);
        Standing {
            model: self.sits.model.clone(),
            taped: self.is_taped(),
            sides: self.sides(),
            call,
            held: self.driver.held().cloned(),
            again_ms: None,
            user: *self.driver.user(),
            recommender: *self.driver.recommender(),
            spent: *self.driver.spent(),
            rest,
            over: session.is_some_and(|s| s.end().is_some()) && (self.over || !self.sides().0),
            interview: player.and_then(Player::interview).cloned(),
            findings: findings.into_iter().chain(stated).collect(),
            exchanges: self.tape.as_ref().map_or(0, |t| t.exchanges.len()),
            tape_is_broken: self.broken.clone(),
        }
    }

    fn restart(&mut self) {
        self.drop_call();
        self.driver = Driver::new(self.sits.settings.clone());
        if let Some(playback) = self.playback.take() {
            self.playback = Some(Playback::new(playback.tape().clone()));
        }
        (self.tape_ms, self.branch, self.again_at) = (0, 0, None);
        (self.over, self.changed) = (false, true);
    }

    fn take_settings(&mut self, settings: Settings) -> Result<Wish, String> {
        self.leave_tape();
        if self.is_taped() {
            return Err("A tape plays as it was recorded. Let a model sit down to change how it takes part.".into());
        }
        self.sits.settings = settings;
        Ok(Wish::Anew)
    }
}

impl Guest for ModelGuest {
    fn sides(&self) -> (bool, bool) {
        let s = self.driver.settings();
        (s.user, s.recommender)
    }

    fn set_sides(&mut self, user: bool, recommender: bool) {
        self.drop_call();
        self.driver.set_sides(user, recommender);
        self.broken = "The sides changed hands on the way: export the run instead.".into();
        (self.over, self.changed) = (false, true);
    }

    fn scenario(&self) -> Option<Scenario> {
        self.playback.as_ref().map(|p| p.tape().scenario.clone())
    }

    fn begin(&mut self, player: &Player) {
        let scenario = player.session().scenario();
        if self.playback.as_ref().is_some_and(|p| p.tape().scenario != **scenario) {
            self.leave_tape();
        }
        self.restart();
        self.broken.clear();
        self.tape = (!self.is_taped()).then(|| Tape::new(&self.sits.model, scenario, self.settings()));
    }

    fn resume(&mut self, _: &Player) {
        self.leave_tape();
        self.restart();
        self.tape = None;
        self.broken = "The session was taken up in the middle: export the run instead.".into();
    }

    fn hear(&mut self, json: &str, player: Option<&mut Player>, now_ms: f64) -> Result<Wish, String> {
        let tell: Tell = serde_json::from_str(json).map_err(|e| format!("what was said is not understood: {e}"))?;
        self.changed = true;
        match (tell, player) {
            (Tell::Reply { id, outcome, ms }, Some(player)) => {
                self.reply(player, id, outcome, ms, now_ms as u64);
                Ok(Wish::Nothing)
            }
            (Tell::Resume, _) => Ok(Wish::Play),
            (Tell::Builtin, _) => {
                self.driver.let_builtin();
                Ok(Wish::Play)
            }
            (Tell::Cancel, _) => {
                self.drop_call();
                self.driver.cancel();
                Ok(Wish::Pause)
            }
            (Tell::Limits { budget, retry }, _) => {
                self.driver.set_limits(budget, retry);
                (self.sits.settings.budget, self.sits.settings.retry) = (budget, retry);
                Ok(Wish::Nothing)
            }
            (Tell::Settings(settings), _) => self.take_settings(*settings),
            (Tell::Tape, _) => {
                let tape = self.tape.as_ref().or(self.playback.as_ref().map(Playback::tape));
                let tape = tape.filter(|_| self.broken.is_empty());
                let why = || if self.broken.is_empty() { "There is no tape yet.".into() } else { self.broken.clone() };
                // The key is nowhere near: the page takes it out of whatever it hands on.
                let text = tape.map(|t| t.to_json(&Secret::default())).ok_or_else(why)?;
                self.says.push(Says::Tape { text });
                Ok(Wish::Nothing)
            }
            (Tell::Keep, _) => {
                let tape = self.tape.as_ref().filter(|t| self.broken.is_empty() && !t.exchanges.is_empty());
                self.says.extend(tape.map(|t| Says::Kept { text: t.to_json(&Secret::default()) }));
                Ok(Wish::Nothing)
            }
            (Tell::Reply { .. }, None) => Ok(Wish::Nothing),
        }
    }

    fn go_on(&mut self) {
        self.driver.resume();
        self.changed = true;
    }

    fn play(&mut self, player: &mut Player, branch: BranchId, now_ms: f64) -> Turn {
        if branch != self.branch {
            self.branch = branch;
            self.drop_call();
            self.driver.forget();
        }
        if branch != 0 {
            self.broken = "It plays on a fork: export the run instead.".into();
        }
        self.again_at = None;
        let turn = if self.playback.is_some() { self.play_back(player, now_ms) } else { self.ask(player, now_ms) };
        self.over = turn == Turn::Done;
        self.changed = true;
        turn
    }

    fn tell(&mut self, player: Option<&Player>) -> Vec<String> {
        // The other side moves the session too.
        let moment = player.map(Player::moment);
        if std::mem::take(&mut self.changed) || self.told_at != moment {
            self.told_at = moment;
            let standing = self.standing(player);
            if self.told.as_ref() != Some(&standing) {
                self.says.push(Says::Standing(Box::new(standing.clone())));
                self.told = Some(standing);
            }
        }
        // Fails only on keys that are not text, which the types do not have.
        self.says.drain(..).filter_map(|s| serde_json::to_string(&s).ok()).collect()
    }
}
