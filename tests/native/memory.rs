//! The memory is learnt from logs alone, and judged on sessions that the fit never saw.

use crate::support;

use recoworld::{
    learn::{
        log::{
            self,
            policy::{Policy, PolicySpec},
        },
        memory::{
            data::Lens,
            file::MemoryFile,
            process::{Maker, PROCESSES, Process},
            shipped,
            study::{Report, Split, Study},
            train::Settings,
            weights::Weights,
        },
    },
    recommender::{self, Knowledge},
    scenario::{Scenario, World},
    session::{Keep, Session},
};
use std::rc::Rc;

fn stage() -> (Rc<Scenario>, Rc<World>, Rc<Knowledge>) {
    support::knowledge(300, 6)
}

fn maker(process: Process, seed: u64) -> Maker {
    let (scenario, world, knowledge) = stage();
    let policy = Policy::new(PolicySpec::parse("random").expect("a policy"), &knowledge);
    Maker::new(process, &scenario, &world, policy, seed)
}

fn study(process: Process, sessions: usize, epochs: u32) -> (Report, Weights) {
    let (scenario, world, _) = stage();
    let mut maker = maker(process, 3);
    (0..sessions).for_each(|_| maker.make());
    let lens = Lens::new(world.shelf(), world.features(), &scenario.profile);
    let split = Split::new(maker.log.sessions.iter().map(|s| lens.run(s)).collect(), maker.hidden);
    let start = Weights::start(world.shelf(), world.features());
    let mut study = Study::new(&split, start, Settings { epochs, ..Settings::default() });
    while study.step() {}
    (study.report(), study.fitted()[0].weights.clone())
}

/// Where users want more of what they opened last, an estimated mindset that moves holds some of the true one, on sessions
/// that the fit never saw; one that nothing moves holds none; and nothing beats the true chances.
#[test]
fn a_mindset_that_follows_what_was_opened_is_found() {
    let (report, _) = study(Process::Recency, 250, 12);
    let row = |name: &str| report.variants.iter().find(|v| v.variant == name).expect("a variant");
    let r2 = |name: &str| row(name).recovery.expect("simulated").r2;
    assert!(r2("learned") > 0.03 && r2("frozen_mindset") < 0.01, "{} and {}", r2("learned"), r2("frozen_mindset"));
    let ceiling = report.ceiling.expect("simulated").mean;
    assert!(report.variants.iter().all(|v| v.held_out.mean < ceiling), "{report:?}");
}

#[test]
fn the_same_seed_fits_the_same_bytes() {
    let fit = || {
        let (report, weights) = study(Process::Own, 40, 2);
        let held_out = report.variants[0].held_out.mean;
        MemoryFile::new(&weights, "a test".into(), "test".into(), "own".into(), report.sessions, held_out)
            .to_json()
            .expect("JSON")
    };
    assert_eq!(fit(), fit());
}

#[test]
fn every_process_logs_what_can_be_and_hides_one_state_a_look() {
    let (scenario, world, _) = stage();
    let lens = Lens::new(world.shelf(), world.features(), &scenario.profile);
    for process in PROCESSES {
        let mut maker = maker(process, 9);
        (0..12).for_each(|_| maker.make());
        for (session, hidden) in maker.log.sessions.iter().zip(&maker.hidden) {
            let run = lens.run(session);
            assert!(!run.looks.is_empty());
            assert_eq!((run.looks.len(), run.looks.len()), (hidden.chance.len(), hidden.mindset.len()));
            assert!(hidden.chance.iter().all(|p| (0.0..=1.0).contains(p)));
        }
        // What is written is what is read.
        let text = log::write(&maker.log, world.shelf());
        let read = log::read(&text, world.shelf(), &scenario.context).expect("our own log");
        assert_eq!(read, maker.log, "{}", process.name());
    }
}

#[test]
fn what_was_never_reached_is_censored() {
    let (scenario, world, _) = stage();
    let mut maker = maker(Process::Own, 2);
    (0..5).for_each(|_| maker.make());
    let lens = Lens::new(world.shelf(), world.features(), &scenario.profile);
    let looked =
        |s: &log::LoggedSession| -> usize { s.turns.iter().flat_map(|t| &t.reactions).filter(|r| r.examined).count() };
    let shown: usize = maker.log.sessions.iter().flat_map(|s| &s.turns).map(|t| t.items.len()).sum();
    let looks: usize = maker.log.sessions.iter().map(|s| lens.run(s).looks.len()).sum();
    assert_eq!(looks, maker.log.sessions.iter().map(looked).sum::<usize>());
    assert!(looks < shown);
}

