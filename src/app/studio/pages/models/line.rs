//! The page's calls to a server: sent, streamed, timed out, cancelled. What comes back has the key taken out.

use crate::llm::{
    chat::{Reply, read_reply},
    dialect::{completions_url, models_url},
    embed,
    fault::Fault,
    listing::{self, Listed},
    secret::Secret,
    sse::{self, Pace},
};
use leptos::prelude::*;
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::super::web::{self, Abort, object};

/// A server as a transport needs it.
#[derive(Clone)]
pub struct Remote {
    /// Where `chat/completions` is, without that.
    pub base: String,
    /// The key, for the header of the request alone.
    pub key: Secret,
}

/// Why a call was broken off by the page itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    No,
    TimedOut,
}

impl Remote {
    /// Makes a call. `grown` hears the text so far while it is streamed.
    ///
    /// # Errors
    /// What went wrong; the key is taken out of it.
    pub async fn call(
        &self,
        body: &str,
        timeout_ms: u64,
        abort: &Abort,
        grown: impl Fn(&str, &Pace),
    ) -> Result<Reply, Fault> {
        let outcome = self.within(timeout_ms, abort, self.exchange(body, abort, grown)).await;
        self.key.clean(outcome)
    }

    /// Asks for embeddings: the answer's text.
    ///
    /// # Errors
    /// What went wrong; the key is taken out of it.
    pub async fn embed(&self, body: &str, timeout_ms: u64, abort: &Abort) -> Result<String, Fault> {
        let work = async {
            let response = self.ask(&embed::url(&self.base), body, abort).await?;
            text_of(&response).await.map_err(|_| Fault::Cut)
        };
        let outcome = self.within(timeout_ms, abort, work).await;
        outcome.map(|text| self.key.redact(text)).map_err(|fault| self.key.clean_fault(fault))
    }

    /// What models it has; none where it does not tell.
    pub async fn models(&self, timeout_ms: u64, abort: &Abort) -> Vec<Listed> {
        let work = async {
            let request = quiet(&[("headers", object(&self.authorization())), ("signal", abort.signal())]);
            let refused = |_: JsValue| Fault::Cut;
            let response = fetch(&models_url(&self.base), &request).await.map_err(refused)?;
            text_of(&response).await.map_err(refused)
        };
        self.within(timeout_ms, abort, work).await.map_or_else(|_| Vec::new(), |text| listing::read(&text))
    }

    async fn within<T>(
        &self,
        timeout_ms: u64,
        abort: &Abort,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let ended = Rc::new(Cell::new(Ended::No));
        let (stop, late) = (abort.clone(), ended.clone());
        let timer = set_timeout_with_handle(
            move || {
                late.set(Ended::TimedOut);
                stop.abort();
            },
            Duration::from_millis(timeout_ms),
        );
        let outcome = work.await;
        if let Ok(timer) = timer {
            timer.clear();
        }
        match (outcome, ended.get(), abort.is_used()) {
            (Ok(reply), ..) => Ok(reply),
            (Err(_), Ended::TimedOut, _) => Err(Fault::Slow { after_ms: timeout_ms }),
            (Err(_), Ended::No, true) => Err(Fault::Cancelled),
            (Err(Fault::Refused { .. }), Ended::No, false) => Err(self.refused().await),
            (Err(fault), ..) => Err(fault),
        }
    }

    async fn exchange(&self, body: &str, abort: &Abort, grown: impl Fn(&str, &Pace)) -> Result<Reply, Fault> {
        let response = self.ask(&completions_url(&self.base), body, abort).await?;
        if header(&response, "content-type").is_some_and(|kind| kind.starts_with("text/event-stream")) {
            return read_stream(&response, grown).await;
        }
        read_reply(&text_of(&response).await.map_err(|_| Fault::Cut)?)
    }

