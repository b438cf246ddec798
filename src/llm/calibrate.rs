//! The temperature of scored mode, fitted where there is data: sessions in which a person or the built-in user acted.
//!
//! For slates of those sessions the model is asked, item by item, what the user does, exactly as in scored mode; what the
//! user did is known. The temperature is the one under which that is the most likely ([`temperature`](super::temperature)).
//! It is judged on slates that it was not fitted on, beside equal chances and beside how often each action is taken at all:
//! a model that tells less than those says little about this user, however it is scaled.

use super::{
    battery::{Ask, Battery, Series},
    chat::{Message, Reply, Request, Role},
    fault::Fault,
    picture::Picture,
    prompt::estimate_messages,
    scored::{Scored, TOP, letter_logprobs, logits, meaning_of},
    settings::{Debias, Settings},
    temperature::{Choice, Temperature, fit, held_out, log_likelihood},
    user::ACTIONS,
};
use crate::{
    recommender::{self, Knowledge},
    scenario::{Scenario, World},
    session::{
        Answer, Author, Keep, Session,
        player::{Change, Changed, Make, Player},
    },
};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The format's name and version.
pub const CALIBRATION: &str = "recoworld/calibration-v1";
/// The fewest actions that a temperature is fitted to.
pub const LEAST: usize = 8;
/// The most that are asked about.
pub const MOST: usize = 2000;
/// Sessions of the built-in user that are played where none are brought.
const SESSIONS: u64 = 3;
/// Into how many parts slates are put, each judged at the temperature that the others give.
const PARTS: usize = 4;

/// A session that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// Its scenario.
    pub scenario: Rc<Scenario>,
    /// The world that it was played in.
    pub world: Rc<World>,
    /// What was changed on the way.
    pub changes: Vec<Changed>,
    /// Every answer, in order.
    pub answers: Vec<Answer>,
}

/// One question, of which one letter is the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    system: String,
    user: String,
    pictures: Vec<Picture>,
    seed: u32,
    /// Which meaning stands at each letter.
    order: Vec<usize>,
}

/// What one question is to tell: which action was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Case {
    /// The question, as a place in the plan.
    question: usize,
    /// The question about an item without content, where that is divided out.
    prior: Option<usize>,
    /// What the user did, as a place in [`ACTIONS`].
    chosen: usize,
    /// The slate, counted over all sessions.
    slate: usize,
}

/// What is to be asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    questions: Vec<Question>,
    cases: Vec<Case>,
    /// Actions of a person or the built-in user in the sessions.
    pub actions: usize,
}

/// How good a temperature is, as the mean log-probability of what the user did, natural logarithms. Higher is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// As the model tells it, at temperature 1.
    pub as_told: f64,
    /// At the temperature that the other slates give.
    pub fitted: f64,
    /// With equal chances for all actions.
    pub equal: f64,
    /// With each action as likely as it was on the other slates, one of each added.
    pub shares: f64,
}

/// A fitted temperature, with what it is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The format's name and version, [`CALIBRATION`].
    pub schema: String,
    /// The model's name.
    pub model: String,
    /// How bias was taken out: a temperature is for that alone.
    pub debias: Debias,
    /// The temperature with its 95 % interval.
    pub temperature: Temperature,
    /// Actions that it was fitted to.
    pub actions: usize,
    /// Slates that they are of.
    pub slates: usize,
    /// Questions to which the model gave no letter.
    pub unread: usize,
    /// What it is worth, on slates that it was not fitted on.
    pub scores: Scores,
    /// What the questions took, tokens.
    pub tokens: u64,
    /// What they took, seconds.
    pub seconds: f64,
}

