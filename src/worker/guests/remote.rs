//! A recommender of the person's own behind an HTTP address: the letters are made and read here, and carried by the page,
//! which alone knows the address.
//!
//! Where it is late, breaks off or answers with what cannot be shown, the recommender of the scenario composes the slate in
//! its place, and the answer is marked. After [`PATIENCE`] such slates in a row the session stands still.

use crate::{
    chart::text,
    recommender::{
        ReasoningTrace, Step,
        remote::{PROTOCOL, Post, Reply, read},
    },
    scenario::env::PublicObservation,
    session::{Answer, Author, Need, Remark, player::Player},
    worker::{
        protocol::BranchId,
        runner::{Guest, Turn, Wish, clip},
    },
};
use serde::{Deserialize, Serialize};

/// What this kind of guest calls itself.
pub const KIND: &str = "recommender";

/// Slates in a row that fail before the session stands still.
const PATIENCE: u32 = 3;
/// The most characters of a fault that are told.
const MOST_WORDS: usize = 300;

/// A recommender of one's own: what sits down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteSits {
    guest: String,
    /// Its host, for people; the address stays with the page, since it may hold a password.
    pub host: String,
}

impl RemoteSits {
    /// The recommender at a host.
    #[must_use]
    pub fn new(host: String) -> Self {
        Self { guest: KIND.into(), host }
    }

    /// What sits down, as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Fails only on keys that are not text, which the type does not have.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What the page tells the guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tell {
    /// What came back to a letter: its text, or why nothing did.
    Answered {
        /// The letter's number.
        id: u32,
        /// What came.
        outcome: Result<String, String>,
    },
    /// Goes on after it stood still.
    Resume,
}

/// What the guest tells the page. It is the only guest whose words begin with `{"recommender"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What it says.
    pub recommender: Says,
}

/// What the guest says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// Post this.
    Post {
        /// The letter's number.
        id: u32,
        /// Its body, JSON.
        body: String,
    },
    /// Nobody waits for this letter's answer any more.
    Drop {
        /// The letter's number.
        id: u32,
    },
    /// How it is.
    Standing(Standing),
}

/// How the guest is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its host.
    pub host: String,
    /// Whether an answer is waited for.
    pub waits: bool,
    /// Slates that it composed.
    pub composed: u32,
    /// Slates that the built-in recommender composed in its place.
    pub stood_in: u32,
    /// What went wrong last, where that was the last thing to happen.
    pub fault: String,
    /// Whether the session stands still for it.
    pub stuck: bool,
}

/// A letter that is on its way.
struct Letter {
    id: u32,
    at: (BranchId, usize),
    with_items: bool,
    came: Option<Result<String, String>>,
}

/// A recommender of the person's own.
pub struct RemoteGuest {
    serves: bool,
    letter: Option<Letter>,
    next: u32,
    episode: u32,
    begun: bool,
    knows_items: bool,
    branch: BranchId,
    in_a_row: u32,
    standing: Standing,
    told: Option<Standing>,
    says: Vec<Says>,
}

/// Makes the guest.
///
/// # Errors
/// Where the JSON is not understood.
pub fn make(json: &str) -> Result<RemoteGuest, String> {
    let sits: RemoteSits = serde_json::from_str(json).map_err(|e| format!("the guest is not understood: {e}"))?;
    Ok(RemoteGuest {
        serves: true,
        letter: None,
        next: 0,
        episode: 0,
        begun: false,
        knows_items: false,
        branch: 0,
        in_a_row: 0,
        standing: Standing { host: clip(&sits.host, 100), ..Standing::default() },
        told: None,
        says: Vec::new(),
    })
}

impl RemoteGuest {
    fn who(&self) -> String {
        format!("your recommender at {}", self.standing.host)
    }

    fn drop_letter(&mut self) {
        if let Some(letter) = self.letter.take() {
            self.says.push(Says::Drop { id: letter.id });
        }
        self.standing.waits = false;
    }

    /// Another session than before, as far as the recommender is told.
    fn another(&mut self) {
        self.drop_letter();
        if std::mem::replace(&mut self.begun, true) {
            self.episode += 1;
        }
        self.in_a_row = 0;
        self.standing.stuck = false;
    }

    fn post(&mut self, player: &Player) -> Result<(), String> {
        let session = player.session();
        let Need::Slate(observation) = session.poll() else { return Ok(()) };
        let with_items = !self.knows_items;
        let post = Post {
            protocol: PROTOCOL,
            scenario: &session.scenario().id,
            episode: self.episode,
            observation: PublicObservation::from(&observation),
            items: with_items.then(|| session.world().shelf()),
        };
        let body = serde_json::to_string(&post).map_err(|e| e.to_string())?;
        self.knows_items = true;
        self.begun = true;
        let id = self.next;
        self.next += 1;
        self.letter = Some(Letter { id, at: (self.branch, player.moment()), with_items, came: None });
        self.standing.waits = true;
        self.says.push(Says::Post { id, body });
        Ok(())
    }

