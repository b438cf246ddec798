//! A person in the place of a side.

use super::{Done, Runner, Show, Step, branch::Branch, problem, view};
use crate::{
    catalog::{ItemIx, TopicIx},
    math::order,
    session::{
        Answer, Author, Need, Verdict,
        player::{Change, PlayError},
    },
    user::{Channel, Instruction, Reaction, Specificity},
    worker::protocol::{Event, HumanAnswer, Side},
};

/// The most characters of a person's instruction.
const MAX_WORDS: usize = 500;
/// The most items that a search returns.
const MAX_FOUND: usize = 60;

impl Show {
    /// Whether the next answer is a person's.
    pub(super) fn waits_for_person(&self) -> bool {
        if !self.branch().at_end() {
            return false;
        }
        match self.branch().player().session().poll() {
            Need::Slate(_) => self.slate_by == Side::Person,
            Need::Reply { .. } | Need::Review { .. } | Need::Verdict { .. } => self.user_by == Side::Person,
            Need::Over(_) => false,
        }
    }

    /// Steps to the end of the turn or session, or until a person is asked.
    pub(super) fn step_until_person(&mut self, how: Step) -> Result<(), PlayError> {
        let turn = self.branch().player().session().turn();
        while !self.waits_for_person() && !self.waits_for_guest() {
            let (branch, stage) = self.branch_mut();
            if !branch.step(stage)? || (how == Step::Turn && branch.player().session().turn() != turn) {
                break;
            }
        }
        Ok(())
    }

    /// The branch to answer on: this one at its end, else a fork, so that what came after the cursor is not lost.
    fn branch_to_answer(&mut self) -> Result<(), String> {
        if self.branch().at_end() {
            return Ok(());
        }
        self.room_for_fork()?;
        let moment = self.branch().player().moment();
        let heard = Change::Instructions(self.branch().hears(moment));
        let player = self.branch().player().fork(moment, heard).map_err(|e| e.to_string())?;
        let origin = Some((self.branch().id, moment));
        let fork = Branch::new(self.next_id, origin, player, &self.stage).map_err(|e| e.to_string())?;
        self.add(fork);
        Ok(())
    }
}

impl Runner {
    pub(super) fn take_side(&mut self, user: Option<Side>, slate: Option<Side>, now_ms: f64) -> Done {
        let show = self.show_mut()?;
        show.user_by = user.unwrap_or(show.user_by);
        show.slate_by = slate.unwrap_or(show.slate_by);
        let stray = [show.user_by, show.slate_by].contains(&Side::Guest) && self.seat.guest.is_none();
        if stray {
            self.without_guest()?;
            return Err(problem(
                "The side was not changed",
                "There is no language model yet. Choose one on the Models page.",
            ));
        }
        self.agree_on_sides();
        self.on_to_person(now_ms)
    }

    pub(super) fn human_answer(&mut self, answer: HumanAnswer, now_ms: f64) -> Done {
        let failed = "Your answer was not taken";
        let show = self.show_mut()?;
        if answer == HumanAnswer::LetBuiltin {
            let (branch, stage) = show.branch_mut();
            branch.step(stage).map_err(|e| problem(failed, e))?;
            return self.on_to_person(now_ms);
        }
        let answer = answer_of(answer, &show.branch().player().session().poll()).map_err(|e| problem(failed, e))?;
        let before = (show.branches.len(), show.selected, show.next_id);
        show.branch_to_answer().map_err(|e| problem(failed, e))?;
        let (branch, stage) = show.branch_mut();
        if let Err(why) = branch.answer(answer, stage) {
            show.branches.truncate(before.0);
            (show.selected, show.next_id) = (before.1, before.2);
            return Err(problem(failed, why));
        }
        self.on_to_person(now_ms)
    }

    /// Lets the built-in sides answer until the person is asked: at once where the person is the user, at the pace of
    /// play where the person composed a slate and now watches the user look at it.
    pub(super) fn on_to_person(&mut self, now_ms: f64) -> Done {
        let pause = f64::from(self.speed.pause_ms());
        let show = self.show_mut()?;
        if show.user_by == Side::Person && show.branch().at_end() {
            while !show.waits_for_person() {
                if show.waits_for_guest() {
                    show.playing = true;
                    self.seat.stepping = None;
                    break;
                }
                let (branch, stage) = show.branch_mut();
                if !branch.step(stage).map_err(|e| problem("The session stopped", e))? {
                    break;
                }
            }
        } else if show.slate_by == Side::Person && !show.waits_for_person() && !show.branch().is_over() {
            show.playing = true;
            self.due_ms = now_ms + pause;
        }
        self.changed();
        Ok(())
    }

