//! Pictures of items tell topic and mood.

use recoworld::{
    catalog::{
        MOODS, synthetic,
        thumbnail::{Form, HUES, picture},
    },
    scenario::CatalogStyle,
};
use std::collections::HashSet;

#[test]
fn a_picture_is_the_same_every_time_and_stays_in_its_box() {
    let shelf = synthetic::make(CatalogStyle::Clips, 600, 3).shelf;
    for item in &shelf.items {
        let p = picture(&shelf, item);
        assert_eq!(p, picture(&shelf, item));
        assert!((3..=6).contains(&p.shapes.len()) && p.hue < HUES);
        for shape in &p.shapes {
            assert!((1..=4).contains(&shape.tone));
            match &shape.form {
                Form::Circle { cx, cy, r } => assert!((0..=56).contains(cx) && (0..=42).contains(cy) && *r > 0),
                Form::Rect { x, y, w, h, .. } => assert!(*x >= 0 && *y >= 0 && x + w <= 56 && y + h <= 42 && *h > 0),
                Form::Path { d } => assert!(d.chars().all(|c| c.is_ascii_digit() || " -MLQCAZ".contains(c)), "{d}"),
            }
        }
    }
}

#[test]
fn topics_differ_in_hue_and_moods_in_composition() {
    let shelf = synthetic::make(CatalogStyle::Clips, 600, 3).shelf;
    let hues: HashSet<_> = shelf.items.iter().map(|i| (i.topics[0], picture(&shelf, i).hue)).collect();
    assert_eq!(hues.len(), shelf.topics.len(), "one hue a topic, each its own");
    let mut item = shelf.items[0].clone();
    let backs: HashSet<_> = MOODS
        .iter()
        .map(|m| {
            item.mood = Some(*m);
            format!("{:?}", picture(&shelf, &item).shapes[0])
        })
        .collect();
    assert_eq!(backs.len(), MOODS.len());
}

#[test]
fn pictures_of_one_topic_vary() {
    let shelf = synthetic::make(CatalogStyle::Films, 600, 3).shelf;
    let all: HashSet<_> = shelf.items.iter().map(|i| format!("{:?}", picture(&shelf, i))).collect();
    assert!(all.len() > 200, "{} different pictures of 600", all.len());
}
