//! Importing catalogues and people: what comes in, and what is said about what does not.

use recoworld::{
    catalog::{
        Catalog,
        import::{self, File, Importer, Mapping, Report, Severity, Unit},
        store, synthetic, truth,
    },
    math,
    scenario::CatalogStyle,
};

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { name: name.into(), bytes: bytes.into() }
}

fn load(text: &str) -> (Catalog, Report) {
    import::import(vec![file("items.txt", text)], None).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(bytes: impl Into<Vec<u8>>) -> import::ImportError {
    import::import(vec![file("items.txt", bytes)], None).expect_err("refused")
}

fn topics(c: &Catalog, item: usize) -> Vec<&str> {
    c.shelf.items[item].topics.iter().map(|t| c.shelf.topics[usize::from(*t)].as_str()).collect()
}

#[test]
fn csv_with_any_separator_is_recognised() {
    for s in [",", ";", "\t", "|"] {
        let text = ["id,title,genre,length", "a,Slow ferries,Travel,90", "b,\"Dumplings, twice\",Cooking,1:30"]
            .map(|l| l.replace(',', s).replace(&format!("Dumplings{s} twice"), "Dumplings, twice"))
            .join("\r\n");
        let (c, report) = load(&text);
        assert_eq!(c.shelf.items.len(), 2, "{s}: {report:?}");
        assert_eq!(c.shelf.items[1].title, "Dumplings, twice");
        assert_eq!(c.shelf.items.iter().map(|i| i.duration_s).collect::<Vec<_>>(), [90.0, 90.0]);
        assert_eq!(topics(&c, 0), ["Travel"]);
        assert_eq!(c.shelf.items[0].id, "a");
    }
}

#[test]
fn json_comes_as_array_object_or_lines() {
    let a = r#"{"name": "Slow ferries", "tags": ["Travel", "Sea"], "duration": "PT1M30S", "meta": {"stars": 4}}"#;
    let b = r#"{"name": "Dumplings", "tags": "Cooking|Travel", "duration": "2 min", "meta": {"stars": "3.5"}}"#;
    for text in [
        format!("[{a},\n{b}]"),
        format!("{{\"version\": 3, \"about\": {{\"x\": [1]}}, \"items\": [{a}, {b}]}}"),
        format!("{{\n\"movies\":\n[\n{a}\n,\n{b}\n]}}"),
        format!("{a}\n\n{b}\n"),
    ] {
        let mapping = Mapping {
            title: Some("name".into()),
            topics: Some("tags".into()),
            duration: Some("duration".into()),
            quality: Some("meta.stars".into()),
            ..Mapping::default()
        };
        let (c, report) =
            import::import(vec![file("x", text.clone())], Some(mapping)).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!((c.shelf.items.len(), report.rejected), (2, 0));
        assert_eq!((topics(&c, 0), topics(&c, 1)), (vec!["Travel", "Sea"], vec!["Cooking", "Travel"]));
        assert_eq!(c.shelf.items.iter().map(|i| i.duration_s).collect::<Vec<_>>(), [90.0, 120.0]);
        assert_eq!(c.shelf.items[1].rating, Some(3.5));
    }
}

#[test]
fn durations_are_read_in_every_usual_form() {
    for (written, seconds) in [
        ("90", 90.0),
        ("1:30", 90.0),
        ("0:01:30", 90.0),
        ("1:02:03", 3723.0),
        ("123 min", 7380.0),
        ("2h 3m", 7380.0),
        ("\"1 hour, 5 minutes\"", 3900.0),
        ("90s", 90.0),
        ("1500 ms", 1.5),
        ("PT2H3M", 7380.0),
        ("PT45S", 45.0),
        ("P1DT1S", 86_401.0),
        ("\"1,5\"", 1.5),
    ] {
        let (c, report) = load(&format!("title,duration\nA,{written}\n"));
        assert_eq!(c.shelf.items[0].duration_s, seconds, "{written}: {report:?}");
    }
    let minutes = "title,Running Time min\nA,100\nB,90\n";
    assert_eq!(load(minutes).0.shelf.items[0].duration_s, 6000.0, "a header's unit counts");
    let mapping = Mapping {
        title: Some("t".into()),
        duration: Some("d".into()),
        duration_unit: Unit::Hours,
        default_duration_s: Some(77.0),
        ..Mapping::default()
    };
    let (c, _) = import::import(vec![file("x", "t,d\nA,2\nB,\nC,0\n")], Some(mapping)).expect("loads");
    assert_eq!(c.shelf.items.iter().map(|i| i.duration_s).collect::<Vec<_>>(), [7200.0, 77.0, 77.0]);
}

#[test]
fn bad_rows_are_left_out_and_told_by_line_and_field() {
    let text = "id,title,duration,rating\n1,A,10,4\n2,,10,4\n3,C,-5,4\n4,D,NaN,4\n1,E,10,4\n6,F,10,good\n7,G,soon,4\n8,H,10\n9,I,1e99,3\n10,J,inf,3\n11,K,10,NaN\n\
                12,L,10,3\n13,M,10,3\n14,N,10,3\n15,O,10,3\n16,P,10,3\n17,Q,10,3\n18,R,10,3\n19,S,10,3\n20,T,10,3\n";
    let (c, report) = load(text);
    assert_eq!((c.shelf.items.len(), report.rejected), (10, 10));
    let errors: Vec<(u64, &str)> = report
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Error)
        .map(|p| (p.line.unwrap_or(0), p.field.as_deref().unwrap_or("")))
        .collect();
    let expected = [
        (3, "title"),
        (4, "duration"),
        (5, "duration"),
        (6, "id"),
        (7, "quality (rating)"),
        (8, "duration"),
        (9, ""),
        (10, "duration"),
        (11, "duration"),
        (12, "quality (rating)"),
    ];
    assert_eq!(errors, expected);
    assert!(report.problems.iter().all(|p| !p.what.is_empty() && !p.fix.is_empty()));
}

