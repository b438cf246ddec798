//! The texts as a model embeds them: where it is, how far it is, what it cost.

use super::{
    super::{
        hosts::Asking,
        models::{
            line::{Remote, sleep},
            tab::{self, file_name},
        },
        web::Abort,
    },
    state::{Data, time_left},
};
use crate::{
    app::{
        engine::now,
        format::plain,
        keep::{settled, store_of},
    },
    chart::text::grouped,
    llm::{
        dialect::{self, PRESETS, preset_at},
        secret::Secret,
    },
    worker::data::protocol::{Command, Embedding, Problem},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};

/// The time allowed for one call, ms.
const CALL_MS: u64 = 120_000;
/// How many catalogues' embeddings the browser keeps; of more, others are dropped.
const MOST_KEPT: u32 = 12;
const DATABASE: &str = "recoworld-embeddings";
const STORE: &str = "embeddings";

/// Who embeds.
#[derive(Clone)]
enum Whom {
    /// A server.
    Server(Remote),
    /// A model in this tab.
    Tab,
}

/// Where texts are embedded, and how far that is.
#[derive(Clone, Copy)]
pub struct Embeds {
    /// Whether a model in this tab is to do it.
    in_tab: RwSignal<bool>,
    /// The address of that model's file.
    file_at: RwSignal<String>,
    /// How much of it is here, and how much there is, bytes, while it is loaded.
    loading: RwSignal<Option<(f64, f64)>>,
    base: RwSignal<String>,
    model: RwSignal<String>,
    /// In memory, and nowhere else; for the host that it was entered for.
    key: StoredValue<(String, Secret)>,
    /// Whom this round asks: what is typed meanwhile does not reach it.
    asked: StoredValue<Option<Whom>, LocalStorage>,
    /// Under what the browser keeps this round's.
    kept_as: StoredValue<String>,
    abort: StoredValue<Option<Abort>, LocalStorage>,
    pub told: RwSignal<Option<Embedding>>,
}

impl Embeds {
    pub fn new() -> Self {
        Self {
            in_tab: RwSignal::new(false),
            file_at: RwSignal::new(String::new()),
            loading: RwSignal::new(None),
            base: RwSignal::new(String::new()),
            model: RwSignal::new(String::new()),
            key: StoredValue::default(),
            asked: StoredValue::new_local(None),
            kept_as: StoredValue::default(),
            abort: StoredValue::new_local(None),
            told: RwSignal::new(None),
        }
    }

    fn set_key(self, key: &str) {
        let host = self.base.with_untracked(|b| dialect::host(b).unwrap_or_default().to_owned());
        self.key.set_value((host, Secret::new(key)));
    }

    /// Begins, once the person agrees to the host.
    fn begin(self, data: Data) {
        let (base, model) = (self.base.get_untracked().trim().to_owned(), self.model.get_untracked().trim().to_owned());
        let refuse = |what: String| data.problem.set(Some(Problem { field: "embed".to_owned(), what }));
        let open = window().location().protocol().is_ok_and(|p| p == "http:");
        if let Err(why) = dialect::check_address(&base, open) {
            return refuse(format!("The address cannot be used: {why}."));
        }
        if model.is_empty() {
            return refuse("Which model? Write its name as the server knows it.".to_owned());
        }
        data.problem.set(None);
        let host = dialect::host(&base).unwrap_or_default().to_owned();
        let items = data.opened.with_untracked(|o| o.as_ref().map_or(0, |o| o.items));
        let what = format!(
            "It is sent the titles, texts, topics and creators of {} items, and your key where you entered one. Nothing else \
             leaves this page. The vectors that come back are kept in this browser, the key is not.",
            grouped(items)
        );
        data.hosts.once(Asking { host: host.clone(), what }, move || {
            let key = self.key.with_value(|(of, key)| if *of == host { key.clone() } else { Secret::default() });
            let whom = Whom::Server(Remote { base: base.clone(), key });
            self.ask(data, whom, format!("{base} {model}"), &model);
        });
    }

