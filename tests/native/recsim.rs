//! The published environments agree with what google-research/recsim 0.2.4 gives.

use recoworld::{
    lab::Published,
    learn::task::View,
    scenario::{
        check::check,
        recsim::{Family, Spec, agents},
    },
};

/// Means and standard errors from RecSim's dynamics in Python: 10 candidates, slate 2.
const REFERENCE: &[(Family, &str, &str, f64, f64)] = &[
    (Family::InterestEvolution, "", "random", 153.9, 0.3),
    (Family::InterestEvolution, "", "greedy", 165.8, 0.7),
    (Family::InterestEvolution, "", "quality", 281.4, 1.5),
    (Family::InterestEvolution, "", "planner", 301.6, 2.4),
    (Family::LongTermSatisfaction, "0.01", "random", 946.5, 4.2),
    (Family::LongTermSatisfaction, "0.01", "greedy", 1110.8, 4.9),
    (Family::LongTermSatisfaction, "0.01", "kale", 781.9, 3.4),
    (Family::LongTermSatisfaction, "0.3", "random", 982.6, 4.7),
    (Family::LongTermSatisfaction, "0.3", "greedy", 477.1, 2.2),
    (Family::LongTermSatisfaction, "0.3", "kale", 1631.3, 7.1),
    (Family::LongTermSatisfaction, "0.3", "planner", 1643.3, 7.1),
    (Family::InterestExploration, "", "random", 22.9, 0.4),
    (Family::InterestExploration, "", "quality", 38.9, 0.6),
    (Family::InterestExploration, "", "affinity", 39.3, 1.0),
];

fn spec(family: Family, sensitivity: &str) -> Spec {
    let mut spec = Spec::new(family);
    if !sensitivity.is_empty() {
        spec.set("sensitivity", sensitivity).expect("settable");
    }
    spec
}

#[test]
fn means_agree_with_recsim_within_three_standard_errors() {
    for (family, sensitivity, agent, mean, se) in REFERENCE {
        let mut rollout = Published::new(&spec(*family, sensitivity), agent, 1).expect("an agent");
        rollout.step(4000);
        let ours = rollout.estimates()[0];
        let apart = (ours.mean - mean) / (ours.se * ours.se + se * se).sqrt();
        println!("{} {sensitivity} {agent}: {:.1} ± {:.1} against {mean} ± {se}", family.id(), ours.mean, ours.se);
        assert!(
            apart.abs() < 3.0,
            "{} {sensitivity} {agent}: {:.2} is {apart:.1} s.e. off {mean}",
            family.id(),
            ours.mean
        );
    }
}

#[test]
fn a_random_evolution_takes_as_many_steps_as_recsim_s() {
    let mut rollout = Published::new(&Spec::new(Family::InterestEvolution), "random", 1).expect("an agent");
    rollout.step(4000);
    let turns = rollout.estimates()[1];
    assert!((turns.mean - 83.7).abs() < 0.5, "{turns:?}");
}

#[test]
fn every_environment_keeps_its_promises() {
    for spec in Spec::all() {
        for c in check(&spec.env().expect("an environment")) {
            assert!(c.passed, "{}: {}: {}", spec.family().id(), c.name, c.seen);
        }
    }
}

#[test]
fn the_same_luck_meets_another_slate() {
    let mut first = Spec::new(Family::InterestEvolution).task();
    let mut second = first.fresh();
    let (mut a, mut b) = (View::default(), View::default());
    first.reset(5, &mut a);
    second.reset(5, &mut b);
    assert_eq!(a, b);
    first.step(&[0, 1], &mut a);
    second.step(&[8, 9], &mut b);
    assert_eq!(a.features, b.features, "candidates do not depend on what was shown");
    assert_ne!(first.fresh().shape().features, 0);
}

