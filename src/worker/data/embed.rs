//! Texts embedded by a model: this worker says what to ask, the page, which holds key and network, asks.

use super::{
    Answer, Open, problem,
    protocol::{self, Event},
};
use crate::llm::{
    embed::{Ask, Embeddings, Job},
    fault::Fault,
};
use std::rc::Rc;

/// The embedding under way, or done.
pub(super) struct Embedding {
    job: Job,
    model: String,
    made: Option<Rc<Embeddings>>,
    kept: bool,
    running: bool,
    began_ms: f64,
    /// How many texts were done when it began.
    began_at: usize,
}

impl Embedding {
    pub(super) fn made(&self) -> Option<Rc<Embeddings>> {
        self.made.clone()
    }

    fn told(&self, now_ms: f64, fault: Option<Fault>) -> Event {
        let (done, total, tokens) = self.job.progress();
        let spent = (now_ms - self.began_ms) / 1000.0;
        let came = done.saturating_sub(self.began_at);
        let left = (self.running && came > 0).then(|| spent / came as f64 * (total - done) as f64);
        let made = self.made.as_deref();
        Event::Embedding(protocol::Embedding {
            model: self.model.clone(),
            done: if made.is_some() { total } else { done },
            total,
            tokens: made.map_or(tokens, |m| m.tokens),
            seconds_left: left,
            running: self.running,
            fault,
            dims: made.map_or(0, |m| m.dims),
            kept: self.kept,
            ms: made.map_or(0.0, |m| m.ms),
        })
    }
}

impl Open {
    /// Another model, or the same again.
    pub(super) fn embed(&mut self, model: &str) -> Answer<Event> {
        if model.trim().is_empty() {
            return Err(problem("embed", "Which model? Write its name as the server knows it."));
        }
        // What a stop left is gone on with.
        if self.embedding.as_ref().is_none_or(|e| e.model != model || e.made.is_some()) {
            self.embedding = Some(Embedding {
                job: Job::new(&self.catalog.shelf, model),
                model: model.to_owned(),
                made: None,
                kept: false,
                running: false,
                began_ms: 0.0,
                began_at: 0,
            });
        }
        let digest = self.embedding.as_ref().map_or_else(String::new, |e| e.job.digest());
        Ok(Event::EmbedWith { digest })
    }

    pub(super) fn embed_kept(&mut self, bytes: &[u8], now_ms: f64) -> Event {
        let items = self.catalog.shelf.items.len();
        let read = Embeddings::from_bytes(bytes, items);
        let Some((embedding, made)) = self.embedding.as_mut().zip(read) else {
            return Event::Refused(problem("embed", "What was kept cannot be read any more. Ask for it again."));
        };
        embedding.kept = true;
        self.take_embeddings(made, now_ms)
    }

    pub(super) fn embed_begin(&mut self, now_ms: f64) -> Vec<Event> {
        let Some(embedding) = &mut self.embedding else { return Vec::new() };
        embedding.job.again();
        (embedding.running, embedding.kept) = (true, false);
        (embedding.began_ms, embedding.began_at) = (now_ms, embedding.job.progress().0);
        let told = embedding.told(now_ms, None);
        [told].into_iter().chain(self.next_call(now_ms)).collect()
    }

    pub(super) fn embedded(&mut self, id: u32, outcome: Result<String, Fault>, ms: u64, now_ms: f64) -> Vec<Event> {
        let Some(embedding) = self.embedding.as_mut().filter(|e| e.running) else { return Vec::new() };
        embedding.job.reply(id, outcome, ms, now_ms as u64);
        self.next_call(now_ms)
    }

    pub(super) fn embed_stop(&mut self, now_ms: f64) -> Option<Event> {
        let embedding = self.embedding.as_mut().filter(|e| e.running)?;
        embedding.running = false;
        Some(embedding.told(now_ms, None))
    }

    /// The time that it waited for has come.
    pub(super) fn embed_on(&mut self, now_ms: f64) -> Vec<Event> {
        if self.embedding.as_ref().is_some_and(|e| e.running) { self.next_call(now_ms) } else { Vec::new() }
    }

    fn next_call(&mut self, now_ms: f64) -> Vec<Event> {
        let Some(embedding) = &mut self.embedding else { return Vec::new() };
        match embedding.job.poll(now_ms as u64) {
            Ask::Send { id, body } => vec![embedding.told(now_ms, None), Event::EmbedCall { id, body }],
            Ask::Wait(until) => vec![Event::EmbedWait { ms: until.saturating_sub(now_ms as u64) }],
            Ask::Failed(fault) => {
                embedding.running = false;
                vec![embedding.told(now_ms, Some(fault))]
            }
            Ask::Done => {
                let Some(made) = embedding.job.finish() else { return Vec::new() };
                let bytes = made.to_bytes();
                vec![self.take_embeddings(made, now_ms), Event::Embedded { bytes }]
            }
        }
    }

    /// Compares them with the rest, in the place of those of another model.
    fn take_embeddings(&mut self, made: Embeddings, now_ms: f64) -> Event {
        let made = Rc::new(made);
        let again = self.study.worlds().any(|((_, model), _)| model.is_some());
        if let Some(embedding) = &mut self.embedding {
            (embedding.made, embedding.running) = (Some(made.clone()), false);
        }
        if again {
            self.remake(now_ms);
        } else {
            (self.began_ms, self.stopped) = (now_ms, false);
            self.study.embed(&self.scenario, made);
        }
        self.embedding.as_ref().map_or_else(|| Event::Refused(problem("embed", "")), |e| e.told(now_ms, None))
    }
}
