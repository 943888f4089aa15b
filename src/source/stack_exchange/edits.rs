//! The source `edits`: edits that people suggest on a site.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{ACCOUNT, Draft, body, line, lines, number, time};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the suggested edits on a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Edits {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "edits",
    declare: || registry::declare::<Edits>("edits"),
    page: include_str!("../../../man/edits.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Edits::from_arg_matches(matches).map_err(|_| watch::no_site("edits"))?;
    Watch::build(&EDITS, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "suggested_edit.approval_date",
    "suggested_edit.body",
    "suggested_edit.comment",
    "suggested_edit.creation_date",
    "suggested_edit.post_id",
    "suggested_edit.post_type",
    "suggested_edit.proposing_user",
    "suggested_edit.rejection_date",
    "suggested_edit.suggested_edit_id",
    "suggested_edit.tags",
    "suggested_edit.title",
];

pub(super) const EDITS: Content = Content {
    called: "suggested edits",
    method: "/suggested-edits",
    below: None,
    reads: Reads::Created,
    rings: Rings::Never,
    fixed: &[("sort", "creation")],
    fields: &[FIELDS, ACCOUNT],
    date: "creation_date",
    item: |edit, on| {
        let id = number(edit, "suggested_edit_id")?;
        let draft = Draft::new(on, "edit", id.to_string(), time(edit, "creation_date"))
            .title(line(edit, "title"))
            .body(body(edit, on, "body"))
            .url(Some(format!("https://{}/suggested-edits/{id}", on.host)))
            .tags(lines(edit, "tags"))
            .by(edit, "proposing_user")
            .text("post", number(edit, "post_id").map(|id| id.to_string()))
            .text("post-type", line(edit, "post_type"))
            .text("edit-comment", line(edit, "comment"))
            .time_or_never("approved", time(edit, "approval_date"))
            .time_or_never("rejected", time(edit, "rejection_date"));
        Some(draft.done())
    },
};
