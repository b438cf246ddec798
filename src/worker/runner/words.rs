//! What happened, in sentences made from the data.

use crate::{
    catalog::{Item, Shelf},
    math::order,
    session::{Appraisal, Author},
    user::{
        ALL_TERMS, Ask, Channel, Company, Context, Device, Holds, Instruction, Place, Reaction, Term, clarify::Asked,
        memory::Entry, words::mood_word,
    },
    worker::snapshot::{AskedView, InstructionView, Reason},
};

/// The first `max` characters of a text, with an ellipsis where something is missing.
pub fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// A duration as people read it: "0:58", "12 min", "1 h 50 min".
pub fn duration(seconds: f32) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..600 => format!("{}:{:02}", s / 60, s % 60),
        600..3600 => format!("{} min", s / 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// The circumstances in a line.
pub fn circumstances(c: &Context) -> String {
    let device = match c.device {
        Device::Phone => "phone",
        Device::Laptop => "laptop",
        Device::Television => "television",
        Device::Speaker => "headphones",
    };
    let place = match c.place {
        Place::Home => "at home",
        Place::Commute => "on the way",
        Place::Work => "at work",
        Place::Out => "out",
    };
    let company = match c.company {
        Company::Alone => "alone",
        Company::Friends => "with friends",
        Company::Family => "with family",
    };
    format!("{device} · {place} · {:02}:{:02} · {company}", c.minute / 60 % 24, c.minute % 60)
}

/// The reasons, that which moved the choice most first.
pub fn reasons(a: &Appraisal) -> Vec<Reason> {
    let mut list: Vec<Reason> = ALL_TERMS
        .iter()
        .map(|&term| {
            let (value, usual) = (a.terms[term as usize], a.usual[term as usize]);
            Reason { term, value, usual, difference: value - usual }
        })
        .collect();
    order::sort_by(&mut list, |a, b| b.difference.abs().total_cmp(&a.difference.abs()).then(a.term.cmp(&b.term)));
    list
}

/// Why the user did it, as a clause. Only terms that pulled the way of the choice are named; where none did, luck is.
pub fn why(r: &Reaction, a: &Appraisal, item: &Item, shelf: &Shelf) -> String {
    let pull = if r.clicked { 1.0 } else { -1.0 };
    let mut causes = reasons(a);
    causes.retain(|c| c.difference * pull > 0.08);
    causes.truncate(2);
    let words: Vec<String> = causes.iter().map(|c| cause(c.term, r.clicked, item, shelf)).collect();
    let chance = (a.click_chance * 100.0).round();
    let mut text = match words.len() {
        0 if r.clicked => format!("nothing spoke for it more than usual: a {chance:.0} % chance that came up"),
        0 => format!("nothing spoke against it more than usual: it had a {chance:.0} % chance of a click"),
        _ => words.join(", and "),
    };
    if r.clicked && a.felt - a.utility < -0.5 {
        text.push_str("; it held less than it promised");
    } else if r.clicked && a.felt - a.utility > 0.5 {
        text.push_str("; it held more than it promised");
    }
    text + "."
}

fn cause(term: Term, clicked: bool, item: &Item, shelf: &Shelf) -> String {
    let topic = clip(&shelf.topics[item.topics[0] as usize], 40);
    let creator = clip(shelf.creators.get(item.creator as usize).map_or("its creator", String::as_str), 40);
    match (term, clicked) {
        (Term::Mindset, true) => format!("{topic} is what they want now"),
        (Term::Mindset, false) => format!("{topic} is not what they want now"),
        (Term::Quality, true) => "it looks better made than most".into(),
        (Term::Quality, false) => "it looks worse made than most".into(),
        (Term::Novelty, true) => "it is new to them".into(),
        (Term::Novelty, false) => "it is much like what they have seen".into(),
        (Term::Satiation, true) => format!("they have not had much {topic} lately"),
        (Term::Satiation, false) => format!("they have had enough {topic}"),
        (Term::Context, true) => "it suits the moment".into(),
        (Term::Context, false) => "it does not suit the moment".into(),
        (Term::Length, true) => "the length is right".into(),
        (Term::Length, false) => format!("{} is longer than is comfortable now", duration(item.duration_s)),
        (Term::Creator, true) => format!("{creator} has earned it"),
        (Term::Creator, false) => format!("they have seen enough of {creator}"),
        (Term::Social, true) => "others like it".into(),
        (Term::Social, false) => "few others chose it".into(),
        (Term::Fatigue, true) => "they are fresher than usual".into(),
        (Term::Fatigue, false) => "they are getting tired".into(),
        (Term::Budget, true) => "there is time for it".into(),
        (Term::Budget, false) => "there is hardly time left for it".into(),
    }
}

/// A memory in a line.
pub fn memory(entry: &Entry, shelf: &Shelf) -> String {
    match entry {
        Entry::Item { item, reaction, .. } => {
            let item = &shelf.items[*item as usize];
            let done = if reaction.liked {
                "Liked".to_owned()
            } else if reaction.again(item.duration_s) > 0.0 {
                "Watched again".to_owned()
            } else if reaction.clicked && reaction.seconds >= 0.97 * item.duration_s {
                "Watched to the end".to_owned()
            } else if reaction.clicked {
                format!("Watched {} of", duration(reaction.seconds))
            } else {
                "Skipped".to_owned()
            };
            format!("{done} “{}”", clip(&item.title, 80))
        }
        Entry::Summary { topic, count, valence, earlier } => {
            let what = topic.map_or("mixed topics", |t| shelf.topics[t as usize].as_str());
            let feeling = match *valence {
                v if v > 0.25 => "mostly enjoyed",
                v if v < -0.1 => "mostly not wanted",
                _ => "mixed feelings",
            };
            let when = if *earlier { "Before today" } else { "Earlier in this session" };
            format!("{when}: {count} × {}, {feeling}", clip(what, 60))
        }
    }
}

/// An instruction and what is known about it.
pub struct Told<'a> {
    /// The instruction.
    pub instruction: &'a Instruction,
    /// The turn at whose end it was given.
    pub turn: u32,
    /// Whether it reached the recommender.
    pub heard: bool,
    /// Who gave it.
    pub by: Author,
}

