//! Words next to each other, whatever stands between them.

use super::fold::{Words, fold};
use super::need::{Key, Needs, TextField};
use crate::model::Refusal;
use crate::model::text::cut;

/// The longest phrase, in characters.
const LONGEST: usize = 500;

/// What is looked for in a text.
pub(super) enum Phrase {
    /// These words, one behind the other.
    Words(Words, Vec<Signs>),
    /// There is no word in it (an emoji, a question mark): this piece of text.
    Piece(String),
}

/// What else is asked of a word than its letters.
#[derive(Clone, Copy)]
pub(super) struct Signs {
    /// Any word that begins with these letters.
    begins: bool,
    /// How many bytes of signs before and behind belong to the word: `#` of `#rust`, `++` of `c++`.
    before: u16,
    behind: u16,
}

impl Phrase {
    /// Whether there is something to look for in `rust`, `borrow checker`, `async*`, `c++`.
    ///
    /// # Errors
    /// When nothing is left to look for, a `*` stands elsewhere than at the end of a word, or it is too long.
    pub fn check(text: &str) -> Result<(), Refusal> {
        if text.chars().count() > LONGEST {
            return Err(
                Refusal::new(format!("What I look for has {LONGEST} characters at most."))
                    .hint("a few rare words find the same"),
            );
        }
        if fold(text).split_whitespace().any(star_amid) {
            return Err(Refusal::new("A `*` can stand at the end of a word only.")
                .hint("for instance `async*`; patterns are written `/a.*b/`"));
        }
        match Phrase::of(text) {
            Phrase::Piece(piece) if piece.is_empty() => Err(Refusal::new(format!(
                "There is nothing to look for in `{}`.",
                cut(text, 40)
            ))
            .hint("for instance `rust` or `c++`")),
            Phrase::Piece(_) | Phrase::Words(..) => Ok(()),
        }
    }

    /// Reads what [`Phrase::check`] found good. Trackers keep the typed text only, and read it when they need it.
    pub fn of(text: &str) -> Phrase {
        let words = Words::of(text);
        if words.count() == 0 {
            return Phrase::Piece(fold(text.trim().trim_matches('*')));
        }
        let signs = (0..words.count()).map(|n| signs(&words, n)).collect();
        Phrase::Words(words, signs)
    }

    pub fn is_in(&self, text: &Words) -> bool {
        match self {
            Phrase::Piece(piece) => text.text.contains(piece),
            Phrase::Words(words, _) => (0..(text.count() + 1).saturating_sub(words.count()))
                .any(|from| self.begins_at(text, from)),
        }
    }

    /// The first places where it stands, at most `most`, in bytes of the folded text.
    pub fn places(&self, text: &Words, most: usize) -> Vec<(usize, usize)> {
        match self {
            Phrase::Piece(piece) => text
                .text
                .match_indices(piece.as_str())
                .map(|(at, found)| (at, at + found.len()))
                .take(most)
                .collect(),
            Phrase::Words(words, signs) => (0..(text.count() + 1).saturating_sub(words.count()))
                .filter(|from| self.begins_at(text, *from))
                .map(|from| {
                    let before = signs.first().map_or(0, |signs| signs.before);
                    let behind = signs.last().map_or(0, |signs| signs.behind);
                    let last = text.place(from + words.count() - 1);
                    (
                        text.place(from).0 - usize::from(before),
                        last.1 + usize::from(behind),
                    )
                })
                .take(most)
                .collect(),
        }
    }

    /// Whether its first word is the text's word `from`, and so on.
    fn begins_at(&self, text: &Words, from: usize) -> bool {
        match self {
            Phrase::Piece(_) => false,
            Phrase::Words(words, signs) => {
                from + words.count() <= text.count()
                    && signs
                        .iter()
                        .enumerate()
                        .all(|(n, signs)| signs.are_at(words, n, text, from + n))
            }
        }
    }

    /// Whether the text's word `at` is one of its words, with the others around it.
    pub fn is_around(&self, text: &Words, at: usize) -> bool {
        match self {
            Phrase::Piece(_) => false,
            Phrase::Words(words, _) => {
                (0..words.count().min(at + 1)).any(|n| self.begins_at(text, at - n))
            }
        }
    }

    /// Whether the piece begins at this byte.
    pub fn is_piece_at(&self, text: &Words, at: usize) -> bool {
        match self {
            Phrase::Words(..) => false,
            Phrase::Piece(piece) => text
                .text
                .as_bytes()
                .get(at..)
                .is_some_and(|rest| rest.starts_with(piece.as_bytes())),
        }
    }

    /// What a text must have where the phrase is in it.
    pub fn needs(&self, text: TextField) -> Needs {
        let (words, signs) = match self {
            Phrase::Piece(piece) => {
                let piece = piece.as_str().into();
                return Needs::one_of(vec![Key::Piece { text, piece }]);
            }
            Phrase::Words(words, signs) => (words, signs),
        };
        let word = |n: usize| -> Box<str> { words.word(n).into() };
        let whole = |n: usize| !signs[n].begins;
        let mut choices: Vec<Vec<Key>> = (1..words.count())
            .filter(|n| whole(n - 1) && whole(*n))
            .map(|n| {
                let (first, second) = (word(n - 1), word(n));
                vec![Key::Pair {
                    text,
                    first,
                    second,
                }]
            })
            .collect();
        if choices.is_empty() {
            choices = (0..words.count())
                .map(|n| match signs[n].begins {
                    true => vec![Key::Beginning {
                        text,
                        letters: word(n),
                    }],
                    false => vec![Key::Word {
                        text,
                        word: word(n),
                    }],
                })
                .collect();
        }
        Needs {
            choices,
            enough: false,
        }
    }
}

impl Signs {
    /// Whether the text's word `at` is the phrase's word `n`, signs included.
    fn are_at(self, words: &Words, n: usize, text: &Words, at: usize) -> bool {
        let letters = words.word(n);
        let there = text.word(at);
        // `rust's` is what people mean by `rust`; `it` is not what they mean by `it's`.
        let same = if self.begins {
            there.starts_with(letters)
        } else {
            there
                .strip_prefix(letters)
                .is_some_and(|rest| rest.is_empty() || rest == "'s")
        };
        if !same || self.before == 0 && self.behind == 0 {
            return same;
        }
        let (from, to) = words.place(n);
        let before = &words.text[from - usize::from(self.before)..from];
        let behind = &words.text[to..to + usize::from(self.behind)];
        let (from, to) = text.place(at);
        text.text[..from].ends_with(before) && text.text[to..].starts_with(behind)
    }
}

fn signs(words: &Words, n: usize) -> Signs {
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
    Signs {
        begins: behind.starts_with('*'),
        before: u16::from(begins_there && front.len() == 1),
        // A phrase is shorter than that.
        behind: if ends_there {
            u16::try_from(back.len()).unwrap_or_default()
        } else {
            0
        },
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
            Phrase::check(phrase).unwrap();
            assert_eq!(
                Phrase::of(phrase).is_in(&Words::of(text)),
                found,
                "{phrase} in {text}"
            );
        }
    }

    #[test]
    fn nothing_to_look_for_is_a_mistake() {
        for phrase in ["", "  ", "*", "*rust", "a*b", &"a ".repeat(400)] {
            assert!(Phrase::check(phrase).is_err(), "{phrase}");
        }
    }
}
