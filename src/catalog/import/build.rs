//! From rows to a catalogue.

use super::{
    fields::{self, Unit},
    mapping::{FIELDS, Field, Mapping},
    report::Problems,
    rows::{Cell, Place, Row},
};
use crate::{
    catalog::{
        Item, MAX_ITEMS, Shelf, TopicIx,
        represent::{pictures, text::hash},
    },
    math::order,
};
use std::collections::{HashMap, HashSet};

/// The most topics a catalogue keeps, the one called Other among them.
pub const MAX_TOPICS: usize = 64;
/// The topic of items that have none, and of those whose topics are too rare to keep.
pub const OTHER: &str = "Other";
/// The most topics that one item keeps.
const MAX_TOPICS_OF_ITEM: usize = 6;
const MAX_TITLE: usize = 300;
const MAX_TEXT: usize = 2_000;
const MAX_NAME: usize = 120;
const MAX_ID: usize = 200;
const MAX_ADDRESS: usize = 2_000;
/// The duration where nothing at all is known, seconds.
const USUAL_DURATION_S: f32 = 600.0;

/// Something that happened to many rows, told once.
#[derive(Clone, Copy)]
enum Habit {
    CutTitle,
    CutText,
    NoTopic,
    NoDuration,
    BadAddress,
    PictureFile,
    ManyTopics,
}

const HABITS: [(Habit, &str, &str, &str); 7] = [
    (Habit::CutTitle, "title", "have a title of more than 300 characters.", "It was cut there."),
    (Habit::CutText, "text", "have a text of more than 2,000 characters.", "It was cut there."),
    (Habit::NoTopic, "topics", "have no topic.", "They were put under “Other”."),
    (Habit::NoDuration, "duration", "have no duration.", "The usual one was assumed"),
    (
        Habit::BadAddress,
        "image",
        "have a picture that is neither on the web (https://…) nor a picture’s file.",
        "They get a drawn one.",
    ),
    (
        Habit::PictureFile,
        "image",
        "name a file for their picture.",
        "Bring its folder, on the Data page or with --pictures.",
    ),
    (Habit::ManyTopics, "topics", "have more than six topics.", "The first six were kept."),
];

/// Sums of ratings from a table of its own, by item.
#[derive(Default)]
pub struct Ratings {
    sums: HashMap<String, (f64, u32)>,
    /// How many ratings were read.
    pub count: usize,
}

impl Ratings {
    /// Adds one rating.
    pub fn add(&mut self, item: &str, rating: f64) {
        let entry = match self.sums.get_mut(item) {
            Some(entry) => entry,
            None => self.sums.entry(item.to_string()).or_default(),
        };
        entry.0 += rating;
        entry.1 += 1;
        self.count += 1;
    }
}

/// Names that were met, each once, letter case ignored.
#[derive(Default)]
struct Names {
    by_key: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(n) = self.by_key.get(name) {
            return *n;
        }
        let next = self.names.len() as u32;
        let key = name.to_lowercase();
        let n = *self.by_key.entry(key).or_insert(next);
        if n == next {
            self.names.push(name.to_string());
        }
        if self.by_key.len() < 1 << 20 {
            self.by_key.insert(name.to_string(), n);
        }
        n
    }
}

