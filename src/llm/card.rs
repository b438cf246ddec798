//! The report card: a fixed battery that shows how well a model plays a user, the same for every model.
//!
//! Two people who could hardly be more different (a food lover, a sports fan) see the same slate of four clips for each,
//! then the same slate upside down, then the first one again; then each is shown eight clips of the other's and asked
//! what should change. Eight calls, nothing drawn at random but by the model.

use super::{
    battery::{Ask, Battery, Series},
    chat::{Message, Reply, Request, Role},
    describe,
    fault::Fault,
    meaning::named,
    prompt::{Prompts, fill},
    settings::Settings,
    shape::parse,
    task::Task,
    user::{Written, instruction_shape, reaction, reaction_shape, who},
};
use crate::{
    catalog::{ItemIx, TopicIx, represent::text, synthetic},
    recommender::ReasoningTrace,
    scenario::{CatalogStyle, Scenario, World, registry},
    session::{Answer, Author, Keep, Session},
    user::memory::valence,
};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The format's name and version.
pub const CARD: &str = "recoworld/card-v1";
/// Turns that a session is taken to have when costs are reckoned.
pub const TURNS: f64 = 8.0;
/// Items of each kind in the mixed slate.
const EACH: usize = 4;

/// What a model must reach to pass; what is not measured does not count.
const LEAST_VALID: f64 = 0.9;
const LEAST_SENSITIVITY: f64 = 0.1;
const MOST_BIAS: f64 = 0.3;
const LEAST_QUALITY: f64 = 0.5;
const LEAST_CONSISTENCY: f64 = 0.5;

/// A report card.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The format's name and version, [`CARD`].
    pub schema: String,
    /// The model's name.
    pub model: String,
    /// The calls answered.
    pub calls: u32,
    /// The share of answers that were valid at once, in [0, 1].
    pub valid: f64,
    /// How much more each person engages with their own kind of items than with the other's, in [-1, 1]: the mean
    /// difference in valence, halved. Above 0 is as it should be.
    pub persona_sensitivity: Option<f64>,
    /// How much more is engaged with in the upper half of a slate than in the lower, whatever stands there, in [-1, 1];
    /// 0 is none.
    pub position_bias: Option<f64>,
    /// The share of instructions whose words name the cause: what was too much, or what is wanted instead.
    pub instruction_quality: Option<f64>,
    /// What was said when asked for an instruction.
    pub instructions: Vec<String>,
    /// The share of items acted on alike when asked the same again, in [0, 1].
    pub consistency: Option<f64>,
    /// Tokens of the prompt a turn.
    pub prompt_tokens: f64,
    /// Tokens of the answer a turn.
    pub completion_tokens: f64,
    /// Seconds a turn.
    pub seconds: f64,
    /// The cost of 1,000 sessions of eight turns, in the currency of the prices; `None` without prices.
    pub cost_1000: Option<f64>,
    /// What the model failed, in words; empty where it passed.
    pub failed: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Person {
    Food,
    Sports,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trial {
    Mixed { who: Person, upside_down: bool, again: bool },
    Complaint { who: Person },
}

const TRIALS: [Trial; 8] = [
    Trial::Mixed { who: Person::Food, upside_down: false, again: false },
    Trial::Mixed { who: Person::Sports, upside_down: false, again: false },
    Trial::Mixed { who: Person::Food, upside_down: true, again: false },
    Trial::Mixed { who: Person::Sports, upside_down: true, again: false },
    Trial::Mixed { who: Person::Food, upside_down: false, again: true },
    Trial::Mixed { who: Person::Sports, upside_down: false, again: true },
    Trial::Complaint { who: Person::Food },
    Trial::Complaint { who: Person::Sports },
];

/// What one trial brought: the actions on the slate's items (name, valence), or the words.
#[derive(Clone, Debug, Default)]
struct Outcome {
    items: Vec<ItemIx>,
    actions: Vec<(String, f64)>,
    words: Option<String>,
}

/// The battery being run.
pub struct Check {
    model: String,
    settings: Settings,
    world: Rc<World>,
    food: Rc<Scenario>,
    sports: Rc<Scenario>,
    outcomes: Vec<Option<Outcome>>,
    series: Series,
    turns: Vec<(f64, f64, f64)>,
}

impl Battery for Check {
    fn progress(&self) -> (usize, usize) {
        (self.outcomes.len(), TRIALS.len())
    }

    fn poll(&mut self, now_ms: u64) -> Ask<'_> {
        let n = self.outcomes.len();
        let Some(trial) = TRIALS.get(n) else { return Ask::Done };
        if self.series.is_idle() {
            self.series.begin(n, self.request(*trial), self.settings.timeout_ms);
        }
        self.series.poll(now_ms)
    }

    fn reply(&mut self, id: u32, outcome: Result<Reply, Fault>, took_ms: u64, now_ms: u64) {
        let Some(answer) = self.series.take(id, outcome, &self.settings.retry, now_ms) else { return };
        let trial = TRIALS[self.outcomes.len()];
        let outcome = answer.and_then(|reply| {
            if matches!(trial, Trial::Mixed { .. }) {
                let u = reply.usage;
                self.turns.push((f64::from(u.prompt), f64::from(u.completion), took_ms as f64 / 1000.0));
            }
            self.read(trial, &reply)
        });
        self.outcomes.push(outcome);
    }
}

