//! The agents that the published environments are measured with.

use super::{
    evolution::{LENGTH, NOTHING, PENALTY, REFUND},
    model::Model,
    seen::Seen,
    spec::Family,
};
use crate::{
    math::{Purpose, Source},
    scenario::{ScenarioError, did_you_mean, excerpt},
};

/// An agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Random,
    Interest,
    Quality,
    Planner,
    MostClickbait,
    LeastClickbait,
    LeastThenMost,
    Affinity,
}

/// One agent, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Whether it sees what is hidden: a ceiling, no competitor.
    pub is_oracle: bool,
    rule: Rule,
}

const fn listing(name: &'static str, title: &'static str, about: &'static str, rule: Rule) -> Listing {
    Listing { name, title, about, is_oracle: matches!(rule, Rule::Affinity), rule }
}

const RANDOM: Listing =
    listing("random", "Random", "Draws the slate at random: the floor that everything else must beat.", Rule::Random);
const QUALITY: Listing =
    listing("quality", "Highest quality", "Shows the candidates of highest quality.", Rule::Quality);

const EVOLUTION: &[Listing] = &[
    RANDOM,
    listing("greedy", "Greedy", "Shows the topics that the user is most interested in now.", Rule::Interest),
    QUALITY,
    listing(
        "planner",
        "Planner",
        "Shows the slate of the greatest expected minutes less 1.4 for each minute of budget that it is expected \
                 to cost, as if interests stayed as they are.",
        Rule::Planner,
    ),
];

const SATISFACTION: &[Listing] = &[
    RANDOM,
    listing("greedy", "Greedy", "Shows the most clickbait: the most engagement now.", Rule::MostClickbait),
    listing("kale", "All kale", "Shows the least clickbait.", Rule::LeastClickbait),
    listing(
        "planner",
        "Kale, then choc",
        "Shows the least clickbait, but the most in the last three steps, which nothing follows.",
        Rule::LeastThenMost,
    ),
];

const EXPLORATION: &[Listing] = &[
    RANDOM,
    QUALITY,
    listing(
        "affinity",
        "Affinity known",
        "Shows the candidates of highest affinity and quality, of which nobody else sees the first.",
        Rule::Affinity,
    ),
];

/// The agents of an environment, the random one first, the best one last.
#[must_use]
pub fn agents(family: Family) -> &'static [Listing] {
    match family {
        Family::InterestEvolution => EVOLUTION,
        Family::LongTermSatisfaction => SATISFACTION,
        Family::InterestExploration => EXPLORATION,
    }
}

/// An agent that chooses slates.
#[derive(Clone, Debug)]
pub struct Agent {
    listing: Listing,
    scores: Vec<f32>,
    order: Vec<usize>,
}

/// What a unit of budget is worth to the planner, minutes a minute.
const PRICE: f64 = 1.4;

impl Agent {
    /// The agent of an environment by its name.
    ///
    /// # Errors
    /// Where the environment has no agent of that name.
    pub fn find(family: Family, name: &str) -> Result<Self, ScenarioError> {
        let all = agents(family);
        let found = all.iter().find(|l| l.name.eq_ignore_ascii_case(name.trim()));
        let listing = found.copied().ok_or_else(|| {
            let names = all.iter().map(|l| l.name);
            let listed = names.clone().collect::<Vec<_>>().join(", ");
            let hint = did_you_mean(name, names, &format!("{} has {listed}.", family.id()));
            ScenarioError::new(
                "recommender",
                format!("is \"{}\", which is no agent of {}", excerpt(name), family.id()),
                hint,
            )
        })?;
        Ok(Self { listing, scores: Vec::new(), order: Vec::new() })
    }

    /// Which it is.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// Chooses the slate of an episode's step: places of candidates, the first on top. `seed` is the episode's.
    pub fn choose(&mut self, model: &Model, seed: u64, slate: &mut Vec<usize>) {
        let (seen, size) = (model.seen(), model.spec().slate_size());
        self.order.clear();
        self.order.extend(0..seen.candidates());
        match self.listing.rule {
            Rule::Random => {
                let mut draw = Source::new(seed).keyed(u64::from(seen.step)).stream(Purpose::Recommend);
                draw.sample_front(&mut self.order, size);
            }
            Rule::Planner => self.plan(&seen, size),
            rule => {
                // One function hands over what is hidden, and only to an agent that is marked.
                let hidden = if self.listing.is_oracle { model.affinity() } else { &[] };
                self.score(rule, &seen, hidden);
                self.rank();
            }
        }
        slate.clear();
        slate.extend_from_slice(&self.order[..size]);
    }

