//! The reasoning level: what somebody means, given the words and the session.
//!
//! People speak up because something fell below what they are used to. So each complaint has a chance by how far what was
//! shown would have that effect (a topic shown again and again, long items, one maker twice, loud titles, a feel that does
//! not suit the hour, nothing new, nothing opened), times how likely its speaker would use these words (Bayes' rule). The
//! likeliest complaint is then filled in from the session: which topic was repeated, what is untried or went well, how
//! long the items were that were watched, what feel suits the circumstances. The constants are stated, not fitted.

use super::{Intent, lexical::usual_length, semantic::wants};
use crate::{
    catalog::{CreatorIx, MOODS, Mood, TopicIx},
    math::{exp, order},
    recommender::{Observation, basics::loudness},
    user::{
        clarify::{Choice, Offer, Question},
        fit,
        memory::valence,
        words::mood_word,
    },
};

/// How much must have been understood for words that are no mere feeling to be taken as they stand; and how well they must
/// fit what they name, against the complaint that they fit best, to be so taken where less was understood.
const OUTRIGHT: f32 = 0.6;
/// How sure a wish turned round can be at most.
const INVERTED: f32 = 0.6;
const AGREES: f32 = 0.5;
/// The share of a slate from which a topic named alone is taken for a complaint.
const FULL: f32 = 0.25;
/// For how many turns a guess holds.
const GUESS_HOLDS: u32 = 2;
/// What remains of having seen a topic after each further item looked at.
const KEPT: f32 = 0.95;
/// What being asked costs the user, and what being right is worth, in units of reward; and how often people answer.
const ASKING_COSTS: f32 = 0.12;
const RIGHT_IS_WORTH: f32 = 0.5;
const ANSWERS: f32 = 0.6;
/// How surely something counts as wanted that was chosen when asked.
const SURE: f32 = 0.9;

/// What a session shows, in numbers.
struct Evidence {
    /// By topic: how much of it was had lately, and how it went, in [-1, 1].
    had: Vec<f32>,
    went: Vec<f32>,
    /// By topic: its share of the last slate.
    share: Vec<f32>,
    /// The topic of the last slate that was had most of.
    tired_of: Option<TopicIx>,
    /// A creator met twice in the last slate.
    creator: Option<CreatorIx>,
    /// The feel that suits the circumstances best, and the mean fit of the last slate to them.
    mood: Option<(Mood, f32)>,
    suits: f32,
    /// The last slate: share opened, share of opened items soon abandoned, loudness, share longer than is usual.
    opened: f32,
    abandoned: f32,
    loud: f32,
    long: f32,
    /// The length of items that were watched for the most part, else of the shorter half of the last slate; seconds.
    limit: f32,
    /// Share of the last slate's topics that were also in the two before.
    same: f32,
    /// Turns so far.
    turns: f32,
}

/// Whether behaviour alone says that something is wrong: a whole slate looked through in haste and hardly anything opened.
pub(super) fn impatient(obs: &Observation<'_>) -> bool {
    let Some(last) = obs.history.last() else { return false };
    let looked: Vec<_> = last.reactions.iter().filter(|r| r.examined).collect();
    let opened = looked.iter().filter(|r| r.clicked).count();
    let fast = looked.iter().filter(|r| !r.clicked && r.seconds < 1.2).count();
    looked.len() >= 4 && opened == 0 && 2 * fast > looked.len()
}

/// Whether words say what is wanted so plainly that nothing is to be guessed: they name a topic, a maker or a feel, a limit
/// in numbers, or shorter, better or new items outright or in words that people use who want just that.
pub(super) fn direct(literal: &Intent, likely: &[f32; 6], obs: &Observation<'_>) -> bool {
    let named = !literal.more.is_empty()
        || !literal.less.is_empty()
        || !literal.avoid.is_empty()
        || !literal.avoid_creators.is_empty()
        || !literal.keep_creators.is_empty()
        || literal.mood.is_some()
        // Nothing should change, or what was pointed at is not here: nothing is to be guessed either.
        || literal.content
        || literal.absent;
    let outright = literal.is_specific() && !literal.vague && literal.confidence > OUTRIGHT;
    // "Shorter" alone is measured against what was shown; any other limit was a number.
    let measured = [0.8, 1.2].map(|k| k * usual_length(obs));
    let number =
        [literal.max_s, literal.min_s].into_iter().flatten().any(|s| measured.iter().all(|m| (s - m).abs() > 0.01));
    let agree = [(literal.max_s.is_some(), 2), (literal.better, 3), (literal.surprise > 0.0, 5)];
    named || outright || number || agree.into_iter().any(|(said, class)| said && likely[class] >= AGREES)
}

