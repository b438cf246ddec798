//! Learners: they learn, a run that is gone on with is the run that was not interrupted, and what is wrong is told.

use recoworld::{
    learn::{
        algorithm::{ALGORITHMS, Setup, find, fits, get_policy},
        evaluate::{AtRandom, Best, evaluate},
        files::{Contents, FileError},
        session::SessionTask,
        task::{Outcome, Shape, Task, View},
    },
    recommender::Knowledge,
    scenario::{build, recsim::Spec, registry},
};
use std::rc::Rc;

fn setup(algorithm: &str, fields: &[(&str, f64)]) -> Setup {
    let mut setup = Setup::new(find(algorithm).expect("listed"));
    for (name, value) in fields {
        setup.set(name, *value).expect("allowed");
    }
    setup
}

fn satisfaction() -> Box<dyn Task> {
    let mut spec = Spec::find("recsim/LongTermSatisfaction-v0").expect("recsim's").expect("listed");
    spec.set("sensitivity", "0.3").expect("allowed");
    spec.task()
}

fn sessions() -> SessionTask {
    let scenario = registry::default_preset();
    let world = build(&scenario, None).expect("ships");
    SessionTask::new(&Knowledge::new(Rc::new(scenario), world.clone()), &world)
}

#[test]
fn going_on_from_a_checkpoint_is_the_same_run_to_the_byte() {
    for algorithm in ["ppo", "reinforce", "dpo", "slateq", "linucb", "thompson", "epsilon-greedy"] {
        let small: &[(&str, f64)] = match algorithm {
            "linucb" | "thompson" | "epsilon-greedy" => &[("num_envs", 3.0), ("num_steps", 16.0)],
            // Steps are forgotten and learnt from, targets copied and ε falls within the first iterations.
            "slateq" => &[
                ("num_envs", 3.0),
                ("num_steps", 64.0),
                ("buffer_size", 256.0),
                ("learning_starts", 50.0),
                ("batch_size", 16.0),
                ("target_network_frequency", 70.0),
                ("total_timesteps", 600.0),
            ],
            "dpo" => &[("pairs", 4.0), ("total_timesteps", 4000.0)],
            _ => &[("num_envs", 3.0), ("num_steps", 16.0), ("total_timesteps", 400.0)],
        };
        let setup = setup(algorithm, small);
        for task in [satisfaction(), Box::new(sessions())] {
            let mut whole = setup.trainer(task.as_ref(), 5);
            let mut broken = setup.trainer(task.as_ref(), 5);
            (0..2).for_each(|_| drop((whole.step().expect("finite"), broken.step().expect("finite"))));
            let file = broken.checkpoint();
            let mut resumed = setup.trainer(task.as_ref(), 5);
            resumed.restore(&file).expect("of this run");
            for _ in 0..2 {
                assert_eq!(whole.step().expect("finite"), resumed.step().expect("finite"), "{algorithm}");
            }
            assert_eq!(whole.checkpoint(), resumed.checkpoint(), "{algorithm}");
            // It may train for longer than was planned, but not by other settings.
            if setup.values().contains_key("total_timesteps") {
                let mut longer = setup.clone();
                longer.set("total_timesteps", 2.0 * setup.get("total_timesteps")).expect("within limits");
                assert!(longer.trainer(task.as_ref(), 5).restore(&file).is_ok(), "{algorithm}");
            }
            // Another seed's run is not gone on with.
            assert!(matches!(setup.trainer(task.as_ref(), 6).restore(&file), Err(FileError::Mismatch(_))));
        }
    }
}

#[test]
fn ppo_soon_does_better_than_chance() {
    let task = satisfaction();
    let mut trainer = setup("ppo", &[("total_timesteps", 40_000.0)]).trainer(task.as_ref(), 1);
    while trainer.env_steps() < 40_000 {
        trainer.step().expect("finite");
    }
    let trained = evaluate(task.as_ref(), &mut Best::new(trainer.policy().clone()), 60, 1).estimate();
    let random = evaluate(task.as_ref(), &mut AtRandom, 60, 1).estimate();
    assert!(trained.low > random.high + 100.0, "{trained:?} against {random:?}");
}

