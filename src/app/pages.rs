//! The pages that work: one line a page, in the order of the navigation.
//!
//! Everything that knows of pages reads this table: the navigation, the routes and the document's title. A page beyond
//! the first is drawn by the second program (`app::studio`), which is loaded when one of them is first asked for.

/// A page of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// What follows `#/` in the address; empty for the first page.
    pub path: &'static str,
    /// Its name in the navigation and in the title.
    pub name: &'static str,
}

/// The pages that work, the first one first. A page that does not work yet has no line here, and so no address.
pub const PAGES: &[Page] = &[
    Page { path: "", name: "Session" },
    Page { path: "train", name: "Train" },
    Page { path: "data", name: "Data" },
    Page { path: "models", name: "Models" },
];

/// What the address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// A page that works.
    Page(&'static Page),
    /// A page of which there is none; the path asked for.
    Unknown(&'a str),
    /// Something else behind the hash: a link to a session, a place on the page, nothing.
    Other,
}

/// Reads the part of an address behind and with `#`. A route begins with `#/`, which no link to a session does: those are
/// pairs `field=value`.
#[must_use]
pub fn asked(hash: &str) -> Asked<'_> {
    let Some(path) = hash.strip_prefix("#/") else { return Asked::Other };
    let path = path.split(['?', '&']).next().unwrap_or_default().trim_end_matches('/');
    PAGES.iter().find(|page| page.path == path).map_or(Asked::Unknown(path), Asked::Page)
}

/// The address of a page, from the page itself.
#[must_use]
pub fn address_of(page: &Page) -> String {
    format!("#/{}", page.path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{format_link, registry};

    #[test]
    fn routes_are_told_from_links_and_places() {
        assert_eq!(asked("#/"), Asked::Page(&PAGES[0]));
        assert_eq!(asked("#/?x=1"), Asked::Page(&PAGES[0]));
        assert_eq!(asked("#/nowhere/"), Asked::Unknown("nowhere"));
        assert_eq!(asked("#main"), Asked::Other);
        assert_eq!(asked(""), Asked::Other);
        let link = format!("#{}", format_link(&registry::default_preset(), 3));
        assert_eq!(asked(&link), Asked::Other);
    }

    #[test]
    fn every_page_has_an_address_of_its_own() {
        for page in PAGES {
            assert_eq!(asked(&address_of(page)), Asked::Page(page));
            assert_eq!(PAGES.iter().filter(|other| other.path == page.path || other.name == page.name).count(), 1);
        }
    }
}
