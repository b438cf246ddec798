//! Where sessions play: a scenario with its world, its recommenders and the colours of its topics.

use super::seat::Serving;
use crate::{
    catalog::TopicIx,
    math::order,
    recommender::{self, Knowledge, TRAINED},
    scenario::{Scenario, World},
    session::{Keep, Session, player::Make},
    worker::snapshot::{HUES, TopicLabel},
};
use std::rc::Rc;

/// A scenario ready to be played.
#[derive(Clone)]
pub struct Stage {
    /// The scenario.
    pub scenario: Rc<Scenario>,
    /// Its world.
    pub world: Rc<World>,
    /// What recommenders are fitted on.
    pub knowledge: Rc<Knowledge>,
    /// Makes recommenders for it.
    pub make: Make,
    /// The recommender that was brought along.
    pub serving: Option<Serving>,
    /// The topics with their hues.
    pub topics: Vec<TopicLabel>,
    /// The topics that charts show, in the order of their bands.
    pub bands: Vec<TopicIx>,
}

impl Stage {
    /// A scenario in its world. The topics that interest this user most (either way) get bands and hues of their own.
    pub fn new(scenario: Scenario, world: Rc<World>, last: Option<&Self>, serving: Option<Serving>) -> Self {
        let scenario = Rc::new(scenario);
        let known = last.filter(|l| Rc::ptr_eq(&l.world, &world) && teaches_the_same(&l.scenario, &scenario));
        let seed = scenario.seed.parse().unwrap_or_default();
        let interests = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals).interests();
        let mut order: Vec<TopicIx> = (0..interests.len() as TopicIx).collect();
        order::sort_by(&mut order, |&a, &b| interests[b as usize].total_cmp(&interests[a as usize]).then(a.cmp(&b)));
        let mut topics: Vec<TopicLabel> = (world.shelf().topics.iter().enumerate())
            .map(|(t, name)| TopicLabel { topic: t as TopicIx, name: super::words::clip(name, 60), hue: 0, band: None })
            .collect();
        for (rank, &t) in order.iter().enumerate() {
            topics[t as usize].hue = (rank % HUES) as u8;
            topics[t as usize].band = (rank < HUES).then_some(rank);
        }
        order.truncate(HUES);
        let knowledge = known.map_or_else(|| Knowledge::new(scenario.clone(), world.clone()), |l| l.knowledge.clone());
        let make = make_from(knowledge.clone(), world.clone(), serving.clone());
        Self { scenario, world, knowledge, make, serving, topics, bands: order }
    }

    /// The same with another scenario over the same world (reward, recommender, instructions).
    pub fn with(&self, change: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = (*self.scenario).clone();
        change(&mut scenario);
        Self { scenario: Rc::new(scenario), ..self.clone() }
    }

    /// A recommender's title; its name where it is unknown.
    pub fn title_of(&self, name: &str) -> String {
        if let Some(serving) = self.serving.as_ref().filter(|_| name == TRAINED) {
            return serving.title.clone();
        }
        recommender::find(name).map_or_else(|| name.to_owned(), |r| r.title.to_owned())
    }
}

/// Whether two scenarios lead recommenders to the same knowledge: what it is fitted on depends neither on the seed, nor
/// on who serves, nor on how engagement is weighed. Fitting takes a noticeable moment, so it is not done twice.
fn teaches_the_same(a: &Scenario, b: &Scenario) -> bool {
    let mut a = a.clone();
    a.seed.clone_from(&b.seed);
    a.recommender.clone_from(&b.recommender);
    a.reward.clone_from(&b.reward);
    a == *b
}

fn make_from(knowledge: Rc<Knowledge>, world: Rc<World>, serving: Option<Serving>) -> Make {
    Rc::new(move |spec| match &serving {
        Some(serving) if cfg!(feature = "whole") && spec.name == TRAINED => (serving.make)(&knowledge, &world),
        _ => recommender::make(spec, &knowledge).map_err(|e| e.to_string()),
    })
}
