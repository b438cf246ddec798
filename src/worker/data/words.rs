//! Words: what every level reads in them, said after some turns of the scenario's session.

use super::{
    Answer, Open, problem,
    protocol::{Event, MOST_WORDS, ModelReading, Question, Reading, Readings},
};
use crate::{
    catalog::{ItemIx, Shelf},
    lab::understanding::{read_silence, say},
    llm::{
        chat::{Reply, Request},
        dialect::Dialect,
        driver::{repair, with_usage},
        fault::Fault,
        prompt::Prompts,
        reader,
    },
    recommender::{
        self, Knowledge, Observation, PastTurn,
        understand::{Intent, Level},
    },
    scenario::{Representation, Scenario, World},
    session::{Answer as Move, Author, Keep, Need, Session},
    user::{Reaction, words::mood_word},
    worker::runner::clip,
};
use std::rc::Rc;

/// The most of anything that is told of a reading.
const LISTED: usize = 8;

/// A language model that is reading.
pub(super) struct Asking {
    id: u32,
    words: String,
    after: u32,
    model: String,
    dialect: Dialect,
    prompts: Box<Prompts>,
    request: Request,
    told: ModelReading,
    ms: u64,
}

/// The scenario's session, played by the built-in sides, in which words are said.
pub(super) struct Talk {
    knowledge: Rc<Knowledge>,
    world: Rc<World>,
    session: Session,
    past: Vec<PastTurn>,
}

impl Talk {
    fn new(scenario: &Scenario, world: &Rc<World>, seed: u64) -> Answer<Self> {
        // Words name topics and creators, so that the textual items are what they are read against.
        let scenario = Rc::new(Scenario { representation: Representation::Text, ..scenario.clone() });
        let knowledge = Knowledge::new(scenario.clone(), world.clone());
        let mut served =
            recommender::make(&scenario.recommender, &knowledge).map_err(|e| problem("scenario", e.to_string()))?;
        let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
        let by = Author::Builtin;
        loop {
            let answer = match session.poll() {
                Need::Slate(_) => recommender::answer(served.as_mut(), &session, false),
                Need::Reply { .. } => Move::Reply { words: session.builtin_reply(), by },
                Need::Review { .. } => Move::Review { reaction: session.builtin_reaction(), by },
                Need::Verdict { .. } => Move::Verdict { verdict: session.builtin_verdict(), by },
                Need::Over(_) => break,
            };
            session.answer(answer).map_err(|e| problem("scenario", e.to_string()))?;
        }
        let past = session.history().to_vec();
        let session = Session::new(scenario, world.clone(), seed, Keep::Totals);
        Ok(Self { knowledge, world: world.clone(), session, past })
    }

    pub(super) fn stage(&self) -> (Rc<Knowledge>, Rc<World>) {
        (self.knowledge.clone(), self.world.clone())
    }

    /// The turns before the words, which are said at their end.
    fn before(&self, words: &str, after: u32) -> Vec<PastTurn> {
        let mut history = self.past[..(after as usize).min(self.past.len())].to_vec();
        if let Some(last) = history.last_mut() {
            say(last, words);
        }
        history
    }

    fn obs<'a>(&'a self, history: &'a [PastTurn]) -> Observation<'a> {
        Observation { history, turn: history.len() as u32, ..self.session.observation() }
    }

    fn read(&self, words: &str, after: u32, clock: &dyn Fn() -> f64) -> Readings {
        let history = self.before(words, after);
        let after = history.len();
        let obs = self.obs(&history);
        let shelf = self.world.shelf();
        let level = |level: Level| {
            let reader = self.knowledge.understanding(level);
            // The first reading of a level also readies its program; what a turn takes is the next one's time.
            let _ready = reader.read(words, &obs);
            let began = clock();
            let silent = words.trim().is_empty().then(|| read_silence(&reader, &obs, shelf)).flatten();
            if let Some((intent, read_as)) = silent {
                return Reading { read_as, ..reading(level, &intent, shelf, clock() - began) };
            }
            let intent = reader.read(words, &obs);
            reading(level, &intent, shelf, clock() - began)
        };
        let shown = history.last().map(|turn| {
            let reactions = turn.reactions.iter().copied().chain(std::iter::repeat(Reaction::default()));
            let title = |i: ItemIx| clip(&shelf.items[i as usize].title, 80);
            turn.items.iter().zip(reactions).map(|(&i, r)| (title(i), done(&r).to_owned())).collect()
        });
        Readings {
            words: clip(words, 300),
            after: after as u32,
            turns: self.past.len() as u32,
            slate: shown.unwrap_or_default(),
            levels: Level::ALL.map(level).into(),
        }
    }
}

/// What was done with an item, in a word or two.
fn done(r: &Reaction) -> &'static str {
    match (r.examined, r.clicked) {
        (false, _) => "not looked at",
        (true, false) => "skipped",
        (true, true) if r.liked => "opened, liked",
        (true, true) => "opened",
    }
}

