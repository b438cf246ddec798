//! The published environments give the same bytes in the browser as natively.
//!
//! Where a change is meant, `BLESS=1 cargo test --test browser recsim` writes the file anew.

use super::golden::digest;
use recoworld::{
    learn::task::{Task, View},
    scenario::recsim::{Agent, Family, Spec, agents},
};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const COMMITTED: &str = include_str!("../golden/recsim.json");

/// Every reward and every number that a learner sees, of ten episodes.
fn play(spec: &Spec, name: &str) -> Value {
    let mut agent = Agent::find(spec.family(), name).expect("an agent");
    let (mut model, mut view, mut slate) = (spec.model(), View::default(), Vec::new());
    let (mut bytes, mut returns) = (Vec::new(), Vec::new());
    for seed in 0..10 {
        model.reset(seed, &mut view);
        let mut total = 0.0;
        loop {
            for x in view.observation.iter().chain(&view.features) {
                bytes.extend(x.to_bits().to_le_bytes());
            }
            agent.choose(&model, seed, &mut slate);
            let outcome = model.step(&slate, &mut view);
            bytes.extend(outcome.reward.to_bits().to_le_bytes());
            total += outcome.reward;
            if outcome.terminated || outcome.truncated {
                break;
            }
        }
        returns.push(total.to_string());
    }
    json!({ "scenario": spec.family().id(), "agent": name, "bytes": bytes.len(), "digest": digest(&bytes), "returns": returns })
}

#[test]
fn published_environments_are_the_same_to_the_last_byte() {
    let mut all = Vec::new();
    for family in [Family::InterestEvolution, Family::LongTermSatisfaction, Family::InterestExploration] {
        let mut spec = Spec::new(family);
        if family == Family::LongTermSatisfaction {
            spec.set("sensitivity", "0.3").expect("settable");
        }
        all.extend(agents(family).iter().map(|l| play(&spec, l.name)));
    }
    let mut now = serde_json::to_string_pretty(&all).expect("JSON");
    now.push('\n');
    if now != COMMITTED && !bless(&now) {
        let first = now.lines().zip(COMMITTED.lines()).find(|(a, b)| a != b);
        panic!("{first:?}\nWhere this is meant: BLESS=1 cargo test --test browser recsim");
    }
}

#[cfg(target_arch = "wasm32")]
fn bless(_: &str) -> bool {
    false
}

#[cfg(not(target_arch = "wasm32"))]
fn bless(text: &str) -> bool {
    if std::env::var_os("BLESS").is_none() {
        return false;
    }
    std::fs::write(format!("{}/tests/golden/recsim.json", env!("CARGO_MANIFEST_DIR")), text).expect("writes");
    true
}
