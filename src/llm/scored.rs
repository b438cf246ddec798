//! The model as the user, scored: the distribution over actions from the log-probabilities of one token after a prefix
//! that the server has in its cache. Comparable between items, and several times cheaper than writing.
//!
//! Raw label log-probabilities lean to certain letters and places. Either the actions are put to the letters in an order
//! drawn anew for each item, so that the lean averages out, or the distribution over an item without content is divided
//! out (Zhao et al., "Calibrate before use: improving few-shot performance of language models", 2021):
//! p(a) ∝ (p(a | item) / p(a | no content))^(1/T). The temperature T is fitted by [`calibrate`](super::calibrate).

use super::{
    chat::{Reply, Request},
    describe,
    prompt::{Part, fill, messages},
    settings::{Debias, Settings},
    shape::parse,
    task::{Given, Purposed, Taken, Task, sampling_seed, stream},
    temperature::RANGE,
    user::{ACTIONS, happened, instruction, instruction_shape, reaction, show, turn, user_parts, who},
};
use crate::{
    catalog::ItemIx,
    math,
    session::{Answer, Author, Remark, Session, Verdict, player::Player},
    user::Reaction,
};

/// What the letters say, in the order of [`ACTIONS`], and the share of an item that each takes in: stated, since one
/// token does not say it.
const MEANINGS: [(&str, f32); ACTIONS.len()] = [
    ("passes over it", 0.0),
    ("opens it and soon closes it", 0.15),
    ("opens it and stays for most of it", 0.75),
    ("stays to the end and likes it", 0.95),
    ("stays to the end and shares it", 0.95),
    ("stays to the end and comments on it", 0.95),
    ("stays to the end and follows who made it", 0.95),
];
/// A share of an item between what is closed soon and what is stayed with.
const STAYED: f32 = 0.45;
/// What the user may do at the end of a slate.
const VERDICTS: [&str; 3] = ["goes on to the next slate", "goes on, but says what should change", "leaves the app"];
const VERDICT_NAMES: [&str; 3] = ["continue", "instruct", "leave"];
const LETTERS: [&str; 7] = ["A", "B", "C", "D", "E", "F", "G"];
/// How many alternatives are asked for: room for each letter with and without a blank before it.
pub(super) const TOP: u8 = 20;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Asking {
    /// An item without content.
    Nothing,
    /// The item at this place.
    Item(usize),
    /// Whether to go on.
    Verdict,
    /// The words of the instruction.
    Words,
}

/// The scored reaction to the slate under review.
#[derive(Debug)]
pub struct Scored {
    items: Vec<ItemIx>,
    recalled: String,
    asking: Asking,
    prior: Option<Vec<f32>>,
    given: Vec<Given>,
}

impl Scored {
    /// A reaction to the slate that the session has just shown.
    #[must_use]
    pub fn new(session: &Session, settings: &Settings) -> Self {
        let items = session.history().last().map(|t| t.items.clone()).unwrap_or_default();
        let asking = if settings.debias == Debias::Prior { Asking::Nothing } else { Asking::Item(0) };
        Self { items, recalled: describe::memories(session), asking, prior: None, given: Vec::new() }
    }

    /// Which meaning stands at each letter for the present question.
    fn order(&self, session: &Session, settings: &Settings) -> Vec<usize> {
        let n = if self.asking == Asking::Verdict { VERDICTS.len() } else { ACTIONS.len() };
        let mut order: Vec<usize> = (0..n).collect();
        if settings.debias == Debias::Permute {
            stream(session, session.turn(), 100 + self.place()).sample_front(&mut order, n);
        }
        order
    }

    fn place(&self) -> u64 {
        match self.asking {
            Asking::Item(i) => i as u64,
            Asking::Verdict | Asking::Nothing | Asking::Words => self.items.len() as u64,
        }
    }

    fn question(&self, session: &Session, settings: &Settings) -> String {
        let shelf = session.world().shelf();
        let name = describe::line(&session.scenario().profile.name, 40);
        let asked = match self.asking {
            Asking::Nothing => format!("Item N/A: N/A. What does {name} do?"),
            Asking::Item(i) => {
                format!(
                    "Item {}: {}. What does {name} do?",
                    i + 1,
                    describe::title(shelf, &session.world().features().shown, self.items[i])
                )
            }
            Asking::Verdict => format!("{name}: {} What does {name} do now?", self.done_so_far(session)),
            Asking::Words => {
                let done = self.done_so_far(session);
                return fill(&settings.prompts.instruction, &[("name", &name), ("happened", &done)]);
            }
        };
        let meaning = |m: usize| if self.asking == Asking::Verdict { VERDICTS[m] } else { MEANINGS[m].0 };
        let order = self.order(session, settings);
        let lines: Vec<String> = order.iter().zip(LETTERS).map(|(&m, l)| format!("{l}) {}", meaning(m))).collect();
        format!("{asked}\n{}\nLetter:", lines.join("\n"))
    }

