//! The published JSON Schema of saved sessions.

use super::schema::{pretty, scenario_value};
use crate::{
    catalog::MOODS,
    math::DIM,
    session::player::TRAJECTORY,
    user::{
        ALL_TERMS, TERMS,
        clarify::{MOST_OPTIONS, MOST_WORDS},
    },
};
use serde_json::{Map, Value, json};

/// The schema of saved sessions, as pretty JSON.
#[must_use]
pub fn trajectory() -> String {
    let mut root = object(
        "A whole run: what defines it, and what came of it.",
        &[
            ("schema", json!({ "const": TRAJECTORY })),
            ("scenario", refer("scenario")),
            ("changes", list(refer("changed"))),
            ("answers", list(refer("answer"))),
            ("turns", list(refer("turn"))),
            ("metrics", refer("metrics")),
            ("remarks", list(remark())),
            ("interview", interview()),
            ("place", place()),
        ],
    );
    root["required"] = json!(["schema", "scenario", "answers"]);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("RecoWorld session, version 1");
    let parts: [(&str, Value); 16] = [
        ("scenario", scenario_value()),
        ("changed", changed()),
        ("answer", answer()),
        ("by", json!({ "enum": ["builtin", "person", "model"], "description": "Who answered." })),
        ("reaction", reaction()),
        ("instruction", instruction()),
        ("question", question()),
        ("frame", frame()),
        ("term", json!({ "enum": ALL_TERMS, "description": "A term of the utility." })),
        (
            "terms",
            json!({
                "type": "array", "items": { "type": "number" }, "minItems": TERMS, "maxItems": TERMS,
                "description": format!("One logit a term: {}.", ALL_TERMS.map(|t| format!("{t:?}").to_lowercase()).join(", ")),
            }),
        ),
        ("trace", trace()),
        ("turn", turn()),
        ("shown", shown()),
        (
            "parts",
            numbers(
                "What a reward is made of, before weighting.",
                &[
                    ("time", "Minutes spent on opened items."),
                    ("clicks", "Clicks."),
                    ("likes", "Likes, shares, comments and follows."),
                    ("turns", "Turns stayed to the end of."),
                    ("instructions", "Instructions met."),
                    ("retention", "Chance of return; in the last turn only."),
                ],
            ),
        ),
        ("state", state()),
        ("metrics", metrics()),
    ];
    root["$defs"] = parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into();
    pretty(&root)
}

/// What a language model says beside an answer.
fn remark() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let chance = json!({ "type": "array", "prefixItems": [{ "type": "string" }, { "type": "number" }], "minItems": 2, "maxItems": 2 });
    let ten = |about: &str| json!({ "type": "integer", "minimum": 0, "maximum": 10, "description": about });
    let mindset = object(
        "The mindset that it states.",
        &[("wants", text("What it wants now.")), ("satisfaction", ten("Satisfaction.")), ("boredom", ten("Boredom."))],
    );
    let mut remark = object(
        "What a language model says beside an answer.",
        &[
            ("at", whole("The number of answers before it.")),
            ("reason", text("Why, in its words.")),
            ("distribution", list(chance)),
            ("mindset", mindset),
            ("repaired", json!({ "type": "boolean", "description": "Whether it had to be asked a second time." })),
            ("stood_in", text("Why the built-in side answered in its place.")),
            ("who", text("Who answered, where it was no language model.")),
        ],
    );
    remark["required"] = json!(["at"]);
    remark
}

/// Where the session stood, and its other branches.
fn place() -> Value {
    let left = json!({
        "type": "array", "prefixItems": [{ "type": "integer", "minimum": 0 }, { "type": "integer", "minimum": 0 }],
        "minItems": 2, "maxItems": 2,
        "description": "The branch that it left, and at which moment; none for the original.",
    });
    let name = |about: &str| whole(&format!("{about}; 0 is the original."));
    let mut tape = object(
        "A branch beside the run.",
        &[
            ("branch", name("Its name")),
            ("origin", left.clone()),
            ("changes", list(refer("changed"))),
            ("answers", list(refer("answer"))),
            ("remarks", list(remark())),
            ("interview", interview()),
        ],
    );
    tape["required"] = json!(["branch", "answers"]);
    let mut place = object(
        "Where the session stood when the run was saved.",
        &[
            ("branch", name("The branch that the run is of")),
            ("origin", left),
            ("moment", whole("The moment looked at: the number of answers before it.")),
            ("others", list(tape)),
        ],
    );
    place["required"] = json!(["branch", "moment"]);
    place
}

fn interview() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let rating =
        json!({ "type": "integer", "minimum": 1, "maximum": 5, "description": "From 1 (bad) to 5 (very good)." });
    object(
        "What the user said after the session.",
        &[("stay", text("Why it stayed.")), ("leave", text("Why it left.")), ("rating", rating)],
    )
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn or_null(value: Value) -> Value {
    json!({ "oneOf": [{ "type": "null" }, value] })
}

