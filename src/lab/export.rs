//! A run as tables: CSV (RFC 4180, UTF-8) of its turns or of its items, every column documented in one place.

use crate::{
    catalog::Shelf,
    session::{SlateRecord, TurnRecord, Voice, player::Trajectory, voices},
    user::{ALL_TERMS, Reaction},
};
use serde::Serialize;

/// A column: its name and what it holds.
pub type Column = (&'static str, &'static str);

/// The columns of [`turns_csv`].
pub static TURN_COLUMNS: &[Column] = &[
    ("turn", "number of the turn, from 0"),
    ("items", "the slate's item ids from the top, separated by spaces"),
    ("topics", "the items' main topics from the top, separated by |"),
    ("slate_by", "who chose the slate: builtin, person or model"),
    ("examined", "items that the user looked at"),
    ("clicked", "items opened"),
    ("seconds", "seconds spent on opened items"),
    ("liked", "likes"),
    ("shared", "shares"),
    ("commented", "comments"),
    ("followed", "follows"),
    ("instruction", "channel of the instruction at the end of the turn: explicit or implicit; empty for none"),
    ("specificity", "specific or vague; empty for none"),
    ("ask", "what the instruction asks for; empty for none, or where only a person knows"),
    ("words", "the instruction's words; empty when implicit"),
    ("reason", "the term of the utility that fell most below its usual value, and so the reason"),
    ("met", "whether this slate met the instruction before it: true, false, or empty for none"),
    ("reward", "weighted reward of the turn"),
    ("part_time", "minutes spent, before weighting"),
    ("part_clicks", "clicks, before weighting"),
    ("part_likes", "likes, shares, comments and follows, before weighting"),
    ("part_turns", "1 where the user stayed to the end of the turn, before weighting"),
    ("part_instructions", "instructions met, before weighting"),
    ("part_retention", "chance of return, in the last turn only, before weighting"),
    ("ndcg", "NDCG of the slate against the user's true utility, 0 to 1"),
    ("diversity", "mean dissimilarity within the slate, 0 to 1"),
    ("satisfaction", "at the end of the turn, 0 to 1 (hidden from recommenders, as are the next six)"),
    ("boredom", "at the end of the turn, 0 to 1"),
    ("energy", "at the end of the turn, 0 to 1"),
    ("trust", "at the end of the turn, 0 to 1"),
    ("seconds_left", "of the time budget"),
    ("leave_forecast", "the user's forecast of leaving, 0 to 1"),
    ("return_chance", "chance of returning the next day if the session ended now, 0 to 1"),
];

/// The columns of [`items_csv`] before the terms, of which there are two each: `term_…`, the term of the utility, and
/// `usual_…`, this user's usual value of it.
pub static ITEM_COLUMNS: &[Column] = &[
    ("turn", "number of the turn, from 0"),
    ("position", "place in the slate, from 0"),
    ("item", "the item's id"),
    ("title", "its title"),
    ("topic", "its main topic"),
    ("creator", "who made it"),
    ("duration_s", "how long it takes, seconds"),
    ("action", "unseen, skip or click"),
    ("seconds", "seconds spent on it"),
    ("liked", "true or false, as the next four"),
    ("shared", ""),
    ("commented", ""),
    ("followed", ""),
    ("left", "whether the user left here, in mid-slate"),
    ("by", "who answered for the user: builtin, person or model; empty where nobody was asked"),
    ("reason", "why, in the words of the model that answered; empty where it gave none"),
    (
        "relevance",
        "the user's true utility of it when the slate was shown (hidden from recommenders, as all that follow)",
    ),
    ("utility", "the sum of the terms: the logit of the click before its threshold; empty where unseen"),
    ("click_chance", "0 to 1"),
    ("felt", "what it felt like once opened, in the unit of utility"),
    ("leave_forecast", "the user's forecast of leaving after this item, 0 to 1"),
];

/// The turns of a run, one a line. `shelf` is that of the run's catalogue.
///
/// # Errors
/// Where an item of the run is not on the shelf.
pub fn turns_csv(run: &Trajectory, shelf: &Shelf) -> Result<String, ExportError> {
    let mut rows = vec![TURN_COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect()];
    for turn in &run.turns {
        rows.push(turn_row(turn, shelf)?);
    }
    Ok(write(&rows))
}

/// The items of a run's slates, one a line. `shelf` is that of the run's catalogue.
///
/// # Errors
/// Where an item of the run is not on the shelf.
pub fn items_csv(run: &Trajectory, shelf: &Shelf) -> Result<String, ExportError> {
    let terms = |prefix: &'static str| ALL_TERMS.iter().map(move |t| format!("{prefix}_{}", word(t)));
    let names = ITEM_COLUMNS.iter().map(|(name, _)| (*name).to_owned());
    let mut rows = vec![names.chain(terms("term")).chain(terms("usual")).collect()];
    let voices = voices(&run.answers, &run.remarks);
    for (n, turn) in run.turns.iter().enumerate() {
        for (position, record) in turn.slate.iter().enumerate() {
            let voice = voices.get(n).and_then(|v| v.items.get(position));
            rows.push(item_row(turn.turn, position, record, voice, shelf)?);
        }
    }
    Ok(write(&rows))
}

