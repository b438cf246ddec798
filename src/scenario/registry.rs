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
#[cfg(feature = "whole")]
#[must_use]
pub fn presets() -> Vec<Scenario> {
    PRESETS.iter().map(|text| Scenario::from_json(text).expect("a preset, which the tests read")).collect()
}

/// All presets, the default one first: packed, since the first load's program reads no JSON.
#[cfg(not(feature = "whole"))]
#[must_use]
pub fn presets() -> Vec<Scenario> {
    crate::worker::transport::unpack(include_bytes!("../../data/scenarios/presets.packed"))
}

/// The preset that a session opens on when nobody chose: bored on the commute.
#[must_use]
pub fn default_preset() -> Scenario {
    #[cfg(feature = "whole")]
    return Scenario::from_json(PRESETS[0]).expect("a preset, which the tests read");
    #[cfg(not(feature = "whole"))]
    presets().swap_remove(0)
}

/// The preset of exactly that id.
#[must_use]
pub fn preset(id: &str) -> Option<Scenario> {
    presets().into_iter().find(|p| p.id == id)
}

/// The preset that [`find`] finds, where there is one.
#[must_use]
pub fn named(name: &str) -> Option<Scenario> {
    presets().into_iter().find(|p| is_called(p, name.trim()))
}

fn is_called(preset: &Scenario, name: &str) -> bool {
    let short = preset.id.rsplit('/').next().unwrap_or(&preset.id);
    let bare = short.rsplit_once("-v").map_or(short, |(b, _)| b);
    [preset.id.as_str(), short, bare, preset.title.as_str()].iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// The preset that a person means by an id, an id without its namespace or version, or a title; letter case ignored.
///
/// # Errors
/// Where no preset is called that; the error names the nearest, or all of them.
pub fn find(name: &str) -> Result<Scenario, ScenarioError> {
    if let Some(found) = named(name) {
        return Ok(found);
    }
    let presets = presets();
    let near = near(name.trim(), &presets);
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

#[cfg(all(test, feature = "whole", not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::worker::transport::{pack, unpack};

    #[test]
    fn the_first_load_has_the_same_presets_packed() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/scenarios/presets.packed");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, pack(&presets())).expect("is written");
        }
        let packed = std::fs::read(path).expect("is there; BLESS=1 writes it");
        // Compared before it is read: what is of another form cannot be.
        assert!(packed == pack(&presets()), "the presets have changed; run this test with BLESS=1");
        assert_eq!(unpack::<Vec<Scenario>>(&packed), presets());
    }
}
