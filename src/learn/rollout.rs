//! Experience: several episodes side by side, stepped by a policy, with what learning needs kept of every step.

use super::{
    files::FileError,
    nn::{Mlp, Tape, padded},
    plackett::{self, Work},
    policy::{Policy, PolicyTape, Views},
    task::{Outcome, Shape, Task, View},
};
use crate::math::{Purpose, Source};
use serde::{Deserialize, Serialize};

/// One of the episodes side by side.
struct Lane {
    task: Box<dyn Task>,
    view: View,
    /// How many episodes came before this one.
    episode: u64,
    /// The slates of the episode so far: with its seed, all that brings it back.
    slates: Vec<Vec<u16>>,
    earned: f64,
    /// The discounted return so far, by which rewards are scaled.
    discounted: f64,
}

/// Episodes that ended in an iteration.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// How many.
    pub episodes: u32,
    /// The sum of their returns.
    pub earned: f64,
    /// The sums of their measures.
    pub measures: Vec<(&'static str, f64)>,
}

impl Ended {
    /// The mean return; `None` where none ended.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.episodes > 0).then(|| self.earned / f64::from(self.episodes))
    }

    /// The means of the measures.
    #[must_use]
    pub fn measure_means(&self) -> Vec<(&'static str, f64)> {
        self.measures.iter().map(|(name, sum)| (*name, sum / f64::from(self.episodes.max(1)))).collect()
    }

    pub(super) fn add(&mut self, earned: f64, measures: Vec<(&'static str, f64)>) {
        self.episodes += 1;
        self.earned += earned;
        if self.measures.is_empty() {
            self.measures = measures;
        } else {
            self.measures.iter_mut().zip(measures).for_each(|(a, b)| a.1 += b.1);
        }
    }
}

/// Divides rewards by the running standard deviation of the discounted return, as Gymnasium's `NormalizeReward` does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Default for Scaler {
    fn default() -> Self {
        Self { count: 0.0, mean: 0.0, squares: 0.0 }
    }
}

impl Scaler {
    pub(super) fn add(&mut self, x: f64) {
        self.count += 1.0;
        let delta = x - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (x - self.mean);
    }

    /// What rewards are divided by.
    #[must_use]
    pub fn scale(&self) -> f64 {
        if self.count < 2.0 { 1.0 } else { (self.squares / self.count + 1e-8).sqrt() }
    }
}

/// What a checkpoint holds of the episodes under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Underway {
    lanes: Vec<(u64, f64, Vec<Vec<u16>>)>,
    scaler: Scaler,
    drawn: u64,
}

/// Episodes side by side.
pub struct Envs {
    lanes: Vec<Lane>,
    shape: Shape,
    source: Source,
    gamma: f64,
    scaler: Option<Scaler>,
    /// Steps for which slates were drawn: the key of the next draw.
    drawn: u64,
    now: Views,
    tape: PolicyTape,
    critic_tape: Tape,
    work: Work,
    slate: Vec<usize>,
}

/// What is kept of `steps × lanes` steps; the step at `t` of lane `l` stands at `t · lanes + l`.
#[derive(Default)]
pub struct Buffer {
    /// What was seen.
    pub views: Views,
    /// What was shown: `slate` places each.
    pub slates: Vec<u16>,
    /// The log-probability of showing it.
    pub log_probs: Vec<f32>,
    /// What the critic expected.
    pub values: Vec<f32>,
    /// What it earned, scaled.
    pub rewards: Vec<f32>,
    /// Whether the episode ended with it.
    pub ends: Vec<bool>,
    /// How much better it went than expected (GAE).
    pub advantages: Vec<f32>,
    /// What the critic should have expected.
    pub returns: Vec<f32>,
    /// What the critic expects of the views after the last step, one a lane.
    pub(super) last_values: Vec<f32>,
    pub(super) lanes: usize,
}

impl Envs {
    /// `lanes` episodes of a task, begun. With `scale`, rewards are divided by the running standard deviation of the
    /// discounted return.
    #[must_use]
    pub fn new(task: &dyn Task, lanes: usize, source: Source, gamma: f64, scale: bool) -> Self {
        let shape = task.shape();
        let mut envs = Self {
            lanes: Vec::with_capacity(lanes),
            shape,
            source,
            gamma,
            scaler: scale.then(Scaler::default),
            drawn: 0,
            now: Views::new(shape),
            tape: PolicyTape::default(),
            critic_tape: Tape::default(),
            work: Work::default(),
            slate: Vec::new(),
        };
        for l in 0..lanes {
            let (task, view) = (task.fresh(), View::default());
            envs.lanes.push(Lane { task, view, episode: 0, slates: Vec::new(), earned: 0.0, discounted: 0.0 });
            envs.begin(l, 0);
        }
        envs
    }

