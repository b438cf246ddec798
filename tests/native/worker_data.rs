//! The Data page's worker, driven as the page drives it.

use recoworld::{
    catalog::import::{File as Imported, import},
    catalog::store::digest,
    llm::{chat::Reply, dialect::Dialect, fault::Fault},
    scenario::{CatalogSpec, Representation, Scenario, registry},
    worker::{
        data::{
            Desk,
            protocol::{
                Branches, Command, Embedding, Event, File, Grown, MOST_POINTS, Making, Mapped, Measured, ModelReading,
                Near, Opened, Problem, Readings, Studied, Wanted,
            },
        },
        runner::Wake,
    },
};
use std::{cell::Cell, collections::BTreeMap};

#[derive(Default)]
struct Page {
    desk: Desk,
    now: Cell<f64>,
    opened: Option<Opened>,
    maps: Vec<Mapped>,
    making: Option<Making>,
    near: Option<Near>,
    found: Option<(Vec<String>, usize)>,
    branches: Option<Branches>,
    grown: Vec<Grown>,
    studied: Vec<Studied>,
    read: Option<Readings>,
    model_read: Option<ModelReading>,
    measured: Vec<Measured>,
    refused: Option<Problem>,
    wanted: Vec<Wanted>,
    taken: Option<(usize, usize)>,
    album: Option<(String, Vec<u8>)>,
    embedding: Vec<Embedding>,
    calls: Vec<(u32, String)>,
    digest: String,
    kept: Vec<u8>,
    waits: Option<u64>,
}

impl Page {
    fn take(&mut self, events: Vec<Event>) {
        for event in events {
            // What travels must survive the journey.
            match serde_json::from_str(&serde_json::to_string(&event).expect("JSON")).expect("reads back") {
                Event::Making(m) => self.making = Some(m),
                Event::Opened(o) => self.opened = Some(*o),
                Event::Mapped(m) => self.maps.push(*m),
                Event::Near(n) => self.near = Some(*n),
                Event::Found { items, total, .. } => {
                    self.found = Some((items.into_iter().map(|i| i.item.title).collect(), total));
                }
                Event::Branches(b) => self.branches = Some(*b),
                Event::Grown(g) => self.grown.push(g),
                Event::Wanted(w) => self.wanted = w,
                Event::Album { digest, bytes } => self.album = Some((digest, bytes)),
                Event::PictureTaken { done, refused } => self.taken = Some((done, refused)),
                Event::EmbedWith { digest } => self.digest = digest,
                Event::EmbedCall { id, body } => self.calls.push((id, body)),
                Event::EmbedWait { ms } => self.waits = Some(ms),
                Event::Embedding(e) => self.embedding.push(e),
                Event::Embedded { bytes } => self.kept = bytes,
                Event::Studied(s) => self.studied.push(*s),
                Event::Read(r) => self.read = Some(*r),
                Event::ModelCall { id, body } => self.calls.push((id, body)),
                Event::ModelRead(r) => self.model_read = Some(*r),
                Event::Measured(m) => self.measured.push(*m),
                Event::Refused(p) => self.refused = Some(p),
            }
        }
    }

    /// Each look at the clock takes ten milliseconds, so that slices end soon.
    fn say(&mut self, command: Command) -> Wake {
        let mut events = Vec::new();
        let now = &self.now;
        let clock = || {
            now.set(now.get() + 10.0);
            now.get()
        };
        let wake = self.desk.handle(command, &clock, &mut events);
        self.take(events);
        wake
    }

    fn slice(&mut self) -> Wake {
        let mut events = Vec::new();
        let now = &self.now;
        let clock = || {
            now.set(now.get() + 10.0);
            now.get()
        };
        let wake = self.desk.slice(&clock, &mut events);
        self.take(events);
        wake
    }

    fn work(&mut self) -> usize {
        let mut slices = 1;
        while self.slice() == Wake::Soon {
            slices += 1;
        }
        slices
    }

    fn open(scenario: Scenario) -> Self {
        let mut page = Self::default();
        page.say(opening(scenario));
        page
    }
}