#[test]
fn a_file_is_read_back_and_a_broken_one_explained() {
    let (_, world, _) = stage();
    let w = Weights::start(world.shelf(), world.features());
    let file = MemoryFile::new(&w, "a test".into(), "test".into(), "own".into(), [1, 1, 1], -0.5);
    let text = file.to_json().expect("JSON");
    let back = MemoryFile::from_json(&text).expect("our own file");
    assert_eq!(back, file);
    assert!(back.weights().flat.iter().zip(&w.flat).all(|(a, b)| (a - b).abs() <= 5e-7));
    for (from, to, part) in [
        ("recoworld/memory-v1", "recoworld/memory-v2", "reads recoworld/memory-v1"),
        ("\"age\":", "\"agee\":", "scalars.age` is missing"),
        ("\"rest\":[0.0,", "\"rest\":[", "`rest` holds"),
        ("\"age\":0.02", "\"age\":1e9", "beyond ±1000"),
        ("{", "", "no fitted memory"),
    ] {
        let e = MemoryFile::from_json(&text.replacen(from, to, 1)).expect_err(part).to_string();
        assert!(e.contains(part), "{e}");
    }
}

#[test]
fn a_bad_log_is_named_by_line_and_field() {
    let (scenario, world, _) = stage();
    let shelf = world.shelf();
    let (a, b) = (&shelf.items[0].id, &shelf.items[1].id);
    let head = "session,turn,item,clicked,seconds,propensity\n";
    let good = format!("{head}s,0,{a},1,2.5,0.5\ns,0,{b},0,,0.25\ns,1,{b},0,1,0.5\n");
    let log = log::read(&good, shelf, &scenario.context).expect("a log");
    assert_eq!((log.sessions.len(), log.sessions[0].turns.len()), (1, 2));
    assert_eq!(log.sessions[0].given[0].propensities, [0.5, 0.25]);
    for (text, parts) in [
        (String::new(), ["line 1", "missing from the head"]),
        ("session,turn,item\n".into(), ["line 1, `clicked`", "missing"]),
        ("session,turn,item,clicked,dwell\n".into(), ["line 1, `dwell`", "no column"]),
        (format!("{head}s,0,nowhere,1,2,0.5\n"), ["line 2, `item`", "no item of the catalogue"]),
        (format!("{head}s,0,{a},perhaps,2,0.5\n"), ["line 2, `clicked`", "1 or 0"]),
        (format!("{head}s,0,{a},1,soon,0.5\n"), ["line 2, `seconds`", "no number"]),
        (format!("{head}s,0,{a},1,99999,0.5\n"), ["reactions[0]", "lasts"]),
        (format!("{head}s,0,{a},1,-1,0.5\n"), ["reactions[0]", "from 0 up"]),
        (format!("{head}s,0,{a},1,1,1.5\n"), ["propensities", "at most at 1"]),
        (format!("{head}s,0,{a},1,1,0.5\ns,0,{a},1,1,0.5\n"), ["items", "twice"]),
        (format!("{head}s,1,{a},1,1,0.5\n"), ["`turn`", "next turn of this session is 0"]),
        (format!("{head}s,0,{a}\n"), ["line 2", "no CSV line"]),
        ("{\"session\":1}".into(), ["line 1", "no turn"]),
        ("{\"schema\":\"recoworld/log-v9\"}".into(), ["`schema`", "reads recoworld/log-v1"]),
        (
            format!(
                "{{\"session\":1,\"turn\":0,\"items\":[\"{a}\"],\"reactions\":[{{\"liked\":true,\"examined\":true}}]}}"
            ),
            ["reactions[0]", "opened first"],
        ),
    ] {
        let e = log::read(&text, shelf, &scenario.context).expect_err(&text).to_string();
        assert!(parts.iter().all(|p| e.contains(p)), "{text:?}: {e}");
    }
}

