//! The model as the user, in writing: one structured reaction a slate.
//!
//! The engine keeps memory, α and mindset from what was done, as for any user; what the model says of its own mindset is
//! kept beside it.

use super::{
    chat::{Finish, Message, Reply, Request, TokenScore},
    describe, meaning, picture,
    prompt::{Part, fill, messages},
    settings::Settings,
    shape::{Shape, clip, parse},
    task::{Given, Purposed, Taken, Task, sampling_seed},
};
use crate::{
    catalog::ItemIx,
    session::{Answer, Author, Remark, Session, StatedMindset, Verdict, player::Player},
    user::{Channel, Instruction, Reaction, Specificity},
};
use serde_json::Value;

/// What a model may do with an item, in the order in which scored mode letters them.
pub const ACTIONS: [&str; 7] = ["skip", "click", "watch", "like", "share", "comment", "follow"];
/// Seconds spent looking at an item that is passed over.
const LOOK_S: f32 = 1.5;
/// The most characters of a reason, and of an instruction's words.
const REASON: usize = 60;
const WORDS: usize = 160;

/// The shape of a written reaction to `n` items.
#[must_use]
pub fn reaction_shape(n: usize) -> Shape {
    let ten = || Shape::Whole { min: 0, max: 10 };
    let item = Shape::Object(vec![
        ("action", Shape::choice(ACTIONS)),
        ("watched", Shape::Whole { min: 0, max: 100 }),
        ("reason", Shape::Text { max: REASON }),
    ]);
    Shape::Object(vec![
        ("items", Shape::exactly(n, item)),
        (
            "mindset",
            Shape::Object(vec![("wants", Shape::Text { max: 40 }), ("satisfaction", ten()), ("boredom", ten())]),
        ),
        ("leave", Shape::Flag),
        ("instruction", instruction_shape(true)),
    ])
}

/// The shape of an instruction; where `may_be_none`, the user need not give one.
pub(super) fn instruction_shape(may_be_none: bool) -> Shape {
    let channels: &[&str] = if may_be_none { &["none", "explicit", "implicit"] } else { &["explicit", "implicit"] };
    Shape::Object(vec![
        ("channel", Shape::choice(channels.iter().copied())),
        ("specificity", Shape::choice(["specific", "vague"])),
        ("words", Shape::Text { max: WORDS }),
    ])
}

/// What was done, from an action's name and the share watched, in [0, 1].
#[must_use]
pub fn reaction(action: &str, share: f32, duration_s: f32) -> Reaction {
    if action == "skip" {
        return Reaction { examined: true, seconds: LOOK_S.min(duration_s), ..Reaction::default() };
    }
    Reaction {
        examined: true,
        clicked: true,
        seconds: share.clamp(0.0, 1.0) * duration_s,
        liked: action == "like",
        shared: action == "share",
        commented: action == "comment",
        followed: action == "follow",
        left: false,
    }
}

/// The names that the user's prompts may use, filled from the session.
pub(super) fn who(session: &Session, template: &str) -> String {
    let s = session.scenario();
    fill(
        template,
        &[
            ("name", &describe::line(&s.profile.name, 40)),
            ("age", &s.profile.age.to_string()),
            ("about", &describe::line(&s.profile.about, 160)),
            ("kind", &describe::kind(s)),
            ("taste", &describe::taste(s)),
            ("temper", &describe::temper(&s.persona.traits)),
            ("moment", &describe::moment(&s.context)),
        ],
    )
}

/// A turn's prompt filled from the session. It is the same for all items of the turn: memories are those at its beginning.
pub(super) fn turn(session: &Session, template: &str, items: &[ItemIx], recalled: &str) -> String {
    let history = session.history();
    let past = &history[..history.len().saturating_sub(1)];
    let left = session.state().seconds_left.max(0.0);
    fill(
        template,
        &[
            ("turn", &(session.turn() + 1).to_string()),
            ("left", &describe::duration(left)),
            ("memories", recalled),
            ("said", &describe::said_last(past)),
            ("count", &items.len().to_string()),
            ("slate", &describe::slate(session.world().shelf(), &session.world().features().shown, items)),
        ],
    )
}

/// Shows the slate's pictures beside the last message, to a model that sees.
pub(super) fn show(session: &Session, settings: &Settings, items: &[ItemIx], messages: &mut [Message]) {
    if let Some(last) = messages.last_mut() {
        last.pictures = picture::slate(session, settings, items);
    }
}

/// The written reaction to the slate under review.
#[derive(Debug)]
pub struct Written {
    items: Vec<ItemIx>,
    recalled: String,
}

impl Written {
    /// A reaction to the slate that the session has just shown.
    #[must_use]
    pub fn new(session: &Session) -> Self {
        let items = session.history().last().map(|t| t.items.clone()).unwrap_or_default();
        Self { items, recalled: describe::memories(session) }
    }