    /// The answer to the letter is taken, or the built-in recommender stands in.
    fn take(&mut self, player: &mut Player, letter: &Letter, came: Result<String, String>) -> Turn {
        let Need::Slate(o) = player.session().poll() else { return Turn::Done };
        let asked = format!("Asked {} for {}.", self.who(), text::count(o.slate_size, "item"));
        let data = vec![("candidates".to_owned(), o.candidates.len() as f64)];
        let why = match came.and_then(|text| read(&text, o.candidates, o.slate_size)) {
            Ok(Reply::Slate { items, trace }) => {
                let mut trace = trace.unwrap_or_else(ReasoningTrace::default);
                trace.act.push(Step { text: asked, data });
                let answer = Answer::Slate { items, trace: Some(Box::new(trace)), by: Author::Model };
                let remark = Remark { who: self.who(), ..Remark::default() };
                match player.answer_saying(answer, remark) {
                    Ok(()) => {
                        self.standing.composed += 1;
                        self.standing.fault.clear();
                        self.in_a_row = 0;
                        return Turn::Moved;
                    }
                    Err(why) => why.to_string(),
                }
            }
            Ok(Reply::NeedsItems) if letter.with_items => {
                "it asks for the items although it was given all there are".to_owned()
            }
            Ok(Reply::NeedsItems) => {
                self.knows_items = false;
                return match self.post(player) {
                    Ok(()) => Turn::Thinks(None),
                    Err(why) => self.stand_in(player, &why),
                };
            }
            Err(why) => why,
        };
        self.stand_in(player, &why)
    }

    fn stand_in(&mut self, player: &mut Player, why: &str) -> Turn {
        // It may have been started anew, and then knows nothing.
        self.knows_items = false;
        self.standing.fault = clip(why, MOST_WORDS);
        self.in_a_row += 1;
        if self.in_a_row > PATIENCE {
            self.standing.stuck = true;
            return Turn::Stuck;
        }
        let Some(answer) = player.builtin_answer() else { return Turn::Done };
        let remark = Remark { stood_in: format!("{}: {}", self.who(), self.standing.fault), ..Remark::default() };
        if player.answer_saying(answer, remark).is_err() {
            return Turn::Stuck;
        }
        self.standing.stood_in += 1;
        Turn::Moved
    }
}

impl Guest for RemoteGuest {
    fn sides(&self) -> (bool, bool) {
        (false, self.serves)
    }

    fn set_sides(&mut self, _: bool, recommender: bool) {
        self.drop_letter();
        self.serves = recommender;
    }

    fn begin(&mut self, _: &Player) {
        self.knows_items = false;
        self.another();
    }

    fn resume(&mut self, _: &Player) {
        self.knows_items = false;
        self.another();
    }

    fn hear(&mut self, json: &str, _: Option<&mut Player>, _: f64) -> Result<Wish, String> {
        match serde_json::from_str(json).map_err(|e| format!("what was said is not understood: {e}"))? {
            Tell::Answered { id, outcome } => {
                if let Some(letter) = self.letter.as_mut().filter(|l| l.id == id) {
                    letter.came = Some(outcome);
                }
                Ok(Wish::Nothing)
            }
            Tell::Resume => Ok(Wish::Play),
        }
    }

    fn go_on(&mut self) {
        self.standing.stuck = false;
        self.in_a_row = 0;
    }

    fn play(&mut self, player: &mut Player, branch: BranchId, _: f64) -> Turn {
        if branch != self.branch {
            self.branch = branch;
            self.another();
        }
        let at = (branch, player.moment());
        match self.letter.take() {
            Some(mut letter) if letter.at == at => match letter.came.take() {
                None => {
                    self.letter = Some(letter);
                    Turn::Thinks(None)
                }
                Some(came) => {
                    self.standing.waits = false;
                    self.take(player, &letter, came)
                }
            },
            other => {
                self.letter = other;
                self.drop_letter();
                match self.post(player) {
                    Ok(()) => Turn::Thinks(None),
                    Err(why) => self.stand_in(player, &why),
                }
            }
        }
    }

    fn tell(&mut self, _: Option<&Player>) -> Vec<String> {
        if self.told.as_ref() != Some(&self.standing) {
            self.told = Some(self.standing.clone());
            self.says.push(Says::Standing(self.standing.clone()));
        }
        // Fails only on keys that are not text, which the types do not have.
        self.says.drain(..).filter_map(|recommender| serde_json::to_string(&Words { recommender }).ok()).collect()
    }
}
