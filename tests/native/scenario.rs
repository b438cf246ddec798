//! Scenario files: what is read, what is refused and in which words, and what survives a round trip.

use recoworld::scenario::{
    FIELDS, Scenario, ScenarioError,
    fields::{Kind, field},
    format_link, format_plain_link, parse_link, parse_plain_link, registry,
};

fn preset_text() -> String {
    registry::default_preset().to_json()
}

fn error(text: &str) -> String {
    Scenario::from_json(text).expect_err("a bad scenario").to_string()
}

fn with(old: &str, new: &str) -> String {
    let text = preset_text();
    assert!(text.contains(old), "the preset no longer holds {old}");
    text.replacen(old, new, 1)
}

#[test]
fn presets_are_read_are_distinct_and_survive_a_round_trip() {
    let presets = registry::presets();
    assert!(presets.len() >= 6);
    for p in &presets {
        assert_eq!(&Scenario::from_json(&p.to_json()).expect("its own text"), p);
        p.validate().expect("valid");
    }
    let ids: std::collections::BTreeSet<_> = presets.iter().map(|p| &p.id).collect();
    assert_eq!(ids.len(), presets.len());
}

#[test]
fn a_short_file_gets_the_defaults() {
    let text = r#"{"schema":"recoworld/scenario-v1","id":"mine/Short-v0","title":"Short",
        "catalog":{"kind":"synthetic"},"recommender":{"name":"random"}}"#;
    let s = Scenario::from_json(text).expect("a short scenario");
    assert_eq!((s.slate_size, s.horizon, s.seed.as_str()), (8, 60, "7"));
    assert_eq!(s.reward, recoworld::session::RewardSpec::default());
    assert_eq!(s.persona, recoworld::user::Persona::default());
}

#[test]
fn a_wrong_value_is_named_with_its_line_and_its_limits() {
    let e = Scenario::from_json(&with("\"patience\": 0.5", "\"patience\": 1.7")).expect_err("out of range");
    assert_eq!(e.field, "persona.traits.patience");
    let (line, _) = e.place.expect("a place");
    let text = with("\"patience\": 0.5", "\"patience\": 1.7");
    assert!(text.lines().nth(line - 1).expect("that line").contains("patience"));
    assert!(e.to_string().contains("is 1.7; allowed are 0 to 1"), "{e}");
    assert!(error(&with("\"horizon\": 60", "\"horizon\": 0")).contains("whole number from 1 to 1000"));
    assert!(error(&with("\"seed\": \"7\"", "\"seed\": 7")).contains("in double quotes"));
    assert!(error(&with("\"Travel\": 0.9", "\"Travel\": 3")).contains("`persona.interests.Travel` is 3"));
}

#[test]
fn a_slip_in_a_name_is_met_with_the_right_name() {
    let e = error(&with("slate_size", "slate_szie"));
    assert!(e.contains("`slate_szie` is not a field. Did you mean `slate_size`?"), "{e}");
    let e = error(&with("\"place\": \"commute\"", "\"place\": \"comute\""));
    assert!(e.contains("Did you mean `commute`?"), "{e}");
    let e = registry::find("ComuteFeed").expect_err("no such preset").to_string();
    assert!(e.contains("Did you mean `recoworld/CommuteFeed-v0`?"), "{e}");
    assert_eq!(registry::find("film night").expect("by title").id, "recoworld/FilmNight-v0");
    assert_eq!(registry::find("coldstart").expect("by short name").id, "recoworld/ColdStart-v0");
}

#[test]
fn other_versions_and_other_files_say_what_they_are() {
    let e = error(&with("scenario-v1", "scenario-v2"));
    assert!(e.contains("newer version (scenario-v2)") && e.contains("reads v1"), "{e}");
    assert!(error(&with("recoworld/scenario-v1", "other/thing")).contains("another kind"));
    assert!(error("[1, 2]").contains("object in braces"));
    assert!(error("{\"schema\": ").contains("not JSON"));
    assert!(error("").contains("not JSON"));
}

