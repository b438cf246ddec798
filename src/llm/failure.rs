//! RecoWorld's named ways in which a simulated user fails: generic instructions, and incoherent ones. Looked for in every
//! session, whoever plays the user, each finding with its evidence.

use super::{
    describe::line,
    meaning::{Named, named},
};
use crate::{
    catalog::{Shelf, TopicIx},
    session::TurnRecord,
    user::{Channel, Reaction, memory::valence},
};
use serde::{Deserialize, Serialize};

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// The words name nothing: they could be said about any slate.
    Generic,
    /// The same words as before.
    Repeated,
    /// What is asked for contradicts what was just done.
    Incoherent,
    /// What was done contradicts the mindset stated with it.
    AtOdds,
}

impl Signature {
    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Generic => "Generic instruction",
            Self::Repeated => "Same words again",
            Self::Incoherent => "Contradicts its own actions",
            Self::AtOdds => "Contradicts its own mindset",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which way.
    pub signature: Signature,
    /// In which turn, from 0.
    pub turn: u32,
    /// What shows it, in a sentence.
    pub evidence: String,
}

/// What a session shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Instructions in words.
    pub instructions: u32,
    /// All findings, in order.
    pub list: Vec<Finding>,
}

impl Findings {
    /// The share of instructions in words that some finding is about, in [0, 1].
    #[must_use]
    pub fn share(&self) -> f32 {
        let mut turns: Vec<u32> =
            self.list.iter().filter(|f| f.signature != Signature::AtOdds).map(|f| f.turn).collect();
        turns.dedup();
        turns.len() as f32 / self.instructions.max(1) as f32
    }
}

/// Looks through a session's turns.
#[must_use]
pub fn look(turns: &[TurnRecord], shelf: &Shelf) -> Findings {
    let mut findings = Findings::default();
    let mut before: Vec<(u32, String)> = Vec::new();
    for turn in turns {
        let Some(instruction) = turn.instruction.as_ref().filter(|i| i.channel == Channel::Explicit) else { continue };
        findings.instructions += 1;
        let words = &instruction.words;
        let plain = plain(words);
        let named = named(words, shelf);
        let mut add = |signature, evidence| findings.list.push(Finding { signature, turn: turn.turn, evidence });
        if let Some((earlier, _)) = before.iter().find(|b| b.1 == plain) {
            add(Signature::Repeated, format!("\"{}\" was said in turn {} already.", line(words, 80), earlier + 1));
        }
        if named.is_nothing() && !names_a_title(&plain, turn, shelf) {
            add(
                Signature::Generic,
                format!("\"{}\" names no topic, creator, length, mood or quality.", line(words, 80)),
            );
        }
        if let Some(evidence) = contradiction(&named, turn, shelf) {
            add(Signature::Incoherent, evidence);
        }
        before.push((turn.turn, plain));
    }
    findings
}

/// A slate in which a model says that it is content while passing over everything, or bored while liking everything.
#[must_use]
pub fn at_odds(turn: &TurnRecord, satisfaction: u8, boredom: u8) -> Option<Finding> {
    let seen: Vec<&Reaction> = turn.slate.iter().filter_map(|s| s.reaction.as_ref()).filter(|r| r.examined).collect();
    if seen.len() < 3 {
        return None;
    }
    let clicked = seen.iter().filter(|r| r.clicked).count();
    let evidence = if clicked == 0 && satisfaction >= 8 {
        format!("It passed over all {} items and states a satisfaction of {satisfaction} of 10.", seen.len())
    } else if clicked == seen.len() && boredom >= 8 {
        format!("It opened all {} items and states a boredom of {boredom} of 10.", seen.len())
    } else {
        return None;
    };
    Some(Finding { signature: Signature::AtOdds, turn: turn.turn, evidence })
}

/// Letters and digits only, in small letters.
fn plain(words: &str) -> String {
    let low = words.to_lowercase();
    low.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether the words quote (three words running of) a title of the slate.
fn names_a_title(plain_words: &str, turn: &TurnRecord, shelf: &Shelf) -> bool {
    turn.slate.iter().any(|s| {
        let title = plain(&shelf.items[s.item as usize].title);
        let parts: Vec<&str> = title.split(' ').collect();
        parts.windows(3.min(parts.len()).max(1)).any(|w| {
            let quote = w.join(" ");
            quote.len() > 8 && plain_words.contains(&quote)
        })
    })
}

/// What was done with a topic in a turn: how many items of it were looked at, and their mean valence.
fn felt(topic: TopicIx, turn: &TurnRecord, shelf: &Shelf) -> (u32, f32) {
    let (mut n, mut sum) = (0, 0.0);
    for s in &turn.slate {
        let it = &shelf.items[s.item as usize];
        if let Some(r) = s.reaction.as_ref().filter(|r| r.examined && it.topics.contains(&topic)) {
            n += 1;
            sum += valence(r, it.duration_s);
        }
    }
    (n, sum / n.max(1) as f32)
}

/// Asking for less of what was just enjoyed, or for more of what was just passed over each time.
fn contradiction(named: &Named, turn: &TurnRecord, shelf: &Shelf) -> Option<String> {
    let name = |t: TopicIx| line(&shelf.topics[usize::from(t)], 30);
    if let Some(both) = named.toward.iter().find(|t| named.away.contains(t)) {
        return Some(format!("It asks for {0} and against {0} in one breath.", name(*both)));
    }
    for &t in &named.away {
        let (n, v) = felt(t, turn, shelf);
        if n >= 1 && v >= 0.4 {
            return Some(format!("It asks against {} after enjoying {n} of it in this slate.", name(t)));
        }
    }
    for &t in &named.toward {
        let (n, v) = felt(t, turn, shelf);
        if n >= 2 && v <= -0.1 {
            return Some(format!("It asks for {} after passing over {n} of it in this slate.", name(t)));
        }
        if n >= 2 && n as usize * 2 > turn.slate.len() && v >= 0.4 {
            return Some(format!("It asks for {}, which {n} items of this slate were, and it liked them.", name(t)));
        }
    }
    None
}
