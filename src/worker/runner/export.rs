//! Files to save: the run, its turns and items, the scenario, a comparison.

use super::{branch::Branch, stage::Stage, words};
use crate::{
    session::TurnRecord,
    user::{ALL_TERMS, Channel},
    worker::{Event, Export, Rollouts, protocol::Problem, study::Estimate},
};

/// Makes the file.
pub fn file(what: Export, branch: &Branch, stage: &Stage, rollouts: Option<&Rollouts>) -> Result<Event, Problem> {
    let stem = format!("recoworld-{}-seed-{}", slug(&stage.scenario.id), stage.scenario.seed);
    let csv = |kind: &str, text: String| Event::Exported {
        name: format!("{stem}-{kind}.csv"),
        mime: "text/csv".into(),
        text,
    };
    let json = |kind: &str, text: String| Event::Exported {
        name: format!("{stem}{kind}.json"),
        mime: "application/json".into(),
        text,
    };
    let failed = |why: String| Problem { what: "The file was not made".into(), why };
    match what {
        Export::RunJson => {
            let run = branch.player().trajectory().map_err(|e| failed(e.to_string()))?;
            Ok(json("-run", serde_json::to_string(&run).map_err(|e| failed(e.to_string()))?))
        }
        Export::ScenarioJson => {
            Ok(json("", serde_json::to_string_pretty(&*stage.scenario).map_err(|e| failed(e.to_string()))?))
        }
        Export::TurnsCsv => Ok(csv("turns", turns(&whole(branch)?).map_err(failed)?)),
        Export::ItemsCsv => Ok(csv("items", items(&whole(branch)?, stage).map_err(failed)?)),
        Export::RolloutsCsv => {
            let r = rollouts.ok_or_else(|| failed("No comparison over many seeds has been run yet.".into()))?;
            Ok(csv("comparison", comparison(r).map_err(failed)?))
        }
    }
}

/// The branch's turns to the end of its tape, not only to the cursor.
fn whole(branch: &Branch) -> Result<Vec<TurnRecord>, Problem> {
    let run = branch.player().trajectory();
    run.map(|t| t.turns).map_err(|e| Problem { what: "The file was not made".into(), why: e.to_string() })
}

fn slug(id: &str) -> String {
    let plain = id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    plain.take(60).collect()
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String, String> {
    let mut w = csv::Writer::from_writer(Vec::new());
    w.write_record(head).map_err(|e| e.to_string())?;
    for row in rows {
        w.write_record(row).map_err(|e| e.to_string())?;
    }
    let bytes = w.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

fn turns(turns: &[TurnRecord]) -> Result<String, String> {
    let head = [
        "turn",
        "reward",
        "reward_total",
        "minutes",
        "clicks",
        "likes",
        "instructions_met",
        "ndcg",
        "diversity",
        "satisfaction",
        "boredom",
        "energy",
        "trust",
        "seconds_left",
        "leave_forecast",
        "return_chance",
        "instruction_channel",
        "instruction_words",
        "instruction_met",
    ];
    let mut total = 0.0;
    table(
        &head,
        turns.iter().enumerate().map(|(i, t)| {
            total += t.reward;
            let (p, s) = (&t.parts, &t.state);
            let said = t.instruction.as_ref();
            let met = said.and_then(|_| turns.get(i + 1)).and_then(|next| next.met);
            vec![
                (t.turn + 1).to_string(),
                t.reward.to_string(),
                total.to_string(),
                p.time.to_string(),
                p.clicks.to_string(),
                p.likes.to_string(),
                p.instructions.to_string(),
                t.ndcg.to_string(),
                t.diversity.to_string(),
                s.satisfaction.to_string(),
                s.boredom.to_string(),
                s.energy.to_string(),
                s.trust.to_string(),
                s.seconds_left.to_string(),
                s.leave_forecast.to_string(),
                s.return_chance.to_string(),
                said.map_or("", |i| channel(i.channel)).to_owned(),
                said.map_or_else(String::new, |i| i.words.clone()),
                met.map_or_else(String::new, |m| m.to_string()),
            ]
        }),
    )
}

fn channel(c: Channel) -> &'static str {
    match c {
        Channel::Explicit => "explicit",
        Channel::Implicit => "implicit",
    }
}

fn items(turns: &[TurnRecord], stage: &Stage) -> Result<String, String> {
    let terms = ALL_TERMS.map(|t| format!("{t:?}").to_lowercase());
    let mut head = vec![
        "turn",
        "position",
        "id",
        "title",
        "topic",
        "duration_s",
        "action",
        "seconds",
        "click_chance",
        "utility",
        "felt",
    ];
    head.extend(terms.iter().map(String::as_str));
    let shelf = stage.world.shelf();
    let slots = turns.iter().flat_map(|t| t.slate.iter().enumerate().map(move |(i, s)| (t.turn, i, s)));
    table(
        &head,
        slots.map(|(turn, position, slot)| {
            let item = &shelf.items[slot.item as usize];
            let topic = &shelf.topics[item.topics[0] as usize];
            let r = slot.reaction.unwrap_or_default();
            let action = slot.reaction.map_or_else(|| "not seen".into(), |r| words::action(&r, item));
            let mut row = vec![
                (turn + 1).to_string(),
                (position + 1).to_string(),
                item.id.clone(),
                item.title.clone(),
                topic.clone(),
                item.duration_s.to_string(),
                action,
                r.seconds.to_string(),
            ];
            let a = slot.appraisal.as_ref();
            let number = |x: Option<f32>| x.map_or_else(String::new, |x| x.to_string());
            row.extend([number(a.map(|a| a.click_chance)), number(a.map(|a| a.utility)), number(a.map(|a| a.felt))]);
            row.extend(ALL_TERMS.map(|t| number(a.map(|a| a.terms[t as usize]))));
            row
        }),
    )
}

fn comparison(r: &Rollouts) -> Result<String, String> {
    let measures = ["reward", "turns", "clicks", "issued", "met", "ndcg", "diversity", "retention"];
    let mut head = vec!["recommender".to_owned(), "sessions".to_owned()];
    head.extend(measures.iter().flat_map(|m| ["mean", "se", "low", "high"].map(|k| format!("{m}_{k}"))));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    table(
        &head,
        r.rows.iter().map(|row| {
            let all = [row.reward, row.turns, row.clicks, row.issued, row.met, row.ndcg, row.diversity, row.retention];
            let numbers = all.iter().flat_map(|e: &Estimate| [e.mean, e.se, e.low, e.high].map(|x| x.to_string()));
            [row.name.clone(), row.n.to_string()].into_iter().chain(numbers).collect()
        }),
    )
}
