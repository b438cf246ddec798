//! Whole sessions give the same bytes in the browser as natively, and as they did when they were last blessed.
//!
//! Where a change of the engine is meant, `BLESS=1 cargo test --test browser golden` writes the files anew; the
//! difference then shows in review what became of nine sessions.

use recoworld::{
    recommender::{self, Knowledge},
    scenario::{build, registry},
    session::player::{Player, Trajectory},
    user::Reaction,
};
use serde_json::{Value, json};
use std::rc::Rc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Scenario, recommender, and the file that holds what came of them.
macro_rules! golden {
    ($($name:literal: $scenario:literal, $recommender:literal;)*) => {
        const GOLDEN: &[(&str, &str, &str, &str)] = &[
            $(($name, $scenario, $recommender, include_str!(concat!("../golden/", $name, ".json"))),)*
        ];
    };
}

golden! {
    "commute-random": "recoworld/CommuteFeed-v0", "random";
    "commute-greedy": "recoworld/CommuteFeed-v0", "greedy";
    "commute-agent": "recoworld/CommuteFeed-v0", "agent";
    "film-random": "recoworld/FilmNight-v0", "random";
    "film-greedy": "recoworld/FilmNight-v0", "greedy";
    "film-agent": "recoworld/FilmNight-v0", "agent";
    "news-random": "recoworld/NewsEvening-v0", "random";
    "news-greedy": "recoworld/NewsEvening-v0", "greedy";
    "news-agent": "recoworld/NewsEvening-v0", "agent";
}

/// FNV-1a over bytes, as 16 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

fn play(id: &str, name: &str) -> Trajectory {
    let mut scenario = registry::preset(id).expect("a preset");
    name.clone_into(&mut scenario.recommender.name);
    scenario.recommender.settings.clear();
    // Fewer items and logged sessions than usual: the same arithmetic, sooner.
    scenario.set("catalog.items", "400").expect("settable");
    if name != "random" {
        scenario.set("recommender.settings.log_sessions", "20").expect("settable");
    }
    let world = build(&scenario, None).expect("a world");
    let scenario = Rc::new(scenario);
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let make = Rc::new(move |spec: &_| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
    let mut player = Player::new(scenario, world, make).expect("a player");
    player.run().expect("a session");
    player.trajectory().expect("its own tape")
}

/// What a file holds: a digest of every byte of the run, and enough to see what changed.
fn trace(run: &Trajectory) -> String {
    let action = |r: &Option<Reaction>| match r {
        Some(r) if r.clicked => format!("click {}", r.seconds),
        Some(r) if r.examined => format!("skip {}", r.seconds),
        _ => "unseen".to_owned(),
    };
    let turns: Vec<Value> = (run.turns.iter())
        .map(|t| {
            json!({
                "items": t.slate.iter().map(|s| s.item).collect::<Vec<_>>(),
                "actions": t.slate.iter().map(|s| action(&s.reaction)).collect::<Vec<_>>(),
                "said": t.instruction.as_ref().map(|i| &i.words),
                "met": t.met,
                "reward": t.reward,
                "leave_forecast": t.state.leave_forecast.to_string(),
            })
        })
        .collect();
    let bytes = serde_json::to_vec(run).expect("JSON");
    let all = json!({ "bytes": bytes.len(), "digest": digest(&bytes), "answers": run.answers.len(), "turns": turns });
    let mut text = serde_json::to_string_pretty(&all).expect("JSON");
    text.push('\n');
    text
}

#[test]
fn golden_sessions_are_the_same_to_the_last_byte() {
    let mut changed = Vec::new();
    for (name, id, recommender, committed) in GOLDEN {
        let now = trace(&play(id, recommender));
        if now == *committed || bless(name, &now) {
            continue;
        }
        let first =
            now.lines().zip(committed.lines()).find(|(a, b)| a != b && !b.contains("digest") && !b.contains("bytes"));
        changed.push(format!(
            "{name}: {}",
            first.map_or("only in what the trace leaves out".into(), |(a, b)| format!("now {a}, before {b}"))
        ));
    }
    assert!(changed.is_empty(), "{changed:#?}\nWhere this is meant: BLESS=1 cargo test --test browser golden");
}

#[cfg(target_arch = "wasm32")]
fn bless(_: &str, _: &str) -> bool {
    false
}

#[cfg(not(target_arch = "wasm32"))]
fn bless(name: &str, text: &str) -> bool {
    if std::env::var_os("BLESS").is_none() {
        return false;
    }
    std::fs::write(format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR")), text).expect("writes");
    true
}