#[test]
fn dpo_keeps_to_its_steps_but_for_the_pair_that_reaches_them() {
    let task = satisfaction();
    let mut trainer = setup("dpo", &[("total_timesteps", 3000.0)]).trainer(task.as_ref(), 1);
    trainer.step().expect("finite");
    // A pair takes an episode of sixty steps, its past, and two continuations of both sides.
    assert!((3000..3000 + 60 + 59 + 4 * 60).contains(&trainer.env_steps()), "{}", trainer.env_steps());
    // A run that is to go on for longer than was planned is not held up.
    let so_far = trainer.env_steps();
    trainer.step().expect("finite");
    assert!(trainer.env_steps() > so_far + 3000);
}

#[test]
fn bandits_learn_what_is_clicked() {
    let task = Spec::find("recsim/InterestExploration-v0").expect("recsim's").expect("listed").task();
    let random = evaluate(task.as_ref(), &mut AtRandom, 60, 1).estimate();
    for algorithm in ["linucb", "thompson", "epsilon-greedy"] {
        let mut trainer = setup(algorithm, &[]).trainer(task.as_ref(), 1);
        while trainer.env_steps() < 8_000 {
            trainer.step().expect("finite");
        }
        let trained = evaluate(task.as_ref(), &mut Best::new(trainer.policy().clone()), 60, 1).estimate();
        assert!(trained.low > random.high + 5.0, "{algorithm}: {trained:?} against {random:?}");
    }
}

#[test]
fn slateq_soon_does_better_than_chance() {
    let task = Spec::find("recsim/InterestExploration-v0").expect("recsim's").expect("listed").task();
    let fields = [("total_timesteps", 8_000.0), ("batch_size", 64.0), ("learning_rate", 1e-3)];
    let mut trainer = setup("slateq", &fields).trainer(task.as_ref(), 1);
    while trainer.env_steps() < 8_000 {
        trainer.step().expect("finite");
    }
    let trained = evaluate(task.as_ref(), &mut Best::new(trainer.policy().clone()), 60, 1).estimate();
    let random = evaluate(task.as_ref(), &mut AtRandom, 60, 1).estimate();
    assert!(trained.low > random.high + 5.0, "{trained:?} against {random:?}");
}

#[test]
#[ignore = "takes minutes"]
fn slateq_learns_interest_evolution() {
    let task = Spec::find("recsim/InterestEvolution-v0").expect("recsim's").expect("listed").task();
    let algorithm = find("slateq").expect("listed");
    let mut setup = Setup::suited(algorithm, task.as_ref());
    setup.set("total_timesteps", 200_000.0).expect("allowed");
    let mut trainer = setup.trainer(task.as_ref(), 1);
    while trainer.env_steps() < 200_000 {
        trainer.step().expect("finite");
    }
    let trained = evaluate(task.as_ref(), &mut Best::new(trainer.policy().clone()), 500, 1).estimate();
    // Random earns 154, greedy 166; others hold 160 to be solved.
    assert!(trained.low > 200.0, "{trained:?}");
}

#[test]
#[ignore = "takes a minute"]
fn ppo_learns_that_kale_pays_in_the_long_run() {
    let task = satisfaction();
    let mut trainer = setup("ppo", &[("total_timesteps", 1_000_000.0)]).trainer(task.as_ref(), 1);
    while trainer.env_steps() < 1_000_000 {
        trainer.step().expect("finite");
    }
    let trained = evaluate(task.as_ref(), &mut Best::new(trainer.policy().clone()), 500, 1).estimate();
    assert!(trained.mean > 1590.0, "{trained:?}");
}

/// A task whose reward is no number from some step on.
struct Broken(u32);

