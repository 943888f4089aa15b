//! Why an item is kept or dropped: which predicates held, and where; which one failed first.

use super::Filter;
use super::folded::Folded;
use super::place::{Place, Where};
use super::sieve::Sieve;
use super::tree::Tree;
use crate::model::text::cut;
use crate::model::{Fact, Item, Passage, Reason, Verdict};

/// The most reasons of an item.
const MOST: usize = 8;
/// The longest predicate and the longest words about it, in characters.
const LONGEST: usize = 120;
/// The most passages of one reason.
const PASSAGES: usize = 2;
/// How many bytes of a text stand before and behind a place, about.
const AROUND: usize = 60;
/// The most bytes of a place that are shown.
const SHOWN: usize = 120;

impl Sieve {
    /// The predicates that an item met and that mattered, the first eight; none where there is no filter.
    /// The item is one that it keeps.
    pub fn why(&self, item: &Folded<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let Some(tree) = self.tree() {
            tree.held(item, &mut reasons);
        }
        reasons
    }

    /// What each filter and each part of the query says by itself, with what it found in the item's texts.
    pub fn show(&self, item: &Folded<'_>) -> Vec<(String, Verdict, Vec<Passage>)> {
        self.parts()
            .iter()
            .map(|part| {
                let verdict = part.check(item);
                let mut reasons = Vec::new();
                match (part, &verdict) {
                    // It is there, and should not be.
                    (Tree::Not(inner), Verdict::Drop(_)) => inner.held(item, &mut reasons),
                    (_, Verdict::Keep(_)) => part.held(item, &mut reasons),
                    (_, Verdict::Drop(_) | Verdict::Unsure(_)) => None,
                };
                let found = reasons.into_iter().flat_map(|reason| reason.passages);
                (part.as_part(), verdict, found.take(PASSAGES).collect())
            })
            .collect()
    }

    /// The first predicate for which an item is dropped, with what it says; `None` where it is kept.
    pub fn first_failed(&self, item: &Folded<'_>) -> Option<(String, Verdict)> {
        let verdicts = || {
            let parts = self.parts().iter();
            parts.map(|part| (part.as_part(), part.check(item)))
        };
        verdicts()
            .find(|(_, verdict)| matches!(verdict, Verdict::Drop(_)))
            .or_else(|| verdicts().find(|(_, verdict)| !verdict.keeps() && !self.keeps_unsure()))
    }
}

impl Tree {
    /// Whether it holds; where it does, adds the predicates that made it: of several that would each be enough all
    /// that hold.
    fn held(&self, item: &Folded<'_>, reasons: &mut Vec<Reason>) -> Option<bool> {
        let before = reasons.len();
        match self {
            Tree::Leaf(filter) => {
                let holds = filter.holds(item);
                if holds == Some(true) && before < MOST {
                    reasons.push(met(&**filter, item));
                }
                holds
            }
            Tree::Not(inner) => {
                let holds = inner.holds(item).map(|holds| !holds);
                if holds == Some(true) && before < MOST {
                    reasons.push(reason(&self.spelling(), &self.check(item), Vec::new()));
                }
                holds
            }
            Tree::All(parts) => {
                for part in parts {
                    let holds = part.held(item, reasons);
                    if holds != Some(true) {
                        reasons.truncate(before);
                        return holds;
                    }
                }
                Some(true)
            }
            Tree::Any(parts) => {
                let mut any = Some(false);
                for part in parts {
                    match part.held(item, reasons) {
                        Some(true) => any = Some(true),
                        None if any == Some(false) => any = None,
                        Some(false) | None => {}
                    }
                    if any == Some(true) && reasons.len() == MOST {
                        break;
                    }
                }
                any
            }
        }
    }
}

/// A filter that keeps an item.
fn met(filter: &dyn Filter, item: &Folded<'_>) -> Reason {
    let passages = passages(item.item, &filter.places(item));
    reason(&filter.spelling(), &filter.check(item), passages)
}

fn reason(predicate: &str, verdict: &Verdict, passages: Vec<Passage>) -> Reason {
    Reason {
        predicate: cut(predicate, LONGEST),
        because: match passages.is_empty() {
            true => cut(verdict.reason(), LONGEST),
            false => String::new(),
        },
        passages,
    }
}

/// What stands around these places.
fn passages(item: &Item, places: &[Place]) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut rest = places;
    while let Some(first) = rest.first()
        && passages.len() < PASSAGES
    {
        let Some((name, text)) = text_of(item, first.text) else {
            rest = &rest[1..];
            continue;
        };
        let same = rest.iter().take_while(|place| place.text == first.text);
        let (passage, taken) = passage(name, text, same);
        passages.extend(passage);
        rest = &rest[taken.max(1)..];
    }
    passages
}

/// A text of an item with its name.
fn text_of(item: &Item, text: Where) -> Option<(&'static str, &str)> {
    match text {
        Where::Title => Some(("title", &item.title)),
        Where::Body => Some(("body", &item.body)),
        Where::Fact("author") => Some(("author", item.author.as_deref()?)),
        Where::Fact(name) => match item.facts.get(name)? {
            Fact::Text(text) => Some((name, text)),
            Fact::Number(_) | Fact::Words(_) | Fact::Time(_) | Fact::Yes(_) => None,
        },
    }
}

