//! Semantic IDs: each item's path through a residual quantiser, and a fifth number that tells apart items of one path.
//!
//! Sorted by code, the items under any beginning of a code lie side by side: the sorted list *is* the tree (a trie), and
//! a branch of it is a range.

use super::quantise::{LEVELS, Path, Quantiser};
use crate::{catalog::ItemIx, math::order};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write, ops::Range};

/// The length of a code: a number a level, and one that tells apart what shares them.
pub const CODE: usize = LEVELS + 1;

/// An item's code.
pub type Code = [u16; CODE];

/// The codes of a catalogue's items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SemanticIds {
    quantiser: Quantiser,
    codes: Vec<Code>,
    /// The items by code.
    sorted: Vec<ItemIx>,
}

/// A branch of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The number that leads to it.
    pub number: u16,
    /// Where its items lie in the sorted list.
    pub range: Range<usize>,
}

/// What a change of the quantiser did to items that had codes before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forgotten {
    /// How many items there were.
    pub items: usize,
    /// The share of them whose first number changed: what a retriever learnt of them is lost.
    pub first: f64,
    /// The share of them whose path changed anywhere.
    pub any: f64,
    /// What their paths left over before, as a share of their mean square.
    pub error_before: f64,
    /// What their paths leave over now.
    pub error_after: f64,
}

impl Forgotten {
    /// Of the paths or codes of the same items before and now, and what these leave over.
    #[must_use]
    pub fn between<C: AsRef<[u16]>>(before: &[C], now: &[C], [error_before, error_after]: [f64; 2]) -> Self {
        let share = |levels: usize| {
            let changed = |(a, b): &(&C, &C)| a.as_ref()[..levels] != b.as_ref()[..levels];
            before.iter().zip(now).filter(changed).count() as f64 / before.len().max(1) as f64
        };
        Self { items: before.len(), first: share(1), any: share(LEVELS), error_before, error_after }
    }
}

impl SemanticIds {
    /// Codes for rows laid end to end.
    #[must_use]
    pub fn new(quantiser: Quantiser, rows: &[f32]) -> Self {
        let mut ids = Self { quantiser, ..Self::default() };
        ids.add(rows);
        ids
    }

    /// Codes for items that came later, without any training. They get the next positions.
    pub fn add(&mut self, rows: &[f32]) {
        let mut scratch = Vec::new();
        let paths: Vec<Path> = rows
            .chunks_exact(self.quantiser.dim().max(1))
            .map(|row| self.quantiser.encode(row, &mut scratch))
            .collect();
        self.add_paths(&paths);
    }

    /// Codes for items whose paths are known, in order.
    pub fn add_paths(&mut self, paths: &[Path]) {
        let mut used: BTreeMap<Path, u16> = BTreeMap::new();
        for code in &self.codes {
            let (path, extra) = split(code);
            used.entry(path).and_modify(|n| *n = (*n).max(extra.saturating_add(1))).or_insert(extra.saturating_add(1));
        }
        for path in paths {
            let next = used.entry(*path).or_insert(0);
            let mut code = [*next; CODE];
            code[..LEVELS].copy_from_slice(path);
            // More than 65,535 items of one path share the last number: nothing could tell them apart anyway.
            *next = next.saturating_add(1);
            self.codes.push(code);
        }
        self.sorted = (0..self.codes.len() as ItemIx).collect();
        let codes = &self.codes;
        order::sort_by(&mut self.sorted, |a, b| codes[*a as usize].cmp(&codes[*b as usize]).then(a.cmp(b)));
    }

    /// The quantiser.
    #[must_use]
    pub fn quantiser(&self) -> &Quantiser {
        &self.quantiser
    }

    /// The code of each item.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// The items by code.
    #[must_use]
    pub fn sorted(&self) -> &[ItemIx] {
        &self.sorted
    }

    /// How many items share their path with another.
    #[must_use]
    pub fn collisions(&self) -> usize {
        let same = |a: ItemIx, b: ItemIx| split(&self.codes[a as usize]).0 == split(&self.codes[b as usize]).0;
        self.sorted.chunk_by(|a, b| same(*a, *b)).filter(|g| g.len() > 1).map(<[ItemIx]>::len).sum()
    }

