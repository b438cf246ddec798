//! The oracle: a recommender that sees what no recommender may, to show how far the others are from the ceiling.
//!
//! It builds the slate from the top. For each place it asks the user's own model what every shortlisted item would do:
//! the expected reward now, and what the user would be like after a click or a skip, weighed by the chance of staying and
//! of coming back. The chosen item is then taken as having happened, so satiation within the slate counts.

use super::{Observation, Oracle, OracleView, ReasoningTrace, Recommender, Step, pick};
use crate::{
    catalog::{ItemIx, TopicIx},
    math::{Stream, sigmoid},
    session::{RewardSpec, Session},
    user::{
        Frame, Reaction,
        state::{Look, User},
    },
};

/// How many items are looked at closely for each place.
const SHORTLIST: usize = 32;

/// Knows the truth and looks ahead.
pub(crate) struct Lookahead {
    future: f64,
}

impl Lookahead {
    pub(crate) fn new(future: f64) -> Self {
        Self { future }
    }

    /// A slate of some candidates, and what it is worth.
    fn compose(&self, session: &Session, candidates: &[ItemIx], size: usize) -> (Vec<ItemIx>, f64) {
        let mut judge = Judge::new(session, self.future);
        let rough = candidates.iter().map(|&i| (judge.rough(i), i));
        let mut short: Vec<ItemIx> = pick::best(rough, SHORTLIST.max(3 * size)).into_iter().map(|s| s.1).collect();
        let mut slate = Vec::with_capacity(size);
        let mut worth = 0.0;
        let mut reached = 1.0;
        while slate.len() < size && !short.is_empty() {
            // The nearest contenders by their value at first sight, then looked at closely.
            let first = pick::best(short.iter().enumerate().map(|(n, &i)| (judge.rough(i), n as u32)), 8);
            let (value, at) = first
                .iter()
                .map(|s| (judge.closely(short[s.1 as usize]), s.1 as usize))
                .fold((f64::NEG_INFINITY, 0), |best, now| if now.0 > best.0 { now } else { best });
            let item = short.remove(at);
            worth += reached * value;
            reached *= 0.93;
            judge.happens(item);
            slate.push(item);
        }
        (slate, worth)
    }
}

/// The user as they would be after what was chosen so far.
struct Judge<'a> {
    session: &'a Session,
    user: User,
    future: f64,
}

impl<'a> Judge<'a> {
    fn new(session: &'a Session, future: f64) -> Self {
        let mut user = session.user().clone();
        user.begin_slate();
        Self { session, user, future }
    }

    fn look(&self, item: ItemIx) -> Look {
        self.user.look(self.session.world(), item)
    }

    fn reaction(&self, item: ItemIx, clicked: bool, look: &Look) -> Reaction {
        let share = if clicked { sigmoid(1.1 * (look.appraisal.felt - 0.5)) } else { 0.0 };
        let seconds = share * self.session.world().shelf().items[item as usize].duration_s;
        let seconds = if clicked { seconds.min(self.user.left_s) } else { 2.0 };
        Reaction { examined: true, clicked, seconds, ..Reaction::default() }
    }

    /// What a reaction earns, likes at the rate that goes with what is felt.
    fn earns(&self, r: &Reaction, look: &Look) -> f64 {
        let w: &RewardSpec = &self.session.scenario().reward;
        let likes = f64::from(sigmoid(1.2 * (look.appraisal.felt - 1.4) - 0.9));
        f64::from(r.seconds) / 60.0 * w.time + w.clicks + likes * w.likes
    }

    /// Click chance times what a click would earn and feel like.
    fn rough(&self, item: ItemIx) -> f32 {
        let look = self.look(item);
        let now = self.earns(&self.reaction(item, true, &look), &look);
        let feels = f64::from(sigmoid(1.1 * (look.appraisal.felt - 0.4)) - self.user.satisfaction);
        look.appraisal.click_chance * (now + 0.1 * self.future * feels) as f32
    }

