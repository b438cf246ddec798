//! The Train page's worker, driven as the page drives it.

use crate::support;

use recoworld::{
    catalog::import::{File as Imported, import},
    catalog::store::digest,
    learn::{
        algorithm::get_policy,
        evaluate::{Best, evaluate},
        files::Contents,
    },
    recommender::TRAINED,
    scenario::{CatalogSpec, RecommenderSpec, Scenario, recsim::Spec, registry},
    worker::{
        self, ImportCommand,
        data::protocol::File,
        guests::policy::PolicySits,
        import::ImportKind,
        runner::Wake,
        train::{
            Trainer,
            protocol::{Asked, Bringing, Chosen, Command, Event, Export, Kept, Phase, Plan, Problem, Urgency, View},
        },
    },
};
use std::cell::Cell;
use support::Clocked;

/// A clock that a test moves: each look takes long enough for a slice.
fn clock() -> impl Fn() -> f64 {
    let now = Cell::new(0.0);
    move || {
        now.set(now.get() + 300.0);
        now.get()
    }
}

fn plan(steps: f64) -> Plan {
    Plan {
        scenario: Chosen::Published {
            id: "recsim/LongTermSatisfaction-v0".into(),
            set: [("sensitivity".to_owned(), "0.3".to_owned()), ("slate_size".to_owned(), "1".to_owned())].into(),
        },
        algorithm: "ppo".into(),
        settings: [("learning_rate".to_owned(), 0.003), ("hidden_units".to_owned(), 16.0)].into(),
        seeds: vec!["1".into(), "2".into()],
        steps,
    }
}

/// What came of a run so far.
#[derive(Default)]
struct Seen {
    view: Option<View>,
    kept: Option<Kept>,
    refused: Option<Problem>,
    files: Vec<(String, Vec<u8>)>,
    serves: Option<(String, Scenario, Vec<u8>)>,
    asked: Option<Asked>,
    picked: Option<String>,
    views: usize,
}

impl Seen {
    fn take(&mut self, events: Vec<Event>) {
        for event in events {
            // What travels must survive the journey.
            match serde_json::from_str(&serde_json::to_string(&event).expect("JSON")).expect("reads back") {
                Event::Told(view) => {
                    self.view = Some(*view);
                    self.views += 1;
                }
                Event::Keep(kept) => self.kept = Some(*kept),
                Event::Refused(problem) => self.refused = Some(problem),
                Event::Asked(asked) => self.asked = Some(*asked),
                Event::Picked(pairs) => self.picked = Some(pairs),
                Event::Serves { title, scenario, weights } => self.serves = Some((title, *scenario, weights)),
                Event::Exported { name, bytes, .. } => self.files.push((name, bytes)),
            }
        }
    }

    fn view(&self) -> &View {
        self.view.as_ref().expect("a view")
    }

    fn tell(&mut self, trainer: &mut Trainer, command: Command) {
        let mut events = Vec::new();
        trainer.handle(command, 0.0, &mut events);
        self.take(events);
    }

    fn work(&mut self, trainer: &mut Trainer, until: impl Fn(&View) -> bool) {
        let clock = clock();
        for _ in 0..200_000 {
            let mut events = Vec::new();
            let wake = trainer.slice(&clock, &mut events);
            self.take(events);
            if wake == Wake::Idle || self.view.as_ref().is_some_and(&until) {
                return;
            }
        }
        panic!("it does not end");
    }
}

fn begun(plan: Plan) -> (Trainer, Seen) {
    let (mut trainer, mut seen) = (Trainer::default(), Seen::default());
    seen.tell(&mut trainer, Command::Begin(Box::new(plan)));
    (trainer, seen)
}

