//! Another language than the one that is read here. Topics are often called alike ("Sport", "Gaming"), so that "kein Sport
//! mehr" would be read as a wish for sports: where the small words are another language's, nothing is taken from the rest.

use super::Intent;

/// Small words of other languages that are no words of English.
#[rustfmt::skip]
const SMALL: [&str; 62] = [
    // German and Dutch.
    "kein", "keine", "keinen", "keinem", "nicht", "mehr", "bitte", "nie", "wieder", "weniger", "ich", "und", "oder", "aber", "etwas", "hasse", "liebe",
    "niemals", "ohne", "nur", "mag", "geen", "niet", "meer", "minder", "graag", "zonder",
    // French.
    "jamais", "pas", "je", "moins", "déteste", "deteste", "veux", "aime", "j'aime", "sans", "rien", "encore", "moi", "s'il", "très",
    // Spanish and Portuguese.
    "nada", "más", "mas", "menos", "odio", "quiero", "gusta", "por", "sin", "nunca", "algo", "mais", "não", "nao", "quero",
    // Italian.
    "più", "piu", "meno", "voglio", "niente",
];

/// Whether the words are another language's: one of its small words at least, and half of all words either such or unknown.
pub(super) fn is_foreign(words: &[String], unread: &[String]) -> bool {
    let said = words.iter().filter(|w| w.chars().any(char::is_alphabetic));
    let small = |w: &String| SMALL.contains(&w.as_str());
    let (mut all, mut smalls, mut strange) = (0, 0, 0);
    for word in said {
        all += 1;
        smalls += usize::from(small(word));
        strange += usize::from(small(word) || unread.contains(word));
    }
    smalls > 0 && 2 * strange >= all
}

/// Nothing is taken from words of another language but that they were said.
pub(super) fn unheard(intent: Intent, words: Vec<String>) -> Intent {
    let unread = words.into_iter().filter(|w| w.chars().any(char::is_alphanumeric)).take(12);
    let unread = unread.map(|w| w.chars().take(40).collect()).collect();
    Intent { foreign: true, holds_turns: intent.holds_turns, unread, ..Intent::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_its_small_words() {
        let is = |said: &str, unread: &[&str]| {
            let words: Vec<String> = said.split(' ').map(str::to_owned).collect();
            is_foreign(&words, &unread.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>())
        };
        assert!(is("kein sport mehr", &["kein", "mehr"]));
        assert!(is("plus jamais de sport", &["jamais", "de"]));
        assert!(!is("more of the pas de deux please", &["pas", "deux"]), "two words of a title");
        assert!(!is("no more sports", &[]));
        assert!(!is("", &[]));
    }
}
