//! Gymnasium's semantics over a published environment.

use super::{model::Model, spec::Spec};
use crate::{
    catalog::ItemIx,
    learn::task::Outcome,
    math::Source,
    scenario::{
        ScenarioError,
        env::{EnvError, Environment, Info, Options, Space, Step},
    },
    session::AnswerError,
};
use serde::{Deserialize, Serialize};

/// What an agent sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The step, from 0.
    pub step: u32,
    /// What is observed of the user: twenty interests in interest evolution, else nothing.
    pub user: Vec<f32>,
    /// The candidates: slates name them by their place here.
    pub documents: Vec<Document>,
    /// What came of the last slate, from its top; empty before the first.
    pub response: Vec<Response>,
    /// The places of all candidates: 0, 1, 2 ….
    pub candidates: Vec<ItemIx>,
    /// How many of them to show.
    pub slate_size: usize,
}

/// What is seen of a document. What its environment does not have is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<u8>,
    /// Its quality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<f32>,
    /// How much it is clickbait, in (0, 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clickbait_score: Option<f32>,
}

/// What came of a document that was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The document.
    pub document: Document,
    /// Whether it was consumed.
    pub click: bool,
    /// How much: minutes watched, engagement (told up to 100), or 1 for a click; 0 without one.
    pub amount: f64,
}

/// A published environment with Gymnasium's semantics.
#[derive(Debug)]
pub struct RecsimEnv {
    spec: Spec,
    /// The seed last given, and how many episodes began since.
    base: (u64, u64),
    episode: Option<Episode>,
    /// Whether the hidden state is another than the seed's.
    disturbed: bool,
}

#[derive(Debug)]
struct Episode {
    seed: u64,
    model: Model,
    total: f64,
    over: bool,
}

impl RecsimEnv {
    /// The environment of a specification.
    ///
    /// # Errors
    /// Where its settings do not go together.
    pub fn new(spec: &Spec) -> Result<Self, ScenarioError> {
        spec.validate()?;
        Ok(Self { spec: spec.clone(), base: (0, 0), episode: None, disturbed: false })
    }

    fn changed(&self, options: &Options) -> Result<Spec, ScenarioError> {
        let mut spec = self.spec.clone();
        for (path, text) in &options.set {
            spec.set(path, text)?;
        }
        spec.validate()?;
        Ok(spec)
    }
}

impl Model {
    /// What an agent sees now, owned.
    #[must_use]
    pub fn observation(&self) -> Observation {
        observe(self)
    }
}

fn observe(model: &Model) -> Observation {
    let seen = model.seen();
    let document = |topic: Option<u8>, quality: Option<f32>, clickbait: Option<f32>| Document {
        cluster_id: topic,
        quality,
        clickbait_score: clickbait,
    };
    let has_topics = !seen.topics.is_empty();
    let shown = |(topic, number): &(u8, f32)| {
        if has_topics { document(Some(*topic), Some(*number), None) } else { document(None, None, Some(*number)) }
    };
    let response = seen.shown.iter().enumerate().map(|(place, s)| {
        let click = seen.click.filter(|c| c.place == place);
        Response { document: shown(s), click: click.is_some(), amount: click.map_or(0.0, |c| c.amount) }
    });
    let at = |i: usize| {
        document(seen.topics.get(i).copied(), seen.qualities.get(i).copied(), seen.clickbait.get(i).copied())
    };
    Observation {
        step: seen.step,
        user: seen.user.to_vec(),
        documents: (0..seen.candidates()).map(at).collect(),
        response: response.collect(),
        candidates: (0..seen.candidates() as ItemIx).collect(),
        slate_size: model.spec().slate_size(),
    }
}

/// Whether a slate can be shown.
fn fits(slate: &[ItemIx], size: usize, candidates: usize) -> Result<(), AnswerError> {
    if slate.len() != size {
        return Err(AnswerError::SlateLength { given: slate.len(), needed: size });
    }
    for (i, item) in slate.iter().enumerate() {
        if *item as usize >= candidates {
            return Err(AnswerError::NotACandidate(*item));
        }
        if slate[..i].contains(item) {
            return Err(AnswerError::Twice(*item));
        }
    }
    Ok(())
}

impl Environment for RecsimEnv {
    type Observation = Observation;

    /// RecSim shows a document's quality to the agent.
    const OPEN: &'static [&'static str] = &["quality"];

    fn space(&self) -> Space {
        Space {
            id: self.spec.family().id().to_owned(),
            items: self.spec.num_candidates(),
            slate_size: self.spec.slate_size(),
            horizon: self.spec.family().horizon(),
        }
    }

    fn reset(&mut self, seed: Option<u64>, options: &Options) -> Result<(Observation, Info), EnvError> {
        let spec = self.changed(options).map_err(EnvError::Option)?;
        let (base, episode) = match seed {
            Some(seed) => (seed, 0),
            None => self.base,
        };
        let seed = if episode == 0 { base } else { Source::new(base).keyed(episode).seed() };
        self.base = (base, episode + 1);
        let mut model = spec.model();
        model.begin(seed);
        if self.disturbed {
            model.disturb();
        }
        let observation = observe(&model);
        self.episode = Some(Episode { seed, model, total: 0.0, over: false });
        Ok((observation, Info { seed: seed.to_string(), ..Info::default() }))
    }

    fn step(&mut self, slate: &[ItemIx]) -> Result<Step<Observation>, EnvError> {
        let episode = self.episode.as_mut().ok_or(EnvError::NotReset)?;
        if episode.over {
            return Err(EnvError::Over);
        }
        let spec = episode.model.spec();
        fits(slate, spec.slate_size(), spec.num_candidates()).map_err(EnvError::Slate)?;
        let places: Vec<usize> = slate.iter().map(|i| *i as usize).collect();
        let Outcome { reward, terminated, truncated } = episode.model.advance(&places);
        episode.over = terminated || truncated;
        episode.total += reward;
        let measures = [
            ("clicks", f64::from(episode.model.clicks())),
            ("return", episode.total),
            ("turns", f64::from(episode.model.seen().step)),
        ];
        Ok(Step {
            observation: observe(&episode.model),
            reward,
            terminated,
            truncated,
            info: Info {
                seed: episode.seed.to_string(),
                measures: measures.map(|(name, value)| (name.to_owned(), value)).into(),
            },
        })
    }

    fn candidates(observation: &Observation) -> &[ItemIx] {
        &observation.candidates
    }

    fn fresh(&self) -> Self {
        Self { spec: self.spec.clone(), base: (0, 0), episode: None, disturbed: self.disturbed }
    }

    fn other_secret(&self) -> Option<Self> {
        Some(Self { disturbed: true, ..self.fresh() })
    }
}
