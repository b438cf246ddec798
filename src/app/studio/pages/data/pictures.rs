//! The items' own pictures: from files that the person chooses, or from hosts that they agree to.

use super::{
    super::{
        hosts::Asking,
        models::line::sleep,
        web::{self, Abort, object},
    },
    state::Data,
};
use crate::{
    catalog::represent::visual::{MOST_BYTES, PictureError},
    worker::data::protocol::{Command, Pictures, Wanted},
};
use leptos::{html::Input, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// How many are on their way at once.
const AT_ONCE: usize = 4;
/// How many may wait for the worker.
const WAITING: usize = 6;
/// How long a host may take for one picture.
const MOST_MS: i32 = 30_000;
/// What is tried every so often while the worker is behind, ms.
const NAP_MS: i32 = 15;

/// Pictures on their way.
#[derive(Clone, Copy)]
pub struct Bringing {
    files: StoredValue<Vec<web_sys::File>, LocalStorage>,
    wanted: StoredValue<Vec<Wanted>>,
    /// The next that is to be brought, and how many of those that bring have not ended.
    next: StoredValue<usize>,
    hands: StoredValue<usize>,
    sent: StoredValue<usize>,
    abort: StoredValue<Option<Abort>, LocalStorage>,
    /// How many came, how many could not be taken in, how many are wanted; `None` where none are on their way.
    pub progress: RwSignal<Option<(usize, usize, usize)>>,
}

impl Bringing {
    pub fn new() -> Self {
        Self {
            files: StoredValue::new_local(Vec::new()),
            wanted: StoredValue::default(),
            next: StoredValue::new(0),
            hands: StoredValue::new(0),
            sent: StoredValue::new(0),
            abort: StoredValue::new_local(None),
            progress: RwSignal::new(None),
        }
    }

    /// Offers files for pictures.
    fn offer(self, data: Data, files: Vec<web_sys::File>) {
        let names: Vec<String> = files.iter().map(web_sys::File::name).collect();
        if names.is_empty() {
            return;
        }
        data.problem.set(None);
        self.files.set_value(files);
        data.send(&Command::PictureFiles(names));
    }

    /// The worker wants these.
    pub fn bring(self, data: Data, wanted: Vec<Wanted>) {
        self.stop();
        let abort = Abort::new();
        self.abort.set_value(Some(abort.clone()));
        self.progress.set(Some((0, 0, wanted.len())));
        self.wanted.set_value(wanted);
        self.next.set_value(0);
        self.sent.set_value(0);
        self.hands.set_value(AT_ONCE);
        for _ in 0..AT_ONCE {
            spawn_local(self.hand(data, abort.clone()));
        }
    }

    /// One of those that bring, one picture after the other.
    async fn hand(self, data: Data, abort: Abort) {
        while !abort.is_used() && data.lost.with_untracked(Option::is_none) {
            let behind = self.progress.with_untracked(|p| p.is_some_and(|p| self.sent.get_value() > p.0 + WAITING));
            if behind {
                sleep(NAP_MS).await;
                continue;
            }
            let at = self.next.get_value();
            let Some(wanted) = self.wanted.with_value(|all| all.get(at).cloned()) else { break };
            self.next.set_value(at + 1);
            let came = if wanted.address.is_empty() {
                self.read(wanted.file).await
            } else {
                fetched(&wanted.address, &abort).await
            };
            if abort.is_used() {
                break;
            }
            let (bytes, problem) = came.map_or_else(|why| (Vec::new(), why), |bytes| (bytes, String::new()));
            self.sent.update_value(|n| *n += 1);
            data.send(&Command::Picture { at, bytes, problem });
        }
        // A later round has hands of its own.
        if self.abort.with_value(|a| a.as_ref().is_some_and(|a| a.is(&abort))) {
            self.hands.update_value(|n| *n -= 1);
            if self.hands.get_value() == 0 {
                self.abort.set_value(None);
                self.progress.set(None);
                if data.lost.with_untracked(Option::is_none) {
                    data.send(&Command::PicturesEnd);
                }
            }
        }
    }

    async fn read(self, file: usize) -> Result<Vec<u8>, String> {
        let gone = || "It can no longer be read: was it moved or changed? Choose it again.".to_owned();
        let file = self.files.with_value(|all| all.get(file).cloned()).ok_or_else(gone)?;
        if file.size() > MOST_BYTES as f64 {
            return Err(PictureError::TooHeavy { bytes: file.size() as u64 }.to_string());
        }
        let blob: &web_sys::Blob = file.unchecked_ref();
        let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|_| gone())?;
        Ok(js_sys::Uint8Array::new(&buffer).to_vec())
    }

    /// Stops, and nobody is told: other items are looked at.
    pub fn forget(self) {
        self.stop();
        self.abort.set_value(None);
        self.progress.set(None);
    }

    /// Stops; what came is kept.
    pub fn stop(self) {
        self.abort.with_value(|a| a.iter().for_each(Abort::abort));
    }
}

