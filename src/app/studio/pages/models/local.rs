//! A model inside this tab: what the browser can do, a short list, the person's own file.

use super::{
    super::{hosts::Asking, web::Abort},
    state::{Models, Where},
    tab::{self, Able, Kept, Runs, file_name},
};
use crate::{
    app::toast::Tone,
    llm::{dialect, gguf},
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

/// A model to download.
struct Offer {
    name: &'static str,
    url: &'static str,
    mb: u32,
    licence: &'static str,
    /// Memory that it wants, GB.
    wants_gb: f64,
}

/// From small to large; all fit into one file of less than 2 GB.
const OFFERS: [Offer; 4] = [
    Offer {
        name: "SmolLM2 135M Instruct (Q8_0)",
        url: "https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct-GGUF/resolve/main/smollm2-135m-instruct-q8_0.gguf",
        mb: 145,
        licence: "Apache-2.0",
        wants_gb: 1.0,
    },
    Offer {
        name: "Qwen2.5 0.5B Instruct (Q4_K_M)",
        url: "https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/main/qwen2.5-0.5b-instruct-q4_k_m.gguf",
        mb: 491,
        licence: "Apache-2.0",
        wants_gb: 2.0,
    },
    Offer {
        name: "Qwen2.5 1.5B Instruct (Q4_K_M)",
        url: "https://huggingface.co/Qwen/Qwen2.5-1.5B-Instruct-GGUF/resolve/main/qwen2.5-1.5b-instruct-q4_k_m.gguf",
        mb: 1117,
        licence: "Apache-2.0",
        wants_gb: 4.0,
    },
    Offer {
        name: "SmolLM2 1.7B Instruct (Q4_K_M)",
        url: "https://huggingface.co/HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF/resolve/main/smollm2-1.7b-instruct-q4_k_m.gguf",
        mb: 1056,
        licence: "Apache-2.0",
        wants_gb: 4.0,
    },
];

/// Which of them suits this browser: the largest that memory bears, with a graphics adapter; else the second smallest.
fn suits(able: &Able) -> usize {
    let memory = if able.memory_gb > 0.0 { able.memory_gb } else { 4.0 };
    let most = if able.webgpu {
        2
    } else if able.threads > 1 {
        1
    } else {
        0
    };
    (0..=most).rev().find(|i| OFFERS[*i].wants_gb * 2.0 <= memory).unwrap_or(0)
}

/// What is wrong with a person's own file, before the engine is given it.
async fn wrong_with(file: &web_sys::File) -> Option<String> {
    let most = file.size().min(gguf::MOST_HEAD as f64);
    let head = file.slice_with_f64_and_f64(0.0, most).ok()?;
    let bytes = wasm_bindgen_futures::JsFuture::from(head.array_buffer()).await.ok()?;
    let head = js_sys::Uint8Array::new(&bytes).to_vec();
    let name = file.name();
    if !head.starts_with(b"GGUF") {
        return Some(format!("{name} is no GGUF file: it does not begin with the letters GGUF."));
    }
    let mb = |bytes: f64| format!("{:.0}", bytes / 1e6);
    match gguf::least_len(&head) {
        Some(whole) if whole as f64 > file.size() => {
            let (here, whole) = (mb(file.size()), mb(whole as f64));
            Some(format!("{name} is cut off: {here} MB of {whole} are there. Fetch it again."))
        }
        None if file.size() <= most => Some(format!("{name} is cut off or damaged. Fetch it again.")),
        _ => None,
    }
}

/// The file that is chosen in a field.
fn chosen(field: NodeRef<leptos::html::Input>) -> Option<web_sys::File> {
    field.get_untracked()?.files()?.get(0)
}

/// How much of a file is here.
fn fetched(name: &str, done: f64, all: f64) -> String {
    let mb = |bytes: f64| format!("{:.0}", bytes / 1e6);
    let of = if all > 0.0 { format!(" of {}", mb(all)) } else { String::new() };
    format!("{name}: {}{of} MB", mb(done))
}

/// What can be done with a model at an address.
#[component]
fn Ways(
    kept: RwSignal<Vec<Kept>>,
    busy: RwSignal<Option<String>>,
    url: String,
    name: String,
    download: impl Fn(String, String) + Copy + Send + Sync + 'static,
    remove: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let (url, name) = (StoredValue::new(url), StoredValue::new(name));
    let here = Memo::new(move |_| kept.with(|k| k.iter().find(|k| k.url == url.get_value()).cloned()));
    let load = move || match here.get() {
        Some(k) if k.is_whole() => "Load".to_owned(),
        Some(k) => format!("Go on ({:.0} of {:.0} MB are here)", k.here / 1e6, k.size / 1e6),
        None => "Download and load".to_owned(),
    };
    view! {
        <button class="btn" disabled=move || busy.with(Option::is_some) aria-label=move || format!("{}: {}", name.get_value(), load()) on:click=move |_| download(url.get_value(), name.get_value())>
            {load}
        </button>
        <Show when=move || here.with(Option::is_some)>
            <button class="btn" disabled=move || busy.with(Option::is_some) aria-label=format!("Delete {}", name.get_value()) on:click=move |_| remove(url.get_value())>"Delete"</button>
        </Show>
    }
}

/// The card.
#[component]
pub fn Local(models: Models) -> impl IntoView {
    let able = RwSignal::new(None::<Able>);
    let kept = RwSignal::new(Vec::<Kept>::new());
    let gpu = RwSignal::new(true);
    let busy = RwSignal::new(None::<String>);
    let abort = StoredValue::new_local(None::<Abort>);
    let fail = move |what: &str, why: &str| models.toasts.show(Tone::Bad, what, why);
    spawn_local(async move {
        match tab::able().await {
            Ok(a) => drop(able.try_set(Some(a))),
            Err(why) => fail("The engine for models in the tab is not here", &why),
        }
    });
    let look = move || {
        spawn_local(async move {
            match tab::kept().await {
                Ok(list) => drop(kept.try_set(list)),
                Err(why) => fail("The kept models could not be listed", &why),
            }
        });
    };
    let loaded = move |name: String, outcome: Result<Runs, String>| {
        let _ = busy.try_set(None);
        match outcome {
            Ok(runs) => {
                models.loaded.set(Some((name, runs)));
                models.be_patient();
            }
            Err(why) => fail("The model was not loaded", &why),
        }
    };
    let (model_field, projector_field) = (NodeRef::new(), NodeRef::new());
    // Whichever of the two is chosen later, both are loaded then.
    let from_files = move |_: leptos::ev::Event| {
        let Some(file) = chosen(model_field) else { return };
        let projector = chosen(projector_field);
        busy.set(Some(format!("Loading {} …", file.name())));
        models.loaded.set(None);
        spawn_local(async move {
            let mut wrong = wrong_with(&file).await;
            if let (None, Some(projector)) = (&wrong, &projector) {
                wrong = wrong_with(projector).await;
            }
            let outcome = match wrong {
                None => tab::load_file(&file, gpu.get_untracked(), projector.as_ref()).await,
                Some(why) => Err(why),
            };
            loaded(file.name(), outcome);
        });
    };
    let download = move |url: String, name: String| {
        let open = window().location().protocol().is_ok_and(|p| p == "http:");
        if let Err(why) = dialect::check_address(&url, open) {
            return fail("The address cannot be used", &format!("{why}."));
        }
        let host = dialect::host(&url).unwrap_or_default().to_owned();
        let what = "The model\u{2019}s file is fetched from it; nothing is sent.".to_owned();
        models.hosts.once(Asking { host, what }, move || {
            let (url, name) = (url.clone(), name.clone());
            let stop = Abort::new();
            abort.set_value(Some(stop.clone()));
            models.loaded.set(None);
            busy.set(Some(format!("{name}: asking …")));
            spawn_local(async move {
                let shown = name.clone();
                let told = move |done: f64, all: f64| {
                    let _ = busy.try_set(Some(fetched(&shown, done, all)));
                };
                let outcome = tab::load_url(&url, gpu.get_untracked(), &stop, told).await;
                if stop.is_used() {
                    let _ = busy.try_set(None);
                } else {
                    loaded(name, outcome);
                }
                look();
            });
        });
    };
    let own_at = RwSignal::new(String::new());
    let from_address = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let url = own_at.get_untracked().trim().to_owned();
        download(url.clone(), file_name(&url));
    };
    let remove = move |url: String| {
        spawn_local(async move {
            if let Err(why) = tab::delete(&url).await {
                fail("The model was not deleted", &why);
            }
            look();
        });
    };
    let offer = move |i: usize| {
        let o = &OFFERS[i];
        let best = move || able.with(|a| a.as_ref().is_some_and(|a| suits(a) == i));
        view! {
            <li class="line">
                <b>{o.name}</b>
                <span class="tiny muted num">{format!("{} MB · {}", o.mb, o.licence)}</span>
                <Show when=best><span class="chip gain">"suits this browser"</span></Show>
                <Ways kept busy url=o.url.to_owned() name=o.name.to_owned() download remove />
            </li>
        }
    };
    // What is kept of other addresses than the list's.
    let others = Memo::new(move |_| {
        kept.with(|k| {
            k.iter().filter(|k| OFFERS.iter().all(|o| o.url != k.url)).map(|k| k.url.clone()).collect::<Vec<_>>()
        })
    });
    let other = move |url: String| {
        let name = file_name(&url);
        view! {
            <li class="line">
                <b>{name.clone()}</b>
                <span class="tiny muted">{dialect::host(&url).unwrap_or_default().to_owned()}</span>
                <Ways kept busy url name download remove />
            </li>
        }
    };
    view! {
        <p data-testid="able">{move || able.get().map(|a| {
            let gpu = if a.webgpu { "A graphics adapter can be used (WebGPU)." } else { "There is no graphics adapter that can be used (no WebGPU): models run on the processor." };
            let threads = if a.threads > 1 { format!(" {} threads.", a.threads) } else { " One thread (more need a host that sends the headers of isolation).".to_owned() };
            let memory = if a.memory_gb > 0.0 { format!(" {} GB of memory or more.", a.memory_gb) } else { String::new() };
            format!("{gpu}{threads}{memory}")
        })}</p>
        <label class="choice"><input type="checkbox" data-testid="use-gpu" prop:checked=gpu on:change=move |ev| gpu.set(event_target_checked(&ev)) />"Use the graphics adapter where there is one"</label>
        <label class="field wide">
            <small>"Your own model, a GGUF file of less than 2 GB"</small>
            <input type="file" accept=".gguf" data-testid="own-model" node_ref=model_field on:change=from_files />
        </label>
        <label class="field wide">
            <small>"And its projector, for a model that sees: a second GGUF file, which its makers name mmproj"</small>
            <input type="file" accept=".gguf" data-testid="own-projector" node_ref=projector_field disabled=move || busy.with(Option::is_some) on:change=from_files />
        </label>
        <details on:toggle=move |_| look()>
            <summary data-testid="offers">"Models to download"</summary>
            <p class="tiny muted">"Kept in this browser until you delete them; what was fetched is not fetched again, and what was broken off goes on from there."</p>
            <ul class="offers">
                {(0..OFFERS.len()).map(offer).collect_view()}
                {move || others.get().into_iter().map(other).collect_view()}
            </ul>
            <form class="line" on:submit=from_address>
                <label class="field wide">
                    <small>"Another model, by the address of its GGUF file"</small>
                    <input type="url" autocomplete="off" spellcheck="false" placeholder="https://…/model.gguf" data-testid="own-address" prop:value=own_at on:input=move |ev| own_at.set(event_target_value(&ev)) />
                </label>
                <button class="btn" type="submit" data-testid="own-address-load" disabled=move || busy.with(Option::is_some)>"Download and load"</button>
            </form>
        </details>
        <div role="status" data-testid="tab-model">{move || match (busy.get(), models.loaded.get()) {
            (Some(words), _) => view! {
                <p class="line num">{words}<button class="btn" on:click=move |_| abort.with_value(|a| if let Some(a) = a { a.abort() })>"Stop"</button></p>
            }.into_any(),
            (None, Some((name, runs))) => view! {
                <p class="good line"><b>{name}</b>" is loaded: "{runs.how}{runs.sees.then_some("; it sees pictures")}
                    <button class="btn" on:click=move |_| { models.loaded.set(None); spawn_local(async { let _ = tab::unload().await; }) }>"Unload"</button></p>
            }.into_any(),
            (None, None) if models.at.get() == Where::Tab => view! { <p class="muted">"No model is loaded."</p> }.into_any(),
            _ => ().into_any(),
        }}</div>
    }
}

/// The file chosen for a tape.
pub fn chosen_file(ev: &leptos::ev::Event) -> Option<web_sys::File> {
    let input: web_sys::HtmlInputElement = ev.target()?.dyn_into().ok()?;
    input.files()?.get(0)
}