    /// Lets the worker say what is to be asked.
    fn ask(self, data: Data, whom: Whom, kept_as: String, model: &str) {
        self.abort.set_value(Some(Abort::new()));
        self.asked.set_value(Some(whom));
        self.kept_as.set_value(kept_as);
        data.send(&Command::Embed { model: model.to_owned() });
    }

    /// Begins with a model in this tab from an address, once the person agrees to its host.
    fn begin_at(self, data: Data) {
        let url = self.file_at.get_untracked().trim().to_owned();
        let open = window().location().protocol().is_ok_and(|p| p == "http:");
        if let Err(why) = dialect::check_address(&url, open) {
            let what = format!("The model’s address cannot be used: {why}.");
            data.problem.set(Some(Problem { field: "embed".to_owned(), what }));
            return;
        }
        data.problem.set(None);
        let host = dialect::host(&url).unwrap_or_default().to_owned();
        let what = "A model’s file is fetched from it, once, and kept in this browser. Nothing is sent there: the texts are \
                    read in this tab.";
        data.hosts.once(Asking { host, what: what.to_owned() }, move || {
            spawn_local(self.load(data, JsValue::from_str(&url), file_name(&url), url.clone()));
        });
    }

    /// Begins with a model in this tab from the person's own file.
    fn begin_file(self, data: Data, file: &web_sys::File) {
        data.problem.set(None);
        let kept_as = format!("file {} {}", file.name(), file.size());
        spawn_local(self.load(data, file.clone().into(), file_name(&file.name()), kept_as));
    }

    async fn load(self, data: Data, from: JsValue, name: String, kept_as: String) {
        let abort = Abort::new();
        self.abort.set_value(Some(abort.clone()));
        self.loading.set(Some((0.0, 0.0)));
        let told = move |here: f64, all: f64| {
            // The page may be gone by then.
            let _ = self.loading.try_set(Some((here, all)));
        };
        let loaded = tab::load_reader(from, &abort, told).await;
        self.loading.set(None);
        match loaded {
            _ if abort.is_used() => {}
            Ok(_) => self.ask(data, Whom::Tab, kept_as, &name),
            Err(why) => {
                let what = format!(
                    "The model could not be loaded: {why}. It must be a GGUF file of a model that embeds, such as \
                     all-MiniLM-L6-v2, of at most 2 GB, from a host that lets pages read it."
                );
                data.problem.set(Some(Problem { field: "embed".to_owned(), what }));
            }
        }
    }

    /// The worker knows the texts: the browser may have kept what the model made of them.
    pub fn look(self, data: Data, digest: &str) {
        let name = format!("{} {digest}", self.kept_as.get_value());
        self.kept_as.set_value(name.clone());
        spawn_local(async move {
            // Where the browser keeps nothing, it is asked for anew.
            let command = match kept(&name).await {
                Ok(Some(bytes)) => Command::EmbedKept { bytes },
                _ => Command::EmbedBegin,
            };
            data.send(&command);
        });
    }

    /// Makes a call.
    pub fn call(self, data: Data, id: u32, body: String) {
        let Some((whom, abort)) = self.asked.get_value().zip(self.abort.get_value()) else { return };
        spawn_local(async move {
            let began = now();
            let outcome = match whom {
                // A call that is late is broken off, the round is not.
                Whom::Server(remote) => remote.embed(&body, CALL_MS, &Abort::new()).await,
                Whom::Tab => tab::embed(&body, &abort).await,
            };
            if !abort.is_used() {
                data.send(&Command::Embedded { id, outcome, ms: (now() - began).max(0.0) as u64 });
            }
        });
    }

    /// Waits, and goes on.
    pub fn wait(self, data: Data, ms: u64) {
        let Some(abort) = self.abort.get_value() else { return };
        spawn_local(async move {
            sleep(i32::try_from(ms).unwrap_or(i32::MAX)).await;
            if !abort.is_used() {
                data.send(&Command::EmbedOn);
            }
        });
    }