impl Task for Broken {
    fn shape(&self) -> Shape {
        Shape { observation: 1, features: 0, candidates: 3, slate: 1 }
    }

    fn reset(&mut self, _: u64, view: &mut View) {
        *view = View { observation: vec![0.5], features: Vec::new(), count: 3 };
    }

    fn step(&mut self, slate: &[usize], _: &mut View) -> Outcome {
        self.0 += 1;
        let reward = if self.0 > 100 { f64::NAN } else { slate[0] as f64 };
        Outcome { reward, terminated: self.0.is_multiple_of(10), truncated: false }
    }

    fn fresh(&self) -> Box<dyn Task> {
        Box::new(Self(0))
    }
}

#[test]
fn numbers_that_run_away_stop_the_run_with_a_cause_and_leave_the_policy_whole() {
    for algorithm in ["ppo", "reinforce", "slateq", "linucb"] {
        let mut fields = vec![("num_envs", 1.0), ("num_steps", 50.0)];
        if algorithm == "slateq" {
            fields.push(("learning_starts", 10.0));
        }
        let mut trainer = setup(algorithm, &fields).trainer(&Broken(0), 1);
        trainer.step().expect("finite so far");
        trainer.step().expect("finite so far");
        let before = trainer.policy().clone();
        let stopped = trainer.step().expect_err("the reward is no number");
        assert!((100..=150).contains(&stopped.env_steps), "{stopped}");
        assert!(stopped.cause.contains("Likely cause"), "{stopped}");
        assert_eq!(trainer.policy(), &before, "{algorithm}");
    }
}

#[test]
fn a_policy_for_another_shape_says_which_sizes_differ() {
    let task = satisfaction();
    let trainer = setup("ppo", &[]).trainer(task.as_ref(), 1);
    let (label, policy) = get_policy(&Contents::from_bytes(&trainer.checkpoint()).expect("whole")).expect("ours");
    assert_eq!(&policy, trainer.policy());
    let told = fits(label.shape, sessions().shape()).expect_err("another shape").to_string();
    assert!(told.contains("items of a slate: it has 2, the scenario 8"), "{told}");
}

#[test]
fn impossible_settings_are_refused_at_the_field() {
    let mut setup = Setup::new(find("ppo").expect("listed"));
    assert!(setup.set("clip_coef", 7.0).expect_err("too large").to_string().contains("clip_coef must be"));
    assert!(setup.set_text("num_envs", "2.5").is_err() && setup.set_text("gamma", "high").is_err());
    assert!(setup.set_text("norm_adv", "off").is_ok());
    assert_eq!(setup.get("norm_adv"), 0.0);
    let told = find("pppo").map(|a| a.name).expect_err("none").to_string();
    assert!(told.contains("Did you mean \"ppo\"?"), "{told}");
    for algorithm in ALGORITHMS {
        for f in algorithm.fields {
            assert!((f.min..=f.max).contains(&f.default) && !f.doc.is_empty(), "{} {}", algorithm.name, f.name);
        }
    }
}

#[test]
fn a_session_looks_the_same_to_a_policy_whatever_is_hidden() {
    let mut scenario = registry::default_preset();
    let world = build(&scenario, None).expect("ships");
    let look = |scenario: &recoworld::scenario::Scenario| {
        let mut task = SessionTask::new(&Knowledge::new(Rc::new(scenario.clone()), world.clone()), &world);
        let mut view = View::default();
        task.reset(3, &mut view);
        (view, task.shape())
    };
    let (before, shape) = look(&scenario);
    assert_eq!(before.observation.len(), shape.observation);
    assert_eq!(before.features.len(), before.count * shape.features);
    assert!(before.observation.iter().chain(&before.features).all(|x| x.abs() < 8.0), "{before:?}");
    // The budget of time is hidden and moves nothing that was learnt from logs of the same scenario.
    scenario.seed = "99".into();
    assert_eq!(look(&scenario).0, before);
}