#[test]
fn a_file_that_is_mostly_bad_is_refused_whole() {
    let error = refused("title,duration\nA,10\nB,-1\nC,-1\n");
    assert!(error.what.contains("2 of 3"), "{error}");
    assert_eq!(error.problems[0].line, Some(3));
    assert!(refused("title,duration\nB,-1\n").what.contains("no items"));
    assert!(refused("").what.contains("empty"));
    assert!(refused(" \n\n ").what.contains("empty"));
    assert!(refused("title,duration\n").what.contains("no items"));
    assert!(refused("[]").what.contains("no items"), "{}", refused("[]"));
    assert!(refused("[1, 2, 3]").to_string().len() > 10);
    assert!(refused(b"PK\x03\x04rest".to_vec()).what.contains("zip"));
    assert!(refused("{\"schema\": \"recoworld/scenario-v1\"}").what.contains("scenario-v1"));
}

#[test]
fn broken_json_names_its_line_and_loads_nothing() {
    let error = refused("[\n{\"title\": \"A\"},\n{\"title\": \"B\"},\n{\"title\": \n oops},\n{\"title\": \"D\"}\n]");
    assert_eq!(error.problems.last().and_then(|p| p.line), Some(5), "{error}");
    let cut = refused("[{\"title\": \"A\"},\n{\"title\": \"B\"}");
    assert!(cut.to_string().contains("closed"), "{cut}");
    for (json, line, what) in [
        ("[{\"title\": \"A\"},\n{\"title\": \"B\"},\n]", 3, "after the last"),
        ("[{\"title\": \"A\"},\n,{\"title\": \"B\"}]", 2, "Two commas"),
        ("[\n,{\"title\": \"A\"}]", 2, "before the first"),
        ("[{\"title\": \"A\"}\n{\"title\": \"B\"}]", 2, "missing between"),
        ("[{\"title\": \"A\"}]\n[{\"title\": \"B\"}]", 1, "follows the end"),
    ] {
        let error = refused(json);
        assert!(error.problems[0].what.contains(what), "{json}: {error}");
        assert_eq!(error.problems[0].line, Some(line), "{json}: {error}");
    }
    let (c, report) = load("{\"title\": \"A\"}\n{\"title\": \"B\"}\n{\"title\": oops}\n");
    assert_eq!((c.shelf.items.len(), report.rejected), (2, 1));
    assert_eq!(report.problems[0].line, Some(3));
}

