//! What recommenders of a scenario know before a session: the shelf in numbers, and what was fitted on logged sessions.

use super::{
    FEATURES, Features, Logs, Observation,
    basics::Basics,
    fit::{Factor, gram, logistic, moments},
    generative::Model,
    outlook::Outlook,
    sight::Sight,
    signals::{Linear, Moment, Place, SIGNALS, Signals, signals},
    tally::Tally,
    understand::{Level, Lexicon, Understanding},
};
use crate::{
    catalog::{
        ItemIx, Shelf,
        represent::{codes::SemanticIds, quantise::Quantiser},
    },
    math::sigmoid,
    recommender::fit::dot,
    scenario::{Scenario, World},
    session::RewardSpec,
    user::memory::valence,
};
use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

/// The ridge penalty of the item models; signals are of the order of one.
const RIDGE: f64 = 4.0;
/// The most steps of the logistic fit.
const STEPS: usize = 24;

/// What can be known of a scenario before a session starts, computed when first needed and kept.
#[derive(Debug)]
pub struct Knowledge {
    scenario: Rc<Scenario>,
    world: Rc<World>,
    basics: OnceCell<Rc<Basics>>,
    lexicon: OnceCell<Rc<Lexicon>>,
    understanding: [OnceCell<Rc<Understanding>>; 3],
    learnt: RefCell<BTreeMap<usize, Rc<Learnt>>>,
    codes: OnceCell<Rc<SemanticIds>>,
    generators: RefCell<BTreeMap<usize, Rc<Model>>>,
}

impl Knowledge {
    /// Of a scenario in its world. Cheap: nothing is computed yet.
    #[must_use]
    pub fn new(scenario: Rc<Scenario>, world: Rc<World>) -> Rc<Self> {
        Rc::new(Self {
            scenario,
            world,
            basics: OnceCell::new(),
            lexicon: OnceCell::new(),
            understanding: Default::default(),
            learnt: RefCell::new(BTreeMap::new()),
            codes: OnceCell::new(),
            generators: RefCell::new(BTreeMap::new()),
        })
    }

