//! The lists of words that the lexical level knows, in stems (see [`stem`](super::lexicon::stem)).

use crate::catalog::Mood;

/// Words that people use for a topic, by a word that occurs in the topic's name.
#[rustfmt::skip]
pub(super) const RELATED: &[(&str, &[&str])] = &[
    ("cooking", &["recipe", "cook", "baking", "kitchen", "chef", "meal", "dinner", "bake"]),
    ("food", &["snack", "eating", "eat", "noodle", "taco", "stall"]),
    ("travel", &["trip", "journey", "holiday", "vacation", "abroad", "tourism", "destination"]),
    ("comedy", &["joke", "sketch", "standup", "comedian"]),
    ("science", &["physics", "chemistry", "biology", "space", "experiment", "astronomy", "scientist"]),
    ("music", &["song", "band", "concert", "singer", "tune"]),
    ("sport", &["football", "soccer", "basketball", "tennis", "athletics", "match", "game-day"]),
    ("animal", &["pet", "cat", "dog", "kitten", "puppy", "wildlife"]),
    ("pet", &["cat", "dog", "animal", "kitten", "puppy"]),
    ("craft", &["diy", "knitting", "woodwork", "handmade", "making"]),
    ("gaming", &["game", "gamer", "videogame", "esport", "speedrun"]),
    ("fashion", &["clothe", "outfit", "style", "dress"]),
    ("fitness", &["workout", "gym", "exercise", "training", "yoga", "running"]),
    ("nature", &["forest", "mountain", "outdoor", "hiking", "landscape", "garden"]),
    ("technology", &["tech", "gadget", "computer", "phone", "software", "ai"]),
    ("politic", &["election", "government", "parliament", "minister"]),
    ("world", &["international", "foreign", "global"]),
    ("economy", &["business", "money", "market", "finance", "economic", "inflation"]),
    ("climate", &["weather", "environment", "warming", "emission"]),
    ("health", &["medicine", "medical", "doctor", "hospital"]),
    ("culture", &["art", "theatre", "museum", "literature", "arts"]),
    ("local", &["city", "neighbourhood", "town"]),
    ("education", &["school", "university", "teacher", "learning"]),
    ("crime", &["police", "murder", "detective", "court"]),
    ("opinion", &["column", "comment", "editorial", "commentary"]),
    ("hip", &["rap", "hiphop", "rapper"]),
    ("electronic", &["techno", "house", "edm", "synth"]),
    ("classical", &["orchestra", "symphony", "piano", "opera"]),
    ("folk", &["acoustic"]),
    ("metal", &["heavy"]),
    ("kitchen", &["cooking", "pan", "knife", "cookware"]),
    ("garden", &["plant", "gardening", "flower"]),
    ("book", &["novel", "reading"]),
    ("clothing", &["clothe", "shirt", "jacket", "jumper"]),
    ("shoe", &["sneaker", "boot"]),
    ("electronic", &["gadget", "headphone", "phone"]),
    ("outdoor", &["camping", "hiking", "tent"]),
    ("beauty", &["makeup", "skincare", "cosmetic"]),
    ("stationery", &["pen", "notebook", "paper"]),
    ("romance", &["romantic", "love-story", "rom-com", "romcom"]),
    ("thriller", &["suspense", "suspenseful"]),
    ("fiction", &["scifi", "sci-fi", "spaceship"]),
    ("horror", &["scary", "ghost", "zombie"]),
    ("documentary", &["docu", "documentarie"]),
    ("animation", &["animated", "cartoon", "anime"]),
    ("fantasy", &["magic", "dragon"]),
    ("western", &["cowboy"]),
];

/// Words of a feel.
#[rustfmt::skip]
pub(super) const MOODS: &[(Mood, &[&str])] = &[
    (Mood::Calm, &["calm", "calmer", "calming", "relaxing", "relaxed", "relax", "chill", "quiet", "quieter", "slow", "slower",
        "soothing", "peaceful", "gentle", "gentler", "mellow", "softer", "unwind"]),
    (Mood::Bright, &["cheerful", "happy", "happier", "bright", "brighter", "upbeat", "uplifting", "sunny", "lighter",
        "light-hearted", "lighthearted", "feel-good"]),
    (Mood::Funny, &["funny", "funnier", "laugh", "hilariou", "comic", "witty", "silly", "humour", "humor", "amusing"]),
    (Mood::Intense, &["exciting", "excitement", "intense", "thrilling", "action-packed", "energetic", "fast-paced", "tense",
        "louder", "faster", "wild", "adrenaline"]),
    (Mood::Thoughtful, &["thoughtful", "deep", "deeper", "seriou", "smart", "smarter", "meaningful", "reflective",
        "thought-provoking", "intelligent", "profound"]),
];