#[test]
fn a_run_learns_and_says_so() {
    let (mut trainer, mut seen) = begun(Plan { seeds: vec!["1".into()], ..plan(40_000.0) });
    seen.work(&mut trainer, |_| false);
    let view = seen.view();
    assert_eq!(view.phase, Phase::Done);
    assert!(view.points.len() >= 30 && view.points[0].env_steps == 0.0, "{} points", view.points.len());
    let (first, last) = (&view.points[0], view.points.last().expect("points"));
    assert!(last.mean > 1.3 * first.mean && last.seeds.len() == 1, "{first:?} {last:?}");
    let names: Vec<&str> = view.lines.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["random", "greedy", "kale", "planner"]);
    assert!(view.lines[1].reference && view.verdict.urgency == Urgency::Clear, "{:?}", view.verdict);
    assert!(view.verdict.evidence.contains("more than greedy (95 % interval"), "{}", view.verdict.evidence);
    assert!(view.best.as_ref().is_some_and(|b| b.mean >= last.mean && b.env_steps > 0.0));
    assert!(view.diagnostics.iter().any(|d| d.name == "entropy" && d.values.len() > 20));
    // It has learnt to show kale.
    assert!(view.now[0].title == "Kale" && view.now.len() == 1, "{:?}", view.now);
    seen.tell(&mut trainer, Command::Export(Export::Weights));
    let (label, policy) = get_policy(&Contents::from_bytes(&seen.files[0].1).expect("a file")).expect("a policy");
    assert_eq!(label.algorithm, "ppo");
    let mut spec = Spec::find("recsim/LongTermSatisfaction-v0").expect("there").expect("there");
    spec.set("sensitivity", "0.3").expect("settable");
    spec.set("slate_size", "1").expect("settable");
    let judged = evaluate(spec.task().as_ref(), &mut Best::new(policy), 40, 0).estimate().mean;
    let best = seen.view().best.as_ref().expect("a best").mean;
    assert!((judged - best).abs() < 1e-9, "{judged} and {best}: the file is not the policy that was measured");
}

#[test]
fn the_interval_over_seeds_holds_the_error_of_the_measurement_too() {
    let (mut trainer, mut seen) = begun(plan(2_000.0));
    seen.work(&mut trainer, |v| v.points.len() > 1);
    seen.tell(&mut trainer, Command::Pause);
    seen.work(&mut trainer, |_| false);
    let (kept, point) = (seen.kept.take().expect("kept"), &seen.view().points[0]);
    let measured: Vec<_> = kept.seeds.iter().map(|s| &s.curve[0]).collect();
    let error = measured.iter().map(|m| m.se).sum::<f64>() / 2.0;
    assert!(error > 0.0 && measured.len() == 2);
    // All seeds are measured on the same episodes: the error of these is not divided by the root of how many seeds.
    let spread = (measured[0].mean - measured[1].mean).abs() / 2.0;
    assert!(
        (point.se - (spread * spread + error * error).sqrt()).abs() < 1e-9,
        "{point:?}, between seeds {spread}, measuring {error}"
    );
    assert!(point.mean - point.low >= 1.96 * error && point.high - point.mean >= 1.96 * error, "{point:?}");
}

#[test]
fn a_reload_goes_on_as_if_nothing_had_been() {
    let (mut trainer, mut whole) = begun(plan(20_000.0));
    whole.work(&mut trainer, |_| false);
    let (mut trainer, mut half) = begun(plan(20_000.0));
    half.work(&mut trainer, |v| v.points.len() > 8);
    half.tell(&mut trainer, Command::Pause);
    half.work(&mut trainer, |_| false);
    assert_eq!(half.view().phase, Phase::Paused);
    let kept = half.kept.clone().expect("kept");
    let (mut other, mut rest) = (Trainer::default(), Seen::default());
    rest.tell(&mut other, Command::Resume(Box::new(kept)));
    rest.work(&mut other, |_| false);
    assert_eq!(rest.view().points, whole.view().points);
    assert_eq!(rest.view().diagnostics, whole.view().diagnostics);
    assert_eq!(rest.view().best, whole.view().best);
}

fn settings(bytes: &[u8]) -> std::collections::BTreeMap<String, f64> {
    let (label, _) = get_policy(&Contents::from_bytes(bytes).expect("a file")).expect("a policy");
    serde_json::from_str(&label.settings).expect("settings")
}

