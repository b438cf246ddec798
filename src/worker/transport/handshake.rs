//! The few messages that are plain text, so that two builds which share no types understand them.

use std::fmt;

/// A text message of the worker to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hello {
    /// The worker has started and listens; it is of this build.
    Ready(String),
    /// The worker is about to end, for this reason.
    Lost(String),
}

impl Hello {
    /// Reads a text message; `None` when it is neither of the two.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(build) = text.strip_prefix("ready ") {
            return Some(Self::Ready(build.to_owned()));
        }
        let reason = text.strip_prefix("lost ")?;
        Some(Self::Lost(reason.to_owned()))
    }
}

impl fmt::Display for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(build) => write!(f, "ready {build}"),
            Self::Lost(reason) => write!(f, "lost {reason}"),
        }
    }
}

/// Why the page has no worker any more. Its text is written for the person at the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The worker is of another build than the page: an old copy was served from a cache.
    Stale {
        /// The page's build.
        page: String,
        /// The worker's build.
        worker: String,
    },
    /// The worker met a fault of its own and ended; this is what it said.
    Panicked(String),
    /// The browser could not load or run the worker; this is what it said.
    Failed(String),
    /// The worker did not report within the time allowed for its start, in milliseconds.
    Silent(u32),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale { page, worker } => write!(
                f,
                "The simulation was loaded from an older copy (build {worker}; this page is {page}). Reload the page to fetch the new one."
            ),
            Self::Panicked(said) => write!(f, "The simulation stopped because of a fault in it: {said}"),
            Self::Failed(said) => write!(f, "The simulation could not be started: {said}"),
            Self::Silent(ms) => {
                write!(
                    f,
                    "The simulation did not start within {} seconds. Reload the page to try again.",
                    ms.div_ceil(1000)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_messages_survive_the_way_there() {
        for hello in [Hello::Ready("a1b2".into()), Hello::Lost("panicked at src/x.rs:1:2:\nready or not".into())] {
            assert_eq!(Hello::parse(&hello.to_string()), Some(hello));
        }
    }

    #[test]
    fn other_text_is_not_taken_for_a_handshake() {
        for text in ["", "ready", "lostready x", " ready x", "{\"ready\":1}"] {
            assert_eq!(Hello::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_stale_worker_is_explained_with_what_to_do() {
        let lost = Lost::Stale { page: "b".into(), worker: "a".into() };
        assert!(lost.to_string().contains("Reload"));
    }
}
