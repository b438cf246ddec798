//! The model as a reader of words: it fills in a form, and the form becomes the same [`Intent`] that the built-in levels of
//! understanding read, so that they can be compared.
//!
//! What is asked depends on the words, the shelf and the turns so far, and on nothing else: the same words in the same place
//! are the same request, and its digest knows it. **Words are data**: they stand in the prompt as one quoted line, and no
//! answer holds more than the form's fields, topics and creators by their number on the shelf.

use super::{
    chat::{Finish, Reply, Request},
    describe::{self, line},
    prompt::{Prompts, fill, messages},
    shape::{Shape, parse},
};
use crate::{
    catalog::{CreatorIx, MOODS, Mood, Shelf, TopicIx, represent::Shown},
    recommender::{Observation, understand::Intent},
};
use serde_json::Value;

/// The most topics or creators in one field.
const LISTED: usize = 6;
/// The most creators to choose from.
const CREATORS: usize = 12;
/// The slates that are told of.
const TURNS: usize = 3;
/// The longest limit, seconds: a day.
const LONGEST: i64 = 86_400;
/// The most characters of a name, and of the words.
const NAME: usize = 40;
const WORDS: usize = 500;
/// How much a topic that is wanted less counts.
const LESS: f32 = 0.7;
/// Holds for the rest of the session.
const REST: u32 = 1_000;

/// What stands in a list that has nothing else to choose from: an empty choice is none that servers take.
const NOBODY: &str = "nobody";
const NOTHING: &str = "nothing";

/// What can be chosen from: names as the model is told them, each once, with what they stand for.
struct Names {
    topics: Vec<(String, TopicIx)>,
    creators: Vec<(String, CreatorIx)>,
}

fn once<T>(list: &mut Vec<(String, T)>, name: &str, of: T) {
    let name = line(name, NAME);
    if !name.is_empty() && list.iter().all(|n| n.0 != name) {
        list.push((name, of));
    }
}

impl Names {
    /// All topics; creators that the words name, then those shown lately, the newest slate first.
    fn of(words: &str, obs: &Observation<'_>) -> Self {
        let Shelf { topics: on_offer, creators: makers, items, .. } = obs.shelf;
        let (mut topics, mut creators) = (Vec::new(), Vec::new());
        for (n, name) in on_offer.iter().enumerate() {
            once(&mut topics, name, n as TopicIx);
        }
        let said = line(words, WORDS).to_lowercase();
        for (n, name) in makers.iter().enumerate().filter(|m| names(&said, m.1)).take(CREATORS / 2) {
            once(&mut creators, name, n as CreatorIx);
        }
        for &item in obs.history.iter().rev().take(TURNS).flat_map(|t| &t.items) {
            let creator = items[item as usize].creator;
            if creators.len() < CREATORS
                && let Some(name) = makers.get(creator as usize)
            {
                once(&mut creators, name, creator);
            }
        }
        Self { topics, creators }
    }

    fn shape(&self) -> Shape {
        let list = |names: Vec<String>, none: &str| {
            let words = if names.is_empty() { vec![none.to_owned()] } else { names };
            Shape::List { of: Box::new(Shape::Choice(words)), min: 0, max: LISTED }
        };
        let topics = || list(self.topics.iter().map(|t| t.0.clone()).collect(), NOTHING);
        let creators = || list(self.creators.iter().map(|c| c.0.clone()).collect(), NOBODY);
        let seconds = || Shape::Whole { min: 0, max: LONGEST };
        Shape::Object(vec![
            ("more", topics()),
            ("less", topics()),
            ("avoid", topics()),
            ("keep", creators()),
            ("not_by", creators()),
            ("at_most", seconds()),
            ("at_least", seconds()),
            ("mood", Shape::choice(MOODS.map(Mood::name).into_iter().chain(["none"]))),
            ("better", Shape::Flag),
            ("new", Shape::Flag),
            ("unhappy", Shape::Flag),
            // Each number by itself: servers that hold a model to a schema keep to those and not to bounds.
            ("turns", Shape::Number((1..=20).chain([100]).collect())),
        ])
    }
}

/// Whether words name a creator, as a word of its own.
fn names(said: &str, creator: &str) -> bool {
    let name = line(creator, NAME).to_lowercase();
    let free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    name.chars().count() > 2
        && said
            .match_indices(&name)
            .any(|(at, found)| free(said[..at].chars().next_back()) && free(said[at + found.len()..].chars().next()))
}

