//! The workloads whose speed is promised, as plain functions: the native benches and the page run the same ones.
//! The engine reads no clock: whoever runs a workload times it.

use crate::{
    catalog::{
        ItemIx, MAX_ITEMS,
        import::{File, import},
        represent::{self, near, quantise},
        synthetic,
    },
    learn::{
        algorithm::Setup,
        ppo::PPO,
        task::{Outcome, Shape, Task, View},
    },
    math::{Purpose, Source, Stream, lanes::LANES},
    recommender::{self, Knowledge, Observation, Recommender, understand::Level},
    scenario::{
        CatalogStyle, Scenario, World, build,
        recsim::{Agent, Family, Spec},
        registry,
    },
    session::{
        Answer, Author, Keep, Need, Session,
        player::{Player, Trajectory},
    },
    user::{
        Reaction, Remembering,
        memory::{INTERACTIONS, Recall, situation},
        mindset::Parameters,
        state::User,
    },
};
use std::rc::Rc;

/// One workload.
#[derive(Clone, Copy)]
pub struct Workload {
    /// Its name, the same natively and in the page.
    pub name: &'static str,
    /// What one unit of it is.
    pub unit: &'static str,
    /// Prepares it. Each call of what it gives does one unit and returns a number that depends on the work.
    pub prepare: fn() -> Box<dyn FnMut() -> f64>,
}

/// All workloads, the promised ones first.
pub static WORKLOADS: &[Workload] = &[
    Workload {
        name: "user_turn",
        unit: "one turn of the built-in user: slate of 8 of 1,200 items, random recommender, totals only",
        prepare: user_turn,
    },
    Workload {
        name: "item_with_attention",
        unit: "one item appraised and reacted to, with attention over 64 memories",
        prepare: item_with_attention,
    },
    Workload {
        name: "interest_evolution",
        unit: "one step of recsim/InterestEvolution-v0: slate of 3 of 10 candidates, random agent",
        prepare: interest_evolution,
    },
    Workload {
        name: "ppo_iteration",
        unit: "1,024 environment steps of PPO: observation 32, 50 actions, two networks of 64×64, minibatches of 256, 4 epochs",
        prepare: ppo_iteration,
    },
    Workload {
        name: "multiply_add",
        unit: "a million multiplications and additions in registers: the arithmetic limit",
        prepare: multiply_add,
    },
    Workload { name: "attention_64", unit: "attention over 64 memories alone", prepare: attention },
    Workload {
        name: "embed_10k",
        unit: "10,000 items represented by text and picture and indexed for retrieval",
        prepare: embed_10k,
    },
    Workload {
        name: "retrieve_200",
        unit: "the 200 nearest of 100,000 items found (recall at least 0.95)",
        prepare: retrieve_200,
    },
    Workload {
        name: "quantise_10k",
        unit: "a residual quantiser of 4 levels of 256 trained on 10,000 rows of 64 numbers",
        prepare: quantise_10k,
    },
    Workload { name: "import_100k", unit: "a CSV file of 100,000 items imported", prepare: import_100k },
    Workload {
        name: "reasoning_turn",
        unit: "one vague instruction read at the reasoning level after a session of the default preset",
        prepare: reasoning_turn,
    },
    Workload { name: "session_json", unit: "one whole session written as JSON", prepare: session_json },
];

/// The workload of that name.
#[must_use]
pub fn workload(name: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|w| w.name == name)
}

/// What all workloads run in: the default preset with a random recommender.
fn stage() -> (Rc<Scenario>, Rc<World>) {
    let mut scenario = registry::default_preset();
    scenario.recommender.name = "random".to_owned();
    scenario.recommender.settings.clear();
    let world = build(&scenario, None).expect("the default preset, which the tests build");
    (Rc::new(scenario), world)
}

/// The random recommender, made as every other is.
fn random(scenario: &Rc<Scenario>, world: &Rc<World>) -> Box<dyn Recommender> {
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    recommender::make(&scenario.recommender, &knowledge).expect("the random recommender, which is listed")
}

fn user_turn() -> Box<dyn FnMut() -> f64> {
    let (scenario, world) = stage();
    let mut recommender = random(&scenario, &world);
    let mut seed = 0;
    let mut session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
    Box::new(move || {
        if session.end().is_some() {
            seed += 1;
            session = Session::new(scenario.clone(), world.clone(), seed, Keep::Totals);
        }
        let mut items: Vec<ItemIx> = Vec::with_capacity(scenario.slate_size);
        recommender::serve(recommender.as_mut(), &session, &mut items, None);
        let by = Author::Builtin;
        let mut answer = Answer::Slate { items, trace: None, by };
        loop {
            session.answer(answer).expect("built-in drivers answer what was asked");
            answer = match session.poll() {
                Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
                Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
                Need::Slate(_) | Need::Reply { .. } | Need::Over(_) => return session.turn_parts().time,
            };
        }
    })
}

