//! Logs that a person brings: JSON lines of turns, or CSV with a line for each item shown (see `docs/learning.md`).

use super::{Given, Log, LoggedSession};
use crate::{
    catalog::{ItemIx, Shelf},
    recommender::PastTurn,
    scenario::did_you_mean,
    user::{Channel, Context, PASSES, Reaction},
};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

/// The longest log that is read, bytes.
pub const MOST_LOG_BYTES: usize = 400_000_000;
/// The most items of one slate.
const MOST_ITEMS: usize = 1000;

/// What is wrong with a log, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// The line, from 1.
    pub line: usize,
    /// The field, where one is to blame.
    pub field: String,
    /// What is wrong and what to do.
    pub what: String,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            write!(f, "line {}: {}", self.line, self.what)
        } else {
            write!(f, "line {}, `{}`: {}", self.line, self.field, self.what)
        }
    }
}

impl std::error::Error for LogError {}

fn wrong(line: usize, field: &str, what: impl Into<String>) -> LogError {
    LogError { line, field: field.into(), what: what.into() }
}

/// Reads a log of sessions over a shelf: JSON lines where the text begins with a brace, CSV otherwise. `context` is
/// that of sessions that name none.
///
/// # Errors
/// [`LogError`], by line and field: no JSON or CSV, a missing or unknown field, an item that the shelf has not, a
/// reaction that cannot be, a chance outside (0, 1], turns out of order.
pub fn read(text: &str, shelf: &Shelf, context: &Context) -> Result<Log, LogError> {
    let ids: BTreeMap<&str, ItemIx> =
        shelf.items.iter().enumerate().map(|(i, item)| (item.id.as_str(), i as ItemIx)).collect();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut build = Build { ids, shelf, context, log: Log::default(), names: BTreeMap::new() };
    if text.trim_start().starts_with('{') {
        build.json_lines(text)?
    } else {
        build.csv(text)?
    }
    if build.log.sessions.is_empty() {
        return Err(wrong(1, "", "the log holds no turn"));
    }
    Ok(build.log)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    session: Name,
    turn: u32,
    items: Vec<Name>,
    reactions: Vec<Reaction>,
    #[serde(default)]
    context: Option<Context>,
    #[serde(default)]
    said: Option<Said>,
    #[serde(default)]
    propensities: Vec<f64>,
    #[serde(default)]
    candidates: Vec<Name>,
    #[serde(default)]
    reward: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    channel: Channel,
    #[serde(default)]
    words: String,
}

/// A name as text or as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(u64),
}

impl Name {
    fn text(self) -> String {
        match self {
            Self::Text(t) => t,
            Self::Number(n) => n.to_string(),
        }
    }
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

struct Build<'a> {
    ids: BTreeMap<&'a str, ItemIx>,
    shelf: &'a Shelf,
    context: &'a Context,
    log: Log,
    names: BTreeMap<String, usize>,
}

