//! Filters that ask for one fact of the vocabulary: a line each.

use clap::{Arg, ArgAction, Command};

use super::mark::Marked;
use super::tree::Tree;
use super::{FilterKind, amount, named};
use crate::model::Refusal;
use crate::model::facts::{self, ALL, MARKS};
use crate::model::text::cut;
use crate::registry;
use crate::when::Reading;

/// A filter with the name of a fact: what stands behind its flag, what it keeps, how its value is read.
macro_rules! asks {
    ($name:literal, $value:literal, $about:literal, $build:path) => {
        FilterKind {
            name: $name,
            declare: || declared($name, $value, $about),
            page: include_str!(concat!("../../man/", $name, ".md")),
            build: |value, reading| $build($name, value, reading),
        }
    };
}

pub const CREATED: FilterKind = asks!(
    "created",
    "TIME",
    "Keep items published so long ago, or before or after a date",
    amount::build
);
pub const SITE: FilterKind = asks!("site", "SITES", "Keep what is on one of these sites", names);
pub const USER: FilterKind = asks!(
    "user",
    "NUMBERS",
    "Keep what the accounts with these numbers wrote",
    names
);
pub const REPUTATION: FilterKind = asks!(
    "reputation",
    "RANGE",
    "Keep what people with so much reputation wrote",
    amount::build
);
pub const SCORE: FilterKind = asks!(
    "score",
    "RANGE",
    "Keep items with so many votes up less votes down",
    amount::build
);
pub const POST: FilterKind = asks!(
    "post",
    "POSTS",
    "Keep what belongs to these posts: their numbers, or links to them",
    names
);
pub const POST_INACTIVE: FilterKind = asks!(
    "post-inactive",
    "RANGE",
    "Keep comments and suggested edits on posts to which nothing had happened for so long",
    amount::build
);
pub const ANSWERED: FilterKind = asks!(
    "answered",
    "YES-OR-NO",
    "Keep questions that have an answer, or that have none",
    yes_or_no
);
pub const ACCEPTED: FilterKind = asks!(
    "accepted",
    "YES-OR-NO",
    "Keep accepted answers and questions that have one, or the others",
    yes_or_no
);
pub const CLOSED: FilterKind = asks!(
    "closed",
    "YES-OR-NO",
    "Keep questions that are closed, or that are not, or that were closed so long ago",
    yes_or_when
);
pub const CLOSE_VOTES: FilterKind = asks!(
    "close-votes",
    "RANGE",
    "Keep questions that so many people have voted to close",
    amount::build
);
pub const BURNED_TAG: FilterKind = asks!(
    "burned-tag",
    "YES-OR-NO",
    "Keep tags, and what is tagged with one, that were removed from their site on purpose, or the others",
    yes_or_no
);
pub const HEAT: FilterKind = asks!(
    "heat",
    "RANGE",
    "Keep texts that sound so angry to the classifier that the operator set",
    amount::build
);

/// One flag that may be given several times.
fn declared(name: &'static str, value: &'static str, about: &'static str) -> Command {
    let flag = Arg::new(name)
        .long(name)
        .value_name(value)
        .action(ArgAction::Append);
    registry::room_command(Command::new(name).about(about).arg(flag))
}

/// Names with commas between them. Of a link to a post or to an account its number is meant.
fn names(name: &str, value: &str, _: &Reading) -> Result<Tree, Refusal> {
    let names: Vec<&str> = value
        .split(',')
        .map(|one| match name {
            "site" => one,
            _ => number(one).unwrap_or(one),
        })
        .collect();
    named::build(name, &names)
}

/// The number in a link: that of an answer stands behind, that of a question or an account first.
fn number(link: &str) -> Option<&str> {
    let is_number =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (_, rest) = link.trim().trim_matches(['<', '>']).split_once("://")?;
    let (path, behind) = rest.split_once('#').unwrap_or((rest, ""));
    let first = || path.split(['/', '?']).skip(1).find(is_number);
    Some(behind).filter(is_number).or_else(first)
}

fn yes_or_no(name: &str, value: &str, _: &Reading) -> Result<Tree, Refusal> {
    let yes = is_yes(value).ok_or_else(|| {
        Refusal::new(format!(
            "`{}` is neither `yes` nor `no`.",
            cut(value, 40).replace('`', "'")
        ))
        .hint(format!("for instance `--{name} yes`"))
    })?;
    Ok(marked(name, yes))
}

fn yes_or_when(name: &str, value: &str, reading: &Reading) -> Result<Tree, Refusal> {
    match is_yes(value) {
        Some(yes) => Ok(marked(name, yes)),
        None => amount::build(name, value, reading),
    }
}

fn is_yes(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "yes" | "true" | "1" => Some(true),
        "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

fn marked(name: &str, yes: bool) -> Tree {
    let mark = facts::find_mark("is", name).expect("filters have the names of marks");
    let tree = Tree::Leaf(std::sync::Arc::new(Marked(mark)));
    match yes {
        true => tree,
        false => Tree::not(tree),
    }
}

/// Refuses a filter that asks for what the items of a kind of source never have.
///
/// # Errors
/// With who has it.
pub(super) fn is_given(filter: &str, source: &str) -> Result<(), Refusal> {
    let mark = facts::find_mark("is", filter).map(|mark| MARKS[mark].from);
    let from = facts::find(filter).map(|fact| ALL[fact].from).or(mark);
    let called = facts::called_source(source).unwrap_or(source);
    match from {
        Some(from) if !facts::is_given(from, source) => Err(Refusal::new(format!(
            "`{filter}` is known of {}, not of {called}.",
            facts::givers(from)
        ))
        .hint(format!("`man facts` shows what {called} have"))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stands_for_its_number() {
        for (link, wanted) in [
            (
                "https://beer.stackexchange.com/questions/7/which-hops",
                Some("7"),
            ),
            (
                "https://beer.stackexchange.com/questions/7/which-hops/12#12",
                Some("12"),
            ),
            ("<https://beer.stackexchange.com/q/7>", Some("7")),
            ("https://beer.stackexchange.com/users/811/ann", Some("811")),
            ("https://beer.stackexchange.com/users", None),
            ("93696", None),
        ] {
            assert_eq!(number(link), wanted, "{link}");
        }
    }
}
