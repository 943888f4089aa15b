//! The source `posts`: new questions and answers of a site together.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, body, line, link, number, time};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the questions and answers on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Posts {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "posts",
    declare: || registry::declare::<Posts>("posts"),
    page: include_str!("../../../man/posts.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Posts::from_arg_matches(matches).map_err(|_| watch::no_site("posts"))?;
    Watch::build(&POSTS, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "post.body",
    "post.comment_count",
    "post.creation_date",
    "post.last_activity_date",
    "post.last_edit_date",
    "post.link",
    "post.owner",
    "post.post_id",
    "post.post_type",
    "post.score",
    "post.title",
];

pub(super) const POSTS: Content = Content {
    called: "posts",
    method: "/posts",
    below: None,
    reads: Reads::Created,
    rings: Rings::Any,
    fixed: &[("sort", "creation")],
    fields: &[FIELDS, ACCOUNT],
    date: "creation_date",
    item: |post, on| {
        let id = number(post, "post_id")?;
        let kind = line(post, "post_type").unwrap_or_else(|| "post".into());
        let draft = Draft::new(on, &kind, id.to_string(), time(post, "creation_date"))
            .title(line(post, "title"))
            .body(body(post, on, "body"))
            .url(link(post, "link"))
            .by(post, "owner")
            .number("score", number(post, "score"))
            .number("comments", number(post, "comment_count"))
            .time("active", time(post, "last_activity_date"))
            .time_or_never("edited", time(post, "last_edit_date"));
        Some(draft.done())
    },
};
