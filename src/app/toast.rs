//! Messages in passing, and the quiet voice for those who do not see the page.

use super::Engine;
use super::between::{self, ToMain};
use crate::worker::{Speed, snapshot::NeedView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a message stays, seconds; one about a failure stays until it is put away.
const STAY_S: u64 = 8;
/// The most messages at once: the oldest gives way.
const MOST: usize = 4;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Just so.
    Plain,
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

#[derive(Clone, Debug, PartialEq)]
struct Toast {
    id: u32,
    tone: Tone,
    what: String,
    why: String,
}

/// The messages shown. Copies share them.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
    /// Whether they are shown by the page's other program, which has the place for them.
    elsewhere: bool,
}

impl Default for Toasts {
    /// No messages yet.
    fn default() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0), elsewhere: false }
    }
}

impl Toasts {
    /// Messages that the page's main program shows: for the studio.
    pub fn elsewhere() -> Self {
        Self { elsewhere: true, ..Self::default() }
    }

    /// Shows a message: what happened, and why or what to do (may be empty).
    pub fn show(self, tone: Tone, what: &str, why: &str) {
        if self.elsewhere {
            between::to_main(&ToMain::Toast { tone, what: what.to_owned(), why: why.to_owned() });
            return;
        }
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let toast = Toast { id, tone, what: what.to_owned(), why: why.chars().take(600).collect() };
        self.list.update(|list| {
            list.retain(|t| t.what != toast.what);
            list.push(toast);
            if list.len() > MOST {
                list.remove(0);
            }
        });
        if tone != Tone::Bad {
            set_timeout(move || self.put_away(id), Duration::from_secs(STAY_S));
        }
    }

    fn put_away(self, id: u32) {
        // The list may have gone with the page.
        let _ = self.list.try_update(|list| list.retain(|t| t.id != id));
    }
}

/// The messages, at the foot of the page.
#[component]
pub fn Toasts() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="region" aria-label="Messages">
            <div aria-live="polite">
                <For each=move || toasts.list.get() key=|t| t.id let:t>
                    <div class="toast" class:good=t.tone == Tone::Good class:bad=t.tone == Tone::Bad>
                        <p>
                            <b dir="auto">{t.what.clone()}</b>
                            <span dir="auto">{t.why.clone()}</span>
                        </p>
                        <button class="icon" aria-label="Put this message away" on:click=move |_| toasts.put_away(t.id)>
                            <span aria-hidden="true">"✕"</span>
                        </button>
                    </div>
                </For>
            </div>
        </div>
    }
}

/// Says politely what the last step did: each step when stepping or playing slowly, turns and instructions at ordinary
/// speed, and only the end at top speed, which nobody could follow.
#[component]
pub fn Announcer() -> impl IntoView {
    let engine = expect_context::<Engine>();
    let text = Memo::new(move |last: Option<&String>| {
        let silent = last.cloned().unwrap_or_default();
        if !engine.is_shown() {
            return silent;
        }
        let part = engine.part(|s| {
            let over = matches!(s.need, NeedView::Left | NeedView::Truncated);
            let speak = !s.playing
                || over
                || match s.speed {
                    Speed::Slow => true,
                    Speed::Normal => s.need == NeedView::Slate,
                    Speed::Fast => s.instruction.is_some() && s.need == NeedView::Slate,
                    Speed::Top => false,
                };
            speak.then(|| s.happening.clone())
        });
        part.get().unwrap_or(silent)
    });
    view! { <div class="out-of-sight" role="status" aria-live="polite" data-testid="announcer">{text}</div> }
}
