//! What a run trains on: the task, the recommenders to compare with, and the user whose slate is shown.

use super::protocol::{Bringing, Chosen, Line, Problem, Shown};
use crate::{
    catalog::{Catalog, represent::gallery::Gallery},
    lab::{Published, Rollout, Welford},
    learn::{
        plackett::{self, Work},
        policy::Policy,
        session::{LOG_SESSIONS, SessionTask},
        task::{Task, View},
    },
    recommender::{self, Knowledge, sight::Sight},
    scenario::{
        RecommenderSpec, Scenario, World, build, excerpt,
        recsim::{Family, Spec, agents},
    },
    session::{Keep, Session},
    worker::data,
};
use std::rc::Rc;

/// The seed of the user whose slate is shown.
const SHOWN_SEED: u64 = 7;
/// Episodes that a published environment's lines are measured on.
const PUBLISHED_EPISODES: u32 = 1000;
/// Sessions that a session scenario's lines are measured on.
const SESSION_EPISODES: u32 = 200;
/// The recommenders that a policy for sessions is compared with; the second is the one to beat.
const SESSION_LINES: [&str; 4] = ["random", "greedy", "agent", "oracle"];

/// The imported catalogue that was brought, or why it cannot be read; `None` where none was.
pub(super) type Brought = Option<Result<Catalog, Problem>>;

/// Reads an imported catalogue with the pictures of its items.
pub(super) fn read(bringing: Bringing) -> Result<Catalog, Problem> {
    let Bringing { name, files, mapping, pictures } = bringing;
    let told = |p: data::protocol::Problem| Problem { field: p.field, what: p.what };
    let mut catalog = data::brought(files, &mapping, &name).map_err(told)?;
    catalog.gallery = Rc::new(Gallery::from_bytes(&pictures, catalog.shelf.items.len()).unwrap_or_default());
    Ok(catalog)
}

/// What a run trains on.
pub(super) enum Stage {
    Published(Spec),
    Session { scenario: Rc<Scenario>, world: Rc<World>, knowledge: Rc<Knowledge> },
}

impl Stage {
    /// Opens what was chosen, over the catalogue that was brought where it is an imported one.
    pub(super) fn open(chosen: &Chosen, brought: &Brought) -> Result<Self, Problem> {
        let at = |field: String, what: String| Problem { field, what };
        match chosen {
            Chosen::Published { id, set } => {
                let found =
                    Spec::find(id).ok_or_else(|| at("scenario".into(), format!("There is no scenario {id}.")))?;
                let mut spec = found.map_err(|e| at("scenario".into(), e.to_string()))?;
                for (path, text) in set {
                    spec.set(path, text).map_err(|e| at(path.clone(), e.to_string()))?;
                }
                spec.validate().map_err(|e| at(e.field.clone(), e.to_string()))?;
                Ok(Self::Published(spec))
            }
            Chosen::Session(scenario) => {
                scenario.validate().map_err(|e| at(e.field.clone(), e.to_string()))?;
                let imported = chosen.imported().map(|(name, _)| items(name, brought)).transpose()?;
                let world = build(scenario, imported).map_err(|e| at("scenario".into(), e.to_string()))?;
                let scenario = Rc::new((**scenario).clone());
                let knowledge = Knowledge::new(scenario.clone(), world.clone());
                Ok(Self::Session { scenario, world, knowledge })
            }
        }
    }

    pub(super) fn title(&self) -> String {
        match self {
            Self::Published(spec) => spec.family().title().to_owned(),
            Self::Session { scenario, .. } => scenario.title.clone(),
        }
    }