/// Words of a feel that people mostly turn down: what is wanted where they do, and what where they ask for it.
#[rustfmt::skip]
pub(super) const HARSH: &[(&[&str], Mood, Option<Mood>)] = &[
    (&["sad", "sadder", "depressing", "gloomy", "gloomier", "bleak", "grim", "tragic", "dark", "darker"], Mood::Bright, None),
    (&["scary", "scarier", "violent", "disturbing", "gory", "creepy", "shocking"], Mood::Calm, Some(Mood::Intense)),
];

/// Words by which people ask for better items.
#[rustfmt::skip]
pub(super) const BETTER: &[&str] = &[
    "clickbait", "quality", "better", "disappointing", "disappointed", "disappointment", "disappoint", "meh", "misleading",
    "junk", "trash", "garbage", "rubbish", "promise", "worth", "sensational", "fake", "lame", "best", "expected", "shallow",
];

/// Words by which people ask for something new, with how strongly.
#[rustfmt::skip]
pub(super) const NEW: &[(&str, f32)] = &[
    ("surprise", 1.0), ("surprising", 1.0), ("new", 0.9), ("different", 0.9), ("fresh", 0.8), ("unexpected", 1.0),
    ("variety", 0.9), ("else", 0.6), ("same", 0.6), ("repetitive", 0.8), ("unusual", 0.8), ("varied", 0.8), ("discover", 0.8),
    ("again", 0.5), ("random", 0.7), ("change", 0.5),
];

/// Words of displeasure that do not say with what.
#[rustfmt::skip]
pub(super) const VAGUE: &[&str] = &[
    "bored", "boring", "boredom", "dull", "meh", "vibe", "tedious", "annoyed", "annoying", "thing", "came", "moment", "mood",
    "monotonou", "uninteresting",
];

/// Words for shorter items.
#[rustfmt::skip]
pub(super) const SHORTER: &[&str] = &[
    "shorter", "short", "quick", "quicker", "brief", "drag", "hurry", "tired", "fading", "rushed", "briefer", "bite-sized",
];

/// Words for longer items.
pub(super) const LONGER: &[&str] = &["longer", "in-depth", "full-length", "lengthy"];

/// Words that carry no meaning of their own here, so that they are not reported as unread.
#[rustfmt::skip]
pub(super) const EMPTY: &[&str] = &[
    "a", "an", "the", "i", "im", "i'm", "me", "my", "you", "your", "we", "it", "it'", "its", "thi", "that", "that'", "these",
    "those", "them", "they", "there", "is", "are", "was", "be", "been", "am", "i'd", "i've", "i'll", "can", "could", "would",
    "will", "should", "may", "might", "get", "got", "have", "haven't", "haven", "has", "had", "do", "doe", "don't", "dont", "of",
    "for", "in", "on", "to", "at", "by", "with", "and", "or", "nor", "but", "so", "then", "than", "from", "now", "right",
    "ok", "okay", "hmm", "please", "thank", "just", "really", "very", "bit", "little", "lot", "all", "any", "some",
    "something", "more", "less", "fewer", "most", "no", "not", "none", "never", "nothing", "enough", "stop", "show", "give",
    "bring", "let", "see", "seen", "watch", "want", "wanted", "like", "love", "need", "rather", "instead", "only", "too", "much", "many",
    "keep", "them", "ye", "yeah", "yes", "hi", "hello", "video", "clip", "item", "one", "ones", "stuff", "kind", "sort",
    "today", "time", "while", "again", "good", "nice", "know", "what", "where", "who", "how", "why", "when", "which", "as", "if", "up",
    "down", "out", "over", "under", "below", "max", "min", "go", "going", "soon", "left", "switch", "done", "leave", "avoid", "skip",
    "without", "except", "anyone", "anybody", "somebody", "someone", "always", "alway", "been", "take", "day", "still", "also",
    "even", "maybe", "perhap", "sure", "into", "about", "put", "make", "made", "say", "hate", "tired", "sick", "title",
    "topic", "completely", "totally", "another", "other", "were", "here", "haven't", "hasn't", "didn't", "isn't", "i’m", "getting",
    "until", "next", "rest", "session", "on", "hey", "dear", "system", "feel", "feeling", "mind", "prefer", "bunch", "couple",
    "we'", "let'", "actually", "fine", "set", "back", "late", "before", "thanks", "nobody", "everything", "every", "old", "fit", "doesn't", "doesnt", "cannot", "can't", "cant", "won't",
];
