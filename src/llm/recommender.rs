//! The model as the recommender: an agent that calls tools, step by step, and then chooses.
//!
//! A step is an answer of one JSON shape, so that any model can take it, with or without tool calls of its own. What it
//! finds is kept in a pool; the slate is chosen from the pool, each item by its number, and checked: numbers that are no
//! candidate or stand twice are refused with the reason, once; places still empty are filled by the recommender in force
//! and marked. Calls and reasons fill the trace.

use super::{
    chat::{Message, Reply, Request, Role},
    describe::{self, line},
    prompt::{Part, fill},
    settings::Settings,
    shape::{Shape, find_json, parse},
    task::{Given, Purposed, Taken, Task, sampling_seed},
    tools::{self, FOUND},
};
use crate::{
    catalog::ItemIx,
    recommender::{Observation, ReasoningTrace, Step},
    session::{Answer, Author, Remark, Session, player::Player},
};
use serde_json::Value;

/// The most items in the pool: more could not be read out to the model.
const POOL: usize = 24;
/// The most characters of a reason and of what is remembered.
const WHY: usize = 100;
/// How many past turns the model is told of.
const TOLD: usize = 4;

const TOOLS: [&str; 6] = ["search", "filter", "similar", "history", "rank", "slate"];

/// The work on one slate.
#[derive(Debug)]
pub struct Agent {
    /// The conversation after the turn's prompt.
    said: Vec<Message>,
    pool: Vec<ItemIx>,
    steps: u32,
    choosing: bool,
    /// Places chosen so far, once some of a choice were refused.
    chosen: Vec<ItemIx>,
    refused: bool,
    trace: ReasoningTrace,
}

impl Agent {
    /// The work on the slate that the session needs now.
    #[must_use]
    pub fn new(session: &Session, settings: &Settings) -> Self {
        let mut agent = Self {
            said: Vec::new(),
            pool: Vec::new(),
            steps: 0,
            choosing: settings.steps == 0,
            chosen: Vec::new(),
            refused: false,
            trace: ReasoningTrace::default(),
        };
        let obs = session.observation();
        agent.trace.perceive.extend(describe::history(&obs, 1).lines().map(|l| step(l.trim_start_matches("- "))));
        let said = describe::said_last(obs.history);
        agent.trace.perceive.extend((!said.is_empty()).then(|| step(said.trim())));
        agent
    }

    fn system(settings: &Settings) -> String {
        fill(&settings.prompts.recommender, &[])
    }

    fn opening(session: &Session, settings: &Settings) -> String {
        let obs = session.observation();
        let topics: Vec<String> = obs.shelf.topics.iter().map(|t| line(t, 30)).collect();
        let declared = obs.profile.declared.iter().map(|t| line(t, 30)).collect::<Vec<_>>().join(", ");
        let notes = notes(session);
        fill(
            &settings.prompts.recommender_turn,
            &[
                ("name", &line(&obs.profile.name, 40)),
                ("age", &obs.profile.age.to_string()),
                ("about", &line(&obs.profile.about, 160)),
                ("declared", if declared.is_empty() { "nothing" } else { &declared }),
                ("moment", &describe::moment(obs.context)),
                ("turn", &(obs.turn + 1).to_string()),
                ("history", &describe::history(&obs, TOLD)),
                ("said", &describe::said_last(obs.history)),
                ("notes", &notes),
                ("topics", &topics.join(", ")),
                ("steps", &settings.steps.to_string()),
            ],
        )
    }

    fn choice(&self, session: &Session, settings: &Settings) -> String {
        let obs = session.observation();
        let open: Vec<ItemIx> = self.open();
        let found = open.iter().map(|&i| format!("{i}: {}", describe::item(obs.shelf, &obs.features.shown, i, false)));
        let example = open.iter().take(2).map(ItemIx::to_string).collect::<Vec<_>>().join(",");
        fill(
            &settings.prompts.recommender_slate,
            &[
                ("count", &self.missing(&obs).to_string()),
                ("found", &found.collect::<Vec<_>>().join("\n")),
                ("example", &format!("{example},...")),
            ],
        )
    }

    /// The pool without what is chosen already.
    fn open(&self) -> Vec<ItemIx> {
        self.pool.iter().copied().filter(|i| !self.chosen.contains(i)).collect()
    }

    fn missing(&self, obs: &Observation<'_>) -> usize {
        obs.slate_size - self.chosen.len()
    }

    fn step_shape(session: &Session) -> Shape {
        let topics = session.world().shelf().topics.iter().cloned();
        Shape::Object(vec![
            ("why", Shape::Text { max: WHY }),
            ("tool", Shape::choice(TOOLS)),
            ("words", Shape::Text { max: 40 }),
            ("topic", Shape::choice(core::iter::once("any".to_owned()).chain(topics))),
            // Whatever number it is, it can be used: too long a time filters nothing, an unknown item is like none.
            ("minutes", Shape::Whole { min: 0, max: i64::MAX }),
            ("item", Shape::Whole { min: 0, max: i64::MAX }),
        ])
    }

