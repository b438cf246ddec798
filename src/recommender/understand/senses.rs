//! Common words and idioms by sense, as an ordinary thesaurus has them: what the semantic level knows beyond the catalogue.

use super::lexical::Way;
use crate::catalog::{Mood, TopicIx};

/// What a word stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sense {
    /// A topic.
    Topic(TopicIx),
    /// A feel.
    Mood(Mood),
    /// Shorter items.
    Shorter,
    /// Better items.
    Better,
    /// Something new.
    New,
    /// A direction: what is named next is wanted, or not.
    Way(Way),
}

/// Words by sense, in stems.
#[rustfmt::skip]
pub(super) const SENSES: &[(Sense, &str)] = &[
    (Sense::Mood(Mood::Calm), "tranquil serene restful placid laid-back soft hushed unhurried cosy cozy sleepy dreamy easygoing meditative softly"),
    (Sense::Mood(Mood::Bright), "joyful jolly merry cheery gleeful radiant positive heartwarming warm-hearted wholesome sweet"),
    (Sense::Mood(Mood::Funny), "comical hilarious goofy daft humorous laughable giggle laughing ridiculous absurd whimsical jokey"),
    (Sense::Mood(Mood::Intense), "gripping explosive hair-raising nail-biting electrifying dramatic fierce breathless edgy spicy punchy high-energy"),
    (Sense::Mood(Mood::Thoughtful), "contemplative brainy philosophical eye-opening insightful intellectual cerebral substantial enlightening"),
    (Sense::Shorter, "snappy concise compact bitesize snack-sized speedy swift"),
    (Sense::Better, "substance craftsmanship gem solid excellent superb polished refined hype hyped bait baity mediocre shoddy underwhelming overhyped overrated subpar"),
    (Sense::New, "unfamiliar novel novelty unknown undiscovered adventurous unheard-of surprised horizon curveball diverse diversity"),
    (Sense::Way(Way::Avoid), "banish scrap ditch bury erase exclude discard dump eliminate omit goodbye allergic overdosed retire cancel unsubscribe"),
    (Sense::Way(Way::Less), "reduce sparing halve limit moderate sparingly"),
    (Sense::Way(Way::More), "hello craving crave longing desire enjoy adore yearn serve fill queue favour favor"),
];

/// The six things that vague words complain of.
pub(super) const VAGUE_CLASSES: [&str; 6] = ["more", "away", "shorter", "better", "mood", "surprise"];

/// Sayings by complaint, as a dictionary of idioms has them.
#[rustfmt::skip]
pub(super) const IDIOMS: &[(&str, &str)] = &[
    ("more", "not my taste not my style not my cup of tea does nothing for me no appeal different person wrong audience"),
    ("away", "repeat repetitive over and over once more sick tired fed up overkill overdose stuck loop circle same rut monotonous"),
    ("shorter", "hurry rush clock minutes late quick slow forever endless eternity patience exhausted exhausting sleepy asleep weary drained energy bed yawn point chase"),
    ("better", "quality mediocre shoddy lousy rubbish flop underwhelming overrated hype advertised con scam fake promise waste fell flat cheap"),
    ("mood", "mood tone atmosphere vibe moment place hour setting people around loud night unsuitable inappropriate clash"),
    ("surprise", "predictable stale familiar ordinary adventure spark safe old news nothing new discover curious seen done it all"),
];

/// What takes back all that was said before it.
pub(super) const RETRACTIONS: [&str; 12] = [
    "no, wait",
    "no wait",
    "scratch that",
    "take that back",
    "on second thought",
    "forget it",
    "forget that",
    "changed my mind",
    "not any more.",
    "never mind",
    "hang on",
    "actually, no",
];
