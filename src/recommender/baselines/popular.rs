//! Popular: what most people chose before.

use super::act;
use crate::{
    catalog::ItemIx,
    math::Stream,
    recommender::{Observation, ReasoningTrace, Recommender, pick},
};

/// Shows the most chosen candidates, the same for everybody.
pub(crate) struct Popular;

impl Recommender for Popular {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        pick::fill(obs.candidates, obs.slate_size, |i| obs.shelf.items[i as usize].popularity, slate);
        act(trace, || {
            let share = |i: Option<&ItemIx>| i.map_or(0.0, |&i| f64::from(obs.shelf.items[i as usize].popularity));
            let (first, last) = (share(slate.first()), share(slate.last()));
            let n = obs.candidates.len();
            let data = vec![("candidates".into(), n as f64), ("first".into(), first), ("last".into(), last)];
            (format!("Took the {} most chosen of {n} items not shown yet.", slate.len()), data)
        });
    }

    fn reset(&mut self) {}
}