/// How the page sees an instruction.
pub fn instruction(told: Told<'_>, shelf: &Shelf) -> InstructionView {
    let i = told.instruction;
    InstructionView {
        turn: told.turn,
        channel: i.channel,
        specificity: i.specificity,
        words: clip(&i.words, 500),
        ask: i.frame.as_ref().map(|f| f.ask),
        aim: aim(i, shelf),
        reason: i.reason.map_or_else(String::new, complaint),
        met: None,
        heard: told.heard,
        by: told.by,
        asked: None,
    }
}

/// How the page sees a question.
pub fn asked(asked: &Asked) -> AskedView {
    AskedView {
        question: clip(&asked.question.text, 300),
        options: asked.question.options.iter().map(|o| first_upper(&clip(&o.words, 100))).collect(),
        reply: asked.reply.as_ref().map(|r| clip(r, 500)),
    }
}

fn complaint(term: Term) -> String {
    let text = match term {
        Term::Mindset => "the slate was not what they wanted",
        Term::Quality => "the items looked poor",
        Term::Novelty => "it was all much the same",
        Term::Satiation => "they had had enough of a topic",
        Term::Context => "it did not suit the moment",
        Term::Length => "the items were too long",
        Term::Creator => "they had seen enough of a creator",
        Term::Social => "few others chose them",
        Term::Fatigue => "they were getting tired",
        Term::Budget => "there was little time left",
    };
    text.to_owned()
}

fn aim(i: &Instruction, shelf: &Shelf) -> String {
    let Some(f) = &i.frame else { return "their own words: only they know".into() };
    let names = |list: &[crate::catalog::TopicIx]| {
        list.iter().map(|&t| clip(&shelf.topics[t as usize], 40)).collect::<Vec<_>>().join(" and ")
    };
    let creator = f.creator.and_then(|c| shelf.creators.get(c as usize)).map(|c| clip(c, 40));
    let limit = f.max_s.map(duration).unwrap_or_default();
    let kept = f.keep.and_then(|c| shelf.creators.get(c as usize)).map(|c| format!(", but keep {}", clip(c, 40)));
    let like = f.like.and_then(|i| shelf.items.get(i as usize)).map(|i| format!(", like “{}”", clip(&i.title, 60)));
    let mood = f.mood.filter(|_| f.like.is_some()).map(|m| format!(" but {}", mood_word(m)));
    let holds = match f.holds {
        Some(Holds::Moment) => ", for the moment",
        Some(Holds::While) => ", for a while",
        Some(Holds::Session) => ", for the rest of the session",
        None => "",
    };
    let more = [kept, like, mood].into_iter().flatten().collect::<String>();
    let ask = match f.ask {
        Ask::More => format!("more {}", names(&f.toward)),
        Ask::Less => format!("less {}", names(&f.away)),
        Ask::Avoid => format!("no more {}", creator.unwrap_or_else(|| names(&f.away))),
        Ask::Switch => format!("from {} to {}", names(&f.away), names(&f.toward)),
        Ask::Shorter => format!("nothing over {limit}"),
        Ask::Longer => format!("nothing under {limit}"),
        Ask::Mood => {
            f.mood.map_or_else(|| "another mood".into(), |m| format!("something {}", format!("{m:?}").to_lowercase()))
        }
        Ask::Better => "better items, less clickbait".into(),
        Ask::Surprise => "something new".into(),
    };
    format!("{ask}{more}{holds}")
}

/// How a channel is called.
pub fn channel(c: Channel) -> &'static str {
    match c {
        Channel::Explicit => "in words",
        Channel::Implicit => "by behaviour alone",
    }
}

/// The first letter large.
pub fn first_upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + chars.as_str())
}
