//! What stands before the words are read one by one: signs and pictures become words, and turns of phrase that mean another
//! thing than their words become those that mean it.

use std::{borrow::Cow, sync::LazyLock};

/// Pictures that people write for words.
const PICTURES: [(char, &str); 8] = [
    ('👎', "no"),
    ('❌', "no"),
    ('🚫', "no"),
    ('🙅', "no"),
    ('👍', "more"),
    ('❤', "more"),
    ('😍', "more"),
    ('😂', "funny"),
];

/// Turns of phrase and the words that mean the same, one a line, the longer before the shorter that begin them; a line that
/// begins with # says what follows.
const PHRASES: &str = "\
# What sounds like a refusal and asks for more.
not enough time = no time
not enough = more
isn't enough = more
aren't enough = more
don't get enough = more
dont get enough = more
never enough = more
can't get enough of = more
cannot get enough of = more
cant get enough of = more
never get enough of = more
can't get enough = more
cannot get enough = more
cant get enough = more
don't hate = more
dont hate = more
do not hate = more
don't dislike = more
do not dislike = more
don't show me anything but = only
dont show me anything but = only
do not show me anything but = only
don't show me anything except = only
don't show me anything other than = only
don't give me anything but = only
don't want to see anything but = only
don't want to watch anything but = only
don't want anything but = only
don't want anything except = only
don't want anything other than = only
nothing except for = only
nothing except = only
nothing other than = only
nothing apart from = only
don't stop = more
dont stop = more
do not stop = more
never stop = more
wouldn't say no to = more
wouldn't mind = more
would not mind = more
not just = more
nothing beats = more
nothing like = more
why is there no = more
why are there no = more
there is no = more
there's no = more
there are no = more
there isn't any = more
haven't seen any = more
haven't had any = more
too little = more
isn't there = more
aren't there = more
# What asks for less without saying so.
why do you keep showing me = avoid
why do you keep showing = avoid
why are you showing me = avoid
why is there so much = less
why so much = less
why so many = less
not so much = less
not so many = less
so much = less
so many = less
what's with all the = less
all you show me is = less
all you show is = less
all i see is = less
all i get is = less
you only show me = less
you keep showing me = less
cut down on = less
cut back on = less
tone down = less
cut out = avoid
cut the = avoid
lose the = avoid
spare me = avoid
quit = stop
neither of = of
neither = avoid
a break from = avoid
a rest from = avoid
isn't = not
aren't = not
wasn't = not
weren't = not
actually yes = actually want
forget what i said about = unsaid
forget i said = unsaid
except for = except
with the exception of = except
# Feels asked for by what they do.
cheer me up = cheerful
wind me down = calm
wind down = calm
calm me down = calm
make me laugh = funny
make me think = thoughtful
tell me a joke = funny
# How long.
loads of time = longer
lots of time = longer
plenty of time = longer
time to spare = longer";

/// A phrase and what it means, in words.
type Phrase = (Vec<&'static str>, Vec<&'static str>);

fn phrases() -> &'static [Phrase] {
    static READ: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
        let words = |text: &'static str| text.split_whitespace().collect();
        let line = |l: &'static str| l.split_once(" = ").map(|(phrase, meaning)| (words(phrase), words(meaning)));
        PHRASES.lines().filter(|l| !l.starts_with('#')).filter_map(line).collect()
    });
    &READ
}

/// A text with its signs and pictures as words; most texts have none.
pub(super) fn spelt(text: &str) -> Cow<'_, str> {
    let chars: Vec<char> = text.chars().collect();
    let starts = |i: usize| i == 0 || chars[i - 1].is_whitespace() || matches!(chars[i - 1], ',' | ';' | '(');
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let letter = |i: usize| chars.get(i).is_some_and(|c| c.is_alphabetic());
    let mut out = String::with_capacity(text.len());
    let mut changed = false;
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        let picture = PICTURES.iter().find(|p| p.0 == c).map(|p| p.1);
        let (with, taken) = if let Some(word) = picture {
            (format!(" {word} "), 1)
        } else if c == '-' && starts(i) && letter(i + 1) {
            (" no ".to_owned(), 1)
        } else if c == '+' && starts(i) && letter(i + 1) {
            (" more ".to_owned(), 1)
        } else if c == '+' && i > 0 && digit(i - 1) {
            (" plus ".to_owned(), 1)
        } else if c == '–' || c == '—' {
            (if i > 0 && digit(i - 1) && digit(i + 1) { "-" } else { " , " }.to_owned(), 1)
        } else if c == '½' {
            (if i > 0 && digit(i - 1) { ".5" } else { "0.5" }.to_owned(), 1)
        } else if chars[i..].starts_with(&['1', '/', '2']) && !digit(i + 3) && (i == 0 || chars[i - 1] == ' ') {
            let mixed = i > 1 && digit(i - 2);
            if mixed {
                out.pop();
            }
            (if mixed { ".5" } else { "0.5" }.to_owned(), 3)
        } else {
            out.push(c);
            i += 1;
            continue;
        };
        out.push_str(&with);
        changed = true;
        i += taken;
    }
    if changed { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

/// Turns of phrase as the words that mean the same.
pub(super) fn plain(words: Vec<String>) -> Vec<String> {
    let mut out = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let begins = |p: &&Phrase| p.0.len() <= words.len() - at && p.0.iter().zip(&words[at..]).all(|(a, b)| a == b);
        match phrases().iter().find(begins) {
            Some((phrase, meaning)) => {
                out.extend(meaning.iter().map(|w| (*w).to_owned()));
                at += phrase.len();
            }
            None => {
                out.push(words[at].clone());
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_become_the_words_that_they_stand_for() {
        for (said, is) in [
            ("-cooking +nature", " no cooking  more nature"),
            ("👎 cooking", " no  cooking"),
            ("5+ minutes", "5 plus  minutes"),
            ("2–4 minutes", "2-4 minutes"),
            ("1 1/2 hours", "1.5 hours"),
            ("1/2 hour", "0.5 hour"),
            ("1½ h", "1.5 h"),
            ("hip-hop, 11/2 of it", "hip-hop, 11/2 of it"),
        ] {
            assert_eq!(spelt(said), is, "{said}");
        }
    }

    #[test]
    fn phrases_become_what_they_mean() {
        let read = |said: &str| plain(said.split(' ').map(str::to_owned).collect()).join(" ");
        assert_eq!(read("i can't get enough of travel"), "i more travel");
        assert_eq!(read("something that isn't food"), "something that not food");
        assert_eq!(read("isn't there some travel"), "more some travel");
        assert_eq!(read("cut the cooking"), "avoid cooking");
    }
}
