//! The recommender's question about what was said, and the user's reply.

use super::{Session, Stage};
use crate::{
    session::{AnswerError, Need},
    user::{
        Term,
        clarify::{Asked, MOST_OPTIONS, MOST_WORDS, Question},
        grammar::Grammar,
        words,
    },
};

impl Session {
    /// What the built-in user answers to the question that waits (nothing where none does, or where only a person knows what
    /// was meant).
    #[must_use]
    pub fn builtin_reply(&self) -> String {
        self.reply_in(words::spoken())
    }

    /// As [`builtin_reply`](Self::builtin_reply), in words of another grammar.
    #[must_use]
    pub fn reply_in(&self, grammar: &Grammar) -> String {
        let (Need::Reply { question, .. }, Some(said)) = (self.poll(), &self.pending) else { return String::new() };
        let Some(frame) = &said.frame else { return String::new() };
        let meant = (frame, said.reason.unwrap_or(Term::Mindset));
        self.user.reply(question, meant, grammar, self.world.shelf(), self.turn_source())
    }

    pub(super) fn take_question(&mut self, question: Question) -> Result<(), AnswerError> {
        let no = |why| Err(AnswerError::Question(why));
        let Some(last) = self.history.last_mut().filter(|t| t.said.is_some()) else {
            return no("nothing was said that could be asked about");
        };
        if last.asked.is_some() {
            return no("one question is enough; a slate is due");
        }
        let short = |text: &str| !text.trim().is_empty() && text.chars().count() <= MOST_WORDS;
        if !short(&question.text) || !question.options.iter().all(|o| short(&o.words)) {
            return no("it and its answers must have 1 to 300 characters each");
        }
        if !(1..=MOST_OPTIONS).contains(&question.options.len()) {
            return no("it must offer 1 to 4 answers");
        }
        let asked = Asked { question, reply: None };
        last.asked = Some(asked.clone());
        if let Some(turn) = self.turns.last_mut() {
            turn.asked = Some(asked);
        }
        self.user.be_asked();
        self.stage = Stage::Reply;
        Ok(())
    }

    pub(super) fn take_reply(&mut self, words: String) -> Result<(), AnswerError> {
        if words.chars().count() > 2 * MOST_WORDS {
            return Err(AnswerError::Question("the reply has more than 600 characters"));
        }
        let past = self.history.last_mut().and_then(|t| t.asked.as_mut());
        let noted = self.turns.last_mut().and_then(|t| t.asked.as_mut());
        for asked in [past, noted].into_iter().flatten() {
            asked.reply = Some(words.clone());
        }
        self.stage = Stage::Slate;
        Ok(())
    }
}