    /// Keeps what was made.
    pub fn keep(self, bytes: Vec<u8>) {
        let name = self.kept_as.get_value();
        spawn_local(async move {
            // What cannot be kept is asked for again another time.
            if let Err(why) = put(&name, &bytes).await {
                leptos::logging::warn!("embeddings were not kept: {why}");
            }
        });
    }

    /// Ends it; what came stays with the worker.
    pub fn stop(self, data: Data) {
        self.loading.set(None);
        self.abort.with_value(|a| a.iter().for_each(Abort::abort));
        data.send(&Command::EmbedStop);
    }

    /// Other items are looked at.
    pub fn forget(self) {
        self.abort.with_value(|a| a.iter().for_each(Abort::abort));
        self.told.set(None);
    }
}

async fn kept(name: &str) -> Result<Option<Vec<u8>>, String> {
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readonly).await?;
    let request = store.get(&JsValue::from_str(name)).map_err(|_| "it cannot be read".to_owned())?;
    let value = settled(&request).await?;
    Ok(value.dyn_ref::<js_sys::Uint8Array>().map(js_sys::Uint8Array::to_vec))
}

async fn put(name: &str, bytes: &[u8]) -> Result<(), String> {
    let said = |_: JsValue| "the browser refuses".to_owned();
    let store = store_of(DATABASE, STORE, web_sys::IdbTransactionMode::Readwrite).await?;
    let count = settled(&store.count().map_err(said)?).await?.as_f64().unwrap_or_default();
    if count >= f64::from(MOST_KEPT) {
        settled(&store.clear().map_err(said)?).await?;
    }
    let value = js_sys::Uint8Array::from(bytes);
    settled(&store.put_with_key(&value, &JsValue::from_str(name)).map_err(said)?).await.map(drop)
}

/// The card.
#[component]
pub fn Embedder(data: Data) -> impl IntoView {
    let embeds = data.embeds;
    let running = Memo::new(move |_| embeds.told.with(|t| t.as_ref().is_some_and(|t| t.running)));
    let wrong = data.refused("embed");
    let share = move || embeds.told.with(|t| t.as_ref().map_or(0.0, |t| t.done as f64 / t.total.max(1) as f64));
    let told = move || embeds.told.get().map_or_else(String::new, |t| words(&t));
    let fault = move || {
        let fault = embeds.told.get()?.fault?;
        let origin = window().location().origin().unwrap_or_default();
        let preset = embeds.asked.with_value(|a| match a {
            Some(Whom::Server(r)) => preset_at(&r.base),
            _ => None,
        });
        Some(view! { <p class="loss-ink" role="alert"><b>{fault.words()}</b>" "{fault.fix(preset, &origin)}</p> })
    };
    let ready = move || data.maps.with(|m| !m.is_empty());
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        match (running.get_untracked(), embeds.in_tab.get_untracked()) {
            (true, _) => embeds.stop(data),
            (false, true) => embeds.begin_at(data),
            (false, false) => embeds.begin(data),
        }
    };
    let loading = move || {
        embeds.loading.get().map(|(here, all)| {
            let mb = |bytes: f64| plain(bytes / 1e6, 0);
            let told = if all > 0.0 {
                format!("Loading the model: {} of {} MB", mb(here), mb(all))
            } else {
                "Loading the model …".to_owned()
            };
            view! {
                <span class="tiny muted num" role="status">{told}</span>
                <button class="btn" type="button" on:click=move |_| embeds.stop(data)>"Stop"</button>
            }
        })
    };
    view! {
        <section class="card embedder" aria-labelledby="data-embed" data-testid="embedder">
            <h2 id="data-embed">"Text by an embedding model"</h2>
            <p class="muted">"A model of sentences reads each item’s words. What it makes of them is one more way to see the items, compared with the rest on the same users."</p>
            <form class="line" on:submit=submit>
                <label class="field">
                    <small>"The model is"</small>
                    <select data-testid="embed-where" on:change=move |ev| embeds.in_tab.set(event_target_value(&ev) == "tab")>
                        <option value="server">"on a server (/v1/embeddings)"</option>
                        <option value="tab">"in this tab (a GGUF file)"</option>
                    </select>
                </label>
                {move || if embeds.in_tab.get() { view! { <InTab data=data /> }.into_any() } else { view! { <OnServer embeds=embeds /> }.into_any() }}
                <button class="btn primary" type="submit" disabled=move || !ready() data-testid="embed-run">
                    {move || if running.get() { "Stop" } else { "Embed" }}
                </button>
                <Show when=move || running.get()>
                    <progress aria-label="Texts embedded" max="1" value=move || share().to_string()></progress>
                </Show>
                <span class="tiny muted num" role="status" data-testid="embed-told">{told}</span>
            </form>
            <div class="line">{loading}</div>
            {move || wrong.get().map(|why| view! { <p class="loss-ink" role="alert">{why}</p> })}
            {fault}
        </section>
    }
}