#[test]
fn json_that_is_no_list_of_items_is_refused_by_name() {
    for value in ["null", "42", "\"x\""] {
        assert!(refused(value).to_string().contains("single JSON value"), "{value}");
    }
    assert!(refused("{}").to_string().contains("no fields"));
}

#[test]
fn a_quotation_mark_never_closed_is_noticed() {
    let mut text = String::from("title,text\n\"A,b\n");
    (0..100).for_each(|i| text.push_str(&format!("Row {i},c\n")));
    let error = refused(text);
    assert!(error.problems[0].fix.contains("quotation mark"), "{error}");
}

#[test]
fn texts_of_other_encodings_are_read() {
    let text = "title,genre\nCafé Åland,Reise\n";
    let bom: Vec<u8> = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let le: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let be: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    for (bytes, encoding) in [(bom, "UTF-8"), (le, "UTF-16"), (be, "UTF-16"), (latin, "Latin-1")] {
        let (c, report) = import::import(vec![file("x.csv", bytes)], None).expect("loads");
        assert_eq!(c.shelf.items[0].title, "Café Åland");
        assert_eq!(report.encoding, encoding);
        assert_eq!(report.problems.iter().any(|p| p.what.contains("Line 2")), encoding == "Latin-1");
    }
    let windows = b"title\nDon\x92t \x93look\x94 \x80 5\n".to_vec();
    let (c, report) = import::import(vec![file("x.tsv", windows)], None).expect("loads");
    assert_eq!((c.shelf.items[0].title.as_str(), report.encoding.as_str()), ("Don’t “look” € 5", "Windows-1252"));
}

/// A table of films in ASCII.
fn films() -> String {
    let rows: String = (0..12).map(|i| format!("Film {i},Drama,{} min\n", 10 + i)).collect();
    format!("title,topics,duration\n{rows}")
}

fn utf16(text: &str, mark: &[u8], unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect()
}

#[test]
fn utf16_without_its_mark_or_with_the_wrong_one_is_refused_in_words() {
    let (le, be) = ([0xff, 0xfe], [0xfe, 0xff]);
    let no_mark = "without a byte-order mark";
    let wrong = "says the wrong order";
    let chinese = "電影,主題\n七人の侍,戯曲\n".repeat(20);
    for (bytes, part) in [
        (utf16(&films(), &[], u16::to_le_bytes), no_mark),
        (utf16(&films(), &[], u16::to_be_bytes), no_mark),
        (utf16("Slow ferries", &[], u16::to_le_bytes), no_mark),
        (utf16(&films(), &be, u16::to_le_bytes), wrong),
        (utf16(&films(), &le, u16::to_be_bytes), wrong),
        (utf16(&chinese, &be, u16::to_le_bytes), wrong),
        (utf16(&chinese, &[], u16::to_le_bytes), no_mark),
        ([&le[..], films().as_bytes()].concat(), "8-bit text"),
        ([&be[..], films().as_bytes()].concat(), "8-bit text"),
        ([&b"\xef\xbb\xbf"[..], &utf16(&films(), &[], u16::to_le_bytes)].concat(), no_mark),
        (films().chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(), "zero byte"),
        ([&le[..], &[0, 0]].concat(), "UTF-32"),
    ] {
        let error = refused(bytes.clone());
        assert!(error.what.contains(part) && error.fix.contains("UTF-8"), "{part}: {error}");
        let error = import::people(file("people.csv", bytes)).expect_err("refused");
        assert!(error.what.contains(part), "{part}: {error}");
    }
    // With the right mark, the same texts are films.
    for text in [films(), chinese] {
        for bytes in [utf16(&text, &le, u16::to_le_bytes), utf16(&text, &be, u16::to_be_bytes)] {
            let (c, report) = import::import(vec![file("x.csv", bytes)], None).expect("loads");
            assert!(report.encoding == "UTF-16" && c.shelf.items.len() > 10);
        }
    }
}

