//! Catalogues that a person brings to the runner of the page's sessions: read in slices, played over, refused with a reason.

use crate::support::desk::{Desk, scene};

use recoworld::{
    catalog::{
        import::{File, import},
        represent::{
            gallery::Gallery,
            raster::{COLUMNS, Pixels, ROWS},
        },
    },
    llm::picture,
    scenario::{CatalogSpec, registry},
    worker::{Command, Event, ImportCommand, ImportEvent, import::ImportKind},
};

/// The small catalogue that the import tests bring.
fn csv(rows: usize) -> Vec<u8> {
    let mut text = String::from("title,genre,minutes\n");
    for i in 0..rows {
        text.push_str(&format!("Film {i} <script>,{},{}\n", ["Drama", "Comedy", "Nature"][i % 3], 80 + i % 40));
    }
    text.into_bytes()
}

fn bring(desk: &mut Desk, bytes: &[u8]) {
    let files = vec![("films.csv".to_owned(), bytes.len() as u64)];
    desk.start(Command::Import(ImportCommand::Begin { kind: ImportKind::Items, files }));
    for part in bytes.chunks(700) {
        desk.start(Command::Import(ImportCommand::Slice { file: 0, bytes: part.to_vec() }));
    }
}

fn last_import(desk: &Desk) -> ImportEvent {
    let last = desk.others.iter().rev().find_map(|e| match e {
        Event::Import(i) => Some(i.clone()),
        _ => None,
    });
    last.expect("a word about the import")
}

#[test]
fn a_catalogue_is_imported_in_slices_and_a_session_held_over_it() {
    let mut desk = Desk::open();
    bring(&mut desk, &csv(120));
    desk.tell(Command::Import(ImportCommand::End));
    let ImportEvent::Preview(preview) = last_import(&desk) else { panic!("{:?}", last_import(&desk)) };
    assert_eq!((preview.taken, preview.skipped, preview.errors_total), (120, 0, 0));
    assert_eq!(preview.mapping["topics"], "genre");
    desk.tell(Command::Import(ImportCommand::Accept { name: "Films".into() }));
    let ImportEvent::Accepted { digest, count, usual_duration_s, mapping, .. } = last_import(&desk) else { panic!() };
    assert_eq!(count, 120);
    assert!((80.0 * 60.0..120.0 * 60.0).contains(&usual_duration_s), "{usual_duration_s}");

    let mut scenario = registry::default_preset();
    scenario.persona.interests.clear();
    scenario.profile.declared.clear();
    scenario.minutes = 600.0;
    scenario.catalog = CatalogSpec::Imported { name: "Films".into(), digest: digest.clone() };
    desk.tell(Command::Open(Box::new(scenario)));
    assert_eq!(desk.refused(), None);
    assert_eq!(desk.now().catalog_items, 120);
    assert!(desk.now().slate[0].card.item.title.contains("<script>"), "as it is: the page shows it as text");

    // A new worker gets the same bytes, mapping and name, accepted without waiting: the same catalogue, the same session.
    let save = desk.save.clone().expect("a save");
    let mut after = Desk::new();
    bring(&mut after, &csv(120));
    after.start(Command::Import(ImportCommand::Map(mapping)));
    after.start(Command::Import(ImportCommand::Accept { name: "Films".into() }));
    after.tell(Command::Resume(Box::new(save)));
    assert_eq!(after.refused(), None);
    assert_eq!(scene(after.now()), scene(desk.now()));
}

