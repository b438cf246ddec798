//! A session with its recommender and the tape of its answers: played, scrubbed, forked and replayed.
//!
//! A *moment* is a number of answers given: moment 0 is before the first slate. Going back replays the tape from the
//! start, which takes microseconds a turn, so nothing else has to be kept.

use super::{Answer, AnswerError, Author, Interview, Keep, Metrics, Need, Place, Remark, Session, TurnRecord};
use crate::{
    catalog::ItemIx,
    math::order,
    recommender::{self, Observation, Recommender},
    scenario::{RecommenderSpec, Scenario, World},
};
use serde::{Deserialize, Serialize};
use std::{fmt, rc::Rc};

/// The format that [`Player::trajectory`] writes.
pub const TRAJECTORY: &str = "recoworld/trajectory-v1";

/// Something that is different from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Another recommender serves.
    Recommender(RecommenderSpec),
    /// Whether the user's instructions reach the recommender.
    Instructions(bool),
    /// Luck is another seed's (a string, so that JavaScript cannot round it); the user stays.
    Seed(#[serde(with = "seed_text")] u64),
}

/// Seeds as strings.
pub mod seed_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the seed as a string.
    ///
    /// # Errors
    /// Those of the serialiser.
    pub fn serialize<S: Serializer>(seed: &u64, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(seed)
    }

    /// Reads the seed from a string.
    ///
    /// # Errors
    /// When the string is not a whole number below 2⁶⁴.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<u64, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(|_| D::Error::custom(format!("the seed \"{text}\" is not a whole number below 2^64")))
    }
}

/// A change and the moment before whose answer it applies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// The moment.
    pub at: usize,
    /// What is different from there on.
    pub change: Change,
}

/// A whole run: what defines it (scenario, changes, answers) and what came of it (turns with every cause, metrics).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trajectory {
    /// The format's name and version, [`TRAJECTORY`].
    pub schema: String,
    /// The scenario.
    pub scenario: Scenario,
    /// What was changed on the way, in order.
    #[serde(default)]
    pub changes: Vec<Changed>,
    /// Every answer, in order.
    pub answers: Vec<Answer>,
    /// The turns.
    #[serde(default)]
    pub turns: Vec<TurnRecord>,
    /// What they amount to.
    #[serde(default)]
    pub metrics: Metrics,
    /// What a language model said beside its answers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
    /// What the user said after the session, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interview: Option<Interview>,
    /// Where the session stood when it was saved, where there is more to it than this run to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Why a player could not do what was asked.
#[derive(Debug)]
pub enum PlayError {
    /// The scenario's seed is not a whole number below 2⁶⁴.
    Seed(String),
    /// The recommender cannot be made; the words say why.
    Recommender(String),
    /// An answer of the tape does not fit.
    Answer {
        /// Which answer, from 0.
        at: usize,
        /// Why.
        why: AnswerError,
    },
}

impl fmt::Display for PlayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seed(s) => write!(f, "the seed \"{s}\" is not a whole number below 2^64"),
            Self::Recommender(why) => f.write_str(why),
            Self::Answer { at, why } => write!(f, "answer {at} of the tape does not fit this scenario: {why}"),
        }
    }
}

impl std::error::Error for PlayError {}

/// Makes a recommender for a world.
pub type Make = Rc<dyn Fn(&RecommenderSpec) -> Result<Box<dyn Recommender>, String>>;

/// A session being played.
pub struct Player {
    session: Session,
    seed: u64,
    make: Make,
    recommender: Box<dyn Recommender>,
    spec: RecommenderSpec,
    answers: Vec<Answer>,
    changes: Vec<Changed>,
    remarks: Vec<Remark>,
    interview: Option<Interview>,
    moment: usize,
}

impl Player {
    /// A player at moment 0.
    ///
    /// # Errors
    /// When the seed is no number or the recommender cannot be made.
    pub fn new(scenario: Rc<Scenario>, world: Rc<World>, make: Make) -> Result<Self, PlayError> {
        let seed = scenario.seed.parse().map_err(|_| PlayError::Seed(scenario.seed.clone()))?;
        let spec = scenario.recommender.clone();
        let recommender = make(&spec).map_err(PlayError::Recommender)?;
        let session = Session::new(scenario, world, seed, Keep::Everything);
        Ok(Self {
            session,
            seed,
            make,
            recommender,
            spec,
            answers: vec![],
            changes: vec![],
            remarks: vec![],
            interview: None,
            moment: 0,
        })
    }

    /// The session at the present moment.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The present moment.
    #[must_use]
    pub fn moment(&self) -> usize {
        self.moment
    }

    /// The last moment of the tape.
    #[must_use]
    pub fn moments(&self) -> usize {
        self.answers.len()
    }

