//! The same users and random numbers under each representation.

use super::{
    measure::{Numbers, Runner},
    state::Data,
};
use crate::{
    app::charts::{Figure, Shared, shared},
    chart::{Chart as _, data as charts},
    worker::data::protocol::Command,
};
use leptos::prelude::*;

/// The study: its form, its chart and its table.
#[component]
pub fn Study(data: Data) -> impl IntoView {
    let told = Memo::new(move |_| data.studied.with(|s| charts::representations(s.as_ref().map_or(&[], |s| &s.rows))));
    let chart = Signal::derive(move || -> Shared { shared(told.get()) });
    let progress = Signal::derive(move || data.studied.with(|s| s.as_ref().map(|s| s.progress)));
    let table = Signal::derive(move || told.with(|t| t.table()));
    let note = move || data.opened.with(|o| o.as_ref().and_then(|o| o.note.clone()));
    let recommender =
        move || data.studied.with(|s| s.as_ref().map_or_else(String::new, |s| format!(" {} serves.", s.recommender)));
    view! {
        <section class="study" aria-labelledby="data-study" data-testid="study">
            <div class="card">
                <h2 id="data-study">"The same users under each representation"</h2>
                <p class="muted">
                    "The items’ true place in taste space, the users and every random number are the same; only what the recommender sees of an item differs."
                    {recommender}
                </p>
                <Runner data=data name="study" progress=progress run=Callback::new(move |(episodes, seed)| data.send(&Command::Study { episodes, seed })) />
                {move || note().map(|note| view! { <p class="note" role="note" data-testid="imported-note">{note}</p> })}
            </div>
            <Figure chart=chart testid="study-chart" />
            <Numbers table=table label="The same users under each representation, as a table" testid="study-table" />
        </section>
    }
}
