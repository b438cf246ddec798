//! Links and files that are brought to the Session page, or taken from it. To read and to write them takes JSON and the table
//! of fields, which the main program has not: it asks here.

use crate::{
    app::{
        Toasts,
        between::{ToMain, to_main},
        session::copy_link,
    },
    scenario::{Scenario, ScenarioError, format_link, parse_link},
    session::player::TRAJECTORY,
    worker::protocol::Problem,
};

/// Opens what a link names.
pub fn link(query: &str) {
    match parse_link(query) {
        Ok(link) => to_main(&ToMain::OpenAt(Box::new(link.scenario), link.moment)),
        Err(why) => not_opened("The link was not opened", &why),
    }
}

/// Opens a run or a scenario: told apart by the schema that it names.
pub fn file(text: String) {
    let head: String = text.chars().take(200).collect();
    if head.contains(TRAJECTORY) || head.contains("recoworld/trajectory") {
        return to_main(&ToMain::LoadRun(text));
    }
    match Scenario::from_json(&text) {
        Ok(scenario) => to_main(&ToMain::Open(Box::new(scenario))),
        Err(why) => not_opened("The file was not opened", &why),
    }
}

/// Opens a scenario that was put together here, where it is valid.
pub fn open(scenario: Scenario) {
    match scenario.validate() {
        Ok(()) => to_main(&ToMain::Open(Box::new(scenario))),
        Err(why) => not_opened("The scenario was not opened", &why),
    }
}

/// Copies a link, and says what it leaves out.
pub fn share(scenario: &Scenario, moment: usize, lost: String) {
    copy_link(&format_link(scenario, moment), lost, Toasts::elsewhere());
}

fn not_opened(what: &str, why: &ScenarioError) {
    to_main(&ToMain::NotOpened(Problem { what: what.to_owned(), why: why.to_string() }));
}
