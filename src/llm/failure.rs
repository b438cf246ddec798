//! RecoWorld's named ways in which a simulated user fails: generic instructions, and incoherent ones. Looked for in every
//! session, whoever plays the user, each finding with its evidence.

use super::{
    describe::line,
    meaning::{Named, named},
};
use crate::{
    catalog::{Shelf, TopicIx},
    session::{Answer, TurnRecord, player::Player},
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

/// [`at_odds`] for every slate of a run whose mindset was stated.
#[must_use]
pub fn at_odds_in(player: &Player) -> Vec<Finding> {
    let mut turns = player.session().turns().iter();
    let answers = player.answers().iter().take(player.moment()).enumerate();
    let mut found = Vec::new();
    // A turn ends with its verdict, or in the middle of its slate.
    for (at, answer) in answers {
        let ends = match answer {
            Answer::Verdict { .. } => true,
            Answer::Review { reaction, .. } => reaction.left,
            Answer::Slate { .. } | Answer::Ask { .. } | Answer::Reply { .. } => false,
        };
        let Some(turn) = ends.then(|| turns.next()).flatten() else { continue };
        if let Some(stated) = player.remark_on(at).and_then(|r| r.mindset.as_ref()) {
            found.extend(at_odds(turn, stated.satisfaction, stated.boredom));
        }
    }
    found
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recommender::{self, Knowledge},
        scenario::{CatalogSpec, CatalogStyle, RecommenderSpec, registry},
        session::{Remark, StatedMindset, Verdict, player::Make},
        user::{Instruction, Specificity},
    };
    use std::rc::Rc;

    fn player() -> Player {
        let mut scenario = registry::default_preset();
        scenario.catalog = CatalogSpec::Synthetic { style: CatalogStyle::Clips, items: 200, seed: "1".into() };
        scenario.recommender = RecommenderSpec { name: "popular".into(), settings: Default::default() };
        let scenario = Rc::new(scenario);
        let world = crate::scenario::build(&scenario, None).expect("builds");
        let knowledge = Knowledge::new(scenario.clone(), world.clone());
        let make: Make = Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
        let mut player = Player::new(scenario, world, make).expect("plays");
        player.step_turn().expect("plays");
        player
    }

    fn said(turn: u32, words: &str, from: &TurnRecord) -> TurnRecord {
        let instruction = Instruction {
            channel: Channel::Explicit,
            specificity: Specificity::Specific,
            words: words.into(),
            frame: None,
            reason: None,
        };
        TurnRecord { turn, instruction: Some(instruction), ..from.clone() }
    }

    fn found(findings: &Findings) -> Vec<(u32, Signature)> {
        findings.list.iter().map(|f| (f.turn, f.signature)).collect()
    }

    #[test]
    fn generic_and_repeated_words_are_told_from_specific_ones() {
        let player = player();
        let (shelf, one) = (player.session().world().shelf(), &player.session().turns()[0]);
        let shown = |t: &TopicIx| one.slate.iter().any(|s| shelf.items[s.item as usize].topics.contains(t));
        let unseen = (0..shelf.topics.len() as TopicIx).find(|t| !shown(t)).expect("some topic was not shown");
        let turns = [
            said(0, "This is not for me.", one),
            said(1, "this is NOT: for me", one),
            said(2, &format!("More {}, please.", shelf.topics[usize::from(unseen)]), one),
        ];
        let findings = look(&turns, shelf);
        let expected = [(0, Signature::Generic), (1, Signature::Repeated), (1, Signature::Generic)];
        assert_eq!(found(&findings), expected, "{findings:?}");
        assert_eq!(findings.instructions, 3);
        assert!((findings.share() - 2.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn asking_against_what_was_just_enjoyed_is_incoherent() {
        let player = player();
        let (shelf, one) = (player.session().world().shelf(), &player.session().turns()[0]);
        let mut turn = one.clone();
        let topic = shelf.topic(turn.slate[0].item);
        for slot in &mut turn.slate {
            let seconds = shelf.items[slot.item as usize].duration_s;
            let enjoyed = Reaction { examined: true, clicked: true, liked: true, seconds, ..Reaction::default() };
            slot.reaction = Some(enjoyed);
        }
        let name = &shelf.topics[usize::from(topic)];
        let against = look(&[said(0, &format!("Less {name}, please."), &turn)], shelf);
        assert_eq!(found(&against), [(0, Signature::Incoherent)], "{against:?}");
        let along = look(&[said(0, &format!("More {name}, please."), &turn)], shelf);
        assert_eq!(found(&along), [], "{along:?}");
    }

    #[test]
    fn a_stated_mindset_is_held_against_what_was_done() {
        let mut turn = player().session().turns()[0].clone();
        let mut all = |clicked: bool| {
            for slot in &mut turn.slate {
                slot.reaction = Some(Reaction { examined: true, clicked, ..Reaction::default() });
            }
            turn.clone()
        };
        let (none, every) = (all(false), all(true));
        assert!(at_odds(&none, 9, 0).is_some_and(|f| f.evidence.contains("passed over all")));
        assert!(at_odds(&every, 5, 9).is_some_and(|f| f.evidence.contains("opened all")));
        assert!(at_odds(&none, 3, 9).is_none() && at_odds(&every, 9, 0).is_none());
    }

    #[test]
    fn stated_mindsets_of_a_run_are_looked_through() {
        let mut player = player();
        while !matches!(player.session().poll(), crate::session::Need::Verdict { .. }) {
            let answer = match player.builtin_answer().expect("goes on") {
                Answer::Review { by, .. } => {
                    Answer::Review { reaction: Reaction { examined: true, ..Reaction::default() }, by }
                }
                other => other,
            };
            player.answer(answer).expect("fits");
        }
        let verdict = Answer::Verdict { verdict: Verdict::Continue, by: crate::session::Author::Model };
        let mindset = Some(StatedMindset { wants: String::new(), satisfaction: 10, boredom: 0 });
        player.answer_saying(verdict, Remark { mindset, ..Remark::default() }).expect("fits");
        let odds = at_odds_in(&player);
        assert_eq!(odds.iter().map(|f| (f.turn, f.signature)).collect::<Vec<_>>(), [(1, Signature::AtOdds)]);
    }
}
