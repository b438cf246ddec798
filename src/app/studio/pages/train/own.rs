//! A recommender of the person's own: where it is, whether it may be contacted, its letters, and its panel on the Session
//! page.

use super::super::{
    hosts::{Asking, Consent, Hosts},
    web::{self, Abort, Calls, object},
};
use crate::{
    app::{
        Toasts,
        between::{Guest, ToMain, to_main},
        studio::Studio,
        toast::Tone,
    },
    llm::dialect::{check_address, host},
    recommender::remote::MOST_BYTES,
    worker::guests::remote::{RemoteSits, Says, Standing, Tell, Words},
};
use leptos::{portal::Portal, prelude::*, task::spawn_local};
use std::{cell::Cell, rc::Rc, time::Duration};
use wasm_bindgen::JsValue;

/// What stands in the field at first.
const EXAMPLE: &str = "http://127.0.0.1:8000/slate";
/// What a host would be sent, as the person is asked.
const SENT: &str = "It is sent what a recommender sees: the simulated user\u{2019}s profile and circumstances, what was shown \
                    and done, and the items on offer. Nothing else leaves this page, and the address is not stored.";
/// Seconds that an answer may take.
const SECONDS: [u32; 2] = [1, 600];

/// The line to the recommender. Copies share it.
#[derive(Clone, Copy)]
struct Line {
    /// The address, which stays in this program's memory: it may hold a password.
    url: RwSignal<String>,
    seconds: RwSignal<String>,
    /// The address that serves, and how long it may take, ms.
    serving: StoredValue<(String, u32)>,
    hosts: Hosts,
    wrong: RwSignal<Option<String>>,
    standing: RwSignal<Option<Standing>>,
    calls: Calls,
}

impl Line {
    /// Seats the recommender, once the person agrees that its host is contacted.
    fn seat(self) {
        self.wrong.set(None);
        let url = self.url.get_untracked().trim().to_owned();
        let open = window().location().protocol().is_ok_and(|p| p == "http:");
        if let Err(why) = check_address(&url, open) {
            return self.wrong.set(Some(format!("{why}.")));
        }
        let seconds = self.seconds.with_untracked(|s| s.trim().parse::<u32>().ok());
        let Some(seconds) = seconds.filter(|s| (SECONDS[0]..=SECONDS[1]).contains(s)) else {
            return self.wrong.set(Some(format!("Give it {} to {} whole seconds.", SECONDS[0], SECONDS[1])));
        };
        let host = host(&url).unwrap_or_default().to_owned();
        self.hosts.once(Asking { host: host.clone(), what: SENT.to_owned() }, move || {
            self.serving.set_value((url.clone(), seconds * 1000));
            let name = format!("Your recommender at {host}");
            to_main(&ToMain::Seat(Guest { name, json: RemoteSits::new(host.clone()).to_json(), serves: None }));
            to_main(&ToMain::GoTo(String::new()));
        });
    }

    fn hear(self, json: &str) {
        match serde_json::from_str(json) {
            Ok(Words { recommender: Says::Post { id, body } }) => spawn_local(self.carry(id, body)),
            Ok(Words { recommender: Says::Drop { id } }) => self.calls.cut(id),
            Ok(Words { recommender: Says::Standing(standing) }) => self.standing.set(Some(standing)),
            Err(why) => leptos::logging::error!("what your recommender's seat said was not understood: {why}"),
        }
    }

    fn dismiss(self) {
        self.calls.cut_all();
        self.standing.set(None);
        to_main(&ToMain::Dismiss);
    }

    fn tell(self, tell: &Tell) {
        // Fails only on keys that are not text, which the type does not have.
        to_main(&ToMain::TellGuest(serde_json::to_string(tell).unwrap_or_default()));
    }

    async fn carry(self, id: u32, body: String) {
        let (url, timeout_ms) = self.serving.get_value();
        let abort = self.calls.begin(id);
        let late = Rc::new(Cell::new(false));
        let (is_late, stop) = (late.clone(), abort.clone());
        let timer = set_timeout_with_handle(
            move || {
                is_late.set(true);
                stop.abort();
            },
            Duration::from_millis(u64::from(timeout_ms)),
        );
        let mut outcome = exchange(&url, &body, &abort).await;
        if let Ok(timer) = timer {
            timer.clear();
        }
        if late.get() && outcome.is_err() {
            outcome = Err(format!("it did not answer within {} s", timeout_ms / 1000));
        } else if abort.is_used() {
            return;
        }
        self.calls.end(id);
        self.tell(&Tell::Answered { id, outcome });
    }
}

/// One letter there and back.
async fn exchange(url: &str, body: &str, abort: &Abort) -> Result<String, String> {
    let headers = object(&[("content-type", "application/json".into())]);
    let init = object(&[
        ("method", "POST".into()),
        ("headers", headers),
        ("body", body.into()),
        ("signal", abort.signal()),
        ("credentials", "omit".into()),
        ("redirect", "error".into()),
    ]);
    let response = match web::ask(&window(), "fetch", &[url.into(), init]).await {
        Ok(response) => response,
        Err(_) => return Err(refused(url, abort).await),
    };
    let status = web::get(&response, "status").as_f64().unwrap_or_default();
    if !web::get(&response, "ok").is_truthy() {
        return Err(format!("it answered with HTTP status {status}; 200 is expected"));
    }
    let text = web::ask(&response, "text", &[]).await.ok().and_then(|t| t.as_string());
    let text = text.ok_or_else(|| "its answer broke off".to_owned())?;
    if text.len() > MOST_BYTES { Err("its answer is longer than a megabyte".to_owned()) } else { Ok(text) }
}