fn opening(scenario: Scenario) -> Command {
    let (files, mapping) = (Vec::new(), BTreeMap::new());
    Command::Open { scenario: Box::new(scenario), codebook: 16, files, mapping, pictures: Vec::new() }
}

fn small() -> Scenario {
    let mut scenario = registry::default_preset();
    scenario.set("catalog.items", "300").expect("is a field");
    scenario.horizon = 6;
    scenario
}

#[test]
fn items_are_mapped_under_each_representation_and_have_neighbours_and_codes() {
    let mut page = Page::open(small());
    assert!(page.work() > 10, "the work is cut into slices");
    let opened = page.opened.clone().expect("opened");
    assert_eq!((opened.items, opened.points.len(), opened.note), (300, 300, None));
    let names: Vec<Representation> = page.maps.iter().map(|m| m.representation).collect();
    assert_eq!(names, [Representation::Text, Representation::Multimodal, Representation::SemanticId]);
    for map in &page.maps {
        assert_eq!(map.at.len(), 300);
        assert!(map.at.iter().flatten().all(|x| x.is_finite()) && map.shares[0] >= map.shares[1]);
        assert!(map.cost.bytes > 0.0 && map.cost.tokens > 0.0 && map.cost.ms > 0.0, "{:?}", map.cost);
    }
    assert!(page.maps[2].cost.bytes < page.maps[0].cost.bytes && page.maps[0].cost.bytes < page.maps[1].cost.bytes);
    assert_eq!(page.making.as_ref().map(|m| m.what.as_str()), Some(""));

    page.say(Command::Near(7));
    let near = page.near.take().expect("neighbours");
    assert_eq!((near.item.ix, near.lists.len()), (7, 3));
    for list in &near.lists {
        assert_eq!(list.items.len(), 8);
        assert!(list.items.iter().all(|n| n.item.ix != 7) && list.items.windows(2).all(|w| w[0].cosine >= w[1].cosine));
    }
    assert_ne!(near.lists[0].line, near.lists[2].line);
    page.say(Command::Near(300));
    assert!(page.refused.take().is_some());

    page.say(Command::Find("cooking".to_owned()));
    let (titles, total) = page.found.take().expect("found");
    assert!(total >= titles.len() && !titles.is_empty());
    page.say(Command::Find("no such word at all".to_owned()));
    assert_eq!(page.found.take(), Some((Vec::new(), 0)));

    page.say(Command::Branches(Vec::new()));
    let top = page.branches.take().expect("branches");
    assert_eq!(top.branches.iter().map(|b| b.items).sum::<usize>(), 300);
    assert!(top.branches.iter().all(|b| !b.examples.is_empty() && !b.topics.is_empty()));
    let first = &top.branches[0];
    page.say(Command::Branches(vec![first.number]));
    let below = page.branches.take().expect("branches");
    assert_eq!(below.branches.iter().map(|b| b.items).sum::<usize>(), first.items);
    page.say(Command::Branches(vec![9999; 9]));
    assert_eq!(page.branches.take().map(|b| b.total), Some(0));
}

#[test]
fn a_growing_catalogue_is_worked_out_in_slices_and_can_be_stopped() {
    let mut page = Page::open(small());
    page.say(Command::Grow);
    assert!(page.refused.take().is_some(), "there is nothing to learn codes from yet");
    page.work();
    page.say(Command::Grow);
    assert!(page.work() > 10, "the work is cut into slices");
    let grown = page.grown.last().copied().expect("told");
    let growth = grown.growth.expect("done");
    assert_eq!((grown.share, grown.stopped, growth.items, growth.new), (1.0, false, 300, 150));
    assert!(page.grown.windows(2).all(|w| w[0].share <= w[1].share));
    page.say(Command::Grow);
    page.slice();
    page.say(Command::Stop);
    assert_eq!(page.slice(), Wake::Idle);
    let stopped = page.grown.last().copied().expect("told");
    assert!(stopped.stopped && stopped.growth.is_none());
    page.say(Command::Grow);
    page.work();
    assert_eq!(page.grown.last().and_then(|g| g.growth), Some(growth), "the same again gives the same");
}

