//! The scenarios that ship: each a file under `data/scenarios/`.

use super::{
    Scenario, ScenarioError,
    error::{excerpt, nearest},
};

/// The presets' files, the default one first.
pub static PRESETS: &[&str] = &[
    include_str!("../../data/scenarios/commute-feed.json"),
    include_str!("../../data/scenarios/news-evening.json"),
    include_str!("../../data/scenarios/work-music.json"),
    include_str!("../../data/scenarios/gift-shop.json"),
    include_str!("../../data/scenarios/film-night.json"),
    include_str!("../../data/scenarios/lookbook.json"),
    include_str!("../../data/scenarios/cold-start.json"),
    include_str!("../../data/scenarios/hard-to-please.json"),
    include_str!("../../data/scenarios/few-words.json"),
];

/// All presets, the default one first.
#[must_use]
pub fn presets() -> Vec<Scenario> {
    PRESETS.iter().map(|text| Scenario::from_json(text).expect("a preset, which the tests read")).collect()
}

/// The preset that a session opens on when nobody chose: bored on the commute.
#[must_use]
pub fn default_preset() -> Scenario {
    Scenario::from_json(PRESETS[0]).expect("a preset, which the tests read")
}

/// The preset of exactly that id.
#[must_use]
pub fn preset(id: &str) -> Option<Scenario> {
    presets().into_iter().find(|p| p.id == id)
}

/// The preset that a person means by an id, an id without its namespace or version, or a title; letter case ignored.
///
/// # Errors
/// Where no preset is called that; the error names the nearest, or all of them.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    let presets = presets();
    let wanted = name.trim();
    let is = |p: &Scenario| {
        let short = p.id.rsplit('/').next().unwrap_or(&p.id);
        let bare = short.rsplit_once("-v").map_or(short, |(b, _)| b);
        [p.id.as_str(), short, bare, p.title.as_str()].iter().any(|n| n.eq_ignore_ascii_case(wanted))
    };
    if let Some(found) = presets.iter().find(|p| is(p)) {
        return Ok(found.clone());
    }
    let near = near(wanted, &presets);
    let hint = near.map_or_else(
        || format!("There are {}.", presets.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(", ")),
        |id| format!("Did you mean `{id}`?"),
    );
    Err(ScenarioError::new("", format!("There is no scenario called \"{}\"", excerpt(name)), hint))
}

/// The id of the preset whose id, short name or title is nearest.
fn near(wanted: &str, presets: &[Scenario]) -> Option<String> {
    let names = presets.iter().flat_map(|p| {
        let short = p.id.rsplit('/').next().unwrap_or(&p.id);
        let bare = short.rsplit_once("-v").map_or(short, |(b, _)| b);
        [(p.id.as_str(), p), (short, p), (bare, p), (p.title.as_str(), p)]
    });
    let names: Vec<(&str, &Scenario)> = names.collect();
    let best = nearest(wanted, names.iter().map(|(n, _)| *n))?;
    names.iter().find(|(n, _)| *n == best).map(|(_, p)| p.id.clone())
}
