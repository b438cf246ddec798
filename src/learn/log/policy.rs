//! Policies whose every chance is known: a slate is filled place by place, each item drawn among those left by a softmax
//! of scores (Plackett–Luce), mixed with a uniform draw.
//!
//! With scores s over the items R left, temperature T and ε:
//! π(i | above) = (1 − ε) e^{s_i/T} / Σ_{j∈R} e^{s_j/T} + ε / |R|, and for T → 0 the whole of 1 − ε falls on the best.

use super::places::Places;
use crate::{
    catalog::ItemIx,
    learn::serve::Served,
    math::Stream,
    recommender::{Knowledge, Learnt, Observation, Recommender, signals::Moment, spoke, tally::Tally},
};
use std::{fmt, rc::Rc};

/// How many logged sessions of a random recommender the scores are fitted on, as for the recommenders that learn.
const LOG_SESSIONS: usize = 300;
/// The default ε of epsilon-greedy and temperature of softmax.
const EPSILON: f64 = 0.15;
const TEMPERATURE: f64 = 1.0;

/// What items are scored by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// Nothing: all alike.
    Even,
    /// How often they were chosen before, as ln(popularity + 0.001).
    Popularity,
    /// The fitted logit of a click now.
    Click,
    /// The fitted valence once opened, times 4, plus the fitted logit of a click now.
    Pleasure,
    /// What a trained policy scores its shortlist by; nothing else is ever shown.
    Trained,
}

/// A policy by name: `random`, `popular:T`, `greedy`, `epsilon-greedy:ε`, `softmax:T`, `pleasure:T`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolicySpec {
    /// What items are scored by.
    pub score: Score,
    /// T, in the unit of the score; 0 takes the best.
    pub temperature: f64,
    /// ε: the chance that a place is drawn uniformly.
    pub epsilon: f64,
}

/// Why a policy's name was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPolicy(String);

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnknownPolicy {}

impl PolicySpec {
    /// Reads a name with an optional number behind a colon.
    ///
    /// # Errors
    /// [`UnknownPolicy`]: another name, a number that is none or out of range, or a number where none belongs.
    pub fn parse(text: &str) -> Result<Self, UnknownPolicy> {
        let (name, number) = text.split_once(':').map_or((text.trim(), None), |(n, v)| (n.trim(), Some(v.trim())));
        let read = |default: f64, low: f64, high: f64| match number {
            None => Ok(default),
            Some(v) => v.parse::<f64>().ok().filter(|x| (low..=high).contains(x)).ok_or_else(|| {
                UnknownPolicy(format!(
                    "\"{name}:{}\": the number behind {name} must be from {low} to {high}",
                    excerpt(v)
                ))
            }),
        };
        let spec = |score, temperature, epsilon| Self { score, temperature, epsilon };
        match name {
            "random" | "greedy" if number.is_some() => {
                Err(UnknownPolicy(format!("\"{}\": {name} takes no number", excerpt(text))))
            }
            "random" => Ok(spec(Score::Even, 1.0, 0.0)),
            "greedy" => Ok(spec(Score::Click, 0.0, 0.0)),
            "popular" => Ok(spec(Score::Popularity, read(TEMPERATURE, 0.0, 100.0)?, 0.0)),
            "epsilon-greedy" => Ok(spec(Score::Click, 0.0, read(EPSILON, 0.0, 1.0)?)),
            "softmax" => Ok(spec(Score::Click, read(TEMPERATURE, 0.0, 100.0)?, 0.0)),
            "pleasure" => Ok(spec(Score::Pleasure, read(TEMPERATURE, 0.0, 100.0)?, 0.0)),
            _ => Err(UnknownPolicy(format!(
                "there is no policy \"{}\" whose chances are known; there are random, popular:T, greedy, \
                 epsilon-greedy:E, softmax:T and pleasure:T (T a temperature, E a chance)",
                excerpt(text)
            ))),
        }
    }

    /// Its name, which [`parse`](Self::parse) reads back unless it is a trained one's.
    #[must_use]
    pub fn name(&self) -> String {
        match self.score {
            Score::Even => "random".into(),
            Score::Popularity => format!("popular:{}", self.temperature),
            Score::Pleasure => format!("pleasure:{}", self.temperature),
            Score::Trained => format!("trained:{}", self.temperature),
            Score::Click if self.temperature > 0.0 => format!("softmax:{}", self.temperature),
            Score::Click if self.epsilon > 0.0 => format!("epsilon-greedy:{}", self.epsilon),
            Score::Click => "greedy".into(),
        }
    }

    /// Whether it might show any candidate at any place: what an estimate for another policy needs of the one that logged.
    #[must_use]
    pub fn explores(&self) -> bool {
        self.temperature > 0.0 || self.epsilon > 0.0
    }
}