#[test]
fn silence_is_read_in_what_was_done_and_where_nothing_was_nothing_is() {
    // In its third turn this user shows impatience without a word.
    let mut scenario = small();
    (scenario.recommender.name, scenario.seed) = ("random".into(), "19".into());
    let mut page = Page::open(scenario);
    page.work();
    let mut read = |words: &str, after: u32| {
        page.say(Command::Read { words: words.into(), after });
        page.read.take().expect("read").levels
    };
    let nothing = "read as: nothing asked";
    assert!(read("", 0).iter().all(|l| l.read_as == nothing && l.nothing));
    let silence = read(" ", 3);
    assert!(silence[..2].iter().all(|l| l.read_as == nothing), "words alone are read there");
    let reasoning = &silence[2];
    assert!(reasoning.read_as.starts_with("read in what was done: "), "{reasoning:?}");
    assert!(!reasoning.beliefs.is_empty() && reasoning.notes[0].starts_with("nothing was said"), "{reasoning:?}");
    assert!(read("more travel", 3)[2].read_as.starts_with("read as: more Travel"));
}

#[test]
fn the_same_users_are_played_under_each_and_a_stop_keeps_what_there_is() {
    let mut page = Page::open(small());
    page.work();
    page.say(Command::Study { episodes: 4, seed: "5".into() });
    page.work();
    let last = page.studied.last().cloned().expect("told");
    assert_eq!((last.progress.done, last.progress.total, last.progress.running), (12, 12, false));
    assert_eq!(last.recommender, "Instruction-following agent");
    assert!(last.rows.iter().all(|r| r.episodes == 4) && last.rows[1].reward_gain.is_some());
    // The same again gives the same, but for the time that it took.
    page.say(Command::Study { episodes: 4, seed: "5".into() });
    page.work();
    let again = page.studied.last().cloned().expect("told");
    assert!(again.rows.iter().zip(&last.rows).all(|(a, b)| a.reward == b.reward && a.clicks == b.clicks));
    page.say(Command::Study { episodes: 500, seed: "6".into() });
    for _ in 0..8 {
        page.slice();
    }
    page.say(Command::Stop);
    assert_eq!(page.slice(), Wake::Idle);
    let stopped = page.studied.last().cloned().expect("told");
    assert!(stopped.progress.stopped && !stopped.progress.running && stopped.progress.done > 0);
    for (episodes, seed) in [(1, "5"), (1_000_000, "5"), (10, "many")] {
        page.say(Command::Study { episodes, seed: seed.into() });
        assert!(page.refused.take().is_some_and(|p| !p.field.is_empty()));
    }
}

#[test]
fn a_model_reads_words_through_the_page_and_is_asked_once_more_at_most() {
    let mut page = Page::open(small());
    page.work();
    let ask = |page: &mut Page| {
        let prompts = Box::default();
        let (words, model) = ("hrmph".to_owned(), "tiny".to_owned());
        page.say(Command::ModelRead { words, after: 2, model, dialect: Dialect::COMMON, prompts });
        page.calls.pop().expect("a call")
    };
    let answer = |page: &mut Page, id, text: &str| {
        let outcome = Ok(Reply { text: text.to_owned(), ..Reply::default() });
        page.say(Command::ModelReply { id, outcome, ms: 1500 });
    };
    let form = r#"{"more":[],"less":[],"avoid":["Cooking"],"keep":[],"not_by":[],"at_most":90,"at_least":0,"mood":"none","better":false,"new":false,"unhappy":false,"turns":6}"#;
    let (first, body) = ask(&mut page);
    assert!(body.contains("hrmph") && body.contains("\"tiny\"") && body.contains("json_schema"), "{body}");
    answer(&mut page, first, "Gladly!");
    let (second, body) = page.calls.pop().expect("another call");
    assert!(body.contains("That cannot be used"), "{body}");
    answer(&mut page, first, form);
    assert!(page.model_read.is_none(), "a late reply is none");
    answer(&mut page, second, form);
    let told = page.model_read.take().expect("read");
    let read = told.reading.expect("a reading");
    assert_eq!((read.level.as_str(), told.calls, told.after, told.words.as_str()), ("language model", 2, 2, "hrmph"));
    assert!(read.ms > 2999.0 && told.tokens > 500 && told.problem.is_empty());
    assert!(read.parts.iter().any(|p| p.0 == "Avoid" && p.1[0].contains("Cooking")), "{read:?}");
    // What cannot be used twice is told, and so is a fault.
    let (id, _) = ask(&mut page);
    answer(&mut page, id, "No.");
    let (id, _) = page.calls.pop().expect("another call");
    answer(&mut page, id, "No!");
    let told = page.model_read.take().expect("told");
    assert!(told.reading.is_none() && told.problem.contains("could not be used"), "{told:?}");
    let (id, _) = ask(&mut page);
    page.say(Command::ModelReply { id, outcome: Err(Fault::Cors), ms: 5 });
    let told = page.model_read.take().expect("told");
    assert!(told.fault == Some(Fault::Cors) && told.problem.contains("CORS"), "{told:?}");
}

