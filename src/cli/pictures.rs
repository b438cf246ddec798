//! Pictures from a folder.

use super::{Problem, paint::safe, said};
use crate::catalog::{
    ItemIx, Shelf,
    represent::{
        gallery::Gallery,
        pictures::match_files,
        visual::{MOST_BYTES, PictureError},
    },
};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The most files that are looked through.
const MOST_FILES: usize = 200_000;
/// How deep folders in the folder are looked through.
const DEPTH: usize = 4;
/// How many pictures that were not taken in, or are missing, are named.
const MOST_TOLD: usize = 5;

/// The files of a folder and of the folders in it, by path.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut files = Vec::new();
    let failed = |e: io::Error| {
        said(format!("--pictures {}: the folder could not be read: {e}. Check how it is spelled.", folder.display()))
    };
    walk(folder, DEPTH, &mut files).map_err(failed)?;
    // A folder tells its files in any order.
    files.sort();
    Ok(files)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && files.len() < MOST_FILES {
            files.push(path);
        } else if path.is_dir() && depth > 0 {
            walk(&path, depth - 1, files)?;
        }
    }
    Ok(())
}

/// The items' pictures. What was taken in, what could not be and what is missing is told on standard error.
pub fn take(shelf: &Shelf, files: &[PathBuf]) -> Gallery {
    let names: Vec<String> = files.iter().map(|f| f.to_string_lossy().into_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut of_file: BTreeMap<usize, Vec<ItemIx>> = BTreeMap::new();
    for (item, file) in match_files(shelf, &names) {
        of_file.entry(file).or_default().push(item);
    }
    let mut gallery = Gallery::default();
    for (file, items) in of_file {
        let bytes = read(&files[file]);
        gallery.take(shelf, &items, names[file], bytes.as_deref().map_err(Clone::clone));
    }
    tell(&gallery, shelf);
    gallery
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |e: io::Error| format!("It could not be read: {e}.");
    let bytes = fs::metadata(path).map_err(failed)?.len();
    if bytes > MOST_BYTES {
        return Err(PictureError::TooHeavy { bytes }.to_string());
    }
    fs::read(path).map_err(failed)
}

fn tell(gallery: &Gallery, shelf: &Shelf) {
    let mut err = io::stderr();
    let mut line = |text: String| {
        // What cannot be told is no reason to stop.
        let _ = writeln!(err, "{}", safe(&text));
    };
    line(format!("{} of {} items have a picture from the folder.", gallery.brought(), shelf.items.len()));
    let (refused, more) = gallery.refused();
    for (name, why) in refused.iter().take(MOST_TOLD) {
        line(format!("{name}: {why}"));
    }
    let more = more + refused.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        line(format!("{more} more pictures could not be taken in."));
    }
    let missing = gallery.missing(shelf);
    if missing.items > 0 {
        let first: Vec<&str> = missing.named.iter().take(MOST_TOLD).map(String::as_str).collect();
        let rest = if missing.items > first.len() { ", …" } else { "" };
        line(format!("{} pictures are not there: {}{rest}", missing.items, first.join(", ")));
    }
}
