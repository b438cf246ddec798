//! The tools of the model that recommends: each looks through the candidates and finds some.

use crate::{
    catalog::{ItemIx, represent::text::word_hash},
    recommender::Observation,
};

/// The most items that one call finds.
pub const FOUND: usize = 8;

/// Candidates whose title (counted twice), topics, creator or text hold the words, most matches first; ties go to the
/// more popular, then to the lower number.
#[must_use]
pub fn search(obs: &Observation<'_>, words: &str) -> Vec<ItemIx> {
    let wanted: Vec<u64> = words.split(|c: char| !c.is_alphanumeric()).filter_map(word_hash).take(12).collect();
    best(obs, |item| {
        let it = &obs.shelf.items[item as usize];
        let hits = |text: &str| {
            let mut found = 0u32;
            for (i, w) in wanted.iter().enumerate() {
                let there = text.split(|c: char| !c.is_alphanumeric()).filter_map(word_hash).any(|h| h == *w);
                found |= u32::from(there) << i;
            }
            found.count_ones()
        };
        let topics: u32 = it.topics.iter().map(|t| hits(&obs.shelf.topics[usize::from(*t)])).sum();
        let creator = obs.shelf.creators.get(it.creator as usize).map_or(0, |c| hits(c));
        let score = 2 * hits(&it.title) + 2 * topics + 2 * creator + hits(&it.text);
        (score > 0).then_some(score as f32)
    })
}

/// Candidates of a topic (any where none), at most so many seconds long, the most popular first.
#[must_use]
pub fn filter(obs: &Observation<'_>, topic: Option<&str>, max_s: Option<f32>) -> Vec<ItemIx> {
    let topic = topic.and_then(|t| obs.shelf.topic_named(t));
    best(obs, |item| {
        let it = &obs.shelf.items[item as usize];
        let fits = topic.is_none_or(|t| it.topics.contains(&t)) && max_s.is_none_or(|m| it.duration_s <= m);
        fits.then_some(0.0)
    })
}

/// Candidates like an item, by the cosine of what is public about them.
#[must_use]
pub fn similar(obs: &Observation<'_>, to: ItemIx) -> Vec<ItemIx> {
    let Some(row) = obs.features.rows.get(to as usize) else { return Vec::new() };
    best(obs, |item| {
        let cosine: f32 = obs.features.rows[item as usize].iter().zip(row).map(|(a, b)| a * b).sum();
        (item != to).then_some(cosine)
    })
}

fn best(obs: &Observation<'_>, score: impl Fn(ItemIx) -> Option<f32>) -> Vec<ItemIx> {
    let mut all: Vec<(f32, f32, ItemIx)> = (obs.candidates.iter())
        .filter_map(|&i| score(i).map(|s| (s, obs.shelf.items[i as usize].popularity, i)))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    all.into_iter().take(FOUND).map(|x| x.2).collect()
}