impl Build<'_> {
    fn json_lines(&mut self, text: &str) -> Result<(), LogError> {
        for (n, line) in text.lines().enumerate() {
            let at = n + 1;
            if line.trim().is_empty() {
                continue;
            }
            if let Ok(head) = serde_json::from_str::<Head>(line) {
                if head.schema != "recoworld/log-v1" {
                    let what = format!("is \"{}\"; this program reads recoworld/log-v1", short(&head.schema));
                    return Err(wrong(at, "schema", what));
                }
                continue;
            }
            let row: Line = serde_json::from_str(line).map_err(|e| wrong(at, "", format!("is no turn: {e}")))?;
            let items = self.items(at, "items", row.items)?;
            let candidates = self.candidates(at, row.candidates, &items)?;
            let said = row.said.map(|s| (s.channel, s.words));
            let turn = PastTurn { items, reactions: row.reactions, said, asked: None };
            let given = Given { propensities: row.propensities, candidates, reward: row.reward };
            self.add(at, row.session.text(), row.turn, row.context, (turn, given))?;
        }
        Ok(())
    }

    fn items(&self, at: usize, field: &str, names: Vec<Name>) -> Result<Vec<ItemIx>, LogError> {
        names.into_iter().map(|n| self.item(at, field, &n.text())).collect()
    }

    fn item(&self, at: usize, field: &str, id: &str) -> Result<ItemIx, LogError> {
        self.ids.get(id).copied().ok_or_else(|| {
            let near =
                did_you_mean(id, self.ids.keys().copied().take(2000), "Bring the catalogue it is from with --catalog.");
            wrong(at, field, format!("names \"{}\", which is no item of the catalogue. {near}", short(id)))
        })
    }

    fn candidates(&self, at: usize, names: Vec<Name>, items: &[ItemIx]) -> Result<Vec<ItemIx>, LogError> {
        let mut candidates = self.items(at, "candidates", names)?;
        candidates.sort_unstable();
        candidates.dedup();
        if !candidates.is_empty()
            && let Some(i) = items.iter().find(|i| candidates.binary_search(i).is_err())
        {
            let id = short(&self.shelf.items[*i as usize].id);
            return Err(wrong(at, "candidates", format!("lack \"{id}\", which was shown")));
        }
        Ok(candidates)
    }

    fn add(
        &mut self,
        at: usize,
        name: String,
        number: u32,
        context: Option<Context>,
        (mut turn, given): (PastTurn, Given),
    ) -> Result<(), LogError> {
        self.check(at, &mut turn, &given)?;
        let next = self.log.sessions.len();
        let index = *self.names.entry(name.clone()).or_insert(next);
        if index == next {
            let context = context.unwrap_or_else(|| self.context.clone());
            self.log.sessions.push(LoggedSession { name, context, ..LoggedSession::default() });
        }
        let session = &mut self.log.sessions[index];
        if session.turns.len() != number as usize {
            let what = format!("is {number}; the next turn of this session is {}", session.turns.len());
            return Err(wrong(at, "turn", what));
        }
        session.turns.push(turn);
        session.given.push(given);
        Ok(())
    }

    fn check(&self, at: usize, turn: &mut PastTurn, given: &Given) -> Result<(), LogError> {
        let n = turn.items.len();
        if n == 0 || n > MOST_ITEMS {
            return Err(wrong(at, "items", format!("a slate has from 1 to {MOST_ITEMS} items, not {n}")));
        }
        if let Some(i) = (1..n).find(|&i| turn.items[..i].contains(&turn.items[i])) {
            let id = short(&self.shelf.items[turn.items[i] as usize].id);
            return Err(wrong(at, "items", format!("\"{id}\" stands twice in the slate")));
        }
        if turn.reactions.len() > n {
            return Err(wrong(at, "reactions", "there are more of them than items"));
        }
        if !given.propensities.is_empty() && given.propensities.len() != n {
            return Err(wrong(
                at,
                "propensities",
                format!("there are {} of them for {n} items", given.propensities.len()),
            ));
        }
        if given.propensities.iter().any(|p| !(*p > 0.0 && *p <= 1.0)) {
            return Err(wrong(at, "propensities", "a chance lies above 0 and at most at 1"));
        }
        if given.reward.is_some_and(|r| !r.is_finite()) {
            return Err(wrong(at, "reward", "must be a number"));
        }
        let mut reached = true;
        for (i, r) in turn.reactions.iter().enumerate() {
            let duration = self.shelf.items[turn.items[i] as usize].duration_s;
            let field = format!("reactions[{i}]");
            if r.examined && !reached {
                return Err(wrong(at, &field, "was examined below an item that was not; a slate is read from the top"));
            }
            reached = r.examined;
            impossible(r, duration).map_or(Ok(()), |what| Err(wrong(at, &field, what)))?;
        }
        Ok(())
    }

    fn csv(&mut self, text: &str) -> Result<(), LogError> {
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(text.as_bytes());
        let head = reader.headers().map_err(|e| wrong(1, "", format!("is no CSV: {e}")))?.clone();
        let columns = Columns::of(&head)?;
        let mut open: Option<(usize, String, u32, PastTurn, Given)> = None;
        for (n, record) in reader.records().enumerate() {
            let record = record.map_err(|e| {
                let line = e.position().map_or(n as u64 + 2, csv::Position::line);
                wrong(line as usize, "", format!("is no CSV line like the first: {e}"))
            })?;
            let at = record.position().map_or(n + 2, |p| p.line() as usize);
            let name = columns.text(&record, "session").to_owned();
            let turn = columns.number(&record, at, "turn")? as u32;
            if open.as_ref().is_none_or(|o| o.1 != name || o.2 != turn) {
                if let Some((at, name, turn, past, given)) = open.take() {
                    self.add(at, name, turn, None, (past, given))?;
                }
                open = Some((at, name, turn, PastTurn::default(), Given::default()));
            }
            let (.., past, given) = open.as_mut().expect("just opened");
            self.csv_item(&columns, &record, at, past, given)?;
        }
        if let Some((at, name, turn, past, given)) = open {
            self.add(at, name, turn, None, (past, given))?;
        }
        Ok(())
    }

    fn csv_item(
        &self,
        columns: &Columns,
        record: &csv::StringRecord,
        at: usize,
        past: &mut PastTurn,
        given: &mut Given,
    ) -> Result<(), LogError> {
        past.items.push(self.item(at, "item", columns.text(record, "item"))?);
        let flag = |name: &str| columns.flag(record, at, name);
        past.reactions.push(Reaction {
            examined: if columns.has("examined") { flag("examined")? } else { true },
            clicked: flag("clicked")?,
            seconds: columns.number(record, at, "seconds")? as f32,
            liked: flag("liked")?,
            shared: flag("shared")?,
            commented: flag("commented")?,
            followed: flag("followed")?,
            left: flag("left")?,
        });
        if columns.has("propensity") && !columns.text(record, "propensity").is_empty() {
            given.propensities.push(columns.number(record, at, "propensity")?);
        }
        if columns.has("reward") && !columns.text(record, "reward").is_empty() {
            given.reward = Some(columns.number(record, at, "reward")?);
        }
        Ok(())
    }
}

