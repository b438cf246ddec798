//! Texts embedded by a model behind OpenAI's `/v1/embeddings`.

use super::{Problem, llm, llm_http::Server, progress::Progress, said};
use crate::{
    catalog::Shelf,
    llm::{
        dialect::Dialect,
        embed::{Ask, Embeddings, Job},
    },
};
use std::time::{Duration, Instant};

/// Where embeddings are asked for.
pub struct EmbeddingServer<'a> {
    /// Its address or a preset's name; without one nothing is asked.
    pub url: Option<&'a str>,
    /// The model's name.
    pub model: &'a str,
    /// The environment variable that holds the key.
    pub key_env: Option<&'a str>,
    /// Whether plain http to another machine is allowed.
    pub plain_http: bool,
    /// The time allowed for a call, ms.
    pub timeout_ms: u64,
}

impl EmbeddingServer<'_> {
    /// The texts of a shelf's items as the model embeds them; `None` where no server is named.
    // The command line times calls; the engine is given its time.
    #[allow(clippy::disallowed_methods)]
    pub fn embeddings(&self, shelf: &Shelf) -> Result<Option<Embeddings>, Problem> {
        let Some(named) = self.url else { return Ok(None) };
        let (base, chosen) = llm::base(named, "--embeddings", self.plain_http)?;
        let secret = llm::key(self.key_env, chosen)?;
        let server = Server::new(base, self.model, secret, Dialect::COMMON, false);
        let mut job = Job::new(shelf, self.model);
        let began = Instant::now();
        let now = || began.elapsed().as_millis() as u64;
        let mut progress = Progress::new("texts embedded");
        loop {
            match job.poll(now()) {
                Ask::Done => break,
                Ask::Failed(fault) => {
                    progress.end();
                    return Err(said(format!("--embeddings: {} {}", fault.words(), llm::fix(&fault, chosen))));
                }
                Ask::Wait(until) => std::thread::sleep(Duration::from_millis(until.saturating_sub(now()))),
                Ask::Send { id, body } => {
                    let asked = now();
                    let outcome = server.embed(body, self.timeout_ms);
                    job.reply(id, outcome, now() - asked, now());
                    let (done, total, _) = job.progress();
                    progress.tell(done as u32, total as u32);
                }
            }
        }
        progress.end();
        Ok(job.finish())
    }
}
