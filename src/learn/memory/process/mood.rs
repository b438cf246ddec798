//! A hidden Markov mood: four moods, each wanting some topics and not others, the same for all users; the chain stays
//! where it is with a chance of 0.96 an item, else goes anywhere. Nothing shown moves it.

use super::Mind as Minded;
use crate::{
    catalog::ItemIx,
    math::{Purpose, Source, Stream, Vector, ZERO, add_scaled, dot, unit},
    scenario::World,
};

const MOODS: usize = 4;
const STAY: f32 = 0.96;
/// Where the moods are drawn from, so that they are the same in every session.
const SEED: u64 = 0x6d6f_6f64;

pub(super) struct Mind {
    moods: [Vector; MOODS],
    now: usize,
}

impl Mind {
    pub(super) fn new(world: &World, source: Source) -> Self {
        let mut draw = Source::new(SEED).stream(Purpose::Profile);
        let moods = core::array::from_fn(|_| {
            let mut v = ZERO;
            for t in &world.truth().topics {
                add_scaled(&mut v, draw.normal(), t);
            }
            unit(v)
        });
        Self { moods, now: source.stream(Purpose::Profile).below(MOODS) }
    }
}

impl Minded for Mind {
    fn utility(&self, world: &World, item: ItemIx) -> f32 {
        -1.4 + 4.0 * dot(&self.moods[self.now], &world.truth().vectors[item as usize])
    }

    fn after(&mut self, _: &World, _: ItemIx, _: bool, draw: &mut Stream) {
        if !draw.chance(STAY) {
            self.now = draw.below(MOODS);
        }
    }

    fn state(&self) -> Vec<f64> {
        self.moods[self.now].iter().map(|v| f64::from(*v)).collect()
    }
}