/// A picture from its host: no cookies, no name of this page, no way elsewhere, and never more bytes than are taken in.
async fn fetched(address: &str, abort: &Abort) -> Result<Vec<u8>, String> {
    let host_refuses = |_: JsValue| {
        "It could not be fetched: the host cannot be reached, sends elsewhere, or does not let this page read its pictures \
         (CORS). Download the pictures and choose their folder."
            .to_owned()
    };
    let own = Abort::new();
    let late = own.clone();
    let timer = set_timeout_with_handle(move || late.abort(), std::time::Duration::from_millis(MOST_MS as u64));
    let init = object(&[
        ("credentials", "omit".into()),
        ("redirect", "error".into()),
        ("referrerPolicy", "no-referrer".into()),
        ("signal", own.signal()),
    ]);
    let response = web::ask(&window(), "fetch", &[address.into(), init]).await;
    let came = match response {
        Ok(response) if web::get(&response, "ok").is_truthy() => whole(&response, abort).await,
        Ok(response) => {
            let status = web::get(&response, "status").as_f64().unwrap_or_default();
            Err(format!("The host answers that it does not give it (status {status:.0})."))
        }
        Err(_) if own.is_used() => Err(format!("It did not come within {} seconds.", MOST_MS / 1000)),
        Err(why) => Err(host_refuses(why)),
    };
    if let Ok(timer) = timer {
        timer.clear();
    }
    // Whatever is left of the answer is not waited for.
    own.abort();
    came
}

async fn whole(response: &JsValue, abort: &Abort) -> Result<Vec<u8>, String> {
    let cut = |_: JsValue| "It broke off before its end. Try again.".to_owned();
    let reader = web::call(&web::get(response, "body"), "getReader", &[]).map_err(cut)?;
    let mut all = Vec::new();
    while !abort.is_used() {
        let piece = web::ask(&reader, "read", &[]).await.map_err(cut)?;
        let Ok(bytes) = web::get(&piece, "value").dyn_into::<js_sys::Uint8Array>() else { break };
        all.extend(bytes.to_vec());
        if all.len() as u64 > MOST_BYTES {
            return Err(PictureError::TooHeavy { bytes: all.len() as u64 }.to_string());
        }
    }
    Ok(all)
}

/// The card.
#[component]
pub fn Own(data: Data) -> impl IntoView {
    let pictures = Memo::new(move |_| data.opened.with(|o| o.as_ref().and_then(|o| o.pictures.clone())));
    view! {
        {move || pictures.get().map(|p| view! { <Card data=data pictures=p /> })}
    }
}

#[component]
fn Card(data: Data, pictures: Pictures) -> impl IntoView {
    let bringing = data.bringing;
    let busy = Memo::new(move |_| bringing.progress.with(Option::is_some));
    let refused = data.refused("pictures");
    let told = move || {
        bringing.progress.get().map_or_else(String::new, |(done, refused, all)| {
            let bad = if refused > 0 { format!(" · {refused} could not be taken in") } else { String::new() };
            format!("{done} of {all} pictures{bad}")
        })
    };
    let share = move || bringing.progress.get().map_or(0.0, |(done, _, all)| done as f64 / all.max(1) as f64);
    let hosts = pictures.hosts.clone().into_iter().map(move |(host, n)| view! { <Host data=data host=host n=n /> });
    let missing = pictures.missing - pictures.hosts.iter().map(|h| h.1).sum::<usize>().min(pictures.missing);
    view! {
        <section class="card own-pictures" aria-labelledby="data-pictures" data-testid="pictures">
            <h2 id="data-pictures">"Their own pictures"</h2>
            <p data-testid="pictures-told">{stands(&pictures, missing)}</p>
            <div class="line">
                <Chooser data=data folder=true label="Choose the folder" testid="pictures-folder" />
                <Chooser data=data folder=false label="Choose files" testid="pictures-files" />
                {hosts.collect_view()}
                <Show when=move || busy.get()>
                    <progress aria-label="Pictures taken in" max="1" value=move || share().to_string()></progress>
                    <span class="tiny muted num" role="status">{told}</span>
                    <button type="button" class="btn" data-testid="pictures-stop" on:click=move |_| bringing.stop()>"Stop"</button>
                </Show>
            </div>
            {move || refused.get().map(|why| view! { <p class="loss-ink" role="alert">{why}</p> })}
            <Refused pictures=pictures.clone() />
            <p class="tiny muted">"Files are read in this tab; what is seen of them is kept small in this browser, and a session that is opened on these items shows them. They are found by name: as the items’ column of pictures says, or as their ids."</p>
        </section>
    }
}

