//! A recommender of the person's own behind an HTTP address.

use super::{Problem, args::RemoteArgs, said};
use crate::{
    catalog::ItemIx,
    chart::text,
    math::Stream,
    recommender::{
        Observation, ReasoningTrace, Recommender, Step,
        remote::{MOST_BYTES, PROTOCOL, Post, Reply, read},
    },
    scenario::{env::PublicObservation, recsim},
    session::player::Make,
};
use serde::Serialize;
use std::{cell::RefCell, io::Read, rc::Rc, time::Duration};

/// A line to the person's recommender, shared by all who serve through it.
#[derive(Clone)]
pub struct Remote(Rc<RefCell<Inner>>);

struct Inner {
    agent: ureq::Agent,
    url: String,
    /// The host alone: an address may hold a password.
    host: String,
    timeout_ms: u64,
    scenario: String,
    episode: u32,
    begun: bool,
    knows_items: bool,
    failed: Option<String>,
}

impl Remote {
    /// The recommender of the arguments, where they name one. Nothing is sent yet.
    pub fn of(args: &RemoteArgs, scenario: &str) -> Result<Option<Self>, Problem> {
        let Some(url) = &args.recommender_url else { return Ok(None) };
        let host = host(url).ok_or_else(|| {
            said(
                "--recommender-url: write it as http://host:port/path, such as http://127.0.0.1:8000/slate.".to_owned(),
            )
        })?;
        let agent = ureq::Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .build()
            .into();
        let inner = Inner {
            agent,
            url: url.clone(),
            host,
            timeout_ms: u64::from(args.recommender_timeout) * 1000,
            scenario: scenario.to_owned(),
            episode: 0,
            begun: false,
            knows_items: false,
            failed: None,
        };
        Ok(Some(Self(Rc::new(RefCell::new(inner)))))
    }

    /// Its name in results.
    pub fn name(&self) -> String {
        format!("url {}", self.0.borrow().host)
    }

    /// What makes it, whatever recommender the scenario names.
    pub fn maker(&self) -> Make {
        let remote = self.clone();
        Rc::new(move |_| Ok(Box::new(remote.clone())))
    }

    /// What went wrong, once something has.
    pub fn check(&self) -> Result<(), Problem> {
        match self.0.borrow().failed.as_ref() {
            None => Ok(()),
            Some(why) => Err(said(format!("The recommender at {} failed: {why}.", self.0.borrow().host))),
        }
    }

    /// Chooses the slate of a published environment.
    pub fn serve(&self, o: recsim::Observation, slate: &mut Vec<usize>) {
        let mut inner = self.0.borrow_mut();
        inner.at_step(o.step);
        let (candidates, size) = (o.candidates.clone(), o.slate_size);
        let (items, _) = inner.choose(o, &candidates, size, None);
        slate.clear();
        slate.extend(items.into_iter().map(|i| i as usize));
    }
}

impl Inner {
    /// Counts the episodes: one begins with its step 0.
    fn at_step(&mut self, step: u32) {
        if step == 0 && self.begun {
            self.episode += 1;
        }
        self.begun = true;
    }

    /// Its slate and trace. Where it fails, that is kept and the first candidates stand in, so that whoever plays can end
    /// in order; nothing more is sent then.
    fn choose<O: Serialize>(
        &mut self,
        observation: O,
        candidates: &[ItemIx],
        size: usize,
        shelf: Option<&crate::catalog::Shelf>,
    ) -> (Vec<ItemIx>, Option<ReasoningTrace>) {
        if self.failed.is_none() {
            match self.ask(&observation, candidates, size, shelf) {
                Ok(chosen) => return chosen,
                Err(why) => self.failed = Some(why),
            }
        }
        (candidates[..size].to_vec(), None)
    }

    fn ask<O: Serialize>(
        &mut self,
        observation: &O,
        candidates: &[ItemIx],
        size: usize,
        shelf: Option<&crate::catalog::Shelf>,
    ) -> Result<(Vec<ItemIx>, Option<ReasoningTrace>), String> {
        for _ in 0..2 {
            let items = shelf.filter(|_| !self.knows_items);
            self.knows_items = true;
            let post = Post { protocol: PROTOCOL, scenario: &self.scenario, episode: self.episode, observation, items };
            let body = serde_json::to_string(&post).map_err(|e| e.to_string())?;
            match read(&self.post(&body)?, candidates, size)? {
                Reply::Slate { items, trace } => return Ok((items, trace)),
                Reply::NeedsItems => self.knows_items = false,
            }
        }
        Err("it asks for the items although it was given all there are".to_owned())
    }

    fn post(&self, body: &str) -> Result<String, String> {
        let timeout = Duration::from_millis(self.timeout_ms);
        let call = self.agent.post(&self.url).config().timeout_global(Some(timeout)).build();
        let mut answer = call.header("content-type", "application/json").send(body).map_err(|e| self.words(&e))?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        let most = MOST_BYTES as u64 + 1;
        answer.body_mut().as_reader().take(most).read_to_end(&mut bytes).map_err(|e| {
            let slow = e.get_ref().and_then(|e| e.downcast_ref::<ureq::Error>()).map(|e| self.words(e));
            slow.unwrap_or_else(|| "its answer broke off".to_owned())
        })?;
        if !(200..300).contains(&status) {
            return Err(format!("it answered with HTTP status {status}; 200 is expected"));
        }
        if bytes.len() > MOST_BYTES {
            return Err("its answer is longer than a megabyte".to_owned());
        }
        String::from_utf8(bytes).map_err(|_| "its answer is not UTF-8".to_owned())
    }

    /// The kind alone: the text of an error may hold the address, and so what a person typed into it.
    fn words(&self, e: &ureq::Error) -> String {
        match e {
            ureq::Error::Timeout(_) => {
                let s = self.timeout_ms / 1000;
                format!("it did not answer within {s} s (--recommender-timeout sets how long to wait)")
            }
            ureq::Error::Io(e) => format!("it cannot be reached: {}", e.kind()),
            ureq::Error::HostNotFound => "its host is unknown".to_owned(),
            _ => "it does not speak HTTP as expected".to_owned(),
        }
    }
}

impl Recommender for Remote {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        let mut inner = self.0.borrow_mut();
        inner.at_step(obs.turn);
        let seen = PublicObservation::from(obs);
        let (items, why) = inner.choose(seen, obs.candidates, obs.slate_size, Some(obs.shelf));
        if let Some(trace) = trace {
            *trace = why.unwrap_or_default();
            let text = format!("Asked your recommender at {} for {}.", inner.host, text::count(obs.slate_size, "item"));
            trace.act.push(Step { text, data: vec![("candidates".to_owned(), obs.candidates.len() as f64)] });
        }
        slate.extend(items);
    }

    fn reset(&mut self) {}
}

/// The host and port of an HTTP address.
fn host(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty() && !host.contains(char::is_whitespace)).then(|| host.to_owned())
}
