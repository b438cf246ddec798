//! Files to save: the run, its turns and items, the scenario, a comparison.

use super::{Show, branch::Branch};
use crate::{
    lab::export,
    session::{Place, player::Trajectory},
    worker::{Event, Export, Rollouts, protocol::Problem, study::Estimate},
};

/// Makes the file.
pub fn file(what: Export, show: &Show, rollouts: Option<&Rollouts>) -> Result<Event, Problem> {
    let (branch, stage) = (show.branch(), &show.stage);
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
    // To the end of the branch's tape, not only to the cursor.
    let run = || branch.player().trajectory().map_err(|e| failed(e.to_string()));
    let shelf = stage.world.shelf();
    match what {
        Export::RunJson => {
            let run = Trajectory { place: place(show), ..run()? };
            Ok(json("-run", serde_json::to_string(&run).map_err(|e| failed(e.to_string()))?))
        }
        Export::ScenarioJson => {
            Ok(json("", serde_json::to_string_pretty(&*stage.scenario).map_err(|e| failed(e.to_string()))?))
        }
        Export::TurnsCsv => Ok(csv("turns", export::turns_csv(&run()?, shelf).map_err(|e| failed(e.to_string()))?)),
        Export::ItemsCsv => Ok(csv("items", export::items_csv(&run()?, shelf).map_err(|e| failed(e.to_string()))?)),
        Export::RolloutsCsv => {
            let r = rollouts.ok_or_else(|| failed("No comparison over many seeds has been run yet.".into()))?;
            Ok(csv("comparison", comparison(r).map_err(failed)?))
        }
    }
}

/// Where the session stands, where that is not the end of the only branch.
fn place(show: &Show) -> Option<Place> {
    let branch = show.branch();
    let others = show.branches.iter().filter(|b| b.id != branch.id).map(Branch::tape).collect();
    let place = Place { branch: branch.id, origin: branch.origin, moment: branch.player().moment(), others };
    let is_all = branch.at_end() && place.others.is_empty();
    (!is_all).then_some(place)
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
