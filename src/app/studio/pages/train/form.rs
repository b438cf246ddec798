//! What to train: scenario, algorithm, seeds and settings, all from the tables of the engine.

use super::board::Board;
use crate::{
    app::studio::Studio,
    learn::algorithm::{ALGORITHMS, Algorithm, find},
    math::order,
    recommender::Setting,
    scenario::{
        recsim::{Family, Spec},
        registry,
    },
    worker::train::protocol::{Chosen, Plan},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The value of the choice that trains on the Session page's own scenario.
const OWN: &str = "own";

/// What stands in the form. Copies share it.
#[derive(Clone, Copy)]
pub struct Draft {
    /// A scenario's id, or [`OWN`].
    pub scenario: RwSignal<String>,
    /// Fields of a published environment, as typed.
    pub fields: RwSignal<BTreeMap<String, String>>,
    /// The algorithm's name.
    pub algorithm: RwSignal<String>,
    /// Settings as typed; those that are not there have their defaults.
    pub settings: RwSignal<BTreeMap<String, String>>,
    /// Seeds, by commas.
    pub seeds: RwSignal<String>,
    /// Steps of each seed.
    pub steps: RwSignal<String>,
    /// The setting that is swept over; empty for none.
    pub swept: RwSignal<String>,
    /// Its values, by commas.
    pub values: RwSignal<String>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            scenario: RwSignal::new(Family::LongTermSatisfaction.id().to_owned()),
            // At the published sensitivity there is nothing to learn.
            fields: RwSignal::new([("sensitivity".to_owned(), "0.3".to_owned())].into()),
            algorithm: RwSignal::new("ppo".to_owned()),
            settings: RwSignal::default(),
            seeds: RwSignal::new("1, 2, 3".to_owned()),
            steps: RwSignal::new("200000".to_owned()),
            swept: RwSignal::default(),
            values: RwSignal::default(),
        }
    }
}

/// The words between commas.
fn words(text: &str) -> Vec<String> {
    text.split([',', ';', ' ']).map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

/// A number as typed; what is none becomes NaN, which its field refuses.
fn number(text: &str) -> f64 {
    match text.trim() {
        "on" => 1.0,
        "off" => 0.0,
        other => other.replace(',', ".").parse().unwrap_or(f64::NAN),
    }
}

impl Draft {
    /// The published environment that is chosen.
    fn spec(self) -> Option<Spec> {
        Spec::all().into_iter().find(|s| self.scenario.with(|id| s.family().id() == id))
    }

    /// What a field is unless it is set: what suits the scenario, where that says so, or the algorithm's default.
    fn unless_set(self, field: &Setting) -> f64 {
        let hints = self.spec().map_or(&[][..], |s| s.task().hints());
        hints.iter().find(|(name, _)| *name == field.name).map_or(field.default, |(_, value)| *value)
    }

    /// The algorithm that is chosen.
    pub fn chosen(self) -> &'static Algorithm {
        self.algorithm.with(|name| find(name)).unwrap_or(ALGORITHMS[0])
    }

    /// One plan, or one for each value that is swept over.
    pub fn plans(self, studio: Studio) -> Vec<Plan> {
        let id = self.scenario.get_untracked();
        let published = Spec::all().into_iter().find(|s| s.family().id() == id);
        let scenario = match published {
            Some(spec) => {
                let known = |path: &String| spec.family().fields().iter().any(|f| f.path == path);
                let set = self
                    .fields
                    .get_untracked()
                    .into_iter()
                    .filter(|(path, text)| known(path) && !text.trim().is_empty());
                Chosen::Published { id, set: set.collect() }
            }
            None => {
                let own = studio.scenario.get_untracked().filter(|_| id == OWN);
                Chosen::Session(Box::new(
                    own.or_else(|| registry::preset(&id)).unwrap_or_else(registry::default_preset),
                ))
            }
        };
        let has =
            |name: &str| find(&self.algorithm.get_untracked()).is_ok_and(|a| a.fields.iter().any(|f| f.name == name));
        let settings: BTreeMap<String, f64> = (self.settings.get_untracked().into_iter())
            .filter(|(name, text)| has(name) && !text.trim().is_empty())
            .map(|(name, text)| (name, number(&text)))
            .collect();
        let plan = Plan {
            scenario,
            algorithm: self.algorithm.get_untracked(),
            settings,
            seeds: words(&self.seeds.get_untracked()),
            steps: number(&self.steps.get_untracked().replace([' ', '_'], "")),
        };
        let (swept, values) = (self.swept.get_untracked(), words(&self.values.get_untracked()));
        if swept.is_empty() || values.is_empty() {
            return vec![plan];
        }
        let with = |value: &String| {
            let mut plan = plan.clone();
            plan.settings.insert(swept.clone(), number(value));
            plan
        };
        values.iter().map(with).collect()
    }
}

