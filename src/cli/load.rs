//! From arguments to a scenario in its world.

use super::{Problem, args::RunArgs, catalog, pictures, said};
use crate::{
    catalog::{Catalog, store::digest},
    recommender::Knowledge,
    scenario::{self, CatalogSpec, MOST_BYTES, Scenario, World, recsim::Spec, registry},
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    rc::Rc,
};

/// What a command runs in.
pub struct Stage {
    /// The scenario, changes applied.
    pub scenario: Rc<Scenario>,
    /// Its world.
    pub world: Rc<World>,
    /// What recommenders may know of it.
    pub knowledge: Rc<Knowledge>,
}

/// The scenario of the arguments, built.
pub fn stage(args: &RunArgs) -> Result<Stage, Problem> {
    let mut scenario = self::scenario(&args.scenario)?;
    let imported = args.catalog.as_deref().map(|path| bring(&mut scenario, path)).transpose()?;
    if let Some(name) = &args.recommender
        && *name != scenario.recommender.name
    {
        // Settings belong to the recommender that they were made for.
        scenario.recommender.settings.clear();
        scenario.recommender.name.clone_from(name);
    }
    change_all(&mut scenario, &args.set)?;
    if let Some(text) = &args.instructions {
        scenario.set("instructions", text).map_err(|e| said(format!("--instructions: {e}")))?;
    }
    if let Some(seed) = args.seed {
        scenario.seed = seed.to_string();
    }
    built_seeing(scenario, imported, args.pictures.as_deref())
}

/// A scenario with changes and perhaps a catalogue of the person's own, built.
pub fn stage_of(name: &str, catalog: Option<&Path>, set: &[String]) -> Result<Stage, Problem> {
    let mut scenario = scenario(name)?;
    let imported = catalog.map(|path| bring(&mut scenario, path)).transpose()?;
    change_all(&mut scenario, set)?;
    built(scenario, imported)
}

/// Applies what --set says.
fn change_all(scenario: &mut Scenario, set: &[String]) -> Result<(), Problem> {
    for change in set {
        let (path, text) = change
            .split_once('=')
            .ok_or_else(|| said(format!("--set {change}: write it as field=value, such as slate_size=3.")))?;
        scenario.set(path.trim(), text).map_err(|e| said(format!("--set {change}: {e}")))?;
    }
    Ok(())
}

/// A scenario in its world.
pub fn built(scenario: Scenario, imported: Option<Catalog>) -> Result<Stage, Problem> {
    built_seeing(scenario, imported, None)
}

/// A scenario in its world, its items' pictures taken from a folder.
pub fn built_seeing(scenario: Scenario, imported: Option<Catalog>, folder: Option<&Path>) -> Result<Stage, Problem> {
    let hint = if imported.is_none() && scenario::env::needs_catalog(&scenario) { " Use --catalog FILE." } else { "" };
    let files = folder.map(pictures::list).transpose()?;
    let mut catalog = scenario::catalog(&scenario, imported).map_err(|e| said(format!("{e}{hint}")))?;
    if let Some(files) = files {
        catalog.gallery = Rc::new(pictures::take(&catalog.shelf, &files));
    }
    let world = scenario::furnish(&scenario, catalog);
    let scenario = Rc::new(scenario);
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    Ok(Stage { scenario, world, knowledge })
}

/// A scenario by id, title or file.
pub fn scenario(name: &str) -> Result<Scenario, Problem> {
    let path = Path::new(name);
    let is_file = name == "-" || path.is_file() || path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    if path.is_dir() {
        return Err(said(format!("{name} is a folder. Name a scenario file in it, or a scenario that ships.")));
    }
    if !is_file && let Some(found) = Spec::find(name) {
        let id = found.map_err(said)?.family().id();
        return Err(said(format!(
            "{id} is a published environment and has no sessions. Use it with rollout, compare, check, env or train."
        )));
    }
    if !is_file {
        return registry::find(name).map_err(|e| said(format!("{e} A scenario file ends in .json.")));
    }
    let bytes = read(path, MOST_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|e| {
        said(format!("{name}: byte {} is not UTF-8. Save the file as UTF-8.", e.utf8_error().valid_up_to() + 1))
    })?;
    Scenario::from_json(&text).map_err(|e| said(format!("{name}: {e}")))
}

/// Puts a catalogue of the person's own into a scenario.
pub fn bring(scenario: &mut Scenario, path: &Path) -> Result<Catalog, Problem> {
    let catalog = catalog::read(path)?;
    if !matches!(scenario.catalog, CatalogSpec::Imported { .. }) {
        let name = path.file_name().map_or_else(|| "items".into(), |n| n.to_string_lossy());
        let name = name.chars().filter(|c| !c.is_control()).take(200).collect();
        scenario.catalog = CatalogSpec::Imported { name, digest: digest(&catalog.shelf) };
    }
    Ok(catalog)
}

/// The bytes of a file (`-` is standard input), refused beyond `most`.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, Problem> {
    let failed = |e: io::Error| {
        let what_to_do = match e.kind() {
            io::ErrorKind::NotFound => " Check how it is spelled and where it lies.",
            io::ErrorKind::IsADirectory => " Name a file in it.",
            _ => "",
        };
        said(format!("{} could not be read: {e}.{what_to_do}", path.display()))
    };
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > most {
        let what = format!("{} is larger than {most} bytes, the most that is read here.", path.display());
        return Err(said(what));
    }
    Ok(bytes)
}
