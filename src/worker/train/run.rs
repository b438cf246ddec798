//! A run: seeds that learn side by side, each measured after every so many steps.

use super::{
    ask::Asking,
    protocol::{
        Best, Diagnostic, KEPT_SCHEMA, Kept, KeptSeed, Line, Measured, Phase, Plan, Point, Problem, Shown, View,
    },
    stage::{Brought, LineWork, Stage},
};
use crate::{
    lab::Welford,
    learn::{
        algorithm::{Setup, Trainer, find, get_policy, policy_file},
        evaluate::{Best as Greedily, Evaluation},
        files::Contents,
        pairs,
        policy::Policy,
        task::Task,
        verdict::{Case, imported as of_a_file, judge, together},
    },
};
use std::collections::BTreeMap;

/// How many measurements a run has.
const POINTS: f64 = 40.0;
/// Episodes of a measurement.
const EPISODES: usize = 40;
/// Episodes of a measurement between two looks at what the page says.
const SLICE: usize = 8;

/// A seed that learns.
pub(super) struct SeedRun {
    pub(super) seed: u64,
    pub(super) trainer: Box<dyn Trainer>,
    pub(super) curve: Vec<Measured>,
    diagnostics: Vec<f64>,
    measuring: Option<Box<(Evaluation, Greedily)>>,
    newest: Vec<u8>,
    before: Vec<u8>,
    pub(super) best: Option<(usize, Policy)>,
}

/// What a run is doing.
pub(super) struct Run {
    pub(super) plan: Plan,
    pub(super) setup: Setup,
    pub(super) stage: Stage,
    pub(super) task: Box<dyn Task>,
    pub(super) seeds: Vec<SeedRun>,
    waiting: Vec<LineWork>,
    lines: Vec<Line>,
    then: Vec<Shown>,
    pub(super) phase: Phase,
    paused: bool,
    ended: bool,
    stopped: Option<String>,
    notes: Vec<String>,
    /// Steps and time when it last began to train, for telling the speed.
    since: Option<(f64, f64)>,
    speed: f64,
    /// The pairs that were brought along, as they came, and how many they are.
    given: (String, usize),
    pub(super) asking: Asking,
}

impl Run {
    /// A run that has done nothing.
    pub(super) fn new(plan: Plan, brought: &Brought) -> Result<Self, Problem> {
        let (mut setup, seeds) = plan.check()?;
        let stage = Stage::open(&plan.scenario, brought)?;
        let task = stage.task();
        // As on the command line: what suits the scenario better than the algorithm's default, unless it was set.
        let given: Vec<&str> = plan.settings.keys().map(String::as_str).collect();
        setup.suit(task.as_ref(), &given);
        let seed = |seed: &u64| SeedRun {
            seed: *seed,
            trainer: setup.trainer(task.as_ref(), *seed),
            curve: Vec::new(),
            diagnostics: Vec::new(),
            measuring: None,
            newest: Vec::new(),
            before: Vec::new(),
            best: None,
        };
        let mut seeds: Vec<SeedRun> = seeds.iter().map(seed).collect();
        seeds.iter_mut().for_each(|s| s.begin_measuring(task.as_ref()));
        let then = stage.shown(seeds[0].trainer.policy());
        let waiting = stage.lines();
        Ok(Self {
            plan,
            setup,
            stage,
            task,
            seeds,
            waiting,
            lines: Vec::new(),
            then,
            phase: Phase::Preparing,
            paused: false,
            ended: false,
            stopped: None,
            notes: Vec::new(),
            since: None,
            speed: 0.0,
            given: (String::new(), 0),
            asking: Asking::default(),
        })
    }

    /// A run that learns from preferences that were brought along.
    pub(super) fn learning(plan: Plan, pairs: String, brought: &Brought) -> Result<Self, Problem> {
        let mut run = Self::new(plan, brought)?;
        run.give(pairs)?;
        Ok(run)
    }

    fn give(&mut self, text: String) -> Result<(), Problem> {
        let at = |field: &str, what: String| Problem { field: field.into(), what };
        let all = pairs::read(self.task.fresh().as_mut(), &text)
            .map_err(|e| at("pairs", format!("The pairs cannot be learnt from: {e}.")))?;
        let notes = pairs::provenance(&pairs::drawers(&all));
        if !self.seeds.iter_mut().all(|s| s.trainer.learn_from(all.clone())) {
            let what = format!("{} does not learn from preferences: choose DPO.", self.setup.algorithm.title);
            return Err(at("algorithm", what));
        }
        self.given = (text, all.len());
        self.notes.extend(notes);
        Ok(())
    }