#[test]
fn words_are_read_at_every_level_even_before_all_is_made() {
    let mut page = Page::default();
    page.say(Command::Read { words: "more travel".into(), after: 0 });
    assert!(page.refused.take().is_some(), "nothing is open");
    page.say(opening(small()));
    page.slice();
    let words = "no more cooking, but keep the travel clips under three minutes";
    page.say(Command::Read { words: words.into(), after: 2 });
    while page.read.is_none() {
        page.slice();
    }
    let read = page.read.take().expect("read");
    assert!(page.maps.len() < 3, "words do not wait for pictures");
    assert_eq!(read.levels.iter().map(|l| l.level.as_str()).collect::<Vec<_>>(), ["lexical", "semantic", "reasoning"]);
    assert_eq!((read.after, read.slate.is_empty()), (2, false));
    for level in &read.levels {
        let part = |name: &str| level.parts.iter().find(|p| p.0 == name).map(|p| p.1.join(" "));
        assert!(part("Avoid").or_else(|| part("Less")).is_some_and(|v| v.contains("Cooking")), "{level:?}");
        assert_eq!(part("At most").as_deref(), Some("180 s"), "{level:?}");
    }
    page.work();
    page.say(Command::Read { words: "I'm bored".into(), after: 99 });
    let bored = page.read.take().expect("read");
    assert_eq!(bored.after, bored.turns);
    assert!(!bored.levels[2].beliefs.is_empty() && bored.levels[0].beliefs.is_empty());
    for odd in ["", "ʕ•ᴥ•ʔ", "mehr Reisen bitte, weniger Kochen", &"x".repeat(100_001), &"more travel ".repeat(9000)]
    {
        page.say(Command::Read { words: odd.to_owned(), after: 1 });
        let read = page.read.take().expect("read");
        assert!(read.levels.iter().all(|l| l.read_as.starts_with("read as")), "{:?}", read.levels);
        assert!(read.words.len() < 1000);
    }
}

#[test]
fn levels_are_measured_in_slices() {
    let mut page = Page::open(small());
    page.work();
    page.say(Command::Measure { episodes: 3, seed: "9".into() });
    assert!(page.work() > 5);
    let last = page.measured.last().cloned().expect("told");
    assert_eq!((last.progress.done, last.rows.len()), (42, 14));
    assert_eq!(last.rows[0].level, "not heard");
    assert_eq!(last.rows[3].level, "reasoning");
    assert_eq!(last.rows[4].level, "reasoning, asks");
    assert!(last.rows.iter().filter(|r| r.reward_gain.is_some()).count() == 8);
}

#[test]
fn large_catalogues_are_made_in_slices_and_drawn_in_part() {
    let mut scenario = small();
    scenario.set("catalog.items", "6000").expect("is a field");
    let mut page = Page::open(scenario);
    for _ in 0..30 {
        page.slice();
    }
    page.say(Command::Stop);
    assert_eq!(page.slice(), Wake::Idle);
    assert!(page.making.as_ref().is_some_and(|m| m.stopped));
    let made = page.maps.len();
    assert!(made < 3);
    // What is asked for next goes on with it.
    page.say(Command::Study { episodes: 2, seed: "1".into() });
    page.work();
    assert_eq!(page.maps.len(), 3);
    assert!(page.maps.iter().all(|m| m.at.len() <= MOST_POINTS && m.at.len() > MOST_POINTS / 2));
    assert_eq!(page.studied.last().map(|s| s.progress.done), Some(6));
}

