//! The grammars of instructions: how much can be said, and that what is held out is held out.

use recoworld::user::{
    grammar::Grammar,
    words::{SPECIFIC, VAGUE, spoken},
};
use std::collections::BTreeSet;

const MOST: usize = 20_000;

fn heldout() -> Grammar {
    Grammar::read(include_str!("../../data/instructions/heldout.txt"))
}

/// All forms of the given rules, slots left open, the opening words ("OK, …") not counted.
fn forms(grammar: &Grammar, rules: &[&str]) -> BTreeSet<String> {
    rules.iter().chain(&["like-mood"]).flat_map(|r| grammar.all(r, MOST)).collect()
}

#[test]
fn thousands_of_different_things_can_be_said() {
    let (specific, vague) = (forms(spoken(), &SPECIFIC), forms(spoken(), &VAGUE));
    println!("spoken: {} specific and {} vague forms", specific.len(), vague.len());
    assert!(specific.len() + vague.len() >= 2_000, "{} and {}", specific.len(), vague.len());
    assert!(vague.len() >= 90);
    let held = forms(&heldout(), &SPECIFIC).len() + forms(&heldout(), &VAGUE).len();
    println!("held out: {held} forms");
    assert!(held >= 300, "{held}");
}

#[test]
fn every_meaning_can_be_said_in_both_grammars() {
    for grammar in [spoken(), &heldout()] {
        for rule in SPECIFIC.iter().chain(&VAGUE).chain(&[
            "like-mood",
            "opening",
            "held",
            "retract",
            "moment",
            "while",
            "session",
        ]) {
            assert!(grammar.has(rule), "{rule}");
            assert!(!grammar.all(rule, 4000).is_empty(), "{rule}");
        }
        for mood in ["calm", "bright", "funny", "intense", "thoughtful"] {
            assert!(grammar.has(&format!("mood-{mood}")) && grammar.has(&format!("moodier-{mood}")));
        }
        // Every reference is to a rule there is.
        for name in grammar.names() {
            for form in grammar.all(name, 4000) {
                assert!(!form.contains('<') && !form.contains('>'), "{name}: {form}");
            }
        }
    }
}

#[test]
fn what_is_held_out_is_said_nowhere_in_what_is_tuned_on() {
    let bare = |grammar: &Grammar| -> BTreeSet<String> {
        let letters = |s: &String| -> String {
            s.to_lowercase().chars().map(|c| if c.is_alphanumeric() || "{}'".contains(c) { c } else { ' ' }).collect()
        };
        let all: BTreeSet<String> = [&SPECIFIC[..], &VAGUE].iter().flat_map(|r| forms(grammar, r)).collect();
        all.iter().map(letters).map(|s| s.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let (tuned, held) = (bare(spoken()), bare(&heldout()));
    let both: Vec<&String> = tuned.intersection(&held).collect();
    assert!(both.is_empty(), "{both:?}");
}
