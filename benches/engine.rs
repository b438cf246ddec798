//! The engine's workloads, timed natively; the page's `?bench` runs the same under the same names.
//! `cargo xtask bench` prints both beside what they are held against.

// The attribute makes an entry that has no documentation of its own.
#![allow(missing_docs)]

use divan::{Bencher, black_box};
use recoworld::math::lanes::{self, LANES};
use recoworld::math::{DIM, Vector, dot};
use recoworld::math::{Purpose, Source};

fn main() {
    divan::main();
}

fn vectors(n: usize) -> Vec<Vector> {
    let mut stream = Source::new(5).stream(Purpose::Other);
    (0..n).map(|_| std::array::from_fn(|_| stream.normal())).collect::<Vec<[f32; DIM]>>()
}

/// Attention over 64 memories for one item: scores, softmax in fixed lanes, weighted sum.
#[divan::bench]
fn attention_64(bencher: Bencher) {
    let memories = vectors(64);
    let query = vectors(1)[0];
    bencher.bench_local(|| {
        let query = black_box(&query);
        let mut weights = [0.0_f32; 64];
        for (weight, memory) in weights.iter_mut().zip(&memories) {
            *weight = dot(query, memory) * 0.25;
        }
        let top = weights.iter().copied().fold(f32::MIN, f32::max);
        let mut total = 0.0;
        for eight in weights.as_chunks_mut::<LANES>().0 {
            *eight = lanes::exp(eight.map(|w| w - top));
            total += lanes::sum(*eight);
        }
        let mut value: Vector = [0.0; DIM];
        for (weight, memory) in weights.iter().zip(&memories) {
            recoworld::math::add_scaled(&mut value, weight / total, memory);
        }
        value
    });
}
