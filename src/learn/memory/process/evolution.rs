//! Interest evolution after RecSim (Ie et al., 2019): one interest in [−1, 1] a topic, drawn uniformly; an item opened moves
//! its topic's interest by 0.3 (1 − |u|)(1 − u), up with a chance of (u + 1)/2, else down, and there it stays.

use super::Mind as Minded;
use crate::{
    catalog::ItemIx,
    math::{Purpose, Source, Stream},
    scenario::World,
};

pub(super) struct Mind {
    interests: Vec<f32>,
}

impl Mind {
    pub(super) fn new(world: &World, source: Source) -> Self {
        let mut draw = source.stream(Purpose::Profile);
        Self { interests: world.truth().topics.iter().map(|_| 2.0 * draw.uniform() - 1.0).collect() }
    }
}

impl Minded for Mind {
    fn utility(&self, world: &World, item: ItemIx) -> f32 {
        -1.2 + 2.2 * self.interests[world.shelf().topic(item) as usize]
    }

    fn after(&mut self, world: &World, item: ItemIx, clicked: bool, draw: &mut Stream) {
        if clicked {
            let u = &mut self.interests[world.shelf().topic(item) as usize];
            let step = 0.3 * (1.0 - u.abs()) * (1.0 - *u);
            let up = draw.chance((*u + 1.0) / 2.0);
            *u = if up { *u + step } else { *u - step }.clamp(-1.0, 1.0);
        }
    }

    fn state(&self) -> Vec<f64> {
        self.interests.iter().map(|v| f64::from(*v)).collect()
    }
}
