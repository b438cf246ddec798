//! Which column means what: suggested from names and samples, changed by the person.

use super::{
    fields::{self, Unit},
    rows::{Place, Row},
};
use serde::{Deserialize, Serialize};

/// Which column (a header of delimited text, or a key or dotted path of JSON) holds what. What is `None` is not imported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// A name of its own for each item; without, items are called by their number.
    pub id: Option<String>,
    /// The title; needed.
    pub title: Option<String>,
    /// The description.
    pub text: Option<String>,
    /// The topics, parted by `|`, `;` or `,`, or a JSON array.
    pub topics: Option<String>,
    /// Who made it.
    pub creator: Option<String>,
    /// How long it takes.
    pub duration: Option<String>,
    /// A rating, on any scale.
    pub quality: Option<String>,
    /// How often it was chosen or rated.
    pub popularity: Option<String>,
    /// The address of a picture.
    pub image: Option<String>,
    /// The unit of durations that are numbers alone.
    pub duration_unit: Unit,
    /// The duration of items that have none, seconds; `None` takes the median of those that have one, else ten minutes.
    pub default_duration_s: Option<f32>,
}

/// What an item's fields can be, in the order in which columns are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Field {
    /// See [`Mapping::id`].
    Id,
    /// See [`Mapping::title`].
    Title,
    /// See [`Mapping::text`].
    Text,
    /// See [`Mapping::topics`].
    Topics,
    /// See [`Mapping::creator`].
    Creator,
    /// See [`Mapping::duration`].
    Duration,
    /// See [`Mapping::quality`].
    Quality,
    /// See [`Mapping::popularity`].
    Popularity,
    /// See [`Mapping::image`].
    Image,
}

/// All fields, in the order of their discriminants.
pub const FIELDS: [Field; 9] = [
    Field::Id,
    Field::Title,
    Field::Text,
    Field::Topics,
    Field::Creator,
    Field::Duration,
    Field::Quality,
    Field::Popularity,
    Field::Image,
];

impl Field {
    /// The field's name, as [`Mapping`] writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["id", "title", "text", "topics", "creator", "duration", "quality", "popularity", "image"][self as usize]
    }

    /// What the field is, in a sentence for a form.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Id => "A name of its own for each item; without, items are called by their number.",
            Self::Title => "What the item is called.",
            Self::Text => "A description.",
            Self::Topics => "What it is about: a list, or words parted by | ; or ,",
            Self::Creator => "Who made it.",
            Self::Duration => "How long it takes: 90, 1:30, 12 min or PT12M.",
            Self::Quality => "A rating, on any scale.",
            Self::Popularity => "How often it was chosen or rated.",
            Self::Image => "The address of a picture, https://…",
        }
    }

    /// What columns of that meaning tend to be called, in small letters without spaces, the surest first.
    fn names(self) -> &'static str {
        match self {
            Self::Id => {
                "id|itemid|movieid|trackid|productid|videoid|articleid|bookid|showid|uid|guid|sku|asin|isbn|key|slug"
            }
            Self::Title => {
                "title|name|headline|movietitle|trackname|tracktitle|productname|producttitle|booktitle|songtitle|song|track|product|label|originaltitle|movie|film|video|itemname"
            }
            Self::Text => {
                "text|description|overview|summary|synopsis|abstract|plot|about|body|content|tagline|desc|subtitle|lyrics|details"
            }
            Self::Topics => {
                "topics|topic|genres|genre|majorgenre|categories|category|tags|subjects|subject|section|keywords|maingenre|trackgenre|department|listedin|type|theme"
            }
            Self::Creator => {
                "creator|creators|director|directors|artist|artists|author|authors|artistname|channel|channeltitle|maker|brand|publisher|journalist|byline|by|seller|vendor|studio|manufacturer|uploader|username|source|distributor"
            }
            Self::Duration => {
                "duration|durations|durationseconds|durationsec|durations|durationms|durationmin|durationminutes|runtime|runtimeminutes|runningtime|runningtimemin|length|lengthseconds|seconds|minutes|playtime|readingtime|time"
            }
            Self::Quality => {
                "quality|rating|imdbrating|averagerating|avgrating|ratingaverage|meanrating|voteaverage|averagescore|score|stars|userrating|reviewscore|rottentomatoesrating|metascore|ratings"
            }
            Self::Popularity => {
                "popularity|imdbvotes|votes|votecount|numvotes|ratingscount|ratingcount|numratings|views|viewcount|plays|playcount|listens|streams|downloads|sales|unitssold|reviewcount|reviews|clicks|likes"
            }
            Self::Image => {
                "image|imageurl|poster|posterurl|posterpath|thumbnail|thumbnailurl|thumb|picture|cover|coverurl|img|artwork|photo"
            }
        }
    }

    /// Parts of names that hint at the meaning where no name fits as a whole.
    fn hints(self) -> &'static [&'static str] {
        match self {
            Self::Id => &[],
            Self::Title => &["title", "headline"],
            Self::Text => &["description", "summary", "synopsis"],
            Self::Topics => &["genre", "categor", "topic"],
            Self::Creator => &["director", "artist", "author", "creator"],
            Self::Duration => &["duration", "runtime", "runningtime"],
            Self::Quality => &["rating", "score"],
            Self::Popularity => &["votes", "views", "playcount", "popularity"],
            Self::Image => &["poster", "thumbnail", "imageurl"],
        }
    }

    /// Whether only a column of numbers (or durations) can be meant.
    fn fits(self, sample: &Sample) -> bool {
        match self {
            Self::Quality | Self::Popularity => sample.numeric > 0.5,
            Self::Duration => sample.timed > 0.5,
            Self::Title | Self::Text | Self::Creator => sample.numeric < 0.9,
            _ => true,
        }
    }
}

