//! How the chances of scored mode are told: the lean to letters, and the temperature, fitted to what users did.

use super::{
    local::chosen_file,
    play::Number,
    state::{Checking, Models},
};
use crate::{
    app::{keep, store, studio::Studio, toast::Tone},
    llm::{
        battery::Battery as _,
        calibrate::{Calibration, Fitting, Plan},
        settings::Debias,
        temperature::RANGE,
    },
    scenario::{CatalogSpec, Scenario},
    worker::{
        data::protocol::File,
        scores::{Event, SCORES_DESK, Wanted},
        transport::{Bridge, Lost, Program},
    },
};
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;
use wasm_bindgen_futures::JsFuture;

/// About how many actions may be asked about, and how many are unless the person says.
const ACTIONS: [usize; 4] = [32, 64, 128, 256];
const ACTIONS_ASKED: usize = 64;

/// The worker that words the questions.
pub type Line = Bridge<Wanted, Event>;

/// An exported run, as far as the page reads it.
#[derive(Deserialize)]
struct Run {
    scenario: Scenario,
}

impl Models {
    /// Fits the temperature to what the built-in user does in this scenario, or to what was done in an exported run.
    fn fit(self, scenario: Scenario, run: String, most: usize) {
        self.once_agreed(move || spawn_local(self.word(scenario.clone(), run.clone(), most)));
    }

    /// Has a worker word the questions, and then asks them.
    async fn word(self, scenario: Scenario, run: String, most: usize) {
        self.fitting.set(Checking::Asking(0, 0));
        let scenario = match serde_json::from_str::<Run>(&run) {
            Ok(run) => run.scenario,
            Err(why) if !run.is_empty() => {
                return self.fitting.set(Checking::Stopped(format!("The file is not an exported run: {why}.")));
            }
            Err(_) => scenario,
        };
        let kept = match &scenario.catalog {
            CatalogSpec::Imported { digest, .. } => match keep::get(digest).await {
                Ok(kept) => kept.unwrap_or_default(),
                Err(why) => {
                    return self.fitting.set(Checking::Stopped(format!("The imported items were not fetched: {why}")));
                }
            },
            _ => keep::Kept::default(),
        };
        let wanted = Wanted {
            scenario: Box::new(scenario),
            run,
            files: kept.files.into_iter().map(|f| File { name: f.name, bytes: f.bytes }).collect(),
            mapping: kept.mapping,
            pictures: kept.pictures,
            settings: self.settings.get_untracked(),
            most,
        };
        let line = Line::spawn(
            Program::Lab(SCORES_DESK),
            move |event| {
                // Not at once: the listener that hears this must outlive it.
                set_timeout(move || self.worded(event.clone()), std::time::Duration::ZERO);
            },
            move |lost: Lost| {
                let why = lost.to_string();
                set_timeout(move || self.worded(Event::Refused(why)), std::time::Duration::ZERO);
            },
        );
        let sent = line.map_err(|e| e.to_string()).and_then(|line| {
            line.send(&wanted).map_err(|e| e.to_string())?;
            self.wording.set_value(Some(line));
            Ok(())
        });
        if let Err(why) = sent {
            self.fitting.set(Checking::Stopped(why));
        }
    }

    fn worded(self, event: Event) {
        self.wording.set_value(None);
        match event {
            Event::Planned(plan) => spawn_local(self.ask_and_fit(*plan)),
            Event::Refused(why) => self.fitting.set(Checking::Stopped(why)),
        }
    }

    async fn ask_and_fit(self, plan: Plan) {
        let mut fitting = Fitting::new(plan, &self.name(), &self.settings.get_untracked());
        self.fitting.set(Checking::Asking(0, fitting.progress().1));
        let answered = self.answer_all(&mut fitting, self.fitting).await;
        match answered.and_then(|()| fitting.calibration()) {
            Ok(found) => {
                if found.helps() {
                    let value = (found.temperature.value * 1000.0).round() / 1000.0;
                    self.settings.update(|s| s.score_temperature = value as f32);
                }
                let _ = self.calibration.try_set(Some(found));
                let _ = self.fitting.try_set(Checking::No);
            }
            Err(why) => drop(self.fitting.try_set(Checking::Stopped(why))),
        }
    }

    fn stop_fit(self) {
        self.wording.set_value(None);
        self.fitting.set(Checking::No);
        self.stop_check();
    }
}

/// What scored mode alone needs.
#[component]
pub fn Scores(models: Models) -> impl IntoView {
    let s = models.settings;
    let lean = move || s.with(|s| if s.debias == Debias::Prior { "prior" } else { "permute" });
    let set_temperature = |s: &mut crate::llm::settings::Settings, x: Option<f64>| {
        s.score_temperature = x.unwrap_or(1.0).clamp(RANGE[0], RANGE[1]) as f32;
    };
    view! {
        <fieldset class="scores">
            <legend>"The chance of each action"</legend>
            <p class="tiny muted">"The model names an action by its letter; how likely it holds each letter is the chance. Models lean to some letters whatever they stand for, and are often too sure: the first is taken out, the second is mended by a temperature (above 1 flattens the chances, below 1 sharpens them)."</p>
            <div class="model-form">
                <label class="field">
                    <small>"The lean to letters is taken out by"</small>
                    <select data-testid="debias" prop:value=lean
                        on:change=move |ev| s.update(|s| s.debias = if event_target_value(&ev) == "prior" { Debias::Prior } else { Debias::Permute })>
                        <option value="permute">"a new order each item"</option>
                        <option value="prior">"dividing by an empty item"</option>
                    </select>
                </label>
                <Number models=models label="Temperature of the chances" testid="score-temperature" get=|s| Some(shown(s.score_temperature)) set=set_temperature />
            </div>
            <Fit models=models />
        </fieldset>
    }
}

