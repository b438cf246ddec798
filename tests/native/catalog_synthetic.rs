//! What the catalogue generator promises.

use proptest::prelude::*;
use recoworld::{
    catalog::{Catalog, Shelf, represent::text, synthetic},
    math,
    scenario::CatalogStyle::{self, Clips, Films, Music, News, Shop},
};
use std::collections::HashSet;

const STYLES: [CatalogStyle; 5] = [Clips, News, Music, Shop, Films];

fn moments(v: &[f32]) -> (f64, f64) {
    let n = v.len() as f64;
    let mean = v.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    (mean, (v.iter().map(|x| (f64::from(*x) - mean) * (f64::from(*x) - mean)).sum::<f64>() / n).sqrt())
}

fn correlation(a: &[f32], b: &[f32]) -> f64 {
    let ((ma, sa), (mb, sb)) = (moments(a), moments(b));
    a.iter().zip(b).map(|(x, y)| (f64::from(*x) - ma) * (f64::from(*y) - mb)).sum::<f64>() / (a.len() as f64 * sa * sb)
}

fn assert_whole(c: &Catalog, items: usize) {
    assert_eq!(c.shelf.items.len(), items);
    for n in [c.truth.vectors.len(), c.truth.quality.len(), c.truth.lure.len()] {
        assert_eq!(n, items);
    }
    assert_eq!(c.truth.topics.len(), c.shelf.topics.len());
    let ids: HashSet<_> = c.shelf.items.iter().map(|i| &i.id).collect();
    assert_eq!(ids.len(), items, "ids are unique");
    for (item, vector) in c.shelf.items.iter().zip(&c.truth.vectors) {
        assert!(item.duration_s > 0.0 && item.duration_s.is_finite());
        assert!(!item.topics.is_empty() && item.topics.iter().all(|t| usize::from(*t) < c.shelf.topics.len()));
        assert!((item.creator as usize) < c.shelf.creators.len());
        assert!((0.0..=1.0).contains(&item.popularity));
        assert!(item.rating.is_none_or(|r| (1.0..=5.0).contains(&r)));
        assert!(!item.title.contains(['{', '}']) && !item.text.contains(['{', '}']), "{} / {}", item.title, item.text);
        assert!((math::length(vector) - 1.0).abs() < 1e-4);
    }
}

#[test]
fn titles_hardly_repeat() {
    for style in STYLES {
        for seed in 0..5 {
            let c = synthetic::make(style, 1200, seed);
            let titles: HashSet<_> = c.shelf.items.iter().map(|i| i.title.to_lowercase()).collect();
            assert!(titles.len() >= 1188, "{style:?}: {} distinct titles", titles.len());
            let numbered = c.shelf.items.iter().filter(|i| i.title.contains(", part ")).count();
            assert!(numbered <= 36, "{style:?}: {numbered} titles are told apart by a number only");
        }
    }
}

#[test]
fn quality_and_lure_are_standardised_and_apart() {
    for style in STYLES {
        let c = synthetic::make(style, 1200, 3);
        for v in [&c.truth.quality, &c.truth.lure] {
            let (m, s) = moments(v);
            assert!(m.abs() < 1e-3 && (s - 1.0).abs() < 1e-3, "{style:?}: mean {m}, deviation {s}");
        }
        assert!(correlation(&c.truth.quality, &c.truth.lure).abs() < 0.02);
    }
}

#[test]
fn ratings_tell_quality_half_and_popularity_follows_lure() {
    for style in STYLES {
        let c = synthetic::make(style, 4000, 11);
        let rated: Vec<_> = (0..4000).filter(|i| c.shelf.items[*i].rating.is_some()).collect();
        assert!(rated.len() > 3600 && rated.len() < 4000);
        let ratings: Vec<f32> = rated.iter().filter_map(|i| c.shelf.items[*i].rating).collect();
        let quality: Vec<f32> = rated.iter().map(|i| c.truth.quality[*i]).collect();
        let r = correlation(&ratings, &quality);
        assert!((0.42..0.58).contains(&r), "{style:?}: rating and quality {r}");
        let popular: Vec<f32> = c.shelf.items.iter().map(|i| math::ln(i.popularity)).collect();
        let (lure, good) = (correlation(&popular, &c.truth.lure), correlation(&popular, &c.truth.quality));
        assert!(lure > good + 0.15 && good > 0.1, "{style:?}: popularity with lure {lure}, with quality {good}");
        assert_eq!(c.shelf.items.iter().filter(|i| i.popularity == 1.0).count(), 1);
    }
}