    fn begin(&mut self, lane: usize, episode: u64) {
        let seed = self.source.keyed(lane as u64).keyed(episode).seed();
        let lane = &mut self.lanes[lane];
        (lane.episode, lane.earned, lane.discounted) = (episode, 0.0, 0.0);
        lane.slates.clear();
        lane.task.reset(seed, &mut lane.view);
    }

    /// Steps every lane `steps` times by slates drawn from the policy, and judges what came of it: generalised advantage
    /// estimation (Schulman et al., 2016) with `lambda`. Where an episode was cut off, what the critic expects of the view
    /// that would have come next is part of the last reward.
    pub fn gather(
        &mut self,
        policy: &Policy,
        critic: (&Mlp, &[f32]),
        steps: usize,
        lambda: f64,
        buffer: &mut Buffer,
    ) -> Ended {
        buffer.clear(self.shape, self.lanes.len());
        let mut ended = Ended::default();
        let which: Vec<u32> = (0..self.lanes.len() as u32).collect();
        for _ in 0..steps {
            self.look(critic, &which);
            buffer.values.extend(self.expected());
            policy.forward(&self.now, &which, &mut self.tape);
            for l in 0..self.lanes.len() {
                self.act(l, policy.width(), policy, buffer);
                self.go_on(l, critic, buffer, &mut ended);
            }
            self.drawn += 1;
        }
        self.look(critic, &which);
        buffer.last_values.extend(self.expected());
        buffer.judge(self.gamma as f32, lambda as f32);
        ended
    }

    /// The critic's values of what all lanes see now.
    fn look(&mut self, critic: (&Mlp, &[f32]), which: &[u32]) {
        self.now.clear();
        self.lanes.iter().for_each(|l| self.now.push(&l.view));
        critic.0.forward(critic.1, which.len(), &mut self.critic_tape, |to| self.now.fill(which, to));
    }

    fn expected(&self) -> impl Iterator<Item = f32> + '_ {
        self.critic_tape.output().chunks_exact(padded(1)).map(|row| row[0])
    }

    /// Draws a slate for a lane and books it.
    fn act(&mut self, l: usize, width: usize, policy: &Policy, buffer: &mut Buffer) {
        let count = self.lanes[l].view.count;
        let scores = &policy.scored(&self.tape)[l * width..l * width + count];
        let mut random = self.source.keyed(self.drawn).keyed(l as u64).stream(Purpose::Learn);
        plackett::draw(scores, self.shape.slate, &mut random, &mut self.work, &mut self.slate);
        let at = buffer.slates.len();
        buffer.slates.extend(self.slate.iter().map(|i| *i as u16));
        buffer.log_probs.push(self.work.judge(scores, &buffer.slates[at..]).log_prob);
        buffer.views.push(&self.lanes[l].view);
        self.lanes[l].slates.push(buffer.slates[at..].to_vec());
    }

    /// Shows a lane's slate and books what came of it.
    fn go_on(&mut self, l: usize, critic: (&Mlp, &[f32]), buffer: &mut Buffer, ended: &mut Ended) {
        let lane = &mut self.lanes[l];
        self.slate.clear();
        let places = lane.slates.last().map_or(&[][..], Vec::as_slice);
        self.slate.extend(places.iter().map(|i| *i as usize));
        let Outcome { reward, terminated, truncated } = lane.task.step(&self.slate, &mut lane.view);
        lane.earned += reward;
        let mut reward = reward;
        if let Some(scaler) = &mut self.scaler {
            lane.discounted = lane.discounted * self.gamma + reward;
            scaler.add(lane.discounted);
            reward = (reward / scaler.scale()).clamp(-10.0, 10.0);
        }
        if truncated && !terminated {
            // What would have followed, as far as the critic knows.
            let mut last = Views::new(self.shape);
            last.push(&lane.view);
            critic.0.forward(critic.1, 1, &mut self.critic_tape, |to| last.fill(&[0], to));
            reward += self.gamma * f64::from(self.critic_tape.output()[0]);
        }
        buffer.rewards.push(reward as f32);
        buffer.ends.push(terminated || truncated);
        if terminated || truncated {
            ended.add(self.lanes[l].earned, self.lanes[l].task.measures());
            let next = self.lanes[l].episode + 1;
            self.begin(l, next);
        }
    }

    /// What a checkpoint needs of the episodes under way.
    #[must_use]
    pub fn underway(&self) -> Underway {
        Underway {
            lanes: self.lanes.iter().map(|l| (l.episode, l.discounted, l.slates.clone())).collect(),
            scaler: self.scaler.unwrap_or_default(),
            drawn: self.drawn,
        }
    }

    /// Brings episodes back by playing their slates again.
    ///
    /// # Errors
    /// Where they do not fit this task.
    pub fn bring_back(&mut self, underway: &Underway) -> Result<(), FileError> {
        let other =
            || FileError::Mismatch("its episodes do not fit this scenario: it was made with another one".into());
        if underway.lanes.len() != self.lanes.len() {
            return Err(other());
        }
        for (l, (episode, discounted, slates)) in underway.lanes.iter().enumerate() {
            self.begin(l, *episode);
            for slate in slates {
                let lane = &mut self.lanes[l];
                let places: Vec<usize> = slate.iter().map(|i| *i as usize).collect();
                let fits = places.len() == self.shape.slate && places.iter().all(|i| *i < lane.view.count);
                if !fits || (1..places.len()).any(|i| places[..i].contains(&places[i])) {
                    return Err(other());
                }
                let outcome = lane.task.step(&places, &mut lane.view);
                if outcome.terminated || outcome.truncated {
                    return Err(other());
                }
                lane.earned += outcome.reward;
                lane.slates.push(slate.clone());
            }
            self.lanes[l].discounted = *discounted;
        }
        if let Some(scaler) = &mut self.scaler {
            *scaler = underway.scaler;
        }
        self.drawn = underway.drawn;
        Ok(())
    }
}

