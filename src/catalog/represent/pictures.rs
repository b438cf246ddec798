//! Pictures that a person brings with items: which file is whose, and from which hosts the rest would have to come.
//!
//! Nothing is fetched here. A page or a command line brings the pixels; where it would have to ask a host for them, it
//! first asks the person, with the list that [`hosts`] gives.

use super::super::{Item, ItemIx, Shelf, look::Look};
use super::visual::Visual;
use crate::math::order;
use std::collections::BTreeMap;

/// The most hosts that are listed; the rest are counted together.
const MOST_HOSTS: usize = 20;

/// The hosts that pictures lie at which were not brought yet, with how many lie there, the most first.
#[must_use]
pub fn hosts(shelf: &Shelf, brought: &[Option<Visual>]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, item) in shelf.items.iter().enumerate() {
        let there = brought.get(i).is_some_and(Option::is_some);
        if let Some(host) = item.image.as_deref().filter(|_| !there).and_then(host) {
            *counts.entry(host).or_default() += 1;
        }
    }
    let mut all: Vec<(String, usize)> = counts.into_iter().map(|(h, n)| (h.to_owned(), n)).collect();
    order::sort_by(&mut all, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let rest: usize = all.iter().skip(MOST_HOSTS).map(|h| h.1).sum();
    all.truncate(MOST_HOSTS);
    if rest > 0 {
        all.push(("other hosts".to_owned(), rest));
    }
    all
}

/// The host of an address of the web, with its port; `None` for any other address.
pub(crate) fn host(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    // What stands before an @ is a name and a password, not the host.
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    (!host.is_empty()).then_some(host)
}

/// Which items the files of a folder are pictures of, by name: a file is an item's where it is called as the last part of
/// the item's picture address, else, among pictures alone, where it is called so but for the ending, or as the item's id.
/// Letter case is ignored; of several files that fit an item takes the first.
#[must_use]
pub fn match_files(shelf: &Shelf, names: &[&str]) -> Vec<(ItemIx, usize)> {
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_stem: BTreeMap<String, usize> = BTreeMap::new();
    for (i, name) in names.iter().enumerate() {
        let whole = last(name);
        if PICTURES.iter().any(|p| whole.ends_with(p)) {
            by_stem.entry(stem(&whole)).or_insert(i);
        }
        by_name.entry(whole).or_insert(i);
    }
    let called = |name: &str| {
        let name = last(name);
        by_name.get(&name).or_else(|| by_stem.get(&stem(&name))).copied()
    };
    let mut out = Vec::new();
    for (i, item) in shelf.items.iter().enumerate() {
        let by_address = asked(item).and_then(|a| called(path(a)));
        if let Some(file) = by_address.or_else(|| by_stem.get(&item.id.to_lowercase()).copied()) {
            out.push((i as ItemIx, file));
        }
    }
    out
}

/// The address or the file's name that an item gives for its picture; `None` where it gives none, or a drawn one's.
pub(crate) fn asked(item: &Item) -> Option<&str> {
    item.image.as_deref().filter(|a| Look::parse(a).is_none())
}

/// Whether this names a picture's file, perhaps in folders, and no address.
pub(crate) fn names_file(name: &str) -> bool {
    let plain = |c: char| !c.is_control() && !matches!(c, ':' | '<' | '>' | '"' | '|' | '*' | '?');
    let whole = last(name);
    name.len() <= MOST_NAME && name.chars().all(plain) && PICTURES.iter().any(|p| whole.ends_with(p) && whole != *p)
}

/// The longest name of a file, bytes.
const MOST_NAME: usize = 500;
/// The endings of files that may be pictures, also of those that are then refused in words.
const PICTURES: [&str; 11] =
    [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".avif", ".svg", ".tif", ".tiff", ".heic"];

/// An address without what follows its path.
fn path(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

/// The last part of a path, in small letters.
fn last(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase()
}

/// A file's name without its ending.
fn stem(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 5 => stem.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::{represent::visual::VISUAL, synthetic},
        scenario::CatalogStyle,
    };

    fn shelf(images: &[Option<&str>]) -> Shelf {
        let mut shelf = synthetic::make(CatalogStyle::Shop, 20, 1).shelf;
        shelf.items.truncate(images.len());
        for (item, image) in shelf.items.iter_mut().zip(images) {
            item.image = image.map(str::to_owned);
        }
        shelf
    }

    #[test]
    fn hosts_are_counted_and_passwords_are_no_hosts() {
        let shelf = shelf(&[
            Some("https://a.example/1.png"),
            Some("https://a.example?x=1"),
            Some("https://me:secret@b.example:8080/x/y.jpg"),
            Some("drawn:1-2-3"),
            None,
            Some("https://"),
        ]);
        assert_eq!(hosts(&shelf, &[]), [("a.example".to_owned(), 2), ("b.example:8080".to_owned(), 1)]);
        let brought = [Some([0.0; VISUAL]), Some([0.0; VISUAL])];
        assert_eq!(hosts(&shelf, &brought), [("b.example:8080".to_owned(), 1)]);
    }

    #[test]
    fn a_picture_s_file_is_told_from_addresses_and_words() {
        for name in ["a.png", "photos/Großes Bild.JPEG", r"x\y\b.webp", "..jpg.png"] {
            assert!(names_file(name), "{name}");
        }
        let long = format!("{}.png", "x".repeat(600));
        for other in ["", ".png", "a/.png", "none", "https://a.example/a.png", "javascript:x.png", "a\u{7}.png", &long]
        {
            assert!(!names_file(other), "{other}");
        }
    }

    #[test]
    fn files_find_their_items_by_address_or_id() {
        let shelf = shelf(&[Some("https://a.example/pics/Blue.PNG?size=2"), None, Some("https://a.example/none.png")]);
        let names = ["2.txt", "folder/2.jpeg", "folder/blue.webp", "other.png", "", "..", "BLUE.png"];
        assert_eq!(match_files(&shelf, &names), [(0, 6), (1, 1)]);
        assert_eq!(match_files(&shelf, &names[..6]), [(0, 2), (1, 1)]);
        assert_eq!(match_files(&shelf, &["blue.csv", "2.csv", "none"]), []);
    }
}
