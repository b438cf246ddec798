//! What an import would take: its columns, its first rows, and what is wrong with it.

use crate::worker::import::{ImportError, Preview};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Which column feeds which field. A change is sent at once, and a new preview comes back.
#[component]
pub fn Mapping(preview: Preview, #[prop(into)] on_map: Callback<BTreeMap<String, String>>) -> impl IntoView {
    let Preview { columns, fields, mapping, .. } = preview;
    let row = move |(name, must, about): (String, bool, String)| {
        let now = mapping.get(&name).cloned().unwrap_or_default();
        let (id, help) = (format!("map-{name}"), format!("map-help-{name}"));
        let option = |column: &String| {
            let chosen = *column == now;
            view! { <option value=column.clone() selected=chosen>{clipped(column, 60)}</option> }
        };
        let options = columns.iter().map(option).collect_view();
        let field = name.clone();
        let mapping = mapping.clone();
        let change = move |ev: leptos::ev::Event| {
            let mut next = mapping.clone();
            match event_target_value(&ev) {
                none if none.is_empty() => drop(next.remove(&field)),
                column => drop(next.insert(field.clone(), column)),
            }
            on_map.run(next);
        };
        let label = if must { format!("{name} (needed)") } else { name.clone() };
        view! {
            <div class="form-row">
                <label for=id.clone()>{label}</label>
                <select id=id data-map=name aria-describedby=help.clone() on:change=change>
                    <option value="" selected=now.is_empty()>"—"</option>
                    {options}
                </select>
                <p class="form-help" id=help>{about}</p>
            </div>
        }
    };
    view! { <div class="form-rows">{fields.into_iter().map(row).collect_view()}</div> }
}

/// The first rows as they would be taken.
#[component]
pub fn Rows(preview: Preview) -> impl IntoView {
    // A column in which nothing is to be seen would look like something lost.
    let filled = |column: usize| preview.rows.iter().any(|row| row.get(column).is_some_and(|c| !c.is_empty()));
    let shown: Vec<usize> = (0..preview.fields.len()).filter(|&i| filled(i)).collect();
    let head = shown.iter().map(|&i| view! { <th scope="col">{preview.fields[i].0.clone()}</th> }).collect_view();
    let rows = preview
        .rows
        .iter()
        .map(|row| {
            let cells = shown
                .iter()
                .filter_map(|&i| row.get(i))
                .map(|c| view! { <td dir="auto">{clipped(c, 120)}</td> })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="figure-table" tabindex="0" role="region" aria-label="The first rows as they would be taken">
            <table>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What is wrong, by file, line and field.
#[component]
pub fn Problems(errors: Vec<ImportError>, total: usize) -> impl IntoView {
    let more = total.saturating_sub(errors.len());
    let several = errors.iter().any(|e| e.file != errors[0].file);
    let row = move |e: ImportError| {
        let mut place = Vec::new();
        if several && !e.file.is_empty() {
            place.push(e.file.clone());
        }
        place.extend(e.line.map(|l| format!("line {l}")));
        if !e.field.is_empty() {
            place.push(clipped(&e.field, 60));
        }
        let place = if place.is_empty() { clipped(&e.file, 60) } else { place.join(", ") };
        view! { <li><b dir="auto">{place}</b>" "<span dir="auto">{clipped(&e.message, 400)}</span></li> }
    };
    view! {
        <ul class="problems" tabindex="0" role="list" aria-label="What is wrong">
            {errors.into_iter().map(row).collect_view()}
            {(more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> })}
        </ul>
    }
}

/// Text from a file, cut for display.
fn clipped(text: &str, most: usize) -> String {
    let mut out: String = text.chars().take(most).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
