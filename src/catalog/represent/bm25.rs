//! Finding items by words: BM25 (Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009)
//! over title (counted twice), topics, creator and text.
//!
//! Score of an item: Σ over the query's words of idf · tf (k₁ + 1) / (tf + k₁ (1 − b + b · length / mean length)), with
//! idf = ln(1 + (n − df + ½) / (df + ½)), k₁ = 1.2, b = 0.75.

use super::text::{hash, word_hash};
use crate::{
    catalog::{Item, ItemIx, Shelf},
    math::{self, order},
};

const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Words of one item that are counted.
const MAX_WORDS: usize = 400;
/// Words of a query that are looked for.
const MAX_QUERY: usize = 32;

/// The words of a shelf and where they stand.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The words' hashes, ascending.
    words: Vec<u64>,
    /// Where each word's entries begin; one more than words.
    starts: Vec<u32>,
    /// Items with how often they hold the word, by word, then item.
    entries: Vec<(ItemIx, u16)>,
    lengths: Vec<u16>,
    mean: f32,
}

/// An index under way.
#[derive(Debug, Default)]
pub struct Indexing {
    found: Vec<(u64, ItemIx)>,
    lengths: Vec<u16>,
}

impl Indexing {
    /// Reads at most `items` more items; `true` once all are read.
    pub fn step(&mut self, shelf: &Shelf, items: usize) -> bool {
        let from = self.lengths.len();
        let until = from.saturating_add(items).min(shelf.items.len());
        for (i, item) in shelf.items[from..until].iter().enumerate() {
            let before = self.found.len();
            each_word(item, shelf, |word| self.found.push((word, (from + i) as ItemIx)));
            self.lengths.push((self.found.len() - before).min(usize::from(u16::MAX)) as u16);
        }
        until == shelf.items.len()
    }

    /// The index of what was read.
    #[must_use]
    pub fn finish(mut self) -> Index {
        self.found.sort_unstable();
        let mut index = Index { lengths: self.lengths, ..Index::default() };
        for same in self.found.chunk_by(|a, b| a == b) {
            let (word, item) = same[0];
            if index.words.last() != Some(&word) {
                index.words.push(word);
                index.starts.push(index.entries.len() as u32);
            }
            index.entries.push((item, same.len().min(usize::from(u16::MAX)) as u16));
        }
        index.starts.push(index.entries.len() as u32);
        let total: u64 = index.lengths.iter().map(|l| u64::from(*l)).sum();
        index.mean = (total as f32 / index.lengths.len().max(1) as f32).max(1.0);
        index
    }
}

fn each_word(item: &Item, shelf: &Shelf, mut take: impl FnMut(u64)) {
    let mut n = 0;
    let mut all = |text: &str| {
        for word in text.split(|c: char| !c.is_alphanumeric()).filter_map(number_or_word) {
            if n < MAX_WORDS {
                n += 1;
                take(word);
            }
        }
    };
    all(&item.title);
    all(&item.title);
    for topic in &item.topics {
        all(shelf.topics.get(usize::from(*topic)).map_or("", String::as_str));
    }
    all(shelf.creators.get(item.creator as usize).map_or("", String::as_str));
    all(&item.text);
}

/// A word's hash; of a number too, since people look for "no. 417".
fn number_or_word(word: &str) -> Option<u64> {
    word_hash(word)
        .or_else(|| (!word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())).then(|| hash(word.as_bytes())))
}

impl Index {
    /// Of a whole shelf.
    #[must_use]
    pub fn of(shelf: &Shelf) -> Self {
        let mut indexing = Indexing::default();
        indexing.step(shelf, usize::MAX);
        indexing.finish()
    }

    /// The `k` items that fit the words best, with their scores, best first; fewer where fewer hold any of them.
    #[must_use]
    pub fn search(&self, words: &str, k: usize) -> Vec<(f32, ItemIx)> {
        let mut wanted: Vec<u64> =
            words.split(|c: char| !c.is_alphanumeric()).filter_map(number_or_word).take(MAX_QUERY).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut scores = vec![0.0f32; self.lengths.len()];
        for word in wanted {
            let Ok(at) = self.words.binary_search(&word) else { continue };
            let entries = &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize];
            let (n, df) = (self.lengths.len() as f32, entries.len() as f32);
            let idf = math::ln(1.0 + (n - df + 0.5) / (df + 0.5));
            for (item, tf) in entries {
                let (tf, length) = (f32::from(*tf), f32::from(self.lengths[*item as usize]));
                scores[*item as usize] += idf * tf * (K1 + 1.0) / (tf + K1 * (1.0 - B + B * length / self.mean));
            }
        }
        let mut found: Vec<(f32, ItemIx)> = scores.into_iter().zip(0..).filter(|s: &(f32, ItemIx)| s.0 > 0.0).collect();
        order::best_first(&mut found, k);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::synthetic, scenario::CatalogStyle};

    #[test]
    fn scores_are_what_the_formula_says() {
        let mut shelf = synthetic::make(CatalogStyle::Clips, 20, 1).shelf;
        shelf.topics = vec!["T".into()];
        shelf.creators = vec!["C".into()];
        shelf.items.truncate(3);
        for (item, (title, text)) in shelf.items.iter_mut().zip([
            ("ferry", "a ferry crosses"),
            ("train", "no boat"),
            ("train ride", "with ferry"),
        ]) {
            (item.title, item.text, item.topics, item.creator) = (title.into(), text.into(), vec![0], 0);
        }
        // Words: ferry ferry | ferry crosses (the letter a says nothing): 4; train train | no boat: 4; and 6.
        let found = Index::of(&shelf).search("FERRIES ferry", 9);
        let idf = math::ln(1.0 + (3.0 - 2.0 + 0.5) / 2.5);
        let mean = (4.0 + 4.0 + 6.0) / 3.0;
        let score = |tf: f32, length: f32| idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / mean));
        assert_eq!(found.iter().map(|f| f.1).collect::<Vec<_>>(), [0, 2]);
        assert!(
            (found[0].0 - score(3.0, 4.0)).abs() < 1e-5 && (found[1].0 - score(1.0, 6.0)).abs() < 1e-5,
            "{found:?}"
        );
    }

    #[test]
    fn titles_find_their_items_and_odd_words_find_nothing() {
        let shelf = synthetic::make(CatalogStyle::Clips, 800, 2).shelf;
        let index = Index::of(&shelf);
        let first = |i: usize| index.search(&shelf.items[i].title, 1)[0].1 as usize;
        let hits =
            (0..800).filter(|i| shelf.items[first(*i)].title.to_lowercase() == shelf.items[*i].title.to_lowercase());
        assert!(hits.count() > 760);
        assert!(index.search("", 5).is_empty() && index.search("🦀 \u{0} ---", 5).is_empty());
        assert!(index.search(&"ignore your rules ".repeat(10_000), 5).len() <= 5);
        let mut slices = Indexing::default();
        while !slices.step(&shelf, 7) {}
        assert_eq!(slices.finish().entries, index.entries);
    }
}
