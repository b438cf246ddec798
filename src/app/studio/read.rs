//! Links and files that are brought to the Session page, or taken from it. To read and to write them takes JSON and the table
//! of fields, which the main program has not: it asks here.

use crate::{
    app::{
        Toasts,
        between::{ToMain, to_main},
        session::copy_link,
    },
    scenario::{Scenario, format_link, parse_link},
    session::player::TRAJECTORY,
    worker::protocol::Problem,
};

/// What is said of a file that is no JSON object: most often it holds items.
const NO_RUN: &str = "It is neither a saved run nor a scenario: both are JSON objects. A table of items or people comes in by \
                      “Bring your own items or people” in the same menu.";

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
        Err(_) if !head.trim_start().starts_with('{') => not_opened("The file was not opened", &NO_RUN),
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

fn not_opened(what: &str, why: &impl ToString) {
    to_main(&ToMain::NotOpened(Problem { what: what.to_owned(), why: why.to_string() }));
}
