//! From logs to decisions: the target's chances along logged sessions, and the fitted value for DR.

use super::{Decision, Trail};
use crate::{
    catalog::ItemIx,
    learn::log::{Given, LoggedSession, policy::Policy},
    recommender::{Observation, PastTurn, fit},
    scenario::{Scenario, World},
    session::RewardSpec,
    user::Reaction,
};
use std::{fmt, rc::Rc};

/// The numbers that a decision's value is fitted on.
const VALUES: usize = 12;
/// The ridge penalty of that fit.
const RIDGE: f64 = 10.0;

/// Why a log cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

/// One place of a slate, before values are fitted.
#[derive(Clone, Debug)]
struct Place {
    ratio: f64,
    examined: bool,
    reward: f64,
    taken: [f32; VALUES],
    expected: [f32; VALUES],
}

/// Gathers sessions one by one.
pub struct Gather {
    scenario: Rc<Scenario>,
    world: Rc<World>,
    target: Policy,
    sessions: Vec<Vec<Place>>,
    slates: f64,
}

impl Gather {
    /// For a target policy on a scenario.
    #[must_use]
    pub fn new(scenario: &Rc<Scenario>, world: &Rc<World>, target: Policy) -> Self {
        Self { scenario: scenario.clone(), world: world.clone(), target, sessions: Vec::new(), slates: 0.0 }
    }

    /// The most ordered slates that there were to choose from in one turn.
    #[must_use]
    pub fn slates(&self) -> f64 {
        self.slates
    }

    /// Adds a session.
    ///
    /// # Errors
    /// [`Unusable`]: a turn without propensities, or whose items were not among the candidates.
    pub fn add(&mut self, session: &LoggedSession) -> Result<(), Unusable> {
        self.target.reset();
        let mut places = Vec::new();
        let mut shown = vec![false; self.world.shelf().items.len()];
        for (n, (turn, given)) in session.rows().enumerate() {
            let all: Vec<ItemIx>;
            let candidates = if given.candidates.is_empty() {
                all = unshown(&mut shown, turn.items.len());
                &all
            } else {
                &given.candidates
            };
            let last = n + 1 == session.turns.len();
            self.turn(session, n, candidates, last, &mut places)?;
            turn.items.iter().for_each(|&i| shown[i as usize] = true);
            self.slates = self.slates.max(orders(candidates.len(), turn.items.len()));
        }
        self.sessions.push(places);
        Ok(())
    }

    fn turn(
        &mut self,
        session: &LoggedSession,
        n: usize,
        candidates: &[ItemIx],
        last: bool,
        places: &mut Vec<Place>,
    ) -> Result<(), Unusable> {
        let (turn, given) = (&session.turns[n], &session.given[n]);
        if given.propensities.len() != turn.items.len() {
            let what = "has no propensities; an off-policy estimate needs the chance of each item at its place";
            return Err(Unusable(format!("session \"{}\", turn {n} {what}", session.name)));
        }
        let obs = Observation {
            profile: &self.scenario.profile,
            context: &session.context,
            turn: n as u32,
            history: &session.turns[..n],
            shelf: self.world.shelf(),
            features: self.world.features(),
            candidates,
            slate_size: turn.items.len(),
        };
        let rewards = rewards(turn, given, &self.scenario.reward, last);
        self.target.consider(&obs);
        for (k, item) in turn.items.iter().enumerate() {
            let at = candidates.binary_search(item).map_err(|_| {
                let id = &self.world.shelf().items[*item as usize].id;
                Unusable(format!(
                    "session \"{}\", turn {n}: \"{id}\" was shown before or was no candidate",
                    session.name
                ))
            })?;
            let examined = turn.reactions.get(k).is_some_and(|r| r.examined);
            // What nobody looked at needs no value.
            let (taken, expected) =
                if examined { self.target.values(at, n, k) } else { ([0.0; VALUES], [0.0; VALUES]) };
            let ratio = self.target.places().chance(at) / given.propensities[k];
            places.push(Place { ratio, examined, reward: rewards[k], taken, expected });
            self.target.places_mut().take(at);
        }
        Ok(())
    }

