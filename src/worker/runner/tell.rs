//! What is happening: the last step in a sentence or two.

use super::{
    branch::Branch,
    stage::Stage,
    words::{self, clip},
};
use crate::{
    chart::text,
    math::order,
    session::{Answer, Author, TurnRecord, Verdict},
    user::{Channel, Reaction},
};

/// What the last step did, and what comes next.
pub fn happening(branch: &Branch, stage: &Stage) -> String {
    let name = clip(&stage.scenario.profile.name, 60);
    let player = branch.player();
    let Some(n) = player.moment().checked_sub(1) else {
        return format!(
            "{name} has just opened the app, and nothing has been shown yet. The recommender chooses the first slate next."
        );
    };
    let Some(record) = player.session().turns().last() else { return String::new() };
    match &player.answers()[n] {
        Answer::Slate { .. } => slate(branch, record, &name, stage),
        Answer::Ask { question, .. } => {
            format!("Before the next slate, the recommender asks: {}", clip(&question.text, 200))
        }
        Answer::Reply { words, by } => {
            let who = if *by == Author::Person { "You" } else { &name };
            match words.as_str() {
                "" => format!("{who} let the question pass."),
                words => format!("{who} answered: “{}”", clip(words, 120)),
            }
        }
        Answer::Review { reaction, .. } => review(branch, record, *reaction, n, &name, stage),
        Answer::Verdict { verdict, .. } => decision(branch, record, verdict, &name, stage),
    }
}