/// Which way topics go that were named without a word for or against them: nobody who is about to leave asks for more of
/// what the slate was full of.
pub(super) fn taken(mut intent: Intent, obs: &Observation<'_>) -> Intent {
    if intent.open.is_empty() || obs.history.is_empty() {
        return intent;
    }
    let share = Evidence::of(obs).share;
    for topic in core::mem::take(&mut intent.open) {
        let wanted = intent.more.iter().position(|m| m.0 == topic && share[usize::from(topic)] >= FULL);
        if let Some(n) = wanted {
            intent.avoid.push(intent.more.remove(n));
            let name = &obs.shelf.topics[usize::from(topic)];
            intent.notes.push(format!("much of what was just shown was {name}: taken to be about too much of it"));
            intent.confidence = intent.confidence.min(INVERTED);
        }
    }
    intent
}

/// Completes an intent from the session. `likely` is how well the words fit each complaint, 1 for the best.
pub(super) fn infer(mut intent: Intent, likely: &[f32; 6], obs: &Observation<'_>) -> Intent {
    if obs.history.is_empty() {
        return intent;
    }
    if intent.is_empty() && foreign(&intent) {
        return intent;
    }
    let e = Evidence::of(obs);
    let belief = e.belief(likely);
    let (class, chance) = best(&belief);
    let strange = !intent.familiar && intent.confidence == 0.0 && !intent.unread.is_empty();
    let unread = core::mem::take(&mut intent.unread);
    let holds_turns = intent.holds_turns.min(GUESS_HOLDS);
    let mut out = Intent { vague: true, holds_turns, unread, confidence: chance, ..Intent::default() };
    e.fill(class, chance, &mut out);
    if strange {
        out.notes.push("not a word of it is known here".to_owned());
    }
    out.notes.push(format!(
        "taken, from the session, to want {} ({:.0} %); a guess, so it is met with something new",
        e.means(class, obs),
        100.0 * chance
    ));
    out.question = e.question(&belief, class, obs);
    out.beliefs = belief.iter().enumerate().map(|(c, p)| (wants(c).to_owned(), *p)).collect();
    out
}

/// Whether hardly a word was read: another language, most likely.
fn foreign(intent: &Intent) -> bool {
    let unread = intent.unread.len();
    let other_letters = intent.unread.iter().any(|w| !w.is_ascii() && w.chars().any(char::is_alphabetic));
    intent.confidence == 0.0 && !intent.vague && (unread >= 4 || (!intent.familiar && (unread >= 3 || other_letters)))
}

fn best(belief: &[f32; 6]) -> (usize, f32) {
    belief.iter().enumerate().fold((0, 0.0), |b, (i, p)| if *p > b.1 { (i, *p) } else { b })
}

impl Evidence {
    fn of(obs: &Observation<'_>) -> Self {
        let (shelf, topics) = (obs.shelf, obs.shelf.topics.len().max(1));
        let (mut had, mut sum, mut n) = (vec![0.0f32; topics], vec![0.0f32; topics], vec![2.0f32; topics]);
        let mut watched: Vec<f32> = Vec::new();
        for turn in obs.history {
            for (&i, r) in turn.items.iter().zip(&turn.reactions).filter(|x| x.1.examined) {
                let it = &shelf.items[i as usize];
                let t = usize::from(it.topics[0]).min(topics - 1);
                let part = if r.clicked { r.seconds / it.duration_s.max(1e-3) } else { 0.0 };
                had.iter_mut().for_each(|h| *h *= KEPT);
                had[t] += if r.clicked { 0.08 + 0.22 * part.min(1.0) } else { 0.05 };
                sum[t] += valence(r, it.duration_s);
                n[t] += 1.0;
                if part > 0.6 {
                    watched.push(it.duration_s);
                }
            }
        }
        let declared: Vec<TopicIx> = obs.profile.declared.iter().filter_map(|d| shelf.topic_named(d)).collect();
        let went =
            (0..topics).map(|t| sum[t] / n[t] + if declared.contains(&(t as TopicIx)) { 0.15 } else { 0.0 }).collect();
        let mut e = Self {
            had,
            went,
            share: vec![0.0; topics],
            tired_of: None,
            creator: None,
            mood: None,
            suits: 0.0,
            opened: 0.0,
            abandoned: 0.0,
            loud: 0.0,
            long: 0.0,
            limit: 60.0,
            same: 0.0,
            turns: obs.history.len() as f32,
        };
        e.look_back(obs, watched);
        e
    }

