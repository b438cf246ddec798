//! What the user thinks of creators, in arrays of one kind each: all exposures fade with every item reviewed.

use crate::{catalog::CreatorIx, math::greater};

/// The most creators that a user has an opinion of at once; at the cap the faintest opinion goes.
const CREATORS: usize = 48;
/// What remains of an exposure after each further item.
const EXPOSURE_KEPT: f32 = 0.93;
/// How fast a liking follows what was just felt.
const LIKING_RATE: f32 = 0.3;

/// Opinions of creators: how much each is liked, and how often they were shown lately.
#[derive(Clone, Debug)]
pub struct Opinions {
    of: [CreatorIx; CREATORS],
    /// In [-1, 1].
    liking: [f32; CREATORS],
    exposure: [f32; CREATORS],
    len: usize,
}

impl Default for Opinions {
    fn default() -> Self {
        Self { of: [0; CREATORS], liking: [0.0; CREATORS], exposure: [0.0; CREATORS], len: 0 }
    }
}

impl Opinions {
    fn find(&self, creator: CreatorIx) -> Option<usize> {
        self.of[..self.len].iter().position(|&c| c == creator)
    }

    /// How much a creator is liked, in [-1, 1]; 0 where there is no opinion.
    #[must_use]
    pub fn liking(&self, creator: CreatorIx) -> f32 {
        self.find(creator).map_or(0.0, |at| self.liking[at])
    }

    /// What an item gains in utility by its creator: more by liking, less by having been shown much.
    #[must_use]
    pub fn worth(&self, creator: CreatorIx) -> f32 {
        self.find(creator)
            .map_or(0.0, |at| (0.7 * self.liking[at] - 0.3 * greater(self.exposure[at] - 1.0, 0.0)).clamp(-1.2, 0.9))
    }

    /// An item by a creator was felt to be worth `value`; `bonus` is for having followed them.
    pub fn add(&mut self, creator: CreatorIx, value: f32, bonus: f32) {
        for exposure in &mut self.exposure {
            *exposure *= EXPOSURE_KEPT;
        }
        if let Some(at) = self.find(creator) {
            self.liking[at] = (self.liking[at] + LIKING_RATE * (value - self.liking[at]) + bonus).clamp(-1.0, 1.0);
            self.exposure[at] += 1.0;
            return;
        }
        if self.len == CREATORS {
            let weight = |at: usize| self.liking[at].abs() + self.exposure[at];
            let faintest = (0..CREATORS).min_by(|&a, &b| weight(a).total_cmp(&weight(b))).unwrap_or(0);
            self.len -= 1;
            self.put(faintest, self.of[self.len], self.liking[self.len], self.exposure[self.len]);
        }
        self.put(self.len, creator, LIKING_RATE * value + bonus, 1.0);
        self.len += 1;
    }

    fn put(&mut self, at: usize, creator: CreatorIx, liking: f32, exposure: f32) {
        (self.of[at], self.liking[at], self.exposure[at]) = (creator, liking, exposure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_creator_is_liked_for_what_was_enjoyed_and_tires_by_being_shown() {
        let mut opinions = Opinions::default();
        opinions.add(3, 1.0, 0.0);
        let fresh = opinions.worth(3);
        assert!(opinions.liking(3) > 0.0 && fresh > 0.0);
        assert_eq!((opinions.liking(4), opinions.worth(4)), (0.0, 0.0));
        (0..20).for_each(|_| opinions.add(3, 0.0, 0.0));
        assert!(opinions.worth(3) < fresh);
    }

    #[test]
    fn beyond_the_cap_the_faintest_opinion_goes() {
        let mut opinions = Opinions::default();
        opinions.add(1000, 1.0, 0.3);
        (0..200).for_each(|creator| opinions.add(creator, 0.1, 0.0));
        assert!(opinions.find(1000).is_some() && opinions.find(199).is_some());
        assert!(opinions.find(100).is_none());
        assert_eq!(opinions.len, CREATORS);
    }
}
