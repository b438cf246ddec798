//! One branch of a session: a player, and the series that the timeline and the charts draw.

use super::{
    stage::Stage,
    words::{self, Told},
};
use crate::{
    session::{
        Answer, AnswerError, Author, End, StateView, Tape, TurnRecord,
        player::{Change, Changed, PlayError, Player},
    },
    worker::{
        protocol::{BranchId, SavedBranch},
        snapshot::{BranchView, InstructionView, NeedView, TurnPoint},
    },
};

/// A branch.
pub struct Branch {
    /// Its name.
    pub id: BranchId,
    /// The branch and moment that it left.
    pub origin: Option<(BranchId, usize)>,
    player: Player,
    /// The series up to `noted` answers; longer than the player's own turns when it was wound back.
    points: Vec<TurnPoint>,
    noted: usize,
    /// The state one moment before the present one.
    before: StateView,
    /// What the turn shown began with.
    start: Start,
}

/// What a turn begins with.
#[derive(Clone)]
pub struct Start {
    /// The state.
    pub state: StateView,
    /// The interests, one a topic.
    pub interests: Vec<f32>,
}

impl Start {
    fn of(player: &Player) -> Self {
        Self { state: player.session().state(), interests: player.session().interests() }
    }
}

impl Branch {
    /// A branch at its player's present moment; what is on its tape is noted.
    pub fn new(
        id: BranchId,
        origin: Option<(BranchId, usize)>,
        player: Player,
        stage: &Stage,
    ) -> Result<Self, PlayError> {
        let (before, start) = (player.session().state(), Start::of(&player));
        let moment = player.moment();
        let mut branch = Self { id, origin, player, points: Vec::new(), noted: 0, before, start };
        branch.renote(stage)?;
        branch.seek(moment, stage)?;
        Ok(branch)
    }

    /// Takes a branch up again from what was saved of it.
    pub fn restore(saved: &SavedBranch, stage: &Stage) -> Result<Self, PlayError> {
        let mut player = Player::new(stage.scenario.clone(), stage.world.clone(), stage.make.clone())?;
        let mut by_hand = saved.by_hand.iter().peekable();
        let mut changes = saved.changes.iter().peekable();
        while player.moment() < saved.moments {
            while let Some(c) = changes.next_if(|c| c.at <= player.moment()) {
                player.change(c.change.clone())?;
            }
            if let Some((at, answer)) = by_hand.next_if(|(at, _)| *at <= player.moment()) {
                player.answer(answer.clone()).map_err(|why| PlayError::Answer { at: *at, why })?;
            } else if !player.step()? {
                break;
            }
        }
        for c in changes {
            player.change(c.change.clone())?;
        }
        player.set_remarks(saved.remarks.clone(), saved.interview.clone());
        Self::new(saved.id, saved.origin, player, stage)
    }

    /// What must be kept to take it up again.
    pub fn saved(&self) -> SavedBranch {
        let by_hand = self.player.answers().iter().enumerate().filter(|(_, a)| a.by() != Author::Builtin);
        SavedBranch {
            id: self.id,
            origin: self.origin,
            changes: self.player.changes().to_vec(),
            by_hand: by_hand.map(|(at, a)| (at, a.clone())).collect(),
            moments: self.player.moments(),
            remarks: self.player.remarks().to_vec(),
            interview: self.player.interview().cloned(),
        }
    }

    /// All that it is, without what the engine would say again: for a file.
    pub fn tape(&self) -> Tape {
        Tape {
            branch: self.id,
            origin: self.origin,
            changes: self.player.changes().to_vec(),
            answers: self.player.answers().to_vec(),
            remarks: self.player.remarks().to_vec(),
            interview: self.player.interview().cloned(),
        }
    }

    /// Plays a tape over a stage, checking it answer by answer.
    pub fn replay(tape: Tape, stage: &Stage) -> Result<Self, PlayError> {
        let (scenario, world, make) = (stage.scenario.clone(), stage.world.clone(), stage.make.clone());
        let mut player = Player::replay(scenario, world, make, tape.changes, tape.answers)?;
        player.set_remarks(tape.remarks, tape.interview);
        Self::new(tape.branch, tape.origin, player, stage)
    }

    /// The player.
    pub fn player(&self) -> &Player {
        &self.player
    }

    /// The series.
    pub fn points(&self) -> &[TurnPoint] {
        &self.points
    }

    /// The state one moment before.
    pub fn before(&self) -> &StateView {
        &self.before
    }

    /// What the turn shown began with.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// Whether the cursor stands at the end of the tape.
    pub fn at_end(&self) -> bool {
        self.player.moment() == self.player.moments()
    }

    /// Whether there is nothing after the cursor, for ever.
    pub fn is_over(&self) -> bool {
        self.at_end() && self.player.session().end().is_some()
    }

