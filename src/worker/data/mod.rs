//! Looks at items and words in a worker: how items are represented, and what words are read as.
//!
//! **It posts nothing and reads no clock of its own**, as the runner of sessions does: the time is given to it, and its
//! events are collected by the caller. Everything long is done in slices, so that a stop is heard.

mod embed;
mod items;
mod pictures;
pub mod protocol;
mod studies;
mod words;

use super::runner::{Wake, mapping_of};
use crate::{
    catalog::{Catalog, import, represent::Options, store::digest},
    lab::{growth::Growing, representations::Study},
    scenario::{self, CatalogSpec, Scenario, parse_seed},
};
use embed::Embedding;
use pictures::Album;
use protocol::{Command, Event, File, Grown, Making, Problem};
use std::{collections::BTreeMap, rc::Rc};
use studies::{Measuring, Studying};
use words::{Asking, Talk};

/// Milliseconds between two pictures of how far something is.
const TELL_MS: f64 = 200.0;
/// Milliseconds that a slice may take: a stop is heard after it.
const SLICE_MS: f64 = 25.0;
/// Items that a growing catalogue goes through between two looks at the clock: few, since codebooks may be large.
const GROWING_ITEMS: usize = 64;

type Answer<T = ()> = Result<T, Problem>;

fn problem(field: &str, what: impl Into<String>) -> Problem {
    Problem { field: field.to_owned(), what: what.into() }
}

/// The worker's whole state.
#[derive(Default)]
pub struct Desk {
    asked: Option<Asked>,
    open: Option<Open>,
    /// The pictures of the items that were looked at before, by the shelf's digest: the same items may be opened again.
    albums: Option<(String, Album)>,
    told_ms: f64,
}

/// What is to be opened.
struct Asked {
    scenario: Box<Scenario>,
    codebook: u16,
    files: Vec<File>,
    mapping: BTreeMap<String, String>,
    pictures: Vec<u8>,
}

/// A scenario's items, and what is being done with them.
struct Open {
    scenario: Rc<Scenario>,
    catalog: Rc<Catalog>,
    options: Options,
    album: Album,
    embedding: Option<Embedding>,
    study: Study,
    /// Representations that were told.
    mapped: usize,
    /// Where each item lies on each map.
    planes: Vec<Vec<[f32; 2]>>,
    /// When the one being made was begun.
    began_ms: f64,
    /// Whether the making was stopped.
    stopped: bool,
    growing: Option<Growing>,
    studying: Option<Studying>,
    measuring: Option<Measuring>,
    talk: Option<Talk>,
    /// Words to be read once there are items.
    waiting: Option<(String, u32)>,
    /// A language model that is reading words.
    asking: Option<Asking>,
    /// Calls that it was asked for, so that a reply to another is known for one.
    asked: u32,
}

impl Desk {
    /// Takes a command.
    pub fn handle(&mut self, command: Command, clock: &dyn Fn() -> f64, events: &mut Vec<Event>) -> Wake {
        if let Err(problem) = self.perform(command, clock, events) {
            events.push(Event::Refused(problem));
        }
        self.wake()
    }

    fn wake(&self) -> Wake {
        if self.asked.is_some() || self.open.as_ref().is_some_and(Open::is_busy) { Wake::Soon } else { Wake::Idle }
    }

