//! What can be told of a pattern before it is compiled.

use super::super::fold::small;
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition,
};

/// Reads a pattern as all of ours are read: letters of any case are equal unless it says `(?-i)`; `^` and `$` stand
/// for the ends of a line; nested 50 deep at the most.
pub fn parse(pattern: &str) -> Result<Hir, Box<regex_syntax::Error>> {
    regex_syntax::ParserBuilder::new()
        .case_insensitive(true)
        .multi_line(true)
        .nest_limit(50)
        .build()
        .parse(pattern)
        .map_err(Box::new)
}

/// How many characters a pattern names once its repetitions are written out: the number of places in which a search
/// can be at once.
pub fn positions(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().count() as u32,
        HirKind::Class(_) => 1,
        HirKind::Capture(Capture { sub, .. }) => positions(sub),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            positions(sub).saturating_mul(max.unwrap_or(*min).max(1))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(positions).fold(0, u32::saturating_add)
        }
    }
}

/// In how many places a search can be at once, at the most: of the letters of a word only in those whose beginnings
/// overlap.
pub fn threads(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(_) | HirKind::Class(_) => match letter(hir) {
            Some(letters) => overlaps(&letters),
            None => 1,
        },
        HirKind::Capture(Capture { sub, .. }) => threads(sub),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            threads(sub).saturating_mul(max.unwrap_or(*min).max(1))
        }
        HirKind::Alternation(parts) => parts.iter().map(threads).fold(0, u32::saturating_add),
        HirKind::Concat(parts) => {
            let (mut sum, mut word) = (0u32, Vec::new());
            for part in parts {
                match letter(part) {
                    Some(letters) => word.extend(letters),
                    None => {
                        sum = sum.saturating_add(overlaps(&word) + threads(part));
                        word.clear();
                    }
                }
            }
            sum.saturating_add(overlaps(&word))
        }
    }
}

/// The letters of a part that matches nothing else, but for their case.
fn letter(hir: &Hir) -> Option<Vec<char>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(text.chars().map(small).collect())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let mut letters = class
                .iter()
                .take(8)
                .flat_map(|range| [range.start(), range.end()])
                .map(small);
            let first = letters.next()?;
            let one = class.ranges().len() <= 8
                && class
                    .iter()
                    .all(|range| range.end() as u32 - range.start() as u32 <= 1)
                && letters.all(|other| other == first);
            one.then(|| vec![first])
        }
        _ => None,
    }
}

/// How many beginnings of a word can end at the same place of a text: `ana` and `a` of `ananas`.
fn overlaps(word: &[char]) -> u32 {
    let mut longest = vec![0; word.len()];
    let mut depth = vec![1; word.len()];
    for at in 1..word.len() {
        let mut border: usize = longest[at - 1];
        while border > 0 && word[border] != word[at] {
            border = longest[border - 1];
        }
        if word[border] == word[at] {
            longest[at] = border + 1;
            depth[at] = depth[border] + 1;
        }
    }
    depth.into_iter().max().unwrap_or(0)
}

/// About how many bytes its program takes, at the most.
pub fn weight(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 32,
        HirKind::Literal(literal) => literal.0.len() * 32,
        HirKind::Class(Class::Unicode(class)) => class.ranges().len() * 80,
        HirKind::Class(Class::Bytes(class)) => class.ranges().len() * 32,
        HirKind::Capture(Capture { sub, .. }) => weight(sub) + 64,
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            (weight(sub) + 64).saturating_mul(max.unwrap_or(*min).max(1) as usize)
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts
            .iter()
            .map(|part| weight(part) + 32)
            .fold(0, usize::saturating_add),
    }
}

/// The most characters of a match; `None` when there is no limit.
pub fn longest(hir: &Hir) -> Option<u32> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(_) | HirKind::Class(_) => Some(positions(hir)),
        HirKind::Capture(Capture { sub, .. }) => longest(sub),
        HirKind::Repetition(Repetition { max, sub, .. }) => match longest(sub)? {
            0 => Some(0),
            one => one.checked_mul((*max)?),
        },
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(0u32, |sum, part| sum.checked_add(longest(part)?)),
        HirKind::Alternation(parts) => parts
            .iter()
            .try_fold(0, |most: u32, part| Some(most.max(longest(part)?))),
    }
}

/// Whether a search must know if letters of any script stand beside a place: what the fast engine cannot do on a text
/// that is not ASCII.
pub fn asks_for_words(hir: &Hir) -> bool {
    hir.properties().look_set().contains_word_unicode()
}

/// The pattern for texts that are ASCII: there it matches the same, and its program is far smaller.
pub fn ascii(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => match literal.0.is_ascii() {
            true => Hir::literal(literal.0.clone()),
            false => Hir::fail(),
        },
        HirKind::Class(class) => Hir::class(Class::Bytes(ascii_class(class))),
        HirKind::Look(look) => Hir::look(match look {
            Look::WordUnicode => Look::WordAscii,
            Look::WordUnicodeNegate => Look::WordAsciiNegate,
            Look::WordStartUnicode => Look::WordStartAscii,
            Look::WordEndUnicode => Look::WordEndAscii,
            Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
            Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
            other => *other,
        }),
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(ascii(&repetition.sub))),
        HirKind::Capture(Capture { sub, .. }) => ascii(sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(ascii).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(ascii).collect()),
    }
}

fn ascii_class(class: &Class) -> ClassBytes {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start() as u32, range.end() as u32))
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| (range.start().into(), range.end().into()))
            .collect(),
    };
    ClassBytes::new(
        ranges
            .into_iter()
            .filter(|(start, _)| *start < 128)
            .map(|(start, end)| ClassBytesRange::new(start as u8, end.min(127) as u8)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_in_few_places_of_words_and_in_many_of_counted_classes() {
        for (pattern, expected) in [
            ("rust", 1),
            ("ananas", 3),
            ("aaaa", 4),
            (r"\bfoo\W+bar\b", 3),
            (r"\b(?:kilo|mega|tera)\b", 3),
            (r"[ab]*a[ab]{20}", 22),
            (r"\d{4}", 4),
            ("[a-z]", 1),
        ] {
            assert_eq!(threads(&parse(pattern).unwrap()), expected, "{pattern}");
        }
    }
}
