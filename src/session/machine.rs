//! The session itself: a state machine that is asked what it needs and told the answer.

mod questions;
mod views;

pub use views::MemoryView;

use super::{
    Answer, AnswerError, Author, End, Keep, Need, RewardParts, SlateRecord, TurnRecord, Verdict,
    measure::{self, Worth},
    totals::Totals,
};
use crate::{
    catalog::{ItemIx, TopicIx},
    math::{Purpose, Source},
    recommender::{Observation, PastTurn, ReasoningTrace},
    scenario::{Scenario, World},
    user::{
        Instruction, PASSES, Reaction, Wish,
        instruct::Shown,
        memory::valence,
        state::{Look, User},
    },
};
use std::{cell::OnceCell, rc::Rc};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Slate,
    Reply,
    Review(usize),
    Verdict,
    Over(End),
}

/// A session between a user and whoever recommends.
#[derive(Clone, Debug)]
pub struct Session {
    scenario: Rc<Scenario>,
    world: Rc<World>,
    keep: Keep,
    source: Source,
    instructions: bool,
    user: User,
    stage: Stage,
    turn: u32,
    candidates: Vec<ItemIx>,
    /// Everything not yet shown, from which candidates are drawn where the scenario narrows them.
    unshown: Vec<ItemIx>,
    history: Vec<PastTurn>,
    turns: Vec<TurnRecord>,
    worth: Worth,
    totals: Totals,
    parts: RewardParts,
    /// The instruction given at the end of the last turn, waiting for its slate.
    pending: Option<Box<Instruction>>,
    /// The item under review as the user sees it. Not in a box: there is one at every item.
    look: OnceCell<Look>,
}

impl Session {
    /// A session of `scenario` in its `world` under `seed`. The scenario must have been checked against the world
    /// (building the world does).
    #[must_use]
    pub fn new(scenario: Rc<Scenario>, world: Rc<World>, seed: u64, keep: Keep) -> Self {
        let source = Source::new(seed);
        let user = User::draw(&scenario.persona, &scenario.context, scenario.minutes, &world, source);
        let all: Vec<ItemIx> = (0..world.shelf().items.len() as ItemIx).collect();
        let worth = Worth::new(&user, &world);
        let mut session = Self {
            instructions: scenario.instructions,
            totals: Totals::new(world.shelf().topics.len()),
            scenario,
            world,
            keep,
            source,
            user,
            stage: Stage::Slate,
            turn: 0,
            candidates: Vec::new(),
            unshown: all,
            history: Vec::new(),
            turns: Vec::new(),
            worth,
            parts: RewardParts::default(),
            pending: None,
            look: OnceCell::new(),
        };
        session.offer();
        session
    }