    fn choice_shape(&self, obs: &Observation<'_>) -> Shape {
        let numbers = self.open().into_iter().map(i64::from).collect();
        Shape::Object(vec![
            ("why", Shape::Text { max: WHY }),
            ("slate", Shape::exactly(self.missing(obs), Shape::Number(numbers))),
            ("remember", Shape::Text { max: WHY }),
        ])
    }

    /// Carries out a step and tells the model what came of it.
    fn call(&mut self, player: &mut Player, settings: &Settings, answer: &Value, text: &str) {
        let word = |name: &str| line(answer[name].as_str().unwrap_or_default(), WHY);
        let (tool, why) = (word("tool"), word("why"));
        self.trace.plan.extend((!why.is_empty()).then(|| step(&why)));
        self.steps += 1;
        let (call, told) = self.use_tool(player, &tool, answer);
        self.trace.act.push(Step { text: call, data: vec![("found".into(), self.pool.len() as f64)] });
        let left = settings.steps.saturating_sub(self.steps);
        self.choosing = tool == "slate" || left == 0;
        self.said.push(Message::new(Role::Assistant, line(text, 400)));
        if !self.choosing {
            self.said.push(Message::new(Role::User, format!("{told}\nYou have {left} more steps. What next?")));
        }
    }

    fn use_tool(&mut self, player: &mut Player, tool: &str, answer: &Value) -> (String, String) {
        let session = player.session();
        let obs = session.observation();
        let topic = answer["topic"].as_str().filter(|t| *t != "any");
        let minutes = answer["minutes"].as_i64().filter(|m| *m > 0).map(|m| m as f32 * 60.0);
        let (call, found) = match tool {
            "search" => {
                let words = line(answer["words"].as_str().unwrap_or_default(), 60);
                (format!("search \"{words}\""), tools::search(&obs, &words))
            }
            "filter" => {
                let length = minutes.map_or(String::new(), |m| format!(", at most {}", describe::duration(m)));
                (format!("filter {}{length}", topic.unwrap_or("any topic")), tools::filter(&obs, topic, minutes))
            }
            "similar" => {
                let to = answer["item"].as_u64().and_then(|n| ItemIx::try_from(n).ok()).unwrap_or(ItemIx::MAX);
                (format!("similar to {to}"), tools::similar(&obs, to))
            }
            "history" => return ("history".into(), describe::history(&obs, usize::MAX)),
            "rank" => {
                self.pool = player.rank(&self.pool, POOL);
                let session = player.session();
                return ("rank".into(), self.told("In order, best first", &self.pool, session));
            }
            _ => return (format!("slate from {} found", self.pool.len()), String::new()),
        };
        let told = self.told("Found", &found, session);
        for item in found {
            if self.pool.len() < POOL && !self.pool.contains(&item) {
                self.pool.push(item);
            }
        }
        (call, told)
    }

    fn told(&self, opening: &str, items: &[ItemIx], session: &Session) -> String {
        if items.is_empty() {
            return "Nothing was found.".into();
        }
        let (shelf, shown) = (session.world().shelf(), &session.world().features().shown);
        let lines: Vec<String> =
            items.iter().take(FOUND).map(|&i| format!("{i}: {}", describe::item(shelf, shown, i, false))).collect();
        format!("{opening}:\n{}", lines.join("\n"))
    }

    /// Adds to a pool that is too small to choose from.
    fn widen(&mut self, player: &mut Player) {
        let need = (player.session().scenario().slate_size + 4).min(POOL);
        if self.pool.len() >= need {
            return;
        }
        let candidates = player.session().observation().candidates.to_vec();
        let rest: Vec<ItemIx> = candidates.into_iter().filter(|i| !self.pool.contains(i)).collect();
        let added = player.rank(&rest, need - self.pool.len());
        let note = format!(
            "{} found were too few to choose from: {} of the usual ranking were added",
            self.pool.len(),
            added.len()
        );
        self.trace.act.push(step(&note));
        self.pool.extend(added);
    }

    fn choose(&mut self, player: &mut Player, answer: &Value) -> Taken {
        let (mut invented, mut twice) = (Vec::new(), Vec::new());
        for n in answer["slate"].as_array().into_iter().flatten() {
            let item = n.as_u64().and_then(|n| ItemIx::try_from(n).ok());
            match item.filter(|i| self.pool.contains(i)) {
                None => invented.push(n.to_string()),
                Some(i) if self.chosen.contains(&i) => twice.push(i.to_string()),
                Some(i) if self.missing(&player.session().observation()) > 0 => self.chosen.push(i),
                Some(_) => {}
            }
        }
        for (name, list) in [("why", &mut self.trace.plan), ("remember", &mut self.trace.remember)] {
            let text = line(answer[name].as_str().unwrap_or_default(), WHY);
            list.extend((!text.is_empty()).then(|| step(&text)));
        }
        let missing = self.missing(&player.session().observation());
        if missing > 0 && !self.refused && !self.open().is_empty() {
            self.refused = true;
            return Taken::Refused(refusal(&invented, &twice, missing));
        }
        if self.chosen.is_empty() {
            return Taken::Refused("none of the numbers is on the list".into());
        }
        self.fill_up(player, missing);
        let (items, trace) = (std::mem::take(&mut self.chosen), std::mem::take(&mut self.trace));
        let answer = Answer::Slate { items, trace: Some(Box::new(trace)), by: Author::Model };
        Taken::Done(vec![Given::Answer(answer, Remark::default())])
    }