    /// With logs from elsewhere instead of sessions played here.
    #[must_use]
    pub fn with_logs(scenario: Rc<Scenario>, world: Rc<World>, logs: Logs) -> Rc<Self> {
        let knowledge = Self::new(scenario, world);
        let learnt = Rc::new(knowledge.fit(logs));
        // Kept under every number of sessions: whatever is asked for, these are the logs there are.
        knowledge.learnt.borrow_mut().insert(usize::MAX, learnt);
        knowledge
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Rc<Scenario> {
        &self.scenario
    }

    pub(crate) fn basics(&self) -> Rc<Basics> {
        self.basics.get_or_init(|| Rc::new(Basics::of(self.world.shelf(), &self.scenario.profile))).clone()
    }

    /// The shelf's words.
    pub(crate) fn lexicon(&self) -> Rc<Lexicon> {
        self.lexicon.get_or_init(|| Rc::new(Lexicon::of(self.world.shelf()))).clone()
    }

    /// The reader of the shelf's words at a level, made when first asked for. A language model is not known before a
    /// session: its level reads lexically here (see [`Understanding::read_by`]).
    #[must_use]
    pub fn understanding(&self, level: Level) -> Rc<Understanding> {
        let level = if level == Level::LanguageModel { Level::Lexical } else { level };
        let made = || Rc::new(Understanding::new(level, self.lexicon(), self.world.shelf()));
        self.understanding[level as usize].get_or_init(made).clone()
    }

    /// What was learnt from `sessions` logged sessions.
    #[must_use]
    pub fn learnt(&self, sessions: usize) -> Rc<Learnt> {
        let known = self.learnt.borrow();
        if let Some(l) = known.get(&usize::MAX).or_else(|| known.get(&sessions)) {
            return l.clone();
        }
        drop(known);
        let learnt = Rc::new(self.fit(Logs::collect(&self.scenario, &self.world, sessions)));
        self.learnt.borrow_mut().insert(sessions, learnt.clone());
        learnt
    }

    /// What a learnt policy sees of sessions, its models fitted on `sessions` logged sessions.
    #[must_use]
    pub fn sight(&self, sessions: usize) -> Sight {
        Sight::new(self.learnt(sessions), self.understanding(Level::Lexical))
    }

    /// The items' semantic IDs: those of the representation, or else learnt from its rows.
    #[must_use]
    pub fn codes(&self) -> Rc<SemanticIds> {
        let make = || match self.world.features().shown.codes() {
            Some(ids) => ids.clone(),
            None => {
                let rows: Vec<f32> = self.world.features().rows.iter().flatten().copied().collect();
                Rc::new(SemanticIds::new(Quantiser::train(&rows, FEATURES, Default::default()), &rows))
            }
        };
        self.codes.get_or_init(make).clone()
    }

    /// What was learnt of the order of codes from `sessions` logged sessions.
    #[must_use]
    pub fn generator(&self, sessions: usize) -> Rc<Model> {
        if let Some(model) = self.generators.borrow().get(&sessions) {
            return model.clone();
        }
        let learnt = self.learnt(sessions);
        let items = &self.world.shelf().items;
        let model = Rc::new(Model::train(self.codes(), &learnt.logs, |i| items[i as usize].duration_s));
        self.generators.borrow_mut().insert(sessions, model.clone());
        model
    }

    fn fit(&self, logs: Logs) -> Learnt {
        Learnt::fit(logs, &self.scenario, self.world.shelf(), self.world.features(), self.basics())
    }
}

/// What was learnt from logged sessions.
#[derive(Debug)]
pub struct Learnt {
    pub(crate) logs: Logs,
    pub(crate) basics: Rc<Basics>,
    /// The click of an item that is looked at: a logit.
    pub(crate) click: Linear,
    /// The valence of an item that is opened, in [-1, 1].
    pub(crate) value: Linear,
    /// The chance that the item at each position is looked at.
    pub(crate) looked_at: Vec<f32>,
    /// How a turn bears on staying, and what staying is worth.
    pub(crate) outlook: Outlook,
    /// What engagement is worth.
    pub(crate) reward: RewardSpec,
}

impl Learnt {
    fn fit(logs: Logs, scenario: &Scenario, shelf: &Shelf, features: &Features, basics: Rc<Basics>) -> Self {
        let table = Table::of(&logs, scenario, shelf, features, &basics);
        let all = gram(&table.x);
        let click = logistic(&table.x, &table.clicked, &all, RIDGE, STEPS);
        let opened: Vec<Signals> = keep(&table.x, &table.clicked);
        let values: Vec<f32> = keep(&table.value, &table.clicked);
        let mut penalised = gram(&opened);
        for i in 0..SIGNALS {
            penalised[i * SIGNALS + i] += RIDGE;
        }
        let mut value = moments(&opened, &values);
        Factor::new(penalised, SIGNALS).solve(&mut value);
        let value: Signals = core::array::from_fn(|i| value[i] as f32);
        let mut click = Linear::new(click, features, &basics);
        let mut value = Linear::new(value, features, &basics);
        table.learn_items(&mut click, &mut value);
        let outlook = Outlook::fit(&logs, scenario, shelf, features, &basics);
        Self { click, value, looked_at: table.looked_at, outlook, reward: scenario.reward.clone(), basics, logs }
    }

    /// Mean log-likelihood of the clicks in other logs, for tests and reports of the fit.
    #[must_use]
    pub fn log_likelihood(&self, logs: &Logs, scenario: &Scenario, shelf: &Shelf, features: &Features) -> f64 {
        let table = Table::of(logs, scenario, shelf, features, &self.basics);
        let sum: f64 = (table.x.iter().zip(&table.clicked))
            .map(|(x, &y)| {
                let p = f64::from(sigmoid(dot(x, &self.click.weights))).clamp(1e-9, 1.0 - 1e-9);
                libm::log(if y { p } else { 1.0 - p })
            })
            .sum();
        sum / table.x.len().max(1) as f64
    }
}

fn keep<T: Copy>(all: &[T], which: &[bool]) -> Vec<T> {
    all.iter().zip(which).filter(|x| *x.1).map(|x| *x.0).collect()
}

/// The logs as one row an examined item, each with the session as it stood when its slate was chosen.
struct Table {
    item: Vec<ItemIx>,
    x: Vec<Signals>,
    clicked: Vec<bool>,
    value: Vec<f32>,
    looked_at: Vec<f32>,
}

impl Table {
    fn of(logs: &Logs, scenario: &Scenario, shelf: &Shelf, features: &Features, basics: &Basics) -> Self {
        let mut table =
            Self { item: Vec::new(), x: Vec::new(), clicked: Vec::new(), value: Vec::new(), looked_at: Vec::new() };
        let (mut shown, mut seen) = (vec![2.0f32; logs.slate_size], vec![1.0f32; logs.slate_size]);
        let mut tally = Tally::default();
        for session in &logs.sessions {
            tally.reset();
            tally.fit(basics);
            for (n, turn) in session.turns.iter().enumerate() {
                let obs = past(scenario, shelf, features, &session.turns[..n]);
                table.add(turn, &tally, &obs, basics);
                for (p, r) in turn.reactions.iter().enumerate().take(logs.slate_size) {
                    shown[p] += 1.0;
                    seen[p] += if r.examined { 1.0 } else { 0.0 };
                }
                for s in shown.iter_mut().skip(turn.reactions.len()) {
                    *s += 1.0;
                }
                tally.absorb_turn(turn, &obs, basics);
            }
        }
        table.looked_at = seen.iter().zip(&shown).map(|(a, b)| a / b).collect();
        table
    }

