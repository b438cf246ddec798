//! A generative recommender: it writes the code of the next item, number by number, and keeps the most likely beginnings
//! (a beam) that lead to items which may be shown (after Rajput et al., "Recommender systems with generative retrieval",
//! 2023, with counts in the place of a transformer).

mod model;

pub use model::Model;

use super::{
    Learnt, Observation, ReasoningTrace, Recommender, baselines::act, knowledge::spoke, pick, signals::Moment,
    tally::Tally,
};
use crate::{
    catalog::{
        ItemIx,
        represent::{
            codes::{CODE, Code, SemanticIds, shown},
            quantise::LEVELS,
        },
    },
    math::{Stream, ln, order},
    user::memory::valence,
};
use model::CONTEXT;
use std::{ops::Range, rc::Rc};

/// A session's evidence on a branch is held against so many looks of the usual success.
const HOLD: f32 = 3.0;

/// The recommender's settings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Beginnings kept at each level.
    pub(crate) beam: usize,
    /// Items found for a slate.
    pub(crate) found: usize,
    /// What an item loses for each one above it of the same two first numbers.
    pub(crate) apart: f32,
    /// Whether the fitted click model orders what was found.
    pub(crate) rescore: bool,
}

/// What a session has shown so far, by code.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The codes of what was liked, in order; the newest last.
    liked: Vec<Code>,
    /// The codes of what was looked at, sorted, with whether it was liked.
    looked: Vec<(Code, bool)>,
}

impl Past {
    /// Of an observation's turns.
    #[must_use]
    pub fn of(obs: &Observation<'_>, ids: &SemanticIds) -> Self {
        let mut past = Self::default();
        for turn in obs.history {
            for (&item, r) in turn.items.iter().zip(&turn.reactions).filter(|x| x.1.examined) {
                let code = ids.codes()[item as usize];
                let liked = r.clicked && valence(r, obs.shelf.items[item as usize].duration_s) > 0.0;
                if liked {
                    past.liked.push(code);
                }
                past.looked.push((code, liked));
            }
        }
        let old = past.liked.len().saturating_sub(CONTEXT);
        past.liked.drain(..old);
        past.looked.sort_unstable();
        past
    }

    /// How much better or worse than usual the session went under a beginning: a ratio, near 1 where little was seen.
    fn evidence(&self, beginning: &[u16]) -> f32 {
        let n = self.looked.len() as f32;
        let usual = (self.looked.iter().filter(|l| l.1).count() as f32 + 1.0) / (n + 4.0);
        let head = |l: &(Code, bool)| l.0[..beginning.len()].cmp(beginning);
        let from = self.looked.partition_point(|l| head(l).is_lt());
        let here = &self.looked[from..];
        let here = &here[..here.partition_point(|l| head(l).is_le())];
        let liked = here.iter().filter(|l| l.1).count() as f32;
        (liked + HOLD * usual) / (here.len() as f32 + HOLD) / usual
    }
}

/// A beginning on the beam.
#[derive(Clone, Debug)]
struct Beginning {
    score: f32,
    code: Code,
    range: Range<usize>,
}

/// The `found` most likely items of the candidates (ascending), best first, by a beam of `beam` beginnings. Fewer where
/// the beam leads to fewer.
#[must_use]
pub fn retrieve(model: &Model, past: &Past, candidates: &[ItemIx], beam: usize, found: usize) -> Vec<(f32, ItemIx)> {
    let ids = model.ids();
    let mut on: Vec<Beginning> = vec![Beginning { score: 0.0, code: [0; CODE], range: 0..ids.sorted().len() }];
    for depth in 0..LEVELS {
        let mut next: Vec<Beginning> = Vec::new();
        for b in &on {
            let all = b.range.len().max(1) as f32;
            for branch in ids.branches(depth, b.range.clone()) {
                let mut code = b.code;
                code[depth] = branch.number;
                let under = branch.range.len() as f32 / all;
                let chance = model.chance(&b.code[..depth], branch.number, under, &past.liked);
                let score = b.score + ln(chance.max(1e-9)) + ln(past.evidence(&code[..=depth]));
                next.push(Beginning { score, code, range: branch.range });
            }
        }
        let order = |a: &Beginning, b: &Beginning| b.score.total_cmp(&a.score).then(a.code.cmp(&b.code));
        // Only what can still lead to a candidate stays: with the whole catalogue open that is nearly everything.
        order::sort_by(&mut next, order);
        let open = |b: &Beginning| ids.sorted()[b.range.clone()].iter().any(|i| candidates.binary_search(i).is_ok());
        on = next.into_iter().filter(open).take(beam).collect();
    }
    let mut out = Vec::new();
    for b in &on {
        // Items of one path share its chance.
        let each = b.score - ln(b.range.len().max(1) as f32);
        let items = ids.sorted()[b.range.clone()].iter().filter(|i| candidates.binary_search(i).is_ok());
        out.extend(items.map(|i| (each, *i)));
    }
    pick::best(out.into_iter(), found)
}