    fn answers(&self, session: &Session, answer: &Value, tokens: &[TokenScore]) -> Vec<Given> {
        let shelf = session.world().shelf();
        let mut chances = action_chances(tokens).into_iter();
        let mut given: Vec<Given> = (self.items.iter().zip(answer["items"].as_array().into_iter().flatten()))
            .map(|(&item, said)| {
                let share = said["watched"].as_i64().unwrap_or(0) as f32 / 100.0;
                let action = said["action"].as_str().unwrap_or("skip");
                let reaction = reaction(action, share, shelf.items[item as usize].duration_s);
                let remark = Remark {
                    reason: describe::line(said["reason"].as_str().unwrap_or_default(), REASON),
                    distribution: chances.next().unwrap_or_default(),
                    ..Remark::default()
                };
                Given::Answer(Answer::Review { reaction, by: Author::Model }, remark)
            })
            .collect();
        let mindset = &answer["mindset"];
        let grade = |name: &str| mindset[name].as_u64().map_or(0, |n| n.min(10) as u8);
        let stated = StatedMindset {
            wants: describe::line(mindset["wants"].as_str().unwrap_or_default(), 40),
            satisfaction: grade("satisfaction"),
            boredom: grade("boredom"),
        };
        let verdict = if answer["leave"].as_bool() == Some(true) {
            Verdict::Leave
        } else {
            instruction(session, &answer["instruction"])
                .map_or(Verdict::Continue, |said| Verdict::Instruct(Box::new(said)))
        };
        let remark = Remark { mindset: Some(stated), ..Remark::default() };
        given.push(Given::Answer(Answer::Verdict { verdict, by: Author::Model }, remark));
        given
    }
}

/// An instruction as a model gives it; `None` for none (or an explicit one without words).
pub(super) fn instruction(session: &Session, said: &Value) -> Option<Instruction> {
    let words = describe::line(said["words"].as_str().unwrap_or_default(), WORDS);
    let channel = match said["channel"].as_str() {
        Some("explicit") if !words.is_empty() => Channel::Explicit,
        Some("implicit") => Channel::Implicit,
        _ => return None,
    };
    let specific = channel == Channel::Explicit && said["specificity"].as_str() == Some("specific");
    let words = if channel == Channel::Explicit { words } else { String::new() };
    Some(Instruction {
        channel,
        specificity: if specific { Specificity::Specific } else { Specificity::Vague },
        // What can be measured is what the words name; a vague instruction's meaning is the model's secret.
        frame: meaning::frame(&words, session.world().shelf()),
        words,
        reason: None,
    })
}

impl Task for Written {
    fn purpose(&self) -> Purposed {
        Purposed::React
    }

    fn request(&self, session: &Session, settings: &Settings) -> Request {
        let p = &settings.prompts;
        let mut messages = messages(who(session, &p.user), turn(session, &p.user_turn, &self.items, &self.recalled));
        show(session, settings, &self.items, &mut messages);
        Request {
            messages,
            shape: Some(reaction_shape(self.items.len())),
            max_tokens: 120 + 60 * self.items.len() as u32,
            temperature: settings.temperature,
            seed: sampling_seed(session, session.turn(), 1),
            top_logprobs: 8,
        }
    }

    fn parts(&self, session: &Session, settings: &Settings) -> Vec<Part> {
        let p = &settings.prompts;
        user_parts(session, &p.user, &p.user_turn, &self.items, &self.recalled)
    }

    fn take(&mut self, player: &mut Player, _: &Settings, reply: &Reply) -> Taken {
        match parse(&reply.text, &reaction_shape(self.items.len())) {
            Ok(answer) => Taken::Done(self.answers(player.session(), &answer, &reply.tokens)),
            Err(_) if reply.finish == Finish::Length => {
                Taken::Refused("the answer was too long; use fewer words".into())
            }
            Err(why) => Taken::Refused(why),
        }
    }
}

/// The user's prompt in parts: what is stable, what comes to mind, the slate.
pub(super) fn user_parts(
    session: &Session,
    system: &str,
    turn_prompt: &str,
    items: &[ItemIx],
    recalled: &str,
) -> Vec<Part> {
    let slate = describe::slate(session.world().shelf(), &session.world().features().shown, items);
    let rest = turn(session, turn_prompt, items, recalled);
    let rest = rest.replacen(&slate, "", 1).replacen(recalled, "", 1);
    vec![
        Part::new("who you are, and how to answer", who(session, system), true),
        Part::new("memories", recalled, false),
        Part::new("slate", slate, false),
        Part::new("the turn", rest, false),
    ]
}

/// Where each `"action":"…"` has its value's first letter: the token, and what of it stands before the letter.
fn action_tokens(tokens: &[TokenScore]) -> Vec<(usize, usize)> {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(tokens.len());
    for t in tokens {
        starts.push(text.len());
        text.push_str(&t.token);
    }
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("\"action\"") {
        from += at + "\"action\"".len();
        let Some(open) = text[from..].find('"') else { break };
        let value = from + open + 1;
        let i = starts.partition_point(|s| *s <= value).saturating_sub(1);
        out.push((i, value - starts[i]));
    }
    out
}