    fn add(&mut self, turn: &super::PastTurn, tally: &Tally, obs: &Observation<'_>, basics: &Basics) {
        let moment = Moment::of(tally, basics, spoke(obs));
        for (position, (&item, r)) in turn.items.iter().zip(&turn.reactions).enumerate() {
            if !r.examined {
                break;
            }
            let place = place_of(item, &turn.items[..position], obs.features, basics);
            self.item.push(item);
            self.x.push(signals(item, tally, &moment, obs.features, basics, place));
            self.clicked.push(r.clicked);
            self.value.push(valence(r, obs.shelf.items[item as usize].duration_s));
        }
    }
}

/// How much the logs must hold against what the features say of an item: the variance of an item's own share is taken
/// as half a logit for clicks, and a third of the noise for valences.
const CLICK_HOLD: f32 = 2.0;
const VALUE_HOLD: f32 = 3.0;

impl Table {
    /// What no feature says of an item but its own record does: one Newton step of the logit under a normal prior, and
    /// the shrunken mean of what is left of the valence.
    fn learn_items(&self, click: &mut Linear, value: &mut Linear) {
        let n = click.items();
        let (mut miss, mut weight) = (vec![0.0f32; n], vec![CLICK_HOLD; n]);
        let (mut left, mut count) = (vec![0.0f32; n], vec![VALUE_HOLD; n]);
        for (k, x) in self.x.iter().enumerate() {
            let item = self.item[k] as usize;
            let p = sigmoid(dot(x, &click.weights));
            miss[item] += if self.clicked[k] { 1.0 - p } else { -p };
            weight[item] += p * (1.0 - p);
            if self.clicked[k] {
                left[item] += self.value[k] - dot(x, &value.weights);
                count[item] += 1.0;
            }
        }
        for item in 0..n {
            click.shift(item, miss[item] / weight[item]);
            value.shift(item, left[item] / count[item]);
        }
    }
}

/// Whether the user said or showed at the end of the last turn that something should change.
pub(crate) fn spoke(obs: &Observation<'_>) -> bool {
    obs.history.last().is_some_and(|t| t.said.is_some())
}

/// The place of an item below others.
pub(crate) fn place_of(item: ItemIx, above: &[ItemIx], features: &Features, basics: &Basics) -> Place {
    let row = &features.rows[item as usize];
    let likeness: f32 = above.iter().map(|&a| dot(row, &features.rows[a as usize]).max(0.0)).sum();
    let kind = |i: ItemIx| features.kind(i, basics.items[i as usize].topic);
    let own = kind(item);
    Place {
        position: above.len(),
        likeness: likeness / above.len().max(1) as f32,
        same_topic: above.iter().filter(|&&a| kind(a) == own).count() as u32,
    }
}

/// An observation of a logged past.
pub(crate) fn past<'a>(
    scenario: &'a Scenario,
    shelf: &'a Shelf,
    features: &'a Features,
    history: &'a [super::PastTurn],
) -> Observation<'a> {
    Observation {
        profile: &scenario.profile,
        context: &scenario.context,
        turn: history.len() as u32,
        history,
        shelf,
        features,
        candidates: &[],
        slate_size: scenario.slate_size,
    }
}