#[test]
fn what_json_cannot_hold_and_what_is_too_much_is_refused() {
    assert!(error(&with("25.0", "NaN")).contains("line "));
    assert!(error(&with("25.0", "1e999")).contains("not JSON"));
    assert!(error(&with("25.0", "null")).contains("empty (null)"));
    assert!(error(&with("\"Dana\"", &format!("\"{}\"", "x".repeat(5000)))).contains("has 5000 characters; at most 80"));
    assert!(error(&with("\"Dana\"", &format!("\"{}\"", "x".repeat(10_000_000)))).contains("at most 1000000"));
    assert!(error(&with("\"Dana\"", "\"Da\\u0007na\"")).contains("control character"));
    assert!(error(&with("\"horizon\": 60", "\"horizon\": 60, \"horizon\": 61")).contains("given twice"));
    assert!(error(&"[".repeat(100_000)).contains("not JSON"));
}

#[test]
fn a_slate_longer_than_the_catalogue_is_refused() {
    let mut s = registry::default_preset();
    s.set("catalog.items", "20").expect("few items");
    s.set("slate_size", "20").expect("a long slate");
    s.validate().expect("just fits");
    s.set("candidates", "10").expect("settable");
    assert!(
        s.validate().expect_err("fewer candidates than the slate").to_string().contains("fewer than a slate of 20")
    );
}

#[test]
fn a_number_made_in_code_that_is_none_is_refused() {
    let mut s = registry::default_preset();
    s.minutes = f32::NAN;
    assert_eq!(s.validate().expect_err("NaN").field, "minutes");
}

#[test]
fn set_reaches_every_field_and_get_reads_it_back() {
    for f in FIELDS {
        let mut s = registry::default_preset();
        if f.only_with() == Some("imported") {
            s.set("catalog.kind", "imported").expect("another kind");
        }
        let path = f.path.replace('*', "Cooking");
        let text = match f.kind {
            Kind::Text { .. } if f.path == "schema" => "recoworld/scenario-v1".to_owned(),
            Kind::Text { .. } => "mine/Other-v3".to_owned(),
            Kind::Texts { .. } => "Science,Music".to_owned(),
            Kind::Number { min, max, .. } | Kind::Numbers { min, max, .. } => (min + (max - min) * 0.25).to_string(),
            Kind::Whole { max, .. } => (max / 2).to_string(),
            Kind::Flag => "false".to_owned(),
            Kind::Choice(options) => options[options.len() - 1].0.to_owned(),
            Kind::Seed => u64::MAX.to_string(),
        };
        s.set(&path, &text).unwrap_or_else(|e| panic!("{path}={text}: {e}"));
        assert_eq!(s.get(&path).as_deref(), Some(text.as_str()), "{path}");
        assert_eq!(field(&path).map(|(g, _)| g.path), Some(f.path));
    }
}

#[test]
fn set_reads_what_people_write_and_leaves_the_scenario_alone_when_it_cannot() {
    let mut s = registry::default_preset();
    s.set("context.minute", "07:30").expect("a time");
    s.set("instructions", "off").expect("a flag");
    s.set("persona.interests.Travel", "").expect("an interest taken away");
    assert_eq!((s.context.minute, s.instructions, s.get("persona.interests.Travel")), (450, false, None));
    let before = s.clone();
    for (path, text) in [("slate_size", "0"), ("minutes", "inf"), ("context.minute", "25:00"), ("seed", "-1")] {
        let e: ScenarioError = s.set(path, text).expect_err(path);
        assert_eq!(e.field, path);
        assert_eq!(s, before);
    }
    let e = s.set("slatesize", "3").expect_err("no such field").to_string();
    assert!(e.contains("Did you mean `slate_size`?"), "{e}");
}

