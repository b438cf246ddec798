//! The same users and random numbers under each representation: what it changes, and what it costs.
//!
//! The items' true vectors, the users and every random number are the same in all arms; only what the recommender sees of
//! an item differs, both in the sessions that it is fitted on and in those that count. Differences are taken seed by seed.

use super::{Estimate, MEASURES, Welford, growth::Growing, paired, play};
use crate::{
    catalog::{
        Catalog, ItemIx,
        represent::{
            Making, Options, Shown,
            codes::CODE,
            raster::{COLUMNS, ROWS},
            visual::Visual,
        },
    },
    llm::{describe, embed::Embeddings},
    recommender::{self, Features, Knowledge, Recommender, UnknownRecommender},
    scenario::{CatalogSpec, REPRESENTATIONS, Representation, Scenario, World},
};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Said beside the table of an imported catalogue.
pub const IMPORTED_NOTE: &str = "The items were imported, so their true place in taste space could only be made from \
    what was imported: topics and words. The table favours the representation that reads those.";

/// Items that one slice of making a representation goes through.
pub const SLICE: usize = 256;
/// Characters that are counted as one token.
const CHARACTERS_A_TOKEN: f64 = 4.0;

/// How items are seen: the representation, and the model that embeds their texts, where one does.
pub type Seen<'a> = (Representation, Option<&'a str>);

/// One representation's part of a study.
struct Arm {
    representation: Representation,
    /// The model that embedded the texts, where one did, and what it cost.
    embedded: Option<Embedded>,
    scenario: Rc<Scenario>,
    making: Option<Making>,
    made_ms: f64,
    ready: Option<Ready>,
    returns: Vec<f64>,
    clicks: Vec<f64>,
    tallies: Vec<Welford>,
}

/// What embedding the texts cost.
#[derive(Clone, Debug, PartialEq)]
struct Embedded {
    model: String,
    dims: usize,
    tokens: u64,
    ms: f64,
}

/// What stands once an arm's representation is made.
struct Ready {
    world: Rc<World>,
    /// Fitted when the first session is asked for.
    recommender: Option<Box<dyn Recommender>>,
    cost: Cost,
}

/// What a representation costs an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Bytes of what must be kept of an item to show it so: its line of text, with the picture's pixels (multimodal) or its
    /// embedding, or its code.
    pub bytes: f64,
    /// Tokens that a language model reads for an item, four characters counted as one.
    pub tokens: f64,
    /// Milliseconds to make it, an item, calls to an embedding model included; 0 where nobody timed it.
    pub ms: f64,
    /// Tokens sent to an embedding model for an item, as its server counted them; 0 where there is none.
    #[serde(default)]
    pub embedded: f64,
}

/// What a slice of a study was spent on: the arm, and whether its representation was being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The arm's place.
    pub arm: usize,
    /// Whether it was spent on making the representation, not on sessions.
    pub making: bool,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The representation.
    pub representation: Representation,
    /// The model that embedded the texts, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Sessions played.
    pub episodes: u32,
    /// The reward of a session.
    pub reward: Estimate,
    /// Items opened in a session.
    pub clicks: Estimate,
    /// Turns of a session.
    pub turns: Estimate,
    /// Mean NDCG of slates against the user's true utility.
    pub ndcg: Estimate,
    /// Reward less the textual one's, seed by seed; `None` for text itself.
    pub reward_gain: Option<Estimate>,
    /// Clicks less the textual one's, seed by seed.
    pub clicks_gain: Option<Estimate>,
    /// What it costs.
    pub cost: Cost,
}

impl Row {
    /// Its name for people.
    #[must_use]
    pub fn title(&self) -> String {
        title(self.representation, self.model.as_deref())
    }
}

/// A representation's name for people, with the model's that embeds its texts.
#[must_use]
pub fn title(representation: Representation, model: Option<&str>) -> String {
    let name = representation.title();
    model.map_or_else(|| name.to_owned(), |model| format!("{name} by {model}"))
}

/// The comparison of representations, under way.
pub struct Study {
    catalog: Rc<Catalog>,
    pictures: Vec<Option<Visual>>,
    options: Options,
    arms: Vec<Arm>,
    first_seed: u64,
    imported: bool,
}