#[test]
fn what_is_no_text_is_refused_and_never_one_item() {
    // Noise without zero bytes, the same every time.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24).max(1) as u8
    })
    .take(4000)
    .collect();
    for (bytes, part) in [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "a picture"),
        (b"GIF89a\x10\0".to_vec(), "a picture"),
        ([&b"7z\xbc\xaf\x27\x1c"[..], &noise].concat(), "archive"),
        (noise.clone(), "control characters"),
        ([&b"\xff\xfe"[..], &noise].concat(), "no text"),
        (vec![0; 5], "zero byte"),
        (b"\x01\x02\x03\x04\xfe\x80".repeat(5), "control characters"),
        (b"\x01\x02\x03a".to_vec(), "control characters"),
        (films().replace("Film 3", "Fi\0lm 3").into_bytes(), "line 5 holds a zero byte"),
        ([films().as_bytes(), &[0; 500]].concat(), "zero byte"),
        (b"<!DOCTYPE html><html><body><p>404, not found</p></body></html>\n".to_vec(), "a web page"),
        (b"<?xml version=\"1.0\"?><items><item>a</item></items>".to_vec(), "XML"),
    ] {
        let error = refused(bytes);
        assert!(error.what.contains(part), "{part}: {error}");
    }
    // A stray control character is cleaned away, and accents of Latin-1 are text.
    let (c, _) = load(&films().replace("Film 3", "Fi\u{7}lm 3"));
    assert_eq!(c.shelf.items[3].title, "Film 3");
    let (c, report) = load("title,topics\n<script>x</script>,A\n");
    assert_eq!((c.shelf.items.len(), report.rejected), (1, 0));
}

#[test]
fn a_file_without_one_good_row_says_why_instead_of_asking_for_a_column() {
    for (text, what, problem) in [
        ("[]", "no items", None),
        ("{\"items\": []}", "no items", None),
        ("[1, \"a\"]", "no items", Some("not an object")),
        ("[{\"title\": \"\\ud800x\"}, {\"title\": \"b\"}]", "beyond line 1", Some("malformed in column 19")),
        ("[\n  {\"title\": 1,}]", "beyond line 2", Some("malformed in column 15")),
        ("[[[[[[[[", "beyond line 1", Some("malformed")),
    ] {
        let error = refused(text);
        assert!(error.what.contains(what), "{text}: {error}");
        match problem {
            Some(part) => assert!(error.problems[0].what.contains(part), "{text}: {error}"),
            None => assert!(error.problems.is_empty(), "{text}: {error}"),
        }
    }
    let cut = refused("[{\"title\": \"a\"}, {\"title\": \"b\"");
    assert!(cut.problems[0].fix.contains("cut off") && cut.problems[0].what.contains("column 30"), "{cut}");
}

#[test]
fn a_table_of_far_too_many_columns_is_refused_at_once() {
    let header: Vec<String> = (0..100_000).map(|i| format!("c{i}")).collect();
    let error = refused(format!("{}\n{}\n", header.join(","), vec!["1"; 100_000].join(",")));
    assert!(error.what.contains("100000 columns"), "{error}");
}

#[test]
fn a_last_quotation_mark_never_closed_takes_no_rows_along() {
    let error = refused("id,title\n1,\"A\n2,B\n3,C\n");
    assert_eq!(error.problems[0].line, Some(2), "{error}");
    assert!(error.problems[0].what.contains("never closed"), "{error}");
    // Marks that are closed may hold line ends, also in the last row.
    let (c, report) = load("id,title\n1,A\n2,\"B\n\"\"twice\"\"\"\n");
    assert_eq!((c.shelf.items[1].title.as_str(), report.rejected), ("B \"twice\"", 0));
}

