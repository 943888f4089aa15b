//! The source `revisions`: what was changed in the posts of a site, edit by edit.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, body, line, lines, number, time, yes};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the edits of posts on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Revisions {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
    /// Only of these posts: numbers of questions and answers, or links to them
    #[arg(long, value_name = "POST", value_delimiter = ',')]
    post: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "revisions",
    declare: || registry::declare::<Revisions>("revisions"),
    page: include_str!("../../../man/revisions.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Revisions::from_arg_matches(matches).map_err(|_| watch::no_site("revisions"))?;
    Watch::build(&REVISIONS, &asked.site, &asked.post)
}

const FIELDS: &[&str] = &[
    "post.last_edit_date",
    "post.last_activity_date",
    "post.post_id",
    "revision.body",
    "revision.comment",
    "revision.creation_date",
    "revision.is_rollback",
    "revision.post_id",
    "revision.post_type",
    "revision.revision_guid",
    "revision.revision_number",
    "revision.revision_type",
    "revision.tags",
    "revision.title",
    "revision.user",
];

/// The API gives revisions of posts only: which posts were edited is read first.
pub(super) const REVISIONS: Content = Content {
    called: "revisions",
    method: "/posts",
    below: Some("/posts/{ids}/revisions"),
    reads: Reads::Revised,
    rings: Rings::Any,
    fixed: &[],
    fields: &[FIELDS, ACCOUNT],
    date: "creation_date",
    item: |revision, on| {
        let id = line(revision, "revision_guid")?;
        let url = format!("https://{}/revisions/{id}/view-source", on.host);
        let post = number(revision, "post_id").map(|id| id.to_string());
        let draft = Draft::new(on, "revision", id, time(revision, "creation_date"))
            .title(line(revision, "title"))
            .body(body(revision, on, "body"))
            .url(match &post {
                Some(post) => Some(format!("https://{}/posts/{post}/revisions", on.host)),
                None => Some(url),
            })
            .tags(lines(revision, "tags"))
            .by(revision, "user")
            .text("post", post)
            .text("post-type", line(revision, "post_type"))
            .text("edit-comment", line(revision, "comment"))
            .text("revision-type", line(revision, "revision_type"))
            .number("revision", number(revision, "revision_number"))
            .yes("rollback", yes(revision, "is_rollback"));
        Some(draft.done())
    },
};