/// Scenario, algorithm, seeds and steps, in a row.
#[component]
pub fn Choices(draft: Draft, board: Board) -> impl IntoView {
    let studio = expect_context::<Studio>();
    let own = move || studio.scenario.with(|s| s.as_ref().map(|s| format!("{} (as on the Session page)", s.title)));
    view! {
        <label class="field">
            <small>"Scenario"</small>
            <select data-testid="train-scenario" prop:value=draft.scenario on:change=move |ev| draft.scenario.set(event_target_value(&ev))>
                {Spec::all()
                    .into_iter()
                    .map(|s| view! { <option value=s.family().id() selected=draft.scenario.with_untracked(|id| id == s.family().id())>{format!("{} (RecSim)", s.family().title())}</option> })
                    .collect_view()}
                {move || own().map(|title| view! { <option value=OWN>{title}</option> })}
                {registry::presets().into_iter().map(|s| view! { <option value=s.id>{s.title}</option> }).collect_view()}
            </select>
        </label>
        <label class="field" title=move || format!("{} {}", draft.chosen().about, draft.chosen().paper)>
            <small>"Algorithm"</small>
            <select data-testid="train-algorithm" prop:value=draft.algorithm on:change=move |ev| draft.algorithm.set(event_target_value(&ev))>
                {ALGORITHMS.iter().map(|a| view! { <option value=a.name>{a.title}</option> }).collect_view()}
            </select>
        </label>
        <TextField label="Seeds" name="seeds" text=draft.seeds board=board title="Whole numbers by commas. Each is a run of its own; the band is their spread." />
        <TextField label="Steps a seed" name="steps" text=draft.steps board=board title="Slates shown while training, for each seed." />
        {move || {
            let fields = draft.spec().map(|s| s.family().fields()).unwrap_or_default();
            fields.iter().map(|f| view! { <EnvField path=f.path label=f.label about=f.about default=f.default.unwrap_or_default() draft=draft board=board /> }).collect_view()
        }}
    }
}

/// Whether a field is the one that was refused.
fn refused(board: Board, name: &'static str) -> Memo<Option<String>> {
    Memo::new(move |_| board.problem.with(|p| p.as_ref().filter(|p| p.field == name).map(|p| p.what.clone())))
}

#[component]
fn TextField(
    label: &'static str,
    name: &'static str,
    text: RwSignal<String>,
    board: Board,
    title: &'static str,
) -> impl IntoView {
    let wrong = refused(board, name);
    view! {
        <label class="field" class:wrong=move || wrong.get().is_some() title=title>
            <small>{label}</small>
            <input
                type="text"
                inputmode="numeric"
                autocomplete="off"
                data-testid=format!("train-{name}")
                aria-invalid=move || wrong.get().is_some().to_string()
                prop:value=text
                on:input=move |ev| text.set(event_target_value(&ev))
            />
        </label>
    }
}

