//! On the verge of leaving: whether the user says what should change, what, and in which words.
//!
//! What is asked follows from the term that fell most below its usual value over the slate, so the reason is true by
//! construction; the words are made from it.

use super::{
    ALL_TERMS, Ask, Channel, Context, Frame, Holds, Instruction, Specificity, Term,
    appraise::fit,
    memory::{Entry, valence},
    state::User,
    words::{self, Saying},
};
use crate::{
    catalog::{CreatorIx, Item, ItemIx, MOODS, TopicIx},
    math::{Purpose, Source, dot, greater, order, sigmoid},
    scenario::World,
};

/// How often exact words say for how long they are meant.
const SAYS_HOW_LONG: f32 = 0.2;
/// The valence from which an item is remembered as enjoyed.
const ENJOYED: f32 = 0.5;
/// The liking from which a creator stays welcome though their topic does not.
const WELCOME: f32 = 0.15;

/// What was just shown, for choosing what to ask.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The slate.
    pub items: &'a [ItemIx],
    /// How many of it were examined.
    pub examined: usize,
}

impl User {
    /// The chance of leaving above which this user speaks up: lower for expressive people.
    #[must_use]
    pub fn speaks_at(&self) -> f32 {
        0.18 - 0.11 * self.traits.expressiveness
    }

    /// Whether and how the user instructs now; `source` is keyed by the turn.
    #[must_use]
    pub fn instruct(
        &self,
        context: &Context,
        world: &World,
        shown: Shown<'_>,
        spoke_last_turn: bool,
        source: Source,
    ) -> Option<Instruction> {
        if spoke_last_turn || shown.examined == 0 || self.leave_forecast() < self.speaks_at() {
            return None;
        }
        let mut random = source.stream(Purpose::Instruct);
        let channel = if random.chance(self.traits.expressiveness) {
            Channel::Explicit
        } else if random.chance(0.6) {
            Channel::Implicit
        } else {
            return None;
        };
        let (reason, mut frame) = self.frame(context, world, shown);
        let specific = channel == Channel::Explicit && random.chance(self.traits.precision);
        let specificity = if specific { Specificity::Specific } else { Specificity::Vague };
        if specific && random.chance(SAYS_HOW_LONG) {
            frame.holds = Some([Holds::Moment, Holds::While, Holds::Session][random.below(3)]);
        }
        let words = match channel {
            Channel::Explicit => {
                let saying = Saying { frame: &frame, reason, specificity, pointing: points(&frame, world, shown) };
                words::realise(&saying, words::spoken(), world.shelf(), &mut source.stream(Purpose::Words))
            }
            Channel::Implicit => String::new(),
        };
        Some(Instruction { channel, specificity, words, frame: Some(frame), reason: Some(reason) })
    }