fn reading(level: Level, i: &Intent, shelf: &Shelf, ms: f64) -> Reading {
    let topics = |list: &[(u16, f32)]| {
        let name = |t: u16| shelf.topics.get(usize::from(t)).map_or_else(String::new, |n| clip(n, 60));
        list.iter().take(LISTED).map(|(t, w)| format!("{} ({:.0} %)", name(*t), 100.0 * w)).collect::<Vec<_>>()
    };
    let makers = |list: &[u32]| {
        let name = |c: u32| shelf.creators.get(c as usize).map_or_else(String::new, |n| clip(n, 60));
        list.iter().take(LISTED).map(|c| name(*c)).collect::<Vec<_>>()
    };
    let seconds = |s: Option<f32>| s.map(|s| format!("{s:.0} s")).into_iter().collect::<Vec<_>>();
    let yes = |is: bool| is.then(|| "yes".to_owned()).into_iter().collect::<Vec<_>>();
    let parts = [
        ("More", topics(&i.more)),
        ("Less", topics(&i.less)),
        ("Avoid", topics(&i.avoid)),
        ("Keep", makers(&i.keep_creators)),
        ("Nothing by", makers(&i.avoid_creators)),
        ("At most", seconds(i.max_s)),
        ("At least", seconds(i.min_s)),
        ("Mood", i.mood.map(|m| mood_word(m).to_owned()).into_iter().collect()),
        ("Better items", yes(i.better)),
        ("Something new", (i.surprise > 0.0).then(|| format!("{:.0} %", 100.0 * i.surprise)).into_iter().collect()),
    ];
    let holds = match i.holds_turns {
        0 => "nothing to hold".to_owned(),
        1 => "1 turn".to_owned(),
        n if n >= 100 => "the rest of the session".to_owned(),
        n => format!("{n} turns"),
    };
    Reading {
        level: level.name().to_owned(),
        read_as: i.read_as(shelf),
        nothing: i.is_empty(),
        parts: parts.into_iter().filter(|p| !p.1.is_empty()).map(|(n, v)| (n.to_owned(), v)).collect(),
        holds: if i.is_empty() { "nothing to hold".to_owned() } else { holds },
        confidence: i.confidence,
        beliefs: i.beliefs.clone(),
        question: i.question.as_ref().map(|q| Question {
            text: clip(&q.text, 300),
            options: q.options.iter().map(|o| clip(&o.words, 100)).collect(),
            worth: q.worth,
        }),
        notes: i.notes.iter().take(LISTED).map(|n| clip(n, 200)).collect(),
        unread: i.unread.iter().map(|w| clip(w, 40)).collect(),
        ms,
    }
}

impl Open {
    /// The session in which words are said, played when it is first needed.
    pub(super) fn talk(&mut self) -> Answer<&Talk> {
        if self.talk.is_none() {
            let none = || problem("", "The items are not there yet.");
            let world = self.study.worlds().next().map(|w| w.1.clone()).ok_or_else(none)?;
            let seed = super::first_seed(&self.scenario.seed)?;
            self.talk = Some(Talk::new(&self.scenario, &world, seed)?);
        }
        self.talk.as_ref().ok_or_else(|| problem("", "The session was not played."))
    }

    /// Lets a language model read words: what it is asked.
    pub(super) fn model_read(
        &mut self,
        words: &str,
        after: u32,
        (model, dialect, prompts): (String, Dialect, Box<Prompts>),
    ) -> Answer<Event> {
        let words: String = words.chars().take(MOST_WORDS).collect();
        let talk = self.talk()?;
        let history = talk.before(&words, after);
        let after = history.len() as u32;
        let request = reader::request(&words, &talk.obs(&history), &prompts);
        self.asked += 1;
        let id = self.asked;
        let told = ModelReading { words: clip(&words, 300), after, model: model.clone(), ..ModelReading::default() };
        let body = request.body(&model, &dialect, false);
        self.asking = Some(Asking { id, words, after, model, dialect, prompts, request, told, ms: 0 });
        Ok(Event::ModelCall { id, body })
    }

    /// Takes the model's reply; an answer that cannot be used is asked for once more.
    pub(super) fn model_reply(&mut self, id: u32, outcome: Result<Reply, Fault>, ms: u64) -> Answer<Option<Event>> {
        let Some(mut asking) = self.asking.take_if(|a| a.id == id) else { return Ok(None) };
        asking.ms += ms;
        let reply = match outcome {
            Ok(reply) => with_usage(reply, &asking.request),
            Err(fault) => {
                asking.told.problem = fault.words();
                asking.told.fault = Some(fault);
                return Ok(Some(Event::ModelRead(Box::new(asking.told))));
            }
        };
        asking.told.calls += 1;
        asking.told.tokens += u64::from(reply.usage.prompt) + u64::from(reply.usage.completion);
        match reader::answer(&reply, &asking.request) {
            Ok(answer) => {
                let talk = self.talk()?;
                let history = talk.before(&asking.words, asking.after);
                let intent = reader::intent(&answer, &asking.words, &talk.obs(&history), &asking.model);
                let shelf = talk.world.shelf();
                asking.told.reading = Some(reading(Level::LanguageModel, &intent, shelf, asking.ms as f64));
            }
            Err(why) if asking.told.calls == 1 => {
                repair(&mut asking.request, &reply.text, &why, &asking.prompts);
                self.asked += 1;
                asking.id = self.asked;
                let (id, body) = (asking.id, asking.request.body(&asking.model, &asking.dialect, false));
                self.asking = Some(asking);
                return Ok(Some(Event::ModelCall { id, body }));
            }
            Err(why) => asking.told.problem = format!("Its answer could not be used: {}.", clip(&why, 300)),
        }
        Ok(Some(Event::ModelRead(Box::new(asking.told))))
    }

    /// Reads the words that wait, once there are items.
    pub(super) fn read(&mut self, clock: &dyn Fn() -> f64, events: &mut Vec<Event>) -> Answer {
        if self.mapped == 0 {
            return Ok(());
        }
        let Some((words, after)) = self.waiting.take() else { return Ok(()) };
        let words: String = words.chars().take(MOST_WORDS).collect();
        events.push(Event::Read(Box::new(self.talk()?.read(&words, after, clock))));
        Ok(())
    }
}