/// A browser does not tell a server that is not there from one that does not let the page read. A request whose answer
/// nobody reads does.
async fn refused(url: &str, abort: &Abort) -> String {
    if !window().navigator().on_line() {
        return "this machine is offline".to_owned();
    }
    let init = object(&[("mode", "no-cors".into()), ("credentials", "omit".into()), ("signal", abort.signal())]);
    let there: Result<JsValue, JsValue> = web::ask(&window(), "fetch", &[url.into(), init]).await;
    if there.is_err() {
        return "it cannot be reached: see whether it runs, and at this address".to_owned();
    }
    let origin = window().location().origin().unwrap_or_default();
    format!(
        "it is there, but does not let this page read its answers: let it send Access-Control-Allow-Origin: {origin} and \
         Access-Control-Allow-Headers: content-type, to OPTIONS too"
    )
}

/// The form, the question whether the host may be contacted, and the panel on the Session page.
#[component]
pub fn Own() -> impl IntoView {
    let studio = expect_context::<Studio>();
    let toasts = expect_context::<Toasts>();
    let line = Line {
        url: RwSignal::new(EXAMPLE.to_owned()),
        seconds: RwSignal::new("10".to_owned()),
        serving: StoredValue::new((String::new(), 0)),
        hosts: Hosts::new(),
        wrong: RwSignal::new(None),
        standing: RwSignal::new(None),
        calls: Calls::new(),
    };
    Effect::new(move |_| {
        if studio.own_says.with(|said| !said.is_empty()) {
            let said = studio.own_says.try_update(std::mem::take).unwrap_or_default();
            said.iter().for_each(|json| line.hear(json));
        }
    });
    Effect::new(move |_| {
        let gone = studio.guest_gone.get();
        if line.standing.with_untracked(Option::is_some)
            && let Some(why) = gone
        {
            line.standing.set(None);
            if !why.is_empty() {
                toasts.show(Tone::Bad, "Your recommender does not serve any more", &why);
            }
        }
    });
    let seated = Memo::new(move |_| line.standing.with(Option::is_some));
    view! {
        <section class="card own" aria-labelledby="own-recommender">
            <h2 id="own-recommender">"Your recommender"</h2>
            <p class="tiny muted">
                "A program of yours, in any language: it is posted what a recommender sees, and answers with a slate and, if it \
                 likes, with its reasons."
            </p>
            <form
                class="sweep"
                on:submit=move |ev| {
                    ev.prevent_default();
                    line.seat();
                }
            >
                <label class="field" class:wrong=move || line.wrong.with(Option::is_some)>
                    <small>"Address"</small>
                    <input type="url" autocomplete="off" spellcheck="false" data-testid="own-url" prop:value=line.url on:input=move |ev| line.url.set(event_target_value(&ev)) />
                </label>
                <label class="field" class:wrong=move || line.wrong.with(Option::is_some)>
                    <small>"Seconds for an answer"</small>
                    <input type="text" inputmode="numeric" autocomplete="off" data-testid="own-seconds" prop:value=line.seconds on:input=move |ev| line.seconds.set(event_target_value(&ev)) />
                </label>
                {move || line.wrong.get().map(|why| view! { <p class="tiny loss-ink" role="alert" data-testid="own-wrong">{why}</p> })}
                <button class="btn" type="submit" data-testid="own-seat">"Let it serve"</button>
            </form>
        </section>
        <Consent hosts=line.hosts testid="own-consent" />
        {move || seated.get().then(|| document().get_element_by_id("guest")).flatten().map(|slot| {
            let slot: web_sys::Element = slot;
            view! { <Portal mount=slot><Panel line=line /></Portal> }
        })}
    }
}

/// How it does, on the Session page.
#[component]
fn Panel(line: Line) -> impl IntoView {
    let standing = Memo::new(move |_| line.standing.get().unwrap_or_default());
    let doing = move || standing.with(|s| if s.waits { "is asked for a slate …" } else { "" });
    let tally = move || {
        standing.with(|s| {
            let slates = |n: u32| if n == 1 { "1 slate".to_owned() } else { format!("{n} slates") };
            let stood_in = match s.stood_in {
                0 => String::new(),
                n => format!(" The built-in recommender composed {} in its place.", slates(n)),
            };
            format!("It composed {}.{stood_in}", slates(s.composed))
        })
    };
    let fault = move || standing.with(|s| (!s.fault.is_empty()).then(|| (s.fault.clone(), s.stuck)));
    view! {
        <section class="card model-panel" aria-label="Your recommender" data-testid="own-panel">
            <h2>"Your recommender"</h2>
            <p class="line">
                <b>{move || standing.with(|s| s.host.clone())}</b>
                <span class="chip">"recommends"</span>
                <span class="tiny" role="status" data-testid="own-doing">{doing}</span>
            </p>
            {move || {
                fault()
                    .map(|(why, stuck)| {
                        let then = if stuck { "The session stands still: press Play to try again." } else { "The built-in recommender fell in; it is asked again next time." };
                        view! { <div class="banner bad" role="alert" data-testid="own-fault"><p><b>"The last slate did not come: "{why}"."</b>" "{then}</p></div> }
                    })
            }}
            <p class="tiny num" data-testid="own-tally">{tally}</p>
            <div class="line">
                <Show when=move || standing.with(|s| s.stuck)>
                    <button class="btn primary" data-testid="own-resume" on:click=move |_| line.tell(&Tell::Resume)>"Try again"</button>
                </Show>
                <button class="btn" data-testid="own-dismiss" on:click=move |_| line.dismiss()>"Back to the built-in recommender"</button>
            </div>
        </section>
    }
}
