//! The source `users`: people who are new on a site.

use clap::{ArgMatches, FromArgMatches};
use serde_json::json;

use super::content::{Content, Reads, Rings};
use super::object::{Draft, body, line, link, number, time};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the new accounts on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Users {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "users",
    declare: || registry::declare::<Users>("users"),
    page: include_str!("../../../man/users.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Users::from_arg_matches(matches).map_err(|_| watch::no_site("users"))?;
    Watch::build(&USERS, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "user.about_me",
    "user.creation_date",
    "user.display_name",
    "user.link",
    "user.reputation",
    "user.user_id",
    "user.user_type",
    "user.website_url",
];

pub(super) const USERS: Content = Content {
    called: "new users",
    method: "/users",
    below: None,
    reads: Reads::Created,
    rings: Rings::Never,
    fixed: &[("sort", "creation")],
    fields: &[FIELDS],
    date: "creation_date",
    item: |user, on| {
        let id = number(user, "user_id")?;
        let draft = Draft::new(on, "user", id.to_string(), time(user, "creation_date"))
            .title(line(user, "display_name"))
            .body(body(user, on, "about_me"))
            .url(link(user, "link"))
            .by(&json!({ "user": user }), "user")
            .text("website", link(user, "website_url"));
        Some(draft.done())
    },
};