    fn perform(&mut self, command: Command, clock: &dyn Fn() -> f64, events: &mut Vec<Event>) -> Answer {
        if let Command::Open { scenario, codebook, files, mapping, pictures } = command {
            if let Some(open) = self.open.take() {
                self.albums = Some((digest(&open.catalog.shelf), open.album));
            }
            self.asked = Some(Asked { scenario, codebook, files, mapping, pictures });
            let what = "Making the catalogue".to_owned();
            events.push(Event::Making(Making { what, ..Making::default() }));
            return Ok(());
        }
        let none = || problem("", "The items are not there yet.");
        let open = self.open.as_mut().ok_or_else(none)?;
        match command {
            // Taken above.
            Command::Open { .. } => {}
            Command::Near(item) => events.push(open.near(item)?),
            Command::Find(words) => events.push(open.find(words)),
            Command::Branches(beginning) => events.push(open.branches(beginning)?),
            Command::Grow => {
                let growing = open.study.growing();
                open.growing = Some(growing.ok_or_else(|| problem("", "The codes are not learnt yet."))?);
            }
            Command::PictureFiles(names) => {
                let wanted = open.want_files(&names)?;
                events.push(wanted);
            }
            Command::PictureHost(host) => {
                let wanted = open.want_host(&host)?;
                events.push(wanted);
            }
            Command::Picture { at, bytes, problem } => events.push(open.take_picture(at, &bytes, problem)),
            Command::PicturesEnd => {
                events.push(open.album());
                events.push(open.end_pictures(clock()));
            }
            Command::Embed { model } => {
                let with = open.embed(&model)?;
                events.push(with);
            }
            Command::EmbedKept { bytes } => events.push(open.embed_kept(&bytes, clock())),
            Command::EmbedBegin => events.extend(open.embed_begin(clock())),
            Command::Embedded { id, outcome, ms } => events.extend(open.embedded(id, outcome, ms, clock())),
            Command::EmbedOn => events.extend(open.embed_on(clock())),
            Command::EmbedStop => events.extend(open.embed_stop(clock())),
            Command::Read { words, after } => {
                open.waiting = Some((words, after));
                open.read(clock, events)?;
            }
            Command::ModelRead { words, after, model, dialect, prompts } => {
                let call = open.model_read(&words, after, (model, dialect, prompts))?;
                events.push(call);
            }
            Command::ModelReply { id, outcome, ms } => events.extend(open.model_reply(id, outcome, ms)?),
            Command::Study { episodes, seed } => {
                let (episodes, seed) = (checked(episodes)?, first_seed(&seed)?);
                open.stopped = false;
                open.study.restart(seed);
                open.studying = Some(Studying::new(episodes, open.study.arms()));
            }
            Command::Measure { episodes, seed } => {
                let (episodes, seed) = (checked(episodes)?, first_seed(&seed)?);
                open.stopped = false;
                open.measuring = Some(Measuring::new(episodes, seed));
            }
            Command::Stop => open.stop(clock(), events),
        }
        Ok(())
    }

    /// Works for a while.
    pub fn slice(&mut self, clock: &dyn Fn() -> f64, events: &mut Vec<Event>) -> Wake {
        if let Some(asked) = self.asked.take() {
            match Open::new(asked, &mut self.albums, clock()) {
                Ok(open) => {
                    events.push(open.opened());
                    self.open = Some(open);
                }
                Err(problem) => events.push(Event::Refused(problem)),
            }
            return self.wake();
        }
        let Some(open) = &mut self.open else { return Wake::Idle };
        let began = clock();
        let tell = began - self.told_ms > TELL_MS;
        if tell {
            self.told_ms = began;
        }
        if let Err(problem) = open.work(clock, began + SLICE_MS, tell, events) {
            events.push(Event::Refused(problem));
        }
        self.wake()
    }
}

fn checked(episodes: u32) -> Answer<u32> {
    let most = protocol::MOST_EPISODES;
    let fits = (2..=most).contains(&episodes);
    fits.then_some(episodes).ok_or_else(|| problem("episodes", format!("Play 2 to {most} sessions.")))
}

fn first_seed(text: &str) -> Answer<u64> {
    parse_seed("seed", text).map_err(|e| problem("seed", e.to_string()))
}

impl Open {
    fn new(asked: Asked, before: &mut Option<(String, Album)>, now_ms: f64) -> Answer<Self> {
        let scenario = *asked.scenario;
        let imported = match &scenario.catalog {
            CatalogSpec::Imported { name, .. } if !asked.files.is_empty() => {
                Some(brought(asked.files, &asked.mapping, name)?)
            }
            _ => None,
        };
        let catalog = scenario::catalog(&scenario, imported).map_err(|e| problem(&e.field.clone(), e.to_string()))?;
        let seed = first_seed(&scenario.seed)?;
        let mut options = Options::default();
        options.quantiser.codebook = usize::from(asked.codebook);
        let catalog = Rc::new(catalog);
        let album = before.take().filter(|(of, _)| *of == digest(&catalog.shelf)).map(|(_, album)| album);
        let album = album.unwrap_or_else(|| Album::kept(&asked.pictures, catalog.shelf.items.len()));
        let study = Study::new(&scenario, catalog.clone(), album.gallery.seen().to_vec(), options, seed);
        Ok(Self {
            scenario: Rc::new(scenario),
            catalog,
            options,
            album,
            embedding: None,
            study,
            mapped: 0,
            planes: Vec::new(),
            began_ms: now_ms,
            stopped: false,
            growing: None,
            studying: None,
            measuring: None,
            talk: None,
            waiting: None,
            asking: None,
            asked: 0,
        })
    }

    /// Represents the items anew: something about them was brought.
    fn remake(&mut self, now_ms: f64) {
        let seed = self.study.first_seed();
        let pictures = self.album.gallery.seen().to_vec();
        self.study = Study::new(&self.scenario, self.catalog.clone(), pictures, self.options, seed);
        if let Some(made) = self.embedding.as_ref().and_then(Embedding::made) {
            self.study.embed(&self.scenario, made);
        }
        (self.mapped, self.began_ms, self.stopped) = (0, now_ms, false);
        self.planes.clear();
        (self.growing, self.studying) = (None, None);
    }

