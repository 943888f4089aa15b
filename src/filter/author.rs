//! Keeps items by who wrote them.

use super::tree::Tree;
use super::{FilterKind, named};
use crate::model::Refusal;
use crate::registry;
use crate::when::Reading;

/// Keep items written by this author; a `*` stands for any letters.
#[derive(clap::Args)]
pub struct Author {
    #[arg(long, value_name = "NAME")]
    pub author: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "author",
    declare: || registry::declare::<Author>("author"),
    page: include_str!("../../man/author.md"),
    build,
};

fn build(value: &str, _: &Reading) -> Result<Tree, Refusal> {
    // One name: a comma may belong to it.
    named::build("author", &[value])
}
