//! What is answered to a question: one of the answers offered, neither, or something else in words.

use super::{
    Intent, Level, Understanding,
    lexicon::{stem, tokens},
    reason,
};
use crate::{
    recommender::Observation,
    user::clarify::{Asked, Question},
};

/// Words that point at the first answer, at the second, and that turn both down.
const FIRST: [&str; 4] = ["first", "former", "1", "1st"];
const SECOND: [&str; 6] = ["second", "latter", "2", "2nd", "two", "other"];
const NO: [&str; 8] = ["neither", "none", "no", "nope", "not", "nor", "nothing", "nah"];
/// Words of the answers offered that say nothing by themselves.
const EMPTY: [&str; 10] = ["more", "a", "an", "from", "the", "one", "something", "of", "and", "or"];

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    Option(usize),
    Neither,
    Unclear,
}

impl Understanding {
    /// What words mean together with what was asked about them and answered, said after the last turn of `obs.history`.
    #[must_use]
    pub fn read_asked(&self, words: &str, asked: &Asked, obs: &Observation<'_>) -> Intent {
        let mut before = self.read(words, obs);
        before.question = None;
        let reply = asked.reply.as_deref().unwrap_or_default();
        let Some(semantic) = self.semantic.as_ref().filter(|_| self.level == Level::Reasoning) else { return before };
        if reply.trim().is_empty() || obs.history.is_empty() {
            return before;
        }
        let chosen = chosen(&asked.question, reply);
        if let Chosen::Option(n) = chosen {
            return reason::chosen(before.holds_turns, &asked.question.options[n], obs);
        }
        let mut said = semantic.read(&self.lexicon, reply, obs);
        if said.is_specific() {
            said.notes.push("asked, and told in words".to_owned());
            return said;
        }
        match chosen {
            Chosen::Neither => reason::neither(before.holds_turns, &semantic.senses_of(words), &asked.question, obs),
            _ => before,
        }
    }
}

/// Which of the answers offered a reply chooses.
fn chosen(question: &Question, reply: &str) -> Chosen {
    let said = tokens(reply, 40);
    let has = |list: &[&str]| said.iter().any(|w| list.contains(&w.as_str()));
    let numbered = |n: &str| said.windows(2).any(|w| ["number", "option"].contains(&w[0].as_str()) && w[1] == n);
    let declined = has(&NO);
    let two = question.options.len() == 2;
    if two && !declined {
        match (has(&FIRST) || numbered("one"), has(&SECOND)) {
            (true, false) => return Chosen::Option(0),
            (false, true) => return Chosen::Option(1),
            _ => {}
        }
    }
    let stems: Vec<String> = said.iter().map(|w| stem(w)).collect();
    let own = |n: usize| {
        let mut own: Vec<String> = tokens(&question.options[n].words, 40).iter().map(|w| stem(w)).collect();
        own.retain(|w| !EMPTY.contains(&w.as_str()));
        own.iter().filter(|w| stems.contains(w)).count()
    };
    let named: Vec<usize> = (0..question.options.len()).filter(|n| own(*n) > 0).collect();
    match named[..] {
        [one] if !declined => Chosen::Option(one),
        _ if declined => Chosen::Neither,
        _ => Chosen::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{Purpose, Source},
        user::{
            clarify::{Choice, Offer},
            words::spoken,
        },
    };

    #[test]
    fn what_users_answer_is_read_as_the_answer_that_it_is() {
        let choice = |words: &str, offer| Choice { words: words.to_owned(), offer };
        let options = vec![choice("a rest from Cooking", Offer::Rest(0)), choice("shorter ones", Offer::Shorter)];
        let question = Question { text: "Which?".into(), options, worth: 0.1 };
        let mut random = Source::new(3).stream(Purpose::Words);
        for (rule, is) in [
            ("reply-first", Chosen::Option(0)),
            ("reply-second", Chosen::Option(1)),
            ("reply-neither", Chosen::Neither),
        ] {
            for _ in 0..60 {
                let n = if is == Chosen::Option(1) { 1 } else { 0 };
                let said = spoken().draw(rule, &mut random).replace("{option}", &question.options[n].words);
                assert_eq!(chosen(&question, &said), is, "{said}");
            }
        }
        assert_eq!(chosen(&question, "whatever"), Chosen::Unclear);
    }
}
