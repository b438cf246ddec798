//! How far a recommender understands what a user says: the same users, the same luck, another level of understanding.
//!
//! Every instruction is put in words of the held-out grammar (`data/instructions/heldout.txt`), on which nothing was tuned
//! (though what people's own sentences taught the readers since shares a few of its turns); the same author wrote both
//! grammars, so people's own words may be further off still. The user's hidden meaning is what
//! a reading is held against, and only here: the agent sees words and behaviour.

use super::{Estimate, Welford, paired};
#[cfg(feature = "whole")]
use crate::recommender::understand::Reader;
use crate::{
    catalog::Shelf,
    math::{Purpose, Source},
    recommender::{
        self, Knowledge, Observation, PastTurn, UnknownRecommender,
        understand::{Intent, Level, Understanding},
    },
    scenario::{RecommenderSpec, Scenario, World},
    session::{Answer, Author, Keep, Need, Session, Verdict},
    user::{
        Channel, Frame, Holds, Specificity, Term,
        grammar::Grammar,
        instruct::{Shown, points},
        words::{self, Saying},
    },
};
use std::{collections::BTreeMap, rc::Rc, sync::LazyLock};

/// After so many turns a user who has not recovered counts as not recovering, as does one who left.
pub const RECOVERY_CAP: u32 = 5;
/// The weight from which a topic counts as read.
const READ: f32 = 0.4;
/// Two limits of length are the same within this factor.
const ABOUT: f32 = 1.5;

/// The held-out grammar.
#[must_use]
pub fn heldout() -> &'static Grammar {
    static HELDOUT: LazyLock<Grammar> =
        LazyLock::new(|| Grammar::read(include_str!("../../data/instructions/heldout.txt")));
    &HELDOUT
}

/// How users speak in one part of the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// In words that name what they are about.
    Specific,
    /// In words that do not.
    Vague,
    /// By behaviour alone.
    Shown,
}

impl Manner {
    /// All manners.
    pub const ALL: [Self; 3] = [Self::Specific, Self::Vague, Self::Shown];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Specific => "explicit specific",
            Self::Vague => "explicit vague",
            Self::Shown => "implicit",
        }
    }
}

/// One thing that an instruction names.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    More(u16),
    Away(u16),
    NotBy(u32),
    Keep(u32),
    AtMost(f32),
    AtLeast(f32),
    Mood(u8),
    Better,
    New,
    For(Holds),
}

fn meant(f: &Frame) -> Vec<Slot> {
    let mut out: Vec<Slot> = f.toward.iter().map(|t| Slot::More(*t)).collect();
    out.extend(f.away.iter().map(|t| Slot::Away(*t)));
    out.extend(f.creator.map(Slot::NotBy));
    out.extend(f.keep.map(Slot::Keep));
    out.extend(f.max_s.map(|s| if f.ask == crate::user::Ask::Longer { Slot::AtLeast(s) } else { Slot::AtMost(s) }));
    out.extend(f.mood.map(|m| Slot::Mood(m as u8)));
    match f.ask {
        crate::user::Ask::Better => out.push(Slot::Better),
        crate::user::Ask::Surprise => out.push(Slot::New),
        _ => {}
    }
    out.extend(f.holds.map(Slot::For));
    out
}

fn read(i: &Intent, holds: bool) -> Vec<Slot> {
    let sure = |list: &[(u16, f32)]| list.iter().filter(|t| t.1 >= READ).map(|t| t.0).collect::<Vec<_>>();
    let mut out: Vec<Slot> = sure(&i.more).into_iter().map(Slot::More).collect();
    out.extend(sure(&i.less).into_iter().chain(sure(&i.avoid)).map(Slot::Away));
    out.extend(i.avoid_creators.iter().map(|c| Slot::NotBy(*c)));
    out.extend(i.keep_creators.iter().map(|c| Slot::Keep(*c)));
    out.extend(i.max_s.map(Slot::AtMost));
    out.extend(i.min_s.map(Slot::AtLeast));
    out.extend(i.mood.map(|m| Slot::Mood(m as u8)));
    out.extend(i.better.then_some(Slot::Better));
    out.extend((i.surprise > 0.0).then_some(Slot::New));
    if holds {
        out.extend(match i.holds_turns {
            0..=2 => Some(Slot::For(Holds::Moment)),
            3..=5 => Some(Slot::For(Holds::While)),
            100.. => Some(Slot::For(Holds::Session)),
            _ => None,
        });
    }
    out
}