impl Study {
    /// Of a scenario over a catalogue, all representations; nothing is computed yet. `pictures` are what brought pictures
    /// show, by item; empty where none were brought.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        catalog: impl Into<Rc<Catalog>>,
        pictures: Vec<Option<Visual>>,
        options: Options,
        first_seed: u64,
    ) -> Self {
        let arm = |r: Representation| Arm::new(scenario, r, Making::new(r, options));
        let imported = matches!(scenario.catalog, CatalogSpec::Imported { .. });
        let catalog = catalog.into();
        Self { catalog, pictures, options, arms: REPRESENTATIONS.map(arm).into(), first_seed, imported }
    }

    /// Adds the texts as a model embeds them, to be compared with the rest. What was played of the others stands; the new
    /// ones play the same seeds.
    pub fn embed(&mut self, scenario: &Scenario, embeddings: Rc<Embeddings>) {
        let (model, dims) = (embeddings.model.clone(), embeddings.dims);
        let embedded = Embedded { model, dims, tokens: embeddings.tokens, ms: embeddings.ms };
        let arm = Arm::new(scenario, Representation::Text, Making::embedded(embeddings));
        self.arms.push(Arm { made_ms: embedded.ms, embedded: Some(embedded), ..arm });
    }

    /// How many representations are compared.
    #[must_use]
    pub fn arms(&self) -> usize {
        self.arms.len()
    }

    /// Does one slice: some items of a representation, the fitting of a recommender, or one session of the arm that has
    /// played the fewest.
    ///
    /// # Errors
    /// Where the scenario's recommender is unknown.
    pub fn step(&mut self) -> Result<Spent, UnknownRecommender> {
        if let Some(k) = self.arms.iter().position(|a| a.ready.is_none()) {
            self.make(k);
            return Ok(Spent { arm: k, making: true });
        }
        let fitted = |a: &Arm| a.ready.as_ref().is_some_and(|r| r.recommender.is_some());
        if let Some(k) = self.arms.iter().position(|a| !fitted(a)) {
            self.arms[k].fit()?;
            return Ok(Spent { arm: k, making: false });
        }
        let k = (0..self.arms.len()).min_by_key(|k| self.arms[*k].returns.len()).unwrap_or(0);
        self.arms[k].play(self.first_seed);
        Ok(Spent { arm: k, making: false })
    }

    fn make(&mut self, k: usize) {
        let arm = &mut self.arms[k];
        let Some(making) = &mut arm.making else { return };
        if !making.done() {
            making.step(&self.catalog.shelf, &self.pictures, SLICE);
            return;
        }
        let features = arm.making.take().map(Making::finish).unwrap_or_default();
        let mut cost = cost(&self.catalog, &features);
        if let Some(e) = &arm.embedded {
            cost.bytes += (4 * e.dims) as f64;
            cost.embedded = e.tokens as f64 / self.catalog.shelf.items.len().max(1) as f64;
        }
        let world = Rc::new(World::new(self.catalog.clone(), features));
        arm.ready = Some(Ready { world, recommender: None, cost });
    }

    /// Plays other seeds from here on: what was played is forgotten, what was made is kept.
    pub fn restart(&mut self, first_seed: u64) {
        self.first_seed = first_seed;
        for arm in &mut self.arms {
            (arm.returns, arm.clicks) = (Vec::new(), Vec::new());
            arm.tallies = vec![Welford::default(); MEASURES.len()];
        }
    }

    /// The seed of the first session.
    #[must_use]
    pub fn first_seed(&self) -> u64 {
        self.first_seed
    }

    /// Notes how long a slice took; the engine itself reads no clock.
    pub fn took(&mut self, spent: Spent, ms: f64) {
        if spent.making {
            self.arms[spent.arm].made_ms += ms;
        }
    }

    /// What it is doing: of a representation being made its name, the step and how far that is; `None` once it plays.
    #[must_use]
    pub fn making(&self) -> Option<(String, &'static str, f32)> {
        let arm = self.arms.iter().find(|a| a.ready.is_none())?;
        let (what, share) = arm.making.as_ref().map_or(("Done", 1.0), Making::progress);
        Some((title(arm.representation, arm.model()), what, share))
    }

    /// Sessions that every arm has played.
    #[must_use]
    pub fn episodes(&self) -> u32 {
        self.arms.iter().map(|a| a.returns.len()).min().unwrap_or(0) as u32
    }

    /// Sessions played in all.
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.arms.iter().map(|a| a.returns.len() as u32).sum()
    }

    /// The items as each representation that is made has them.
    pub fn worlds(&self) -> impl Iterator<Item = (Seen<'_>, &Rc<World>)> {
        self.arms.iter().filter_map(|a| a.ready.as_ref().map(|r| ((a.representation, a.model()), &r.world)))
    }

    /// What would become of the codes if the catalogue grew to what it is from half of it, yet to be worked out; `None`
    /// until the rows that codes are learnt from are made.
    #[must_use]
    pub fn growing(&self) -> Option<Growing> {
        let rows = |((seen, model), _): &(Seen<'_>, _)| *seen == Representation::Multimodal && model.is_none();
        let (_, world) = self.worlds().find(rows)?;
        Some(Growing::new(&world.features().rows, self.options.quantiser))
    }

    /// What must be said beside the table, where something must.
    #[must_use]
    pub fn note(&self) -> Option<&'static str> {
        self.imported.then_some(IMPORTED_NOTE)
    }

    /// The table so far.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let items = self.catalog.shelf.items.len().max(1) as f64;
        let (text_returns, text_clicks) =
            self.arms.first().map_or((&[][..], &[][..]), |a| (a.returns.as_slice(), a.clicks.as_slice()));
        let row = |arm: &Arm| {
            let gain = |own: &[f64], base: &[f64]| (!arm.is_base()).then(|| paired(own, base));
            let cost = arm.ready.as_ref().map_or_else(Cost::default, |r| r.cost);
            Row {
                representation: arm.representation,
                model: arm.model().map(str::to_owned),
                episodes: arm.returns.len() as u32,
                reward: arm.estimate("return"),
                clicks: arm.estimate("clicks"),
                turns: arm.estimate("turns"),
                ndcg: arm.estimate("ndcg"),
                reward_gain: gain(&arm.returns, text_returns),
                clicks_gain: gain(&arm.clicks, text_clicks),
                cost: Cost { ms: arm.made_ms / items, ..cost },
            }
        };
        self.arms.iter().map(row).collect()
    }
}