#[test]
fn a_scenario_is_trained_on_with_what_suits_it_unless_that_is_set() {
    let scenario = Chosen::Published { id: "recsim/InterestEvolution-v0".into(), set: Default::default() };
    let evolution = Plan { scenario, seeds: vec!["1".into()], ..plan(600.0) };
    let gamma = |plan: Plan| {
        let (mut trainer, mut seen) = begun(plan);
        seen.work(&mut trainer, |v| v.points.len() > 1);
        seen.tell(&mut trainer, Command::Pause);
        seen.work(&mut trainer, |_| false);
        let kept = seen.kept.take().expect("kept");
        (settings(&kept.seeds[0].newest)["gamma"], kept)
    };
    assert_eq!(gamma(evolution.clone()).0, 0.999, "as on the command line");
    let mut set = evolution.clone();
    set.settings.insert("gamma".into(), 0.99);
    let (value, mut kept) = gamma(set);
    assert_eq!(value, 0.99, "what is set stays, though it is the algorithm's default");
    assert_eq!(gamma(plan(600.0)).0, 0.99);
    // A run that was begun before scenarios were asked what suits them goes on as it was begun.
    kept.plan = evolution;
    let (mut trainer, mut seen) = (Trainer::default(), Seen::default());
    seen.tell(&mut trainer, Command::Resume(Box::new(kept)));
    let view = seen.view();
    assert!(view.notes.is_empty() && view.plan.settings["gamma"] == 0.99, "{:?} {:?}", view.notes, view.plan);
}

#[test]
fn a_damaged_checkpoint_falls_back_to_the_one_before() {
    let (mut trainer, mut seen) = begun(plan(20_000.0));
    seen.work(&mut trainer, |v| v.points.len() > 4);
    seen.tell(&mut trainer, Command::Pause);
    seen.work(&mut trainer, |_| false);
    let early = seen.kept.clone().expect("kept").seeds[0].newest.len();
    seen.tell(&mut trainer, Command::GoOn);
    seen.work(&mut trainer, |v| v.points.len() > 12);
    seen.tell(&mut trainer, Command::Pause);
    seen.work(&mut trainer, |_| false);
    let mut kept = seen.kept.clone().expect("kept");
    assert!(early > 1000 && kept.seeds[0].before != kept.seeds[0].newest && !kept.seeds[0].before.is_empty());
    kept.seeds[0].newest[900] ^= 1;
    kept.seeds[1].newest.truncate(100);
    kept.seeds[1].before.clear();
    let (mut other, mut rest) = (Trainer::default(), Seen::default());
    rest.tell(&mut other, Command::Resume(Box::new(kept)));
    assert!(rest.refused.is_none());
    let notes = rest.view().notes.join(" ");
    assert!(notes.contains("Seed 1: the newest checkpoint is damaged"), "{notes}");
    assert!(notes.contains("Seed 2: its checkpoints are damaged; it begins anew"), "{notes}");
    rest.work(&mut other, |_| false);
    assert_eq!(rest.view().phase, Phase::Done);
}

#[test]
fn what_cannot_be_is_refused_at_its_field() {
    let wrong = |change: fn(&mut Plan), field: &str, part: &str| {
        let mut plan = plan(1000.0);
        change(&mut plan);
        let (_, seen) = begun(plan);
        let problem = seen.refused.expect("refused");
        assert_eq!(problem.field, field, "{}", problem.what);
        assert!(problem.what.contains(part) && seen.view.is_none(), "{}", problem.what);
    };
    wrong(|p| p.algorithm = "pppo".into(), "algorithm", "Did you mean \"ppo\"?");
    wrong(|p| p.settings.extend([("clip_coef".to_owned(), 7.0)]), "clip_coef", "must be a number from 0.01 to 1");
    wrong(|p| p.settings.extend([("learning_rate".to_owned(), f64::NAN)]), "learning_rate", "not NaN");
    wrong(|p| p.seeds.clear(), "seeds", "Give 1 to");
    wrong(|p| p.seeds[1] = "1".into(), "seeds", "twice");
    wrong(|p| p.seeds[1] = "-1".into(), "seeds", "“-1” is not a whole number");
    wrong(|p| p.steps = 0.0, "steps", "Train for 1 to");
    wrong(|p| p.steps = 2e9, "steps", "Train for 1 to");
    wrong(
        |p| p.scenario = Chosen::Published { id: "recsim/Nothing-v0".into(), set: Default::default() },
        "scenario",
        "There is no scenario",
    );
    wrong(
        |p| {
            p.scenario = Chosen::Published {
                id: "recsim/InterestEvolution-v0".into(),
                set: [("slate_size".to_owned(), "11".to_owned())].into(),
            };
        },
        "slate_size",
        "only 10 candidates",
    );
}

