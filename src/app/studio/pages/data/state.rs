//! What the parts of the Data page share: its worker, and the newest of all that it said.

use super::{super::hosts::Hosts, embed::Embeds, pictures::Bringing};
use crate::{
    app::{Toasts, keep, studio::Studio, toast::Tone},
    catalog::ItemIx,
    scenario::{CatalogSpec, Scenario, registry},
    worker::{
        data::protocol::{
            Branches, Command, DATA_DESK, Event, File, Grown, Making, Mapped, Measured, ModelReading, Near, Opened,
            Problem, Readings, Studied,
        },
        snapshot::ItemCard,
        transport::{Bridge, Lost, Program},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::BTreeMap, time::Duration};

/// The value of the choice that looks at the Session page's own scenario.
pub const OWN: &str = "own";

type Line = Bridge<Command, Event>;

/// The state. Copies share it.
#[derive(Clone, Copy)]
pub struct Data {
    studio: Studio,
    toasts: Toasts,
    line: StoredValue<Option<Line>, LocalStorage>,
    /// A scenario's id, or [`OWN`].
    pub scenario: RwSignal<String>,
    /// Centres a level of the semantic IDs, as typed.
    pub codebook: RwSignal<String>,
    /// What the worker was asked to open last.
    asked: StoredValue<Option<(Scenario, u16)>>,
    pub making: RwSignal<Making>,
    pub opened: RwSignal<Option<Opened>>,
    pub maps: RwSignal<Vec<Mapped>>,
    pub near: RwSignal<Option<Near>>,
    /// What the newest search found: words, items, how many in all.
    pub found: RwSignal<Option<(String, Vec<ItemCard>, usize)>>,
    pub tree: RwSignal<BTreeMap<Vec<u16>, Branches>>,
    /// What becomes of the codes while the catalogue grows.
    pub grown: RwSignal<Option<Grown>>,
    pub studied: RwSignal<Option<Studied>>,
    pub read: RwSignal<Option<Readings>>,
    /// What a language model reads, and the name of the one that is reading.
    pub model_read: RwSignal<Option<ModelReading>>,
    pub model_asked: RwSignal<Option<String>>,
    pub measured: RwSignal<Option<Measured>>,
    /// Hosts that the person agreed to.
    pub hosts: Hosts,
    /// Pictures on their way.
    pub bringing: Bringing,
    /// Texts that a model embeds.
    pub embeds: Embeds,
    /// What was refused last.
    pub problem: RwSignal<Option<Problem>>,
    /// Why there is no worker any more.
    pub lost: RwSignal<Option<String>>,
}

impl Data {
    pub fn new(studio: Studio, toasts: Toasts) -> Self {
        Self {
            studio,
            toasts,
            line: StoredValue::new_local(None),
            scenario: RwSignal::new(OWN.to_owned()),
            codebook: RwSignal::new("64".to_owned()),
            asked: StoredValue::new(None),
            making: RwSignal::default(),
            opened: RwSignal::new(None),
            maps: RwSignal::default(),
            near: RwSignal::new(None),
            found: RwSignal::new(None),
            tree: RwSignal::default(),
            grown: RwSignal::new(None),
            studied: RwSignal::new(None),
            read: RwSignal::new(None),
            model_read: RwSignal::new(None),
            model_asked: RwSignal::new(None),
            measured: RwSignal::new(None),
            hosts: Hosts::new(),
            bringing: Bringing::new(),
            embeds: Embeds::new(),
            problem: RwSignal::new(None),
            lost: RwSignal::new(None),
        }
    }

    /// The scenario that is chosen; none where that is the Session page's and nothing is open there yet.
    fn chosen(self) -> Option<Scenario> {
        let id = self.scenario.get_untracked();
        if id == OWN { self.studio.scenario.get_untracked() } else { registry::preset(&id) }
    }

    /// Looks at what is chosen, unless it is looked at already.
    pub fn open(self) {
        let Some(scenario) = self.chosen() else { return };
        let text = self.codebook.get_untracked();
        let codebook = match text.trim().parse::<u16>() {
            Ok(n) if (2..=4096).contains(&n) => n,
            _ => {
                let what = "Give 2 to 4096 centres a level.".to_owned();
                self.problem.set(Some(Problem { field: "codebook".to_owned(), what }));
                return;
            }
        };
        let asked = Some((scenario.clone(), codebook));
        if self.lost.get_untracked().is_none() && self.asked.with_value(|a| *a == asked) {
            return;
        }
        self.asked.set_value(asked);
        self.clear();
        let CatalogSpec::Imported { digest, .. } = scenario.catalog.clone() else {
            self.send_open(scenario, codebook, keep::Kept::default());
            return;
        };
        spawn_local(async move {
            match keep::get(&digest).await {
                Ok(kept) => self.send_open(scenario, codebook, kept.unwrap_or_default()),
                Err(why) => self.toasts.show(Tone::Bad, "The imported items were not fetched", &why),
            }
        });
    }

    fn send_open(self, scenario: Scenario, codebook: u16, kept: keep::Kept) {
        let files = kept.files.into_iter().map(|f| File { name: f.name, bytes: f.bytes }).collect();
        let (mapping, pictures) = (kept.mapping, kept.pictures);
        self.send(&Command::Open { scenario: Box::new(scenario), codebook, files, mapping, pictures });
    }

    fn clear(self) {
        self.bringing.forget();
        self.embeds.forget();
        self.problem.set(None);
        self.lost.set(None);
        self.making.set(Making::default());
        self.opened.set(None);
        self.maps.set(Vec::new());
        self.near.set(None);
        self.found.set(None);
        self.tree.set(BTreeMap::new());
        self.grown.set(None);
        self.studied.set(None);
        self.read.set(None);
        self.model_read.set(None);
        self.model_asked.set(None);
        self.measured.set(None);
    }

    /// Says something to the worker, which is started where there is none.
    pub fn send(self, command: &Command) {
        if self.line.with_value(Option::is_none) && !self.start() {
            return;
        }
        let sent = self.line.with_value(|line| line.as_ref().map(|l| l.send(command)));
        if let Some(Err(why)) = sent {
            self.lose(why.to_string());
        }
    }

    fn start(self) -> bool {
        let spawned = Line::spawn(
            Program::Lab(DATA_DESK),
            move |event| self.hear(event),
            move |lost: Lost| {
                let why = lost.to_string();
                // Not at once: the listener that hears this must outlive it.
                set_timeout(move || self.lose(why), Duration::ZERO);
            },
        );
        match spawned {
            Ok(line) => {
                self.line.set_value(Some(line));
                true
            }
            Err(why) => {
                self.lost.set(Some(why.to_string()));
                false
            }
        }
    }

    fn lose(self, why: String) {
        self.line.set_value(None);
        self.model_asked.set(None);
        self.making.set(Making::default());
        self.lost.set(Some(why));
    }

    fn hear(self, event: Event) {
        match event {
            Event::Making(making) => self.making.set(making),
            Event::Opened(opened) => {
                // The items are represented anew where something about them was brought.
                self.problem.set(None);
                self.maps.set(Vec::new());
                self.tree.set(BTreeMap::new());
                self.grown.set(None);
                self.studied.set(None);
                self.opened.set(Some(*opened));
            }
            Event::Wanted(wanted) => self.bringing.bring(self, wanted),
            Event::PictureTaken { done, refused } => {
                self.bringing.progress.update(|p| *p = p.map(|(_, _, all)| (done, refused, all)));
            }
            Event::Album { digest, bytes } => self.keep_pictures(digest, bytes),
            Event::Mapped(mapped) => {
                let all = self.maps.try_update(|maps| {
                    maps.push(*mapped);
                    maps.len()
                });
                self.mapped(all.unwrap_or(0));
            }
            Event::Near(near) => self.near.set(Some(*near)),
            Event::Found { words, items, total } => self.found.set(Some((words, items, total))),
            Event::Branches(part) => self.tree.update(|tree| drop(tree.insert(part.beginning.clone(), *part))),
            Event::Grown(grown) => self.grown.set(Some(grown)),
            Event::EmbedWith { digest } => self.embeds.look(self, &digest),
            Event::EmbedCall { id, body } => self.embeds.call(self, id, body),
            Event::EmbedWait { ms } => self.embeds.wait(self, ms),
            Event::Embedding(told) => {
                // Another model's takes the place of the one before.
                if told.dims > 0 && self.maps.with_untracked(|m| m.iter().any(|m| m.model.is_some())) {
                    self.maps.set(Vec::new());
                }
                self.embeds.told.set(Some(told));
            }
            Event::Embedded { bytes } => self.embeds.keep(bytes),
            Event::Studied(studied) => self.studied.set(Some(*studied)),
            Event::Read(read) => self.read.set(Some(*read)),
            Event::ModelCall { id, body } => self.ask_model(id, body),
            Event::ModelRead(read) => {
                self.model_asked.set(None);
                self.model_read.set(Some(*read));
            }
            Event::Measured(measured) => self.measured.set(Some(*measured)),
            Event::Refused(problem) => self.problem.set(Some(problem)),
        }
    }

    /// Lets the model that is chosen on the Models page read words.
    pub fn let_model_read(self, words: String, after: u32) {
        let Some(models) = self.studio.models.get_untracked() else { return };
        let model = models.name();
        self.model_read.set(None);
        self.model_asked.set(Some(model.clone()));
        let prompts = Box::new(models.settings.with_untracked(|s| s.prompts.clone()));
        self.send(&Command::ModelRead { words, after, model, dialect: models.dialect(), prompts });
    }

    /// Makes a call for the worker: the Models page knows where the model is, and its key.
    fn ask_model(self, id: u32, body: String) {
        let Some(models) = self.studio.models.get_untracked() else { return };
        spawn_local(async move {
            let (outcome, ms) = models.ask(body).await;
            self.send(&Command::ModelReply { id, outcome, ms });
        });
    }

    fn keep_pictures(self, digest: String, bytes: Vec<u8>) {
        spawn_local(async move {
            if let Err(why) = keep::put_pictures(&digest, &bytes).await {
                let why = format!("A reload would need the files again: {why}");
                self.toasts.show(Tone::Bad, "The pictures are only in this tab", &why);
            }
        });
    }

    /// Another representation is there: the item looked at has neighbours under it too, and codes have a tree.
    fn mapped(self, all: usize) {
        let first = self.opened.with_untracked(|o| o.as_ref().and_then(|o| o.points.first().map(|p| p.ix)));
        let looked_at = self.near.with_untracked(|n| n.as_ref().map(|n| n.item.ix));
        if let Some(item) = looked_at.or(first) {
            self.look_at(item);
        }
        if all == 3 {
            self.send(&Command::Branches(Vec::new()));
        }
    }

    /// Looks at an item and its neighbours.
    pub fn look_at(self, item: ItemIx) {
        self.send(&Command::Near(item));
    }

    /// What was refused, where it is of this field.
    pub fn refused(self, field: &'static str) -> Memo<Option<String>> {
        let problem = self.problem;
        Memo::new(move |_| problem.with(|p| p.as_ref().filter(|p| p.field == field).map(|p| p.what.clone())))
    }
}

/// Seconds as people read them.
pub fn time_left(seconds: f64) -> String {
    if seconds > 90.0 { format!("{:.0} min left", seconds / 60.0) } else { format!("{:.0} s left", seconds.ceil()) }
}
