//! Where in an item's own text a filter found what it looks for.

use unicode_segmentation::UnicodeSegmentation;

use super::TextField;
use crate::model::Item;

/// The most places of one filter in one text.
pub(super) const MOST: usize = 3;

/// A piece of an item's text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub text: Where,
    pub from: usize,
    pub to: usize,
}

/// A text of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    Title,
    Body,
    /// What a fact, such as `author`, says.
    Fact(&'static str),
}

/// Places of an item's title or body, from those in a `changed` form of it.
pub(super) fn of(
    item: &Item,
    field: TextField,
    changed: &str,
    found: impl IntoIterator<Item = (usize, usize)>,
    change: fn(&str) -> String,
) -> impl Iterator<Item = Place> {
    let (text, all) = match field {
        TextField::Title => (Where::Title, item.title.as_str()),
        TextField::Body | TextField::Either => (Where::Body, item.body.as_str()),
    };
    found
        .into_iter()
        .filter_map(move |found| own(all, changed, found, change))
        .map(move |(from, to)| Place { text, from, to })
}

/// Where a piece of the `changed` text stands in the text that it was made of, widened to whole characters as people
/// see them. `None` where the change was not one character at a time.
fn own(
    text: &str,
    changed: &str,
    (from, to): (usize, usize),
    change: fn(&str) -> String,
) -> Option<(usize, usize)> {
    if text.is_ascii() {
        return Some((from, to));
    }
    let (mut start, mut read) = (None, 0);
    for (at, letter) in text.grapheme_indices(true) {
        let piece = change(letter);
        if !changed.get(read..)?.starts_with(&piece) {
            return None;
        }
        read += piece.len();
        if start.is_none() && read > from {
            start = Some(at);
        }
        if read >= to {
            return Some((start?, at + letter.len()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::fold::fold;

    #[test]
    fn what_was_found_in_the_folded_text_is_found_in_its_own() {
        for (text, word, own_word) in [
            ("The RUST book", "rust", "RUST"),
            ("Naïve RUST", "rust", "RUST"),
            ("Die STRASSE, die Straße: ß", "straße", "STRASSE"),
            ("ﬁne ﬁsh", "fish", "ﬁsh"),
            ("a so\u{ad}ft\u{200b} word", "soft", "so\u{ad}ft"),
            ("cafe\u{301} CAFE\u{301} bar", "bar", "bar"),
            ("İstanbul and Rust", "rust", "Rust"),
            ("東京 大東京都", "東京", "東京"),
            ("🦀🦀 crabs", "crabs", "crabs"),
        ] {
            let folded = fold(text);
            let wanted = fold(word);
            let from = folded.find(&wanted).unwrap();
            let (from, to) = own(text, &folded, (from, from + wanted.len()), fold).unwrap();
            assert_eq!(&text[from..to], own_word, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_places_of_its_own(text in "\\PC{0,40}", from in 0usize..60, length in 0usize..20) {
            let folded = fold(&text);
            if let Some((from, to)) = own(&text, &folded, (from, from + length), fold) {
                // ASCII places are as they were asked for; all others are whole characters.
                proptest::prop_assert!(text.is_ascii() || text.get(from..to).is_some());
            }
        }
    }
}
