//! `?bench`: the engine's workloads in the larger worker, then frames at top speed, as JSON in `#bench-result`.

use super::{Engine, engine::now};
use crate::{
    math::order,
    worker::{Command, Speed},
};
use leptos::prelude::*;

/// How long frames are counted, milliseconds.
const FRAMES_MS: f64 = 3000.0;

/// Whether the address asks for it.
pub fn is_asked() -> bool {
    window().location().search().is_ok_and(|s| s.trim_start_matches('?').split('&').any(|p| p == "bench"))
}

/// The result; there only when it is asked for.
#[component]
pub fn Bench() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let asked = is_asked();
    let result = RwSignal::new(String::new());
    if asked {
        engine.send(Command::Bench);
        Effect::new(move |_| {
            if let Some(figures) = engine.bench.get() {
                engine.send(Command::Reset);
                engine.send(Command::SetSpeed(Speed::Top));
                engine.send(Command::Play);
                count(now(), now(), Vec::new(), move |frames| result.set(report(&figures, frames)));
            }
        });
    }
    view! { <Show when=move || asked><pre id="bench-result">{result}</pre></Show> }
}

/// Notes the time between frames until enough time has gone.
fn count(began: f64, last: f64, mut frames: Vec<f64>, done: impl FnOnce(Vec<f64>) + 'static) {
    request_animation_frame(move || {
        let time = now();
        frames.push(time - last);
        if time - began < FRAMES_MS {
            count(began, time, frames, done);
        } else {
            done(frames);
        }
    });
}

/// The worker's figures with the frames beside them.
fn report(figures: &str, mut frames: Vec<f64>) -> String {
    order::sort_by(&mut frames, f64::total_cmp);
    let at = |q: f64| frames.get(((frames.len() - 1) as f64 * q) as usize).copied().unwrap_or_default();
    // They are an object, which is left open for one more entry.
    let open = figures.trim_end().strip_suffix('}').unwrap_or("{\"error\":\"no figures\"");
    let (count, median, p95, longest) = (frames.len(), at(0.5), at(0.95), at(1.0));
    format!(r#"{open},"frames_ms":{{"count":{count},"median":{median},"p95":{p95},"longest":{longest}}}}}"#)
}
