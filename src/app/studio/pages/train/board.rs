//! The runs of the page, each with a worker of its own.

use super::keep::{self, Stored};
use crate::{
    app::{
        Toasts,
        between::{Guest, ToMain, to_main},
        charts::save::download,
        keep::get as kept_catalog,
        toast::Tone,
    },
    learn::dpo::DPO,
    recommender::TRAINED,
    scenario::{RecommenderSpec, Scenario},
    worker::{
        data::protocol::File,
        guests::policy::PolicySits,
        train::protocol::{
            Asked, Bringing, Chosen, Command, Event, Export, Kept, Phase, Plan, Problem, TRAIN_DESK, View,
        },
        transport::{Bridge, Lost, Program},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::BTreeMap, time::Duration};

/// The most runs that are there at a time.
pub const MOST_RUNS: usize = 8;

/// How far a run's worker is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// It waits until another is done: there are only so many processors.
    Waiting,
    /// It has a worker.
    Working,
    /// Its worker was lost: why.
    Lost(String),
}

/// A run as the page has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Its number.
    pub id: u32,
    /// What it is called: the algorithm, and what differs from the defaults.
    pub name: String,
    /// What it is.
    pub plan: Plan,
    /// Where it is.
    pub place: Place,
    /// The newest picture of it.
    pub view: Option<View>,
    /// Whether the page began it by itself (see [`look`](super::look)): it is not kept.
    pub is_look: bool,
    /// What its worker is asked first.
    first: Command,
}

impl Card {
    /// Whether it keeps a processor busy.
    fn is_busy(&self) -> bool {
        let at_work = |v: &View| matches!(v.phase, Phase::Preparing | Phase::Training);
        self.place == Place::Working && self.view.as_ref().is_none_or(at_work)
    }
}

type Line = Bridge<Command, Event>;

/// All runs. Copies share them.
#[derive(Clone, Copy)]
pub struct Board {
    /// The runs, the oldest first.
    pub cards: RwSignal<Vec<Card>>,
    /// The one looked at.
    pub shown: RwSignal<u32>,
    /// What was refused last.
    pub problem: RwSignal<Option<Problem>>,
    /// The two slates that a person is asked about, and in which run.
    pub asked: RwSignal<Option<(u32, Asked)>>,
    /// When a run was kept last, milliseconds on the page's clock.
    pub kept_ms: RwSignal<Option<f64>>,
    /// Whether the runs of other visits were looked for.
    pub opened: RwSignal<bool>,
    /// Whether the person sent a first look away.
    pub declined: RwSignal<bool>,
    lines: StoredValue<BTreeMap<u32, Line>, LocalStorage>,
    next: StoredValue<u32>,
    toasts: Toasts,
}

impl Board {
    /// Takes up the runs that were kept.
    pub fn start(toasts: Toasts) -> Self {
        let board = Self {
            cards: RwSignal::new(Vec::new()),
            shown: RwSignal::new(0),
            problem: RwSignal::new(None),
            asked: RwSignal::new(None),
            kept_ms: RwSignal::new(None),
            opened: RwSignal::new(false),
            declined: RwSignal::new(false),
            lines: StoredValue::new_local(BTreeMap::new()),
            next: StoredValue::new(1),
            toasts,
        };
        spawn_local(async move {
            match keep::all().await {
                Ok(stored) => board.take_up(stored),
                Err(why) => toasts.show(Tone::Plain, "Runs of another visit were not found", &why),
            }
            let _ = board.opened.try_set(true);
        });
        board
    }

    fn take_up(self, stored: Vec<Stored>) {
        for Stored { id, kept } in stored.into_iter().take(MOST_RUNS) {
            self.next.update_value(|n| *n = (*n).max(id + 1));
            let plan = kept.plan.clone();
            self.put(id, plan, Command::Resume(Box::new(kept)), false);
        }
    }

    /// Begins a first look in the place of another; its number. None where it is there already.
    pub fn look(self, plan: Plan) -> Option<u32> {
        if self.cards.with_untracked(|all| all.iter().any(|c| c.is_look && c.plan == plan)) {
            return None;
        }
        self.end_looks();
        let first = Command::Begin(Box::new(plan.clone()));
        self.add(plan, first, true)
    }