    /// The last slate.
    fn look_back(&mut self, obs: &Observation<'_>, mut watched: Vec<f32>) {
        let (shelf, last) = (obs.shelf, &obs.history[obs.history.len() - 1]);
        let seen: Vec<_> = last.items.iter().zip(&last.reactions).filter(|x| x.1.examined).collect();
        let size = last.items.len().max(1) as f32;
        let mut lengths: Vec<f32> = last.items.iter().map(|&i| shelf.items[i as usize].duration_s).collect();
        order::sort_by(&mut lengths, f32::total_cmp);
        order::sort_by(&mut watched, f32::total_cmp);
        let of_slate = lengths.get(lengths.len() / 2).copied().unwrap_or(60.0);
        self.limit = if watched.len() >= 3 { watched[watched.len() / 2] } else { 0.8 * of_slate };
        self.long = lengths.iter().filter(|l| **l > 1.6 * self.limit).count() as f32 / size;
        for &i in &last.items {
            let it = &shelf.items[i as usize];
            self.share[usize::from(it.topics[0]).min(self.had.len() - 1)] += 1.0 / size;
            self.loud += loudness(&it.title) / size;
            self.suits += fit(obs.context, it.mood) / size;
            let twice = last.items.iter().filter(|&&j| shelf.items[j as usize].creator == it.creator).count() > 1;
            if twice && self.creator.is_none() {
                self.creator = Some(it.creator);
            }
        }
        self.tired_of = (seen.iter().map(|s| shelf.topic(*s.0)))
            .map(|t| (t, self.had[usize::from(t).min(self.had.len() - 1)]))
            .fold(None, |b: Option<(TopicIx, f32)>, x| if b.is_none_or(|b| x.1 > b.1) { Some(x) } else { b })
            .map(|t| t.0);
        let opened: Vec<_> = seen.iter().filter(|s| s.1.clicked).collect();
        let left = opened.iter().filter(|s| s.1.seconds < 0.25 * shelf.items[*s.0 as usize].duration_s).count();
        self.opened = opened.len() as f32 / seen.len().max(1) as f32;
        self.abandoned = left as f32 / opened.len().max(1) as f32;
        let best = MOODS.into_iter().map(|m| (m, fit(obs.context, Some(m))));
        self.mood = best.fold(None, |b: Option<(Mood, f32)>, x| if b.is_none_or(|b| x.1 >= b.1) { Some(x) } else { b });
        let earlier: Vec<TopicIx> =
            (obs.history.iter().rev().skip(1).take(2)).flat_map(|t| t.items.iter().map(|&i| shelf.topic(i))).collect();
        self.same = last.items.iter().filter(|&&i| earlier.contains(&shelf.topic(i))).count() as f32 / size;
    }

    /// The chance of each complaint.
    fn belief(&self, likely: &[f32; 6]) -> [f32; 6] {
        let had = self.tired_of.map_or(0.0, |t| self.had[usize::from(t).min(self.had.len() - 1)]);
        let mood = self.mood.filter(|m| m.1 > 0.0).map_or(-4.0, |m| 0.6 * (m.1 - self.suits) - 0.6);
        let by_session = [
            0.6 + 1.2 * (0.35 - self.opened),
            -0.3 + 1.6 * had.min(1.5) + 0.4 * self.same,
            -0.8 + 1.2 * self.long + 0.06 * self.turns.min(20.0),
            -0.8 + 1.0 * self.abandoned - 0.5 * self.loud,
            mood,
            -0.9 + 0.6 * self.same,
        ];
        let weight: [f32; 6] = core::array::from_fn(|c| exp(by_session[c]) * likely[c].max(0.02));
        let total = weight.iter().sum::<f32>().max(1e-6);
        weight.map(|w| w / total)
    }

    /// The topic that is missed most: what went well or is untried, was not in the slate, and was not had enough of.
    fn missed(&self) -> Option<(TopicIx, f32)> {
        let score = |t: usize| self.went[t] - 0.25 * self.had[t] - 0.5 * self.share[t];
        (0..self.went.len())
            .map(|t| (t as TopicIx, score(t)))
            .fold(None, |b: Option<(TopicIx, f32)>, x| if b.is_none_or(|b| x.1 > b.1) { Some(x) } else { b })
    }

    /// Puts a complaint into an intent.
    fn fill(&self, class: usize, chance: f32, out: &mut Intent) {
        let sure = 0.4 + 0.5 * chance;
        let missed = self.missed().filter(|m| Some(m.0) != self.tired_of);
        match class {
            0 => out.more.extend(missed.map(|m| (m.0, sure))),
            1 => {
                out.less.extend(self.tired_of.map(|t| (t, sure)));
                out.more.extend(missed.map(|m| (m.0, 0.4)));
            }
            2 => out.max_s = Some(self.limit),
            3 => out.better = true,
            4 => out.mood = self.mood.map(|m| m.0),
            _ => out.surprise = 0.8,
        }
    }