/// A number as it is written, and not as its nearest double.
fn shown(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(1.0)
}

/// Fits the temperature.
#[component]
fn Fit(models: Models) -> impl IntoView {
    let studio = expect_context::<Studio>();
    // An exported run: its file's name and text.
    let run = RwSignal::new(None::<(String, String)>);
    let actions = RwSignal::new(ACTIONS_ASKED);
    let asking = move || matches!(models.fitting.get(), Checking::Asking(..));
    let ready = move || models.is_ready() && (run.with(Option::is_some) || studio.scenario.with(Option::is_some));
    let choose = move |ev: leptos::ev::Event| {
        let Some(file) = chosen_file(&ev) else { return };
        spawn_local(async move {
            match JsFuture::from(file.text()).await.ok().and_then(|t| t.as_string()) {
                Some(text) => run.set(Some((file.name(), text))),
                None => models.toasts.show(Tone::Bad, "The run was not opened", "The file could not be read."),
            }
        });
    };
    let begin = move |_| {
        let text = run.get_untracked().map_or_else(String::new, |r| r.1);
        // A run brings its own.
        let scenario = studio.scenario.get_untracked();
        let scenario = scenario.unwrap_or_else(crate::scenario::registry::default_preset);
        models.fit(scenario, text, actions.get_untracked());
    };
    let whose = move || match run.get() {
        Some((name, _)) => format!("Fitted to what was done in {name}, by a person or the built-in user."),
        None => "Fitted to what the built-in user does in three sessions of the Session page’s scenario.".to_owned(),
    };
    let how_many = ACTIONS.map(|n| view! { <option value=n.to_string()>{format!("about {n} actions")}</option> });
    view! {
        <div class="line">
            <button class="btn" data-testid="fit-temperature" disabled=move || models.is_asking() || !ready() on:click=begin>"Fit the temperature"</button>
            <Show when=asking><button class="btn" on:click=move |_| models.stop_fit()>"Stop"</button></Show>
            <select aria-label="How many actions to ask about" data-testid="fit-actions" prop:value=move || actions.get().to_string()
                on:change=move |ev| actions.set(event_target_value(&ev).parse().unwrap_or(ACTIONS_ASKED))>{how_many}</select>
            <label class="btn file-btn">"To an exported run…"
                <input type="file" accept=".json" data-testid="fit-run" on:change=choose />
            </label>
            <Show when=move || run.with(Option::is_some)><button class="btn" on:click=move |_| run.set(None)>"To the built-in user"</button></Show>
        </div>
        <p class="tiny muted" data-testid="fit-whose">{whose}</p>
        <div role="status" data-testid="fitting">{move || match models.fitting.get() {
            Checking::No => ().into_any(),
            Checking::Asking(_, 0) => view! { <p class="muted">"The sessions are played, and the questions worded …"</p> }.into_any(),
            Checking::Asking(done, all) => view! { <p class="muted num">{format!("{done} of {all} questions answered … ")}{move || models.left.get()}" "{move || models.pace.get()}</p> }.into_any(),
            Checking::Stopped(why) => view! { <p class="bad">{why}</p> }.into_any(),
        }}</div>
        {move || models.calibration.get().map(|c| view! { <Found models=models found=c /> })}
    }
}

/// What the fit came to.
#[component]
fn Found(models: Models, found: Calibration) -> impl IntoView {
    let t = found.temperature;
    let high = t.high.map_or_else(|| "no bound".to_owned(), |h| format!("{h:.2}"));
    let head = format!(
        "{}: temperature {:.2} (95 % interval {:.2} to {high}), from {} actions on {} slates.",
        found.model, t.value, t.low, found.actions, found.slates
    );
    let set = if found.helps() { " It is set above." } else { "" };
    let rows = [
        ("At this temperature", found.scores.fitted),
        ("As the model tells it (temperature 1)", found.scores.as_told),
        ("By how often each action is taken", found.scores.shares),
        ("Equal chances", found.scores.equal),
    ];
    let body =
        rows.map(|(name, x)| view! { <tr><th scope="row">{name}</th><td class="num">{format!("{x:.3}")}</td></tr> });
    let unread = (found.unread > 0).then(|| {
        let words = format!("To {} questions the model gave no letter.", found.unread);
        view! { <p class="tiny muted">{words}</p> }
    });
    let verdict = format!("{}{set}", found.verdict());
    let save = move |_| {
        let made = serde_json::to_string_pretty(&found).map_err(|e| e.to_string());
        let saved = made.and_then(|json| store::download("recoworld-temperature.json", "application/json", &json));
        if let Err(why) = saved {
            models.toasts.show(Tone::Bad, "The fit was not saved", &why);
        }
    };
    view! {
        <div data-testid="calibration">
            <p class="num">{head}</p>
            <table class="fit"><caption class="tiny muted">"Log-likelihood of an action, on slates left out of the fit; higher is better"</caption><tbody>{body}</tbody></table>
            <p>{verdict}</p>
            {unread}
            <button class="btn" on:click=save>"Save the fit"</button>
        </div>
    }
}