    /// The looks give way.
    fn end_looks(self) {
        let is_look = |c: &Card| c.is_look;
        let looks =
            self.cards.with_untracked(|all| all.iter().filter(|c| is_look(c)).map(|c| c.id).collect::<Vec<_>>());
        looks.into_iter().for_each(|id| self.take_away(id));
    }

    /// Begins a run, or lets it wait its turn. False where there are too many.
    pub fn begin(self, plan: Plan) -> bool {
        let command = Command::Begin(Box::new(plan.clone()));
        self.add(plan, command, false).is_some()
    }

    /// Judges weights from a file.
    pub fn import(self, plan: Plan, bytes: Vec<u8>) {
        let command = Command::Import { plan: Box::new(plan.clone()), bytes };
        self.add(plan, command, false);
    }

    /// Learns from pairs that were brought along.
    pub fn learn(self, plan: Plan, pairs: String) {
        let command = Command::Learn { plan: Box::new(plan.clone()), pairs };
        self.add(plan, command, false);
    }

    fn add(self, plan: Plan, first: Command, is_look: bool) -> Option<u32> {
        self.problem.set(None);
        if self.cards.with_untracked(Vec::len) >= MOST_RUNS {
            let what = format!("There are {MOST_RUNS} runs already. Remove one first.");
            self.problem.set(Some(Problem { field: String::new(), what }));
            return None;
        }
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.put(id, plan, first, is_look);
        Some(id)
    }

    fn put(self, id: u32, plan: Plan, first: Command, is_look: bool) {
        let name = name_of(&plan, &first);
        self.cards.update(|all| {
            all.push(Card { id, name, plan, place: Place::Waiting, view: None, is_look, first });
        });
        self.shown.set(id);
        self.pump();
    }

    /// Gives workers to those who wait, as far as there are processors.
    fn pump(self) {
        loop {
            let due = self.cards.with_untracked(|all| {
                let busy = all.iter().filter(|c| c.is_busy()).count();
                if busy >= limit() { None } else { all.iter().find(|c| c.place == Place::Waiting).map(|c| c.id) }
            });
            let Some(id) = due else { return };
            self.launch(id);
        }
    }

    fn change(self, id: u32, with: impl FnOnce(&mut Card)) {
        self.cards.update(|all| {
            if let Some(card) = all.iter_mut().find(|c| c.id == id) {
                with(card);
            }
        });
    }

    fn launch(self, id: u32) {
        self.change(id, |c| c.place = Place::Working);
        let Some((plan, first)) = self.cards.with_untracked(|all| {
            let card = all.iter().find(|c| c.id == id)?;
            Some((card.plan.clone(), card.first.clone()))
        }) else {
            return;
        };
        if plan.scenario.imported().is_none() {
            return self.spawn(id, &[first]);
        }
        spawn_local(async move {
            match catalogue(&plan.scenario).await {
                Ok(bring) => self.spawn(id, &bring.into_iter().chain([first]).collect::<Vec<_>>()),
                Err(why) => self.lose(id, &why),
            }
        });
    }

    /// Starts a run's worker, unless it has one or the run was removed meanwhile, and tells it what comes first.
    fn spawn(self, id: u32, first: &[Command]) {
        let is_due = |all: &Vec<Card>| all.iter().any(|c| c.id == id && c.place == Place::Working);
        let has_one = self.lines.try_with_value(|all| all.contains_key(&id)).unwrap_or(true);
        if has_one || !self.cards.try_with_untracked(is_due).unwrap_or(false) {
            return;
        }
        let spawned = Line::spawn(
            Program::Lab(TRAIN_DESK),
            move |event| self.hear(id, event),
            move |lost: Lost| {
                let why = lost.to_string();
                // Not at once: the listener that hears this must outlive it.
                set_timeout(move || self.lose(id, &why), Duration::ZERO);
            },
        );
        match spawned {
            Ok(line) => {
                if let Err(e) = first.iter().try_for_each(|command| line.send(command)) {
                    self.change(id, |c| c.place = Place::Lost(e.to_string()));
                }
                self.lines.update_value(|all| drop(all.insert(id, line)));
            }
            Err(e) => self.change(id, |c| c.place = Place::Lost(e.to_string())),
        }
    }

