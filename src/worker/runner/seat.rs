//! The seat of a guest: what plays a side in the place of the built-in one, a language model for instance.
//!
//! The small worker has the seat and never a guest in it; the lab's session desk knows how to make guests
//! ([`Runner::with_guests`]). A guest reads no clock and speaks to nobody but the page.
//!
//! What only recommends, and at once, is no guest that answers but a recommender beside the built-in ones
//! ([`Serving`]): it is chosen by the name [`TRAINED`], and forks, scrubs and is compared as they are.

use super::{Done, Runner, Show, Step, problem, stage::Stage};
use crate::{
    recommender::{Knowledge, Recommender, TRAINED},
    scenario::{RecommenderSpec, Scenario, World, registry},
    session::{
        Need,
        player::{Change, Player},
    },
    worker::protocol::{BranchId, Event, Save, Side},
};
use std::rc::Rc;

/// Makes what sits down from the JSON that it comes with.
pub type MakeGuest = fn(&str) -> Result<Sitting, String>;

/// What sits down.
pub enum Sitting {
    /// A guest that answers.
    Guest(Box<dyn Guest>),
    /// A recommender.
    Serving(Serving),
}

/// Makes a recommender for a world, or says why it cannot serve there.
pub type MakeServing = Rc<dyn Fn(&Rc<Knowledge>, &World) -> Result<Box<dyn Recommender>, String>>;

/// A recommender that was brought along: a trained policy.
#[derive(Clone)]
pub struct Serving {
    /// What it is called: "PPO, trained on Bored on the commute".
    pub title: String,
    /// Makes it.
    pub make: MakeServing,
}

/// What a guest wants after it was told something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// Nothing changes.
    #[default]
    Nothing,
    /// The session plays.
    Play,
    /// The session pauses.
    Pause,
    /// The session begins anew on the same seed.
    Anew,
}

/// What a guest does when it is its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// It has answered the session.
    Moved,
    /// It thinks until the page tells it something, or until this time on the runner's clock, ms.
    Thinks(Option<f64>),
    /// It cannot go on; it has told the page why.
    Stuck,
    /// It has nothing to do here any more.
    Done,
}

/// Something that plays sides.
pub trait Guest {
    /// Whether it plays the user, and whether it recommends.
    fn sides(&self) -> (bool, bool);
    /// It plays other sides from here on.
    fn set_sides(&mut self, user: bool, recommender: bool);
    /// The scenario that it must play in, where not any will do.
    fn scenario(&self) -> Option<Scenario> {
        None
    }
    /// A session begins, at its first moment.
    fn begin(&mut self, player: &Player);
    /// A session goes on from somewhere, after the worker was lost.
    fn resume(&mut self, player: &Player);
    /// Takes what the page tells it.
    ///
    /// # Errors
    /// What it did not understand, for a person.
    fn hear(&mut self, json: &str, player: Option<&mut Player>, now_ms: f64) -> Result<Wish, String>;
    /// A person presses Play: what it stood still at may be tried again.
    fn go_on(&mut self) {}
    /// It is its turn, on this branch, at the end of what was played.
    fn play(&mut self, player: &mut Player, branch: BranchId, now_ms: f64) -> Turn;
    /// What it has to tell the page since it was last asked, as JSON.
    fn tell(&mut self, player: Option<&Player>) -> Vec<String>;
}

/// The seat, its guest, and what the guest waits for.
#[derive(Default)]
pub(super) struct Seat {
    pub(super) make: Option<MakeGuest>,
    pub(super) guest: Option<Box<dyn Guest>>,
    pub(super) serving: Option<Serving>,
    /// It thinks until then; infinite: until the page tells it something.
    pub(super) thinks_until: Option<f64>,
    /// How far to play before pausing, where a person stepped; and the turn stepped from.
    pub(super) stepping: Option<(Step, u32)>,
    /// Whether the guest has nothing to do any more after the session's end.
    pub(super) done: bool,
}

impl Show {
    /// Whether the next answer is the guest's.
    pub(super) fn waits_for_guest(&self) -> bool {
        if !self.branch().at_end() {
            return false;
        }
        match self.branch().player().session().poll() {
            Need::Slate(_) => self.slate_by == Side::Guest,
            // What a guest is asked back, the built-in user answers.
            Need::Reply { .. } => false,
            Need::Review { .. } | Need::Verdict { .. } => self.user_by == Side::Guest,
            // The guest may want to say something after the session.
            Need::Over(_) => self.user_by == Side::Guest,
        }
    }
}

impl Runner {
    /// A runner whose seat takes guests.
    #[must_use]
    pub fn with_guests(make: MakeGuest) -> Self {
        let seat = Seat { make: Some(make), ..Seat::default() };
        Self { seat, ..Self::default() }
    }

    /// The sides of a session that begins: the guest's where it plays them.
    pub(super) fn sides_with_guest(&self, (user, slate): (Side, Side)) -> (Side, Side) {
        let (plays_user, recommends) = self.seat.guest.as_ref().map_or((false, false), |g| g.sides());
        let side = |wanted: Side, by_guest: bool| match wanted {
            Side::Person => Side::Person,
            _ if by_guest => Side::Guest,
            _ => Side::Builtin,
        };
        (side(user, plays_user), side(slate, recommends))
    }

