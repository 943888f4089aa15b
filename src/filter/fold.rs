//! What letters filters take for equal, and where words end.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation;

/// How much of a title or body is read, in bytes; what comes later is invisible to filters.
pub(super) const READ: usize = 64 << 10;

/// The part of a text that filters read.
pub(super) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(READ)]
}

/// A text with letters of any case made equal, and the places of its words.
pub(super) struct Words {
    pub text: String,
    places: Vec<(u32, u32)>,
}

impl Words {
    pub fn of(text: &str) -> Words {
        let text = fold(text);
        let mut places = Vec::with_capacity(text.len() / 5);
        // No word goes on behind a space: pieces of plain ASCII, which are most, are cut by a quick hand.
        let mut at = 0;
        for piece in text.split_inclusive([' ', '\n']) {
            if piece.is_ascii() {
                cut_ascii(piece.as_bytes(), at, &mut places);
            } else {
                for (from, word) in piece.unicode_word_indices() {
                    cut(&text, at + from, word, &mut places);
                }
            }
            at += piece.len();
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

    /// The letters of the `n`th word.
    pub fn word(&self, n: usize) -> &str {
        let (from, to) = self.place(n);
        &self.text[from..to]
    }
}

/// Letters of any case become equal (`ß` and `ss` too), ways to write the same letter become one, what cannot
/// be seen vanishes, a curly apostrophe becomes a straight one.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    // Nothing that is composed reaches over a space.
    for piece in text.split_inclusive([' ', '\n']) {
        let before = folded.len();
        for c in piece.chars() {
            let alone = if c.is_ascii() {
                Some(c.to_ascii_lowercase())
            } else {
                folded_alone(c)
            };
            let Some(c) = alone else {
                folded.truncate(before);
                folded.extend(fold_together(piece.chars()));
                break;
            };
            folded.push(c);
        }
    }
    folded
}

fn fold_together(letters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    letters
        .nfkc()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if c == '’' { '\'' } else { c })
        // Down first: `ẞ` has no other capital.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
}

/// What a letter becomes whatever stands beside it, where that is one letter; `None` where its neighbours matter.
fn folded_alone(c: char) -> Option<char> {
    match c {
        ..LAST => match ALONE[c as usize] {
            '\0' => None,
            alone => Some(alone),
        },
        // Chinese, Japanese and Korean signs, and pictures.
        'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='\u{9fff}' | '가'..='힣' | '\u{1f300}'..='\u{1faff}' => {
            Some(c)
        }
        _ => None,
    }
}

/// The end of the scripts that have capitals and accents, but for few.
const LAST: char = '\u{3000}';

/// What [`folded_alone`] says of the letters before [`LAST`].
static ALONE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let is_settled = |c: char| {
        canonical_combining_class(c) == 0 && is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes
    };
    let alone = |c: char| {
        // A sign that is not settled joins others, or becomes several.
        let mut folded = fold_together(std::iter::once(c));
        let one = folded.next().filter(|one| is_settled(*one));
        one.filter(|_| folded.next().is_none() && is_settled(c))
    };
    ('\0'..LAST).map(|c| alone(c).unwrap_or('\0')).collect()
});

/// The text with its accents composed, case kept.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    let text = beginning(text);
    if text.is_ascii() || is_nfc(text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

/// A letter as patterns take it for equal with others: what a pattern without regard to case matches, it matches
/// in small letters too. Of several ways to write a letter small, one.
pub(super) fn small(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut upper = c.to_uppercase();
    let c = if upper.len() == 1 {
        upper.next().unwrap_or(c)
    } else {
        c
    };
    let mut lower = c.to_lowercase();
    if lower.len() == 1 {
        lower.next().unwrap_or(c)
    } else {
        c
    }
}

/// What a byte of ASCII is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Letter,
    Digit,
    /// `_`, which joins everything but is no word by itself.
    Line,
    Other,
}

const SORTS: [Sort; 256] = {
    let mut sorts = [Sort::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        sorts[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Sort::Letter,
            b'0'..=b'9' => Sort::Digit,
            b'_' => Sort::Line,
            _ => Sort::Other,
        };
        byte += 1;
    }
    sorts
};