/// An environment that costs next to nothing, so that what is timed is learning.
struct Nothing {
    step: u32,
    random: Stream,
}

impl Nothing {
    fn look(&mut self, view: &mut View) {
        view.count = 50;
        view.observation.clear();
        view.observation.extend((0..32).map(|_| 2.0 * self.random.uniform() - 1.0));
    }
}

impl Task for Nothing {
    fn shape(&self) -> Shape {
        Shape { observation: 32, features: 0, candidates: 50, slate: 1 }
    }

    fn reset(&mut self, seed: u64, view: &mut View) {
        (self.step, self.random) = (0, Source::new(seed).stream(Purpose::Other));
        self.look(view);
    }

    fn step(&mut self, slate: &[usize], view: &mut View) -> Outcome {
        self.step += 1;
        self.look(view);
        Outcome { reward: f64::from(view.observation[slate[0] % 32]), terminated: self.step == 200, truncated: false }
    }

    fn fresh(&self) -> Box<dyn Task> {
        Box::new(Self { step: 0, random: Source::new(0).stream(Purpose::Other) })
    }
}

fn ppo_iteration() -> Box<dyn FnMut() -> f64> {
    let nothing = Nothing { step: 0, random: Source::new(0).stream(Purpose::Other) };
    let mut setup = Setup::new(&PPO);
    setup.set("total_timesteps", 1e9).expect("within limits");
    let mut trainer = setup.trainer(&nothing, 1);
    Box::new(move || trainer.step().map_or(f64::NAN, |r| r.diagnostics[0]))
}

fn multiply_add() -> Box<dyn FnMut() -> f64> {
    /// Chains that do not wait for each other: as many as fit into the registers with what they are multiplied by.
    const CHAINS: usize = 6;
    let (mut acc, mut k) = ([[0.5f32; LANES]; CHAINS], 0.999_9f32);
    Box::new(move || {
        // Hidden from the compiler, which else would know the outcome.
        k = core::hint::black_box(k);
        // A multiplication and an addition each: a million in all.
        for _ in 0..1_000_000 / (2 * CHAINS * LANES) {
            for chain in &mut acc {
                for x in chain.iter_mut() {
                    *x = *x * k + 1e-4;
                }
            }
        }
        f64::from(acc.iter().map(|c| c[0]).sum::<f32>())
    })
}

fn interest_evolution() -> Box<dyn FnMut() -> f64> {
    let mut spec = Spec::new(Family::InterestEvolution);
    spec.set("slate_size", "3").expect("within limits");
    let mut model = spec.model();
    let mut agent = Agent::find(spec.family(), "random").expect("the random agent, which is listed");
    let (mut seed, mut slate) = (0, Vec::new());
    model.begin(seed);
    Box::new(move || {
        agent.choose(&model, seed, &mut slate);
        let outcome = model.advance(&slate);
        if outcome.terminated || outcome.truncated {
            seed += 1;
            model.begin(seed);
        }
        outcome.reward
    })
}

/// A user whose memory is full.
fn experienced(scenario: &Rc<Scenario>, world: &Rc<World>) -> User {
    let session = Session::new(scenario.clone(), world.clone(), 7, Keep::Totals);
    let mut user = session.user().clone();
    let reaction = Reaction { examined: true, seconds: 1.5, ..Reaction::default() };
    for item in 0..2 * INTERACTIONS as ItemIx {
        let look = user.look(world, item);
        user.absorb(world, item, item / 8, &look, &reaction, look.appraisal.utility);
    }
    user
}

fn item_with_attention() -> Box<dyn FnMut() -> f64> {
    let (scenario, world) = stage();
    let user = experienced(&scenario, &world);
    let source = crate::math::Source::new(7);
    let mut item: ItemIx = 0;
    Box::new(move || {
        item = (item + 1) % world.shelf().items.len() as ItemIx;
        let look = user.look(&world, item);
        let reaction = user.react(&world.shelf().items[item as usize], &look, source.keyed(u64::from(item)));
        f64::from(look.appraisal.utility + reaction.seconds)
    })
}

fn attention() -> Box<dyn FnMut() -> f64> {
    let (scenario, world) = stage();
    let user = experienced(&scenario, &world);
    let context = scenario.context.features();
    let parameters = Parameters::of(Remembering::Stated);
    let mut item: ItemIx = 0;
    Box::new(move || {
        item = (item + 1) % world.shelf().items.len() as ItemIx;
        let now = situation(&world.truth().vectors[item as usize], &context);
        let mut recall = Recall::default();
        user.memory.recall(parameters, &now, &mut recall);
        f64::from(recall.alpha[0])
    })
}