    /// What the sampled answers amount to so far, before the session has taken them.
    fn done_so_far(&self, session: &Session) -> String {
        let shelf = session.world().shelf();
        let done = self.given.iter().zip(&self.items).filter_map(|(g, &item)| match g {
            Given::Answer(Answer::Review { reaction, .. }, _) => {
                let it = &shelf.items[item as usize];
                Some(format!(
                    "{} {}",
                    describe::deed(reaction, it.duration_s),
                    describe::title(shelf, &session.world().features().shown, item)
                ))
            }
            _ => None,
        });
        let done: Vec<String> = done.collect();
        if done.is_empty() { happened(session) } else { format!("{}.", done.join("; ")) }
    }

    /// The question about the item at a place of the slate, or about an item without content, asked by itself; and which
    /// meaning stands at each letter.
    pub(super) fn alone(
        &mut self,
        place: Option<usize>,
        session: &Session,
        settings: &Settings,
    ) -> (Request, Vec<usize>) {
        self.asking = place.map_or(Asking::Nothing, Asking::Item);
        (self.request(session, settings), self.order(session, settings))
    }

    fn take_item(&mut self, i: usize, session: &Session, chances: &[f32]) -> Taken {
        let chosen = draw(chances, stream(session, session.turn(), 200 + i as u64).uniform());
        let item = self.items[i];
        let duration = session.world().shelf().items[item as usize].duration_s;
        let reaction = reaction(ACTIONS[chosen], MEANINGS[chosen].1, duration);
        let remark = Remark { distribution: named(&ACTIONS, chances), ..Remark::default() };
        self.given.push(Given::Answer(Answer::Review { reaction, by: Author::Model }, remark));
        self.asking = if i + 1 < self.items.len() { Asking::Item(i + 1) } else { Asking::Verdict };
        Taken::More
    }

    fn take_verdict(&mut self, session: &Session, chances: &[f32]) -> Taken {
        let chosen = draw(chances, stream(session, session.turn(), 300).uniform());
        let remark = Remark { distribution: named(&VERDICT_NAMES, chances), ..Remark::default() };
        let verdict = if chosen == 2 { Verdict::Leave } else { Verdict::Continue };
        self.given.push(Given::Answer(Answer::Verdict { verdict, by: Author::Model }, remark));
        if chosen == 1 {
            self.asking = Asking::Words;
            return Taken::More;
        }
        Taken::Done(std::mem::take(&mut self.given))
    }

    fn take_words(&mut self, session: &Session, reply: &Reply) -> Taken {
        match parse(&reply.text, &instruction_shape(false)) {
            Ok(said) => {
                if let (Some(said), Some(Given::Answer(Answer::Verdict { verdict, .. }, _))) =
                    (instruction(session, &said), self.given.last_mut())
                {
                    *verdict = Verdict::Instruct(Box::new(said));
                }
                Taken::Done(std::mem::take(&mut self.given))
            }
            Err(why) => Taken::Refused(why),
        }
    }
}

fn named(names: &[&str], chances: &[f32]) -> Vec<(String, f32)> {
    names.iter().zip(chances).map(|(n, c)| ((*n).to_owned(), *c)).collect()
}

/// Which outcome a uniform number falls on.
fn draw(chances: &[f32], uniform: f32) -> usize {
    let mut sum = 0.0;
    chances
        .iter()
        .position(|c| {
            sum += c;
            uniform < sum
        })
        .unwrap_or(chances.len().saturating_sub(1))
}

/// Which meaning a reaction has, as a place in [`ACTIONS`].
pub(super) fn meaning_of(reaction: &Reaction, duration_s: f32) -> usize {
    match reaction {
        r if !r.clicked => 0,
        r if r.followed => 6,
        r if r.commented => 5,
        r if r.shared => 4,
        r if r.liked => 3,
        r if r.seconds < STAYED * duration_s => 1,
        _ => 2,
    }
}

/// The log-probability of each letter from the alternatives of the first token that is no blank. A letter that is not
/// among them gets half the chance of the least likely alternative. `None` where no letter is among them.
pub(super) fn letter_logprobs(reply: &Reply, n: usize) -> Option<Vec<f32>> {
    let token = reply.tokens.iter().find(|t| t.token.chars().any(char::is_alphanumeric)).or(reply.tokens.first())?;
    let mut mass = vec![0.0f32; n];
    let mut least = 0.0f32;
    for (text, logprob) in &token.top {
        least = least.min(*logprob);
        let letter = text.trim().trim_end_matches([')', '.', ':']);
        if let Some(at) = LETTERS[..n].iter().position(|l| l.eq_ignore_ascii_case(letter)) {
            mass[at] += math::exp(*logprob);
        }
    }
    if mass.iter().all(|m| *m <= 0.0) {
        return None;
    }
    let floor = 0.5 * math::exp(least.max(-30.0));
    Some(mass.into_iter().map(|m| math::ln(m.max(floor))).collect())
}

/// What is told of meanings, up to a constant: letters brought back to meanings, the prior divided out.
pub(super) fn logits(letters: &[f32], order: &[usize], prior: Option<&[f32]>) -> Vec<f32> {
    let mut logits = vec![0.0; order.len()];
    for (&meaning, l) in order.iter().zip(letters) {
        logits[meaning] = l - prior.map_or(0.0, |p| p[meaning]);
    }
    logits
}