    fn score(&mut self, rule: Rule, seen: &Seen<'_>, hidden: &[f32]) {
        let last = seen.horizon.is_some_and(|h| seen.step + 3 >= h);
        let of = |i: usize| match rule {
            Rule::Interest => seen.user[seen.topics[i] as usize],
            Rule::Quality => seen.qualities[i],
            Rule::MostClickbait => seen.clickbait[i],
            Rule::LeastClickbait => -seen.clickbait[i],
            Rule::LeastThenMost if last => seen.clickbait[i],
            Rule::LeastThenMost => -seen.clickbait[i],
            Rule::Affinity => hidden[seen.topics[i] as usize] + seen.qualities[i],
            Rule::Random | Rule::Planner => 0.0,
        };
        self.scores.clear();
        self.scores.extend((0..seen.candidates()).map(of));
    }

    /// The best scores first, the earlier candidate where two are alike.
    fn rank(&mut self) {
        let scores = &self.scores;
        self.order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
    }

    /// The slate S that maximises (Σ wᵢvᵢ + 2v₀) / (Σ wᵢ + 2): weights w = u + 1, values v of watching an item and v₀ of
    /// nothing. Exactly, by Dinkelbach's method ("On nonlinear fractional programming", Management Science 13, 1967): at
    /// a ratio ρ the best slate has the greatest wᵢ(vᵢ − ρ), its own ratio is the next ρ, and ρ only grows.
    fn plan(&mut self, seen: &Seen<'_>, size: usize) {
        let weight = |i: usize| seen.user[seen.topics[i] as usize] + 1.0;
        let value = |i: usize| {
            let cost = LENGTH * (1.0 - REFUND * f64::from(seen.qualities[i]));
            (LENGTH - PRICE * cost) as f32
        };
        let nothing = NOTHING * (-PRICE * PENALTY) as f32;
        let mut ratio = f32::NEG_INFINITY;
        loop {
            let at = if ratio.is_finite() { ratio } else { 0.0 };
            self.scores.clear();
            self.scores.extend((0..seen.candidates()).map(|i| weight(i) * (value(i) - at)));
            self.rank();
            let (mut sum, mut total) = (nothing, NOTHING);
            for &i in &self.order[..size] {
                sum += weight(i) * value(i);
                total += weight(i);
            }
            if sum / total <= ratio {
                return;
            }
            ratio = sum / total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::recsim::Spec;

    #[test]
    fn the_planner_finds_the_best_of_all_slates() {
        let family = Family::InterestEvolution;
        let (mut model, mut agent) = (Spec::new(family).model(), Agent::find(family, "planner").expect("listed"));
        let mut slate = Vec::new();
        for seed in 0..200 {
            model.begin(seed);
            agent.choose(&model, seed, &mut slate);
            let seen = model.seen();
            let ratio = |a: usize, b: usize| {
                let term = |i: usize| {
                    let w = f64::from(seen.user[seen.topics[i] as usize]) + 1.0;
                    (w, w * (4.0 - 1.4 * (4.0 - 0.9 / 3.4 * 4.0 * f64::from(seen.qualities[i]))))
                };
                let ((wa, va), (wb, vb)) = (term(a), term(b));
                (va + vb - 1.4 * 0.5 * 2.0) / (wa + wb + 2.0)
            };
            let best =
                (0..10).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| ratio(a, b)).fold(f64::MIN, f64::max);
            assert!(best - ratio(slate[0], slate[1]) < 1e-4, "seed {seed}: {} of {best}", ratio(slate[0], slate[1]));
        }
    }

    #[test]
    fn an_unknown_agent_is_refused_with_what_was_meant() {
        let e = Agent::find(Family::InterestEvolution, "planer").expect_err("no such agent").to_string();
        assert!(e.contains("planer") && e.contains("`planner`"), "{e}");
    }
}
