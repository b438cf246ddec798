//! Bringing one's own items and people.

use super::{
    feed::{Feed, now_ms, time_left},
    mapping::{Mapping, Problems, Rows},
    modal::Modal,
};
use crate::app::charts::js;
use crate::chart::text::grouped;
use crate::worker::{
    ImportCommand, ImportEvent,
    import::{ImportError, ImportKind, Person, Preview},
};
use leptos::{html::Input, prelude::*, task::spawn_local};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;

/// What was brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Brought {
    /// A catalogue, under the name and digest that a scenario tells it by.
    Items {
        /// Its name.
        name: String,
        /// Its digest.
        digest: String,
        /// How many items it holds.
        count: usize,
    },
    /// The person chosen among those imported.
    Person(Box<Person>),
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Nothing chosen yet, or what was chosen could not be sent.
    Choosing(String),
    /// Files are on their way or being read: bytes done, bytes in all, what is being done.
    Sending(u64, u64, String),
    /// Read: what would be taken.
    Shown(Box<Preview>),
    /// Not readable at all.
    Failed(Vec<ImportError>),
    /// People were taken: which one shall it be?
    People(Vec<Person>),
}

/// The import under way. Copies share it.
#[derive(Clone, Copy)]
struct Import {
    kind: RwSignal<ImportKind>,
    stage: RwSignal<Stage>,
    name: RwSignal<String>,
    feed: StoredValue<Option<Feed>, LocalStorage>,
    began_ms: StoredValue<f64>,
    send: Callback<ImportCommand>,
    open: RwSignal<bool>,
    on_brought: Callback<Brought>,
}

impl Import {
    fn start(self, files: Vec<web_sys::File>) {
        match Feed::new(files) {
            Ok(feed) => {
                self.began_ms.set_value(now_ms());
                self.name.set(feed.name());
                self.stage.set(Stage::Sending(0, feed.total, "receiving".into()));
                self.send.run(feed.begin(self.kind.get_untracked()));
                self.feed.set_value(Some(feed));
                self.next();
            }
            Err(why) => self.stage.set(Stage::Choosing(why)),
        }
    }

    /// Sends the next slice. The feed is taken out meanwhile, so that two never run at once.
    fn next(self) {
        let Some(mut feed) = self.feed.try_update_value(Option::take).flatten() else { return };
        spawn_local(async move {
            let command = feed.next().await;
            // The dialog may have been closed, or the import stopped, while the file was read.
            if !matches!(self.stage.try_get_untracked(), Some(Stage::Sending(..))) {
                return;
            }
            match command {
                Ok(command) => {
                    self.feed.set_value(Some(feed).filter(|_| !matches!(command, ImportCommand::End)));
                    self.send.run(command);
                }
                Err(why) => {
                    self.send.run(ImportCommand::Cancel);
                    self.stage.set(Stage::Choosing(why));
                }
            }
        });
    }

    fn stop(self) {
        self.feed.set_value(None);
        if !matches!(self.stage.get_untracked(), Stage::Choosing(_)) {
            self.send.run(ImportCommand::Cancel);
        }
        self.stage.set(Stage::Choosing(String::new()));
    }

    fn hear(self, event: ImportEvent) {
        if matches!(self.stage.get_untracked(), Stage::Choosing(_)) {
            return; // a late word about what was stopped
        }
        match event {
            ImportEvent::Progress { done, total, stage } => {
                let receiving = stage == "receiving";
                self.stage.set(Stage::Sending(done, total, stage));
                if receiving {
                    self.next();
                }
            }
            ImportEvent::Preview(preview) => self.stage.set(Stage::Shown(preview)),
            ImportEvent::Failed { errors } => self.stage.set(Stage::Failed(errors)),
            ImportEvent::Accepted { kind: ImportKind::Items, name, digest, count, .. } => {
                self.stage.set(Stage::Choosing(String::new()));
                self.open.set(false);
                self.on_brought.run(Brought::Items { name, digest, count });
            }
            ImportEvent::Accepted { people, .. } => self.stage.set(Stage::People(people)),
        }
    }
}