    pub(super) fn search(&mut self, words: String, topic: Option<TopicIx>, limit: usize, out: &mut Vec<Event>) -> Done {
        let show = self.show()?;
        let session = show.branch().player().session();
        let shelf = show.stage.world.shelf();
        let terms: Vec<String> = words.split_whitespace().take(8).map(str::to_lowercase).collect();
        let mut found: Vec<ItemIx> = (session.observation().candidates.iter().copied())
            .filter(|&ix| topic.is_none_or(|t| shelf.items[ix as usize].topics.contains(&t)))
            .filter(|&ix| {
                let item = &shelf.items[ix as usize];
                let creator = shelf.creators.get(item.creator as usize).map_or("", String::as_str);
                let topics = item.topics.iter().map(|&t| shelf.topics[t as usize].as_str());
                terms.iter().all(|w| {
                    [item.title.as_str(), item.text.as_str(), creator]
                        .into_iter()
                        .chain(topics.clone())
                        .any(|text| text.to_lowercase().contains(w))
                })
            })
            .collect();
        let popularity = |ix: &ItemIx| shelf.items[*ix as usize].popularity;
        order::sort_by(&mut found, |a, b| popularity(b).total_cmp(&popularity(a)).then(a.cmp(b)));
        let total = found.len();
        found.truncate(limit.min(MAX_FOUND));
        let items = found.into_iter().map(|ix| view::card(ix, &show.stage)).collect();
        out.push(Event::Found { words, items, total });
        Ok(())
    }
}

/// A person's answer to what is asked.
fn answer_of(answer: HumanAnswer, need: &Need<'_>) -> Result<Answer, String> {
    let by = Author::Person;
    let review = |reaction| Ok(Answer::Review { reaction, by });
    let verdict = |verdict| Ok(Answer::Verdict { verdict, by });
    match (answer, need) {
        (HumanAnswer::React(reaction), Need::Review { .. }) => review(Reaction { examined: true, ..reaction }),
        (HumanAnswer::EnoughOfThis, Need::Review { .. }) => review(Reaction::default()),
        (HumanAnswer::Leave, Need::Review { .. }) => {
            review(Reaction { examined: true, left: true, ..Reaction::default() })
        }
        (HumanAnswer::Leave, Need::Verdict { .. }) => verdict(Verdict::Leave),
        (HumanAnswer::Continue, Need::Verdict { .. }) => verdict(Verdict::Continue),
        (HumanAnswer::Say(words), Need::Verdict { .. }) => verdict(Verdict::Instruct(Box::new(own_words(&words)?))),
        (HumanAnswer::Say(words), Need::Reply { .. }) => Ok(Answer::Reply { words: own_words(&words)?.words, by }),
        (HumanAnswer::Continue, Need::Reply { .. }) => Ok(Answer::Reply { words: String::new(), by }),
        (HumanAnswer::Slate(items), Need::Slate(_)) => Ok(Answer::Slate { items, trace: None, by }),
        (_, Need::Slate(_)) => Err("A slate is due next.".into()),
        (_, Need::Reply { .. }) => Err("The recommender has asked something: answer it, or let it pass.".into()),
        (_, Need::Review { .. }) => Err("The item under review is waiting for a reaction.".into()),
        (_, Need::Verdict { .. }) => Err("The slate is over: go on, say what should change, or leave.".into()),
        (_, Need::Over(_)) => Err("The session is over. Reset it, or go back on the timeline.".into()),
    }
}

fn own_words(words: &str) -> Result<Instruction, String> {
    let words = words.trim();
    if words.is_empty() {
        return Err("Write what should change, or choose “Next slate”.".into());
    }
    let length = words.chars().count();
    if length > MAX_WORDS {
        return Err(format!("The instruction has {length} characters; at most {MAX_WORDS} are read."));
    }
    // How exact a person's words are is the recommender's to find out; only the words travel.
    let (channel, specificity) = (Channel::Explicit, Specificity::Specific);
    Ok(Instruction { channel, specificity, words: words.to_owned(), frame: None, reason: None })
}
