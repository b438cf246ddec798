//! What each representation knows of the hidden truth, and that it knows nothing that it should not.

use recoworld::{
    catalog::{Catalog, represent, synthetic},
    math,
    scenario::{CatalogStyle, Representation},
};

/// The mean true cosine between items and their ten nearest under a representation, over 200 items.
fn kinship(catalog: &Catalog, representation: Representation) -> f64 {
    let rows = represent::features(&catalog.shelf, representation, &[]).rows;
    let dot = |a: &[f32; 32], b: &[f32; 32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let mut sum = 0.0;
    for i in 0..200 {
        let mut others: Vec<(f32, usize)> =
            (0..rows.len()).filter(|j| *j != i).map(|j| (dot(&rows[i], &rows[j]), j)).collect();
        others.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near = others.iter().take(10).map(|o| f64::from(math::dot(&catalog.truth.vectors[i], &catalog.truth.vectors[o.1])));
        sum += near.sum::<f64>() / 10.0;
    }
    sum / 200.0
}

#[test]
fn pictures_tell_what_the_words_of_a_lookbook_do_not() {
    let catalog = synthetic::make(CatalogStyle::Lookbook, 1200, 1);
    let [text, both, code] =
        [Representation::Text, Representation::Multimodal, Representation::SemanticId].map(|r| kinship(&catalog, r));
    println!("true likeness of neighbours in the lookbook: text {text:.3}, picture {both:.3}, code {code:.3}");
    assert!(both > text + 0.2 && code > text + 0.15, "text {text}, picture {both}, code {code}");
}

#[test]
fn where_words_say_it_all_pictures_take_little_away() {
    let catalog = synthetic::make(CatalogStyle::Clips, 1200, 1);
    let [text, both] = [Representation::Text, Representation::Multimodal].map(|r| kinship(&catalog, r));
    println!("true likeness of neighbours among clips: text {text:.3}, picture {both:.3}");
    assert!(both > text - 0.08, "text {text}, picture {both}");
}
