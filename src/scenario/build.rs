//! From a scenario to the world that its sessions run in.

use super::{CatalogSpec, Scenario, ScenarioError, World, did_you_mean, parse_seed, read};
use crate::{
    catalog::{Catalog, Shelf, represent, store::digest, synthetic},
    recommender,
};
use std::rc::Rc;

/// Makes the world of a scenario: its catalogue (generated, or `imported`) with each item represented.
///
/// # Errors
/// As [`catalog`].
pub fn build(scenario: &Scenario, imported: Option<Catalog>) -> Result<Rc<World>, ScenarioError> {
    Ok(furnish(scenario, catalog(scenario, imported)?))
}

/// Like [`build`], of a scenario that has been [validated](Scenario::validate).
///
/// # Errors
/// As [`catalog`].
pub fn build_valid(scenario: &Scenario, imported: Option<Catalog>) -> Result<Rc<World>, ScenarioError> {
    Ok(furnish(scenario, catalog_of_valid(scenario, imported)?))
}

/// The world of a scenario over the [catalogue](catalog) made for it: each item is represented, with what its own picture
/// shows where a person brought it.
#[must_use]
pub fn furnish(scenario: &Scenario, catalog: Catalog) -> Rc<World> {
    let features = represent::features(&catalog.shelf, scenario.representation, catalog.gallery.seen());
    Rc::new(World::new(catalog, features))
}

/// The catalogue of a scenario (generated, or `imported`), which is checked against it.
///
/// # Errors
/// Where the scenario is not valid, names a recommender or (for generated catalogues) a topic that there is none of,
/// shows more items than the catalogue holds, or is over an imported catalogue that was not brought, or another one.
pub fn catalog(scenario: &Scenario, imported: Option<Catalog>) -> Result<Catalog, ScenarioError> {
    scenario.validate()?;
    catalog_of_valid(scenario, imported)
}

fn catalog_of_valid(scenario: &Scenario, imported: Option<Catalog>) -> Result<Catalog, ScenarioError> {
    check_recommender(scenario)?;
    let catalog = match &scenario.catalog {
        CatalogSpec::Synthetic { style, items, seed } => {
            let catalog = synthetic::make(*style, *items, parse_seed("catalog.seed", seed)?);
            check_topics(scenario, &catalog.shelf)?;
            catalog
        }
        CatalogSpec::Imported { name, digest: expected } => brought(imported, name, expected)?,
    };
    if catalog.shelf.items.is_empty() {
        return Err(ScenarioError::new("catalog", "holds no items", "Bring a file with at least one."));
    }
    read::fits(scenario, catalog.shelf.items.len())?;
    Ok(catalog)
}

/// Checks a scenario against a world that is there already, such as that of the scenario before a change.
///
/// # Errors
/// Those of [`build`], but for a catalogue that is missing or another one.
pub fn check_against(scenario: &Scenario, world: &World) -> Result<(), ScenarioError> {
    scenario.validate()?;
    check_recommender(scenario)?;
    if matches!(scenario.catalog, CatalogSpec::Synthetic { .. }) {
        check_topics(scenario, world.shelf())?;
    }
    read::fits(scenario, world.shelf().items.len())
}

fn check_recommender(scenario: &Scenario) -> Result<(), ScenarioError> {
    use recommender::UnknownRecommender as Unknown;
    recommender::check(&scenario.recommender).map(|_| ()).map_err(|e| {
        let field = match &e {
            Unknown::Name { .. } => "recommender.name".to_owned(),
            Unknown::Setting { given, .. } => format!("recommender.settings.{given}"),
            Unknown::Value { setting, .. } => format!("recommender.settings.{}", setting.name),
        };
        ScenarioError::new(field, format!("cannot be served: {e}"), "")
    })
}

/// A preset's interests name topics of its own catalogue; over an imported one, those that it lacks count for nothing.
fn check_topics(scenario: &Scenario, shelf: &Shelf) -> Result<(), ScenarioError> {
    let of_interests = scenario.persona.interests.keys().map(|n| ("persona.interests", n));
    let declared = scenario.profile.declared.iter().map(|n| ("profile.declared", n));
    for (field, name) in of_interests.chain(declared) {
        if shelf.topic_named(name).is_none() {
            let all = format!("Its topics are {}.", shelf.topics.join(", "));
            let hint = did_you_mean(name, shelf.topics.iter().map(String::as_str), &all);
            let what = format!("names \"{}\", which is no topic of this catalogue", super::excerpt(name));
            return Err(ScenarioError::new(field, what, hint));
        }
    }
    Ok(())
}

fn brought(imported: Option<Catalog>, name: &str, expected: &str) -> Result<Catalog, ScenarioError> {
    let catalog = imported.ok_or_else(|| {
        let what = format!("is \"{}\", whose items are in a file of their own", super::excerpt(name));
        ScenarioError::new("catalog.name", what, "Bring that file too.")
    })?;
    let found = digest(&catalog.shelf);
    if !expected.is_empty() && found != expected {
        let what = format!("is {}, and the items brought have {found}", super::excerpt(expected));
        return Err(ScenarioError::new(
            "catalog.digest",
            what,
            "These are other items than the ones it was made with.",
        ));
    }
    Ok(catalog)
}