impl Buffer {
    fn clear(&mut self, shape: Shape, lanes: usize) {
        self.views = core::mem::take(&mut self.views).emptied(shape);
        self.lanes = lanes;
        self.slates.clear();
        for v in [&mut self.log_probs, &mut self.values, &mut self.rewards, &mut self.last_values] {
            v.clear();
        }
        self.ends.clear();
    }

    /// Fills in advantages and returns, from the last step to the first.
    fn judge(&mut self, gamma: f32, lambda: f32) {
        let n = self.rewards.len();
        self.advantages.clear();
        self.advantages.resize(n, 0.0);
        for l in 0..self.lanes {
            let (mut next_value, mut advantage) = (self.last_values[l], 0.0);
            for at in (l..n).step_by(self.lanes).rev() {
                let goes_on = if self.ends[at] { 0.0 } else { 1.0 };
                let delta = self.rewards[at] + gamma * next_value * goes_on - self.values[at];
                advantage = delta + gamma * lambda * goes_on * advantage;
                self.advantages[at] = advantage;
                next_value = self.values[at];
            }
        }
        self.returns.clear();
        self.returns.extend(self.advantages.iter().zip(&self.values).map(|(a, v)| a + v));
    }

    /// How many steps are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rewards.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rewards.is_empty()
    }

    /// 1 − Var(return − value)/Var(return): how much of the returns the critic foresaw; 1 is all.
    #[must_use]
    pub fn explained(&self) -> f64 {
        let variance = |values: &mut dyn Iterator<Item = f64>| {
            let mut w = crate::lab::Welford::default();
            values.for_each(|v| w.add(v));
            w.deviation() * w.deviation()
        };
        let all = variance(&mut self.returns.iter().map(|r| f64::from(*r)));
        let left = variance(&mut self.advantages.iter().map(|a| f64::from(*a)));
        if all > 0.0 { 1.0 - left / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advantages_are_what_a_hand_computes() {
        // Two lanes of three steps; the first ends its episode at its second step.
        let mut b = Buffer {
            lanes: 2,
            rewards: vec![1.0, 0.0, 2.0, 0.5, 3.0, -1.0],
            values: vec![0.5, 0.2, 1.0, 0.1, 0.0, 0.4],
            ends: vec![false, false, true, false, false, false],
            last_values: vec![4.0, 2.0],
            ..Buffer::default()
        };
        b.judge(0.9, 0.5);
        // Lane 0: δ₂ = 3 + 0.9·4 − 0 = 6.6; δ₁ = 2 − 1 = 1 (ended); δ₀ = 1 + 0.9·1 − 0.5 = 1.4, A₀ = 1.4 + 0.45·1.
        // Lane 1: δ₂ = −1 + 1.8 − 0.4 = 0.4; δ₁ = 0.5 + 0.36 − 0.1 = 0.76, A₁ = 0.94; δ₀ = 0.09 − 0.2, A₀ = −0.11 + 0.423.
        let expected = [1.85, 0.313, 1.0, 0.94, 6.6, 0.4];
        for (a, e) in b.advantages.iter().zip(expected) {
            assert!((a - e).abs() < 1e-5, "{:?}", b.advantages);
        }
        assert!((b.returns[4] - 6.6).abs() < 1e-6 && (b.returns[0] - 2.35).abs() < 1e-6);
    }
}