    /// The tape.
    #[must_use]
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// What was changed on the way.
    #[must_use]
    pub fn changes(&self) -> &[Changed] {
        &self.changes
    }

    /// The recommender in force.
    #[must_use]
    pub fn recommender(&self) -> &RecommenderSpec {
        &self.spec
    }

    /// The recommender that was in force when the slate shown was composed: after a fork in the middle of a turn, another
    /// one than [`recommender`](Self::recommender).
    #[must_use]
    pub fn composer(&self) -> &RecommenderSpec {
        let played = &self.answers[..self.moment];
        let Some(composed) = played.iter().rposition(|a| matches!(a, Answer::Slate { .. })) else { return &self.spec };
        let before = self.changes.iter().filter(|c| c.at <= composed);
        let mut served =
            before.filter_map(|c| if let Change::Recommender(spec) = &c.change { Some(spec) } else { None });
        served.next_back().unwrap_or(&self.session.scenario().recommender)
    }

    /// What the built-in drivers would answer now; `None` when the session is over.
    ///
    /// # Errors
    /// Never for built-in drivers; kept apart from the tape so that views may ask.
    pub fn builtin_answer(&mut self) -> Option<Answer> {
        let by = Author::Builtin;
        match self.session.poll() {
            Need::Slate(_) => Some(recommender::answer(&mut *self.recommender, &self.session, true)),
            Need::Reply { .. } => Some(Answer::Reply { words: self.session.builtin_reply(), by }),
            Need::Review { .. } => Some(Answer::Review { reaction: self.session.builtin_reaction(), by }),
            Need::Verdict { .. } => Some(Answer::Verdict { verdict: self.session.builtin_verdict(), by }),
            Need::Over(_) => None,
        }
    }

    /// One moment on: along the tape while there is some, else by the built-in drivers. False when the session is over.
    ///
    /// # Errors
    /// When an answer does not fit, which for built-in drivers would be a defect.
    pub fn step(&mut self) -> Result<bool, PlayError> {
        if self.moment < self.answers.len() {
            let answer = self.answers[self.moment].clone();
            self.session.answer(answer).map_err(|why| PlayError::Answer { at: self.moment, why })?;
            self.moment += 1;
            self.apply_changes()?;
            return Ok(true);
        }
        let Some(answer) = self.builtin_answer() else { return Ok(false) };
        self.session.answer(answer.clone()).map_err(|why| PlayError::Answer { at: self.moment, why })?;
        self.answers.push(answer);
        self.moment += 1;
        Ok(true)
    }

