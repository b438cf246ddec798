//! Imported catalogues, kept in the browser's database so that a reload or a new worker finds them again.
//!
//! What is kept is what was sent to the worker: the files' bytes, the mapping and the name. Reading them again gives the
//! same catalogue.

use crate::worker::{
    Command, ImportCommand,
    import::{ImportKind, SLICE, bytes},
    transport::{from_bytes, to_bytes},
};
use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

const DATABASE: &str = "recoworld";
const STORE: &str = "catalogs";
/// The form in which imports are kept: another one where [`Kept`] changes.
const FORM: &str = "packed";

/// An import as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// What it is called.
    pub name: String,
    /// The files.
    pub files: Vec<KeptFile>,
    /// The mapping that was accepted.
    pub mapping: BTreeMap<String, String>,
    /// The items' own pictures, which are kept beside it.
    #[serde(skip)]
    pub pictures: Vec<u8>,
}

/// One of its files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    #[serde(with = "bytes")]
    pub bytes: Vec<u8>,
}

impl Kept {
    /// Notes an import command on its way to the worker.
    pub fn note(&mut self, command: &ImportCommand) {
        match command {
            ImportCommand::Begin { files, .. } => {
                let files = files.iter().map(|(name, _)| KeptFile { name: name.clone(), bytes: Vec::new() });
                *self = Self { files: files.collect(), ..Self::default() };
            }
            ImportCommand::Slice { file, bytes } => {
                if let Some(f) = self.files.get_mut(*file) {
                    f.bytes.extend_from_slice(bytes);
                }
            }
            ImportCommand::Cancel => *self = Self::default(),
            ImportCommand::End | ImportCommand::Map(_) | ImportCommand::Pictures(_) | ImportCommand::Accept { .. } => {}
        }
    }

    /// The commands that import it again, for the engine's worker.
    pub fn commands(&self) -> Vec<Command> {
        self.imports().into_iter().map(Command::Import).collect()
    }

    /// The same, as they are sent from the studio.
    pub fn imports(&self) -> Vec<ImportCommand> {
        let files: Vec<(String, u64)> = self.files.iter().map(|f| (f.name.clone(), f.bytes.len() as u64)).collect();
        let mut all = vec![ImportCommand::Begin { kind: ImportKind::Items, files }];
        for (file, f) in self.files.iter().enumerate() {
            all.extend(f.bytes.chunks(SLICE).map(|b| ImportCommand::Slice { file, bytes: b.to_vec() }));
        }
        all.push(ImportCommand::Map(self.mapping.clone()));
        all.push(ImportCommand::Pictures(self.pictures.clone()));
        all.push(ImportCommand::Accept { name: self.name.clone() });
        all
    }
}

/// Keeps an import under its digest.
///
/// # Errors
/// What the browser said, for instance that there is no room.
pub async fn put(digest: &str, kept: &Kept) -> Result<(), String> {
    put_value(&to_bytes(kept)?, &key(digest)).await
}

/// The import of that digest, where it is kept.
///
/// # Errors
/// What the browser said.
pub async fn get(digest: &str) -> Result<Option<Kept>, String> {
    let value = find(&key(digest)).await?;
    if value.is_undefined() {
        return Ok(None);
    }
    let mut kept: Kept = from_bytes(value)?;
    if let Ok(bytes) = find(&pictures_of(digest)).await?.dyn_into::<js_sys::Uint8Array>() {
        kept.pictures = bytes.to_vec();
    }
    Ok(Some(kept))
}

/// Keeps the pictures of an import's items, under its digest.
///
/// # Errors
/// What the browser said, for instance that there is no room.
pub async fn put_pictures(digest: &str, bytes: &[u8]) -> Result<(), String> {
    put_value(&js_sys::Uint8Array::from(bytes), &pictures_of(digest)).await
}

async fn find(key: &JsValue) -> Result<JsValue, String> {
    let store = store(web_sys::IdbTransactionMode::Readonly).await?;
    settled(&store.get(key).map_err(said)?).await
}

async fn put_value(value: &JsValue, key: &JsValue) -> Result<(), String> {
    let store = store(web_sys::IdbTransactionMode::Readwrite).await?;
    settled(&store.put_with_key(value, key).map_err(said)?).await.map(drop)
}

fn pictures_of(digest: &str) -> JsValue {
    JsValue::from_str(&format!("{digest} pictures"))
}

fn key(digest: &str) -> JsValue {
    JsValue::from_str(&format!("{FORM} {digest}"))
}

async fn store(mode: web_sys::IdbTransactionMode) -> Result<web_sys::IdbObjectStore, String> {
    store_of(DATABASE, STORE, mode).await
}

/// The one store of a database, which is made where it is not there yet.
///
/// # Errors
/// What the browser said.
pub async fn store_of(
    database: &str,
    name: &'static str,
    mode: web_sys::IdbTransactionMode,
) -> Result<web_sys::IdbObjectStore, String> {
    let factory = window().indexed_db().map_err(said)?.ok_or("this browser has no database")?;
    let request = factory.open_with_u32(database, 1).map_err(said)?;
    let opening = request.clone();
    let upgrade = Closure::once_into_js(move |_: web_sys::Event| {
        let database = opening.result().ok().and_then(|d| d.dyn_into::<web_sys::IdbDatabase>().ok());
        if let Some(database) = database {
            // It fails only where the store is there already.
            let _ = database.create_object_store(name);
        }
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    let database: web_sys::IdbDatabase = settled(&request).await?.dyn_into().map_err(said)?;
    let transaction = database.transaction_with_str_and_mode(name, mode).map_err(said)?;
    transaction.object_store(name).map_err(said)
}

/// Waits for a request of the database.
///
/// # Errors
/// What the browser said.
pub async fn settled(request: &web_sys::IdbRequest) -> Result<JsValue, String> {
    // Both listeners live until one of them has spoken.
    let listeners: Rc<RefCell<Vec<JsValue>>> = Rc::default();
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        let (done, failed) = (request.clone(), request.clone());
        let good = Closure::once_into_js(move |_: web_sys::Event| {
            let value = done.result().unwrap_or(JsValue::UNDEFINED);
            // Calling a promise's own function does not fail.
            let _ = resolve.call1(&JsValue::NULL, &value);
        });
        let bad = Closure::once_into_js(move |event: web_sys::Event| {
            event.prevent_default();
            let why = failed.error().ok().flatten().map_or_else(|| "it failed".into(), |e| e.message());
            let _ = reject.call1(&JsValue::NULL, &JsValue::from_str(&why));
        });
        request.set_onsuccess(Some(good.unchecked_ref()));
        request.set_onerror(Some(bad.unchecked_ref()));
        listeners.borrow_mut().extend([good, bad]);
    });
    let settled = JsFuture::from(promise).await.map_err(said);
    listeners.borrow_mut().clear();
    settled
}

fn said(error: impl Into<JsValue>) -> String {
    let error = error.into();
    let text = error.as_string().or_else(|| error.dyn_ref::<js_sys::Error>().map(|e| e.message().into()));
    text.unwrap_or_else(|| format!("{error:?}"))
}
