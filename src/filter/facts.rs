//! What is known about one item, found out once: the values that filters compare and the index looks up.

use super::fold::{beginning, fold};
use std::sync::LazyLock;

use super::folded::Folded;
use super::spelling;
use crate::model::Fact;
use crate::model::facts::{self, ALL, Known, MARKS, Sort, Test};

/// What an item has under a fact's name, in the form of the keys in `need.rs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number, a length of time, an age in seconds, or a time in seconds since 1970.
    Number(f64),
    /// A name, folded.
    Name(&'a str),
}

/// Shows everything that is known about an item: a fact's filter holds exactly where one of its keys is shown.
/// Marks are shown under the name `is`, with the verb: `has:code`.
pub fn values(item: &Folded<'_>, see: &mut dyn FnMut(&'static str, Value<'_>)) {
    let facts = item.facts();
    for (known, has) in ALL.iter().zip(&facts.known) {
        match has {
            Has::Unknown | Has::Never => {}
            Has::Number(number) => see(known.name, Value::Number(*number)),
            Has::Time { at, age } => {
                see(known.name, Value::Number(*at));
                see(known.age, Value::Number(*age));
            }
            Has::Names(names) => {
                for name in names {
                    see(known.name, Value::Name(name));
                }
            }
        }
    }
    for (n, mark) in MARKS.iter().enumerate() {
        if facts.mark(n) == Some(true) {
            see(MARK, Value::Name(mark.key));
        }
    }
}

/// The name under which marks are looked up.
pub(super) const MARK: &str = "is";

/// What an item has of each fact, and which marks it bears.
pub(super) struct Facts {
    known: Box<[Has]>,
    marks: Box<[Option<bool>]>,
}

/// What an item has of one fact.
#[derive(Debug)]
pub(super) enum Has {
    Unknown,
    /// The time is known not to have come.
    Never,
    Number(f64),
    /// Seconds since 1970, and before the item was seen.
    Time {
        at: f64,
        age: f64,
    },
    /// Folded, with single spaces.
    Names(Box<[String]>),
}

impl Facts {
    pub fn of(item: &Folded<'_>) -> Facts {
        let known: Box<[Has]> = ALL.iter().map(|known| has(known, item)).collect();
        let marks = MARKS
            .iter()
            .zip(&*ASKED)
            .map(|(mark, asked)| {
                let asked = asked.map_or(&Has::Unknown, |fact| &known[fact]);
                bears(mark.test, item, asked)
            })
            .collect();
        Facts { known, marks }
    }

    /// What it has of the fact at this place in the vocabulary.
    pub fn get(&self, fact: usize) -> &Has {
        &self.known[fact]
    }

    /// Whether it bears the mark at this place.
    pub fn mark(&self, mark: usize) -> Option<bool> {
        self.marks[mark]
    }
}

fn has(known: &Known, folded: &Folded<'_>) -> Has {
    let item = folded.item;
    match known.name {
        "author" => match &item.author {
            Some(name) if !name.trim().is_empty() => names([name.as_str()]),
            Some(_) | None => Has::Unknown,
        },
        "tag" => names(item.tags.iter().map(String::as_str)),
        "url" => item.url.as_deref().map_or(Has::Unknown, |url| names([url])),
        "id" => names([item.id.0.as_str()]),
        "length" => Has::Number(folded.length() as f64),
        // What an item says happened need not be that it was published.
        "created" => match item.facts.get("created") {
            Some(Fact::Time(at)) => time(*at, folded),
            _ => time(item.at, folded),
        },
        name => match (known.sort, item.facts.get(name)) {
            // Zero has one form only.
            (Sort::Number | Sort::Span, Some(Fact::Number(n))) if n.is_finite() => {
                Has::Number(n + 0.0)
            }
            (Sort::Names, Some(Fact::Text(name))) => names([name.as_str()]),
            (Sort::Names, Some(Fact::Words(all))) => names(all.iter().map(String::as_str)),
            (Sort::Names, Some(Fact::Number(n))) => names([n.to_string().as_str()]),
            (Sort::Time, Some(Fact::Time(at))) => time(*at, folded),
            (Sort::Time, Some(Fact::Yes(false))) => Has::Never,
            (Sort::YesNo, Some(Fact::Yes(yes))) => Has::Number(f64::from(u8::from(*yes))),
            _ => Has::Unknown,
        },
    }
}

fn names<'a>(all: impl IntoIterator<Item = &'a str>) -> Has {
    Has::Names(
        all.into_iter()
            .map(|name| fold(&spelling::one_line(beginning(name))))
            .collect(),
    )
}

fn time(at: chrono::DateTime<chrono::Utc>, folded: &Folded<'_>) -> Has {
    let age = (folded.item.seen - at).num_milliseconds().max(0);
    Has::Time {
        at: at.timestamp() as f64,
        age: age as f64 / 1_000.0,
    }
}

/// The place of the fact that each mark asks, looked for once.
static ASKED: LazyLock<Box<[Option<usize>]>> = LazyLock::new(|| {
    MARKS
        .iter()
        .map(|mark| match mark.test {
            Test::Some(name) | Test::Happened(name) | Test::Yes(name) | Test::Named(name) => {
                facts::find(name)
            }
            Test::Type(_) => facts::find("type"),
            Test::Link | Test::Code => None,
        })
        .collect()
});

fn bears(test: Test, folded: &Folded<'_>, asked: &Has) -> Option<bool> {
    match (test, asked) {
        (Test::Some(_), Has::Number(n)) => Some(*n >= 1.0),
        (Test::Yes(_), Has::Number(n)) => Some(*n != 0.0),
        (Test::Happened(_), Has::Time { .. }) => Some(true),
        (Test::Happened(_), Has::Never) => Some(false),
        (Test::Type(types), Has::Names(names)) => {
            Some(names.iter().any(|name| types.contains(&name.as_str())))
        }
        (Test::Some(_) | Test::Yes(_) | Test::Happened(_) | Test::Type(_), _) => None,
        (Test::Named(_), Has::Names(names)) => Some(!names.is_empty()),
        (Test::Named(_), _) => Some(false),
        (Test::Link, _) => Some(
            [&folded.item.title, &folded.item.body]
                .iter()
                .any(|text| has_link(beginning(text))),
        ),
        (Test::Code, _) => Some(has_code(beginning(&folded.item.body))),
    }
}

fn has_link(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let before = &text.as_bytes()[..at];
        let ends = |scheme: &[u8]| {
            before
                .len()
                .checked_sub(scheme.len())
                .is_some_and(|from| before[from..].eq_ignore_ascii_case(scheme))
        };
        ends(b"http") || ends(b"https")
    })
}

fn has_code(text: &str) -> bool {
    let indented = |line: &str| line.starts_with("    ") && !line.trim().is_empty();
    text.bytes().filter(|byte| *byte == b'`').take(2).count() == 2 || text.lines().any(indented)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_code_are_seen() {
        for (text, link) in [
            ("see HTTPS://example.org", true),
            ("(http://a)", true),
            ("ftp://a", false),
            ("://", false),
        ] {
            assert_eq!(has_link(text), link, "{text}");
        }
        for (text, code) in [
            ("use `Vec`", true),
            ("a\n    let a;\n", true),
            ("one ` only", false),
            ("    \n", false),
        ] {
            assert_eq!(has_code(text), code, "{text}");
        }
    }
}
