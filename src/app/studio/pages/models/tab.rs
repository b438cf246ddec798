//! A model inside the tab: the way to `www/studio-tab-model.js`, which is fetched with its engine when first wanted.

use super::super::web::Abort;
use crate::llm::{
    chat::Reply,
    fault::Fault,
    shape::clip,
    sse::{Pace, Stream},
};
use crate::worker::transport::BUILD_ID;
use leptos::prelude::*;
use serde::Deserialize;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

/// What this browser can do for a model.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Able {
    /// Whether there is a graphics adapter that programs may use.
    pub webgpu: bool,
    /// Threads that a model may use: 1 unless the page is cross-origin isolated.
    pub threads: u32,
    /// Memory of the machine as the browser tells it, GB; 0 where it does not.
    pub memory_gb: f64,
}

/// How a loaded model runs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Runs {
    /// On what, in words.
    pub how: String,
    /// Whether it can be shown pictures: it was loaded with its projector.
    pub sees: bool,
}

/// A model kept in the browser, whole or in part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Kept {
    /// Where it comes from.
    pub url: String,
    /// Bytes of the whole.
    pub size: f64,
    /// Bytes of it that are here.
    pub here: f64,
}

impl Kept {
    /// Whether all of it is here.
    pub fn is_whole(&self) -> bool {
        self.here >= self.size
    }
}

/// What a model's file is called, without its folders and ending.
pub fn file_name(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let last = path.rsplit('/').find(|p| !p.is_empty()).unwrap_or(path);
    last.strip_suffix(".gguf").unwrap_or(last).to_owned()
}

fn said(error: &JsValue) -> String {
    let text = error.dyn_ref::<js_sys::Error>().map(|e| String::from(e.message()));
    text.or_else(|| error.as_string()).unwrap_or_else(|| "it does not say why".into())
}

fn glue() -> Option<JsValue> {
    js_sys::Reflect::get(&window(), &JsValue::from_str("recoworldTab")).ok().filter(JsValue::is_object)
}

/// Fetches the glue, once.
async fn fetched() -> Result<JsValue, String> {
    if let Some(glue) = glue() {
        return Ok(glue);
    }
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        let add = || -> Option<()> {
            let script = document().create_element("script").ok()?;
            script.set_attribute("type", "module").ok()?;
            script.set_attribute("src", &format!("./studio-tab-model.js?v={BUILD_ID}")).ok()?;
            script.add_event_listener_with_callback("load", &resolve).ok()?;
            script.add_event_listener_with_callback("error", &reject).ok()?;
            document().head()?.append_child(&script).ok()?;
            Some(())
        };
        if add().is_none() {
            let _ = reject.call0(&JsValue::NULL);
        }
    });
    JsFuture::from(promise).await.map_err(|_| "The engine for models in the tab could not be fetched.".to_owned())?;
    glue().ok_or_else(|| "The engine for models in the tab did not start.".to_owned())
}

async fn ask(name: &str, arguments: &[JsValue]) -> Result<JsValue, String> {
    let glue = fetched().await?;
    let function = js_sys::Reflect::get(&glue, &JsValue::from_str(name)).map_err(|e| said(&e))?;
    let function: js_sys::Function = function.dyn_into().map_err(|_| format!("there is no {name}"))?;
    let promise = function.apply(&glue, &arguments.iter().collect()).map_err(|e| said(&e))?;
    JsFuture::from(js_sys::Promise::resolve(&promise)).await.map_err(|e| said(&e))
}

fn read<T: serde::de::DeserializeOwned>(value: &JsValue) -> Result<T, String> {
    serde_json::from_str(&value.as_string().unwrap_or_default()).map_err(|e| e.to_string())
}

/// What this browser can do.
///
/// # Errors
/// In words.
pub async fn able() -> Result<Able, String> {
    read(&ask("able", &[]).await?)
}

/// The models kept in the browser.
///
/// # Errors
/// In words.
pub async fn kept() -> Result<Vec<Kept>, String> {
    read(&ask("kept", &[]).await?)
}