    /// The terms of this slate against the usual, worst first.
    fn complaints(&self) -> Vec<(Term, f32)> {
        let n = self.recent_count.max(1) as f32;
        let mut gaps: Vec<(Term, f32)> =
            ALL_TERMS.iter().map(|&t| (t, self.recent[t as usize] / n - self.usual[t as usize])).collect();
        order::sort_by(&mut gaps, |a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        gaps
    }

    /// What to ask for, and the term that it is for. Terms for which there is nothing to ask (what others think) are
    /// passed over for the next.
    fn frame(&self, context: &Context, world: &World, shown: Shown<'_>) -> (Term, Frame) {
        let gaps = self.complaints();
        let strength = sigmoid(-2.0 * gaps[0].1).clamp(0.3, 1.0);
        for (term, _) in gaps {
            if let Some(mut frame) = self.ask_for(term, context, world, shown) {
                frame.strength = strength;
                return (term, frame);
            }
        }
        (Term::Novelty, Frame { strength, ..Frame::of(Ask::Surprise) })
    }

    fn ask_for(&self, term: Term, context: &Context, world: &World, shown: Shown<'_>) -> Option<Frame> {
        match term {
            Term::Mindset => Some(self.more_like(context, world, self.unmet(world, shown)?)),
            Term::Satiation => {
                let tired_of = self.tired_of(world, shown)?;
                if let keep @ Some(_) = self.welcome(world, shown, tired_of) {
                    return Some(Frame { away: vec![tired_of], keep, ..Frame::of(Ask::Avoid) });
                }
                let toward = self.unmet(world, shown).unwrap_or_default();
                let toward: Vec<TopicIx> = toward.into_iter().filter(|t| *t != tired_of).collect();
                let ask = if toward.is_empty() { Ask::Avoid } else { Ask::Switch };
                Some(Frame { away: vec![tired_of], toward, ..Frame::of(ask) })
            }
            Term::Length | Term::Budget | Term::Fatigue => {
                // Nobody asks for what is not to be had.
                let shortest = world.short_duration_s();
                let longest = shown.items.iter().map(|&i| world.shelf().items[i as usize].duration_s);
                let limit = round_duration(self.comfort_s.min(self.left_s * 0.5));
                (limit >= shortest && longest.fold(0.0, f32::max) > limit)
                    .then(|| Frame { max_s: Some(limit), ..Frame::of(Ask::Shorter) })
            }
            Term::Creator => {
                let creator = most_common(shown.items.iter().map(|&i| world.shelf().items[i as usize].creator))?;
                Some(Frame { creator: Some(creator), ..Frame::of(Ask::Avoid) })
            }
            Term::Quality => Some(Frame::of(Ask::Better)),
            Term::Context => {
                let mood =
                    MOODS.into_iter().max_by(|a, b| fit(context, Some(*a)).total_cmp(&fit(context, Some(*b))))?;
                (fit(context, Some(mood)) > 0.0).then(|| Frame { mood: Some(mood), ..Frame::of(Ask::Mood) })
            }
            Term::Novelty => Some(Frame::of(Ask::Surprise)),
            Term::Social => None,
        }
    }

    /// More of some topics; now and then as a comparison with an item that was enjoyed.
    fn more_like(&self, context: &Context, world: &World, toward: Vec<TopicIx>) -> Frame {
        let enjoyed = (self.memory.entries())
            .filter_map(|(_, entry, _)| match entry {
                Entry::Item { item, reaction, turn } => Some((*turn, *item, reaction)),
                Entry::Summary { .. } => None,
            })
            .filter(|(_, item, r)| {
                toward[0] == world.shelf().topic(*item)
                    && valence(r, world.shelf().items[*item as usize].duration_s) > ENJOYED
            })
            .max_by_key(|e| (e.0, e.1))
            .map(|e| e.1);
        let Some(like) = enjoyed else { return Frame { toward, ..Frame::of(Ask::More) } };
        let mood = MOODS.into_iter().max_by(|a, b| fit(context, Some(*a)).total_cmp(&fit(context, Some(*b))));
        let other =
            mood.filter(|m| fit(context, Some(*m)) > 0.3 && world.shelf().items[like as usize].mood != Some(*m));
        Frame { toward: vec![toward[0]], like: Some(like), mood: other, ..Frame::of(Ask::More) }
    }

    /// A creator of this slate who stays welcome though their topic does not: the best liked.
    fn welcome(&self, world: &World, shown: Shown<'_>, topic: TopicIx) -> Option<CreatorIx> {
        let here = shown.items.iter().filter(|&&i| world.shelf().topic(i) == topic);
        let creators = here.map(|&i| world.shelf().items[i as usize].creator);
        creators
            .map(|c| (self.creators.liking(c), c))
            .filter(|l| l.0 > WELCOME)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|l| l.1)
    }