impl Check {
    /// The battery for a model, with the prices and retries of some settings and their prompts for the user.
    #[must_use]
    pub fn new(model: &str, settings: &Settings) -> Self {
        let catalog = synthetic::make(CatalogStyle::Clips, 400, 1);
        let features = text::features(&catalog.shelf);
        Self {
            model: model.to_owned(),
            settings: settings.clone(),
            world: Rc::new(World::new(catalog, features)),
            food: person(
                "Ada",
                "Cooks every day, reads menus for fun.",
                &["Cooking", "Street food"],
                &["Sports", "Fitness"],
            ),
            sports: person(
                "Ben",
                "Plays football, never misses a match.",
                &["Sports", "Fitness"],
                &["Cooking", "Street food"],
            ),
            outcomes: Vec::new(),
            series: Series::default(),
            turns: Vec::new(),
        }
    }

    fn scenario(&self, who: Person) -> &Rc<Scenario> {
        match who {
            Person::Food => &self.food,
            Person::Sports => &self.sports,
        }
    }

    fn topic(&self, who: Person) -> TopicIx {
        let name = if who == Person::Food { "Cooking" } else { "Sports" };
        self.world.shelf().topic_named(name).expect("the clips have this topic")
    }

    fn of_topic(&self, topic: TopicIx) -> impl Iterator<Item = ItemIx> {
        let shelf = self.world.shelf();
        (0..shelf.items.len() as ItemIx).filter(move |&i| shelf.topic(i) == topic)
    }

    fn slate(&self, trial: Trial) -> Vec<ItemIx> {
        match trial {
            Trial::Mixed { upside_down, .. } => {
                let food = self.of_topic(self.topic(Person::Food)).take(EACH);
                let sports = self.of_topic(self.topic(Person::Sports)).take(EACH);
                let mut slate: Vec<ItemIx> = food.zip(sports).flat_map(|(a, b)| [a, b]).collect();
                if upside_down {
                    slate.reverse();
                }
                slate
            }
            Trial::Complaint { who } => {
                let other = if who == Person::Food { Person::Sports } else { Person::Food };
                self.of_topic(self.topic(other)).take(2 * EACH).collect()
            }
        }
    }

    fn session(&self, who: Person, slate: Vec<ItemIx>) -> Session {
        let mut session = Session::new(self.scenario(who).clone(), self.world.clone(), 1, Keep::Totals);
        let trace = None::<Box<ReasoningTrace>>;
        session
            .answer(Answer::Slate { items: slate, trace, by: Author::Builtin })
            .expect("different items of the catalogue, as many as a slate has");
        session
    }

    fn request(&self, trial: Trial) -> Request {
        let slate = self.slate(trial);
        match trial {
            Trial::Mixed { who, .. } => {
                let session = self.session(who, slate);
                Written::new(&session).request(&session, &self.settings)
            }
            Trial::Complaint { who: person } => {
                let session = self.session(person, slate.clone());
                let shelf = self.world.shelf();
                let skipped: Vec<String> =
                    slate.iter().map(|&i| describe::title(shelf, &self.world.features().shown, i)).collect();
                let happened = format!("skipped {}.", skipped.join("; skipped "));
                let name = &session.scenario().profile.name;
                let prompts: &Prompts = &self.settings.prompts;
                let asked = fill(&prompts.instruction, &[("name", name), ("happened", &happened)]);
                Request {
                    messages: vec![
                        Message::new(Role::System, who(&session, &prompts.user_scored)),
                        Message::new(Role::User, asked),
                    ],
                    shape: Some(instruction_shape(false)),
                    max_tokens: 120,
                    temperature: self.settings.temperature,
                    seed: 1,
                    top_logprobs: 0,
                }
            }
        }
    }