impl Arm {
    fn new(scenario: &Scenario, representation: Representation, making: Making) -> Self {
        Self {
            representation,
            embedded: None,
            scenario: Rc::new(Scenario { representation, ..scenario.clone() }),
            making: Some(making),
            made_ms: 0.0,
            ready: None,
            returns: Vec::new(),
            clicks: Vec::new(),
            tallies: vec![Welford::default(); MEASURES.len()],
        }
    }

    fn model(&self) -> Option<&str> {
        self.embedded.as_ref().map(|e| e.model.as_str())
    }

    /// Whether it is what the others are held against: the text as the engine reads it.
    fn is_base(&self) -> bool {
        self.representation.is_text() && self.embedded.is_none()
    }

    fn fit(&mut self) -> Result<(), UnknownRecommender> {
        if let Some(ready) = &mut self.ready {
            let knowledge = Knowledge::new(self.scenario.clone(), ready.world.clone());
            ready.recommender = Some(recommender::make(&self.scenario.recommender, &knowledge)?);
        }
        Ok(())
    }

    fn play(&mut self, first_seed: u64) {
        let Some(Ready { world, recommender: Some(recommender), .. }) = &mut self.ready else { return };
        let seed = first_seed.wrapping_add(self.returns.len() as u64);
        let outcome = play(&self.scenario, world, recommender.as_mut(), seed);
        self.returns.push(outcome.metrics.reward);
        self.clicks.push(f64::from(outcome.metrics.clicks));
        for (tally, m) in self.tallies.iter_mut().zip(MEASURES) {
            tally.add((m.of)(&outcome));
        }
    }

    fn estimate(&self, name: &str) -> Estimate {
        let at = MEASURES.iter().position(|m| m.name == name);
        at.map_or_else(Estimate::default, |i| self.tallies[i].estimate())
    }
}

/// The mean cost of an item, over at most 2,000 evenly spaced ones.
fn cost(catalog: &Catalog, features: &Features) -> Cost {
    let n = catalog.shelf.items.len();
    let mut total = Cost::default();
    let mut counted = 0.0;
    for i in (0..n).step_by(n.div_ceil(2000).max(1)) {
        let item = &catalog.shelf.items[i];
        let line = describe::item(&catalog.shelf, &features.shown, i as ItemIx, true);
        total.tokens += line.chars().count() as f64 / CHARACTERS_A_TOKEN;
        total.bytes += match &features.shown {
            Shown::Codes(_) => (2 * CODE) as f64,
            Shown::Words => (line.len() + item.text.len()) as f64,
            Shown::Pictures(words) => {
                let picture = if words[i].is_empty() { 0 } else { 3 * COLUMNS * ROWS };
                (line.len() + item.text.len() + picture) as f64
            }
        };
        counted += 1.0;
    }
    let n = f64::max(counted, 1.0);
    Cost { bytes: total.bytes / n, tokens: total.tokens / n, ..Cost::default() }
}
