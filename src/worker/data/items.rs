//! Items: maps, neighbours, searches, the tree of codes.

use super::{
    Answer, Open, problem,
    protocol::{
        Branch, Branches, Event, MOST_BRANCHES, MOST_FOUND, MOST_POINTS, Mapped, NEIGHBOURS, Near, NearList, Neighbour,
        Opened, Point,
    },
};
use crate::{
    catalog::{
        ItemIx, Shelf,
        look::Look,
        represent::{codes::SemanticIds, map},
        thumbnail,
    },
    lab::representations::Seen,
    llm::describe,
    scenario::World,
    worker::{runner::clip, snapshot::ItemCard},
};
use std::{collections::BTreeMap, rc::Rc};

/// How many of a branch's items and topics are told.
const EXAMPLES: usize = 3;

/// An item as the page shows it.
fn card(shelf: &Shelf, ix: ItemIx, photo: String) -> ItemCard {
    let mut item = shelf.items[ix as usize].clone();
    item.title = clip(&item.title, 200);
    item.text = clip(&item.text, 400);
    item.id = clip(&item.id, 80);
    item.topics.truncate(6);
    let picture = thumbnail::picture(shelf, &item);
    let own_look = item.image.as_deref().is_some_and(|a| Look::parse(a).is_some());
    ItemCard {
        ix,
        topics: item.topics.iter().filter_map(|&t| shelf.topics.get(usize::from(t))).map(|t| clip(t, 60)).collect(),
        creator: creator(shelf, ix),
        hue: if own_look { picture.hue } else { (shelf.topic(ix) % 8) as u8 },
        picture,
        item,
        photo,
    }
}

fn creator(shelf: &Shelf, ix: ItemIx) -> String {
    let item = &shelf.items[ix as usize];
    shelf.creators.get(item.creator as usize).map_or_else(String::new, |c| clip(c, 60))
}

/// The items that maps draw: all of them, or evenly spaced ones.
fn drawn(items: usize) -> impl Iterator<Item = ItemIx> {
    (0..items).step_by(items.div_ceil(MOST_POINTS).max(1)).map(|i| i as ItemIx)
}

impl Open {
    fn shelf(&self) -> &Shelf {
        &self.catalog.shelf
    }

    pub(super) fn opened(&self) -> Event {
        let shelf = self.shelf();
        let point = |ix: ItemIx| Point {
            ix,
            title: clip(&shelf.items[ix as usize].title, 80),
            topic: shelf.topic(ix),
            creator: creator(shelf, ix),
        };
        Event::Opened(Box::new(Opened {
            title: self.scenario.title.clone(),
            items: shelf.items.len(),
            topics: shelf.topics.iter().map(|t| clip(t, 60)).collect(),
            note: self.study.note().map(str::to_owned),
            points: drawn(shelf.items.len()).map(point).collect(),
            pictures: self.pictures(),
        }))
    }

    /// The items under the n-th representation, where it is made.
    pub(super) fn map(&mut self, n: usize) -> Option<Event> {
        let ((representation, model), world) = self.study.worlds().nth(n)?;
        let plane = map::Plane::of(&world.features().rows);
        let ids = world.features().shown.codes();
        let mapped = Mapped {
            representation,
            model: model.map(str::to_owned),
            at: drawn(plane.at.len()).map(|i| plane.at[i as usize]).collect(),
            shares: plane.shares,
            cost: self.study.rows().get(n).map(|r| r.cost).unwrap_or_default(),
            example: line(world, 0),
            collisions: ids.map_or(0, |ids| ids.collisions()),
        };
        self.planes.push(plane.at);
        Some(Event::Mapped(Box::new(mapped)))
    }

    fn card(&self, ix: ItemIx) -> ItemCard {
        card(self.shelf(), ix, self.photo(ix))
    }

    pub(super) fn near(&self, item: ItemIx) -> Answer<Event> {
        let shelf = self.shelf();
        if item as usize >= shelf.items.len() {
            return Err(problem("", "There is no such item."));
        }
        let list = |(((representation, model), world), plane): ((Seen<'_>, &Rc<World>), &Vec<[f32; 2]>)| NearList {
            representation,
            model: model.map(str::to_owned),
            line: line(world, item),
            at: plane[item as usize],
            items: map::alike(&world.features().rows, item, NEIGHBOURS)
                .into_iter()
                .map(|(cosine, ix)| Neighbour { cosine, at: plane[ix as usize], item: self.card(ix) })
                .collect(),
        };
        let lists = self.study.worlds().zip(&self.planes).map(list).collect();
        Ok(Event::Near(Box::new(Near { item: self.card(item), lists })))
    }

    pub(super) fn find(&self, words: String) -> Event {
        let shelf = self.shelf();
        let terms: Vec<String> = words.split_whitespace().take(8).map(str::to_lowercase).collect();
        let holds = |ix: &ItemIx| {
            let item = &shelf.items[*ix as usize];
            let creator = shelf.creators.get(item.creator as usize).map_or("", String::as_str);
            let topics = item.topics.iter().filter_map(|&t| shelf.topics.get(usize::from(t)).map(String::as_str));
            let texts: Vec<String> =
                [item.title.as_str(), creator].into_iter().chain(topics).map(str::to_lowercase).collect();
            terms.iter().all(|w| texts.iter().any(|text| text.contains(w)))
        };
        let mut found: Vec<ItemIx> = (0..shelf.items.len() as ItemIx).filter(holds).collect();
        let popularity = |ix: &ItemIx| shelf.items[*ix as usize].popularity;
        found.sort_by(|a, b| popularity(b).total_cmp(&popularity(a)).then(a.cmp(b)));
        let total = found.len();
        let items = found.into_iter().take(MOST_FOUND).map(|ix| self.card(ix)).collect();
        Event::Found { words, items, total }
    }

    pub(super) fn branches(&self, beginning: Vec<u16>) -> Answer<Event> {
        let ids = self.study.worlds().find_map(|(_, world)| world.features().shown.codes());
        let ids = ids.ok_or_else(|| problem("", "The codes are not learnt yet."))?;
        let mut branches = ids.branches(beginning.len(), ids.range(&beginning));
        let total = branches.len();
        branches.sort_by(|a, b| b.range.len().cmp(&a.range.len()).then(a.number.cmp(&b.number)));
        let branches =
            branches.into_iter().take(MOST_BRANCHES).map(|b| branch(ids, self.shelf(), b.number, b.range)).collect();
        Ok(Event::Branches(Box::new(Branches { beginning, branches, total })))
    }
}

/// How a language model reads an item.
fn line(world: &World, item: ItemIx) -> String {
    describe::item(world.shelf(), &world.features().shown, item, true)
}

fn branch(ids: &SemanticIds, shelf: &Shelf, number: u16, range: std::ops::Range<usize>) -> Branch {
    let items = &ids.sorted()[range];
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for &ix in items {
        *counts.entry(shelf.topic(ix)).or_default() += 1;
    }
    let mut topics: Vec<(u16, usize)> = counts.into_iter().collect();
    topics.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let name = |t: u16| shelf.topics.get(usize::from(t)).map_or_else(String::new, |n| clip(n, 40));
    // From all over the branch, not from its beginning alone.
    let examples = items.iter().step_by(items.len().div_ceil(EXAMPLES).max(1)).take(EXAMPLES);
    Branch {
        number,
        items: items.len(),
        topics: topics.into_iter().take(EXAMPLES).map(|(t, n)| (name(t), n)).collect(),
        examples: examples.map(|&ix| (ix, clip(&shelf.items[ix as usize].title, 80))).collect(),
    }
}