#[test]
fn hostile_text_is_safe_to_show() {
    let long = "x".repeat(10 << 20);
    let items = serde_json::json!([
        {"title": "<script>alert(1)</script>", "image": "javascript:alert(1)"},
        {"title": "\u{202e}evil\u{2066}\u{0007} \n\t twice\u{200f}", "image": "https://example.org/a.png"},
        {"title": long, "text": long, "image": "https://example.org/\"><b>"},
    ]);
    let (c, report) = load(&items.to_string());
    let titles: Vec<&str> = c.shelf.items.iter().map(|i| i.title.as_str()).collect();
    assert_eq!(titles[..2], ["<script>alert(1)</script>", "evil twice"]);
    assert_eq!((titles[2].len(), c.shelf.items[2].text.len()), (300, 2000));
    let images: Vec<Option<&str>> = c.shelf.items.iter().map(|i| i.image.as_deref()).collect();
    assert_eq!(images, [None, Some("https://example.org/a.png"), None]);
    for field in ["title", "text", "image"] {
        assert!(report.problems.iter().any(|p| p.field.as_deref() == Some(field) && p.severity == Severity::Notice));
    }
}

#[test]
fn rare_topics_beyond_sixty_four_go_under_other() {
    let mut text = String::from("title,topics\n");
    for i in 0..200 {
        text.push_str(&format!("Item {i},Topic {}\n", if i < 120 { i % 40 } else { i }));
    }
    let (c, report) = load(&text);
    assert_eq!(c.shelf.topics.len(), 64);
    assert_eq!(c.shelf.topics.last().map(String::as_str), Some("Other"));
    assert_eq!((topics(&c, 0), topics(&c, 199)), (vec!["Topic 0"], vec!["Other"]));
    assert!(report.problems.iter().any(|p| p.what.contains("120 topics")), "{:?}", report.problems);
}

#[test]
fn missing_fields_are_filled_and_said() {
    let (c, report) =
        load("title,genre,duration,director\nA,,60,\nB,Drama,,Kim\nC,drama|DRAMA,80,kim\nD,Drama,100,Kim\n");
    assert_eq!(topics(&c, 0), ["Other"]);
    assert_eq!(topics(&c, 2), ["Drama"], "letter case does not part topics");
    assert_eq!(c.shelf.items[1].duration_s, 80.0, "the median");
    assert_eq!(c.shelf.creators, ["Unknown", "Kim"]);
    assert!(report.problems.iter().any(|p| p.field.as_deref() == Some("duration") && p.line == Some(3)));
    assert!(report.problems.iter().any(|p| p.field.as_deref() == Some("topics") && p.line == Some(2)));
}

#[test]
fn a_file_without_a_header_still_loads() {
    let (c, report) = load("1,Slow ferries,120\n2,Dumplings,90\n");
    assert_eq!(c.shelf.items.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["Slow ferries", "Dumplings"]);
    assert!(report.problems.iter().any(|p| p.what.contains("header")));
    let (c, _) = load("Slow ferries\nDumplings\nOld trams\n");
    assert_eq!(c.shelf.items.len(), 3);
}

#[test]
fn the_mapping_can_be_changed_and_a_wrong_one_is_told() {
    let text = "title,other title,k\nA,B,Travel\n";
    let mut mapping = Importer::new(vec![file("x", text)], None).expect("opens").look().mapping.clone();
    mapping.title = Some("other title".into());
    mapping.topics = Some("k".into());
    let (c, report) = import::import(vec![file("x", text)], Some(mapping.clone())).expect("loads");
    assert_eq!((c.shelf.items[0].title.as_str(), topics(&c, 0)), ("B", vec!["Travel"]));
    assert_eq!(report.mapping, mapping);
    mapping.creator = Some("nobody".into());
    let error = import::import(vec![file("x", text)], Some(mapping)).expect_err("refused");
    assert!(error.what.contains("nobody") && error.fix.contains("other title"), "{error}");
}

