//! A model that sees: the slate's pictures go along as OpenAI's image parts, and only where they may.

use recoworld::{
    llm::{
        dialect::Dialect,
        driver::{Ask, Driver},
        settings::{Mode, Settings},
    },
    recommender::{self, Knowledge},
    scenario::{CatalogSpec, CatalogStyle, RecommenderSpec, Representation, registry},
    session::player::{Make, Player},
};
use serde_json::{Value, json};
use std::rc::Rc;

fn player(representation: Representation) -> Player {
    let mut scenario = registry::default_preset();
    scenario.catalog = CatalogSpec::Synthetic { style: CatalogStyle::Clips, items: 120, seed: "1".into() };
    scenario.recommender = RecommenderSpec { name: "popular".into(), settings: Default::default() };
    (scenario.slate_size, scenario.representation) = (4, representation);
    let scenario = Rc::new(scenario);
    let world = recoworld::scenario::build(&scenario, None).expect("the scenario builds");
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let make: Make = Rc::new(move |spec| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
    Player::new(scenario, world, make).expect("the scenario plays")
}

/// The body of the first call for the user's side.
fn body(representation: Representation, settings: Settings) -> Value {
    let (mut player, mut driver) = (player(representation), Driver::new(settings));
    loop {
        match driver.poll(&mut player, 0) {
            Ask::Send(call) => {
                let text = call.request.body("a-model-that-sees", &Dialect::COMMON, false);
                return serde_json::from_str(&text).expect("JSON");
            }
            // The slate is the built-in recommender's.
            _ => assert!(player.step().expect("plays"), "the model is asked before the session ends"),
        }
    }
}

/// The parts of a message as OpenAI publishes them: `ChatCompletionRequestUserMessage` with
/// `ChatCompletionRequestMessageContentPartText` and `…PartImage` of its OpenAPI description, required fields, names and
/// choices taken over, with nothing further allowed.
fn published() -> jsonschema::Validator {
    let text = json!({
        "type": "object", "required": ["type", "text"], "additionalProperties": false,
        "properties": { "type": { "enum": ["text"] }, "text": { "type": "string" } },
    });
    let image = json!({
        "type": "object", "required": ["type", "image_url"], "additionalProperties": false,
        "properties": {
            "type": { "enum": ["image_url"] },
            "image_url": {
                "type": "object", "required": ["url"], "additionalProperties": false,
                "properties": {
                    "url": { "type": "string", "pattern": "^(https://|data:image/png;base64,[A-Za-z0-9+/]+={0,2}$)" },
                    "detail": { "enum": ["auto", "low", "high"] },
                },
            },
        },
    });
    let message = json!({
        "type": "object", "required": ["role", "content"], "additionalProperties": false,
        "properties": {
            "role": { "enum": ["user"] },
            "content": { "type": "array", "minItems": 1, "items": { "oneOf": [text, image] } },
        },
    });
    jsonschema::validator_for(&message).expect("a schema")
}

fn sees(mode: Mode) -> Settings {
    Settings { sees: true, mode, ..Settings::default() }
}

#[test]
fn the_slates_pictures_go_along_in_the_published_shape() {
    let published = published();
    for mode in [Mode::Written, Mode::Scored] {
        let body = body(Representation::Multimodal, sees(mode));
        let last = body["messages"].as_array().and_then(|m| m.last()).expect("a message");
        let wrong: Vec<String> = published.iter_errors(last).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let parts = last["content"].as_array().expect("parts");
        let images = parts.iter().filter(|p| p["type"] == "image_url");
        assert_eq!(images.count(), 4, "one an item of the slate");
        let labels: Vec<&str> =
            parts[1..].iter().filter(|p| p["type"] == "text").filter_map(|p| p["text"].as_str()).collect();
        assert_eq!(labels, [1, 2, 3, 4].map(|n| format!("The picture of item {n}:")));
        // What is the same at every turn stays text alone, so that a server's cache still hits.
        assert!(body["messages"][0]["content"].is_string());
    }
}

#[test]
fn nothing_is_shown_where_the_model_does_not_see_or_items_are_not_pictures() {
    for (representation, settings) in [
        (Representation::Multimodal, Settings::default()),
        (Representation::Text, sees(Mode::Written)),
        (Representation::SemanticId, sees(Mode::Written)),
    ] {
        let body = body(representation, settings);
        for message in body["messages"].as_array().expect("messages") {
            assert!(message["content"].is_string(), "{representation:?}");
        }
    }
}

#[test]
fn settings_that_do_not_speak_of_pictures_are_written_as_they_always_were() {
    let text = serde_json::to_string(&Settings::default()).expect("JSON");
    assert!(!text.contains("sees") && !text.contains("picture"));
    assert!(serde_json::from_str::<Settings>(&text).is_ok_and(|s| s == Settings::default()));
}
