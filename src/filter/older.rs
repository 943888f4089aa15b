//! Keeps items that are old enough.

use super::range::Range;
use super::tree::Tree;
use super::{FilterKind, newer};
use crate::model::Refusal;
use crate::registry;
use crate::when::Reading;

/// Keep items published at least this long ago, or before this date.
#[derive(clap::Args)]
pub struct Older {
    #[arg(long, value_name = "TIME")]
    pub older: Vec<String>,
}

pub const KIND: FilterKind = FilterKind {
    name: "older",
    declare: || registry::declare::<Older>("older"),
    page: include_str!("../../man/older.md"),
    build,
};

fn build(value: &str, reading: &Reading) -> Result<Tree, Refusal> {
    newer::build_as("older", value, reading, Range::From, Range::UpTo)
}