#[test]
fn movielens_small_comes_with_its_ratings() {
    let movies = "movieId,title,genres\n1,Toy Story (1995),Adventure|Animation|Children\n2,\"American President, The (1995)\",Comedy|Drama\n3,Nobody's,(no genres listed)\n";
    let ratings = "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n2,1,5.0,964982703\n1,2,3.5,964981247\n";
    let tags = "userId,movieId,tag,timestamp\n2,1,pixar,1445714994\n";
    let files = vec![file("tags.csv", tags), file("ratings.csv", ratings), file("movies.csv", movies)];
    let (c, report) = import::import(files, None).expect("loads");
    assert_eq!(c.shelf.items.len(), 3, "{report:?}");
    assert_eq!((c.shelf.items[0].rating, c.shelf.items[0].popularity), (Some(4.5), 1.0));
    assert_eq!((c.shelf.items[1].rating, c.shelf.items[1].popularity), (Some(3.5), 0.5));
    assert_eq!((c.shelf.items[2].rating, c.shelf.items[2].popularity), (None, 0.0));
    assert_eq!(topics(&c, 2), ["Other"]);
    let alone = import::import(vec![file("ratings.csv", ratings)], None).expect_err("refused");
    assert!(alone.fix.contains("movies.csv"), "{alone}");
}

#[test]
fn movielens_100k_and_1m_are_recognised_by_their_shape() {
    let flags = |on: &[usize]| (0..19).map(|i| if on.contains(&i) { "|1" } else { "|0" }).collect::<String>();
    let mut items = b"1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/1".to_vec();
    items.extend(flags(&[3, 4, 5]).bytes());
    items.extend(b"\n2|Mis\xe9rables, Les|01-Jan-1995||http://us.imdb.com/M/2");
    items.extend(flags(&[8, 12]).bytes());
    let data = "196\t1\t3\t881250949\n186\t2\t5\t891717742\n22\t1\t1\t878887116\n";
    let (c, report) = import::import(vec![file("u.data", data), file("u.item", items)], None).expect("loads");
    assert_eq!(report.format, "MovieLens u.item");
    assert_eq!(c.shelf.items[1].title, "Misérables, Les");
    assert_eq!((topics(&c, 0), topics(&c, 1)), (vec!["Animation", "Children's", "Comedy"], vec!["Drama", "Musical"]));
    assert_eq!((c.shelf.items[0].rating, c.shelf.items[1].rating), (Some(2.0), Some(5.0)));
    let movies = "1::Toy Story (1995)::Animation|Comedy\n2::Jumanji (1995)::Adventure\n";
    let ratings = "1::1::5::978300760\n1::2::3::978302109\n";
    let (c, report) =
        import::import(vec![file("movies.dat", movies), file("ratings.dat", ratings)], None).expect("loads");
    assert_eq!((report.format.as_str(), c.shelf.items.len()), ("MovieLens movies.dat", 2));
    assert_eq!((topics(&c, 0), c.shelf.items[0].rating), (vec!["Animation", "Comedy"], Some(5.0)));
}

#[test]
fn three_thousand_real_films_come_in_with_the_suggested_mapping() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/vega-datasets/data/movies.json");
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: npm's vega-datasets is not installed");
        return;
    };
    let (c, report) = import::import(vec![file("movies.json", bytes)], None).unwrap_or_else(|e| panic!("{e}"));
    let m = &report.mapping;
    for (column, expected) in [
        (&m.title, "Title"),
        (&m.topics, "Major Genre"),
        (&m.creator, "Director"),
        (&m.duration, "Running Time min"),
        (&m.quality, "IMDB Rating"),
        (&m.popularity, "IMDB Votes"),
    ] {
        assert_eq!(column.as_deref(), Some(expected));
    }
    assert_eq!((report.items, report.rejected), (3200, 1), "one film has no title");
    assert_eq!(c.shelf.topics.len(), 13, "12 genres and Other");
    assert!(c.shelf.items.iter().all(|i| i.duration_s >= 40.0 * 60.0 && i.duration_s < 300.0 * 60.0));
    assert!(c.shelf.items.iter().filter(|i| i.rating.is_some()).count() > 2900);
    assert!(report.problems.iter().any(|p| p.severity == Severity::Error && p.line.is_some()));
}