#[test]
fn durations_suit_the_style() {
    for (style, median, range) in [
        (Clips, 50.0..100.0, 15.0..=600.0),
        (News, 130.0..210.0, 60.0..=480.0),
        (Music, 190.0..260.0, 120.0..=420.0),
        (Shop, 20.0..35.0, 10.0..=90.0),
        (Films, 5000.0..7000.0, 1200.0..=10800.0),
    ] {
        let c = synthetic::make(style, 3000, 5);
        let mut all: Vec<f32> = c.shelf.items.iter().map(|i| i.duration_s).collect();
        all.sort_by(f32::total_cmp);
        assert!(all.iter().all(|d| range.contains(d)), "{style:?}");
        assert!(median.contains(&all[1500]), "{style:?}: median {}", all[1500]);
        let mean = all.iter().sum::<f32>() / 3000.0;
        if style != Films {
            assert!(mean > all[1500], "{style:?}: the long tail is on the right");
        }
    }
}

#[test]
fn topics_are_nearly_orthogonal_but_have_kin() {
    let c = synthetic::make(Clips, 20, 1);
    let at = |name| c.truth.topics[usize::from(c.shelf.topic_named(name).expect("a topic"))];
    assert!(math::dot(&at("Cooking"), &at("Street food")) > 0.35);
    assert!(math::dot(&at("Sports"), &at("Fitness")) > 0.35);
    assert!(math::dot(&at("Comedy"), &at("Nature")).abs() < 0.15);
    for style in STYLES {
        let places = synthetic::make(style, 20, 1).truth.topics;
        assert!((12..=14).contains(&places.len()));
        let mut close = 0;
        for i in 0..places.len() {
            for j in 0..i {
                let k = math::dot(&places[i], &places[j]);
                assert!((-0.05..0.75).contains(&k), "{style:?}: {i} and {j} have {k}");
                close += usize::from(k > 0.3);
            }
        }
        assert!(close <= 2 * places.len(), "{style:?}: {close} close pairs");
    }
}

#[test]
fn an_item_lies_nearest_its_main_topic() {
    for style in STYLES {
        let c = synthetic::make(style, 1200, 9);
        let near = (0..1200).filter(|i| {
            let v = &c.truth.vectors[*i];
            let best = (0..c.truth.topics.len())
                .max_by(|a, b| math::dot(v, &c.truth.topics[*a]).total_cmp(&math::dot(v, &c.truth.topics[*b])));
            best == Some(usize::from(c.shelf.items[*i].topics[0]))
        });
        assert!(near.count() > 1100, "{style:?}");
    }
}

#[test]
fn makers_are_many_and_keep_to_their_trades() {
    for style in STYLES {
        let c = synthetic::make(style, 1200, 2);
        let names: HashSet<_> = c.shelf.creators.iter().collect();
        assert_eq!(names.len(), c.shelf.creators.len(), "names are distinct");
        let mut topics = vec![HashSet::new(); c.shelf.creators.len()];
        for item in &c.shelf.items {
            topics[item.creator as usize].insert(item.topics[0]);
        }
        let working = topics.iter().filter(|t| !t.is_empty()).count();
        assert!(working >= 180, "{style:?}: {working} makers");
        assert!(topics.iter().all(|t| t.len() <= 2), "{style:?}: nobody makes more than two kinds of thing");
    }
    assert!(synthetic::make(Clips, 200, 1).shelf.creators.iter().all(|c| c.starts_with('@')), "clips have handles");
}

/// A linear read-out of the words shows how much they tell.
fn share_of(shelf: &Shelf, of: impl Fn(usize) -> bool, has: impl Fn(&str) -> bool) -> f64 {
    let of: Vec<_> = (0..shelf.items.len()).filter(|i| of(*i)).collect();
    let yes = of.iter().filter(|i| {
        let item = &shelf.items[**i];
        has(&item.title) || has(&item.text)
    });
    yes.count() as f64 / of.len() as f64
}