impl Played {
    /// Sessions of a scenario on seeds in a row, played to their end by the built-in user and the scenario's recommender.
    ///
    /// # Errors
    /// In words, where the scenario cannot be played.
    pub fn by_builtin(scenario: &Scenario, world: &Rc<World>) -> Result<Vec<Self>, String> {
        let first = scenario.seed().map_err(|e| e.to_string())?;
        let knowledge = Knowledge::new(Rc::new(scenario.clone()), world.clone());
        let make: Make = Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
        let one = |n| {
            let scenario = Rc::new(Scenario { seed: first.wrapping_add(n).to_string(), ..scenario.clone() });
            let played = Player::new(scenario.clone(), world.clone(), make.clone());
            let played = played.and_then(|mut p| p.run().map(|()| p)).map_err(|e| e.to_string())?;
            Ok(Self { scenario, world: world.clone(), changes: Vec::new(), answers: played.answers().to_vec() })
        };
        (0..SESSIONS).map(one).collect()
    }
}

/// What one slate of a session offers.
struct Slate {
    session: usize,
    turn: usize,
    reviewed: usize,
}

/// What was done, and by whom it may be learnt from: not by a model.
fn is_data(answer: &Answer) -> bool {
    matches!(answer, Answer::Review { reaction, by } if reaction.examined && *by != Author::Model)
}

/// The slates with actions to learn from, in order.
fn slates(sessions: &[Played]) -> Vec<Slate> {
    let mut out: Vec<Slate> = Vec::new();
    for (session, played) in sessions.iter().enumerate() {
        let mut turn = 0;
        for answer in &played.answers {
            match answer {
                Answer::Slate { .. } => {
                    out.push(Slate { session, turn, reviewed: 0 });
                    turn += 1;
                }
                answer if is_data(answer) => {
                    if let Some(slate) = out.last_mut() {
                        slate.reviewed += 1;
                    }
                }
                _ => {}
            }
        }
    }
    out.retain(|s| s.reviewed > 0);
    out
}

impl Plan {
    /// The questions about some `most` actions of the sessions, taken from slates that are spread over all of them.
    ///
    /// # Errors
    /// In words, where an answer does not fit its scenario, or where there are too few actions.
    pub fn new(sessions: &[Played], settings: &Settings, most: usize) -> Result<Self, String> {
        let all = slates(sessions);
        let actions: usize = all.iter().map(|s| s.reviewed).sum();
        if actions < LEAST {
            return Err(format!(
                "There are {actions} actions of a person or the built-in user to learn from, and {LEAST} are needed. What a model did does not count."
            ));
        }
        let most = most.clamp(LEAST, MOST);
        let take = (all.len() * most).div_ceil(actions).min(all.len());
        let chosen: Vec<&Slate> = (0..take).map(|i| &all[i * all.len() / take]).collect();
        let mut plan = Self { actions, ..Self::default() };
        for (at, played) in sessions.iter().enumerate() {
            let turns: Vec<usize> = chosen.iter().filter(|s| s.session == at).map(|s| s.turn).collect();
            plan.ask_about(played, &turns, settings)?;
        }
        Ok(plan)
    }

    /// Plays a session again, and words the questions about some of its turns.
    fn ask_about(&mut self, played: &Played, turns: &[usize], settings: &Settings) -> Result<(), String> {
        let seed = played.scenario.seed().map_err(|e| e.to_string())?;
        let mut session = Session::new(played.scenario.clone(), played.world.clone(), seed, Keep::Totals);
        let mut shown = 0;
        for (at, answer) in played.answers.iter().enumerate() {
            if turns.last().is_none_or(|last| shown > *last) {
                break;
            }
            for changed in played.changes.iter().filter(|c| c.at == at) {
                match &changed.change {
                    Change::Instructions(on) => session.set_instructions(*on),
                    Change::Seed(seed) => session.reseed(*seed),
                    // The slates are there.
                    Change::Recommender(_) => {}
                }
            }
            session.answer(answer.clone()).map_err(|e| format!("Answer {at} does not fit this scenario: {e}."))?;
            if matches!(answer, Answer::Slate { .. }) {
                if turns.contains(&shown) {
                    self.ask_about_slate(&session, &played.answers[at + 1..], settings);
                }
                shown += 1;
            }
        }
        Ok(())
    }

