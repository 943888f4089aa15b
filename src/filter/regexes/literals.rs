//! Letters that every match of a pattern holds, and how far behind its beginning they can stand.

use std::collections::BTreeSet;

use regex_syntax::hir::{Capture, Class, Hir, HirKind, Repetition};

use super::super::fold::small;
use super::shape::longest;

/// Shorter pieces are in nearly every text, in bytes.
const SHORTEST: usize = 3;
/// The most texts that a part of a pattern is written out to.
const WRITTEN_OUT: usize = 16;
/// The most letters of a class that is written out.
const CLASS: usize = 8;
/// The most pieces of one choice.
const PIECES: usize = 64;
/// The most choices.
const CHOICES: usize = 8;

/// Pieces of which every match holds at least one, in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub pieces: Vec<String>,
    /// A match begins at most so many characters before one of them; `None` when that is not known.
    pub before: Option<u32>,
}

/// Every choice that is worth looking for.
pub fn required(hir: &Hir) -> Vec<Choice> {
    let mut found = walk(hir);
    found.settle();
    found.choices
}

/// What is known of a part of a pattern.
struct Part {
    /// All that it matches, where that is little.
    texts: Option<Vec<String>>,
    choices: Vec<Choice>,
}

impl Part {
    fn unknown() -> Part {
        Part {
            texts: None,
            choices: Vec::new(),
        }
    }

    fn texts(texts: impl IntoIterator<Item = String>) -> Part {
        let texts: BTreeSet<String> = texts.into_iter().collect();
        match texts.len() <= WRITTEN_OUT {
            true => Part {
                texts: Some(texts.into_iter().collect()),
                choices: Vec::new(),
            },
            false => Part::unknown(),
        }
    }

    /// What it matches as a whole is a choice, too.
    fn settle(&mut self) {
        if let Some(texts) = self.texts.take() {
            push(&mut self.choices, texts, Some(0));
        }
    }
}

fn push(choices: &mut Vec<Choice>, pieces: Vec<String>, before: Option<u32>) {
    if !pieces.is_empty()
        && pieces.iter().all(|piece| piece.len() >= SHORTEST)
        && choices.len() < CHOICES
    {
        choices.push(Choice { pieces, before });
    }
}

fn walk(hir: &Hir) -> Part {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Part::texts([String::new()]),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => Part::texts([text.chars().map(small).collect()]),
            Err(_) => Part::unknown(),
        },
        HirKind::Class(class) => letters(class).map_or_else(Part::unknown, |letters| {
            Part::texts(letters.into_iter().map(String::from))
        }),
        HirKind::Capture(Capture { sub, .. }) => walk(sub),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Concat(parts) => joined(parts),
        HirKind::Alternation(parts) => either(parts),
    }
}

/// The letters of a small class; every way to write one of them is that one.
fn letters(class: &Class) -> Option<BTreeSet<char>> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    let most = 6 * CLASS;
    let count: usize = ranges
        .iter()
        .map(|(start, end)| (*end as usize - *start as usize) + 1)
        .fold(0, usize::saturating_add);
    if count > most
        || ranges
            .iter()
            .any(|(_, end)| matches!(class, Class::Bytes(_)) && !end.is_ascii())
    {
        return None;
    }
    let letters: BTreeSet<char> = ranges
        .into_iter()
        .flat_map(|(start, end)| (start..=end).map(small))
        .collect();
    (letters.len() <= CLASS).then_some(letters)
}

fn repeated(repetition: &Repetition) -> Part {
    let mut part = walk(&repetition.sub);
    match (repetition.min, repetition.max) {
        (0, Some(1)) => match part.texts {
            Some(texts) => Part::texts(texts.into_iter().chain([String::new()])),
            None => Part::unknown(),
        },
        (0, _) => Part::unknown(),
        (1, Some(1)) => part,
        (min, max) => {
            if let (Some(texts), true) = (&part.texts, Some(min) == max && min <= 8) {
                let mut all = Some(vec![String::new()]);
                for _ in 0..min {
                    all = all.and_then(|all| product(&all, texts));
                }
                if let Some(all) = all {
                    return Part::texts(all);
                }
            }
            // The first of the repetitions has what each of them has.
            part.settle();
            part
        }
    }
}