    /// To the end of the present turn (past its verdict). False when the session is over.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn step_turn(&mut self) -> Result<bool, PlayError> {
        let turn = self.session.turn();
        let mut moved = false;
        while self.session.end().is_none() && self.session.turn() == turn {
            moved |= self.step()?;
        }
        Ok(moved)
    }

    /// To the end of the session.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn run(&mut self) -> Result<(), PlayError> {
        while self.step()? {}
        Ok(())
    }

    /// Takes a person's or a model's answer at the present moment. What the tape held after it is dropped.
    ///
    /// # Errors
    /// When the answer does not fit; nothing has changed then.
    pub fn answer(&mut self, answer: Answer) -> Result<(), AnswerError> {
        self.session.answer(answer.clone())?;
        self.cut();
        self.answers.push(answer);
        self.moment += 1;
        Ok(())
    }

    /// Makes something different from the present moment on. What the tape held after it is dropped.
    ///
    /// # Errors
    /// When the recommender cannot be made; nothing has changed then.
    pub fn change(&mut self, change: Change) -> Result<(), PlayError> {
        self.apply(&change)?;
        self.cut();
        self.changes.push(Changed { at: self.moment, change });
        Ok(())
    }

    /// As [`answer`](Self::answer), with what was said beside it.
    ///
    /// # Errors
    /// When the answer does not fit; nothing has changed then.
    pub fn answer_saying(&mut self, answer: Answer, remark: Remark) -> Result<(), AnswerError> {
        let at = self.moment;
        self.answer(answer)?;
        if remark != (Remark { at: remark.at, ..Remark::default() }) {
            self.remarks.push(Remark { at, ..remark });
        }
        Ok(())
    }

    /// What was said beside the answers of the tape, in order.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// What was said beside the answer that was given at a moment.
    #[must_use]
    pub fn remark_on(&self, moment: usize) -> Option<&Remark> {
        self.remarks.binary_search_by_key(&moment, |r| r.at).ok().map(|i| &self.remarks[i])
    }

    /// What the user said after the session.
    #[must_use]
    pub fn interview(&self) -> Option<&Interview> {
        self.interview.as_ref()
    }

    /// Keeps what the user said after the session.
    pub fn set_interview(&mut self, interview: Interview) {
        self.interview = Some(interview);
    }

    /// Takes over what was said beside the answers of a run that was read back.
    pub fn set_remarks(&mut self, remarks: Vec<Remark>, interview: Option<Interview>) {
        (self.remarks, self.interview) = (remarks, interview);
        order::sort_by_key(&mut self.remarks, |r| r.at);
    }

    /// Some items in the order in which the recommender in force would show them now, at most `n`.
    pub fn rank(&mut self, among: &[ItemIx], n: usize) -> Vec<ItemIx> {
        let mut candidates = among.to_vec();
        candidates.sort_unstable();
        candidates.dedup();
        let slate_size = n.min(candidates.len());
        let observation = Observation { candidates: &candidates, slate_size, ..self.session.observation() };
        let mut slate = Vec::with_capacity(slate_size);
        if slate_size > 0 {
            self.recommender.recommend(&observation, &mut self.session.recommender_stream(), &mut slate, None);
        }
        slate
    }

    fn cut(&mut self) {
        self.answers.truncate(self.moment);
        self.remarks.retain(|r| r.at < self.moment);
        self.interview = None;
        self.changes.retain(|c| c.at <= self.moment);
    }

    fn apply(&mut self, change: &Change) -> Result<(), PlayError> {
        match change {
            Change::Recommender(spec) => {
                self.recommender = (self.make)(spec).map_err(PlayError::Recommender)?;
                self.spec = spec.clone();
            }
            Change::Instructions(on) => self.session.set_instructions(*on),
            Change::Seed(seed) => self.session.reseed(*seed),
        }
        Ok(())
    }

    fn apply_changes(&mut self) -> Result<(), PlayError> {
        let due: Vec<Change> = self.changes.iter().filter(|c| c.at == self.moment).map(|c| c.change.clone()).collect();
        due.iter().try_for_each(|c| self.apply(c))
    }

    /// Goes to a moment of the tape (its end, if there are fewer).
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn seek(&mut self, moment: usize) -> Result<(), PlayError> {
        let moment = moment.min(self.answers.len());
        if moment < self.moment {
            let (scenario, world) = (self.session.scenario().clone(), self.session.world().clone());
            self.session = Session::new(scenario, world, self.seed, Keep::Everything);
            self.moment = 0;
            self.apply(&Change::Recommender(self.session.scenario().recommender.clone()))?;
            self.apply_changes()?;
        }
        while self.moment < moment {
            self.step()?;
        }
        Ok(())
    }

    /// Another player with the same past up to a moment and something different from there on.
    ///
    /// # Errors
    /// When the recommender cannot be made.
    pub fn fork(&self, moment: usize, change: Change) -> Result<Self, PlayError> {
        let mut fork = self.replayed(moment)?;
        fork.change(change)?;
        Ok(fork)
    }

    /// This tape up to a moment, on a player of its own.
    fn replayed(&self, moment: usize) -> Result<Self, PlayError> {
        let (scenario, world) = (self.session.scenario().clone(), self.session.world().clone());
        let mut other = Self::new(scenario, world, self.make.clone())?;
        other.answers = self.answers[..moment.min(self.answers.len())].to_vec();
        other.changes = self.changes.iter().filter(|c| c.at <= moment).cloned().collect();
        other.remarks = self.remarks.iter().filter(|r| r.at < moment).cloned().collect();
        other.apply_changes()?;
        other.seek(moment)?;
        Ok(other)
    }

    /// The whole tape with all that came of it.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn trajectory(&self) -> Result<Trajectory, PlayError> {
        let whole = self.replayed(self.answers.len())?;
        Ok(Trajectory {
            schema: TRAJECTORY.to_owned(),
            scenario: (**self.session.scenario()).clone(),
            changes: self.changes.clone(),
            answers: self.answers.clone(),
            turns: whole.session.turns().to_vec(),
            metrics: whole.session.metrics(),
            remarks: self.remarks.clone(),
            interview: self.interview.clone(),
            place: None,
        })
    }

    /// A player at the end of a tape, which it checks answer by answer.
    ///
    /// # Errors
    /// When an answer does not fit the scenario, naming which.
    pub fn replay(
        scenario: Rc<Scenario>,
        world: Rc<World>,
        make: Make,
        changes: Vec<Changed>,
        answers: Vec<Answer>,
    ) -> Result<Self, PlayError> {
        let mut player = Self::new(scenario, world, make)?;
        (player.changes, player.answers) = (changes, answers);
        player.apply_changes()?;
        player.seek(player.answers.len())?;
        Ok(player)
    }
}
