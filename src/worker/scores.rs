//! Words the questions by which the temperature of scored mode is fitted: sessions are played again in worlds that may be
//! large, which the page has no time for. The page then asks the model.

use super::data::{
    brought,
    protocol::{File, Problem},
};
use crate::{
    catalog::represent::gallery::Gallery,
    llm::{
        calibrate::{Plan, Played},
        settings::Settings,
    },
    scenario::{self, CatalogSpec, Scenario, World},
    session::player::{TRAJECTORY, Trajectory},
    worker::import::bytes,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, rc::Rc};

/// The lab's desk for this.
pub const SCORES_DESK: &str = "scores";

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// The scenario that the built-in user plays, where no run is brought.
    pub scenario: Box<Scenario>,
    /// An exported run in which a person or the built-in user acted; empty for none.
    pub run: String,
    /// The files of the catalogue and the mapping they are read with, where it is an imported one.
    pub files: Vec<File>,
    /// The mapping, as it was accepted.
    pub mapping: BTreeMap<String, String>,
    /// The items' own pictures, as they were kept; empty where there are none.
    #[serde(with = "bytes")]
    pub pictures: Vec<u8>,
    /// How the model is asked.
    pub settings: Settings,
    /// About how many actions to ask about.
    pub most: usize,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// The questions.
    Planned(Box<Plan>),
    /// Why there are none, in words.
    Refused(String),
}

/// Words the questions.
#[must_use]
pub fn plan(wanted: Wanted) -> Event {
    planned(wanted).map_or_else(Event::Refused, |plan| Event::Planned(Box::new(plan)))
}

fn planned(wanted: Wanted) -> Result<Plan, String> {
    let run = (!wanted.run.is_empty()).then(|| read(&wanted.run)).transpose()?;
    let scenario = run.as_ref().map_or(&*wanted.scenario, |r| &r.scenario).clone();
    let world = world(&scenario, wanted.files, &wanted.mapping, &wanted.pictures)?;
    let sessions = match run {
        Some(Trajectory { changes, answers, .. }) => {
            vec![Played { scenario: Rc::new(scenario), world, changes, answers }]
        }
        None => Played::by_builtin(&scenario, &world)?,
    };
    Plan::new(&sessions, &wanted.settings, wanted.most)
}

fn read(text: &str) -> Result<Trajectory, String> {
    let run: Trajectory = serde_json::from_str(text).map_err(|e| format!("The file is not an exported run: {e}."))?;
    if run.schema != TRAJECTORY {
        return Err(format!("The file is not an exported run of this version, which is {TRAJECTORY}."));
    }
    Ok(run)
}

fn world(
    scenario: &Scenario,
    files: Vec<File>,
    mapping: &BTreeMap<String, String>,
    pictures: &[u8],
) -> Result<Rc<World>, String> {
    let said = |p: Problem| p.what;
    let imported = match &scenario.catalog {
        CatalogSpec::Imported { name, .. } if !files.is_empty() => Some(brought(files, mapping, name).map_err(said)?),
        _ => None,
    };
    let mut catalog = scenario::catalog(scenario, imported).map_err(|e| e.to_string())?;
    if let Some(gallery) = Gallery::from_bytes(pictures, catalog.shelf.items.len()) {
        catalog.gallery = Rc::new(gallery);
    }
    Ok(scenario::furnish(scenario, catalog))
}