    /// One moment on; false at the session's end.
    pub fn step(&mut self, stage: &Stage) -> Result<bool, PlayError> {
        self.remember_before();
        let moved = self.player.step()?;
        if moved {
            self.note(stage);
        }
        Ok(moved)
    }

    /// On to the end of the turn.
    pub fn step_turn(&mut self, stage: &Stage) -> Result<bool, PlayError> {
        let turn = self.player.session().turn();
        let mut moved = false;
        while self.player.session().end().is_none() && self.player.session().turn() == turn && self.step(stage)? {
            moved = true;
        }
        Ok(moved)
    }

    /// Goes to a moment, by way of the start of its turn, so that changes can be told.
    pub fn seek(&mut self, moment: usize, stage: &Stage) -> Result<(), PlayError> {
        let moment = moment.min(self.player.moments());
        let from = self.points.iter().find(|p| p.from < moment && moment <= p.to).map_or(moment, |p| p.from);
        self.player.seek(from)?;
        self.remember_before();
        self.start = Start::of(&self.player);
        while self.player.moment() < moment {
            self.step(stage)?;
        }
        Ok(())
    }

    /// Takes an answer at the cursor; what was after it is dropped.
    pub fn answer(&mut self, answer: Answer, stage: &Stage) -> Result<(), AnswerError> {
        let (before, start) = (self.before.clone(), self.start.clone());
        self.remember_before();
        if let Err(why) = self.player.answer(answer) {
            (self.before, self.start) = (before, start);
            return Err(why);
        }
        let moment = self.player.moment();
        self.points.retain(|p| p.from < moment);
        self.noted = moment - 1;
        self.note(stage);
        Ok(())
    }

    /// Lets a guest do something with the player, at most one answer at the cursor; what was after it is dropped.
    pub fn with_guest<T>(&mut self, stage: &Stage, act: impl FnOnce(&mut Player) -> T) -> T {
        let (before, start, moment) = (self.before.clone(), self.start.clone(), self.player.moment());
        self.remember_before();
        let done = act(&mut self.player);
        if self.player.moment() == moment {
            (self.before, self.start) = (before, start);
            return done;
        }
        self.points.retain(|p| p.from <= moment);
        self.noted = moment;
        self.note(stage);
        done
    }

    /// Another branch with the same past and something different from a moment on; it runs as far as this one has, where
    /// the built-in sides play it.
    pub fn fork(
        &self,
        id: BranchId,
        moment: usize,
        change: Change,
        runs: bool,
        stage: &Stage,
    ) -> Result<Self, PlayError> {
        let player = self.player.fork(moment, change)?;
        let mut fork = Self::new(id, Some((self.id, moment)), player, stage)?;
        let turns = self.points.iter().filter(|p| p.finished).count();
        while runs && fork.points.iter().filter(|p| p.finished).count() < turns.max(1) && fork.step(stage)? {}
        Ok(fork)
    }

    /// The same tape where something about the stage is different (reward weights): counts everything anew.
    pub fn restaged(&self, stage: &Stage) -> Result<Self, PlayError> {
        let mut other = Self::replay(self.tape(), stage)?;
        other.seek(self.player.moment(), stage)?;
        Ok(other)
    }

    fn remember_before(&mut self) {
        let session = self.player.session();
        self.before = session.state();
        if matches!(session.poll(), crate::session::Need::Slate(_)) {
            self.start = Start::of(&self.player);
        }
    }

    fn renote(&mut self, stage: &Stage) -> Result<(), PlayError> {
        let end = self.player.moments();
        self.points.clear();
        self.noted = 0;
        self.player.seek(0)?;
        while self.player.moment() < end {
            self.step(stage)?;
        }
        Ok(())
    }

    /// Brings the series up to the present moment, if that is further than it was.
    fn note(&mut self, stage: &Stage) {
        let moment = self.player.moment();
        if moment <= self.noted {
            return;
        }
        self.noted = moment;
        let session = self.player.session();
        let Some(record) = session.turns().last() else { return };
        let index = record.turn as usize;
        if self.points.len() <= index {
            self.points.push(TurnPoint { turn: record.turn, from: moment - 1, ..TurnPoint::default() });
            if let (Some(met), Some(previous)) = (record.met, index.checked_sub(1))
                && let Some(i) = &mut self.points[previous].instruction
            {
                i.met = Some(met);
            }
        }
        let total = index.checked_sub(1).map_or(0.0, |i| self.points[i].total);
        let finished = session.end().is_some() || session.turn() > record.turn;
        let instruction = record.instruction.as_ref().map(|i| self.view_of(i, record, moment, stage));
        let interests = session.interests();
        let point = &mut self.points[index];
        let state = &record.state;
        point.to = moment;
        point.finished = finished;
        point.reward = record.reward;
        point.total = total + record.reward;
        (point.satisfaction, point.boredom, point.energy) = (state.satisfaction, state.boredom, state.energy);
        (point.trust, point.leave_forecast) = (state.trust, state.leave_forecast);
        (point.ndcg, point.diversity) = (record.ndcg, record.diversity);
        point.interests = stage.bands.iter().map(|&t| interests[t as usize]).collect();
        point.shown = stage.bands.iter().map(|&t| count_topic(record, t, stage)).collect();
        point.instruction = instruction;
    }