fn slate(branch: &Branch, record: &TurnRecord, name: &str, stage: &Stage) -> String {
    let from = branch.points().get(record.turn as usize).map_or(0, |p| p.from);
    let own = branch.player().remark_on(from).map_or("", |r| r.who.as_str());
    let who = match record.slate_by {
        Author::Person => "You".to_owned(),
        Author::Model if !own.is_empty() => format!("Y{}", own.strip_prefix('y').unwrap_or(own)),
        Author::Model => "The language model".to_owned(),
        Author::Builtin => stage.title_of(&branch.player().composer().name),
    };
    let mut topics: Vec<(u16, usize)> = Vec::new();
    for slot in &record.slate {
        let t = stage.world.shelf().topic(slot.item);
        match topics.iter_mut().find(|x| x.0 == t) {
            Some(x) => x.1 += 1,
            None => topics.push((t, 1)),
        }
    }
    order::sort_by(&mut topics, |a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let named = topics.iter().take(3).map(|(t, _)| clip(&stage.world.shelf().topics[*t as usize], 40));
    let named = named.collect::<Vec<_>>().join(", ");
    let before = record.turn.checked_sub(1).and_then(|t| branch.points().get(t as usize));
    let asked = before.and_then(|p| p.instruction.as_ref());
    let answer = match (asked, record.met) {
        (Some(i), _) if !i.heard => format!(" {name} had asked for something, but it did not reach the recommender."),
        (Some(_), Some(true)) => format!(" It meets what {name} asked for."),
        (Some(_), Some(false)) => format!(" It does not meet what {name} asked for."),
        _ => String::new(),
    };
    let items = text::count(record.slate.len(), "item");
    format!("{who} laid out {items}: {named}.{answer} {name} looks from the top.")
}

fn review(branch: &Branch, record: &TurnRecord, r: Reaction, n: usize, name: &str, stage: &Stage) -> String {
    let from = branch.points().get(record.turn as usize).map_or(0, |p| p.from);
    let Some(slot) = record.slate.get(n.saturating_sub(from + 1)) else { return String::new() };
    if !r.examined {
        return format!("{name} has seen enough of this slate and does not look at the rest.");
    }
    let shelf = stage.world.shelf();
    let item = &shelf.items[slot.item as usize];
    let by = branch.author_of(n);
    let who = if by == Author::Person { "You" } else { name };
    let said = branch.player().remark_on(n).map_or("", |r| r.reason.as_str());
    let why = match (&slot.appraisal, by) {
        (Some(a), Author::Builtin) => format!(": {}", words::why(&r, a, item, shelf)),
        (_, Author::Model) if !said.is_empty() => format!(": “{}”", clip(said, 120)),
        _ => ".".into(),
    };
    let state = branch.player().session().state();
    let moved = state.satisfaction - branch.before().satisfaction;
    let satisfaction = match moved {
        m if m > 0.005 => format!(" Satisfaction rises to {:.2}.", state.satisfaction),
        m if m < -0.005 => format!(" Satisfaction falls to {:.2}.", state.satisfaction),
        _ => String::new(),
    };
    format!("{who} {} “{}”{why}{satisfaction}", verb(&r, item), clip(&item.title, 80))
}

fn verb(r: &Reaction, item: &crate::catalog::Item) -> String {
    if r.left && !r.clicked {
        return "left at".into();
    }
    if !r.clicked {
        return "skipped".into();
    }
    let mut done = vec![match r.again(item.duration_s) {
        again if again > 0.0 => "watched again",
        _ if r.seconds >= 0.97 * item.duration_s => "finished",
        _ => "opened",
    }];
    let more = [(r.liked, "liked"), (r.shared, "shared"), (r.commented, "commented on"), (r.left, "left after")];
    done.extend(more.iter().filter(|m| m.0).map(|m| m.1));
    let last = done.pop().unwrap_or_default();
    if done.is_empty() { last.into() } else { format!("{} and {last}", done.join(", ")) }
}

/// The decision of a language model that plays the user: the built-in forecast did not make it, so it is not named as its
/// cause. `None` where the model did not decide.
fn of_model(branch: &Branch, record: &TurnRecord, verdict: &Verdict, name: &str, stage: &Stage) -> Option<String> {
    let n = branch.player().moment().checked_sub(1)?;
    if branch.author_of(n) != Author::Model {
        return None;
    }
    let what = match verdict {
        Verdict::Leave => format!("{name}, played by the language model, leaves after {} turns.", record.turn + 1),
        Verdict::Instruct(i) if i.channel == Channel::Explicit => {
            format!("{name}, played by the language model, says what should change: “{}”", clip(&i.words, 160))
        }
        Verdict::Instruct(_) => {
            format!("{name}, played by the language model, shows by what it skips that something should change.")
        }
        Verdict::Continue if branch.player().session().end().is_some() => {
            format!("The scenario ends here, after its {} turns; {name} would have stayed.", stage.scenario.horizon)
        }
        Verdict::Continue => format!("{name}, played by the language model, stays for another slate."),
    };
    let stated = branch.player().remark_on(n).and_then(|r| r.mindset.as_ref());
    let mindset = stated.map_or_else(String::new, |m| {
        let wants = if m.wants.is_empty() { String::new() } else { format!("wants “{}”, ", clip(&m.wants, 60)) };
        format!(" It says of itself: {wants}satisfaction {} of 10, boredom {} of 10.", m.satisfaction, m.boredom)
    });
    Some(what + &mindset)
}

fn decision(branch: &Branch, record: &TurnRecord, verdict: &Verdict, name: &str, stage: &Stage) -> String {
    let chance = (record.state.leave_forecast * 100.0).round();
    if let Some(told) = of_model(branch, record, verdict, name, stage) {
        return told;
    }
    match verdict {
        Verdict::Leave => {
            let back = (record.state.return_chance * 100.0).round();
            format!(
                "{name} leaves after {} turns (the chance was {chance:.0} %). They will be back tomorrow with a chance of {back:.0} %.",
                record.turn + 1
            )
        }
        Verdict::Instruct(i) => {
            let view = branch.points().get(record.turn as usize).and_then(|p| p.instruction.as_ref());
            let reason = view.map(|v| v.reason.as_str()).filter(|r| !r.is_empty());
            let because = reason.map_or_else(String::new, |r| format!(", because {r}"));
            let how = match i.channel {
                Channel::Explicit => "says what should change",
                Channel::Implicit => "shows it by fast skips, without a word",
            };
            let heard = match view {
                Some(v) if !v.heard => " The recommender does not hear it.",
                _ => " The recommender reads it before it picks the next slate.",
            };
            format!("{name} is on the verge of leaving ({chance:.0} %) and {how}{because}.{heard}")
        }
        Verdict::Continue if branch.player().session().end().is_some() => {
            format!("The scenario ends here, after its {} turns; {name} would have stayed.", stage.scenario.horizon)
        }
        Verdict::Continue => format!("{name} stays for another slate; the chance of leaving was {chance:.0} %."),
    }
}