fn same(a: &Slot, b: &Slot) -> bool {
    match (a, b) {
        (Slot::AtMost(x), Slot::AtMost(y)) | (Slot::AtLeast(x), Slot::AtLeast(y)) => x.max(*y) <= ABOUT * x.min(*y),
        _ => a == b,
    }
}

/// How well a reading gives a meaning, in [0, 1]: F1 over what the one names and the other (topics wanted and not, makers,
/// limits within a factor of 1.5, mood, worth, novelty, and for how long where that was meant).
#[must_use]
pub fn frame_f1(frame: &Frame, intent: &Intent) -> f64 {
    let (meant, read) = (meant(frame), read(intent, frame.holds.is_some()));
    let hits = meant.iter().filter(|m| read.iter().any(|r| same(m, r))).count();
    if meant.len() + read.len() == 0 { 1.0 } else { 2.0 * hits as f64 / (meant.len() + read.len()) as f64 }
}

/// What one session of one level gave; means over its instructions, `None` where there were none.
#[derive(Clone, Copy, Debug, Default)]
struct Episode {
    reward: f64,
    f1: Option<f64>,
    met: Option<f64>,
    recovery: Option<f64>,
    asked: f64,
}

/// One line of the study: a level (`None`: nothing is heard) with one manner of speaking.
#[derive(Clone, Debug)]
pub struct Row {
    /// How users spoke.
    pub manner: Manner,
    /// The level; `None` where nothing said reaches the recommender.
    pub level: Option<Level>,
    /// Whether it asks back where that is worth it.
    pub asks: bool,
    /// Questions asked, a session.
    pub asked: Estimate,
    /// Frame F1 on held-out forms.
    pub f1: Estimate,
    /// Share of instructions that the next slate met.
    pub met: Estimate,
    /// Turns until the user was no longer on the verge of leaving, [`RECOVERY_CAP`] where never.
    pub recovery: Estimate,
    /// The reward of a session.
    pub reward: Estimate,
    /// Reward, less that of the same sessions with nothing heard: saved from leaving.
    pub saved: Estimate,
    /// F1, less that of the lexical level on the same seeds.
    pub f1_gain: Option<Estimate>,
    /// Reward, less that of the lexical level on the same seeds.
    pub reward_gain: Option<Estimate>,
    /// Share met, less that of the lexical level on the same seeds.
    pub met_gain: Option<Estimate>,
    /// What asking gained: less the same level without it, on the same seeds.
    pub by_asking: Option<ByAsking>,
}

/// What asking gained.
#[derive(Clone, Copy, Debug)]
pub struct ByAsking {
    /// In F1.
    pub f1: Estimate,
    /// In the share met.
    pub met: Estimate,
    /// In reward.
    pub reward: Estimate,
}

impl Row {
    /// What the row is of: "not heard", a level, "reasoning, asks".
    #[must_use]
    pub fn name(&self) -> &'static str {
        match (self.level, self.asks) {
            (None, _) => "not heard",
            (Some(level), false) => level.name(),
            (Some(_), true) => "reasoning, asks",
        }
    }
}

/// The study, under way: sessions one at a time, every part having played as many as the others or one more.
pub struct Study {
    world: Rc<World>,
    parts: Vec<Part>,
    seed: u64,
    next: usize,
}

