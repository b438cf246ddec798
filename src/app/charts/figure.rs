//! The frame that every chart stands in.

use super::{
    draw,
    save::{Format, save},
    size::width_of,
};
use crate::chart::{Chart, Drawing, Stop, Table, moved, text::px};
use leptos::{prelude::*, task::spawn_local};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// A chart of any kind, shared between the parts of a figure.
pub type Shared = Arc<dyn Chart + Send + Sync>;

/// Makes a chart a [`Shared`] one.
pub fn shared(chart: impl Chart + Send + Sync + 'static) -> Shared {
    Arc::new(chart)
}

static FIGURES: AtomicU32 = AtomicU32::new(0);

/// A chart with its title, its readings, its numbers as a table and its files.
///
/// The picture is an image with a description. Over it lies a slider: arrows, Home and End move through the chart's stops
/// and say the exact values; pointing does the same. Until then the reading rests where the session stands.
#[component]
pub fn Figure(
    /// The chart.
    #[prop(into)]
    chart: Signal<Shared>,
    /// Called with a stop that was picked: clicked, or Enter pressed on it.
    #[prop(optional, into)]
    on_pick: Option<Callback<usize>>,
    /// For tests.
    #[prop(optional)]
    testid: &'static str,
) -> impl IntoView {
    let id = FIGURES.fetch_add(1, Ordering::Relaxed);
    let frame = NodeRef::new();
    let width = width_of(frame);
    let drawing = Memo::new(move |_| {
        let width = width.get();
        if width > 0.0 { chart.with(|c| c.draw(width)) } else { Drawing::default() }
    });
    let title = Memo::new(move |_| chart.with(|c| c.title()));
    let empty = Memo::new(move |_| chart.with(|c| c.empty()));
    let resting = Memo::new(move |_| chart.with(|c| c.resting()));
    let pointed = RwSignal::new(None::<usize>);
    let reading = Memo::new(move |_| {
        let stops = drawing.with(|d| d.stops.len());
        pointed.get().or(resting.get()).filter(|_| stops > 0).map(|i| i.min(stops - 1))
    });
    let as_table = RwSignal::new(false);
    let heading = format!("f{id}-title");
    let named = heading.clone();
    view! {
        <figure class="figure card" aria-labelledby=named data-testid=testid>
            <figcaption>
                <h2 id=heading>{title}</h2>
                <Tools chart=chart width=width as_table=as_table empty=empty />
            </figcaption>
            <div class="figure-body" node_ref=frame>
                {move || match (empty.get(), as_table.get()) {
                    (Some(why), _) => view! { <p class="figure-empty muted">{why}</p> }.into_any(),
                    (None, true) => {
                        let table = Memo::new(move |_| chart.with(|c| c.table()));
                        view! { <DataTable title=title table=table /> }.into_any()
                    }
                    (None, false) => {
                        view! {
                            <div class="figure-plot">
                                <Picture chart=chart drawing=drawing reading=reading resting=resting id=id />
                                <Reader title=title drawing=drawing reading=reading pointed=pointed on_pick=on_pick />
                            </div>
                            <Reading drawing=drawing reading=reading id=id />
                        }
                            .into_any()
                    }
                }}
            </div>
        </figure>
    }
}

/// The switch to the table, and the files.
#[component]
fn Tools(
    chart: Signal<Shared>,
    width: ReadSignal<f64>,
    as_table: RwSignal<bool>,
    empty: Memo<Option<String>>,
) -> impl IntoView {
    let problem = RwSignal::new(String::new());
    let file = move |format: Format| {
        let label = move || format!("Save {} as {}", chart.with(|c| c.title()), format.name());
        let save_it = move |_| {
            let (chart, width) = (chart.get_untracked(), width.get_untracked());
            spawn_local(async move {
                let said = save(&*chart, format, width).await.err().map(|why| format!("Not saved: {why}."));
                // The figure may have gone in the meantime.
                problem.try_set(said.unwrap_or_default());
            });
        };
        view! { <button type="button" aria-label=label title=label on:click=save_it>{format.name()}</button> }
    };
    view! {
        <div class="figure-tools" class:idle=move || empty.get().is_some()>
            <button
                type="button"
                aria-pressed=move || as_table.get().to_string()
                aria-label=move || format!("{} as a table", chart.with(|c| c.title()))
                on:click=move |_| as_table.update(|t| *t = !*t)
            >
                "Table"
            </button>
            {Format::ALL.map(file).collect_view()}
            <span class="figure-problem" role="status">{problem}</span>
        </div>
    }
}

#[component]
fn Picture(
    chart: Signal<Shared>,
    drawing: Memo<Drawing>,
    reading: Memo<Option<usize>>,
    resting: Memo<Option<usize>>,
    id: u32,
) -> impl IntoView {
    let size = Memo::new(move |_| drawing.with(|d| (d.scene.width, d.scene.height)));
    let describe = move || chart.with(|c| format!("{}. {}", c.title(), c.describe()));
    let region = move |at: Option<usize>| drawing.with(|d| at.and_then(|i| d.stops.get(i)).map(|s| s.region));
    let highlight = move |class: &'static str, at: Option<usize>| {
        region(at).map(|[x, y, w, h]| {
            let (x, w) = if w == 0.0 { (x - 0.75, 1.5) } else { (x, w) };
            view! { <rect class=class x=px(x) y=px(y) width=px(w) height=px(h) rx="2" /> }
        })
    };
    view! {
        <svg
            class="figure-picture"
            role="img"
            aria-label=describe
            width=move || px(size.get().0)
            height=move || px(size.get().1)
            viewBox=move || format!("0 0 {} {}", px(size.get().0), px(size.get().1))
        >
            {draw::patterns(id)}
            {move || highlight("playhead", resting.get().filter(|_| lines(drawing)))}
            <g>{move || drawing.with(|d| d.scene.marks.iter().map(|m| draw::mark(m, id)).collect_view())}</g>
            {move || highlight("cursor", reading.get().filter(|r| Some(*r) != resting.get() || !lines(drawing)))}
        </svg>
    }
}