    fn is_making(&self) -> bool {
        self.mapped < self.study.arms() && !self.stopped
    }

    fn is_busy(&self) -> bool {
        self.is_making() || self.growing.is_some() || self.studying.is_some() || self.measuring.is_some()
    }

    /// One slice of whatever is to be done: first the items, then what is played with them.
    fn work(&mut self, clock: &dyn Fn() -> f64, until: f64, tell: bool, events: &mut Vec<Event>) -> Answer {
        if self.is_making() {
            self.make(clock, until, tell, events);
            return if self.waiting.is_some() { self.read(clock, events) } else { Ok(()) };
        }
        if let Some(growing) = &mut self.growing {
            let mut growth = None;
            while growth.is_none() && clock() < until {
                growth = growing.step(GROWING_ITEMS);
            }
            let share = growing.progress();
            if growth.is_some() {
                self.growing = None;
            }
            if growth.is_some() || tell {
                events.push(Event::Grown(Grown { share, stopped: false, growth }));
            }
            return Ok(());
        }
        if let Some(mut job) = self.studying.take() {
            if job.work(&mut self.study, clock, until)? {
                events.push(job.told(&self.study, &self.scenario, clock(), false));
            } else {
                if tell {
                    events.push(job.told(&self.study, &self.scenario, clock(), false));
                }
                self.studying = Some(job);
            }
            return Ok(());
        }
        let Some(mut job) = self.measuring.take() else { return Ok(()) };
        let (knowledge, world) = self.talk()?.stage();
        if job.work(&knowledge, &world, clock, until)? {
            events.push(job.told(clock(), false));
        } else {
            if tell {
                events.push(job.told(clock(), false));
            }
            self.measuring = Some(job);
        }
        Ok(())
    }

    /// Makes representations, and tells of each that is done.
    fn make(&mut self, clock: &dyn Fn() -> f64, until: f64, tell: bool, events: &mut Vec<Event>) {
        let mut now = clock();
        while self.study.making().is_some() && now < until {
            // Making asks for no recommender, and so nothing can be unknown.
            let Ok(spent) = self.study.step() else { break };
            let after = clock();
            self.study.took(spent, after - now);
            now = after;
            if self.study.worlds().count() > self.mapped {
                break;
            }
        }
        if self.study.worlds().count() > self.mapped {
            events.extend(self.map(self.mapped));
            self.mapped += 1;
            self.began_ms = now;
        }
        let done = self.study.making().is_none();
        if tell || done {
            events.push(Event::Making(self.making(now)));
        }
    }

    /// How far the making is.
    fn making(&self, now_ms: f64) -> Making {
        let Some((representation, what, share)) = self.study.making() else { return Making::default() };
        let spent = (now_ms - self.began_ms) / 1000.0;
        let part = f64::from(share).clamp(0.0, 1.0);
        let left = (part > 0.02 && spent > 0.3).then(|| spent / part * (1.0 - part));
        let what = if self.stopped { String::new() } else { format!("{representation}: {}", small(what)) };
        Making { what, share, seconds_left: left, stopped: self.stopped }
    }

    fn stop(&mut self, now_ms: f64, events: &mut Vec<Event>) {
        if self.is_making() {
            self.stopped = true;
            events.push(Event::Making(self.making(now_ms)));
        }
        if let Some(growing) = self.growing.take() {
            events.push(Event::Grown(Grown { share: growing.progress(), stopped: true, growth: None }));
        }
        if let Some(job) = self.studying.take() {
            events.push(job.told(&self.study, &self.scenario, now_ms, true));
        }
        if let Some(job) = self.measuring.take() {
            events.push(job.told(now_ms, true));
        }
    }
}

/// Words that begin a sentence, inside one.
fn small(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// An imported catalogue, read again from its files.
pub(super) fn brought(files: Vec<File>, mapping: &BTreeMap<String, String>, name: &str) -> Answer<Catalog> {
    let refuse = |what: String| problem("scenario", what);
    let mapping = mapping_of(mapping).map_err(refuse)?;
    let files = files.into_iter().map(|f| import::File { name: f.name, bytes: f.bytes }).collect();
    let (mut catalog, _) = import::import(files, Some(mapping)).map_err(|e| refuse(format!("{} {}", e.what, e.fix)))?;
    // A catalogue is told by its name too.
    name.clone_into(&mut catalog.shelf.name);
    Ok(catalog)
}
