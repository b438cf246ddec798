//! Keys: held in memory, never written anywhere.

use super::{chat::Reply, fault::Fault};
use std::fmt;

/// What stands where a key stood.
const REMOVED: &str = "[key removed]";
/// Shorter keys are not searched for: they would match ordinary words. No server gives any that short.
const SHORTEST: usize = 6;

/// A key. It cannot be printed or serialised; only a transport reads it.
#[derive(Clone, Default)]
pub struct Secret(String);

/// Whether a key, as it was entered, may go into the header of a request.
///
/// # Errors
/// In words what is wrong with it, without the key.
pub fn check(key: &str) -> Result<(), &'static str> {
    let key = key.trim();
    if key.contains(['\n', '\r']) {
        return Err("the key holds a line break");
    }
    if key.contains(|c: char| !c.is_ascii_graphic() && c != ' ') {
        return Err("the key holds a letter that no key has");
    }
    Ok(())
}

impl Secret {
    /// A key, blanks around it dropped.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// The key itself, for the header of a request and nothing else.
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }

    /// The text with every occurrence of the key taken out.
    #[must_use]
    pub fn redact(&self, text: String) -> String {
        if self.0.len() < SHORTEST || !text.contains(&self.0) {
            return text;
        }
        text.replace(&self.0, REMOVED)
    }

    /// What a call brought, the key taken out wherever a server echoes it. A transport hands on nothing else.
    ///
    /// # Errors
    /// The fault of the call, cleaned.
    pub fn clean(&self, outcome: Result<Reply, Fault>) -> Result<Reply, Fault> {
        match outcome {
            Ok(mut reply) => {
                reply.text = self.redact(reply.text);
                // A key in the text is spread over tokens: where it was, the tokens go as well.
                if reply.text.contains(REMOVED) {
                    reply.tokens.clear();
                }
                for token in &mut reply.tokens {
                    token.token = self.redact(std::mem::take(&mut token.token));
                    token.top.iter_mut().for_each(|t| t.0 = self.redact(std::mem::take(&mut t.0)));
                }
                Ok(reply)
            }
            Err(fault) => Err(self.clean_fault(fault)),
        }
    }

    /// What went wrong with a call, the key taken out.
    #[must_use]
    pub fn clean_fault(&self, mut fault: Fault) -> Fault {
        if let Some(said) = fault.said_mut() {
            *said = self.redact(std::mem::take(said));
        }
        fault
    }
}

impl Fault {
    fn said_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Refused { said }
            | Self::Key { said }
            | Self::Model { said }
            | Self::Quota { said }
            | Self::Server { said, .. }
            | Self::Garbage { said }
            | Self::TooLong { said }
            | Self::Rejected { said, .. } => Some(said),
            Self::Cors | Self::Slow { .. } | Self::Busy { .. } | Self::Cut | Self::Cancelled | Self::Untaped { .. } => {
                None
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(none)" } else { "Secret(hidden)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_no_header_can_hold_is_told_apart() {
        assert_eq!(check(" sk-abc-123 \n"), Ok(()));
        assert_eq!(check("sk-abc\nsk-def"), Err("the key holds a line break"));
        for odd in ["sk-\u{201c}abc\u{201d}", "ключ", "a\u{7}b"] {
            assert_eq!(check(odd), Err("the key holds a letter that no key has"), "{odd:?}");
        }
    }

    #[test]
    fn a_key_that_is_echoed_is_taken_out_everywhere() {
        let secret = Secret::new(" sk-very-secret ");
        assert!(!format!("{secret:?}").contains("very"));
        let reply = Reply { text: "Your key is sk-very-secret!".into(), ..Reply::default() };
        assert_eq!(secret.clean(Ok(reply)).expect("a reply").text, "Your key is [key removed]!");
        let fault = secret.clean(Err(Fault::Key { said: "Incorrect API key: sk-very-secret".into() }));
        assert_eq!(fault, Err(Fault::Key { said: "Incorrect API key: [key removed]".into() }));
    }
}
