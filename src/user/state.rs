//! The user's hidden state, how it is drawn, and how what happens moves it.

use super::{
    CONTEXT, Context, Persona, Reaction, TERMS, Terms, Traits, Wish, fit,
    memory::{Memory, Recall, situation, valence},
    mindset::{Parameters, Situation},
    opinions::Opinions,
};
use crate::{
    catalog::{Item, ItemIx, MOODS},
    math::{
        Purpose, Source, Vector, ZERO, add_scaled, dot, greater, lanes::LANES, lesser, ln, order, scale, sigmoid, tanh,
        unit,
    },
    scenario::World,
    session::{Appraisal, StateView},
};

/// What remains of satiation after each further item looked at: half of it is gone after 13 items.
const SATIATION_KEPT: f32 = 0.95;
/// How fast the usual values follow.
const USUAL_RATE: f32 = 0.04;

/// The user: taste, temper, mindset, satiation, satisfaction, energy, trust, time and memory.
#[derive(Clone, Debug)]
pub struct User {
    /// Long-term taste p, of length one.
    pub taste: Vector,
    /// Temper, as drawn for this seed.
    pub traits: Traits,
    /// Mindset z.
    pub mindset: Vector,
    /// Satiation b: where in taste space the user has had enough.
    pub satiation: Vector,
    /// Satisfaction, in [0, 1].
    pub satisfaction: f32,
    /// Boredom with what was just shown, in [0, 1].
    pub boredom: f32,
    /// Energy, in [0, 1].
    pub energy: f32,
    /// Trust, in [0, 1].
    pub trust: f32,
    /// The whole time budget, seconds.
    pub budget_s: f32,
    /// What is left of it.
    pub left_s: f32,
    /// A comfortable length of one item in these circumstances, seconds.
    pub comfort_s: f32,
    /// The engagement memory.
    pub memory: Memory,
    /// The usual value of each term.
    pub usual: Terms,
    /// The mean of each term over the present slate's examined items, for the reason of an instruction.
    pub recent: Terms,
    /// How many items `recent` is over.
    pub recent_count: u32,
    /// Skips since the last click.
    pub skips: u32,
    /// Clicks in the present slate.
    pub clicks_here: u32,
    /// Whether the user shows impatience by fast skips until the next click.
    pub impatient: bool,
    /// What the user wished for on the verge of leaving, until it fades.
    pub wish: Option<Wish>,
    /// Opinions of creators.
    pub creators: Opinions,
    pub(super) parameters: &'static Parameters,
    pub(super) circumstances: [f32; CONTEXT],
    rest: Vector,
    /// How well each mood fits the circumstances; the places behind are for items of no known mood.
    pub(super) fits: [f32; LANES],
    pub(super) log_comfort: f32,
}

/// An appraisal with what it takes to absorb it.
#[derive(Clone, Debug)]
pub struct Look {
    /// The terms and chances.
    pub appraisal: Appraisal,
    /// The mindset that this item, in its circumstances, brought about.
    pub mindset: Vector,
    /// The situation.
    pub situation: Situation,
    /// What memory brought up.
    pub recall: Recall,
}

/// The time budget of these minutes, seconds: it scales with what is on offer, so that no single item ends a session by
/// arithmetic.
#[must_use]
pub fn budget_s(minutes: f32, world: &World) -> f32 {
    (minutes * 60.0).max(3.0 * world.long_duration_s())
}

impl User {
    /// Draws the user of a seed: the persona, moved by its variety.
    #[must_use]
    pub fn draw(persona: &Persona, context: &Context, minutes: f32, world: &World, source: Source) -> Self {
        let mut user = Self {
            taste: draw_taste(persona, world, source),
            traits: draw_traits(persona, source),
            mindset: ZERO,
            satiation: ZERO,
            satisfaction: 0.6,
            boredom: 0.1,
            energy: 1.0,
            trust: 0.5,
            budget_s: 0.0,
            left_s: 0.0,
            comfort_s: 0.0,
            memory: Memory::default(),
            usual: [0.0; TERMS],
            recent: [0.0; TERMS],
            recent_count: 0,
            skips: 0,
            clicks_here: 0,
            impatient: false,
            wish: None,
            creators: Opinions::default(),
            parameters: Parameters::of(persona.memory),
            circumstances: context.features(),
            rest: ZERO,
            fits: [0.0; LANES],
            log_comfort: 0.0,
        };
        user.budget_s = budget_s(minutes, world);
        user.left_s = user.budget_s;
        user.comfort_s = (user.budget_s / 12.0).max(world.usual_duration_s());
        user.log_comfort = ln(user.comfort_s);
        for (f, mood) in user.fits.iter_mut().zip(MOODS) {
            *f = fit(context, Some(mood));
        }
        user.rest = user.parameters.rest(&user.circumstances, &user.taste);
        user.mindset = user.taste;
        user.recollect_earlier(world);
        user.find_usual(world, source);
        user
    }