/// A whole session of the default preset under a random recommender, as exports hold it.
#[must_use]
pub fn sample_run() -> Trajectory {
    let (scenario, world) = stage();
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let make = Rc::new(move |spec: &_| recommender::make(spec, &knowledge).map_err(|e| e.to_string()));
    let mut player = Player::new(scenario, world, make).expect("the default preset, which the tests play");
    player.run().expect("built-in drivers answer what was asked");
    player.trajectory().expect("its own tape")
}

fn reasoning_turn() -> Box<dyn FnMut() -> f64> {
    let (scenario, world) = stage();
    let knowledge = Knowledge::new(scenario.clone(), world.clone());
    let mut served = random(&scenario, &world);
    let mut session = Session::new(scenario, world, 7, Keep::Totals);
    while session.end().is_none() {
        turn_of(&mut session, served.as_mut());
    }
    let reader = knowledge.understanding(Level::Reasoning);
    Box::new(move || {
        let obs = Observation { history: session.history(), ..session.observation() };
        f64::from(reader.read("I'm bored. Help me out here.", &obs).confidence)
    })
}

/// Plays one turn.
fn turn_of(session: &mut Session, served: &mut dyn Recommender) {
    let mut items: Vec<ItemIx> = Vec::new();
    recommender::serve(served, session, &mut items, None);
    let by = Author::Builtin;
    let mut answer = Answer::Slate { items, trace: None, by };
    loop {
        session.answer(answer).expect("built-in drivers answer what was asked");
        answer = match session.poll() {
            Need::Review { .. } => Answer::Review { reaction: session.builtin_reaction(), by },
            Need::Verdict { .. } => Answer::Verdict { verdict: session.builtin_verdict(), by },
            Need::Slate(_) | Need::Reply { .. } | Need::Over(_) => return,
        };
    }
}

fn session_json() -> Box<dyn FnMut() -> f64> {
    let run = sample_run();
    Box::new(move || serde_json::to_string(&run).map_or(0.0, |text| text.len() as f64))
}

fn embed_10k() -> Box<dyn FnMut() -> f64> {
    let shelf = synthetic::make(CatalogStyle::Lookbook, 10_000, 1).shelf;
    Box::new(move || {
        let features = represent::features(&shelf, crate::scenario::Representation::Multimodal, &[]);
        let index = near::Index::of(features.rows.as_flattened(), crate::recommender::FEATURES);
        f64::from(index.near(&features.rows[0], 1)[0].0)
    })
}

fn retrieve_200() -> Box<dyn FnMut() -> f64> {
    let shelf = synthetic::make(CatalogStyle::Clips, MAX_ITEMS, 1).shelf;
    let rows = represent::text::features(&shelf).rows;
    let index = near::Index::of(rows.as_flattened(), crate::recommender::FEATURES);
    let mut item = 0;
    Box::new(move || {
        item = (item + 7919) % rows.len();
        f64::from(index.near(&rows[item], 200)[199].0)
    })
}

fn quantise_10k() -> Box<dyn FnMut() -> f64> {
    let mut draw = crate::math::Source::new(5).stream(crate::math::Purpose::Other);
    let rows: Vec<f32> = (0..10_000 * 64).map(|_| draw.normal()).collect();
    let settings = quantise::Settings { codebook: 256, ..quantise::Settings::default() };
    Box::new(move || quantise::Quantiser::train(&rows, 64, settings).error(&rows[..64 * 100]))
}

/// A CSV file of `items` generated items, as a person might bring it.
fn csv_file(items: usize) -> Vec<u8> {
    let shelf = synthetic::make(CatalogStyle::Clips, items, 1).shelf;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = ["id", "title", "text", "topics", "creator", "duration", "rating"];
    writer.write_record(head).expect("memory takes it");
    for item in &shelf.items {
        let topics: Vec<&str> = item.topics.iter().map(|t| shelf.topics[*t as usize].as_str()).collect();
        let (duration, rating) = (item.duration_s.to_string(), item.rating.unwrap_or(3.0).to_string());
        let creator = &shelf.creators[item.creator as usize];
        let row = [&item.id, &item.title, &item.text, &topics.join("|"), creator, &duration, &rating];
        writer.write_record(row).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

fn import_100k() -> Box<dyn FnMut() -> f64> {
    let bytes = csv_file(MAX_ITEMS);
    Box::new(move || {
        let file = File { name: "items.csv".to_owned(), bytes: bytes.clone() };
        import(vec![file], None).map_or(0.0, |(catalog, _)| catalog.shelf.items.len() as f64)
    })
}
