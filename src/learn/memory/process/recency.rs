//! Recency with topic switches: the mindset is a fading mean of what was opened last, and at times jumps to a topic that
//! nothing shown led to.

use super::Mind as Minded;
use crate::{
    catalog::ItemIx,
    math::{Purpose, Source, Stream, Vector, dot, scale},
    scenario::World,
};

/// What an item opened takes of the mindset.
const STEP: f32 = 0.4;
/// The chance of a jump after each item.
const JUMP: f32 = 0.03;

pub(super) struct Mind {
    wants: Vector,
}

impl Mind {
    pub(super) fn new(world: &World, source: Source) -> Self {
        Self { wants: topic(world, &mut source.stream(Purpose::Profile)) }
    }
}

fn topic(world: &World, draw: &mut Stream) -> Vector {
    let topics = &world.truth().topics;
    topics[draw.below(topics.len())]
}

impl Minded for Mind {
    fn utility(&self, world: &World, item: ItemIx) -> f32 {
        -1.6 + 3.0 * dot(&self.wants, &world.truth().vectors[item as usize])
    }

    fn after(&mut self, world: &World, item: ItemIx, clicked: bool, draw: &mut Stream) {
        if clicked {
            scale(&mut self.wants, 1.0 - STEP);
            crate::math::add_scaled(&mut self.wants, STEP, &world.truth().vectors[item as usize]);
        }
        if draw.chance(JUMP) {
            self.wants = topic(world, draw);
        }
    }

    fn state(&self) -> Vec<f64> {
        self.wants.iter().map(|v| f64::from(*v)).collect()
    }
}