    /// The branches under a beginning of a code that lies at `range` (the whole list for the empty one), in order.
    #[must_use]
    pub fn branches(&self, depth: usize, range: Range<usize>) -> Vec<Branch> {
        if depth >= CODE {
            return Vec::new();
        }
        let number = |at: usize| self.codes[self.sorted[at] as usize][depth];
        let mut out = Vec::new();
        let mut from = range.start;
        while from < range.end {
            let number_here = number(from);
            let rest = &self.sorted[from..range.end];
            let n = rest.partition_point(|i| self.codes[*i as usize][depth] <= number_here);
            out.push(Branch { number: number_here, range: from..from + n });
            from += n;
        }
        out
    }

    /// Where the items lie whose codes begin so.
    #[must_use]
    pub fn range(&self, beginning: &[u16]) -> Range<usize> {
        let beginning = &beginning[..beginning.len().min(CODE)];
        let head = |i: &ItemIx| &self.codes[*i as usize][..beginning.len()];
        let from = self.sorted.partition_point(|i| head(i) < beginning);
        let until = self.sorted.partition_point(|i| head(i) <= beginning);
        from..until
    }

    /// The codes of the same rows under another quantiser, and what that change did to them.
    #[must_use]
    pub fn under(&self, quantiser: Quantiser, rows: &[f32]) -> (Self, Forgotten) {
        let next = Self::new(quantiser, rows);
        let errors = [self.quantiser.error(rows), next.quantiser.error(rows)];
        let forgotten = Forgotten::between(&self.codes, &next.codes, errors);
        (next, forgotten)
    }
}

fn split(code: &Code) -> (Path, u16) {
    let mut path = [0; LEVELS];
    path.copy_from_slice(&code[..LEVELS]);
    (path, code[LEVELS])
}

/// A code as it is shown: `12-3-40-7`, and the fifth number only where it tells something apart.
#[must_use]
pub fn shown(code: &Code) -> String {
    let mut out = String::with_capacity(16);
    let n = if code[LEVELS] == 0 { LEVELS } else { CODE };
    for (i, number) in code[..n].iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(out, "{}{number}", if i == 0 { "" } else { "-" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::quantise::Settings, *};
    use crate::math::{Purpose, Source};

    fn rows(n: usize) -> Vec<f32> {
        let mut draw = Source::new(8).stream(Purpose::Other);
        (0..n * 8).map(|_| draw.normal()).collect()
    }

    #[test]
    fn codes_are_unique_and_the_tree_holds_every_item_once() {
        let mut rows = rows(400);
        // Fifty equal rows: one path, told apart by the last number.
        rows.extend([0.1f32; 8].repeat(50));
        let settings = Settings { codebook: 16, ..Settings::default() };
        let ids = SemanticIds::new(Quantiser::train(&rows, 8, settings), &rows);
        let mut seen: Vec<Code> = ids.codes().to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 450);
        assert!(ids.collisions() >= 50);
        let mut leaves = 0;
        let mut stack = vec![(0, 0..450)];
        while let Some((depth, range)) = stack.pop() {
            let branches = ids.branches(depth, range.clone());
            if depth == CODE {
                leaves += range.len();
                continue;
            }
            assert_eq!(branches.iter().map(|b| b.range.len()).sum::<usize>(), range.len());
            stack.extend(branches.into_iter().map(|b| (depth + 1, b.range)));
        }
        assert_eq!(leaves, 450);
        for item in [0u32, 17, 449] {
            let code = ids.codes()[item as usize];
            for depth in 0..=CODE {
                let range = ids.range(&code[..depth]);
                assert!(ids.sorted()[range].contains(&item));
            }
        }
        assert!(ids.range(&[9999]).is_empty());
    }

    #[test]
    fn items_that_come_later_get_codes_without_changing_others() {
        let rows = rows(300);
        let quantiser = Quantiser::train(&rows[..200 * 8], 8, Settings { codebook: 8, ..Settings::default() });
        let mut ids = SemanticIds::new(quantiser.clone(), &rows[..200 * 8]);
        let before = ids.codes().to_vec();
        ids.add(&rows[200 * 8..]);
        assert_eq!(ids.codes()[..200], before[..]);
        assert_eq!(ids, SemanticIds::new(quantiser.clone(), &rows));
        let (same, forgotten) = ids.under(quantiser, &rows);
        assert_eq!(same, ids);
        assert_eq!((forgotten.first, forgotten.any), (0.0, 0.0));
    }

    #[test]
    fn codes_are_short_to_read() {
        assert_eq!(shown(&[12, 3, 40, 7, 0]), "12-3-40-7");
        assert_eq!(shown(&[12, 3, 40, 7, 2]), "12-3-40-7-2");
    }
}
