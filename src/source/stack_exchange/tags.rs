//! The source `tags`: tags that are used for the first time on a site.

use clap::{ArgMatches, FromArgMatches};

use super::content::{Content, Reads, Rings};
use super::object::{Draft, line, number, yes};
use super::watch::{self, Watch};
use crate::model::Refusal;
use crate::registry;
use crate::source::{Poll, SourceKind};

/// Watch the new tags of a site of Stack Exchange.
#[derive(clap::Args)]
pub struct Tags {
    /// The site as people call it: `stackoverflow`, `so`, its title, a link to it
    #[arg(value_name = "SITE", required = true, num_args = 1..)]
    site: Vec<String>,
}

pub const KIND: SourceKind = SourceKind {
    name: "tags",
    declare: || registry::declare::<Tags>("tags"),
    page: include_str!("../../../man/tags.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let asked = Tags::from_arg_matches(matches).map_err(|_| watch::no_site("tags"))?;
    Watch::build(&TAGS, &asked.site, &[])
}

const FIELDS: &[&str] = &[
    "tag.count",
    "tag.has_synonyms",
    "tag.is_moderator_only",
    "tag.is_required",
    "tag.name",
];

pub(super) const TAGS: Content = Content {
    called: "new tags",
    method: "/tags",
    below: None,
    reads: Reads::Since,
    rings: Rings::Never,
    fixed: &[("sort", "name"), ("order", "asc")],
    fields: &[FIELDS],
    date: "",
    item: |tag, on| {
        let name = line(tag, "name")?;
        // Signs such as those of c++ and c# would end an address.
        let path: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let draft = Draft::new(on, "tag", name.clone(), None)
            .title(Some(name.clone()))
            .url(Some(format!("https://{}/questions/tagged/{path}", on.host)))
            .tags(vec![name])
            .number("uses", number(tag, "count"))
            .yes("required", yes(tag, "is_required"))
            .yes("moderator-only", yes(tag, "is_moderator_only"))
            .yes("synonyms", yes(tag, "has_synonyms"));
        Some(draft.done())
    },
};