fn whole(about: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": about })
}

fn number(about: &str) -> Value {
    json!({ "type": "number", "description": about })
}

fn share(about: &str) -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1, "description": about })
}

/// An object with just these fields, all of them required.
fn object(about: &str, fields: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    let required: Vec<&str> = fields.iter().map(|(n, _)| *n).collect();
    json!({
        "type": "object", "description": about, "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

fn numbers(about: &str, fields: &[(&str, &str)]) -> Value {
    let fields: Vec<(&str, Value)> = fields.iter().map(|(n, a)| (*n, number(a))).collect();
    object(about, &fields)
}

/// An object whose one field says which of some things it is.
fn tagged(name: &str, value: Value) -> Value {
    object("", &[(name, value)])
}

fn changed() -> Value {
    let spec = scenario_value()["properties"]["recommender"].clone();
    let change = json!({ "oneOf": [
        tagged("recommender", spec),
        tagged("instructions", json!({ "type": "boolean" })),
        tagged("seed", json!({ "type": "string", "pattern": "^[0-9]{1,20}$" })),
    ]});
    object(
        "Something that is different from a moment on.",
        &[("at", whole("The number of answers before it.")), ("change", change)],
    )
}

fn answer() -> Value {
    let mut slate = object(
        "A slate.",
        &[
            ("items", list(whole("An item's place in the catalogue, from 0."))),
            ("trace", refer("trace")),
            ("by", refer("by")),
        ],
    );
    slate["required"] = json!(["items"]);
    let mut review = object("What the user did with an item.", &[("reaction", refer("reaction")), ("by", refer("by"))]);
    review["required"] = json!(["reaction"]);
    let verdicts = json!({ "oneOf": [{ "enum": ["continue", "leave"] }, tagged("instruct", refer("instruction"))] });
    let mut verdict =
        object("What the user does at the end of a slate.", &[("verdict", verdicts), ("by", refer("by"))]);
    verdict["required"] = json!(["verdict"]);
    let mut ask = object("A question about what was said.", &[("question", refer("question")), ("by", refer("by"))]);
    ask["required"] = json!(["question"]);
    let words = json!({ "type": "string", "description": "Empty where the question was let pass." });
    let mut reply = object("What the user answers to a question.", &[("words", words), ("by", refer("by"))]);
    reply["required"] = json!(["words"]);
    json!({
        "description": "One answer to what the session asked.",
        "oneOf": [
            tagged("slate", slate), tagged("ask", ask), tagged("reply", reply), tagged("review", review),
            tagged("verdict", verdict),
        ],
    })
}

fn reaction() -> Value {
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let mut out = object(
        "What the user did with one item.",
        &[
            ("examined", flag("Whether the user looked at it at all.")),
            ("clicked", flag("Whether the user opened it.")),
            ("seconds", json!({ "type": "number", "minimum": 0, "description": "Seconds spent on it." })),
            ("liked", flag("Whether the user liked it.")),
            ("shared", flag("Whether the user shared it.")),
            ("commented", flag("Whether the user commented on it.")),
            ("followed", flag("Whether the user followed its creator.")),
            ("left", flag("Whether the user left here, in the middle of the slate.")),
        ],
    );
    // What is left out did not happen.
    out["required"] = json!([]);
    out
}

fn instruction() -> Value {
    let mut out = object(
        "What the user says, or shows, on the verge of leaving.",
        &[
            ("channel", json!({ "enum": ["explicit", "implicit"] })),
            ("specificity", json!({ "enum": ["specific", "vague"] })),
            ("words", json!({ "type": "string", "description": "Empty when implicit." })),
            ("frame", or_null(refer("frame"))),
            ("reason", or_null(refer("term"))),
        ],
    );
    out["required"] = json!(["channel", "specificity", "words"]);
    out
}

fn frame() -> Value {
    let topics = || list(whole("A topic's place in the catalogue's list."));
    let mut out = object(
        "What an instruction means; the user's secret.",
        &[
            (
                "ask",
                json!({ "enum": ["more", "less", "avoid", "switch", "shorter", "longer", "mood", "better", "surprise"] }),
            ),
            ("toward", topics()),
            ("away", topics()),
            ("creator", or_null(whole("A creator's place in the catalogue's list."))),
            ("max_s", or_null(number("The longest duration wanted, seconds."))),
            ("mood", or_null(json!({ "enum": MOODS }))),
            ("keep", whole("A creator who stays welcome where the topic is not.")),
            ("like", whole("An item seen before that what is wanted should be like.")),
            ("holds", json!({ "enum": ["moment", "while", "session"], "description": "For how long it is meant." })),
            ("strength", share("How much it matters.")),
        ],
    );
    out["required"] = json!(["ask", "strength"]);
    out
}

fn trace() -> Value {
    let mut step = object(
        "A sentence, and the numbers it was made from.",
        &[
            ("text", json!({ "type": "string" })),
            (
                "data",
                list(json!({
                    "type": "array", "prefixItems": [{ "type": "string" }, { "type": ["number", "null"] }],
                    "minItems": 2, "maxItems": 2,
                })),
            ),
        ],
    );
    step["required"] = json!(["text"]);
    object(
        "What the recommender did and why.",
        &[
            ("perceive", list(step.clone())),
            ("plan", list(step.clone())),
            ("act", list(step.clone())),
            ("remember", list(step)),
        ],
    )
}

fn question() -> Value {
    let topic = || whole("A topic's place in the catalogue's list.");
    let offer = json!({
        "description": "What the answer would mean.",
        "oneOf": [
            { "enum": ["shorter", "better", "new"] }, tagged("more", topic()), tagged("rest", topic()),
            tagged("mood", json!({ "enum": MOODS })),
        ],
    });
    let text = |about: &str| json!({ "type": "string", "maxLength": MOST_WORDS, "description": about });
    let choice = object("An answer that it offers.", &[("words", text("As the question says it.")), ("offer", offer)]);
    object(
        "A short question back.",
        &[
            ("text", text("The question.")),
            ("options", json!({ "type": "array", "items": choice, "minItems": 1, "maxItems": MOST_OPTIONS })),
            ("worth", number("What asking is expected to be worth, less what it costs, in units of reward.")),
        ],
    )
}

fn turn() -> Value {
    let reply =
        json!({ "type": "string", "description": "Empty where it was let pass; absent while it is waited for." });
    let mut asked = object("A question about the instruction.", &[("question", refer("question")), ("reply", reply)]);
    asked["required"] = json!(["question"]);
    let mut turn = object(
        "One turn, whole.",
        &[
            ("turn", whole("Its number, from 0.")),
            ("slate", list(refer("shown"))),
            ("trace", or_null(refer("trace"))),
            ("slate_by", refer("by")),
            ("instruction", or_null(refer("instruction"))),
            ("asked", asked),
            (
                "met",
                json!({
                    "type": ["boolean", "null"],
                    "description": "Whether the slate met the instruction at the end of the turn before.",
                }),
            ),
            ("parts", refer("parts")),
            ("reward", number("The weighted reward.")),
            ("ndcg", share("NDCG of the slate against the user's true utility.")),
            ("diversity", share("Mean dissimilarity within the slate.")),
            ("state", refer("state")),
        ],
    );
    if let Some(needed) = turn["required"].as_array_mut() {
        needed.retain(|name| name != "asked");
    }
    turn
}

fn shown() -> Value {
    let appraisal = object(
        "How the user came to the action.",
        &[
            ("terms", refer("terms")),
            ("usual", refer("terms")),
            ("utility", number("The sum of the terms: the logit of the click before its threshold.")),
            ("click_chance", share("The chance of a click.")),
            ("felt", number("What it felt like once opened, in the unit of utility.")),
            ("leave_forecast", share("The user's forecast of leaving after it.")),
        ],
    );
    object(
        "One item of a slate.",
        &[
            ("item", whole("The item's place in the catalogue, from 0.")),
            ("reaction", or_null(refer("reaction"))),
            ("appraisal", or_null(appraisal)),
            ("relevance", number("The user's true utility of it when the slate was shown.")),
        ],
    )
}

fn state() -> Value {
    object(
        "The user's hidden state.",
        &[
            ("mindset", json!({ "type": "array", "items": { "type": "number" }, "minItems": DIM, "maxItems": DIM })),
            ("satisfaction", share("Satisfaction.")),
            ("boredom", share("Boredom with what was just shown.")),
            ("energy", share("Energy.")),
            ("trust", share("Trust in the recommender.")),
            ("seconds_left", number("Seconds left of the time budget.")),
            ("leave_forecast", share("The user's forecast of leaving.")),
            ("return_chance", share("The chance of returning the next day if the session ended now.")),
        ],
    )
}

fn metrics() -> Value {
    let mut fields = vec![
        ("reward", number("The sum of rewards.")),
        ("parts", refer("parts")),
        ("seconds", number("Seconds spent on opened items.")),
        ("return_chance", share("Chance of returning the next day.")),
        ("return_days", number("Expected days until the return.")),
        ("ndcg", share("Mean NDCG.")),
        ("diversity", share("Mean diversity within slates.")),
        ("diversity_across", share("Mean dissimilarity between consecutive slates.")),
        ("coverage", share("Share of the catalogue's topics shown.")),
        ("satisfaction", share("Mean satisfaction.")),
    ];
    let counts = [
        ("turns", "Turns begun."),
        ("clicks", "Clicks."),
        ("likes", "Likes."),
        ("shares", "Shares."),
        ("comments", "Comments."),
        ("follows", "Follows."),
        ("issued", "Instructions issued."),
        ("explicit", "Of those, in words."),
        ("met", "Instructions met."),
        ("answered", "Instructions that a slate followed."),
    ];
    fields.extend(counts.map(|(n, a)| (n, whole(a))));
    object("What the session amounts to.", &fields)
}