    /// The one or two topics that the mindset wants most and the slate had least of.
    fn unmet(&self, world: &World, shown: Shown<'_>) -> Option<Vec<TopicIx>> {
        let mut want: Vec<(TopicIx, f32)> = (world.truth().topics.iter().enumerate())
            .map(|(t, place)| {
                let here = shown.items.iter().filter(|&&i| world.shelf().topic(i) == t as TopicIx).count();
                let tired = greater(dot(&self.satiation, place), 0.0);
                let share = here as f32 / shown.items.len().max(1) as f32;
                (t as TopicIx, dot(&self.mindset, place) - 0.8 * tired - 0.8 * share)
            })
            .collect();
        order::sort_by(&mut want, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let first = want.first().filter(|w| w.1 > 0.1)?;
        let second = want.get(1).filter(|w| w.1 > 0.75 * first.1);
        Some(core::iter::once(first).chain(second).map(|w| w.0).collect())
    }

    /// The topic of the slate that the user has had most of.
    fn tired_of(&self, world: &World, shown: Shown<'_>) -> Option<TopicIx> {
        shown.items[..shown.examined]
            .iter()
            .map(|&i| world.shelf().topic(i))
            .map(|t| (t, dot(&self.satiation, &world.truth().topics[t as usize])))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
            .map(|t| t.0)
    }
}

/// Whether "that" is enough to say what is not wanted: the topic is the one that most of the slate was about.
#[must_use]
pub fn points(frame: &Frame, world: &World, shown: Shown<'_>) -> bool {
    let seen = &shown.items[..shown.examined.min(shown.items.len())];
    let here = |t: TopicIx| seen.iter().filter(|&&i| world.shelf().topic(i) == t).count();
    let [away] = frame.away[..] else { return false };
    here(away) > 1 && seen.iter().all(|&i| world.shelf().topic(i) == away || here(world.shelf().topic(i)) < here(away))
}

/// The commonest creator, if any occurs twice; ties go to the one met first.
fn most_common(creators: impl Iterator<Item = CreatorIx>) -> Option<CreatorIx> {
    let mut counts: Vec<(CreatorIx, u32)> = Vec::new();
    for c in creators {
        match counts.iter_mut().find(|x| x.0 == c) {
            Some(x) => x.1 += 1,
            None => counts.push((c, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|c| c.1).filter(|c| c.1 > 1).map(|c| c.0)
}

/// A duration as people say it: whole minutes, or half ones, or tens of seconds, never less than ten seconds.
fn round_duration(seconds: f32) -> f32 {
    let step = if seconds < 60.0 {
        10.0
    } else if seconds < 180.0 {
        30.0
    } else if seconds < 1800.0 {
        60.0
    } else {
        600.0
    };
    ((seconds / step).round() * step).max(10.0)
}

impl Frame {
    /// A frame that asks and names nothing, of middling strength.
    #[must_use]
    pub fn of(ask: Ask) -> Self {
        Self {
            ask,
            toward: vec![],
            away: vec![],
            creator: None,
            max_s: None,
            mood: None,
            keep: None,
            like: None,
            holds: None,
            strength: 0.5,
        }
    }

    /// Whether an item is of a topic that is not wanted, and not by the creator who stays welcome.
    #[must_use]
    pub fn leaves_out(&self, item: &Item) -> bool {
        self.away.contains(&item.topics[0]) && self.keep != Some(item.creator)
    }

    /// Whether one item is what was asked for. `recent` holds the topics of the last slates, for surprises.
    #[must_use]
    pub fn fits(&self, world: &World, item: ItemIx, recent: &[TopicIx]) -> bool {
        let it = &world.shelf().items[item as usize];
        match self.ask {
            Ask::More => it.topics.iter().any(|t| self.toward.contains(t)),
            Ask::Less | Ask::Avoid | Ask::Switch => {
                !self.leaves_out(it) && self.creator.is_none_or(|c| c != it.creator)
            }
            Ask::Shorter => self.max_s.is_none_or(|m| it.duration_s <= m),
            Ask::Longer => self.max_s.is_none_or(|m| it.duration_s >= m),
            Ask::Mood => self.mood.is_none_or(|m| it.mood == Some(m)),
            Ask::Better => world.truth().quality[item as usize] > 0.25,
            Ask::Surprise => !recent.contains(&it.topics[0]),
        }
    }

    /// Whether a slate meets the instruction: enough of its items fit, and where it asks to go somewhere, some go there.
    #[must_use]
    pub fn met(&self, world: &World, slate: &[ItemIx], recent: &[TopicIx]) -> bool {
        let share =
            |f: &dyn Fn(ItemIx) -> bool| slate.iter().filter(|&&i| f(i)).count() as f32 / slate.len().max(1) as f32;
        let fits = share(&|i| self.fits(world, i, recent));
        let goes = share(&|i| world.shelf().items[i as usize].topics.iter().any(|t| self.toward.contains(t)));
        let enough = match self.ask {
            Ask::More => 0.35,
            Ask::Less => 0.75,
            Ask::Avoid | Ask::Switch => 0.85,
            Ask::Shorter | Ask::Longer => 0.75,
            Ask::Mood => 0.45,
            Ask::Better => 0.6,
            Ask::Surprise => 0.5,
        };
        fits >= enough && (self.ask != Ask::Switch || goes >= 0.2)
    }
}
