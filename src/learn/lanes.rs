//! Episodes side by side for learners that ask item by item, with the newest steps kept: a replay memory.
//!
//! A checkpoint holds no steps, only the seeds and slates of the episodes that they are of: played again, they give the
//! same steps to the bit.

use super::{
    files::FileError,
    rollout::{Ended, Scaler},
    task::{Outcome, Place, Shape, Task, View},
};
use crate::math::{Source, Stream};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What came after a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum After {
    /// The next step.
    GoesOn,
    /// Nothing: the episode ended in itself.
    Over,
    /// The episode was cut off; this would have been seen next.
    CutOff(View),
}

/// A step that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    /// What was seen.
    pub(super) view: View,
    /// What was shown.
    pub(super) slate: Vec<u16>,
    /// What came of each place.
    pub(super) places: Vec<Place>,
    /// What it earned.
    pub(super) reward: f64,
    /// What came after.
    pub(super) after: After,
}

/// An episode by what brings it back: its number and its slates.
type Played = (u64, Vec<Vec<u16>>);

struct Lane {
    task: Box<dyn Task>,
    view: View,
    earned: f64,
    discounted: f64,
    /// The episodes that the kept steps are of; the last is under way.
    played: VecDeque<Played>,
    /// How many steps of the first of them are kept no more.
    gone: usize,
    kept: VecDeque<Kept>,
}

/// What a checkpoint holds of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    lanes: Vec<(usize, f64, Vec<Played>)>,
    scaler: Scaler,
}

/// Episodes side by side.
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    shape: Shape,
    source: Source,
    gamma: f64,
    /// How many steps of each lane are kept.
    most: usize,
    scaler: Scaler,
}

impl Lanes {
    /// `lanes` episodes of a task, begun, of each of which the newest `most` steps are kept.
    pub(super) fn new(task: &dyn Task, lanes: usize, most: usize, source: Source, gamma: f64) -> Self {
        let lane = |_| Lane {
            task: task.fresh(),
            view: View::default(),
            earned: 0.0,
            discounted: 0.0,
            played: VecDeque::new(),
            gone: 0,
            kept: VecDeque::new(),
        };
        let lanes: Vec<Lane> = (0..lanes).map(lane).collect();
        let mut all = Self { lanes, shape: task.shape(), source, gamma, most: most.max(1), scaler: Scaler::default() };
        (0..all.lanes.len()).for_each(|l| all.begin(l, 0));
        all
    }

    fn begin(&mut self, l: usize, episode: u64) {
        let seed = self.source.keyed(l as u64).keyed(episode).seed();
        let lane = &mut self.lanes[l];
        (lane.earned, lane.discounted) = (0.0, 0.0);
        lane.played.push_back((episode, Vec::new()));
        lane.task.reset(seed, &mut lane.view);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// What a lane sees now.
    pub(super) fn view(&self, l: usize) -> &View {
        &self.lanes[l].view
    }

    /// By what rewards are divided: the running standard deviation of the discounted return.
    pub(super) fn scale(&self) -> f64 {
        self.scaler.scale()
    }

    /// The step that was taken last in a lane.
    pub(super) fn last(&self, l: usize) -> &Kept {
        self.lanes[l].kept.back().expect("a lane keeps at least its last step")
    }

    /// Shows a slate in a lane and keeps what came of it. An episode that ends gives way to the next.
    pub(super) fn step(&mut self, l: usize, slate: &[usize], ended: &mut Ended) {
        let lane = &mut self.lanes[l];
        let seen = lane.view.clone();
        let Outcome { reward, terminated, truncated } = lane.task.step(slate, &mut lane.view);
        let mut places = Vec::new();
        lane.task.places(&mut places);
        if places.is_empty() {
            places.resize(slate.len(), Place::default());
            places[0] = Place { examined: true, consumed: true, reward };
        }
        let slate: Vec<u16> = slate.iter().map(|i| *i as u16).collect();
        let episode = lane.played.back_mut().expect("an episode is under way");
        episode.1.push(slate.clone());
        let number = episode.0;
        lane.earned += reward;
        lane.discounted = lane.discounted * self.gamma + reward;
        self.scaler.add(lane.discounted);
        let after = match (terminated, truncated) {
            (true, _) => After::Over,
            (false, true) => After::CutOff(lane.view.clone()),
            (false, false) => After::GoesOn,
        };
        lane.kept.push_back(Kept { view: seen, slate, places, reward, after });
        if terminated || truncated {
            ended.add(lane.earned, lane.task.measures());
            self.begin(l, number + 1);
        }
        self.lanes[l].forget(self.most);
    }

    /// One of the kept steps, all being equally likely, and what was seen next, if anything was. Every lane keeps as many.
    pub(super) fn sample(&self, random: &mut Stream) -> (&Kept, Option<&View>) {
        let lane = &self.lanes[random.below(self.lanes.len())];
        let at = random.below(lane.kept.len());
        let kept = &lane.kept[at];
        let next = match &kept.after {
            After::Over => None,
            After::CutOff(view) => Some(view),
            After::GoesOn => Some(lane.kept.get(at + 1).map_or(&lane.view, |k| &k.view)),
        };
        (kept, next)
    }

    /// What a checkpoint needs.
    pub(super) fn memory(&self) -> Memory {
        let lane = |l: &Lane| (l.gone, l.discounted, l.played.iter().cloned().collect());
        Memory { lanes: self.lanes.iter().map(lane).collect(), scaler: self.scaler }
    }

    /// Brings steps and episodes back by playing their slates again. These lanes must be new.
    ///
    /// # Errors
    /// Where they do not fit this task.
    pub(super) fn bring_back(&mut self, memory: &Memory) -> Result<(), FileError> {
        let other =
            || FileError::Mismatch("its episodes do not fit this scenario: it was made with another one".into());
        if memory.lanes.len() != self.lanes.len() || memory.lanes.iter().any(|l| l.2.is_empty()) {
            return Err(other());
        }
        let most = core::mem::replace(&mut self.most, usize::MAX);
        for (l, (gone, discounted, played)) in memory.lanes.iter().enumerate() {
            self.lanes[l].played.clear();
            self.begin(l, played[0].0);
            for (number, slates) in played {
                if self.lanes[l].played.back().is_none_or(|p| p.0 != *number || !p.1.is_empty()) {
                    return Err(other());
                }
                for slate in slates {
                    let places: Vec<usize> = slate.iter().map(|i| *i as usize).collect();
                    let count = self.lanes[l].view.count;
                    let fits = places.len() == self.shape.slate && places.iter().all(|i| *i < count);
                    let twice = (1..places.len()).any(|i| places[..i].contains(&places[i]));
                    if !fits || twice || self.lanes[l].played.back().is_none_or(|p| p.0 != *number) {
                        return Err(other());
                    }
                    self.step(l, &places, &mut Ended::default());
                }
            }
            let lane = &mut self.lanes[l];
            if *gone > lane.kept.len() {
                return Err(other());
            }
            lane.kept.drain(..*gone);
            (lane.gone, lane.discounted) = (*gone, *discounted);
        }
        (self.most, self.scaler) = (most, memory.scaler);
        Ok(())
    }
}

impl Lane {
    /// Forgets the oldest steps beyond `most`, and the episodes of which no step is kept.
    fn forget(&mut self, most: usize) {
        while self.kept.len() > most {
            self.kept.pop_front();
            self.gone += 1;
        }
        while self.played.len() > 1 && self.played.front().is_some_and(|p| p.1.len() <= self.gone) {
            self.gone -= self.played.pop_front().map_or(0, |p| p.1.len());
        }
    }
}
