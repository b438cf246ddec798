//! Scenario files and links under hostile and random input.

use proptest::prelude::*;
use recoworld::scenario::{FIELDS, Scenario, fields::Kind, format_link, parse_link, registry};

/// A field with a text that it takes.
fn change() -> impl Strategy<Value = (String, String)> {
    (0..FIELDS.len(), 0.0..=1.0f64, "[^\\x00-\\x1f\\x7f-\\x9f]{0,30}", any::<u64>()).prop_filter_map(
        "fields that stand alone",
        |(i, share, text, seed)| {
            let f = &FIELDS[i];
            if f.only_with() == Some("imported")
                || ["schema", "id", "title", "catalog.kind", "candidates"].contains(&f.path)
            {
                return None;
            }
            let name = if text.trim().is_empty() { "Cooking" } else { text.trim() };
            let value = match f.kind {
                Kind::Text { .. } => text.clone(),
                Kind::Texts { .. } => serde_json::to_string(&[&text, "a,b", ""]).ok()?,
                Kind::Number { min, max, .. } | Kind::Numbers { min, max, .. } => {
                    (min + (max - min) * share).to_string()
                }
                Kind::Whole { min, max, .. } => (min + (f64::from(max - min) * share) as u32).to_string(),
                Kind::Flag => (share > 0.5).to_string(),
                Kind::Choice(options) => options[(share * (options.len() - 1) as f64) as usize].0.to_owned(),
                Kind::Seed => seed.to_string(),
            };
            Some((f.path.replace('*', name), value))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_link_opens_the_same_scenario(changes in proptest::collection::vec(change(), 0..12), preset in 0..8usize, at in 0..5000usize) {
        let mut s = registry::presets()[preset].clone();
        for (path, text) in &changes {
            s.set(path, text).unwrap_or_else(|e| panic!("{path}={text}: {e}"));
        }
        let link = format_link(&s, at);
        let back = parse_link(&link).unwrap_or_else(|e| panic!("{link}: {e}"));
        prop_assert_eq!(&back.scenario, &s);
        prop_assert_eq!(back.moment, at);
        prop_assert_eq!(Scenario::from_json(&s.to_json()).expect("its own text"), s);
    }

    #[test]
    fn bytes_of_any_kind_never_panic(text in ".{0,300}") {
        let _ = Scenario::from_json(&text);
        let _ = parse_link(&text);
    }

    #[test]
    fn a_damaged_preset_never_panics_and_says_where(at in 0..1000usize, to in ".{0,3}", preset in 0..8usize) {
        let text = registry::presets()[preset].to_json();
        let at = text.char_indices().map(|(i, _)| i).nth(at).unwrap_or(0);
        let next = at + text[at..].chars().next().map_or(0, char::len_utf8);
        let damaged = format!("{}{to}{}", &text[..at], &text[next..]);
        if let Err(e) = Scenario::from_json(&damaged) {
            prop_assert!(!e.what.is_empty());
            prop_assert!(e.to_string().len() < 2000, "{}", e);
        }
    }
}
