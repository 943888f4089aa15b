//! Words next to each other, whatever stands between them.

use super::folded::{Words, fold};
use crate::model::Refusal;
use crate::model::text::cut;

/// The longest phrase, in characters.
const LONGEST: usize = 500;

/// What is looked for in a text.
pub(super) struct Phrase(Shape);

enum Shape {
    /// These words, one behind the other.
    Words(Box<[Word]>),
    /// There is no word in it (an emoji, a question mark): this piece of text.
    Piece(Box<str>),
}

struct Word {
    letters: Box<str>,
    /// Any word that begins with these letters.
    begins: bool,
    /// Signs that belong to the word: `#` of `#rust`, `++` of `c++`.
    before: Box<str>,
    behind: Box<str>,
}

impl Phrase {
    /// Reads `rust`, `borrow checker`, `async*`, `c++`.
    ///
    /// # Errors
    /// When nothing is left to look for, a `*` stands elsewhere than at the end of a word, or it is too long.
    pub fn read(text: &str) -> Result<Phrase, Refusal> {
        if text.chars().count() > LONGEST {
            return Err(
                Refusal::new(format!("What I look for has {LONGEST} characters at most."))
                    .hint("a few rare words find the same"),
            );
        }
        let words = Words::of(text);
        let folded = words.text.as_str();
        if folded.split_whitespace().any(star_amid) {
            return Err(Refusal::new("A `*` can stand at the end of a word only.")
                .hint("for instance `async*`; patterns are written `/a.*b/`"));
        }
        if words.count() > 0 {
            return Ok(Phrase(Shape::Words(
                (0..words.count()).map(|n| word(&words, n)).collect(),
            )));
        }
        let piece = fold(text.trim().trim_matches('*'));
        if piece.is_empty() {
            return Err(Refusal::new(format!(
                "There is nothing to look for in `{}`.",
                cut(text, 40)
            ))
            .hint("for instance `contains rust`"));
        }
        Ok(Phrase(Shape::Piece(piece.into())))
    }

    pub fn is_in(&self, text: &Words) -> bool {
        match &self.0 {
            Shape::Piece(piece) => text.text.contains(&**piece),
            Shape::Words(words) => (0..(text.count() + 1).saturating_sub(words.len()))
                .any(|from| words.iter().zip(from..).all(|(word, n)| word.is(text, n))),
        }
    }
}

impl Phrase {
    /// The first places in a text that have it, at most `most`, in bytes of the folded text.
    pub fn places(&self, text: &Words, most: usize) -> Vec<(usize, usize)> {
        match &self.0 {
            Shape::Piece(piece) => text
                .text
                .match_indices(&**piece)
                .map(|(at, found)| (at, at + found.len()))
                .take(most)
                .collect(),
            Shape::Words(words) => (0..(text.count() + 1).saturating_sub(words.len()))
                .filter(|from| words.iter().zip(*from..).all(|(word, n)| word.is(text, n)))
                .map(|first| {
                    let last = first + words.len() - 1;
                    let before = words.first().map_or(0, |word| word.before.len());
                    let behind = words.last().map_or(0, |word| word.behind.len());
                    (text.place(first).0 - before, text.place(last).1 + behind)
                })
                .take(most)
                .collect(),
        }
    }
}

impl Word {
    fn is(&self, text: &Words, n: usize) -> bool {
        let (from, to) = text.place(n);
        let letters = &text.text[from..to];
        // `rust's` is what people mean by `rust`; `it` is not what they mean by `it's`.
        let same = if self.begins {
            letters.starts_with(&*self.letters)
        } else {
            letters
                .strip_prefix(&*self.letters)
                .is_some_and(|rest| rest.is_empty() || rest == "'s")
        };
        same && text.text[..from].ends_with(&*self.before)
            && text.text[to..].starts_with(&*self.behind)
    }
}

fn word(words: &Words, n: usize) -> Word {
    let (from, to) = words.place(n);
    let (before, behind) = (&words.text[..from], &words.text[to..]);
    let signs = |c: char| matches!(c, '#' | '@' | '$' | '.');
    let front = &before[before.trim_end_matches(signs).len()..];
    let begins_there = before
        .trim_end_matches(signs)
        .chars()
        .next_back()
        .is_none_or(char::is_whitespace);
    let back = &behind[..behind.len() - behind.trim_start_matches(['+', '#']).len()];
    let ends_there = !behind[back.len()..]
        .chars()
        .next()
        .is_some_and(char::is_alphanumeric);
    Word {
        letters: words.text[from..to].into(),
        begins: behind.starts_with('*'),
        before: if begins_there && front.len() == 1 {
            front.into()
        } else {
            "".into()
        },
        behind: if ends_there { back.into() } else { "".into() },
    }
}

/// `*foo` and `f*o`, but neither `foo*` nor a lone `*`.
fn star_amid(piece: &str) -> bool {
    piece
        .split_once('*')
        .is_some_and(|(_, rest)| rest.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_people_mean_them() {
        for (phrase, text, found) in [
            ("rust", "I like Rust!", true),
            ("rust", "trust and rusty", false),
            ("rust*", "rusty", true),
            ("borrow checker", "the borrow-checker", true),
            ("borrow checker", "borrow, then CHECKER", false),
            ("borrow checker", "borrow\nchecker", true),
            ("café", "CAFE\u{301}", true),
            ("cafe", "café", false),
            ("straße", "STRASSE", true),
            ("c++", "C++, or not", true),
            ("c++", "plan C", false),
            ("c", "plan C", true),
            ("#rust", "we love #Rust", true),
            ("#rust", "we love rust", false),
            (".net", "dot .NET core", true),
            ("example", "https://example.com/a", true),
            ("example.com", "https://example.com/a", true),
            ("rust", "Rust’s", true),
            ("don’t", "I DON'T", true),
            ("it’s", "it", false),
            ("東京", "大東京都", true),
            ("🦀", "crab 🦀!", true),
            ("🦀", "crab", false),
            ("rust 🦀", "Rust", true),
        ] {
            let phrase_read = Phrase::read(phrase).unwrap();
            assert_eq!(
                phrase_read.is_in(&Words::of(text)),
                found,
                "{phrase} in {text}"
            );
        }
    }

    #[test]
    fn nothing_to_look_for_is_a_mistake() {
        for phrase in ["", "  ", "*", "*rust", "a*b", &"a ".repeat(400)] {
            assert!(Phrase::read(phrase).is_err(), "{phrase}");
        }
    }
}