    fn read(&self, trial: Trial, reply: &Reply) -> Option<Outcome> {
        let items = self.slate(trial);
        match trial {
            Trial::Mixed { .. } => {
                let answer = parse(&reply.text, &reaction_shape(items.len())).ok()?;
                let said = answer["items"].as_array()?;
                let actions = items.iter().zip(said).map(|(&item, said)| {
                    let action = said["action"].as_str().unwrap_or("skip");
                    let share = said["watched"].as_i64().unwrap_or(0) as f32 / 100.0;
                    let duration = self.world.shelf().items[item as usize].duration_s;
                    (action.to_owned(), f64::from(valence(&reaction(action, share, duration), duration)))
                });
                Some(Outcome { actions: actions.collect(), items, words: None })
            }
            Trial::Complaint { .. } => {
                let answer = parse(&reply.text, &instruction_shape(false)).ok()?;
                let words = describe::line(answer["words"].as_str()?, 160);
                Some(Outcome { items, actions: vec![], words: Some(words) })
            }
        }
    }

    /// The card; what is not yet measured is left out.
    #[must_use]
    pub fn card(&self) -> Card {
        let answered = self.outcomes.len();
        let valid = self.outcomes.iter().flatten().count();
        let mean = |f: &dyn Fn(&(f64, f64, f64)) -> f64| {
            self.turns.iter().map(f).sum::<f64>() / self.turns.len().max(1) as f64
        };
        let (prompt_tokens, completion_tokens) = (mean(&|t| t.0), mean(&|t| t.1));
        let prices = self.settings.budget.prices;
        let turn = (prompt_tokens * prices.prompt + completion_tokens * prices.completion) / 1e6;
        let mut card = Card {
            schema: CARD.to_owned(),
            model: self.model.clone(),
            calls: answered as u32,
            valid: valid as f64 / answered.max(1) as f64,
            persona_sensitivity: self.sensitivity(),
            position_bias: self.bias(),
            instruction_quality: self.quality(),
            instructions: self.outcomes.iter().flatten().filter_map(|o| o.words.clone()).collect(),
            consistency: self.consistency(),
            prompt_tokens,
            completion_tokens,
            seconds: mean(&|t| t.2),
            cost_1000: (prices.prompt + prices.completion > 0.0).then_some(1000.0 * TURNS * turn),
            failed: Vec::new(),
        };
        card.failed = card.verdicts();
        card
    }

    /// The trials of the mixed slate that are not repeats, with who saw it.
    fn mixed(&self) -> impl Iterator<Item = (Person, &Outcome)> {
        TRIALS.iter().zip(&self.outcomes).filter_map(|(t, o)| match (t, o) {
            (Trial::Mixed { who, again: false, .. }, Some(o)) => Some((*who, o)),
            _ => None,
        })
    }

    fn sensitivity(&self) -> Option<f64> {
        let shelf = self.world.shelf();
        let each: Vec<f64> = self
            .mixed()
            .map(|(who, o)| {
                let own = self.topic(who);
                let (mut mine, mut other) = (0.0, 0.0);
                for (&item, (_, v)) in o.items.iter().zip(&o.actions) {
                    *(if shelf.topic(item) == own { &mut mine } else { &mut other }) += v / EACH as f64;
                }
                (mine - other) / 2.0
            })
            .collect();
        average(&each)
    }

    fn bias(&self) -> Option<f64> {
        // Only where both orders are there does what stands in a place cancel out.
        if self.mixed().count() < 4 {
            return None;
        }
        let each: Vec<f64> = self
            .mixed()
            .map(|(_, o)| {
                let half =
                    |range: core::ops::Range<usize>| o.actions[range].iter().map(|a| a.1).sum::<f64>() / EACH as f64;
                (half(0..EACH) - half(EACH..2 * EACH)) / 2.0
            })
            .collect();
        average(&each)
    }

    fn consistency(&self) -> Option<f64> {
        let pairs = [(0, 4), (1, 5)];
        let each: Vec<f64> = pairs
            .iter()
            .filter_map(|&(a, b)| {
                let (a, b) = (self.outcomes.get(a)?.as_ref()?, self.outcomes.get(b)?.as_ref()?);
                let same = a.actions.iter().zip(&b.actions).filter(|(x, y)| x.0 == y.0).count();
                Some(same as f64 / a.actions.len().max(1) as f64)
            })
            .collect();
        average(&each)
    }