/// Answers calls for embeddings as a server would, by what topic the text names; at the most so many.
fn serve(page: &mut Page, most: usize) -> usize {
    let mut served = 0;
    while let Some((id, body)) = page.calls.pop().filter(|_| served < most) {
        let asked: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let texts = asked["input"].as_array().expect("texts");
        let vector = |text: &str| -> Vec<f32> {
            let hash = |word: &str| word.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
            let topics = text.split("Topics: ").nth(1).unwrap_or_default();
            (0..12).map(|k| (hash(topics) >> (2 * k) & 7) as f32 + (hash(text) >> k & 1) as f32 - 3.0).collect()
        };
        let data: Vec<serde_json::Value> = texts
            .iter()
            .enumerate()
            .map(|(i, t)| serde_json::json!({ "index": i, "object": "embedding", "embedding": vector(t.as_str().expect("a text")) }))
            .collect();
        let answer =
            serde_json::json!({ "object": "list", "data": data, "usage": { "prompt_tokens": 10 * texts.len() } });
        page.say(Command::Embedded { id, outcome: Ok(answer.to_string()), ms: 20 });
        served += 1;
    }
    served
}

#[test]
fn texts_embedded_by_a_model_are_compared_with_the_rest() {
    let mut page = Page::open(small());
    page.work();
    page.say(Command::Embed { model: " ".into() });
    assert!(page.refused.take().is_some_and(|p| p.field == "embed"));
    page.say(Command::Embed { model: "a-model".into() });
    assert!(!page.digest.is_empty());
    page.say(Command::EmbedBegin);
    assert_eq!(serve(&mut page, 3), 3);
    // A stop keeps what came, and another try goes on from there.
    page.say(Command::EmbedStop);
    let stopped = page.embedding.last().cloned().expect("told");
    assert!(!stopped.running && stopped.done == 96 && stopped.total == 300, "{stopped:?}");
    page.calls.clear();
    page.say(Command::Embed { model: "a-model".into() });
    page.say(Command::EmbedBegin);
    assert_eq!(serve(&mut page, 99), 7);
    let done = page.embedding.last().cloned().expect("told");
    assert_eq!((done.done, done.dims, done.tokens, done.running, done.kept), (300, 12, 3000, false, false));
    page.work();
    assert_eq!(page.maps.len(), 4);
    let map = &page.maps[3];
    assert_eq!((map.representation, map.model.as_deref()), (Representation::Text, Some("a-model")));
    assert!(map.cost.embedded > 9.9 && map.cost.bytes > page.maps[0].cost.bytes && map.cost.ms > 0.5, "{:?}", map.cost);
    page.say(Command::Near(3));
    let near = page.near.take().expect("neighbours");
    assert_eq!(near.lists[3].model.as_deref(), Some("a-model"));
    page.say(Command::Study { episodes: 3, seed: "5".into() });
    page.work();
    let table = page.studied.last().cloned().expect("told");
    assert_eq!((table.progress.done, table.rows.len()), (12, 4));
    assert_eq!(table.rows[3].title(), "Text by a-model");
    assert!(table.rows[3].reward_gain.is_some() && table.rows[0].reward_gain.is_none());

    // What the page kept of these texts is the same, and asks nobody.
    let kept = page.kept.clone();
    let mut again = Page::open(small());
    again.work();
    again.say(Command::Embed { model: "a-model".into() });
    assert_eq!(again.digest, page.digest);
    again.say(Command::EmbedKept { bytes: kept });
    again.work();
    assert!(again.calls.is_empty() && again.embedding.last().is_some_and(|e| e.kept && e.tokens == 3000));
    assert_eq!(again.maps[3].at, page.maps[3].at);
    again.say(Command::EmbedKept { bytes: vec![1, 2, 3] });
    assert!(again.refused.take().is_some_and(|p| p.field == "embed"));
}

