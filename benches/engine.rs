//! The engine's workloads, timed natively; the page's `?bench` runs the same under the same names.
//! `cargo xtask bench` prints both beside what they are held against.

// The attribute makes an entry that has no documentation of its own.
#![allow(missing_docs)]

use divan::{Bencher, black_box};
use recoworld::lab::bench::workload;

fn main() {
    divan::main();
}

/// Times one unit of a workload.
fn run(bencher: Bencher, name: &str) {
    let workload = workload(name).expect("a workload of that name");
    let mut unit = (workload.prepare)();
    bencher.bench_local(|| black_box(unit()));
}

// Sessions differ turn by turn: a sample is the mean of many.
#[divan::bench(sample_size = 2000, sample_count = 50)]
fn user_turn(bencher: Bencher) {
    run(bencher, "user_turn");
}

#[divan::bench(sample_size = 5000, sample_count = 50)]
fn item_with_attention(bencher: Bencher) {
    run(bencher, "item_with_attention");
}

#[divan::bench(sample_size = 20_000, sample_count = 50)]
fn interest_evolution(bencher: Bencher) {
    run(bencher, "interest_evolution");
}

#[divan::bench(sample_size = 5000, sample_count = 50)]
fn attention_64(bencher: Bencher) {
    run(bencher, "attention_64");
}

#[divan::bench(sample_size = 200, sample_count = 50)]
fn reasoning_turn(bencher: Bencher) {
    run(bencher, "reasoning_turn");
}

#[divan::bench(sample_size = 1, sample_count = 40)]
fn ppo_iteration(bencher: Bencher) {
    run(bencher, "ppo_iteration");
}

#[divan::bench(sample_size = 4, sample_count = 100)]
fn multiply_add(bencher: Bencher) {
    run(bencher, "multiply_add");
}

#[divan::bench]
fn session_json(bencher: Bencher) {
    run(bencher, "session_json");
}

#[divan::bench(sample_size = 1, sample_count = 5)]
fn import_100k(bencher: Bencher) {
    run(bencher, "import_100k");
}

#[divan::bench(sample_size = 1, sample_count = 5)]
fn embed_10k(bencher: Bencher) {
    run(bencher, "embed_10k");
}

#[divan::bench(sample_size = 20, sample_count = 10)]
fn retrieve_200(bencher: Bencher) {
    run(bencher, "retrieve_200");
}

#[divan::bench(sample_size = 1, sample_count = 3)]
fn quantise_10k(bencher: Bencher) {
    run(bencher, "quantise_10k");
}
