//! Pictures that a person brings with items: which file is whose, and from which hosts the rest would have to come.
//!
//! Nothing is fetched here. A page or a command line brings the pixels; where it would have to ask a host for them, it
//! first asks the person, with the list that [`hosts`] gives.

use super::super::{ItemIx, Shelf, look::Look};
use crate::math::order;
use std::collections::BTreeMap;

/// The most hosts that are listed; the rest are counted together.
const MOST_HOSTS: usize = 20;

/// The hosts that pictures lie at, with how many lie there, the most first.
#[must_use]
pub fn hosts(shelf: &Shelf) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for address in shelf.items.iter().filter_map(|i| i.image.as_deref()) {
        if let Some(host) = host(address) {
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
/// the item's picture address, or as the item's id, letter case and the ending ignored. An item takes the first that fits.
#[must_use]
pub fn match_files(shelf: &Shelf, names: &[&str]) -> Vec<(ItemIx, usize)> {
    let mut by_stem: BTreeMap<String, usize> = BTreeMap::new();
    for (i, name) in names.iter().enumerate() {
        by_stem.entry(stem(name)).or_insert(i);
    }
    let find = |name: &str| by_stem.get(&stem(name)).copied();
    let mut out = Vec::new();
    for (i, item) in shelf.items.iter().enumerate() {
        let by_address = item.image.as_deref().filter(|a| Look::parse(a).is_none()).and_then(|a| find(path(a)));
        if let Some(file) = by_address.or_else(|| find(&item.id)) {
            out.push((i as ItemIx, file));
        }
    }
    out
}

/// An address without what follows its path.
fn path(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}

/// The last part of a path without its ending, in small letters.
fn stem(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 5 => stem,
        _ => last,
    };
    stem.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::synthetic, scenario::CatalogStyle};

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
        assert_eq!(hosts(&shelf), [("a.example".to_owned(), 2), ("b.example:8080".to_owned(), 1)]);
    }

    #[test]
    fn files_find_their_items_by_address_or_id() {
        let shelf = shelf(&[Some("https://a.example/pics/Blue.PNG?size=2"), None, Some("https://a.example/none.png")]);
        let names = ["folder/2.jpeg", "folder/blue.webp", "other.png", "", "..", "blue.png"];
        assert_eq!(match_files(&shelf, &names), [(0, 1), (1, 0)]);
    }
}
