//! The items' own pictures: which are wanted, and what came of them.

use super::{
    Answer, Open, problem,
    protocol::{Event, Pictures, Wanted},
};
use crate::{
    catalog::{
        ItemIx, Shelf,
        represent::{gallery::Gallery, pictures},
        store::digest,
    },
    llm::picture,
};
use std::collections::BTreeMap;

/// The pictures of the items that are looked at.
#[derive(Default)]
pub(super) struct Album {
    pub(super) gallery: Gallery,
    /// What is wanted: a name for people and the items it is of; `None` once it came.
    wanted: Vec<Option<(String, Vec<ItemIx>)>>,
    done: usize,
}

impl Album {
    /// The pictures as they were kept; none where there is nothing, or what was kept cannot be read any more.
    pub(super) fn kept(bytes: &[u8], items: usize) -> Self {
        Self { gallery: Gallery::from_bytes(bytes, items).unwrap_or_default(), ..Self::default() }
    }

    /// How it stands; `None` where no item gives a picture of its own and none was brought.
    pub(super) fn told(&self, shelf: &Shelf, imported: bool) -> Option<Pictures> {
        let asked = |item| pictures::asked(item).map(pictures::host);
        let named = shelf.items.iter().filter(|i| asked(i) == Some(None)).count();
        let hosts = pictures::hosts(shelf, self.gallery.seen());
        if !imported && named == 0 && hosts.is_empty() {
            return None;
        }
        let (refused, more_refused) = self.gallery.refused();
        let missing = self.gallery.missing(shelf);
        Some(Pictures {
            items: shelf.items.len(),
            named,
            hosts,
            brought: self.gallery.brought(),
            refused: refused.to_vec(),
            more_refused,
            missing: missing.items,
            missing_named: missing.named,
        })
    }

    fn want(&mut self, wanted: Vec<(String, Vec<ItemIx>)>) {
        self.gallery.again();
        self.wanted = wanted.into_iter().map(Some).collect();
        self.done = 0;
    }

    fn end(&mut self) {
        (self.wanted, self.done) = (Vec::new(), 0);
    }
}

impl Open {
    pub(super) fn pictures(&self) -> Option<Pictures> {
        self.album.told(&self.catalog.shelf, self.study.note().is_some())
    }

    /// Of the files offered those that are an item's picture.
    pub(super) fn want_files(&mut self, names: &[String]) -> Answer<Event> {
        let offered: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut of_file: BTreeMap<usize, Vec<ItemIx>> = BTreeMap::new();
        for (item, file) in pictures::match_files(&self.catalog.shelf, &offered) {
            of_file.entry(file).or_default().push(item);
        }
        if of_file.is_empty() {
            let what = format!(
                "None of the {} files is called as an item\u{2019}s picture or as an item\u{2019}s id. Choose the folder that holds them.",
                names.len()
            );
            return Err(problem("pictures", what));
        }
        let told = of_file.keys().map(|&file| Wanted { file, address: String::new() }).collect();
        self.album.want(of_file.into_iter().map(|(file, items)| (names[file].clone(), items)).collect());
        Ok(Event::Wanted(told))
    }

    /// The pictures at a host that are not there yet.
    pub(super) fn want_host(&mut self, host: &str) -> Answer<Event> {
        let mut of_address: BTreeMap<&str, Vec<ItemIx>> = BTreeMap::new();
        for (i, item) in self.catalog.shelf.items.iter().enumerate() {
            let there = self.album.gallery.seen().get(i).is_some_and(Option::is_some);
            if let Some(address) = pictures::asked(item).filter(|a| !there && pictures::host(a) == Some(host)) {
                of_address.entry(address).or_default().push(i as ItemIx);
            }
        }
        if of_address.is_empty() {
            return Err(problem("pictures", format!("No picture is missing that lies at {host}.")));
        }
        let wanted: Vec<(String, Vec<ItemIx>)> = of_address.into_iter().map(|(a, i)| (a.to_owned(), i)).collect();
        let told = wanted.iter().enumerate().map(|(file, w)| Wanted { file, address: w.0.clone() }).collect();
        self.album.want(wanted);
        Ok(Event::Wanted(told))
    }

    /// Takes one in, or notes why it did not come.
    pub(super) fn take_picture(&mut self, at: usize, bytes: &[u8], why: String) -> Event {
        if let Some((name, items)) = self.album.wanted.get_mut(at).and_then(Option::take) {
            let file = if why.is_empty() { Ok(bytes) } else { Err(why) };
            self.album.gallery.take(&self.catalog.shelf, &items, &name, file);
            self.album.done += 1;
        }
        let (refused, more) = self.album.gallery.refused();
        Event::PictureTaken { done: self.album.done, refused: refused.len() + more }
    }

    /// What came, to be kept.
    pub(super) fn album(&self) -> Event {
        Event::Album { digest: digest(&self.catalog.shelf), bytes: self.album.gallery.to_bytes() }
    }

    /// No more come: the items are represented anew.
    pub(super) fn end_pictures(&mut self, now_ms: f64) -> Event {
        self.album.end();
        self.remake(now_ms);
        self.opened()
    }

    /// An item's own picture as an address that holds it.
    pub(super) fn photo(&self, item: ItemIx) -> String {
        self.album.gallery.small(item).and_then(picture::data_address).unwrap_or_default()
    }
}
