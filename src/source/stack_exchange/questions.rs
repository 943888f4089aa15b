//! The source `questions`: new questions on a site, or those that were closed, edited, got a bounty or are active.

use clap::{ArgMatches, FromArgMatches};
use serde_json::Value;

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, On, body, line, lines, link, number, time};
use super::watch::Watch;
use crate::model::{Item, Refusal};
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the questions of a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Questions {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
    /// Which questions, and so when they are said: when they are asked, after an answer or an edit, when they are
    /// edited, closed, or get a bounty.
    #[arg(long, value_name = "WHICH", value_enum, default_value = "new")]
    which: Option<Which>,
}

/// Which questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Which {
    New,
    Active,
    Edited,
    Closed,
    Bountied,
}

pub const KIND: SourceKind = SourceKind {
    name: "questions",
    declare: || registry::declare::<Questions>("questions"),
    page: include_str!("../../../man/questions.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked =
        Questions::from_arg_matches(matches).map_err(|_| super::watch::no_site("questions"))?;
    let content = match asked.which {
        None | Some(Which::New) => &NEW,
        Some(Which::Active) => &ACTIVE,
        Some(Which::Edited) => &EDITED,
        Some(Which::Closed) => &CLOSED,
        Some(Which::Bountied) => &BOUNTIED,
    };
    Watch::build(content, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "question.accepted_answer_id",
    "question.answer_count",
    "question.body",
    "question.bounty_amount",
    "question.bounty_closes_date",
    "question.close_vote_count",
    "question.closed_date",
    "question.closed_reason",
    "question.comment_count",
    "question.community_owned_date",
    "question.creation_date",
    "question.last_activity_date",
    "question.last_edit_date",
    "question.link",
    "question.locked_date",
    "question.owner",
    "question.protected_date",
    "question.question_id",
    "question.score",
    "question.tags",
    "question.title",
    "question.view_count",
];

pub(super) const NEW: Content = Content {
    called: "questions",
    method: "/questions",
    below: None,
    reads: Reads::Created,
    rings: Rings::New,
    fixed: &[("sort", "creation")],
    fields: &[FIELDS, ACCOUNT],
    date: "creation_date",
    item: |question, on| asked(question, on, "", "creation_date"),
};

pub(super) const ACTIVE: Content = Content {
    called: "active questions",
    reads: Reads::Active,
    rings: Rings::Any,
    fixed: &[("sort", "activity")],
    date: "last_activity_date",
    item: |question, on| asked(question, on, "active", "last_activity_date"),
    ..NEW
};

pub(super) const EDITED: Content = Content {
    called: "edited questions",
    item: |question, on| {
        // An edit is an activity, but not every activity is an edit: the last one may be long ago.
        let edited = number(question, "last_edit_date")?;
        on.since.is_none_or(|since| edited >= since).then_some(())?;
        asked(question, on, "edited", "last_edit_date")
    },
    ..ACTIVE
};

/// Nothing of the API is sorted by when it was closed: these are the questions of two weeks that are closed.
pub(super) const CLOSED: Content = Content {
    called: "closed questions",
    method: "/search/advanced",
    reads: Reads::Whole(Some(14)),
    rings: Rings::Never,
    fixed: &[("closed", "True"), ("sort", "creation"), ("order", "desc")],
    item: |question, on| asked(question, on, "closed", "closed_date"),
    ..NEW
};

pub(super) const BOUNTIED: Content = Content {
    called: "questions with a bounty",
    method: "/questions/featured",
    reads: Reads::Whole(None),
    rings: Rings::Never,
    fixed: &[("sort", "creation"), ("order", "desc")],
    item: |question, on| asked(question, on, "bounty", "bounty_closes_date"),
    ..NEW
};

/// A question that is said because of what happened to it at the time `date`.
fn asked(question: &Value, on: &On<'_>, event: &str, date: &str) -> Option<Item> {
    let id = number(question, "question_id")?;
    let happened = number(question, date)?;
    let (id, at) = match event {
        "" => (id.to_string(), time(question, date)),
        // Bounties say when they end, which is a week after they began.
        "bounty" => (format!("{id}@{happened}"), None),
        _ => (format!("{id}@{happened}"), time(question, date)),
    };
    let draft = Draft::new(on, "question", id, at)
        .title(line(question, "title"))
        .body(body(question, on, "body"))
        .url(link(question, "link"))
        .tags(lines(question, "tags"))
        .by(question, "owner")
        .number("score", number(question, "score"))
        .number("views", number(question, "view_count"))
        .number("answers", number(question, "answer_count"))
        .number("comments", number(question, "comment_count"))
        .number("bounty", number(question, "bounty_amount"))
        .number("close-votes", number(question, "close_vote_count"))
        .yes(
            "accepted",
            Some(number(question, "accepted_answer_id").is_some()),
        )
        .yes(
            "wiki",
            Some(time(question, "community_owned_date").is_some()),
        )
        .yes(
            "protected",
            Some(time(question, "protected_date").is_some()),
        )
        .yes("locked", Some(time(question, "locked_date").is_some()))
        .time("active", time(question, "last_activity_date"))
        .time_or_never("edited", time(question, "last_edit_date"))
        .time_or_never("closed", time(question, "closed_date"))
        .text("closed-reason", line(question, "closed_reason"));
    Some(match event {
        "" => draft.done(),
        _ => draft
            .time("created", time(question, "creation_date"))
            .done(),
    })
}