    /// The answer, where it is a good one.
    async fn ask(&self, url: &str, body: &str, abort: &Abort) -> Result<JsValue, Fault> {
        let refused = |_: JsValue| Fault::Refused { said: String::new() };
        let response = fetch(url, &self.post(body, abort)).await.map_err(refused)?;
        if web::get(&response, "ok").is_truthy() {
            return Ok(response);
        }
        let retry_after = header(&response, "retry-after");
        let text = self.key.redact(text_of(&response).await.unwrap_or_default());
        let status = web::get(&response, "status").as_f64().unwrap_or(500.0) as u16;
        Err(Fault::of_status(status, retry_after.as_deref(), &text, unix_s()))
    }

    fn authorization(&self) -> Vec<(&'static str, JsValue)> {
        let header = |key| ("authorization", JsValue::from_str(&format!("Bearer {key}")));
        self.key.reveal().map(header).into_iter().collect()
    }

    fn post(&self, body: &str, abort: &Abort) -> JsValue {
        let headers = [vec![("content-type", JsValue::from_str("application/json"))], self.authorization()].concat();
        quiet(&[
            ("method", "POST".into()),
            ("headers", object(&headers)),
            ("body", JsValue::from_str(body)),
            ("signal", abort.signal()),
        ])
    }

    /// A browser does not tell a server that is not there from one that does not let the page read. A request whose
    /// answer nobody reads does.
    async fn refused(&self) -> Fault {
        // Another redirect mode than following is not allowed to such a request.
        let init = object(&[("mode", "no-cors".into()), ("credentials", "omit".into())]);
        match fetch(&models_url(&self.base), &init).await {
            Ok(_) => Fault::Cors,
            Err(_) if !window().navigator().on_line() => Fault::Refused { said: "this machine is offline".into() },
            Err(_) => Fault::Refused { said: String::new() },
        }
    }
}

/// No cookies, no way elsewhere.
fn quiet(more: &[(&str, JsValue)]) -> JsValue {
    object(&[&[("credentials", "omit".into()), ("redirect", "error".into())], more].concat())
}

async fn fetch(url: &str, init: &JsValue) -> Result<JsValue, JsValue> {
    web::ask(&window(), "fetch", &[JsValue::from_str(url), init.clone()]).await
}

/// A file of the page's own.
///
/// # Errors
/// In words why it did not come.
pub async fn own_file(path: &str) -> Result<String, String> {
    let gone = |_: JsValue| format!("{path} could not be fetched; look whether the connection is there");
    let response = fetch(path, &quiet(&[])).await.map_err(gone)?;
    if !web::get(&response, "ok").is_truthy() {
        return Err(format!("{path} is not there"));
    }
    text_of(&response).await.map_err(gone)
}

fn header(response: &JsValue, name: &str) -> Option<String> {
    web::call(&web::get(response, "headers"), "get", &[JsValue::from_str(name)]).ok()?.as_string()
}

async fn text_of(response: &JsValue) -> Result<String, JsValue> {
    Ok(web::ask(response, "text", &[]).await?.as_string().unwrap_or_default())
}

async fn read_stream(response: &JsValue, grown: impl Fn(&str, &Pace)) -> Result<Reply, Fault> {
    let mut stream = sse::Stream::new();
    let reader = web::call(&web::get(response, "body"), "getReader", &[]).map_err(|_| Fault::Cut)?;
    while !stream.is_done() {
        let piece = web::ask(&reader, "read", &[]).await.map_err(|_| Fault::Cut)?;
        let Ok(bytes) = web::get(&piece, "value").dyn_into::<js_sys::Uint8Array>() else { break };
        stream.push(&bytes.to_vec())?;
        grown(stream.text(), stream.pace());
    }
    // What more the server may send is of no use; the connection is closed.
    let _ = web::call(&reader, "cancel", &[]);
    stream.end()
}

fn unix_s() -> u64 {
    (js_sys::Date::now() / 1000.0) as u64
}

/// Waits a little.
pub async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // Without a timer it does not wait, which asks a little more often.
        if window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    let _ = JsFuture::from(promise).await;
}