/// The dialog: choose or drop files, look at what they hold, say which column is what, take it.
#[component]
pub fn ImportDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Sends a command to the worker.
    #[prop(into)]
    send: Callback<ImportCommand>,
    /// The worker's last word about an import.
    #[prop(into)]
    heard: Signal<Option<ImportEvent>>,
    /// Called with what was taken.
    #[prop(into)]
    on_brought: Callback<Brought>,
) -> impl IntoView {
    let import = Import {
        kind: RwSignal::new(ImportKind::Items),
        stage: RwSignal::new(Stage::Choosing(String::new())),
        name: RwSignal::new(String::new()),
        feed: StoredValue::new_local(None),
        began_ms: StoredValue::new(0.0),
        send,
        open,
        on_brought,
    };
    Effect::new(move |_| {
        if let Some(event) = heard.get() {
            import.hear(event);
        }
    });
    // Closing stops what is under way.
    Effect::new(move |was: Option<bool>| {
        let is = open.get();
        if was == Some(true) && !is {
            import.stop();
        }
        is
    });
    view! {
        <Modal open=open title=Signal::stored("Bring your own items or people".to_owned()) testid="import-dialog">
            {move || match import.stage.get() {
                Stage::Choosing(why) => view! { <Choose import=import why=why /> }.into_any(),
                Stage::Sending(done, total, stage) => {
                    view! { <Sending import=import done=done total=total stage=stage /> }.into_any()
                }
                Stage::Shown(preview) => view! { <Look import=import preview=*preview /> }.into_any(),
                Stage::Failed(errors) => view! { <Failed import=import errors=errors /> }.into_any(),
                Stage::People(people) => view! { <WhichPerson import=import people=people /> }.into_any(),
            }}
        </Modal>
    }
}

#[component]
fn Choose(import: Import, why: String) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<Input>::new();
    let start = move |files: Option<web_sys::FileList>| {
        let files = files.map_or_else(Vec::new, |list| (0..list.length()).filter_map(|i| list.get(i)).collect());
        import.start(files);
    };
    let chosen = move |_| {
        if let Some(field) = input.get_untracked() {
            let files = field.files();
            start(files);
        }
    };
    let dropped = move |ev: leptos::ev::DragEvent| {
        ev.prevent_default();
        over.set(false);
        let files = js::get(&ev, "dataTransfer").and_then(|d| js::get(&d, "files"));
        start(files.and_then(|f| f.dyn_into().ok()));
    };
    let kind = move |kind: ImportKind, label: &'static str, about: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="import-kind"
                    prop:checked=move || import.kind.get() == kind
                    on:change=move |_| import.kind.set(kind)
                />
                <span><b>{label}</b><br /><span class="tiny muted">{about}</span></span>
            </label>
        }
    };
    view! {
        <div class="modal-body">
            <fieldset class="choices">
                <legend>"What do the files hold?"</legend>
                {kind(ImportKind::Items, "Items", "A catalogue of up to 100,000 items, with titles at least; topics, creators, durations, texts where you have them.")}
                {kind(ImportKind::People, "People", "User profiles: names, ages, interests.")}
            </fieldset>
            <div
                class="drop"
                class:over=over
                on:dragover=move |ev| {
                    ev.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                <p>"Drop a file here: CSV, TSV, JSON or JSONL. MovieLens' files go together: movies and ratings."</p>
                <label class="btn primary file-btn">
                    "Choose files"
                    <input
                        type="file"
                        multiple
                        accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.dat,.item,.data"
                        node_ref=input
                        data-testid="import-file"
                        on:change=chosen
                    />
                </label>
                <p class="tiny muted">"They are read in this tab and go nowhere else."</p>
            </div>
            <p class="form-wrong" role="alert">{why}</p>
        </div>
    }
}

#[component]
fn Sending(import: Import, done: u64, total: u64, stage: String) -> impl IntoView {
    let share = if total > 0 { done as f64 / total as f64 } else { 0.0 };
    let left = time_left(import.began_ms.get_value(), done, total);
    let what = if stage == "receiving" { "Taking in the file" } else { "Reading it" };
    let mb = |b: u64| format!("{:.1}", b as f64 / 1_048_576.0);
    view! {
        <div class="modal-body sending">
            <p role="status">{what}" …"</p>
            <progress aria-label=what max="1" value=format!("{share:.3}")></progress>
            <p class="tiny muted num">{mb(done)}" of "{mb(total)}" MB "{left}</p>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| import.stop()>"Stop"</button>
            </div>
        </div>
    }
}

fn of_kind(kind: ImportKind, n: usize) -> String {
    match (kind, n) {
        (ImportKind::Items, 1) => "1 item".into(),
        (ImportKind::Items, n) => format!("{} items", grouped(n)),
        (ImportKind::People, 1) => "1 person".into(),
        (ImportKind::People, n) => format!("{} people", grouped(n)),
    }
}

