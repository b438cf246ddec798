//! A model inside this tab: what the browser can do, a short list, the person's own file.

use super::{
    super::{hosts::Asking, web::Abort},
    state::{Models, Where},
    tab::{self, Able, Kept},
};
use crate::{app::toast::Tone, llm::dialect};
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
    let loaded = move |name: String, outcome: Result<String, String>| {
        let _ = busy.try_set(None);
        match outcome {
            Ok(how) => {
                models.loaded.set(Some((name, how)));
                models.be_patient();
            }
            Err(why) => fail("The model was not loaded", &why),
        }
    };
    let from_file = move |ev: leptos::ev::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&ev);
        let Some(file) = input.files().and_then(|f| f.get(0)) else { return };
        busy.set(Some(format!("Loading {} …", file.name())));
        models.loaded.set(None);
        spawn_local(async move {
            let outcome = tab::load_file(&file, gpu.get_untracked()).await;
            loaded(file.name(), outcome);
        });
    };
    let download = move |i: usize| {
        let host = dialect::host(OFFERS[i].url).unwrap_or_default().to_owned();
        let what = "The model\u{2019}s file is fetched from it; nothing is sent.".to_owned();
        models.hosts.once(Asking { host, what }, move || {
            let stop = Abort::new();
            abort.set_value(Some(stop.clone()));
            models.loaded.set(None);
            busy.set(Some(format!("{}: asking …", OFFERS[i].name)));
            spawn_local(async move {
                let told = move |done: f64, all: f64| {
                    let _ = busy.try_set(Some(format!("{}: {:.0} of {:.0} MB", OFFERS[i].name, done / 1e6, all / 1e6)));
                };
                let outcome = tab::load_url(OFFERS[i].url, gpu.get_untracked(), &stop, told).await;
                loaded(OFFERS[i].name.to_owned(), outcome);
                look();
            });
        });
    };
    let remove = move |url: String| {
        spawn_local(async move {
            if let Err(why) = tab::delete(&url).await {
                fail("The model was not deleted", &why);
            }
            look();
        });
    };
    let row = move |i: usize| {
        let o = &OFFERS[i];
        let here = move || kept.with(|k| k.iter().any(|k| k.url == OFFERS[i].url));
        let best = move || able.with(|a| a.as_ref().is_some_and(|a| suits(a) == i));
        view! {
            <li class="line">
                <b>{o.name}</b>
                <span class="tiny muted num">{format!("{} MB · {}", o.mb, o.licence)}</span>
                <Show when=best><span class="chip gain">"suits this browser"</span></Show>
                <button class="btn" disabled=move || busy.with(Option::is_some) aria-label=format!("Load {}", o.name) on:click=move |_| download(i)>
                    {move || if here() { "Load" } else { "Download and load" }}
                </button>
                <Show when=here>
                    <button class="btn" aria-label=format!("Delete {}", OFFERS[i].name) on:click=move |_| remove(OFFERS[i].url.to_owned())>"Delete"</button>
                </Show>
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
            <input type="file" accept=".gguf" data-testid="own-model" on:change=from_file />
        </label>
        <details on:toggle=move |_| look()>
            <summary data-testid="offers">"Models to download"</summary>
            <p class="tiny muted">"Kept in this browser until you delete them; what was fetched whole is not fetched again."</p>
            <ul class="offers">{(0..OFFERS.len()).map(row).collect_view()}</ul>
        </details>
        <div role="status" data-testid="tab-model">{move || match (busy.get(), models.loaded.get()) {
            (Some(words), _) => view! {
                <p class="line num">{words}<button class="btn" on:click=move |_| abort.with_value(|a| if let Some(a) = a { a.abort() })>"Stop"</button></p>
            }.into_any(),
            (None, Some((name, how))) => view! {
                <p class="good line"><b>{name}</b>" is loaded: "{how}
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
