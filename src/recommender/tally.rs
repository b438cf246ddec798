//! What a recommender may count in a session: a fold over the public history, the same however late it begins.

use super::{FEATURES, Observation, PastTurn, basics::Basics};
use crate::{
    catalog::ItemIx,
    user::{Reaction, memory::valence},
};

/// What is left of an exposure after each further item looked at.
const RECENT_KEPT: f32 = 0.966;
/// What is left of what was liked or disliked after each further item looked at.
const TASTE_KEPT: f32 = 0.99;

/// Counts of one topic, creator or mood.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// Times looked at.
    pub examined: u32,
    /// Times opened.
    pub clicked: u32,
    /// The sum of valences.
    pub value: f32,
    /// Times looked at, fading by 0.966 an item.
    pub recent: f32,
}

impl Count {
    /// The mean valence, drawn towards 0 as if two neutral looks had come before; in [-1, 1].
    #[must_use]
    pub fn taste(&self) -> f32 {
        self.value / (self.examined as f32 + 2.0)
    }

    fn add(&mut self, clicked: bool, value: f32) {
        self.examined += 1;
        self.clicked += u32::from(clicked);
        self.value += value;
        self.recent += 1.0;
    }
}

/// The counts of a session so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Turns counted.
    pub turns: usize,
    /// Items looked at.
    pub examined: u32,
    /// Items opened.
    pub clicked: u32,
    /// Seconds spent.
    pub seconds: f32,
    /// Skips since the last click.
    pub skips: u32,
    /// Their topic while it is the same one, with how many of them in a row have it.
    pub skipped_topic: Option<(u16, u32)>,
    /// Mean valence of opened items, the newest weighing most; 0 before the first.
    pub pleasure: f32,
    /// Σ of rows of items with positive valence, times it, fading.
    pub liked: [f32; FEATURES],
    /// The weight in `liked`.
    pub liked_n: f32,
    /// Σ of rows of items with negative valence, times its size, fading.
    pub disliked: [f32; FEATURES],
    /// The weight in `disliked`.
    pub disliked_n: f32,
    /// Σ of rows looked at, fading by 0.966 an item.
    pub recent: [f32; FEATURES],
    /// Mean log-length of opened items, drawn towards 0.
    pub length: f32,
    /// By topic.
    pub topics: Vec<Count>,
    /// By creator, in the order met.
    pub creators: Vec<(u32, Count)>,
    /// By mood; the last is for items without one.
    pub moods: [Count; 6],
    /// The place in `creators` plus one, by creator; 0 where not met.
    slots: Vec<u16>,
    last: Vec<ItemIx>,
}

/// The most creators counted; later ones go uncounted.
const CREATORS: usize = 4096;

