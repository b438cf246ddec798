//! The published JSON Schema of the environment's protocol, and of what is posted to a recommender of one's own.

use super::{schema::pretty, wire::PROTOCOL};
use crate::recommender::remote;
use serde_json::{Value, json};

/// The schema of a line in either direction, as pretty JSON.
#[must_use]
pub fn env() -> String {
    let refs = ["hello", "request", "reply", "post", "post_reply"].map(refer);
    pretty(&json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RecoWorld environment protocol, version 1",
        "description": "One JSON object a line: what `recoworld env` reads and writes, and what --recommender-url posts and takes back.",
        "anyOf": refs,
        "$defs": {
            "hello": object("The first line that the environment writes.", &["protocol", "space"], json!({
                "protocol": { "const": PROTOCOL },
                "space": object("What does not change from episode to episode.", &["id", "items", "slate_size", "horizon"], json!({
                    "id": { "type": "string" },
                    "items": whole("Items are named 0 to this less one."),
                    "slate_size": whole("How many of them an action shows."),
                    "horizon": whole("The most steps."),
                })),
            })),
            "request": request(),
            "reply": reply(),
            "observation": { "oneOf": [refer("session_observation"), refer("recsim_observation")] },
            "session_observation": session_observation(),
            "recsim_observation": recsim_observation(),
            "document": document(),
            "info": object("For whoever runs the experiment: parts of it come from the user's hidden state.", &["seed", "measures"], json!({
                "seed": { "type": "string" },
                "measures": { "type": "object", "additionalProperties": { "type": "number" } },
            })),
            "item": item(),
            "shelf": shelf(),
            "slate": slate(),
            "post": post(),
            "post_reply": post_reply(),
        },
    }))
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn whole(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn object(about: &str, required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object",
        "description": about,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn slate() -> Value {
    json!({
        "type": "array", "items": whole("A candidate."), "uniqueItems": true,
        "description": "`slate_size` different candidates, the first on top.",
    })
}

fn request() -> Value {
    let id = json!({ "description": "Anything: it comes back with the reply." });
    let seed = json!({
        "description": "The episode's seed; without it, the next episode of the last one.",
        "anyOf": [{ "type": "null" }, whole("A number."), { "type": "string", "pattern": "^(0|[1-9][0-9]{0,19})$" }],
    });
    let options = json!({
        "type": ["object", "null"],
        "description": "Fields of the scenario and their values, for this episode.",
    });
    json!({ "oneOf": [
        object("Begins an episode.", &["op"], json!({ "op": { "const": "reset" }, "seed": seed, "options": options, "id": id })),
        object("Shows a slate.", &["op", "slate"], json!({ "op": { "const": "step" }, "slate": refer("slate"), "id": id })),
        object("Asks for all that is public of what can be shown, or ends.", &["op"], json!({ "op": { "enum": ["items", "close"] }, "id": id })),
    ] })
}

fn reply() -> Value {
    let id = json!({ "description": "The request's, where it had one." });
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let kinds = json!({ "enum": ["json", "request", "not_reset", "over", "slate", "option"] });
    let error = object(
        "What was not done, and why; nothing has changed.",
        &["kind", "message"],
        json!({
            "kind": kinds, "message": { "type": "string" },
        }),
    );
    json!({ "oneOf": [
        object("To reset.", &["observation", "info"], json!({ "observation": refer("observation"), "info": refer("info"), "id": id })),
        object("To step.", &["observation", "reward", "terminated", "truncated", "info"], json!({
            "observation": refer("observation"),
            "reward": { "type": "number" },
            "terminated": flag("The episode ended in itself: the user left."),
            "truncated": flag("The episode was cut off at its horizon."),
            "info": refer("info"),
            "id": id,
        })),
        object("To items.", &["items"], json!({ "items": { "anyOf": [refer("shelf"), { "type": "array", "maxItems": 0 }] }, "id": id })),
        object("To close.", &["closed"], json!({ "closed": { "const": true }, "id": id })),
        object("To what could not be done.", &["error"], json!({ "error": error, "id": id })),
    ] })
}

fn session_observation() -> Value {
    let reaction = json!({ "type": "object", "description": "As in the schema of saved sessions." });
    let said = object(
        "What the user said.",
        &["channel", "words"],
        json!({
            "channel": { "enum": ["explicit", "implicit"] }, "words": { "type": "string" },
        }),
    );
    let turn = object(
        "A slate of the past.",
        &["items", "reactions", "said"],
        json!({
            "items": { "type": "array", "items": whole("An item.") },
            "reactions": { "type": "array", "items": reaction },
            "said": { "anyOf": [{ "type": "null" }, said] },
        }),
    );
    object(
        "What a recommender sees of a session.",
        &["profile", "context", "turn", "history", "candidates", "slate_size"],
        json!({
            "profile": { "type": "object", "description": "The public profile." },
            "context": { "type": "object", "description": "The circumstances." },
            "turn": whole("The step, from 0."),
            "history": { "type": "array", "items": turn },
            "candidates": { "type": "array", "items": whole("An item.") },
            "slate_size": whole("How many to show."),
        }),
    )
}

fn recsim_observation() -> Value {
    let response = object(
        "What came of a document that was shown.",
        &["document", "click", "amount"],
        json!({
            "document": refer("document"),
            "click": { "type": "boolean" },
            "amount": { "type": "number", "description": "Minutes watched, engagement (told up to 100), or 1." },
        }),
    );
    object(
        "What an agent sees of a published environment.",
        &["step", "user", "documents", "response", "candidates", "slate_size"],
        json!({
            "step": whole("From 0."),
            "user": { "type": "array", "items": { "type": "number" }, "description": "Interests, where they are observed." },
            "documents": { "type": "array", "items": refer("document") },
            "response": { "type": "array", "items": response },
            "candidates": { "type": "array", "items": whole("A place among the documents.") },
            "slate_size": whole("How many to show."),
        }),
    )
}

fn document() -> Value {
    object(
        "What is seen of a document.",
        &[],
        json!({
            "cluster_id": whole("Its topic."),
            "quality": { "type": "number" },
            "clickbait_score": { "type": "number", "minimum": 0, "maximum": 1 },
        }),
    )
}

fn item() -> Value {
    let text = json!({ "type": "string" });
    object(
        "One thing that can be shown.",
        &["id", "title", "text", "topics", "creator", "duration_s", "popularity"],
        json!({
            "id": text, "title": text, "text": text,
            "topics": { "type": "array", "items": whole("A topic, by its place in the list of topics.") },
            "creator": whole("By its place in the list of creators."),
            "duration_s": { "type": "number", "exclusiveMinimum": 0, "description": "Seconds." },
            "mood": { "type": ["string", "null"] },
            "rating": { "type": ["number", "null"] },
            "popularity": { "type": "number", "minimum": 0, "maximum": 1 },
            "image": { "type": ["string", "null"] },
        }),
    )
}

fn shelf() -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    object(
        "All that is public of what can be shown: candidates name items by their place here.",
        &["name", "topics", "creators", "items"],
        json!({
            "name": { "type": "string" }, "topics": texts, "creators": texts,
            "items": { "type": "array", "items": refer("item") },
        }),
    )
}

fn post() -> Value {
    object(
        "What is posted to a recommender of one's own.",
        &["protocol", "scenario", "episode", "observation"],
        json!({
            "protocol": { "const": remote::PROTOCOL },
            "scenario": { "type": "string" },
            "episode": whole("Counts the sessions of this run, from 0."),
            "observation": refer("observation"),
            "items": refer("shelf"),
        }),
    )
}

fn post_reply() -> Value {
    let steps = json!({ "type": "array" });
    json!({ "oneOf": [
        object("The slate.", &["slate"], json!({
            "slate": refer("slate"),
            "trace": object("Why, as our own recommenders say it.", &[], json!({
                "perceive": steps, "plan": steps, "act": steps, "remember": steps,
            })),
        })),
        object("Asks for the same again with `items`.", &["need"], json!({ "need": { "const": "items" } })),
    ] })
}
