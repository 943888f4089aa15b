//! The one vocabulary of what can be known about an item: what a query may ask for, what sources give, `man facts`.

mod known;
mod marks;

pub use known::ALL;
pub use marks::MARKS;

/// A fact that items can have.
#[derive(Debug)]
pub struct Known {
    /// What one types before the colon; the key in an item's facts.
    pub name: &'static str,
    /// Other spellings.
    pub also: &'static [&'static str],
    pub sort: Sort,
    /// What it says, as a sentence.
    pub sentence: &'static str,
    /// What is counted, in the plural, where it is a number of things.
    pub unit: &'static str,
    /// The kinds of sources that give it; none stands for every source.
    pub from: &'static [&'static str],
    /// How it is asked for, as a query.
    pub example: &'static str,
    /// How it is said behind "items", with `{}` for the value.
    pub said: &'static str,
    /// The name of its age, where it is a time.
    pub age: &'static str,
    /// The reader that looks it up, where the source itself does not say it.
    pub reader: &'static str,
}

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Words are looked for in it.
    Text,
    /// One name or several, each compared as a whole.
    Names,
    Number,
    /// A length of time; a number of seconds in an item's facts.
    Span,
    /// A point in time; in an item's facts also *no*, where it is known never to have come.
    Time,
    YesNo,
}

impl Sort {
    /// For the manual.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Text => "text",
            Sort::Names => "name",
            Sort::Number => "number",
            Sort::Span => "length of time",
            Sort::Time => "time",
            Sort::YesNo => "yes or no",
        }
    }
}

/// What an item may be (`is:closed`) or have (`has:code`).
#[derive(Debug)]
pub struct Mark {
    /// `is` or `has`.
    pub verb: &'static str,
    pub name: &'static str,
    pub also: &'static [&'static str],
    /// When it holds, exactly.
    pub sentence: &'static str,
    pub from: &'static [&'static str],
    pub test: Test,
    /// How it is said behind "items": what two of them share, and the rest.
    pub said: (&'static str, &'static str),
    /// The key under which an index finds it: verb and name.
    pub key: &'static str,
}

impl Mark {
    /// The reader that looks up the fact it asks, if there is one.
    pub fn reader(&self) -> Option<&'static str> {
        match self.test {
            Test::Some(fact) | Test::Happened(fact) | Test::Yes(fact) | Test::Named(fact) => {
                ALL[find(fact)?].reader()
            }
            Test::Type(_) | Test::Link | Test::Code => None,
        }
    }
}

