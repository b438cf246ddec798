//! The pictures that a person brought with a shelf's items: taken in one by one, what they show, and what could not be.

use super::{
    super::{ItemIx, Shelf},
    photo, pictures,
    raster::{COLUMNS, Pixels, ROWS},
    visual::{self, Visual},
};
use std::collections::BTreeMap;

/// Of how many items the pixels are kept, so that the picture can be looked at; of the rest only what it shows.
const MOST_SMALL: usize = 5000;
/// How many pictures that could not be taken in, or are missing, are named; the rest are counted.
pub const MOST_NAMED: usize = 20;

/// How kept bytes begin.
const FORMAT: &[u8] = b"recoworld/gallery-v1\n";
/// The bytes of one picture: the item's number, then red, green and blue of each pixel.
const ENTRY: usize = 4 + 3 * COLUMNS * ROWS;

/// The pictures brought so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gallery {
    seen: Vec<Option<Visual>>,
    small: BTreeMap<ItemIx, Pixels>,
    refused: Vec<(String, String)>,
    more_refused: usize,
}

/// Items whose picture is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// How many.
    pub items: usize,
    /// What the first of them give for a picture.
    pub named: Vec<String>,
}

impl Gallery {
    /// Takes in the picture of some items, or why it did not come. Returns whether it could be taken in.
    pub fn take(&mut self, shelf: &Shelf, items: &[ItemIx], name: &str, file: Result<&[u8], String>) -> bool {
        self.seen.resize(shelf.items.len(), None);
        let read = file.and_then(|bytes| photo::read(bytes).map_err(|e| e.to_string()));
        match read {
            Ok(pixels) => {
                let shows = visual::of(&pixels);
                for &item in items {
                    let Some(seen) = self.seen.get_mut(item as usize) else { continue };
                    *seen = Some(shows);
                    if self.small.len() < MOST_SMALL || self.small.contains_key(&item) {
                        self.small.insert(item, pixels.clone());
                    }
                }
                true
            }
            Err(why) if self.refused.len() < MOST_NAMED => {
                self.refused.push((name.to_owned(), why));
                false
            }
            Err(_) => {
                self.more_refused += 1;
                false
            }
        }
    }

    /// The pictures as bytes, to be kept: of each item that has one its number and its pixels. Those beyond the first five
    /// thousand, of which no pixels are kept, are left out.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = FORMAT.to_vec();
        out.extend((self.seen.len() as u32).to_le_bytes());
        for (item, pixels) in &self.small {
            out.extend(item.to_le_bytes());
            out.extend(pixels.rgb.as_flattened());
        }
        out
    }

    /// Reads kept bytes; `None` where they are of another version, damaged, or not of so many items.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], items: usize) -> Option<Self> {
        let (count, rest) = bytes.strip_prefix(FORMAT)?.split_first_chunk::<4>()?;
        if u32::from_le_bytes(*count) as usize != items || rest.len() % ENTRY != 0 {
            return None;
        }
        let mut gallery = Self { seen: vec![None; items], ..Self::default() };
        for entry in rest.chunks_exact(ENTRY) {
            let (item, rgb) = entry.split_first_chunk::<4>()?;
            let item = u32::from_le_bytes(*item);
            let pixels = Pixels { rgb: rgb.as_chunks().0.to_vec() };
            *gallery.seen.get_mut(item as usize)? = Some(visual::of(&pixels));
            gallery.small.insert(item, pixels);
        }
        Some(gallery)
    }

    /// Forgets what could not be taken in: before a person tries anew.
    pub fn again(&mut self) {
        (self.refused, self.more_refused) = (Vec::new(), 0);
    }

    /// What each item's picture shows; empty where none was brought.
    #[must_use]
    pub fn seen(&self) -> &[Option<Visual>] {
        &self.seen
    }

    /// How many items have theirs.
    #[must_use]
    pub fn brought(&self) -> usize {
        self.seen.iter().flatten().count()
    }

    /// An item's picture, made small.
    #[must_use]
    pub fn small(&self, item: ItemIx) -> Option<&Pixels> {
        self.small.get(&item)
    }

    /// The first pictures that could not be taken in, each with why, and how many more there are.
    #[must_use]
    pub fn refused(&self) -> (&[(String, String)], usize) {
        (&self.refused, self.more_refused)
    }

    /// The items that give a picture which is not there.
    #[must_use]
    pub fn missing(&self, shelf: &Shelf) -> Missing {
        let mut missing = Missing::default();
        for (i, item) in shelf.items.iter().enumerate() {
            let Some(asked) = pictures::asked(item).filter(|_| self.seen.get(i).is_none_or(Option::is_none)) else {
                continue;
            };
            missing.items += 1;
            if missing.named.len() < MOST_NAMED {
                missing.named.push(asked.chars().take(200).collect());
            }
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::synthetic, llm::picture, scenario::CatalogStyle};

    #[test]
    fn what_came_is_counted_and_what_did_not_is_named() {
        let mut shelf = synthetic::make(CatalogStyle::Shop, 4, 1).shelf;
        for (item, image) in shelf.items.iter_mut().zip(["a.png", "b.png", "c.png"]) {
            item.image = Some(image.to_owned());
        }
        let mut gallery = Gallery::default();
        assert_eq!(gallery.missing(&shelf).named, ["a.png", "b.png", "c.png"]);
        let file = picture::png(&Pixels { rgb: vec![[200, 30, 30]; 56 * 42] }).expect("a file");
        assert!(gallery.take(&shelf, &[0, 3, 99], "a.png", Ok(&file)));
        assert!(!gallery.take(&shelf, &[1], "b.png", Ok(b"no picture")));
        assert!(!gallery.take(&shelf, &[2], "c.png", Err("It did not come.".to_owned())));
        assert_eq!(gallery.brought(), 2);
        assert_eq!(gallery.small(0).map(|p| p.rgb[0]), Some([200, 30, 30]));
        assert_eq!(gallery.missing(&shelf), Missing { items: 2, named: vec!["b.png".into(), "c.png".into()] });
        let (refused, more) = gallery.refused();
        assert_eq!((refused[0].0.as_str(), refused[1].1.as_str(), more), ("b.png", "It did not come.", 0));
        let kept = gallery.to_bytes();
        let again = Gallery::from_bytes(&kept, 4).expect("what was kept");
        assert_eq!((again.seen(), again.small(3)), (gallery.seen(), gallery.small(3)));
        for wrong in [&kept[1..], &kept[..kept.len() - 1], &[]] {
            assert_eq!(Gallery::from_bytes(wrong, 4), None);
        }
        assert_eq!(Gallery::from_bytes(&kept, 3), None);
        for _ in 0..30 {
            gallery.take(&shelf, &[1], "b.png", Ok(b""));
        }
        assert_eq!(gallery.refused().0.len() + gallery.refused().1, 32);
        gallery.again();
        assert_eq!(gallery.refused(), (&[][..], 0));
    }
}