/// Whether an address is one of a picture on the web and cannot be mistaken for anything else.
pub fn safe_address(address: &str) -> bool {
    (address.starts_with("https://") || address.starts_with("http://"))
        && address.len() <= MAX_ADDRESS
        && address.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\`".contains(&b))
}

/// Collects the items of a file.
pub struct Builder {
    places: [Option<Place>; FIELDS.len()],
    unit: Unit,
    default_duration_s: Option<f32>,
    ratings: Option<Ratings>,
    ids: HashSet<u64>,
    items: Vec<Item>,
    topics: Names,
    creators: Names,
    /// Topics of all items in a row; item i has those from `starts[i]` on.
    topic_list: Vec<u32>,
    starts: Vec<usize>,
    quality: Vec<Option<f64>>,
    popularity: Vec<Option<f64>>,
    timeless: Vec<u32>,
    habits: [(usize, u64); HABITS.len()],
    scratch: Vec<String>,
    /// Rows left out.
    pub rejected: usize,
    /// What was found.
    pub problems: Problems,
}

/// A built shelf, with what the report says of it.
pub struct Built {
    /// The items.
    pub shelf: Shelf,
    /// Rows left out.
    pub rejected: usize,
    /// What was found.
    pub problems: Problems,
}

impl Builder {
    /// A builder for a file with these columns. `Err` names a mapped column that the file does not have.
    pub fn new(mapping: &Mapping, columns: &[String], ratings: Option<Ratings>) -> Result<Self, String> {
        for field in FIELDS {
            if let Some(name) = mapping.get(field).filter(|n| !columns.iter().any(|c| c == n)) {
                return Err(format!(
                    "The {} is to come from the column “{name}”, which the file does not have.",
                    field.name()
                ));
            }
        }
        Ok(Self {
            places: FIELDS.map(|f| mapping.get(f).map(|name| Place::of(name, columns))),
            unit: mapping.duration_unit,
            default_duration_s: mapping.default_duration_s.filter(|d| d.is_finite() && *d > 0.0),
            ratings,
            ids: HashSet::new(),
            items: Vec::new(),
            topics: Names::default(),
            creators: Names::default(),
            topic_list: Vec::new(),
            starts: Vec::new(),
            quality: Vec::new(),
            popularity: Vec::new(),
            timeless: Vec::new(),
            habits: [(0, 0); HABITS.len()],
            scratch: Vec::new(),
            rejected: 0,
            problems: Problems::default(),
        })
    }

    /// How many items there are so far.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is room for no more.
    pub fn is_full(&self) -> bool {
        self.items.len() >= MAX_ITEMS
    }

    /// Takes a row, or leaves it out with an error at its line.
    pub fn add(&mut self, row: &Row, line: u64) {
        if let Err((field, what, fix)) = self.try_add(row, line) {
            let column = self.places[field as usize].as_ref().map(|p| p.name.clone());
            let name = match column {
                Some(c) if c != field.name() => format!("{} ({c})", field.name()),
                _ => field.name().into(),
            };
            self.problems.error(line, Some(&name), what, fix);
            self.rejected += 1;
        }
    }

    fn cell<'a>(&self, field: Field, row: &'a Row) -> Cell<'a> {
        self.places[field as usize].as_ref().map_or(Cell::Missing, |p| p.read(row))
    }

    fn try_add(&mut self, row: &Row, line: u64) -> Result<(), (Field, String, &'static str)> {
        let title = fields::text(self.cell(Field::Title, row));
        let title =
            title.ok_or((Field::Title, "The title is empty.".into(), "Give it one, or choose another column."))?;
        let (title, cut_title) = fields::clean(&title, MAX_TITLE);
        if title.is_empty() {
            return Err((Field::Title, "The title has nothing that can be shown.".into(), "Give it one."));
        }
        let duration = fields::duration(self.cell(Field::Duration, row), self.unit)
            .map_err(|what| (Field::Duration, what, "Write seconds, 1:30, 12 min or PT12M, more than 0."))?;
        let quality = fields::number(self.cell(Field::Quality, row))
            .map_err(|what| (Field::Quality, what, "Write a number, or leave it empty."))?;
        let popularity = fields::number(self.cell(Field::Popularity, row))
            .map_err(|what| (Field::Popularity, what, "Write a number, or leave it empty."))?;
        if popularity.is_some_and(|p| p < 0.0) {
            return Err((
                Field::Popularity,
                "The popularity is negative.".into(),
                "Write 0 or more, or leave it empty.",
            ));
        }
        let id = self.new_id(row, line)?;
        // From here on nothing fails, so a row is taken whole or not at all.
        let (text, cut_text) = self.clean_cell(Field::Text, row, MAX_TEXT);
        self.note(Habit::CutTitle, cut_title, line);
        self.note(Habit::CutText, cut_text, line);
        self.note(Habit::NoDuration, duration.is_none() && self.places[Field::Duration as usize].is_some(), line);
        if duration.is_none() {
            self.timeless.push(self.items.len() as u32);
        }
        self.add_topics(row, line);
        let creator = self.creator(row);
        let image = self.image(row, line);
        self.add_numbers(&id, quality, popularity);
        self.items.push(Item {
            id,
            title,
            text,
            topics: Vec::new(),
            creator,
            duration_s: duration.unwrap_or(USUAL_DURATION_S),
            mood: None,
            rating: None,
            popularity: 0.0,
            image,
        });
        Ok(())
    }

    fn note(&mut self, habit: Habit, holds: bool, line: u64) {
        let (count, first) = &mut self.habits[habit as usize];
        if holds {
            if *count == 0 {
                *first = line;
            }
            *count += 1;
        }
    }

    fn clean_cell(&self, field: Field, row: &Row, longest: usize) -> (String, bool) {
        fields::text(self.cell(field, row)).map_or((String::new(), false), |t| fields::clean(&t, longest))
    }

    fn new_id(&mut self, row: &Row, line: u64) -> Result<String, (Field, String, &'static str)> {
        let id = match fields::text(self.cell(Field::Id, row)) {
            Some(id) => {
                let (id, cut) = fields::clean(&id, MAX_ID);
                if cut || id.is_empty() {
                    let what = "The id is longer than 200 characters, or cannot be shown.".into();
                    return Err((Field::Id, what, "Use a short name."));
                }
                id
            }
            None if self.places[Field::Id as usize].is_some() => format!("line {line}"),
            None => (self.items.len() + self.rejected + 1).to_string(),
        };
        if !self.ids.insert(hash(id.as_bytes())) {
            let what = format!("The id “{}” is used before.", fields::short(&id));
            return Err((Field::Id, what, "Give each item an id of its own, or map no id."));
        }
        Ok(id)
    }

    fn add_topics(&mut self, row: &Row, line: u64) {
        let mut names = std::mem::take(&mut self.scratch);
        names.clear();
        fields::topics(self.cell(Field::Topics, row), &mut names);
        self.starts.push(self.topic_list.len());
        let start = self.topic_list.len();
        let mut dropped = false;
        for name in &names {
            let (name, _) = fields::clean(name, MAX_NAME);
            if name.is_empty() {
                continue;
            }
            if self.topic_list.len() - start == MAX_TOPICS_OF_ITEM {
                dropped = true;
                break;
            }
            let number = self.topics.number(&name);
            if !self.topic_list[start..].contains(&number) {
                self.topic_list.push(number);
            }
        }
        self.scratch = names;
        self.note(Habit::ManyTopics, dropped, line);
        let none = self.topic_list.len() == start && self.places[Field::Topics as usize].is_some();
        self.note(Habit::NoTopic, none, line);
    }

    fn creator(&mut self, row: &Row) -> u32 {
        let (name, _) = self.clean_cell(Field::Creator, row, MAX_NAME);
        self.creators.number(if fields::says_nothing(&name) { "Unknown" } else { &name })
    }

    fn image(&mut self, row: &Row, line: u64) -> Option<String> {
        let address = fields::text(self.cell(Field::Image, row))?;
        let file = pictures::names_file(&address);
        let safe = file || safe_address(&address);
        self.note(Habit::BadAddress, !safe, line);
        self.note(Habit::PictureFile, file, line);
        safe.then(|| address.into_owned())
    }

    /// Ratings from a table of their own come before a column.
    fn add_numbers(&mut self, id: &str, quality: Option<f64>, popularity: Option<f64>) {
        match self.ratings.as_ref().map(|r| r.sums.get(id)) {
            Some(found) => {
                self.quality.push(found.map(|(sum, n)| sum / f64::from(*n)));
                self.popularity.push(Some(found.map_or(0.0, |(_, n)| f64::from(*n))));
            }
            None => {
                self.quality.push(quality);
                self.popularity.push(popularity);
            }
        }
    }

    /// Puts the shelf together: folds rare topics, fills in durations, scales ratings and popularity.
    pub fn finish(mut self, name: &str) -> Built {
        let fallback = self.fill_durations();
        let (topic_names, numbers) = self.fold_topics();
        let ratings = scaled_ratings(&self.quality);
        let most = self.popularity.iter().flatten().copied().fold(0.0, f64::max);
        for (i, item) in self.items.iter_mut().enumerate() {
            let end = self.starts.get(i + 1).copied().unwrap_or(self.topic_list.len());
            for topic in &self.topic_list[self.starts[i]..end] {
                let number = numbers[*topic as usize];
                if !item.topics.contains(&number) {
                    item.topics.push(number);
                }
            }
            let other = (topic_names.len() - 1) as TopicIx;
            // The main topic is one that says something, where there is one.
            if item.topics.len() > 1 && topic_names[usize::from(item.topics[0])] == OTHER {
                item.topics.rotate_left(1);
            }
            if item.topics.is_empty() {
                item.topics.push(other);
            }
            item.rating = ratings[i];
            item.popularity = self.popularity[i].map_or(0.0, |p| if most > 0.0 { (p / most) as f32 } else { 0.0 });
        }
        self.tell_habits(fallback);
        let shelf = Shelf { name: name.into(), topics: topic_names, creators: self.creators.names, items: self.items };
        Built { shelf, rejected: self.rejected, problems: self.problems }
    }

    /// Gives items without a duration the one in the mapping, else the median of the others.
    fn fill_durations(&mut self) -> f32 {
        let mut missing = self.timeless.iter().peekable();
        let mut known = Vec::new();
        for (i, item) in self.items.iter().enumerate() {
            if missing.next_if(|m| **m as usize == i).is_none() {
                known.push(item.duration_s);
            }
        }
        order::sort_by(&mut known, f32::total_cmp);
        let median = known.get(known.len() / 2).copied();
        let duration = self.default_duration_s.or(median).unwrap_or(USUAL_DURATION_S);
        for i in &self.timeless {
            self.items[*i as usize].duration_s = duration;
        }
        duration
    }

    /// The names of the topics that are kept, the largest first and Other last if needed, and each topic's new number.
    fn fold_topics(&mut self) -> (Vec<String>, Vec<TopicIx>) {
        let names = &self.topics.names;
        let mut counts = vec![0usize; names.len()];
        for topic in &self.topic_list {
            counts[*topic as usize] += 1;
        }
        let other = |i: &usize| names[*i].eq_ignore_ascii_case(OTHER);
        let mut order: Vec<usize> = (0..names.len()).filter(|i| !other(i)).collect();
        order::sort_by(&mut order, |a, b| counts[*b].cmp(&counts[*a]).then(a.cmp(b)));
        let topicless = self.items.len()
            != self.starts.windows(2).filter(|w| w[0] < w[1]).count()
                + usize::from(self.starts.last().is_some_and(|s| *s < self.topic_list.len()));
        let has_other = topicless || names.iter().enumerate().any(|(i, _)| other(&i)) || order.len() > MAX_TOPICS;
        let room = if has_other { MAX_TOPICS - 1 } else { MAX_TOPICS };
        if order.len() > room {
            let what = format!("The file has {} topics, of which the {room} largest are kept.", order.len());
            self.problems.notice(None, Some("topics"), what, "The rest were put under “Other”.");
        }
        order.truncate(room);
        let mut kept: Vec<String> = order.iter().map(|i| names[*i].clone()).collect();
        if has_other {
            kept.push(OTHER.into());
        }
        let mut numbers = vec![kept.len().saturating_sub(1) as TopicIx; names.len()];
        for (new, old) in order.into_iter().enumerate() {
            numbers[old] = new as TopicIx;
        }
        (kept, numbers)
    }

    fn tell_habits(&mut self, fallback: f32) {
        for (habit, field, what, fix) in HABITS {
            let (count, first) = self.habits[habit as usize];
            if count == 0 {
                continue;
            }
            let what = format!("{count} items {what}").replace("1 items have", "1 item has");
            let fix = match habit {
                Habit::NoDuration => format!("{fix} ({fallback:.0} s)."),
                _ => fix.into(),
            };
            self.problems.notice(Some(first), Some(field), what, &fix);
        }
    }
}

/// Ratings from 1 to 5, by the scale that the numbers fit: 1–5 (or 0–5) as it is, 0–1, 0–10 and 0–100 stretched, anything
/// else between its least and largest.
fn scaled_ratings(raw: &[Option<f64>]) -> Vec<Option<f32>> {
    let (low, high) = raw.iter().flatten().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let (from, to) = match (low, high) {
        (l, h) if l >= 0.0 && h <= 1.0 => (0.0, 1.0),
        (l, h) if l >= 0.0 && h <= 5.0 => (1.0, 5.0),
        (l, h) if l >= 0.0 && h <= 10.0 => (0.0, 10.0),
        (l, h) if l >= 0.0 && h <= 100.0 => (0.0, 100.0),
        other => other,
    };
    let scale = |v: f64| {
        // Halves first, so that numbers near the largest do not overflow.
        let span = to / 2.0 - from / 2.0;
        let share = if span > 0.0 { (v / 2.0 - from / 2.0) / span } else { 0.5 };
        (1.0 + 4.0 * share).clamp(1.0, 5.0) as f32
    };
    raw.iter().map(|v| v.map(scale)).collect()
}