#[test]
fn links_carry_a_preset_its_changes_the_seed_and_the_moment() {
    let mut s = registry::find("FilmNight").expect("a preset");
    s.set("slate_size", "4").expect("settable");
    s.set("persona.interests.Science fiction", "-0.25").expect("settable");
    s.set("about", "a & b = c #1 + ü").expect("settable");
    s.set("seed", "18446744073709551615").expect("settable");
    let link = format_link(&s, 12);
    assert!(link.starts_with("scenario=recoworld/FilmNight-v0&seed=18446744073709551615&at=12&"), "{link}");
    let back = parse_link(&format!("#{link}")).expect("its own link");
    assert_eq!((back.scenario, back.moment), (s, 12));
    assert!(parse_link("scenario=nothing").is_err());
    assert!(parse_link("slate_size=99").expect_err("out of range").to_string().contains("1 to 20"));
    assert_eq!(parse_link("").expect("an empty link").scenario, registry::default_preset());
}

#[test]
fn the_published_schemas_are_what_this_build_writes() {
    use recoworld::scenario::schema;
    for (name, current) in
        [("scenario", schema::scenario()), ("trajectory", schema::trajectory()), ("env", schema::env())]
    {
        let path = format!("{}/schemas/{name}-v1.json", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &current).expect("writes the schema");
        }
        let committed = std::fs::read_to_string(&path).expect("the committed schema");
        assert!(committed == current, "schemas/{name}-v1.json is old: write `recoworld schema {name}` into it");
    }
}

#[test]
fn the_schema_takes_every_preset_and_refuses_what_the_reader_refuses() {
    let schema = serde_json::from_str(&recoworld::scenario::schema::scenario()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    for p in registry::presets() {
        let errors: Vec<_> = validator.iter_errors(&json(&p.to_json())).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", p.id);
    }
    for (old, new) in [
        ("slate_size", "slate_szie"),
        ("\"patience\": 0.5", "\"patience\": 1.7"),
        ("\"synthetic\"", "\"imported\""),
        ("\"seed\": \"7\"", "\"seed\": 7"),
        ("scenario-v1", "scenario-v2"),
    ] {
        let text = with(old, new);
        assert!(!validator.is_valid(&json(&text)), "the schema takes {new}");
        assert!(Scenario::from_json(&text).is_err(), "the reader takes {new}");
    }
}

#[test]
fn a_link_to_a_preset_is_the_same_where_no_more_than_that_is_known() {
    for preset in registry::presets() {
        let s = Scenario { seed: "18446744073709551615".into(), ..preset };
        let link = format_plain_link(&s, 12).expect("only the seed was changed");
        assert_eq!(link, format_link(&s, 12));
        assert_eq!(parse_plain_link(&link), parse_link(&link).ok(), "{link}");
    }
    for link in ["", "#scenario=giftshop&_x=1", "?seed=7", "scenario=Bored+on+the+commute&at=3&seed=%207"] {
        assert!(parse_plain_link(link).is_some(), "{link}");
        assert_eq!(parse_plain_link(link), parse_link(link).ok(), "{link}");
    }
    // What else there is, is left to those who know: what is wrong with it is theirs to say, too.
    for link in ["slate_size=5", "scenario=nothing", "seed=-1", "seed=007", "seed=x", "at=soon", "seed", "scenario"] {
        assert_eq!(parse_plain_link(link), None, "{link}");
    }
    let mut changed = registry::default_preset();
    changed.set("slate_size", "5").expect("settable");
    assert_eq!(format_plain_link(&changed, 0), None);
    changed.id = "mine/Own-v0".into();
    assert_eq!(format_plain_link(&changed, 0), None);
}

#[test]
fn weights_have_the_limits_that_scenarios_have() {
    for weight in [-100.5, -100.0, 0.0, 100.0, 101.0, f64::INFINITY, f64::NAN] {
        let mut s = registry::default_preset();
        s.reward.likes = weight;
        assert_eq!(s.reward.out_of_limits().is_none(), s.validate().is_ok(), "{weight}");
    }
}