#[test]
fn another_luck_changes_what_comes_of_the_same_slate_for_the_same_user() {
    for spec in Spec::all() {
        let mut task = spec.task();
        let slate: Vec<usize> = (0..spec.slate_size()).collect();
        let mut after = |luck: Option<u64>| {
            let (mut view, mut next) = (View::default(), View::default());
            task.reset(5, &mut view);
            (0..3).for_each(|_| assert!(!task.step(&slate, &mut view).terminated));
            if let Some(seed) = luck {
                task.luck(seed);
            }
            let rewards: Vec<f64> = (0..12).map(|_| task.step(&slate, &mut next).reward).collect();
            (view, rewards)
        };
        let own = after(None);
        assert_eq!(own, after(None));
        let lucks: Vec<_> = (0..20).map(|seed| after(Some(seed))).collect();
        assert!(lucks.iter().all(|l| l.0 == own.0), "what was seen when luck turned is the past's");
        let others = lucks.iter().filter(|l| l.1 != own.1).count();
        assert!(others > 10, "{:?}: {others} of 20 went another way", spec.family());
        assert_eq!(after(Some(3)), lucks[3]);
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn exported_pairs_prefer_one_side_and_name_who_drew_them() {
    let file = std::env::temp_dir().join(format!("recoworld-ties-{}.jsonl", std::process::id()));
    let path = file.to_str().expect("UTF-8");
    // Of a slate of two only the first item counts here: slates with the same one on top are ties.
    let on = ["--scenario", "recsim/LongTermSatisfaction-v0", "--set", "num_candidates=3"];
    let made = program(&[&["pairs", "--pairs", "40", "--out", path, "--json"], &on[..]].concat()).expect("is made");
    let text = std::fs::read_to_string(&file).expect("written");
    let rows: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(made["pairs"], rows.len());
    let ties = made["ties"].as_u64().expect("counted") as usize;
    assert!(ties > 3 && rows.len() > 10 && rows.len() + ties <= 40, "{made}");
    for row in &rows {
        assert!(row["chosen_reward"].as_f64() > row["rejected_reward"].as_f64(), "{row}");
        assert!(row["certainty"].as_f64() > Some(0.5) && row["drawn_by"] == "fresh", "{row}");
    }
    assert_eq!(made["drawn_by"], "fresh");
    let met = program(&[&["transitions", "--episodes", "2", "--out", path, "--json"], &on[..]].concat());
    assert_eq!(met.expect("is played")["drawn_by"], "fresh");
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.lines().count() == 120 && text.lines().all(|l| l.contains(r#""drawn_by":"fresh""#)));
    std::fs::remove_file(file).expect("it is there");
}

#[test]
fn a_learner_sees_what_its_shape_says_and_nothing_that_is_hidden() {
    for spec in Spec::all() {
        let (mut task, mut view) = (spec.task(), View::default());
        let shape = task.shape();
        let (mut low, mut high) = (0.0f32, 0.0f32);
        for seed in 0..20 {
            task.reset(seed, &mut view);
            loop {
                assert_eq!(view.observation.len(), shape.observation);
                assert_eq!((view.count, view.features.len()), (shape.candidates, shape.candidates * shape.features));
                for x in view.observation.iter().chain(&view.features) {
                    (low, high) = (low.min(*x), high.max(*x));
                }
                let outcome = task.step(&[3, 7], &mut view);
                if outcome.terminated || outcome.truncated {
                    break;
                }
            }
        }
        assert!(low >= -1.5 && high <= 2.0, "{}: {low} to {high}", spec.family().id());
    }
}

#[test]
fn impossible_settings_are_refused_at_the_field() {
    let mut spec = Spec::new(Family::LongTermSatisfaction);
    for (path, text, part) in [
        ("slate_size", "0", "`slate_size` is 0; allowed are whole numbers from 1 to 20"),
        ("slate_size", "2.5", "`slate_size` is 2.5"),
        ("num_candidates", "1001", "`num_candidates` is 1001"),
        ("sensitivity", "NaN", "`sensitivity` is NaN; allowed are numbers from 0 to 10"),
        ("sensitivity", "-1", "`sensitivity` is -1"),
        ("slate_szie", "2", "Did you mean `slate_size`?"),
    ] {
        let e = spec.set(path, text).expect_err("refused").to_string();
        assert!(e.contains(part), "{path}={text}: {e}");
    }
    assert_eq!(spec, Spec::new(Family::LongTermSatisfaction), "a refusal changes nothing");
    let e = Spec::new(Family::InterestEvolution).set("sensitivity", "1").expect_err("not there").to_string();
    assert!(e.contains("slate_size, num_candidates"), "{e}");
    spec.set("slate_size", "11").expect("alone");
    let e = spec.validate().expect_err("more places than candidates").to_string();
    assert!(e.contains("`slate_size` is 11, but there are only 10 candidates"), "{e}");
    assert!(Published::new(&spec, "random", 1).is_err() && spec.env().is_err());
}

#[test]
fn names_are_found_as_people_write_them() {
    for name in [
        "recsim/InterestEvolution-v0",
        "interestevolution",
        "InterestEvolution-v0",
        "Interest evolution",
        "recsim/interestevolution",
    ] {
        let found = Spec::find(name).unwrap_or_else(|| panic!("{name}")).expect("found");
        assert_eq!(found.family(), Family::InterestEvolution);
    }
    let e = Spec::find("recsim/InterestEvolutoin-v0").expect("recsim's").expect_err("misspelt").to_string();
    assert!(e.contains("Did you mean `recsim/InterestEvolution-v0`?"), "{e}");
    assert!(Spec::find("recoworld/CommuteFeed-v0").is_none());
}

#[test]
fn only_the_marked_agent_is_an_oracle() {
    let all = [Family::InterestEvolution, Family::LongTermSatisfaction, Family::InterestExploration];
    let oracles: Vec<&str> = all.into_iter().flat_map(agents).filter(|l| l.is_oracle).map(|l| l.name).collect();
    assert_eq!(oracles, ["affinity"]);
}

/// The program's output as JSON, or its error.
#[cfg(not(target_arch = "wasm32"))]
fn program(arguments: &[&str]) -> Result<serde_json::Value, String> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_recoworld"))
        .args(arguments)
        .output()
        .expect("the program starts");
    match output.status.code() {
        Some(0) => Ok(serde_json::from_slice(&output.stdout).expect("one object")),
        Some(2) => Err(String::from_utf8(output.stderr).expect("UTF-8")),
        other => panic!("{arguments:?}: {other:?}"),
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_command_line_runs_them_as_it_runs_sessions() {
    let scenario = ["--scenario", "recsim/LongTermSatisfaction-v0", "--set", "sensitivity=0.3"];
    let more = ["--recommender", "kale", "--episodes", "50", "--seed", "3", "--json"];
    let r = program(&[&["rollout"][..], &scenario, &more].concat()).expect("a rollout");
    for name in ["return_mean", "return_se", "turns_mean", "clicks_mean", "steps_per_second"] {
        assert!(r[name].as_f64().is_some_and(|x| x > 0.0), "{name}: {}", r[name]);
    }
    assert_eq!((&r["episodes"], &r["seed"], &r["turns_mean"]), (&50.into(), &"3".into(), &60.0.into()));
    assert_eq!(r["settings"]["sensitivity"], 0.3);
    let c = program(&[&["compare"][..], &scenario, &["--episodes", "50", "--json"]].concat()).expect("a comparison");
    assert_eq!(c["rows"].as_array().map(Vec::len), Some(4));
    assert_eq!(c["rows"][0]["recommender"], "planner");
    assert!(c["rows"][0]["difference"]["low"].as_f64() > Some(0.0));
    let all = program(&["scenarios", "--json"]).expect("a list");
    let ids: Vec<&str> = all.as_array().expect("a list").iter().filter_map(|s| s["id"].as_str()).collect();
    assert!(ids.contains(&"recsim/InterestExploration-v0"), "{ids:?}");
    let checked = program(&["check", "recsim/InterestEvolution-v0", "--json"]).expect("a check");
    assert_eq!(checked["passed"], true, "{checked:#}");
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_command_line_refuses_what_they_cannot_do() {
    let evolution = ["--scenario", "recsim/InterestEvolution-v0"];
    for (command, more, part) in [
        ("rollout", &["--set", "sensitivity=1"][..], "is no field of recsim/InterestEvolution-v0"),
        ("rollout", &["--set", "slate_size=11"], "there are only 10 candidates"),
        ("rollout", &["--recommender", "agent"], "which is no agent of"),
        ("rollout", &["--instructions", "off"], "--instructions"),
        ("session", &[], "has no sessions"),
    ] {
        let e = program(&[&[command][..], &evolution, more].concat()).expect_err("refused");
        assert!(e.contains(part), "{command} {more:?}: {e}");
    }
}