    /// A run that goes on from what was kept. A checkpoint that is damaged gives way to the one before it.
    pub(super) fn resumed(kept: Kept, brought: &Brought) -> Result<Self, Problem> {
        if kept.schema != KEPT_SCHEMA {
            let what = format!("It was kept as “{}”; this page reads “{KEPT_SCHEMA}”.", kept.schema);
            return Err(Problem { field: String::new(), what });
        }
        let mut run = Self::new(as_begun(kept.plan, &kept.seeds, brought)?, brought)?;
        if !kept.lines.is_empty() {
            (run.lines, run.waiting) = (kept.lines, Vec::new());
        }
        if !kept.pairs.is_empty() {
            run.give(kept.pairs)?;
        }
        run.asking = Asking::taken_up(kept.picked);
        run.then = kept.then;
        run.ended = kept.ended;
        for (seed, kept) in run.seeds.iter_mut().zip(kept.seeds) {
            seed.take_up(kept, &mut run.notes);
        }
        Ok(run)
    }

    /// A policy that was made elsewhere, to be judged.
    pub(super) fn imported(plan: Plan, bytes: &[u8], brought: &Brought) -> Result<Self, Problem> {
        let at = |what: String| Problem { field: "weights".into(), what };
        let file = Contents::from_bytes(bytes).map_err(|e| at(format!("The file cannot be used: {e}.")))?;
        let (label, policy) = get_policy(&file).map_err(|e| at(format!("The file cannot be used: {e}.")))?;
        // What the label says stays with the policy when it is taken along again. Where a field is new or gone, what fits
        // is kept: a policy is judged whatever it was trained with.
        let mut setup = find(&label.algorithm).map(Setup::new).map_err(|e| at(e.to_string()))?;
        let said: BTreeMap<String, f64> = serde_json::from_str(&label.settings).unwrap_or_default();
        let settings = said.into_iter().filter(|(name, value)| setup.set(name, *value).is_ok()).collect();
        let plan = Plan { algorithm: label.algorithm, settings, seeds: vec![label.seed.to_string()], ..plan };
        let mut run = Self::new(plan, brought)?;
        run.setup.scenario = label.scenario;
        crate::learn::algorithm::fits(policy.shape(), run.task.shape()).map_err(|e| at(format!("{e}.")))?;
        let seed = &mut run.seeds[0];
        seed.best = Some((0, policy.clone()));
        seed.measuring = Some(Box::new((Evaluation::new(run.task.as_ref(), 0), Greedily::new(policy))));
        run.ended = true;
        run.notes.push("These weights were imported.".into());
        Ok(run)
    }

    /// Does a little. False where there is nothing to do until the page says so.
    pub(super) fn slice(&mut self, now_ms: f64) -> bool {
        self.phase = self.due();
        if let Some(work) = self.waiting.first_mut() {
            if let Some(line) = work.step() {
                self.lines.push(line);
                self.waiting.remove(0);
            }
            return true;
        }
        if let Some(seed) = self.seeds.iter_mut().find(|s| s.measuring.is_some()) {
            seed.measure();
            return true;
        }
        if self.phase != Phase::Training {
            self.since = None;
            return false;
        }
        self.train(now_ms);
        true
    }

    fn due(&self) -> Phase {
        if let Some(why) = &self.stopped {
            return Phase::Stopped(why.clone());
        }
        let trained = self.seeds.iter().all(|s| s.trainer.env_steps() as f64 >= self.plan.steps);
        match (self.ended || trained, self.paused) {
            (true, _) => Phase::Done,
            (_, true) => Phase::Paused,
            _ if !self.waiting.is_empty() => Phase::Preparing,
            _ => Phase::Training,
        }
    }

    /// One iteration of the seed that is furthest behind.
    fn train(&mut self, now_ms: f64) {
        let Some(seed) = self.seeds.iter_mut().min_by_key(|s| s.trainer.env_steps()) else { return };
        match seed.trainer.step() {
            Ok(report) => seed.diagnostics = report.diagnostics,
            Err(stopped) => {
                self.stopped = Some(format!("Seed {}: {stopped}", seed.seed));
                return;
            }
        }
        let every = self.plan.steps / POINTS;
        let steps = seed.trainer.env_steps() as f64;
        if steps >= every * seed.curve.len() as f64 || steps >= self.plan.steps {
            seed.begin_measuring(self.task.as_ref());
        }
        let done = self.done();
        let (from, at) = *self.since.get_or_insert((done, now_ms));
        if now_ms - at > 500.0 {
            self.speed = (done - from) / (now_ms - at) * 1000.0;
            if now_ms - at > 5000.0 {
                self.since = Some((done, now_ms));
            }
        }
    }