#[test]
fn items_show_their_own_pictures_where_they_were_brought_and_the_rest_are_drawn() {
    let pixels = Pixels { rgb: vec![[200, 30, 30]; COLUMNS * ROWS] };
    let file = picture::png(&pixels).expect("a picture");
    let (catalog, _) = import(vec![File { name: "films.csv".into(), bytes: csv(120) }], None).expect("is read");
    let mut gallery = Gallery::default();
    let even: Vec<u32> = (0..60).map(|i| 2 * i).collect();
    assert!(gallery.take(&catalog.shelf, &even, "red.png", Ok(&file)));
    let mut scenario = registry::default_preset();
    scenario.persona.interests.clear();
    scenario.profile.declared.clear();
    let bring_with = |desk: &mut Desk, pictures: Vec<u8>| {
        bring(desk, &csv(120));
        desk.start(Command::Import(ImportCommand::End));
        desk.start(Command::Import(ImportCommand::Pictures(pictures)));
        desk.tell(Command::Import(ImportCommand::Accept { name: "Films".into() }));
        let ImportEvent::Accepted { digest, .. } = last_import(desk) else { panic!("{:?}", last_import(desk)) };
        CatalogSpec::Imported { name: "Films".into(), digest }
    };
    let photos = |desk: &Desk| {
        let cards = desk.now().slate.iter().map(|s| &s.card);
        let all = cards.map(|c| (c.ix, c.photo.clone())).collect::<Vec<_>>();
        assert!(all.iter().all(|(_, p)| p.is_empty() || p.starts_with("data:image/png;base64,")), "{all:?}");
        all.into_iter().map(|(ix, photo)| (ix % 2 == 0, !photo.is_empty())).collect::<Vec<_>>()
    };
    let mut desk = Desk::open();
    scenario.catalog = bring_with(&mut desk, Vec::new());
    desk.tell(Command::Open(Box::new(scenario.clone())));
    assert!(photos(&desk).iter().all(|(_, own)| !own), "none was brought");
    // They come later: the same scenario opened again has them.
    bring_with(&mut desk, gallery.to_bytes());
    desk.tell(Command::Open(Box::new(scenario)));
    assert_eq!(desk.refused(), None);
    let told = photos(&desk);
    assert!(told.iter().all(|(even, own)| even == own), "{told:?}");
    assert!(told.iter().any(|(_, own)| *own), "{told:?}");
}

#[test]
fn a_session_over_items_that_are_not_here_says_so() {
    let mut desk = Desk::open();
    let before = scene(desk.now());
    let mut scenario = registry::default_preset();
    scenario.catalog = CatalogSpec::Imported { name: "Gone".into(), digest: "0123456789abcdef".into() };
    desk.tell(Command::Open(Box::new(scenario)));
    assert!(desk.refused().expect("refused").contains("Import them first"));
    assert_eq!(scene(desk.now()), before);
}

#[test]
fn a_file_that_is_no_catalogue_is_refused_with_a_reason() {
    let mut desk = Desk::open();
    bring(&mut desk, b"[{\"title\": \"broken off");
    desk.tell(Command::Import(ImportCommand::End));
    let ImportEvent::Failed { errors } = last_import(&desk) else { panic!("{:?}", last_import(&desk)) };
    assert!(!errors[0].message.is_empty());
    desk.tell(Command::Import(ImportCommand::Accept { name: "x".into() }));
    assert!(desk.refused().is_some());
}

#[test]
fn a_column_that_cannot_be_used_leaves_the_others_to_choose_from() {
    let mut desk = Desk::open();
    let rows: String = (0..30).map(|i| format!("{i},Film {i},90\n")).collect();
    bring(&mut desk, format!("id,title,length\n{rows}").as_bytes());
    desk.tell(Command::Import(ImportCommand::End));
    let map = |desk: &mut Desk, column: &str| {
        let columns = [("title", "title"), ("duration", column)].map(|(f, c)| (f.to_owned(), c.to_owned()));
        desk.tell(Command::Import(ImportCommand::Map(columns.into_iter().collect())));
        match last_import(desk) {
            ImportEvent::Preview(preview) => preview,
            other => panic!("{other:?}"),
        }
    };
    let wrong = map(&mut desk, "title");
    assert_eq!((wrong.taken, wrong.columns.len()), (0, 3));
    assert!(wrong.errors[0].message.contains("choose other columns"), "{:?}", wrong.errors[0]);
    assert!(wrong.errors[1].line.is_some() && wrong.errors[1].field.contains("duration"), "{:?}", wrong.errors[1]);
    let right = map(&mut desk, "length");
    assert_eq!(right.taken, 30);
    assert!(right.notes.iter().any(|n| n.starts_with("topics: ")), "{:?}", right.notes);
}