/// Which levels bring no more reward than not being heard, as far as the intervals tell, in words; nothing where all do.
/// Each is a level, how users spoke, and the reward that it saved.
#[must_use]
pub fn unclear<'a>(saved: impl IntoIterator<Item = (&'a str, &'a str, Estimate)>) -> Option<String> {
    let unclear = saved.into_iter().filter(|(.., saved)| saved.low <= 0.0);
    let names: Vec<String> = unclear.map(|(level, manner, _)| format!("{level} ({manner})")).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Not clear of users who are not heard at all: {}. What is misread costs about as much there as what is read right brings.",
            names.join(", ")
        )
    })
}

/// One manner and level.
struct Part {
    manner: Manner,
    level: Option<Level>,
    asks: bool,
    scenario: Rc<Scenario>,
    agent: Box<dyn recommender::Recommender>,
    reader: Option<Rc<Understanding>>,
    played: Vec<Episode>,
}

impl Study {
    /// Of every manner and level, on the seeds `seed`, `seed` + 1, …; nothing is played yet.
    ///
    /// # Errors
    /// Where the agent cannot be made, which its own settings alone could cause.
    pub fn new(knowledge: &Rc<Knowledge>, world: &Rc<World>, seed: u64) -> Result<Self, UnknownRecommender> {
        let mut parts = Vec::with_capacity(Self::PARTS);
        for manner in Manner::ALL {
            for level in core::iter::once(None).chain(Level::ALL.map(Some)) {
                parts.push(Part::new(knowledge, manner, level, false)?);
            }
            // Behaviour is not asked about: there are no words to be unsure of.
            if manner != Manner::Shown {
                parts.push(Part::new(knowledge, manner, Some(Level::Reasoning), true)?);
            }
        }
        Ok(Self { world: world.clone(), parts, seed, next: 0 })
    }

    /// With a language model as one more level, wherever there are words: at the end of each manner's parts, on the same
    /// seeds. To be called before anything is played.
    #[cfg(feature = "whole")]
    #[must_use]
    pub fn read_by(mut self, knowledge: &Rc<Knowledge>, reader: &Rc<dyn Reader>) -> Self {
        for manner in [Manner::Specific, Manner::Vague] {
            let end = self.parts.iter().rposition(|p| p.manner == manner).map_or(self.parts.len(), |n| n + 1);
            self.parts.insert(end, Part::read_by(knowledge, manner, reader));
        }
        self
    }

    /// How many parts there are without a language model: each manner without being heard and at each level, and where there are words also with
    /// questions back.
    pub const PARTS: usize = Manner::ALL.len() * (1 + Level::ALL.len()) + 2;

    /// Plays one session of one part.
    pub fn step(&mut self) {
        let seed = self.seed.wrapping_add((self.next / self.parts.len()) as u64);
        let part = self.next % self.parts.len();
        self.parts[part].play(&self.world, seed);
        self.next += 1;
    }

    /// Sessions played in all.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.next
    }

    /// Sessions that every part has played.
    #[must_use]
    pub fn episodes(&self) -> u32 {
        (self.next / self.parts.len()) as u32
    }

    /// The table so far.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let of_manner = self.parts.chunk_by(|a, b| a.manner == b.manner);
        of_manner.flat_map(|parts| (0..parts.len()).map(|n| row(parts, n)).collect::<Vec<_>>()).collect()
    }
}

impl Part {
    fn new(
        knowledge: &Rc<Knowledge>,
        manner: Manner,
        level: Option<Level>,
        asks: bool,
    ) -> Result<Self, UnknownRecommender> {
        let mut scenario = Scenario::clone(knowledge.scenario());
        scenario.instructions = level.is_some();
        let number = level.map_or(0.0, |l| f64::from(l as u8));
        let settings: BTreeMap<String, f64> =
            [("level".to_owned(), number), ("asks".to_owned(), f64::from(u8::from(asks)))].into();
        let spec = RecommenderSpec { name: "agent".to_owned(), settings };
        let agent = recommender::make(&spec, knowledge)?;
        let reader = level.map(|l| knowledge.understanding(l));
        Ok(Self { manner, level, asks, scenario: Rc::new(scenario), agent, reader, played: Vec::new() })
    }

