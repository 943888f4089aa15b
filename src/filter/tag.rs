//! Keeps items by their tags.

use super::tree::Tree;
use super::{FilterKind, named};
use crate::model::Refusal;
use crate::registry;
use crate::when::Reading;

/// Keep items that have any of these tags, written with commas between them.
#[derive(clap::Args)]
pub struct Tag {
    #[arg(long, value_name = "TAGS")]
    pub tag: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "tag",
    declare: || registry::declare::<Tag>("tag"),
    page: include_str!("../../man/tag.md"),
    build,
};

fn build(value: &str, _: &Reading) -> Result<Tree, Refusal> {
    let names: Vec<&str> = value.split(',').collect();
    named::build("tag", &names)
}
