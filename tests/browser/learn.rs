//! Learning gives the same bytes in the browser as natively: parameters, optimisers and episodes under way.
//!
//! Where a change is meant, `BLESS=1 cargo test --test browser learn` writes the file anew.

use super::golden::digest;
use recoworld::{
    learn::algorithm::{ALGORITHMS, Setup},
    scenario::recsim::Spec,
};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const COMMITTED: &str = include_str!("../golden/learn.json");

/// The checkpoint of each algorithm after three iterations.
fn learnt() -> Value {
    let task = Spec::all()[0].task();
    let of = |setup: &Setup| {
        let mut trainer = setup.trainer(task.as_ref(), 3);
        (0..3).for_each(|_| drop(trainer.step().expect("finite")));
        digest(&trainer.checkpoint())
    };
    let rows = ALGORITHMS.iter().map(|a| {
        let mut setup = Setup::suited(a, task.as_ref());
        for (field, value) in [("num_envs", 4.0), ("num_steps", 64.0), ("pairs", 3.0)] {
            if setup.has(field) {
                setup.set(field, value).expect("allowed");
            }
        }
        json!({ "algorithm": a.name, "checkpoint": of(&setup) })
    });
    rows.collect()
}

#[test]
fn checkpoints_are_the_same_bytes_on_both_sides() {
    let got = learnt();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/learn.json");
        std::fs::write(path, format!("{got:#}\n")).expect("the golden file can be written");
    }
    let committed: Value = serde_json::from_str(COMMITTED).expect("JSON");
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        return;
    }
    assert_eq!(got, committed);
}
