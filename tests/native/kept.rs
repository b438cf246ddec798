//! What a browser has kept is taken up by this build, or is of another form by name.
//!
//! Packed bytes do not say what they are. So where a type changes that is in a save, this test fails, and [`SAVE_FORM`] wants
//! another number: what was kept under the old one is then told, not misread.

use recoworld::worker::{
    Save,
    protocol::SAVE_FORM,
    transport::{keep, take_kept},
};
use serde_json::json;
use std::path::Path;

/// A save with something of every kind in it.
fn save() -> Save {
    let reaction = json!({
        "examined": true, "clicked": true, "seconds": 12.5, "liked": true, "shared": false, "commented": false,
        "followed": true, "left": false
    });
    let frame = json!({
        "ask": "switch", "toward": [1], "away": [2, 3], "creator": 4, "max_s": 90.0, "mood": null, "keep": 5, "like": 6,
        "holds": "while", "strength": 0.5
    });
    let instruction = json!({
        "channel": "explicit", "specificity": "specific", "words": "Less cooking", "frame": frame, "reason": "novelty"
    });
    let question = json!({
        "text": "More of which?", "worth": 0.25,
        "options": [{ "words": "Travel", "offer": { "more": 1 } }, { "words": "Something new", "offer": "new" }]
    });
    let step = json!({ "text": "It asked for less.", "data": [["skips", 2.0]] });
    let trace = json!({ "perceive": [step], "plan": [], "act": [step], "remember": [] });
    let by_hand = json!([
        [0, { "slate": { "items": [3, 300, 70000], "trace": trace, "by": "person" } }],
        [1, { "review": { "reaction": reaction, "by": "person" } }],
        [2, { "verdict": { "verdict": { "instruct": instruction }, "by": "person" } }],
        [3, { "ask": { "question": question, "by": "builtin" } }],
        [4, { "reply": { "words": "Travel", "by": "model" } }],
        [5, { "verdict": { "verdict": "leave", "by": "person" } }]
    ]);
    let remark = json!({
        "at": 1, "reason": "It looked good.", "distribution": [["watch", 0.75]], "repaired": true, "stood_in": "Too slow.",
        "mindset": { "wants": "Travel", "satisfaction": 7, "boredom": 2 }, "who": "yours"
    });
    let changes = json!([
        { "at": 9, "change": { "recommender": { "name": "linucb", "settings": { "alpha": 0.5 } } } },
        { "at": 10, "change": { "instructions": false } },
        { "at": 11, "change": { "seed": "18446744073709551615" } }
    ]);
    let scenario = json!({
        "schema": "recoworld/scenario-v1", "id": "mine/Evening-v0", "title": "Evening", "about": "At home.",
        "catalog": { "kind": "synthetic", "style": "clips", "items": 1200, "seed": "1" },
        "profile": { "name": "Dana", "age": 27, "about": "Rides home.", "declared": ["Cooking"] },
        "persona": {
            "interests": { "Cooking": 0.5, "Travel": -0.25 }, "variety": 0.25,
            "traits": {
                "expressiveness": 0.8, "precision": 0.7, "patience": 0.5, "curiosity": 0.6, "boredom": 0.75,
                "temptation": 0.4, "warmth": 0.3
            }
        },
        "context": { "device": "laptop", "place": "commute", "company": "friends", "minute": 1090 },
        "minutes": 25.0, "representation": "multimodal", "slate_size": 8, "candidates": 20, "horizon": 60,
        "instructions": true, "heard_bonus": 0.05, "recommender": { "name": "agent", "settings": { "asks": 1.0 } },
        "reward": { "time": 0.1, "clicks": 0.2, "likes": 0.3, "turns": 0.4, "instructions": 0.5, "retention": 3.0 },
        "seed": "7"
    });
    let save = json!({
        "schema": "recoworld/save-v1", "scenario": scenario, "selected": 1, "cursor": 5, "user_by": "person",
        "slate_by": "guest", "speed": "fast",
        "branches": [
            { "id": 0, "origin": null, "changes": [], "by_hand": [], "moments": 12 },
            {
                "id": 1, "origin": [0, 9], "changes": changes, "by_hand": by_hand, "moments": 14, "remarks": [remark],
                "interview": { "stay": "It was fun.", "leave": "Too much cooking.", "rating": 4 }
            }
        ]
    });
    serde_json::from_value(save).expect("a save")
}

#[test]
fn a_save_has_the_form_that_its_name_promises() {
    let name = SAVE_FORM.rsplit('/').next().expect("a name");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.txt"));
    let text = keep(SAVE_FORM, &save());
    if std::env::var_os("BLESS").is_some() && !path.exists() {
        std::fs::write(&path, &text).expect("is written");
    }
    let kept = std::fs::read_to_string(&path).expect("is there; BLESS=1 writes that of a new form");
    assert!(kept == text, "a save is written otherwise than before: give SAVE_FORM another number, then BLESS=1");
    assert_eq!(take_kept(SAVE_FORM, &kept), Ok(save()));
}