fn excerpt(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// A policy at work in sessions of one scenario.
pub struct Policy {
    spec: PolicySpec,
    trained: Option<Box<Served>>,
    learnt: Rc<Learnt>,
    tally: Tally,
    places: Places,
    /// Of each candidate: the fitted chance of a click, and the fitted valence once opened.
    signals: Vec<[f64; 2]>,
    spoke: bool,
}

impl Policy {
    /// Of a specification.
    #[must_use]
    pub fn new(spec: PolicySpec, knowledge: &Knowledge) -> Self {
        Self {
            spec,
            trained: None,
            learnt: knowledge.learnt(LOG_SESSIONS),
            tally: Tally::default(),
            places: Places::default(),
            signals: Vec::new(),
            spoke: false,
        }
    }

    /// Of a trained policy: its slates are Plackett–Luce over its scores at a temperature, as it was trained at 1; at 0 they
    /// are the ones that it serves.
    #[must_use]
    pub fn trained(served: Served, temperature: f64, knowledge: &Knowledge) -> Self {
        let spec = PolicySpec { score: Score::Trained, temperature, epsilon: 0.0 };
        Self { trained: Some(Box::new(served)), ..Self::new(spec, knowledge) }
    }

    /// What it is.
    #[must_use]
    pub fn spec(&self) -> &PolicySpec {
        &self.spec
    }

    /// Forgets the session.
    pub fn reset(&mut self) {
        self.tally.reset();
        if let Some(served) = &mut self.trained {
            served.reset();
        }
    }

    /// Looks at what may be shown; the chances of each place follow from [`Places`].
    pub fn consider(&mut self, obs: &Observation<'_>) -> &mut Places {
        let basics = &self.learnt.basics;
        self.tally.catch_up(obs, basics, |_, _, _| ());
        let moment = Moment::of(&self.tally, basics, spoke(obs));
        let click = self.learnt.click.scorer(&self.tally, &moment, obs.features, basics);
        let value = self.learnt.value.scorer(&self.tally, &moment, obs.features, basics);
        self.signals.clear();
        self.signals.extend(obs.candidates.iter().map(|&i| [f64::from(click.score(i)), f64::from(value.score(i))]));
        let scores = match &mut self.trained {
            Some(served) => served.scores_of_all(obs),
            None => self.scores(obs),
        };
        self.places.begin(&self.spec, scores.into_iter());
        for s in &mut self.signals {
            s[0] = 1.0 / (1.0 + libm::exp(-s[0]));
        }
        self.spoke = spoke(obs);
        &mut self.places
    }

    /// What the candidates are scored by, where no trained policy scores them.
    fn scores(&self, obs: &Observation<'_>) -> Vec<f64> {
        let popular = |i: ItemIx| crate::math::ln(obs.shelf.items[i as usize].popularity.max(0.0) + 0.001);
        let score = |(i, s): (&ItemIx, &[f64; 2])| match self.spec.score {
            Score::Even | Score::Trained => 0.0,
            Score::Popularity => f64::from(popular(*i)),
            Score::Click => s[0],
            Score::Pleasure => s[0] + 4.0 * s[1],
        };
        obs.candidates.iter().zip(&self.signals).map(score).collect()
    }

    /// The chances of the slate at hand.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// The same, to fill it.
    pub fn places_mut(&mut self) -> &mut Places {
        &mut self.places
    }

    /// Of each candidate: the fitted chance of a click now, and the fitted valence once opened.
    #[must_use]
    pub fn signals(&self) -> &[[f64; 2]] {
        &self.signals
    }

    /// Where the session stands: click rate, skips in a row, time spent, how pleased lately, whether the user spoke.
    #[must_use]
    pub fn standing(&self) -> [f32; 5] {
        let t = &self.tally;
        let seconds = crate::math::ln(1.0 + t.seconds / self.learnt.basics.usual_s);
        [t.click_rate(), t.skips.min(16) as f32 / 8.0, seconds / 3.0, t.pleasure, f32::from(u8::from(self.spoke))]
    }

    /// Draws a slate and says with which chance each place got its item.
    pub fn draw(&mut self, obs: &Observation<'_>, random: &mut Stream) -> (Vec<ItemIx>, Vec<f64>) {
        let k = obs.slate_size;
        let places = self.consider(obs);
        let (mut items, mut chances) = (Vec::with_capacity(k), Vec::with_capacity(k));
        for _ in 0..k {
            let at = places.draw(f64::from(random.open()));
            chances.push(places.chance(at));
            places.take(at);
            items.push(obs.candidates[at]);
        }
        (items, chances)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_wrong_ones_explained() {
        for name in ["random", "greedy", "epsilon-greedy:0.2", "softmax:0.5", "pleasure:2", "popular:1"] {
            assert_eq!(PolicySpec::parse(name).expect("a policy").name(), name);
        }
        for (name, part) in [
            ("softmx", "there are random"),
            ("softmax:-1", "from 0 to 100"),
            ("softmax:NaN", "from 0 to 100"),
            ("epsilon-greedy:2", "from 0 to 1"),
            ("greedy:1", "takes no number"),
            ("", "there is no policy"),
        ] {
            let e = PolicySpec::parse(name).expect_err("no policy").to_string();
            assert!(e.contains(part), "{name}: {e}");
        }
    }
}