/// How it stands, in sentences.
fn stands(p: &Pictures, missing: usize) -> String {
    let mut all = match p.brought {
        0 => format!("None of the {} items is seen with its own picture yet.", p.items),
        n => format!("{n} of {} items are seen with their own picture.", p.items),
    };
    let many =
        |n: usize, one: &str, more: &str| if n == 1 { one.to_owned() } else { more.replace("{n}", &n.to_string()) };
    if p.brought == 0 && p.named > 0 {
        all += &many(p.named, " One names a file for it.", " {n} name a file for it.");
    } else if missing > 0 {
        let first = p.missing_named.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        let rest = if missing > 3 { ", …" } else { "" };
        all += &format!("{} ({first}{rest})", many(missing, " One file is missing", " {n} files are missing"));
        all.push('.');
    }
    if p.hosts.is_empty() && p.named == 0 && p.brought == 0 {
        all += " They name none, so files called as their ids can be brought.";
    }
    all
}

/// Files or a folder.
#[component]
fn Chooser(data: Data, folder: bool, label: &'static str, testid: &'static str) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let (true, Some(field)) = (folder, input.get()) {
            // Where the browser knows no folders, single files are chosen.
            let _ = field.set_attribute("webkitdirectory", "");
        }
    });
    let chosen = move |_| {
        let Some(field) = input.get_untracked() else { return };
        let files = field.files().map_or_else(Vec::new, |all| (0..all.length()).filter_map(|i| all.get(i)).collect());
        data.bringing.offer(data, files);
        // The same choice again is a choice.
        field.set_value("");
    };
    view! {
        <label class="btn file-btn">
            {label}
            <input type="file" multiple accept=(!folder).then_some("image/*") node_ref=input data-testid=testid on:change=chosen />
        </label>
    }
}

/// A host that pictures lie at.
#[component]
fn Host(data: Data, host: String, n: usize) -> impl IntoView {
    // Hosts beyond the most are counted together.
    if host.contains(' ') {
        return view! { <span class="tiny muted">{format!("{n} more lie at {host}.")}</span> }.into_any();
    }
    let label = format!("Fetch {n} from {host}");
    let fetch = move |_| {
        let host = host.clone();
        let what = format!(
            "{n} pictures are fetched from it. It learns this machine’s address on the network and which pictures are \
             wanted. No key, no cookie and nothing of the session is sent, and no other host is contacted."
        );
        data.hosts.once(Asking { host: host.clone(), what }, move || {
            data.problem.set(None);
            data.send(&Command::PictureHost(host.clone()));
        });
    };
    view! { <button type="button" class="btn" data-testid="pictures-fetch" on:click=fetch>{label}</button> }.into_any()
}

#[component]
fn Refused(pictures: Pictures) -> impl IntoView {
    let total = pictures.refused.len() + pictures.more_refused;
    let more = pictures.more_refused;
    (total > 0).then(|| {
        let one = |(name, why): (String, String)| view! { <li><b dir="auto">{name}</b>" "{why}</li> };
        view! {
            <details class="before" data-testid="pictures-refused">
                <summary>{if total == 1 { "One picture could not be taken in".to_owned() } else { format!("{total} pictures could not be taken in") }}</summary>
                <ul class="tiny refused-list">{pictures.refused.into_iter().map(one).collect_view()}</ul>
                {(more > 0).then(|| view! { <p class="tiny muted">{format!("and {more} more")}</p> })}
            </details>
        }
    })
}
