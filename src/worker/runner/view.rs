//! A snapshot from a branch at its cursor.

use super::{
    branch::{Branch, end_view},
    mdp,
    stage::Stage,
    tell,
    words::{self, clip},
};
use crate::{
    catalog::{ItemIx, look::Look, thumbnail},
    llm::picture::data_address,
    math::order,
    session::{Author, Need, RewardParts, TurnRecord},
    user::memory::Entry,
    worker::{
        protocol::Side,
        snapshot::{Interest, ItemCard, Mark, MemoryLine, NeedView, RewardView, SlateItem, Snapshot, UserView},
    },
};

/// The most memories shown.
const MEMORIES: usize = 12;

/// What a snapshot needs beside the branch looked at.
pub struct Frame<'a> {
    /// The stage.
    pub stage: &'a Stage,
    /// All branches.
    pub branches: &'a [Branch],
    /// The place in `branches` of the one looked at.
    pub selected: usize,
    /// Who plays the user and who composes slates.
    pub sides: (Side, Side),
    /// Whether it is playing.
    pub playing: bool,
    /// How fast.
    pub speed: crate::worker::Speed,
    /// The snapshot's number.
    pub number: u64,
}

/// Draws up a snapshot.
pub fn snapshot(f: &Frame<'_>) -> Snapshot {
    let branch = &f.branches[f.selected];
    let session = branch.player().session();
    let record = session.turns().last();
    let need = need(branch);
    let instruction =
        |turn: Option<u32>| turn.and_then(|t| branch.points().get(t as usize)).and_then(|p| p.instruction.clone());
    let mut given = record.filter(|r| r.instruction.is_some()).and_then(|r| instruction(Some(r.turn)));
    // The series may already know what came of it; at the cursor it is still open.
    if let Some(i) = &mut given {
        i.met = None;
    }
    Snapshot {
        number: f.number,
        scenario: (*f.stage.scenario).clone(),
        catalog_items: f.stage.world.shelf().items.len(),
        topics: f.stage.topics.clone(),
        playing: f.playing,
        speed: f.speed,
        user_by: f.sides.0,
        slate_by: f.sides.1,
        branches: f.branches.iter().map(|b| b.view(f.stage)).collect(),
        selected: branch.id,
        cursor: branch.player().moment(),
        need,
        turn: record.map_or(0, |r| r.turn),
        slate: record.map_or_else(Vec::new, |r| slate(branch, r, need, f.stage)),
        hears: branch.hears(branch.player().moment()),
        trace: record.and_then(|r| r.trace.as_deref().cloned()),
        composed_by: record.map_or(Author::Builtin, |r| r.slate_by),
        answers_by: branch.answers_by(),
        slate_mark: record
            .and_then(|r| branch.points().get(r.turn as usize))
            .map_or(Mark::None, |p| mark(branch, p.from)),
        answered: instruction(record.and_then(|r| r.turn.checked_sub(1))),
        instruction: given,
        user: user(branch, f.stage),
        reward: reward(branch),
        happening: tell::happening(branch, f.stage),
        mdp: mdp::view(branch, f.stage),
    }
}

/// What is needed next at a branch's cursor.
pub fn need(branch: &Branch) -> NeedView {
    match branch.player().session().poll() {
        Need::Slate(_) => NeedView::Slate,
        Need::Reply { .. } => NeedView::Reply,
        Need::Review { position, .. } => NeedView::Review(position),
        Need::Verdict { .. } => NeedView::Verdict,
        Need::Over(end) => end_view(end),
    }
}

/// An item as anybody may see it, its texts clipped.
pub fn card(ix: ItemIx, stage: &Stage) -> ItemCard {
    let shelf = stage.world.shelf();
    let mut item = shelf.items[ix as usize].clone();
    item.title = clip(&item.title, 200);
    item.text = clip(&item.text, 400);
    item.id = clip(&item.id, 80);
    item.topics.truncate(6);
    let picture = thumbnail::picture(shelf, &item);
    let own_look = item.image.as_deref().is_some_and(|a| Look::parse(a).is_some());
    ItemCard {
        ix,
        topics: item.topics.iter().map(|&t| clip(&shelf.topics[t as usize], 60)).collect(),
        creator: shelf.creators.get(item.creator as usize).map_or_else(String::new, |c| clip(c, 60)),
        hue: if own_look { picture.hue } else { stage.topics[item.topics[0] as usize].hue },
        picture,
        item,
        photo: stage.world.gallery().small(ix).and_then(data_address).unwrap_or_default(),
    }
}

