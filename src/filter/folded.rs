//! An item as filters read it: folded and cut into words once, however many trackers look at it.

use std::borrow::Cow;
use std::cell::OnceCell;

use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_segmentation::UnicodeSegmentation;

use super::facts::Facts;
use crate::model::Item;

/// How much of a title or body is read, in bytes; what comes later is invisible to filters.
pub(super) const READ: usize = 256 << 10;

/// An item with what its filters found out about it so far.
pub struct Folded<'a> {
    pub item: &'a Item,
    title: OnceCell<Words>,
    body: OnceCell<Words>,
    plain_title: OnceCell<Cow<'a, str>>,
    plain_body: OnceCell<Cow<'a, str>>,
    facts: OnceCell<Facts>,
    length: OnceCell<usize>,
}

impl<'a> Folded<'a> {
    /// Reads nothing yet.
    pub fn new(item: &'a Item) -> Folded<'a> {
        Folded {
            item,
            title: OnceCell::new(),
            body: OnceCell::new(),
            plain_title: OnceCell::new(),
            plain_body: OnceCell::new(),
            facts: OnceCell::new(),
            length: OnceCell::new(),
        }
    }

    pub(super) fn title(&self) -> &Words {
        self.title
            .get_or_init(|| Words::of(beginning(&self.item.title)))
    }

    pub(super) fn body(&self) -> &Words {
        self.body
            .get_or_init(|| Words::of(beginning(&self.item.body)))
    }

    /// The title with its accents composed, case kept: what patterns are tried on.
    pub(super) fn plain_title(&self) -> &str {
        self.plain_title.get_or_init(|| composed(&self.item.title))
    }

    /// The body with its accents composed, case kept.
    pub(super) fn plain_body(&self) -> &str {
        self.plain_body.get_or_init(|| composed(&self.item.body))
    }

    /// What is known about it beside its texts.
    pub(super) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| Facts::of(self))
    }

    /// Characters as people count them: of the body, or of the title where there is no body.
    pub(super) fn length(&self) -> usize {
        *self.length.get_or_init(|| {
            let text = match self.item.body.trim() {
                "" => self.item.title.trim(),
                body => body,
            };
            if text.is_ascii() {
                text.len()
            } else {
                text.graphemes(true).count()
            }
        })
    }
}

/// A text with letters of any case made equal, and the places of its words.
pub(super) struct Words {
    pub text: String,
    places: Vec<(u32, u32)>,
}

impl Words {
    pub fn of(text: &str) -> Words {
        let text = fold(text);
        let mut places = Vec::new();
        for (at, word) in text.unicode_word_indices() {
            cut(&text, at, word, &mut places);
        }
        Words { text, places }
    }

    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// Where the `n`th word begins and ends, in bytes of `text`.
    pub fn place(&self, n: usize) -> (usize, usize) {
        let (from, to) = self.places[n];
        (from as usize, to as usize)
    }
}

/// Letters of any case become equal (`ß` and `ss` too), ways to write the same letter become one, what cannot
/// be seen vanishes, a curly apostrophe becomes a straight one.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if c == '’' { '\'' } else { c })
        // Down first: `ẞ` has no other capital.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

/// Unicode keeps `example.com` in one piece; people who look for `example` mean it too.
/// Dots between digits stay: `1.2` is one word.
fn cut(text: &str, at: usize, word: &str, places: &mut Vec<(u32, u32)>) {
    let end = at + word.len();
    let mut from = at;
    let mut before = None;
    let mut push = |from: usize, to: usize| {
        if from < to {
            // `READ` keeps a text far below 4 GiB, even folded.
            places.push((from as u32, to as u32));
        }
    };
    for (offset, c) in word.char_indices() {
        let here = at + offset;
        if matches!(c, '.' | ':') {
            let after = text[here + c.len_utf8()..].chars().next();
            let in_number = [before, after]
                .iter()
                .all(|c| c.is_some_and(char::is_numeric));
            if !in_number {
                push(from, here);
                from = here + c.len_utf8();
            }
        }
        before = Some(c);
    }
    push(from, end);
}

fn composed(text: &str) -> Cow<'_, str> {
    let text = beginning(text);
    if is_nfc(text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

pub(super) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(READ)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_people_say() {
        for (text, words) in [
            ("Rust-lang, RUST!", vec!["rust", "lang", "rust"]),
            (
                "see example.com: v1.2.3",
                vec!["see", "example", "com", "v1.2.3"],
            ),
            ("Rust’s can't", vec!["rust's", "can't"]),
            (
                "naïve na\u{308}ive STRASSE straße",
                vec!["naïve", "näive", "strasse", "strasse"],
            ),
            ("ΟΔΟΣ οδός", vec!["οδοσ", "οδόσ"]),
            ("東京", vec!["東", "京"]),
            ("…", vec![]),
        ] {
            let found = Words::of(text);
            let found: Vec<&str> = (0..found.count())
                .map(|n| {
                    let (from, to) = found.place(n);
                    &found.text[from..to]
                })
                .collect();
            assert_eq!(found, words, "{text}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["İstanbul", "ﬁne", "ẞ", "K", "ŉ", "ΐ", "ǅ", "e\u{301}"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