    /// Tells the guest which sides are its own now.
    pub(super) fn agree_on_sides(&mut self) {
        let Some(show) = &self.show else { return };
        let sides = (show.user_by == Side::Guest, show.slate_by == Side::Guest);
        if let Some(guest) = self.seat.guest.as_mut().filter(|g| g.sides() != sides) {
            guest.set_sides(sides.0, sides.1);
            (self.seat.thinks_until, self.seat.done) = (None, false);
        }
    }

    /// A session has begun, or is taken up again.
    pub(super) fn seat_guest(&mut self, anew: bool) {
        (self.seat.thinks_until, self.seat.stepping, self.seat.done) = (None, None, false);
        let (Some(show), Some(guest)) = (&self.show, &mut self.seat.guest) else { return };
        if anew {
            guest.begin(show.branch().player());
        } else {
            guest.resume(show.branch().player());
        }
    }

    pub(super) fn hear_guest(&mut self, json: &str, now_ms: f64, out: &mut Vec<Event>) -> Done {
        let failed = "The guest was not told";
        self.seat.thinks_until = None;
        let Some(guest) = &mut self.seat.guest else {
            let make = self.seat.make.ok_or_else(|| problem(failed, "This worker has no place for a guest."))?;
            match make(json) {
                Ok(Sitting::Guest(guest)) => self.seat.guest = Some(guest),
                Ok(Sitting::Serving(serving)) => self.seat.serving = Some(serving),
                Err(why) => out.push(gone(why)),
            }
            return Ok(());
        };
        let wish = match &mut self.show {
            Some(show) => {
                let (branch, stage) = show.branch_mut();
                branch.with_guest(stage, |player| guest.hear(json, Some(player), now_ms))
            }
            None => guest.hear(json, None, now_ms),
        };
        match wish.map_err(|e| problem(failed, e))? {
            Wish::Nothing => {}
            Wish::Play => self.play(now_ms)?,
            Wish::Pause => self.pause(),
            Wish::Anew => self.restage("The session did not begin anew", |_| {})?,
        }
        self.to_save = true;
        Ok(())
    }

    /// Lets the guest do what is due; whether the session has moved.
    pub(super) fn play_guest(&mut self, now_ms: f64) -> bool {
        let (Some(show), Some(guest)) = (&mut self.show, &mut self.seat.guest) else { return false };
        let (branch, stage) = show.branch_mut();
        let id = branch.id;
        let turn = branch.with_guest(stage, |player| guest.play(player, id, now_ms));
        match turn {
            Turn::Moved => return true,
            Turn::Thinks(until) => self.seat.thinks_until = Some(until.unwrap_or(f64::INFINITY)),
            Turn::Stuck => self.pause(),
            Turn::Done => {
                self.seat.done = true;
                self.pause();
            }
        }
        false
    }

    /// After a move: whether a step that a person took is complete.
    pub(super) fn stepped_enough(&self) -> bool {
        let (Some((step, from)), Some(show)) = (self.seat.stepping, &self.show) else { return false };
        let session = show.branch().player().session();
        match step {
            Step::Item => true,
            Step::Turn => session.end().is_some() || session.turn() != from,
            Step::End | Step::Back => false,
        }
    }

    /// The recommender that was brought along gives its seat up, where it cannot serve on a stage.
    pub(super) fn try_serving(&mut self, stage: &Stage) -> Result<(), String> {
        let Some(serving) = &self.seat.serving else { return Ok(()) };
        let made = (serving.make)(&stage.knowledge, &stage.world).map(drop);
        if made.is_err() {
            self.seat.serving = None;
        }
        made
    }

    pub(super) fn tell_of_guest(&mut self, out: &mut Vec<Event>) {
        let player = self.show.as_ref().map(|s| s.branch().player());
        let Some(guest) = &mut self.seat.guest else { return };
        out.extend(guest.tell(player).into_iter().map(|json| Event::Guest { json }));
    }
}

/// The scenario with the recommender that serves where the one that was brought along is not there; `None` where that one
/// is not wanted.
#[must_use]
pub fn without_serving(scenario: &Scenario) -> Option<Scenario> {
    let wanted = scenario.recommender.name == TRAINED;
    wanted.then(|| Scenario { recommender: registry::default_preset().recommender, ..scenario.clone() })
}

/// Whether a recommender that was brought along serves anywhere in what was saved.
pub(super) fn is_served(save: &Save) -> bool {
    let by = |spec: &RecommenderSpec| spec.name == TRAINED;
    let changed = |change: &Change| matches!(change, Change::Recommender(spec) if by(spec));
    by(&save.scenario.recommender) || save.branches.iter().any(|b| b.changes.iter().any(|c| changed(&c.change)))
}

/// What is told where a guest does not sit down.
pub(super) fn gone(why: impl ToString) -> Event {
    Event::GuestGone(problem("The guest did not take its seat", why))
}