    /// What is needed next.
    #[must_use]
    pub fn poll(&self) -> Need<'_> {
        match self.stage {
            Stage::Slate => Need::Slate(self.observation()),
            Stage::Reply => match &self.present().asked {
                Some(asked) => Need::Reply { turn: self.turn, question: &asked.question },
                None => Need::Slate(self.observation()),
            },
            Stage::Review(position) => Need::Review { turn: self.turn, position, item: self.present().items[position] },
            Stage::Verdict => Need::Verdict { turn: self.turn },
            Stage::Over(end) => Need::Over(end),
        }
    }

    /// What a recommender sees now.
    #[must_use]
    pub fn observation(&self) -> Observation<'_> {
        let between = matches!(self.stage, Stage::Slate | Stage::Reply);
        let past = if between { self.history.len() } else { self.history.len().saturating_sub(1) };
        Observation {
            profile: &self.scenario.profile,
            context: &self.scenario.context,
            turn: self.turn,
            history: &self.history[..past],
            shelf: self.world.shelf(),
            features: self.world.features(),
            candidates: &self.candidates,
            slate_size: self.scenario.slate_size,
        }
    }

    /// Takes an answer to what [`poll`](Self::poll) asked. On an error nothing has changed.
    ///
    /// # Errors
    /// [`AnswerError`], each variant saying when.
    pub fn answer(&mut self, answer: Answer) -> Result<(), AnswerError> {
        match (self.stage, answer) {
            (Stage::Slate, Answer::Slate { items, trace, by }) => self.take_slate(items, trace, by),
            (Stage::Slate, Answer::Ask { question, .. }) => self.take_question(question),
            (Stage::Reply, Answer::Reply { words, .. }) => self.take_reply(words),
            (Stage::Review(position), Answer::Review { reaction, by }) => self.take_reaction(position, reaction, by),
            (Stage::Verdict, Answer::Verdict { verdict, .. }) => {
                self.take_verdict(verdict);
                Ok(())
            }
            (Stage::Slate, _) => Err(AnswerError::Unexpected { needed: "a slate" }),
            (Stage::Reply, _) => Err(AnswerError::Unexpected { needed: "a reply" }),
            (Stage::Review(_), _) => Err(AnswerError::Unexpected { needed: "a reaction" }),
            (Stage::Verdict, _) => Err(AnswerError::Unexpected { needed: "a verdict" }),
            (Stage::Over(_), _) => Err(AnswerError::Unexpected { needed: "nothing: it is over" }),
        }
    }

    /// What the built-in user does with the item under review ([`Reaction::default`] where none is).
    #[must_use]
    pub fn builtin_reaction(&self) -> Reaction {
        let Stage::Review(position) = self.stage else { return Reaction::default() };
        let item = self.present().items[position];
        let source = self.turn_source().keyed(u64::from(item) + 1);
        if !self.user.examines(position, source) {
            return Reaction::default();
        }
        self.user.react(&self.world.shelf().items[item as usize], self.look(), source)
    }

    /// What the built-in user decides at the end of the slate.
    #[must_use]
    pub fn builtin_verdict(&self) -> Verdict {
        let source = self.turn_source();
        let past = self.present();
        let shown = Shown { items: &past.items, examined: past.reactions.iter().filter(|r| r.examined).count() };
        let forecast = self.user.leave_forecast();
        if forecast < 1.0
            && let Some(instruction) =
                self.user.instruct(&self.scenario.context, &self.world, shown, self.pending.is_some(), source)
        {
            return Verdict::Instruct(Box::new(instruction));
        }
        if source.stream(Purpose::Leave).chance(forecast) {
            return Verdict::Leave;
        }
        Verdict::Continue
    }

    fn turn_source(&self) -> Source {
        self.source.keyed(u64::from(self.turn))
    }

    /// The stream that a recommender draws from this turn.
    #[must_use]
    pub fn recommender_stream(&self) -> crate::math::Stream {
        self.turn_source().stream(Purpose::Recommend)
    }

    /// From here on, luck is another seed's; what happened, and who the user is, stays.
    pub fn reseed(&mut self, seed: u64) {
        self.source = Source::new(seed);
        if matches!(self.stage, Stage::Slate | Stage::Reply) {
            self.offer();
        }
    }

    /// Whether the user's instructions reach the recommender from here on.
    pub fn set_instructions(&mut self, on: bool) {
        self.instructions = on;
    }

    fn present(&self) -> &PastTurn {
        self.history.last().expect("a slate was shown")
    }

    fn look(&self) -> &Look {
        let Stage::Review(position) = self.stage else { unreachable!("only asked during a review") };
        let item = self.present().items[position];
        self.look.get_or_init(|| self.user.look(&self.world, item))
    }

    /// Lays out this turn's candidates, ascending.
    fn offer(&mut self) {
        let (n, need) = (self.scenario.candidates, self.scenario.slate_size);
        if self.unshown.len() < need.max(n.min(self.world.shelf().items.len())) {
            self.unshown = (0..self.world.shelf().items.len() as ItemIx).collect();
        }
        self.candidates.clear();
        self.candidates.extend_from_slice(&self.unshown);
        if n > 0 && n < self.candidates.len() {
            let n = n.max(need);
            let mut random = self.turn_source().stream(Purpose::Catalog);
            random.sample_front(&mut self.candidates, n);
            self.candidates.truncate(n);
            self.candidates.sort_unstable();
        }
    }

    fn take_slate(
        &mut self,
        items: Vec<ItemIx>,
        trace: Option<Box<ReasoningTrace>>,
        by: Author,
    ) -> Result<(), AnswerError> {
        if items.len() != self.scenario.slate_size {
            return Err(AnswerError::SlateLength { given: items.len(), needed: self.scenario.slate_size });
        }
        for (i, item) in items.iter().enumerate() {
            if self.candidates.binary_search(item).is_err() {
                return Err(AnswerError::NotACandidate(*item));
            }
            if items[..i].contains(item) {
                return Err(AnswerError::Twice(*item));
            }
        }
        self.parts = RewardParts::default();
        let ndcg = self.worth.ndcg(&items, &self.candidates);
        let diversity = measure::diversity(&self.world, &items);
        let met = self.settle_pending(&items);
        self.totals.slate(&self.world, &items, ndcg, diversity, met);
        if self.keep == Keep::Everything {
            let slate = items.iter().map(|&item| SlateRecord {
                item,
                reaction: None,
                appraisal: None,
                relevance: self.worth.of(item),
            });
            self.turns.push(TurnRecord {
                turn: self.turn,
                slate: slate.collect(),
                trace,
                slate_by: by,
                instruction: None,
                asked: None,
                met,
                parts: self.parts,
                reward: self.parts.total(&self.scenario.reward),
                ndcg,
                diversity,
                state: self.user.view(),
            });
        }
        take_away(&mut self.unshown, &items);
        self.history.push(PastTurn { reactions: Vec::with_capacity(items.len()), items, ..PastTurn::default() });
        self.user.begin_slate();
        self.stage = Stage::Review(0);
        self.look.take();
        Ok(())
    }

    /// Whether the last instruction was met by this slate; being heard earns trust where the scenario says so.
    fn settle_pending(&mut self, items: &[ItemIx]) -> Option<bool> {
        let frame = self.pending.as_ref()?.frame.as_ref()?;
        let recent: Vec<TopicIx> = (self.history.iter().rev().take(3))
            .flat_map(|t| t.items.iter().map(|&i| self.world.shelf().topic(i)))
            .collect();
        let met = frame.met(&self.world, items, &recent);
        if met {
            self.parts.instructions = 1.0;
            self.user.trust = (self.user.trust + self.scenario.heard_bonus).min(1.0);
        }
        Some(met)
    }

    fn take_reaction(&mut self, position: usize, reaction: Reaction, by: Author) -> Result<(), AnswerError> {
        let item = self.present().items[position];
        check_reaction(&reaction, self.world.shelf().items[item as usize].duration_s)?;
        if reaction.examined {
            self.absorb(position, item, reaction, by);
        }
        let last = position + 1 == self.present().items.len();
        self.history.last_mut().expect("a slate was shown").reactions.push(reaction);
        self.look.take();
        if reaction.left {
            self.close_turn(false);
            self.finish(End::Left);
        } else if !reaction.examined || last {
            self.stage = Stage::Verdict;
        } else {
            self.stage = Stage::Review(position + 1);
        }
        Ok(())
    }

    fn absorb(&mut self, position: usize, item: ItemIx, reaction: Reaction, by: Author) {
        self.look();
        let look = self.look.get_mut().expect("just looked");
        let duration = self.world.shelf().items[item as usize].duration_s;
        let felt = match by {
            Author::Builtin if reaction.clicked => look.appraisal.felt,
            // Only what was done is known of a person's or a model's feelings: valence 0 is the usual utility.
            Author::Person | Author::Model if reaction.clicked => 0.8 + 2.0 * valence(&reaction, duration),
            _ => look.appraisal.utility,
        };
        look.appraisal.felt = felt;
        self.user.absorb(&self.world, item, self.turn, look, &reaction, felt);
        self.parts.add(&RewardParts::of_reaction(&reaction));
        self.totals.reaction(&reaction);
        if let Some(turn) = self.turns.last_mut() {
            look.appraisal.leave_forecast = self.user.leave_forecast();
            turn.slate[position].reaction = Some(reaction);
            turn.slate[position].appraisal = Some(look.appraisal.clone());
            turn.parts = self.parts;
            turn.reward = self.parts.total(&self.scenario.reward);
            turn.state = self.user.view();
        }
    }

    fn take_verdict(&mut self, verdict: Verdict) {
        self.pending = None;
        let leaves = verdict == Verdict::Leave;
        if let Verdict::Instruct(instruction) = verdict {
            self.totals.instruction(&instruction);
            if self.instructions {
                let said = (instruction.channel, instruction.words.clone());
                self.history.last_mut().expect("a slate was shown").said = Some(said);
            }
            self.user.impatient = instruction.channel == crate::user::Channel::Implicit;
            if let Some(turn) = self.turns.last_mut() {
                turn.instruction = Some((*instruction).clone());
            }
            if let Some(frame) = &instruction.frame {
                self.user.wish = Some(Wish { frame: frame.clone(), left: 1.0 });
            }
            self.pending = Some(instruction);
        }
        self.close_turn(true);
        if leaves {
            self.finish(End::Left);
        } else if self.turn + 1 >= self.scenario.horizon {
            self.finish(End::Truncated);
        } else {
            self.turn += 1;
            self.stage = Stage::Slate;
            self.offer();
        }
    }

    /// Books the turn's reward.
    fn close_turn(&mut self, stayed: bool) {
        if stayed {
            self.parts.turns = 1.0;
        }
        self.totals.turn(&self.parts, f64::from(self.user.satisfaction));
        self.book();
    }

    fn book(&mut self) {
        if let Some(turn) = self.turns.last_mut() {
            turn.parts = self.parts;
            turn.reward = self.parts.total(&self.scenario.reward);
            turn.state = self.user.view();
        }
    }

    fn finish(&mut self, end: End) {
        self.stage = Stage::Over(end);
        let chance = f64::from(self.user.return_chance());
        self.parts.retention = chance;
        self.totals.parts.retention = chance;
        self.book();
    }
}