    fn done(&self) -> f64 {
        self.seeds.iter().map(|s| (s.trainer.env_steps() as f64).min(self.plan.steps)).sum()
    }

    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
        self.phase = self.due();
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
        self.waiting.clear();
        self.phase = self.due();
    }

    /// Whether the policy was made elsewhere.
    pub(super) fn is_imported(&self) -> bool {
        self.ended && self.done() == 0.0
    }

    /// The best policy of all seeds, with its seed and what was measured of it.
    pub(super) fn best(&self) -> Option<(u64, &Policy, &Measured)> {
        let all = self.seeds.iter().filter_map(|s| {
            let (at, policy) = s.best.as_ref()?;
            Some((s.seed, policy, s.curve.get(*at)?))
        });
        all.max_by(|a, b| a.2.mean.total_cmp(&b.2.mean))
    }

    /// The best policy's file.
    pub(super) fn weights(&self) -> Option<Vec<u8>> {
        self.best().map(|(seed, policy, _)| policy_file(&self.setup, policy, seed))
    }

    fn points(&self) -> Vec<Point> {
        let shared = self.seeds.iter().map(|s| s.curve.len()).min().unwrap_or(0);
        (0..shared).map(|i| self.point(i)).collect()
    }

    fn point(&self, i: usize) -> Point {
        let all: Vec<&Measured> = self.seeds.iter().filter_map(|s| s.curve.get(i)).collect();
        let seeds: Vec<f64> = all.iter().map(|m| m.mean).collect();
        let mut w = Welford::default();
        seeds.iter().for_each(|r| w.add(*r));
        let mut e = w.estimate();
        let n = all.len() as f64;
        // Every seed is measured on the same episodes, so luck with these does not even out over seeds: the error of the
        // measurement stands beside the spread between seeds as large as it is for one.
        let measuring = all.iter().map(|m| m.se).sum::<f64>() / n;
        let half = together(e.high - e.mean, 1.96 * measuring);
        (e.se, e.low, e.high) = (together(e.se, measuring), e.mean - half, e.mean + half);
        let mean =
            |of: &dyn Fn(&Measured) -> Option<f64>| all.iter().map(|m| of(m)).sum::<Option<f64>>().map(|sum| sum / n);
        let entropy = self.setup.algorithm.diagnostics.iter().position(|d| d.0 == "entropy");
        Point {
            env_steps: all.iter().map(|m| m.env_steps).sum::<f64>() / n,
            mean: e.mean,
            low: e.low,
            high: e.high,
            se: e.se,
            seeds,
            retention: mean(&|m| m.retention),
            entropy: mean(&|m| m.diagnostics.get(entropy?).copied()),
        }
    }

    fn diagnostics(&self, points: &[Point]) -> Vec<Diagnostic> {
        let value = |at: usize, i: usize| {
            let all: Vec<f64> = (self.seeds.iter())
                .filter_map(|s| s.curve.get(i).and_then(|m| m.diagnostics.get(at)).copied())
                .filter(|v| v.is_finite())
                .collect();
            all.iter().sum::<f64>() / all.len() as f64
        };
        let all = self.setup.algorithm.diagnostics.iter().enumerate();
        all.map(|(at, (name, about))| Diagnostic {
            name: (*name).to_owned(),
            about: (*about).to_owned(),
            values: (points.iter().enumerate())
                .map(|(i, p)| [p.env_steps, value(at, i)])
                .filter(|v| v[1].is_finite())
                .collect(),
        })
        .collect()
    }

    /// All that there is to draw.
    pub(super) fn view(&self) -> View {
        let (points, done) = (self.points(), self.done());
        let total = self.plan.steps * self.seeds.len() as f64;
        let title = self.setup.algorithm.title;
        let verdict = judge(&Case {
            name: title,
            unit: self.stage.unit(),
            stopped: self.stopped.as_deref(),
            points: &points,
            lines: &self.lines,
            paired: None,
            keeps_best: true,
        });
        let verdict = match points.last() {
            Some(point) if self.is_imported() => of_a_file(title, self.stage.unit(), point, &self.lines),
            _ => verdict,
        };
        let left = (self.speed > 0.0 && self.phase == Phase::Training).then(|| (total - done) / self.speed);
        let now = match self.best() {
            Some((_, policy, _)) if self.phase == Phase::Done => self.stage.shown(policy),
            _ => self.stage.shown(self.seeds[0].trainer.policy()),
        };
        View {
            plan: self.plan.clone(),
            title: title.to_owned(),
            scenario: self.stage.title(),
            unit: self.stage.unit().to_owned(),
            phase: self.phase.clone(),
            done,
            total,
            speed: self.speed,
            seconds_left: left,
            lines: self.lines.clone(),
            diagnostics: self.diagnostics(&points),
            points,
            then: self.then.clone(),
            now,
            verdict,
            best: self.best().map(|(seed, _, m)| Best { seed: seed.to_string(), env_steps: m.env_steps, mean: m.mean }),
            notes: self.notes.clone(),
            given: self.given.1,
            picked: self.asking.count(),
            imported: self.is_imported(),
        }
    }

    /// The run, to be kept. Checkpoints are made here.
    pub(super) fn keep(&mut self) -> Kept {
        let setup = &self.setup;
        let seed = |s: &mut SeedRun| {
            let newest = s.trainer.checkpoint();
            if newest != s.newest {
                s.before = core::mem::replace(&mut s.newest, newest);
            }
            KeptSeed {
                curve: s.curve.clone(),
                newest: s.newest.clone(),
                before: s.before.clone(),
                best: s.best.as_ref().map(|b| policy_file(setup, &b.1, s.seed)).unwrap_or_default(),
                best_at: s.best.as_ref().map(|b| b.0),
            }
        };
        Kept {
            schema: KEPT_SCHEMA.into(),
            plan: self.plan.clone(),
            seeds: self.seeds.iter_mut().map(seed).collect(),
            lines: if self.waiting.is_empty() { self.lines.clone() } else { Vec::new() },
            then: self.then.clone(),
            ended: self.ended,
            pairs: self.given.0.clone(),
            picked: self.asking.picked.clone(),
        }
    }
}

