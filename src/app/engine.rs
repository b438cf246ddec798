//! The page's end of the worker: sends commands, keeps the newest of what comes back, and starts a lost worker again
//! where it was.

use super::{
    Toasts,
    between::{Guest, ToStudio},
    keep::{self, Kept},
    store,
    toast::Tone,
};
use crate::{
    scenario::{CatalogSpec, Scenario, parse_plain_link, registry},
    session::RewardSpec,
    worker::{
        Command, Comparison, Event, ImportCommand, ImportEvent, Rollouts, Save, Snapshot,
        protocol::{Problem, SESSION_DESK, Side},
        snapshot::ItemCard,
        transport::{Bridge, Lost, Program},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::sync::Arc;

/// The seed of the session that a first visit finds: one in which the user speaks early and is heard, so that Play soon
/// shows what all this is about.
const FIRST_SEED: &str = "2";

/// How long a command may stay unanswered before the page offers to start the worker again, milliseconds.
const PATIENCE_MS: f64 = 20_000.0;
/// A worker lost again within this time of its last loss is not started where it was, milliseconds: what it was doing
/// may be what ends it.
const AGAIN_MS: f64 = 5_000.0;

/// Items that a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The words searched.
    pub words: String,
    /// The items.
    pub items: Vec<ItemCard>,
    /// How many there are in all.
    pub total: usize,
}

/// A file that the worker made.
#[derive(Clone, Debug, PartialEq)]
struct Made {
    name: String,
    mime: String,
    text: String,
}

/// The worker as the page's parts see it. Copies share the one worker.
#[derive(Clone, Copy)]
pub struct Engine {
    snapshot: RwSignal<Option<Arc<Snapshot>>>,
    /// The comparison on this seed.
    pub comparison: RwSignal<Option<Comparison>>,
    /// The comparison over many seeds.
    pub rollouts: RwSignal<Option<Rollouts>>,
    /// What the last search found.
    pub found: RwSignal<Found>,
    /// The benches' figures, as JSON.
    pub bench: RwSignal<Option<String>>,
    /// Why there is no worker, where it was not started again by itself.
    pub gone: RwSignal<Option<String>>,
    /// Whether a command has waited for too long.
    pub hangs: RwSignal<bool>,
    toasts: Toasts,
    bridge: StoredValue<Option<Bridge<Command, Event, true>>, LocalStorage>,
    save: StoredValue<Option<Save>>,
    /// The import under way, or the last one.
    kept: StoredValue<Kept>,
    /// When the oldest unanswered command was sent.
    asked_ms: StoredValue<Option<f64>>,
    lost_ms: StoredValue<f64>,
    /// Whether the next refusal is of an opening that the page made by itself.
    opening: StoredValue<bool>,
    /// Who plays in the place of a built-in side.
    guest: RwSignal<Option<Guest>>,
    on_studio: StoredValue<Option<Callback<ToStudio>>>,
    /// A link that the studio is to read, from before it can be asked.
    unread: StoredValue<Option<String>>,
    /// Whether the next save is waited for, to go on from it on another program.
    moving: StoredValue<bool>,
    /// Whether something was asked for that only the larger program does; it stays then.
    large: StoredValue<bool>,
    /// What was asked for on the way to another program.
    waiting: StoredValue<Vec<Command>>,
}

impl Engine {
    /// Starts the worker and opens a session on it: the link's, else the one kept from last time, else the first preset.
    /// `large` starts it on the larger program at once.
    pub fn start(toasts: Toasts, large: bool) -> Self {
        let engine = Self {
            snapshot: RwSignal::new(None),
            comparison: RwSignal::new(None),
            rollouts: RwSignal::new(None),
            found: RwSignal::new(Found::default()),
            bench: RwSignal::new(None),
            gone: RwSignal::new(None),
            hangs: RwSignal::new(false),
            toasts,
            bridge: StoredValue::new_local(None),
            save: StoredValue::new(None),
            kept: StoredValue::new(Kept::default()),
            asked_ms: StoredValue::new(None),
            lost_ms: StoredValue::new(f64::NEG_INFINITY),
            opening: StoredValue::new(false),
            guest: RwSignal::new(store::guest()),
            on_studio: StoredValue::new(None),
            unread: StoredValue::new(None),
            moving: StoredValue::new(false),
            large: StoredValue::new(large),
            waiting: StoredValue::new(Vec::new()),
        };
        engine.spawn();
        engine.open_first();
        engine.watch();
        engine
    }

    fn spawn(self) {
        match Bridge::spawn(self.program(), move |event| self.hear(event), move |lost| self.recover(&lost)) {
            Ok(bridge) => self.bridge.set_value(Some(bridge)),
            Err(error) => self.gone.set(Some(error.to_string())),
        }
    }

    fn open_first(self) {
        self.send_guest();
        self.opening.set_value(true);
        let query = store::take_query();
        if query.contains('=') {
            return self.open_link(&query);
        } else if let Some(save) = store::load(self.toasts) {
            self.save.set_value(Some(save.clone()));
            let catalog = save.scenario.catalog.clone();
            self.bring(&catalog, Command::Resume(Box::new(save)));
            return;
        }
        self.open_default();
    }

    /// Opens what a link names: at once where that is a preset, else as the studio reads it.
    pub fn open_link(self, query: &str) {
        match parse_plain_link(query) {
            Some(link) => self.open_at(link.scenario, link.moment),
            None if self.on_studio.with_value(Option::is_some) => {
                self.tell_studio(ToStudio::ReadLink(query.to_owned()));
            }
            None => self.unread.set_value(Some(query.to_owned())),
        }
    }

    /// Opens a scenario at a moment.
    pub fn open_at(self, scenario: Scenario, moment: usize) {
        let catalog = scenario.catalog.clone();
        let scenario = Box::new(scenario);
        let open = if moment > 0 { Command::OpenAt { scenario, moment } } else { Command::Open(scenario) };
        self.bring(&catalog, open);
    }

    /// The program that runs the session: guests have their place in the larger one only.
    fn program(self) -> Program {
        let large = self.large.get_value() || self.guest.with_untracked(Option::is_some);
        if large { Program::Lab(SESSION_DESK) } else { Program::Worker }
    }

    /// What is said to the studio goes here.
    pub fn on_studio(self, tell: impl Fn(ToStudio) + Send + Sync + 'static) {
        self.on_studio.set_value(Some(Callback::new(tell)));
        if let Some(query) = self.unread.try_update_value(Option::take).flatten() {
            self.tell_studio(ToStudio::ReadLink(query));
        }
    }

    fn tell_studio(self, message: ToStudio) {
        if let Some(tell) = self.on_studio.get_value() {
            tell.run(message);
        }
    }

    /// Lets a guest play: the session goes on from where it is, on the program that has a place for it. One that serves
    /// begins anew, in its scenario, over the items that are brought along with it.
    pub fn seat(self, guest: Guest, items: Vec<ImportCommand>) {
        // Another guest has no part in the session of the one before it: it begins anew.
        if let Some(s) = self.now().filter(|_| self.guest.with_untracked(Option::is_some)) {
            let hand_back =
                [(s.user_by, Command::PlayUser as fn(Side) -> Command), (s.slate_by, Command::PlayRecommender)];
            hand_back.into_iter().filter(|of| of.0 == Side::Guest).for_each(|of| self.post(of.1(Side::Builtin)));
            // The page that brought the one before may be another.
            self.forget_guest(String::new());
        }
        store::keep_guest(guest.serves.is_some().then_some(&guest));
        let serves = guest.serves.clone();
        self.guest.set(Some(guest));
        self.move_on();
        if let Some(scenario) = serves {
            self.waiting.update_value(|w| {
                w.extend(items.into_iter().map(Command::Import));
                w.push(Command::Open(scenario));
            });
        }
    }

    /// The guest goes; the built-in sides play on.
    pub fn dismiss(self) {
        if self.guest.with_untracked(Option::is_some) {
            self.forget_guest(String::new());
            self.move_on();
        }
    }

    fn forget_guest(self, why: String) {
        self.guest.set(None);
        store::keep_guest(None);
        self.tell_studio(ToStudio::GuestGone(why));
    }

    /// What a recommender that was brought along is called.
    pub fn serving(self) -> Option<String> {
        self.guest.with(|g| g.as_ref().filter(|g| g.serves.is_some()).map(|g| g.name.clone()))
    }

    /// Who plays in the place of a built-in side.
    pub fn guest(self) -> Option<Guest> {
        self.guest.get()
    }

    /// The same, not followed.
    pub fn guest_now(self) -> Option<Guest> {
        self.guest.get_untracked()
    }

    /// Says something to the guest.
    pub fn tell_guest(self, json: String) {
        if self.guest.with_untracked(Option::is_some) {
            self.send(Command::Guest { json });
        }
    }

    /// Goes on, on the program that is due, from the moment that the present worker is at: a pause makes it tell.
    fn move_on(self) {
        self.moving.set_value(true);
        self.post(Command::Pause);
    }

    fn move_now(self) {
        // A save of before the pause may have led here already.
        if !self.moving.get_value() {
            return;
        }
        self.moving.set_value(false);
        if self.restart() {
            self.take_up(self.save.get_value());
        }
    }

    /// Starts a new worker on the program that is due, and says whether the browser made one.
    fn restart(self) -> bool {
        // What is taken up decides: asked again for another program, a worker without a session would have nothing to save.
        if self.save.with_value(|save| save.as_ref().is_some_and(|save| !save.is_small())) {
            self.large.set_value(true);
        }
        let spawned = self.bridge.with_value(|bridge| {
            let bridge = bridge.as_ref()?;
            bridge.set_program(self.program());
            Some(bridge.respawn())
        });
        match spawned {
            Some(Err(error)) => self.gone.set(Some(error.to_string())),
            Some(Ok(())) => return true,
            None => {}
        }
        false
    }

    /// Gives a worker that has just been started what it needs: the guest, then the session.
    fn take_up(self, save: Option<Save>) {
        self.send_guest();
        match save {
            Some(save) => {
                let catalog = save.scenario.catalog.clone();
                self.bring(&catalog, Command::Resume(Box::new(save)));
                if is_imported(&catalog) {
                    // The items are fetched first; what waits follows them.
                    return;
                }
            }
            None => self.open_default(),
        }
        self.send_waiting();
    }

    fn send_guest(self) {
        if let Some(guest) = self.guest.get_untracked() {
            self.send(Command::Guest { json: guest.json });
        }
    }

    fn send_waiting(self) {
        let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        waiting.into_iter().for_each(|command| self.send(command));
    }

    fn open_default(self) {
        self.opening.set_value(false);
        let scenario = Scenario { seed: FIRST_SEED.to_owned(), ..registry::default_preset() };
        self.send(Command::Open(Box::new(scenario)));
    }

    /// Opens a scenario; imported items are fetched from the browser's database where the worker may not have them.
    pub fn open(self, scenario: Scenario) {
        self.open_at(scenario, 0);
    }

    /// Sends a command, after the catalogue that it needs where that is an imported one.
    fn bring(self, catalog: &CatalogSpec, then: Command) {
        let CatalogSpec::Imported { digest, .. } = catalog else { return self.send(then) };
        let digest = digest.clone();
        spawn_local(async move {
            match keep::get(&digest).await {
                Ok(Some(kept)) => kept.commands().into_iter().for_each(|c| self.send(c)),
                // The worker says that it lacks the items, and what to do about it.
                Ok(None) => {}
                Err(why) => self.toasts.show(Tone::Bad, "The imported items were not fetched", &why),
            }
            self.send(then);
            self.send_waiting();
        });
    }

    /// Keeps an import that was accepted against a reload.
    fn keep(self, event: &ImportEvent) {
        let ImportEvent::Accepted { name, digest, mapping, .. } = event else { return };
        let mut kept = self.kept.try_update_value(std::mem::take).unwrap_or_default();
        if digest.is_empty() || kept.files.is_empty() {
            return;
        }
        (kept.name, kept.mapping) = (name.clone(), mapping.clone());
        let digest = digest.clone();
        spawn_local(async move {
            if let Err(why) = keep::put(&digest, &kept).await {
                let what = "The imported items are only in this tab";
                let why = format!("A reload would need the file again: {why}");
                self.toasts.show(Tone::Bad, what, &why);
            }
        });
    }

    /// Sends a command.
    pub fn send(self, command: Command) {
        if self.program() == Program::Worker && command.needs_lab() {
            self.large.set_value(true);
            if self.is_shown_now() {
                self.waiting.update_value(|w| w.push(command));
                self.move_on();
            } else if self.restart() {
                // Nothing is lost with a worker that has no session yet.
                self.post(command);
            }
        } else if self.moving.get_value() {
            self.waiting.update_value(|w| w.push(command));
        } else {
            self.post(command);
        }
    }

    fn post(self, command: Command) {
        if let Some(problem) = self.wrong_with(&command) {
            return self.refused(&problem);
        }
        if let Command::Import(import) = &command {
            self.kept.update_value(|k| k.note(import));
        }
        let sent = self.bridge.with_value(|bridge| bridge.as_ref().map(|b| b.send(&command)));
        match sent {
            Some(Ok(())) => self.asked_ms.update_value(|t| *t = t.or(Some(now()))),
            Some(Err(error)) => self.toasts.show(Tone::Bad, "Nothing was done", &error.to_string()),
            None => {}
        }
    }

    /// The small worker trusts what it gets to be valid. Scenarios are: a preset's, kept by this browser, or read by the
    /// studio. Weights are typed here.
    fn wrong_with(self, command: &Command) -> Option<Problem> {
        let Command::SetReward(reward) = command else { return None };
        let most = RewardSpec::MOST;
        let why = format!("A weight is {}; allowed are {} to {most}.", reward.out_of_limits()?, -most);
        Some(Problem { what: "The weights were not changed".to_owned(), why })
    }

    /// Whether there is something to draw.
    pub fn is_shown(self) -> bool {
        self.snapshot.with(Option::is_some)
    }

    fn is_shown_now(self) -> bool {
        self.snapshot.with_untracked(Option::is_some)
    }

    /// A part of the newest snapshot; what depends on it is only drawn again when that part has changed.
    ///
    /// # Panics
    /// Before the first snapshot: parts are only drawn after it ([`is_shown`](Self::is_shown)).
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        of: impl Fn(&Snapshot) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.snapshot.with(|s| of(s.as_ref().expect("drawn after the first snapshot"))))
    }

    /// The newest snapshot, not followed.
    pub fn now(self) -> Option<Arc<Snapshot>> {
        self.snapshot.get_untracked()
    }

    fn hear(self, event: Event) {
        self.asked_ms.set_value(None);
        if self.hangs.get_untracked() {
            self.hangs.set(false);
        }
        match event {
            Event::Ready => {}
            Event::Snapshot(snapshot) => self.draw(*snapshot),
            Event::Save(save) => {
                store::save(&save, self.toasts);
                self.save.set_value(Some(*save));
                if self.moving.get_value() {
                    // Not at once: the listener that hears this must outlive it.
                    set_timeout(move || self.move_now(), std::time::Duration::ZERO);
                }
            }
            Event::Refused(problem) => self.refused(&problem),
            Event::Notice(text) => self.toasts.show(Tone::Plain, &text, ""),
            Event::Found { words, items, total } => self.found.set(Found { words, items, total }),
            Event::Compared(comparison) => self.comparison.set(Some(*comparison)),
            Event::Rollouts(rollouts) => self.rollouts.set(Some(*rollouts)),
            Event::Import(event) => {
                self.keep(&event);
                self.tell_studio(ToStudio::Import(event));
            }
            Event::Exported { name, mime, text } => self.offer(&Made { name, mime, text }),
            Event::Guest { json } => self.tell_studio(ToStudio::GuestSays(json)),
            Event::GuestGone(problem) => {
                // The worker stays: it plays on with the built-in sides.
                self.large.set_value(true);
                self.forget_guest(problem.why.clone());
                self.toasts.show(Tone::Bad, &problem.what, &problem.why);
            }
            Event::Bench { json } => self.bench.set(Some(json)),
        }
    }

    fn draw(self, snapshot: Snapshot) {
        self.opening.set_value(false);
        let another = self.snapshot.with_untracked(|s| {
            s.as_ref().is_none_or(|s| {
                let (a, b) = (&s.scenario, &snapshot.scenario);
                a != b
            })
        });
        if another {
            self.comparison.set(None);
            self.rollouts.set(None);
        }
        self.snapshot.set(Some(Arc::new(snapshot)));
    }

    /// Tells that something was not done, and opens the first preset where it was to be the first session.
    pub fn refused(self, problem: &Problem) {
        self.toasts.show(Tone::Bad, &problem.what, &problem.why);
        if self.opening.get_value() {
            self.open_default();
        }
    }

    fn offer(self, made: &Made) {
        match store::download(&made.name, &made.mime, &made.text) {
            Ok(()) => self.toasts.show(Tone::Good, &format!("Saved {}", made.name), ""),
            Err(why) => self.toasts.show(Tone::Bad, "The file was not saved", &why),
        }
    }

    /// After a loss: starts the worker again where it was. A worker that never came up is not tried again by itself.
    fn recover(self, lost: &Lost) {
        let before = self.lost_ms.get_value();
        self.lost_ms.set_value(now());
        let never_up = self.snapshot.with_untracked(Option::is_none);
        if never_up || matches!(lost, Lost::Stale { .. }) {
            self.gone.set(Some(lost.to_string()));
            return;
        }
        let (why, where_it_was) = (lost.to_string(), now() - before > AGAIN_MS);
        // Not at once: the lost worker's own message is still being heard, and its listener must outlive that.
        set_timeout(move || self.begin_again(&why, where_it_was), std::time::Duration::ZERO);
    }

    /// Ends the worker, as a browser short of memory would, and starts it again where it was.
    pub fn kill(self) {
        self.bridge.with_value(|b| {
            if let Some(b) = b {
                b.kill();
            }
        });
        self.begin_again("The simulation's worker was ended.", true);
    }

    /// Tries again after a start that failed.
    pub fn retry(self) {
        self.gone.set(None);
        self.spawn();
        self.open_first();
    }

    fn begin_again(self, why: &str, where_it_was: bool) {
        self.moving.set_value(false);
        if !where_it_was {
            // It may be the guest that ends it.
            self.send_guest_away(why);
        }
        if !self.restart() {
            return;
        }
        self.hangs.set(false);
        self.opening.set_value(true);
        let save = self.save.get_value().filter(|_| where_it_was);
        match &save {
            Some(_) => self.toasts.show(Tone::Plain, "The simulation was started again where it was", why),
            None => self.toasts.show(Tone::Bad, "The simulation stopped twice and was opened afresh", why),
        }
        self.take_up(save);
    }

    fn send_guest_away(self, why: &str) {
        if self.guest.with_untracked(Option::is_some) {
            self.forget_guest(why.to_owned());
        }
    }

    /// Offers to start again a worker that does not answer.
    fn watch(self) {
        let check = move || {
            let waits = self.asked_ms.get_value().is_some_and(|t| now() - t > PATIENCE_MS);
            if waits != self.hangs.get_untracked() {
                self.hangs.set(waits);
            }
        };
        let every = std::time::Duration::from_secs(2);
        if set_interval_with_handle(check, every).is_err() {
            leptos::logging::warn!("no timer: a worker that hangs will not be noticed");
        }
    }
}

fn is_imported(catalog: &CatalogSpec) -> bool {
    matches!(catalog, CatalogSpec::Imported { .. })
}

/// Milliseconds on the page's clock.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |p| p.now())
}
