//! Runs of characters of one class that every match of a pattern holds: `[0-9a-f]{32}` asks for 32 in a row. The
//! longest run of a class in a text is counted once for all patterns that ask for it.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use regex_syntax::hir::{Capture, Class, ClassUnicode, Hir, HirKind, Repetition};

/// Shorter runs are in nearly every text.
const SHORTEST: u32 = 4;
/// The most classes that are known at once; patterns with others are tried without this test.
const CLASSES: usize = 256;

/// At least so many characters of a class in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The class's number.
    pub class: u32,
    pub least: u32,
}

struct Members {
    class: ClassUnicode,
    ascii: [bool; 128],
}

static CLASSES_KNOWN: LazyLock<RwLock<Vec<Arc<Members>>>> = LazyLock::new(RwLock::default);

/// The runs that every match holds.
pub fn required(hir: &Hir) -> Vec<Run> {
    let mut runs = Vec::new();
    collect(hir, &mut runs);
    runs
}

fn collect(hir: &Hir, runs: &mut Vec<Run>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| collect(part, runs)),
        HirKind::Capture(Capture { sub, .. }) => collect(sub, runs),
        HirKind::Repetition(Repetition { min, sub, .. }) if *min > 0 => {
            match class_of(sub).filter(|_| *min >= SHORTEST) {
                Some(class) => runs.extend(number(class).map(|class| Run { class, least: *min })),
                None => collect(sub, runs),
            }
        }
        HirKind::Repetition(_)
        | HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Alternation(_) => {}
    }
}

fn class_of(hir: &Hir) -> Option<&ClassUnicode> {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        HirKind::Capture(Capture { sub, .. }) => class_of(sub),
        _ => None,
    }
}

fn number(class: &ClassUnicode) -> Option<u32> {
    let position =
        |known: &[Arc<Members>]| known.iter().position(|members| members.class == *class);
    let known = CLASSES_KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(number) = position(&known) {
        return Some(number as u32);
    }
    drop(known);
    let mut known = CLASSES_KNOWN
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(number) = position(&known) {
        return Some(number as u32);
    }
    if known.len() == CLASSES {
        return None;
    }
    let mut ascii = [false; 128];
    for range in class.iter().filter(|range| range.start().is_ascii()) {
        let last = (range.end() as usize).min(127);
        ascii[range.start() as usize..=last].fill(true);
    }
    known.push(Arc::new(Members {
        class: class.clone(),
        ascii,
    }));
    Some(known.len() as u32 - 1)
}

/// The longest run of a class's characters in a text.
pub fn longest(class: u32, text: &str) -> usize {
    let known = CLASSES_KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let Some(members) = known.get(class as usize).cloned() else {
        return usize::MAX;
    };
    drop(known);
    let (mut longest, mut run) = (0, 0);
    if text.is_ascii() {
        for byte in text.bytes() {
            run = if members.ascii[usize::from(byte)] {
                run + 1
            } else {
                0
            };
            longest = longest.max(run);
        }
        return longest;
    }
    let ranges = members.class.ranges();
    for c in text.chars() {
        let is_member = if c.is_ascii() {
            members.ascii[c as usize]
        } else {
            let at = ranges.partition_point(|range| range.end() < c);
            ranges.get(at).is_some_and(|range| range.start() <= c)
        };
        run = if is_member { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::super::shape::parse;
    use super::*;

    #[test]
    fn runs_that_every_match_holds_are_found_and_counted() {
        for (pattern, text, expected) in [
            (r"[0-9a-f]{32}", "x deadbeef x", vec![(32, 8)]),
            (r"\d{10,}", "tel 0123456789 or ٠١٢٣", vec![(10, 10)]),
            (r"(?:x|\d{10})", "", vec![]),
            (r"(\w{5}-)+z", "abcdefgé-", vec![(5, 8)]),
            (r"\d{3}", "", vec![]),
        ] {
            let found: Vec<(u32, usize)> = required(&parse(pattern).unwrap())
                .iter()
                .map(|run| (run.least, longest(run.class, text)))
                .collect();
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