#[test]
fn weights_from_elsewhere_are_judged_or_refused_with_the_shape() {
    let (mut trainer, mut seen) = begun(plan(8_000.0));
    seen.work(&mut trainer, |_| false);
    seen.tell(&mut trainer, Command::Export(Export::Weights));
    let bytes = seen.files[0].1.clone();
    let import = |plan: Plan, bytes: Vec<u8>| {
        let (mut trainer, mut seen) = (Trainer::default(), Seen::default());
        seen.tell(&mut trainer, Command::Import { plan: Box::new(plan), bytes });
        if seen.refused.is_none() {
            seen.work(&mut trainer, |_| false);
        }
        seen
    };
    let judged = import(plan(8_000.0), bytes.clone());
    let best = judged.view().best.as_ref().expect("judged").mean;
    assert_eq!(best, seen.view().best.as_ref().expect("measured").mean);
    let view = judged.view();
    assert!(view.imported && view.plan.seeds.len() == 1 && !seen.view().imported);
    assert!(view.verdict.evidence.starts_with("The policy from the file (PPO) earns"), "{:?}", view.verdict);
    // What the file says of how it was made goes along when it is exported again.
    let label = |bytes: &[u8]| get_policy(&Contents::from_bytes(bytes).expect("a file")).expect("a policy").0;
    let (mut trainer, mut again) = (Trainer::default(), Seen::default());
    again.tell(&mut trainer, Command::Import { plan: Box::new(plan(8_000.0)), bytes: bytes.clone() });
    again.work(&mut trainer, |_| false);
    again.tell(&mut trainer, Command::Export(Export::Weights));
    assert_eq!(label(&again.files[0].1), label(&bytes));
    let mut other = plan(8_000.0);
    other.scenario = Chosen::Published { id: "recsim/InterestEvolution-v0".into(), set: Default::default() };
    let e = import(other, bytes.clone()).refused.expect("another shape").what;
    assert!(e.contains("for another shape (numbers of an observation: it has 5, the scenario"), "{e}");
    let e = import(plan(8_000.0), bytes[..bytes.len() / 2].to_vec()).refused.expect("cut off").what;
    assert!(e.contains("cannot be used"), "{e}");
}

#[test]
fn curves_and_transitions_are_tables_that_others_read() {
    let (mut trainer, mut seen) = begun(plan(8_000.0));
    seen.tell(&mut trainer, Command::Export(Export::Weights));
    assert!(seen.refused.take().expect("too early").what.contains("before the first measurement"));
    seen.work(&mut trainer, |_| false);
    seen.tell(&mut trainer, Command::Export(Export::Curves));
    seen.tell(&mut trainer, Command::Export(Export::Transitions));
    let curves = String::from_utf8(seen.files[0].1.clone()).expect("UTF-8");
    let mut reader = csv::Reader::from_reader(curves.as_bytes());
    assert_eq!(
        reader.headers().expect("a head").iter().take(3).collect::<Vec<_>>(),
        ["seed", "env_steps", "eval_return_mean"]
    );
    assert_eq!(reader.records().filter(Result::is_ok).count(), 2 * seen.view().points.len());
    let lines = String::from_utf8(seen.files[1].1.clone()).expect("UTF-8");
    let all: Vec<serde_json::Value> = lines.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(all.len(), 20 * 60);
    assert!(
        all.iter().all(|t| t["log_prob"].as_f64().is_some_and(|l| l <= 0.0)
            && t["candidates"].as_array().map(Vec::len) == Some(10))
    );
    assert_eq!(all[59]["terminated"], true);
}

#[test]
fn a_session_scenario_is_trained_on_as_the_session_page_has_it() {
    let mut scenario = registry::default_preset();
    scenario.set("catalog.items", "200").expect("settable");
    let plan =
        Plan { scenario: Chosen::Session(Box::new(scenario)), steps: 2048.0, seeds: vec!["1".into()], ..plan(0.0) };
    let (mut trainer, mut seen) = begun(plan);
    seen.work(&mut trainer, |v| v.points.len() >= 2);
    let view = seen.view();
    assert_eq!(view.lines.iter().map(|l| l.name.as_str()).collect::<Vec<_>>(), ["random", "greedy", "agent", "oracle"]);
    assert!(view.points.iter().all(|p| p.retention.is_some_and(|r| (0.0..=1.0).contains(&r))));
    assert_eq!((view.then.len(), view.unit.as_str()), (8, "a session"));
    assert!(view.lines[3].oracle && view.lines[3].mean > view.lines[0].mean);
    seen.tell(&mut trainer, Command::Stop);
    seen.work(&mut trainer, |_| false);
    assert_eq!(seen.view().phase, Phase::Done);
}

