//! Every preset keeps the promises of an environment, and the checker notices those that do not.

use recoworld::{
    catalog::ItemIx,
    scenario::{
        check::check,
        env::{Env, EnvError, Environment, Info, Options, PublicObservation, Space, Step},
        registry,
    },
};

#[test]
fn every_preset_passes_every_check() {
    for mut preset in registry::presets() {
        preset.set("catalog.items", "300").expect("fewer items, for speed");
        let env = Env::new(&preset, None).unwrap_or_else(|e| panic!("{}: {e}", preset.id));
        for c in check(&env) {
            assert!(c.passed, "{}: {}: {}", preset.id, c.name, c.seen);
        }
    }
}

#[test]
fn a_session_that_is_cut_off_is_truncated_and_not_terminated() {
    let mut preset = registry::default_preset();
    preset.set("horizon", "1").expect("settable");
    preset.set("persona.traits.patience", "1").expect("settable");
    preset.set("minutes", "600").expect("settable");
    let mut env = Env::new(&preset, None).expect("an environment");
    let (o, _) = env.reset(Some(4), &Options::default()).expect("a reset");
    let step = env.step(&o.candidates[..8]).expect("a step");
    assert!(step.truncated && !step.terminated);
    assert_eq!(env.step(&o.candidates[8..16]).expect_err("over"), EnvError::Over);
}

#[test]
fn options_change_one_episode_and_not_the_catalogue() {
    let mut env = Env::new(&registry::default_preset(), None).expect("an environment");
    let set = |path: &str, text: &str| Options { set: vec![(path.to_owned(), text.to_owned())] };
    let (o, _) = env.reset(Some(1), &set("slate_size", "3")).expect("a reset");
    assert_eq!(o.slate_size, 3);
    assert_eq!(env.reset(Some(1), &Options::default()).expect("a reset").0.slate_size, 8);
    let e = env.reset(Some(1), &set("catalog.items", "50")).expect_err("the catalogue is fixed").to_string();
    assert!(e.contains("fixed when the environment is made"), "{e}");
}

/// What a [`Broken`] environment does wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    TakesAnything,
    DrawsFromThePast,
    NeverEnds,
    RewardIsNotANumber,
    TellsTheSecret,
}

/// A right environment with one fault put in.
struct Broken {
    inner: Env,
    fault: Fault,
    secret: bool,
    calls: u32,
}

impl Environment for Broken {
    type Observation = PublicObservation;

    fn space(&self) -> Space {
        let mut space = self.inner.space();
        if self.fault == Fault::NeverEnds {
            space.horizon = 1;
        }
        space
    }

    fn reset(&mut self, seed: Option<u64>, options: &Options) -> Result<(PublicObservation, Info), EnvError> {
        let (mut o, info) = self.inner.reset(seed, options)?;
        if self.fault == Fault::TellsTheSecret && self.secret {
            o.profile.about.push('!');
        }
        Ok((o, info))
    }

    fn step(&mut self, slate: &[ItemIx]) -> Result<Step<PublicObservation>, EnvError> {
        self.calls += 1;
        let step = self.inner.step(slate);
        let mut step = match (step, self.fault) {
            (Err(EnvError::Slate(_)), Fault::TakesAnything) => {
                let (o, _) = self.inner.fresh().reset(Some(1), &Options::default())?;
                self.inner.step(&o.candidates[..slate.len().clamp(1, 8)])?
            }
            (other, _) => other?,
        };
        match self.fault {
            Fault::DrawsFromThePast => step.reward += f64::from(self.calls % 7),
            Fault::RewardIsNotANumber => step.reward = f64::NAN,
            _ => {}
        }
        Ok(step)
    }

    fn candidates(o: &PublicObservation) -> &[ItemIx] {
        &o.candidates
    }

    fn fresh(&self) -> Self {
        // The count of calls is kept on purpose where the fault is to remember too much.
        Self { inner: self.inner.fresh(), calls: self.calls, ..*self }
    }

    fn other_secret(&self) -> Option<Self> {
        Some(Self { inner: self.inner.other_secret()?, secret: true, ..*self })
    }
}

#[test]
fn the_checker_notices_what_is_broken() {
    let mut preset = registry::default_preset();
    preset.set("catalog.items", "300").expect("settable");
    for (fault, name) in [
        (Fault::TakesAnything, "wrong slates"),
        (Fault::DrawsFromThePast, "reset midway"),
        (Fault::NeverEnds, "end"),
        (Fault::RewardIsNotANumber, "rewards"),
        (Fault::TellsTheSecret, "secrets"),
    ] {
        let inner = Env::new(&preset, None).expect("an environment");
        let failed: Vec<String> = check(&Broken { inner, fault, secret: false, calls: 0 })
            .into_iter()
            .filter(|c| !c.passed)
            .map(|c| c.name)
            .collect();
        assert!(failed.iter().any(|n| n == name), "{name} was not noticed; failed were {failed:?}");
    }
}