    fn lose(self, id: u32, why: &str) {
        self.lines.update_value(|all| drop(all.remove(&id)));
        self.change(id, |c| c.place = Place::Lost(why.to_owned()));
        if !self.is_look(id) {
            self.toasts.show(Tone::Bad, "A training worker stopped; its last checkpoint is kept", why);
        }
        self.pump();
    }

    fn hear(self, id: u32, event: Event) {
        match event {
            Event::Told(view) => {
                if !self.is_look(id) {
                    self.end_looks();
                }
                self.change(id, |c| {
                    // What came from a file, or was begun by an earlier version, may differ from what was asked for.
                    if view.plan != c.plan {
                        c.plan = view.plan.clone();
                        c.name = name_of(&view.plan, &c.first);
                    }
                    if view.imported {
                        c.name = format!("{}, from a file", view.title);
                    }
                    c.view = Some(*view);
                });
                self.pump();
            }
            Event::Refused(problem) => {
                let begun = self.cards.with_untracked(|all| all.iter().any(|c| c.id == id && c.view.is_some()));
                if begun {
                    self.toasts.show(Tone::Bad, "That was not done", &problem.what);
                } else if self.is_kept(id) {
                    // What was kept stays: what it lacks, such as imported items, may come back.
                    set_timeout(move || self.lose(id, &problem.what), Duration::ZERO);
                } else {
                    self.problem.set(Some(problem));
                    // Not at once: the worker's listener is running.
                    set_timeout(move || self.remove(id), Duration::ZERO);
                }
            }
            Event::Keep(kept) => self.keep(id, *kept),
            Event::Asked(asked) => self.asked.set(Some((id, *asked))),
            Event::Picked(pairs) => {
                let plan = self.cards.with_untracked(|all| all.iter().find(|c| c.id == id).map(|c| c.plan.clone()));
                if let Some(plan) = plan {
                    self.learn(by_preferences(plan), pairs);
                }
            }
            Event::Serves { title, scenario, weights } => self.serve(title, *scenario, weights),
            Event::Exported { name, mime, bytes, note } => self.hand_over(&name, &mime, &bytes, &note),
        }
    }

    fn is_look(self, id: u32) -> bool {
        self.cards.with_untracked(|all| all.iter().any(|c| c.id == id && c.is_look))
    }

    /// Whether a checkpoint of it is kept.
    fn is_kept(self, id: u32) -> bool {
        let resumes = |c: &Card| matches!(c.first, Command::Resume(_));
        self.cards.with_untracked(|all| all.iter().any(|c| c.id == id && resumes(c)))
    }

    fn keep(self, id: u32, kept: Kept) {
        if self.is_look(id) {
            return;
        }
        self.change(id, |c| c.first = Command::Resume(Box::new(kept.clone())));
        spawn_local(async move {
            match keep::put(&Stored { id, kept }).await {
                Ok(()) => drop(self.kept_ms.try_set(Some(js_sys::Date::now()))),
                Err(why) => self.toasts.show(Tone::Bad, "The checkpoint was not kept", &why),
            }
        });
    }

    /// Lets a policy serve on the Session page, over its own items where they are imported ones.
    fn serve(self, title: String, scenario: Scenario, weights: Vec<u8>) {
        let json = PolicySits::new(title.clone(), weights).to_json();
        let digest = Chosen::Session(Box::new(scenario.clone())).imported().map(|(_, digest)| digest.to_owned());
        let recommender = RecommenderSpec { name: TRAINED.to_owned(), settings: BTreeMap::new() };
        let scenario = Box::new(Scenario { recommender, ..scenario });
        let guest = Guest { name: title, json, serves: Some(scenario) };
        let Some(digest) = digest else {
            to_main(&ToMain::Seat(guest));
            return to_main(&ToMain::GoTo(String::new()));
        };
        spawn_local(async move {
            match kept_catalog(&digest).await {
                Ok(kept) => {
                    let items = kept.map(|k| k.imports()).unwrap_or_default();
                    to_main(&ToMain::SeatOn(guest, items));
                    to_main(&ToMain::GoTo(String::new()));
                }
                Err(why) => self.toasts.show(Tone::Bad, "The imported items were not fetched", &why),
            }
        });
    }