/// How a mark is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The number is 1 or more.
    Some(&'static str),
    /// The time has come.
    Happened(&'static str),
    /// The yes-or-no is yes.
    Yes(&'static str),
    /// `type` is one of these.
    Type(&'static [&'static str]),
    /// There is such a name; none counts as no.
    Named(&'static str),
    /// A web address stands in the title or the body.
    Link,
    /// Code stands in the body.
    Code,
}

/// The kinds of sources that the vocabulary knows, and what their items are called.
pub const SOURCES: &[(&str, &str)] = &[
    ("feed", "feeds"),
    ("questions", "questions on Stack Exchange"),
    ("answers", "answers on Stack Exchange"),
    ("comments", "comments on Stack Exchange"),
    ("posts", "posts on Stack Exchange"),
    ("tags", "tags on Stack Exchange"),
    ("edits", "suggested edits on Stack Exchange"),
    ("revisions", "revisions on Stack Exchange"),
    ("badges", "badges on Stack Exchange"),
    ("users", "users on Stack Exchange"),
];

/// What the items of several kinds of sources are called together: the end that their names share.
const WORLD: &str = " on Stack Exchange";

impl Known {
    /// The reader that looks it up, if there is one.
    pub fn reader(&self) -> Option<&'static str> {
        Some(self.reader).filter(|reader| !reader.is_empty())
    }

    /// Whether this is how it is called; letters of any case are equal, `_` is `-`.
    fn is_called(&self, typed: &str) -> bool {
        called(self.name, self.also, typed)
    }
}

fn called(name: &str, also: &[&str], typed: &str) -> bool {
    let same = |name: &str| {
        name.len() == typed.len()
            && name
                .bytes()
                .zip(typed.bytes())
                .all(|(a, b)| a == b.to_ascii_lowercase() || a == b'-' && b == b'_')
    };
    same(name) || also.iter().any(|other| same(other))
}

/// The place in [`ALL`] of the fact that is called so, under whichever of its names.
pub fn find(typed: &str) -> Option<usize> {
    ALL.iter().position(|known| known.is_called(typed))
}

/// The place in [`MARKS`] of what stands behind `is:` or `has:`.
pub fn find_mark(verb: &str, typed: &str) -> Option<usize> {
    MARKS
        .iter()
        .position(|mark| mark.verb == verb && called(mark.name, mark.also, typed))
}

/// Whether a source of this kind gives what comes `from` these.
pub fn is_given(from: &[&str], source: &str) -> bool {
    from.is_empty() || from.contains(&source)
}

/// Whose facts these are, in words: `feeds, and questions and answers on Stack Exchange`.
pub fn givers(from: &[&str]) -> String {
    if from.is_empty() {
        return "every source".into();
    }
    let called = |kind: &&str| -> String { called_source(kind).unwrap_or(kind).into() };
    let (world, others): (Vec<String>, Vec<String>) = from
        .iter()
        .map(called)
        .partition(|called| called.ends_with(WORLD));
    let all = SOURCES.iter().filter(|(_, called)| called.ends_with(WORLD));
    let bare = |called: &str| called.strip_suffix(WORLD).unwrap_or(called).to_string();
    let missing: Vec<String> = all
        .clone()
        .filter(|(kind, _)| !from.contains(kind))
        .map(|(_, called)| bare(called))
        .collect();
    let world = match (world.as_slice(), missing.as_slice()) {
        ([], _) => String::new(),
        (_, []) => format!("everything{WORLD}"),
        (_, few) if few.len() <= MISSING => format!("everything{WORLD} but {}", listed(few)),
        (some, _) => {
            let some: Vec<String> = some.iter().map(|called| bare(called)).collect();
            format!("{}{WORLD}", listed(&some))
        }
    };
    match (others.is_empty(), world.is_empty()) {
        (true, _) => world,
        (false, true) => listed(&others),
        (false, false) if world.contains(" and ") => format!("{}, and {world}", listed(&others)),
        (false, false) => format!("{} and {world}", listed(&others)),
    }
}

/// Of so many that lack something it is said who they are, not who has it.
const MISSING: usize = 3;

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// What the items of a kind of source are called.
pub fn called_source(kind: &str) -> Option<&'static str> {
    SOURCES
        .iter()
        .find(|(name, _)| *name == kind)
        .map(|(_, called)| *called)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_facts_share_a_name() {
        let mut seen = BTreeSet::new();
        for known in ALL {
            for name in [known.name].iter().chain(known.also) {
                assert!(seen.insert(*name), "{name}");
            }
            assert_eq!(known.sort == Sort::Time, !known.age.is_empty());
            assert!(known.sentence.ends_with(['.', '…']), "{}", known.name);
            assert!(!known.example.is_empty(), "{}", known.name);
        }
        let mut seen = BTreeSet::new();
        for mark in MARKS {
            assert_eq!(mark.key, format!("{}:{}", mark.verb, mark.name));
            for name in [mark.name].iter().chain(mark.also) {
                assert!(seen.insert((mark.verb, *name)), "{name}");
            }
        }
    }

    #[test]
    fn whose_facts_they_are_is_said_briefly() {
        for (from, said) in [
            (&["feed"][..], "feeds"),
            (&["questions"], "questions on Stack Exchange"),
            (
                &["feed", "questions", "answers"],
                "feeds, and questions and answers on Stack Exchange",
            ),
            (
                &["comments", "edits"],
                "comments and suggested edits on Stack Exchange",
            ),
            (
                &[
                    "questions",
                    "answers",
                    "comments",
                    "posts",
                    "edits",
                    "revisions",
                    "badges",
                    "users",
                ],
                "everything on Stack Exchange but tags",
            ),
        ] {
            assert_eq!(givers(from), said);
        }
        for known in ALL {
            for kind in known.from {
                assert!(called_source(kind).is_some(), "{kind}");
            }
        }
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        for (typed, name) in [
            ("Score", "score"),
            ("votes", "score"),
            ("POST_INACTIVE", "post-inactive"),
            ("tags", "tag"),
        ] {
            assert_eq!(ALL[find(typed).unwrap()].name, name);
        }
        assert!(find("scor").is_none());
        assert!(find_mark("is", "code").is_none());
    }
}