#[test]
fn words_tell_lure_quality_and_length() {
    let c = synthetic::make(Clips, 5000, 4);
    let shouts =
        |t: &str| t.contains('!') || t.contains("STOP") || t.contains("won't believe") || t.contains("change your");
    let loud = share_of(&c.shelf, |i| c.truth.lure[i] > 1.0, shouts);
    let quiet = share_of(&c.shelf, |i| c.truth.lure[i] < 0.0, shouts);
    assert!(loud > 0.5 && quiet < 0.08, "clickbait sounds like it: {loud} against {quiet}");
    let care =
        |t: &str| t.contains("sources") || t.contains("seasons") || t.contains("Every step") || t.contains("Two years");
    let good = share_of(&c.shelf, |i| c.truth.quality[i] > 1.0, care);
    let poor = share_of(&c.shelf, |i| c.truth.quality[i] < -1.0, care);
    assert!(good > 3.0 * poor && good < 0.6, "good things show it weakly: {good} against {poor}");
    let long = |t: &str| t.contains("long version") || t.contains("time to spare") || t.contains("full length");
    assert!(share_of(&c.shelf, |i| c.shelf.items[i].duration_s > 150.0, long) > 0.15);
    assert!(share_of(&c.shelf, |i| c.shelf.items[i].duration_s < 50.0, long) < 0.05);
}

#[test]
fn the_same_arguments_give_the_same_catalogue_and_a_new_seed_another() {
    for style in STYLES {
        let (a, b) = (synthetic::make(style, 300, 7), synthetic::make(style, 300, 7));
        assert_eq!(a, b);
        assert_eq!(text::features(&a.shelf), text::features(&b.shelf));
        let other = synthetic::make(style, 300, 8);
        assert_ne!(a.shelf, other.shelf);
        assert_eq!(a.truth.topics, other.truth.topics, "a style's topics lie where they lie on every seed");
    }
}

#[test]
fn the_largest_catalogue_is_whole() {
    let c = synthetic::make(Music, 100_000, 1);
    assert_whole(&c, 100_000);
    let titles: HashSet<_> = c.shelf.items.iter().map(|i| &i.title).collect();
    assert_eq!(titles.len(), 100_000);
}

#[test]
fn features_are_unit_rows_in_which_kinds_lie_together() {
    for style in STYLES {
        let c = synthetic::make(style, 1200, 6);
        let f = text::features(&c.shelf);
        assert_eq!(f.rows.len(), 1200);
        let dot = |a: usize, b: usize| f.rows[a].iter().zip(&f.rows[b]).map(|(x, y)| x * y).sum::<f32>();
        let (mut same, mut other) = ((0.0, 0), (0.0, 0));
        for a in 0..1200 {
            assert!((dot(a, a) - 1.0).abs() < 1e-4);
            for b in (a + 1..1200).step_by(17) {
                let alike = c.shelf.topic(a as u32) == c.shelf.topic(b as u32);
                let to = if alike { &mut same } else { &mut other };
                to.0 += dot(a, b);
                to.1 += 1;
            }
        }
        let (same, other) = (same.0 / same.1 as f32, other.0 / other.1 as f32);
        assert!(same > 0.45 && other < 0.2, "{style:?}: same topic {same}, other {other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_size_and_seed_gives_a_whole_catalogue(style in 0usize..5, items in 1usize..600, seed: u64) {
        let c = synthetic::make(STYLES[style], items, seed);
        assert_whole(&c, items);
        let rows = text::features(&c.shelf).rows;
        prop_assert!(rows.iter().flatten().all(|x| x.is_finite()));
    }
}

#[test]
#[ignore = "a measurement: run in release"]
#[allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn how_long_making_takes() {
    for (items, rounds) in [(1200, 20), (100_000, 1)] {
        let start = std::time::Instant::now();
        let c = (0..rounds).map(|s| synthetic::make(Clips, items, s)).next_back().expect("made");
        println!("make {items}: {:?}", start.elapsed() / rounds as u32);
        let start = std::time::Instant::now();
        let rows = (0..rounds).map(|_| text::features(&c.shelf).rows.len()).sum::<usize>();
        println!("features {items}: {:?} ({rows})", start.elapsed() / rounds as u32);
    }
    for style in STYLES {
        let c = synthetic::make(style, 1200, 7);
        for i in c.shelf.items.iter().take(25) {
            let topics: Vec<_> = i.topics.iter().map(|t| c.shelf.topics[usize::from(*t)].as_str()).collect();
            let maker = &c.shelf.creators[i.creator as usize];
            println!(
                "{} | {} | {topics:?} {:?} {maker} {} s ★{:?} p{:.3}",
                i.title, i.text, i.mood, i.duration_s, i.rating, i.popularity
            );
        }
    }
}