    /// Words the questions about the slate that was just shown: all of them as it begins, as scored mode does.
    fn ask_about_slate(&mut self, session: &Session, answers: &[Answer], settings: &Settings) {
        let Some(items) = session.history().last().map(|t| t.items.clone()) else { return };
        let slate = self.cases.last().map_or(0, |c| c.slate + 1);
        let mut scored = Scored::new(session, settings);
        let divides = settings.debias == Debias::Prior;
        let prior = divides.then(|| self.ask(&mut scored, None, session, settings));
        let here = answers.iter().take_while(|a| !matches!(a, Answer::Slate { .. }));
        let reviews = here.filter_map(|a| match a {
            Answer::Review { reaction, .. } => Some((reaction, is_data(a))),
            _ => None,
        });
        for (place, (&item, (reaction, counts))) in items.iter().zip(reviews).enumerate() {
            if counts {
                let question = self.ask(&mut scored, Some(place), session, settings);
                let chosen = meaning_of(reaction, session.world().shelf().items[item as usize].duration_s);
                self.cases.push(Case { question, prior, chosen, slate });
            }
        }
    }

    fn ask(&mut self, scored: &mut Scored, place: Option<usize>, session: &Session, settings: &Settings) -> usize {
        let (request, order) = scored.alone(place, session, settings);
        self.questions.push(Question::new(request, order));
        self.questions.len() - 1
    }

    /// How many questions there are.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.questions.len()
    }

    /// About how many tokens their prompts have.
    #[must_use]
    pub fn prompt_tokens(&self) -> u64 {
        self.questions.iter().map(|q| u64::from(estimate_messages(&q.request().messages))).sum()
    }
}

impl Question {
    fn new(request: Request, order: Vec<usize>) -> Self {
        let mut messages = request.messages.into_iter();
        let mut next = || messages.next().map_or_else(|| (String::new(), Vec::new()), |m| (m.content, m.pictures));
        let ((system, _), (user, pictures)) = (next(), next());
        Self { system, user, pictures, seed: request.seed, order }
    }

    fn request(&self) -> Request {
        let user = Message::new(Role::User, self.user.clone()).showing(self.pictures.clone());
        Request {
            messages: vec![Message::new(Role::System, self.system.clone()), user],
            shape: None,
            max_tokens: 1,
            temperature: 0.0,
            seed: self.seed,
            top_logprobs: TOP,
        }
    }
}

/// The questions being asked.
pub struct Fitting {
    plan: Plan,
    model: String,
    settings: Settings,
    /// What was told to each question so far: the letters' log-probabilities, where there were any.
    told: Vec<Option<Vec<f32>>>,
    series: Series,
    tokens: u64,
    took_ms: u64,
}

impl Fitting {
    /// Of a model, with the retries and time of some settings.
    #[must_use]
    pub fn new(plan: Plan, model: &str, settings: &Settings) -> Self {
        let (model, settings) = (model.to_owned(), settings.clone());
        Self { plan, model, settings, told: Vec::new(), series: Series::default(), tokens: 0, took_ms: 0 }
    }

    /// What came of it, from the questions answered so far.
    ///
    /// # Errors
    /// In words, where too few were answered with a letter.
    pub fn calibration(&self) -> Result<Calibration, String> {
        let letters = |question: usize| self.told.get(question)?.as_deref();
        let cases = self.plan.cases.iter().filter(|c| c.question < self.told.len());
        let (mut choices, mut slate_of, mut unread) = (Vec::new(), Vec::new(), 0);
        for case in cases {
            let prior = case.prior.map(letters);
            let (Some(told), false) = (letters(case.question), prior == Some(None)) else {
                unread += 1;
                continue;
            };
            let order = &self.plan.questions[case.question].order;
            choices.push(Choice { logits: logits(told, order, prior.flatten()), chosen: case.chosen });
            slate_of.push(case.slate);
        }
        let too_few = || {
            format!(
                "The model gave a letter for {} actions, and {LEAST} are needed. Scored mode is not for it.",
                choices.len()
            )
        };
        let temperature = fit(&choices).filter(|_| choices.len() >= LEAST).ok_or_else(too_few)?;
        let mut slates = slate_of.clone();
        slates.dedup();
        let part_of: Vec<usize> = slate_of.iter().map(|s| s % PARTS).collect();
        let as_told = log_likelihood(&choices, 1.0);
        let scores = Scores {
            as_told,
            fitted: held_out(&choices, &part_of, PARTS).unwrap_or(as_told),
            equal: -libm::log(ACTIONS.len() as f64),
            shares: by_shares(&choices, &part_of),
        };
        Ok(Calibration {
            schema: CALIBRATION.to_owned(),
            model: self.model.clone(),
            debias: self.settings.debias,
            temperature,
            actions: choices.len(),
            slates: slates.len(),
            unread,
            scores,
            tokens: self.tokens,
            seconds: self.took_ms as f64 / 1000.0,
        })
    }
}

