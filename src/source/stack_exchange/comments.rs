//! The source `comments`: new comments on a site, or below some of its posts.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, body, line, link, number, time};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the comments on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Comments {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
    /// Only below these posts: numbers of questions and answers, or links to them
    #[arg(long, value_name = "POST", value_delimiter = ',')]
    post: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "comments",
    declare: || registry::declare::<Comments>("comments"),
    page: include_str!("../../../man/comments.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Comments::from_arg_matches(matches).map_err(|_| watch::no_site("comments"))?;
    Watch::build(&COMMENTS, &asked.site, &asked.post)
}

const FIELDS: &[&str] = &[
    "comment.body",
    "comment.comment_id",
    "comment.creation_date",
    "comment.link",
    "comment.owner",
    "comment.post_id",
    "comment.post_type",
    "comment.score",
];

pub(super) const COMMENTS: Content = Content {
    called: "comments",
    method: "/comments",
    below: Some("/posts/{ids}/comments"),
    reads: Reads::Created,
    rings: Rings::Never,
    fixed: &[("sort", "creation")],
    fields: &[FIELDS, ACCOUNT],
    date: "creation_date",
    item: |comment, on| {
        let id = number(comment, "comment_id")?;
        let draft = Draft::new(
            on,
            "comment",
            id.to_string(),
            time(comment, "creation_date"),
        )
        .body(body(comment, on, "body"))
        .url(link(comment, "link"))
        .by(comment, "owner")
        .number("score", number(comment, "score"))
        .text("post", number(comment, "post_id").map(|id| id.to_string()))
        .text("post-type", line(comment, "post_type"));
        Some(draft.done())
    },
};