    /// The decisions of all sessions under the cascade, and with every place of every slate.
    #[must_use]
    pub fn trails(&self) -> (Vec<Trail>, Vec<Trail>) {
        let weights = [self.fit(1), self.fit(0)];
        let value = |w: &[f32; VALUES], x: &[f32; VALUES]| f64::from(fit::dot(w, x));
        let one = |(i, places): (usize, &Vec<Place>), whole: bool| {
            let w = &weights[i % 2];
            let decision = |p: &Place| Decision {
                ratio: p.ratio,
                reward: p.reward,
                q: value(w, &p.taken),
                v: value(w, &p.expected),
            };
            Trail { decisions: places.iter().filter(|p| whole || p.examined).map(decision).collect() }
        };
        let make = |whole: bool| self.sessions.iter().enumerate().map(|s| one(s, whole)).collect();
        (make(false), make(true))
    }

    /// What is still to come after a decision, by ridge regression on the sessions of one parity: each session's values
    /// come from the other half.
    fn fit(&self, parity: usize) -> [f32; VALUES] {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for places in self.sessions.iter().skip(parity).step_by(2) {
            let mut rest = 0.0;
            for p in places.iter().rev() {
                rest += p.reward;
                if p.examined {
                    x.push(p.taken);
                    y.push(rest as f32);
                }
            }
        }
        fit::ridge(&x, &y, RIDGE)
    }
}

/// Everything not yet shown; everything again once that is less than a slate.
fn unshown(shown: &mut [bool], need: usize) -> Vec<ItemIx> {
    if shown.iter().filter(|s| !**s).count() < need {
        shown.fill(false);
    }
    (0..shown.len() as ItemIx).filter(|&i| !shown[i as usize]).collect()
}

/// n! / (n − k)!
fn orders(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |p, i| p * n.saturating_sub(i) as f64)
}

/// What each place earned: its own engagement, and the rest of the turn's reward at the last place looked at.
fn rewards(turn: &PastTurn, given: &Given, spec: &RewardSpec, last: bool) -> Vec<f64> {
    let mut out: Vec<f64> =
        (0..turn.items.len()).map(|k| turn.reactions.get(k).map_or(0.0, |r| engagement(r, spec))).collect();
    let sum = out.iter().fold(0.0, |s, v| s + v);
    let whole = given.reward.unwrap_or(if last { sum } else { sum + spec.turns });
    let end = turn.reactions.iter().rposition(|r| r.examined).unwrap_or(0);
    if let Some(v) = out.get_mut(end) {
        *v += whole - sum;
    }
    out
}

fn engagement(r: &Reaction, w: &RewardSpec) -> f64 {
    let one = |b: bool| if b { 1.0 } else { 0.0 };
    let likes = one(r.liked) + one(r.shared) + one(r.commented) + one(r.followed);
    one(r.clicked) * (w.clicks + f64::from(r.seconds) / 60.0 * w.time) + likes * w.likes
}

impl Policy {
    /// The numbers of a decision for the action taken, and their mean over what this policy would do.
    fn values(&self, at: usize, turn: usize, place: usize) -> ([f32; VALUES], [f32; VALUES]) {
        let standing = self.standing();
        let row = |signal: [f64; 2]| {
            let mut x = [0.0; VALUES];
            x[0] = 1.0;
            x[1..3].copy_from_slice(&signal.map(|s| s as f32));
            x[3] = (signal[0] * signal[1]) as f32;
            x[4] = place as f32 / 8.0;
            x[5] = crate::math::tanh(turn as f32 / 8.0);
            x[6..11].copy_from_slice(&standing);
            x[11] = x[5] * x[5];
            x
        };
        let mut mean = [0.0f64; 3];
        for (p, s) in self.places().chances().zip(self.signals()) {
            if p > 0.0 {
                mean[0] += p * s[0];
                mean[1] += p * s[1];
                mean[2] += p * s[0] * s[1];
            }
        }
        let mut expected = row([mean[0], mean[1]]);
        expected[3] = mean[2] as f32;
        (row(self.signals()[at]), expected)
    }
}