#[test]
fn a_policy_for_sessions_is_handed_over_to_serve_and_no_other() {
    let scenario = registry::default_preset();
    let of_sessions = Plan {
        scenario: Chosen::Session(Box::new(scenario.clone())),
        settings: [("hidden_units".to_owned(), 16.0)].into(),
        seeds: vec!["1".into()],
        ..plan(600.0)
    };
    let (mut trainer, mut seen) = begun(of_sessions);
    seen.tell(&mut trainer, Command::Serve);
    assert!(seen.refused.take().expect("refused").what.contains("before the first measurement"));
    seen.work(&mut trainer, |v| v.best.is_some());
    seen.tell(&mut trainer, Command::Serve);
    let (title, on, weights) = seen.serves.take().expect("handed over");
    assert_eq!((title, on), (format!("PPO, trained on {}", scenario.title), scenario));
    assert!(get_policy(&Contents::from_bytes(&weights).expect("a file")).is_ok());
    let (mut trainer, mut seen) = begun(plan(600.0));
    seen.work(&mut trainer, |v| v.best.is_some());
    seen.tell(&mut trainer, Command::Serve);
    assert!(seen.refused.expect("refused").what.contains("no sessions"));
}

fn on_sessions(steps: f64) -> Plan {
    let mut scenario = registry::default_preset();
    scenario.set("catalog.items", "200").expect("settable");
    Plan {
        scenario: Chosen::Session(Box::new(scenario)),
        settings: [("hidden_units".to_owned(), 16.0)].into(),
        seeds: vec!["1".into()],
        ..plan(steps)
    }
}

#[test]
fn a_person_says_this_one_and_dpo_learns_from_it() {
    let (mut trainer, mut seen) = begun(on_sessions(600.0));
    seen.tell(&mut trainer, Command::Export(Export::Picked));
    assert!(seen.refused.take().expect("refused").what.contains("No preference was stated"));
    seen.tell(&mut trainer, Command::Ask);
    for k in 0..6 {
        let asked = seen.asked.take().expect("two slates");
        assert_eq!(asked.slates.each_ref().map(Vec::len), [8, 8]);
        assert!(asked.slates[0] != asked.slates[1] && asked.situation.contains("User:"), "{asked:?}");
        seen.tell(&mut trainer, Command::Prefer { second: k % 2 == 0 });
    }
    assert_eq!(seen.view().picked, 6);
    seen.tell(&mut trainer, Command::Picked);
    let pairs = seen.picked.take().expect("pairs");
    // What was said is kept with the run.
    let kept = seen.kept.take().expect("kept");
    assert_eq!(kept.picked, pairs);
    let (mut again, mut taken_up) = (Trainer::default(), Seen::default());
    taken_up.tell(&mut again, Command::Resume(Box::new(kept)));
    assert_eq!(taken_up.view().picked, 6);
    // DPO learns to order them as they were said, and goes on with them after a reload.
    let dpo = Plan {
        algorithm: "dpo".into(),
        settings: [("hidden_units".to_owned(), 16.0), ("learning_rate".to_owned(), 0.01)].into(),
        ..on_sessions(600.0)
    };
    let (mut trainer, mut learns) = (Trainer::default(), Seen::default());
    learns.tell(&mut trainer, Command::Learn { plan: Box::new(dpo), pairs: pairs.clone() });
    learns.work(&mut trainer, |_| false);
    let view = learns.view();
    assert_eq!((view.phase.clone(), view.given), (Phase::Done, 6));
    assert!(view.notes.is_empty(), "no learner drew them: {:?}", view.notes);
    let last = |name: &str| {
        let all = view.diagnostics.iter().find(|d| d.name == name).expect("told");
        all.values.last().expect("measured")[1]
    };
    assert!(last("accuracy") == 1.0 && last("margin") > 0.1, "{:?}", view.diagnostics);
    assert!((last("certainty") - 0.95).abs() < 1e-9);
    assert_eq!(learns.kept.take().expect("kept").pairs, pairs);
}