/// Writes codes.
pub(crate) struct Generative {
    learnt: Rc<Learnt>,
    model: Rc<Model>,
    manner: Manner,
    tally: Tally,
}

impl Generative {
    pub(crate) fn new(learnt: Rc<Learnt>, model: Rc<Model>, manner: Manner) -> Self {
        Self { learnt, model, manner, tally: Tally::default() }
    }

    /// What was found in the order of the fitted click model.
    fn rescored(&mut self, found: &[(f32, ItemIx)], obs: &Observation<'_>) -> Vec<(f32, ItemIx)> {
        let basics = &self.learnt.basics;
        self.tally.catch_up(obs, basics, |_, _, _| ());
        let moment = Moment::of(&self.tally, basics, spoke(obs));
        let scorer = self.learnt.click.scorer(&self.tally, &moment, obs.features, basics);
        pick::best(found.iter().map(|f| (scorer.score(f.1), f.1)), found.len())
    }

    /// Fills the slate from the top; likeness to what stands above is held against an item.
    fn compose(&self, mut found: Vec<(f32, ItemIx)>, obs: &Observation<'_>, slate: &mut Vec<ItemIx>) {
        let codes = self.model.ids().codes();
        let same = |a: ItemIx, b: ItemIx, n: usize| codes[a as usize][..n] == codes[b as usize][..n];
        while slate.len() < obs.slate_size && !found.is_empty() {
            let cost = |item: ItemIx| -> f32 {
                slate
                    .iter()
                    .map(|&s| 0.5 * f32::from(u8::from(same(s, item, 1))) + f32::from(u8::from(same(s, item, 2))))
                    .sum()
            };
            let worth = |f: &(f32, ItemIx)| f.0 - self.manner.apart * cost(f.1);
            let best = (1..found.len()).fold(0, |b, k| if worth(&found[k]) > worth(&found[b]) { k } else { b });
            slate.push(found.remove(best).1);
        }
        // A beam that led to too few: the most popular of the rest.
        if slate.len() < obs.slate_size {
            let rest = obs.candidates.iter().filter(|i| !slate.contains(i));
            let missing = obs.slate_size - slate.len();
            let rest = pick::best(rest.map(|&i| (obs.shelf.items[i as usize].popularity, i)), missing);
            slate.extend(rest.into_iter().map(|r| r.1));
        }
    }
}

impl Recommender for Generative {
    fn recommend(
        &mut self,
        obs: &Observation<'_>,
        _: &mut Stream,
        slate: &mut Vec<ItemIx>,
        trace: Option<&mut ReasoningTrace>,
    ) {
        let past = Past::of(obs, self.model.ids());
        let mut found = retrieve(&self.model, &past, obs.candidates, self.manner.beam, self.manner.found);
        let n = found.len();
        if self.manner.rescore {
            found = self.rescored(&found, obs);
        }
        self.compose(found, obs, slate);
        act(trace, || {
            let data = vec![
                ("candidates".into(), obs.candidates.len() as f64),
                ("found".into(), n as f64),
                ("liked here".into(), past.liked.len() as f64),
                ("likes learnt from".into(), self.model.likes as f64),
            ];
            let first = slate.first().map_or_else(String::new, |i| shown(&self.model.ids().codes()[*i as usize]));
            (format!("Wrote {n} codes that may come next; the first on the slate is {first}."), data)
        });
    }

    fn reset(&mut self) {
        self.tally.reset();
    }
}
