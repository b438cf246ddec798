//! After the session: three questions to the model that played the user.

use super::{
    chat::{Reply, Request},
    describe::line,
    prompt::{Part, fill, messages},
    settings::Settings,
    shape::{Shape, parse},
    task::{Given, Purposed, Taken, Task, sampling_seed},
    user::who,
};
use crate::{
    chart::text::count,
    session::{End, Interview, Session, player::Player},
};

/// The most characters of an answer.
const ANSWER: usize = 240;

/// The interview.
#[derive(Clone, Copy, Debug, Default)]
pub struct Questions;

fn shape() -> Shape {
    Shape::Object(vec![
        ("stay", Shape::Text { max: ANSWER }),
        ("leave", Shape::Text { max: ANSWER }),
        ("rating", Shape::Whole { min: 1, max: 5 }),
    ])
}

/// The session in a few sentences.
fn happened(session: &Session) -> String {
    let m = session.metrics();
    let end = match session.end() {
        Some(End::Left) => "you left",
        Some(End::Truncated) => "the session reached its last turn",
        None => "it still goes on",
    };
    let asked = match (m.issued, m.met) {
        (0, _) => String::new(),
        (n, met) => format!(" You asked for a change {n} times, and {met} times were given it."),
    };
    format!(
        "after {} {end}. You opened {} items, liked {}, and spent {:.0} minutes.{asked}",
        count(m.turns as usize, "slate"),
        m.clicks,
        m.likes,
        m.seconds / 60.0
    )
}

impl Questions {
    fn question(session: &Session, settings: &Settings) -> String {
        let name = line(&session.scenario().profile.name, 40);
        fill(&settings.prompts.interview, &[("name", &name), ("happened", &happened(session))])
    }
}

impl Task for Questions {
    fn purpose(&self) -> Purposed {
        Purposed::Interview
    }

    fn request(&self, session: &Session, settings: &Settings) -> Request {
        Request {
            messages: messages(who(session, &settings.prompts.user_scored), Self::question(session, settings)),
            shape: Some(shape()),
            max_tokens: 260,
            temperature: settings.temperature,
            seed: sampling_seed(session, session.turn(), 600),
            top_logprobs: 0,
        }
    }

    fn parts(&self, session: &Session, settings: &Settings) -> Vec<Part> {
        vec![
            Part::new("who you are", who(session, &settings.prompts.user_scored), true),
            Part::new("the questions", Self::question(session, settings), false),
        ]
    }

    fn take(&mut self, _: &mut Player, _: &Settings, reply: &Reply) -> Taken {
        match parse(&reply.text, &shape()) {
            Ok(answer) => Taken::Done(vec![Given::Interview(Interview {
                stay: line(answer["stay"].as_str().unwrap_or_default(), ANSWER),
                leave: line(answer["leave"].as_str().unwrap_or_default(), ANSWER),
                rating: answer["rating"].as_u64().map_or(3, |r| r.clamp(1, 5) as u8),
            })]),
            Err(why) => Taken::Refused(why),
        }
    }
}