#[test]
fn the_assumed_truth_follows_the_file() {
    let mut text = String::from("title,topics,rating,votes\n");
    for i in 0..400 {
        let (topic, loud) =
            (["Travel", "Cooking", "Comedy"][i % 3], if i % 10 == 0 { "YOU MUST see this!!! " } else { "" });
        text.push_str(&format!("{loud}Item {i} of {topic},{topic},{},{}\n", i * 7 % 41, i * 13 % 97));
    }
    let (c, _) = load(&text);
    let (mut qr, mut ql, mut loud, mut quiet) = (0.0, 0.0, 0.0, 0.0);
    let ratings: Vec<f32> = c.shelf.items.iter().filter_map(|i| i.rating).collect();
    let mean = ratings.iter().sum::<f32>() / 400.0;
    let deviation = (ratings.iter().map(|r| (r - mean) * (r - mean)).sum::<f32>() / 400.0).sqrt();
    for (i, item) in c.shelf.items.iter().enumerate() {
        let t = &c.truth;
        qr += t.quality[i] * (item.rating.unwrap_or(mean) - mean) / deviation / 400.0;
        ql += t.quality[i] * t.lure[i] / 400.0;
        *(if item.title.starts_with("YOU") { &mut loud } else { &mut quiet }) += t.lure[i];
        let own = math::dot(&t.vectors[i], &t.topics[usize::from(item.topics[0])]);
        assert!(own > 0.8, "an item lies near its topic");
    }
    assert!((0.8..0.97).contains(&qr) && ql.abs() < 0.01, "rating {qr}, lure {ql}");
    assert!(loud / 40.0 > quiet / 360.0 + 1.0, "loud titles lure: {loud} {quiet}");
    assert_eq!(c.truth, truth::of(&c.shelf));
}

#[test]
fn slices_give_what_one_go_gives_and_tell_how_far_they_are() {
    let mut text = String::from("title,topics,duration\n");
    (0..2500).for_each(|i| text.push_str(&format!("Item {i},Topic {},{}\n", i % 9, i + 1)));
    let mut importer = Importer::new(vec![file("x", text.clone())], None).expect("opens");
    let mut shares = Vec::new();
    loop {
        let p = importer.step(400);
        shares.push(p.share);
        if p.done {
            break;
        }
    }
    assert!(shares.len() >= 6 && shares.is_sorted(), "{shares:?}");
    assert_eq!(importer.finish().expect("loads"), import::import(vec![file("x", text)], None).expect("loads"));
}

#[test]
fn too_many_items_are_refused() {
    let mut text = String::from("title\n");
    (0..100_001).for_each(|i| text.push_str(&format!("Item {i}\n")));
    assert!(refused(text).what.contains("more than 100000"));
}

#[test]
fn problems_beyond_two_hundred_are_counted() {
    let mut text = String::from("title,duration\n");
    (0..1000).for_each(|i| text.push_str(&format!("Item {i},{}\n", if i % 3 == 0 { "-1" } else { "5" })));
    let (_, report) = load(&text);
    assert_eq!((report.rejected, report.problems.len()), (334, 200));
    assert!(report.more_problems >= 134);
}