#[component]
fn Look(import: Import, preview: Preview) -> impl IntoView {
    let kind = import.kind.get_untracked();
    let taken = preview.taken;
    let mut summary = format!("{}: {} would be taken", preview.format, of_kind(kind, taken));
    if preview.skipped > 0 {
        summary.push_str(&format!(", {} left out", grouped(preview.skipped)));
    }
    let notes = preview.notes.iter().map(|n| view! { <li>{n.clone()}</li> }).collect_view();
    let problems = (preview.errors_total > 0).then(|| {
        let heading = format!("What is wrong ({})", grouped(preview.errors_total));
        view! {
            <h3>{heading}</h3>
            <Problems errors=preview.errors.clone() total=preview.errors_total />
        }
    });
    let map = Callback::new(move |mapping: BTreeMap<String, String>| {
        import.send.run(ImportCommand::Map(mapping));
    });
    let accept = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let name = import.name.get_untracked().trim().to_owned();
        let name = if name.is_empty() { "My items".to_owned() } else { name };
        import.send.run(ImportCommand::Accept { name });
    };
    let rows = preview.clone();
    // People's fields are found by their names alone.
    let mapping = (!preview.columns.is_empty()).then(|| {
        view! {
            <h3>"Which column is what"</h3>
            <Mapping preview=preview on_map=map />
        }
    });
    view! {
        <form class="editor" on:submit=accept>
            <div class="modal-body" tabindex="-1">
                <p role="status" data-testid="import-summary"><b>{summary}"."</b></p>
                <ul class="notes tiny muted">{notes}</ul>
                {problems}
                <h3>"The first rows"</h3>
                <Rows preview=rows />
                {mapping}
                <div class="form-row">
                    <label for="import-name">"Call it"</label>
                    <input
                        type="text"
                        id="import-name"
                        maxlength="120"
                        autocomplete="off"
                        prop:value=import.name
                        on:input=move |ev| import.name.set(event_target_value(&ev))
                    />
                </div>
            </div>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| import.stop()>"Other files"</button>
                <button type="submit" class="btn primary" disabled=taken == 0>
                    {if kind == ImportKind::Items { format!("Open a session on {}", of_kind(kind, taken)) } else { format!("Take {}", of_kind(kind, taken)) }}
                </button>
            </div>
        </form>
    }
}

#[component]
fn Failed(import: Import, errors: Vec<ImportError>) -> impl IntoView {
    let total = errors.len();
    view! {
        <div class="modal-body">
            <p role="alert"><b>"This could not be read. Nothing has changed."</b></p>
            <Problems errors=errors total=total />
        </div>
        <div class="actions">
            <button type="button" class="btn primary" on:click=move |_| import.stop()>"Other files"</button>
        </div>
    }
}

#[component]
fn WhichPerson(import: Import, people: Vec<Person>) -> impl IntoView {
    let people = StoredValue::new(people);
    let chosen = RwSignal::new(0usize);
    let label = |p: &Person| {
        let about: String = p.profile.about.chars().take(60).collect();
        let name: String = p.profile.name.chars().take(60).collect();
        if about.is_empty() {
            format!("{name}, {}", p.profile.age)
        } else {
            format!("{name}, {} · {about}", p.profile.age)
        }
    };
    // A list of thousands of options would freeze the page; the first are enough to choose from.
    let options = people.with_value(|all| {
        all.iter()
            .take(500)
            .enumerate()
            .map(|(i, p)| view! { <option value=i.to_string()>{label(p)}</option> })
            .collect_view()
    });
    let play = move |_| {
        let person = people.with_value(|all| all.get(chosen.get_untracked()).cloned());
        import.stage.set(Stage::Choosing(String::new()));
        import.open.set(false);
        if let Some(person) = person {
            import.on_brought.run(Brought::Person(Box::new(person)));
        }
    };
    view! {
        <div class="modal-body">
            <p role="status">{of_kind(ImportKind::People, people.with_value(Vec::len))}" taken."</p>
            <div class="form-row">
                <label for="which-person">"Who shall be the user?"</label>
                <select id="which-person" on:change=move |ev| chosen.set(event_target_value(&ev).parse().unwrap_or(0))>
                    {options}
                </select>
            </div>
        </div>
        <div class="actions">
            <button type="button" class="btn primary" on:click=play>"Open a session with them"</button>
        </div>
    }
}
