//! The source `answers`: new answers on a site.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, body, line, lines, link, number, time, yes};
use super::watch::Watch;
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the answers on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Answers {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "answers",
    declare: || registry::declare::<Answers>("answers"),
    page: include_str!("../../../man/answers.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Answers::from_arg_matches(matches).map_err(|_| super::watch::no_site("answers"))?;
    Watch::build(&ANSWERS, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "answer.answer_id",
    "answer.body",
    "answer.comment_count",
    "answer.community_owned_date",
    "answer.creation_date",
    "answer.is_accepted",
    "answer.last_activity_date",
    "answer.last_edit_date",
    "answer.link",
    "answer.owner",
    "answer.question_id",
    "answer.score",
    "answer.tags",
    "answer.title",
];

pub(super) const ANSWERS: Content = Content {
    called: "answers",
    method: "/answers",
    below: None,
    reads: Reads::Created,
    rings: Rings::Any,
    fixed: &[("sort", "creation")],
    fields: &[FIELDS, ACCOUNT],
    date: "creation_date",
    item: |answer, on| {
        let id = number(answer, "answer_id")?;
        let draft = Draft::new(on, "answer", id.to_string(), time(answer, "creation_date"))
            .title(line(answer, "title"))
            .body(body(answer, on, "body"))
            .url(link(answer, "link"))
            .tags(lines(answer, "tags"))
            .by(answer, "owner")
            .number("score", number(answer, "score"))
            .number("comments", number(answer, "comment_count"))
            .text(
                "post",
                number(answer, "question_id").map(|id| id.to_string()),
            )
            .yes("accepted", yes(answer, "is_accepted"))
            .yes("wiki", Some(time(answer, "community_owned_date").is_some()))
            .time("active", time(answer, "last_activity_date"))
            .time_or_never("edited", time(answer, "last_edit_date"));
        Some(draft.done())
    },
};