fn check_reaction(r: &Reaction, duration_s: f32) -> Result<(), AnswerError> {
    if !r.seconds.is_finite() || r.seconds < 0.0 {
        return Err(AnswerError::Impossible("the seconds must be a number from 0 up"));
    }
    if r.clicked && r.seconds > PASSES * duration_s * 1.001 {
        return Err(AnswerError::Impossible("nobody watches an item more than three times over"));
    }
    if !r.clicked && (r.liked || r.shared || r.commented || r.followed) {
        return Err(AnswerError::Impossible("to like, share, comment or follow, the item must be opened first"));
    }
    if !r.examined && (r.clicked || r.seconds > 0.0) {
        return Err(AnswerError::Impossible("an item that was not looked at cannot be opened"));
    }
    Ok(())
}

/// Takes items away from an ascending list, moving what stays only once.
fn take_away(list: &mut Vec<ItemIx>, items: &[ItemIx]) {
    let mut gaps: Vec<usize> = items.iter().filter_map(|i| list.binary_search(i).ok()).collect();
    gaps.sort_unstable();
    for (k, &gap) in gaps.iter().enumerate() {
        let end = gaps.get(k + 1).copied().unwrap_or(list.len());
        list.copy_within(gap + 1..end, gap - k);
    }
    list.truncate(list.len() - gaps.len());
}