/// The piece of a text around the first of these places, with all of them that stand in it, and how many those are.
fn passage<'p>(
    of: &str,
    text: &str,
    places: impl Iterator<Item = &'p Place>,
) -> (Option<Passage>, usize) {
    let mut places = places.peekable();
    let Some(first) = places.peek() else {
        return (None, 0);
    };
    let from = text.floor_char_boundary(first.from);
    let to = text.floor_char_boundary(first.to.min(from + SHOWN).max(from));
    let start = beginning(text, from);
    let end = ending(text, to);
    let (before, behind) = (mark(start > 0), mark(end < text.len()));
    let mut words = String::from(before);
    // One byte for one byte: the marks stay true.
    words.push_str(&text[start..end].replace(['\n', '\r', '\t'], " "));
    words.push_str(behind);
    let (mut marks, mut taken) = (Vec::new(), 0);
    for place in places {
        let to = place.to.min(end);
        if place.from < start || place.from >= to || (place.to > end && taken > 0) {
            break;
        }
        taken += 1;
        let shift = |at: usize| u32::try_from(at - start + before.len());
        if let (Ok(from), Ok(to)) = (shift(place.from), shift(to)) {
            marks.push((from, to));
        }
    }
    let passage = (!marks.is_empty()).then(|| Passage {
        of: of.into(),
        words,
        marks,
    });
    (passage, taken)
}

fn mark(is_cut: bool) -> &'static str {
    if is_cut { "…" } else { "" }
}

/// Where a passage begins that shows what stands at `from`: at a word, where there is one.
fn beginning(text: &str, from: usize) -> usize {
    if from <= AROUND {
        return 0;
    }
    let start = text.floor_char_boundary(from - AROUND);
    let before = &text[start..from];
    match before.find(char::is_whitespace) {
        Some(space) => start + space + before[space..].chars().next().map_or(0, char::len_utf8),
        None => start,
    }
}

/// Where it ends.
fn ending(text: &str, to: usize) -> usize {
    if text.len() - to <= AROUND {
        return text.len();
    }
    let end = text.floor_char_boundary(to + AROUND);
    match text[to..end].rfind(char::is_whitespace) {
        Some(space) => to + space,
        None => end,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(from: usize, to: usize) -> Place {
        Place {
            text: Where::Body,
            from,
            to,
        }
    }

    fn shown(text: &str, places: &[Place]) -> (String, usize) {
        let (passage, taken) = passage("body", text, places.iter());
        let text = crate::model::Text::new().spans(passage.unwrap().spans());
        (text.plain(), taken)
    }

    #[test]
    fn a_passage_shows_what_stands_around() {
        assert_eq!(
            shown("one two three", &[at(4, 7)]),
            ("one **two** three".into(), 1)
        );
        let long = format!(
            "{} found\nit {}",
            "before ".repeat(30),
            "behind ".repeat(30)
        );
        let from = long.find("found").unwrap();
        assert_eq!(
            shown(
                &long,
                &[at(from, from + 5), at(from + 6, from + 8), at(400, 404)]
            ),
            (
                format!(
                    "…{}before  **found** **it** {}behind…",
                    "before ".repeat(7),
                    "behind ".repeat(7)
                ),
                2
            )
        );
    }

    #[test]
    fn what_held_and_mattered_is_named() {
        let at = "2026-11-21T09:00:00Z".parse().unwrap();
        let item = Item {
            id: crate::model::ItemId("1".into()),
            revision: 0,
            title: "Ferris cooks crabs".into(),
            body: String::new(),
            author: None,
            url: None,
            at,
            seen: at,
            tags: Vec::new(),
            facts: Default::default(),
        };
        let reading = crate::when::Reading {
            now: at,
            zone: chrono_tz::UTC,
            order: crate::when::Order::DayMonth,
        };
        for (query, reasons) in [
            ("ferris", vec!["ferris"]),
            ("ferris (crabs or zebra)", vec!["ferris", "crabs"]),
            ("ferris or crabs or zebra", vec!["ferris", "crabs"]),
            ("(ferris zebra) or (crabs cooks)", vec!["crabs", "cooks"]),
            ("author:ann or crabs", vec!["crabs"]),
            ("crabs -zebra", vec!["crabs", "-zebra"]),
            (
                "-(zebra or (crabs author:bob zebra))",
                vec!["-(zebra or crabs author:bob zebra)"],
            ),
        ] {
            let sieve = Sieve::build(&Default::default(), Some(query), &reading).unwrap();
            let folded = Folded::new(&item);
            assert!(sieve.check_folded(&folded).keeps(), "{query}");
            let why = sieve.why(&folded);
            let named: Vec<&str> = why.iter().map(|reason| &*reason.predicate).collect();
            assert_eq!(named, reasons, "{query}");
            assert_eq!(sieve.first_failed(&folded), None, "{query}");
        }
        for (query, failed) in [
            ("ferris zebra dog", "zebra"),
            ("ferris -crabs", "-crabs"),
            ("ferris author:ann", "author:ann"),
            ("author:ann zebra", "zebra"),
            ("ferris (zebra or dog)", "(zebra or dog)"),
        ] {
            let sieve = Sieve::build(&Default::default(), Some(query), &reading).unwrap();
            let first = sieve.first_failed(&Folded::new(&item));
            assert_eq!(
                first.map(|(spelling, _)| spelling).as_deref(),
                Some(failed),
                "{query}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_places_of_any_text_can_be_shown(
            text in "\\PC{0,200}",
            places in prop::collection::vec((0usize..700, 0usize..300), 1..5),
        ) {
            let places: Vec<Place> = places
                .into_iter()
                .map(|(from, length)| at(from.min(text.len()), (from + length).min(text.len())))
                .collect();
            let (passage, taken) = passage("body", &text, places.iter());
            prop_assert!(taken <= places.len());
            let Some(passage) = passage else { return Ok(()) };
            prop_assert!(passage.words.len() <= SHOWN + 2 * AROUND + 16);
            crate::model::Text::new().spans(passage.spans()).plain();
        }
    }
}
