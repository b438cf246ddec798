//! Who gave each answer of a run, and what was said beside it: turn by turn.

use super::{Answer, Author, Remark};

/// One answer's author, and what was said beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice<'a> {
    /// Who answered.
    pub by: Author,
    /// What was said beside it, if anything was.
    pub remark: Option<&'a Remark>,
}

impl<'a> Voice<'a> {
    /// Why, in the author's own words; empty where none were given.
    #[must_use]
    pub fn reason(&self) -> &'a str {
        self.remark.map_or("", |r| &r.reason)
    }

    /// Why the built-in side stood in for a model, where it did.
    #[must_use]
    pub fn stood_in(&self) -> Option<&'a str> {
        self.remark.map(|r| r.stood_in.as_str()).filter(|why| !why.is_empty())
    }
}

/// The voices of one turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Voices<'a> {
    /// Who chose the slate.
    pub slate: Voice<'a>,
    /// Who did what with the items, from the top; as many as were answered for.
    pub items: Vec<Voice<'a>>,
    /// Who decided at the end of the slate, where that came.
    pub verdict: Option<Voice<'a>>,
}

impl<'a> Voices<'a> {
    /// Why the built-in user answered in a model's place, where it did.
    #[must_use]
    pub fn user_stood_in(&self) -> Option<&'a str> {
        self.items.iter().chain(&self.verdict).find_map(Voice::stood_in)
    }
}

/// The voices of a tape of answers, one entry a turn. The remarks are in order, as a player keeps them.
#[must_use]
pub fn voices<'a>(answers: &[Answer], remarks: &'a [Remark]) -> Vec<Voices<'a>> {
    let mut turns: Vec<Voices<'a>> = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        let remark = remarks.binary_search_by_key(&at, |r| r.at).ok().map(|i| &remarks[i]);
        let voice = Voice { by: answer.by(), remark };
        match (answer, turns.last_mut()) {
            (Answer::Slate { .. }, _) => turns.push(Voices { slate: voice, items: Vec::new(), verdict: None }),
            (Answer::Review { .. }, Some(turn)) => turn.items.push(voice),
            (Answer::Verdict { .. }, Some(turn)) => turn.verdict = Some(voice),
            _ => {}
        }
    }
    turns
}
