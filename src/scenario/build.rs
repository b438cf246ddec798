//! From a scenario to the world that its sessions run in.

use super::{CatalogSpec, Scenario, ScenarioError, World, did_you_mean, parse_seed, read};
use crate::{
    catalog::{Catalog, Shelf, represent::text, synthetic},
    recommender,
};
use std::rc::Rc;

/// Makes the world of a scenario: its catalogue (generated, or `imported`) with each item represented.
///
/// # Errors
/// Where the scenario is not valid, names a recommender or (for generated catalogues) a topic that there is none of,
/// shows more items than the catalogue holds, or is over an imported catalogue that was not brought, or another one.
pub fn build(scenario: &Scenario, imported: Option<Catalog>) -> Result<Rc<World>, ScenarioError> {
    scenario.validate()?;
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
    let features = text::features(&catalog.shelf);
    Ok(Rc::new(World::new(catalog, features)))
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

/// A digest of all that a shelf says, as 16 hexadecimal digits (FNV-1a, 64 bits): enough to notice another file, not
/// to defend against one made to collide.
#[must_use]
pub fn digest(shelf: &Shelf) -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.list(&shelf.topics);
    hash.list(&shelf.creators);
    for item in &shelf.items {
        hash.text(&item.id);
        hash.text(&item.title);
        hash.text(&item.text);
        hash.text(item.image.as_deref().unwrap_or(""));
        for topic in &item.topics {
            hash.bytes(&topic.to_le_bytes());
        }
        hash.bytes(&item.creator.to_le_bytes());
        hash.bytes(&item.duration_s.to_bits().to_le_bytes());
        hash.bytes(&[item.mood.map_or(255, |m| m as u8)]);
        hash.bytes(&item.rating.map_or(0, f32::to_bits).to_le_bytes());
        hash.bytes(&item.popularity.to_bits().to_le_bytes());
    }
    format!("{:016x}", hash.0)
}

struct Fnv(u64);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = (self.0 ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// A text with an end that no UTF-8 text holds, so that "ab", "c" differs from "a", "bc".
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }

    fn list(&mut self, texts: &[String]) {
        texts.iter().for_each(|t| self.text(t));
        self.bytes(&[0xfe]);
    }
}
