//! What this browser keeps of the Models page: which model, how it takes part, its report cards; and the tape of the last
//! session. Keys are not among it, nor is what the person agreed to.

use super::state::Where;
use crate::{
    app::keep::{settled, store_of},
    llm::{card::Card, dialect, prompt::Prompts, settings::Settings, tape::Tape},
};
use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

const KEY: &str = "recoworld.models";
const DATABASE: &str = "recoworld-models";
const STORE: &str = "tapes";
const LAST: &str = "last";

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Whether the model is in the tab.
    pub in_tab: bool,
    /// The server that was picked, by the name of its preset.
    pub preset: String,
    /// Its address; empty where it may hold a secret.
    pub base: String,
    /// The model's name.
    pub model: String,
    /// How it takes part, its prompts left out.
    pub settings: Settings,
    /// The prompts that were edited, by file.
    pub prompts: BTreeMap<String, String>,
    /// The report cards.
    pub cards: Vec<Card>,
}

impl Kept {
    /// Of what stands on the page.
    pub fn of(at: Where, preset: &str, base: &str, model: &str, settings: &Settings, cards: &[Card]) -> Self {
        let untouched = Prompts::default();
        let edited = settings.prompts.files().into_iter().zip(untouched.files());
        let edited = edited.filter(|(now, before)| now.1 != before.1);
        let prompts = edited.map(|(now, _)| (now.0.to_owned(), now.1.to_owned())).collect();
        let settings = Settings {
            prompts: untouched.clone(),
            // Agreed to for a session, not for ever.
            picture_hosts: Vec::new(),
            ..settings.clone()
        };
        let base = if dialect::may_hold_a_secret(base) { "" } else { base };
        Self {
            in_tab: at == Where::Tab,
            preset: preset.to_owned(),
            base: base.to_owned(),
            model: model.to_owned(),
            settings,
            prompts,
            cards: cards.to_vec(),
        }
    }

    /// How the model takes part, with the prompts as they were edited.
    pub fn settings(&self) -> Settings {
        let mut settings = self.settings.clone();
        for (file, text) in &self.prompts {
            settings.prompts.set(file, text);
        }
        settings
    }

    /// Keeps it; without room it is gone after a reload.
    pub fn save(&self) {
        if let (Some(storage), Ok(json)) = (storage(), serde_json::to_string(self)) {
            let _ = storage.set_item(KEY, &json);
        }
    }

    /// What was kept, if anything.
    ///
    /// # Errors
    /// Where this version does not read it: why.
    pub fn load() -> Result<Option<Self>, String> {
        let Some(json) = storage().and_then(|s| s.get_item(KEY).ok().flatten()) else { return Ok(None) };
        serde_json::from_str(&json).map(Some).map_err(|e| e.to_string())
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The tape of the last session in which a model was called.
#[derive(Clone, Debug, PartialEq)]
pub struct LastTape {
    /// As a file.
    pub text: String,
    /// The model's name.
    pub model: String,
    /// Turns of which something is on it.
    pub turns: u32,
}

impl LastTape {
    /// Of a tape's text.
    ///
    /// # Errors
    /// As [`Tape::from_json`].
    pub fn read(text: String) -> Result<Self, String> {
        let tape = Tape::from_json(&text)?.to_go_on();
        let turns = tape.exchanges.iter().map(|e| e.turn + 1).max().unwrap_or(0);
        Ok(Self { text, turns: turns.min(tape.scenario.horizon), model: tape.model })
    }
}

/// Keeps the last tape, or forgets it.
///
/// # Errors
/// What the browser said, for instance that there is no room.
pub async fn put_tape(text: Option<&str>) -> Result<(), String> {
    let said = |e: JsValue| format!("{e:?}");
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readwrite).await?;
    let last = JsValue::from_str(LAST);
    let request = match text {
        Some(text) => store.put_with_key(&JsValue::from_str(text), &last),
        None => store.delete(&last),
    };
    settled(&request.map_err(said)?).await.map(drop)
}

/// The last tape, where one is kept.
///
/// # Errors
/// What the browser said.
pub async fn tape() -> Result<Option<String>, String> {
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readonly).await?;
    let request = store.get(&JsValue::from_str(LAST)).map_err(|e| format!("{e:?}"))?;
    Ok(settled(&request).await?.as_string())
}
