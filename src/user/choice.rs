//! What the built-in user does: look, click, watch, like, leave. Each decision draws from a stream of its own.

use super::{
    Reaction,
    state::{Look, User},
};
use crate::{
    catalog::Item,
    math::{Purpose, Source, exp, lesser, sigmoid},
};

impl User {
    /// Whether the user looks at the item at `position` (the cascade: the first always, later ones by patience with the
    /// slate, which position, tiredness and skips wear down).
    #[must_use]
    pub fn examines(&self, position: usize, source: Source) -> bool {
        if position == 0 {
            return true;
        }
        let go_on = 3.6 - 0.2 * position as f32 - 1.6 * (1.0 - self.energy) - 0.22 * self.skips.min(8) as f32
            + 1.2 * (self.traits.patience - 0.5);
        source.stream(Purpose::Examine).chance(sigmoid(go_on))
    }

    /// What the user does with an item under review. Watching time is the item's length times a share that follows what
    /// was felt, log-normal around it, cut at the length and at a quarter of the whole budget.
    #[must_use]
    pub fn react(&self, item: &Item, look: &Look, source: Source) -> Reaction {
        let mut r = Reaction { examined: true, ..Reaction::default() };
        let mut dwell = source.stream(Purpose::Dwell);
        let spread = exp(0.5 * dwell.normal());
        if source.stream(Purpose::Click).chance(look.appraisal.click_chance) {
            r.clicked = true;
            let share = sigmoid(1.1 * (look.appraisal.felt - 0.5));
            r.seconds = lesser(
                lesser(lesser(item.duration_s * share * spread, item.duration_s), 0.25 * self.budget_s),
                self.left_s,
            );
            self.endorse(&mut r, item, look, source);
        } else {
            let haste = if self.impatient { 0.35 } else { 1.0 };
            r.seconds = lesser(haste * (1.2 + 2.2 * look.appraisal.click_chance) * spread, self.left_s);
        }
        // In the middle of a slate few leave, and the likelier the more they are about to.
        r.left = source.stream(Purpose::Leave).chance(0.05 * look.appraisal.leave_forecast * self.leaves_freely());
        r
    }

    fn leaves_freely(&self) -> f32 {
        1.3 - 0.6 * self.traits.patience
    }

    fn endorse(&self, r: &mut Reaction, item: &Item, look: &Look, source: Source) {
        if r.seconds < 0.35 * item.duration_s {
            return;
        }
        let warm = look.appraisal.felt - 1.4 + 3.0 * (self.traits.warmth - 0.5);
        let mut s = source.stream(Purpose::Endorse);
        r.liked = s.chance(sigmoid(1.2 * warm - 0.9));
        r.shared = s.chance(sigmoid(warm - 3.2));
        r.commented = s.chance(sigmoid(warm - 3.4));
        r.followed = s.chance(sigmoid(warm - 3.0));
    }
}
