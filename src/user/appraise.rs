//! What an item is worth to the user right now, term by term.

use super::{
    ALL_TERMS, Company, Context, Device, Place, Term, Terms,
    memory::Recall,
    state::{Look, User},
};
use crate::{
    catalog::{ItemIx, MOODS, Mood},
    math::{
        ZERO, dot, greater,
        lanes::{self, LANES},
        limited, sigmoid,
    },
    scenario::{Block, World},
    session::Appraisal,
};

/// The utility at which a click is an even chance.
const CLICK_AT: f32 = 1.25;
/// What an item gains in utility (a logit of a click) by a mindset of length one that points at it.
pub const MINDSET_WORTH: f32 = 2.9;

impl User {
    /// Looks at an item: attends over memory in its light, lets the mindset move, and weighs the terms. Changes nothing.
    #[must_use]
    pub fn look(&self, world: &World, item: ItemIx) -> Look {
        let truth = world.truth();
        let x = &truth.vectors[item as usize];
        let it = &world.shelf().items[item as usize];
        let (quality, lure) = (truth.quality[item as usize], truth.lure[item as usize]);
        // Filled in place: it is large, and each move of it would be a call in WebAssembly.
        let mut look = Look {
            appraisal: Appraisal { usual: self.usual, leave_forecast: self.leave_forecast(), ..Appraisal::default() },
            mindset: ZERO,
            situation: self.situation_of(x),
            recall: Recall::default(),
        };
        self.memory.recall(self.parameters, &look.situation, &mut look.recall);
        look.mindset = self.mindset_after(&look.recall);
        let terms = &mut look.appraisal.terms;
        terms[Term::Mindset as usize] = MINDSET_WORTH * dot(&look.mindset, x);
        let looks = 0.3 * quality + (0.2 + 0.7 * self.traits.temptation) * lure;
        terms[Term::Quality as usize] = looks;
        let new = 1.0 - greater(dot(&look.recall.seen, x), 0.0);
        terms[Term::Novelty as usize] = (0.2 + 0.8 * self.traits.curiosity) * (new - 0.5);
        terms[Term::Satiation as usize] = -(0.8 + 1.4 * self.traits.boredom) * greater(dot(&self.satiation, x), 0.0);
        terms[Term::Context as usize] = 0.5 * self.fits[it.mood.map_or(MOODS.len(), |m| m as usize)];
        terms[Term::Length as usize] = self.length_term(world.log_duration(item));
        terms[Term::Creator as usize] = self.creators.worth(it.creator);
        terms[Term::Social as usize] = 0.5 * (it.popularity.sqrt() - 0.3);
        terms[Term::Fatigue as usize] = -(1.0 - self.energy);
        terms[Term::Budget as usize] = -(it.duration_s / greater(self.left_s, 1.0) - 0.6).clamp(0.0, 1.5);
        if let Some(wish) = &self.wish {
            wish.colour(terms, it, new, lure);
        }
        let utility = sum(terms);
        look.appraisal.utility = utility;
        look.appraisal.click_chance = sigmoid(utility - CLICK_AT);
        // Once opened, the promise is gone and the goods are there.
        look.appraisal.felt = utility - looks + 0.75 * quality - 0.3 * lure;
        look
    }

    /// What a length beyond the comfortable costs, down to -2.4.
    fn length_term(&self, log_duration: f32) -> f32 {
        -0.8 * limited(log_duration - self.log_comfort, 3.0)
    }

    /// The lasting worth of every item: taste, true quality, feel and length, without the moment's memory, satiation or
    /// tiredness. This is the utility that NDCG is measured against.
    #[must_use]
    pub fn lasting_worths(&self, world: &World) -> Vec<f32> {
        let mut worths = Vec::with_capacity(world.blocks().len() * LANES);
        for block in world.blocks() {
            worths.extend_from_slice(&self.lasting_worth(block));
        }
        worths.truncate(world.shelf().items.len());
        worths
    }

    // Within the loop over blocks, compilers take the lanes apart.
    #[inline(never)]
    fn lasting_worth(&self, block: &Block) -> [f32; LANES] {
        let near = lanes::dots(&block.places, &self.taste);
        let fits = block.moods.map(|m| self.fits[m as usize % LANES]);
        core::array::from_fn(|l| {
            MINDSET_WORTH * near[l] + 0.75 * block.quality[l] + 0.5 * fits[l] + self.length_term(block.log_durations[l])
        })
    }
}

/// The term that is furthest below its usual value, with the difference (≤ 0 unless all are above).
#[must_use]
pub fn worst_term(terms: &Terms, usual: &Terms) -> (Term, f32) {
    ALL_TERMS
        .into_iter()
        .map(|t| (t, terms[t as usize] - usual[t as usize]))
        .fold((Term::Mindset, f32::INFINITY), |a, b| if b.1 < a.1 { b } else { a })
}

fn sum(terms: &Terms) -> f32 {
    terms.iter().fold(0.0, |a, b| a + b)
}

/// How well a mood fits the circumstances, in [-1, 1].
#[must_use]
pub fn fit(context: &Context, mood: Option<Mood>) -> f32 {
    let Some(mood) = mood else { return 0.0 };
    let late = !(330..1290).contains(&context.minute);
    let mut fit: f32 = match (context.place, mood) {
        (Place::Commute, Mood::Funny | Mood::Bright) => 0.4,
        (Place::Commute, Mood::Thoughtful) => -0.2,
        (Place::Work, Mood::Calm) => 0.7,
        (Place::Work, Mood::Intense | Mood::Funny) => -0.6,
        (Place::Home, Mood::Thoughtful) => 0.2,
        (Place::Out, Mood::Bright) => 0.4,
        _ => 0.0,
    };
    fit += match (late, mood) {
        (true, Mood::Calm) => 0.4,
        (true, Mood::Intense) => -0.4,
        _ => 0.0,
    };
    fit += match (context.company, mood) {
        (Company::Friends, Mood::Funny | Mood::Intense) => 0.4,
        (Company::Family, Mood::Bright | Mood::Funny) => 0.4,
        (Company::Family, Mood::Intense) => -0.5,
        _ => 0.0,
    };
    if context.device == Device::Speaker && mood == Mood::Calm {
        fit += 0.2;
    }
    fit.clamp(-1.0, 1.0)
}