#[component]
fn EnvField(
    path: &'static str,
    label: &'static str,
    about: &'static str,
    default: &'static str,
    draft: Draft,
    board: Board,
) -> impl IntoView {
    let wrong = refused(board, path);
    let value = move || draft.fields.with(|f| f.get(path).cloned()).unwrap_or_else(|| default.to_owned());
    view! {
        <label class="field narrow" class:wrong=move || wrong.get().is_some() title=about>
            <small>{label}</small>
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                data-testid=format!("train-{path}")
                aria-invalid=move || wrong.get().is_some().to_string()
                prop:value=value
                on:input=move |ev| draft.fields.update(|f| drop(f.insert(path.to_owned(), event_target_value(&ev))))
            />
        </label>
    }
}

/// Settings shown at once; the others are behind a fold.
const FIRST: usize = 5;
/// Of PPO's, those that matter most come first.
const MATTER: [&str; 6] = ["learning_rate", "clip_coef", "gae_lambda", "ent_coef", "beta", "gamma"];

/// The algorithm's settings, and a sweep over one of them.
#[component]
pub fn Settings(draft: Draft, board: Board) -> impl IntoView {
    let fields = Memo::new(move |_| {
        let mut all: Vec<&'static Setting> =
            draft.chosen().fields.iter().filter(|f| f.name != "total_timesteps").collect();
        order::sort_by_key(&mut all, |f| MATTER.iter().position(|m| *m == f.name).unwrap_or(MATTER.len()));
        all
    });
    let row = move |field: &&'static Setting| view! { <SettingRow field=*field draft=draft board=board /> };
    view! {
        <section class="card" aria-labelledby="train-settings">
            <h2 id="train-settings">{move || format!("{} settings", draft.chosen().title)}</h2>
            {move || fields.with(|all| all.iter().take(FIRST).map(row).collect_view())}
            <details class="more">
                <summary>{move || format!("All {} settings", fields.with(Vec::len))}</summary>
                {move || fields.with(|all| all.iter().skip(FIRST).map(row).collect_view())}
            </details>
            <details class="more">
                <summary>"Sweep over one of them"</summary>
                <div class="sweep">
                    <label class="field">
                        <small>"Setting"</small>
                        <select data-testid="sweep-setting" prop:value=draft.swept on:change=move |ev| draft.swept.set(event_target_value(&ev))>
                            <option value="">"None"</option>
                            {move || fields.with(|all| all.iter().map(|f| view! { <option value=f.name>{f.name}</option> }).collect_view())}
                        </select>
                    </label>
                    <label class="field">
                        <small>"Values, by commas"</small>
                        <input type="text" autocomplete="off" data-testid="sweep-values" prop:value=draft.values on:input=move |ev| draft.values.set(event_target_value(&ev)) />
                    </label>
                </div>
                <p class="tiny muted">"Train then begins one run for each value."</p>
            </details>
        </section>
    }
}

#[component]
fn SettingRow(field: &'static Setting, draft: Draft, board: Board) -> impl IntoView {
    let wrong = refused(board, field.name);
    let unless_set = Memo::new(move |_| draft.unless_set(field));
    let value =
        move || draft.settings.with(|s| s.get(field.name).cloned()).unwrap_or_else(|| unless_set.get().to_string());
    let id = format!("set-{}", field.name);
    let help = format!("help-{}", field.name);
    let title = move || format!("{} From {} to {}; {} unless set.", field.doc, field.min, field.max, unless_set.get());
    view! {
        <div class="setting" class:wrong=move || wrong.get().is_some() title=title>
            <label for=id.clone()>
                <b>{field.name}</b>
                <small id=help.clone()>{field.doc}</small>
            </label>
            <input
                id=id
                type="text"
                inputmode="decimal"
                autocomplete="off"
                aria-describedby=help
                aria-invalid=move || wrong.get().is_some().to_string()
                prop:value=value
                on:input=move |ev| {
                    let text = event_target_value(&ev);
                    draft.settings.update(|s| {
                        // What is as it would be anyway is no change.
                        if text.trim().is_empty() || number(&text) == unless_set.get_untracked() {
                            s.remove(field.name);
                        } else {
                            s.insert(field.name.to_owned(), text);
                        }
                    });
                }
            />
            {move || wrong.get().map(|what| view! { <p class="tiny loss-ink" role="alert">{what}</p> })}
        </div>
    }
}