#[test]
fn a_server_that_fails_is_waited_for_or_named() {
    let mut page = Page::open(small());
    page.work();
    page.say(Command::Embed { model: "a-model".into() });
    page.say(Command::EmbedBegin);
    let (id, _) = page.calls.pop().expect("a call");
    page.say(Command::Embedded { id, outcome: Err(Fault::Busy { wait_ms: Some(40) }), ms: 5 });
    assert!(page.waits.take().is_some_and(|ms| ms > 0));
    page.now.set(page.now.get() + 2000.0);
    page.say(Command::EmbedOn);
    let (id, _) = page.calls.pop().expect("the call again");
    page.say(Command::Embedded { id, outcome: Err(Fault::Key { said: "no".into() }), ms: 5 });
    let failed = page.embedding.last().cloned().expect("told");
    assert!(!failed.running && matches!(failed.fault, Some(Fault::Key { .. })));
    assert!(page.calls.is_empty());
    page.say(Command::EmbedBegin);
    assert_eq!(serve(&mut page, 99), 10);
    page.work();
    assert_eq!(page.maps.len(), 4);
}

/// An imported catalogue whose pictures lie in files and at hosts.
fn imported(images: impl Fn(usize) -> String) -> Command {
    let mut text = String::from("title,description,topic,minutes,image\n");
    for i in 0..40 {
        let topic = if i % 2 == 0 { "Wood" } else { "Wool" };
        text += &format!("Thing {i},about number {i},{topic},3,{}\n", images(i));
    }
    let file = Imported { name: "things.csv".into(), bytes: text.clone().into_bytes() };
    let (mut catalog, report) = import(vec![file], None).expect("is read");
    catalog.shelf.name = "Things".into();
    let mut scenario = small();
    scenario.catalog = CatalogSpec::Imported { name: "Things".into(), digest: digest(&catalog.shelf) };
    let mapping: BTreeMap<String, String> = recoworld::catalog::import::FIELDS
        .iter()
        .filter_map(|f| Some((f.name().to_owned(), report.mapping.get(*f)?.to_owned())))
        .chain([("duration_unit".to_owned(), "minutes".to_owned())])
        .collect();
    let files = vec![File { name: "things.csv".into(), bytes: text.into_bytes() }];
    Command::Open { scenario: Box::new(scenario), codebook: 8, files, mapping, pictures: Vec::new() }
}

fn photograph(colour: [u8; 3]) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(300, 200, image::Rgb(colour));
    picture.write_to(&mut file, image::ImageFormat::Jpeg).expect("is written");
    file.into_inner()
}