/// What [`cut`] does with the words that Unicode finds, for ASCII.
fn cut_ascii(text: &[u8], offset: usize, places: &mut Vec<(u32, u32)>) {
    let sort = |at: usize| {
        text.get(at)
            .map_or(Sort::Other, |byte| SORTS[*byte as usize])
    };
    let mut at = 0;
    while at < text.len() {
        let mut before = sort(at);
        if before == Sort::Other {
            at += 1;
            continue;
        }
        let from = at;
        let mut is_word = before != Sort::Line;
        at += 1;
        loop {
            let here = sort(at);
            if here == Sort::Other {
                // An apostrophe joins letters or digits, a dot, comma or semicolon digits.
                let joins = match text.get(at) {
                    Some(b'\'') => matches!(before, Sort::Letter | Sort::Digit),
                    Some(b'.' | b',' | b';') => before == Sort::Digit,
                    Some(_) | None => false,
                };
                if !joins || sort(at + 1) != before {
                    break;
                }
            } else {
                is_word |= here != Sort::Line;
                before = here;
            }
            at += 1;
        }
        if is_word {
            // `READ` keeps a text far below 4 GiB, even folded.
            places.push(((offset + from) as u32, (offset + at) as u32));
        }
    }
}

/// Unicode keeps `example.com` in one piece; people who look for `example` mean it too.
/// Dots between digits stay: `1.2` is one word.
fn cut(text: &str, at: usize, word: &str, places: &mut Vec<(u32, u32)>) {
    let end = at + word.len();
    let mut from = at;
    let mut before = None;
    let mut push = |from: usize, to: usize| {
        if from < to {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let words = Words::of(text);
        (0..words.count())
            .map(|n| words.word(n).to_string())
            .collect()
    }

    #[test]
    fn words_end_where_people_say() {
        for (text, expected) in [
            ("Rust-lang, RUST!", vec!["rust", "lang", "rust"]),
            (
                "see example.com: v1.2.3",
                vec!["see", "example", "com", "v1.2.3"],
            ),
            ("Rust’s can't", vec!["rust's", "can't"]),
            (
                "1,000 1,a _x_ __ a_1 'a' a'1 1'2",
                vec!["1,000", "1", "a", "_x_", "a_1", "a", "a", "1", "1'2"],
            ),
            (
                "naïve na\u{308}ive STRASSE straße",
                vec!["naïve", "näive", "strasse", "strasse"],
            ),
            ("ΟΔΟΣ οδός", vec!["οδοσ", "οδόσ"]),
            ("東京", vec!["東", "京"]),
            ("…", vec![]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["İstanbul", "ﬁne", "ẞ", "K", "ŉ", "ΐ", "ǅ", "e\u{301}"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    #[test]
    fn letters_that_patterns_take_for_equal_are_the_same_small() {
        for (one, other) in [
            ('K', 'k'),
            ('ſ', 'S'),
            ('ς', 'Σ'),
            ('É', 'é'),
            ('Я', 'я'),
            ('µ', 'μ'),
        ] {
            assert_eq!(small(one), small(other), "{one} {other}");
        }
        assert_eq!(small('İ'), 'İ');
        assert_eq!(small('ß'), 'ß');
    }

    #[test]
    fn letters_fold_alone_as_they_fold_among_others() {
        for c in ('\0'..=char::MAX).filter(|c| folded_alone(*c).is_some()) {
            let among: String = fold_together([c, 'x', c].into_iter()).collect();
            let alone = folded_alone(c).unwrap();
            assert_eq!(among, String::from_iter([alone, 'x', alone]), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_fold_is_the_slow_one(text in "[a-zA-Zéß’İΣςÅ\u{301}\u{308}\u{345}\u{200d}\u{ad}ﬁ가\u{11a8}か\u{3099}🦀 \n]{0,12}|\\PC{0,12}") {
            let slow: String = text
                .split_inclusive([' ', '\n'])
                .flat_map(|piece| fold_together(piece.chars()))
                .collect();
            prop_assert_eq!(fold(&text), slow);
        }

        #[test]
        fn the_quick_hand_cuts_as_unicode_says(text in "[ab1_.,;:'\" /#+\\-\n]{0,24}") {
            let folded = fold(&text);
            let mut places = Vec::new();
            for (at, word) in folded.unicode_word_indices() {
                cut(&folded, at, word, &mut places);
            }
            prop_assert_eq!(Words::of(&text).places, places);
        }
    }
}