    /// Fills the places that the model left, and marks them.
    fn fill_up(&mut self, player: &mut Player, missing: usize) {
        if missing == 0 {
            return;
        }
        let candidates = player.session().observation().candidates.to_vec();
        let rest: Vec<ItemIx> = candidates.into_iter().filter(|i| !self.chosen.contains(i)).collect();
        let added = player.rank(&rest, missing);
        let from = self.chosen.len() + 1;
        let places = if missing == 1 {
            format!("place {from} was")
        } else {
            format!("places {from} to {} were", from + missing - 1)
        };
        let text = format!("{places} left empty by the model and filled by the recommender in force");
        self.trace.act.push(Step { text, data: vec![("filled".into(), missing as f64)] });
        self.chosen.extend(added);
    }
}

/// Whether the model left places of a slate empty, and how many: from its trace.
#[must_use]
pub fn filled_places(trace: Option<&ReasoningTrace>) -> usize {
    let steps = trace.into_iter().flat_map(|t| &t.act).flat_map(|s| &s.data);
    steps.filter(|d| d.0 == "filled").map(|d| d.1 as usize).sum()
}

fn refusal(invented: &[String], twice: &[String], missing: usize) -> String {
    let mut why = Vec::new();
    if !invented.is_empty() {
        why.push(format!("{} not on the list", invented.join(", ")));
    }
    if !twice.is_empty() {
        why.push(format!("{} named twice", twice.join(", ")));
    }
    if why.is_empty() {
        why.push("too few numbers".into());
    }
    format!("{}; {missing} more different numbers from the list are needed", why.join("; "))
}

fn step(text: &str) -> Step {
    Step { text: text.to_owned(), data: Vec::new() }
}

/// What the model chose to remember in the last turns, newest last.
fn notes(session: &Session) -> String {
    let traces = session.turns().iter().rev().filter_map(|t| t.trace.as_ref().filter(|_| t.slate_by == Author::Model));
    let mut notes: Vec<String> =
        traces.flat_map(|t| t.remember.iter()).take(TOLD).map(|s| line(&s.text, WHY)).collect();
    notes.reverse();
    if notes.is_empty() { String::new() } else { format!("You noted: {}\n", notes.join("; ")) }
}

impl Task for Agent {
    fn purpose(&self) -> Purposed {
        if self.choosing { Purposed::Choose } else { Purposed::Step }
    }

    fn prepare(&mut self, player: &mut Player) {
        if self.choosing {
            self.widen(player);
        }
    }

    fn request(&self, session: &Session, settings: &Settings) -> Request {
        let obs = session.observation();
        let mut messages = vec![Message::new(Role::System, Self::system(settings))];
        messages.push(Message::new(Role::User, Self::opening(session, settings)));
        messages.extend(self.said.iter().cloned());
        let shape = if self.choosing {
            let choice = self.choice(session, settings);
            // The conversation must alternate: a choice without a step before it joins the opening.
            match messages.last_mut() {
                Some(last) if last.role == Role::User => last.content = format!("{}\n\n{choice}", last.content),
                _ => messages.push(Message::new(Role::User, choice)),
            }
            self.choice_shape(&obs)
        } else {
            Self::step_shape(session)
        };
        Request {
            messages,
            shape: Some(shape),
            max_tokens: 200 + 8 * obs.slate_size as u32,
            temperature: settings.temperature,
            seed: sampling_seed(session, obs.turn, 500 + u64::from(self.steps) + 50 * u64::from(self.refused)),
            top_logprobs: 0,
        }
    }

    fn parts(&self, session: &Session, settings: &Settings) -> Vec<Part> {
        let mut parts = vec![
            Part::new("what you do, and your tools", Self::system(settings), true),
            Part::new("the person and the turn", Self::opening(session, settings), false),
        ];
        parts.extend(self.said.iter().map(|m| Part::new("the steps so far", m.content.clone(), false)));
        if self.choosing {
            parts.push(Part::new("the choice", self.choice(session, settings), false));
        }
        parts
    }

    fn take(&mut self, player: &mut Player, settings: &Settings, reply: &Reply) -> Taken {
        if !self.choosing {
            return match parse(&reply.text, &Self::step_shape(player.session())) {
                Ok(answer) => {
                    self.call(player, settings, &answer, &reply.text);
                    Taken::More
                }
                Err(why) => Taken::Refused(why),
            };
        }
        // Numbers are looked at one by one: a slate with one invented number is repaired, not thrown away.
        match find_json(&reply.text) {
            Ok(answer) if answer["slate"].is_array() => self.choose(player, &answer),
            Ok(_) => Taken::Refused("slate must be a list of numbers".into()),
            Err(why) => Taken::Refused(why),
        }
    }
}