fn product(left: &[String], right: &[String]) -> Option<Vec<String>> {
    (left.len() * right.len() <= WRITTEN_OUT).then(|| {
        left.iter()
            .flat_map(|left| right.iter().map(move |right| format!("{left}{right}")))
            .collect()
    })
}

fn joined(parts: &[Hir]) -> Part {
    let mut choices = Vec::new();
    // What is being written out, how far behind the beginning it stands at the most, and how long all so far can be.
    let mut texts = vec![String::new()];
    let mut before = Some(0);
    let mut length = Some(0u32);
    let mut whole = true;
    for hir in parts {
        let part = walk(hir);
        match part.texts {
            Some(more) => match product(&texts, &more) {
                Some(longer) => texts = longer,
                None => {
                    whole = false;
                    push(&mut choices, std::mem::replace(&mut texts, more), before);
                    before = length;
                }
            },
            None => {
                whole = false;
                let written = std::mem::replace(&mut texts, vec![String::new()]);
                push(&mut choices, written, before);
                for choice in part.choices {
                    let behind = length
                        .zip(choice.before)
                        .and_then(|(a, b)| a.checked_add(b));
                    push(&mut choices, choice.pieces, behind);
                }
            }
        }
        length = length.zip(longest(hir)).and_then(|(a, b)| a.checked_add(b));
        if !whole && texts.len() == 1 && texts[0].is_empty() {
            before = length;
        }
    }
    if whole {
        return Part::texts(texts);
    }
    push(&mut choices, texts, before);
    Part {
        texts: None,
        choices,
    }
}

fn either(parts: &[Hir]) -> Part {
    let parts: Vec<Part> = parts.iter().map(walk).collect();
    let all: Option<Vec<String>> = parts
        .iter()
        .map(|part| part.texts.as_deref())
        .collect::<Option<Vec<_>>>()
        .map(|texts| texts.concat());
    if let Some(all) = all.as_ref().filter(|all| all.len() <= WRITTEN_OUT) {
        return Part::texts(all.iter().cloned());
    }
    // Of each side the pieces whose shortest is longest.
    let mut pieces = Vec::new();
    let mut before = Some(0);
    for mut part in parts {
        part.settle();
        let best = part
            .choices
            .into_iter()
            .max_by_key(|choice| choice.pieces.iter().map(String::len).min());
        let Some(best) = best else {
            return Part::unknown();
        };
        pieces.extend(best.pieces);
        before = before.zip(best.before).map(|(a, b): (u32, u32)| a.max(b));
    }
    if pieces.len() > PIECES {
        return Part::unknown();
    }
    Part {
        texts: None,
        choices: vec![Choice { pieces, before }],
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::parse;
    use super::*;

    fn shown(pattern: &str) -> String {
        required(&parse(pattern).unwrap())
            .iter()
            .map(|choice| {
                let before = choice
                    .before
                    .map_or("?".into(), |before| before.to_string());
                format!("{}@{before}", choice.pieces.join("|"))
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn letters_of_every_match_are_found() {
        for (pattern, expected) in [
            ("rust", "rust@0"),
            ("Kiosk", "kiosk@0"),
            ("colou?r", "color|colour@0"),
            (r"foo\W*bar", "foo@0 bar@?"),
            (r"\bfoo[-_ ]?\d{3,}", "foo| foo|foo |foo-|foo_@0"),
            (
                r"(?:www\.)?shop\.(?:com|net)",
                "shop.com|shop.net|www.shop.com|www.shop.net@0",
            ),
            (r"\d{2}abc", "abc@2"),
            (r"(abc)+", "abc@0"),
            (r"(abc)*", ""),
            (r"[0-9a-f]{32}", ""),
            (r"(one|two|three)four", "onefour|threefour|twofour@0"),
            (r"привет", "привет@0"),
            (r".*abc", "abc@?"),
            (r"a|bcd", ""),
            (r"\w{1,5}@mail", "@mail@5"),
        ] {
            assert_eq!(
                shown(pattern),
                expected.replace("foo| foo|foo |foo-|foo_", "foo|foo |foo-|foo_"),
                "{pattern}"
            );
        }
    }
}