/// Whether stops are moments (lines) rather than rows or boxes.
fn lines(drawing: Memo<Drawing>) -> bool {
    drawing.with(|d| d.stops.first().is_some_and(|s| s.region[2] == 0.0))
}

/// The slider over the picture.
#[component]
fn Reader(
    title: Memo<String>,
    drawing: Memo<Drawing>,
    reading: Memo<Option<usize>>,
    pointed: RwSignal<Option<usize>>,
    on_pick: Option<Callback<usize>>,
) -> impl IntoView {
    let point = move |ev: &leptos::ev::PointerEvent| {
        let (x, y) = (f64::from(ev.offset_x()), f64::from(ev.offset_y()));
        pointed.set(drawing.with_untracked(|d| d.nearest(x, y)));
    };
    let key = move |ev: leptos::ev::KeyboardEvent| {
        if ev.ctrl_key() || ev.alt_key() || ev.meta_key() {
            return;
        }
        if let (Some(pick), "Enter", Some(at)) = (on_pick, ev.key().as_str(), reading.get_untracked()) {
            ev.prevent_default();
            pick.run(at);
            return;
        }
        let stops = drawing.with_untracked(|d| d.stops.len());
        if let Some(to) = moved(reading.get_untracked(), stops, &ev.key()) {
            ev.prevent_default();
            ev.stop_propagation();
            pointed.set(Some(to));
        }
    };
    let pick = move |_| {
        if let (Some(pick), Some(at)) = (on_pick, pointed.get_untracked()) {
            pick.run(at);
        }
    };
    let spoken = move || {
        let stop = reading.get().or(Some(0)).and_then(|i| drawing.with(|d| d.stops.get(i).map(Stop::spoken)));
        stop.unwrap_or_default()
    };
    view! {
        <div
            class="figure-reader"
            role="slider"
            tabindex="0"
            data-own-keys=""
            aria-label=move || format!("Values of {}", title.get())
            aria-valuemin="1"
            aria-valuemax=move || drawing.with(|d| d.stops.len().max(1))
            aria-valuenow=move || reading.get().unwrap_or(0) + 1
            aria-valuetext=spoken
            on:keydown=key
            on:pointermove=move |ev| point(&ev)
            on:pointerdown=move |ev| point(&ev)
            on:click=pick
            on:pointerleave=move |ev| {
                if ev.pointer_type() == "mouse" {
                    pointed.set(None);
                }
            }
            on:blur=move |_| pointed.set(None)
        ></div>
    }
}

/// The values at the stop that is read. It has as many lines at each stop, so that nothing moves below it.
#[component]
fn Reading(drawing: Memo<Drawing>, reading: Memo<Option<usize>>, id: u32) -> impl IntoView {
    let stop = Memo::new(move |_| drawing.with(|d| reading.get().and_then(|i| d.stops.get(i)).cloned()));
    move || {
        stop.get().map(|stop| {
            // One value a branch where there are forks: all rows are as wide then.
            let pairs = stop.values.iter().any(|v| v.name != "Instruction" && v.text.contains(" | "));
            let values = stop
                .values
                .into_iter()
                .map(|v| {
                    let long = v.text.clone();
                    let wide = v.name == "Instruction" || (!pairs && v.text.chars().count() > 16);
                    let class = if wide { "long" } else { "" };
                    view! {
                        <div class=class>
                            <dt>{draw::key(v.key, id)}<span>{v.name}</span></dt>
                            <dd class="num" title=long>{v.text}</dd>
                        </div>
                    }
                })
                .collect_view();
            view! {
                <div class="figure-reading">
                    <strong>{stop.heading}</strong>
                    <dl class:pairs=pairs>{values}</dl>
                </div>
            }
        })
    }
}

/// The numbers, as a table that scrolls by itself.
#[component]
fn DataTable(title: Memo<String>, table: Memo<Table>) -> impl IntoView {
    let head =
        move || table.with(|t| t.columns.iter().map(|c| view! { <th scope="col">{c.clone()}</th> }).collect_view());
    let row = |row: &Vec<crate::chart::Cell>| {
        let cells = row.iter().enumerate().map(|(i, cell)| {
            let number = matches!(cell, crate::chart::Cell::Number(..));
            let shown = cell.shown();
            if i == 0 {
                view! { <th scope="row">{shown}</th> }.into_any()
            } else {
                view! { <td class:num=number>{shown}</td> }.into_any()
            }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    };
    view! {
        <div class="figure-table" tabindex="0" role="region" data-own-keys="" aria-label=move || format!("{}, as a table", title.get())>
            <table>
                <thead><tr>{head}</tr></thead>
                <tbody>{move || table.with(|t| t.rows.iter().map(row).collect_view())}</tbody>
            </table>
        </div>
    }
}
