//! The engagement memory M_t: what happened, item by item, and what is left of it once it is too much to keep.
//!
//! At most [`INTERACTIONS`] single interactions and [`SUMMARIES`] summaries. When a further interaction arrives at the cap,
//! the least important one (by its running mean of α) is folded into the summary of its topic, never just dropped; when
//! the summaries are full, the two least important become one.

use super::{
    CONTEXT, Reaction,
    mindset::{HIDDEN, Parameters, Situation},
};
use crate::{
    catalog::{ItemIx, TopicIx},
    math::{
        DIM, Vector, ZERO, greater,
        lanes::{self, LANES},
    },
};

/// The most interactions remembered one by one.
pub const INTERACTIONS: usize = 64;
/// The most summaries.
pub const SUMMARIES: usize = 16;
/// All rows: interactions first, summaries behind.
pub const ROWS: usize = INTERACTIONS + SUMMARIES;

/// An empty row's logit: its weight is below 1e-25.
const EMPTY: f32 = -1.0e4;
/// The furthest that a logit counts below the highest. Further below, weights or their differences would be no normal numbers,
/// over which processors take many times as long.
const FAINTEST: f32 = -60.0;
/// How fast a row's importance follows its α.
const IMPORTANCE_RATE: f32 = 0.1;

/// What a row remembers.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// One interaction.
    Item {
        /// The item.
        item: ItemIx,
        /// What was done.
        reaction: Reaction,
        /// In which turn.
        turn: u32,
    },
    /// Many interactions of a kind, consolidated.
    Summary {
        /// The topic that they share; `None` once topics were merged.
        topic: Option<TopicIx>,
        /// How many they were.
        count: u32,
        /// Their mean valence, in [-1, 1].
        valence: f32,
        /// Whether they come from before this session.
        earlier: bool,
    },
}

/// The number of blocks of rows, and of those that hold interactions.
const BLOCKS: usize = ROWS / LANES;
const INTERACTION_BLOCKS: usize = INTERACTIONS / LANES;

/// The memory. Keys lie in blocks of eight rows, a dimension after another, so that eight scores grow side by side.
#[derive(Clone, Debug)]
pub struct Memory {
    keys: Box<[[[f32; LANES]; HIDDEN]; BLOCKS]>,
    situations: Box<[Situation; ROWS]>,
    /// Each row's valence, in [-1, 1]: its value v_k is its item's vector times this.
    valences: [f32; ROWS],
    /// w·salience + λ·born: age enters as when it was born, for a softmax does not mind the common λ·now.
    bias: [f32; ROWS],
    importance: [f32; ROWS],
    entries: Vec<Option<Entry>>,
    interactions: usize,
    summaries: usize,
    clock: u32,
}

/// What the attention over memory brings up; by default nothing.
#[derive(Clone, Copy, Debug)]
pub struct Recall {
    /// The importance α of each row; they sum to 1 unless memory is empty.
    pub alpha: [f32; ROWS],
    /// Σ α_k v_k: what was liked (and, with a minus sign, disliked) in situations like this.
    pub value: Vector,
    /// Σ α_k x_k: what was seen in situations like this, whether liked or not.
    pub seen: Vector,
}

/// How an action is valued, from observed fields only: −0.12 for a skip, −0.35 to 0.6 by the share watched, up to 0.25 more
/// for watching it again, more by likes, shares, comments and follows, at most 1.
#[must_use]
pub fn valence(reaction: &Reaction, duration_s: f32) -> f32 {
    if !reaction.examined {
        return 0.0;
    }
    if !reaction.clicked {
        return -0.12;
    }
    let watched = (reaction.seconds / greater(duration_s, 1e-3)).clamp(0.0, 1.0);
    let extra = 0.3 * count(reaction.liked) + 0.2 * count(reaction.shared) + 0.1 * count(reaction.commented);
    let again = 0.25 * reaction.again(duration_s);
    (-0.35 + 0.95 * watched + extra + 0.25 * count(reaction.followed) + again).clamp(-1.0, 1.0)
}

fn count(b: bool) -> f32 {
    f32::from(u8::from(b))
}

impl Default for Recall {
    fn default() -> Self {
        Self { alpha: [0.0; ROWS], value: ZERO, seen: ZERO }
    }
}

/// Room for `N` of what is all zeros, which is cleared in one go: a constant of this size would be written number by number.
fn zeroed<T: Copy, const N: usize>(zero: T) -> Box<[T; N]> {
    vec![zero; N].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("it is as long as that"))
}