#[test]
fn pairs_are_exported_and_learnt_from_where_they_were_made_and_nowhere_else() {
    let (mut trainer, mut seen) = begun(on_sessions(600.0));
    seen.work(&mut trainer, |v| v.best.is_some());
    seen.tell(&mut trainer, Command::Export(Export::Pairs));
    let text = String::from_utf8(seen.files.remove(0).1).expect("UTF-8");
    let first: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert!(["prompt", "chosen", "rejected"].iter().all(|k| first[*k].as_str().is_some_and(|s| !s.is_empty())));
    let learn = |plan: Plan, pairs: &str| {
        let (mut trainer, mut seen) = (Trainer::default(), Seen::default());
        seen.tell(&mut trainer, Command::Learn { plan: Box::new(plan), pairs: pairs.to_owned() });
        seen
    };
    let dpo = |plan: Plan| Plan { algorithm: "dpo".into(), ..plan };
    let learns = learn(dpo(on_sessions(600.0)), &text);
    assert!(learns.view().given > 20);
    // PPO drew them, and the card says so; also after a reload.
    let says = |view: &View| view.notes.iter().any(|n| n.contains("drawn by a policy that PPO had trained"));
    assert!(first["drawn_by"] == "ppo" && says(learns.view()), "{:?}", learns.view().notes);
    let (mut trainer, mut kept) = (Trainer::default(), Seen::default());
    kept.tell(&mut trainer, Command::Learn { plan: Box::new(dpo(on_sessions(600.0))), pairs: text.clone() });
    kept.tell(&mut trainer, Command::Pause);
    kept.work(&mut trainer, |_| false);
    let (mut again, mut rest) = (Trainer::default(), Seen::default());
    rest.tell(&mut again, Command::Resume(Box::new(kept.kept.take().expect("kept"))));
    assert!(says(rest.view()), "{:?}", rest.view().notes);
    let refused = |seen: Seen| seen.refused.map(|p| (p.field, p.what)).expect("refused");
    let (field, what) = refused(learn(on_sessions(600.0), &text));
    assert!(field == "algorithm" && what.contains("choose DPO"), "{what}");
    let mut elsewhere = dpo(on_sessions(600.0));
    elsewhere.scenario = Chosen::Session(Box::new(registry::default_preset()));
    let (field, what) = refused(learn(elsewhere, &text));
    assert!(field == "pairs" && what.contains("line 1: its prompt is not what is seen here"), "{what}");
    let (_, what) = refused(learn(dpo(on_sessions(600.0)), "nonsense"));
    assert!(what.contains("line 1"), "{what}");
}

/// A run on forty things of one's own, and what brings them.
fn on_things() -> (Plan, Bringing) {
    let mut text = String::from("title,description,topic,minutes\n");
    for i in 0..40 {
        let topic = if i % 2 == 0 { "Wood" } else { "Wool" };
        text += &format!("Thing {i},about number {i},{topic},3\n");
    }
    let bytes = text.into_bytes();
    let file = Imported { name: "things.csv".into(), bytes: bytes.clone() };
    let (mut catalog, report) = import(vec![file], None).expect("is read");
    catalog.shelf.name = "Things".into();
    let mapping = recoworld::catalog::import::FIELDS
        .iter()
        .filter_map(|f| Some((f.name().to_owned(), report.mapping.get(*f)?.to_owned())))
        .chain([("duration_unit".to_owned(), "minutes".to_owned())])
        .collect();
    let mut scenario = registry::default_preset();
    scenario.catalog = CatalogSpec::Imported { name: "Things".into(), digest: digest(&catalog.shelf) };
    let bringing = Bringing {
        name: "Things".into(),
        files: vec![File { name: "things.csv".into(), bytes }],
        mapping,
        pictures: Vec::new(),
    };
    (Plan { scenario: Chosen::Session(Box::new(scenario)), ..on_sessions(600.0) }, bringing)
}