#[component]
fn OnServer(embeds: Embeds) -> impl IntoView {
    view! {
        <label class="field wide">
            <small>"Address, up to where embeddings begins"</small>
            <input type="url" list="embed-servers" autocomplete="off" spellcheck="false" placeholder="http://localhost:11434/v1" data-testid="embed-base" prop:value=embeds.base on:input=move |ev| embeds.base.set(event_target_value(&ev)) />
        </label>
        <datalist id="embed-servers">{PRESETS.iter().map(|p| view! { <option value=p.base>{p.title}</option> }).collect_view()}</datalist>
        <label class="field">
            <small>"Model"</small>
            <input type="text" autocomplete="off" spellcheck="false" placeholder="text-embedding-3-small" data-testid="embed-model" prop:value=embeds.model on:input=move |ev| embeds.model.set(event_target_value(&ev)) />
        </label>
        <label class="field">
            <small>"Key, if one is wanted"</small>
            <input type="password" autocomplete="off" data-testid="embed-key" title="It stays in this tab’s memory and goes to this host alone." on:change=move |ev| embeds.set_key(&event_target_value(&ev)) />
        </label>
    }
}

#[component]
fn InTab(data: Data) -> impl IntoView {
    let embeds = data.embeds;
    let chosen = move |ev: leptos::ev::Event| {
        let field: web_sys::HtmlInputElement = event_target(&ev);
        if let Some(file) = field.files().and_then(|f| f.get(0)) {
            embeds.begin_file(data, &file);
        }
        field.set_value("");
    };
    view! {
        <label class="field wide">
            <small>"Address of its GGUF file, such as all-MiniLM-L6-v2"</small>
            <input type="url" autocomplete="off" spellcheck="false" data-testid="embed-file-at" prop:value=embeds.file_at on:input=move |ev| embeds.file_at.set(event_target_value(&ev)) />
        </label>
        <label class="btn file-btn">
            "Or choose the file"
            <input type="file" accept=".gguf" data-testid="embed-file" on:change=chosen />
        </label>
    }
}

fn words(t: &Embedding) -> String {
    let tokens = format!("{} tokens", grouped(t.tokens as usize));
    if t.running {
        let left = t.seconds_left.map_or_else(String::new, |s| format!(" · {}", time_left(s)));
        return format!("{} of {} texts · {tokens}{left}", t.done, t.total);
    }
    if t.dims == 0 {
        return if t.done > 0 {
            format!("Stopped after {} of {} texts · {tokens}", t.done, t.total)
        } else {
            String::new()
        };
    }
    let took = format!("{tokens}, {} s", plain(t.ms / 1000.0, 1));
    if t.kept {
        format!(
            "{} texts, {} numbers each, kept in this browser from before ({took}): nothing was asked",
            t.total, t.dims
        )
    } else {
        format!("{} texts, {} numbers each: {took}", t.total, t.dims)
    }
}
