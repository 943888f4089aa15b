//! The source `badges`: badges that people earn on a site.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, line, link, number};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the badges that people earn on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Badges {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "badges",
    declare: || registry::declare::<Badges>("badges"),
    page: include_str!("../../../man/badges.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Badges::from_arg_matches(matches).map_err(|_| watch::no_site("badges"))?;
    Watch::build(&BADGES, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "badge.badge_id",
    "badge.badge_type",
    "badge.description",
    "badge.link",
    "badge.name",
    "badge.rank",
    "badge.user",
];

pub(super) const BADGES: Content = Content {
    called: "badges",
    method: "/badges/recipients",
    below: None,
    reads: Reads::Since,
    rings: Rings::Never,
    fixed: &[],
    fields: &[FIELDS, ACCOUNT],
    date: "",
    item: |badge, on| {
        let id = number(badge, "badge_id")?;
        // When it was earned is not told: somebody's second badge of the same name counts as the first.
        let whose = badge.get("user").and_then(|user| number(user, "user_id"))?;
        let draft = Draft::new(on, "badge", format!("{id}.{whose}"), None)
            .title(line(badge, "name"))
            .body(line(badge, "description").unwrap_or_default())
            .url(link(badge, "link"))
            .by(badge, "user")
            .text("badge-class", line(badge, "rank"))
            .text("badge-type", line(badge, "badge_type"));
        Some(draft.done())
    },
};
