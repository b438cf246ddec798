//! Light and dark: the system's wish until the person chooses.

use leptos::prelude::*;

const KEY: &str = "recoworld.theme";

/// What is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme(RwSignal<bool>);

impl Theme {
    /// Whether it is dark.
    pub fn is_dark(self) -> bool {
        self.0.get()
    }

    /// Changes to the other one, and keeps that.
    pub fn toggle(self) {
        let dark = !self.0.get_untracked();
        self.0.set(dark);
        if let Some(storage) = window().local_storage().ok().flatten() {
            // Without room the choice lasts until the reload, which is no loss worth telling.
            let _ = storage.set_item(KEY, if dark { "dark" } else { "light" });
        }
    }
}

/// Starts with the choice kept, else with the system's wish; provides [`Theme`].
pub fn start() {
    let kept = window().local_storage().ok().flatten().and_then(|s| s.get_item(KEY).ok().flatten());
    let wish = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let dark = kept.map_or_else(|| wish.is_some_and(|w| w.matches()), |k| k == "dark");
    let theme = Theme(RwSignal::new(dark));
    provide_context(theme);
    Effect::new(move |_| {
        let name = if theme.is_dark() { "dark" } else { "light" };
        if let Some(root) = document().document_element() {
            // Only colours depend on it.
            let _ = root.set_attribute("data-theme", name);
        }
    });
}