    /// An instruction, given at the last verdict up to a moment: what was asked about it may have come since.
    fn view_of(
        &self,
        i: &crate::user::Instruction,
        record: &TurnRecord,
        moment: usize,
        stage: &Stage,
    ) -> InstructionView {
        let answers = &self.player.answers()[..moment];
        let given = answers.iter().rposition(|a| matches!(a, Answer::Verdict { .. })).unwrap_or(moment - 1);
        let (by, heard) = (self.author_of(given), self.hears(given));
        let told = Told { instruction: i, turn: record.turn, heard, by };
        InstructionView {
            asked: record.asked.as_ref().map(words::asked),
            ..words::instruction(told, stage.world.shelf())
        }
    }

    /// Whether instructions reach the recommender at a moment.
    pub fn hears(&self, moment: usize) -> bool {
        let changes = self.player.changes().iter().filter(|c| c.at <= moment);
        changes.fold(self.player.session().scenario().instructions, |on, c| match c.change {
            Change::Instructions(now) => now,
            _ => on,
        })
    }

    /// Who answered the n-th question.
    pub fn author_of(&self, n: usize) -> Author {
        self.player.answers().get(n).map_or(Author::Builtin, Answer::by)
    }

    /// Who beside the built-in sides has answered anything up to the cursor: a model before a person.
    pub fn answers_by(&self) -> Author {
        let by = |who| (0..self.player.moment()).any(|n| self.author_of(n) == who);
        [Author::Model, Author::Person].into_iter().find(|&who| by(who)).unwrap_or(Author::Builtin)
    }

    /// How the timeline and the charts see it.
    pub fn view(&self, stage: &Stage) -> BranchView {
        let ended = self.points.last().filter(|_| self.is_finished()).map(|_| self.end_view());
        BranchView {
            id: self.id,
            label: if self.id == 0 { "Original".into() } else { format!("Fork {}", self.id) },
            what: self.what(stage),
            serving: stage.title_of(&self.player.composer().name),
            origin: self.origin,
            moments: self.player.moments(),
            turns: self.points.clone(),
            ended,
            reward: self.points.last().map_or(0.0, |p| p.total),
        }
    }

    /// Whether the tape reaches the session's end.
    fn is_finished(&self) -> bool {
        match self.player.answers().last() {
            Some(Answer::Verdict { verdict: crate::session::Verdict::Leave, .. }) => true,
            Some(Answer::Review { reaction, .. }) if reaction.left => true,
            Some(Answer::Verdict { .. }) => self.points.len() as u32 >= self.player.session().scenario().horizon,
            _ => false,
        }
    }

    fn end_view(&self) -> NeedView {
        match self.player.answers().last() {
            Some(Answer::Verdict { verdict, .. }) if *verdict != crate::session::Verdict::Leave => NeedView::Truncated,
            _ => NeedView::Left,
        }
    }

    fn what(&self, stage: &Stage) -> String {
        let own = stage.title_of(&self.player.session().scenario().recommender.name);
        let Some((parent, moment)) = self.origin else { return own };
        let turn = self.points.iter().filter(|p| p.to <= moment && p.finished).count() + 1;
        let mut changes = self.player.changes().iter().filter(|c| c.at == moment).map(|c| described(c, stage));
        let by_hand = self.author_of(moment) == Author::Person;
        let what = if by_hand { "you stepped in".into() } else { changes.next_back().unwrap_or_default() };
        // What made the parent another one than the original holds here too.
        let first = if parent == 0 { String::new() } else { format!("Fork {parent}, then ") };
        format!("{first}{what} from turn {turn}")
    }
}

fn described(changed: &Changed, stage: &Stage) -> String {
    match &changed.change {
        Change::Recommender(spec) => stage.title_of(&spec.name),
        Change::Instructions(true) => "instructions heard".into(),
        Change::Instructions(false) => "instructions unheard".into(),
        Change::Seed(seed) => format!("seed {seed}"),
    }
}

fn count_topic(record: &TurnRecord, topic: crate::catalog::TopicIx, stage: &Stage) -> u16 {
    record.slate.iter().filter(|s| stage.world.shelf().topic(s.item) == topic).count() as u16
}

/// The end as views name it.
pub fn end_view(end: End) -> NeedView {
    match end {
        End::Left => NeedView::Left,
        End::Truncated => NeedView::Truncated,
    }
}
