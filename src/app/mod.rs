//! The page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::worker::transport::{BUILD_ID, Bridge, Handler, Next, Outbox, serve};

/// What the page asks of the worker.
#[derive(Serialize, Deserialize)]
pub enum Command {
    /// Answer with this very number.
    Greet(u64),
}

/// What the worker answers.
#[derive(Serialize, Deserialize)]
pub enum Event {
    /// The number of the greeting.
    Greeted(u64),
}

/// Puts the page into the document.
pub fn mount() {
    console_error_panic_hook::set_once();
    mount_to_body(Page);
}

#[component]
fn Page() -> impl IntoView {
    let (line, set_line) = signal(String::from("Starting the simulation …"));
    let bridge = Bridge::<Command, Event>::spawn(
        move |Event::Greeted(n)| set_line.set(format!("The simulation answered {n}.")),
        move |lost| set_line.set(lost.to_string()),
    );
    match &bridge {
        Ok(bridge) => {
            if let Err(error) = bridge.send(&Command::Greet(u64::MAX)) {
                set_line.set(error.to_string());
            }
        }
        Err(error) => set_line.set(error.to_string()),
    }
    on_cleanup({
        let keep = StoredValue::new_local(bridge);
        move || keep.dispose()
    });
    view! {
        <main>
            <h1>"RecoWorld"</h1>
            <p role="status">{line}</p>
            <p class="tiny muted">"Build " {BUILD_ID}</p>
        </main>
    }
}

struct Greeter;

impl Handler for Greeter {
    type Command = Command;
    type Event = Event;

    fn handle(&mut self, Command::Greet(n): Command, outbox: &Outbox<Event>) -> Next {
        outbox.post(&Event::Greeted(n));
        Next::Idle
    }

    fn slice(&mut self, _outbox: &Outbox<Event>) -> Next {
        Next::Idle
    }
}

/// Runs the worker.
pub fn work() {
    serve(Greeter);
}