#[test]
fn pictures_from_a_folder_change_what_is_seen_and_what_fails_is_named() {
    let open = imported(|i| if i < 30 { format!("photos/P{i}.jpg") } else { String::new() });
    let mut page = Page::default();
    page.say(open.clone());
    page.work();
    let before = (page.maps[0].at.clone(), page.maps[1].at.clone());
    let pictures = page.opened.take().and_then(|o| o.pictures).expect("pictures are asked for");
    assert_eq!((pictures.named, pictures.brought, pictures.missing, pictures.hosts.len()), (30, 0, 30, 0));

    page.say(Command::PictureFiles(vec!["things.csv".into(), "holiday.png".into()]));
    assert!(page.refused.take().is_some_and(|p| p.what.contains("None of the 2 files")));
    let names: Vec<String> = (0..28).map(|i| format!("shop/photos/p{i}.JPG")).collect();
    page.say(Command::PictureFiles(names));
    assert_eq!(page.wanted.len(), 28);
    for at in 0..28 {
        let (bytes, problem) = match at {
            3 => (b"<html>not found</html>".to_vec(), String::new()),
            4 => (photograph([9, 9, 9])[..200].to_vec(), String::new()),
            5 => (Vec::new(), "It can no longer be read.".to_owned()),
            _ => (photograph(if at % 3 == 0 { [200, 30, 20] } else { [20, 30, 200] }), String::new()),
        };
        page.say(Command::Picture { at, bytes, problem });
    }
    // What was not asked for, or twice, changes nothing.
    page.say(Command::Picture { at: 3, bytes: photograph([1, 1, 1]), problem: String::new() });
    page.say(Command::Picture { at: 999, bytes: Vec::new(), problem: String::new() });
    assert_eq!(page.taken, Some((28, 3)));
    page.maps.clear();
    page.say(Command::PicturesEnd);
    page.work();
    let pictures = page.opened.take().and_then(|o| o.pictures).expect("told");
    assert_eq!((pictures.brought, pictures.missing), (25, 5));
    assert!(pictures.missing_named.contains(&"photos/P29.jpg".to_owned()), "{:?}", pictures.missing_named);
    let why = |name: &str| pictures.refused.iter().find(|r| r.0.ends_with(name)).map_or("", |r| r.1.as_str());
    assert!(why("p3.JPG").contains("no picture that can be read"), "{pictures:?}");
    assert!(why("p4.JPG").contains("broken or was cut off"), "{pictures:?}");
    assert!(why("p5.JPG").contains("no longer"), "{pictures:?}");
    assert_eq!(page.maps[0].at, before.0, "text is text");
    assert_ne!(page.maps[1].at, before.1, "pictures are seen");

    page.say(Command::Near(0));
    let near = page.near.take().expect("neighbours");
    assert!(near.item.photo.starts_with("data:image/png;base64,"));
    assert!(near.lists[1].items.iter().any(|n| !n.item.photo.is_empty()));

    // The same items opened again still have theirs; others have none.
    page.say(open.clone());
    page.work();
    assert_eq!(page.opened.take().and_then(|o| o.pictures).map(|p| p.brought), Some(25));
    // So have they in a new worker, which is given what the page kept; a part of it is as good as nothing.
    let (of, kept) = page.album.take().expect("the page keeps them");
    for (kept, brought) in [(&kept[..], 25), (&kept[..kept.len() - 1], 0)] {
        let (mut reloaded, mut open) = (Page::default(), open.clone());
        let Command::Open { scenario, pictures, .. } = &mut open else { panic!("opens") };
        assert!(matches!(&scenario.catalog, CatalogSpec::Imported { digest, .. } if *digest == of));
        *pictures = kept.to_vec();
        reloaded.say(open);
        reloaded.work();
        assert_eq!(reloaded.opened.take().and_then(|o| o.pictures).map(|p| p.brought), Some(brought));
    }
    page.say(opening(small()));
    page.work();
    assert_eq!(page.opened.take().map(|o| o.pictures), Some(None));
}

#[test]
fn pictures_at_hosts_are_wanted_host_by_host() {
    let mut page = Page::default();
    page.say(imported(|i| format!("https://{}.example/{}.jpg", if i < 10 { "few" } else { "many" }, i / 2)));
    page.work();
    let pictures = page.opened.take().and_then(|o| o.pictures).expect("pictures are asked for");
    assert_eq!(pictures.hosts, [("many.example".to_owned(), 30), ("few.example".to_owned(), 10)]);
    page.say(Command::PictureHost("elsewhere.example".into()));
    assert!(page.refused.take().is_some_and(|p| p.what.contains("elsewhere.example")));
    page.say(Command::PictureHost("few.example".into()));
    assert_eq!(page.wanted.len(), 5, "two items share an address");
    assert!(page.wanted.iter().all(|w| w.address.starts_with("https://few.example/")));
    for at in 0..4 {
        page.say(Command::Picture { at, bytes: photograph([40, 90, 40]), problem: String::new() });
    }
    page.say(Command::PicturesEnd);
    page.work();
    let pictures = page.opened.take().and_then(|o| o.pictures).expect("told");
    assert_eq!((pictures.brought, pictures.missing), (8, 32));
    assert_eq!(pictures.hosts[1], ("few.example".to_owned(), 2));
}

#[test]
fn imported_items_are_read_again_and_their_note_is_told() {
    let open = imported(|_| String::new());
    let Command::Open { scenario, .. } = &open else { panic!("opens") };
    let mut page = Page::open(*scenario.clone());
    page.work();
    assert!(page.refused.take().is_some_and(|p| p.what.contains("Bring that file")));
    page.say(open);
    page.work();
    assert_eq!(page.refused, None);
    let opened = page.opened.clone().expect("opened");
    assert_eq!(opened.items, 40);
    assert!(opened.note.is_some_and(|n| n.contains("imported")));
    assert_eq!(page.maps.len(), 3);
}