/// Deletes a kept model.
///
/// # Errors
/// In words.
pub async fn delete(url: &str) -> Result<(), String> {
    ask("remove", &[JsValue::from_str(url)]).await.map(drop)
}

/// Loads a model from its address (kept ones without the network), telling how much of it is here, in bytes.
///
/// # Errors
/// In words.
pub async fn load_url(
    url: &str,
    gpu: bool,
    abort: &Abort,
    progress: impl FnMut(f64, f64) + 'static,
) -> Result<Runs, String> {
    let told = Closure::<dyn FnMut(f64, f64)>::new(progress);
    let arguments = [JsValue::from_str(url), JsValue::from_bool(gpu), abort.signal(), told.as_ref().clone()];
    read(&ask("loadUrl", &arguments).await?)
}

/// Loads a model from the person's own file; one that sees with its projector, a second one.
///
/// # Errors
/// In words.
pub async fn load_file(file: &web_sys::File, gpu: bool, projector: Option<&web_sys::File>) -> Result<Runs, String> {
    let projector: JsValue = projector.cloned().map_or(JsValue::UNDEFINED, Into::into);
    read(&ask("loadFile", &[file.clone().into(), JsValue::from_bool(gpu), projector]).await?)
}

/// Ends the model and frees its memory.
///
/// # Errors
/// In words.
pub async fn unload() -> Result<(), String> {
    ask("unload", &[]).await.map(drop)
}

/// Loads a model that embeds texts, from its address or the person's own file, telling how much of it is here, in bytes.
///
/// # Errors
/// In words.
pub async fn load_reader(
    from: JsValue,
    abort: &Abort,
    progress: impl FnMut(f64, f64) + 'static,
) -> Result<String, String> {
    let told = Closure::<dyn FnMut(f64, f64)>::new(progress);
    let how = ask("loadReader", &[from, abort.signal(), told.as_ref().clone()]).await?;
    Ok(how.as_string().unwrap_or_default())
}

/// Asks the model that embeds texts: the answer's text.
///
/// # Errors
/// As a server's faults.
pub async fn embed(body: &str, abort: &Abort) -> Result<String, Fault> {
    match ask("embed", &[JsValue::from_str(body), abort.signal()]).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(_) if abort.is_used() => Err(Fault::Cancelled),
        Err(said) => Err(fault(&said)),
    }
}

fn fault(said: &str) -> Fault {
    let said = clip(said, 200);
    if said.contains("too large") || said.contains("context") {
        Fault::TooLong { said }
    } else {
        Fault::Server { status: 500, said }
    }
}

/// Asks the loaded model. `grown` hears the text so far, and how fast it comes.
///
/// # Errors
/// As a server's faults.
pub async fn call(
    body: &str,
    timeout_ms: u64,
    abort: &Abort,
    grown: impl Fn(&str, &Pace) + 'static,
) -> Result<Reply, Fault> {
    let taken = Rc::new(RefCell::new(Ok(Stream::new())));
    let told = {
        let taken = taken.clone();
        Closure::<dyn FnMut(String)>::new(move |piece: String| take(&mut taken.borrow_mut(), &piece, &grown))
    };
    let arguments =
        [JsValue::from_str(body), JsValue::from_f64(timeout_ms as f64), abort.signal(), told.as_ref().clone()];
    match ask("complete", &arguments).await {
        Ok(_) => taken.replace(Err(Fault::Cut)).and_then(Stream::end),
        Err(_) if abort.is_used() => Err(Fault::Cancelled),
        Err(said) if said == "timeout" => Err(Fault::Slow { after_ms: timeout_ms }),
        Err(said) => Err(fault(&said)),
    }
}

/// A piece of the answer; after a fault nothing more is taken.
fn take(taken: &mut Result<Stream, Fault>, piece: &str, grown: &impl Fn(&str, &Pace)) {
    let Ok(stream) = taken else { return };
    match stream.push(format!("data: {piece}\n\n").as_bytes()) {
        Ok(()) => grown(stream.text(), stream.pace()),
        Err(fault) => *taken = Err(fault),
    }
}
