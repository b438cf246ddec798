//! The shape of a style's grammar. Lists are written as one string each, parted by `|`, which keeps them short to read
//! and small in WebAssembly.
//!
//! Slots in patterns: `{s}` a subject of the topic (a plural noun phrase), `{d}` a detail of the topic (a phrase that
//! can follow a subject), `{a}` an adjective of the mood, `{n}` a number from 3 to 12, `{t}` the topic's name in small
//! letters, `{w}` one of the topic's nick words, `{g}` a given name, `{f}` a family name, `{m}` the maker's name.

/// The grammar and the numbers of one style.
pub struct Style {
    /// The catalogue's name.
    pub name: &'static str,
    /// The topics.
    pub topics: &'static [Topic],
    /// Adjectives, a list a mood.
    pub adjectives: [&'static str; 5],
    /// Titles of items that promise what they hold, a list a mood.
    pub titles: [&'static str; 5],
    /// Titles that promise far more than they hold.
    pub hot: &'static str,
    /// Titles that promise a little more.
    pub warm: &'static str,
    /// Titles that promise less than they hold.
    pub plain: &'static str,
    /// First sentences of the description, a list a mood.
    pub texts: [&'static str; 5],
    /// Second sentences where the lure is high.
    pub tails_hot: &'static str,
    /// Second sentences that good items tend to have.
    pub tails_good: &'static str,
    /// Second sentences that poor items tend to have.
    pub tails_poor: &'static str,
    /// Second sentences of any item.
    pub tails: &'static str,
    /// Names of series.
    pub series: &'static str,
    /// How a series, a number and a title are put together: `{series}`, `{number}`, `{title}`.
    pub episode: &'static str,
    /// Names of makers.
    pub makers: &'static str,
    /// The durations.
    pub durations: Durations,
}

/// A log-normal distribution of durations, cut off on both sides.
pub struct Durations {
    /// The median, seconds.
    pub median: f32,
    /// The standard deviation of the logarithm.
    pub spread: f32,
    /// The shortest, seconds.
    pub min: f32,
    /// The longest, seconds.
    pub max: f32,
    /// What durations are rounded to, seconds.
    pub grain: f32,
    /// The share of items that are episodes, and how long those are relative to the rest.
    pub episodes: (f32, f32),
}

/// One topic of a style.
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// Its weight in the catalogue; 10 is usual.
    pub share: u8,
    /// Kindred topics: how much of each is mixed into this topic's place in taste space.
    pub kin: &'static [(&'static str, f32)],
    /// The weight of each mood.
    pub moods: [u8; 5],
    /// How long its items are, relative to the style.
    pub length: f32,
    /// What its items are about: plural noun phrases.
    pub subjects: &'static str,
    /// What can follow a subject.
    pub details: &'static str,
    /// Words that its makers call themselves by.
    pub nicks: &'static str,
}

/// A `|`-parted list.
pub fn list(words: &'static str) -> Vec<&'static str> {
    words.split('|').collect()
}

/// Given names of makers.
pub const GIVEN: &str = "Mira|Jonas|Amara|Tomas|Ines|Kofi|Yuki|Lena|Omar|Freya|Mateo|Noor|Elias|Priya|Hugo|Sana|Viktor|Chiara|Dele|Ana|Ravi|Maja|Leon|Zainab|Emil|Rosa|Kenji|Ida|Samir|Greta|Luca|Thandi|Oskar|Mei|Pablo|Astrid|Idris|Clara|Niko|Leila|Bruno|Hana|Felix|Wanjiru|Arlo|Marta|Teo|Salma";
/// Family names of makers.
pub const FAMILY: &str = "Solberg|Okafor|Lindqvist|Marchetti|Tanaka|Osei|Novak|Herrera|Kaur|Bergman|Dupont|Haddad|Silva|Petrov|Nakamura|Mbeki|Larsen|Costa|Yilmaz|Fischer|Moreau|Rao|Jansen|Castillo|Adeyemi|Wren|Kowalski|Hossain|Vega|Lund|Sato|Brandt|Achebe|Romano|Quist|Farrow|Ibrahim|Keller|Duarte|Mohr|Santoro|Halloran|Varga|Ekman|Pereira|Chen|Whitlock|Amari";