    #[cfg(feature = "whole")]
    fn read_by(knowledge: &Rc<Knowledge>, manner: Manner, reader: &Rc<dyn Reader>) -> Self {
        let scenario = Rc::new(Scenario { instructions: true, ..Scenario::clone(knowledge.scenario()) });
        let agent = recommender::agent_read_by(knowledge, reader.clone());
        let understanding = Rc::new(Understanding::read_by(reader.clone(), knowledge.lexicon()));
        let level = Some(Level::LanguageModel);
        Self { manner, level, asks: false, scenario, agent, reader: Some(understanding), played: Vec::new() }
    }

    fn play(&mut self, world: &Rc<World>, seed: u64) {
        self.agent.reset();
        let mut session = Session::new(self.scenario.clone(), world.clone(), seed, Keep::Totals);
        self.played.push(play(&mut session, self.agent.as_mut(), self.manner, self.reader.as_deref(), seed));
    }
}

fn row(parts: &[Part], n: usize) -> Row {
    let mean = |of: fn(&Episode) -> Option<f64>| {
        let mut w = Welford::default();
        parts[n].played.iter().filter_map(of).for_each(|v| w.add(v));
        w.estimate()
    };
    let against = |base: usize, of: fn(&Episode) -> Option<f64>| {
        let both = parts[n].played.iter().zip(&parts[base].played).filter_map(|(a, b)| Some((of(a)?, of(b)?)));
        let (a, b): (Vec<f64>, Vec<f64>) = both.unzip();
        paired(&a, &b)
    };
    let above = n > 1;
    // The same level without questions stands just before.
    let by_asking = parts[n].asks.then(|| ByAsking {
        f1: against(n - 1, |e| e.f1),
        met: against(n - 1, |e| e.met),
        reward: against(n - 1, |e| Some(e.reward)),
    });
    Row {
        manner: parts[n].manner,
        level: parts[n].level,
        asks: parts[n].asks,
        asked: mean(|e| Some(e.asked)),
        by_asking,
        f1: mean(|e| e.f1),
        met: mean(|e| e.met),
        recovery: mean(|e| e.recovery),
        reward: mean(|e| Some(e.reward)),
        saved: against(0, |e| Some(e.reward)),
        f1_gain: above.then(|| against(1, |e| e.f1)),
        reward_gain: above.then(|| against(1, |e| Some(e.reward))),
        met_gain: above.then(|| against(1, |e| e.met)),
    }
}

/// Sums over a session's instructions.
#[derive(Default)]
struct Sums {
    f1: Welford,
    recovery: Welford,
    asked: u32,
    /// Turns since the last instruction, while not recovered.
    waiting: Option<u32>,
}

fn play(
    session: &mut Session,
    agent: &mut dyn recommender::Recommender,
    manner: Manner,
    reader: Option<&Understanding>,
    seed: u64,
) -> Episode {
    let by = Author::Builtin;
    let mut sums = Sums::default();
    let mut meaning: Option<Frame> = None;
    loop {
        let answer = match session.poll() {
            Need::Slate(obs) => {
                let answer = recommender::answer(agent, session, false);
                if matches!(answer, Answer::Ask { .. }) {
                    sums.asked += 1;
                } else if let (Some(frame), Some(reader)) = (meaning.take(), reader) {
                    sums.f1.add(frame_f1(&frame, &read_last(reader, manner, &obs)));
                }
                answer
            }
            Need::Reply { .. } => Answer::Reply { words: session.reply_in(heldout()), by },
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
            Need::Verdict { turn } => {
                sums.look(session);
                let verdict = spoken(session, manner, Source::new(seed).keyed(u64::from(turn)));
                if let Verdict::Instruct(i) = &verdict {
                    meaning.clone_from(&i.frame);
                    sums.waiting.get_or_insert(0);
                }
                Answer::Verdict { verdict, by }
            }
            Need::Over(_) => {
                if sums.waiting.is_some() {
                    sums.recovery.add(f64::from(RECOVERY_CAP));
                }
                let m = session.metrics();
                let some = |w: &Welford| (w.n() > 0).then(|| w.mean());
                return Episode {
                    reward: m.reward,
                    f1: some(&sums.f1),
                    met: (m.answered > 0).then(|| f64::from(m.met) / f64::from(m.answered)),
                    recovery: some(&sums.recovery),
                    asked: f64::from(sums.asked),
                };
            }
        };
        session.answer(answer).expect("built-in drivers answer what was asked");
    }
}

