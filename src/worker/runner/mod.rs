//! Runs sessions: takes commands, plays in slices, tells what there is to draw.
//!
//! **It reads no clock and posts nothing**: the time is given to it, and its events are collected by the caller. So all
//! of it is tested natively, and a slice is as long as its caller allows.

mod bench;
mod branch;
mod desk;
mod export;
mod human;
mod job;
mod many;
mod mdp;
mod open;
mod seat;
mod show;
mod stage;
mod tell;
mod view;
mod words;

use super::ImportCommand;
use super::protocol::{BranchId, Command, Event, Export, ForkChange, Problem, Side, Speed};
use crate::{
    catalog::Catalog,
    chart::text,
    scenario::{Scenario, ScenarioError, parse_seed},
    session::player::{Change, PlayError},
};
use branch::Branch;
pub(super) use desk::mapping_of;
use job::{CompareJob, ManyJob};
pub use seat::{Guest, MakeGuest, MakeServing, Serving, Sitting, Turn, Wish, without_serving};
use show::Show;
pub(super) use words::clip;

/// Milliseconds between two snapshots at least: one a frame.
const FRAME_MS: f64 = 16.0;
/// Milliseconds between two saves at least while playing.
const SAVE_MS: f64 = 500.0;

/// When the runner wants to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Not before the next command.
    Idle,
    /// At once, after commands that wait.
    Soon,
    /// After so many milliseconds.
    After(u32),
}

/// What only a large runner can do. These are pointers so that a program which never makes a large runner does not hold
/// their code: the importer alone weighs as much as the engine.
struct Extras {
    import: fn(&mut Runner, ImportCommand, &mut Vec<Event>) -> Done,
    import_on: fn(&mut Runner, &dyn Fn() -> f64, f64, &mut Vec<Event>),
    load_run: fn(&mut Runner, &str) -> Done,
    validate: fn(&Scenario) -> Result<(), ScenarioError>,
    export: fn(&Runner, Export, &mut Vec<Event>) -> Done,
    compare_many: fn(&mut Runner, u32, f64) -> Done,
    many_on: fn(&mut Runner, &dyn Fn() -> f64, f64, &mut Vec<Event>),
    bench: fn(&mut Runner),
    bench_on: fn(&mut Runner, &dyn Fn() -> f64, &mut Vec<Event>),
}

static ALL: Extras = Extras {
    import: Runner::import,
    import_on: Runner::import_on,
    load_run: Runner::load_run,
    validate: Scenario::validate,
    export: Runner::export,
    compare_many: Runner::compare_many,
    many_on: Runner::many_on,
    bench: |runner| runner.bench = Some(Box::default()),
    bench_on: Runner::bench_on,
};

/// The worker's whole state.
pub struct Runner {
    extras: Option<&'static Extras>,
    show: Option<Show>,
    speed: Speed,
    /// Imported catalogues by digest, the oldest first.
    catalogs: Vec<(String, Catalog)>,
    desk: Option<Box<desk::Desk>>,
    number: u64,
    /// When the next moment is due.
    due_ms: f64,
    drawn_ms: f64,
    saved_ms: f64,
    reported_ms: f64,
    to_draw: bool,
    to_save: bool,
    /// Forks that went with the last session, to be told.
    forks_gone: usize,
    compare: Option<CompareJob>,
    many: Option<Box<ManyJob>>,
    rollouts: Option<super::Rollouts>,
    bench: Option<Box<bench::BenchJob>>,
    seat: seat::Seat,
}

type Done = Result<(), Problem>;

/// A problem: what could not be done, and why.
fn problem(what: &str, why: impl ToString) -> Problem {
    Problem { what: what.to_owned(), why: why.to_string() }
}

impl Default for Runner {
    /// A large runner, without a session yet: it carries out every command.
    fn default() -> Self {
        Self { extras: Some(&ALL), ..Self::small() }
    }
}

impl Runner {
    /// A small runner, without a session yet, for the first load: it refuses the commands that
    /// [need the lab](Command::needs_lab), and trusts the page to have validated scenarios.
    #[must_use]
    pub fn small() -> Self {
        Self {
            extras: None,
            show: None,
            speed: Speed::default(),
            catalogs: Vec::new(),
            desk: None,
            number: 0,
            due_ms: 0.0,
            drawn_ms: 0.0,
            saved_ms: 0.0,
            reported_ms: 0.0,
            to_draw: false,
            to_save: false,
            forks_gone: 0,
            compare: None,
            many: None,
            rollouts: None,
            bench: None,
            seat: seat::Seat::default(),
        }
    }

