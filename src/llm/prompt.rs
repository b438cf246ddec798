//! Prompts: files that a person can read and edit, filled in by name, with the tokens of each part counted.
//!
//! What stays the same through a session comes first, so that a server's prefix cache hits from the second turn on.

use super::{
    chat::{Message, Role},
    picture,
};
use serde::{Deserialize, Serialize};

macro_rules! prompts {
    ($($(#[$doc:meta])* $field:ident = $file:literal),+ $(,)?) => {
        /// All prompts. `{name}` and the like are filled in; other braces stay as they are.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Prompts { $($(#[$doc])* pub $field: String,)+ }

        impl Default for Prompts {
            fn default() -> Self {
                Self { $($field: include_str!(concat!("../../prompts/", $file)).to_owned(),)+ }
            }
        }

        impl Prompts {
            /// Each prompt's file name and text, for a view to edit.
            #[must_use]
            pub fn files(&self) -> Vec<(&'static str, &str)> {
                vec![$(($file, self.$field.as_str()),)+]
            }

            /// Replaces the prompt of that file name; false where there is none.
            pub fn set(&mut self, file: &str, text: &str) -> bool {
                match file {
                    $($file => { text.clone_into(&mut self.$field); true })+
                    _ => false,
                }
            }
        }
    };
}

prompts! {
    /// The user in written mode: who they are and how to answer.
    user = "user.md",
    /// A slate for it.
    user_turn = "user-turn.md",
    /// The user in scored mode.
    user_scored = "user-scored.md",
    /// A slate for it.
    user_scored_turn = "user-scored-turn.md",
    /// Asks for an instruction's words in scored mode.
    instruction = "instruction.md",
    /// The questions after the session.
    interview = "interview.md",
    /// The recommender: its work and its tools.
    recommender = "recommender.md",
    /// What it sees at the beginning of a turn.
    recommender_turn = "recommender-turn.md",
    /// Asks it for the slate.
    recommender_slate = "recommender-slate.md",
    /// The reader of a user's words: what it fills in.
    reader = "reader.md",
    /// The words, and what came before them.
    reader_turn = "reader-turn.md",
    /// Asks again after an answer that cannot be used.
    repair = "repair.md",
}

impl Prompts {
    /// What is amiss with a prompt as it is now, held against the one that ships: it is empty, leaves out something that the
    /// session fills in, or names something that nothing fills in.
    #[must_use]
    pub fn amiss(&self, file: &str) -> Vec<String> {
        let shipped = Self::default();
        let of = |p: &Self| p.files().into_iter().find(|f| f.0 == file).map(|f| f.1.to_owned()).unwrap_or_default();
        let (now, then) = (of(self), of(&shipped));
        if now.trim().is_empty() {
            return vec!["It is empty: the model would be asked nothing.".to_owned()];
        }
        let (here, known) = (names(&now), names(&then));
        let missing = known.iter().filter(|n| !here.contains(n)).map(|n| format!("{{{n}}} is left out."));
        let unknown = here.iter().filter(|n| !known.contains(n)).map(|n| format!("{{{n}}} is filled in by nothing."));
        missing.chain(unknown).collect()
    }
}

/// The names in braces that a prompt has.
fn names(text: &str) -> Vec<&str> {
    let is_name = |n: &&str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|r| r.0)).filter(is_name).collect()
}

/// Fills in a prompt: each `{name}` in `with` by its value, once through, so that a value is never read as a name.
#[must_use]
pub fn fill(template: &str, with: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..].split('}').next().unwrap_or_default();
        match with.iter().find(|w| w.0 == name && rest.len() > name.len() + 1) {
            Some((_, value)) => {
                out.push_str(value);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.trim_end().to_owned()
}

/// About how many tokens a text is: for each word one and a further one for every six letters beyond the first six, one
/// for each digit and line break, one for every two punctuation marks running, one for each other sign of a script
/// without spaces. Within a quarter of what a byte-pair tokenizer counts on prompts like these (a test compares it with
/// a real one).
#[must_use]
pub fn estimate_tokens(text: &str) -> u32 {
    let (mut tokens, mut letters, mut marks) = (0u32, 0u32, 0u32);
    for c in text.chars() {
        let letter = c.is_alphabetic() && (c as u32) < 0x2e80;
        let mark = c.is_ascii_punctuation();
        let counts = if letter {
            letters % 6 == 0
        } else if mark {
            marks % 2 == 0
        } else {
            !c.is_whitespace() || c == '\n'
        };
        tokens += u32::from(counts);
        letters = if letter { letters + 1 } else { 0 };
        marks = if mark { marks + 1 } else { 0 };
    }
    tokens
}

/// About how many tokens a conversation is: its texts, four a message for who speaks, and its pictures.
#[must_use]
pub fn estimate_messages(messages: &[Message]) -> u32 {
    let pictures = |m: &Message| m.pictures.iter().map(|p| estimate_tokens(&p.label) + picture::TOKENS).sum::<u32>();
    messages.iter().map(|m| estimate_tokens(&m.content) + 4 + pictures(m)).sum()
}

/// A part of a prompt, for a view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub name: String,
    /// Its text as sent.
    pub text: String,
    /// About how many tokens it is.
    pub tokens: u32,
    /// Whether it is the same at every turn of a session, and so cached.
    pub stable: bool,
}

impl Part {
    /// A part, its tokens counted.
    #[must_use]
    pub fn new(name: &str, text: impl Into<String>, stable: bool) -> Self {
        let text = text.into();
        Self { name: name.to_owned(), tokens: estimate_tokens(&text), text, stable }
    }
}

/// The messages of a prompt of a system part and a user part.
#[must_use]
pub fn messages(system: String, user: String) -> Vec<Message> {
    vec![Message::new(Role::System, system), Message::new(Role::User, user)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_once_and_other_braces_stay() {
        let text = fill("{a} {\"x\":1} {b} {c} {", &[("a", "{b}"), ("b", "2")]);
        assert_eq!(text, "{b} {\"x\":1} 2 {c} {");
    }

    #[test]
    fn what_an_edited_prompt_leaves_out_or_misspells_is_said() {
        let mut p = Prompts::default();
        assert!(p.files().iter().all(|f| p.amiss(f.0).is_empty()), "those that ship are whole");
        p.set("user-turn.md", "Turn {turn}, {left} left. {memories} {said} {count} {nonsense}");
        assert_eq!(p.amiss("user-turn.md"), ["{slate} is left out.", "{nonsense} is filled in by nothing."]);
        p.set("user-turn.md", " ");
        assert!(p.amiss("user-turn.md")[0].contains("empty"));
    }

    #[test]
    fn prompts_can_be_edited_by_file_name() {
        let mut p = Prompts::default();
        assert!(p.set("repair.md", "Again: {why}") && !p.set("other.md", ""));
        assert!(p.files().contains(&("repair.md", "Again: {why}")));
        assert!(p.files().iter().all(|f| !f.1.is_empty()));
    }
}