/// The columns of a CSV log: session, turn, item and clicked must be there.
struct Columns(BTreeMap<&'static str, usize>);

const COLUMNS: [&str; 13] = [
    "session",
    "turn",
    "item",
    "clicked",
    "examined",
    "seconds",
    "liked",
    "shared",
    "commented",
    "followed",
    "left",
    "propensity",
    "reward",
];

impl Columns {
    fn of(head: &csv::StringRecord) -> Result<Self, LogError> {
        let mut at = BTreeMap::new();
        for (i, name) in head.iter().enumerate() {
            let given = name.trim().to_ascii_lowercase();
            let Some(known) = COLUMNS.iter().find(|c| **c == given) else {
                let all = format!("The columns are {}.", COLUMNS.join(", "));
                let near = did_you_mean(&given, COLUMNS, &all);
                return Err(wrong(1, &short(name), format!("is no column of a log. {near}")));
            };
            if at.insert(*known, i).is_some() {
                return Err(wrong(1, known, "stands twice in the head"));
            }
        }
        for must in &COLUMNS[..4] {
            if !at.contains_key(must) {
                return Err(wrong(1, must, "is missing from the head; session, turn, item and clicked must be there"));
            }
        }
        Ok(Self(at))
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text<'a>(&self, record: &'a csv::StringRecord, name: &str) -> &'a str {
        self.0.get(name).and_then(|&i| record.get(i)).unwrap_or("").trim()
    }

    /// A number; 0 where the column is missing or empty.
    fn number(&self, record: &csv::StringRecord, at: usize, name: &str) -> Result<f64, LogError> {
        let text = self.text(record, name);
        if text.is_empty() {
            return Ok(0.0);
        }
        let number = text.parse::<f64>().ok().filter(|v| v.is_finite());
        let number = number.ok_or_else(|| wrong(at, name, format!("\"{}\" is no number", short(text))))?;
        if name == "turn" && (number < 0.0 || number.fract() != 0.0 || number > 1e6) {
            return Err(wrong(at, name, "must be a whole number from 0 up"));
        }
        Ok(number)
    }

    fn flag(&self, record: &csv::StringRecord, at: usize, name: &str) -> Result<bool, LogError> {
        match self.text(record, name).to_ascii_lowercase().as_str() {
            "" | "0" | "false" | "no" => Ok(false),
            "1" | "true" | "yes" => Ok(true),
            other => Err(wrong(at, name, format!("\"{}\" must be 1 or 0", short(other)))),
        }
    }
}

/// Why a reaction cannot be; `None` where it can.
fn impossible(r: &Reaction, duration_s: f32) -> Option<String> {
    if !r.seconds.is_finite() || r.seconds < 0.0 {
        Some("the seconds must be a number from 0 up".into())
    } else if r.clicked && r.seconds > PASSES * duration_s * 1.001 + 0.5 {
        Some(format!(
            "{} seconds were spent on an item that lasts {duration_s}: more than {PASSES} times over",
            r.seconds
        ))
    } else if !r.clicked && (r.liked || r.shared || r.commented || r.followed) {
        Some("to like, share, comment or follow, the item must be opened first".into())
    } else if !r.examined && r.clicked {
        Some("an item that was not looked at cannot be opened".into())
    } else {
        None
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
