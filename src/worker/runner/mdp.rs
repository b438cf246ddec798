//! The decision process, with its present values.

use super::{branch::Branch, stage::Stage, words};
use crate::{
    math::order,
    session::{Need, StateView},
    worker::snapshot::MdpView,
};

/// State, observation, action, transition and reward at the cursor.
pub fn view(branch: &Branch, stage: &Stage) -> MdpView {
    let session = branch.player().session();
    let state = session.state();
    MdpView {
        state: hidden(&state, &session.interests(), stage),
        observation: observed(branch, stage),
        action: action(branch, stage),
        transition: transition(&branch.start().state, &state),
        reward: reward(branch, stage),
        end: match session.poll() {
            Need::Over(crate::session::End::Left) => "terminated: the user left".into(),
            Need::Over(crate::session::End::Truncated) => format!("truncated at turn {}", stage.scenario.horizon),
            _ => "goes on".into(),
        },
    }
}

fn hidden(s: &StateView, interests: &[f32], stage: &Stage) -> Vec<(String, String)> {
    let mut order: Vec<usize> = (0..interests.len()).collect();
    order::sort_by(&mut order, |&a, &b| interests[b].total_cmp(&interests[a]).then(a.cmp(&b)));
    let top = order.iter().take(3).map(|&t| format!("{} {:+.2}", stage.topics[t].name, interests[t]));
    let mindset = top.collect::<Vec<_>>().join(", ");
    vec![
        ("mindset z (strongest)".into(), mindset),
        ("satisfaction s".into(), format!("{:.2}", s.satisfaction)),
        ("boredom".into(), format!("{:.2}", s.boredom)),
        ("energy".into(), format!("{:.2}", s.energy)),
        ("trust".into(), format!("{:.2}", s.trust)),
        ("time left".into(), words::duration(s.seconds_left)),
    ]
}

fn observed(branch: &Branch, stage: &Stage) -> Vec<(String, String)> {
    let session = branch.player().session();
    let history = session.history();
    let reactions = history.iter().flat_map(|t| &t.reactions).filter(|r| r.examined);
    let (seen, clicks) = reactions.fold((0, 0), |(n, c), r| (n + 1, c + usize::from(r.clicked)));
    let said = history.iter().rev().find_map(|t| t.said.as_ref());
    let words = said.map_or_else(
        || "nothing yet".into(),
        |(channel, text)| {
            if text.is_empty() { words::channel(*channel).into() } else { format!("“{}”", words::clip(text, 80)) }
        },
    );
    vec![
        ("circumstances".into(), words::circumstances(&stage.scenario.context)),
        ("slates shown".into(), history.len().to_string()),
        ("items seen, clicked".into(), format!("{seen}, {clicks}")),
        ("last heard".into(), words),
        ("candidates".into(), session.observation().candidates.len().to_string()),
    ]
}

fn action(branch: &Branch, stage: &Stage) -> Vec<(String, String)> {
    let Some(record) = branch.player().session().turns().last() else { return Vec::new() };
    let slots = record.slate.iter().enumerate();
    slots
        .map(|(i, slot)| {
            let title = &stage.world.shelf().items[slot.item as usize].title;
            (format!("{}", i + 1), words::clip(title, 60))
        })
        .collect()
}

fn transition(before: &StateView, after: &StateView) -> Vec<(String, String, String)> {
    let rows = [
        ("satisfaction", before.satisfaction, after.satisfaction),
        ("boredom", before.boredom, after.boredom),
        ("energy", before.energy, after.energy),
        ("trust", before.trust, after.trust),
        ("chance of leaving", before.leave_forecast, after.leave_forecast),
    ];
    let mut list: Vec<_> =
        rows.iter().map(|(name, b, a)| ((*name).to_owned(), format!("{b:.3}"), format!("{a:.3}"))).collect();
    list.push(("time left".into(), words::duration(before.seconds_left), words::duration(after.seconds_left)));
    list
}

fn reward(branch: &Branch, stage: &Stage) -> Vec<(String, f64, f64, f64)> {
    let (Some(record), w) = (branch.player().session().turns().last(), &stage.scenario.reward) else {
        return Vec::new();
    };
    let p = &record.parts;
    [
        ("minutes on items", p.time, w.time),
        ("clicks", p.clicks, w.clicks),
        ("likes, shares, comments, follows", p.likes, w.likes),
        ("turns stayed", p.turns, w.turns),
        ("instructions met", p.instructions, w.instructions),
        ("chance to return (at the end)", p.retention, w.retention),
    ]
    .map(|(name, amount, weight)| (name.to_owned(), amount, weight, amount * weight))
    .to_vec()
}