/// The chances of meanings at a temperature.
fn calibrated(letters: &[f32], order: &[usize], prior: Option<&[f32]>, temperature: f32) -> Vec<f32> {
    let mut logits = logits(letters, order, prior);
    logits.iter_mut().for_each(|l| *l /= temperature.clamp(RANGE[0] as f32, RANGE[1] as f32));
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = logits.iter().map(|l| math::exp(l - top)).collect();
    let total: f32 = weights.iter().sum();
    weights.into_iter().map(|w| w / total).collect()
}

impl Task for Scored {
    fn purpose(&self) -> Purposed {
        match self.asking {
            Asking::Nothing | Asking::Item(_) => Purposed::Score,
            Asking::Verdict => Purposed::Decide,
            Asking::Words => Purposed::Instruct,
        }
    }

    fn request(&self, session: &Session, settings: &Settings) -> Request {
        let p = &settings.prompts;
        let shared = turn(session, &p.user_scored_turn, &self.items, &self.recalled);
        let words = self.asking == Asking::Words;
        let question = format!("{shared}\n\n{}", self.question(session, settings));
        let mut messages = messages(who(session, &p.user_scored), question);
        show(session, settings, &self.items, &mut messages);
        Request {
            messages,
            shape: words.then(|| instruction_shape(false)),
            max_tokens: if words { 120 } else { 1 },
            temperature: if words { settings.temperature } else { 0.0 },
            seed: sampling_seed(session, session.turn(), 400 + self.place()),
            top_logprobs: if words { 0 } else { TOP },
        }
    }

    fn parts(&self, session: &Session, settings: &Settings) -> Vec<Part> {
        let p = &settings.prompts;
        let mut parts = user_parts(session, &p.user_scored, &p.user_scored_turn, &self.items, &self.recalled);
        parts.push(Part::new("the question", self.question(session, settings), false));
        parts
    }

    fn take(&mut self, player: &mut Player, settings: &Settings, reply: &Reply) -> Taken {
        let session = player.session();
        if self.asking == Asking::Words {
            return self.take_words(session, reply);
        }
        let order = self.order(session, settings);
        let Some(letters) = letter_logprobs(reply, order.len()) else {
            return Taken::Refused("the answer must be one of the letters, and come with log-probabilities".into());
        };
        let prior = if self.asking == Asking::Verdict { None } else { self.prior.as_deref() };
        let chances = calibrated(&letters, &order, prior, settings.score_temperature);
        match self.asking {
            Asking::Nothing => {
                self.prior = Some(letters);
                self.asking = Asking::Item(0);
                Taken::More
            }
            Asking::Item(i) => self.take_item(i, session, &chances),
            Asking::Verdict | Asking::Words => self.take_verdict(session, &chances),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::chat::TokenScore;

    fn reply(top: &[(&str, f32)]) -> Reply {
        let top = top.iter().map(|t| (t.0.to_owned(), math::ln(t.1))).collect();
        Reply { text: "A".into(), tokens: vec![TokenScore { token: "A".into(), top }], ..Reply::default() }
    }

    #[test]
    fn letters_count_with_and_without_a_blank_and_come_back_to_their_meanings() {
        let letters =
            letter_logprobs(&reply(&[("A", 0.3), (" A", 0.2), ("b)", 0.3), ("The", 0.2)]), 3).expect("letters");
        let chances = calibrated(&letters, &[2, 0, 1], None, 1.0);
        assert!((chances[2] / chances[0] - 0.5 / 0.3).abs() < 1e-3);
        assert!(chances[1] < chances[0] && (chances.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert_eq!(letter_logprobs(&reply(&[("The", 0.9)]), 3), None);
        assert_eq!(letter_logprobs(&Reply::default(), 3), None);
    }

    #[test]
    fn a_prior_is_divided_out_and_temperature_flattens() {
        let order = [0, 1];
        let seen = [math::ln(0.8), math::ln(0.2)];
        let even = calibrated(&seen, &order, Some(&seen), 1.0);
        assert!((even[0] - 0.5).abs() < 1e-5);
        let (cold, hot) = (calibrated(&seen, &order, None, 0.5), calibrated(&seen, &order, None, 2.0));
        assert!((cold[0] - 16.0 / 17.0).abs() < 1e-4 && (hot[0] - 2.0 / 3.0).abs() < 1e-4);
    }

    #[test]
    fn every_reaction_that_a_letter_makes_means_that_letter() {
        for (at, (_, share)) in MEANINGS.iter().enumerate() {
            assert_eq!(meaning_of(&reaction(ACTIONS[at], *share, 40.0), 40.0), at, "{}", ACTIONS[at]);
        }
    }

    #[test]
    fn outcomes_are_drawn_in_proportion() {
        assert_eq!([0.0, 0.29, 0.31, 0.999].map(|u| draw(&[0.3, 0.5, 0.2], u)), [0, 0, 1, 2]);
    }
}