    /// What a complaint means here, in words.
    fn means(&self, class: usize, obs: &Observation<'_>) -> String {
        let topic = |t: TopicIx| obs.shelf.topics.get(usize::from(t)).map_or("that", String::as_str);
        match class {
            0 => self.missed().map_or_else(|| wants(0).to_owned(), |m| format!("more {}", topic(m.0))),
            1 => self.tired_of.map_or_else(|| wants(1).to_owned(), |t| format!("a rest from {}", topic(t))),
            _ => wants(class).to_owned(),
        }
    }

    /// A question where asking is worth more than it costs: the chance of being wrong, times what being right is worth,
    /// times the chance of an answer, against what being asked costs.
    fn question(&self, belief: &[f32; 6], class: usize, obs: &Observation<'_>) -> Option<Question> {
        let worth = ANSWERS * (1.0 - belief[class]) * RIGHT_IS_WORTH - ASKING_COSTS;
        if worth <= 0.0 {
            return None;
        }
        let first = self.choice(class, obs)?;
        let others = (0..belief.len()).filter(|c| *c != class).filter_map(|c| Some((belief[c], self.choice(c, obs)?)));
        let (_, second) = others.fold(None, |b: Option<(f32, Choice)>, x| match b {
            Some(b) if b.0 >= x.0 => Some(b),
            _ => Some(x),
        })?;
        let text = format!("Would you rather have {} or {}?", first.words, second.words);
        Some(Question { text, options: vec![first, second], worth })
    }

    /// A complaint as an answer to offer, where the session says what it would come to.
    fn choice(&self, class: usize, obs: &Observation<'_>) -> Option<Choice> {
        let topic = |t: TopicIx| obs.shelf.topics.get(usize::from(t)).map_or("that", String::as_str);
        let (words, offer) = match class {
            0 => self.missed().map(|m| (format!("more {}", topic(m.0)), Offer::More(m.0)))?,
            1 => self.tired_of.map(|t| (format!("a rest from {}", topic(t)), Offer::Rest(t)))?,
            2 => ("shorter ones".to_owned(), Offer::Shorter),
            3 => ("better ones".to_owned(), Offer::Better),
            4 => self.mood.map(|m| (format!("something {}", mood_word(m.0)), Offer::Mood(m.0)))?,
            _ => ("something new".to_owned(), Offer::New),
        };
        Some(Choice { words, offer })
    }

    /// Puts what was chosen into an intent.
    fn take(&self, offer: Offer, out: &mut Intent) {
        match offer {
            Offer::More(t) => out.more.push((t, SURE)),
            Offer::Rest(t) => {
                out.avoid.push((t, SURE));
                out.more.extend(self.missed().filter(|m| m.0 != t).map(|m| (m.0, 0.4)));
            }
            Offer::Shorter => out.max_s = Some(self.limit),
            Offer::Better => out.better = true,
            Offer::Mood(m) => out.mood = Some(m),
            Offer::New => out.surprise = 0.8,
        }
    }
}

/// What was meant, now that an answer was chosen.
pub(super) fn chosen(holds_turns: u32, choice: &Choice, obs: &Observation<'_>) -> Intent {
    let beliefs = vec![(wants(class_of(choice.offer)).to_owned(), SURE)];
    let mut out = Intent { vague: true, holds_turns, confidence: SURE, beliefs, ..Intent::default() };
    Evidence::of(obs).take(choice.offer, &mut out);
    out.notes.push(format!("asked, and told: {}", choice.words));
    out
}

/// What is meant, now that none of the answers offered is it.
pub(super) fn neither(holds_turns: u32, likely: &[f32; 6], question: &Question, obs: &Observation<'_>) -> Intent {
    let e = Evidence::of(obs);
    let mut belief = e.belief(likely);
    for choice in &question.options {
        belief[class_of(choice.offer)] = 0.0;
    }
    let total = belief.iter().sum::<f32>().max(1e-6);
    let belief = belief.map(|p| p / total);
    let (class, chance) = best(&belief);
    let mut out = Intent { vague: true, holds_turns, confidence: chance, ..Intent::default() };
    e.fill(class, chance, &mut out);
    out.notes.push(format!("asked, and told neither; taken to want {} ({:.0} %)", e.means(class, obs), 100.0 * chance));
    out.beliefs = belief.iter().enumerate().map(|(c, p)| (wants(c).to_owned(), *p)).collect();
    out
}

fn class_of(offer: Offer) -> usize {
    match offer {
        Offer::More(_) => 0,
        Offer::Rest(_) => 1,
        Offer::Shorter => 2,
        Offer::Better => 3,
        Offer::Mood(_) => 4,
        Offer::New => 5,
    }
}