    /// What the user remembers from before: the topics that they like or dislike most.
    fn recollect_earlier(&mut self, world: &World) {
        let topics = &world.truth().topics;
        let mut liking: Vec<(u16, f32)> =
            topics.iter().enumerate().map(|(i, t)| (i as u16, dot(&self.taste, t))).collect();
        order::sort_by(&mut liking, |a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        for (topic, liking) in liking.into_iter().take(4).filter(|l| l.1.abs() > 0.15) {
            let count = 6 + (liking.abs() * 20.0) as u32;
            self.memory.recollect(self.parameters, topic, &topics[topic as usize], liking * 0.7, count);
        }
    }

    /// The usual values before the first slate: the means over 16 items drawn from the catalogue.
    fn find_usual(&mut self, world: &World, source: Source) {
        const SAMPLE: usize = 16;
        let n = world.shelf().items.len();
        let mut random = source.stream(Purpose::Usual);
        let mut total = [0.0; TERMS];
        for _ in 0..SAMPLE {
            let look = self.look(world, random.below(n) as ItemIx);
            for (t, v) in total.iter_mut().zip(look.appraisal.terms) {
                *t += v;
            }
        }
        self.usual = total.map(|t| t / SAMPLE as f32);
    }

    /// Remembers a reviewed item and moves the state. `felt` is the utility felt once opened; for a person or a language
    /// model, whose feelings are their own, it is read off what they did.
    pub fn absorb(&mut self, world: &World, item: ItemIx, turn: u32, look: &Look, reaction: &Reaction, felt: f32) {
        if !reaction.examined {
            return;
        }
        let it = &world.shelf().items[item as usize];
        let x = &world.truth().vectors[item as usize];
        let watched = if reaction.clicked { (reaction.seconds / it.duration_s).clamp(0.0, 1.0) } else { 0.0 };
        self.mindset = look.mindset;
        self.memory.attend(&look.recall.alpha);
        let value = valence(reaction, it.duration_s);
        let shelf = world.shelf();
        let entry = (item, it.topics[0], *reaction, turn);
        self.memory.remember(self.parameters, look.situation, entry, value, |i| shelf.topic(i));
        self.tire(x, reaction, watched);
        self.judge(it, look, reaction, watched, felt);
        self.creators.add(it.creator, value, if reaction.followed { 0.3 } else { 0.0 });
        self.fade_wish(it, reaction.clicked);
        for i in 0..TERMS {
            self.recent[i] += look.appraisal.terms[i];
            self.usual[i] += USUAL_RATE * (look.appraisal.terms[i] - self.usual[i]);
        }
        self.recent_count += 1;
    }

    /// Satiation, boredom, energy and time.
    fn tire(&mut self, x: &Vector, reaction: &Reaction, watched: f32) {
        let had_enough = greater(dot(&self.satiation, x), 0.0);
        let exposure = if reaction.clicked { 0.08 + 0.22 * watched } else { 0.05 };
        scale(&mut self.satiation, SATIATION_KEPT);
        add_scaled(&mut self.satiation, exposure * (0.5 + self.traits.boredom), x);
        self.boredom += 0.12 * (lesser(1.1 * had_enough, 1.0) - self.boredom);
        self.left_s = greater(self.left_s - reaction.seconds, 0.0);
        let spent = reaction.seconds / self.budget_s;
        self.energy = greater(self.energy - 0.45 * spent - 0.0022, 0.0);
    }

    /// Satisfaction and trust, by surprise: felt minus expected.
    fn judge(&mut self, item: &Item, look: &Look, reaction: &Reaction, watched: f32, felt: f32) {
        let bears = 1.4 - 0.8 * self.traits.patience;
        let step = if reaction.clicked {
            self.skips = 0;
            self.clicks_here += 1;
            self.impatient = false;
            let surprise = felt - look.appraisal.utility;
            self.trust = (self.trust + 0.02 * tanh(surprise + 0.3)).clamp(0.0, 1.0);
            let pull = 0.10 * (0.4 + 0.6 * watched) * (sigmoid(1.1 * (felt - 0.4)) - self.satisfaction);
            pull + 0.035 * tanh(0.8 * surprise)
        } else {
            self.skips += 1;
            0.03 * lesser(sigmoid(0.9 * (look.appraisal.utility - 0.3)) - self.satisfaction, 0.0)
        };
        let step = if step < 0.0 { step * bears } else { step } - self.frustration(item);
        self.satisfaction = (self.satisfaction + step).clamp(0.0, 1.0);
    }

    /// What it costs, in satisfaction, to wish for one thing and be shown another.
    fn frustration(&self, item: &Item) -> f32 {
        self.wish.as_ref().filter(|w| !w.grants(item)).map_or(0.0, |w| 0.015 * w.left)
    }

    /// A wish fades with each item seen, and faster as it is granted.
    fn fade_wish(&mut self, item: &Item, opened: bool) {
        let Some(wish) = &mut self.wish else { return };
        let granted = opened && wish.grants(item);
        wish.left *= wish.kept(granted);
        if wish.left < 0.1 {
            self.wish = None;
        }
    }

    /// The chance of leaving at the end of the turn, as the user forecasts it, by temper, satisfaction, boredom, energy,
    /// trust and time (KuaiSim's leave model has the same shape: temper runs down by dissatisfaction).
    #[must_use]
    pub fn leave_forecast(&self) -> f32 {
        if self.left_s <= 0.02 * self.budget_s {
            return 1.0;
        }
        let fruitless = if self.recent_count > 0 && self.clicks_here == 0 { 0.5 } else { 0.0 };
        sigmoid(
            -2.9 + 7.0 * (0.56 - self.satisfaction) + 2.1 * (self.boredom - 0.15) + 2.2 * (1.0 - self.energy)
                - 1.6 * (self.trust - 0.5)
                - 2.6 * (self.traits.patience - 0.5)
                + fruitless,
        )
    }

    /// The chance of returning the next day if the session ended now.
    #[must_use]
    pub fn return_chance(&self) -> f32 {
        sigmoid(0.2 + 5.0 * (self.satisfaction - 0.55) + 1.5 * (self.trust - 0.5) - 1.2 * self.boredom)
    }

    /// What views and exports show of the state.
    #[must_use]
    pub fn view(&self) -> StateView {
        StateView {
            mindset: self.mindset,
            satisfaction: self.satisfaction,
            boredom: self.boredom,
            energy: self.energy,
            trust: self.trust,
            seconds_left: self.left_s,
            leave_forecast: self.leave_forecast(),
            return_chance: self.return_chance(),
        }
    }

    /// Begins a slate.
    pub fn begin_slate(&mut self) {
        self.recent = [0.0; TERMS];
        self.recent_count = 0;
        self.clicks_here = 0;
    }

    /// What memory brings up with no item under review: in the light of the mindset itself.
    #[must_use]
    pub fn recall_at_rest(&self) -> Recall {
        let mut recall = Recall::default();
        self.memory.recall(self.parameters, &self.situation_of(&unit(self.mindset)), &mut recall);
        recall
    }

    pub(super) fn situation_of(&self, x: &Vector) -> Situation {
        situation(x, &self.circumstances)
    }

    pub(super) fn mindset_after(&self, recall: &Recall) -> Vector {
        self.parameters.update(&self.mindset, &recall.value, &self.rest)
    }
}

/// The taste of a seed: the persona's interests over topics, mixed with interests drawn afresh by `variety`, and a little
/// that no topic explains.
fn draw_taste(persona: &Persona, world: &World, source: Source) -> Vector {
    let topics = &world.truth().topics;
    let mut random = source.stream(Purpose::Profile);
    let mut drawn = vec![0.0f32; topics.len()];
    let mut order: Vec<u16> = (0..topics.len() as u16).collect();
    random.sample_front(&mut order, 5);
    for (rank, &t) in order.iter().take(5).enumerate() {
        drawn[t as usize] = if rank < 3 { 0.6 + 0.4 * random.uniform() } else { -0.4 - 0.4 * random.uniform() };
    }
    let v = persona.variety;
    let mut taste = ZERO;
    for (t, place) in topics.iter().enumerate() {
        let name = world.shelf().topics.get(t).map_or("", String::as_str);
        let own = persona.interests.get(name).copied().unwrap_or(0.0);
        let weight = (1.0 - v) * own + v * (drawn[t] + 0.12 * random.normal());
        add_scaled(&mut taste, weight, place);
    }
    taste = unit(taste);
    for x in &mut taste {
        *x += 0.1 * v * random.normal();
    }
    unit(taste)
}

/// The temper of a seed: each trait moved by a standard deviation of 0.3 at full variety.
fn draw_traits(persona: &Persona, source: Source) -> Traits {
    let mut random = source.keyed(1).stream(Purpose::Profile);
    let mut moved = |x: f32| (x + 0.3 * persona.variety * random.normal()).clamp(0.0, 1.0);
    let t = &persona.traits;
    Traits {
        expressiveness: moved(t.expressiveness),
        precision: moved(t.precision),
        patience: moved(t.patience),
        curiosity: moved(t.curiosity),
        boredom: moved(t.boredom),
        temptation: moved(t.temptation),
        warmth: moved(t.warmth),
    }
}