#[test]
fn a_catalogue_comes_back_from_its_file_as_it_was() {
    let (imported, report) = load("title,topics,rating\nA,Travel,3.3333\nB,Cooking|Travel,4.1\n");
    let generated = synthetic::make(CatalogStyle::Clips, 300, 5);
    for catalog in [&imported, &generated] {
        let text = store::save(catalog);
        let loaded = store::load(&text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(&loaded.catalog, catalog);
        assert!(loaded.untouched);
        let (again, _) = import::import(vec![file("c.json", text)], None).expect("the importer reads it too");
        assert_eq!(&again, catalog);
    }
    assert_eq!(report.digest, store::digest(&imported.shelf));
    assert!(!store::save(&imported).contains("\"truth\""), "what follows from the shelf is not stored");
}

#[test]
fn files_of_other_versions_and_broken_ones_say_so() {
    let (catalog, _) = load("title\nA\nB\n");
    let text = store::save(&catalog);
    let newer = store::load(&text.replace("catalog-v1", "catalog-v7")).expect_err("refused");
    assert!(newer.what.contains("newer"), "{newer}");
    let worse = text.replace("\"duration_s\":600.0", "\"duration_s\":-1.0");
    assert!(store::load(&worse).expect_err("refused").what.contains("duration"));
    assert!(store::load(&text[..text.len() / 2]).is_err());
    let other = store::load(&text.replace("\"title\":\"A\"", "\"title\":\"A\u{202e}!\"")).expect("loads");
    assert!(!other.untouched && other.catalog.shelf.items[0].title == "A!");
}

#[test]
fn people_come_from_json_and_csv() {
    let json = r#"{"people": [
        {"name": "Mira", "age": 34, "about": "Nurse", "declared": ["Travel"], "interests": {"Travel": 0.8, "Sports": -0.5}, "traits": {"patience": 0.9}},
        {"profile": {"name": "Jonas", "age": 61, "declared": []}, "persona": {"interests": {"Jazz": 1}, "variety": 0.2}},
        {"name": "Ana", "patience": 3}
    ]}"#;
    let p = import::people(file("p.json", json)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((p.people.len(), p.rejected), (2, 1));
    assert_eq!((p.problems[0].line, p.problems[0].field.as_deref()), (Some(4), Some("patience")));
    let mira = &p.people[0];
    assert_eq!((mira.profile.age, mira.profile.declared.as_slice()), (34, ["Travel".to_string()].as_slice()));
    assert_eq!(mira.persona.interests["Sports"], -0.5);
    assert_eq!((mira.persona.traits.patience, mira.persona.traits.warmth), (0.9, 0.5));
    assert_eq!((p.people[1].profile.name.as_str(), p.people[1].persona.variety), ("Jonas", 0.2));
    let csv =
        "Name;Age;About;Interests;Curiosity\nMira;34;Nurse;Travel:0.8|Sports:-0.5;0.7\nBad;200;;;\nJonas;;;Jazz;\n";
    let p = import::people(file("p.csv", csv)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((p.people.len(), p.problems[0].line, p.problems[0].field.as_deref()), (2, Some(3), Some("age")));
    assert_eq!(p.people[0].persona.interests["Travel"], 0.8);
    assert_eq!(p.people[0].persona.traits.curiosity, 0.7);
    assert!(import::people(file("p", "name,age\n,3\n")).is_err());
    assert!(import::people(file("p", "")).is_err());
}

#[test]
#[ignore = "a measurement: run in release"]
#[allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn how_long_importing_takes() {
    let c = synthetic::make(CatalogStyle::Clips, 100_000, 1);
    let mut csv = String::from("id,title,text,topics,creator,duration,rating\n");
    let mut lines = Vec::new();
    for (i, item) in c.shelf.items.iter().enumerate() {
        let names = topics(&c, i);
        let creator = &c.shelf.creators[item.creator as usize];
        let rating = item.rating.map_or(String::new(), |r| r.to_string());
        csv.push_str(&format!(
            "{i},\"{}\",\"{}\",{},{creator},{},{rating}\n",
            item.title,
            item.text,
            names.join("|"),
            item.duration_s
        ));
        lines.push(serde_json::json!({"id": i, "title": item.title, "text": item.text, "topics": names, "creator": creator, "duration": item.duration_s, "rating": item.rating}));
    }
    let json = serde_json::Value::Array(lines).to_string();
    let saved = store::save(&c);
    for (name, text) in [("csv", csv), ("json", json), ("saved", saved)] {
        let size = text.len() >> 20;
        let start = std::time::Instant::now();
        let mut importer = Importer::new(vec![file("x", text)], None).expect("opens");
        let opened = start.elapsed();
        while !importer.step(2000).done {}
        let stepped = start.elapsed();
        let (c, _) = importer.finish().unwrap_or_else(|e| panic!("{e}"));
        println!(
            "{name} ({size} MB): opened {opened:?}, read {stepped:?}, finished {:?}, {} items",
            start.elapsed(),
            c.shelf.items.len()
        );
    }
}