fn command(arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_recoworld")).args(arguments).output().expect("the program starts")
}

#[test]
fn the_command_fits_writes_and_judges_and_says_what_is_wrong() {
    let dir = std::env::temp_dir().join(format!("recoworld-memory-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let file = dir.join("memory.json");
    let path = file.to_str().expect("UTF-8");
    let json = |more: &[&str]| -> serde_json::Value {
        let base = ["fit-memory", "--set", "catalog.items=100", "--sessions", "40", "--json"];
        let output = command(&[&base[..], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(text.lines().count(), 1, "one object on one line");
        serde_json::from_str(&text).expect("JSON")
    };
    let fitted = json(&["--epochs", "1", "--out", path]);
    assert_eq!(fitted["variants"].as_array().map(Vec::len), Some(5));
    assert!(fitted["ceiling"]["mean"].as_f64().is_some_and(|c| c < 0.0));
    // On the same sessions the file does what the fit did, but for the rounding of its digits.
    let judged = json(&["--judge", path]);
    let held_out = |v: &serde_json::Value| v["variants"][0]["held_out"]["mean"].as_f64().expect("a mean");
    assert!((held_out(&judged) - held_out(&fitted)).abs() < 1e-4);
    assert_eq!(judged["variants"].as_array().map(Vec::len), Some(1));
    let text = std::fs::read_to_string(&file).expect("reads");
    assert!(text.contains("--process own --sessions 40 --seed 1 --epochs 1"));
    std::fs::write(&file, text.replace("memory-v1", "memory-v7")).expect("writes");
    for (arguments, part) in [
        (&["--judge", path][..], "reads recoworld/memory-v1"),
        (&["--log", path], "line 1"),
        (&["--log", "missing.csv"], "Check how it is spelled"),
        (&["--sessions", "3"], "20..=100000"),
        (&["--process", "moody"], "mood"),
    ] {
        let output = command(&[&["fit-memory"][..], arguments].concat());
        let e = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {e}");
        assert!(e.contains(part) && !e.contains("panicked"), "{arguments:?}: {e}");
    }
    std::fs::remove_dir_all(&dir).expect("removes");
}

/// A user whose memory is fitted, not stated, is the same person, but other things come to mind, and sessions go another
/// way.
#[test]
fn a_user_may_remember_as_fitted_instead_of_as_stated() {
    let stated = support::scenario(300, 6);
    let mut fitted = Scenario::clone(&stated);
    fitted.set("persona.memory", "fitted").expect("a choice");
    let fitted = Rc::new(fitted);
    assert!(stated.is_small() && !fitted.is_small(), "the first load knows the stated memory alone");
    assert!(!stated.to_json().contains("\"memory\""), "what is stated is left out of files");
    assert_eq!(&Scenario::from_json(&fitted.to_json()).expect("what is written is read"), &*fitted);

    let world = support::world(300);
    let mind = |scenario: &Rc<Scenario>| {
        let mut session = Session::new(scenario.clone(), world.clone(), 5, Keep::Totals);
        let knowledge = Knowledge::new(scenario.clone(), world.clone());
        let mut random = recommender::make(&support::spec("random"), &knowledge).expect("listed");
        (0..4).for_each(|_| drop(support::turn(&mut session, random.as_mut())));
        let user = session.user();
        (user.taste, user.mindset)
    };
    let (a, b) = (mind(&stated), mind(&fitted));
    assert_eq!(a.0, b.0, "the taste is the person's");
    assert_ne!(a.1, b.1, "the mindset is what memory makes of it");
}

/// The file that ships is what its own command makes.
#[test]
#[ignore = "takes minutes"]
fn the_memory_that_ships_is_made_anew_to_the_same_bytes() {
    let shipped = shipped::memory().expect("a memory");
    let (_, arguments) = shipped.made_by.split_once(' ').expect("a command");
    let file = std::env::temp_dir().join(format!("recoworld-memory-{}.json", std::process::id()));
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_recoworld"))
        .args(arguments.split(' '))
        .arg("--out")
        .arg(&file)
        .output()
        .expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let made = std::fs::read_to_string(&file).expect("it wrote");
    std::fs::remove_file(&file).expect("it is ours");
    assert_eq!(made, shipped::FILE);
}