    fn extras(&self) -> Result<&'static Extras, Problem> {
        self.extras.ok_or_else(|| problem("Nothing was done", "This worker is the small one, which cannot do that."))
    }

    /// Carries out a command. Where that fails, nothing has changed and [`Event::Refused`] says why.
    pub fn handle(&mut self, command: Command, now_ms: f64, out: &mut Vec<Event>) -> Wake {
        if let Err(why) = self.carry_out(command, now_ms, out) {
            out.push(Event::Refused(why));
        }
        if self.forks_gone > 0 {
            let forks = text::count(std::mem::take(&mut self.forks_gone), "fork");
            out.push(Event::Notice(format!("The session began anew: {forks} went with the one before.")));
        }
        self.tell_of_guest(out);
        self.flush(now_ms, out);
        self.wake(now_ms)
    }

    /// Goes on with the work under way for a slice, by the clock given.
    pub fn slice(&mut self, clock: &dyn Fn() -> f64, out: &mut Vec<Event>) -> Wake {
        let began = clock();
        if let Err(why) = self.play_on(began) {
            self.pause();
            out.push(Event::Refused(why));
        }
        if let Some(extras) = self.extras {
            (extras.bench_on)(self, clock, out);
            (extras.import_on)(self, clock, began + many::SLICE_MS, out);
        }
        self.tell_of_guest(out);
        if let Err(why) = self.compare_on(clock, began, out) {
            (self.compare, self.many) = (None, None);
            out.push(Event::Refused(problem("The comparison stopped", why)));
        }
        self.flush(began, out);
        self.wake(clock())
    }

    fn carry_out(&mut self, command: Command, now_ms: f64, out: &mut Vec<Event>) -> Done {
        match command {
            Command::Open(scenario) => self.open(*scenario, None, out),
            Command::OpenAt { scenario, moment } => self.open(*scenario, Some(moment), out),
            Command::Resume(save) => self.resume(*save, out),
            Command::LoadRun { json } => (self.extras()?.load_run)(self, &json),
            Command::Play => self.play(now_ms),
            Command::Pause => {
                self.pause();
                Ok(())
            }
            Command::SetSpeed(speed) => {
                self.speed = speed;
                self.due_ms = now_ms + f64::from(speed.pause_ms());
                self.changed();
                Ok(())
            }
            Command::StepItem => self.step(Step::Item),
            Command::StepTurn => self.step(Step::Turn),
            Command::StepBack => self.step(Step::Back),
            Command::RunToEnd => self.step(Step::End),
            Command::Reset => self.restage("The session was not reset", |_| {}),
            Command::SetSeed(seed) => {
                parse_seed("seed", &seed).map_err(|e| problem("The seed was not changed", e))?;
                self.restage("The seed was not changed", |s| s.seed = seed)
            }
            Command::SetInstructions(on) => self.restage("The instructions were not switched", |s| s.instructions = on),
            Command::SetRecommender(spec) => self.restage("The recommender was not changed", |s| s.recommender = spec),
            Command::SetReward(reward) => self.reweigh(reward),
            Command::Seek(moment) => self.seek(moment),
            Command::Fork { moment, change } => self.fork(moment, &change),
            Command::DropFork(id) => self.drop_fork(id),
            Command::SelectBranch(id) => self.select(id),
            Command::PlayUser(side) => self.take_side(Some(side), None, now_ms),
            Command::PlayRecommender(side) => self.take_side(None, Some(side), now_ms),
            Command::Answer(answer) => self.human_answer(answer, now_ms),
            Command::Search { words, topic, limit } => self.search(words, topic, limit, out),
            Command::Compare => {
                self.compare = Some(CompareJob::new(self.show()?.stage.clone()));
                Ok(())
            }
            Command::CompareMany { seeds } => (self.extras()?.compare_many)(self, seeds, now_ms),
            Command::StopComparing => {
                self.stop_comparing(now_ms, out);
                Ok(())
            }
            Command::Export(what) => (self.extras()?.export)(self, what, out),
            Command::Import(command) => (self.extras()?.import)(self, command, out),
            Command::Guest { json } => self.hear_guest(&json, now_ms, out),
            Command::Bench => {
                (self.extras()?.bench)(self);
                Ok(())
            }
            Command::Panic => panic!("asked for by a test of recovery"),
        }
    }

    fn export(&self, what: Export, out: &mut Vec<Event>) -> Done {
        let show = self.show()?;
        out.push(export::file(what, show, self.rollouts.as_ref())?);
        Ok(())
    }

    fn bench_on(&mut self, clock: &dyn Fn() -> f64, out: &mut Vec<Event>) {
        if let Some(json) = self.bench.as_mut().and_then(|b| b.slice(clock)) {
            self.bench = None;
            out.push(Event::Bench { json });
        }
    }

    fn show(&self) -> Result<&Show, Problem> {
        self.show.as_ref().ok_or_else(|| problem("Nothing was done", "No scenario is open."))
    }

    fn show_mut(&mut self) -> Result<&mut Show, Problem> {
        self.show.as_mut().ok_or_else(|| problem("Nothing was done", "No scenario is open."))
    }

    /// There is something new to draw and to save.
    fn changed(&mut self) {
        (self.to_draw, self.to_save) = (true, true);
    }

    fn pause(&mut self) {
        if let Some(show) = &mut self.show {
            show.playing = false;
        }
        self.changed();
    }

    fn play(&mut self, now_ms: f64) -> Done {
        let show = self.show_mut()?;
        let more_to_say = show.waits_for_guest() && !self.seat.done;
        let show = self.show_mut()?;
        if show.branch().is_over() && !more_to_say {
            let (branch, stage) = show.branch_mut();
            branch.seek(0, stage).map_err(|e| problem("The session was not played again", e))?;
        }
        show.playing = true;
        (self.due_ms, self.seat.stepping, self.seat.thinks_until) = (now_ms, None, None);
        if let Some(guest) = &mut self.seat.guest {
            guest.go_on();
        }
        self.changed();
        Ok(())
    }

    fn play_on(&mut self, now_ms: f64) -> Done {
        let pause = f64::from(self.speed.pause_ms()).max(FRAME_MS);
        if now_ms + 0.5 < self.due_ms {
            return Ok(());
        }
        let Some(show) = self.show.as_mut().filter(|s| s.playing) else { return Ok(()) };
        if show.waits_for_person() {
            return Ok(());
        }
        let guests = show.waits_for_guest();
        let moved = if guests {
            if self.seat.thinks_until.is_some_and(|until| now_ms < until) {
                return Ok(());
            }
            self.play_guest(now_ms)
        } else {
            let (branch, stage) = show.branch_mut();
            branch.step(stage).map_err(|e| problem("The session stopped", e))?
        };
        if !moved && guests {
            return Ok(());
        }
        self.seat.thinks_until = None;
        let enough = self.stepped_enough();
        let more_to_say = self.show()?.waits_for_guest() && !self.seat.done;
        let show = self.show_mut()?;
        show.playing = moved && !enough && (more_to_say || !show.branch().is_over());
        self.due_ms = now_ms + if self.seat.stepping.is_some() { 0.0 } else { pause };
        self.changed();
        Ok(())
    }

    fn step(&mut self, how: Step) -> Done {
        let show = self.show_mut()?;
        let failed = |e: PlayError| problem("The step was not taken", e);
        let by_guest = (show.user_by == Side::Guest || show.slate_by == Side::Guest) && show.branch().at_end();
        if by_guest && how != Step::Back && !show.waits_for_person() {
            // It may take a while: plays on, as far as was asked.
            let turn = show.branch().player().session().turn();
            show.playing = true;
            (self.seat.stepping, self.due_ms) = (Some((how, turn)), 0.0);
            self.changed();
            return Ok(());
        }
        if show.waits_for_person() && how != Step::Back {
            let turn = "It is your turn: answer below, or hand the side back to the simulation.";
            return Err(problem("The step was not taken", turn));
        }
        show.playing = false;
        let stop_for_person = show.user_by == Side::Person || show.slate_by == Side::Person;
        let (branch, stage) = show.branch_mut();
        match how {
            Step::Item => {
                branch.step(stage).map_err(failed)?;
            }
            Step::Back => {
                let moment = branch.player().moment();
                branch.seek(moment.saturating_sub(1), stage).map_err(failed)?;
            }
            Step::Turn if !stop_for_person => {
                branch.step_turn(stage).map_err(failed)?;
            }
            Step::End if !stop_for_person => while branch.step(stage).map_err(failed)? {},
            Step::Turn | Step::End => show.step_until_person(how).map_err(failed)?,
        }
        self.changed();
        Ok(())
    }

    fn seek(&mut self, moment: usize) -> Done {
        let show = self.show_mut()?;
        let (branch, stage) = show.branch_mut();
        branch.seek(moment, stage).map_err(|e| problem("The moment was not found", e))?;
        self.changed();
        Ok(())
    }

    fn fork(&mut self, moment: usize, change: &ForkChange) -> Done {
        let failed = "The fork was not made";
        let change = match change {
            ForkChange::Recommender(spec) => Change::Recommender(spec.clone()),
            ForkChange::Instructions(on) => Change::Instructions(*on),
            ForkChange::Seed(seed) => Change::Seed(parse_seed("seed", seed).map_err(|e| problem(failed, e))?),
        };
        let show = self.show_mut()?;
        show.room_for_fork().map_err(|why| problem(failed, why))?;
        let moment = moment.min(show.branch().player().moments());
        // Another recommender serves in the fork, not the guest; what else a guest plays, it plays when it is asked to.
        let another = matches!(change, Change::Recommender(_));
        let runs = show.user_by != Side::Guest && (another || show.slate_by != Side::Guest);
        let fork = show.branch().fork(show.next_id, moment, change, runs, &show.stage);
        let mut fork = fork.map_err(|e| problem(failed, e))?;
        if another && show.slate_by == Side::Guest {
            show.slate_by = Side::Builtin;
        }
        let first = fork.points().iter().find(|p| p.from >= moment || p.to > moment).map_or(moment, |p| p.to);
        fork.seek(first, &show.stage).map_err(|e| problem(failed, e))?;
        show.add(fork);
        show.playing = false;
        self.seat.done = false;
        self.agree_on_sides();
        self.changed();
        Ok(())
    }

    fn drop_fork(&mut self, id: BranchId) -> Done {
        let show = self.show_mut()?;
        let at = show.place_of(id)?;
        if at == 0 {
            return Err(problem("The fork was not dropped", "The original cannot be dropped."));
        }
        show.branches.remove(at);
        if show.selected >= at {
            show.selected = if show.selected == at { 0 } else { show.selected - 1 };
        }
        self.changed();
        Ok(())
    }

    fn select(&mut self, id: BranchId) -> Done {
        let show = self.show_mut()?;
        let at = show.place_of(id)?;
        let moment = show.branch().player().moment();
        show.selected = at;
        let (branch, stage) = show.branch_mut();
        branch.seek(moment, stage).map_err(|e| problem("The branch was not opened", e))?;
        // What a guest has to say after the session, it says about each branch.
        self.seat.done = false;
        self.changed();
        Ok(())
    }

    /// Everything anew on a changed scenario over the same world; forks are dropped.
    fn restage(&mut self, failed: &str, change: impl FnOnce(&mut Scenario)) -> Done {
        let show = self.show()?;
        let stage = show.stage.with(change);
        let sides = (show.user_by, show.slate_by);
        self.start(stage, sides).map_err(|e| problem(failed, e))
    }

    fn reweigh(&mut self, reward: crate::session::RewardSpec) -> Done {
        let failed = "The weights were not changed";
        let stage = self.show()?.stage.with(|s| s.reward = reward);
        (self.extras.map_or(Ok(()), |x| (x.validate)(&stage.scenario))).map_err(|e| problem(failed, e))?;
        let show = self.show_mut()?;
        let branches: Result<Vec<Branch>, _> = show.branches.iter().map(|b| b.restaged(&stage)).collect();
        show.branches = branches.map_err(|e| problem(failed, e))?;
        show.stage = stage;
        self.changed();
        Ok(())
    }

    /// Posts a snapshot and a save where they are due.
    fn flush(&mut self, now_ms: f64, out: &mut Vec<Event>) {
        let Some(show) = &self.show else { return };
        if self.to_draw && now_ms - self.drawn_ms >= FRAME_MS - 2.0 {
            (self.to_draw, self.drawn_ms) = (false, now_ms);
            self.number += 1;
            let frame = view::Frame {
                stage: &show.stage,
                branches: &show.branches,
                selected: show.selected,
                sides: (show.user_by, show.slate_by),
                playing: show.playing,
                speed: self.speed,
                number: self.number,
            };
            out.push(Event::Snapshot(Box::new(view::snapshot(&frame))));
        }
        let pace = if show.playing { SAVE_MS } else { 0.0 };
        if self.to_save && now_ms - self.saved_ms >= pace {
            (self.to_save, self.saved_ms) = (false, now_ms);
            out.push(Event::Save(Box::new(show.save(self.speed))));
        }
    }

    fn wake(&self, now_ms: f64) -> Wake {
        let reads = self.desk.as_ref().is_some_and(|d| d.is_reading());
        if self.compare.is_some() || self.many.is_some() || self.bench.is_some() || reads {
            return Wake::Soon;
        }
        let mut next = f64::INFINITY;
        if self.show.as_ref().is_some_and(|s| s.playing && !s.waits_for_person()) {
            let thinks = self.seat.thinks_until.filter(|_| self.show.as_ref().is_some_and(Show::waits_for_guest));
            next = next.min(self.due_ms.max(thinks.unwrap_or(f64::NEG_INFINITY)));
        }
        if self.to_draw {
            next = next.min(self.drawn_ms + FRAME_MS);
        }
        if self.to_save {
            next = next.min(self.saved_ms + SAVE_MS);
        }
        match next - now_ms {
            d if d.is_infinite() => Wake::Idle,
            d if d <= 0.0 => Wake::Soon,
            d => Wake::After(d.ceil() as u32),
        }
    }
}

/// How far to step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Item,
    Turn,
    Back,
    End,
}