/// A run over other items than the shelf's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportError {
    /// The item that the shelf does not have.
    pub item: u32,
}

impl core::fmt::Display for ExportError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the run shows item {}, which this catalogue does not have: it was made over another one", self.item)
    }
}

impl std::error::Error for ExportError {}

fn turn_row(turn: &TurnRecord, shelf: &Shelf) -> Result<Vec<String>, ExportError> {
    let items: Vec<_> = turn.slate.iter().map(|r| item(shelf, r.item)).collect::<Result<_, _>>()?;
    let topics: Vec<&str> = turn.slate.iter().map(|r| shelf.topics[shelf.topic(r.item) as usize].as_str()).collect();
    let count =
        |f: fn(&Reaction) -> bool| turn.slate.iter().filter_map(|r| r.reaction.as_ref()).filter(|r| f(r)).count();
    let seconds: f64 =
        turn.slate.iter().filter_map(|r| r.reaction).filter(|r| r.clicked).map(|r| f64::from(r.seconds)).sum();
    let said = turn.instruction.as_ref();
    let (p, s) = (&turn.parts, &turn.state);
    Ok(vec![
        turn.turn.to_string(),
        items.iter().map(|i| i.id.as_str()).collect::<Vec<_>>().join(" "),
        topics.join("|"),
        word(&turn.slate_by),
        count(|r| r.examined).to_string(),
        count(|r| r.clicked).to_string(),
        number(seconds),
        count(|r| r.liked).to_string(),
        count(|r| r.shared).to_string(),
        count(|r| r.commented).to_string(),
        count(|r| r.followed).to_string(),
        said.map_or_else(String::new, |i| word(&i.channel)),
        said.map_or_else(String::new, |i| word(&i.specificity)),
        said.and_then(|i| i.frame.as_ref()).map_or_else(String::new, |f| word(&f.ask)),
        said.map_or_else(String::new, |i| i.words.clone()),
        said.and_then(|i| i.reason).map_or_else(String::new, |r| word(&r)),
        turn.met.map_or_else(String::new, |m| m.to_string()),
        number(turn.reward),
        number(p.time),
        number(p.clicks),
        number(p.likes),
        number(p.turns),
        number(p.instructions),
        number(p.retention),
        turn.ndcg.to_string(),
        turn.diversity.to_string(),
        s.satisfaction.to_string(),
        s.boredom.to_string(),
        s.energy.to_string(),
        s.trust.to_string(),
        s.seconds_left.to_string(),
        s.leave_forecast.to_string(),
        s.return_chance.to_string(),
    ])
}

fn item_row(
    turn: u32,
    position: usize,
    record: &SlateRecord,
    voice: Option<&Voice<'_>>,
    shelf: &Shelf,
) -> Result<Vec<String>, ExportError> {
    let it = item(shelf, record.item)?;
    let r = record.reaction.unwrap_or_default();
    let action = match (r.examined, r.clicked) {
        (_, true) => "click",
        (true, false) => "skip",
        (false, false) => "unseen",
    };
    let mut row = vec![
        turn.to_string(),
        position.to_string(),
        it.id.clone(),
        it.title.clone(),
        shelf.topics[shelf.topic(record.item) as usize].clone(),
        shelf.creators.get(it.creator as usize).cloned().unwrap_or_default(),
        it.duration_s.to_string(),
        action.to_owned(),
        r.seconds.to_string(),
        r.liked.to_string(),
        r.shared.to_string(),
        r.commented.to_string(),
        r.followed.to_string(),
        r.left.to_string(),
        voice.map_or_else(String::new, |v| word(&v.by)),
        voice.map_or_else(String::new, |v| v.reason().to_owned()),
        record.relevance.to_string(),
    ];
    match &record.appraisal {
        Some(a) => {
            let all = [a.utility, a.click_chance, a.felt, a.leave_forecast];
            row.extend(all.iter().chain(&a.terms).chain(&a.usual).map(f32::to_string));
        }
        None => row.extend(core::iter::repeat_n(String::new(), 4 + 2 * ALL_TERMS.len())),
    }
    Ok(row)
}

fn item(shelf: &Shelf, item: u32) -> Result<&crate::catalog::Item, ExportError> {
    shelf.items.get(item as usize).ok_or(ExportError { item })
}

fn number(x: f64) -> String {
    x.to_string()
}

/// A unit variant's name as JSON has it, so that tables and files use one word.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(s)) => s,
        _ => String::new(),
    }
}

fn write(rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and all rows are of one length by construction.
        let written = writer.write_record(row);
        debug_assert!(written.is_ok(), "{written:?}");
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