    fn hand_over(self, name: &str, mime: &str, bytes: &[u8], note: &str) {
        let made = || {
            let options = web_sys::BlobPropertyBag::new();
            options.set_type(mime);
            let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
            let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options);
            download(name, &blob.map_err(|e| format!("{e:?}"))?)
        };
        match made() {
            Ok(()) => self.toasts.show(Tone::Good, &format!("Saved {name}"), note),
            Err(why) => self.toasts.show(Tone::Bad, "The file was not saved", &why),
        }
    }

    /// Says something to a run's worker. One that was lost is started again where it was.
    pub fn tell(self, id: u32, command: &Command) {
        if matches!(command, Command::Prefer { .. }) {
            // What a person said is kept, and the run with it.
            self.change(id, |c| c.is_look = false);
        }
        let sent = self.lines.with_value(|all| all.get(&id).map(|line| line.send(command)));
        match sent {
            Some(Ok(())) => {}
            Some(Err(e)) => self.lose(id, &e.to_string()),
            None => {
                self.change(id, |c| c.place = Place::Waiting);
                self.pump();
            }
        }
    }

    /// Asks a run for a file.
    pub fn export(self, id: u32, what: Export) {
        self.tell(id, &Command::Export(what));
    }

    /// Ends and forgets a run.
    pub fn remove(self, id: u32) {
        if self.is_look(id) {
            self.declined.set(true);
        }
        self.take_away(id);
        spawn_local(async move {
            if let Err(why) = keep::forget(id).await {
                self.toasts.show(Tone::Bad, "The run is still kept", &why);
            }
        });
    }

    fn take_away(self, id: u32) {
        self.lines.update_value(|all| drop(all.remove(&id)));
        self.cards.update(|all| all.retain(|c| c.id != id));
        if self.shown.get_untracked() == id {
            self.shown.set(self.cards.with_untracked(|all| all.last().map_or(0, |c| c.id)));
        }
        self.pump();
    }

    /// The card looked at.
    pub fn card(self) -> Option<Card> {
        let shown = self.shown.get();
        self.cards.with(|all| all.iter().find(|c| c.id == shown).cloned())
    }
}

/// Runs that train side by side: one processor is left to the page, but two runs can always be compared.
fn limit() -> usize {
    (window().navigator().hardware_concurrency() as usize).saturating_sub(1).clamp(2, 4)
}

/// What brings a run's imported catalogue to its worker; nothing where it is not kept any more, which the worker says.
async fn catalogue(scenario: &Chosen) -> Result<Option<Command>, String> {
    let Some((name, digest)) = scenario.imported() else { return Ok(None) };
    let kept = kept_catalog(digest).await.map_err(|e| format!("The imported items were not fetched: {e}"))?;
    Ok(kept.map(|kept| {
        let files = kept.files.into_iter().map(|f| File { name: f.name, bytes: f.bytes }).collect();
        let (name, mapping, pictures) = (name.to_owned(), kept.mapping, kept.pictures);
        Command::Bring(Box::new(Bringing { name, files, mapping, pictures }))
    }))
}

/// The plan for the algorithm that learns from preferences, with those of the settings that it has.
pub fn by_preferences(plan: Plan) -> Plan {
    let fields = DPO.fields;
    let settings = plan.settings.into_iter().filter(|(name, _)| fields.iter().any(|f| f.name == name));
    Plan { algorithm: DPO.name.to_owned(), settings: settings.collect(), ..plan }
}

/// What a run is called.
fn name_of(plan: &Plan, first: &Command) -> String {
    if matches!(first, Command::Import { .. }) {
        return "A policy from a file".to_owned();
    }
    let title = crate::learn::algorithm::find(&plan.algorithm).map_or(plan.algorithm.as_str(), |a| a.title);
    let brought = match first {
        Command::Learn { .. } => true,
        Command::Resume(kept) => !kept.pairs.is_empty(),
        _ => false,
    };
    let brought = brought.then(|| "given pairs".to_owned());
    let settings = plan.settings.iter().take(2).map(|(name, value)| format!("{name} {value}"));
    let changes: Vec<String> = brought.into_iter().chain(settings).collect();
    if changes.is_empty() { title.to_owned() } else { format!("{title}, {}", changes.join(", ")) }
}