    fn quality(&self) -> Option<f64> {
        let each: Vec<f64> = TRIALS
            .iter()
            .zip(&self.outcomes)
            .filter_map(|(t, o)| match t {
                Trial::Complaint { who } => {
                    let words = o.as_ref()?.words.as_ref()?;
                    let said = named(words, self.world.shelf());
                    let own = &self.scenario(*who).persona.interests;
                    let liked =
                        |t: &TopicIx| own.get(&self.world.shelf().topics[usize::from(*t)]).is_some_and(|v| *v > 0.0);
                    let cause = said.toward.iter().any(liked) || said.away.iter().any(|t| !liked(t));
                    let amiss = said.toward.iter().any(|t| !liked(t)) || said.away.iter().any(liked);
                    Some(f64::from(u8::from(cause && !amiss)))
                }
                Trial::Mixed { .. } => None,
            })
            .collect();
        average(&each)
    }
}

fn average(each: &[f64]) -> Option<f64> {
    (!each.is_empty()).then(|| each.iter().sum::<f64>() / each.len() as f64)
}

/// A person of the battery, over the default preset's circumstances.
fn person(name: &str, about: &str, loves: &[&str], dislikes: &[&str]) -> Rc<Scenario> {
    let mut scenario = registry::default_preset();
    scenario.profile.name = name.to_owned();
    scenario.profile.about = about.to_owned();
    scenario.profile.declared = loves.iter().map(|t| (*t).to_owned()).collect();
    scenario.persona.interests =
        loves.iter().map(|t| ((*t).to_owned(), 0.9)).chain(dislikes.iter().map(|t| ((*t).to_owned(), -0.7))).collect();
    scenario.persona.variety = 0.0;
    scenario.persona.traits.expressiveness = 1.0;
    scenario.persona.traits.precision = 1.0;
    scenario.slate_size = 2 * EACH;
    scenario.candidates = 0;
    Rc::new(scenario)
}

impl Card {
    fn verdicts(&self) -> Vec<String> {
        let mut failed = Vec::new();
        let mut check = |bad: bool, words: &str| failed.extend(bad.then(|| words.to_owned()));
        check(self.valid < LEAST_VALID, "Too many of its answers are not of the form asked for.");
        check(
            self.persona_sensitivity.is_some_and(|x| x < LEAST_SENSITIVITY),
            "Different people act alike: it does not stay in its role.",
        );
        check(
            self.position_bias.is_some_and(|x| x.abs() > MOST_BIAS),
            "What it does depends on the place in the slate more than it should.",
        );
        check(
            self.instruction_quality.is_some_and(|x| x < LEAST_QUALITY),
            "Its instructions do not name what is wrong.",
        );
        check(self.consistency.is_some_and(|x| x < LEAST_CONSISTENCY), "Asked the same again, it acts differently.");
        failed
    }

    /// Whether it passed everything that was measured.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failed.is_empty() && self.calls > 0
    }

    /// The card as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let percent = |x: f64| format!("{:.0} %", 100.0 * x);
        let signed = |x: Option<f64>| x.map_or("not measured".into(), |x| format!("{x:+.2}"));
        let share = |x: Option<f64>| x.map_or("not measured".into(), percent);
        let rows = [
            ("Valid answers", percent(self.valid), format!("at least {}", percent(LEAST_VALID))),
            ("Persona sensitivity", signed(self.persona_sensitivity), format!("at least {LEAST_SENSITIVITY:+.2}")),
            ("Position bias", signed(self.position_bias), format!("within ±{MOST_BIAS:.2}")),
            ("Specific instructions", share(self.instruction_quality), format!("at least {}", percent(LEAST_QUALITY))),
            ("Same again", share(self.consistency), format!("at least {}", percent(LEAST_CONSISTENCY))),
            (
                "Tokens a turn",
                format!("{:.0} + {:.0}", self.prompt_tokens, self.completion_tokens),
                "prompt + answer".into(),
            ),
            ("Seconds a turn", format!("{:.1}", self.seconds), String::new()),
            (
                "Cost of 1,000 sessions",
                self.cost_1000.map_or("no prices given".into(), |c| format!("{c:.2}")),
                format!("of {TURNS:.0} turns"),
            ),
        ];
        let mut out = format!("Report card: {}\n", describe::line(&self.model, 80));
        for (name, value, note) in rows {
            out += format!("  {name:<24}{value:>16}  {note}").trim_end();
            out.push('\n');
        }
        for words in &self.instructions {
            out += &format!("  It says: \"{words}\"\n");
        }
        for words in &self.failed {
            out += &format!("  Failed: {words}\n");
        }
        if self.passed() {
            out += "  Passed.\n";
        }
        out
    }
}