/// How the n-th answer came about.
fn mark(branch: &Branch, n: usize) -> Mark {
    let remark = branch.player().remark_on(n);
    match (branch.author_of(n), remark) {
        (Author::Model, Some(r)) if !r.who.is_empty() => Mark::Own,
        (Author::Model, Some(r)) if r.repaired => Mark::Repaired,
        (Author::Model, _) => Mark::Model,
        (_, Some(r)) if !r.stood_in.is_empty() => Mark::Builtin,
        _ => Mark::None,
    }
}

fn slate(branch: &Branch, record: &TurnRecord, need: NeedView, stage: &Stage) -> Vec<SlateItem> {
    let shelf = stage.world.shelf();
    let from = branch.points().get(record.turn as usize).map_or(0, |p| p.from);
    let slots = record.slate.iter().enumerate();
    slots
        .map(|(position, slot)| {
            let item = &shelf.items[slot.item as usize];
            let by = branch.author_of(from + 1 + position);
            let appraisal = slot.appraisal.as_ref();
            let answer = from + 1 + position;
            let said = slot.reaction.and_then(|_| branch.player().remark_on(answer));
            let why = match (slot.reaction, appraisal, by) {
                (Some(r), Some(a), Author::Builtin) => words::first_upper(&words::why(&r, a, item, shelf)),
                (Some(_), _, Author::Model) => said.map_or_else(String::new, |s| clip(&s.reason, 200)),
                _ => String::new(),
            };
            SlateItem {
                card: card(slot.item, stage),
                reaction: slot.reaction,
                by: if slot.reaction.is_some() { by } else { Author::Builtin },
                mark: if slot.reaction.is_some() { mark(branch, answer) } else { Mark::None },
                now: need == NeedView::Review(position),
                why,
                reasons: appraisal.map_or_else(Vec::new, words::reasons),
                click_chance: appraisal.map(|a| a.click_chance),
                utility: appraisal.map(|a| a.utility),
                felt: appraisal.map(|a| a.felt),
            }
        })
        .collect()
}

fn user(branch: &Branch, stage: &Stage) -> UserView {
    let session = branch.player().session();
    let now = session.interests();
    let mut interests: Vec<Interest> = (now.iter().enumerate())
        .map(|(t, &value)| {
            let change = value - branch.start().interests.get(t).copied().unwrap_or(value);
            Interest { topic: t as u16, value, change }
        })
        .collect();
    order::sort_by(&mut interests, |a, b| b.value.total_cmp(&a.value).then(a.topic.cmp(&b.topic)));
    let memories = session.memories();
    let lines = memories.iter().take(MEMORIES).map(|m| MemoryLine {
        text: words::memory(&m.entry, stage.world.shelf()),
        alpha: m.alpha,
        turn: match m.entry {
            Entry::Item { turn, .. } => Some(turn),
            Entry::Summary { .. } => None,
        },
        summary: matches!(m.entry, Entry::Summary { .. }),
    });
    UserView {
        circumstances: words::circumstances(&stage.scenario.context),
        state: session.state(),
        before: branch.start().state.clone(),
        budget_s: session.user().budget_s,
        interests,
        memories: lines.collect(),
        memories_total: memories.len(),
    }
}

fn reward(branch: &Branch) -> RewardView {
    let session = branch.player().session();
    let metrics = session.metrics();
    let turn = session.turns().last();
    RewardView {
        total: metrics.reward,
        change: turn.map_or(0.0, |t| t.reward),
        parts: metrics.parts,
        turn_parts: turn.map_or_else(RewardParts::default, |t| t.parts),
        metrics,
    }
}