/// Keeps the alternatives only where [`action_chances`] reads them, and joins the tokens between: the same is read, from
/// a fraction of the bytes.
pub(super) fn thin(tokens: &mut Vec<TokenScore>) {
    // A scored answer is a token or two, all of it needed.
    if tokens.len() < 8 {
        return;
    }
    let needed = action_tokens(tokens);
    let mut out: Vec<TokenScore> = Vec::new();
    let mut last_needed = true;
    for (i, token) in tokens.drain(..).enumerate() {
        let is_needed = needed.iter().any(|n| n.0 == i);
        match out.last_mut().filter(|_| !is_needed && !last_needed) {
            Some(last) => last.token.push_str(&token.token),
            None if is_needed => out.push(token),
            None => out.push(TokenScore { token: token.token, top: Vec::new() }),
        }
        last_needed = is_needed;
    }
    *tokens = out;
}

/// The chances of actions at each `"action":"…"` of a written reaction, from the alternatives of the value's first token.
/// Empty where there are no log-probabilities.
fn action_chances(tokens: &[TokenScore]) -> Vec<Vec<(String, f32)>> {
    let read = |(i, cut): (usize, usize)| {
        // The value may begin with the next token: then nothing stands before it.
        let before = tokens[i].token.get(..cut).unwrap_or_default();
        chances_of(&tokens[i].top, before)
    };
    action_tokens(tokens).into_iter().map(read).collect()
}

fn chances_of(top: &[(String, f32)], before: &str) -> Vec<(String, f32)> {
    let mut mass = [0.0f32; ACTIONS.len()];
    for (token, logprob) in top {
        let Some(word) = token.strip_prefix(before) else { continue };
        let word = word.trim_end_matches(['"', ',']);
        let fit: Vec<usize> =
            (0..ACTIONS.len()).filter(|&a| !word.is_empty() && ACTIONS[a].starts_with(word)).collect();
        // A token that begins several actions counts for each alike.
        fit.iter().for_each(|&a| mass[a] += crate::math::exp(*logprob) / fit.len() as f32);
    }
    let total: f32 = mass.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    ACTIONS.iter().zip(mass).map(|(a, m)| ((*a).to_owned(), m / total)).collect()
}

/// What just happened in a slate, in words: for the prompts that ask about it.
pub(super) fn happened(session: &Session) -> String {
    let shelf = session.world().shelf();
    let Some(past) = session.history().last() else { return "nothing was shown.".into() };
    let words: Vec<String> = (past.items.iter().zip(&past.reactions))
        .map(|(&i, r)| {
            format!(
                "{} {}",
                describe::deed(r, shelf.items[i as usize].duration_s),
                describe::title(shelf, &session.world().features().shown, i)
            )
        })
        .collect();
    clip(&words.join("; "), 900)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(token: &str, top: &[(&str, f32)]) -> TokenScore {
        TokenScore { token: token.into(), top: top.iter().map(|t| (t.0.to_owned(), t.1)).collect() }
    }

    #[test]
    fn chances_are_read_where_the_action_begins() {
        let ln = |p: f32| crate::math::ln(p);
        let tokens = [
            token("{\"items\":[{\"", &[]),
            token("action", &[]),
            token("\":\"", &[]),
            token("skip", &[("skip", ln(0.6)), ("watch", ln(0.2)), ("zebra", ln(0.1)), ("s", ln(0.1))]),
            token("\"}", &[]),
        ];
        let chances = action_chances(&tokens);
        assert_eq!(chances.len(), 1);
        let of = |a: &str| chances[0].iter().find(|c| c.0 == a).expect("is an action").1;
        assert!((of("skip") - 0.65 / 0.9).abs() < 1e-4 && (of("watch") - 0.2 / 0.9).abs() < 1e-4);
        assert!((of("share") - 0.05 / 0.9).abs() < 1e-4);
        let quoted = [token("{\"action\":", &[]), token(" \"like", &[(" \"like", ln(0.9)), (" \"skip", ln(0.1))])];
        assert!((action_chances(&quoted)[0][3].1 - 0.9).abs() < 1e-4);
        assert!(action_chances(&[]).is_empty());
        let mut thinned: Vec<TokenScore> = [&tokens[..], &tokens[..], &quoted[..]].concat();
        let whole = action_chances(&thinned);
        thin(&mut thinned);
        assert_eq!(action_chances(&thinned), whole);
        assert!(thinned.len() < 8 && whole.len() == 3);
    }

    #[test]
    fn every_action_makes_a_reaction_that_can_be() {
        for a in ACTIONS {
            let r = reaction(a, 1.2, 40.0);
            assert!(r.examined && r.seconds <= 40.0);
            assert_eq!(r.clicked, a != "skip");
            assert!(r.clicked || !(r.liked || r.shared || r.commented || r.followed));
        }
    }
}
