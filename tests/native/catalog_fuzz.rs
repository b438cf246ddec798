//! Whatever bytes come in, importers answer: with a whole catalogue, or with an error that says something.

use proptest::prelude::*;
use recoworld::catalog::{
    Catalog, MAX_ITEMS,
    import::{self, File, ImportError, Mapping, Unit},
    represent::text,
    store,
};

fn check(bytes: Vec<u8>, mapping: Option<Mapping>) {
    let files = || vec![File { name: "any".into(), bytes: bytes.clone() }];
    match import::import(files(), mapping) {
        Ok((catalog, report)) => {
            assert_eq!(report.items, catalog.shelf.items.len());
            assert!(report.rejected <= report.items);
            check_whole(&catalog);
            check_round_trip(&catalog);
        }
        Err(error) => check_error(&error),
    }
    match import::people(files().remove(0)) {
        Ok(p) => assert!(!p.people.is_empty() && p.people.iter().all(|p| !p.profile.name.is_empty())),
        Err(error) => check_error(&error),
    }
}

fn check_error(error: &ImportError) {
    assert!(error.what.len() > 10 && error.fix.len() > 4, "{error}");
    assert!(error.problems.len() <= import::MAX_PROBLEMS);
}

fn check_whole(c: &Catalog) {
    let n = c.shelf.items.len();
    assert!((1..=MAX_ITEMS).contains(&n) && c.shelf.topics.len() <= import::MAX_TOPICS);
    assert!(c.truth.vectors.len() == n && c.truth.quality.len() == n && c.truth.lure.len() == n);
    for item in &c.shelf.items {
        assert!(item.duration_s > 0.0 && item.duration_s.is_finite());
        assert!(!item.topics.is_empty() && item.topics.iter().all(|t| usize::from(*t) < c.shelf.topics.len()));
        assert!((item.creator as usize) < c.shelf.creators.len());
        assert!(item.rating.is_none_or(|r| (1.0..=5.0).contains(&r)) && (0.0..=1.0).contains(&item.popularity));
        assert!(!item.title.is_empty() && item.title.chars().count() <= 300);
        assert!(!item.title.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)));
    }
    let numbers = c.truth.vectors.iter().flatten().chain(&c.truth.quality).chain(&c.truth.lure);
    assert!(numbers.copied().all(f32::is_finite));
    assert!(text::features(&c.shelf).rows.iter().flatten().all(|x| x.is_finite()));
}

fn check_round_trip(c: &Catalog) {
    let loaded = store::load(&store::save(c)).unwrap_or_else(|e| panic!("{e}"));
    assert!(loaded.untouched && &loaded.catalog == c);
}

/// Text that looks like a file of some kind, with faults.
fn almost_a_file() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => "[a-zA-Z ]{0,12}",
        2 => "-?[0-9]{1,5}(\\.[0-9]{0,3})?",
        1 => "[0-9]{1,2}:[0-9]{2}",
        1 => Just("NaN".to_string()),
        1 => Just("\"".to_string()),
        1 => Just("\"a, b\"".to_string()),
        1 => Just("PT1M".to_string()),
        1 => Just("['x', 'y']".to_string()),
        1 => Just("1e308".to_string()),
        1 => ".{0,8}",
    ];
    let separator = prop_oneof![Just(","), Just(";"), Just("\t"), Just("|"), Just("::")];
    let header = prop_oneof![
        Just(vec!["id", "title", "genres", "duration"]),
        Just(vec!["title", "topics", "rating", "votes"]),
        Just(vec!["name", "age", "interests", "patience"]),
        Just(vec!["userId", "movieId", "rating", "timestamp"]),
        Just(vec!["a", "b", "c", "d"]),
    ];
    let delimited = (separator, header, prop::collection::vec(prop::collection::vec(cell.clone(), 3..6), 0..12))
        .prop_map(|(separator, header, rows)| {
            let lines = rows.iter().map(|r| r.join(separator));
            std::iter::once(header.join(separator)).chain(lines).collect::<Vec<_>>().join("\n")
        });
    let keys = prop_oneof![
        Just("title"),
        Just("name"),
        Just("genres"),
        Just("duration"),
        Just("rating"),
        Just("interests"),
        Just("traits"),
        Just("id")
    ];
    let leaf = prop_oneof![
        cell.clone().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<Option<bool>>().prop_map(serde_json::Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((keys.clone(), inner), 0..5).prop_map(|l| l
                .into_iter()
                .map(|(k, v)| (k.to_string(), v))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    });
    let json =
        (prop::collection::vec(value, 0..8), 0usize..4, any::<prop::sample::Index>()).prop_map(|(list, form, cut)| {
            let mut text = match form {
                0 => serde_json::Value::from(list).to_string(),
                1 => serde_json::json!({"n": 1, "items": list}).to_string(),
                2 => list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
                _ => serde_json::Value::from(list).to_string(),
            };
            if form == 3 && !text.is_empty() {
                let mut at = cut.index(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                text.truncate(at);
            }
            text
        });
    prop_oneof![delimited, json].prop_map(String::into_bytes)
}

fn any_mapping() -> impl Strategy<Value = Option<Mapping>> {
    let column = || prop::option::of(prop_oneof![Just("title"), Just("id"), Just("genres"), Just("a"), Just("x.y")]);
    let mapping =
        (column(), column(), column(), column(), any::<f32>()).prop_map(|(title, id, topics, duration, default)| {
            let own = |c: Option<&str>| c.map(String::from);
            Mapping {
                title: own(title),
                id: own(id),
                topics: own(topics),
                duration: own(duration),
                duration_unit: Unit::Minutes,
                default_duration_s: Some(default),
                ..Mapping::default()
            }
        });
    prop::option::weighted(0.2, mapping)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(bytes, None);
    }

    #[test]
    fn any_text_is_answered(text in "[\\[\\]{}\":,;|\\n\\t a-z0-9.-]{0,300}", mapping in any_mapping()) {
        check(text.into_bytes(), mapping);
    }

    #[test]
    fn files_with_faults_are_answered(bytes in almost_a_file(), mapping in any_mapping()) {
        check(bytes, mapping);
    }

    #[test]
    fn a_saved_catalogue_with_a_byte_changed_is_answered(at in any::<prop::sample::Index>(), byte: u8) {
        let (catalog, _) = import::import(
            vec![File { name: "x".into(), bytes: b"title,topics,rating\nA,Travel,3\nB,Cooking,4\nC,Travel|Cooking,5\n".to_vec() }],
            None,
        ).expect("loads");
        let mut bytes = store::save(&catalog).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check(bytes, None);
    }
}

mod long {
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200_000))]

        #[test]
        #[ignore = "the long version of the tests above"]
        fn files_with_faults_are_answered(bytes in almost_a_file(), mapping in any_mapping()) {
            check(bytes, mapping);
        }

        #[test]
        #[ignore = "the long version of the tests above"]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            check(bytes, None);
        }
    }
}