/// Where the item of a situation lies.
fn place(situation: &Situation) -> &Vector {
    situation.first_chunk().expect("a situation begins with an item")
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            keys: zeroed([[0.0; LANES]; HIDDEN]),
            situations: zeroed([0.0; HIDDEN]),
            valences: [0.0; ROWS],
            bias: [EMPTY; ROWS],
            importance: [0.0; ROWS],
            entries: vec![None; ROWS],
            interactions: 0,
            summaries: 0,
            clock: 0,
        }
    }
}

impl Memory {
    /// Forgets all, keeping the room.
    pub fn clear(&mut self) {
        self.bias = [EMPTY; ROWS];
        self.importance = [0.0; ROWS];
        self.entries.fill(None);
        (self.interactions, self.summaries, self.clock) = (0, 0, 0);
    }

    /// The number of single interactions and of summaries.
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.interactions, self.summaries)
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions + self.summaries == 0
    }

    /// The rows in use with their running importance.
    pub fn entries(&self) -> impl Iterator<Item = (usize, &Entry, f32)> {
        self.entries.iter().enumerate().filter_map(|(row, e)| e.as_ref().map(|e| (row, e, self.importance[row])))
    }

    /// Attends over memory in a situation; `recall` is as [by default](Recall::default) before, and stays so when nothing is
    /// remembered.
    pub fn recall(&self, p: &Parameters, now: &Situation, recall: &mut Recall) {
        if self.is_empty() {
            return;
        }
        let query = p.query_of(now);
        for block in self.blocks() {
            let mut logits: [f32; LANES] = *self.bias.as_chunks().0.get(block).expect("blocks are of rows");
            for (q, keys) in query.iter().zip(&self.keys[block]) {
                for (l, k) in logits.iter_mut().zip(keys) {
                    *l += q * k;
                }
            }
            recall.alpha.as_chunks_mut().0[block] = logits;
        }
        self.softmax(&mut recall.alpha);
        // One loop body and sums of its own: so both sums stay in registers.
        let (mut seen, mut value) = (ZERO, ZERO);
        for rows in self.ranges() {
            let alpha = &recall.alpha[rows.clone()];
            for ((&a, &valence), x) in alpha.iter().zip(&self.valences[rows.clone()]).zip(&self.situations[rows]) {
                let (felt, x) = (a * valence, place(x));
                for i in 0..DIM {
                    seen[i] += a * x[i];
                    value[i] += felt * x[i];
                }
            }
        }
        (recall.seen, recall.value) = (seen, value);
    }

    /// Softmax in place over the blocks in use, in lanes; rows not in use hold 0 or next to it.
    fn softmax(&self, x: &mut [f32; ROWS]) {
        let blocks = x.as_chunks_mut::<LANES>().0;
        let mut top = [f32::NEG_INFINITY; LANES];
        for block in self.blocks() {
            for (t, v) in top.iter_mut().zip(blocks[block]) {
                *t = if v > *t { v } else { *t };
            }
        }
        let top = top.iter().fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
        let mut total = [0.0; LANES];
        for block in self.blocks() {
            blocks[block] = lanes::exp(blocks[block].map(|v| if v - top > FAINTEST { v - top } else { FAINTEST }));
            for (t, v) in total.iter_mut().zip(blocks[block]) {
                *t += v;
            }
        }
        let k = 1.0 / lanes::sum(total);
        for block in self.blocks() {
            for v in &mut blocks[block] {
                *v *= k;
            }
        }
    }

    fn blocks(&self) -> impl Iterator<Item = usize> + use<> {
        let (i, s) = (self.interactions.div_ceil(LANES), self.summaries.div_ceil(LANES));
        (0..i).chain(INTERACTION_BLOCKS..INTERACTION_BLOCKS + s)
    }

    fn used(&self) -> impl Iterator<Item = usize> + use<> {
        let [interactions, summaries] = self.ranges();
        interactions.chain(summaries)
    }

    /// The rows in use: of interactions, of summaries.
    fn ranges(&self) -> [core::ops::Range<usize>; 2] {
        [0..self.interactions, INTERACTIONS..INTERACTIONS + self.summaries]
    }

    /// Lets the importance of each row follow the α it was just given.
    pub fn attend(&mut self, alpha: &[f32; ROWS]) {
        for (i, a) in self.importance.iter_mut().zip(alpha) {
            *i += IMPORTANCE_RATE * (a - *i);
        }
    }

    /// Remembers an interaction; consolidates at the cap.
    pub fn remember(
        &mut self,
        p: &Parameters,
        situation: Situation,
        entry: (ItemIx, TopicIx, Reaction, u32),
        valence: f32,
        topic_of: impl Fn(ItemIx) -> TopicIx,
    ) {
        let row = if self.interactions < INTERACTIONS {
            self.interactions += 1;
            self.interactions - 1
        } else {
            let row = self.least_important(0..INTERACTIONS);
            self.consolidate(p, row, &topic_of);
            row
        };
        let (item, _, reaction, turn) = entry;
        self.write(p, row, situation, valence, Entry::Item { item, reaction, turn });
        self.clock += 1;
    }

    /// Puts a summary from before this session into memory: a liking (or dislike) of a topic at `place`.
    pub fn recollect(&mut self, p: &Parameters, topic: TopicIx, place: &Vector, valence: f32, count: u32) {
        if self.summaries < SUMMARIES {
            let row = INTERACTIONS + self.summaries;
            self.summaries += 1;
            let entry = Entry::Summary { topic: Some(topic), count, valence, earlier: true };
            self.write(p, row, situation(place, &[0.0; CONTEXT]), valence, entry);
        }
    }

    fn write(&mut self, p: &Parameters, row: usize, situation: Situation, valence: f32, entry: Entry) {
        let key = p.key_of(&situation);
        for (lane, k) in self.keys[row / LANES].iter_mut().zip(key) {
            lane[row % LANES] = k;
        }
        self.valences[row] = valence;
        self.situations[row] = situation;
        self.bias[row] = p.salience * valence.abs() + p.age * self.clock as f32;
        self.importance[row] = 1.0 / ROWS as f32;
        self.entries[row] = Some(entry);
    }

    fn least_important(&self, rows: core::ops::Range<usize>) -> usize {
        let first = rows.start;
        rows.fold(first, |best, row| if self.importance[row] < self.importance[best] { row } else { best })
    }

    /// Folds an interaction into the summary of its topic.
    fn consolidate(&mut self, p: &Parameters, row: usize, topic_of: &impl Fn(ItemIx) -> TopicIx) {
        let Some(Entry::Item { item, .. }) = self.entries[row] else { return };
        let topic = topic_of(item);
        let home = self.used().find(
            |&r| matches!(self.entries[r], Some(Entry::Summary { topic: Some(t), earlier: false, .. }) if t == topic),
        );
        let value = self.valences[row];
        if let Some(home) = home {
            self.fold(p, home, row, value, Some(topic));
            return;
        }
        if self.summaries == SUMMARIES {
            self.merge_summaries(p);
        }
        let home = INTERACTIONS + self.summaries;
        self.summaries += 1;
        let entry = Entry::Summary { topic: Some(topic), count: 1, valence: value, earlier: false };
        let situation = self.situations[row];
        self.write(p, home, situation, value, entry);
    }

    /// Averages row `from` into the summary `home`, weighted by how many interactions each stands for.
    fn fold(&mut self, p: &Parameters, home: usize, from: usize, valence: f32, topic: Option<TopicIx>) {
        let Some(Entry::Summary { count, valence: old, earlier, .. }) = self.entries[home] else { return };
        let more = match self.entries[from] {
            Some(Entry::Summary { count, .. }) => count,
            _ => 1,
        };
        let share = more as f32 / (count + more) as f32;
        let mut mixed = self.situations[home];
        for (m, s) in mixed.iter_mut().zip(self.situations[from]) {
            *m += share * (s - *m);
        }
        let valence = old + share * (valence - old);
        let importance = greater(self.importance[home], self.importance[from]);
        self.write(p, home, mixed, valence, Entry::Summary { topic, count: count + more, valence, earlier });
        self.importance[home] = importance;
    }

    /// Makes one of the two least important summaries, leaving the last row free.
    fn merge_summaries(&mut self, p: &Parameters) {
        let from = self.least_important(INTERACTIONS..ROWS);
        let kept = self.importance[from];
        self.importance[from] = f32::INFINITY;
        let home = self.least_important(INTERACTIONS..ROWS);
        self.importance[from] = kept;
        let (Some(Entry::Summary { topic: a, valence, .. }), Some(Entry::Summary { topic: b, .. })) =
            (&self.entries[from], &self.entries[home])
        else {
            return;
        };
        let (topic, valence) = (if a == b { *a } else { None }, *valence);
        self.fold(p, home, from, valence, topic);
        self.move_row(ROWS - 1, from);
        self.summaries -= 1;
    }

    fn move_row(&mut self, from: usize, to: usize) {
        for d in 0..HIDDEN {
            self.keys[to / LANES][d][to % LANES] = self.keys[from / LANES][d][from % LANES];
        }
        self.situations[to] = self.situations[from];
        self.valences[to] = self.valences[from];
        self.bias[to] = self.bias[from];
        self.importance[to] = self.importance[from];
        self.entries[to] = self.entries[from].take();
        self.bias[from] = EMPTY;
    }
}