    pub(super) fn unit(&self) -> &'static str {
        match self {
            Self::Published(_) => "an episode",
            Self::Session { .. } => "a session",
        }
    }

    pub(super) fn task(&self) -> Box<dyn Task> {
        match self {
            Self::Published(spec) => spec.task(),
            Self::Session { world, knowledge, .. } => Box::new(SessionTask::new(knowledge, world)),
        }
    }

    /// The lines to measure.
    pub(super) fn lines(&self) -> Vec<LineWork> {
        match self {
            Self::Published(spec) => {
                let all = agents(spec.family());
                let reference = all.iter().position(|l| l.name == "greedy").unwrap_or(1);
                let work = |(i, l): (usize, &crate::scenario::recsim::Listing)| {
                    let line = line(l.name, l.title, l.is_oracle, i == reference);
                    Published::new(spec, l.name, 0)
                        .ok()
                        .map(|r| LineWork { line, work: Measuring::Published(Box::new(r)) })
                };
                all.iter().enumerate().filter_map(work).collect()
            }
            Self::Session { scenario, world, knowledge } => {
                let seed = scenario.seed().unwrap_or(0);
                let work = |(i, name): (usize, &str)| {
                    let listing = recommender::find(name)?;
                    let spec = RecommenderSpec { name: name.to_owned(), settings: Default::default() };
                    let rollout = Rollout::new(knowledge, world, &spec, seed).ok()?;
                    let line = line(name, listing.title, listing.is_oracle, i == 1);
                    Some(LineWork { line, work: Measuring::Session(Box::new(rollout)) })
                };
                SESSION_LINES.into_iter().enumerate().filter_map(work).collect()
            }
        }
    }

    /// The slate that a policy shows the fixed user first.
    pub(super) fn shown(&self, policy: &Policy) -> Vec<Shown> {
        let (mut view, mut slate) = (View::default(), Vec::new());
        match self {
            Self::Published(spec) => {
                let mut model = spec.model();
                model.reset(SHOWN_SEED, &mut view);
                let scores = policy.scores(&view);
                plackett::best(&scores, spec.slate_size(), &mut Work::default(), &mut slate);
                let seen = model.seen();
                slate.iter().map(|&i| document(spec.family(), &seen, i)).collect()
            }
            Self::Session { scenario, world, knowledge } => {
                let session = Session::new(scenario.clone(), world.clone(), SHOWN_SEED, Keep::Totals);
                let mut sight: Sight = knowledge.sight(LOG_SESSIONS);
                sight.look(&session.observation(), &mut view.observation, &mut view.features);
                view.count = sight.shortlist().len();
                let scores = policy.scores(&view);
                plackett::best(&scores, scenario.slate_size, &mut Work::default(), &mut slate);
                let item = |i: &usize| {
                    let item = &world.shelf().items[sight.shortlist()[*i] as usize];
                    let topic = item.topics.first().map_or("", |t| world.shelf().topics[*t as usize].as_str());
                    Shown { title: item.title.clone(), detail: topic.to_owned(), tone: 0 }
                };
                slate.iter().map(item).collect()
            }
        }
    }
}

/// The items of an imported catalogue.
fn items(name: &str, brought: &Brought) -> Result<Catalog, Problem> {
    let gone = || {
        let what = format!(
            "Its items, “{}”, are not kept in this browser any more. Import them again on the Session page, then come back.",
            excerpt(name)
        );
        Problem { field: "scenario".into(), what }
    };
    brought.clone().ok_or_else(gone)?
}

/// A document in words.
fn document(family: Family, seen: &crate::scenario::recsim::Seen<'_>, i: usize) -> Shown {
    let signed = |x: f32| format!("{x:+.1}").replace('-', "−");
    match family {
        Family::LongTermSatisfaction => {
            let c = seen.clickbait[i];
            let title = if c < 0.5 { "Kale" } else { "Chocolate" };
            let tone = if c < 0.5 { 1 } else { -1 };
            Shown { title: title.into(), detail: format!("clickbait {:.0} %", c * 100.0), tone }
        }
        Family::InterestEvolution => {
            let (topic, q) = (seen.topics[i] as usize, seen.qualities[i]);
            let interest = seen.user.get(topic).copied().unwrap_or(0.0);
            let title = format!("Topic {}, interest {}", topic + 1, signed(interest));
            Shown { title, detail: format!("quality {}", signed(q)), tone: if q > 0.0 { 1 } else { -1 } }
        }
        Family::InterestExploration => {
            let (topic, q) = (seen.topics[i] as usize, seen.qualities[i]);
            Shown { title: format!("Topic {}", topic + 1), detail: format!("quality {q:.1}"), tone: 0 }
        }
    }
}

fn line(name: &str, title: &str, oracle: bool, reference: bool) -> Line {
    Line { name: name.to_owned(), title: title.to_owned(), oracle, reference, mean: 0.0, se: 0.0 }
}

/// A line that is being measured.
pub(super) struct LineWork {
    line: Line,
    work: Measuring,
}

/// What measures it.
enum Measuring {
    Published(Box<Published>),
    Session(Box<Rollout>),
}

impl LineWork {
    /// Runs some more episodes; the line once all have run.
    pub(super) fn step(&mut self) -> Option<Line> {
        let (done, all, returns) = match &mut self.work {
            Measuring::Published(r) => {
                r.step(50);
                (r.episodes(), PUBLISHED_EPISODES, r.returns())
            }
            Measuring::Session(r) => {
                r.step(4);
                (r.episodes(), SESSION_EPISODES, r.returns())
            }
        };
        if done < all {
            return None;
        }
        let mut w = Welford::default();
        returns.iter().for_each(|r| w.add(*r));
        let e = w.estimate();
        Some(Line { mean: e.mean, se: e.se, ..self.line.clone() })
    }
}