/// The question for a model: what these words mean, said after the last turn of `obs.history`.
#[must_use]
pub fn request(words: &str, obs: &Observation<'_>, prompts: &Prompts) -> Request {
    let names = Names::of(words, obs);
    let listed = |list: Vec<&str>, none: &str| if list.is_empty() { none.to_owned() } else { list.join(", ") };
    let turn = fill(
        &prompts.reader_turn,
        &[
            ("topics", &listed(names.topics.iter().map(|t| t.0.as_str()).collect(), NOTHING)),
            ("creators", &listed(names.creators.iter().map(|c| c.0.as_str()).collect(), NOBODY)),
            ("history", &earlier(obs)),
            ("slate", &slate(obs)),
            // Quoted as JSON quotes: no mark in the words ends the quotation.
            ("words", &Value::from(line(words, WORDS)).to_string()),
        ],
    );
    // The marks between messages, as many models write them, are none in what people wrote.
    let turn = turn.replace("<|", "< |");
    Request {
        messages: messages(prompts.reader.trim_end().to_owned(), turn),
        shape: Some(names.shape()),
        max_tokens: 320,
        // The likeliest reading, the same each time.
        temperature: 0.0,
        seed: 1,
        top_logprobs: 0,
    }
}

/// How the slates before the last went.
fn earlier(obs: &Observation<'_>) -> String {
    match obs.history {
        [] | [_] => String::new(),
        [before @ .., _] => {
            let before = Observation { history: before, ..*obs };
            format!("Earlier slates:\n{}\n", describe::history_as(&before, &Shown::Words, TURNS - 1))
        }
    }
}

/// The last slate, numbered as the user saw it, with what was done.
fn slate(obs: &Observation<'_>) -> String {
    let Some(last) = obs.history.last() else { return String::new() };
    let mut out = "The last slate:\n".to_owned();
    for (n, &item) in last.items.iter().enumerate() {
        // In its own words whatever the representation: they are what the user saw and speaks of.
        let told = describe::item(obs.shelf, &Shown::Words, item, false);
        let done = last
            .reactions
            .get(n)
            .map_or("did not look at", |r| describe::deed(r, obs.shelf.items[item as usize].duration_s));
        out += &format!("{}. {told}: {done}\n", n + 1);
    }
    out
}

/// What a model's reply means; the error says to the model and a person why it cannot be used.
///
/// # Errors
/// Where the reply holds no object of the form asked for.
pub fn answer(reply: &Reply, request: &Request) -> Result<Value, String> {
    let shape = request.shape.as_ref().ok_or("nothing of a form was asked for")?;
    parse(&reply.text, shape).map_err(|why| match reply.finish {
        Finish::Length => "the answer was too long; name fewer topics".to_owned(),
        _ => why,
    })
}

/// The filled-in form of [`request`] as an intent; `by` is the model's name. Whoever is on two lists is on the stricter one.
#[must_use]
pub fn intent(answer: &Value, words: &str, obs: &Observation<'_>, by: &str) -> Intent {
    let names = Names::of(words, obs);
    let of_list = |field: &str| answer[field].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut taken: Vec<TopicIx> = Vec::new();
    let mut topics = |field: &str, weight: f32| {
        let mut list: Vec<(TopicIx, f32)> = Vec::new();
        for said in of_list(field) {
            if let Some(topic) = names.topics.iter().find(|t| t.0 == said).map(|t| t.1).filter(|t| !taken.contains(t)) {
                taken.push(topic);
                list.push((topic, weight));
            }
        }
        list
    };
    let (avoid, less, more) = (topics("avoid", 1.0), topics("less", LESS), topics("more", 1.0));
    let mut taken: Vec<CreatorIx> = Vec::new();
    let mut creators = |field: &str| {
        let known = of_list(field).filter_map(|said| names.creators.iter().find(|c| c.0 == said).map(|c| c.1));
        let mut list: Vec<CreatorIx> = Vec::new();
        for creator in known {
            if !taken.contains(&creator) {
                taken.push(creator);
                list.push(creator);
            }
        }
        list
    };
    let (avoid_creators, keep_creators) = (creators("not_by"), creators("keep"));
    let seconds = |field: &str| answer[field].as_i64().filter(|s| (1..=LONGEST).contains(s)).map(|s| s as f32);
    let flag = |field: &str| answer[field].as_bool().unwrap_or_default();
    let max_s = seconds("at_most");
    let mood = answer["mood"].as_str().and_then(|said| MOODS.into_iter().find(|m| m.name() == said));
    Intent {
        more,
        less,
        avoid,
        keep_creators,
        avoid_creators,
        max_s,
        min_s: seconds("at_least").filter(|least| max_s.is_none_or(|most| *least < most)),
        mood,
        better: flag("better"),
        surprise: if flag("new") { 1.0 } else { 0.0 },
        vague: flag("unhappy"),
        holds_turns: match answer["turns"].as_u64() {
            Some(n @ 1..100) => n as u32,
            Some(100..) => REST,
            _ => 6,
        },
        confidence: 1.0,
        notes: vec![format!("read by {}", line(by, NAME))],
        ..Intent::default()
    }
}