/// What comes of a command after the items were brought, or were not.
fn brought(bringing: Option<&Bringing>, command: Command) -> (Trainer, Seen) {
    let (mut trainer, mut seen) = (Trainer::default(), Seen::default());
    if let Some(bringing) = bringing {
        seen.tell(&mut trainer, Command::Bring(Box::new(bringing.clone())));
    }
    seen.tell(&mut trainer, command);
    (trainer, seen)
}

#[test]
fn imported_items_are_trained_on_once_they_are_brought_and_again_after_a_reload() {
    let (plan, bringing) = on_things();
    let begin = || Command::Begin(Box::new(plan.clone()));
    let (mut trainer, mut seen) = brought(Some(&bringing), begin());
    seen.work(&mut trainer, |v| v.best.is_some());
    assert!(seen.refused.is_none());
    let view = seen.view();
    assert!(view.then.iter().all(|item| item.title.starts_with("Thing ")), "{:?}", view.then);
    seen.tell(&mut trainer, Command::Pause);
    seen.work(&mut trainer, |_| false);
    let kept = seen.kept.take().expect("kept");
    let words = serde_json::to_string(&kept.plan).expect("JSON");
    assert!(!words.contains("about number"), "the files are no part of what is kept");
    let resume = || Command::Resume(Box::new(kept.clone()));
    let (mut again, mut rest) = brought(Some(&bringing), resume());
    assert!(rest.refused.is_none() && rest.view().points == seen.view().points);
    rest.work(&mut again, |_| false);
    rest.tell(&mut again, Command::GoOn);
    rest.work(&mut again, |_| false);
    assert_eq!(rest.view().phase, Phase::Done);
    // What is gone, unreadable or other items is told, and nothing begins.
    let refused = |bringing: Option<&Bringing>, command: Command| {
        let (_, seen) = brought(bringing, command);
        assert!(seen.view.is_none());
        seen.refused.map(|p| (p.field, p.what)).expect("refused")
    };
    for command in [begin(), resume()] {
        let (field, what) = refused(None, command);
        assert!(field == "scenario" && what.contains("“Things”, are not kept in this browser any more"), "{what}");
    }
    let mut other = bringing.clone();
    other.files[0].bytes.extend(b"One more,about it,Wood,3\n");
    let (_, what) = refused(Some(&other), begin());
    assert!(what.contains("other items than the ones"), "{what}");
    other.files[0].bytes = b"nonsense".to_vec();
    let (field, what) = refused(Some(&other), begin());
    assert!(field == "scenario" && !what.is_empty(), "{what}");
}

#[test]
fn a_policy_trained_on_imported_items_serves_on_them() {
    let (plan, bringing) = on_things();
    let (mut trainer, mut seen) = brought(Some(&bringing), Command::Begin(Box::new(plan)));
    seen.work(&mut trainer, |v| v.best.is_some());
    seen.tell(&mut trainer, Command::Serve);
    let (title, scenario, weights) = seen.serves.take().expect("handed over");
    // As the page does it: the guest, the session that was open, the items, and the scenario that is served.
    let recommender = RecommenderSpec { name: TRAINED.to_owned(), settings: Default::default() };
    let size = bringing.files[0].bytes.len() as u64;
    let items = [
        ImportCommand::Begin { kind: ImportKind::Items, files: vec![("things.csv".into(), size)] },
        ImportCommand::Slice { file: 0, bytes: bringing.files[0].bytes.clone() },
        ImportCommand::Map(bringing.mapping.clone()),
        ImportCommand::Accept { name: bringing.name.clone() },
    ];
    let mut desk = Clocked::default();
    let mut told = desk.tell(worker::Command::Guest { json: PolicySits::new(title.clone(), weights).to_json() });
    told.extend(desk.tell(worker::Command::Open(Box::new(registry::default_preset()))));
    items.into_iter().for_each(|c| told.extend(desk.tell(worker::Command::Import(c))));
    told.extend(desk.tell(worker::Command::Open(Box::new(Scenario { recommender, ..scenario }))));
    told.extend(desk.tell(worker::Command::StepTurn));
    let last = told.into_iter().rev().find_map(|e| if let worker::Event::Snapshot(s) = e { Some(s) } else { None });
    let s = last.expect("a snapshot");
    assert_eq!(s.branches[0].serving, title);
    assert!(s.slate.len() == 8 && s.slate.iter().all(|shown| shown.card.item.title.starts_with("Thing ")));
}