/// The plan of a run that was kept, with what a task says suits it as it was when the run began: a checkpoint is gone on
/// from with the settings that it was made with.
fn as_begun(mut plan: Plan, seeds: &[KeptSeed], brought: &Brought) -> Result<Plan, Problem> {
    let newest = seeds.iter().find_map(|s| get_policy(&Contents::from_bytes(&s.newest).ok()?).ok());
    let Some((label, _)) = newest else { return Ok(plan) };
    let then: BTreeMap<String, f64> = serde_json::from_str(&label.settings).unwrap_or_default();
    let mut now = plan.check()?.0;
    let task = Stage::open(&plan.scenario, brought)?.task();
    now.suit(task.as_ref(), &[]);
    for (name, _) in task.hints() {
        if let Some(value) = then.get(*name).filter(|v| **v != now.get(name)) {
            plan.settings.entry((*name).to_owned()).or_insert(*value);
        }
    }
    Ok(plan)
}

impl SeedRun {
    /// Measures the policy as it is now, on the same episodes as ever.
    fn begin_measuring(&mut self, task: &dyn Task) {
        let policy = self.trainer.policy().clone();
        self.measuring = Some(Box::new((Evaluation::new(task, 0), Greedily::new(policy))));
    }

    /// Runs some more episodes of the measurement under way.
    fn measure(&mut self) {
        let Some(work) = &mut self.measuring else { return };
        let (evaluation, actor) = work.as_mut();
        for _ in 0..SLICE {
            evaluation.step(actor);
        }
        let results = evaluation.results();
        if results.returns().len() < EPISODES {
            return;
        }
        let e = results.estimate();
        let retention = results.measures().iter().find(|m| m.0 == "retention").map(|m| m.1.mean);
        self.curve.push(Measured {
            env_steps: self.trainer.env_steps() as f64,
            mean: e.mean,
            se: e.se,
            retention,
            diagnostics: self.diagnostics.clone(),
        });
        self.measuring = None;
        let better = self.best.as_ref().and_then(|b| self.curve.get(b.0)).is_none_or(|b| e.mean > b.mean);
        if better && self.trainer.env_steps() > 0 {
            self.best = Some((self.curve.len() - 1, self.trainer.policy().clone()));
        }
    }

    fn take_up(&mut self, kept: KeptSeed, notes: &mut Vec<String>) {
        let candidates = [&kept.newest, &kept.before];
        let restored = candidates.iter().position(|bytes| !bytes.is_empty() && self.trainer.restore(bytes).is_ok());
        match restored {
            Some(0) => (self.newest, self.before) = (kept.newest, kept.before),
            Some(_) => {
                notes.push(format!(
                    "Seed {}: the newest checkpoint is damaged; it goes on from the one before.",
                    self.seed
                ));
                self.newest = kept.before;
            }
            None if kept.newest.is_empty() => {}
            None => notes.push(format!("Seed {}: its checkpoints are damaged; it begins anew.", self.seed)),
        }
        let reached = self.trainer.env_steps() as f64;
        self.curve = kept.curve.into_iter().take_while(|m| m.env_steps <= reached).collect();
        if !self.curve.is_empty() {
            self.measuring = None;
        }
        let best = Contents::from_bytes(&kept.best).and_then(|file| get_policy(&file)).ok();
        if let (Some(at), Some((_, policy))) = (kept.best_at.filter(|at| *at < self.curve.len()), best) {
            self.best = Some((at, policy));
        }
    }
}