/// A column of a file, with what it holds at the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// A few of its values.
    pub examples: Vec<String>,
    /// The share of the first rows in which it is filled, from 0 to 1.
    pub filled: f32,
}

/// What the first rows say about a column: shares of the filled cells.
#[derive(Default)]
struct Sample {
    filled: usize,
    numeric: f32,
    timed: f32,
}

impl Mapping {
    /// The column of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        match field {
            Field::Id => &self.id,
            Field::Title => &self.title,
            Field::Text => &self.text,
            Field::Topics => &self.topics,
            Field::Creator => &self.creator,
            Field::Duration => &self.duration,
            Field::Quality => &self.quality,
            Field::Popularity => &self.popularity,
            Field::Image => &self.image,
        }
        .as_deref()
    }

    /// Sets the column of a field.
    pub fn set(&mut self, field: Field, column: Option<String>) {
        *match field {
            Field::Id => &mut self.id,
            Field::Title => &mut self.title,
            Field::Text => &mut self.text,
            Field::Topics => &mut self.topics,
            Field::Creator => &mut self.creator,
            Field::Duration => &mut self.duration,
            Field::Quality => &mut self.quality,
            Field::Popularity => &mut self.popularity,
            Field::Image => &mut self.image,
        } = column;
    }

    /// A suggestion from the columns' names and first rows.
    #[must_use]
    pub fn suggest(columns: &[String], rows: &[Row]) -> Self {
        let samples: Vec<Sample> = columns.iter().map(|c| sample(&Place::of(c, columns), rows)).collect();
        let plain: Vec<String> = columns.iter().map(|c| simplified(c)).collect();
        let mut mapping = Self::default();
        let mut taken = vec![false; columns.len()];
        for by_hint in [false, true] {
            for field in FIELDS.into_iter().filter(|f| mapping.get(*f).is_none()).collect::<Vec<_>>() {
                // A column that is called just what the field is called is meant, whatever is in it.
                let free = |i: &usize| !taken[*i] && (plain[*i] == field.name() || field.fits(&samples[*i]));
                let found = if by_hint {
                    (0..columns.len()).find(|i| free(i) && field.hints().iter().any(|h| plain[*i].contains(h)))
                } else {
                    field.names().split('|').find_map(|n| (0..columns.len()).find(|i| free(i) && plain[*i] == n))
                };
                if let Some(i) = found {
                    taken[i] = true;
                    mapping.set(field, Some(columns[i].clone()));
                }
            }
        }
        if mapping.title.is_none() {
            // The first column of words is the best guess left.
            let words = |i: &usize| !taken[*i] && samples[*i].filled > 0 && samples[*i].numeric < 0.5;
            let first = (0..columns.len()).find(words);
            mapping.title = first.map(|i| columns[i].clone());
        }
        mapping.duration_unit = mapping.duration.as_deref().map_or(Unit::Seconds, unit_of);
        mapping
    }

    /// Whether a name is one that a header would hold.
    pub(super) fn knows(name: &str) -> bool {
        let plain = simplified(name);
        FIELDS.iter().any(|f| f.names().split('|').any(|n| n == plain))
    }
}

fn sample(place: &Place, rows: &[Row]) -> Sample {
    let mut s = Sample::default();
    let (mut numeric, mut timed) = (0, 0);
    for row in rows {
        let cell = place.read(row);
        if fields::text(cell).is_none_or(|t| fields::says_nothing(&t)) {
            continue;
        }
        s.filled += 1;
        numeric += usize::from(matches!(fields::number(cell), Ok(Some(_))));
        timed += usize::from(fields::duration(cell, Unit::Seconds).is_ok());
    }
    let n = s.filled.max(1) as f32;
    (s.numeric, s.timed) = (numeric as f32 / n, timed as f32 / n);
    if s.filled == 0 {
        // Nothing contradicts the name of an empty column, but nothing speaks for it either.
        s.timed = 0.6;
        s.numeric = 0.6;
    }
    s
}

/// The columns with examples, for the person to choose from.
pub(super) fn columns(names: &[String], rows: &[Row]) -> Vec<Column> {
    names
        .iter()
        .map(|name| {
            let place = Place::of(name, names);
            let values: Vec<String> =
                rows.iter().filter_map(|r| fields::text(place.read(r)).map(|t| fields::short(&t))).collect();
            let filled = values.len() as f32 / rows.len().max(1) as f32;
            Column { name: name.clone(), filled, examples: values.into_iter().take(3).collect() }
        })
        .collect()
}

/// A name without spaces, signs and capitals.
pub(super) fn simplified(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The unit that a column's name speaks of; running times are in minutes by custom.
fn unit_of(name: &str) -> Unit {
    let words = name.to_lowercase();
    let words: Vec<&str> = words.split(|c: char| !c.is_alphanumeric()).collect();
    let plain = simplified(name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    if has(&["ms", "millis", "milliseconds"]) || plain == "durationms" {
        Unit::Milliseconds
    } else if has(&["s", "sec", "secs", "seconds"]) || plain.ends_with("seconds") {
        Unit::Seconds
    } else if has(&["min", "mins", "minutes"]) || plain.ends_with("minutes") || plain.ends_with("runtime") {
        Unit::Minutes
    } else if has(&["h", "hours"]) {
        Unit::Hours
    } else if plain.contains("runtime") || plain.contains("runningtime") {
        Unit::Minutes
    } else {
        Unit::Seconds
    }
}