/// An item in its circumstances. Circumstances weigh a third each, so that eight of them do not drown the item.
#[must_use]
pub fn situation(item: &Vector, context: &[f32; CONTEXT]) -> Situation {
    let mut s = [0.0; HIDDEN];
    s[..DIM].copy_from_slice(item);
    for (s, c) in s[DIM..].iter_mut().zip(context) {
        *s = c / 3.0;
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(i: usize) -> Vector {
        let mut v = ZERO;
        v[i % DIM] = 1.0;
        v
    }

    fn skip() -> Reaction {
        Reaction { examined: true, seconds: 1.0, ..Reaction::default() }
    }

    fn filled(n: u32) -> Memory {
        let p = Parameters::stated();
        let mut m = Memory::default();
        for i in 0..n {
            let s = situation(&axis(i as usize), &[0.0; CONTEXT]);
            m.remember(&p, s, (i, i as u16 % 20, skip(), i / 8), 0.5, |i| i as u16 % 20);
        }
        m
    }

    fn recall(m: &Memory, along: usize) -> Recall {
        let mut recall = Recall::default();
        m.recall(&Parameters::stated(), &situation(&axis(along), &[0.0; CONTEXT]), &mut recall);
        recall
    }

    #[test]
    fn importance_sums_to_one_and_prefers_what_resembles_the_present() {
        let m = filled(10);
        let r = recall(&m, 3);
        let total: f32 = r.alpha.iter().sum();
        assert!((total - 1.0).abs() < 1e-5);
        assert!((0..10).all(|i| i == 3 || r.alpha[3] > r.alpha[i]));
        assert!(r.value[3] > 0.2);
    }

    #[test]
    fn at_the_cap_nothing_is_dropped_but_folded_into_summaries() {
        for n in [64u32, 65, 100, 1000] {
            let m = filled(n);
            let total: u32 = m
                .entries()
                .map(|(_, e, _)| match e {
                    Entry::Item { .. } => 1,
                    Entry::Summary { count, .. } => *count,
                })
                .sum();
            assert_eq!(total, n);
            assert!(m.len().0 <= INTERACTIONS && m.len().1 <= SUMMARIES);
        }
    }

    #[test]
    fn no_weight_is_so_small_that_processors_are_slow_with_it() {
        let mut m = filled(3);
        for _ in 0..2000 {
            let alpha = recall(&m, 1).alpha;
            m.attend(&alpha);
            assert!(alpha.iter().chain(&m.importance).all(|x| !x.is_subnormal()));
        }
    }

    #[test]
    fn the_newer_of_two_equal_memories_weighs_more() {
        let p = Parameters::stated();
        let mut m = Memory::default();
        for i in 0..2 {
            m.remember(&p, situation(&axis(1), &[0.0; CONTEXT]), (i, 0, skip(), 0), 0.5, |_| 0);
        }
        let r = recall(&m, 1);
        assert!(r.alpha[1] > r.alpha[0]);
    }

    #[test]
    fn valence_orders_actions_as_people_would() {
        let watched = |s| Reaction { examined: true, clicked: true, seconds: s, ..Reaction::default() };
        let liked = Reaction { liked: true, ..watched(60.0) };
        let v = |r: &Reaction| valence(r, 60.0);
        assert!(v(&watched(2.0)) < v(&skip()) && v(&skip()) < v(&watched(40.0)) && v(&watched(60.0)) < v(&liked));
        assert!(v(&watched(60.0)) < v(&watched(90.0)) && v(&watched(90.0)) < v(&watched(120.0)), "watched again");
        assert_eq!(v(&Reaction::default()), 0.0);
    }
}