    /// The worth of how the user is now: staying, and coming back.
    fn outlook(&self, user: &User) -> f64 {
        let stay = 1.0 - f64::from(user.leave_forecast().min(1.0));
        self.future * stay + self.session.scenario().reward.retention * f64::from(user.return_chance())
    }

    fn closely(&self, item: ItemIx) -> f64 {
        let look = self.look(item);
        let p = f64::from(look.appraisal.click_chance);
        let now = self.outlook(&self.user);
        let after = |clicked: bool| {
            let r = self.reaction(item, clicked, &look);
            let mut user = self.user.clone();
            let felt = if clicked { look.appraisal.felt } else { look.appraisal.utility };
            user.absorb(self.session.world(), item, self.session.turn(), &look, &r, felt);
            let earned = if clicked { self.earns(&r, &look) } else { 0.0 };
            earned + self.outlook(&user) - now
        };
        p * after(true) + (1.0 - p) * after(false)
    }

    /// Takes the likelier of click and skip as having happened.
    fn happens(&mut self, item: ItemIx) {
        let look = self.look(item);
        let clicked = look.appraisal.click_chance >= 0.4;
        let r = self.reaction(item, clicked, &look);
        let felt = if clicked { look.appraisal.felt } else { look.appraisal.utility };
        self.user.absorb(self.session.world(), item, self.session.turn(), &look, &r, felt);
    }
}

/// The topics of the last three slates, by which surprises are judged.
fn recent_topics(session: &Session) -> Vec<TopicIx> {
    let shelf = session.world().shelf();
    session.history().iter().rev().take(3).flat_map(|t| t.items.iter().map(|&i| shelf.topic(i))).collect()
}

impl Oracle for Lookahead {
    fn recommend(
        &mut self,
        view: OracleView<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        let session = view.session;
        let obs = session.observation();
        let (mut chosen, mut worth) = self.compose(session, obs.candidates, obs.slate_size);
        let asked: Option<&Frame> = session.pending().and_then(|p| p.frame.as_ref());
        let mut obeys = false;
        if let Some(frame) = asked {
            let recent = recent_topics(session);
            let met = |slate: &[ItemIx]| frame.met(session.world(), slate, &recent);
            if !met(&chosen) {
                let fitting: Vec<ItemIx> =
                    (obs.candidates.iter().copied()).filter(|&i| frame.fits(session.world(), i, &recent)).collect();
                let (other, value) = self.compose(session, &fitting, obs.slate_size);
                let value = value + session.scenario().reward.instructions;
                if other.len() == obs.slate_size && met(&other) && value > worth {
                    (chosen, worth, obeys) = (other, value, true);
                }
            } else {
                obeys = true;
            }
        }
        slate.extend(chosen);
        if let Some(trace) = trace {
            explain(trace, &obs, asked.is_some(), obeys, worth);
        }
    }
}

fn explain(trace: &mut ReasoningTrace, obs: &Observation<'_>, asked: bool, obeys: bool, worth: f64) {
    trace
        .perceive
        .push(Step { text: "Read the user's hidden state, which no fair recommender can.".into(), data: vec![] });
    if asked {
        let text = if obeys {
            "Does what was asked."
        } else {
            "Does not do what was asked: it would cost more than it earns."
        };
        trace.plan.push(Step { text: text.into(), data: vec![] });
    }
    let n = obs.candidates.len();
    trace.act.push(Step {
        text: format!(
            "Asked the user's own model about {n} items and built the slate that is worth most, looking ahead."
        ),
        data: vec![("candidates".into(), n as f64), ("worth".into(), worth)],
    });
}

impl Recommender for Lookahead {
    /// Without the view there is nothing that an oracle knows better: it shows the most chosen items.
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        pick::fill(obs.candidates, obs.slate_size, |i| obs.shelf.items[i as usize].popularity, slate);
        if let Some(trace) = trace {
            let text = "Had no view of the hidden truth, so took the most chosen items.".into();
            trace.act.push(Step { text, data: vec![] });
        }
    }

    fn reset(&mut self) {}

    fn oracle(&mut self) -> Option<&mut dyn Oracle> {
        Some(self)
    }
}
