//! An instruction's words, made from its frame: specific ones name what they are about, vague ones only how it feels.

use super::{Ask, Frame, Specificity, Term};
use crate::{
    catalog::{Mood, Shelf, TopicIx},
    math::Stream,
};

/// Puts a frame in words.
#[must_use]
pub fn realise(frame: &Frame, reason: Term, how: Specificity, shelf: &Shelf, random: &mut Stream) -> String {
    let pick = |random: &mut Stream, from: &[&'static str]| from[random.below(from.len())];
    let pattern = match how {
        Specificity::Specific => pick(random, specific(frame, reason)),
        Specificity::Vague => pick(random, vague(frame, reason)),
    };
    let opening = if random.chance(0.3) { pick(random, &["OK, ", "Hmm, ", "Right, ", "Please, "]) } else { "" };
    let body = fill(pattern, frame, shelf);
    if opening.is_empty() { body } else { format!("{opening}{}", lower_first(&body)) }
}

fn specific(frame: &Frame, reason: Term) -> &'static [&'static str] {
    match frame.ask {
        Ask::More => &[
            "More {toward}, please.",
            "Show me {toward} instead.",
            "I'd rather see {toward}.",
            "Where is the {toward}? I came for that.",
            "Could I get some {toward}?",
            "I'm in the mood for {toward}.",
        ],
        Ask::Less => &["Less {away}, please.", "Not so much {away}.", "A bit less {away}."],
        Ask::Avoid if frame.creator.is_some() => &[
            "No more from {creator} for now.",
            "Enough of {creator}, show me somebody else.",
            "Anyone but {creator}, please.",
            "I've seen enough of {creator}.",
        ],
        Ask::Avoid => &["No more {away} today.", "Enough {away}.", "Please leave out {away}.", "Anything but {away}."],
        Ask::Switch => &[
            "Enough {away}. Show me {toward}.",
            "No more {away}, I'd like {toward}.",
            "Can we switch from {away} to {toward}?",
            "I'm done with {away}; {toward} would be good.",
            "Stop the {away} and bring me some {toward}.",
            "Less {away}, more {toward}.",
        ],
        Ask::Shorter => match reason {
            Term::Fatigue => &["I'm getting tired, nothing longer than {max}.", "Keep it under {max}, I'm fading."],
            Term::Budget => &["I only have a little time left: under {max}.", "Nothing over {max}, I have to go soon."],
            _ => &["Nothing longer than {max}, please.", "Shorter ones: under {max}.", "Keep them under {max}."],
        },
        Ask::Longer => &["Something longer than {max}."],
        Ask::Mood => &[
            "Something {mood}, please.",
            "I need something {mood} right now.",
            "Can it be more {mood}?",
            "{mood} things only for a while.",
        ],
        Ask::Better => &[
            "Less clickbait, more of the good stuff.",
            "These don't keep their promise. Show me better ones.",
            "No more clickbait, please.",
            "I want quality, not loud titles.",
        ],
        Ask::Surprise => &[
            "Show me something new, something I haven't seen.",
            "Surprise me with a topic I haven't had.",
            "Something completely different, please.",
            "I've seen all this. Anything new?",
        ],
    }
}

fn vague(frame: &Frame, reason: Term) -> &'static [&'static str] {
    match (frame.ask, reason) {
        (Ask::Shorter, Term::Fatigue) => &["I'm getting tired.", "That's a lot to take in.", "I'm fading a bit."],
        (Ask::Shorter | Ask::Longer, _) => &["I haven't got all day.", "Who has time for this?", "This drags on."],
        (Ask::Better, _) => &["Meh. Not worth it.", "I expected more.", "That was disappointing."],
        (Ask::Mood, _) => &["Not the right moment for this.", "This doesn't fit my mood.", "Wrong vibe."],
        (Ask::More, _) => &["Not really my thing.", "That's not what I came for.", "Is there anything for me?"],
        (Ask::Surprise, _) => &["Same old, same old.", "I'm bored.", "I know all this."],
        (Ask::Less | Ask::Avoid | Ask::Switch, _) => {
            &["I'm bored.", "Something else, please.", "That's enough of that.", "It's always the same.", "Again?"]
        }
    }
}

fn fill(pattern: &str, frame: &Frame, shelf: &Shelf) -> String {
    let names = |topics: &[TopicIx]| {
        let names: Vec<&str> =
            topics.iter().map(|&t| shelf.topics.get(t as usize).map_or("that", String::as_str)).collect();
        names.join(" or ")
    };
    let mut text = pattern.to_owned();
    let mut put = |slot: &str, with: &str| {
        if text.contains(slot) {
            text = text.replace(slot, with);
        }
    };
    put("{toward}", &names(&frame.toward));
    put("{away}", &names(&frame.away));
    put("{max}", &frame.max_s.map(spoken_duration).unwrap_or_default());
    put("{mood}", frame.mood.map_or("different", mood_word));
    let creator = frame.creator.and_then(|c| shelf.creators.get(c as usize));
    put("{creator}", creator.map_or("them", String::as_str));
    upper_first(&text)
}

/// The adjective of a mood.
#[must_use]
pub fn mood_word(mood: Mood) -> &'static str {
    match mood {
        Mood::Calm => "calm",
        Mood::Bright => "cheerful",
        Mood::Funny => "funny",
        Mood::Intense => "exciting",
        Mood::Thoughtful => "thoughtful",
    }
}

/// A duration as people say it.
#[must_use]
pub fn spoken_duration(seconds: f32) -> String {
    let whole = |n: f32, one: &str, many: &str| if n == 1.0 { format!("one {one}") } else { format!("{n} {many}") };
    if seconds < 60.0 {
        return whole(seconds.round(), "second", "seconds");
    }
    if seconds >= 3600.0 && seconds % 3600.0 == 0.0 {
        return whole(seconds / 3600.0, "hour", "hours");
    }
    let halves = (seconds / 30.0).round() / 2.0;
    whole(halves, "minute", "minutes")
}

fn upper_first(s: &str) -> String {
    let mut c = s.chars();
    c.next().map_or_else(String::new, |f| f.to_uppercase().chain(c).collect())
}

fn lower_first(s: &str) -> String {
    if s.starts_with("I ") || s.starts_with("I'") {
        return s.to_owned();
    }
    let mut c = s.chars();
    c.next().map_or_else(String::new, |f| f.to_lowercase().chain(c).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{Purpose, Source};

    #[test]
    fn specific_words_name_the_targets_and_vague_ones_do_not() {
        let shelf = Shelf { topics: vec!["Cooking".into(), "Travel".into()], ..Shelf::default() };
        let frame = Frame {
            ask: Ask::Switch,
            toward: vec![1],
            away: vec![0],
            creator: None,
            max_s: None,
            mood: None,
            strength: 0.8,
        };
        for i in 0..50 {
            let mut random = Source::new(i).stream(Purpose::Words);
            let said = realise(&frame, Term::Satiation, Specificity::Specific, &shelf, &mut random);
            assert!(said.contains("ooking") && said.contains("ravel") && !said.contains('{'), "{said}");
            let said = realise(&frame, Term::Satiation, Specificity::Vague, &shelf, &mut random);
            assert!(!said.contains("ooking") && !said.contains("ravel") && !said.contains('{'), "{said}");
        }
    }

    #[test]
    fn durations_are_spoken_as_people_do() {
        let said = [40.0, 60.0, 90.0, 120.0, 600.0, 3600.0].map(spoken_duration);
        assert_eq!(said, ["40 seconds", "one minute", "1.5 minutes", "2 minutes", "10 minutes", "one hour"]);
    }
}