/// The mean log-probability of what was done by how often it was done on the slates of other parts.
fn by_shares(choices: &[Choice], part_of: &[usize]) -> f64 {
    let each = choices.iter().zip(part_of).map(|(choice, part)| {
        let others = || choices.iter().zip(part_of).filter(|(_, p)| *p != part);
        let same = others().filter(|(c, _)| c.chosen == choice.chosen).count();
        libm::log((same + 1) as f64 / (others().count() + ACTIONS.len()) as f64)
    });
    each.sum::<f64>() / choices.len().max(1) as f64
}

impl Battery for Fitting {
    fn progress(&self) -> (usize, usize) {
        (self.told.len(), self.plan.questions.len())
    }

    fn poll(&mut self, now_ms: u64) -> Ask<'_> {
        let n = self.told.len();
        let Some(question) = self.plan.questions.get(n) else { return Ask::Done };
        if self.series.is_idle() {
            self.series.begin(n, question.request(), self.settings.timeout_ms);
        }
        self.series.poll(now_ms)
    }

    fn reply(&mut self, id: u32, outcome: Result<Reply, Fault>, took_ms: u64, now_ms: u64) {
        self.took_ms += took_ms;
        if let Ok(reply) = &outcome {
            self.tokens += u64::from(reply.usage.prompt) + u64::from(reply.usage.completion);
        }
        let Some(answer) = self.series.take(id, outcome, &self.settings.retry, now_ms) else { return };
        let order = &self.plan.questions[self.told.len()].order;
        self.told.push(answer.and_then(|reply| letter_logprobs(&reply, order.len())));
    }
}

impl Calibration {
    /// Whether the fit makes what the user did likelier than the model tells it.
    #[must_use]
    pub fn helps(&self) -> bool {
        self.scores.fitted > self.scores.as_told
    }

    /// What it comes to, in words.
    #[must_use]
    pub fn verdict(&self) -> String {
        let Scores { as_told, fitted, equal, shares } = self.scores;
        if !self.helps() {
            return "The fit does not make what users did likelier on other slates: leave the temperature at 1.".into();
        }
        let gain = format!("On other slates it makes what users did likelier ({as_told:.2} → {fitted:.2} an action).");
        let worth = if fitted <= equal {
            "Even so the model tells no more than equal chances."
        } else if fitted <= shares {
            "Even so it tells less than how often each action is taken: of this user the model knows little."
        } else {
            "It tells more than how often each action is taken."
        };
        format!("{gain} {worth}")
    }

    /// The calibration as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let t = &self.temperature;
        let high = t.high.map_or_else(|| "no bound".to_owned(), |h| format!("{h:.2}"));
        let Scores { as_told, fitted, equal, shares } = self.scores;
        let mut out = format!(
            "Temperature {:.2} (95 % interval {:.2} to {high}), fitted to {} actions on {} slates.\n",
            t.value, t.low, self.actions, self.slates
        );
        out += "Log-likelihood an action, on slates left out of the fit:\n";
        let rows = [
            ("at this temperature", fitted),
            ("as the model tells it", as_told),
            ("by how often each action is taken", shares),
            ("equal chances", equal),
        ];
        for (name, value) in rows {
            out += &format!("  {name:<36}{value:>8.3}\n");
        }
        if self.unread > 0 {
            out += &format!("To {} questions the model gave no letter.\n", self.unread);
        }
        out += &format!("{}\n{} tokens, {:.1} s.\n", self.verdict(), self.tokens, self.seconds);
        out
    }
}
