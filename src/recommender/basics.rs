//! What of an item's page can be put in numbers once, before any session.

use crate::{
    catalog::{CreatorIx, Item, Shelf, TopicIx},
    math::{ln, order},
    user::Profile,
};

/// The number of [`Basic::page`] values.
pub(crate) const PAGE: usize = 12;

/// One item's page in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basic {
    /// Declared, log-duration, how much longer than usual, rating, no rating, popularity, loudness of the title, mood (5).
    pub(crate) page: [f32; PAGE],
    pub(crate) topic: TopicIx,
    pub(crate) creator: CreatorIx,
    /// The mood's number; 5 where unknown.
    pub(crate) mood: u8,
}

impl Basic {
    /// ln(duration / the median duration), in [-3, 3].
    pub(crate) fn length(&self) -> f32 {
        self.page[1]
    }

    /// How loud the title is, in [0, 1].
    pub(crate) fn loud(&self) -> f32 {
        self.page[6]
    }
}

/// All items' pages in numbers.
#[derive(Clone, Debug)]
pub(crate) struct Basics {
    pub(crate) items: Vec<Basic>,
    pub(crate) creators: usize,
    pub(crate) topics: usize,
    /// The median duration, seconds.
    pub(crate) usual_s: f32,
}

impl Basics {
    pub(crate) fn of(shelf: &Shelf, profile: &Profile) -> Self {
        let mut durations: Vec<f32> = shelf.items.iter().map(|i| i.duration_s).collect();
        order::sort_by(&mut durations, f32::total_cmp);
        let usual_s = durations.get(durations.len() / 2).copied().unwrap_or(60.0).max(1e-3);
        let (sum, n) = shelf.items.iter().filter_map(|i| i.rating).fold((0.0, 0.0), |(s, n), r| (s + r, n + 1.0));
        let rating = if n > 0.0 { sum / n } else { 3.0 };
        let declared: Vec<TopicIx> = profile.declared.iter().filter_map(|d| shelf.topic_named(d)).collect();
        Self {
            items: shelf.items.iter().map(|i| basic(i, usual_s, rating, &declared)).collect(),
            creators: shelf.creators.len().max(shelf.items.iter().map(|i| i.creator as usize + 1).max().unwrap_or(0)),
            topics: shelf.topics.len(),
            usual_s,
        }
    }
}

fn basic(item: &Item, usual_s: f32, mean_rating: f32, declared: &[TopicIx]) -> Basic {
    let length = ln((item.duration_s / usual_s).max(1e-6)).clamp(-3.0, 3.0);
    let likes = if declared.contains(&item.topics[0]) {
        1.0
    } else if item.topics.iter().any(|t| declared.contains(t)) {
        0.5
    } else {
        0.0
    };
    let mut page = [0.0; PAGE];
    page[0] = likes;
    page[1] = length;
    page[2] = length.max(0.0);
    page[3] = item.rating.map_or(0.0, |r| r - mean_rating);
    page[4] = if item.rating.is_some() { 0.0 } else { 1.0 };
    page[5] = item.popularity.max(0.0).sqrt();
    page[6] = loudness(&item.title);
    let mood = item.mood.map_or(5, |m| m as u8);
    if mood < 5 {
        page[7 + mood as usize] = 1.0;
    }
    Basic { page, topic: item.topics[0], creator: item.creator, mood }
}

/// Words that promise more than an item may hold.
#[rustfmt::skip]
const PROMISES: [&str; 40] = [
    "believe", "shocking", "shocked", "secret", "secrets", "insane", "unbelievable", "incredible", "amazing", "epic",
    "ultimate", "best", "never", "everyone", "nobody", "must", "mind", "blowing", "crazy", "viral", "exposed", "truth",
    "trick", "hack", "hacks", "wrong", "ruined", "instantly", "guaranteed", "miracle", "ever", "won't", "this", "you",
    "why", "stop", "finally", "revealed", "wait", "gone",
];

/// How loud a title is, in [0, 1]: exclamation and question marks, words in capitals, numbers, and words that promise.
/// Reads at most the first 200 characters, and reads them as signs only.
pub(crate) fn loudness(title: &str) -> f32 {
    let (mut marks, mut caps, mut promises, mut numbers, mut words) = (0.0f32, 0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let end = title.char_indices().nth(200).map_or(title.len(), |c| c.0);
    for word in title[..end].split_whitespace() {
        words += 1.0;
        marks += word.chars().filter(|c| matches!(c, '!' | '?' | '…')).count() as f32;
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.chars().count() > 2 && bare.chars().all(char::is_uppercase) {
            caps += 1.0;
        }
        if bare.starts_with(|c: char| c.is_ascii_digit()) {
            numbers += 1.0;
        }
        if PROMISES.iter().any(|p| p.eq_ignore_ascii_case(bare)) {
            promises += 1.0;
        }
    }
    if words == 0.0 {
        return 0.0;
    }
    (0.3 * marks.min(2.0) + 0.3 * caps.min(2.0) + 0.15 * numbers.min(1.0) + 0.25 * promises.min(3.0)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loud_titles_score_higher_than_plain_ones() {
        assert!(loudness("You WON'T BELIEVE what happened next!!") > 0.8);
        assert!(loudness("A quiet walk along the river Wye") < 0.1);
        assert_eq!(loudness(""), 0.0);
        assert!(loudness(&"!".repeat(1_000_000)) <= 1.0);
    }
}