/// What the newest thing said or shown is read as, with what was answered about it.
fn read_last(reader: &Understanding, manner: Manner, obs: &Observation<'_>) -> Intent {
    let last = obs.history.last();
    let said = last.and_then(|t| t.said.as_ref()).map_or("", |s| s.1.as_str());
    match (manner, last.and_then(|t| t.asked.as_ref())) {
        (Manner::Shown, _) => reader.read_behaviour(obs, true).unwrap_or_default(),
        (_, Some(asked)) => reader.read_asked(said, asked, obs),
        (_, None) => reader.read(said, obs),
    }
}

/// What is read where not a word is said: in what was done with the last slate, as the agent reads it, with that in a
/// sentence. `None` where there was no slate, nothing is to be read in it, or the level reads words alone.
#[must_use]
pub fn read_silence(reader: &Understanding, obs: &Observation<'_>, shelf: &Shelf) -> Option<(Intent, String)> {
    let shown = obs.history.last()?.said.is_some();
    let mut intent = reader.read_behaviour(obs, shown)?;
    intent.notes.insert(0, "nothing was said: read in what was done with the last slate".to_owned());
    let read = intent.read_as(shelf);
    let sentence = format!("read in what was done: {}", read.strip_prefix("read as: ").unwrap_or(&read));
    Some((intent, sentence))
}

/// The turn before words, with these said at its end; where they are none, only what was shown without words stays.
pub fn say(last: &mut PastTurn, words: &str) {
    if !words.trim().is_empty() {
        last.said = Some((Channel::Explicit, words.to_owned()));
    } else if matches!(last.said, Some((Channel::Explicit, _))) {
        last.said = None;
    }
}

impl Sums {
    /// At the end of a slate: whether the user is still on the verge of leaving.
    fn look(&mut self, session: &Session) {
        let Some(turns) = self.waiting else { return };
        let turns = turns + 1;
        let safe = session.user().leave_forecast() < session.user().speaks_at();
        self.waiting = (!safe && turns < RECOVERY_CAP).then_some(turns);
        if self.waiting.is_none() {
            self.recovery.add(f64::from(turns));
        }
    }
}

/// The built-in user's verdict, what it says said in this manner.
fn spoken(session: &Session, manner: Manner, source: Source) -> Verdict {
    let Verdict::Instruct(mut i) = session.builtin_verdict() else { return session.builtin_verdict() };
    let Some(frame) = &mut i.frame else { return Verdict::Instruct(i) };
    i.channel = if manner == Manner::Shown { Channel::Implicit } else { Channel::Explicit };
    i.specificity = if manner == Manner::Specific { Specificity::Specific } else { Specificity::Vague };
    if manner != Manner::Specific {
        frame.holds = None;
    }
    i.words = String::new();
    if manner != Manner::Shown {
        let world = session.world();
        let last = session.history().last();
        let shown = last.map_or(Shown { items: &[], examined: 0 }, |t| Shown {
            items: &t.items,
            examined: t.reactions.iter().filter(|r| r.examined).count(),
        });
        let saying = Saying {
            frame,
            reason: i.reason.unwrap_or(Term::Mindset),
            specificity: i.specificity,
            pointing: points(frame, world, shown),
        };
        i.words = words::realise(&saying, heldout(), world.shelf(), &mut source.stream(Purpose::Words));
    }
    Verdict::Instruct(i)
}