impl Tally {
    /// Counts the turns of `obs` not counted yet, `before` each of them calling back with the counts so far and what was
    /// observed then. If the past is not the one counted so far, starts afresh; a caller with state of its own asks
    /// [`follows`](Self::follows) first.
    pub(crate) fn catch_up(
        &mut self,
        obs: &Observation<'_>,
        basics: &Basics,
        mut before: impl FnMut(&Self, &Observation<'_>, &PastTurn),
    ) {
        if !self.follows(obs.history) {
            self.reset();
        }
        self.fit(basics);
        for n in self.turns..obs.history.len() {
            let then = Observation { history: &obs.history[..n], turn: n as u32, candidates: &[], ..*obs };
            before(self, &then, &obs.history[n]);
            self.absorb_turn(&obs.history[n], &then, basics);
        }
    }

    /// Whether `history` goes on from what was counted.
    pub(crate) fn follows(&self, history: &[PastTurn]) -> bool {
        self.turns <= history.len() && (self.turns == 0 || history[self.turns - 1].items == self.last)
    }

    pub(crate) fn fit(&mut self, basics: &Basics) {
        self.topics.resize(basics.topics, Count::default());
        self.slots.resize(basics.creators, 0);
    }

    /// Forgets the session, keeping the room.
    pub fn reset(&mut self) {
        let (mut topics, mut slots) = (core::mem::take(&mut self.topics), core::mem::take(&mut self.slots));
        topics.clear();
        for (c, _) in &self.creators {
            slots[*c as usize] = 0;
        }
        *self = Self { topics, slots, ..Self::default() };
    }

    /// Counts one turn.
    pub(crate) fn absorb_turn(&mut self, turn: &PastTurn, obs: &Observation<'_>, basics: &Basics) {
        for (&item, reaction) in turn.items.iter().zip(&turn.reactions) {
            self.absorb(item, reaction, obs, basics);
        }
        self.turns += 1;
        self.last.clone_from(&turn.items);
    }

    /// Counts one reaction.
    pub(crate) fn absorb(&mut self, item: ItemIx, r: &Reaction, obs: &Observation<'_>, basics: &Basics) {
        if !r.examined {
            return;
        }
        let basic = &basics.items[item as usize];
        let row = &obs.features.rows[item as usize];
        let value = valence(r, obs.shelf.items[item as usize].duration_s);
        self.fade();
        self.examined += 1;
        self.clicked += u32::from(r.clicked);
        self.seconds += r.seconds.max(0.0);
        if r.clicked {
            (self.skips, self.skipped_topic) = (0, None);
            self.pleasure += 0.25 * (value - self.pleasure);
            self.length += (basic.length() - self.length) / (self.clicked as f32 + 2.0);
        } else {
            self.skips += 1;
            self.skipped_topic = Some(match self.skipped_topic {
                Some((t, n)) if t == basic.topic => (t, n + 1),
                _ => (basic.topic, 1),
            });
        }
        let (sum, n) =
            if value > 0.0 { (&mut self.liked, &mut self.liked_n) } else { (&mut self.disliked, &mut self.disliked_n) };
        add(sum, value.abs(), row);
        *n += value.abs();
        add(&mut self.recent, 1.0, row);
        if let Some(t) = self.topics.get_mut(basic.topic as usize) {
            t.add(r.clicked, value);
        }
        self.moods[basic.mood as usize].add(r.clicked, value);
        if let Some(c) = self.creator_mut(basic.creator) {
            c.add(r.clicked, value);
        }
    }

    fn fade(&mut self) {
        for v in &mut self.recent {
            *v *= RECENT_KEPT;
        }
        for t in self.topics.iter_mut().chain(&mut self.moods).chain(self.creators.iter_mut().map(|c| &mut c.1)) {
            t.recent *= RECENT_KEPT;
        }
        for v in self.liked.iter_mut().chain(&mut self.disliked) {
            *v *= TASTE_KEPT;
        }
        self.liked_n *= TASTE_KEPT;
        self.disliked_n *= TASTE_KEPT;
    }

    fn creator_mut(&mut self, creator: u32) -> Option<&mut Count> {
        let slot = self.slots.get_mut(creator as usize)?;
        if *slot == 0 {
            if self.creators.len() == CREATORS {
                return None;
            }
            self.creators.push((creator, Count::default()));
            *slot = self.creators.len() as u16;
        }
        self.creators.get_mut(*slot as usize - 1).map(|c| &mut c.1)
    }

    /// The counts of a creator; `None` if never met.
    #[must_use]
    pub fn creator(&self, creator: u32) -> Option<&Count> {
        let slot = *self.slots.get(creator as usize)?;
        self.creators.get((slot as usize).wrapping_sub(1)).map(|c| &c.1)
    }

    /// Clicks a look, drawn towards one in four as if four looks had come before.
    #[must_use]
    pub fn click_rate(&self) -> f32 {
        (self.clicked as f32 + 1.0) / (self.examined as f32 + 4.0)
    }
}

fn add(sum: &mut [f32; FEATURES], k: f32, row: &[f32; FEATURES]) {
    for (s, v) in sum.iter_mut().zip(row) {
        *s += k * v;
    }
}
